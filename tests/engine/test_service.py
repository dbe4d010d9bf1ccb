"""Versions, approvals, backtests and trials on a real PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from omc.core.ids import BacktestId, VersionId
from omc.core.market import Span
from omc.engine import DocumentRefused, Settings, approvals, document_hash, service, simulate
from omc.engine.data import bars_for
from omc.engine.records import Request, State
from omc.engine.work import JOBS, run_backtest
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.events import read as read_events
from omc.kit.ids import new_id
from omc.kit.work import Context, work
from omc.ledgers.rules import Series
from tests.engine.builders import a_document, a_walk
from tests.engine.series import a_series

NOW = datetime(2024, 6, 1, tzinfo=UTC)
WHY = "watched on paper before it is believed"


@pytest.fixture
async def series(database: Database, workspace: UUID, tmp_path: Path) -> Series:
    return await a_series(database, workspace, tmp_path)


def asked(series: Series, *, span: Span | None = None, **changes: object) -> Request:
    return Request(document=a_document(**changes), series=series, span=span, version_id=None, by="test")


async def test_the_same_document_again_is_the_same_version(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        one = await service.save_version(session, document=a_document(), author="test", now=NOW)
        two = await service.save_version(session, document=a_document(), author="other", now=NOW)
    assert (two.id, two.number, two.author) == (one.id, 1, "test")


async def test_a_changed_document_is_the_next_version_of_its_name(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        await service.save_version(session, document=a_document(), author="test", now=NOW)
        changed = await service.save_version(session, document=a_document(capital="5"), author="test", now=NOW)
        other = await service.save_version(session, document=a_document(), author="test", now=NOW, name="Other")
        listed = await service.list_strategies(session)
    assert (changed.number, other.number) == (2, 1)
    assert [(one.name, [line.number for line in one.versions]) for one in listed] == [
        ("Averages cross", [2, 1]),
        ("Other", [1]),
    ]


async def test_a_version_reads_back_as_the_document_that_was_saved(database: Database, workspace: UUID) -> None:
    document = a_document(parameters={"n": 3}, features={"fast": "sma(close, n)", "slow": "sma(close, 8)"})
    async with database.session(workspace) as session:
        saved = await service.save_version(session, document=document, author="test", now=NOW)
        found = await service.get_version(session, saved.id)
    assert found.document == document
    assert found.hash == document_hash(document) == document_hash(found.document)


async def test_a_document_that_does_not_compile_is_never_a_version(database: Database, workspace: UUID) -> None:
    broken = a_document().model_copy(update={"entry": "next(close) > 1"})
    async with database.session(workspace) as session:
        with pytest.raises(DocumentRefused):
            await service.save_version(session, document=broken, author="test", now=NOW)
        assert await service.list_strategies(session) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE engine_version SET number = 7",
        "DELETE FROM engine_version",
        "DELETE FROM engine_trial",
        "UPDATE engine_approval SET digest = ''",
    ],
)
async def test_the_database_refuses_to_change_what_is_immutable(
    database: Database, workspace: UUID, statement: str
) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.session(workspace) as session:
            await session.execute(text(statement))


async def test_another_workspace_sees_no_version(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        saved = await service.save_version(session, document=a_document(), author="test", now=NOW)
    async with database.session(new_id()) as session:
        with pytest.raises(Refusal, match="no such version"):
            await service.get_version(session, saved.id)


async def test_an_approval_binds_what_was_shown_and_is_audited_once(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        version = await service.save_version(session, document=a_document(), author="test", now=NOW)
        for _ in range(2):
            await approvals.approve(
                session,
                version.id,
                document_hash=version.hash,
                digest="d1",
                by="person:1",
                now=NOW,
                override_reason=WHY,
            )
        approved = await service.get_version(session, version.id)
        trail = await read_events(session, "audit")
    assert approved.status == "approved"
    assert [(event.kind, event.data["digest"]) for event in trail] == [("version.approved", "d1")]


async def test_an_approval_of_another_document_is_refused(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        version = await service.save_version(session, document=a_document(), author="test", now=NOW)
        with pytest.raises(Refusal, match="not this version"):
            await approvals.approve(session, version.id, document_hash="f" * 64, digest="d1", by="person:1", now=NOW)
        assert (await service.get_version(session, version.id)).status == "draft"


async def test_a_denial_is_one_and_the_second_is_told_of_the_first(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        version = await service.save_version(session, document=a_document(), author="test", now=NOW)
        await approvals.deny(session, version.id, document_hash=version.hash, reason="too thin", by="1", now=NOW)
        with pytest.raises(Refusal, match=r"denied already on .*too thin.*nothing was changed"):
            await approvals.deny(session, version.id, document_hash=version.hash, reason="", by="2", now=NOW)
        trail = await read_events(session, "audit")
        decisions = await approvals.list_decisions(session)
    assert [(event.kind, event.data["reason"]) for event in trail] == [("version.denied", "too thin")]
    assert [(one.outcome, one.reason, one.by, one.hash) for one in decisions] == [
        ("denied", "too thin", "1", version.hash)
    ]


async def test_a_denied_version_is_approved_only_after_a_person_opened_it_again(
    database: Database, workspace: UUID
) -> None:
    async with database.session(workspace) as session:
        version = await service.save_version(session, document=a_document(), author="test", now=NOW)
        shown = {"document_hash": version.hash, "by": "1", "now": NOW}
        await approvals.deny(session, version.id, reason="", **shown)
        with pytest.raises(Refusal) as refused:
            await approvals.approve(session, version.id, digest="d1", override_reason=WHY, **shown)
        assert refused.value.code == "version_denied"
        await approvals.reopen(session, version.id, by="1", now=NOW)
        await approvals.approve(session, version.id, digest="d1", override_reason=WHY, **shown)
        assert (await service.list_strategies(session))[0].versions[0].status == "approved"
        trail = [event.kind for event in await read_events(session, "audit")]
    assert trail == ["version.denied", "version.reopened", "version.approved"]


async def test_an_approved_version_cannot_be_denied_nor_another_document(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        version = await service.save_version(session, document=a_document(), author="test", now=NOW)
        with pytest.raises(Refusal, match="look at it again"):
            await approvals.deny(session, version.id, document_hash="f" * 64, reason="", by="1", now=NOW)
        shown = {"document_hash": version.hash, "by": "1", "now": NOW}
        await approvals.approve(session, version.id, digest="d1", override_reason=WHY, **shown)
        with pytest.raises(Refusal, match="stop its deployments instead"):
            await approvals.deny(session, version.id, document_hash=version.hash, reason="", by="1", now=NOW)
        with pytest.raises(Refusal, match="nothing to take back"):
            await approvals.reopen(session, version.id, by="1", now=NOW)


async def test_of_two_decisions_at_once_one_counts(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        version = await service.save_version(session, document=a_document(), author="test", now=NOW)

    async def deny() -> str:
        async with database.session(workspace) as session:
            await approvals.deny(session, version.id, document_hash=version.hash, reason="", by="1", now=NOW)
        return "denied"

    async def approve() -> str:
        async with database.session(workspace) as session:
            shown = {"document_hash": version.hash, "by": "1", "now": NOW}
            await approvals.approve(session, version.id, digest="d1", override_reason=WHY, **shown)
        return "approved"

    outcomes = await asyncio.gather(deny(), approve(), deny(), return_exceptions=True)

    assert len([one for one in outcomes if isinstance(one, str)]) == 1
    assert len([one for one in outcomes if isinstance(one, Refusal)]) == 2
    async with database.session(workspace) as session:
        assert len(await read_events(session, "audit")) == 1


async def test_a_backtest_runs_as_a_job_and_finds_what_simulate_finds(
    database: Database, workspace: UUID, context: Context, series: Series
) -> None:
    async with database.session(workspace) as session:
        backtest_id = await service.request_backtest(session, asked(series), now=NOW)
    await work(context, JOBS, until_empty=True)
    async with database.session(workspace) as session:
        done = await service.get_backtest(session, backtest_id)
    assert (done.state, done.error) == (State.DONE, None)
    assert done.result is not None
    assert done.result["result_hash"] == simulate(a_document(), a_walk(400)).result_hash


async def test_a_backtest_that_is_refused_fails_with_its_place(
    database: Database, workspace: UUID, context: Context, series: Series
) -> None:
    hungry = asked(series, features={"fast": "sma(close, 3)", "slow": "sma(close, 5000)"})
    async with database.session(workspace) as session:
        backtest_id = await service.request_backtest(session, hungry, now=NOW)
    ids = {"workspace_id": str(workspace), "backtest_id": str(backtest_id)}
    assert await run_backtest(context, **ids) == "refused"
    async with database.session(workspace) as session:
        failed = await service.get_backtest(session, backtest_id)
    assert failed.state is State.FAILED
    assert failed.error is not None
    assert (failed.error.code, failed.error.place) == ("not_enough_history", "/features/slow:1")


async def test_a_job_that_runs_twice_changes_nothing(
    database: Database, workspace: UUID, context: Context, series: Series
) -> None:
    async with database.session(workspace) as session:
        backtest_id = await service.request_backtest(session, asked(series), now=NOW)
    ids = {"workspace_id": str(workspace), "backtest_id": str(backtest_id)}
    assert [await run_backtest(context, **ids) for _ in range(2)] == ["done", "ended"]


async def test_a_span_warms_up_on_the_bars_before_it(database: Database, workspace: UUID, series: Series) -> None:
    bars = a_walk(400)
    start = datetime.fromtimestamp(int(bars.ts[100]) / 1_000, UTC)
    span = Span(start, start + timedelta(hours=200))
    async with database.session(workspace) as session:
        columns, first = await bars_for(session, a_document(), series, span)
    result = simulate(a_document(), columns, Settings(start=first))
    assert result.ts[0] == bars.ts[100]
    assert columns.ts[-1] == bars.ts[299]


@pytest.mark.parametrize(
    ("days", "warm_up_bars"),
    [(("0001-01-01", "9999-01-01"), 0), (("2024-01-05", "2024-01-09"), 1_000_000), (("1990-01-01", "1991-01-01"), 0)],
)
async def test_a_span_beyond_all_data_is_read_or_refused_but_never_a_fault(
    context: Context, workspace: UUID, series: Series, days: tuple[str, str], warm_up_bars: int
) -> None:
    database = context.database
    span = Span(*(datetime.fromisoformat(day).replace(tzinfo=UTC) for day in days))
    async with database.session(workspace) as session:
        request = asked(series, span=span, warm_up_bars=warm_up_bars)
        backtest_id = await service.request_backtest(session, request, now=NOW)
    ids = {"workspace_id": str(workspace), "backtest_id": str(backtest_id)}
    assert await run_backtest(context, **ids) in {"done", "refused"}


async def test_every_trial_counts_on_the_data_that_it_overlaps(
    database: Database, workspace: UUID, series: Series
) -> None:
    january = Span(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    march = Span(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC))
    async with database.session(workspace) as session:
        await service.register_trial(session, asked(series, span=january), kind="backtest", combinations=1, now=NOW)
        await service.register_trial(session, asked(series, span=march), kind="walk_forward", combinations=25, now=NOW)
        await service.register_trial(session, asked(series), kind="backtest", combinations=1, now=NOW)
        counts = [await service.count_trials(session, series.id, span) for span in (january, march, None)]
    assert counts == [2, 25, 27]  # the last one saw the series as it is, which ends in January


async def test_a_run_of_the_lab_is_kept_with_its_result(database: Database, workspace: UUID, series: Series) -> None:
    result = simulate(a_document(), a_walk(400))
    async with database.session(workspace) as session:
        kept = await service.record_backtest(session, asked(series), result=result, now=NOW)
        lines = await service.list_backtests(session, before=None, limit=10)
    assert [(line.id, line.state, line.name) for line in lines] == [(kept, "done", "Averages cross")]


@pytest.mark.parametrize(
    ("change", "place"), [({"timeframe": "5m"}, "/timeframe"), ({"universe": ["ETH/USDT"]}, "/universe")]
)
async def test_a_document_for_other_data_is_refused_before_it_runs(
    database: Database, workspace: UUID, series: Series, change: dict[str, object], place: str
) -> None:
    async with database.session(workspace) as session:
        with pytest.raises(Refusal) as refused:
            await service.request_backtest(
                session,
                Request(document=a_document(**change), series=series, span=None, version_id=None, by="test"),
                now=NOW,
            )
    assert refused.value.place == place


async def test_an_unknown_id_is_not_found(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        with pytest.raises(Refusal, match="no such version"):
            await service.get_version(session, VersionId(new_id()))
        with pytest.raises(Refusal, match="no such backtest"):
            await service.get_backtest(session, BacktestId(new_id()))
