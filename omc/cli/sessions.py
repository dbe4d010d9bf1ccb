"""`omc lab list`, `show`, `search`, `say`, `pause`, `rerun`, `fork` and so on: the life of sessions."""

import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import click
from sqlalchemy.ext.asyncio import AsyncSession

from omc.cli.base import Door, answer, door, json_option, printable, progress, run, table
from omc.core.ids import SessionId
from omc.kit.errors import Refusal
from omc.lab import branches, control, forking, saying, service
from omc.lab.answers import SessionAnswer
from omc.lab.branches import NewArguments, NewWords
from omc.lab.choosing import Wanted as Model
from omc.lab.forking import Fork
from omc.lab.rules import UNDER_WAY, SessionState
from omc.lab.saying import Line
from omc.lab.searching import Wanted, find
from omc.lab.showing import all_shown, shown
from omc.lab.whole import whole
from omc.ops.service import installation

SHOWN_CHARACTERS = 60
MAX_LISTED = 200

Verb: TypeAlias = Callable[[AsyncSession, SessionId, Door], Awaitable[object]]

session_argument = click.argument("session", type=click.UUID)
limit_option = click.option("--limit", type=click.IntRange(1, MAX_LISTED), default=20, show_default=True)
archived_option = click.option("--archived", is_flag=True, help="Those that were put away, instead of the others.")


@click.command(name="list")
@click.option(
    "--state", type=click.Choice([state.value for state in SessionState]), multiple=True, help="Any of these."
)
@archived_option
@limit_option
@json_option
def list_(*, state: Sequence[str], archived: bool, limit: int, as_json: bool) -> int:
    """List sessions, newest first."""
    return run(_list(Wanted(states=state, archived=archived), limit, as_json=as_json))


@click.command()
@click.argument("words")
@archived_option
@limit_option
@json_option
def search(*, words: str, archived: bool, limit: int, as_json: bool) -> int:
    """Find sessions in whose goal, name, messages or report all of WORDS stand. Exit code 1 when there are none."""
    return run(_list(Wanted(text=words, archived=archived), limit, as_json=as_json))


@click.command()
@session_argument
@json_option
def show(*, session: UUID, as_json: bool) -> int:
    """Show one session and its transcript; what is stale is marked."""
    return run(_show(SessionId(session), as_json=as_json))


@click.command()
@session_argument
@click.argument("text")
@click.option("--answers", type=click.IntRange(1), help="The step whose question it answers; refused when it is late.")
@json_option
def say(*, session: UUID, text: str, answers: int | None, as_json: bool) -> int:
    """Say TEXT to a session: it answers a question, changes the course, or starts the next turn."""

    async def verb(tx: AsyncSession, session_id: SessionId, opened: Door) -> None:
        await service.say(tx, session_id, text, opened.clock(), answers=answers)

    return run(_act(session, verb, as_json=as_json))


@click.command()
@session_argument
@click.option("--now", "at_once", is_flag=True, help="At once: the step under way begins anew when it goes on.")
@json_option
def pause(*, session: UUID, at_once: bool, as_json: bool) -> int:
    """Let a session come to rest behind its present step; it holds nothing then."""

    async def verb(tx: AsyncSession, session_id: SessionId, opened: Door) -> None:
        await control.pause(tx, session_id, when="now" if at_once else "step", now=opened.clock())

    return run(_act(session, verb, as_json=as_json))


@click.command()
@session_argument
@json_option
def resume(*, session: UUID, as_json: bool) -> int:
    """Let a session that is paused, failed or reached its cap go on from its last step."""
    return run(_act(session, lambda tx, session_id, _: control.resume(tx, session_id), as_json=as_json))


@click.command()
@session_argument
@click.option("--after-step", is_flag=True, help="Behind the step under way, instead of at once.")
@json_option
def cancel(*, session: UUID, after_step: bool, as_json: bool) -> int:
    """End a session; what it found is kept."""

    async def verb(tx: AsyncSession, session_id: SessionId, opened: Door) -> None:
        await control.cancel(tx, session_id, when="step" if after_step else "now", now=opened.clock())

    return run(_act(session, verb, as_json=as_json))


