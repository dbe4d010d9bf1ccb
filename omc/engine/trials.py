"""What was tried on a market: how each trial ended, and how many different ideas all of them together are.

A research line is a workspace's trials on one market, its bars of any length and from any venue, over data that
overlaps. A trial is registered before it runs (`service.register_trial`), so that what fails, is cancelled or dies
counts; how it ended is added once, after. Neither can be changed or deleted by the app's role. A backtest of the same
document on the same bars counts once: what deflates a Sharpe ratio is the number of different configurations among
which the best was chosen (Bailey, Lopez de Prado 2014, The deflated Sharpe ratio), and a repeated run is none.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Text, case, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import digest
from omc.core.ids import SeriesId
from omc.core.market import Span
from omc.engine.document import StrategyDocument, plain
from omc.engine.metrics import DAY_MS, daily, returns, sharpe
from omc.engine.operators import Values
from omc.engine.tables import TrialEndRow, TrialRow
from omc.ledgers.columns import Stamps
from omc.ledgers.seals import market_of

MAX_BUCKETS = 256
"""Numbers in a fingerprint; a longer run has days summed by twos, fours and so on."""
MAX_SHARPES = 10_000
MAX_COMPARED = 2_000
"""Fingerprints compared in one line, newest first; older trials are told apart by their documents only."""
SAME_CORRELATION = 0.95
MAX_COLUMNS = 4_096
"""Buckets laid side by side; runs that lie further apart in time are compared by longer ones."""
MIN_SHARED = 10
"""Buckets that two trials must share before their correlation says anything."""

Ending: TypeAlias = Literal["done", "failed", "cancelled"]

_WORKSPACE = text("current_setting('omc.workspace')::uuid")
_COMBINATIONS = func.greatest(TrialRow.combinations, TrialEndRow.combinations)  # of what has not ended: as registered
# A run of the same document on the same bars finds the same again: it is no further draw, however often it is made.
_SAME = case(
    (
        TrialRow.kind == "backtest",
        func.jsonb_build_array(
            TrialRow.hash, TrialRow.series_id, TrialRow.others, TrialRow.start_ts, TrialRow.end_ts
        ).cast(Text),
    ),
    else_=TrialRow.id.cast(Text),
)
_TOKEN = re.compile(r"[A-Za-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\S")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_BESIDES = ("name", "universe", "parameters")  # what does not make a strategy another idea on the same series


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is kept of a finished run, to tell it from others: its Sharpe ratios and the shape of its returns.

    `sharpe` is of daily returns and not annualised; `sharpes` has one for each combination that the trial ran.
    `growth` are daily returns summed over buckets of `bucket_days` days; bucket n holds the days from 1970 on whose
    number divided by `bucket_days` is n, so that two runs are laid side by side whatever their spans. `combinations` is
    how many parameter sets the run came to; the trial counts for at least as many as it was registered for.
    """

    combinations: int = 1
    sharpe: float | None
    sharpes: tuple[float, ...]
    bucket_days: int | None = None
    first_bucket: int | None = None
    growth: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """All that was tried on data that overlaps a span of a series' market.

    `trials` is the number of different parameter sets in `runs` runs, of which `failed` found nothing (or were
    cancelled) and `unfinished` have not said yet. `clusters` is how many different ideas they are: trials are one idea
    when their documents differ in numbers only, or their returns correlate above SAME_CORRELATION, directly or through
    others. `sharpe_variance` is the sample variance of all known Sharpe ratios (daily, not annualised), None below two;
    for the deflated Sharpe ratio take it with `trials`, which is the stricter count.
    """

    trials: int
    runs: int
    failed: int
    unfinished: int
    clusters: int
    sharpes: int
    sharpe_variance: float | None
    best_sharpe: float | None
    best_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What one requester tried, whatever became of it."""

    runs: int
    combinations: int
    failed: int
    unfinished: int


async def asked_by(
    session: AsyncSession, requesters: Sequence[str], *, until: datetime | None = None
) -> dict[str, Counted]:
    """Return how much each requester tried, or had up to an instant; what nothing is known of yet is unfinished."""
    last = datetime.max.replace(tzinfo=UTC) if until is None else until
    ended = TrialEndRow.ended_at <= last
    query = (
        select(
            TrialRow.requested_by,
            func.count(),
            func.coalesce(func.sum(case((ended, _COMBINATIONS), else_=TrialRow.combinations)), 0),
            func.count().filter(ended, TrialEndRow.outcome != "done"),
            func.count().filter(func.coalesce(ended, text("false")).is_(False)),
        )
        .select_from(TrialRow)
        .outerjoin(TrialEndRow, TrialEndRow.trial_id == TrialRow.id)
        .where(TrialRow.requested_by.in_(requesters), TrialRow.created_at <= last)
        .group_by(TrialRow.requested_by)
    )
    none = Counted(runs=0, combinations=0, failed=0, unfinished=0)
    found = {
        requester: Counted(runs=runs, combinations=int(combinations), failed=failed, unfinished=unfinished)
        for requester, runs, combinations, failed, unfinished in (await session.execute(query)).all()
    }
    return {requester: found.get(requester, none) for requester in requesters}


def found_of(
    ts: Stamps, equity: Values, *, combinations: int = 1, sharpes: Sequence[float | None] | None = None
) -> Found:
    """Return what is kept of a run with this equity; `sharpes` are of its `combinations` where they are known.

    Sharpe ratios are of daily returns, not annualised; those that are not defined are left out.
    """
    with np.errstate(all="ignore"):
        changes = returns(daily(ts, equity))
    if not np.isfinite(changes).all():
        return Found(combinations=combinations, sharpe=None, sharpes=())
    own = sharpe(changes, 1.0)
    known = tuple(one for one in ([own] if sharpes is None else sharpes) if one is not None and np.isfinite(one))
    first, last = int(ts[0] // DAY_MS), int(ts[0] // DAY_MS) + len(changes) - 1
    width = 1
    while last // width - first // width >= MAX_BUCKETS:
        width *= 2
    at = np.arange(first, last + 1) // width - first // width
    growth = np.bincount(at, weights=changes)
    return Found(
        combinations=combinations,
        sharpe=own,
        sharpes=known[:MAX_SHARPES],
        bucket_days=width,
        first_bucket=first // width,
        growth=tuple(growth.tolist()),
    )


async def finish(session: AsyncSession, trial_id: UUID, ending: Ending, *, now: datetime, found: Found | None) -> None:
    """Add how a trial ended; the first word counts, a second one changes nothing."""
    kept = found or Found(combinations=0, sharpe=None, sharpes=())
    row = {
        "workspace_id": _WORKSPACE,
        "trial_id": trial_id,
        "outcome": ending,
        "combinations": kept.combinations,
        "sharpe": kept.sharpe,
        "sharpes": list(kept.sharpes),
        "bucket_days": kept.bucket_days,
        "first_bucket": kept.first_bucket,
        "growth": list(kept.growth),
        "ended_at": now,
    }
    await session.execute(upsert(TrialEndRow).values(row).on_conflict_do_nothing())


async def line(
    session: AsyncSession, series_id: SeriesId, span: Span | None, *, others: Sequence[SeriesId] = ()
) -> Line:
    """Return what was tried on data that overlaps `span` of a series' market (None: any of it), by whomever it was.

    With `others` it is what was tried on any of these markets: each of them shaped what was chosen.
    """
    looked = looked_at(series_id, *others)
    statement = (
        select(
            TrialRow.id,
            TrialRow.hash,
            TrialRow.idea,
            _COMBINATIONS.label("combinations"),
            TrialEndRow.outcome,
            TrialEndRow.sharpe,
            TrialEndRow.sharpes,
            _SAME.label("same"),
        )
        .outerjoin(TrialEndRow, TrialEndRow.trial_id == TrialRow.id)
        .where(looked, *overlaps(span))
        .order_by(TrialRow.created_at, TrialRow.id)
    )
    rows = (await session.execute(statement)).all()
    prints = await _fingerprints(session, looked, span)
    different = {row.same: row for row in sorted(rows, key=lambda row: row.sharpe is not None)}.values()
    sharpes = [one for row in different for one in row.sharpes or ()]
    best = max((row for row in rows if row.sharpe is not None), key=lambda row: row.sharpe, default=None)
    return Line(
        trials=sum(row.combinations for row in different),
        runs=len(rows),
        failed=sum(row.outcome in {"failed", "cancelled"} for row in rows),
        unfinished=sum(row.outcome is None for row in rows),
        clusters=await asyncio.to_thread(clusters, {row.id: row.idea or row.hash for row in rows}, prints),
        sharpes=len(sharpes),
        sharpe_variance=float(np.var(sharpes, ddof=1)) if len(sharpes) > 1 else None,
        best_sharpe=None if best is None else best.sharpe,
        best_hash=None if best is None else best.hash,
    )


async def count(session: AsyncSession, series_id: SeriesId, span: Span | None) -> int:
    """Return how many parameter sets were ever tried on data that overlaps `span` of a series' market."""
    different = (
        select(func.max(_COMBINATIONS).label("combinations"))
        .select_from(TrialRow)
        .outerjoin(TrialEndRow, TrialEndRow.trial_id == TrialRow.id)
        .where(looked_at(series_id), *overlaps(span))
        .group_by(_SAME)
        .subquery()
    )
    statement = select(func.coalesce(func.sum(different.c.combinations), 0))
    return int((await session.execute(statement)).scalar_one())


