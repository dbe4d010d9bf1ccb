"""`omc lab schedule`: questions that are asked again every day or week."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import click
from sqlalchemy.ext.asyncio import AsyncSession

from omc.cli.base import Door, answer, door, json_option, printable, run, table
from omc.lab import schedules
from omc.lab.answers import money
from omc.lab.answers_life import WEEKDAYS, ScheduleAnswer, minute_of, schedule_answer
from omc.lab.schedules import Recurring
from omc.lab.service import Opening
from omc.lab.tables import ScheduleRow

SHOWN_CHARACTERS = 50

Verb: TypeAlias = Callable[[AsyncSession, Door], Awaitable[ScheduleRow]]

schedule_argument = click.argument("schedule", type=click.UUID)


@click.group(name="schedule")
def group() -> None:
    """Ask a question again every day or week, each time in a session of its own."""


@group.command(name="list")
@json_option
def list_(*, as_json: bool) -> int:
    """List the schedules, the one that is due first in front."""
    return run(_list(as_json=as_json))


@group.command()
@click.argument("goal")
@click.option("--at", type=click.DateTime(formats=["%H:%M"]), required=True, help="When, in UTC: 06:00.")
@click.option("--weekday", type=click.Choice(WEEKDAYS), help="Weekly on this day; else every day.")
@click.option("--model", default="analyst", show_default=True, help="analyst, default, a MODEL, or KEY NAME:MODEL.")
@click.option("--cap", help="US dollars that each session may cost at most.")
@click.option("--symbol", help="The market to look at: BTC/USDT.")
@click.option("--timeframe", help="The length of a bar: 1h.")
@json_option
def add(
    *,
    goal: str,
    at: datetime,
    weekday: str | None,
    model: str,
    cap: str | None,
    symbol: str | None,
    timeframe: str | None,
    as_json: bool,
) -> int:
    """Ask GOAL every day or week; a time at which nothing works is made up for once."""
    asked = Opening(
        goal=goal, model=model, symbol=symbol, timeframe=timeframe, cap=None if cap is None else money(cap, "--cap")
    )
    wish = Recurring(
        asked=asked, minute=minute_of(f"{at:%H:%M}"), weekday=None if weekday is None else WEEKDAYS.index(weekday)
    )

    async def verb(session: AsyncSession, opened: Door) -> ScheduleRow:
        return await schedules.add(
            session, wish, workspace_id=opened.workspace, person_id=opened.person, now=opened.clock()
        )

    return run(_act(verb, as_json=as_json))


@group.command()
@schedule_argument
@json_option
def pause(*, schedule: UUID, as_json: bool) -> int:
    """Let a schedule open nothing until it is resumed."""
    return run(_act(lambda session, opened: schedules.pause(session, schedule, opened.clock()), as_json=as_json))


@group.command()
@schedule_argument
@json_option
def resume(*, schedule: UUID, as_json: bool) -> int:
    """Let a paused schedule go on with its next time."""
    return run(_act(lambda session, opened: schedules.resume(session, schedule, opened.clock()), as_json=as_json))


@group.command(name="run")
@schedule_argument
@json_option
def run_(*, schedule: UUID, as_json: bool) -> int:
    """Ask a schedule's question now, besides its own times; prints the session."""
    return run(_run(schedule, as_json=as_json))


@group.command()
@schedule_argument
@json_option
def delete(*, schedule: UUID, as_json: bool) -> int:
    """Delete a schedule; the sessions that it opened stay."""
    return run(_delete(schedule, as_json=as_json))


async def _list(*, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        found = [schedule_answer(row) for row in await schedules.schedules(session)]
    told = {"schedules": [one.model_dump(mode="json") for one in found]}
    answer(told, as_json=as_json, shown=lambda: _lines(found))


async def _act(verb: Verb, *, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        found = schedule_answer(await verb(session, opened))
    answer(found.model_dump(mode="json"), as_json=as_json, shown=lambda: _lines([found]))


async def _run(schedule: UUID, *, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        session_id = await schedules.run_now(session, schedule, person_id=opened.person, key=None, now=opened.clock())
    answer({"session": session_id}, as_json=as_json, shown=lambda: str(session_id))


async def _delete(schedule: UUID, *, as_json: bool) -> None:
    async with door() as opened, opened.database.session(opened.workspace) as session:
        await schedules.remove(session, schedule, by=opened.person)
    answer({"deleted": schedule}, as_json=as_json, shown=lambda: f"Deleted {schedule}")


def _lines(found: list[ScheduleAnswer]) -> str:
    if not found:
        return "Nothing is asked again and again. Add a question: omc lab schedule add GOAL --at 06:00"
    rows = [(one.id, _when(one), _next(one), one.model, _name(one), one.problem or "") for one in found]
    return table(("schedule", "every", "next", "model", "question", "problem"), rows)


def _when(one: ScheduleAnswer) -> str:
    return f"{one.weekday or 'day'} {one.at}"


def _next(one: ScheduleAnswer) -> str:
    return "paused" if one.next_at is None else f"{one.next_at:%Y-%m-%d %H:%M}"


def _name(one: ScheduleAnswer) -> str:
    goal = " ".join(printable(one.goal).split())
    return goal if len(goal) <= SHOWN_CHARACTERS else goal[: SHOWN_CHARACTERS - 1] + "…"