@click.command()
@session_argument
@click.option("--message", type=click.IntRange(1), help="Place of the message to change; the first one is 1.")
@click.option("--text", help="What it says instead.")
@click.option("--step", type=click.IntRange(1), help="Step of the tool call to change.")
@click.option("--arguments", help="Its arguments instead, as a JSON object.")
@json_option
def rerun(
    *,
    session: UUID,
    message: int | None,
    text: str | None,
    step: int | None,
    arguments: str | None,
    as_json: bool,
) -> int:
    """Change an earlier message or tool call and go on from there; what came later becomes stale.

    `omc lab show` tells the places of messages and the steps.
    """
    edit = _edit(message, text, step, arguments)

    async def verb(tx: AsyncSession, session_id: SessionId, opened: Door) -> None:
        await branches.rerun(tx, session_id, edit, opened.clock())

    return run(_act(session, verb, as_json=as_json))


@click.command()
@session_argument
@click.option("--step", type=click.IntRange(1), help="The last step to copy; without it, all.")
@click.option("--say", "text", help="What to do in it first; without it the fork is paused.")
@click.option("--model", help="Another model: analyst, default, a MODEL, or KEY NAME:MODEL.")
@json_option
def fork(*, session: UUID, step: int | None, text: str | None, model: str | None, as_json: bool) -> int:
    """Open a new session that begins with a copy of SESSION, up to a step."""
    made = Fork(step=step, text=text, wanted=None if model is None else Model(model=model))

    async def verb(tx: AsyncSession, session_id: SessionId, opened: Door) -> UUID:
        return await forking.fork(tx, session_id, made, person_id=opened.person, now=opened.clock())

    return run(_act(session, verb, as_json=as_json))


@click.command()
@session_argument
@click.argument("title", required=False)
@json_option
def rename(*, session: UUID, title: str | None, as_json: bool) -> int:
    """Call a session TITLE; without one it is called by its goal again."""
    return run(_act(session, lambda tx, session_id, _: control.rename(tx, session_id, title), as_json=as_json))


@click.command()
@session_argument
@json_option
def archive(*, session: UUID, as_json: bool) -> int:
    """Put a session away: lists leave it out."""
    return run(
        _act(session, lambda tx, session_id, opened: control.archive(tx, session_id, opened.clock()), as_json=as_json)
    )


@click.command()
@session_argument
@json_option
def unarchive(*, session: UUID, as_json: bool) -> int:
    """Take a session out of the archive again."""
    return run(_act(session, lambda tx, session_id, _: control.unarchive(tx, session_id), as_json=as_json))


@click.command()
@session_argument
@click.option(
    "--to", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write it here, not to the terminal."
)
def export(*, session: UUID, file: Path | None) -> int:
    """Write all of a session as one JSON document: transcript, steps, evidence, reports, costs."""
    return run(_export(SessionId(session), file))


COMMANDS = (list_, show, search, say, pause, resume, cancel, rerun, fork, rename, archive, unarchive, export)


async def _list(wanted: Wanted, limit: int, *, as_json: bool) -> int:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        found = await all_shown(session, await find(session, wanted, before=None, limit=limit))
    plain = [one.model_dump(mode="json") for one in found]
    answer({"sessions": plain}, as_json=as_json, shown=lambda: _lines(found, wanted))
    return 1 if wanted.text and not found else 0


def _lines(found: Sequence[SessionAnswer], wanted: Wanted) -> str:
    if not found:
        return "Nothing was found." if wanted.text else "There is no session here. Ask one: omc research GOAL"
    rows = [(one.id, _state(one), one.model, one.steps, one.cost, _name(one)) for one in found]
    return table(("session", "state", "model", "steps", "cost", "name"), rows, right=("steps", "cost"))


