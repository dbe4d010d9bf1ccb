"""How far a person can stop: entries only, every order, or every order with what is held sold."""

from decimal import Decimal
from uuid import UUID

import httpx
import pytest

from omc.books import service as books
from omc.core.ids import DeploymentId
from omc.floor import service
from omc.floor.rules import Feed, Stop
from omc.floor.run import account_of
from omc.floor.tables import DeploymentRow
from omc.kit.errors import Refusal
from omc.kit.events import AUDIT
from omc.kit.events import read as read_events
from omc.kit.work import Context
from tests.floor.builders import BY, NOW, a_deployment, a_wish, deploy, look, play, step
from tests.floor.test_trading import BARS_A_SECOND, BUYS_AT_THE_THIRD_BAR, fills_of, orders_of


async def holding(context: Context, workspace: UUID) -> DeploymentRow:
    """A deployment that has bought and goes on."""
    deployment = await a_deployment(context.database, workspace, changes=BUYS_AT_THE_THIRD_BAR)
    await step(context, workspace, deployment, seconds=3.5 / BARS_A_SECOND)
    await step(context, workspace, deployment, seconds=1 / BARS_A_SECOND)
    row = await look(context.database, workspace, DeploymentId(deployment))
    assert row.position > 0
    return row


async def stop_all(context: Context, workspace: UUID, how: Stop) -> tuple[int, int]:
    async with context.database.session(workspace) as session:
        return await service.stop_all(session, by=BY, now=NOW, how=how)


async def test_closing_sells_what_is_held_and_then_it_has_stopped(context: Context, workspace: UUID) -> None:
    held = await holding(context, workspace)
    deployment = DeploymentId(held.id)

    assert await stop_all(context, workspace, Stop.CLOSE) == (0, 1)
    assert (await look(context.database, workspace, deployment)).closing
    assert await step(context, workspace, deployment) == "closed"

    row = await look(context.database, workspace, deployment)
    sale = (await fills_of(context.database, workspace, deployment))[-1]
    assert (row.state, row.closing, row.position, row.error) == ("stopped", False, Decimal(0), None)
    assert (sale.side, sale.quantity) == ("sell", held.position)
    assert held.price is not None
    assert sale.price == held.price * Decimal("0.9995")
    async with context.database.session(workspace) as session:
        in_books = await books.positions(session, account_of(deployment))
    assert in_books.get("BTC", Decimal(0)) == 0
    assert in_books["USDT"] == row.cash - 10_000


async def test_closing_twice_sells_once(context: Context, workspace: UUID) -> None:
    deployment = DeploymentId((await holding(context, workspace)).id)
    for _ in range(2):
        async with context.database.session(workspace) as session:
            await service.stop(session, deployment, by=BY, now=NOW, close=True)

    assert [await step(context, workspace, deployment) for _ in range(2)] == ["closed", "ended"]

    assert [fill.side for fill in await fills_of(context.database, workspace, deployment)] == ["buy", "sell"]


async def test_closing_ends_what_holds_nothing_at_once(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace, changes=BUYS_AT_THE_THIRD_BAR)
    await step(context, workspace, deployment, seconds=3.5 / BARS_A_SECOND)

    assert await stop_all(context, workspace, Stop.CLOSE) == (1, 0)

    assert (await look(context.database, workspace, deployment)).state == "stopped"
    assert [order.status for order in await orders_of(context.database, workspace, deployment)] == ["canceled"]


async def test_what_the_venue_does_not_take_stays_and_says_so(context: Context, workspace: UUID) -> None:
    held = await holding(context, workspace)
    async with context.database.session(workspace) as session:
        row = await service.get_deployment(session, DeploymentId(held.id))
        row.price = Decimal("0.0000000001")
    await stop_all(context, workspace, Stop.CLOSE)

    await step(context, workspace, DeploymentId(held.id))

    after = await look(context.database, workspace, DeploymentId(held.id))
    assert (after.state, after.position) == ("stopped", held.position)
    assert "could not be sold: the order is worth less" in (after.error or "")


async def test_paused_entries_let_a_position_go_and_open_nothing_more(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace)
    while not (await fills_of(context.database, workspace, deployment)):
        await step(context, workspace, deployment)
    bought = len(await fills_of(context.database, workspace, deployment))

    assert await stop_all(context, workspace, Stop.ENTRIES) == (0, 0)
    row = await play(context, workspace, deployment)

    later = (await fills_of(context.database, workspace, deployment))[bought:]
    denied = [one for one in await orders_of(context.database, workspace, deployment) if one.status == "denied"]
    assert (row.state, row.position) == ("done", Decimal(0))
    assert {fill.side for fill in later} <= {"sell"}
    assert {one.reason_code for one in denied} == {"entries_paused"}


async def test_paused_entries_admit_no_new_deployment_until_a_person_resumes(context: Context, workspace: UUID) -> None:
    await stop_all(context, workspace, Stop.ENTRIES)
    async with context.database.session(workspace) as session:
        wish = await a_wish(session, feed=Feed.FOLLOW)
    with pytest.raises(Refusal, match="entries are paused"):
        await deploy(context.database, workspace, wish)
    async with context.database.session(workspace) as session:
        await service.resume(session, by=BY, now=NOW)

    assert await deploy(context.database, workspace, wish)


async def test_each_stop_and_its_extent_is_in_the_audit_trail(context: Context, workspace: UUID) -> None:
    for how in (Stop.ENTRIES, Stop.CLOSE):
        await stop_all(context, workspace, how)
    async with context.database.session(workspace) as session:
        trail = await read_events(session, AUDIT)

    assert [(event.kind, event.data["how"]) for event in trail] == [
        ("switch.thrown", "entries"),
        ("switch.thrown", "close"),
    ]


async def test_the_switch_is_thrown_over_http_also_when_nothing_runs(client: httpx.AsyncClient) -> None:
    paused = await client.post("/api/v1/floor/stop-all", json={"how": "entries"})
    switch = (await client.get("/api/v1/floor/switch")).json()
    stopped = await client.post("/api/v1/floor/stop-all")

    assert (paused.json(), stopped.json()) == ({"stopped": 0, "closing": 0}, {"stopped": 0, "closing": 0})
    assert (switch["thrown"], switch["level"]) == (True, "entries")
    assert (await client.get("/api/v1/floor/switch")).json()["level"] == "all"
