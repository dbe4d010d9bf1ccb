"""The engine's longer job: do every check of a version and give the verdict, telling how far it is."""

from functools import partial
from uuid import UUID

from omc.core.reason import Reason
from omc.engine import service, trials, universe, validations
from omc.engine.attempt import REFUSED, attempted
from omc.engine.beside import beside
from omc.engine.judging import judge
from omc.engine.records import Request
from omc.engine.swept import tried_of
from omc.engine.validation.evidence import Checked, check_all
from omc.engine.validations import Step, Validation
from omc.kit.work import Context, Job
from omc.ledgers.service import get_series


async def run_validation(context: Context, *, workspace_id: str, validation_id: str) -> str:
    """Take a validation through to its verdict; a refusal ends it with its sentence, a bug only in the last try."""
    workspace, asked_for = UUID(workspace_id), UUID(validation_id)
    async with context.database.session(workspace) as session:
        validation = await validations.start(session, asked_for)
    if validation is None:
        return "ended"
    fail = partial(_fail, context, workspace, validation)
    made = await attempted(context, _checked(context, workspace, validation), fail, what="the checks")
    if made is None:
        return REFUSED
    asked, checked = made
    found = trials.found_of(checked.result.ts, checked.result.equity)
    async with context.database.session(workspace) as session:
        if await validations.start(session, asked_for) is None:
            return "ended"
        given = await judge(session, asked, checked, now=context.clock())
        await validations.finish(session, validation, verdict_id=given.id, found=found, now=context.clock())
    return given.outcome


async def _checked(context: Context, workspace: UUID, validation: Validation) -> tuple[Request, Checked]:
    async with context.database.session(workspace) as session:
        version = await service.get_version(session, validation.version_id)
        series, *others = [await get_series(session, one) for one in (validation.series_id, *validation.others)]
        asked = Request(
            document=version.document,
            series=series,
            span=validation.span,
            version_id=version.id,
            by=validation.requested_by,
            others=others,
        )
        bars = await universe.gather(session, asked.document, asked.every, asked.span)
        tried = await tried_of(session, asked)
        learning = await universe.taught(session, asked.document, bars.market)
    checks = partial(check_all, asked.document, bars.market, first=bars.first, tried=tried, learning=learning)

    async def tell(step: Step | None) -> bool:
        if step is not None:
            async with context.database.session(workspace) as session:
                await validations.tell(session, validation.id, step)
        return True

    return asked, await beside(lambda watch: checks(watch=watch), tell)


async def _fail(context: Context, workspace: UUID, validation: Validation, reason: Reason) -> None:
    async with context.database.session(workspace) as session:
        await validations.fail(session, validation, reason=reason, now=context.clock())


JOBS: tuple[Job, ...] = (Job(name=validations.VALIDATION_JOB, run=run_validation),)
