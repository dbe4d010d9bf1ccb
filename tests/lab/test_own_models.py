"""Research with a person's own models: the real clients, on the wire, over all four kinds of provider."""

import asyncio
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, text

from omc.core.ids import SessionId
from omc.kit import events
from omc.kit.clock import utc_now
from omc.kit.errors import Refusal
from omc.kit.events import Event
from omc.kit.work import Context
from omc.lab import control, keys, service
from omc.lab.choosing import Fallback, RoleModel
from omc.lab.publishing import published
from omc.lab.tables import SessionRow, StepRow
from omc.ledgers.rules import Series
from omc.vault.caps import DEFAULT_CAPS, set_caps
from omc.vault.tables import BudgetRow, CallRow
from tests.lab.builders import Open, state_of
from tests.lab.own_models import KINDS, MODEL, add_key, open_with, turn
from tests.sims.models.fixture import KEY, ModelServer
from tests.sims.models.talk import Answer

MILLION = Decimal(1_000_000)


async def calls_of(lab: Context, workspace: UUID, session_id: SessionId) -> list[CallRow]:
    async with lab.database.session(workspace) as session:
        query = select(CallRow).where(CallRow.session_id == session_id).order_by(CallRow.started_at)
        return list(await session.scalars(query))


async def log_of(lab: Context, workspace: UUID, session_id: SessionId) -> list[Event]:
    async with lab.database.session(workspace) as session:
        return await events.read(session, service.topic(session_id))


async def row_of(lab: Context, workspace: UUID, session_id: SessionId) -> SessionRow:
    async with lab.database.session(workspace) as session:
        return await service.read(session, session_id)


async def billed(lab: Context, workspace: UUID) -> Decimal:
    """What the books have as expense for models."""
    async with lab.database.session(workspace) as session:
        found = await session.execute(
            text("SELECT COALESCE(sum(amount), 0) FROM books_leg WHERE kind = 'expense' AND asset = 'USD'")
        )
        return Decimal(found.scalar_one())


def of(log: list[Event], kind: str) -> list[Event]:
    return [event for event in log if event.kind == kind]


@pytest.mark.parametrize("kind", KINDS)
async def test_research_comes_to_the_analysts_report_on_every_kind_and_costs_its_tokens_to_the_last_digit(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer, open_session: Open, kind: str
) -> None:
    del market
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, kind))
    assert await turn(lab, workspace, session_id) == "done"
    total = sum([exact_cost(call) for call in await calls_of(lab, workspace, session_id)], Decimal(0))
    row = await row_of(lab, workspace, session_id)
    assert row.cost == total > 0
    assert await billed(lab, workspace) == total
    async with lab.database.session(workspace) as session:
        steps = await session.scalars(select(StepRow.cost).where(StepRow.session_id == session_id))
        assert sum(steps) == total
        for budget in await session.scalars(select(BudgetRow)):
            assert (budget.spent, budget.reserved) == (total, 0)
    assert {seen.key for seen in model_server.seen} == {KEY}
    theirs = await open_session()
    assert await turn(lab, workspace, theirs) == "done"
    async with lab.database.session(workspace) as session:
        one, other = await published(session, session_id), await published(session, theirs)
    assert (one.answer, one.unverified) == (other.answer, 0)


def exact_cost(call: CallRow) -> Decimal:
    """What a settled call must cost: each kind of token at its own rate."""
    assert (call.state, call.measured) == ("settled", True)
    uncached = call.tokens_input - call.tokens_cache_read - call.tokens_cache_write
    assert uncached >= 0
    rates = (
        (uncached, "2"),
        (call.tokens_cache_read, "0.2"),
        (call.tokens_cache_write, "2.5"),
        (call.tokens_output, "10"),
    )
    due = sum((tokens * Decimal(rate) for tokens, rate in rates), Decimal(0)) / MILLION
    assert call.cost == due
    assert due <= call.reserved
    return due


