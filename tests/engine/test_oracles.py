"""Every indicator beside TA-Lib and talipp, which others wrote: equal once a named difference of seed has faded.

Each row says from which bar on the values must be equal to nine digits: None is our own warm-up. Later are:

- macd of TA-Lib: it starts both means at the slow one's first bar, we each with its own first window (as talipp does);
- plus_di, minus_di, adx: Wilder's sum of the first window less one bar (TA-Lib), a mean from the first bar (talipp);
- atr, keltner, supertrend of talipp: its first true range is high - low of the first bar, ours needs a close before;
- supertrend of TA-Lib: it starts in an up trend, ours (as the common script) in a down trend;
- kama: TA-Lib and talipp start at the close before the first weight, we at the first close that has one;
- stochastic_k of TA-Lib waits for %D, hull of talipp for one more mean.
"""

from collections.abc import Callable

import numpy as np
import pytest
import talib
from numpy.typing import NDArray
from talipp import indicators as talipp
from talipp.indicators.Indicator import Indicator
from talipp.ohlcv import OHLCV

from omc.engine import INDICATORS, BarColumns
from omc.engine.evaluation import evaluate
from omc.engine.expression import compile_program
from tests.engine.builders import a_traded_market

Floats = NDArray[np.float64]
BARS = a_traded_market(1_500)
FADED = 300  # bars after which no seed of a window of 14 is left in nine digits

