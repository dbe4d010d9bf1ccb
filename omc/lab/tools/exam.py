"""The final exam: sealed bars that no research has seen, and the one try on them that counts."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import instant_text
from omc.core.ids import VersionId
from omc.engine import exams
from omc.engine import service as engine
from omc.engine.exams import Exam, Try
from omc.lab.tools.base import Outcome, ToolContext, Values, id_of
from omc.lab.tools.trial import VersionText, named_plain

MAX_LISTED = 20
MAX_TRIES = 5

ExamText: TypeAlias = Annotated[str, Field(max_length=60, description="exam_id from list_exams")]


async def list_exams(context: ToolContext) -> Outcome:
    """List what is sealed for a final exam, and how each try on it went: state, and figures once it is done.

    `tried_before_count` parameter sets had seen some of it before it was sealed. A try that is marked `repeated` proves
    little: somebody had seen the result of an earlier one.
    """
    async with context.reading() as session:
        found = (await exams.list_exams(session))[:MAX_LISTED]
        rows = [await _exam(session, one) for one in found]
    return Outcome(
        title="Exams",
        preview=f"{len(rows)} stretches are or were sealed" if rows else "nothing is sealed for an exam",
        output={"exams": rows, "exams_count": len(rows)},
    )


async def sit_exam(context: ToolContext, version_id: VersionText, exam_id: ExamText) -> Outcome:
    """Sit the final exam with one version: it runs once on sealed bars that nobody has looked at, and the try counts.

    It cannot be taken back, and a second try on the same bars is refused. Do it only when the person asked for it, with
    the one version that all other evidence speaks for. The run comes after this step; read it with list_exams.
    """
    wanted, chosen = id_of(exam_id, "exam"), VersionId(id_of(version_id, "strategy version"))
    async with context.reading() as session:
        exam, version = await exams.get_exam(session, wanted), await engine.get_version(session, chosen)

    async def save(session: AsyncSession, outcome: Outcome) -> Outcome:
        by = f"session:{context.session_id}"
        tried = await exams.sit(session, exam, version, by=by, now=context.clock())
        return replace(outcome, output={**outcome.output, "backtest_id": str(tried.backtest_id)})

    return Outcome(
        title=f"Final exam of {version.name}",
        preview=f"{version.name} sits the exam from {exam.span.start:%Y-%m-%d} on; the try counts",
        output={
            "exam_id": str(wanted),
            "version_id": str(chosen),
            "trials_count": 1,
            "state": "queued; list_exams has the figures when it is done",
        },
        save=save,
    )


async def _exam(session: AsyncSession, exam: Exam) -> Values:
    return {
        "exam_id": str(exam.id),
        "series_id": str(exam.series_id),
        "start": instant_text(exam.span.start),
        "end": instant_text(exam.span.end),
        "seal_is_broken": exam.broken is not None,
        "tried_before_count": exam.tried_before,
        "tries_count": len(exam.tries),
        "tries": [await _try(session, one) for one in exam.tries[-MAX_TRIES:]],
    }


async def _try(session: AsyncSession, tried: Try) -> Values:
    run = await engine.get_backtest(session, tried.backtest_id)
    told: Values = {
        "version_id": str(tried.version_id),
        "backtest_id": str(tried.backtest_id),
        "repeated": tried.repeated,
        "state": run.state.value,
    }
    if run.error is not None:
        told["error"] = run.error.text
    metrics = (run.result or {}).get("metrics")
    return told | {"metrics": named_plain(metrics)} if metrics else told
