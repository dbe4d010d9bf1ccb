"""Owns the search over parameters: a grid or a random sample of it, each combination on two parts of the bars.

The first part trains, the rest tests; both figures always stand side by side, because the best of many on the part that
chose it says nothing. Pure: what is known already comes in, what is found goes out through `keep`, one row at a time,
so that a search may stop anywhere and go on later; no more than a row a combination is held.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal, InvalidOperation
from itertools import islice, product
from math import prod

from omc.core.canonical import digest
from omc.core.reason import Reason
from omc.engine.document import StrategyDocument, document_hash
from omc.engine.grid import Side
from omc.engine.market import Bars, Market, market_of
from omc.engine.program import Program
from omc.engine.reading import compiled_each
from omc.engine.runs import figures, run_on, warm_up_of
from omc.engine.simulate import ENGINE, Settings
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal

MAX_COMBINATIONS = 20_000
MAX_VALUES = 10_000
MIN_SIDE_BARS = 20
TRAIN = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One combination: its figures in training and test, or why it was refused. `key` pins what it was made from."""

    key: str
    parameters: Mapping[str, float]
    train: Side | None = None
    test: Side | None = None
    refused: str = ""

    def plain(self) -> dict[str, object]:
        """The same as plain JSON."""
        return asdict(self) | {"parameters": dict(self.parameters)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is varied: values by parameter. `sample` combinations at random with `seed`, the whole grid where None.

    `tries` combinations are chosen one after the other where it is given, by how the earlier ones trained (`tpe`).
    `train` is the share of the bars after the warm-up that trains.
    """

    values: Mapping[str, Sequence[float]]
    sample: int | None = None
    tries: int | None = None
    seed: int = 0
    train: float = TRAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Rows with figures, the best Sharpe ratio in the test first, and the refused ones.

    `trials` is how many combinations were tried, refused ones too; `left` how many were not, because it was stopped.
    `split_ts` is the opening time (ms) of the first bar of the test.
    """

    rows: tuple[Row, ...]
    refused: tuple[Row, ...]
    trials: int
    left: int
    split_ts: int

    def plain(self) -> dict[str, object]:
        """The same as plain JSON."""
        rows = {"rows": [row.plain() for row in self.rows], "refused": [row.plain() for row in self.refused]}
        return rows | {"trials": self.trials, "left": self.left, "split_ts": self.split_ts}


def given_values(name: str, given: str | Sequence[float]) -> tuple[float, ...]:
    """Return the values of a parameter, written as a range or each by itself."""
    return values_of(f"{name}={given}")[1] if isinstance(given, str) else tuple(dict.fromkeys(given))


def values_of(text: str) -> tuple[str, tuple[float, ...]]:
    """Read `name=low:high:step` (both ends included) or `name=1,2,5`; Refusal `bad_range` tells how it is written."""
    name, _, written = text.partition("=")
    try:
        values = _range(written) if ":" in written else tuple(float(_number(one)) for one in written.split(","))
    except (InvalidOperation, ValueError):
        example = "write name=low:high:step, for example fast=10:50:5, or name=1,2,5"
        raise Refusal("bad_range", 422, f"`{text}` is no range: {example}", place=name.strip()) from None
    return name.strip(), tuple(dict.fromkeys(values))


def _range(written: str) -> tuple[float, ...]:
    low, high, step = (_number(one) for one in written.split(":"))
    if step <= 0 or high < low or (high - low) / step >= MAX_VALUES:
        raise ValueError
    return tuple(float(low + step * at) for at in range(int((high - low) / step) + 1))


def _number(text: str) -> Decimal:
    number = Decimal(text.strip())
    if not number.is_finite():
        raise ValueError
    return number


def combinations(document: StrategyDocument, search: Search) -> list[dict[str, float]]:
    """Return the combinations to try, in a fixed order, without doubles.

    Raises Refusal: a parameter that the document does not have, no values, more than MAX_COMBINATIONS.
    """
    count = grid_size(document, search)
    wanted = count if search.sample is None else min(search.sample, count)
    if not 1 <= wanted <= MAX_COMBINATIONS:
        text = (
            f"this would try {wanted} combinations; 1 to {MAX_COMBINATIONS} are possible: use larger steps or a sample,"
            " or let each try choose the next by how it trained (`--optuna 200`; `tries` over HTTP)"
        )
        raise Refusal("too_many", 422, text)
    if wanted == count:
        return [dict(zip(search.values, one, strict=True)) for one in islice(product(*search.values.values()), count)]
    chosen = random.Random(search.seed).sample(range(count), wanted)  # noqa: S311 - a search is no secret
    return [nth(search.values, at) for at in sorted(chosen)]


def grid_size(document: StrategyDocument, search: Search) -> int:
    """Return how many combinations the whole grid has; Refusal where it names no parameter or no values."""
    for name, values in search.values.items():
        if name not in document.parameters:
            known = ", ".join(document.parameters) or "none; name a window under `parameters` first"
            text = f"the document has no parameter `{name}`; it has: {known}"
            raise Refusal("unknown_parameter", 422, text, place=f"/parameters/{name}")
        if not values:
            raise Refusal("bad_range", 422, f"`{name}` has no values to try", place=f"/parameters/{name}")
    if not search.values:
        raise Refusal("bad_range", 422, "nothing is varied; name a parameter and its values, such as fast=10:50:5")
    return prod(len(values) for values in search.values.values())


def nth(values: Mapping[str, Sequence[float]], at: int) -> dict[str, float]:
    """Return the combination at a place of the grid, in the order of `combinations`."""
    found = {}
    for name in reversed(list(values)):
        at, place = divmod(at, len(values[name]))
        found[name] = values[name][place]
    return {name: found[name] for name in values}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A search laid out: what is to be tried, and which rows of the market train and test. Made by `plan`.

    `programs` are those of the tries that compile, by their keys.
    """

    document: StrategyDocument
    market: Market
    first: int
    split: int
    tries: tuple[Row, ...] = field(default=(), repr=False)
    programs: Mapping[str, Program] = field(default_factory=dict, repr=False)


def plan(document: StrategyDocument, bars: Bars, search: Search, *, start: int = 0) -> Planned:
    """Lay a search out; no bar before row `start` decides. Every combination trades on the same bars.

    A combination that does not compile is in `tries` with its reason. Raises Refusal as `combinations` does, where none
    compiles, and where the bars are too few.
    """
    market, choices = market_of(document, bars), combinations(document, search)
    found = compiled_each(document, choices)
    programs = [program for program, _ in found if program is not None]
    if not programs:
        reason = found[0][1][0]
        raise Refusal(reason.code, 422, f"no combination can run: {reason.text}", place=reason.place)
    first = max(warm_up_of(document, programs, market), start)
    split = first + int((len(market) - first) * search.train)
    if not 0 < search.train < 1 or min(split - first, len(market) - split) < MIN_SIDE_BARS:
        text = f"training and test need {MIN_SIDE_BARS} bars each after a warm-up of {first}; there are {len(market)}"
        raise Refusal("not_enough_history", 422, f"{text}. Use a longer span, shorter windows or another share")
    return laid_out(Planned(document=document, market=market, first=first, split=split), choices, found)


def laid_out(
    planned: Planned,
    choices: Sequence[Mapping[str, float]],
    found: Sequence[tuple[Program | None, Sequence[Reason]]],
) -> Planned:
    """Return the same bars laid out the same way, to try these combinations, `found` as `compiled_each` made them."""
    market, first, split = planned.market, planned.first, planned.split
    made_from = digest([ENGINE, document_hash(planned.document), market.data_hash, first, split])
    tries = tuple(
        Row(key=digest([made_from, values]), parameters=values, refused=said(reasons))
        for values, (_, reasons) in zip(choices, found, strict=True)
    )
    programs = {row.key: program for row, (program, _) in zip(tries, found, strict=True) if program is not None}
    return replace(planned, tries=tries, programs=programs)


def said(reasons: Sequence[Reason]) -> str:
    """Return the first of the reasons with its place; nothing where there is none."""
    return f"{reasons[0].place}: {reasons[0].text}" if reasons else ""


def forget(row: Row) -> None:
    """Keep nothing."""
    del row


def sweep(
    planned: Planned,
    *,
    known: Mapping[str, Row] | None = None,
    keep: Callable[[Row], None] = forget,
    watch: Watch = UNWATCHED,
) -> Sweep:
    """Try what was laid out; `known` rows, by key, are not tried again, and `keep` is given each new one."""
    known, done = known or {}, list[Row]()
    found = _found(planned, [row for row in planned.tries if not row.refused and row.key not in known])
    for at, asked in enumerate(planned.tries):
        if watch.stopped():
            break
        watch.told(at, len(planned.tries), "sweep")
        row = known.get(asked.key)
        if row is None:
            row = asked if asked.refused else next(found)
            keep(row)
        done.append(row)
    watch.told(len(done), len(planned.tries), "sweep")
    return Sweep(
        rows=tuple(sorted((row for row in done if not row.refused), key=_rank)),
        refused=tuple(row for row in done if row.refused),
        trials=len(done),
        left=len(planned.tries) - len(done),
        split_ts=int(planned.market.ts[planned.split]),
    )


def _rank(row: Row) -> tuple[bool, float, tuple[tuple[str, float], ...]]:
    figure = None if row.test is None else row.test.sharpe
    return figure is None, -(figure or 0.0), tuple(sorted(row.parameters.items()))


def _found(planned: Planned, asked: Sequence[Row]) -> Iterator[Row]:
    """Train on bars up to the split only; the test starts with the same capital and the past as its warm-up."""
    programs = [planned.programs[row.key] for row in asked]
    spans = (planned.first, planned.split), (planned.split, len(planned.market))
    sides = figures(planned.document, planned.market, programs, spans)
    for row, (train, test) in zip(asked, sides, strict=True):
        if train is None or test is None:
            yield _tried(planned, row)
        else:
            yield Row(key=row.key, parameters=row.parameters, train=train, test=test)


def _tried(planned: Planned, asked: Row) -> Row:
    """Run a combination that has no figures, to say why."""
    document, market, split = planned.document, planned.market, planned.split
    try:
        run_on(document, market.until(split), Settings(parameters=asked.parameters, start=planned.first))
        run_on(document, market, Settings(parameters=asked.parameters, start=split))
    except Refusal as refusal:
        return _refused(asked, refusal)
    raise AssertionError("a combination without figures must be refused")


def _refused(asked: Row, refusal: Refusal) -> Row:
    text = f"{refusal.place}: {refusal.text}" if refusal.place else refusal.text
    return Row(key=asked.key, parameters=asked.parameters, refused=text)
