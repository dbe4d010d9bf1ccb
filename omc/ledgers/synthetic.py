"""Makes synthetic markets: seeded, labelled as such everywhere, with the stylised facts that real ones have.

The model, per bar and symbol: log return = beta * market + own part + jump. Market and own parts are Student t noise
scaled by a GARCH(1,1) variance (Bollerslev 1986) and by the regime, a Markov chain over calm, bull, bear and crisis
that also sets the drift. Jumps are rare and common to all symbols (Merton 1976). Each part draws from a stream of its
own (PCG64 under seed and name), so a longer span or another symbol changes no bar that was there before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from math import sqrt

import numpy as np

from omc.core.reason import Reason
from omc.ledgers.batch import BATCH_ROWS, Batch
from omc.ledgers.columns import Floats, Stamps
from omc.ledgers.naming import RESERVED_VENUE, SeriesKey

YEAR_MS = 365 * 86_400_000
HOUR_MS = 3_600_000
MAX_BARS = 1_000_000
TAIL = 4.0
"""Degrees of freedom of the noise: kurtosis is high but returns keep a variance."""

ARCH = 0.08
GARCH = 0.90
JUMPS_A_YEAR = 8.0
JUMP_SIZE = 0.07
REGIME_DAYS = 20.0
MAX_STEP = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One symbol's traits: `beta` to the common factor, `own` volatility a year, `volume` in coins an hour."""

    symbol: str
    price: float
    beta: float
    own: float
    volume: float
    places: int


