"""The engine's jobs: run one backtest that was asked for, off the event loop; a second run of it changes nothing."""

import asyncio
from dataclasses import replace
from functools import partial
from uuid import UUID

from omc.core.ids import BacktestId
from omc.core.reason import Reason
from omc.engine import service, universe, work_sweeps, work_validations, work_walks
from omc.engine.attempt import REFUSED, attempted
from omc.engine.data import bars_for, finer_for
from omc.engine.learning import work as learning
from omc.engine.portfolio import Portfolio
from omc.engine.records import Backtest
from omc.engine.simulate import Result, Settings, simulate
from omc.kit.work import Context, Job
from omc.ledgers.seals import view
from omc.ledgers.service import get_series


async def run_backtest(context: Context, *, workspace_id: str, backtest_id: str) -> str:
    """Take a run through to done or failed; a refusal fails it with its sentence, a bug only in the last try."""
    workspace, asked = UUID(workspace_id), BacktestId(UUID(backtest_id))
    async with context.database.session(workspace) as session:
        backtest = await service.start_backtest(session, asked)
    if backtest is None:
        return "ended"
    fail = partial(_fail, context, workspace, asked)
    result = await attempted(context, _result(context, workspace, backtest), fail, what="the run")
    if result is None:
        return REFUSED
    async with context.database.session(workspace) as session:
        await service.finish_backtest(session, asked, result=result, now=context.clock())
    return "done"


async def _result(context: Context, workspace: UUID, backtest: Backtest) -> Result | Portfolio:
    exam = backtest.seal_id is not None
    if backtest.others:
        async with context.database.session(workspace) as session:
            every = [await get_series(session, one) for one in (backtest.series_id, *backtest.others)]
            gathered = await universe.gather(session, backtest.document, every, backtest.span, exam=exam)
        return await universe.tested(backtest.document, gathered)
    async with context.database.session(workspace) as session:
        series = await get_series(session, backtest.series_id)
        columns, start = await bars_for(session, backtest.document, series, backtest.span, exam=exam)
        said = {} if backtest.span is not None else (await view(session, series.id, start=None, end=None)).said
        finer = await finer_for(session, backtest.document, series, columns, exam=exam)
    result = await asyncio.to_thread(simulate, backtest.document, columns, Settings(start=start), finer=finer)
    return replace(result, assumptions={**result.assumptions, **said})


async def _fail(context: Context, workspace: UUID, asked: BacktestId, reason: Reason) -> None:
    async with context.database.session(workspace) as session:
        await service.fail_backtest(session, asked, reason=reason, now=context.clock())


JOBS: tuple[Job, ...] = (
    Job(name=service.BACKTEST_JOB, run=run_backtest),
    *work_sweeps.JOBS,
    *work_validations.JOBS,
    *work_walks.JOBS,
    *learning.JOBS,
)
