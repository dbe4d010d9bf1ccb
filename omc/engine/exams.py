"""The sealed exam: a stretch of data that a research line never saw, and the one try on it that counts.

A second try is refused unless a person insists; it is then marked as repeated for ever, in its record and in every
verdict that uses it. Each takes a session with its workspace set and never commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import BacktestId, SeriesId, VersionId
from omc.core.market import Span
from omc.engine import service, universe
from omc.engine.records import Request, Version
from omc.engine.tables import ExamTryRow
from omc.kit.errors import Refusal
from omc.kit.events import audit
from omc.kit.ids import new_id
from omc.ledgers import seals
from omc.ledgers.rules import Series
from omc.ledgers.seals import Broken, Seal
from omc.ledgers.service import get_series, sibling

MIN_REASON = 10

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """A version's run on sealed data; `reason` says why it was repeated, when it was."""

    seal_id: UUID
    number: int
    version_id: VersionId
    hash: str
    backtest_id: BacktestId
    repeated: bool
    reason: str
    tried_by: str
    tried_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam(Seal):
    """A sealed stretch with the tries on it; `tried_before` parameter sets had seen some of it when it was sealed."""

    tries: Sequence[Try] = ()

    @property
    def seen(self) -> bool:
        """Whether research saw any of it before its first try."""
        return self.tried_before > 0 or self.broken is not None


async def seal(session: AsyncSession, series: Series, span: Span, *, by: str, now: datetime) -> Exam:
    """Withhold a stretch of a series' market, and all after it, from research until one final try.

    Refusal `nothing_to_research` when no bar would be left before it, `already_sealed` when it lies in or behind what
    is sealed. What was tried on the stretch before is counted and told for ever.
    """
    if series.start is None or span.start <= series.start:
        words = "a seal leaves bars before it to do research on; let it start later than the first bar of the series"
        raise Refusal("nothing_to_research", 422, words, place="/start")
    edge = await seals.until(session, series.id)
    if edge is not None and span.end > edge:
        words = f"this market is sealed from {edge:%Y-%m-%d %H:%M} UTC on already; end this stretch before that"
        raise Refusal("already_sealed", 409, words, place="/end")
    seal_id = new_id()
    kept = Seal(
        id=seal_id,
        series_id=series.id,
        span=span,
        tried_before=await service.count_trials(session, series.id, span),
        sealed_by=by,
        sealed_at=now,
    )
    await seals.withhold(session, kept)
    told = {"seal_id": str(seal_id), "series_id": str(series.id), "by": by}
    await audit(session, "exam.sealed", told | {"start": span.start.isoformat(), "end": span.end.isoformat()})
    return await get_exam(session, seal_id)


async def sit(
    session: AsyncSession, exam: Exam, version: Version, *, by: str, now: datetime, insist: str | None = None
) -> Try:
    """Record a try and queue its run, which alone reads the sealed bars; the try counts whatever becomes of the run.

    A version of several symbols is tried on all of them, and the try counts on the exam of each. `insist` is why a try
    is to be repeated, or taken on data that research has back or sees of another symbol. Refusal `exam_taken` or
    `not_sealed` without it, `reason_too_short`, `no_bars` while the series does not reach the stretch, and those of a
    backtest.
    """
    series, *others = await _looked_at(session, exam, version)
    asked = Request(
        document=version.document, series=series, span=exam.span, version_id=version.id, by=by, others=others
    )
    again = _again(exam, insist)
    beside, seen = await _beside(session, exam, asked)
    if seen is not None:
        if insist is None:
            raise seen
        check_reason(insist, place="/insist")
    again = again or any(_again(one, insist) for one in beside) or seen is not None
    backtest_id = await service.request_backtest(session, asked, now=now, seal_id=exam.id)
    row = {
        "workspace_id": _WORKSPACE,
        "version_id": version.id,
        "hash": version.hash,
        "backtest_id": backtest_id,
        "repeated": again,
        "reason": (insist or "").strip() if again else "",
        "tried_by": by,
        "tried_at": now,
    }
    rows = [row | {"seal_id": one.id, "number": len(one.tries) + 1} for one in (exam, *beside)]
    added = upsert(ExamTryRow).values(rows).on_conflict_do_nothing().returning(ExamTryRow)
    kept = (await session.execute(added)).scalars().all()
    if len(kept) < len(rows):
        raise Refusal("exam_taken", 409, "somebody else took this exam at the same moment; look at the exam again")
    told = {"seal_id": str(exam.id), "version_id": str(version.id), "backtest_id": str(backtest_id), "by": by}
    await audit(
        session, "exam.repeated" if again else "exam.tried", told | ({"reason": row["reason"]} if again else {})
    )
    return next(_try(one) for one in kept if one.seal_id == exam.id)


