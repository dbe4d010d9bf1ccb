"""Compiled code says what plain Python says, bit for bit, wherever a block ends."""

from typing import cast

import numpy as np
import pytest

from omc.engine import blocks, kernels
from omc.engine.evaluation import evaluate, in_wholes
from omc.engine.expression import compile_program
from omc.engine.indicator_loops import LOOP_PARTS, LOOPS
from omc.engine.kernels.columns import Inputs, Out, State
from omc.engine.operators import FUNCTIONS, Kind, Operator
from omc.kit.errors import Refusal
from tests.engine.agreement import bar_by_bar
from tests.engine.builders import a_wild_market
from tests.engine.generated import compiled, documents

KERNELS = {row.name: row for row in (FUNCTIONS | LOOPS | LOOP_PARTS).values() if row.kernel is not None}
BARS = a_wild_market(2_000)


@pytest.mark.parametrize("name", KERNELS)
def test_a_compiled_kernel_gives_the_bits_of_plain_python_and_of_numpy(name: str) -> None:
    row = KERNELS[name]
    assert row.kernel is not None
    settings = tuple(float(max(one.low, 7 if one.whole else 0.02)) for one in row.settings)
    given = [getattr(BARS, column) for column in row.reads] + inputs_of(row)
    plain = [0.0] * len(BARS)
    row.kernel(tuple(one.tolist() for one in given), settings, [0.0] * row.room(*settings), plain, 0, len(BARS))
    known, quick = np.asarray(plain)[row.warm_up(*settings) :], np.zeros(len(BARS))
    kernel = kernels.chosen(row.kernel, kernels.PATIENCE)
    assert kernels.is_compiled(kernel)
    state = np.zeros(row.room(*settings))
    kernel(cast("Inputs", tuple(given)), settings, cast("State", state), cast("Out", quick), 0, len(BARS))
    assert quick[row.warm_up(*settings) :].tobytes() == known.tobytes()
    if row.vector is not None:
        with np.errstate(all="ignore"):
            vector = np.asarray(row.vector(*given, *settings), dtype=np.float64)
        assert vector[row.warm_up(*settings) :].tobytes() == known.tobytes()


def inputs_of(row: Operator) -> list[np.ndarray]:
    moved = BARS.close - BARS.open
    numbers = iter((moved, BARS.volume, BARS.low, BARS.high))
    return [BARS.close > BARS.open if kind is Kind.CONDITION else next(numbers) for kind in row.takes]


@pytest.mark.parametrize("length", [1, 30, blocks.BLOCK, blocks.BLOCK + 1, 2 * blocks.BLOCK + 10])
def test_blocks_give_the_bits_of_whole_columns(length: int) -> None:
    bars = a_wild_market(length)
    for raw in documents(seed=length, count=8):
        program = compiled(raw)
        for slots in (range(len(program.steps)), list(program.conditions.values())):
            with np.errstate(all="ignore"):
                found, expected = blocks.in_blocks(program, bars, slots), in_wholes(program, bars, slots)
            if isinstance(found, blocks.Failed) or isinstance(expected, blocks.Failed):
                assert isinstance(found, blocks.Failed)
                assert isinstance(expected, blocks.Failed)
                continue
            pairs = zip(found, expected, strict=True)
            assert all(one.tobytes() == other.tobytes() for one, other in pairs), raw
            assert [one.dtype for one in found] == [one.dtype for one in expected]


@pytest.mark.parametrize("window", [blocks.BLOCK - 2, blocks.BLOCK, blocks.BLOCK + 5])
def test_a_window_as_long_as_a_block_is_right(window: int) -> None:
    bars = a_wild_market(blocks.BLOCK + 5_000)
    texts = {"entry": f"highest(high, {window}) > sma(close, {window}) + stdev(close, {window})"}
    program, _ = compile_program(features={}, conditions=texts, parameters={})
    assert program is not None
    slots = [program.conditions["entry"]]
    whole = in_wholes(program, bars, slots)
    assert not isinstance(whole, blocks.Failed)
    assert evaluate(program, bars, slots)[0].tobytes() == whole[0].tobytes()
    assert blocks.serves(program, len(bars)) == (window < blocks.BLOCK - 1)


def test_the_refusal_of_a_long_run_names_its_first_bar_and_its_place() -> None:
    bars = a_wild_market(40_000)
    features = {"late": "1 / (close - close * if(bars_since(volume < 0, 30000) > 29999, 1, 0))", "soon": "log(-close)"}
    program, _ = compile_program(features=features, conditions={"entry": "late > soon"}, parameters={})
    assert program is not None
    with pytest.raises(Refusal) as refused:
        evaluate(program, bars, ())
    assert (refused.value.code, refused.value.place) == ("not_finite", "/features/soon:1")
    assert bar_by_bar(program, bars)[1] == [refused.value.code, refused.value.place, refused.value.text]
