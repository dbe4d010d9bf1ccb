"""Models trained anew in each window of a walk-forward: none of them ever saw the bars that it is tested on."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from omc.core.market import Span
from omc.engine import BarColumns, Plan, StrategyDocument, read, walk_forward
from omc.engine.data import bars_for
from omc.engine.inputs import learning_of
from omc.engine.learning import store
from omc.engine.learning.labels import labels_of
from omc.engine.learning.predicting import Predictor, Scorer, rows_of
from omc.engine.learning.retraining import Retrained
from omc.engine.learning.scores import auc
from omc.engine.learning.spec import ModelSpec, program_of
from omc.engine.learning.training import train
from omc.engine.portfolio import Portfolio
from omc.engine.walk_forward import WalkForward
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.ledgers.columns import Floats
from tests.engine.builders import a_raw_document
from tests.engine.learning.specs import a_spec, a_trending_market
from tests.engine.series import a_series

TRAIN = range(100, 900)
KNOWING = {"kind": "forest", "trees": 20, "depth": 12, "min_leaf": 1, "features_tried": 1.0}


def a_noise_market(count: int) -> BarColumns:
    return a_trending_market(count, edge=0.0)


def learning(bars: BarColumns, spec: ModelSpec) -> Retrained:
    return Retrained({"p_up": (spec, bars)})


def a_document(**changes: object) -> StrategyDocument:
    inputs = {"p_up": {"kind": "model", "model": "0" * 64}}
    texts = {"entry": "p_up > level", "exit": "p_up < level"}
    return read(a_raw_document(inputs=inputs, features={}, parameters={"level": 0.5}, **(texts | changes)))


def blank(bars: BarColumns) -> BarColumns:
    """Bars as a document gets them whose stored model has learned from all of them."""
    return replace(bars, more={"p_up": np.full(len(bars), np.nan)})


def test_later_bars_are_told_by_the_model_that_the_training_bars_alone_would_give() -> None:
    bars, spec = a_trending_market(1_200), a_spec()
    column = learning(bars, spec).columns(range(TRAIN.stop))["p_up"]
    alone = Predictor(train(spec, bars.slice(0, TRAIN.stop), symbol="BTC/USDT")).column(bars)
    np.testing.assert_array_equal(column[TRAIN.stop :], alone[TRAIN.stop :])


def test_bars_after_a_training_change_nothing_up_to_its_end() -> None:
    bars = a_trending_market(1_200)
    later = np.arange(len(bars)) >= TRAIN.stop
    moved = {name: np.where(later, getattr(bars, name) * 3, getattr(bars, name)) for name in ("open", "high", "low")}
    other = replace(bars, close=np.where(later, bars.close * 3, bars.close), **moved)
    one, two = (learning(each, a_spec()).columns(TRAIN)["p_up"] for each in (bars, other))
    np.testing.assert_array_equal(one[: TRAIN.stop], two[: TRAIN.stop])


def test_a_bar_that_was_learned_from_is_told_by_a_model_that_did_not_see_it() -> None:
    """In noise there is nothing to know of a bar but the bar itself."""
    bars, spec = a_noise_market(1_200), a_spec(model=KNOWING)
    labels = labels_of(spec, bars.slice(0, TRAIN.stop))
    learned = np.flatnonzero(np.isfinite(labels.values))[TRAIN.start :]
    column = learning(bars, spec).columns(TRAIN)["p_up"]
    artifact = train(spec, bars.slice(0, TRAIN.stop), symbol="BTC/USDT")
    by_heart = Scorer(spec, artifact.form).predictions(rows_of(program_of(spec), bars)[learned])
    assert (auc(labels.values[learned], by_heart) or 0) > 0.95
    assert abs((auc(labels.values[learned], column[learned]) or 0) - 0.5) < 0.12


@pytest.mark.parametrize("kind", ["anchored", "rolling"])
def test_a_walk_forward_trades_on_every_bar_and_gains_nothing_by_heart(kind: str) -> None:
    bars, spec = a_noise_market(1_500), a_spec(model=KNOWING, target={"kind": "forward_return", "bars": 1})
    plan = Plan(windows=3, kind=kind, values={"level": (0.45, 0.5)})  # ty: ignore[invalid-argument-type]
    tested = walk_forward(a_document(), blank(bars), plan, learning=learning(bars, spec))
    artifact = train(spec, bars, symbol="BTC/USDT")
    rows = rows_of(program_of(spec), bars)
    known = np.isfinite(rows).all(axis=1)
    leaked = np.full(len(bars), np.nan)
    leaked[known] = Scorer(spec, artifact.form).predictions(rows[known])
    cheat = walk_forward(a_document(), replace(bars, more={"p_up": leaked}), plan)
    assert cheat.out_of_sample.equity[-1] > 3 * 10_000, "a model that saw the tests would be found out"
    assert tested.out_of_sample.equity[-1] < 1.3 * 10_000
    assert tested.out_of_sample.closed_count > 10
    assert "p_up: trained anew in each window" in tested.out_of_sample.assumptions["models"]


class Noted:
    """Models that note on what they were trained."""

    def __init__(self, inner: Retrained) -> None:
        self.inner, self.trained = inner, list[range]()

    def beginnings(self) -> Mapping[str, Floats]:
        return self.inner.beginnings()

    def columns(self, given: range) -> Mapping[str, Floats]:
        self.trained.append(given)
        return self.inner.columns(given)


@pytest.mark.parametrize("kind", ["anchored", "rolling"])
def test_each_window_trains_once_on_its_own_training_bars(kind: str) -> None:
    bars = a_trending_market(1_500)
    noted = Noted(learning(bars, a_spec()))
    plan = Plan(windows=4, kind=kind, gap_bars=5)  # ty: ignore[invalid-argument-type]
    tested = walk_forward(a_document(), blank(bars), plan, learning=noted)
    assert [int(bars.ts[one.start]) for one in noted.trained] == [window.train_start for window in tested.windows]
    ends = [int(bars.ts[one.stop - 1]) + bars.timeframe_ms for one in noted.trained]
    assert ends == [window.train_end for window in tested.windows]
    assert all(window.train_end < window.test_start for window in tested.windows)


def test_a_market_with_something_to_learn_is_learned_in_each_window() -> None:
    bars = a_trending_market(2_000, edge=0.6)
    spec = a_spec(target={"kind": "forward_return", "bars": 1})
    document = a_document(costs={"fee_bps": "0", "slippage_bps": "0"})
    tested = walk_forward(document, blank(bars), Plan(windows=4), learning=learning(bars, spec))
    assert all(window.test_return > 0 for window in tested.windows)


def test_a_training_that_is_too_short_is_refused_at_the_input() -> None:
    bars = a_trending_market(400)
    with pytest.raises(Refusal) as refused:
        walk_forward(a_document(), blank(bars), Plan(windows=3), learning=learning(bars, a_spec()))
    assert (refused.value.code, refused.value.place) == ("not_enough_history", "/inputs/p_up/model")
    assert "fewer windows" in refused.value.text


PAIR = ["BTC/USDT", "ETH/USDT"]
VALUES = {"level": (0.45, 0.5)}


def walked(every: Mapping[str, BarColumns], *, kind: str = "anchored", watch: Watch = UNWATCHED) -> WalkForward:
    """Both symbols on one account in three windows, each taught on its own bars."""
    spec = a_spec(universe=PAIR)
    plan = Plan(windows=3, kind=kind, values=VALUES)  # ty: ignore[invalid-argument-type]
    bars = {symbol: blank(one) for symbol, one in every.items()}
    each = {symbol: learning(one, spec) for symbol, one in every.items()}
    return walk_forward(a_document(universe=PAIR), bars, plan, learning=each, watch=watch)


@pytest.mark.parametrize("kind", ["anchored", "rolling"])
@pytest.mark.parametrize(
    ("listed", "until", "untaught"),
    [
        (850, 1_500, {"anchored": 2, "rolling": 2}),
        (520, 1_500, {"anchored": 1, "rolling": 1}),
        (0, 700, {"anchored": 0, "rolling": 1}),
    ],
)
def test_a_symbol_wants_nothing_in_a_window_in_which_it_has_too_little_to_be_trained_on(
    kind: str, listed: int, until: int, untaught: Mapping[str, int]
) -> None:
    second = a_trending_market(1_500, seed=2).slice(listed, until)
    tested = walked({"BTC/USDT": a_trending_market(1_500), "ETH/USDT": second}, kind=kind)
    out = tested.out_of_sample
    assert isinstance(out, Portfolio)
    assert len(out.holdings["BTC/USDT"].fills.ts)
    filled = out.holdings["ETH/USDT"].fills.ts
    assert len(filled), "it is traded in the windows that it can be trained for"
    missing = untaught[kind]
    if listed:
        assert filled.min() > tested.windows[missing].test_start
    for run in (out, tested.fixed):
        assert run.assumptions["models"].endswith(f"ETH/USDT in {missing} of 3 windows") == bool(missing)


def test_no_symbol_with_enough_to_train_on_is_refused_with_the_name_of_one() -> None:
    every = {symbol: a_trending_market(500, seed=seed) for seed, symbol in enumerate(PAIR)}
    with pytest.raises(Refusal) as refused:
        walked(every)
    assert (refused.value.code, refused.value.place) == ("not_enough_history", "/inputs/p_up/model")
    assert refused.value.text.startswith("BTC/USDT: ")


def test_a_walk_forward_that_trains_tells_each_step_and_stops_when_it_is_told_to() -> None:
    every = {symbol: a_trending_market(1_500, seed=seed) for seed, symbol in enumerate(PAIR)}
    steps = list[tuple[int, int, str]]()
    watch = Watch(told=lambda *step: steps.append(step), stopped=lambda: len(steps) >= 7)
    with pytest.raises(Refusal, match="stopped after 4 of 6 steps of the walk-forward"):
        walked(every, watch=watch)
    assert steps == [(at, 3, "training anew") for at in range(3)] + [(at, 6, "walk-forward") for at in range(4)]


async def test_a_document_brings_the_specifications_of_its_stored_models(
    database: Database, workspace: UUID, tmp_path: Path
) -> None:
    """The stored model learned from the first 500 bars; what it says of the others is not what the windows use."""
    series = await a_series(database, workspace, tmp_path, a_trending_market(1_200))
    assert series.start is not None
    past = Span(series.start, series.start + timedelta(hours=500))
    asked = store.Training(spec=a_spec(), series=series, span=past, by="ada")
    async with database.session(workspace) as session:
        trial = await store.register(session, asked, now=utc_now())
        artifact = train(a_spec(), await store.bars_of(session, asked), symbol=series.symbol)
        kept = await store.keep(session, artifact, asked, trial_id=trial, now=utc_now())
        document = read(
            a_raw_document(
                inputs={"p_up": {"kind": "model", "model": kept}},
                features={},
                parameters={"level": 0.5},
                entry="p_up > level",
                exit="p_up < level",
            )
        )
        bars, _ = await bars_for(session, document, series, None)
        found = await learning_of(session, document, bars)
        assert await learning_of(session, read(a_raw_document()), bars) is None
    assert found is not None
    tested = walk_forward(document, bars, Plan(windows=3), learning=found)
    assert tested.windows[0].train_start < int(bars.ts[100])
    np.testing.assert_array_equal(
        found.columns(range(800))["p_up"],
        learning(replace(bars, more={}), a_spec()).columns(range(800))["p_up"],
    )
