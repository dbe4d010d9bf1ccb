"""Synthetic markets have the stylised facts of real ones, and are the same on every machine."""

from hashlib import sha256

import numpy as np
import pytest

from omc.ledgers.columns import Floats
from omc.ledgers.synthetic import MARKETS, check, generate

HOUR = 3_600_000
START = 1_672_531_200_000
YEARS_2 = 17_544
SYMBOLS = [market.symbol for market in MARKETS]
SEEDS = (1, 7, 42)


def closes(seed: int, *, bars: int = YEARS_2, symbols: list[str] = SYMBOLS) -> dict[str, Floats]:
    """Closing prices of each symbol."""
    parts: dict[str, list[Floats]] = {}
    for batch in generate(symbols, seed=seed, start_ms=START, bars=bars, timeframe="1h", step_ms=HOUR):
        parts.setdefault(batch.keys[int(batch.key[0])].symbol, []).append(batch.close)
    return {symbol: np.concatenate(found) for symbol, found in parts.items()}


def returns(seed: int) -> dict[str, Floats]:
    """Log returns of each symbol."""
    return {symbol: np.diff(np.log(close)) for symbol, close in closes(seed).items()}


def correlation(one: Floats, two: Floats) -> float:
    """Pearson's."""
    return float(np.corrcoef(one, two)[0, 1])


@pytest.mark.parametrize("seed", SEEDS)
def test_tails_are_fat(seed: int) -> None:
    for move in returns(seed).values():
        assert ((move - move.mean()) ** 4).mean() / move.var() ** 2 > 8


@pytest.mark.parametrize("seed", SEEDS)
def test_volatility_clusters_and_returns_do_not(seed: int) -> None:
    for move in returns(seed).values():
        size = np.abs(move)
        assert correlation(size[:-1], size[1:]) > 0.1
        assert correlation(size[:-24], size[24:]) > 0.04
        assert abs(correlation(move[:-1], move[1:])) < 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_symbols_move_together_but_not_alike(seed: int) -> None:
    moves = list(returns(seed).values())
    for one, two in ((0, 1), (0, 2), (1, 2)):
        assert 0.5 < correlation(moves[one], moves[two]) < 0.97


@pytest.mark.parametrize("seed", SEEDS)
def test_volatility_a_year_is_that_of_coins(seed: int) -> None:
    for move in returns(seed).values():
        assert 0.3 < move.std() * np.sqrt(8_760) < 1.6


@pytest.mark.parametrize("seed", SEEDS)
def test_there_are_jumps_and_regimes(seed: int) -> None:
    move = returns(seed)["BTC/USDT"]
    assert (np.abs(move) > 6 * move.std()).sum() >= 5
    monthly = [part.std() for part in np.array_split(move, 24)]
    assert max(monthly) > 2 * min(monthly)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_bar_is_one(seed: int) -> None:
    for batch in generate(SYMBOLS, seed=seed, start_ms=START, bars=YEARS_2, timeframe="1h", step_ms=HOUR):
        assert (batch.low > 0).all()
        assert (batch.high >= np.maximum(batch.open, batch.close)).all()
        assert (batch.low <= np.minimum(batch.open, batch.close)).all()
        assert (batch.volume > 0).all()
        assert (batch.open[1:] == batch.close[:-1]).all()


def test_a_longer_span_or_another_symbol_changes_no_bar_that_was_there() -> None:
    whole = closes(5, bars=3_000)["ETH/USDT"]
    alone = closes(5, bars=1_000, symbols=["ETH/USDT"])["ETH/USDT"]
    assert (whole[:1_000] == alone).all()


def test_another_seed_is_another_market() -> None:
    assert not np.array_equal(closes(1, bars=100)["BTC/USDT"], closes(2, bars=100)["BTC/USDT"])


def test_the_bytes_of_a_seed_do_not_change() -> None:
    found = closes(7, bars=2_000)
    state = sha256()
    for symbol in SYMBOLS:
        state.update(np.ascontiguousarray(found[symbol], dtype="<f8").data)
    assert state.hexdigest() == "659017053f2f696b7444a76b1b4f00434dad8a2d54e6637ceb60ffb272230019"


def test_what_cannot_be_made_is_said_with_its_place() -> None:
    strange, large, none = check(["GOLD/USD"], bars=10), check(["BTC/USDT"], bars=10**9), check(["BTC/USDT"], bars=0)
    assert strange is not None
    assert strange.place == "/symbols"
    assert large is not None
    assert large.place == "/end"
    assert none is not None