MARKETS: tuple[Market, ...] = (
    Market(symbol="BTC/USDT", price=16_500.0, beta=1.0, own=0.16, volume=2_000.0, places=2),
    Market(symbol="ETH/USDT", price=1_200.0, beta=1.15, own=0.34, volume=20_000.0, places=2),
    Market(symbol="SOL/USDT", price=10.0, beta=1.45, own=0.62, volume=300_000.0, places=3),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A state of the market: `drift` and `volatility` a year of the common factor."""

    name: str
    drift: float
    volatility: float
    weight: float


REGIMES: tuple[Regime, ...] = (
    Regime(name="calm", drift=0.10, volatility=0.28, weight=0.40),
    Regime(name="bull", drift=1.50, volatility=0.45, weight=0.30),
    Regime(name="bear", drift=-0.70, volatility=0.55, weight=0.23),
    Regime(name="crisis", drift=-1.60, volatility=1.20, weight=0.07),
)


def check(symbols: list[str], *, bars: int) -> Reason | None:
    """Return why these markets cannot be made, or None."""
    known = [market.symbol for market in MARKETS]
    strange = next((symbol for symbol in symbols if symbol not in known), None)
    if strange is not None or not symbols:
        return Reason(
            code="symbol_not_generated", place="/symbols", text=f"markets can be made for {', '.join(known)} only"
        )
    if not bars >= 2 or bars * len(symbols) > MAX_BARS:
        return Reason(
            code="span_not_generated",
            place="/end",
            text=f"the span gives {bars} bars for each of {len(symbols)} symbols; at least 2 each and at most "
            f"{MAX_BARS} in all can be made: change the span or the timeframe",
        )
    return None


def generate(
    symbols: list[str], *, seed: int, start_ms: int, bars: int, timeframe: str, step_ms: int
) -> Iterator[Batch]:
    """Yield the bars of each symbol; `start_ms` lies on the grid of `step_ms`."""
    ts = start_ms + np.arange(bars, dtype=np.int64) * step_ms
    year = step_ms / YEAR_MS
    regime = _regimes(_stream(seed, "regime"), bars, year)
    common = _common(seed, regime, year)
    keys = [SeriesKey(venue=RESERVED_VENUE, symbol=symbol, timeframe=timeframe) for symbol in symbols]
    for number, symbol in enumerate(symbols):
        market = next(market for market in MARKETS if market.symbol == symbol)
        columns = _candles(seed, market, common, regime, ts, year)
        for first in range(0, bars, BATCH_ROWS):
            part = slice(first, first + BATCH_ROWS)
            rows = len(ts[part])
            yield Batch(
                keys=keys,
                key=np.full(rows, number, dtype=np.int64),
                line=np.arange(first + 1, first + 1 + rows, dtype=np.int64),
                ts=ts[part],
                seen=None,
                raw=str,
                open=columns["open"][part],
                high=columns["high"][part],
                low=columns["low"][part],
                close=columns["close"][part],
                volume=columns["volume"][part],
            )


def _stream(seed: int, part: str) -> np.random.Generator:
    named = int.from_bytes(sha256(part.encode()).digest()[:8], "little")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, named])))


def _regimes(stream: np.random.Generator, bars: int, year: float) -> Stamps:
    """Draw the regime of each bar: one leaves with a constant chance, the next is drawn by weight."""
    leave = min(0.5, year * 365 / REGIME_DAYS)
    draws = stream.random((bars, 2))
    weights = np.cumsum([regime.weight for regime in REGIMES])
    drawn = np.minimum(np.searchsorted(weights, draws[:, 1]), len(REGIMES) - 1)
    change = draws[:, 0] < leave
    change[0] = True
    return drawn[np.maximum.accumulate(np.where(change, np.arange(bars), 0))]


def _common(seed: int, regime: Stamps, year: float) -> Floats:
    drift = np.asarray([state.drift for state in REGIMES])[regime] * year
    scale = np.asarray([state.volatility for state in REGIMES])[regime] * sqrt(year)
    noise = _clustered(_stream(seed, "market"), len(regime))
    jumps = _stream(seed, "jumps").random((len(regime), 2))
    size = (jumps[:, 1] * 2 - 1.1) * JUMP_SIZE
    return drift - scale**2 / 2 + scale * noise + np.where(jumps[:, 0] < JUMPS_A_YEAR * year, size, 0.0)


def _clustered(stream: np.random.Generator, bars: int) -> Floats:
    """Return noise of about unit variance whose variance remembers: GARCH(1,1) over Student t."""
    shocks = stream.standard_t(TAIL, size=bars) / sqrt(TAIL / (TAIL - 2))
    noise = np.empty(bars)
    variance = 1.0
    for place, shock in enumerate(shocks.tolist()):
        value = shock * sqrt(variance)
        noise[place] = value
        variance = (1 - ARCH - GARCH) + ARCH * min(value * value, 25.0) + GARCH * variance
    return noise


def _candles(seed: int, market: Market, common: Floats, regime: Stamps, ts: Stamps, year: float) -> dict[str, Floats]:
    """Return open to volume of one symbol; a bar opens where the last one closed, as a market that never shuts does."""
    own = _clustered(_stream(seed, f"own {market.symbol}"), len(ts)) * market.own * sqrt(year)
    step = np.clip(market.beta * common + own - (market.own**2) * year / 2, -MAX_STEP, MAX_STEP)
    price = market.price * np.exp(np.cumsum(step))
    close = np.maximum(np.round(price, market.places), 10.0**-market.places)
    opened = np.concatenate([[market.price], close[:-1]])
    spread = np.asarray([state.volatility for state in REGIMES])[regime] * sqrt(year) * market.beta
    wicks = np.abs(_stream(seed, f"wicks {market.symbol}").standard_normal((len(ts), 2))) * spread[:, None] * 0.5
    high = np.round(np.maximum(opened, close) * (1 + wicks[:, 0]), market.places)
    low = np.round(np.minimum(opened, close) / (1 + wicks[:, 1]), market.places)
    return {
        "open": opened,
        "high": np.maximum(high, np.maximum(opened, close)),
        "low": np.maximum(np.minimum(low, np.minimum(opened, close)), 10.0**-market.places),
        "close": close,
        "volume": _volume(_stream(seed, f"volume {market.symbol}"), market, step, ts, year),
    }


def _volume(stream: np.random.Generator, market: Market, step: Floats, ts: Stamps, year: float) -> Floats:
    """Return volume: busier in European and American hours, and when the price moves."""
    hour = (ts // HOUR_MS) % 24
    day = 1 + 0.35 * np.sin((hour - 9) / 24 * 2 * np.pi)
    move = 1 + np.abs(step) / (0.5 * sqrt(year))
    hours = year * YEAR_MS / HOUR_MS
    return np.round(market.volume * hours * day * move * np.exp(stream.standard_normal(len(ts)) * 0.35), 3)
