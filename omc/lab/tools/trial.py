"""What backtest and walk-forward share: the version and the bars of a trial, and results under names with units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, TypeAlias
from uuid import UUID, uuid5

import numpy as np
from pydantic import Field, TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import instant_text
from omc.core.ids import SeriesId, VersionId
from omc.core.market import Span
from omc.engine import service as engine
from omc.engine.document import StrategyDocument
from omc.engine.inputs import resolved
from omc.engine.metrics import Metric
from omc.engine.outline import outline
from omc.engine.records import Request, TrialKind
from omc.engine.runs import Run
from omc.engine.trials import finish
from omc.kit.errors import Refusal
from omc.lab.tables import EvidenceRow
from omc.lab.tools.base import ToolContext, Values, id_of
from omc.ledgers import frames
from omc.ledgers import service as ledgers
from omc.ledgers.columns import BarColumns
from omc.ledgers.rules import Series
from omc.ledgers.seals import view

MAX_POINTS = 500
MIN_BARS = 2

SeriesText: TypeAlias = Annotated[str, Field(max_length=60, description="series_id from list_markets")]
VersionText: TypeAlias = Annotated[str, Field(max_length=60, description="version_id from draft_strategy")]
StartText: TypeAlias = Annotated[str | None, Field(max_length=40, description="first day, 2021-01-01; none: all")]
EndText: TypeAlias = Annotated[
    str | None, Field(max_length=40, description="first day left out, 2022-01-01; none: all")
]

_UNIT_NAMES = {"ratio": ("ratio", 1.0), "days": ("days", 1.0), "count": ("count", 1.0), "quote asset": ("quote", 1.0)}
_FRACTION = ("percent", 100.0)
_METRICS: TypeAdapter[list[Metric]] = TypeAdapter(list[Metric])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars of one series, and what to say about them."""

    columns: BarColumns
    series: Series
    span: Span | None
    quote: str
    said: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One version and the bars it meets."""

    version_id: VersionId
    document: StrategyDocument
    bars: Bars
    asked: Request


async def load_bars(context: ToolContext, series_id: str, start: str | None, end: str | None) -> Bars:
    """Return the bars of a series as of the session's clock, up to where they are sealed for an exam.

    Refuses a series that is not there, an empty span, and one that reaches into what is sealed.
    """
    wanted = SeriesId(id_of(series_id, "series"))
    first, last = _edges(start, end)
    async with context.reading() as session:
        series = await ledgers.get_series(session, wanted)
        seen = await view(session, wanted, start=first, end=last)
        columns = await frames.bars(session, wanted, seen.span, as_of=context.as_of)
    if len(columns) < MIN_BARS:
        raise Refusal("no_bars", 422, f"{series.symbol} has no bars in this span; list_markets shows what there is.")
    steps = np.diff(columns.ts) // columns.timeframe_ms
    said: Values = {
        "series_id": str(wanted),
        "symbol": series.symbol,
        "venue": series.venue,
        "timeframe": series.timeframe,
        "origin": series.origin,
        "label": series.label,
        "start": moment(int(columns.ts[0])),
        "end": moment(int(columns.ts[-1]) + columns.timeframe_ms),
        "tested_bars_count": len(columns),
        "gaps_count": int(np.count_nonzero(steps > 1)),
        "missing_bars_count": int((steps[steps > 1] - 1).sum()),
        "data_hash": columns.data_hash,
        **seen.said,
    }
    quote = series.symbol.split("/")[-1].split(":")[0]
    return Bars(columns=columns, series=series, span=seen.span, quote=quote, said=said)


async def load_trial(
    context: ToolContext, version_id: str, series_id: str, start: str | None, end: str | None
) -> Trial:
    """Return a version and bars that fit it."""
    bars = await load_bars(context, series_id, start, end)
    wanted = VersionId(id_of(version_id, "strategy version"))
    async with context.reading() as session:
        version = await engine.get_version(session, wanted)
        bars = replace(bars, columns=await resolved(session, version.document, bars.columns, symbol=bars.series.symbol))
    asked = Request(
        document=version.document,
        series=bars.series,
        span=bars.span,
        version_id=wanted,
        by=f"session:{context.session_id}",
    )
    engine.fits(asked)
    return Trial(version_id=wanted, document=version.document, bars=bars, asked=asked)


async def register(context: ToolContext, trial: Trial, kind: TrialKind, *, combinations: int = 1) -> UUID:
    """Count a try before it runs, in a transaction of its own: what dies on the way or takes too long was tried too.

    A step that runs again counts once, as the trial's id is made of what is tried and of the evidence so far.
    """
    async with context.database.session(context.workspace_id) as session:
        tried = f"{kind} {trial.version_id} {trial.bars.series.id} {trial.bars.span}"
        trial_id = await trial_id_of(session, context, tried)
        return await engine.register_trial(
            session, trial.asked, kind=kind, combinations=combinations, now=context.clock(), trial_id=trial_id
        )


async def trial_id_of(session: AsyncSession, context: ToolContext, tried: str) -> UUID:
    """Return the id of a try, which is the same when its step runs again."""
    known = select(func.count()).where(EvidenceRow.session_id == context.session_id)
    number = (await session.execute(known)).scalar_one()
    return uuid5(context.session_id, f"{number} {tried}")


async def refused(context: ToolContext, trial_id: UUID) -> None:
    """Note that a try found nothing; it counts all the same."""
    async with context.database.session(context.workspace_id) as session:
        await finish(session, trial_id, "failed", now=context.clock(), found=None)


def named(metrics: Iterable[Metric]) -> Values:
    """Return figures under names that end in their unit; fractions become percent, undefined figures are left out."""
    return {
        f"{metric.name}_{unit}": metric.value * factor
        for metric in metrics
        if metric.value is not None
        for unit, factor in [_UNIT_NAMES.get(metric.unit, _FRACTION)]
    }


def named_plain(metrics: object) -> Values:
    """Return the same of figures as they are stored."""
    return named(_METRICS.validate_python(metrics))


def undefined(metrics: Iterable[Metric]) -> dict[str, str]:
    """Return why each undefined figure is so."""
    return {metric.name: metric.note for metric in metrics if metric.value is None}


def curves(result: Run) -> Values:
    """Return equity, holding and drawdown at no more than `MAX_POINTS` instants."""
    thinned = outline(result, max_points=MAX_POINTS)["equity"]
    assert isinstance(thinned, dict)
    return dict(thinned)


def costs(result: Run, document: StrategyDocument) -> Mapping[str, object]:
    """Return every assumption a run made; the two that are numbers under names with units."""
    numbers = {"fee_bps": float(document.costs.fee_bps), "slippage_bps": float(document.costs.slippage_bps)}
    words = {name: text for name, text in result.assumptions.items() if name not in {"data", "missing"}}
    return numbers | words


def moment(ts_ms: int) -> str:
    """Return an instant in milliseconds as text."""
    return instant_text(datetime.fromtimestamp(ts_ms / 1_000, UTC))


def _edges(start: str | None, end: str | None) -> tuple[datetime | None, datetime | None]:
    first, last = (None if written is None else _instant(written) for written in (start, end))
    try:
        Span(first or datetime.fromtimestamp(0, UTC), last or datetime(9000, 1, 1, tzinfo=UTC))
    except ValueError as error:
        raise Refusal("bad_span", 422, f"{error}.") from None
    return first, last


def _instant(written: str) -> datetime:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise Refusal("not_a_date", 422, f"{written!r} is not a date; write it as 2021-01-31.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
