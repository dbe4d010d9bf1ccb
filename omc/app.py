"""The HTTP root: routers, page, health and lifespan; it knows no rule."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from socket import socket
from typing import Annotated

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import JsonValue
from sqlalchemy import text

import omc
from omc.books.api import router as books
from omc.engine.api import router as engine
from omc.engine.api_belief import router as belief
from omc.engine.api_documents import router as documents
from omc.engine.api_learning import router as learning
from omc.engine.api_sweeps import router as sweeps
from omc.engine.api_validation import router as validation
from omc.engine.api_walks import router as walks
from omc.floor.api import router as floor
from omc.identity.api import maybe_signed
from omc.identity.api import router as identity
from omc.identity.api_people import router as people
from omc.identity.rules import Caller, Scope
from omc.identity.throttle import Throttle
from omc.kit import metrics
from omc.kit.bus import Bus
from omc.kit.clock import Clock, utc_now
from omc.kit.db import Database
from omc.kit.doorstep import Doorstep
from omc.kit.errors import Refusal
from omc.kit.http import PROBLEM_TYPE, Edge, ProblemDetails, Resources, Shield, Wired, install_page, install_problems
from omc.kit.outage import AWAY, outage
from omc.kit.shield import host_name
from omc.lab.api import router as lab
from omc.lab.api_bakeoffs import router as bakeoffs
from omc.lab.api_life import router as life
from omc.lab.api_models import router as models
from omc.lab.api_proofs import router as proofs
from omc.lab.tool_records import tool_records
from omc.ledgers.api import router as ledgers
from omc.ops.api import router as ops
from omc.settings import Settings
from omc.vault import outbound
from omc.vault.api import router as vault
from omc.vault.api_money import router as money
from omc.vault.desk import Vault, check_roots, open_vault

API = "/api/v1"
MAX_BODY_BYTES = 1024 * 1024
READY_TIMEOUT_S = 2.0
KEEP_ALIVE_S = 20
STOP_GRACE_S = 5

_HOUSE = Path(omc.__file__).parent
_Response = dict[str, dict[str, JsonValue]]
_PROBLEM_REF: dict[str, JsonValue] = {"$ref": "#/components/schemas/ProblemDetails"}
_DESCRIPTION = """Research and trade crypto on your own machine.

Sign in with a cookie (the page does; unsafe verbs then carry `X-OMC-CSRF`) or send `Authorization: Bearer omc_…`.
Money is text, times are ISO 8601 in UTC, lists are `{items, next}`, and a refusal is
`application/problem+json`.
"""

# Every slice's routes, in the order in which the description shows them.
ROUTERS: tuple[APIRouter, ...] = (
    identity,
    people,
    vault,
    money,
    ledgers,
    engine,
    documents,
    sweeps,
    walks,
    learning,
    validation,
    belief,
    lab,
    life,
    models,
    bakeoffs,
    proofs,
    floor,
    books,
    ops,
)

health = APIRouter(tags=["health"], include_in_schema=False)


def create_app(settings: Settings, app_url: str, *, clock: Clock = utc_now) -> FastAPI:
    """Build the application on the database at `app_url`; it connects when it is started."""
    hosts = {host_name(url.partition("://")[2]) for url in (settings.public_url or "", f"//{settings.host}")}
    app = _assemble()
    app.state.vault = open_vault(settings)
    app.router.lifespan_context = partial(_lifespan, settings=settings, app_url=app_url, clock=clock)
    app.add_middleware(Shield, allowed_hosts=frozenset(hosts - {""}))
    return app


def description() -> dict[str, JsonValue]:
    """Return the API's OpenAPI document; needs no settings and no database."""
    return _assemble().openapi()