# expression: the same from TA-Lib, and the bar from which they are equal (None: from the warm-up on)
TALIB: dict[str, tuple[Callable[[BarColumns], Floats], int | None]] = {
    "sma(close, 14)": (lambda b: talib.SMA(b.close, 14), None),
    "ema(close, 14)": (lambda b: talib.EMA(b.close, 14), None),
    "wma(close, 14)": (lambda b: talib.WMA(b.close, 14), None),
    "wilder(close, 14)": (lambda b: talib.RMA(b.close, 14), None),
    "sum(close, 14)": (lambda b: talib.SUM(b.close, 14), None),
    "rsi(close, 14)": (lambda b: talib.RSI(b.close, 14), None),
    "atr(14)": (lambda b: talib.ATR(b.high, b.low, b.close, 14), None),
    "true_range()": (lambda b: talib.TRANGE(b.high, b.low, b.close), None),
    "highest(close, 14)": (lambda b: talib.MAX(b.close, 14), None),
    "lowest(close, 14)": (lambda b: talib.MIN(b.close, 14), None),
    "stdev(close, 14)": (lambda b: talib.STDDEV(b.close, 14), None),
    "slope(close, 14)": (lambda b: talib.LINEARREG_SLOPE(b.close, 14), None),
    "correlation(close, volume, 14)": (lambda b: talib.CORREL(b.close, b.volume, 14), None),
    "mean_deviation(close, 14)": (lambda b: talib.AVGDEV(b.close, 14), None),
    "percent_rank(close, 14)": (lambda b: talib.PERCENTRANK(b.close, 14), None),
    "obv()": (lambda b: talib.OBV(b.close, b.volume) - b.volume[0], None),
    "sar(0.02, 0.2)": (lambda b: talib.SAR(b.high, b.low, 0.02, 0.2), None),
    "roc(close, 14)": (lambda b: talib.ROC(b.close, 14), None),
    "momentum(close, 14)": (lambda b: talib.MOM(b.close, 14), None),
    "bollinger_upper(close, 14, 2)": (lambda b: talib.BBANDS(b.close, 14, 2, 2)[0], None),
    "bollinger_middle(close, 14)": (lambda b: talib.BBANDS(b.close, 14, 2, 2)[1], None),
    "bollinger_lower(close, 14, 2)": (lambda b: talib.BBANDS(b.close, 14, 2, 2)[2], None),
    "macd(close, 12, 26)": (lambda b: talib.MACD(b.close, 12, 26, 9)[0], FADED),
    "macd_signal(close, 12, 26, 9)": (lambda b: talib.MACD(b.close, 12, 26, 9)[1], FADED),
    "macd_histogram(close, 12, 26, 9)": (lambda b: talib.MACD(b.close, 12, 26, 9)[2], FADED),
    "dema(close, 14)": (lambda b: talib.DEMA(b.close, 14), None),
    "tema(close, 14)": (lambda b: talib.TEMA(b.close, 14), None),
    "trix(close, 14)": (lambda b: talib.TRIX(b.close, 14), None),
    "hull(close, 14)": (lambda b: talib.HMA(b.close, 14), None),
    "kama(close, 14)": (lambda b: talib.KAMA(b.close, 14), FADED),
    "typical_price()": (lambda b: talib.TYPPRICE(b.high, b.low, b.close), None),
    "stochastic_k(14)": (lambda b: talib.STOCHF(b.high, b.low, b.close, 14, 3)[0], 15),
    "stochastic_d(14, 3)": (lambda b: talib.STOCHF(b.high, b.low, b.close, 14, 3)[1], None),
    "williams_r(14)": (lambda b: talib.WILLR(b.high, b.low, b.close, 14), None),
    "cci(14)": (lambda b: talib.CCI(b.high, b.low, b.close, 14), None),
    "plus_di(14)": (lambda b: talib.PLUS_DI(b.high, b.low, b.close, 14), FADED),
    "minus_di(14)": (lambda b: talib.MINUS_DI(b.high, b.low, b.close, 14), FADED),
    "adx(14)": (lambda b: talib.ADX(b.high, b.low, b.close, 14), FADED),
    "aroon_up(14)": (lambda b: talib.AROON(b.high, b.low, 14)[1], None),
    "aroon_down(14)": (lambda b: talib.AROON(b.high, b.low, 14)[0], None),
    "mfi(14)": (lambda b: talib.MFI(b.high, b.low, b.close, b.volume, 14), None),
    "chaikin_money_flow(14)": (lambda b: talib.CMF(b.high, b.low, b.close, b.volume, 14), None),
    "donchian_high(14)": (lambda b: talib.DONCHIAN(b.high, b.low, 14)[0], None),
    "donchian_middle(14)": (lambda b: talib.DONCHIAN(b.high, b.low, 14)[1], None),
    "donchian_low(14)": (lambda b: talib.DONCHIAN(b.high, b.low, 14)[2], None),
    "supertrend(14, 3)": (lambda b: talib.SUPERTREND(b.high, b.low, b.close, 14, 3)[0], FADED),
    "ultimate(7, 14, 28)": (lambda b: talib.ULTOSC(b.high, b.low, b.close, 7, 14, 28), None),
    "zscore(close, 14)": (lambda b: (b.close - talib.SMA(b.close, 14)) / talib.STDDEV(b.close, 14), None),
}


def of_talipp(indicator: Indicator, values: list[float] | list[OHLCV], part: str = "") -> Floats:
    for value in values:
        indicator.add(value)
    found = [getattr(one, part) if part and one is not None else one for one in indicator]
    return np.asarray([np.nan if one is None else one for one in found], dtype=np.float64)


def closes(bars: BarColumns) -> list[float]:
    return bars.close.tolist()


