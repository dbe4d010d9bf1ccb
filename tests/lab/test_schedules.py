"""Recurring research: each time opens one session, whatever dies, waits, or is asked twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import select, text, update

from omc.core.ids import PersonId, WorkspaceId
from omc.kit.clock import utc_now
from omc.kit.events import read
from omc.kit.ids import new_id
from omc.kit.work import Context, work
from omc.lab import schedules, service
from omc.lab.schedules import Recurring
from omc.lab.searching import Wanted, find
from omc.lab.service import Opening
from omc.lab.tables import ScheduleRow, SessionRow
from omc.lab.timetable import newest_due, next_due
from omc.lab.work import JOBS
from tests.lab.builders import GOAL

LAB = "/api/v1/lab"
MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DAILY = Recurring(asked=Opening(goal=GOAL, model="analyst"), minute=6 * 60)


@pytest.mark.parametrize(
    ("after", "weekday", "due"),
    [
        (MONDAY - timedelta(seconds=1), None, MONDAY),
        (MONDAY, None, MONDAY + DAY),
        (MONDAY - timedelta(seconds=1), 0, MONDAY),
        (MONDAY, 0, MONDAY + 7 * DAY),
        (MONDAY, 6, MONDAY + 6 * DAY),
        (MONDAY + timedelta(hours=20), 1, MONDAY + DAY),
    ],
)
def test_the_next_time_is_after_now_on_its_day(after: datetime, weekday: int | None, due: datetime) -> None:
    assert next_due(after, weekday=weekday, minute=360) == due


def test_what_was_missed_is_counted_and_the_newest_time_is_the_one_that_is_made_up_for() -> None:
    assert newest_due(MONDAY, MONDAY, weekday=None) == (MONDAY, 0)
    assert newest_due(MONDAY, MONDAY + 3 * DAY + timedelta(hours=5), weekday=None) == (MONDAY + 3 * DAY, 3)
    assert newest_due(MONDAY, MONDAY + 13 * DAY, weekday=0) == (MONDAY + 7 * DAY, 1)


async def scheduled(context: Context, workspace: UUID, now: datetime, wish: Recurring = DAILY) -> ScheduleRow:
    async with context.database.session(workspace) as session:
        return await schedules.add(
            session, wish, workspace_id=WorkspaceId(workspace), person_id=PersonId(new_id()), now=now
        )


async def occur(context: Context, workspace: UUID, row: ScheduleRow, due: datetime, now: datetime) -> str:
    async with context.database.session(workspace) as session:
        return await schedules.occur(session, row.id, due, now)


async def opened_by(context: Context, workspace: UUID, row: ScheduleRow) -> list[SessionRow]:
    async with context.database.session(workspace) as session:
        return list(await find(session, Wanted(schedule_id=row.id), before=None, limit=50))


async def test_two_workers_open_one_session_a_time_and_a_late_job_opens_none(context: Context, workspace: UUID) -> None:
    row = await scheduled(context, workspace, MONDAY - DAY)
    assert row.next_at == MONDAY
    endings = await asyncio.gather(*(occur(context, workspace, row, MONDAY, MONDAY) for _ in range(5)))
    assert sorted(endings) == ["nothing"] * 4 + ["opened"]
    assert await occur(context, workspace, row, MONDAY + DAY, MONDAY) == "early"
    assert await occur(context, workspace, row, MONDAY + DAY, MONDAY + DAY) == "opened"
    sessions = await opened_by(context, workspace, row)
    assert [session.origin and session.origin["due_at"] for session in sessions] == [
        "2026-03-03T06:00:00Z",
        "2026-03-02T06:00:00Z",
    ]


async def test_times_at_which_nothing_worked_are_made_up_for_once_and_said(context: Context, workspace: UUID) -> None:
    row = await scheduled(context, workspace, MONDAY - DAY)
    now = MONDAY + 3 * DAY + timedelta(hours=1)
    assert await occur(context, workspace, row, MONDAY, now) == "opened"
    (opened,) = await opened_by(context, workspace, row)
    async with context.database.session(workspace) as session:
        told = [
            event.data for event in await read(session, service.topic(opened.id)) if event.kind == "session.scheduled"
        ]
        after = (await schedules.schedules(session))[0]
    assert told == [opened.origin]
    assert told[0]["missed"] == 3
    assert (after.last_due, after.last_missed, after.next_at) == (MONDAY + 3 * DAY, 3, MONDAY + 4 * DAY)


async def test_what_cannot_be_opened_says_why_and_the_next_time_comes(context: Context, workspace: UUID) -> None:
    row = await scheduled(context, workspace, MONDAY - DAY)
    async with context.database.session(workspace) as session:
        await session.execute(update(ScheduleRow).values(model="gone"))
    assert await occur(context, workspace, row, MONDAY, MONDAY) == "refused"
    async with context.database.session(workspace) as session:
        (after,) = await schedules.schedules(session)
    assert after.problem
    assert "gone" in after.problem
    assert after.next_at == MONDAY + DAY
    assert not await opened_by(context, workspace, row)


async def test_a_due_schedule_runs_through_the_queue_and_queues_its_next_time(
    context: Context, workspace: UUID, owner_url: str
) -> None:
    row = await scheduled(context, workspace, utc_now() - 3 * DAY)
    with psycopg.connect(owner_url, autocommit=True) as days:  # three of them pass
        days.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE args->>'schedule_id' = %s", [str(row.id)]
        )
    await work(context, JOBS, until_empty=True)
    (opened,) = await opened_by(context, workspace, row)
    assert opened.goal == GOAL
    async with context.database.session(workspace) as session:
        (after,) = await schedules.schedules(session)
        waiting = text("SELECT args->>'due_at' FROM procrastinate_jobs WHERE args->>'schedule_id' = :id")
        due = [datetime.fromisoformat(one) for one in await session.scalars(waiting, {"id": str(row.id)})]
    assert after.next_at > utc_now()
    assert due == [after.next_at]


async def test_a_schedule_is_made_listed_paused_run_and_deleted_over_http(
    client: httpx.AsyncClient, context: Context
) -> None:
    wish = {"goal": GOAL, "model": "analyst", "every": "week", "weekday": "monday", "at": "06:00"}
    key = {"Idempotency-Key": str(uuid4())}
    made = [await client.post(f"{LAB}/schedules", json=wish, headers=key) for _ in range(2)]
    assert {answer.status_code for answer in made} == {201}
    assert made[0].json() == made[1].json()
    shown = made[0].json()
    assert (shown["every"], shown["weekday"], shown["at"]) == ("week", "monday", "06:00")
    assert datetime.fromisoformat(shown["next_at"]) > utc_now()
    address = f"{LAB}/schedules/{shown['id']}"
    assert (await client.post(f"{address}/pause")).json()["next_at"] is None
    resumed = (await client.post(f"{address}/resume")).json()
    assert (resumed["paused"], resumed["next_at"]) == (False, shown["next_at"])
    runs = [await client.post(f"{address}/run", headers={"Idempotency-Key": "now"}) for _ in range(2)]
    assert len({run.json()["id"] for run in runs}) == 1
    (listed,) = (await client.get(f"{LAB}/schedules")).json()["items"]
    assert listed == resumed
    (session,) = (await client.get(f"{LAB}/sessions", params={"schedule_id": shown["id"]})).json()["items"]
    assert session["origin"] == {
        "kind": "schedule",
        "session_id": None,
        "step": None,
        "schedule_id": shown["id"],
        "due_at": None,
        "missed": 0,
    }
    assert (await client.delete(address)).status_code == 204
    assert (await client.delete(address)).status_code == 404
    assert (await client.get(f"{LAB}/sessions/{session['id']}")).status_code == 200


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"goal": " "}, "goal_empty"),
        ({"model": "gpt"}, "model_unknown"),
        ({"weekday": "monday"}, "weekday"),
        ({"every": "week"}, "weekday"),
        ({"at": "24:00"}, "invalid_input"),
        ({"at": "6"}, "invalid_input"),
        ({"cap": "0"}, "cap_out_of_range"),
        ({"roles": {"planner": {"credential_id": str(new_id()), "model": "any"}}}, "roles_not_scheduled"),
    ],
)
async def test_a_schedule_that_cannot_be_is_refused(
    client: httpx.AsyncClient, changed: dict[str, object], code: str
) -> None:
    wish = {"goal": GOAL, "model": "analyst", "every": "day", "at": "06:00"} | changed
    refused = await client.post(f"{LAB}/schedules", json=wish)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await client.get(f"{LAB}/schedules")).json()["items"] == []


async def test_a_paused_schedule_opens_nothing_and_makes_up_for_nothing(context: Context, workspace: UUID) -> None:
    row = await scheduled(context, workspace, MONDAY - DAY)
    async with context.database.session(workspace) as session:
        await schedules.pause(session, row.id, MONDAY - DAY)
    assert await occur(context, workspace, row, MONDAY, MONDAY) == "nothing"
    async with context.database.session(workspace) as session:
        resumed = await schedules.resume(session, row.id, MONDAY + 3 * DAY)
        assert resumed.next_at == MONDAY + 4 * DAY
        assert not list(await session.scalars(select(SessionRow)))