async def _show(session_id: SessionId, *, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        found = await shown(session, session_id)
        lines: list[Line] = []
        while page := await saying.transcript(
            session, session_id, after=lines[-1].position if lines else 0, limit=saying.MAX_PAGE
        ):
            lines += page
    told = {**found.model_dump(mode="json"), "transcript": [_plain(line) for line in lines]}
    answer(told, as_json=as_json, shown=lambda: "\n".join([*_head(found), *map(_spoken, lines)]))


def _head(found: SessionAnswer) -> list[str]:
    why = found.stop_reason or found.error
    first = f"{_name(found)}\n{_state(found)}; {found.steps} steps, {found.cost} US dollars, {found.model}"
    return [first, *([printable(why)] if why else []), ""]


def _plain(line: Line) -> dict[str, object]:
    calls = [{"tool": one.tool, "arguments": one.arguments} for one in line.calls]
    names = ("position", "kind", "step", "stale", "text", "tool", "ok", "evidence", "cut", "created_at")
    return {**{name: getattr(line, name) for name in names}, "calls": calls}


def _spoken(line: Line) -> str:
    place = f"{line.position:>4} {'stale ' if line.stale else ''}"
    match line.kind:
        case "person":
            words = f"you: {line.text}"
        case "model":
            called = ", ".join(f"{one.tool} {json.dumps(one.arguments, ensure_ascii=False)}" for one in line.calls)
            words = f"step {line.step}: {line.text}{' → ' if line.text and called else ''}{called}"
        case "tool":
            kept = "" if line.evidence is None else f", evidence {line.evidence}"
            words = f"step {line.step}: {line.tool} {'done' if line.ok else 'refused'}{kept}"
        case _:
            words = f"changed: what stands from {line.cut} up to here is stale"
    return printable(place + words)


async def _act(wanted: UUID, verb: Verb, *, as_json: bool) -> None:
    async with door() as opened:
        async with opened.database.session(opened.workspace) as session:
            made = await verb(session, SessionId(wanted), opened)
        async with opened.database.session(opened.workspace) as session:
            found = await shown(session, made if isinstance(made, UUID) else wanted)
            _, workers, _ = await installation(session, opened.settings.data_dir, now=opened.clock())
    waits = found.state in UNDER_WAY and not workers
    advice = "It goes on as soon as a worker runs: start `omc up` or `omc work`." if waits else None
    told = {**found.model_dump(mode="json"), "advice": advice}
    answer(told, as_json=as_json, shown=lambda: f"{found.id}  {_state(found)}  {_name(found)}")
    if advice and not as_json:
        progress(advice)


async def _export(session_id: SessionId, file: Path | None) -> None:
    async with door() as opened:
        async with opened.database.session(opened.workspace) as session:
            await service.read(session, session_id)
        pieces = whole(opened.database, opened.workspace, session_id)
        if file is None:
            async for piece in pieces:
                click.echo(piece, nl=False)
            return
        try:
            with file.open("x", encoding="utf-8") as written:
                async for piece in pieces:
                    written.write(piece)
        except FileExistsError:
            raise Refusal("file_exists", 409, f"{file} exists already. Name another file with --to.") from None
        except OSError as error:
            raise Refusal("file_unwritable", 422, f"{file} cannot be written: {error.strerror}.") from None
    progress(f"Wrote {file}")


def _edit(message: int | None, text: str | None, step: int | None, arguments: str | None) -> NewWords | NewArguments:
    if message is not None and text is not None and step is None and arguments is None:
        return NewWords(position=message, text=text)
    if step is not None and arguments is not None and message is None and text is None:
        try:
            parsed = json.loads(arguments)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise click.UsageError('--arguments is a JSON object: --arguments \'{"series_id": "…"}\'')
        return NewArguments(step=step, arguments=parsed)
    raise click.UsageError("Change a message with --message and --text, or a tool call with --step and --arguments.")


def _state(found: SessionAnswer) -> str:
    return f"{found.state}, {found.halting} after its step" if found.halting else found.state


def _name(found: SessionAnswer) -> str:
    name = " ".join(printable(found.title or found.goal).split())
    return name if len(name) <= SHOWN_CHARACTERS else name[: SHOWN_CHARACTERS - 1] + "…"