async def serve(settings: Settings, app_url: str, *, sockets: Sequence[socket] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; open streams are told to come back to the next process."""
    app = create_app(settings, app_url)
    await _check_keys(app.state.vault, app_url)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Doorstep,
        log_config=None,
        access_log=False,
        server_header=False,
        # Forwarded addresses count only where the operator says that a proxy stands before us.
        proxy_headers=settings.public_url is not None,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=STOP_GRACE_S,
    )
    await Server(config).serve(sockets=list(sockets) if sockets else None)


async def _check_keys(vault: Vault, app_url: str) -> None:
    database = Database(app_url)
    try:
        await check_roots(vault, database)
    finally:
        await database.close()


class Server(uvicorn.Server):
    """A server that ends its event streams before it waits for its connections."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop."""
        app = self.config.app
        assert isinstance(app, FastAPI)
        app.state.resources.closing.set()
        await super().shutdown(sockets)


class _Root(Edge):
    def openapi(self) -> dict[str, JsonValue]:
        """Describe the API, with the one shape that every refusal has."""
        if not self.openapi_schema:
            found = super().openapi()
            found["components"]["schemas"] |= _problem_schemas()
            _call_refusals_problems(found["paths"])
        return self.openapi_schema or {}


def _call_refusals_problems(paths: dict[str, dict[str, dict[str, dict[str, _Response]]]]) -> None:
    """A refusal with more than the one shape is a problem, too; the framework describes it as plain JSON."""
    for operation in (one for path in paths.values() for one in path.values()):
        for status, response in operation["responses"].items():
            if status[0] in "45" and (plain := response["content"].pop("application/json", None)):
                response["content"][PROBLEM_TYPE] = plain


def _problem_schemas() -> dict[str, JsonValue]:
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs")
    return {**inner, "ProblemDetails": schema}


def _assemble() -> FastAPI:
    refused = {"description": "Refused", "content": {PROBLEM_TYPE: {"schema": _PROBLEM_REF}}}
    app = _Root(
        title="OMC",
        version=omc.__version__,
        description=_DESCRIPTION,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        max_body_size=MAX_BODY_BYTES,
        generate_unique_id_function=_operation_id,
    )
    app.state.throttle = Throttle()
    app.state.tool_records = tool_records
    app.state.streams = Counter()
    for router in ROUTERS:
        app.include_router(router, prefix=API, responses={"4XX": refused, "5XX": refused})
    app.include_router(health)
    install_problems(app)
    install_page(app, _HOUSE / "static")
    return app


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


@asynccontextmanager
async def _lifespan(app: FastAPI, *, settings: Settings, app_url: str, clock: Clock) -> AsyncGenerator[None]:
    metrics.install()
    database = Database(app_url)
    async with Bus(app_url) as bus:
        app.state.resources = Resources(
            database=database, bus=bus, clock=clock, data_dir=settings.data_dir, closing=asyncio.Event()
        )
        yield
    await outbound.close()
    await database.close()


# --- health -----------------------------------------------------------------------------------------------------------


@health.get("/healthz")
async def healthz() -> dict[str, bool]:
    """Tell that the process answers."""
    return {"alive": True}


@health.get("/readyz")
async def readyz(wired: Wired) -> dict[str, bool]:
    """Tell that requests can be served: the database answers and its schema is this release's."""
    try:
        async with asyncio.timeout(READY_TIMEOUT_S), wired.database.session(None) as session:
            present = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except AWAY as error:
        raise outage(error) from None
    except TimeoutError:
        raise Refusal("database_away", 503, "The database does not answer.", retry_after_s=1) from None
    if present != newest_revision():
        text_ = f"The schema is at {present}, this release needs {newest_revision()}. Run `omc migrate`."
        raise Refusal("schema_differs", 503, text_, retry_after_s=5)
    return {"ready": True}


@health.get("/metrics")
async def measurements(request: Request, caller: Annotated[Caller | None, Depends(maybe_signed)]) -> Response:
    """Show this process's measurements to the same machine, or to a caller who may administrate."""
    if not _is_local(request) and (caller is None or Scope.ADMIN not in caller.scopes):
        raise Refusal("scope_missing", 403, "Ask from this machine, or with an API token that has the scope `admin`.")
    return Response(metrics.install().text(), media_type=metrics.CONTENT_TYPE)


def newest_revision() -> str:
    """Return the schema's revision of this release, read from the file names: Alembic is heavy and not for serving."""
    return max(path.name for path in (_HOUSE / "migrations" / "versions").glob("[0-9]*.py")).partition("_")[0]


def _is_local(request: Request) -> bool:
    """Whether a program on this machine asks us directly: a proxy before us would name the site, or its own client."""
    named = host_name(request.headers.get("host", ""))
    shown = request.client.host if request.client is not None else ""
    return _is_loopback(shown) and (named == "localhost" or _is_loopback(named))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
