"""The plan a person watches: said at the start, ticked as tools finish."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from omc.lab.tables import SessionRow
from omc.lab.tools.base import Outcome, ToolContext

MAX_ITEMS = 12


class PlanItem(BaseModel):
    """One line of a plan."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=200, description="what will be done, in a person's words")]
    done: bool = False
    done_when: Annotated[str | None, Field(max_length=60, description="the tool whose success ticks this line")] = None


async def set_plan(
    context: ToolContext,
    items: Annotated[list[PlanItem], Field(min_length=1, max_length=MAX_ITEMS)],
) -> Outcome:
    """Show the person your plan, before you start and whenever it changes.

    Name in `done_when` the tool whose success finishes a line; it is then ticked by itself. Call this again only when
    the plan really changes.
    """
    lines: list[dict[str, object]] = [item.model_dump() for item in items]

    async def save(session: AsyncSession, outcome: Outcome) -> Outcome:
        mine = SessionRow.id == context.session_id
        await session.execute(
            update(SessionRow).where(mine).values(plan=lines).execution_options(synchronize_session=False)
        )
        return outcome

    return Outcome(
        title="Plan",
        preview="; ".join(item.text for item in items),
        output={"shown": True},
        happenings=[("plan", {"items": [{"text": item.text, "done": item.done} for item in items]})],
        save=save,
    )


def ticked(plan: list[object], tool: str) -> list[dict[str, object]] | None:
    """Return the plan with the lines that `tool` finishes ticked, or None when it finishes none."""
    lines = [dict(line) for line in plan if isinstance(line, dict)]
    open_lines = [line for line in lines if line.get("done_when") == tool and not line.get("done")]
    for line in open_lines:
        line["done"] = True
    return lines if open_lines else None
