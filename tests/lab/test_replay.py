"""A session replayed from its record: the same report, proposals and cost, or what one changed result would change."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select

from omc.core.ids import PersonId, SessionId, WorkspaceId
from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.work import Context, work
from omc.lab import branches, replays, service
from omc.lab.agent import run_turn
from omc.lab.branches import NewWords
from omc.lab.forking import Fork, fork
from omc.lab.models import resolve
from omc.lab.record import Record, read_record
from omc.lab.replaying import Change, replay, run_replay
from omc.lab.tables import ReportRow, SessionRow
from omc.lab.whole import whole
from omc.lab.work import JOBS
from omc.ledgers.rules import Series
from tests.lab.builders import Open, call, report_arguments, say, scripted
from tests.lab.own_models import add_key, open_with, turn
from tests.sims.models.fixture import ModelServer


async def record_of(context: Context, workspace: UUID, session_id: SessionId) -> Record:
    parts: AsyncIterator[str] = whole(context.database, WorkspaceId(workspace), session_id)
    return read_record("".join([part async for part in parts]))


@pytest.fixture
async def finished(context: Context, workspace: UUID, market: Series, open_session: Open) -> SessionId:
    """A session of two turns that has ended."""
    del market
    session_id = await open_session()
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=resolve) == "done"
    async with context.database.session(workspace) as session:
        await service.say(session, session_id, "Now try RSI mean reversion.", utc_now())
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=resolve) == "done"
    return session_id


async def test_a_replay_makes_the_same_report_proposals_and_cost_and_leaves_no_trace(
    context: Context, workspace: UUID, finished: SessionId
) -> None:
    record = await record_of(context, workspace, finished)
    found = await replay(context, WorkspaceId(workspace), record)
    assert (found.equal, found.proposals, found.cost) == (True, 2, "0"), found.words
    assert found.recorded_hash is not None
    assert found.report_hash == found.recorded_hash
    async with context.database.session(workspace) as session:
        assert (await session.scalars(select(SessionRow.id))).all() == [finished]
        assert (await session.execute(select(func.count()).select_from(ReportRow))).scalar_one() == 2


async def test_another_tool_result_shows_what_it_changes_in_the_report(
    context: Context, workspace: UUID, finished: SessionId
) -> None:
    record = await record_of(context, workspace, finished)
    number = max(item.number for item in record.evidence.values() if item.tool == "run_backtest")
    output = dict(record.evidence[number].output)
    output["metrics"] = {**output["metrics"], "total_return_percent": 987.65}  # ty: ignore[invalid-argument-type]
    found = await replay(context, WorkspaceId(workspace), record, Change(evidence=number, output=output))
    assert not found.equal
    changed = {one.place: one.after for one in found.differences}
    assert "+987.65 %" in changed["Answer"]
    assert f"Evidence {number}" in changed


async def test_a_record_that_was_tampered_with_is_found_out(
    context: Context, workspace: UUID, finished: SessionId
) -> None:
    record = await record_of(context, workspace, finished)
    number = next(item.number for item in record.evidence.values() if item.tool == "measure_bars")
    output = record.evidence[number].output
    output["figures"]["hold_return_percent"] = 1.0  # ty: ignore
    found = await replay(context, WorkspaceId(workspace), record)
    assert not found.equal
    assert f"Evidence {number} (measure_bars) has another hash" in found.words


async def test_what_was_refused_and_said_in_between_is_replayed_too(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    script = scripted(
        [call("no_such_tool"), call("list_markets")],
        [call("ask_person", question="Which market?")],
        [call("run_backtest", version_id="x", series_id="y"), call("write_report", report_arguments())],
        [say("Done.")],
    )
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=script) == "waiting"
    async with context.database.session(workspace) as session:
        await service.say(session, session_id, "BTC.", utc_now())
    assert await run_turn(context, WorkspaceId(workspace), session_id, models=script) == "done"
    found = await replay(context, WorkspaceId(workspace), await record_of(context, workspace, session_id))
    assert found.equal, found.words


async def test_a_paid_session_is_replayed_to_the_cent_by_a_worker(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "anthropic"))
    assert await turn(lab, workspace, session_id) == "done"
    async with lab.database.session(workspace) as session:
        await replays.start(session, session_id, change=None, now=utc_now())
    await work(lab, JOBS, until_empty=True)
    async with lab.database.session(workspace) as session:
        (found,) = await replays.newest(session, session_id)
    assert (found.state, found.equal) == ("done", True), found.words or found.error
    assert found.cost == found.recorded_cost != "0"


async def test_a_changed_step_is_replayed_with_what_it_made_stale(
    context: Context, workspace: UUID, finished: SessionId
) -> None:
    async with context.database.session(workspace) as session:
        await branches.rerun(session, finished, NewWords(position=1, text="Does a breakout on BTC work?"), utc_now())
    assert await run_turn(context, WorkspaceId(workspace), finished, models=resolve) == "done"
    found = await replay(context, WorkspaceId(workspace), await record_of(context, workspace, finished))
    assert found.equal, found.words


async def test_what_cannot_be_replayed_is_said_and_waits_for_nobody(
    context: Context, workspace: UUID, open_session: Open
) -> None:
    session_id = await open_session()
    await run_turn(context, WorkspaceId(workspace), session_id, models=scripted([call("list_markets")]))
    async with context.database.session(workspace) as session:
        broken = await replays.start(session, session_id, change={"evidence": 1}, now=utc_now())
    with pytest.raises(KeyError):
        await run_replay(replace(context, final=True), WorkspaceId(workspace), broken.id)
    async with context.database.session(workspace) as session:
        await branches.rerun(session, session_id, NewWords(position=1, text="Another?"), utc_now())
        fork_id = await fork(session, session_id, Fork(), person_id=PersonId(workspace), now=utc_now())
        changed = await replays.start(session, fork_id, change=None, now=utc_now())
    assert await run_replay(context, WorkspaceId(workspace), changed.id) == "failed"
    async with context.database.session(workspace) as session:
        told = [replays.shown(await replays.read(session, one.id)) for one in (broken, changed)]
    assert [one.state for one in told] == ["failed", "failed"]
    assert "inside OMC" in str(told[0].error)
    assert "Replay the session that it came from" in str(told[1].error)


async def test_what_is_no_record_is_refused() -> None:
    for text in ("", "[]", "{}", '{"schema":"omc-session/2"}', "\0"):
        with pytest.raises(Refusal, match="no session's document"):
            read_record(text)
