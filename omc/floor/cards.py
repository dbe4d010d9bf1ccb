"""The card: exactly what a person approves when a version is put to work, and the digest that binds him to it."""

from collections.abc import Mapping, Sequence
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
from omc.engine.market import Market, market_of
from omc.engine.records import Request, Version
from omc.engine.service import fits, get_version
from omc.engine.sharing import UNLISTED, sharing_of
from omc.engine.terms import rates_of
from omc.engine.tradable import check_tradable, first_fraction
from omc.engine.universe import ordered
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
    """What a person wants to put to work; with `others` on several symbols that share the account."""

    version_id: VersionId
    series_id: SeriesId
    feed: Feed
    limits: Limits
    others: Sequence[SeriesId] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is approved, as plain JSON, with what the floor needs to start it; `every` is in the universe's order."""

    content: Mapping[str, object]
    version: Version
    every: Sequence[Series]
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
    document, named = version.document, [wish.series_id, *wish.others]
    every = ordered(document, [await get_series(session, one) for one in named])
    _refuse(rules.check_limits(wish.limits))
    check_tradable(document)
    fraction = first_fraction(document, wish.limits.capital)
    _refuse(None if fraction is None else rules.check_sizing(wish.limits, fraction))
    first, *others = every
    fits(Request(document=document, series=first, others=others, span=None, version_id=version.id, by=""))
    _check_whole(document, every)
    needed = await bars_needed(session, document)
    for series in every:
        if series.bars < needed + 2:
            text = f"the strategy needs {needed} bars before its first decision, and the series has {series.bars}"
            raise Refusal("not_enough_history", 422, _of(series, every, text), place=_place(every))
    market = await _window(session, document, every, needed, wish.feed)
    row = _first(market)
    for symbol, columns in market.bars.items():
        at = market.bar(symbol, row)
        await _check_inputs(session, document, columns, wish.feed, symbol=symbol, needed=needed, first=at)
    return _card(wish, version, every, market)


def _check_whole(document: StrategyDocument, every: Sequence[Series]) -> None:
    """Refuse an account on which symbols of the universe are missing: it would share the cash otherwise than tested."""
    missing = [symbol for symbol in document.universe if symbol not in {one.symbol for one in every}]
    if missing:
        text = (
            f"the strategy shares one account between {', '.join(document.universe)}: name a series for each in"
            f" series_ids; {', '.join(missing)} has none, or save a version without it"
        )
        raise Refusal("series_missing", 422, text, place="/series_ids")


def _place(every: Sequence[Series]) -> str:
    return "/series_ids" if len(every) > 1 else "/series_id"


def _of(series: Series, every: Sequence[Series], text: str) -> str:
    return f"{series.symbol}: {text}" if len(every) > 1 else text


async def _check_inputs(
    session: AsyncSession,
    document: StrategyDocument,
    columns: BarColumns,
    feed: Feed,
    *,
    symbol: str,
    needed: int,
    first: int,
) -> None:
    """Refuse what is to be read beside the bars and is not there: at the last one, and every funding rate of a replay.

    Who follows reads what is sealed, and waits for the rates that are to come; without that of the last bar it would
    only wait.
    """
    follows, last = feed is Feed.FOLLOW, len(columns) - 1
    first = last if follows or document.costs.funding is None else max(needed, first)
    begin = max(0, first - needed)
    found = await resolved(session, document, columns.slice(begin, len(columns)), symbol=symbol, sealed=follows)
    rates_of(document, found, first - begin)


def _refuse(reason: Reason | None) -> None:
    if reason is not None:
        raise Refusal(reason.code, 422, reason.text, place=reason.place)


