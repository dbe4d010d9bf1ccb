"""The lab's one job: a turn. The loop with its model library is imported by the worker when the first turn starts."""

from collections.abc import Mapping
from importlib import import_module
from uuid import UUID

from omc.core.ids import SessionId, WorkspaceId
from omc.kit.work import Context, Job
from omc.lab.models import resolve
from omc.lab.service import TURN_JOB, TURN_QUEUE

LOOP: Mapping[str, str] = {"turn": "omc.lab.agent"}
"""What is too heavy for the web process, and where it stands."""

MODELS_EXTRA = "lab.models"
"""The name under which a door may hand workers another source of models (`Callable[[str], Model]`)."""

RETRIES = 5


async def turn(context: Context, *, workspace_id: str, session_id: str) -> str:
    """Advance one session until it rests."""
    source = context.extra.get(MODELS_EXTRA, resolve)
    run = import_module(LOOP["turn"]).run_turn
    state: str = await run(context, WorkspaceId(UUID(workspace_id)), SessionId(UUID(session_id)), models=source)
    return state


JOBS = (Job(name=TURN_JOB, run=turn, queue=TURN_QUEUE, retries=RETRIES),)
