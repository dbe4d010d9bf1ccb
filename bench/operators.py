"""How fast every operator is: a column of a million bars, beside TA-Lib, and one more bar, beside talipp.

Run `python -m bench.operators`; `--json` for one object. `--full` compares both forms, bit for bit, on 10,000 generated
documents over 5,000 bars instead, which takes hours (`--documents 100` for fewer). Times are CPU nanoseconds of this
process, the smallest of several rounds; an update's is without what taking a bar costs by itself.
"""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import talib
from talipp import indicators as talipp
from talipp.indicators.Indicator import Indicator
from talipp.ohlcv import OHLCV

from bench.engine import MINUTE_MS, a_market
from omc.engine import BarColumns
from omc.engine.evaluation import conditions, evaluate
from omc.engine.expression import CALLABLE, compile_program
from omc.engine.incremental import Bar, Incremental
from omc.engine.operators import SIGNS, Kind, Operator
from omc.engine.program import Program
from tests.engine.agreement import bar_by_bar, in_columns
from tests.engine.builders import a_wild_market
from tests.engine.generated import call, compiled, documents

BARS, UPDATES, CHUNK, ROUNDS = 1_000_000, 12_000, 250, 3
Given = TypeVar("Given")
CROSS = {"entry": "crosses_above(fast, slow)", "exit": "crosses_below(fast, slow)"}
AVERAGES = {"fast": "sma(close, 20)", "slow": "sma(close, 100)"}
SETTINGS = {
    "fast": 12,
    "slow": 26,
    "signal": 9,
    "smooth": 3,
    "width": 2,
    "step": 0.02,
    "short": 7,
    "long": 28,
}

TALIB: dict[str, Callable[[BarColumns], object]] = {
    "sma": lambda bars: talib.SMA(bars.close, 14),
    "ema": lambda bars: talib.EMA(bars.close, 14),
    "wma": lambda bars: talib.WMA(bars.close, 14),
    "sum": lambda bars: talib.SUM(bars.close, 14),
    "rsi": lambda bars: talib.RSI(bars.close, 14),
    "atr": lambda bars: talib.ATR(bars.high, bars.low, bars.close, 14),
    "true_range": lambda bars: talib.TRANGE(bars.high, bars.low, bars.close),
    "highest": lambda bars: talib.MAX(bars.close, 14),
    "lowest": lambda bars: talib.MIN(bars.close, 14),
    "stdev": lambda bars: talib.STDDEV(bars.close, 14),
    "slope": lambda bars: talib.LINEARREG_SLOPE(bars.close, 14),
    "correlation": lambda bars: talib.CORREL(bars.close, bars.close, 14),
    "percent_rank": lambda bars: talib.PERCENTRANK(bars.close, 14),
    "obv": lambda bars: talib.OBV(bars.close, bars.volume),
    "sar": lambda bars: talib.SAR(bars.high, bars.low),
    "roc": lambda bars: talib.ROC(bars.close, 14),
    "momentum": lambda bars: talib.MOM(bars.close, 14),
    "bollinger_upper": lambda bars: talib.BBANDS(bars.close, 14),
    "macd": lambda bars: talib.MACD(bars.close),
    "macd_signal": lambda bars: talib.MACD(bars.close),
    "dema": lambda bars: talib.DEMA(bars.close, 14),
    "tema": lambda bars: talib.TEMA(bars.close, 14),
    "trix": lambda bars: talib.TRIX(bars.close, 14),
    "hull": lambda bars: talib.HMA(bars.close, 14),
    "kama": lambda bars: talib.KAMA(bars.close, 14),
    "stochastic_k": lambda bars: talib.STOCHF(bars.high, bars.low, bars.close, 14, 3),
    "williams_r": lambda bars: talib.WILLR(bars.high, bars.low, bars.close, 14),
    "cci": lambda bars: talib.CCI(bars.high, bars.low, bars.close, 14),
    "plus_di": lambda bars: talib.PLUS_DI(bars.high, bars.low, bars.close, 14),
    "adx": lambda bars: talib.ADX(bars.high, bars.low, bars.close, 14),
    "aroon_up": lambda bars: talib.AROON(bars.high, bars.low, 14),
    "mfi": lambda bars: talib.MFI(bars.high, bars.low, bars.close, bars.volume, 14),
    "chaikin_money_flow": lambda bars: talib.CMF(bars.high, bars.low, bars.close, bars.volume, 14),
    "supertrend": lambda bars: talib.SUPERTREND(bars.high, bars.low, bars.close, 14, 2),
    "ultimate": lambda bars: talib.ULTOSC(bars.high, bars.low, bars.close),
}
TALIPP: dict[str, Callable[[], Indicator]] = {
    "sma": lambda: talipp.SMA(14),
    "ema": lambda: talipp.EMA(14),
    "wma": lambda: talipp.WMA(14),
    "rsi": lambda: talipp.RSI(14),
    "atr": lambda: talipp.ATR(14),
    "stdev": lambda: talipp.StdDev(14),
    "bollinger_upper": lambda: talipp.BB(14, 2),
    "macd_signal": lambda: talipp.MACD(12, 26, 9),
    "hull": lambda: talipp.HMA(14),
    "kama": lambda: talipp.KAMA(14, 2, 30),
    "dema": lambda: talipp.DEMA(14),
    "stochastic_d": lambda: talipp.Stoch(14, 3),
    "cci": lambda: talipp.CCI(14),
    "adx": lambda: talipp.ADX(14, 14),
    "aroon_up": lambda: talipp.Aroon(14),
    "supertrend": lambda: talipp.SuperTrend(14, 2),
    "ultimate": lambda: talipp.UO(7, 14, 28),
}
_OF_BARS = frozenset(("atr", "stochastic_d", "cci", "adx", "aroon_up", "supertrend", "ultimate"))


