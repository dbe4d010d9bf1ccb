"""What is stored of a result: months of the whole equity, however thin its outline, and intervals of its figures."""

from math import prod

import pytest

from omc.engine import simulate
from omc.engine.outline import outline, spread_of
from tests.engine.builders import a_document, a_walk, bars_of


def test_months_chain_to_the_whole_return_whatever_the_outline_is_thinned_to() -> None:
    result = simulate(a_document(), a_walk(24 * 100))
    plain = outline(result, max_points=5)
    months = plain["months"]
    assert isinstance(months, list)
    assert [(one["year"], one["month"]) for one in months] == [(2024, 1), (2024, 2), (2024, 3), (2024, 4)]
    for curve, whole in (("equity", "total_return"), ("hold", "hold_return")):
        assert prod(1 + one[curve] for one in months) - 1 == pytest.approx(result.metric(whole), abs=1e-12)
    february = [at for at, ts in enumerate(result.ts) if ts < 1_706_745_600_000]  # 2024-02-01 UTC
    assert months[0]["equity"] == pytest.approx(result.equity[february[-1]] / result.equity[0] - 1)


def test_intervals_hold_the_figure_and_are_the_same_again() -> None:
    result = simulate(a_document(), a_walk(24 * 100))
    spread = spread_of(result)
    assert spread == spread_of(result)
    assert spread is not None
    whole = spread["total_return"]
    assert isinstance(whole, dict)
    assert whole["low"] < whole["value"] < whole["high"]
    assert whole["value"] == pytest.approx(result.metric("total_return"))


def test_too_few_days_have_no_interval() -> None:
    assert spread_of(simulate(a_document(), bars_of([1.0 + at % 7 for at in range(30)]))) is None
