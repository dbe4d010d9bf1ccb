"""Training: what is there is learned, what is not is not claimed, and nothing is said of what was learned from."""

import subprocess
import sys

import numpy as np
import pytest

from omc.engine import BarColumns
from omc.engine.learning import fitting
from omc.engine.learning.artifact import Artifact
from omc.engine.learning.labels import labels_of
from omc.engine.learning.predicting import Predictor, Scorer, rows_of
from omc.engine.learning.scores import auc
from omc.engine.learning.spec import ModelSpec, program_of
from omc.engine.learning.training import train
from omc.engine.validation.splits import purged_folds
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from tests.engine.builders import a_walk, bars_of
from tests.engine.learning.specs import a_raw_spec, a_spec, a_trending_market

FAST = {"kind": "boosting", "trees": 30, "depth": 3, "min_leaf": 20}
KINDS = [{"kind": "logistic"}, {"kind": "forest", "trees": 20, "depth": 4, "min_leaf": 20}, FAST]


def skill(artifact: Artifact) -> float:
    """The mean out-of-fold AUC."""
    found = [fold.test.auc for fold in artifact.folds]
    return float(np.mean([one for one in found if one is not None]))


def by_heart(artifact: Artifact) -> float:
    found = [fold.train.auc for fold in artifact.folds]
    return float(np.mean([one for one in found if one is not None]))


# --- skill ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", KINDS, ids=lambda one: one["kind"])
def test_an_edge_that_is_there_is_found_and_laid_to_its_feature(model: dict[str, object]) -> None:
    """The return of the next bar is three tenths of the last one's, so that what has just happened tells it."""
    features = {"last": "close / lag(close, 1) - 1", "noise": "volume", "older": "lag(close, 9) / lag(close, 10) - 1"}
    target = {"kind": "forward_return", "bars": 1}
    found = train(a_spec(features=features, model=model, target=target), a_trending_market(3_000), symbol="BTC/USDT")
    assert skill(found) > 0.58
    importances = {name: one.mean for name, one in found.importances.items()}
    assert importances["last"] > 0.01
    assert importances["last"] > 10 * max(abs(importances["noise"]), abs(importances["older"]))


def test_a_return_that_can_be_told_is_told() -> None:
    spec = a_spec(
        features={"last": "close / lag(close, 1) - 1"},
        target={"kind": "forward_return", "bars": 1},
        task="regress",
        model={"kind": "ridge"},
    )
    found = train(spec, a_trending_market(3_000), symbol="BTC/USDT")
    rank = [fold.test.ic for fold in found.folds]
    saved = [fold.test.r2 for fold in found.folds]
    assert all(one is not None and 0.2 < one < 0.4 for one in rank)
    assert all(one is not None and 0.04 < one < 0.14 for one in saved)


@pytest.mark.parametrize("model", KINDS, ids=lambda one: one["kind"])
def test_pure_noise_has_no_skill_whatever_was_learned_by_heart(model: dict[str, object]) -> None:
    """A random walk, labels that overlap, twelve seeds: the mean lies at a half within three standard errors."""
    spec = a_spec(model=model, target={"kind": "forward_return", "bars": 10})
    found = [train(spec, a_walk(1_200, seed=seed), symbol="BTC/USDT") for seed in range(12)]
    skills = [skill(one) for one in found]
    error = float(np.std(skills, ddof=1) / np.sqrt(len(skills)))
    assert abs(np.mean(skills) - 0.5) < 3 * error + 0.005, skills
    assert error < 0.02
    assert np.mean([by_heart(one) for one in found]) > np.mean(skills) + 0.03


def test_without_purge_labels_that_overlap_would_show_skill_on_noise() -> None:
    """What the purge is for: a label of 60 bars is told by those beside it, and folds of 30 bars are all edge."""
    spec = a_spec(
        features={"place": "close / sma(close, 100)", "level": "sma(close, 100)"},
        model={"kind": "forest", "trees": 4, "depth": 8, "min_leaf": 3},
        target={"kind": "forward_return", "bars": 60},
    )
    found = np.asarray([_pooled_skill(spec, a_walk(1_200, seed=seed)) for seed in range(3)])
    leaky, purged = found.mean(axis=0).tolist()
    assert leaky > 0.7
    assert abs(purged - 0.5) < 0.1


def _pooled_skill(spec: ModelSpec, bars: BarColumns) -> tuple[float, float]:
    """The AUC over all folds at once, with nothing left out between them, and with what training leaves out."""
    labels, rows = labels_of(spec, bars), rows_of(program_of(spec), bars)
    there = np.flatnonzero(np.isfinite(labels.values) & np.isfinite(rows).all(axis=1))
    rows, values = rows[there], labels.values[there]
    skills = []
    for purge in (0, labels.span):
        said = np.zeros(len(values))
        for split in purged_folds(len(values), 40, purge=purge):
            fitted = np.concatenate([np.arange(one.start, one.stop) for one in split.train])
            test = np.arange(split.test[0].start, split.test[0].stop)
            said[test] = Scorer(spec, fitting.fit(spec, rows[fitted], values[fitted])).predictions(rows[test])
        skills.append(auc(values, said) or 0.0)
    return skills[0], skills[1]


