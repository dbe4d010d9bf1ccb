"""Labels: what followed each bar, and when it was known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.engine import BarColumns, bar_columns
from omc.engine.kernels import compiled
from omc.engine.kernels import labels as kernel
from omc.engine.learning.labels import labels_of
from omc.engine.learning.spec import ModelSpec, TripleBarrier
from tests.engine.builders import HOUR_MS, START_MS, a_traded_market, bars_of
from tests.engine.learning.specs import a_spec

PERCENT = {"kind": "percent", "value": "2"}


def a_barrier_spec(*, bars: int = 3, task: str = "classify", up: object = PERCENT, down: object = PERCENT) -> ModelSpec:
    target = {"kind": "triple_barrier", "up": up, "down": down, "bars": bars}
    return a_spec(target=target, task=task, model={"kind": "forest"})


def test_a_forward_return_runs_from_the_next_open_to_the_close_so_many_bars_on() -> None:
    bars = bars_of([100, 110, 99, 120, 90], opens=[100, 101, 98, 118, 119])
    spec = a_spec(task="regress", model={"kind": "ridge"}, target={"kind": "forward_return", "bars": 2})
    found = labels_of(spec, bars)
    assert found.values[:3] == pytest.approx([99 / 101 - 1, 120 / 98 - 1, 90 / 118 - 1])
    assert np.isnan(found.values[3:]).all()
    assert found.known[:3].tolist() == [2, 3, 4]
    assert found.span == 2


def test_a_threshold_parts_ones_from_zeros() -> None:
    bars = bars_of([100, 100.5, 102, 99], opens=[100, 100, 100.5, 102])
    target = {"kind": "forward_return", "bars": 1, "threshold_bps": "100"}
    assert labels_of(a_spec(target=target), bars).values[:3].tolist() == [0.0, 1.0, 0.0]


def candles(*rows: tuple[float, float, float, float]) -> BarColumns:
    opened, high, low, close = (list(column) for column in zip(*rows, strict=True))
    ts = START_MS + HOUR_MS * np.arange(len(rows))
    return bar_columns(
        ts=ts, open=opened, high=high, low=low, close=close, volume=[1.0] * len(rows), timeframe_ms=HOUR_MS
    )


FLAT = (100.0, 100.5, 99.5, 100.0)


@pytest.mark.parametrize(
    ("bar", "label", "gained"),
    [
        ((100.0, 102.5, 99.5, 102.0), 1.0, 0.02),
        ((100.0, 100.5, 97.5, 98.0), 0.0, -0.02),
        ((100.0, 103.0, 97.0, 102.9), 0.0, -0.02),  # both in one bar: the loss
        ((100.0, 101.0, 99.5, 101.0), 0.0, 0.0),  # neither: the end of the third bar
    ],
)
def test_the_barrier_that_is_met_first_labels_a_bar(
    bar: tuple[float, float, float, float], label: float, gained: float
) -> None:
    bars = candles(FLAT, FLAT, bar, FLAT, FLAT)
    met = labels_of(a_barrier_spec(), bars)
    assert met.values[0] == label
    assert met.known[0] == (2 if gained else 3)
    assert labels_of(a_barrier_spec(task="regress"), bars).values[0] == pytest.approx(gained)


def test_a_barrier_met_early_labels_no_bar_whose_horizon_is_not_there() -> None:
    rises = (100.0, 110.0, 99.9, 109.0)
    found = labels_of(a_barrier_spec(), candles(FLAT, FLAT, FLAT, rises))
    assert np.isnan(found.values[1:]).all()
    assert found.values[0] == 1.0


def test_a_distance_in_true_ranges_has_no_label_before_they_have_a_mean() -> None:
    bars = a_traded_market(100)
    ranges = {"kind": "atr", "value": "1"}
    found = labels_of(a_barrier_spec(up=ranges, down=ranges), bars)
    assert np.isnan(found.values[:14]).all()
    assert np.isfinite(found.values[14:-3]).all()


@given(seed=st.integers(0, 10_000), horizon=st.integers(1, 30))
def test_a_label_needs_nothing_after_the_bar_at_which_it_is_known(seed: int, horizon: int) -> None:
    bars = a_traded_market(120, seed=seed)
    spec = a_barrier_spec(bars=horizon)
    found = labels_of(spec, bars)
    assert isinstance(spec.target, TripleBarrier)
    for at in range(0, 120 - horizon, 7):
        cut = labels_of(spec, bars.slice(0, at + horizon + 1))
        assert cut.values[at] == found.values[at]
        assert at < cut.known[at] == found.known[at] <= at + horizon


def test_compiled_barriers_are_those_of_plain_python() -> None:
    bars = a_traded_market(2_000)
    up, down = np.full(2_000, 0.02), np.full(2_000, 0.015)
    columns = (bars.open, bars.high, bars.low, bars.close)
    fast = [np.full(2_000, np.nan) for _ in range(3)]
    slow = [one.tolist() for one in fast]
    compiled(kernel.__name__)["barriers"](columns, up, down, 12, *fast)  # ty: ignore[not-callable]
    kernel.barriers(tuple(one.tolist() for one in columns), up.tolist(), down.tolist(), 12, *slow)
    for left, right in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(left, right)
