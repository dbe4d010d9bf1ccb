"""Routes of money: models side by side, prices of one's own, caps, usage, and every call with what it cost."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from omc.identity.api import Admin, Reader, Tx
from omc.kit.errors import Refusal
from omc.kit.http import Wired
from omc.vault import caps as capping
from omc.vault import tariff, usage
from omc.vault.advice import recommend
from omc.vault.comparing import COUNTED_DAYS, Reached, ToolRecord, compare
from omc.vault.money_answers import (
    MAX_MODEL,
    Calls,
    CapsAnswer,
    CapsWish,
    Models,
    PriceAnswer,
    PriceWish,
    UsageAnswer,
    call_answer,
    caps_answer,
    caps_of,
    model_answer,
    override_of,
    part_answer,
    price_answer,
    recommendation_answer,
    standing_answer,
)
from omc.vault.prices import DATA_DATE
from omc.vault.usage import Cut

USUAL_DAYS = 30
MAX_DAYS = 3_660

ToolRecords = Callable[[AsyncSession, datetime], Awaitable[Mapping[Reached, ToolRecord]]]
"""Who ran the tools says how each model's calls of them went since then; the door that knows both hands it in."""

router = APIRouter(prefix="/vault", tags=["vault"])


@router.get("/models")
async def list_models(_caller: Reader, session: Tx, wired: Wired, request: Request) -> Models:
    """Compare every model that the keys reach: prices, abilities, and how it did on the workspace's own calls."""
    records: ToolRecords = request.app.state.tool_records
    now = wired.clock()
    known = await records(session, now - timedelta(days=COUNTED_DAYS))
    comparison = await compare(session, known, now=now)
    return Models(
        items=[model_answer(row) for row in comparison.rows],
        recommendations=[recommendation_answer(row) for row in recommend(comparison)],
        prices_date=DATA_DATE,
    )


@router.put("/prices")
async def set_price(body: PriceWish, caller: Admin, session: Tx, wired: Wired) -> PriceAnswer:
    """Enter a model's price at one key; it wins over every list, from the next call on."""
    now = wired.clock()
    wished = override_of(body, now.date())
    await tariff.set_price(session, body.credential_id, body.model, wished, person_id=caller.person_id, now=now)
    return price_answer((await tariff.quoted(session, body.credential_id, body.model, now=now)).price)


@router.delete("/prices", status_code=204)
async def drop_price(
    caller: Admin,
    session: Tx,
    credential_id: UUID,
    model: Annotated[str, Query(min_length=1, max_length=MAX_MODEL, pattern="^[!-~]+$")],
) -> None:
    """Take a price of one's own back: the list's holds again, or none."""
    if not await tariff.drop_price(session, credential_id, model, person_id=caller.person_id):
        raise Refusal("no_such_price", 404, f"There is no price of your own for {model} at this key.")


@router.get("/caps")
async def read_caps(_caller: Reader, session: Tx) -> CapsAnswer:
    """Return the caps that hold."""
    return caps_answer(await capping.caps(session))


@router.put("/caps")
async def set_caps(body: CapsWish, caller: Admin, session: Tx, wired: Wired) -> CapsAnswer:
    """Choose all four caps; they hold from the next call on."""
    await capping.set_caps(session, caps_of(body), person_id=caller.person_id, now=wired.clock())
    return caps_answer(await capping.caps(session))


@router.get("/usage")
async def read_usage(
    _caller: Reader,
    session: Tx,
    wired: Wired,
    since: Annotated[date | None, Query(alias="from", description="First UTC day; 30 days back unless said")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last UTC day, today unless said")] = None,
    by: Cut = Cut.DAY,
) -> UsageAnswer:
    """Return what calls used and cost, by day, model, key or session."""
    now = wired.clock()
    first, behind = _span(since, until, now.astimezone(UTC).date())
    used = await usage.usage(session, by, since=first, until=behind)
    standing = await usage.now_standing(session, now=now)
    return UsageAnswer(
        items=[part_answer(part) for part in used.parts],
        total=part_answer(used.total),
        today=standing_answer(standing.today),
        month=standing_answer(standing.month),
        caps=caps_answer(standing.caps),
    )


@router.get("/calls")
async def list_calls(
    _caller: Reader,
    session: Tx,
    session_id: UUID | None = None,
    cursor: Annotated[UUID | None, Query(description="The call behind which the page begins")] = None,
    limit: Annotated[int, Query(ge=1, le=usage.MAX_PAGE)] = 100,
) -> Calls:
    """List calls of models, the newest first, each with its tokens, its price and what it cost."""
    rows = await usage.calls(session, session_id=session_id, after=cursor, limit=limit)
    return Calls(items=[call_answer(row) for row in rows], next=rows[-1].id if len(rows) == limit else None)


def _span(since: date | None, until: date | None, today: date) -> tuple[datetime, datetime]:
    last = until or today
    first = since or max(date.min + timedelta(days=USUAL_DAYS), last) - timedelta(days=USUAL_DAYS)
    if first > last:
        raise Refusal("span_empty", 422, "The first day is behind the last one; exchange them.", place="query/from")
    if last - first > timedelta(days=MAX_DAYS):
        raise Refusal("span_too_long", 422, f"Ask for at most {MAX_DAYS} days at once.", place="query/from")
    behind = last + timedelta(days=1) if last < date.max else last
    return datetime.combine(first, time(), UTC), datetime.combine(behind, time(), UTC)