async def _window(
    session: AsyncSession, document: StrategyDocument, every: Sequence[Series], needed: int, feed: Feed
) -> Market:
    """The bars to begin with. A replay ends before what is sealed of any symbol, and needs bars enough before that."""
    length = timedelta(seconds=Timeframe.parse(document.timeframe).seconds)
    reach = length * (rules.MAX_REPLAY_BARS + rules.history_bars(needed))
    end, said = _end(every), list[str]()
    if feed is Feed.REPLAY:
        views = [await seals.view(session, one.id, start=None, end=None) for one in every]
        end = min([end, *(seen.until for seen in views if seen.until is not None)])
        said = [word for seen in views for word in seen.said.values()]
    found = {
        one.symbol: await bars(session, one.id, Span(end - reach, end), sealed=feed is Feed.FOLLOW) for one in every
    }
    for one in every:
        if len(found[one.symbol]) < needed + 2:
            text = "; ".join([f"too few bars are left to {feed.value}", *dict.fromkeys(said)])
            raise Refusal("not_enough_history", 422, _of(one, every, text), place=_place(every))
    return market_of(document, found)


def _end(every: Sequence[Series]) -> datetime:
    """Where the last of these series ends."""
    ends = [one.end for one in every if one.end is not None]
    assert ends, "a series with bars ends"
    return max(ends)


def _card(wish: Wish, version: Version, every: Sequence[Series], market: Market) -> Card:
    document, replay = version.document, wish.feed is Feed.REPLAY
    first = _first(market) if replay else len(market)
    start, end, speed = _end(every), None, 0
    if replay:
        end = min(start, instant(int(market.ts[-1]) + market.timeframe_ms))
        start, speed = instant(int(market.ts[first])), rules.replay_speed(len(market) - first)
    content: dict[str, object] = {
        "version": {
            "id": str(version.id),
            "name": version.name,
            "number": version.number,
            "hash": version.hash,
            "document": plain_document(document),
        },
        "series": _named(every[0]),
        **({"others": [_named(one) for one in every[1:]]} if len(every) > 1 else {}),
        "venue": VENUE,
        "feed": wish.feed.value,
        "data": _data(wish.feed, len(market) - first, start, end),
        "bars_per_second": speed or None,
        "limits": limits_content(wish.limits),
        "costs": document.costs.model_dump(mode="json", exclude_defaults=True),
        "rules": {name: said for name, said in effective(document).items() if name in RULES} | _together(document),
        "fills": FILLS + (PERPETUAL if any(":" in one.symbol for one in every) else ""),
    }
    return Card(
        content=content,
        version=version,
        every=every,
        history_ts=instant(int(market.ts[0])),
        start_ts=start,
        end_ts=end,
        speed=speed,
    )


def _named(series: Series) -> dict[str, object]:
    return {
        "id": str(series.id),
        "label": series.label,
        "venue": series.venue,
        "symbol": series.symbol,
        "timeframe": series.timeframe,
        "origin": series.origin.value,
    }


def _together(document: StrategyDocument) -> dict[str, str]:
    """How several symbols share the account, and what happens where one of them has no bar."""
    count = len(document.universe)
    return {"account": sharing_of(document, count), "unlisted": UNLISTED} if count > 1 else {}


def _first(market: Market) -> int:
    """The first row of a replay: those before it only warm up."""
    return max(0, len(market) - rules.MAX_REPLAY_BARS)


def limits_content(limits: Limits) -> dict[str, object]:
    """Return limits as plain JSON."""
    return {
        "capital": plain(limits.capital),
        "max_position_fraction": plain(limits.max_position_fraction),
        "max_orders_per_day": limits.max_orders_per_day,
        "max_daily_loss": plain(limits.max_daily_loss),
    }


def instant(milliseconds: int) -> datetime:
    """Return UTC milliseconds as an instant."""
    return datetime.fromtimestamp(milliseconds / 1_000, UTC)


def _data(feed: Feed, count: int, start: datetime, end: datetime | None) -> dict[str, object]:
    """Following begins at the next bar, whichever that is: its card must not change while a person reads it."""
    if feed is Feed.FOLLOW:
        return {"start": None, "end": None, "bars": None}
    ended = None if end is None else instant_text(end)
    return {"start": instant_text(start), "end": ended, "bars": count}