def candles(bars: BarColumns) -> list[OHLCV]:
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    return [OHLCV(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


TALIPP: dict[str, tuple[Callable[[BarColumns], Floats], int | None]] = {
    "sma(close, 14)": (lambda b: of_talipp(talipp.SMA(14), closes(b)), None),
    "ema(close, 14)": (lambda b: of_talipp(talipp.EMA(14), closes(b)), None),
    "wilder(close, 14)": (lambda b: of_talipp(talipp.SMMA(14), closes(b)), None),
    "rsi(close, 14)": (lambda b: of_talipp(talipp.RSI(14), closes(b)), None),
    "atr(14)": (lambda b: of_talipp(talipp.ATR(14), candles(b)), FADED),
    "macd(close, 12, 26)": (lambda b: of_talipp(talipp.MACD(12, 26, 9), closes(b), "macd"), None),
    "macd_signal(close, 12, 26, 9)": (lambda b: of_talipp(talipp.MACD(12, 26, 9), closes(b), "signal"), None),
    "hull(close, 16)": (lambda b: of_talipp(talipp.HMA(16), closes(b)), 21),
    "kama(close, 14)": (lambda b: of_talipp(talipp.KAMA(14, 2, 30), closes(b)), FADED),
    "adx(14)": (lambda b: of_talipp(talipp.ADX(14, 14), candles(b), "adx"), FADED),
    "plus_di(14)": (lambda b: of_talipp(talipp.ADX(14, 14), candles(b), "plus_di"), FADED),
    "supertrend(14, 3)": (lambda b: of_talipp(talipp.SuperTrend(14, 3), candles(b), "value"), FADED),
    "ultimate(7, 14, 28)": (lambda b: of_talipp(talipp.UO(7, 14, 28), candles(b)), None),
    "keltner_upper(14, 2)": (
        lambda b: of_talipp(talipp.KeltnerChannels(14, 14, 2, 2), candles(b), "ub"),
        FADED,
    ),
}


def ours(expression: str) -> tuple[Floats, int]:
    program, reasons = compile_program(features={"x": expression}, conditions={"entry": "x > 0"}, parameters={})
    assert program is not None, reasons
    column = evaluate(program, BARS, [program.features["x"]])[0]
    return np.asarray(column, dtype=np.float64), program.warm_up


@pytest.mark.parametrize("expression", TALIB)
def test_the_values_are_those_of_talib(expression: str) -> None:
    oracle, from_bar = TALIB[expression]
    found, warm_up = ours(expression)
    first = warm_up if from_bar is None else from_bar
    np.testing.assert_allclose(found[first:], oracle(BARS)[first:], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("expression", TALIPP)
def test_the_values_are_those_of_talipp(expression: str) -> None:
    oracle, from_bar = TALIPP[expression]
    found, warm_up = ours(expression)
    first = warm_up if from_bar is None else from_bar
    np.testing.assert_allclose(found[first:], oracle(BARS)[first:], rtol=1e-9, atol=1e-9)


LAST = slice(-14, None)
CLOSE, MIDDLE, VOLUME = BARS.close[LAST], ((BARS.high + BARS.low + BARS.close) / 3)[LAST], BARS.volume[LAST]
DEFINED: dict[str, float] = {
    "since_highest(close, 13)": 13 - int(np.argmax(CLOSE)),
    "since_lowest(close, 13)": 13 - int(np.argmin(CLOSE)),
    "vwap(14)": float((MIDDLE * VOLUME).sum() / VOLUME.sum()),
    "efficiency(close, 13)": float(abs(CLOSE[-1] - CLOSE[0]) / np.abs(np.diff(CLOSE)).sum()),
    "keltner_lower(14, 2)": float((talib.EMA(BARS.close, 14) - 2 * talib.ATR(BARS.high, BARS.low, BARS.close, 14))[-1]),
    "bars_since(volume > 20, 50)": float(np.argmax(BARS.volume[::-1] > 20)),
}


@pytest.mark.parametrize("expression", DEFINED)
def test_the_last_value_is_its_definition(expression: str) -> None:
    assert ours(expression)[0][-1] == pytest.approx(DEFINED[expression], rel=1e-9)


@pytest.mark.parametrize(("name", "sign"), [("rising", 1), ("falling", -1)])
def test_rising_and_falling_ask_every_step_of_the_window(name: str, sign: int) -> None:
    found, _ = ours(f"if({name}(close, 3), 1, 0)")
    steps = np.sign(np.diff(BARS.close)) == sign
    assert found[3:].tolist() == (steps[2:] & steps[1:-1] & steps[:-2]).tolist()


def test_every_indicator_has_an_oracle_or_a_reading_of_its_definition() -> None:
    seen = {expression.split("(")[0] for expression in (*TALIB, *TALIPP, *DEFINED)} | {"rising", "falling"}
    assert set(INDICATORS) - seen == set()