async def test_a_session_ends_at_its_cap_with_what_it_found_and_goes_on_when_the_cap_is_raised(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    del market
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai"))
    async with lab.database.session(workspace) as session:
        row = await service.read(session, session_id)
        row.cap = Decimal("0.135")
    assert await turn(lab, workspace, session_id) == "budget_reached"
    row = await row_of(lab, workspace, session_id)
    assert row.cost <= Decimal("0.135")
    assert row.error is not None
    assert "$0.135" in row.error
    ended = of(await log_of(lab, workspace, session_id), "session.state")[-1].data
    assert ended == {"state": "budget_reached", "error": row.error, "cap": "session"}
    async with lab.database.session(workspace) as session:
        partial = await published(session, session_id)
        assert partial.answer.startswith("Not finished:")
        assert partial.unverified == 0
        await service.change_cap(session, session_id, Decimal(5))
        await service.say(session, session_id, "Go on, please.", utc_now())
    assert await turn(lab, workspace, session_id) == "done"


async def test_a_cap_above_the_workspaces_is_refused_with_where_to_raise_that_one(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai"))
    async with lab.database.session(workspace) as session:
        await set_caps(session, replace(DEFAULT_CAPS, per_session=Decimal(3)), person_id=workspace, now=utc_now())
        with pytest.raises(Refusal, match=r"more than \$3\.00.*Usage and cost"):
            await service.change_cap(session, session_id, Decimal("3.01"))
        assert (await service.change_cap(session, session_id, Decimal(3))).cap == 3


async def test_a_failure_that_may_pass_is_tried_again_in_the_open(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    del market
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "anthropic"))
    model_server.fail("cut", times=1)
    model_server.fail("503", times=1)
    assert await turn(lab, workspace, session_id) == "done"
    log = await log_of(lab, workspace, session_id)
    retries = of(log, "model.retry")
    assert [event.data["tried"] for event in retries] == [1, 2]
    assert [event.data["failure"] for event in retries] == ["cut", "overloaded"]
    cut, overloaded = [call for call in await calls_of(lab, workspace, session_id) if call.failure]
    assert cut.cost == cut.reserved > 0, "it may have been billed"
    assert overloaded.cost == 0, "it was not"


async def test_never_more_than_three_tries_and_then_the_failure_in_words(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    del market
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "google"))
    model_server.fail("503", times=50)
    assert await turn(lab, workspace, session_id) == "failed"
    row = await row_of(lab, workspace, session_id)
    assert row.error is not None
    assert "overloaded" in row.error
    assert len(await calls_of(lab, workspace, session_id)) == 3
    model_server.desk.reset()
    async with lab.database.session(workspace) as session:
        await service.say(session, session_id, "Try again.", utc_now())
    assert await turn(lab, workspace, session_id) == "done"


