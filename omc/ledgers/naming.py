"""What a file calls things: symbols, timeframes, columns, and what its own name gives away."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from omc.core.market import Timeframe, split_symbol
from omc.ledgers.rules import timeframe_text

NEEDED = ("open", "high", "low", "close", "volume")
COLUMNS: dict[str, tuple[str, ...]] = {
    "ts": ("ts", "timestamp", "opentime", "unix", "unixtime", "time", "datetime", "starttime", "date"),
    "open": ("open", "o", "openprice"),
    "high": ("high", "h", "highprice"),
    "low": ("low", "l", "lowprice"),
    "close": ("close", "c", "closeprice"),
    "volume": ("volume", "vol", "v", "basevolume", "volumebase"),
    "symbol": ("symbol", "pair", "market", "instrument", "ticker", "productid"),
    "venue": ("venue", "exchange"),
    "timeframe": ("timeframe", "interval", "resolution", "granularity"),
    "seen_ts": ("seents",),
}
"""Our name of a column and what files call it, best first, compared in lower case without spaces and signs."""

QUOTES = ("USDT", "USDC", "FDUSD", "DAI", "USD", "EUR", "GBP", "AUD", "JPY", "TRY", "BRL", "BTC", "ETH", "BNB")
"""Quote assets told from a joined spelling. TUSD and BUSD are not: they would tear DOTUSD and BNBUSD apart."""
RENAMED = {"XBT": "BTC", "XDG": "DOGE"}
VENUES = frozenset({
    "binance", "binanceusdm", "binanceus", "kraken", "coinbase", "bitstamp", "bybit", "okx", "kucoin", "gemini",
    "bitfinex", "gate", "gateio", "huobi", "htx", "mexc", "bitget", "hyperliquid", "coinmarketcap", "coingecko",
    "btcmarkets", "independentreserve", "coinspot", "bitmex", "deribit", "poloniex", "cryptocom",
})  # fmt: skip
KRAKEN_MINUTES = frozenset({"1", "5", "15", "30", "60", "240", "720", "1440"})
UNKNOWN_VENUE = "file"
RESERVED_VENUE = "synthetic"
UNIT_WORDS = {
    "s": "s", "sec": "s", "second": "s", "m": "m", "min": "m", "minute": "m", "h": "h", "hr": "h", "hour": "h",
    "d": "d", "day": "d", "w": "w", "wk": "w", "week": "w",
}  # fmt: skip

_VENUE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}")
_PAIR = re.compile(r"([A-Z0-9]{1,20})[-_/ ](?!PERP|SWAP)([A-Z][A-Z0-9]{1,19}?)(?:[-_ ]?(PERP|SWAP))?")
_LENGTH = re.compile(r"(\d{0,3})\s*([a-z]+?)s?")
_NAMED_LENGTH = re.compile(r"(?<![a-z0-9])(\d{1,3}(?:m|min|h|hr|d|w))(?![a-z0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesKey:
    """Which series a row belongs to; an empty text is not known yet."""

    venue: str = ""
    symbol: str = ""
    timeframe: str = ""

    def __str__(self) -> str:
        """Return how people name a series."""
        return " ".join(part for part in (self.venue, self.symbol, self.timeframe) if part)


def filled(key: SeriesKey, *others: SeriesKey) -> SeriesKey:
    """Return `key` with what it does not say taken from the first of `others` that says it."""
    for other in others:
        key = SeriesKey(
            venue=key.venue or other.venue,
            symbol=key.symbol or other.symbol,
            timeframe=key.timeframe or other.timeframe,
        )
    return key


def unified_symbol(written: str) -> str | None:
    """Return `BTC/USDT` (perpetuals `BTC/USDT:USDT`) for the ways in which exchanges write it, or None."""
    text = written.strip().upper()
    try:
        split_symbol(text)
    except ValueError:
        return _separated(text) or _joined(text)
    return text


def _separated(text: str) -> str | None:
    found = _PAIR.fullmatch(text)
    return None if found is None else _pair(found[1], found[2], perpetual=found[3] is not None)


def _joined(text: str) -> str | None:
    for quote in QUOTES:
        base = text.removesuffix(quote)
        if base != text and len(base) >= 2 and base.isalnum() and base.isascii() and len(base) <= 20:
            return _pair(base, quote, perpetual=False)
    return None


def _pair(base: str, quote: str, *, perpetual: bool) -> str:
    base, quote = RENAMED.get(base, base), RENAMED.get(quote, quote)
    return f"{base}/{quote}:{quote}" if perpetual else f"{base}/{quote}"


def unified_timeframe(written: str) -> str | None:
    """Return `1h` for `1h`, `60m`, `1 hour`, `60min`; None for anything else, a month (`1M`) included."""
    text = written.strip()
    if text.endswith("M"):
        return None
    found = _LENGTH.fullmatch(text.lower())
    unit = UNIT_WORDS.get(found[2]) if found else None
    if found is None or unit is None or found[1].strip("0") == "":
        return None
    return timeframe_text(Timeframe.parse(found[1].lstrip("0") + unit).milliseconds)


def unified_venue(written: str) -> str | None:
    """Return the venue in lower case, or None when it is no name."""
    text = written.strip().lower()
    return text if _VENUE.fullmatch(text) else None


def hints(name: str) -> SeriesKey:
    """Return what a file's name says: `binance_BTC-USDT_1h_2017.csv`, `BTCUSDT-5m-2023-01.csv`, `XBTUSD_60.csv`."""
    stem = PurePath(name).name.split(".")[0][:200]
    words = re.split(r"[_\s.-]+", stem.lower())
    venue = next((word for word in words if word in VENUES), "")
    rest = re.sub(rf"(?<![a-z0-9]){venue}(?![a-z0-9])", "", stem.lower(), count=1) if venue else stem.lower()
    symbol = _named_symbol(rest.upper())
    found = _NAMED_LENGTH.search(rest)
    length = unified_timeframe(found[1]) if found else None
    if length is None and symbol and words[-1] in KRAKEN_MINUTES:
        length = timeframe_text(int(words[-1]) * 60_000)
    return SeriesKey(venue=venue, symbol=symbol or "", timeframe=length or "")


