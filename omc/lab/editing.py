"""Owns the check of a person's new arguments for an earlier tool call, before anything of the session is changed."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.lab.branches import NewArguments, NewWords
from omc.lab.tables import StepRow
from omc.lab.tools import TOOLS
from omc.lab.tools.base import arguments_model, parse_arguments


async def check_arguments(session: AsyncSession, session_id: SessionId, edit: NewWords | NewArguments) -> None:
    """Refusal `bad_arguments` with every problem and its place, where the tool of that step cannot take them."""
    if isinstance(edit, NewWords):
        return
    named = select(StepRow.name).where(StepRow.session_id == session_id, StepRow.number == edit.step)
    name = await session.scalar(named)
    tool = next((one for one in TOOLS if one.name == name), None)
    if tool is not None:
        parse_arguments(arguments_model(tool), edit.arguments)
