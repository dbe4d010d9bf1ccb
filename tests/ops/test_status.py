"""Status, audit trail and health over the running server; the judgements behind them."""

from pathlib import Path
from uuid import UUID

import httpx
import pytest

from omc.app import newest_revision
from omc.kit import events
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.migrate import head
from omc.kit.work import enqueue
from omc.ops import rules
from omc.ops.rules import Health
from tests.serving import ANSWER_TIMEOUT_S, Served, serving

PARTS = ["api", "database", "workers", "queue", "data", "storage"]


async def test_status_names_every_part_and_says_what_to_do(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/api/v1/ops/status")).json()
    parts = {part["name"]: part for part in answer["parts"]}
    assert list(parts) == PARTS
    assert parts["database"]["state"] == "ok"
    assert "Import" in parts["data"]["detail"]


async def test_a_waiting_job_shows_in_the_queue(client: httpx.AsyncClient, database: Database) -> None:
    before = (await client.get("/api/v1/ops/status")).json()["queue"]["waiting"]
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        await enqueue(session, "test.nobody_runs_it", ids={}, queue="nobody", delay_s=-1)
    queue = (await client.get("/api/v1/ops/status")).json()["queue"]
    assert queue["waiting"] == before + 1
    assert queue["oldest_s"] >= 0


async def test_the_audit_trail_is_paged_from_its_end(client: httpx.AsyncClient, database: Database) -> None:
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        for number in range(7):
            await events.audit(session, "test.done", {"number": number})
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (
            await client.get("/api/v1/ops/audit", params={"limit": 4} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [item["seq"] for item in page["items"]]
        cursor = page["next"]
    assert seen == list(range(len(seen), 0, -1))
    assert len(seen) == 7 + 3


async def test_health_needs_no_sign_in(served: Served) -> None:
    async with httpx.AsyncClient(base_url=served.url, timeout=ANSWER_TIMEOUT_S) as stranger:
        assert (await stranger.get("/healthz")).json() == {"alive": True}
        assert (await stranger.get("/readyz")).json() == {"ready": True}


def test_the_revision_read_from_file_names_is_alembics() -> None:
    assert newest_revision() == head()


async def test_measurements_carry_route_templates_never_ids(client: httpx.AsyncClient) -> None:
    missing = str(new_id())
    await client.get(f"/api/v1/engine/versions/{missing}")
    await client.get(f"/no/such/page/{missing}")
    measured = (await client.get("/metrics")).text
    assert 'http_route="/api/v1/engine/versions/{version_id}"' in measured
    assert "omc_refusals_total" in measured
    assert missing not in measured


async def test_measurements_are_not_for_strangers_from_outside(app_url: str, tmp_path: Path) -> None:
    headers = {"host": "omc.example", "x-forwarded-for": "203.0.113.9"}
    with serving(app_url, tmp_path, public_url="https://omc.example") as served:
        async with httpx.AsyncClient(base_url=served.url, headers=headers, timeout=ANSWER_TIMEOUT_S) as stranger:
            refused = await stranger.get("/metrics")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize(("ages", "state"), [([1.0, 50.0], Health.OK), ([11.0], Health.DOWN), ([], Health.DOWN)])
def test_workers_are_judged_by_their_youngest_heartbeat(ages: list[float], state: Health) -> None:
    assert rules.worker_part(ages).state is state


@pytest.mark.parametrize(
    ("free", "state"), [(10 * 1024**3, Health.OK), (1024**3, Health.DEGRADED), (1024**2, Health.DOWN)]
)
def test_storage_is_judged_by_free_space(free: int, state: Health) -> None:
    assert rules.storage_part(free).state is state


@pytest.mark.parametrize(("oldest_s", "state"), [(0.0, Health.OK), (61.0, Health.DEGRADED)])
def test_the_queue_is_judged_by_its_oldest_job(oldest_s: float, state: Health) -> None:
    assert rules.queue_part(waiting=1, running=0, oldest_s=oldest_s).state is state
