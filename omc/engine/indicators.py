"""Owns the indicators: one table row each, with what it is made of, its settings and its conventions.

To add one, write its row here: a line of the strategy language itself, from which the column, the bar-by-bar form and
the warm-up follow. One that carries something from bar to bar which the language cannot say has a loop instead, and its
row is in `indicator_loops`.
"""

from omc.engine.indicator_loops import LOOP_PARTS, LOOPS
from omc.engine.operators import Kind, Operator, Setting, table

_WINDOW = (Setting(name="window"),)
_WIDE = (Setting(name="window", low=2),)
_EACH = (Setting(name="window", low=2, high=2_000),)  # its work grows with the window
_WIDTH = Setting(name="width", whole=False, low=0.01, high=100)
_BAND = (*_WIDE, _WIDTH)
_MACD = (Setting(name="fast"), Setting(name="slow"))
_SIGNAL = (*_MACD, Setting(name="signal"))
_SMOOTH = (*_WINDOW, Setting(name="smooth"))
_ULTIMATE = (Setting(name="short"), Setting(name="middle"), Setting(name="long"))


def _defined(
    name: str,
    defined: str,
    convention: str = "",
    *,
    settings: tuple[Setting, ...] = _WINDOW,
    inputs: int = 0,
    gives: Kind = Kind.NUMBER,
) -> Operator:
    """An indicator said in the language; `x` is what it is applied to."""
    said = f"{convention}; {defined}" if convention else defined
    takes = (Kind.NUMBER,) * inputs
    return Operator(name=name, defined=defined, convention=said, settings=settings, takes=takes, gives=gives)


INDICATORS = LOOPS | table(
    _defined(
        "roc", "100 * (x - lag(x, window)) / lag(x, window)", "percent of the value window bars earlier", inputs=1
    ),
    _defined("momentum", "x - lag(x, window)", inputs=1),
    _defined(
        "rising",
        "lowest(x - lag(x, 1), window) > 0",
        "each of the last window steps went up",
        inputs=1,
        gives=Kind.CONDITION,
    ),
    _defined(
        "falling",
        "highest(x - lag(x, 1), window) < 0",
        "each of the last window steps went down",
        inputs=1,
        gives=Kind.CONDITION,
    ),
    _defined("bollinger_upper", "sma(x, window) + width * stdev(x, window)", inputs=1, settings=_BAND),
    _defined("bollinger_middle", "sma(x, window)", inputs=1),
    _defined("bollinger_lower", "sma(x, window) - width * stdev(x, window)", inputs=1, settings=_BAND),
    _defined(
        "zscore", "ratio(x - sma(x, window), stdev(x, window), 0)", "0 where nothing moved", inputs=1, settings=_WIDE
    ),
    _defined("macd", "ema(x, fast) - ema(x, slow)", "each mean with its own seed", inputs=1, settings=_MACD),
    _defined(
        "macd_signal", "ema(macd(x, fast, slow), signal)", "starts at the slow mean's first", inputs=1, settings=_SIGNAL
    ),
    _defined("macd_histogram", "macd(x, fast, slow) - macd_signal(x, fast, slow, signal)", inputs=1, settings=_SIGNAL),
    _defined("dema", "2 * ema(x, window) - ema(ema(x, window), window)", inputs=1),
    _defined(
        "tema",
        "3 * ema(x, window) - 3 * ema(ema(x, window), window) + ema(ema(ema(x, window), window), window)",
        inputs=1,
    ),
    _defined("trix", "roc(ema(ema(ema(x, window), window), window), 1)", inputs=1),
    _defined(
        "hull", "wma(2 * wma(x, floor(window / 2)) - wma(x, window), floor(sqrt(window)))", inputs=1, settings=_WIDE
    ),
    _defined(
        "efficiency",
        "ratio(abs(x - lag(x, window)), sum(abs(x - lag(x, 1)), window), 0)",
        "Kaufman's; 0 where nothing moved",
        inputs=1,
    ),
    _defined(
        "kama",
        "adaptive(x, smoothing(efficiency(x, window)))",
        "starts at its first value; weights between those of means of 2 and 30",
        inputs=1,
    ),
    _defined("typical_price", "(high + low + close) / 3", settings=()),
    _defined(
        "stochastic_k",
        "ratio(100 * (close - lowest(low, window)), highest(high, window) - lowest(low, window), 50)",
        "fast %K; 50 where nothing moved",
    ),
    _defined("stochastic_d", "sma(stochastic_k(window), smooth)", "simple mean of the fast %K", settings=_SMOOTH),
    _defined(
        "williams_r",
        "ratio(100 * (close - highest(high, window)), highest(high, window) - lowest(low, window), -50)",
        "-100 to 0; -50 where nothing moved",
    ),
    _defined(
        "cci",
        "ratio(typical_price() - sma(typical_price(), window), 0.015 * mean_deviation(typical_price(), window), 0)",
        "0 where nothing moved",
        settings=_EACH,
    ),
    _defined("aroon_up", "100 * (window - since_highest(high, window)) / window"),
    _defined("aroon_down", "100 * (window - since_lowest(low, window)) / window"),
    _defined(
        "mfi",
        "ratio(100 * sum(flow_up(), window), sum(flow_up(), window) + sum(flow_down(), window), 50)",
        "50 where no money moved",
    ),
    _defined(
        "vwap",
        "ratio(sum(typical_price() * volume, window), sum(volume, window), typical_price())",
        "of the last window bars; the typical price where nothing traded",
    ),
    _defined(
        "chaikin_money_flow",
        "ratio(sum(volume * ratio((close - low) - (high - close), high - low, 0), window), sum(volume, window), 0)",
        "0 where nothing traded",
    ),
    _defined("donchian_high", "highest(high, window)"),
    _defined("donchian_low", "lowest(low, window)"),
    _defined("donchian_middle", "(highest(high, window) + lowest(low, window)) / 2"),
    _defined("keltner_upper", "ema(close, window) + width * atr(window)", settings=(*_WINDOW, _WIDTH)),
    _defined("keltner_lower", "ema(close, window) - width * atr(window)", settings=(*_WINDOW, _WIDTH)),
    _defined(
        "supertrend",
        "supertrend_of(high, low, close, atr(window), width)",
        "starts as the upper band",
        settings=(*_WINDOW, _WIDTH),
    ),
    _defined(
        "ultimate",
        "100 * (4 * share(short) + 2 * share(middle) + share(long)) / 7",
        "Williams's oscillator, 0 to 100",
        settings=_ULTIMATE,
    ),
)

# What indicators are defined with and no document can name.
PARTS = LOOP_PARTS | table(
    _defined("smoothing", "(2 / 31 + x * (2 / 3 - 2 / 31)) * (2 / 31 + x * (2 / 3 - 2 / 31))", inputs=1, settings=()),
    _defined("flow_up", "if(typical_price() > lag(typical_price(), 1), typical_price() * volume, 0)", settings=()),
    _defined("flow_down", "if(typical_price() < lag(typical_price(), 1), typical_price() * volume, 0)", settings=()),
    _defined("pressure", "close - min(low, lag(close, 1))", settings=()),
    _defined("share", "ratio(sum(pressure(), window), sum(true_range(), window), 0)"),
)
