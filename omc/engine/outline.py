"""Owns the plain form of results, for storage, evidence, output and pages: bounded in size, nothing but JSON."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from omc.engine.metrics import Metric
from omc.engine.operators import Values
from omc.engine.outline_positions import Plain, closed_rows
from omc.engine.outline_together import outline_together
from omc.engine.portfolio import Portfolio
from omc.engine.simulate import Result
from omc.engine.validation.bootstrap import uncertainty
from omc.engine.walk_forward import WalkForward
from omc.kit.errors import Refusal
from omc.ledgers.columns import Stamps

MAX_POINTS = 1_500


def outline(result: Result | Portfolio, *, max_points: int = MAX_POINTS, spread: Plain | None = None) -> Plain:
    """Return a result as plain JSON: equity thinned to `max_points`, the newest MAX_CLOSED closed positions.

    Times are milliseconds UTC. Thinning keeps the first and last bar, the highest equity and the deepest drawdown;
    returns by month are of the whole equity. `spread` is `spread_of` the result, where it was computed.
    """
    return {
        "metrics": [plain_metric(metric) for metric in result.metrics],
        "assumptions": dict(result.assumptions),
        "manifest": dict(result.manifest),
        "result_hash": result.result_hash,
        "spread": spread,
        "equity": _equity(result, max_points),
        "months": _months(result),
        **(outline_together(result) if isinstance(result, Portfolio) else _alone(result)),
    }


def _alone(result: Result) -> Plain:
    """Return what a run of one symbol found."""
    return {
        "closed": closed_rows(result.closed),
        "closed_count": len(result.closed.opened),
        "fill_count": len(result.fills.ts),
        "open": None if result.open is None else asdict(result.open),
        "pending": result.pending,
        "counts": asdict(result.counts),
        "finer": None if result.finer is None else asdict(result.finer),
    }


def spread_of(result: Result | Portfolio) -> Plain | None:
    """How far the figures could have been otherwise; None for too few days. Takes a tenth of a second and more."""
    try:
        return uncertainty(result.ts, result.equity).plain()
    except Refusal:
        return None


def outline_walk_forward(tested: WalkForward, *, max_points: int = MAX_POINTS) -> Plain:
    """Return a walk-forward as plain JSON; the out-of-sample part is the headline."""
    return {
        "out_of_sample": outline(tested.out_of_sample, max_points=max_points),
        "fixed_metrics": [plain_metric(metric) for metric in tested.fixed.metrics],
        "windows": [asdict(window) | {"parameters": dict(window.parameters)} for window in tested.windows],
        "trials": tested.trials,
        "parameters": list(tested.parameters),
    }


def plain_metric(metric: Metric) -> Plain:
    """Return one metric as plain JSON."""
    return {
        "name": metric.name,
        "value": metric.value,
        "unit": metric.unit,
        "sampling": metric.sampling,
        "note": metric.note,
    }


def _equity(result: Result | Portfolio, max_points: int) -> Mapping[str, object]:
    kept = _kept(result.equity, result.drawdown, max_points)
    columns: dict[str, Stamps | Values] = {
        "ts": result.ts,
        "equity": result.equity,
        "hold": result.hold,
        "drawdown": result.drawdown,
    }
    return {name: column[kept].tolist() for name, column in columns.items()}


def _months(result: Result | Portfolio) -> list[Plain]:
    """Returns by calendar month, UTC: each from the last value before it, so that they chain to the whole return."""
    numbers = result.ts.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    ends = np.append(np.flatnonzero(np.diff(numbers)), len(numbers) - 1)
    before = np.concatenate(([0], ends[:-1]))
    columns = {
        name: (curve[ends] / curve[before] - 1.0).tolist()
        for name, curve in (("equity", result.equity), ("hold", result.hold))
    }
    return [
        {"year": 1970 + int(number) // 12, "month": int(number) % 12 + 1, "equity": own, "hold": held}
        for number, own, held in zip(numbers[ends], columns["equity"], columns["hold"], strict=True)
    ]


def _kept(equity: Values, drawdown: Values, max_points: int) -> NDArray[np.intp]:
    if len(equity) <= max_points:
        return np.arange(len(equity))
    even = np.linspace(0, len(equity) - 1, max(2, max_points - 2)).astype(np.intp)
    return np.unique(np.append(even, [np.argmax(equity), np.argmin(drawdown)]))
