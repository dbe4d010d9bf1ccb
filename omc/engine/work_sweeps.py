"""The jobs of a search over parameters: lay it out, try it in parts on all workers, or let it learn in one.

A part is a range of combinations that takes some seconds. What it finds is written every second or so, so that a search
stops soon, and loses as little when its worker dies: another one takes the part over and tries what is missing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from uuid import UUID

from omc.core.reason import Reason
from omc.engine import sweeps, universe
from omc.engine.attempt import REFUSED, attempted
from omc.engine.sweep import Planned, Row, combinations, plan
from omc.engine.sweeps import SWEEP_JOB, Layout, StoredSweep
from omc.engine.tpe import AT_ONCE, Estimator, among, corners, known_or_tried
from omc.kit.work import Context, Job
from omc.ledgers.service import get_series

PART_JOB = "engine.sweep_part"
LEARN_JOB = "engine.sweep_learn"
PART_BARS = 200_000_000
"""Bars times combinations in a part: some seconds of work, and little beside it the reading of the bars."""
MIN_PARTS = 16
"""Parts of a small search: enough for several workers."""
LANES = 6
"""Parts of one search that run at once. A worker runs more jobs than that, so none waits for a search to end."""
WRITE_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One job's turn at a search."""

    context: Context
    workspace: UUID
    sweep_id: UUID
    round: int

    async def stored(self) -> StoredSweep | None:
        async with self.context.database.session(self.workspace) as session:
            return await sweeps.working(session, self.sweep_id, self.round)

    async def keep(self, rows: Mapping[int, Row]) -> bool:
        async with self.context.database.session(self.workspace) as session:
            return await sweeps.keep(session, self.sweep_id, self.round, rows, now=self.context.clock())

    async def fail(self, reason: Reason) -> None:
        async with self.context.database.session(self.workspace) as session:
            await sweeps.fail(session, self.sweep_id, self.round, reason=reason, now=self.context.clock())


async def run_sweep(context: Context, *, workspace_id: str, sweep_id: str, round: str) -> str:  # noqa: A002 - an id
    """Lay a search out on its bars, and enqueue what is to be tried."""
    turn = _Turn(context=context, workspace=UUID(workspace_id), sweep_id=UUID(sweep_id), round=int(round))
    return await _guarded(turn, partial(_lay_out, turn))


async def run_part(context: Context, *, workspace_id: str, sweep_id: str, round: str, part: str) -> str:  # noqa: A002
    """Try what is missing of one part of a search."""
    turn = _Turn(context=context, workspace=UUID(workspace_id), sweep_id=UUID(sweep_id), round=int(round))
    return await _guarded(turn, partial(_try_part, turn, int(part)))


async def run_learning(context: Context, *, workspace_id: str, sweep_id: str, round: str) -> str:  # noqa: A002
    """Try one combination after the other, each chosen by how the earlier ones trained."""
    turn = _Turn(context=context, workspace=UUID(workspace_id), sweep_id=UUID(sweep_id), round=int(round))
    return await _guarded(turn, partial(_learn, turn))


async def _guarded(turn: _Turn, work: Callable[[StoredSweep], Awaitable[str]]) -> str:
    """Fail the search with a refusal's sentence, and by a bug only in the last try."""
    stored = await turn.stored()
    if stored is None:
        return "ended"
    return await attempted(turn.context, work(stored), turn.fail, what="the search") or REFUSED


async def _lay_out(turn: _Turn, stored: StoredSweep) -> str:
    bars = await _bars(turn, stored)
    search = stored.search if stored.search.tries is None else corners(stored.search)
    planned = await asyncio.to_thread(plan, stored.document, bars.market, search, start=bars.first)
    layout = Layout(
        first=planned.first,
        split=planned.split,
        split_ts=int(bars.market.ts[planned.split]),
        data_hash=bars.market.data_hash,
    )
    parts = range(ceil(stored.total / part_size(stored.total, bars.market.count)))
    async with turn.context.database.session(turn.workspace) as session:
        if not await sweeps.begin(session, stored.id, turn.round, layout):
            return "ended"
        if stored.search.tries is not None:
            await sweeps.nudge(session, turn.workspace, LEARN_JOB, stored.id, round=str(turn.round))
            return "learning"
        for part in parts:
            lane = f"{sweeps.topic(stored.id)}:{turn.round}:{part % LANES}"
            await sweeps.nudge(
                session, turn.workspace, PART_JOB, stored.id, lock=lane, round=str(turn.round), part=str(part)
            )
    return "begun"


def part_size(total: int, bars: int) -> int:
    """Return how many combinations make a part."""
    return max(1, min(PART_BARS // bars, ceil(total / MIN_PARTS)))


async def _try_part(turn: _Turn, part: int, stored: StoredSweep) -> str:
    bare = await _laid_out(turn, stored)
    size = part_size(stored.total, bare.market.count)
    numbers = range(part * size, min((part + 1) * size, stored.total))
    async with turn.context.database.session(turn.workspace) as session:
        known = await sweeps.known_of(session, stored.id, numbers)
    chosen = combinations(stored.document, stored.search)
    missing = [number for number in numbers if number not in known]
    count, open_still = 1, True
    while missing and open_still:
        now, missing = missing[:count], missing[count:]
        begun = time.monotonic()
        rows = await _tried(bare, [chosen[number] for number in now])
        open_still = await turn.keep(dict(zip(now, rows, strict=True)))
        count = _more(count, time.monotonic() - begun)
    return "tried" if open_still else "ended"


def _more(count: int, took_s: float) -> int:
    """Return how many combinations to try before the next writing."""
    return max(1, min(count * 8, round(count * WRITE_EVERY_S / max(took_s, 1e-3))))


async def _learn(turn: _Turn, stored: StoredSweep) -> str:
    """Batches are the same however often it was stopped: what is known of them is learned anew, not tried again."""
    bare = await _laid_out(turn, stored)
    async with turn.context.database.session(turn.workspace) as session:
        known = await sweeps.known_of(session, stored.id, range(stored.total))
    estimator, open_still = Estimator(stored.search), True
    for begin in range(0, stored.total, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, stored.total))
        asked = await asyncio.to_thread(estimator.ask, len(numbers))
        if all(number in known for number in numbers):
            estimator.tell([known[number] for number in numbers])
            continue
        rows = await _tried(bare, asked)
        estimator.tell(rows)
        open_still = await turn.keep(dict(zip(numbers, rows, strict=True)))
        if not open_still:
            break
    return "learned" if open_still else "ended"


async def _tried(bare: Planned, chosen: Sequence[Mapping[str, float]]) -> list[Row]:
    def work() -> list[Row]:
        return list(known_or_tried(among(bare, chosen)).values())

    return await asyncio.to_thread(work)


async def _bars(turn: _Turn, stored: StoredSweep) -> universe.Gathered:
    async with turn.context.database.session(turn.workspace) as session:
        every = [await get_series(session, one) for one in (stored.series_id, *stored.others)]
        return await universe.gather(session, stored.document, every, stored.span)


async def _laid_out(turn: _Turn, stored: StoredSweep) -> Planned:
    """The search on its bars, with nothing to try yet."""
    layout, market = stored.layout, (await _bars(turn, stored)).market
    assert layout is not None, "parts are enqueued with the layout"
    if market.data_hash != layout.data_hash:
        raise sweeps.bars_changed()
    return Planned(document=stored.document, market=market, first=layout.first, split=layout.split)


JOBS: tuple[Job, ...] = (
    Job(name=SWEEP_JOB, run=run_sweep),
    Job(name=PART_JOB, run=run_part),
    Job(name=LEARN_JOB, run=run_learning),
)
