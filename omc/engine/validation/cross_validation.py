"""Owns what a choice among parameter sets is worth: combinatorial purged cross-validation, and its overfitting.

Both read one table: the daily returns of each set of the neighbourhood that a walk-forward fits in. The days are cut
into groups; at the first bar of a group every set is flat anew, so that no position reaches from what is fitted on into
what is tested, and a path is the days of its groups one after the other.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil

import numpy as np

from omc.engine.document import StrategyDocument
from omc.engine.lifting import lift
from omc.engine.market import Bars, Market, market_of
from omc.engine.metrics import DAY_MS, DAYS_A_YEAR, deepest, returns, sharpe
from omc.engine.program import Program
from omc.engine.runs import curve, decided_by, warm_up_of
from omc.engine.truths import alone
from omc.engine.validation.overfitting import Overfitting, overfitting
from omc.engine.validation.splits import Combinatorial, combinatorial
from omc.engine.walk_forward import candidates
from omc.engine.watch import UNWATCHED, Watch
from omc.kit.errors import Refusal
from omc.ledgers.columns import Floats

GROUPS, TEST_GROUPS = 10, 2
"""45 splits, and with two groups under test one path fewer than groups (Lopez de Prado 2018, section 12.4)."""
EMBARGO = 0.01
"""Of all days, left out after a test (Lopez de Prado 2018, section 7.4.2)."""
PURGE_DAYS = 1  # what is decided on a day's last bar is filled on the next
LEAST_DAYS = 5 * GROUPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One complete out-of-sample history; Sharpe ratio and drawdown are of daily returns, the ratio a year."""

    sharpe: float | None
    total_return: float
    max_drawdown: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossValidated:
    """The paths, and the overfitting of the choice (a Refusal where it could not be judged).

    `trials` parameter sets were chosen among; `lost` more lost their account or could not run. `share_lost` is the
    share of paths that lost.
    """

    paths: tuple[Path, ...]
    splits: int
    days: int
    embargo_days: int
    trials: int
    lost: int
    choice: Overfitting | Refusal

    @property
    def lost_paths(self) -> int:
        """Paths that end below where they began."""
        return sum(path.total_return < 0 for path in self.paths)

    @property
    def share_lost(self) -> float:
        """The same of all paths."""
        return self.lost_paths / len(self.paths)

    def plain(self) -> dict[str, object]:
        """The same as plain JSON."""
        choice = self.choice
        judged = {"refused": choice.text} if isinstance(choice, Refusal) else choice.plain()
        counts = {name: getattr(self, name) for name in ("splits", "days", "embargo_days", "trials", "lost")}
        paths = [asdict(path) for path in self.paths]
        return {"paths": paths, "share_lost": self.share_lost, **counts, "overfitting": judged}


def cross_validate(
    document: StrategyDocument,
    bars: Bars,
    *,
    first: int = 0,
    watch: Watch = UNWATCHED,
) -> CrossValidated:
    """Choose among the document's neighbourhood on some days; test on the others.

    No bar before row `first` decides. Raises Refusal `not_enough_history`, and whatever the document is refused for.
    """
    market = market_of(document, bars)
    document = document if document.parameters else lift(document)
    programs = [program for _, program in candidates(document)]
    begin = max(first, warm_up_of(document, programs, market))
    cuts = _cuts(market, begin)
    table = _table(document, market, programs, begin, _resets(market, begin, cuts), watch)
    chosen = [_best(table, [*split.train]) for split in cuts.splits]
    paths = tuple(_path(table, cuts, [chosen[split] for split in path]) for path in cuts.paths)
    try:
        choice: Overfitting | Refusal = overfitting(table)
    except Refusal as refusal:
        choice = refusal
    return CrossValidated(
        paths=paths,
        splits=len(cuts.splits),
        days=len(table),
        embargo_days=_embargo(len(table)),
        trials=table.shape[1],
        lost=len(programs) - table.shape[1],
        choice=choice,
    )


def _cuts(market: Market, begin: int) -> Combinatorial:
    """Groups of whole UTC days from the first bar that decides on."""
    if begin + 1 < len(market):
        days = int(market.ts[-1] // DAY_MS - market.ts[begin] // DAY_MS) + 1
        if days >= LEAST_DAYS:
            return combinatorial(days, GROUPS, TEST_GROUPS, purge=PURGE_DAYS, embargo=_embargo(days))
    text = f"cross-validation needs {LEAST_DAYS} days after a warm-up of {begin} bars; use a longer span"
    raise Refusal("not_enough_history", 422, text)


def _embargo(days: int) -> int:
    return ceil(EMBARGO * days)


def _resets(market: Market, begin: int, cuts: Combinatorial) -> list[int]:
    """The first bar of each group but the first."""
    midnight = market.ts[begin] // DAY_MS * DAY_MS
    starts = np.searchsorted(market.ts, [midnight + DAY_MS * group.start for group in cuts.groups[1:]])
    return [int(at) for at in np.unique(starts) if begin < at < len(market)]


def _table(
    document: StrategyDocument,
    market: Market,
    programs: Sequence[Program],
    begin: int,
    resets: Sequence[int],
    watch: Watch,
) -> Floats:
    """Daily returns, one row a day and one column a parameter set whose account lives to the end."""
    found: list[Floats] = []
    for at, program in enumerate(programs):
        watch.step(at, len(programs), "cross-validation")
        decided = decided_by(document, market, alone(program), begin)
        figured = curve(document, market, decided, (begin, len(market)), resets)
        if figured is not None:
            found.append(returns(figured.daily))
    if not found:
        raise Refusal("account_lost", 422, "every parameter set loses its account; use a smaller size")
    return np.column_stack(found)


def _best(table: Floats, train: Sequence[range]) -> int:
    """The set with the highest Sharpe ratio on the training days, the document's own winning ties."""
    rows = np.concatenate([table[stretch.start : stretch.stop] for stretch in train])
    spread = rows.std(axis=0, ddof=1)
    return int(np.argmax(np.where(spread > 0, rows.mean(axis=0) / np.where(spread > 0, spread, 1.0), 0.0)))


def _path(table: Floats, cuts: Combinatorial, chosen: Sequence[int]) -> Path:
    parts = [table[group.start : group.stop, one] for group, one in zip(cuts.groups, chosen, strict=True)]
    changes = np.concatenate(parts)
    equity: Floats = np.cumprod(np.concatenate((np.ones(1), 1.0 + changes)), dtype=np.float64)
    return Path(sharpe=sharpe(changes, DAYS_A_YEAR), total_return=float(equity[-1] - 1.0), max_drawdown=deepest(equity))
