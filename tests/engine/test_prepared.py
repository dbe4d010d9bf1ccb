"""What is compiled after an installation: the loops of a common run, so that the first long one does not wait."""

from collections.abc import Callable

import pytest

from omc.engine.kernels import (
    _ready,
    chosen,
    columns,
    conditions,
    is_compiled,
    lanes,
    portfolio,
    resampling,
    simulation,
)
from omc.engine.prepared import prepare


@pytest.fixture(scope="module", autouse=True)
def prepared() -> None:
    _ready.clear()  # of what earlier tests had compiled
    prepare()


@pytest.mark.parametrize(
    "loop",
    [simulation.run, portfolio.run_many, lanes.trade, conditions.decide, columns.sma, resampling.resampled],
    ids=lambda loop: loop.__name__,
)
def test_a_loop_of_most_runs_is_compiled(loop: Callable[..., object]) -> None:
    assert is_compiled(chosen(loop, 1))
