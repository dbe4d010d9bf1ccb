"""The question to the person: the turn ends with it, and the answer is simply the next message."""

from typing import Annotated

from pydantic import Field

from omc.lab.tools.base import Outcome, ToolContext


async def ask_person(
    context: ToolContext,  # noqa: ARG001 - every tool is called with it
    question: Annotated[str, Field(min_length=1, max_length=2_000)],
) -> Outcome:
    """Ask the person when the goal is ambiguous or the data for it is missing. Never guess silently.

    Ask one question, say what you can do, and stop: the answer arrives as the person's next message.
    """
    return Outcome(
        title="Question",
        preview=question,
        output={"shown": True, "answer": "arrives as the person's next message"},
        happenings=[("message", {"role": "model", "text": question})],
        asks=True,
    )
