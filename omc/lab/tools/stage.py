"""The stage of the work: who works next in a session whose roles have models of their own."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from omc.lab.tools.base import Outcome, ToolContext

StageName: TypeAlias = Literal["scope", "data", "exploration", "features", "strategy", "test", "report"]


async def set_stage(
    context: ToolContext,  # noqa: ARG001 - every tool is called with it
    stage: StageName,
    handing_over: Annotated[str, Field(min_length=1, max_length=1_000, description="what the next one has to know")],
) -> Outcome:
    """Hand over to whoever does the next stage, once yours is done; they see all that was said and found so far.

    Go back to an earlier stage when something is missing there, and to scope when the person asks for something new.
    """
    return Outcome(title="Stage", preview=f"{stage}: {handing_over}", output={"stage": stage, "told": handing_over})