async def test_a_bad_key_is_not_tried_again_and_the_chosen_fallback_takes_over(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    del market
    bad = await add_key(lab, workspace, model_server, "openai", key="sk-sim-wrong-wrong-wrong-wrong")
    good = await add_key(lab, workspace, model_server, "anthropic")
    session_id = await open_with(lab, workspace, bad, fallback=Fallback(credential_id=good, model=MODEL))
    assert await turn(lab, workspace, session_id) == "done"
    log = await log_of(lab, workspace, session_id)
    assert len(of(log, "model.fallback")) >= 1
    assert not of(log, "model.retry")
    first = (await calls_of(lab, workspace, session_id))[0]
    assert (first.failure, first.cost) == ("bad_key", 0)
    async with lab.database.session(workspace) as session:
        from_key = {row.id: row.state for row in await keys.vault.list_credentials(session)}
    assert from_key[bad] == "rejected"
    assert from_key[good] == "working"


async def test_a_dead_workers_call_is_booked_at_its_reservation(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    del market
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai"))
    model_server.fail("hang", times=1)
    working = asyncio.get_running_loop().create_task(turn(lab, workspace, session_id), name="turn")
    while not model_server.seen:
        await asyncio.sleep(0.02)
    working.cancel()
    await asyncio.wait({working})
    assert await state_of(lab.database, workspace, session_id) == "running"
    assert await turn(lab, workspace, session_id) == "done"
    lost = (await calls_of(lab, workspace, session_id))[0]
    assert (lost.state, lost.cost) == ("lost", lost.reserved)
    row = await row_of(lab, workspace, session_id)
    assert row.cost == sum(call.cost or 0 for call in await calls_of(lab, workspace, session_id))


async def test_a_dead_workers_call_is_booked_when_the_session_goes_no_further(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai"))
    model_server.fail("hang", times=1)
    working = asyncio.get_running_loop().create_task(turn(lab, workspace, session_id), name="turn")
    while not model_server.seen:
        await asyncio.sleep(0.02)
    async with lab.database.session(workspace) as session:
        await control.cancel(session, session_id, when="step", now=utc_now())
    working.cancel()
    await asyncio.wait({working})
    assert await turn(lab, workspace, session_id) == "cancelled"
    await assert_only_call_is_lost(lab, workspace, session_id)


async def test_a_call_whose_answer_broke_the_last_try_is_booked(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai"))
    broken: list[bool] = []

    def clock() -> datetime:
        if model_server.seen and not broken:
            broken.append(True)
            raise ArithmeticError
        return utc_now()

    with pytest.raises(ArithmeticError):
        await turn(replace(lab, clock=clock, final=True), workspace, session_id)
    assert await state_of(lab.database, workspace, session_id) == "failed"
    await assert_only_call_is_lost(lab, workspace, session_id)


async def assert_only_call_is_lost(lab: Context, workspace: UUID, session_id: SessionId) -> None:
    """It is booked at its reservation, nothing is held for it any more, and its step is closed."""
    (call,) = await calls_of(lab, workspace, session_id)
    assert (call.state, call.cost) == ("lost", call.reserved)
    async with lab.database.session(workspace) as session:
        assert {budget.reserved for budget in await session.scalars(select(BudgetRow))} == {0}
        assert None not in set(await session.scalars(select(StepRow.finished_at)))
    assert await billed(lab, workspace) == call.cost == (await row_of(lab, workspace, session_id)).cost


async def test_a_cancelled_call_is_booked_too(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    del market
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai"))
    model_server.fail("hang", times=1)
    working = asyncio.get_running_loop().create_task(turn(lab, workspace, session_id), name="turn")
    while not model_server.seen:
        await asyncio.sleep(0.02)
    async with lab.database.session(workspace) as session:
        await service.cancel(session, session_id, utc_now())
    assert await asyncio.wait_for(working, 3) == "superseded"
    (call,) = await calls_of(lab, workspace, session_id)
    assert (call.state, call.cost) == ("lost", call.reserved)
    async with lab.database.session(workspace) as session:
        assert {budget.reserved for budget in await session.scalars(select(BudgetRow))} == {0}


async def test_a_removed_key_ends_its_sessions_or_hands_them_over(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    del market
    old = await add_key(lab, workspace, model_server, "openai")
    other = await add_key(lab, workspace, model_server, "google")
    one = await open_with(lab, workspace, old)
    async with lab.database.session(workspace) as session:
        moved = await keys.remove(
            session, old, reassign=Fallback(credential_id=other, model=MODEL), by=workspace, now=utc_now()
        )
    assert moved == ([], [one])
    assert await turn(lab, workspace, one) == "done"
    two = await open_with(lab, workspace, other)
    async with lab.database.session(workspace) as session:
        assert await keys.remove(session, other, reassign=None, by=workspace, now=utc_now()) == ([two], [])
    row = await row_of(lab, workspace, two)
    assert row.state == "failed"
    assert row.error is not None
    assert "was removed" in row.error


async def test_a_removed_key_is_taken_from_the_roles_that_used_it(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    own, gone, other = [await add_key(lab, workspace, model_server, "openai") for _ in range(3)]
    for reassign, expected in (
        (None, None),
        (Fallback(credential_id=other, model=MODEL), {"evaluator": {"credential_id": str(other), "model": MODEL}}),
    ):
        roles = {"evaluator": RoleModel(credential_id=gone, model=MODEL)}
        session_id = await open_with(lab, workspace, own, roles=roles)
        async with lab.database.session(workspace) as session:
            assert [row.id for row in await keys.using(session, gone)] == [session_id]
            removed = await keys.remove(session, gone, reassign=reassign, by=workspace, now=utc_now())
        assert removed == ([], [])
        row = await row_of(lab, workspace, session_id)
        assert (row.state, row.roles) == ("queued", expected)
        gone = await add_key(lab, workspace, model_server, "openai")


async def test_a_model_without_a_price_cannot_be_used(lab: Context, workspace: UUID, model_server: ModelServer) -> None:
    key = await add_key(lab, workspace, model_server, "openai-compatible", price=None)
    with pytest.raises(Refusal, match=r"price of sim-1 is not known") as refused:
        await open_with(lab, workspace, key)
    assert refused.value.code == "price_unknown"


async def test_what_a_model_cannot_know_is_not_in_its_context(
    lab: Context, workspace: UUID, market: Series, model_server: ModelServer
) -> None:
    del market
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai"))
    model_server.script(Answer(text="I have nothing to say."))
    assert await turn(lab, workspace, session_id) == "waiting"
    assert all(KEY not in str(seen.body) for seen in model_server.seen)
