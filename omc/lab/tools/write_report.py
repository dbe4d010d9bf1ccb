"""The report: what the model writes is checked against evidence before it is taken, and kept as it was written."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.errors import Refusal
from omc.lab import service
from omc.lab.publishing import keep, setting_of, unverified_in, written
from omc.lab.rendering import render
from omc.lab.report import (
    MAX_LIMITATIONS,
    MAX_SECTIONS,
    Confidence,
    Prose,
    Report,
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
    would_change: Annotated[
        tuple[Prose, ...],
        Field(max_length=MAX_LIMITATIONS, description="what, if it were found, would change the answer"),
    ] = (),
) -> Outcome:
    """Write the report. Refer to figures, never type them: {{3:/metrics/sharpe_ratio}} in text.

    In tables the reference is 3:/metrics/sharpe_ratio. A reference that leads to no figure is refused, with its place.
    A number you type is marked as unverified and counted, and so is a claim about performance (it beats holding, it is
    profitable) that no figure in its paragraph or section bears out; while there is such a claim nobody can approve
    the strategy, so write the report anew. Question, data, costs and everything that was tried are added from the
    record; do not write them. Report what failed as plainly as what worked.
    """
    draft = ReportDraft(
        answer=answer,
        verdict=verdict,
        confidence=confidence,
        confidence_because=confidence_because,
        sections=sections,
        limitations=limitations,
        would_change=list(would_change),
    )
    async with context.reading() as session:
        setting = await setting_of(session, await service.read(session, context.session_id), now=context.clock())
    shown, problems = render(draft, setting)
    if problems:
        words = "; ".join(f"{problem.place}: {problem.text}" for problem in problems[:MAX_PROBLEMS])
        text = f"The report refers to what is not there. {words}"
        raise Refusal("report_refused", 422, text, place=problems[0].place)
    return _outcome(context, draft, shown)


def _outcome(context: ToolContext, draft: ReportDraft, shown: Report) -> Outcome:
    async def save(session: AsyncSession, outcome: Outcome) -> Outcome:
        await keep(session, draft, shown, workspace_id=context.workspace_id)
        return outcome

    return Outcome(
        title="Report",
        preview=shown.answer,
        output={
            "unverified_count": shown.unverified,
            "unverified_claims_count": shown.claims,
            "unverified": [span.unverified for span in unverified_in(shown)],
            "trials_count": 0,
            "chosen": draft.model_dump(mode="json"),
        },
        happenings=[written(shown)],
        reported=True,
        save=save,
    )
