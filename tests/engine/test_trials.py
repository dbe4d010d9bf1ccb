"""Trials: counted before they run, clustered by what they are and by what they returned, never deleted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from omc.core.market import Span
from omc.engine import service, trials
from omc.engine.records import Request
from omc.engine.trials import MAX_BUCKETS, Found, clusters, found_of, idea_of
from omc.engine.work import JOBS
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import a_document
from tests.engine.series import a_series

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DAY_MS = 86_400_000


@pytest.fixture
async def series(database: Database, workspace: UUID, tmp_path: Path) -> Series:
    return await a_series(database, workspace, tmp_path)


def asked(series: Series, *, span: Span | None = None, **changes: object) -> Request:
    return Request(document=a_document(**changes), series=series, span=span, version_id=None, by="test")


# --- what is one idea -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another name"},
        {"features": {"fast": "sma(close, 20)", "slow": "sma( close,50 )"}},
        {"parameters": {"n": 3}, "features": {"fast": "sma(close, n)", "slow": "sma(close, 8)"}},
        {"costs": {"fee_bps": "1", "slippage_bps": "0.5"}},
        {"sizing": {"kind": "fraction", "fraction": "0.5"}},
    ],
)
def test_documents_that_differ_in_numbers_are_one_idea(change: dict[str, object]) -> None:
    assert idea_of(a_document(**change)) == idea_of(a_document())


@pytest.mark.parametrize(
    "change",
    [
        {"features": {"fast": "ema(close, 3)", "slow": "sma(close, 8)"}},
        {"entry": "fast > slow"},
        {"short_entry": "fast < slow", "short_exit": "fast > slow"},
    ],
)
def test_documents_with_other_rules_are_other_ideas(change: dict[str, object]) -> None:
    assert idea_of(a_document(**change)) != idea_of(a_document())


# --- fingerprints -----------------------------------------------------------------------------------------------------


def a_print(changes: NDArray[np.float64], *, day: int = 19_000) -> Found:
    """What is kept of a run with these daily returns, its equity seen at noon of each day."""
    equity = 100 * np.concatenate(([1.0], np.cumprod(1 + changes)))
    ts = DAY_MS * (day + np.arange(len(changes))) + DAY_MS // 2
    return found_of(np.concatenate((ts[:1] - 1, ts)), equity)


def noise(count: int, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0.0, 0.01, count)


def test_the_sharpe_ratio_is_of_days_and_not_annualised() -> None:
    changes = noise(100, 1)
    assert a_print(changes).sharpe == pytest.approx(changes.mean() / changes.std(ddof=1))


@pytest.mark.parametrize("days", [1, 2, 256, 257, 5_000])
def test_a_fingerprint_is_bounded_and_loses_no_return(days: int) -> None:
    changes = noise(days, 2)
    kept = a_print(changes)
    assert 1 <= len(kept.growth) <= MAX_BUCKETS
    assert sum(kept.growth) == pytest.approx(changes.sum())


def test_equity_that_is_no_number_leaves_no_fingerprint() -> None:
    kept = found_of(DAY_MS * np.arange(3), np.array([100.0, 0.0, 0.0]))
    assert (kept.sharpe, kept.growth) == (None, ())


def counted(*prints: Found, ideas: str = "") -> int:
    names = {new_id(): one for one in prints}
    known = dict(zip(names, ideas or map(str, range(len(prints))), strict=True))
    return clusters(known, names)


def test_returns_that_go_together_are_one_idea_and_others_are_not() -> None:
    changes = noise(200, 3)
    near, far = changes + noise(200, 4) * 0.1, noise(200, 5)
    assert counted(a_print(changes), a_print(near), a_print(far)) == 2


def test_the_opposite_is_another_idea() -> None:
    assert counted(a_print(noise(200, 3)), a_print(-noise(200, 3))) == 2


def test_the_line_between_same_and_not_is_the_correlation_that_is_stated() -> None:
    base, other = noise(256, 6), noise(256, 7)
    base, other = (base - base.mean()) / base.std(), other - other.mean()
    other -= base * (base @ other) / len(base)
    other /= other.std()
    for wanted, expected in ((0.951, 1), (0.949, 2)):
        mixed = wanted * base + np.sqrt(1 - wanted**2) * other
        assert counted(a_print(base / 100), a_print(mixed / 100)) == expected


def test_runs_over_different_spans_are_compared_where_they_overlap() -> None:
    changes = noise(300, 8)
    long, late = a_print(changes), a_print(changes[200:], day=19_200)
    assert long.bucket_days == 2
    assert late.bucket_days == 1
    assert counted(long, late) == 1


def test_runs_half_a_century_apart_are_laid_side_by_side_in_bounded_space() -> None:
    changes = noise(300, 8)
    assert counted(a_print(changes, day=1), a_print(changes, day=19_000), a_print(changes, day=19_000)) == 2


def test_too_little_overlap_says_nothing() -> None:
    changes = noise(100, 9)
    assert counted(a_print(changes[:55]), a_print(changes[50:], day=19_050)) == 2


def test_runs_that_never_moved_are_not_alike_by_that() -> None:
    assert counted(a_print(np.zeros(100)), a_print(np.zeros(100))) == 2


def test_equal_ideas_are_one_whatever_they_returned() -> None:
    assert counted(a_print(noise(100, 1)), a_print(noise(100, 2)), a_print(noise(100, 3)), ideas="aab") == 2


def test_likeness_reaches_over_a_third() -> None:
    first, third = noise(200, 10), noise(200, 11)
    assert counted(a_print(first), a_print(third), a_print(first), a_print(third), ideas="abbc") == 1


# --- the line ---------------------------------------------------------------------------------------------------------


async def test_a_line_counts_what_failed_and_what_has_not_ended(
    database: Database, workspace: UUID, context: Context, series: Series
) -> None:
    hungry = asked(series, features={"fast": "sma(close, 3)", "slow": "sma(close, 5000)"})
    other = asked(series, features={"fast": "ema(close, 3)", "slow": "ema(close, 9)"})
    async with database.session(workspace) as session:
        for one in (asked(series), hungry, other):
            await service.request_backtest(session, one, now=NOW)
        before = await trials.line(session, series.id, None)
    assert (before.trials, before.unfinished, before.sharpe_variance, before.best_hash) == (3, 3, None, None)
    await work(context, JOBS, until_empty=True)
    async with database.session(workspace) as session:
        await service.register_trial(session, asked(series), kind="sweep", combinations=40, now=NOW)
        line = await trials.line(session, series.id, None)
        done = [
            found.sharpe
            for found in (await trials._fingerprints(session, trials.looked_at(series.id), None)).values()
            if found.sharpe is not None
        ]
    assert (line.trials, line.runs, line.failed, line.unfinished) == (43, 4, 1, 1)
    assert line.clusters == 2
    assert line.sharpes == 2
    assert line.sharpe_variance == pytest.approx(np.var(done, ddof=1))
    assert line.best_sharpe == max(done)


async def test_a_search_brings_the_sharpe_ratio_of_each_combination(
    database: Database, workspace: UUID, series: Series
) -> None:
    found = Found(sharpe=0.3, sharpes=(0.1, 0.2, 0.3))
    async with database.session(workspace) as session:
        trial = await service.register_trial(session, asked(series), kind="sweep", combinations=4, now=NOW)
        await trials.finish(session, trial, "done", now=NOW, found=found)
        line = await trials.line(session, series.id, None)
    assert (line.trials, line.sharpes, line.clusters) == (4, 3, 1)
    assert line.sharpe_variance == pytest.approx(0.01)


async def test_a_run_that_came_to_more_than_it_was_registered_for_counts_for_what_it_came_to(
    database: Database, workspace: UUID, series: Series
) -> None:
    async with database.session(workspace) as session:
        for registered, found in ((1, Found(combinations=25, sharpe=0.1, sharpes=(0.1,))), (7, None)):
            trial = await service.register_trial(
                session, asked(series), kind="walk_forward", combinations=registered, now=NOW
            )
            await trials.finish(session, trial, "done" if found else "cancelled", now=NOW, found=found)
        assert (await trials.line(session, series.id, None)).trials == 32
        assert await service.count_trials(session, series.id, None) == 32


async def test_the_first_word_on_how_a_trial_ended_counts(database: Database, workspace: UUID, series: Series) -> None:
    async with database.session(workspace) as session:
        trial = await service.register_trial(session, asked(series), kind="backtest", combinations=1, now=NOW)
        await trials.finish(session, trial, "cancelled", now=NOW, found=None)
        await trials.finish(session, trial, "done", now=NOW, found=Found(sharpe=9.0, sharpes=(9.0,)))
        line = await trials.line(session, series.id, None)
    assert (line.failed, line.best_sharpe) == (1, None)


async def test_the_same_trial_registered_again_is_one(database: Database, workspace: UUID, series: Series) -> None:
    trial = new_id()
    async with database.session(workspace) as session:
        for _ in range(2):
            await service.register_trial(
                session, asked(series), kind="backtest", combinations=1, now=NOW, trial_id=trial
            )
        assert await service.count_trials(session, series.id, None) == 1


async def test_only_data_that_overlaps_is_of_the_line(database: Database, workspace: UUID, series: Series) -> None:
    january = Span(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    february = Span(january.end, january.end + timedelta(days=28))
    both = Span(january.start, february.end)
    async with database.session(workspace) as session:
        await service.register_trial(session, asked(series, span=january), kind="backtest", combinations=1, now=NOW)
        await service.register_trial(session, asked(series), kind="backtest", combinations=1, now=NOW)
        await service.register_trial(session, asked(series, span=both), kind="backtest", combinations=1, now=NOW)
        await service.register_trial(session, asked(series, span=february), kind="backtest", combinations=1, now=NOW)
        runs = [(await trials.line(session, series.id, span)).runs for span in (january, february, None)]
    # The series ends in January: only who asked for nothing else meant February.
    assert runs == [3, 1, 4]


async def test_another_workspace_has_a_line_of_its_own(database: Database, workspace: UUID, series: Series) -> None:
    async with database.session(workspace) as session:
        await service.register_trial(session, asked(series), kind="backtest", combinations=1, now=NOW)
    async with database.session(new_id()) as session:
        line = await trials.line(session, series.id, None)
    assert (line.trials, line.clusters) == (0, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM engine_trial",
        "UPDATE engine_trial SET combinations = 1",
        "DELETE FROM engine_trial_end",
        "UPDATE engine_trial_end SET outcome = 'failed'",
    ],
)
async def test_no_trial_is_ever_taken_back(database: Database, workspace: UUID, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.session(workspace) as session:
            await session.execute(text(statement))


async def test_the_same_backtest_again_is_one_trial_and_on_other_bars_another(
    database: Database, workspace: UUID, series: Series
) -> None:
    assert series.start is not None
    span = Span(series.start, series.start + timedelta(hours=100))
    async with database.session(workspace) as session:
        for one in (asked(series), asked(series), asked(series, span=span), asked(series, capital="5")):
            await service.register_trial(session, one, kind="backtest", combinations=1, now=NOW)
        for _ in range(2):
            await service.register_trial(session, asked(series), kind="sweep", combinations=4, now=NOW)
        line = await trials.line(session, series.id, None)
        assert await trials.count(session, series.id, None) == line.trials == 3 + 8
    assert line.runs == 6
