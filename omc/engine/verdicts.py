"""Verdicts that were given, kept for ever: which document, on which data, from which figures, by which engine.

What the gate is asked comes from runs, never from a request: there is no route that takes figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SeriesId
from omc.core.market import Span
from omc.core.reason import Reason as CoreReason
from omc.engine import exams, gate, service, trials
from omc.engine.exams import MIN_REASON
from omc.engine.gate import Figures, Grade, Reason
from omc.engine.simulate import ENGINE
from omc.engine.tables import VerdictRow
from omc.engine.trials import Line
from omc.kit.events import audit
from omc.kit.ids import new_id

MAX_VERDICTS = 100

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A verdict as it was given; `figures`, and what each check `found`, are as they were then."""

    id: UUID
    hash: str
    series_id: SeriesId
    others: Sequence[SeriesId]
    span: Span | None
    figures: Mapping[str, object]
    outcome: Grade
    reasons: tuple[Reason, ...]
    found: Mapping[str, object]
    engine: str
    judged_for: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was tried, as the same transaction has read it, and what each check found, which is kept.

    With `others` it is of several symbols on one account.
    """

    line: Line
    found: Mapping[str, object]
    others: Sequence[SeriesId] = ()


async def give(
    session: AsyncSession,
    document_hash: str,
    series_id: SeriesId,
    span: Span | None,
    figures: Figures,
    *,
    by: str,
    now: datetime,
    evidence: Evidence | None = None,
) -> Given:
    """Judge figures and keep the verdict. The exam, and how much was tried, are read from the record, not believed.

    Without `evidence` what was tried is read here.
    """
    line = evidence.line if evidence else await trials.line(session, series_id, span)
    figures = await _with_exam(session, document_hash, series_id, _with_trials(figures, line))
    verdict = gate.judge(figures)
    row = {
        "workspace_id": _WORKSPACE,
        "id": new_id(),
        "hash": document_hash,
        "series_id": series_id,
        "others": list(evidence.others) if evidence else [],
        "start_ts": span.start if span else None,
        "end_ts": span.end if span else None,
        "figures": gate.plain(figures),
        "outcome": verdict.outcome,
        "found": dict(evidence.found) if evidence else {},
        "reasons": [{"figure": one.figure, "grade": one.grade, "text": one.text} for one in verdict.reasons],
        "engine": ENGINE,
        "judged_for": by,
        "created_at": now,
    }
    kept = (await session.execute(insert(VerdictRow).values(row).returning(VerdictRow))).scalar_one()
    await audit(session, "verdict.given", {"hash": document_hash, "outcome": verdict.outcome, "by": by})
    return _given(kept)


def _with_trials(figures: Figures, line: Line) -> Figures:
    """Put what the record knows of trials over what was handed in; more of them than counted stay."""
    return replace(figures, trials=max(line.trials, figures.trials or 0), clusters=line.clusters)


async def _with_exam(session: AsyncSession, document_hash: str, series_id: SeriesId, figures: Figures) -> Figures:
    """Put what the record knows of the exam over what was handed in."""
    figures = replace(figures, exam_return=None, exam_sharpe=None, exam_repeated=False, exam_seen_before=False)
    for attempt, exam in await exams.tries_of(session, document_hash, series_id):
        result = (await service.get_backtest(session, attempt.backtest_id)).result
        if result is None:
            continue
        repeated = figures.exam_repeated or attempt.repeated
        figures = replace(figures, exam_repeated=repeated, exam_seen_before=figures.exam_seen_before or exam.seen)
        if figures.exam_return is None:
            found = _metrics(result)
            figures = replace(figures, exam_return=found.get("total_return"), exam_sharpe=found.get("sharpe", 0.0))
    return figures


def _metrics(result: Mapping[str, object]) -> dict[str, float]:
    rows = cast("list[dict[str, object]]", result["metrics"])
    return {str(row["name"]): float(cast("float", row["value"])) for row in rows if row["value"] is not None}


async def latest(session: AsyncSession, document_hash: str) -> Given | None:
    """Return the newest verdict on a document; None when none was given."""
    found = await list_verdicts(session, document_hash, limit=1)
    return found[0] if found else None


async def list_verdicts(session: AsyncSession, document_hash: str, *, limit: int = MAX_VERDICTS) -> list[Given]:
    """Return the verdicts on a document, newest first."""
    statement = select(VerdictRow).where(VerdictRow.hash == document_hash).order_by(VerdictRow.id.desc())
    rows = await session.execute(statement.limit(min(limit, MAX_VERDICTS)))
    return [_given(row) for row in rows.scalars()]


def _given(row: VerdictRow) -> Given:
    reasons = cast("list[dict[str, str]]", row.reasons)
    return Given(
        id=row.id,
        hash=row.hash,
        series_id=SeriesId(row.series_id),
        others=[SeriesId(one) for one in row.others],
        span=None if row.start_ts is None or row.end_ts is None else Span(row.start_ts, row.end_ts),
        figures=row.figures,
        outcome=cast("Literal['pass', 'weak', 'fail']", row.outcome),
        reasons=tuple(
            Reason(figure=one["figure"], grade=cast("Grade", one["grade"]), text=one["text"]) for one in reasons
        ),
        found=row.found,
        engine=row.engine,
        judged_for=row.judged_for,
        created_at=row.created_at,
    )


def shortfall(given: Given | None) -> CoreReason | None:
    """Return why a version may not be traded on paper without an override, and what to do; None when it passed."""
    instead = f"or say in at least {MIN_REASON} characters why it is to trade on paper nevertheless"
    if given is None:
        words = f"no verdict was given on this version yet; validate it first, {instead}"
        return CoreReason(code="no_verdict", text=words)
    if given.outcome == "pass":
        return None
    worst = given.reasons[0].text
    words = f"the verdict on this version is {given.outcome}: {worst} Mend that and validate it anew, {instead}"
    return CoreReason(code="verdict_failed", text=words)
