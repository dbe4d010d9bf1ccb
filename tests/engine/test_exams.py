"""The sealed exam: what is sealed is not read, the one try is recorded before it runs, a second is marked for ever."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import BacktestId
from omc.core.market import Span
from omc.engine import exams, service, trials, verdicts
from omc.engine.data import bars_for
from omc.engine.exams import Exam
from omc.engine.gate import Figures
from omc.engine.records import Backtest, Request, State, Version
from omc.engine.work import JOBS
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.events import read as read_events
from omc.kit.ids import new_id
from omc.kit.work import Context, work
from omc.ledgers import seals
from omc.ledgers.rules import Series
from tests.engine.builders import START_MS, a_document, a_walk
from tests.engine.series import a_series
from tests.engine.test_gate import GOOD

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FIRST = datetime.fromtimestamp(START_MS / 1_000, UTC)
SEALED = Span(FIRST + timedelta(hours=300), FIRST + timedelta(hours=380))  # of 400 hourly bars
BEFORE = Span(FIRST, SEALED.start)
WHY = "the first run was on a wrong fee"


@pytest.fixture
async def series(database: Database, workspace: UUID, tmp_path: Path) -> Series:
    return await a_series(database, workspace, tmp_path)


@pytest.fixture
async def exam(database: Database, workspace: UUID, series: Series) -> Exam:
    async with database.session(workspace) as session:
        return await exams.seal(session, series, SEALED, by="ada", now=NOW)


@pytest.fixture
async def version(database: Database, workspace: UUID) -> Version:
    async with database.session(workspace) as session:
        return await service.save_version(session, document=a_document(), author="test", now=NOW)


def asked(series: Series, span: Span | None) -> Request:
    return Request(document=a_document(), series=series, span=span, version_id=None, by="test")


async def the_code(database: Database, workspace: UUID, exam: Exam, version: Version, insist: str | None) -> str:
    with pytest.raises(Refusal) as refused:
        async with database.session(workspace) as session:
            await exams.sit(session, await exams.get_exam(session, exam.id), version, by="b", now=NOW, insist=insist)
    return refused.value.code


async def run(context: Context, workspace: UUID, backtest_id: BacktestId) -> Backtest:
    await work(context, JOBS, until_empty=True)
    async with context.database.session(workspace) as session:
        return await service.get_backtest(session, backtest_id)


# --- what is sealed is not read ---------------------------------------------------------------------------------------


async def test_without_a_seal_everything_is_seen(database: Database, workspace: UUID, series: Series) -> None:
    async with database.session(workspace) as session:
        assert await seals.until(session, series.id) is None
        assert len((await bars_for(session, a_document(), series, None))[0]) == 400


@pytest.mark.usefixtures("exam")
async def test_a_look_without_a_span_stops_before_the_seal(database: Database, workspace: UUID, series: Series) -> None:
    async with database.session(workspace) as session:
        assert await seals.until(session, series.id) == SEALED.start
        columns, first = await bars_for(session, a_document(), series, None)
    assert (len(columns), first) == (300, 0)


@pytest.mark.parametrize(
    "span",
    [
        SEALED,
        Span(FIRST, SEALED.start + timedelta(seconds=1)),
        Span(FIRST, SEALED.end + timedelta(days=9)),
        Span(SEALED.end, SEALED.end + timedelta(hours=10)),
    ],
    ids=["inside", "a second", "over it", "behind it"],
)
@pytest.mark.usefixtures("exam")
async def test_a_span_that_reaches_into_the_seal_is_refused(
    database: Database, workspace: UUID, series: Series, span: Span
) -> None:
    async with database.session(workspace) as session:
        for look in (
            bars_for(session, a_document(), series, span),
            service.request_backtest(session, asked(series, span), now=NOW),
        ):
            with pytest.raises(
                Refusal, match="from 2024-01-13 12:00 UTC on are sealed for an exam; end the span there"
            ):
                await look
        assert await service.count_trials(session, series.id, None) == 0


@pytest.mark.usefixtures("exam")
async def test_a_span_up_to_the_seal_is_read_whole(database: Database, workspace: UUID, series: Series) -> None:
    async with database.session(workspace) as session:
        columns, _ = await bars_for(session, a_document(), series, BEFORE)
        view = await seals.view(session, series.id, start=BEFORE.start, end=BEFORE.end)
    assert len(columns) == 300
    assert view.said == {}


@pytest.mark.usefixtures("exam")
async def test_a_backtest_without_a_span_says_where_it_stopped(
    context: Context, workspace: UUID, series: Series
) -> None:
    async with context.database.session(workspace) as session:
        backtest_id = await service.request_backtest(session, asked(series, None), now=NOW)
    result = (await run(context, workspace, backtest_id)).result
    assert result is not None
    assert isinstance(result["assumptions"], dict)
    assert result["assumptions"]["sealed"].startswith("bars from 2024-01-13 12:00 UTC on are sealed")


@pytest.mark.usefixtures("exam")
async def test_a_backtest_asked_for_before_the_seal_does_not_read_behind_it(
    context: Context, workspace: UUID, series: Series
) -> None:
    late = Span(SEALED.end, SEALED.end + timedelta(hours=20))
    async with context.database.session(workspace) as session:
        await exams.break_seal(session, await the_exam(session, series), reason=WHY, by="ada", now=NOW)
        backtest_id = await service.request_backtest(session, asked(series, late), now=NOW)
        await exams.seal(session, series, SEALED, by="ada", now=NOW)
    backtest = await run(context, workspace, backtest_id)
    assert backtest.state is State.FAILED
    assert backtest.error is not None
    assert backtest.error.code == "sealed"


async def the_exam(session: AsyncSession, series: Series) -> Exam:
    (found, *_) = await exams.list_exams(session, series_id=series.id)
    return found


async def test_a_try_on_all_data_before_a_seal_does_not_count_on_what_is_sealed(
    database: Database, workspace: UUID, series: Series, exam: Exam
) -> None:
    assert exam.tried_before == 0
    async with database.session(workspace) as session:
        await service.register_trial(session, asked(series, None), kind="backtest", combinations=1, now=NOW)
        assert await service.count_trials(session, series.id, SEALED) == 0
        assert await service.count_trials(session, series.id, BEFORE) == 1


async def test_what_was_tried_before_the_seal_is_told_for_ever(
    database: Database, workspace: UUID, series: Series
) -> None:
    async with database.session(workspace) as session:
        await service.register_trial(session, asked(series, None), kind="sweep", combinations=12, now=NOW)
        exam = await exams.seal(session, series, SEALED, by="ada", now=NOW)
    assert (exam.tried_before, exam.seen) == (12, True)


@pytest.mark.parametrize(
    ("span", "code"),
    [
        (Span(FIRST, SEALED.end), "nothing_to_research"),
        (Span(FIRST - timedelta(days=1), SEALED.start), "nothing_to_research"),
        (SEALED, "already_sealed"),
        (Span(SEALED.end, SEALED.end + timedelta(days=1)), "already_sealed"),
    ],
)
@pytest.mark.usefixtures("exam")
async def test_a_seal_that_makes_no_sense_is_refused(
    database: Database, workspace: UUID, series: Series, span: Span, code: str
) -> None:
    async with database.session(workspace) as session:
        with pytest.raises(Refusal) as refused:
            await exams.seal(session, series, span, by="ada", now=NOW)
    assert refused.value.code == code


async def test_an_earlier_stretch_may_be_sealed_too(
    database: Database, workspace: UUID, series: Series, exam: Exam
) -> None:
    earlier = Span(FIRST + timedelta(hours=200), exam.span.start)
    async with database.session(workspace) as session:
        await exams.seal(session, series, earlier, by="ada", now=NOW)
        assert await seals.until(session, series.id) == earlier.start


async def test_another_workspace_has_no_seal(database: Database, workspace: UUID, series: Series, exam: Exam) -> None:
    assert workspace
    async with database.session(new_id()) as session:
        assert await seals.until(session, series.id) is None
        with pytest.raises(Refusal, match="no such exam"):
            await exams.get_exam(session, exam.id)


# --- the try ----------------------------------------------------------------------------------------------------------


async def test_the_try_reads_the_sealed_bars_and_only_it(
    context: Context, workspace: UUID, series: Series, exam: Exam, version: Version
) -> None:
    async with context.database.session(workspace) as session:
        tried = await exams.sit(session, exam, version, by="ada", now=NOW)
        sat = await exams.get_exam(session, exam.id)
        line = await trials.line(session, series.id, SEALED)
    # Recorded and counted before it ran.
    assert (sat.tries, line.trials, line.unfinished) == ([tried], 1, 1)
    backtest = await run(context, workspace, tried.backtest_id)
    assert (backtest.state, backtest.seal_id) == (State.DONE, exam.id)
    assert backtest.result is not None
    equity = backtest.result["equity"]
    assert isinstance(equity, dict)
    bars = a_walk(400)
    assert (equity["ts"][0], equity["ts"][-1]) == (bars.ts[300], bars.ts[379])
    async with context.database.session(workspace) as session:
        assert await seals.until(session, series.id) == SEALED.start


async def test_a_second_try_is_refused_whatever_version_it_is_of(
    database: Database, workspace: UUID, exam: Exam, version: Version
) -> None:
    async with database.session(workspace) as session:
        await exams.sit(session, exam, version, by="ada", now=NOW)
        other = await service.save_version(session, document=a_document(capital="5"), author="test", now=NOW)
    for one in (version, other):
        assert await the_code(database, workspace, exam, one, None) == "exam_taken"
    assert await the_code(database, workspace, exam, version, "again") == "reason_too_short"
    async with database.session(workspace) as session:
        assert len((await exams.get_exam(session, exam.id)).tries) == 1


async def test_a_try_that_is_insisted_on_is_marked_for_ever_and_in_the_verdict(
    context: Context, workspace: UUID, series: Series, exam: Exam, version: Version
) -> None:
    async with context.database.session(workspace) as session:
        await exams.sit(session, exam, version, by="ada", now=NOW)
        exam = await exams.get_exam(session, exam.id)
        again = await exams.sit(session, exam, version, by="ada", now=NOW, insist=WHY)
    assert (again.number, again.repeated, again.reason) == (2, True, WHY)
    await work(context, JOBS, until_empty=True)
    async with context.database.session(workspace) as session:
        for _ in range(2):
            given = await verdicts.give(session, version.hash, series.id, BEFORE, GOOD, by="ada", now=NOW)
            assert given.figures["exam_repeated"] is True
            assert given.outcome != "pass"
        trail = [event.kind for event in await read_events(session, "audit")]
    assert trail[:3] == ["exam.sealed", "exam.tried", "exam.repeated"]


async def test_of_two_tries_at_once_one_counts(
    database: Database, workspace: UUID, exam: Exam, version: Version
) -> None:
    async with database.session(workspace) as session:
        await exams.sit(session, exam, version, by="ada", now=NOW)
    # `exam` is as it was before: what somebody sees who looked at the same moment.
    with pytest.raises(Refusal, match="at the same moment"):
        async with database.session(workspace) as session:
            await exams.sit(session, exam, version, by="bob", now=NOW)
    async with database.session(workspace) as session:
        assert [one.tried_by for one in (await exams.get_exam(session, exam.id)).tries] == ["ada"]
        assert len(await service.list_backtests(session, before=None, limit=10)) == 1


async def test_a_broken_seal_gives_the_data_back_and_spoils_the_exam(
    context: Context, workspace: UUID, series: Series, exam: Exam, version: Version
) -> None:
    database = context.database
    async with database.session(workspace) as session:
        with pytest.raises(Refusal, match="at least 10 characters"):
            await exams.break_seal(session, exam, reason="  oops     ", by="ada", now=NOW)
        for _ in range(2):
            broken = await exams.break_seal(session, exam, reason=WHY, by="ada", now=NOW)
        assert await seals.until(session, series.id) is None
    assert (broken.seen, broken.broken is not None) == (True, True)
    assert await the_code(database, workspace, exam, version, None) == "exam_taken"
    async with database.session(workspace) as session:
        tried = await exams.sit(session, broken, version, by="ada", now=NOW, insist=WHY)
        trail = [event.kind for event in await read_events(session, "audit")]
    assert (tried.number, tried.repeated) == (1, True)
    assert trail == ["exam.sealed", "exam.broken", "exam.repeated"]


async def test_an_exam_on_bars_that_have_not_come_yet_keeps_its_try(
    database: Database, workspace: UUID, series: Series, version: Version
) -> None:
    coming = Span(FIRST + timedelta(days=60), FIRST + timedelta(days=90))
    async with database.session(workspace) as session:
        exam = await exams.seal(session, series, coming, by="ada", now=NOW)
        with pytest.raises(Refusal, match="no bar of the sealed stretch yet"):
            await exams.sit(session, exam, version, by="ada", now=NOW)
        assert (await exams.get_exam(session, exam.id)).tries == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledgers_seal",
        "UPDATE ledgers_seal SET end_ts = start_ts",
        "DELETE FROM ledgers_seal_broken",
        "DELETE FROM engine_exam_try",
        "UPDATE engine_exam_try SET repeated = false",
        "DELETE FROM engine_verdict",
        "UPDATE engine_verdict SET outcome = 'pass'",
    ],
)
async def test_history_cannot_be_changed(database: Database, workspace: UUID, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.session(workspace) as session:
            await session.execute(text(statement))


# --- verdicts ---------------------------------------------------------------------------------------------------------


async def test_a_verdict_is_kept_with_its_figures_and_the_latest_counts(
    database: Database, workspace: UUID, series: Series, version: Version
) -> None:
    async with database.session(workspace) as session:
        assert await verdicts.latest(session, version.hash) is None
        await verdicts.give(session, version.hash, series.id, None, GOOD, by="ada", now=NOW)
        weak = await verdicts.give(session, version.hash, series.id, BEFORE, Figures(trials=3), by="ada", now=NOW)
        found = await verdicts.latest(session, version.hash)
        listed = await verdicts.list_verdicts(session, version.hash)
    assert found == weak
    assert (weak.outcome, weak.span, weak.figures["trials"]) == ("weak", BEFORE, 3)
    assert weak.engine.startswith("omc-engine/")
    assert [one.outcome for one in listed] == ["weak", "pass"]


async def test_the_record_counts_and_not_what_is_said_of_it(
    context: Context, workspace: UUID, series: Series, exam: Exam, version: Version
) -> None:
    async with context.database.session(workspace) as session:
        await service.register_trial(session, asked(series, None), kind="sweep", combinations=500, now=NOW)
        claimed = await verdicts.give(session, version.hash, series.id, BEFORE, GOOD, by="ada", now=NOW)
        tried = await exams.sit(session, exam, version, by="ada", now=NOW)
    assert (claimed.figures["trials"], claimed.figures["clusters"]) == (500, 1)
    assert "exam_return" not in claimed.figures
    result = (await run(context, workspace, tried.backtest_id)).result
    assert result is not None
    async with context.database.session(workspace) as session:
        given = await verdicts.give(session, version.hash, series.id, BEFORE, GOOD, by="ada", now=NOW)
    assert isinstance(result["metrics"], list)
    metrics = {row["name"]: row["value"] for row in result["metrics"]}
    assert given.figures["exam_return"] == metrics["total_return"]
    assert given.figures["exam_repeated"] is False
