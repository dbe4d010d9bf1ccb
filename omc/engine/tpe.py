"""Owns the search that learns: which combination to try next, by how the earlier ones trained.

The tree-structured Parzen estimator (Bergstra et al. 2011, Algorithms for hyper-parameter optimization) of Optuna, an
optional part (the extra `search`) that is loaded on first use and nowhere else. It is told training figures
only, so that the test stays out of the choice; the same seed asks for the same combinations.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

from omc.engine.document import StrategyDocument
from omc.engine.reading import compiled_each
from omc.engine.sweep import Planned, Row, Search, Sweep, combinations, forget, grid_size, laid_out, nth, sweep
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal

MAX_TRIES = 5_000
AT_ONCE = 8
"""Combinations asked for together: they are computed side by side, and the estimator learns from all of them."""
MAX_REPEATS = 20
"""So many known combinations in a row, and an unknown one is drawn at random."""


def tries_of(document: StrategyDocument, search: Search) -> int:
    """Return how many combinations a search will try; Refusal where it cannot be."""
    if search.tries is None:
        return len(combinations(document, search))
    if search.sample is not None:
        raise Refusal(
            "one_of_two", 422, "a sample is drawn at random; ask for it or for tries that learn", place="/tries"
        )
    if not 1 <= search.tries <= MAX_TRIES:
        raise Refusal("too_many", 422, f"1 to {MAX_TRIES} tries are possible, not {search.tries}", place="/tries")
    if find_spec("optuna") is None:
        words = "tries that learn need Optuna, which is not installed: `.venv/bin/pip install optuna`, or take a sample"
        raise Refusal("not_installed", 409, words, place="/tries")
    return min(search.tries, grid_size(document, search))


def corners(search: Search) -> Search:
    """Return the grid of the least and the greatest values: what needs the longest warm-up is among them."""
    values = {name: tuple(dict.fromkeys((min(these), max(these)))) for name, these in search.values.items()}
    return Search(values=values, seed=search.seed, train=search.train)


def among(planned: Planned, chosen: Sequence[Mapping[str, float]]) -> Planned:
    """Return the same bars laid out the same way, with other combinations to try."""
    return laid_out(planned, chosen, compiled_each(planned.document, chosen))


def learn(
    planned: Planned,
    search: Search,
    *,
    known: Mapping[str, Row] | None = None,
    keep: Callable[[Row], None] = forget,
    watch: Watch = UNWATCHED,
) -> Sweep:
    """Try one batch after the other on bars laid out for `corners`; `known`, `keep` and `watch` as for `sweep`."""
    total, done, estimator = tries_of(planned.document, search), dict[str, Row](), Estimator(search)
    while len(done) < total and not watch.stopped():
        watch.told(len(done), total, "sweep")
        batch = among(planned, estimator.ask(min(AT_ONCE, total - len(done))))
        done.update(known_or_tried(batch, known or {}, keep))
        estimator.tell([done[row.key] for row in batch.tries])
    watch.told(len(done), total, "sweep")
    # Nothing is tried here any more: what is known is put in its order.
    found = sweep(replace(planned, tries=tuple(done.values())), known=done)
    return replace(found, left=total - len(done))


def known_or_tried(
    batch: Planned, known: Mapping[str, Row] | None = None, keep: Callable[[Row], None] = forget
) -> dict[str, Row]:
    """Return the rows of a batch by their keys, in its order."""
    found = dict(known or {})

    def kept(row: Row) -> None:
        found[row.key] = row
        keep(row)

    sweep(batch, known=known, keep=kept)
    return {row.key: found[row.key] for row in batch.tries}


class Estimator:
    """What was tried so far, and what to try next. Its state is Optuna's study."""

    def __init__(self, search: Search) -> None:
        """Begin with nothing known."""
        optuna = import_module("optuna")
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.TPESampler(seed=search.seed, constant_liar=True)
        self._study = optuna.create_study(direction="maximize", sampler=sampler)
        self._failed = optuna.trial.TrialState.FAIL
        self._values = {name: sorted(these) for name, these in search.values.items()}
        self._scales = {
            name: optuna.distributions.IntDistribution(0, len(these) - 1) for name, these in self._values.items()
        }
        self._random = random.Random(search.seed)  # noqa: S311 - a search is no secret
        self._waiting: list[tuple[int, tuple[float, ...]]] = []
        self._known: dict[tuple[float, ...], float | None] = {}

    def ask(self, count: int) -> list[dict[str, float]]:
        """Return so many combinations that were not tried yet; there must be so many."""
        asked: list[dict[str, float]] = []
        while len(asked) < count:
            repeats = 0
            trial, combination = self._next()
            while tuple(combination.values()) in self._known:
                self._tell(trial, self._known[tuple(combination.values())])
                repeats += 1
                if repeats > MAX_REPEATS:
                    self._study.enqueue_trial(self._unknown())
                trial, combination = self._next()
            key = tuple(combination.values())
            self._known[key] = None
            self._waiting.append((trial, key))
            asked.append(combination)
        return asked

    def tell(self, found: Sequence[Row]) -> None:
        """Learn what the combinations of the last `ask` found in training; a refused one found nothing."""
        for (trial, key), row in zip(self._waiting, found, strict=True):
            self._known[key] = None if row.train is None else row.train.sharpe
            self._tell(trial, self._known[key])
        self._waiting.clear()

    def _next(self) -> tuple[int, dict[str, float]]:
        trial = self._study.ask(self._scales)  # ty: ignore[invalid-argument-type] - a dict of any kind of scale will do
        return trial.number, {name: these[trial.params[name]] for name, these in self._values.items()}

    def _tell(self, trial: int, figure: float | None) -> None:
        if figure is None:
            self._study.tell(trial, state=self._failed)
        else:
            self._study.tell(trial, figure)

    def _unknown(self) -> dict[str, int]:
        count = 1
        for these in self._values.values():
            count *= len(these)
        while True:
            combination = nth(self._values, self._random.randrange(count))
            if tuple(combination.values()) not in self._known:
                return {name: self._values[name].index(value) for name, value in combination.items()}
