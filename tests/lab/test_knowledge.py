"""Until when a model may have read of a market, and results split there."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from omc.core.ids import SessionId, WorkspaceId
from omc.kit.clock import utc_now
from omc.kit.work import Context
from omc.lab.knowledge import CUTOFFS, cutoff_of, known_by
from omc.lab.tools.backtest import run_backtest
from omc.lab.tools.base import Outcome, ToolContext
from omc.lab.tools.strategy import draft_strategy
from omc.ledgers.rules import Series
from tests.lab.builders import DOCUMENT, Open


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("anthropic/claude-opus-4-5", "claude-opus-4-5"),
        ("gpt-5-2025-08-07", "gpt-5"),
        ("gemini-3-pro-preview", "gemini-3-pro"),
        ("gpt-5.7", None),
        ("gpt-5-omega", None),
        ("my-own-llama", None),
    ],
)
def test_a_model_is_known_by_its_name_or_a_version_of_it_and_by_nothing_that_only_begins_so(
    model: str, found: str | None
) -> None:
    cutoff = cutoff_of(model)
    assert (None if cutoff is None else cutoff.model) == found


def test_every_row_is_found_under_its_own_name_and_names_its_source() -> None:
    assert len({one.model for one in CUTOFFS}) == len(CUTOFFS)
    assert all(cutoff_of(one.model) == one and one.source for one in CUTOFFS)


def test_of_several_models_the_one_that_read_most_decides_and_an_unknown_one_makes_all_unknown() -> None:
    assert str(known_by(["gpt-4o", "gpt-5.5", "analyst"]).last_day) == "2025-12-01"
    assert known_by(["gpt-5.5", "my-own-llama"]).unknown
    rules = known_by(["analyst"])
    assert (rules.last_day, rules.unknown) == (None, False)


async def backtested(context: Context, workspace: UUID, series: Series, session_id: SessionId, model: str) -> Outcome:
    asks = ToolContext(
        database=context.database,
        clock=utc_now,
        workspace_id=WorkspaceId(workspace),
        session_id=session_id,
        model=model,
        as_of=utc_now(),
    )
    drafted = await draft_strategy(asks, document={**DOCUMENT})
    assert drafted.save is not None
    async with context.database.session(workspace) as session:
        drafted = await drafted.save(session, drafted)
    return await run_backtest(asks, version_id=str(drafted.output["version_id"]), series_id=str(series.id))


@pytest.mark.parametrize(
    ("model", "told"),
    [("analyst", ("all", None)), ("my-llama", ("unknown", None)), ("gpt-5", ("none", 0)), ("gpt-4o", ("after", 1464))],
)
async def test_a_backtest_tells_which_of_its_figures_its_author_may_have_read(
    context: Context,
    workspace: UUID,
    market: Series,
    open_session: Open,
    model: str,
    told: tuple[str, int | None],
) -> None:
    assert market.end == datetime(2024, 1, 1, tzinfo=UTC)
    found = await backtested(context, workspace, market, await open_session(), model)
    known = found.output["knowledge"]
    assert isinstance(known, dict)
    assert (known["headline"], known.get("after_bars_count")) == told
    assert bool(known.get("metrics_after")) == (known["headline"] == "after")
    if known["headline"] == "after":
        whole, parts = found.output["metrics"], (known["metrics_before"], known["metrics_after"])
        assert isinstance(whole, dict)
        assert whole["closed_positions_count"] == sum(part["closed_positions_count"] for part in parts)
        assert whole["max_drawdown_percent"] <= min(part["max_drawdown_percent"] for part in parts)
