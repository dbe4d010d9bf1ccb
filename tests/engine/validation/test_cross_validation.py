"""Cross-validation of a choice: every path is a whole history, and only a true effect gains on all."""

from dataclasses import replace

import numpy as np
import pytest

from omc.engine.validation.cross_validation import cross_validate
from omc.engine.validation.overfitting import Overfitting
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from tests.engine.builders import a_document, a_walk, bars_of
from tests.engine.validation.followers import DAYS, SWING, a_follower


def test_what_the_market_was_made_for_gains_on_every_path() -> None:
    found = cross_validate(a_follower(), bars_of(SWING.tolist()))
    # The longest lag takes a day.
    assert (found.splits, len(found.paths), found.days, found.embargo_days) == (45, 9, DAYS - 1, 1)
    assert found.share_lost == 0.0
    assert all(path.total_return > 0 and path.sharpe is not None and path.sharpe > 1 for path in found.paths)
    assert isinstance(found.choice, Overfitting)
    assert found.choice.loss_probability == 0.0
    assert found.choice.pbo == 0.0


def test_what_is_luck_loses_on_most_paths_and_its_choice_is_overfitted() -> None:
    shares, overfitted = [], []
    for seed in range(8):
        found = cross_validate(a_follower(), a_walk(DAYS * 24, seed=seed))
        assert isinstance(found.choice, Overfitting)
        shares.append(found.share_lost)
        overfitted.append(found.choice.loss_probability)
    assert np.mean(shares) > 0.5
    assert min(overfitted) > 0.05


def test_no_path_depends_on_what_comes_before_the_first_bar_that_decides() -> None:
    closes = a_walk(DAYS * 24).close.tolist()
    first = 10 * 24
    one = cross_validate(a_follower(), bars_of(closes), first=first)
    other = cross_validate(a_follower(), bars_of([*closes[: first - 60][::-1], *closes[first - 60 :]]), first=first)
    assert one.days == DAYS - 10
    assert one.paths == other.paths


def test_no_day_counts_before_an_input_is_known() -> None:
    document = a_document(
        inputs={"mood": {"kind": "series", "series": "fear_greed:value", "max_age": "3d"}},
        parameters={"n": 20}, features={"before": "lag(close, n)"},
        entry="close > before", exit="mood < 0", stops={"max_bars": 9},
    )  # fmt: skip
    mood = np.ones(DAYS * 24)
    mood[: 30 * 24] = np.nan
    found = cross_validate(document, replace(a_walk(DAYS * 24), more={"mood": mood}))
    assert found.days == DAYS - 30


def test_too_few_days_are_refused() -> None:
    with pytest.raises(Refusal, match="50 days"):
        cross_validate(a_follower(), a_walk(45 * 24))


def test_it_stops_when_told() -> None:
    with pytest.raises(Refusal, match="stopped"):
        cross_validate(a_follower(), a_walk(DAYS * 24), watch=Watch(stopped=lambda: True))


def test_its_plain_form_is_json() -> None:
    plain = cross_validate(a_follower(), a_walk(DAYS * 24)).plain()
    assert isinstance(plain["overfitting"], dict)
    assert 0 <= plain["overfitting"]["pbo"] <= 1
