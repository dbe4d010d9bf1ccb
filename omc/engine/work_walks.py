"""The job of a walk-forward test: fit and test window by window, telling how far it is, until it is stopped."""

from functools import partial
from uuid import UUID

from omc.core.reason import Reason
from omc.engine import trials, universe, walks
from omc.engine.attempt import REFUSED, attempted
from omc.engine.beside import beside
from omc.engine.outline import outline_walk_forward
from omc.engine.validations import Step
from omc.engine.walk_forward import WalkForward, walk_forward
from omc.engine.walks import WALK_JOB, Walk
from omc.kit.work import Context, Job
from omc.ledgers.service import get_series


async def run_walk(context: Context, *, workspace_id: str, walk_id: str) -> str:
    """Take a walk-forward through to its end; a refusal ends it with its sentence, a bug only in the last try."""
    workspace, asked_for = UUID(workspace_id), UUID(walk_id)
    async with context.database.session(workspace) as session:
        walk = await walks.start(session, asked_for)
    if walk is None:
        return "ended"
    fail = partial(_fail, context, workspace, walk)
    tested = await attempted(context, _tested(context, workspace, walk), fail, what="the walk-forward")
    if tested is None:
        return REFUSED
    run = tested.out_of_sample
    result, found = outline_walk_forward(tested), trials.found_of(run.ts, run.equity)
    async with context.database.session(workspace) as session:
        await walks.finish(session, walk, result=result, found=found, now=context.clock())
    return "done"


async def _tested(context: Context, workspace: UUID, walk: Walk) -> WalkForward:
    async with context.database.session(workspace) as session:
        every = [await get_series(session, one) for one in (walk.series_id, *walk.others)]
        bars = await universe.gather(session, walk.document, every, walk.span)
        learning = await universe.taught(session, walk.document, bars.market)

    async def tell(step: Step | None) -> bool:
        async with context.database.session(workspace) as session:
            return await walks.tell(session, walk.id, step)

    test = partial(walk_forward, walk.document, bars.market, walk.plan, learning=learning)
    return await beside(lambda watch: test(watch=watch), tell)


async def _fail(context: Context, workspace: UUID, walk: Walk, reason: Reason) -> None:
    async with context.database.session(workspace) as session:
        await walks.fail(session, walk, reason=reason, now=context.clock())


JOBS: tuple[Job, ...] = (Job(name=WALK_JOB, run=run_walk),)
