"""A search over parameters on the workers that are up: asked for, followed, stopped by an interrupt."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from omc.cli.asking import TELL_EVERY_S
from omc.cli.base import Door, progress
from omc.engine import sweeps, universe
from omc.engine.records import Request
from omc.engine.sweep import Row, Search, Sweep
from omc.engine.sweeps import StoredSweep
from omc.kit import events
from omc.kit.errors import Refusal
from omc.kit.queue import heartbeat_ages
from omc.ops.rules import alive


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a search found, what to say of its bars, and where it is kept: `file` or `sweep`."""

    found: Sweep
    said: Mapping[str, str]
    kept_as: str
    kept_in: str


async def workers_up(opened: Door) -> bool:
    """Whether a worker of a running OMC would take part."""
    async with opened.database.session(opened.workspace) as session:
        return bool(alive(await heartbeat_ages(session)))


async def by_workers(opened: Door, asked: Request, search: Search, *, fresh: bool) -> Done:
    """Ask for a search, or go on with the one there is, and follow it to its end; an interrupt stops it for all."""
    async with opened.database.session(opened.workspace) as session:
        said = {} if asked.span else await universe.said_of(session, asked.every)
        sweep_id = await sweeps.ask(session, asked, search, now=opened.clock(), fresh=fresh)
        known = await sweeps.get(session, sweep_id)
    if known.done:
        progress(f"{known.done} of {known.total} combinations are known already; --fresh tries them again")
    try:
        stored = await _followed(opened, known)
    except asyncio.CancelledError:
        async with opened.database.session(opened.workspace) as session:
            await sweeps.stop(session, sweep_id)
        progress("stopped; the same command goes on where it was")
        raise
    if stored.error is not None:
        raise Refusal(stored.error.code, 422, stored.error.text, place=stored.error.place)
    return Done(found=await _read(opened, stored), said=said, kept_as="sweep", kept_in=str(sweep_id))


async def _followed(opened: Door, stored: StoredSweep) -> StoredSweep:
    """Tell how far it is until it has ended or somebody stopped it."""
    async with opened.bus.watch([events.key(opened.workspace, sweeps.topic(stored.id))]) as woken:
        while stored.state in {"queued", "running"}:
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), TELL_EVERY_S)
            woken.clear()
            async with opened.database.session(opened.workspace) as session:
                now = await sweeps.get(session, stored.id)
            if now.done != stored.done:
                progress(f"sweep: {now.done} of {now.total}")
            stored = now
    return stored


async def _read(opened: Door, stored: StoredSweep) -> Sweep:
    rows: list[Row] = []
    async with opened.database.session(opened.workspace) as session:
        while page := await sweeps.rows_of(session, stored.id, offset=len(rows)):
            rows += page
    return Sweep(
        rows=tuple(row for row in rows if not row.refused),
        refused=tuple(row for row in rows if row.refused),
        trials=len(rows),
        left=stored.total - len(rows),
        split_ts=0 if stored.layout is None else stored.layout.split_ts,
    )
