"""Builders of files of candles."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from omc.ledgers.rules import Imported

NOW = datetime(2026, 6, 1, tzinfo=UTC)
START = datetime(2024, 1, 1, tzinfo=UTC)
HEADER = "ts,open,high,low,close,volume,venue,symbol,timeframe"

Take = Callable[..., Awaitable[Imported]]


def row(hour: int, *, symbol: str = "BTC/USDT", close: str = "10.5", timeframe: str = "1h", **other: str) -> str:
    """One line of a file of candles, `hour` hours after START."""
    cells = {
        "ts": (START + timedelta(hours=hour)).isoformat(),
        "open": "10",
        "high": "11",
        "low": "9",
        "close": close,
        "volume": "2.5",
        "venue": "binance",
        "symbol": symbol,
        "timeframe": timeframe,
    }
    return ",".join((cells | other).values())


def table(*rows: str, header: str = HEADER) -> str:
    """A CSV file's text; line 1 is the header."""
    return "\n".join((header, *rows)) + "\n"
