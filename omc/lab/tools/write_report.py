"""The report: what the model writes is checked against evidence before it is taken, and kept as it was written."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.errors import Refusal
from omc.lab import service
from omc.lab.publishing import keep, written
from omc.lab.rendering import Setting, render
from omc.lab.report import (
    MAX_LIMITATIONS,
    MAX_SECTIONS,
    Confidence,
    Prose,
    ReportDraft,
    SectionDraft,
    Verdict,
)
from omc.lab.tools.base import MAX_PROBLEMS, Outcome, ToolContext


async def write_report(
    context: ToolContext,
    *,
    answer: Annotated[Prose, Field(description="the answer to the person's question, first sentence first")],
    verdict: Annotated[Verdict, Field(description="does the evidence say yes to the question?")],
    confidence: Confidence,
    confidence_because: Annotated[Prose, Field(description="why no more and no less confidence")],
    sections: Annotated[list[SectionDraft], Field(min_length=1, max_length=MAX_SECTIONS)],
    limitations: Annotated[list[Prose], Field(max_length=MAX_LIMITATIONS)],
) -> Outcome:
    """Write the report. Refer to figures, never type them: {{3:/metrics/sharpe_ratio}} in text.

    In tables the reference is 3:/metrics/sharpe_ratio. A number you type is marked as unverified and counted. A
    reference that leads to no figure is refused, with its place. Question, data, costs and the number of trials are
    added from evidence; do not write them. Report what failed as plainly as what worked.
    """
    draft = ReportDraft(
        answer=answer,
        verdict=verdict,
        confidence=confidence,
        confidence_because=confidence_because,
        sections=sections,
        limitations=limitations,
    )
    setting = await _setting(context)
    shown, problems = render(draft, setting)
    if problems:
        words = "; ".join(f"{problem.place}: {problem.text}" for problem in problems[:MAX_PROBLEMS])
        text = f"The report refers to what is not there. {words}"
        raise Refusal("report_refused", 422, text, place=problems[0].place)

    async def save(session: AsyncSession, outcome: Outcome) -> Outcome:
        await keep(session, draft, shown, workspace_id=context.workspace_id, now=context.clock())
        return outcome

    return Outcome(
        title="Report",
        preview=shown.answer,
        output={"unverified_count": shown.unverified, "trials_count": 0, "chosen": draft.model_dump(mode="json")},
        happenings=[written(shown)],
        reported=True,
        save=save,
    )


async def _setting(context: ToolContext) -> Setting:
    async with context.reading() as session:
        row = await service.read(session, context.session_id)
        said = await service.person_texts(session, context.session_id)
    return Setting(
        session_id=context.session_id,
        question=row.goal,
        model=row.model,
        as_of=row.as_of,
        created_at=context.clock(),
        said=said,
        kept=await context.kept(),
    )
