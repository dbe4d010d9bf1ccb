"""The lab's one job: a turn. The loop with its model library is imported by the worker when the first turn starts."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from uuid import UUID

from omc.core.ids import SessionId, WorkspaceId
from omc.kit.work import Context, Job
from omc.lab import schedules
from omc.lab.models import resolve
from omc.lab.replays import REPLAY_JOB
from omc.lab.schedules import SCHEDULE_JOB
from omc.lab.service import TURN_JOB, TURN_QUEUE

LOOP: Mapping[str, str] = {"turn": "omc.lab.agent", "replay": "omc.lab.replaying"}
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


async def schedule(context: Context, *, workspace_id: str, schedule_id: str, due_at: str) -> str:
    """Open the session of a schedule that is due; when even the last try breaks, go on with the next time."""
    which, due = UUID(schedule_id), datetime.fromisoformat(due_at)
    try:
        async with context.database.session(UUID(workspace_id)) as session:
            return await schedules.occur(session, which, due, context.clock())
    except Exception:
        if context.final:
            async with context.database.session(UUID(workspace_id)) as session:
                await schedules.skip(session, which, due, context.clock())
        raise


async def replay(context: Context, *, workspace_id: str, replay_id: str) -> str:
    """Replay one session from its record."""
    run = import_module(LOOP["replay"]).run_replay
    state: str = await run(context, WorkspaceId(UUID(workspace_id)), UUID(replay_id))
    return state


JOBS = (
    Job(name=TURN_JOB, run=turn, queue=TURN_QUEUE, retries=RETRIES),
    Job(name=SCHEDULE_JOB, run=schedule, retries=RETRIES),
    Job(name=REPLAY_JOB, run=replay),
)
