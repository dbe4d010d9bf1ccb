"""Instruments, timeframes, bars and spans of time: what the market is made of."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self

_TIMEFRAME = re.compile(r"(?P<count>[1-9]\d{0,2})(?P<unit>[smhdw])")
_UNIT_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SYMBOL = re.compile(r"(?P<base>[A-Z0-9]{1,20})/(?P<quote>[A-Z0-9]{1,20})(?P<settle>:[A-Z0-9]{1,20})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """What is traded where, with the steps that the venue takes. `symbol` is unified: `BTC/USDT`."""

    venue: str
    symbol: str
    base: str
    quote: str
    price_step: Decimal
    quantity_step: Decimal
    min_notional: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Timeframe:
    """The length of a bar, written as traders write it: `5m`, `1h`, `1d`."""

    text: str
    seconds: int

    @classmethod
    def parse(cls, written: str) -> Self:
        """Return the timeframe written in `written`; raises `ValueError` with a sentence."""
        found = _TIMEFRAME.fullmatch(written.strip())
        if found is None:
            msg = f"{written!r} is not a timeframe; write 1m, 5m, 15m, 1h, 4h or 1d"
            raise ValueError(msg)
        return cls(found[0], int(found["count"]) * _UNIT_S[found["unit"]])

    @property
    def milliseconds(self) -> int:
        """The length in milliseconds, the unit of stored bar times."""
        return self.seconds * 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One candle: `ts` is its opening instant, `seen_ts` when we learned it. Prices are floats: not money."""

    ts: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float
    seen_ts: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time in UTC: `start` is in it, `end` is not."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse a span without zones or without length."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            msg = "a span needs instants with a zone"
            raise ValueError(msg)
        if self.start >= self.end:
            msg = f"a span ends after it starts, not {self.start.isoformat()} to {self.end.isoformat()}"
            raise ValueError(msg)


def split_symbol(symbol: str) -> tuple[str, str]:
    """Return (base, quote) of a unified symbol such as `BTC/USDT`; raises `ValueError` with a sentence."""
    found = _SYMBOL.fullmatch(symbol)
    if found is None:
        msg = f"{symbol[:60]!r} is not a symbol; write it as BASE/QUOTE, for example BTC/USDT"
        raise ValueError(msg)
    return found["base"], found["quote"]
