"""Charts are folded exactly: every level's bar is the open, high, low, close and sum of the bars inside it."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omc.ledgers.columns import BarColumns, bar_columns
from omc.ledgers.levels import folded

HOUR = 3_600_000
FIRST = int(datetime(2023, 12, 30, 5, tzinfo=UTC).timestamp() * 1_000)


def walk(hours: list[int]) -> BarColumns:
    """Hourly bars at the given hours after FIRST."""
    ts = FIRST + np.asarray(hours, dtype=np.int64) * HOUR
    draw = np.random.default_rng(len(hours))
    opened, close = draw.uniform(90, 110, (2, len(hours)))
    high, low = np.maximum(opened, close) + 1, np.minimum(opened, close) - 1
    volume = draw.integers(1, 9, len(hours)).astype(float)
    return bar_columns(ts=ts, open=opened, high=high, low=low, close=close, volume=volume, timeframe_ms=HOUR)


@given(st.sets(st.integers(0, 4_000), min_size=1, max_size=300).map(sorted), st.integers(20, 200))
def test_each_folded_bar_is_exact(hours: list[int], max_points: int) -> None:
    columns = walk(hours)
    level = folded(columns, max_points=max_points).columns
    edges = np.searchsorted(level.ts, columns.ts, side="right") - 1
    assert len(level) <= max(max_points, 0)
    assert len(np.unique(edges)) == len(level)
    for bar in range(len(level)):
        inside = columns.slice(*np.searchsorted(edges, [bar, bar + 1]).tolist())
        assert (level.open[bar], level.close[bar]) == (inside.open[0], inside.close[-1])
        assert (level.high[bar], level.low[bar]) == (inside.high.max(), inside.low.min())
        assert level.volume[bar] == pytest.approx(inside.volume.sum(), rel=1e-12)


@pytest.mark.parametrize(
    ("hours", "points", "level", "first"),
    [
        (100, 200, "1h", "2023-12-30T05:00"),
        (1_000, 200, "8h", "2023-12-30T00:00"),
        (24 * 100, 110, "1d", "2023-12-30T00:00"),
        (24 * 700, 110, "1w", "2023-12-25T00:00"),
        (24 * 3_000, 110, "1 month", "2023-12-01T00:00"),
        (24 * 9_000, 110, "1 year", "2023-01-01T00:00"),
    ],
)
def test_levels_lie_on_the_calendar(hours: int, points: int, level: str, first: str) -> None:
    chart = folded(walk(list(range(hours))), max_points=points)
    start = datetime.fromtimestamp(chart.columns.ts[0] / 1_000, UTC)
    assert (chart.level, f"{start:%Y-%m-%dT%H:%M}") == (level, first)


def test_an_outage_stays_a_hole() -> None:
    hours = [*range(200), *range(200 + 24 * 10, 600)]
    chart = folded(walk(hours), max_points=30)
    assert chart.level == "1d"
    assert np.diff(chart.columns.ts).max() > 9 * 24 * HOUR


def test_nothing_folds_to_nothing() -> None:
    assert len(folded(walk([]), max_points=100).columns) == 0