def main() -> None:
    """Print the figures, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--full", action="store_true", help="compare columns and bars on generated documents")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--bars", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if asked.full:
        compare(asked.documents, asked.bars, asked.seed)
        return
    found = figures()
    if asked.json:
        print(json.dumps(found))
        return
    print(f"{'':20} {'column':>10} {'TA-Lib':>10} {'update':>10} {'talipp':>10}   ns")
    for name, row in found.items():
        print(f"{name:20} " + " ".join(f"{row[key]:10.1f}" if key in row else " " * 10 for key in KEYS))


KEYS = ("column", "talib", "update", "talipp")


def figures() -> dict[str, dict[str, float]]:
    """The figures of each operator by its name, then of whole documents."""
    large, bars = a_market(BARS, timeframe_ms=MINUTE_MS), bars_of(a_market(UPDATES, timeframe_ms=MINUTE_MS))
    empty = program_of({}, {"entry": "true"})
    found = {}
    for operator in [*SIGNS.values(), *CALLABLE.values()]:
        program = _alone(operator)
        row = {"column": column_ns(program, large), "update": update_ns(program, bars) - update_ns(empty, bars)}
        if operator.name in TALIB:
            row["talib"] = least_ns(partial(TALIB[operator.name], large)) / BARS
        if operator.name in TALIPP:
            row["talipp"] = talipp_ns(operator.name, bars)
        found[operator.name] = row
    cross, many = program_of(AVERAGES, CROSS), _twenty()
    found["cross, features too"] = {
        "column": least_ns(lambda: conditions(cross, large, tuple(CROSS))) / BARS,
        "update": update_ns(cross, bars),
    }
    found["20 operators"] = {"update": update_ns(many, bars)}
    return found


def _alone(operator: Operator) -> Program:
    inputs = [
        "close > open" if kind is Kind.CONDITION else ("close", "open", "volume")[at]
        for at, kind in enumerate(operator.takes)
    ]
    if operator.name == "exp":
        inputs = ["(low / high)"]
    text = call(operator, inputs, lambda one: str(SETTINGS.get(one.name, 14 if one.whole else 0.2)))
    return program_of({"x": text}, {"entry": "true"})


def _twenty() -> Program:
    names = ("sma", "ema", "wma", "rsi", "highest", "lowest", "stdev", "slope", "zscore", "momentum")
    features = {f"{name}_{window}": f"{name}(close, {window})" for name in names for window in (14, 50)}
    return program_of(features, {"entry": "crosses_above(sma_14, sma_50)", "exit": "rsi_14 > 70"})


def program_of(features: dict[str, str], texts: dict[str, str]) -> Program:
    """The program of a document with these features and conditions."""
    program, reasons = compile_program(features=features, conditions=texts, parameters={})
    assert program is not None, reasons
    return program


def column_ns(program: Program, bars: BarColumns) -> float:
    """Nanoseconds a bar for the column of the feature `x`."""
    return least_ns(lambda: evaluate(program, bars, [program.features["x"]])) / len(bars)


def update_ns(program: Program, bars: list[Bar]) -> float:
    """Nanoseconds for one bar of a program, warm."""
    running = Incremental(program)
    return least_of_chunks(running.update, bars)


def talipp_ns(name: str, bars: list[Bar]) -> float:
    """Nanoseconds for one update of talipp's."""
    given = [OHLCV(bar[0], bar[1], bar[2], bar[3], bar[4]) if name in _OF_BARS else bar[3] for bar in bars]
    running = TALIPP[name]()
    return least_of_chunks(running.add, given)


def least_of_chunks(take: Callable[[Given], object], given: list[Given]) -> float:
    """Nanoseconds for one call, warm: over the chunk that others on the machine disturbed least."""
    times = []
    for begin in range(0, len(given), CHUNK):
        begun = time.process_time_ns()
        for one in given[begin : begin + CHUNK]:
            take(one)
        times.append(time.process_time_ns() - begun)
    return sorted(times[2:])[len(times) // 10] / CHUNK


def least_ns(work: Callable[[], object]) -> float:
    """The smallest CPU time of several rounds after a first one, which compiles."""
    times = []
    for _ in range(ROUNDS + 1):
        begun = time.process_time_ns()
        work()
        times.append(time.process_time_ns() - begun)
    return float(min(times[1:]))


def bars_of(columns: BarColumns) -> list[Bar]:
    """Bars as live trading gets them."""
    each = (columns.open, columns.high, columns.low, columns.close, columns.volume)
    return list(zip(*(column.tolist() for column in each), strict=True))


def compare(count: int, length: int, seed: int) -> None:
    """Compare both forms of every step of generated documents; raise at the first that differs."""
    bars, refused, begun = a_wild_market(length, seed=seed), 0, time.monotonic()
    for at, raw in enumerate(documents(seed, count), start=1):
        program = compiled(raw)
        expected = in_columns(program, bars)
        if bar_by_bar(program, bars) != expected:
            raise SystemExit(f"document {at} of seed {seed} differs: {json.dumps(raw)}")
        refused += bool(expected[1])
        if at % 100 == 0:
            print(f"{at} documents agree, {refused} of them refused, {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
