"""A whole research session on each kind of provider: the real loop, the real clients, the simulated provider."""

from uuid import UUID

import pytest

from omc.core.ids import WorkspaceId
from omc.kit.work import Context
from omc.lab.agent import run_turn
from omc.lab.publishing import published
from omc.ledgers.rules import Series
from tests.lab.builders import Open, assert_each_effect_once
from tests.sims.models.faults import Wire
from tests.sims.models.fixture import ModelServer
from tests.sims.models.library import library_model

CALLS = [
    ["set_plan", "list_markets"],
    ["measure_bars"],
    ["draft_strategy"],
    ["run_backtest"],
    ["walk_forward"],
    ["write_report"],
    ["propose_strategy"],
]


@pytest.mark.parametrize("wire", Wire)
async def test_a_goal_becomes_the_same_report(
    model_server: ModelServer, wire: Wire, context: Context, workspace: UUID, market: Series, open_session: Open
) -> None:
    del market
    session_id = await open_session()
    async with library_model(model_server.url, wire) as model:
        assert await run_turn(context, WorkspaceId(workspace), session_id, models=lambda _: model) == "done"
    assert [seen.wire for seen in model_server.seen] == [wire] * (len(CALLS) + 1)
    assert all(seen.fault is None for seen in model_server.seen)
    await assert_each_effect_once(context.database, workspace, session_id)
    async with context.database.session(workspace) as session:
        report = await published(session, session_id)
    assert report.verdict == "yes"