def _named_symbol(text: str) -> str | None:
    for quote in QUOTES:
        found = re.search(rf"(?<![A-Z0-9])([A-Z0-9]{{2,15}})[-_]?{quote}([-_]?(?:PERP|SWAP))?(?![A-Z0-9])", text)
        if found:
            return _pair(found[1], quote, perpetual=found[2] is not None)
    return None


def columns_of(header: Sequence[str]) -> dict[str, int] | None:
    """Return the place of each column that we know in a header, or None when it is no header of candles."""
    names = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in header]
    places: dict[str, int] = {}
    for ours, theirs in COLUMNS.items():
        known = next((name for name in theirs if name in names), None)
        if known is not None:
            places[ours] = names.index(known)
    if "volume" not in places:
        loose = next((place for place, name in enumerate(names) if name.startswith("volume")), None)
        if loose is not None:
            places["volume"] = loose
    return places if "ts" in places and all(name in places for name in NEEDED) else None


def twice(header: Sequence[str], places: dict[str, int]) -> str | None:
    """Return the first column of candles that the header names twice: which one is meant cannot be known."""
    plain = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in header]
    return next((ours for ours in ("ts", *NEEDED) if plain.count(plain[places[ours]]) > 1), None)


def absent(header: Sequence[str]) -> list[str]:
    """Return which needed columns a header lacks, by our names."""
    plain = {re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in header}
    loose = any(name.startswith("volume") for name in plain)
    return [ours for ours in ("ts", *NEEDED) if not plain & set(COLUMNS[ours]) and not (ours == "volume" and loose)]
