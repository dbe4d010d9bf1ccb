"""Hostile input, made from the API's own description, against the running server: whatever is sent, nothing breaks."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from omc.kit.db import Database
from tests.serving import new_owner, serving

EXAMPLES = 6
TIMEOUT_S = 20
# Endless answers; tests/ops/test_stream.py sends them what is wrong.
STREAMS = ["ops_stream", "lab_follow"]

DESCRIPTION = json.loads((Path(__file__).parents[1] / "web" / "openapi.json").read_text())
OPERATIONS = sorted(
    {one["operationId"] for path in DESCRIPTION["paths"].values() for one in path.values()} - {*STREAMS}
)


@dataclass(frozen=True)
class Target:
    """Where the attack goes, and with whose token."""

    url: str
    token: str


@pytest.fixture(scope="module")
def target(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with serving(app_url, tmp_path_factory.mktemp("hostile")) as served:
        yield Target(url=served.url, token=asyncio.run(admin_token(served.url, app_url)))


async def admin_token(url: str, app_url: str) -> str:
    database = Database(app_url)
    _, proof = await new_owner(database)
    await database.close()
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_S) as client:
        me = (await client.post("/api/v1/identity/link", json={"token": proof})).json()
        wish = {"name": "hostile", "scopes": ["admin", "trade"]}
        made = await client.post("/api/v1/identity/tokens", json=wish, headers={"x-omc-csrf": me["csrf"]})
        return made.json()["token"]


@pytest.fixture(scope="module")
def schema() -> OpenApiSchema:
    return schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_input_breaks_the_server(name: str, schema: OpenApiSchema, target: Target) -> None:
    """What to send is worked out here, by the one worker that sends it; the library's own way does it in all."""
    how = HypothesisTestConfig(project=schema.config, modes=[*HypothesisTestMode])
    create_test(operation=schema.find_operation_by_id(name), test_func=hostile, config=how)(target=target)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def hostile(case: schemathesis.Case, target: Target) -> None:
    response = case.call(base_url=target.url, headers={"authorization": f"Bearer {target.token}"}, timeout=TIMEOUT_S)
    case.validate_response(
        response,
        checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance],
    )
