"""What was spent is the same from every side: by day, model, key and session, in the budgets and in the books."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.bills import ModelBill, post_model_bill
from omc.books.service import summary
from omc.books.tables import LegRow
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.vault import caps as capping
from omc.vault import spend
from omc.vault import usage as using
from omc.vault.caps import Caps, key_scope, session_scope
from omc.vault.prices import Usage
from omc.vault.spend import Booking
from omc.vault.usage import Cut, Used
from tests.vault.money import NOW, TWO_TEN, a_call, a_key

SINCE, UNTIL = NOW - timedelta(days=5), NOW + timedelta(days=1)
LONG_AGO = NOW - timedelta(days=40)


@pytest.fixture
async def session(database: Database, workspace: UUID) -> AsyncIterator[AsyncSession]:
    async with database.session(workspace) as session:
        none = Caps(per_call=None, per_session=None, per_day=None, per_month=None)
        await capping.set_caps(session, none, person_id=new_id(), now=NOW)
        yield session


async def made(
    session: AsyncSession,
    booking: Booking,
    usage: Usage | None,
    *,
    days_ago: int = 0,
    failure: str | None = None,
    amount: str = "0.5",
) -> Decimal:
    """Make a call as the lab does: reserved, settled, and its bill posted."""
    at = NOW - timedelta(days=days_ago)
    await spend.reserve(session, booking, price=TWO_TEN, amount=Decimal(amount), session_cap=None, now=at)
    done = await spend.settle(
        session,
        booking.call_id,
        usage=usage,
        finish=None if failure else "stop",
        latency_ms=1_000,
        first_token_ms=None,
        failure=failure,
        now=at,
    )
    bill = ModelBill(
        call_id=booking.call_id,
        cost=done.cost,
        ts=at,
        session_id=booking.session_id,
        strategy=None,
        provider=booking.provider,
        model=booking.model,
    )
    await post_model_bill(session, bill, learned_ts=at)
    return done.cost


async def used(session: AsyncSession, cut: Cut) -> Used:
    return await using.usage(session, cut, since=SINCE, until=UNTIL)


async def a_week(session: AsyncSession, workspace: UUID) -> tuple[UUID, UUID, UUID]:
    work, play = await a_key(session, workspace), await a_key(session, workspace, name="Play")
    first = new_id()
    await made(session, a_call(work, session_id=first), Usage(input=1_000, cache_read=250, output=100))
    await made(session, a_call(work, session_id=first, step=1), None, failure="timeout")
    long, again = Usage(input=300_001, output=7), a_call(work, session_id=first, step=1, tried=2)
    await made(session, again, long, days_ago=1, amount="1.5")
    await made(session, a_call(play, session_id=new_id(), model="luna"), Usage(input=77, output=9), days_ago=3)
    await made(session, a_call(play), Usage(input=3, cache_write=3, output=1, reasoning=1))
    return work, play, first


@pytest.mark.parametrize("cut", Cut)
async def test_the_parts_of_every_cut_add_up_to_the_whole(session: AsyncSession, workspace: UUID, cut: Cut) -> None:
    await a_week(session, workspace)

    found = await used(session, cut)

    for figure in ("calls", "failed", "input", "cache_read", "output", "cost", "failed_cost", "retried_cost"):
        assert sum(getattr(part, figure) for part in found.parts) == getattr(found.total, figure)


async def test_every_cut_the_budgets_and_the_books_agree_to_the_last_digit(
    session: AsyncSession, workspace: UUID
) -> None:
    work, play, first = await a_week(session, workspace)

    totals = {(await used(session, cut)).total.cost for cut in Cut}
    by_session = {part.key: part.cost for part in (await used(session, Cut.SESSION)).parts}
    standing = await spend.standings(session, [session_scope(first), key_scope(work, NOW), key_scope(play, NOW)])
    month = (await using.now_standing(session, now=NOW)).month
    posted = await session.scalar(select(func.sum(LegRow.amount)).where(LegRow.kind == "expense"))
    books = await summary(session, currency="USD")

    assert totals == {posted} == {month.spent} == {books.figures.model_costs}
    each = ("0.002525", "0.5", "1.200109", "0.000244", "0.0000175")
    assert posted == sum(Decimal(cost) for cost in each)
    assert standing[key_scope(work, NOW)].spent + standing[key_scope(play, NOW)].spent == posted
    assert standing[session_scope(first)].spent == by_session[str(first)]
    assert {key: sum(costs) for key, costs in books.model_costs_by_session.items() if key} == {
        key: cost for key, cost in by_session.items() if key
    }


async def test_what_failed_and_what_was_repeated_is_told_apart(session: AsyncSession, workspace: UUID) -> None:
    await a_week(session, workspace)

    total = (await used(session, Cut.DAY)).total

    assert (total.calls, total.failed) == (5, 1)
    assert (total.failed_cost, total.retried_cost) == (Decimal("0.5"), Decimal("1.200109"))


async def test_what_a_provider_claims_beyond_the_reservation_is_shown_beside_the_cost(
    session: AsyncSession, workspace: UUID
) -> None:
    key = await a_key(session, workspace)
    await made(session, a_call(key), Usage(input=1_000, output=10**9))
    await made(session, a_call(key), Usage(input=1_000, output=100))

    total = (await used(session, Cut.DAY)).total

    assert (total.cost, total.claimed_above) == (Decimal("0.503"), Decimal("9999.502"))


async def test_a_part_is_labelled_for_a_person(session: AsyncSession, workspace: UUID) -> None:
    work, play, _ = await a_week(session, workspace)

    keys = {part.key: part.label for part in (await used(session, Cut.CREDENTIAL)).parts}
    days = [part.key for part in (await used(session, Cut.DAY)).parts]
    models = [part.label for part in (await used(session, Cut.MODEL)).parts]

    assert keys == {str(work): "Work", str(play): "Play"}
    assert days == ["2026-11-19", "2026-11-21", "2026-11-22"]
    assert models == ["sol", "luna"]


async def test_the_cached_share_is_of_the_input(session: AsyncSession, workspace: UUID) -> None:
    key = await a_key(session, workspace)
    await made(session, a_call(key), Usage(input=1_000, cache_read=250))

    assert (await used(session, Cut.DAY)).total.cached_share == 0.25


async def test_a_time_without_calls_is_zero(session: AsyncSession) -> None:
    found = await using.usage(session, Cut.DAY, since=LONG_AGO, until=LONG_AGO + timedelta(days=1))

    assert not found.parts
    assert (found.total.calls, found.total.cost, found.total.cached_share) == (0, 0, None)


async def test_a_call_under_way_is_in_no_cut_but_reserved(session: AsyncSession, workspace: UUID) -> None:
    call = a_call(await a_key(session, workspace))
    await spend.reserve(session, call, price=TWO_TEN, amount=Decimal("0.5"), session_cap=None, now=NOW)

    assert (await used(session, Cut.DAY)).total.calls == 0
    assert (await using.now_standing(session, now=NOW)).today.reserved == Decimal("0.5")


async def test_calls_are_listed_newest_first_in_pages_that_meet(session: AsyncSession, workspace: UUID) -> None:
    key, mine = await a_key(session, workspace), new_id()
    for number in range(7):
        await made(session, a_call(key, session_id=mine), Usage(input=number), days_ago=number // 3)
    await made(session, a_call(key), Usage(input=99))

    seen, after = [], None
    while page := await using.calls(session, session_id=mine, after=after, limit=2):
        seen += [row.tokens_input for row in page]
        after = page[-1].id

    assert seen == [2, 1, 0, 5, 4, 3, 6]
