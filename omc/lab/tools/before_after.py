"""A result split at the day until which its author may have read: the part behind it is the test, and the headline."""

import numpy as np

from omc.engine.metrics import Sample, curve_of, measure
from omc.engine.runs import Run
from omc.engine.simulate import Result
from omc.lab.knowledge import Knowledge
from omc.lab.tools.base import Values
from omc.lab.tools.trial import MIN_BARS, named

_OF_THE_WHOLE = frozenset({"exposure", "fees"})
"""Figures that a part of a run does not have: they are of the account as a whole."""


def split(run: Run, known: Knowledge, *, timeframe_ms: int) -> Values:
    """Return what a result's evidence says of its author's knowledge, with the figures before and after its end.

    `headline` says which figures to believe: `after`, `all` where nobody read anything, `none` where all of the data
    lies before, `unknown`.
    """
    told: Values = {"models": list(known.models), "said": known.said}
    if known.after_ms is None:
        return {**told, "cutoff": None, "headline": "unknown" if known.unknown else "all"}
    assert isinstance(run, Result)
    edge = int(np.searchsorted(run.ts, known.after_ms))
    after = len(run.ts) - edge
    return {
        **told,
        "cutoff": str(known.last_day),
        "headline": "after" if after >= MIN_BARS else "none",
        "before_bars_count": edge,
        "after_bars_count": after,
        "metrics_before": _figures(run, slice(0, edge), timeframe_ms),
        "metrics_after": _figures(run, slice(edge, None), timeframe_ms),
    }


def _figures(run: Result, part: slice, timeframe_ms: int) -> Values:
    """A position counts where it was closed."""
    ts, closed = run.ts[part], run.closed
    if len(ts) < MIN_BARS:
        return {}
    inside = (closed.closed >= ts[0]) & (closed.closed <= ts[-1])
    sample = Sample(
        ts=ts,
        equity=curve_of(run.equity[part]),
        hold=curve_of(run.hold[part]),
        timeframe_ms=timeframe_ms,
        pnl=closed.pnl[inside],
        entry_value=(closed.quantity * closed.entry)[inside],
        bars_held=0,
        fees=0.0,
    )
    return named(metric for metric in measure(sample) if metric.name not in _OF_THE_WHOLE)
