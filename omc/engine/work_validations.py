"""The engine's longer job: do every check of a version and give the verdict, telling how far it is."""

import asyncio
from contextlib import suppress
from functools import partial
from threading import Event
from uuid import UUID

from omc.core.reason import Reason
from omc.engine import service, trials, universe, validations
from omc.engine.judging import judge
from omc.engine.records import Request
from omc.engine.swept import tried_of
from omc.engine.validation.evidence import Checked, check_all
from omc.engine.validations import Step, Validation
from omc.engine.watch import Watch
from omc.kit.errors import Refusal
from omc.kit.outage import AWAY
from omc.kit.work import Context, Job
from omc.ledgers.service import get_series

TELL_EVERY_S = 0.5


async def run_validation(context: Context, *, workspace_id: str, validation_id: str) -> str:
    """Take a validation through to its verdict; a refusal ends it with its sentence, a bug only in the last try."""
    workspace, asked_for = UUID(workspace_id), UUID(validation_id)
    async with context.database.session(workspace) as session:
        validation = await validations.start(session, asked_for)
    if validation is None:
        return "ended"
    try:
        asked, checked = await _checked(context, workspace, validation)
    except Refusal as refusal:
        reason = Reason(code=refusal.code, text=refusal.text, place=refusal.place)
        await _fail(context, workspace, validation, reason)
        return "refused"
    except Exception:
        if context.final:
            text = "the checks failed by a fault of this program; the log of the worker has it"
            await _fail(context, workspace, validation, Reason(code="fault", text=text))
        raise
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
    steps: list[Step] = []
    stop = Event()
    watch = Watch(
        told=lambda done, total, name: steps.append(Step(name=name, done=done, total=total)), stopped=stop.is_set
    )
    telling = asyncio.get_running_loop().create_task(_tell(context, workspace, validation.id, steps), name="telling")
    try:
        checks = partial(check_all, asked.document, bars.market, first=bars.first, tried=tried)
        return asked, await asyncio.to_thread(checks, learning=learning, watch=watch)
    finally:
        stop.set()
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def _tell(context: Context, workspace: UUID, validation_id: UUID, steps: list[Step]) -> None:
    """Write the newest step from time to time, as long as the checks run."""
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        if steps:
            newest = steps[-1]
            steps.clear()
            # A line that is lost for a moment must not cost the checks that are done.
            with suppress(*AWAY):
                async with context.database.session(workspace) as session:
                    await validations.tell(session, validation_id, newest)


async def _fail(context: Context, workspace: UUID, validation: Validation, reason: Reason) -> None:
    async with context.database.session(workspace) as session:
        await validations.fail(session, validation, reason=reason, now=context.clock())


JOBS: tuple[Job, ...] = (Job(name=validations.VALIDATION_JOB, run=run_validation),)
