"""Every route says who may call it, and importing the application stays light."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from omc.app import ROUTERS
from omc.identity.api import signed

# Routes that a stranger may call, each with the reason.
PUBLIC = {
    "identity_setup_state": "the first page asks it before anybody can sign in",
    "identity_setup": "proves itself by the link's token, or by a session that a link has just opened",
    "identity_use_link": "is how somebody signs in",
    "identity_login": "is how somebody signs in",
}
HEAVY = ("polars", "pydantic_ai", "numba", "ccxt", "duckdb", "alembic", "hypothesis", "talib", "sklearn", "lightgbm")

ROUTES = {
    route.operation_id or f"{route.tags[0]}_{route.name}": route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
}


def calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from calls(inner)


def test_every_router_has_routes() -> None:
    assert len(ROUTES) > 20
    assert sum(len(router.routes) for router in ROUTERS) == len(ROUTES)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_route_asks_who_calls_unless_a_stranger_may(name: str) -> None:
    assert (signed in calls(ROUTES[name].dependant)) != (name in PUBLIC)


def test_the_list_of_public_routes_is_current() -> None:
    assert set(PUBLIC) <= set(ROUTES)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_an_unsafe_route_needs_more_than_reading(name: str) -> None:
    scopes = {scope for call in calls(ROUTES[name].dependant) if (scope := getattr(call, "scope", None)) is not None}
    unsafe = not (ROUTES[name].methods or set()) <= {"GET", "HEAD"}
    if unsafe and name not in PUBLIC and name not in READING:
        assert scopes - {"read"}, f"{name} changes something, yet asks for no more than {scopes}"


# Unsafe verbs that change nothing, or only what is the caller's own.
READING = {"engine_validate", "engine_inspect", "floor_card", "identity_logout"}


def test_importing_the_application_loads_nothing_heavy() -> None:
    program = f"import omc.app, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
