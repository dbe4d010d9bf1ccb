"""The job of a training: learn what was asked for and keep the model, telling how far it is.

Another worker takes it over when its worker dies, and begins anew: the same training gives the same model.
"""

from functools import partial
from uuid import UUID

from omc.core.reason import Reason
from omc.engine.attempt import REFUSED, attempted
from omc.engine.beside import beside
from omc.engine.learning import store, trainings
from omc.engine.learning.artifact import Artifact
from omc.engine.learning.training import train
from omc.engine.learning.trainings import StoredTraining
from omc.engine.validations import Step
from omc.kit.work import Context, Job
from omc.ledgers.service import get_series


async def run_training(context: Context, *, workspace_id: str, training_id: str) -> str:
    """Take a training through to its model; a refusal ends it with its sentence, a bug only in the last try."""
    workspace, wanted = UUID(workspace_id), UUID(training_id)
    async with context.database.session(workspace) as session:
        training = await trainings.start(session, wanted)
    if training is None:
        return "ended"
    fail = partial(_fail, context, workspace, training)
    made = await attempted(context, _trained(context, workspace, training), fail, what="the training")
    if made is None:
        return REFUSED
    asked, artifact = made
    async with context.database.session(workspace) as session:
        now = context.clock()
        if await trainings.start(session, wanted) is None:
            return "ended"
        model = await store.keep(session, artifact, asked, trial_id=training.trial_id, now=now)
        await trainings.finish(session, training, model, now=now)
    return "done"


async def _trained(context: Context, workspace: UUID, training: StoredTraining) -> tuple[store.Training, Artifact]:
    async with context.database.session(workspace) as session:
        series = await get_series(session, training.series_id)
        asked = store.Training(spec=training.spec, series=series, span=training.span, by=training.requested_by)
        bars = await store.bars_of(session, asked)

    async def tell(step: Step | None) -> bool:
        async with context.database.session(workspace) as session:
            return await trainings.tell(session, training.id, step)

    return asked, await beside(lambda watch: train(asked.spec, bars, symbol=series.symbol, watch=watch), tell)


async def _fail(context: Context, workspace: UUID, training: StoredTraining, reason: Reason) -> None:
    async with context.database.session(workspace) as session:
        await trainings.fail(session, training, reason=reason, now=context.clock())


JOBS: tuple[Job, ...] = (Job(name=trainings.TRAINING_JOB, run=run_training),)
