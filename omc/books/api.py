"""Routes of the books: the figures, their curve, and what stands behind each of them. Money is text, exact."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, JsonValue

from omc.books import service
from omc.books.bills import CURRENCY as BILLED_IN
from omc.books.figures import Figure, Line, Mark, Point, Summary
from omc.books.rules import Suspended, total
from omc.books.service import Picture
from omc.books.tables import FactRow
from omc.core.lot import Match
from omc.core.money import text as plain
from omc.identity.api import Reader, Tx
from omc.kit.http import Wired

MAX_NAME = 80
MAX_POINTS = 2_000
MAX_LINES = 500
MAX_SUSPENSE = 100
MAX_SESSIONS = 100

router = APIRouter(prefix="/books", tags=["books"])


class View(BaseModel):
    """Which part of the books is asked for; everything in its currency unless narrowed."""

    strategy: str | None = Field(default=None, max_length=MAX_NAME, examples=["Moving-average cross"])
    asset: str | None = Field(default=None, max_length=MAX_NAME, examples=["BTC"])
    currency: str | None = Field(default=None, max_length=MAX_NAME, examples=["USDT"])


Asked = Annotated[View, Query()]


class MarkAnswer(BaseModel):
    """The oldest price that the unrealized figure uses: what held when, learned when, from where, how long ago."""

    ts: datetime
    learned_ts: datetime
    source: str
    age_s: int = Field(description="Seconds since we learned the price")
    price: str | None = Field(description="The price itself, where the figure is of one asset")


class Figures(BaseModel):
    """One set of figures. `net` is realized plus unrealized; fees are inside both and shown beside."""

    realized: str
    unrealized: str | None = Field(description="null: coins are held that have no price; never zero instead")
    fees: str
    net: str | None
    model_costs: str = Field(description="What models cost, always in US dollars; of a strategy or a session")
    net_after_models: str | None = Field(
        description="net minus model_costs; null when the currency is not the dollar, as there is no price between them"
    )
    unvalued: list[str] = Field(description="Assets held without a price; they are in no unrealized figure")
    mark: MarkAnswer | None


class StrategyFigures(Figures):
    """The figures of one strategy."""

    strategy: str


class AssetFigures(Figures):
    """The figures of one asset, and what is held of it."""

    asset: str
    quantity: str
    cost: str


class SuspendedAnswer(BaseModel):
    """A fact that no figure contains yet, and why."""

    fact_id: UUID
    ts: datetime
    code: str
    text: str
    asset: str
    missing: str


class SessionCost(BaseModel):
    """What the model calls of one research session cost, in US dollars; null is calls outside any session."""

    session_id: UUID | None
    cost: str
    calls: int


class SummaryAnswer(Figures):
    """The figures in one currency, by strategy and by asset; the parts add up to the whole exactly."""

    currency: str
    currencies: list[str]
    by_strategy: list[StrategyFigures]
    by_asset: list[AssetFigures]
    models_currency: str
    models_by_session: list[SessionCost] = Field(description="The 100 dearest sessions")
    suspense: list[SuspendedAnswer]
    suspended: int


class CurveAnswer(BaseModel):
    """The figures after each fill and mark, as columns; thinned to at most 2,000 points, the last one kept."""

    currency: str
    ts: list[datetime]
    realized: list[str]
    unrealized: list[str | None]
    net: list[str | None]
    points: int = Field(description="How many points there are before thinning")


class LotAnswer(BaseModel):
    """A part of a lot; the lot is named by the fact that made it."""

    lot: str
    quantity: str
    cost: str


class LineAnswer(BaseModel):
    """One term of a figure, down to the fact and the lots behind it."""

    fact_id: UUID
    ts: datetime
    what: str
    quantity: str
    price: str | None
    amount: str
    lots: list[LotAnswer]
    call_id: UUID | None = Field(description="The model's call that this line pays, listed by `GET /vault/calls`")


class ExplainAnswer(BaseModel):
    """The lines whose amounts add up to `total` exactly; `next` continues where a page ends."""

    figure: Figure
    total: str
    currency: str
    lines: list[LineAnswer]
    next: int | None


class FactAnswer(BaseModel):
    """A fact as it was posted."""

    id: UUID
    arrival: int
    kind: str
    account: str
    strategy: str
    venue: str
    client_id: str
    happened_ts: datetime
    learned_ts: datetime
    content: dict[str, JsonValue]
    digest: str


class Facts(BaseModel):
    """A page of facts in the order in which they arrived."""

    items: list[FactAnswer]
    next: int | None


@router.get("/summary")
async def summary(_caller: Reader, session: Tx, asked: Asked, wired: Wired) -> SummaryAnswer:
    """Return realized and unrealized profit, by strategy and by asset."""
    picture = await service.summary(session, strategy=asked.strategy, asset=asked.asset, currency=asked.currency)
    now = wired.clock()
    parts = {
        "currency": picture.scope.currency,
        "currencies": list(picture.currencies),
        "by_strategy": [
            {"strategy": name, **_figures(part, now, one_asset=False)} for name, part in picture.by_strategy.items()
        ],
        "by_asset": _by_asset(picture, now),
        "models_currency": BILLED_IN,
        "models_by_session": _by_session(picture),
        "suspense": [_suspended(held) for held in picture.suspense[:MAX_SUSPENSE]],
        "suspended": len(picture.suspense),
    }
    return SummaryAnswer.model_validate({**parts, **_figures(picture.figures, now, one_asset=False)})


@router.get("/curve")
async def curve(_caller: Reader, session: Tx, asked: Asked) -> CurveAnswer:
    """Return how the figures grew."""
    scope, points = await service.history(session, strategy=asked.strategy, asset=asked.asset, currency=asked.currency)
    shown = _thinned(points)
    return CurveAnswer(
        currency=scope.currency,
        ts=[point.ts for point in shown],
        realized=[plain(point.realized) for point in shown],
        unrealized=[_text(point.unrealized) for point in shown],
        net=[_text(point.net) for point in shown],
        points=len(points),
    )


@router.get("/explain")
async def explain(
    _caller: Reader,
    session: Tx,
    asked: Asked,
    figure: Figure,
    cursor: Annotated[int, Query(ge=0, le=10**9, description="The line to begin with")] = 0,
) -> ExplainAnswer:
    """Return the lines that a figure is the sum of, down to fills and lots."""
    scope, lines = await service.explanation(
        session, figure, strategy=asked.strategy, asset=asked.asset, currency=asked.currency
    )
    end = cursor + MAX_LINES
    return ExplainAnswer(
        figure=figure,
        total=plain(total(line.amount for line in lines)),
        currency=scope.currency,
        lines=[_line(line) for line in lines[cursor:end]],
        next=end if end < len(lines) else None,
    )


@router.get("/facts")
async def facts(
    _caller: Reader,
    session: Tx,
    cursor: Annotated[int, Query(ge=0, lt=2**63, description="The arrival number after which the page begins")] = 0,
    limit: Annotated[int, Query(ge=1, le=service.MAX_PAGE)] = 100,
) -> Facts:
    """Return the facts as they were posted, in order of arrival."""
    rows = await service.facts(session, after=cursor, limit=limit)
    return Facts(items=[_fact(row) for row in rows], next=rows[-1].arrival if len(rows) == limit else None)


def _figures(figures: Summary, now: datetime, *, one_asset: bool) -> dict[str, object]:
    return {
        "realized": plain(figures.realized),
        "unrealized": _text(figures.unrealized),
        "fees": plain(figures.fees),
        "net": _text(figures.net),
        "model_costs": plain(figures.model_costs),
        "net_after_models": _text(figures.net_after_models),
        "unvalued": list(figures.unvalued),
        "mark": _mark(figures.marks, now, one_asset=one_asset),
    }


def _mark(marks: Sequence[Mark], now: datetime, *, one_asset: bool) -> MarkAnswer | None:
    if not marks:
        return None
    oldest = min(marks, key=lambda mark: (mark.learned_ts, mark.ts))
    return MarkAnswer(
        ts=oldest.ts,
        learned_ts=oldest.learned_ts,
        source=oldest.source,
        age_s=max(0, int((now - oldest.learned_ts).total_seconds())),
        price=plain(oldest.price) if one_asset else None,
    )


def _by_asset(picture: Picture, now: datetime) -> list[dict[str, object]]:
    return [
        {
            "asset": name,
            "quantity": plain(picture.held[name][0]),
            "cost": plain(picture.held[name][1]),
            **_figures(part, now, one_asset=True),
        }
        for name, part in picture.by_asset.items()
    ]


def _by_session(picture: Picture) -> list[SessionCost]:
    costs = [
        SessionCost(
            session_id=None if session is None else UUID(session), cost=plain(total(amounts)), calls=len(amounts)
        )
        for session, amounts in picture.model_costs_by_session.items()
    ]
    return sorted(costs, key=lambda row: Decimal(row.cost), reverse=True)[:MAX_SESSIONS]


def _suspended(held: Suspended) -> SuspendedAnswer:
    return SuspendedAnswer(
        fact_id=UUID(held.entry.id),
        ts=held.entry.ts,
        code=held.reason.code,
        text=held.reason.text,
        asset=held.place.asset,
        missing=plain(held.missing),
    )


def _thinned(points: Sequence[Point]) -> list[Point]:
    step = max(1, -(-len(points) // MAX_POINTS))
    return [*points[:-1:step], *points[-1:]]


def _line(line: Line) -> LineAnswer:
    return LineAnswer(
        fact_id=UUID(line.fact_id),
        ts=line.ts,
        what=line.what,
        quantity=plain(line.quantity),
        price=_text(line.price),
        amount=plain(line.amount),
        lots=[_lot(match) for match in line.lots],
        call_id=None if line.call is None else UUID(line.call),
    )


def _lot(match: Match) -> LotAnswer:
    return LotAnswer(lot=match.lot, quantity=plain(match.quantity), cost=plain(match.cost))


def _fact(row: FactRow) -> FactAnswer:
    return FactAnswer.model_validate(row, from_attributes=True)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
