"""The golden cases of tests/cases/engine: files that a trader can read, recompute by hand, and add to.

Each has `why` (the arithmetic in words), `document`, `bars` [opening time UTC, open, high, low, close, volume], and
either `fills` [time, signed quantity, price, fee], `equity` at each close from the first bar that may decide, and
`closed_pnl`, or `refused` [code, place].
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omc.engine import BarColumns, bar_columns, read, simulate
from omc.kit.errors import Refusal
from tests.engine.builders import HOUR_MS

CASES = sorted((Path(__file__).parents[1] / "cases" / "engine").glob("*.json"))


def opening_ms(written: str) -> int:
    return int(datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp() * 1_000)


def bars_in(rows: list[list[str | float]]) -> BarColumns:
    times, opened, high, low, close, volume = zip(*rows, strict=True) if rows else [()] * 6
    ts = [opening_ms(str(written)) for written in times]
    return bar_columns(ts=ts, open=opened, high=high, low=low, close=close, volume=volume, timeframe_ms=HOUR_MS)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_a_golden_case(path: Path) -> None:
    case = json.loads(path.read_text())
    if "refused" in case:
        with pytest.raises(Refusal) as refused:
            simulate(read(case["document"]), bars_in(case["bars"]))
        assert [refused.value.code, refused.value.place] == case["refused"]
        return
    result = simulate(read(case["document"]), bars_in(case["bars"]))
    fills = zip(
        *(column.tolist() for column in (result.fills.ts, result.fills.quantity, result.fills.price, result.fills.fee)),
        strict=True,
    )
    assert [list(fill) for fill in fills] == [
        [opening_ms(time), *(pytest.approx(figure, rel=1e-12) for figure in figures)]
        for time, *figures in case["fills"]
    ]
    assert result.equity == pytest.approx(case["equity"], rel=1e-12)
    assert result.closed.pnl == pytest.approx(case["closed_pnl"], rel=1e-12)
