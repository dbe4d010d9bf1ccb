"""How the checks of a document are told on a terminal: one headline a check, its findings and figures below."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from omc.cli.base import table
from omc.engine.validation.replays import LookAhead
from omc.engine.validation.robustness import MAX_MULTIPLE, Robustness
from omc.engine.validation.warm_up import WarmUp
from omc.engine.walk_forward import WalkForward, Window
from omc.kit.errors import Refusal

Found = TypeVar("Found")


def ahead_lines(found: LookAhead) -> list[str]:
    """The look-ahead check."""
    head = f"Look-ahead: {_said(ok=found.ok)}; {found.replays} replays at {len(found.cuts)} bars of {found.bars}, with"
    lines = [f"{head} {found.changes} decisions and {found.fills} fills to compare"]
    if not found.changes and not found.fills:
        lines.append("  nothing was decided on these bars, so this says little; try a longer span")
    return lines + [f"  {finding.text}" for finding in found.findings]


def warm_up_lines(found: WarmUp | Refusal) -> list[str]:
    """The warm-up check, or why there is none."""
    if isinstance(found, Refusal):
        return [f"Warm-up: not checked; {found.text}"]
    head = f"Warm-up: {_said(ok=found.ok)}; {found.declared} bars, from {found.starts} places in the data"
    lines = [head, *(f"  {finding.text}" for finding in found.findings)]
    if found.left_out:
        lines.append(f"  too few bars of {', '.join(found.left_out)} to look at")
    if found.suggested_bars is not None:
        lines.append(f'  from {found.agrees_from} times on all agree: write "warm_up_bars": {found.suggested_bars}')
    elif not found.ok:
        lines.append(f"  not even {found.longest} times the warm-up agrees; test on more data, or use shorter windows")
    return lines


def _said(*, ok: bool) -> str:
    return "nothing found" if ok else "FOUND"


def walk_lines(tested: WalkForward) -> list[str]:
    """The walk-forward: out of sample first, and train beside test for each window."""
    result, fixed = tested.out_of_sample, tested.fixed
    figures = (
        percent(result.metric("total_return")),
        figure(result.metric("sharpe")),
        percent(result.metric("max_drawdown")),
    )
    closed = f"{result.closed_count} positions"
    lines = [
        f"Walk-forward: out of sample return {figures[0]}, Sharpe {figures[1]}, drawdown {figures[2]}, {closed} closed",
        f"  without fitting: return {percent(fixed.metric('total_return'))}, Sharpe {figure(fixed.metric('sharpe'))}",
        f"  {tested.trials} parameter sets fitted in each of {len(tested.windows)} windows",
        "",
    ]
    head = ("test from", "to", "train Sharpe", "test Sharpe", "train return", "test return", "parameters")
    rows = [_window(window) for window in tested.windows]
    return lines + ["  " + line for line in table(head, rows, right=head[2:6]).splitlines()]


def _window(window: Window) -> tuple[str, ...]:
    return (
        day(window.test_start),
        day(window.test_end),
        figure(window.train_sharpe),
        figure(window.test_sharpe),
        percent(window.train_return),
        percent(window.test_return),
        named(window.parameters),
    )


def robustness_lines(found: Robustness | Refusal) -> list[str]:
    """Late entries, costs and neighbours, or why there are none."""
    if isinstance(found, Refusal):
        return [f"Robustness: not checked; {found.text}"]
    late = [
        f"{one.bars} bars {percent(one.total_return)}" + (f" ({one.refused})" if one.refused else "")
        for one in found.delays
    ]
    costs, plateau = found.costs, found.plateau
    evens = (costs.break_even, costs.fee_break_even, costs.slippage_break_even)
    whole, fee, slippage = (_multiple(one) for one in evens)
    what = "windows" if plateau.lifted else "parameters"
    share = (
        "has no meaning without a gain" if plateau.share is None else f"keep half of the Sharpe: {plateau.share:.0%}"
    )
    return [
        f"Robustness: {found.runs} runs",
        f"  return with entries late by: {'; '.join(late)}",
        f"  nothing is left at {whole} its costs ({fee} the fee alone, {slippage} the slippage alone)",
        f"  neighbours, {what} 10 and 20 % beside ({len(plateau.neighbours)}): {share}",
    ]


def _multiple(value: float | None) -> str:
    if value is None:
        return "(none)"
    return f"more than {MAX_MULTIPLE:g} times" if value >= MAX_MULTIPLE else f"{value:.2f} times"


def day(ts: int) -> str:
    """Milliseconds UTC as a day."""
    return f"{datetime.fromtimestamp(ts / 1_000, UTC):%Y-%m-%d}"


def percent(value: float | None) -> str:
    """A fraction as people read it; a dash where it is not defined."""
    return "-" if value is None else f"{value:.1%}"


def figure(value: float | None) -> str:
    """A ratio as people read it; a dash where it is not defined."""
    return "-" if value is None else f"{value:.2f}"


def named(values: Mapping[str, float]) -> str:
    """Parameters on one line."""
    return ", ".join(f"{name}={value:g}" for name, value in values.items())
