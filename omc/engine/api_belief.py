"""Routes of what may be believed: what was tried on a series, sealed exams and the tries on them, verdicts."""

from dataclasses import asdict, replace
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime

from omc.core.ids import SeriesId, VersionId
from omc.engine import exams, service, trials, verdicts
from omc.engine.answers_belief import (
    Breaking,
    ExamAnswer,
    Exams,
    NewSeal,
    NewTry,
    Standing,
    ThresholdAnswer,
    Thresholds,
    TrialsAnswer,
    TryAnswer,
    VerdictAnswer,
    Verdicts,
)
from omc.engine.asked import span_between
from omc.engine.exams import Exam
from omc.engine.gate import THRESHOLDS
from omc.engine.validation.significance import expected_maximum_sharpe
from omc.identity.api import Reader, Tx, Writer
from omc.identity.service import person_names
from omc.kit.http import Wired
from omc.ledgers.service import get_series

router = APIRouter(prefix="/engine", tags=["engine"])


@router.get("/series/{series_id}/trials", operation_id="engine_line")
async def get_line(
    _: Reader, session: Tx, series_id: UUID, start: AwareDatetime | None = None, end: AwareDatetime | None = None
) -> TrialsAnswer:
    """What was ever tried on a series' market, or on data that overlaps a span: how many sets, and how many ideas."""
    series = await get_series(session, series_id)
    first, last = start or series.start, end or series.end
    named = start is not None or end is not None
    span = span_between(start=first, end=last) if named and first is not None and last is not None else None
    line = await trials.line(session, SeriesId(series_id), span)
    luck = None if line.sharpe_variance is None else expected_maximum_sharpe(line.trials, line.sharpe_variance)
    return TrialsAnswer.model_validate(asdict(line) | {"luck_sharpe": luck})


@router.get("/exams", operation_id="engine_exams")
async def get_exams(_: Reader, session: Tx, series_id: UUID | None = None) -> Exams:
    """Sealed exams, newest first, with every try on them; of one series when it is named."""
    found = await exams.list_exams(session, series_id=None if series_id is None else SeriesId(series_id))
    return Exams(items=[await _exam(session, one) for one in found])


@router.post("/exams", operation_id="engine_seal", status_code=201)
async def seal(caller: Writer, session: Tx, wired: Wired, body: NewSeal) -> ExamAnswer:
    """Withhold a stretch of a series' market, and all after it, from research until one final try.

    Of several series each is sealed over it, all or none; answers with the exam of the first.
    """
    every = [await get_series(session, one) for one in (body.series_id, *body.others)]
    span, by = span_between(start=body.start, end=body.end), str(caller.person_id)
    first, *_ = [await exams.seal(session, one, span, by=by, now=wired.clock()) for one in every]
    return await _exam(session, first)


@router.get("/exams/{exam_id}", operation_id="engine_exam")
async def get_exam(_: Reader, session: Tx, exam_id: UUID) -> ExamAnswer:
    """One exam."""
    return await _exam(session, await exams.get_exam(session, exam_id))


@router.post("/exams/{exam_id}/tries", operation_id="engine_sit", status_code=202)
async def sit(caller: Writer, session: Tx, wired: Wired, exam_id: UUID, body: NewTry) -> TryAnswer:
    """Take the one try, and queue its run; a second is refused unless insisted on, and then marked for ever."""
    exam = await exams.get_exam(session, exam_id)
    version = await service.get_version(session, VersionId(body.version_id))
    by = str(caller.person_id)
    tried = await exams.sit(session, exam, version, by=by, now=wired.clock(), insist=body.insist)
    names = await person_names(session)
    return TryAnswer.model_validate(replace(tried, tried_by=names.get(by, by)))


@router.post("/exams/{exam_id}/break", operation_id="engine_break_seal")
async def break_seal(caller: Writer, session: Tx, wired: Wired, exam_id: UUID, body: Breaking) -> ExamAnswer:
    """Give the stretch back to research: its exam does not count any more."""
    exam = await exams.get_exam(session, exam_id)
    by = str(caller.person_id)
    return await _exam(session, await exams.break_seal(session, exam, reason=body.reason, by=by, now=wired.clock()))


@router.get("/versions/{version_id}/verdict", operation_id="engine_verdict")
async def get_verdict(_: Reader, session: Tx, version_id: UUID) -> Standing:
    """Whether a version may trade on paper as it stands, by its newest verdict, and what to do when it may not."""
    version = await service.get_version(session, VersionId(version_id))
    given = await verdicts.latest(session, version.hash)
    short = verdicts.shortfall(given)
    return Standing.model_validate(
        {
            "passes": short is None,
            "code": None if short is None else short.code,
            "says": "the newest verdict on this version is a pass" if short is None else short.text,
            "verdict": None if given is None else VerdictAnswer.model_validate(given, from_attributes=True),
        }
    )


@router.get("/versions/{version_id}/verdicts", operation_id="engine_verdicts")
async def get_verdicts(_: Reader, session: Tx, version_id: UUID) -> Verdicts:
    """Every verdict on a version, newest first."""
    version = await service.get_version(session, VersionId(version_id))
    found = await verdicts.list_verdicts(session, version.hash)
    return Verdicts(items=[VerdictAnswer.model_validate(one, from_attributes=True) for one in found])


@router.get("/gate", operation_id="engine_gate")
async def get_gate(_: Reader) -> Thresholds:
    """What the gate asks of each figure, and why."""
    return Thresholds(items=[ThresholdAnswer.model_validate(one._asdict()) for one in THRESHOLDS])


async def _exam(session: Tx, exam: Exam) -> ExamAnswer:
    """The exam with the names of people for their ids."""
    names = await person_names(session)

    def name(by: str) -> str:
        return names.get(by, by)

    broken = None if exam.broken is None else replace(exam.broken, by=name(exam.broken.by))
    tries = [replace(one, tried_by=name(one.tried_by)) for one in exam.tries]
    shown = replace(exam, sealed_by=name(exam.sealed_by), broken=broken, tries=tries)
    return ExamAnswer.model_validate(shown, from_attributes=True)
