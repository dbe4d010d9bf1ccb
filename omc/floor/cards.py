"""The card: exactly what a person approves when a version is put to work, and the digest that binds him to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import digest, instant_text
from omc.core.ids import SeriesId, VersionId
from omc.core.market import Span, Timeframe
from omc.core.money import text as plain
from omc.core.reason import Reason
from omc.engine.assumptions import effective
from omc.engine.data import bars_needed
from omc.engine.document import StrategyDocument
from omc.engine.document import plain as plain_document
from omc.engine.inputs import resolved
from omc.engine.records import Request, Version
from omc.engine.service import fits, get_version
from omc.engine.terms import rates_of
from omc.engine.tradable import check_tradable, first_fraction
from omc.floor import rules
from omc.floor.rules import Feed, Limits
from omc.kit.errors import Refusal
from omc.ledgers import seals
from omc.ledgers.columns import BarColumns
from omc.ledgers.frames import bars
from omc.ledgers.rules import Series
from omc.ledgers.service import get_series

VENUE = "paper"
FILLS = (
    "Paper money. The strategy decides at a bar's close; its orders, stops and targets fill from the next bar on as in "
    "its backtest, by the rules and at the costs of the strategy document, in steps of 0.00000001 coins. What is "
    "ordered at the market fills at the next open, moved against us by the slippage, and pays the fee."
)

RULES = ("order", "latency", "sizing", "stops", "limits", "liquidity", "funding")
"""What a person reads in words of how a document trades, beside the document itself."""

PERPETUAL = " The series is of a perpetual: it is traded like coins, without leverage, and pays the funding that the"
PERPETUAL += " document says; where it says none, no funding is paid."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants to put to work."""

    version_id: VersionId
    series_id: SeriesId
    feed: Feed
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is approved, as plain JSON, with what the floor needs to start it."""

    content: Mapping[str, object]
    version: Version
    series: Series
    history_ts: datetime
    start_ts: datetime
    end_ts: datetime | None
    speed: int

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical content: the person sends it back with the approval."""
        return digest(self.content)


async def make_card(session: AsyncSession, wish: Wish) -> Card:
    """Return the card of a wish; Refusal where version, series and limits cannot work together."""
    version = await get_version(session, wish.version_id)
    series = await get_series(session, wish.series_id)
    _refuse(rules.check_limits(wish.limits))
    check_tradable(version.document)
    fraction = first_fraction(version.document, wish.limits.capital)
    _refuse(None if fraction is None else rules.check_sizing(wish.limits, fraction))
    fits(Request(document=version.document, series=series, span=None, version_id=version.id, by=""))
    needed = await bars_needed(session, version.document)
    if series.bars < needed + 2:
        text = f"the strategy needs {needed} bars before its first decision, and the series has {series.bars}"
        raise Refusal("not_enough_history", 422, text, place="/series_id")
    columns = await _window(session, series, needed, wish.feed)
    await _check_inputs(session, version.document, columns, wish.feed, symbol=series.symbol, needed=needed)
    return _card(wish, version, series, columns)


async def _check_inputs(
    session: AsyncSession, document: StrategyDocument, columns: BarColumns, feed: Feed, *, symbol: str, needed: int
) -> None:
    """Refuse what is to be read beside the bars and is not there: at the last one, and every funding rate of a replay.

    Who follows reads what is sealed, and waits for the rates that are to come; without that of the last bar it would
    only wait.
    """
    follows, last = feed is Feed.FOLLOW, len(columns) - 1
    first = last if follows or document.costs.funding is None else max(needed, _first(columns))
    begin = max(0, first - needed)
    found = await resolved(session, document, columns.slice(begin, len(columns)), symbol=symbol, sealed=follows)
    rates_of(document, found, first - begin)


def _refuse(reason: Reason | None) -> None:
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)


async def _window(session: AsyncSession, series: Series, needed: int, feed: Feed) -> BarColumns:
    """The bars to begin with. A replay ends before what is sealed, and needs bars enough before that."""
    assert series.end is not None, "a series with bars ends"
    length = timedelta(seconds=Timeframe.parse(series.timeframe).seconds)
    reach = length * (rules.MAX_REPLAY_BARS + rules.history_bars(needed))
    if feed is Feed.FOLLOW:
        return await bars(session, series.id, Span(series.end - reach, series.end), sealed=True)
    seen = await seals.view(session, series.id, start=None, end=None)
    end = min(seen.until or series.end, series.end)
    columns = await bars(session, series.id, Span(end - reach, end))
    if len(columns) < needed + 2:
        said = "; ".join(["too few bars are left to replay", *seen.said.values()])
        raise Refusal("not_enough_history", 422, said, place="/series_id")
    return columns


def _card(wish: Wish, version: Version, series: Series, columns: BarColumns) -> Card:
    document = version.document
    first = _first(columns) if wish.feed is Feed.REPLAY else len(columns)
    history = instant_of(columns, 0)
    assert series.end is not None
    start, end, speed = series.end, None, 0
    if wish.feed is Feed.REPLAY:
        end = min(series.end, instant(int(columns.ts[-1]) + columns.timeframe_ms))
        start, speed = instant_of(columns, first), rules.replay_speed(len(columns) - first)
    content: dict[str, object] = {
        "version": {
            "id": str(version.id),
            "name": version.name,
            "number": version.number,
            "hash": version.hash,
            "document": plain_document(document),
        },
        "series": {
            "id": str(series.id),
            "label": series.label,
            "venue": series.venue,
            "symbol": series.symbol,
            "timeframe": series.timeframe,
            "origin": series.origin.value,
        },
        "venue": VENUE,
        "feed": wish.feed.value,
        "data": _data(wish.feed, columns, first, start, end),
        "bars_per_second": speed or None,
        "limits": limits_content(wish.limits),
        "costs": document.costs.model_dump(mode="json", exclude_defaults=True),
        "rules": {name: said for name, said in effective(document).items() if name in RULES},
        "fills": FILLS + (PERPETUAL if ":" in series.symbol else ""),
    }
    return Card(
        content=content,
        version=version,
        series=series,
        history_ts=history,
        start_ts=start,
        end_ts=end,
        speed=speed,
    )


def _first(columns: BarColumns) -> int:
    """The first bar of a replay: those before it only warm up."""
    return max(0, len(columns) - rules.MAX_REPLAY_BARS)


def limits_content(limits: Limits) -> dict[str, object]:
    """Return limits as plain JSON."""
    return {
        "capital": plain(limits.capital),
        "max_position_fraction": plain(limits.max_position_fraction),
        "max_orders_per_day": limits.max_orders_per_day,
        "max_daily_loss": plain(limits.max_daily_loss),
    }


def instant_of(columns: BarColumns, row: int) -> datetime:
    """Return the opening instant of a row's bar."""
    return instant(int(columns.ts[row]))


def instant(milliseconds: int) -> datetime:
    """Return UTC milliseconds as an instant."""
    return datetime.fromtimestamp(milliseconds / 1_000, UTC)


def _data(feed: Feed, columns: BarColumns, first: int, start: datetime, end: datetime | None) -> dict[str, object]:
    """Following begins at the next bar, whichever that is: its card must not change while a person reads it."""
    if feed is Feed.FOLLOW:
        return {"start": None, "end": None, "bars": None}
    ended = None if end is None else instant_text(end)
    return {"start": instant_text(start), "end": ended, "bars": len(columns) - first}