def looked_at(*series_ids: SeriesId) -> ColumnElement[bool]:
    """The condition under which a trial looked at the market of any of these series, alone or beside others."""
    markets = [market_of(series_id) for series_id in series_ids]
    alone = [TrialRow.series_id.in_(market) for market in markets]
    beside = [TrialRow.others.overlap(func.array(market.scalar_subquery())) for market in markets]
    return or_(*alone, *beside)


def overlaps(span: Span | None) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a trial looked at data of `span`; a trial without edges looked at all."""
    if span is None:
        return ()
    return (
        or_(TrialRow.start_ts.is_(None), TrialRow.start_ts < span.end),
        or_(TrialRow.end_ts.is_(None), TrialRow.end_ts > span.start),
    )


async def _fingerprints(session: AsyncSession, looked: ColumnElement[bool], span: Span | None) -> dict[UUID, Found]:
    statement = (
        select(TrialEndRow)
        .join(TrialRow, TrialRow.id == TrialEndRow.trial_id)
        .where(looked, TrialEndRow.bucket_days.is_not(None), *overlaps(span))
        .order_by(TrialRow.created_at.desc(), TrialRow.id.desc())
        .limit(MAX_COMPARED)
    )
    return {
        row.trial_id: Found(
            sharpe=row.sharpe,
            sharpes=(),
            bucket_days=row.bucket_days,
            first_bucket=row.first_bucket,
            growth=tuple(row.growth),
        )
        for row in (await session.execute(statement)).scalars()
    }


def idea_of(document: StrategyDocument) -> str:
    """Return a hash that documents share which differ in numbers only, those of their parameters among them."""
    return idea_of_plain(plain(document), frozenset(document.parameters))


def idea_of_plain(raw: Mapping[str, object], parameters: frozenset[str] = frozenset()) -> str:
    """Return the same of any document as plain JSON."""
    return digest(_shape({name: value for name, value in raw.items() if name not in _BESIDES}, parameters))


def _shape(value: object, parameters: frozenset[str]) -> object:
    match value:
        case bool() | None:
            return value
        case int() | float():
            return "#"
        case str():
            return "".join(
                "#" if token in parameters or _NUMBER.fullmatch(token) else f"{token} "
                for token in _TOKEN.findall(value)
            )
        case Mapping():
            return {str(name): _shape(each, parameters) for name, each in value.items()}
        case list() | tuple():
            return [_shape(each, parameters) for each in value]
        case _:
            return str(value)


def clusters(ideas: Mapping[UUID, str], prints: Mapping[UUID, Found]) -> int:
    """Return how many different ideas trials are: single linkage over equal ideas and correlated returns."""
    groups: dict[UUID, UUID] = {}

    def root(one: UUID) -> UUID:
        while (above := groups.setdefault(one, one)) != one:
            groups[one] = groups[above]
            one = groups[one]
        return one

    first: dict[str, UUID] = {}
    for trial, idea in ideas.items():
        groups[root(trial)] = root(first.setdefault(idea, trial))
    compared = [trial for trial in prints if trial in ideas]
    for left, right in _same([prints[trial] for trial in compared]):
        groups[root(compared[left])] = root(compared[right])
    return len({root(trial) for trial in ideas})


def _same(prints: Sequence[Found]) -> list[tuple[int, int]]:
    """Return the pairs whose returns correlate above SAME_CORRELATION over at least MIN_SHARED shared buckets.

    All pairs at once by products of matrices: one row a run, zero where it has no bucket, and the same of its mask.
    """
    if len(prints) < 2:
        return []
    values, mask = _side_by_side(prints)
    count = mask @ mask.T
    total = values @ mask.T  # of the row, over the buckets that it shares with the column
    square = values**2 @ mask.T
    with np.errstate(all="ignore"):
        covariance = count * (values @ values.T) - total * total.T
        spread = count * square - total**2
        correlation = covariance / np.sqrt(spread * spread.T)
    # Rounding leaves a trace of spread where returns are constant: what is below it is no movement.
    moved = spread > 1e-12 * np.maximum(count * square, 1e-300)
    same = (count >= MIN_SHARED) & (correlation > SAME_CORRELATION) & moved & moved.T
    left, right = np.nonzero(np.triu(same, k=1))
    return list(zip(left.tolist(), right.tolist(), strict=True))


def _side_by_side(prints: Sequence[Found]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    width = max(one.bucket_days or 1 for one in prints)
    while _days(prints) > width * MAX_COLUMNS:
        width *= 2
    coarse = [_coarser(one, width) for one in prints]
    begin = min(first for first, _ in coarse)
    length = max(first + len(growth) for first, growth in coarse) - begin
    values, mask = np.zeros((len(prints), length)), np.zeros((len(prints), length))
    for row, (first, growth) in enumerate(coarse):
        values[row, first - begin : first - begin + len(growth)] = growth
        mask[row, first - begin : first - begin + len(growth)] = 1.0
    return values, mask


def _days(prints: Sequence[Found]) -> int:
    """Days from the first to the last bucket of any."""
    known = [(one.first_bucket, one.bucket_days, len(one.growth)) for one in prints]
    edges = [(at * days, (at + count) * days) for at, days, count in known if at is not None and days is not None]
    return max(end for _, end in edges) - min(start for start, _ in edges)


def _coarser(one: Found, width: int) -> tuple[int, NDArray[np.float64]]:
    assert one.bucket_days is not None
    assert one.first_bucket is not None
    at = (one.first_bucket + np.arange(len(one.growth))) * one.bucket_days // width
    return int(at[0]), np.bincount(at - at[0], weights=np.asarray(one.growth, dtype=np.float64)).astype(np.float64)
