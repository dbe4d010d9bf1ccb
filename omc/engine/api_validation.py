"""Routes of verdicts that are asked for: queue the checks of a version, and follow how far they are."""

from uuid import UUID

from fastapi import APIRouter

from omc.core.ids import VersionId
from omc.engine import service, validations
from omc.engine.answers import Accepted, Problem, SpanAnswer
from omc.engine.answers_validation import CheckStep, NewValidation, ValidationAnswer, Validations
from omc.engine.asked import series_of, span_of
from omc.engine.records import Request
from omc.engine.validations import Validation
from omc.identity.api import Reader, Tx, Writer
from omc.kit.http import Wired

router = APIRouter(prefix="/engine", tags=["engine"])


@router.post("/validations", operation_id="engine_request_validation", status_code=202)
async def request_validation(caller: Writer, session: Tx, wired: Wired, body: NewValidation) -> Accepted:
    """Queue every check of a version, and the verdict on what they find; it counts as a trial."""
    version = await service.get_version(session, VersionId(body.version_id))
    series, *others = await series_of(session, version.document, body.series_id, body.series_ids)
    span = await span_of(session, [series, *others], start=body.start, end=body.end)
    by = f"person:{caller.person_id}"
    asked = Request(document=version.document, series=series, span=span, version_id=version.id, by=by, others=others)
    return Accepted(id=await validations.request(session, asked, now=wired.clock()))


@router.get("/validations", operation_id="engine_validations")
async def get_validations(_: Reader, session: Tx, version_id: UUID) -> Validations:
    """What was asked for on a version, newest first."""
    version = await service.get_version(session, VersionId(version_id))
    found = await validations.of_version(session, version.id)
    return Validations(items=[_validation(one) for one in found])


@router.get("/validations/{validation_id}", operation_id="engine_validation")
async def get_validation(_: Reader, session: Tx, validation_id: UUID) -> ValidationAnswer:
    """One: how far it is, and how it ended."""
    return _validation(await validations.get(session, validation_id))


def _validation(one: Validation) -> ValidationAnswer:
    error = one.error
    return ValidationAnswer(
        id=one.id,
        version_id=one.version_id,
        series_id=one.series_id,
        others=one.others,
        span=None if one.span is None else SpanAnswer(start=one.span.start, end=one.span.end),
        state=one.state.value,
        step=CheckStep.model_validate(one.step),
        requested_by=one.requested_by,
        created_at=one.created_at,
        ended_at=one.ended_at,
        error=None if error is None else Problem(place=error.place, code=error.code, text=error.text),
        verdict_id=one.verdict_id,
    )
