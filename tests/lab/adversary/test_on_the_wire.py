"""Model servers that do their worst, over the real clients of all four kinds of provider."""

from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select

from omc.books.tables import LegRow
from omc.core.ids import SessionId
from omc.kit.events import AUDIT, read
from omc.kit.work import Context
from omc.lab import service
from omc.lab.tables import EvidenceRow, StepRow
from omc.vault.spend import ABOVE_RESERVATION
from omc.vault.tables import BudgetRow, CallRow
from tests.lab.adversary.world import PAYLOAD
from tests.lab.own_models import KINDS, MODEL, add_key, open_with, turn
from tests.sims.models.fixture import KEY, ModelServer
from tests.sims.models.talk import Answer, Call, Usage

CAP = Decimal("0.5")
WORST = (
    Answer(
        text=f"{PAYLOAD}\u202e",
        calls=[
            Call("place_order", {"symbol": "BTC/USDT"}),
            Call("approve_version", '{"id": "' + "9" * 6_000 + '"}'),
            Call("list_markets", {"workspace_id": "x", "__proto__": {}}),
            Call("measure_bars", "[" * 300),
            Call("read_secret", {}),
        ],
    ),
    Answer(calls=[Call("propose_strategy", {"backtest_evidence": 1, "why": "x", "recommended": True})] * 20),
)


async def effects(lab: Context, workspace: UUID, session_id: SessionId) -> tuple[int, int]:
    """How many tools came to a result, and how much evidence there is."""
    async with lab.database.session(workspace) as session:
        ran = select(func.count()).where(StepRow.session_id == session_id, StepRow.kind == "tool", StepRow.ok.is_(True))
        kept = select(func.count()).where(EvidenceRow.session_id == session_id)
        return (await session.execute(ran)).scalar_one(), (await session.execute(kept)).scalar_one()


def key_stored(superuser_url: str, session_id: SessionId) -> bool:
    """Whether the plain key stands anywhere in what the session left."""
    with psycopg.connect(superuser_url) as connection:
        found = connection.execute(
            "SELECT EXISTS (SELECT FROM lab_entry e WHERE e.session_id = %(id)s AND e::text LIKE %(key)s)"
            " OR EXISTS (SELECT FROM event v WHERE v.topic = %(topic)s AND v::text LIKE %(key)s)",
            {"id": session_id, "key": f"%{KEY}%", "topic": service.topic(session_id)},
        ).fetchone()
    assert found is not None
    return bool(found[0])


@pytest.mark.parametrize("kind", KINDS)
async def test_worst_calls_on_the_wire(
    lab: Context, workspace: UUID, model_server: ModelServer, superuser_url: str, kind: str
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, kind))
    model_server.script(*WORST)
    assert await turn(lab, workspace, session_id) in {"waiting", "failed"}
    assert await effects(lab, workspace, session_id) == (0, 0)
    assert not key_stored(superuser_url, session_id)
    assert all(KEY not in str(seen.body) for seen in model_server.seen)


@pytest.mark.parametrize("kind", KINDS)
async def test_spend_on_the_wire_ends_at_the_cap(
    lab: Context, workspace: UUID, model_server: ModelServer, kind: str
) -> None:
    credential_id = await add_key(lab, workspace, model_server, kind)
    session_id = await open_with(lab, workspace, credential_id, cap=CAP)
    model_server.script(*[Answer(calls=[Call("list_markets", {})], usage=Usage(input=5_000, output=4_000))] * 60)
    assert await turn(lab, workspace, session_id) == "budget_reached"
    async with lab.database.session(workspace) as session:
        row = await service.read(session, session_id)
        assert 0 < row.cost <= CAP == row.cap
        for budget in await session.scalars(select(BudgetRow)):
            assert budget.reserved == 0


async def test_a_lie_about_usage_on_the_wire_passes_no_cap_and_is_told(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    credential_id = await add_key(lab, workspace, model_server, "openai-compatible")
    session_id = await open_with(lab, workspace, credential_id, cap=CAP)
    model_server.script(*[Answer(calls=[Call("list_markets", {})], usage=Usage(input=5_000, output=10**9))] * 60)
    assert await turn(lab, workspace, session_id) == "budget_reached"
    async with lab.database.session(workspace) as session:
        row = await service.read(session, session_id)
        calls = list(await session.scalars(select(CallRow)))
        posted = await session.scalar(select(func.sum(LegRow.amount)).where(LegRow.kind == "expense"))
        budgets = {(one.spent, one.reserved) for one in await session.scalars(select(BudgetRow))}
        audited = [event.kind for event in await read(session, AUDIT)]
        said = [event.data for event in await read(session, service.topic(session_id)) if event.kind == "message"]
    assert 0 < row.cost <= CAP
    assert budgets == {(row.cost, Decimal(0))}
    assert row.cost == posted == sum(call.cost or 0 for call in calls)
    assert all(call.cost == call.reserved < (call.claimed or 0) for call in calls)
    assert audited.count(ABOVE_RESERVATION) == len(calls) == len(model_server.seen)
    assert sum("Compare with the provider's bill" in str(one["text"]) for one in said) == len(calls)


async def test_redirect_on_the_wire_takes_the_key_nowhere(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    credential_id = await add_key(lab, workspace, model_server, "openai-compatible", model=MODEL)
    session_id = await open_with(lab, workspace, credential_id)
    model_server.fail("redirect", times=20)
    assert await turn(lab, workspace, session_id) == "failed"
    assert await effects(lab, workspace, session_id) == (0, 0)
    assert len({seen.path for seen in model_server.seen}) == 1