async def _looked_at(session: AsyncSession, exam: Exam, version: Version) -> list[Series]:
    """The series that a version is tried on: of every symbol of its universe, on the venue of the exam."""
    document = version.document
    series = await get_series(session, exam.series_id)
    series = await sibling(session, series, document.timeframe) or series
    every = [series]
    if len(document.universe) > 1:
        service.fits(Request(document=document, series=series, span=exam.span, version_id=version.id, by=""))
        every = await universe.choose(session, document, document.universe, venue=series.venue)
    if any(one.end is None or one.end <= exam.span.start for one in every):
        raise Refusal("no_bars", 409, "the series has no bar of the sealed stretch yet; wait for it, the try is kept")
    return every


async def _beside(session: AsyncSession, exam: Exam, asked: Request) -> tuple[list[Exam], Refusal | None]:
    """The exams of the other symbols that the try looks at, each tried with it; and why it would not count, if so."""
    found: dict[UUID, Exam] = {}
    seen = None
    for place, one in enumerate(asked.every):
        met = {each.id: each for each in await list_exams(session, series_id=one.id) if _meet(each.span, exam.span)}
        if exam.id in met:
            continue
        edge = await seals.until(session, one.id)
        if edge is None or edge > exam.span.start:
            words = f"research sees {one.symbol} in this stretch, and this exam is of it too; seal it from"
            text = f"{words} {exam.span.start:%Y-%m-%d} on, or insist and have the try marked as repeated for ever"
            seen = Refusal("not_sealed", 409, text, place=f"/universe/{place}")
        found |= met
    return list(found.values()), seen


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _again(exam: Exam, insist: str | None) -> bool:
    """Whether this would not be the one try that counts; refuses it unless a person insists."""
    if not exam.tries and exam.broken is None:
        return False
    if insist is None:
        gone = "its seal was broken" if not exam.tries else f"it was taken on {exam.tries[0].tried_at:%Y-%m-%d}"
        words = (
            f"this exam counts once, and {gone}; seal newer data for another, or insist with a reason and have the try"
            " marked as repeated for ever"
        )
        raise Refusal("exam_taken", 409, words)
    check_reason(insist, place="/insist")
    return True


async def break_seal(session: AsyncSession, exam: Exam, *, reason: str, by: str, now: datetime) -> Exam:
    """Give a stretch back to research; every later try on it is a repeated one. Breaking it again changes nothing."""
    check_reason(reason, place="/reason")
    if await seals.give_back(session, exam.id, Broken(by=by, at=now, reason=reason.strip())):
        await audit(session, "exam.broken", {"seal_id": str(exam.id), "by": by, "reason": reason.strip()})
    return await get_exam(session, exam.id)


def check_reason(reason: str, *, place: str) -> None:
    """Refuse a reason that says nothing."""
    if len(reason.strip()) < MIN_REASON:
        words = f"say why in at least {MIN_REASON} characters; whoever reads the record later has only these words"
        raise Refusal("reason_too_short", 422, words, place=place)


async def get_exam(session: AsyncSession, exam_id: UUID) -> Exam:
    """Return an exam; Refusal `not_found` when the workspace has none of this id."""
    found = await _exams(session, exam_id=exam_id, series_id=None)
    if not found:
        raise Refusal("not_found", 404, "there is no such exam in this workspace; the list of exams has them all")
    return found[0]


async def list_exams(session: AsyncSession, *, series_id: SeriesId | None = None) -> list[Exam]:
    """Return the newest exams, newest first; those of a series' market when it is named."""
    return await _exams(session, exam_id=None, series_id=series_id)


async def tries_of(session: AsyncSession, document_hash: str, series_id: SeriesId) -> list[tuple[Try, Exam]]:
    """Return the tries of a document on exams of a series, newest first."""
    exams = await list_exams(session, series_id=series_id)
    found = [(one, exam) for exam in exams for one in exam.tries if one.hash == document_hash]
    return sorted(found, key=lambda pair: pair[0].tried_at, reverse=True)


async def _exams(session: AsyncSession, *, exam_id: UUID | None, series_id: SeriesId | None) -> list[Exam]:
    found = await seals.list_seals(session, seal_id=exam_id, series_id=series_id)
    tried = select(ExamTryRow).where(ExamTryRow.seal_id.in_([one.id for one in found])).order_by(ExamTryRow.number)
    tries: dict[UUID, list[Try]] = {}
    for row in (await session.execute(tried)).scalars():
        tries.setdefault(row.seal_id, []).append(_try(row))
    return [
        Exam(
            id=one.id,
            series_id=one.series_id,
            span=one.span,
            tried_before=one.tried_before,
            sealed_by=one.sealed_by,
            sealed_at=one.sealed_at,
            broken=one.broken,
            tries=tries.get(one.id, []),
        )
        for one in found
    ]


def _try(row: ExamTryRow) -> Try:
    return Try(
        seal_id=row.seal_id,
        number=row.number,
        version_id=VersionId(row.version_id),
        hash=row.hash,
        backtest_id=BacktestId(row.backtest_id),
        repeated=row.repeated,
        reason=row.reason,
        tried_by=row.tried_by,
        tried_at=row.tried_at,
    )
