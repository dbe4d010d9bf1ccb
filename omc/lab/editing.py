"""Owns the check of a person's new arguments for an earlier tool call, before anything of the session is changed."""

import asyncio
from importlib import import_module

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.lab.branches import NewArguments, NewWords
from omc.lab.tables import StepRow

# The tools load the model library, which the API has no other use for.
_TOOLS, _BASE = "omc.lab.tools", "omc.lab.tools.base"


async def check_arguments(session: AsyncSession, session_id: SessionId, edit: NewWords | NewArguments) -> None:
    """Refusal `bad_arguments` with every problem and its place, where the tool of that step cannot take them."""
    if isinstance(edit, NewWords):
        return
    named = select(StepRow.name).where(StepRow.session_id == session_id, StepRow.number == edit.step)
    name = await session.scalar(named)
    tools, base = await asyncio.to_thread(import_module, _TOOLS), import_module(_BASE)
    tool = next((one for one in tools.TOOLS if one.name == name), None)
    if tool is not None:
        base.parse_arguments(base.arguments_model(tool), edit.arguments)