# --- what is looked at ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        {"kind": "forward_return", "bars": 12},
        {
            "kind": "triple_barrier",
            "up": {"kind": "atr", "value": "2"},
            "down": {"kind": "percent", "value": "2"},
            "bars": 24,
        },
    ],
    ids=lambda one: one["kind"],
)
def test_a_model_says_nothing_about_bars_that_it_could_have_learned_from(target: dict[str, object]) -> None:
    bars = a_trending_market(900)
    past = bars.slice(0, 600)
    artifact = train(a_spec(target=target), past, symbol="BTC/USDT")
    said = Predictor(artifact).column(bars)
    known = labels_of(artifact.spec, past).known
    assert artifact.known_until >= int(past.ts[-1]) + past.timeframe_ms
    assert int(known[np.isfinite(labels_of(artifact.spec, past).values)].max()) < 600
    assert np.isnan(said[:600]).all()
    assert np.isfinite(said[600:]).all()
    assert np.isnan(Predictor(artifact).column(past)).all()


def test_what_comes_later_changes_nothing_of_a_model_and_of_what_it_said() -> None:
    bars = a_trending_market(900)
    predictor = Predictor(train(a_spec(model=FAST), bars.slice(0, 600), symbol="BTC/USDT"))
    whole = predictor.column(bars)
    for end in (601, 700, 899):
        np.testing.assert_array_equal(predictor.column(bars.slice(0, end)), whole[:end])


def test_the_folds_cover_every_labelled_bar_once_and_leave_room_around_each() -> None:
    bars = a_trending_market(500)
    found = train(a_spec(), bars, symbol="BTC/USDT")
    assert sum(fold.test_bars for fold in found.folds) == found.bars == 500 - 19 - 4
    assert [fold.start for fold in found.folds[1:]] == [fold.end for fold in found.folds[:-1]]
    inner = [fold.train_bars + fold.test_bars for fold in found.folds[1:-1]]
    assert inner == [found.bars - 2 * found.label_span - 10] * len(inner)


def test_the_last_bar_is_explained() -> None:
    bars = a_trending_market(500)
    found = train(a_spec(model=FAST), bars, symbol="BTC/USDT").explanation
    assert found.ts == int(bars.ts[-1])
    assert found.base + sum(found.contributions.values()) == pytest.approx(found.score)
    assert found.prediction == pytest.approx(1 / (1 + np.exp(-found.score)))


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_too_few_bars_are_refused() -> None:
    with pytest.raises(Refusal, match="a longer span") as refused:
        train(a_spec(), a_trending_market(150), symbol="BTC/USDT")
    assert refused.value.code == "not_enough_history"


def test_one_label_is_refused() -> None:
    rising = bars_of([100.0 + at for at in range(600)])
    with pytest.raises(Refusal, match="label 1") as refused:
        train(a_spec(features={"x": "close"}), rising, symbol="BTC/USDT")
    assert refused.value.place == "/target"


def test_a_feature_without_a_value_is_refused_at_its_place() -> None:
    with pytest.raises(Refusal) as refused:
        train(a_spec(features={"x": "close / (close - close)"}), a_trending_market(400), symbol="BTC/USDT")
    assert refused.value.place.startswith("/features/x")


def test_a_feature_beyond_single_precision_is_refused_at_its_place() -> None:
    with pytest.raises(Refusal) as refused:
        train(a_spec(features={"x": "close * 1e37"}), a_trending_market(400), symbol="BTC/USDT")
    assert refused.value.place == "/features/x"


def test_a_training_can_be_stopped() -> None:
    told: list[int] = []
    watch = Watch(told=lambda done, _, __: told.append(done), stopped=lambda: len(told) == 2)
    with pytest.raises(Refusal, match="stopped"):
        train(a_spec(), a_trending_market(400), symbol="BTC/USDT", watch=watch)
    assert told == [0, 1]


def test_without_the_extra_it_is_said_what_to_install() -> None:
    """In a process that finds no scikit-learn."""
    program = f"""
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        return None
kept = list(sys.meta_path)
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("sklearn", "lightgbm"):
            return None
        return next((one for one in (finder.find_spec(name, path, target) for finder in kept) if one), None)
sys.meta_path[:] = [Without()]
from omc.engine.learning.spec import read_spec
from omc.engine.learning.training import train
from tests.engine.learning.specs import a_trending_market
try:
    train(read_spec({a_raw_spec()!r}), a_trending_market(400), symbol="BTC/USDT")
except Exception as refused:
    print(refused)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install scikit-learn lightgbm" in said.stdout


def test_predicting_loads_none_of_the_libraries() -> None:
    program = """
import sys
from omc.engine.learning.predicting import Predictor
print([name for name in ("sklearn", "lightgbm", "pandas", "scipy", "numba") if name in sys.modules])
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
