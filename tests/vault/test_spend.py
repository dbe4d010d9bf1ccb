"""Money is reserved before a call and settled after it; no cap is passed, whatever happens in between."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.events import AUDIT, read
from omc.kit.ids import new_id
from omc.vault import caps as capping
from omc.vault import spend
from omc.vault.caps import Caps, day_scope, key_scope, month_scope, session_scope
from omc.vault.prices import Usage, ceiling
from omc.vault.spend import Booking, Standing
from omc.vault.tables import CallRow
from tests.vault.money import NOW, TWO_TEN, a_call, a_key

TRIALS = 8
CALLERS = 50
DOLLAR = Decimal(1)
NOTHING = Standing()


@pytest.fixture
async def session(database: Database, workspace: UUID) -> AsyncIterator[AsyncSession]:
    async with database.session(workspace) as session:
        yield session


async def reserved(
    session: AsyncSession, booking: Booking, amount: str, *, cap: Decimal | None = None, now: datetime = NOW
) -> UUID:
    await spend.reserve(session, booking, price=TWO_TEN, amount=Decimal(amount), session_cap=cap, now=now)
    return booking.call_id


async def settled(session: AsyncSession, call: UUID, usage: Usage | None, *, now: datetime = NOW) -> Decimal:
    done = await spend.settle(
        session, call, usage=usage, finish="stop", latency_ms=900, first_token_ms=None, failure=None, now=now
    )
    return done.cost


async def no_caps(session: AsyncSession, **chosen: Decimal) -> None:
    none = Caps(per_call=None, per_session=None, per_day=None, per_month=None)
    await capping.set_caps(session, replace(none, **chosen), person_id=new_id(), now=NOW)


async def test_a_call_counts_in_its_session_its_day_its_month_and_its_keys_month(
    session: AsyncSession, workspace: UUID
) -> None:
    key, mine = await a_key(session, workspace), new_id()
    call = await reserved(session, a_call(key, session_id=mine), "0.5")
    scopes = [session_scope(mine), day_scope(NOW), month_scope(NOW), key_scope(key, NOW)]

    assert set((await spend.standings(session, scopes)).values()) == {Standing(reserved=Decimal("0.5"))}

    cost = await settled(session, call, Usage(input=1_000, output=100))

    assert cost == Decimal("0.003")
    assert set((await spend.standings(session, scopes)).values()) == {Standing(spent=Decimal("0.003"))}
    assert scopes[1:] == ["day:2026-11-22", "month:2026-11", f"key:{key}:2026-11"]


async def test_a_settlement_keeps_what_it_was_made_of(session: AsyncSession, workspace: UUID) -> None:
    key = await a_key(session, workspace)
    call = await reserved(session, a_call(key), "0.5")
    await settled(session, call, Usage(input=1_000, cache_read=200, cache_write=10, output=100, reasoning=7))

    row = (await session.execute(select(CallRow).where(CallRow.id == call))).scalar_one()

    assert (row.state, row.cost, row.reserved, row.measured) == ("settled", Decimal("0.002625"), Decimal("0.5"), True)
    assert (row.tokens_input, row.tokens_cache_read, row.tokens_cache_write) == (1_000, 200, 10)
    assert (row.tokens_output, row.tokens_reasoning, row.latency_ms, row.finish) == (100, 7, 900, "stop")
    assert row.price["date"] == "2026-11-10"
    assert (row.started_at, row.finished_at) == (NOW, NOW)


async def test_settling_twice_is_settling_once(session: AsyncSession, workspace: UUID) -> None:
    key = await a_key(session, workspace)
    call = await reserved(session, a_call(key), "0.5")

    first = await settled(session, call, Usage(input=1_000, output=100))
    second = await settled(session, call, Usage(input=9_000, output=900))
    await spend.release(session, call, latency_ms=0, failure="late", now=NOW)

    assert first == second
    assert (await spend.standings(session, [day_scope(NOW)]))[day_scope(NOW)] == Standing(spent=first)


async def test_a_call_without_usage_costs_its_reservation(session: AsyncSession, workspace: UUID) -> None:
    call = await reserved(session, a_call(await a_key(session, workspace)), "0.25")

    assert await settled(session, call, None) == Decimal("0.25")


async def test_a_call_that_was_not_billed_costs_nothing(session: AsyncSession, workspace: UUID) -> None:
    call = await reserved(session, a_call(await a_key(session, workspace)), "0.25")

    await spend.release(session, call, latency_ms=12, failure="rejected", now=NOW)

    assert (await spend.standings(session, [day_scope(NOW)]))[day_scope(NOW)] == NOTHING


async def test_a_bill_above_the_reservation_is_booked_at_the_reservation_and_told(
    session: AsyncSession, workspace: UUID
) -> None:
    call = await reserved(session, a_call(await a_key(session, workspace)), "0.001")

    assert await settled(session, call, Usage(input=1_000, output=100)) == Decimal("0.001")

    told = [event.data for event in await read(session, AUDIT) if event.kind == spend.ABOVE_RESERVATION]
    assert [(row["call_id"], row["cost"], row["claimed"], row["above"]) for row in told] == [
        (str(call), "0.001", "0.003", "0.002")
    ]
    assert (await spend.standings(session, [day_scope(NOW)]))[day_scope(NOW)] == Standing(spent=Decimal("0.001"))
    row = (await session.execute(select(CallRow).where(CallRow.id == call))).scalar_one()
    assert (row.cost, row.claimed, row.tokens_output) == (Decimal("0.001"), Decimal("0.003"), 100)


async def test_a_bill_within_the_reservation_is_not_told(session: AsyncSession, workspace: UUID) -> None:
    call = await reserved(session, a_call(await a_key(session, workspace)), "0.003")
    await settled(session, call, Usage(input=1_000, output=100))

    assert not await read(session, AUDIT)


async def test_a_worker_killed_between_the_two_leaves_its_reservation_as_the_cost(
    database: Database, workspace: UUID
) -> None:
    mine = new_id()
    async with database.session(workspace) as session:
        key = await a_key(session, workspace)
        lost = await reserved(session, a_call(key, session_id=mine, step=3), "0.25")
        await reserved(session, a_call(key, session_id=mine, step=4), "0.125")
    # Here the worker dies; another one takes the step up.
    async with database.session(workspace) as session:
        found = await spend.settle_lost(session, mine, 3, now=NOW)
        again = await spend.settle_lost(session, mine, 3, now=NOW)
        standing = await spend.standings(session, [session_scope(mine), day_scope(NOW)])

    assert [(call.call_id, call.cost) for call in found] == [(lost, Decimal("0.25"))]
    assert not again
    assert set(standing.values()) == {Standing(spent=Decimal("0.25"), reserved=Decimal("0.125"))}


async def test_the_late_answer_of_a_lost_call_is_not_booked_again(session: AsyncSession, workspace: UUID) -> None:
    mine = new_id()
    call = await reserved(session, a_call(await a_key(session, workspace), session_id=mine), "0.25")
    await spend.settle_lost(session, mine, None, now=NOW)

    assert await settled(session, call, Usage(input=1)) == Decimal("0.25")
    assert (await spend.standings(session, [session_scope(mine)]))[session_scope(mine)].spent == Decimal("0.25")


@pytest.mark.parametrize(
    ("chosen", "place", "text"),
    [
        ({"per_call": DOLLAR}, "call", "The cap of one call is $1.00, and this call could cost up to $1.20."),
        ({"per_day": DOLLAR}, "day", "The cap of a day is $1.00: $0.00 is spent, $0.00 is reserved"),
        ({"per_month": DOLLAR}, "month", "The workspace's cap of a month is $1.00"),
        ({"per_session": DOLLAR}, "session", "This session's cap is $1.00"),
    ],
)
async def test_a_refusal_names_the_cap_and_what_to_do(
    session: AsyncSession, workspace: UUID, chosen: dict[str, Decimal], place: str, text: str
) -> None:
    key = await a_key(session, workspace)
    await no_caps(session, **chosen)

    with pytest.raises(Refusal) as refused:
        await reserved(session, a_call(key, session_id=new_id()), "1.2")

    assert (refused.value.code, refused.value.status, refused.value.place) == ("budget_reached", 402, place)
    assert text in refused.value.text
    assert any(verb in refused.value.text for verb in ("Raise", "Start"))


async def test_a_keys_monthly_budget_is_a_cap(session: AsyncSession, workspace: UUID) -> None:
    key = await a_key(session, workspace, name="Lab", budget=Decimal("0.5"))
    await reserved(session, a_call(key), "0.3")

    with pytest.raises(Refusal, match=r"The monthly budget of the key Lab is \$0.50: .* \$0.30 is reserved"):
        await reserved(session, a_call(key), "0.3")


async def test_a_refused_call_reserves_nothing_anywhere(session: AsyncSession, workspace: UUID) -> None:
    key, mine = await a_key(session, workspace), new_id()
    await no_caps(session, per_month=Decimal("0.1"))
    call = a_call(key, session_id=mine)

    with pytest.raises(Refusal):
        await reserved(session, call, "0.2")

    scopes = [session_scope(mine), day_scope(NOW), month_scope(NOW), key_scope(key, NOW)]
    assert set((await spend.standings(session, scopes)).values()) == {NOTHING}
    assert (await session.execute(select(CallRow).where(CallRow.id == call.call_id))).scalar_one_or_none() is None


async def test_the_default_caps_hold_when_nobody_chose(session: AsyncSession, workspace: UUID) -> None:
    key, mine = await a_key(session, workspace), new_id()
    await reserved(session, a_call(key, session_id=mine), "1")
    await reserved(session, a_call(key, session_id=mine), "1")

    with pytest.raises(Refusal, match=r"This session's cap is \$2.00"):
        await reserved(session, a_call(key, session_id=mine), "0.000001")


async def test_a_sessions_own_cap_replaces_the_default_but_not_the_workspaces(
    session: AsyncSession, workspace: UUID
) -> None:
    key = await a_key(session, workspace)
    wide, tight = new_id(), new_id()
    for _ in range(3):
        await reserved(session, a_call(key, session_id=wide), "1", cap=Decimal(3))
    with pytest.raises(Refusal, match=r"cap is \$0.00"):
        await reserved(session, a_call(key, session_id=tight), "0.01", cap=Decimal(0))
    await no_caps(session, per_session=DOLLAR)

    with pytest.raises(Refusal, match=r"This session's cap is \$1.00: \$0.00 is spent, \$3.00 is reserved"):
        await reserved(session, a_call(key, session_id=wide), "1", cap=Decimal(9))


async def test_a_cap_of_null_is_no_cap(session: AsyncSession, workspace: UUID) -> None:
    key = await a_key(session, workspace)
    await no_caps(session)

    await reserved(session, a_call(key, session_id=new_id()), "5000")


async def test_what_reaches_the_cap_exactly_is_allowed(session: AsyncSession, workspace: UUID) -> None:
    key = await a_key(session, workspace)
    await no_caps(session, per_day=DOLLAR)
    await reserved(session, a_call(key), "0.9999999999999999999")
    await reserved(session, a_call(key), "0.0000000000000000001")

    with pytest.raises(Refusal):
        await reserved(session, a_call(key), "0.0000000000000000001")


async def test_a_call_that_ends_after_midnight_belongs_to_the_day_it_began(
    session: AsyncSession, workspace: UUID
) -> None:
    key = await a_key(session, workspace)
    before, after = datetime.fromisoformat("2026-11-30T23:59:59Z"), datetime.fromisoformat("2026-12-01T00:00:20Z")
    call = await reserved(session, a_call(key), "0.5", now=before)
    cost = await settled(session, call, Usage(input=1_000), now=after)

    scopes = ["day:2026-11-30", "month:2026-11", "day:2026-12-01", "month:2026-12"]
    assert [row.spent for row in (await spend.standings(session, scopes)).values()] == [cost, cost, 0, 0]


async def test_another_workspace_has_caps_and_budgets_of_its_own(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        await no_caps(session)
        await reserved(session, a_call(await a_key(session, workspace)), "90")
    async with database.session(new_id()) as session:
        assert await capping.caps(session) == capping.DEFAULT_CAPS
        assert (await spend.standings(session, [day_scope(NOW)]))[day_scope(NOW)] == NOTHING


# --- many at once -----------------------------------------------------------------------------------------------------


async def one_call(database: Database, workspace: UUID, booking: Booking, seed: int) -> str:
    """Reserve, call and settle as a worker does, each in its own transaction; now and then it is killed or released."""
    chance = random.Random(seed)
    usage = Usage(input=chance.randrange(20_000), output=chance.randrange(8_000))
    amount = ceiling(TWO_TEN, input_tokens=20_000, max_tokens=8_000)
    try:
        async with database.session(workspace) as session:
            await spend.reserve(session, booking, price=TWO_TEN, amount=amount, session_cap=None, now=NOW)
    except Refusal:
        return "refused"
    fate = chance.random()
    async with database.session(workspace) as session:
        if fate < 0.05:
            await spend.release(session, booking.call_id, latency_ms=1, failure="refused", now=NOW)
            return "released"
        if fate < 0.1:
            return "killed"
        await settled(session, booking.call_id, None if fate < 0.2 else usage)
    return "settled"


@pytest.mark.slow
async def test_fifty_calls_at_once_never_pass_a_dollar(database: Database) -> None:
    for trial in range(TRIALS):
        workspace, mine = new_id(), new_id()
        async with database.session(workspace) as session:
            keys = [await a_key(session, workspace, name=name) for name in ("one", "two")]
            await no_caps(session, per_day=DOLLAR)
        bookings = [a_call(keys[number % 2], session_id=mine) for number in range(CALLERS)]
        runs = [one_call(database, workspace, call, 1_000 * trial + n) for n, call in enumerate(bookings)]
        fates = await asyncio.wait_for(asyncio.gather(*runs), timeout=60)
        async with database.session(workspace) as session:
            await spend.settle_lost(session, mine, None, now=NOW)
            day = (await spend.standings(session, [day_scope(NOW)]))[day_scope(NOW)]
            booked = await session.scalar(select(func.sum(CallRow.cost)))
        assert "settled" in fates
        assert day.spent <= DOLLAR
        assert (day.reserved, day.spent) == (0, booked)


async def test_calls_over_midnight_of_several_sessions_do_not_deadlock(database: Database, workspace: UUID) -> None:
    async with database.session(workspace) as session:
        key = await a_key(session, workspace)
        await no_caps(session)
    sessions = [new_id() for _ in range(4)]

    async def work(number: int) -> None:
        mine, now = sessions[number % 4], NOW + timedelta(hours=12 * (number % 3))
        async with database.session(workspace) as session:
            call = await reserved(session, a_call(key, session_id=mine), "0.01", now=now)
        async with database.session(workspace) as session:
            if number % 5:
                await settled(session, call, Usage(input=10), now=now)
            else:
                await spend.settle_lost(session, mine, None, now=now)

    await asyncio.wait_for(asyncio.gather(*(work(number) for number in range(120))), timeout=60)
    async with database.session(workspace) as session:
        for mine in sessions:
            await spend.settle_lost(session, mine, None, now=NOW)
        scopes = [session_scope(mine) for mine in sessions]
        assert all(row.reserved == 0 for row in (await spend.standings(session, scopes)).values())
