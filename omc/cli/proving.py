"""`omc lab replay` and `omc lab repeat`: whether a session's finding can be made again."""

import asyncio
import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from omc.cli.base import Door, answer, door, json_option, printable, progress, run
from omc.cli.working import some_worker
from omc.core.ids import SessionId
from omc.kit.errors import Refusal
from omc.lab import repeats
from omc.lab.answers import money
from omc.lab.record import MAX_RECORD_BYTES, Record, read_record
from omc.lab.repeats import Stability
from omc.lab.whole import whole
from omc.lab.work import LOOP

if TYPE_CHECKING:
    from omc.lab.replaying import Replayed

LOOK_EVERY_S = 0.5
SHOWN_DIFFERENCES = 40


@click.command(name="replay")
@click.argument("session")
@click.option(
    "--change", "change", help="NUMBER=FILE: put FILE's JSON in place of that evidence, and show what changes."
)
@json_option
def replay(*, session: str, change: str | None, as_json: bool) -> int:
    """Replay SESSION, an id or the file that its export wrote, from its record alone.

    No model, network or market data is asked. Says that report, proposals and cost are equal, or where they first
    differ; with --change, what the report would say instead. Exit code 1 when they are not equal.
    """
    return run(_replay(session, change, as_json=as_json))


@click.command(name="repeat")
@click.argument("session", type=click.UUID)
@click.argument("times", type=click.IntRange(1, repeats.MAX_TIMES))
@click.option("--cap", help="US dollars that all runs together may cost at most; else the session's cap for each.")
@json_option
def repeat(*, session: UUID, times: int, cap: str | None, as_json: bool) -> int:
    """Ask SESSION's question again, TIMES times, of the same model on the same past, and show how far all agree."""
    return run(_repeat(SessionId(session), times, cap, as_json=as_json))


async def _replay(session: str, change: str | None, *, as_json: bool) -> int:
    replaying = import_module(LOOP["replay"])
    async with door() as opened:
        record = await _record(opened, session)
        wanted = None if change is None else replaying.Change(**_changed(change))
        found = await replaying.replay(opened.context(), opened.workspace, record, wanted)
    answer(asdict(found), as_json=as_json, shown=lambda: _told(found))
    return 0 if found.equal else 1


async def _record(opened: Door, session: str) -> Record:
    file = Path(session)
    try:
        wanted = UUID(session)
    except ValueError:
        return read_record(await asyncio.to_thread(_read, file))
    parts = whole(opened.database, opened.workspace, SessionId(wanted))
    return read_record("".join([part async for part in parts]))


def _changed(written: str) -> dict[str, object]:
    number, _, file = written.partition("=")
    if not number.isdecimal() or not file:
        raise click.UsageError("--change names an evidence number and a file: 4=other.json")
    try:
        output = json.loads(_read(Path(file)))
    except ValueError:
        raise Refusal("not_json", 422, f"{file} is no JSON; write the result as the evidence shows it.") from None
    if not isinstance(output, dict):
        raise Refusal("not_json", 422, f"{file} holds no JSON object; write the result as the evidence shows it.")
    return {"evidence": int(number), "output": output}


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_RECORD_BYTES:
            raise Refusal("file_too_large", 422, f"{file} is larger than any session that is exported.")
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        words = f"{file} is neither the id of a session nor a text file that can be read."
        raise Refusal("file_unreadable", 422, words) from None


def _told(found: "Replayed") -> str:
    lines = [
        printable(found.words),
        f"{found.steps} steps, {found.proposals} proposals, {found.cost} US dollars, report {found.report_hash}",
    ]
    for one in found.differences[:SHOWN_DIFFERENCES]:
        lines += [printable(one.place), f"  - {printable(one.before)}", f"  + {printable(one.after)}"]
    return "\n".join(lines)


async def _repeat(session_id: SessionId, times: int, cap: str | None, *, as_json: bool) -> int:
    most = None if cap is None else money(cap, "--cap")
    async with door() as opened:
        async with opened.database.session(opened.workspace) as session:
            await repeats.start(session, session_id, times=times, cap=most, person_id=opened.person, now=opened.clock())
        async with some_worker(opened):
            found = await _ended(opened, session_id)
    told = {"words": found.words, "runs": found.runs, "agreeing": found.agreeing, "verdicts": found.verdicts}
    spreads = [asdict(one) for one in found.spreads]
    sessions = [{"session": one.session_id, "state": one.state, "verdict": one.verdict} for one in found.sessions]
    answer({**told, "spreads": spreads, "sessions": sessions}, as_json=as_json, shown=lambda: _agreement(found))
    return 0 if found.agreeing == found.runs else 1


async def _ended(opened: Door, session_id: SessionId) -> Stability:
    seen = -1
    while True:
        async with opened.database.session(opened.workspace) as session:
            found = await repeats.stability(session, session_id)
        if found.ended == found.runs:
            return found
        if found.ended != seen:
            seen = found.ended
            progress(f"{seen} of {found.runs} runs have ended")
        await asyncio.sleep(LOOK_EVERY_S)


def _agreement(found: Stability) -> str:
    runs = [f"{one.session_id}  {one.verdict or one.state}" for one in found.sessions]
    spreads = [f"{one.label}: {one.low} to {one.high} ({one.n} runs)" for one in found.spreads]
    return "\n".join([found.words, *runs, *spreads])
