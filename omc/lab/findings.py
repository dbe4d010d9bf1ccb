"""What the analyst says about results: plain words whose every figure is a reference to the evidence it came from."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from omc.lab.goal import Family

Results: TypeAlias = Mapping[str, Mapping[str, object]]
Verdict: TypeAlias = Literal["yes", "no", "mixed", "not_tested"]

FEW_POSITIONS = 30

_TESTS = ("run_backtest", "walk_forward")

_ROWS = (
    ("Total return", "total_return_percent", "hold_return_percent"),
    ("Growth a year", "annual_growth_percent", "hold_annual_growth_percent"),
    ("Sharpe, daily", "sharpe_ratio", "hold_sharpe_ratio"),
    ("Sortino, daily", "sortino_ratio", None),
    ("Deepest drawdown", "max_drawdown_percent", "hold_max_drawdown_percent"),
    ("Longest drawdown", "longest_drawdown_days", None),
    ("Volatility", "volatility_percent", None),
    ("Closed positions", "closed_positions_count", None),
    ("Win rate", "win_rate_percent", None),
    ("Profit factor", "profit_factor_ratio", None),
    ("Exposure", "exposure_percent", None),
    ("Fees paid", "fees_quote", None),
)


def verdict(results: Results) -> Verdict:
    """Return whether the strategy beat holding: in the whole span, and in the periods it was not fitted on."""
    tests = [_beats(results[tool]) for tool in _TESTS if tool in results]
    if all(tests):
        return "yes" if len(tests) > 1 else "mixed"
    return "mixed" if any(tests) else "no"


def report(results: Results, family: Family, no_check: str | None) -> dict[str, object]:
    """Return the arguments of write_report."""
    found = verdict(results)
    few = _figure(results["run_backtest"], "closed_positions_count") < FEW_POSITIONS
    synthetic = _data(results)["origin"] == "synthetic"
    because = _because(found, few=few, checked="walk_forward" in results, synthetic=synthetic)
    return {
        "answer": _answer(results, family, found),
        "verdict": found,
        "confidence": "medium" if found != "mixed" and not few and not synthetic and not no_check else "low",
        "confidence_because": because,
        "sections": [*_market(results), *_strategy(results, family), *_backtest(results), *_forward(results, no_check)],
        "limitations": _limitations(synthetic=synthetic),
        "would_change": _would_change(checked="walk_forward" in results, few=few),
    }


def proposal(results: Results) -> dict[str, object]:
    """Return the arguments of propose_strategy."""
    beat, lost = verdict(results) == "yes", _lost(results)
    if beat and not lost:
        why = (
            "It beat holding in the backtest and in the walk-forward check. Paper trading shows whether it still does."
        )
    elif beat:
        why = "It lost less than holding, but it lost. Approve it for paper only if you want to watch it without money."
    else:
        why = "The evidence does not speak for it. Approve it for paper only if you want to watch it without money."
    number = results["run_backtest"]["evidence"]
    return {"backtest_evidence": number, "why": why, "recommended": beat and not lost}


def so_far(results: Results, why: str) -> dict[str, object]:
    """Return a report of what a session had found when it had to end early; `results` may lack any stage."""
    tests = [tool for tool in _TESTS if tool in results]
    blocks = {
        "run_backtest": ("The backtest against holding", "run_backtest"),
        "walk_forward": ("The walk-forward check", "walk_forward"),
    }
    sections: list[dict[str, object]] = [
        {
            "title": title,
            "blocks": [{"kind": "equity", "evidence": results[tool]["evidence"]}, *_table(results[tool])],
        }
        for title, tool in (blocks[name] for name in tests)
    ]
    words = "The tests below were made." if tests else "No test was made."
    return {
        "answer": f"Not finished: {why} {words} Everything found so far is in the evidence.",
        "verdict": "mixed" if tests else "not_tested",
        "confidence": "low",
        "confidence_because": "The work ended before it was done.",
        "sections": sections
        or [{"title": "What was done", "blocks": [{"kind": "text", "text": "The steps and their evidence are kept."}]}],
        "limitations": ["This report was put together from the evidence by rules; no model wrote it."],
    }


def closing(results: Results) -> str:
    """Return the last words of a session."""
    words = {
        "yes": "Done. The strategy beat holding in both tests; the report says how sure that is.",
        "no": "Done. The strategy did not beat holding; the report shows by how much.",
        "mixed": "Done. The two tests do not agree; the report shows both.",
        "not_tested": "Done.",
    }
    lost = " It lost money all the same." if verdict(results) == "yes" and _lost(results) else ""
    return words[verdict(results)] + lost + " Approving it for paper is up to you."


def _answer(results: Results, family: Family, found: Verdict) -> str:
    data, test = _data(results), results["run_backtest"]
    place = f"{data['symbol']} {data['timeframe']} bars from {str(data['start'])[:10]} to {str(data['end'])[:10]}"
    opening = {
        "yes": f"Yes: on {place}, the {family.label} beat holding.",
        "no": f"No: on {place}, the {family.label} did not beat holding.",
        "mixed": f"That depends on the test: on {place}, the two tests of the {family.label} do not agree.",
        "not_tested": "Not tested.",
    }[found]
    words = (
        f"{opening} Its return after costs was {_ref(test, '/metrics/total_return_percent')} against"
        f" {_ref(test, '/metrics/hold_return_percent')} by holding."
    )
    if "walk_forward" in results:
        check = results["walk_forward"]
        words += (
            f" Walking forward, on periods it was not fitted on, it was"
            f" {_ref(check, '/metrics/total_return_percent')} against {_ref(check, '/metrics/hold_return_percent')}."
        )
    return words + (" Beating holding is not gaining: it lost money." if found == "yes" and _lost(results) else "")


def _because(found: Verdict, *, few: bool, checked: bool, synthetic: bool) -> str:
    reasons = ["One market and one span were looked at, so this can be luck."]
    if synthetic:
        reasons.append("The market is made by a generator, so it proves nothing about a real one.")
    if few:
        reasons.append("There were few closed positions to judge by.")
    if not checked:
        reasons.append("The walk-forward check could not be made.")
    elif found == "mixed":
        reasons.append("The backtest and the walk-forward check point in different directions.")
    else:
        reasons.append("The backtest and the walk-forward check point in the same direction.")
    return " ".join(reasons)


def _market(results: Results) -> list[dict[str, object]]:
    bars = results["measure_bars"]
    words = (
        f"The data has {_ref(bars, '/data/tested_bars_count')} bars. Missing bars:"
        f" {_ref(bars, '/data/missing_bars_count')}, in {_ref(bars, '/data/gaps_count')} gaps; they were left missing."
        f" Holding returned {_ref(bars, '/figures/hold_return_percent')} before costs; its deepest fall was"
        f" {_ref(bars, '/figures/hold_max_drawdown_percent')}."
    )
    return [{"title": "The market", "blocks": [{"kind": "text", "text": words}]}]


def _strategy(results: Results, family: Family) -> list[dict[str, object]]:
    written = results["draft_strategy"]["chosen"]
    assert isinstance(written, Mapping)
    features = written["features"]
    assert isinstance(features, Mapping)
    named = "; ".join(f"{name} is `{text}`" for name, text in features.items())
    words = f"{family.told} Here {named}. It enters when `{written['entry']}` and leaves when `{written['exit']}`."
    costs = results["run_backtest"]
    paid = (
        f"Each fill costs a fee of {_ref(costs, '/assumptions/fee_bps')} and a slippage of"
        f" {_ref(costs, '/assumptions/slippage_bps')}; a decision at a bar's close fills at the next bar's open."
    )
    return [{"title": "The strategy", "blocks": [{"kind": "text", "text": words}, {"kind": "text", "text": paid}]}]


def _backtest(results: Results) -> list[dict[str, object]]:
    test = results["run_backtest"]
    blocks: list[dict[str, object]] = [{"kind": "equity", "evidence": test["evidence"]}, *_table(test)]
    return [{"title": "The backtest against holding", "blocks": blocks}]


def _forward(results: Results, no_check: str | None) -> list[dict[str, object]]:
    title = "The walk-forward check"
    if no_check is not None or "walk_forward" not in results:
        words = "The check could not be made: there is too little history, or the strategy does not fit it."
        return [{"title": title, "blocks": [{"kind": "text", "text": words}]}]
    check = results["walk_forward"]
    words = (
        f"The span was cut into {_ref(check, '/windows_count')} test windows. Before each one the windows of the"
        f" strategy were chosen anew among {_ref(check, '/trials_count')} sets, on its past only."
        f" {_ref(check, '/windows_gained_count')} of the windows gained."
    )
    blocks: list[dict[str, object]] = [
        {"kind": "text", "text": words},
        {"kind": "equity", "evidence": check["evidence"]},
        *_table(check),
    ]
    return [{"title": title, "blocks": blocks}]


def _table(result: Mapping[str, object]) -> list[dict[str, object]]:
    rows = [
        {"label": label, "figure": _path(result, name)} | _benchmark(result, held)
        for label, name, held in _ROWS
        if name in _metrics(result)
    ]
    return [{"kind": "metrics", "rows": rows}] if rows else []


def _benchmark(result: Mapping[str, object], name: str | None) -> dict[str, object]:
    return {"benchmark": _path(result, name)} if name is not None and name in _metrics(result) else {}


def _limitations(*, synthetic: bool) -> list[str]:
    made = (
        ["The market is synthetic: the result says how the tools work, not how a real market does."]
        if synthetic
        else []
    )
    return [
        *made,
        "One strategy on one market: no claim about other markets or about the future.",
        "Fills are assumed at the next open for any size; a large order would move the price.",
        "The significance of the difference was not tested.",
    ]


def _would_change(*, checked: bool, few: bool) -> list[str]:
    more = ["More closed positions: so few can go either way by chance."] if few else []
    unchecked = [] if checked else ["A walk-forward check, which could not be made here."]
    return [*more, *unchecked, "Another market or another span: one of each was looked at.", "Higher costs a fill."]


def _beats(result: Mapping[str, object]) -> bool:
    return _figure(result, "total_return_percent") > _figure(result, "hold_return_percent")


def _lost(results: Results) -> bool:
    return any(_figure(results[tool], "total_return_percent") <= 0 for tool in _TESTS if tool in results)


def _figure(result: Mapping[str, object], name: str) -> float:
    value = _metrics(result).get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _metrics(result: Mapping[str, object]) -> Mapping[str, object]:
    metrics = result["metrics"]
    assert isinstance(metrics, Mapping)
    return metrics


def _data(results: Results) -> Mapping[str, object]:
    data = results["run_backtest"]["data"]
    assert isinstance(data, Mapping)
    return data


def _path(result: Mapping[str, object], name: str) -> str:
    return f"{result['evidence']}:/metrics/{name}"


def _ref(result: Mapping[str, object], path: str) -> str:
    return f"{{{{{result['evidence']}:{path}}}}}"
