"""`omc research`: one session from goal to report, followed in the terminal."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import click

from omc.cli.base import Door, door, json_option, line, printable, progress, run
from omc.cli.working import some_worker
from omc.core.ids import SessionId
from omc.kit.errors import InstallationError
from omc.kit.events import Event
from omc.kit.follow import follow
from omc.lab.answers import money
from omc.lab.choosing import fallback_named, roles_named
from omc.lab.export import markdown
from omc.lab.publishing import published
from omc.lab.service import Opening, evidence_list, newest_report, open_session, topic

# States in which a session does nothing more until a person speaks.
AT_REST = frozenset({"done", "waiting", "failed", "cancelled", "budget_reached", "paused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the steps came to rest; `question` is the model's last words, which a waiting session wants answered."""

    state: str
    question: str | None
    error: str | None


@click.command(name="research")
@click.argument("goal")
@click.option(
    "--model", default="analyst", show_default=True, help="What answers: analyst, default, a MODEL, or KEY NAME:MODEL."
)
@click.option("--cap", help="US dollars that the session may cost at most.")
@click.option("--fallback", help="KEY NAME:MODEL that goes on when the model fails; else the session stops.")
@click.option("--role", "roles", multiple=True, help="ROLE=KEY NAME:MODEL: its own model, such as evaluator=Work:m.")
@click.option("--symbol", help="The market to look at: BTC/USDT.")
@click.option("--timeframe", help="The length of a bar: 1h.")
@json_option
def command(
    *,
    goal: str,
    model: str,
    cap: str | None,
    fallback: str | None,
    roles: tuple[str, ...],
    symbol: str | None,
    timeframe: str | None,
    as_json: bool,
) -> int:
    """Research GOAL and print the steps as they happen, then the report.

    With --json, one JSON object a line: the events, and last how it ended, of kind "report" with its evidence, or of
    kind "end" with the state, the question asked and what to do. Exit code 1 when the session ends without a report.
    Ctrl-C leaves the session to the next worker, which goes on where it is.
    """
    most = None if cap is None else money(cap, "--cap")
    opening = Opening(goal=goal, model=model, symbol=symbol, timeframe=timeframe, cap=most)
    return run(_research(opening, fallback, roles, as_json=as_json))


async def _research(opening: Opening, fallback: str | None, roles: Sequence[str], *, as_json: bool) -> int:
    async with door() as opened:
        async with opened.database.session(opened.workspace) as session:
            if fallback is not None:
                opening = replace(opening, fallback=await fallback_named(session, fallback))
            opening = replace(opening, roles=await roles_named(session, roles))
            session_id = await open_session(
                session, opening, workspace_id=opened.workspace, person_id=opened.person, now=opened.clock()
            )
        async with some_worker(opened):
            ending = await _print_steps(opened, session_id, as_json=as_json)
        return await _print_report(opened, session_id, ending, as_json=as_json)


async def _print_steps(opened: Door, session_id: SessionId, *, as_json: bool) -> Ending:
    said: str | None = None
    deliveries = follow(
        opened.database,
        opened.bus,
        workspace=opened.workspace,
        after={topic(session_id): 0},
        present=_always,
        closing=asyncio.Event(),
    )
    async for delivery in deliveries:
        event = delivery.event
        if as_json:
            click.echo(line(asdict(event)))
        elif words := _words(event):
            progress(printable(words))
        if event.kind == "message" and event.data.get("role") == "model":
            said = str(event.data.get("text", ""))
        state = str(event.data.get("state", ""))
        if event.kind == "session.state" and state in AT_REST:
            error = event.data.get("error")
            return Ending(
                state=state,
                question=said if state == "waiting" else None,
                error=None if error is None else str(error),
            )
    raise InstallationError("stream_ended", "The session's events ended early. Look at it on the page.")


async def _always() -> bool:
    return True


def _words(event: Event) -> str:
    """One line for people, or nothing for what only a page shows."""
    data = event.data
    match event.kind:
        case "step.started":
            return f"{data.get('title', '')} …"
        case "step.finished":
            took = f"{data.get('duration_ms', 0)} ms"
            return f"  {'✓' if data.get('ok') else '✗'} {data.get('preview') or data.get('error') or ''} ({took})"
        case "message" if data.get("role") != "user":
            return str(data.get("text", ""))
        case "session.state" if data.get("error"):
            return f"{data.get('state')}: {data.get('error')}"
        case _:
            return ""


async def _print_report(opened: Door, session_id: SessionId, ending: Ending, *, as_json: bool) -> int:
    async with opened.database.session(opened.workspace) as session:
        if await newest_report(session, session_id) is None:
            _print_end(session_id, ending, f"{opened.settings.browser_url}/research/{session_id}", as_json=as_json)
            return 1
        report = await published(session, session_id)
        proofs = [
            {
                "number": row.number,
                "tool": row.tool,
                "title": row.title,
                "hash": row.hash,
                "input": json.loads(row.input),
                "output": json.loads(row.output),
            }
            for row in await evidence_list(session, session_id)
        ]
    if as_json:
        shown = report.model_dump(mode="json")
        end = {"kind": "report", "session": session_id, **asdict(ending)}
        click.echo(line({**end, "report": shown, "evidence": proofs}))
    else:
        click.echo(printable(re.sub(r"\\([\W_])", r"\1", markdown(report))))
    return 0 if ending.state == "done" else 1


def _print_end(session_id: SessionId, ending: Ending, page: str, *, as_json: bool) -> None:
    advice = _ADVICE.get(ending.state, "Look at its steps on {page}.").format(page=page)
    advice = advice.replace("SESSION", str(session_id))
    if as_json:
        click.echo(line({"kind": "end", "session": session_id, **asdict(ending), "advice": advice}))
        return
    progress(f"The session is {ending.state} and wrote no report. {advice}")


_ADVICE = {
    "waiting": "Answer it on {page}, or with `omc lab say SESSION TEXT`.",
    "paused": "Let it go on with `omc lab resume SESSION`.",
    "budget_reached": "Ask anew with a higher --cap, or look at its steps on {page}.",
}
