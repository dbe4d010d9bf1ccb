"""A deployment trades what its backtest traded, once, whatever happens to the process."""

import asyncio
import itertools
import sys
from asyncio.subprocess import PIPE
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from omc.books import service as books
from omc.core.ids import DeploymentId
from omc.core.market import Span
from omc.core.money import round_half_even
from omc.core.order import OrderStatus
from omc.engine.inputs import resolved
from omc.engine.reading import read
from omc.engine.simulate import Settings, simulate
from omc.floor import service
from omc.floor.rules import Feed, Halt
from omc.floor.run import account_of
from omc.floor.tables import FillRow, OrderRow
from omc.floor.work import run_step
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.events import Event
from omc.kit.events import read as read_events
from omc.kit.work import Context
from omc.ledgers.frames import bars
from omc.ledgers.imports import import_file
from omc.ledgers.rules import DAY_MS
from tests.floor.builders import BY, NOW, START, a_deployment, a_market, a_wish, deploy, limits, look, play, step

CHILD = Path(__file__).with_name("killed_child.py")
STATED_PLACES = 8
BARS_A_SECOND = 20 * 24 / 60
PROTECTED = {
    "stops": {"stop": {"kind": "percent", "value": "1"}, "trailing": {"kind": "atr", "value": "2"}},
    "costs": {"fee_bps": "10", "slippage_bps": "5", "participation": "0.001"},
}
BUYS_AT_THE_THIRD_BAR = {"entry": "close > 0", "exit": "close < 0", "features": {}, "warm_up_bars": 2}


async def fills_of(database: Database, workspace: UUID, deployment: DeploymentId) -> list[FillRow]:
    async with database.session(workspace) as session:
        return list(reversed(await service.list_fills(session, deployment, before=None, limit=500)))


async def orders_of(database: Database, workspace: UUID, deployment: DeploymentId) -> list[OrderRow]:
    async with database.session(workspace) as session:
        return list(reversed(await service.list_orders(session, deployment, before=None, limit=500)))


async def events_of(database: Database, workspace: UUID, deployment: DeploymentId) -> list[Event]:
    async with database.session(workspace) as session:
        return await read_events(session, service.topic(deployment))


def traded(fills: list[FillRow]) -> list[tuple[object, ...]]:
    return [(fill.ts, fill.side, fill.price, fill.quantity, fill.fee) for fill in fills]


async def an_unbroken_run(
    context: Context, workspace: UUID, changes: dict[str, object] | None = None
) -> list[tuple[object, ...]]:
    whole = await a_deployment(context.database, workspace, days=10, changes=changes)
    await play(context, workspace, whole)
    return traded(await fills_of(context.database, workspace, whole))


async def assert_books_agree(database: Database, workspace: UUID, deployment: DeploymentId) -> None:
    row = await look(database, workspace, deployment)
    async with database.session(workspace) as session:
        held = await books.positions(session, account_of(deployment))
    assert row.state == "done"
    assert (held.get("BTC", Decimal(0)), held["USDT"]) == (row.position, row.cash - 10_000)


SIZED_BY_VOLATILITY = {"kind": "volatility_target", "target": "0.3", "window": 48}
READS_MOOD = {"kind": "series", "series": "mood:value", "max_age": "30d"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sizing": {"kind": "fixed", "amount": "2500"}},
        {"sizing": SIZED_BY_VOLATILITY},
        {"inputs": {"mood": READS_MOOD}, "entry": "crosses_above(fast, slow) and mood > 30"},
        {"features": {"fast": "sma(close, 3)", "slow": {"expression": "sma(close, 4)", "timeframe": "2h"}}},
    ],
    ids=["of the cash", "an amount", "by volatility", "with another ledger", "on longer bars"],
)
async def test_replayed_fills_are_the_fills_of_the_backtest(
    context: Context, workspace: UUID, tmp_path: Path, changes: dict[str, object]
) -> None:
    await store_moods(context.database, workspace, tmp_path)
    deployment = await a_deployment(context.database, workspace, days=40, changes=changes)
    row = await play(context, workspace, deployment)
    assert row.error is None
    version = row.card["version"]
    assert isinstance(version, dict)
    document = read(version["document"])
    async with context.database.session(workspace) as session:
        assert row.end_ts is not None
        columns = await bars(session, row.series_id, Span(row.history_ts, row.end_ts))
        columns = await resolved(session, document, columns, symbol=row.symbol)

    result = simulate(document, columns, Settings(start=0))

    ours = await fills_of(context.database, workspace, deployment)
    theirs = result.fills
    assert len(ours) == len(theirs.ts) > 20
    for fill, ts, price, quantity in zip(ours, theirs.ts, theirs.price, theirs.quantity, strict=True):
        assert fill.ts.timestamp() * 1_000 == ts
        assert (fill.side == "buy") == (quantity > 0)
        assert round_half_even(fill.price, STATED_PLACES) == round_half_even(Decimal(float(price)), STATED_PLACES)
        assert float(fill.quantity) == pytest.approx(abs(quantity), rel=1e-6)
    assert float(row.equity) == pytest.approx(result.equity[-1], rel=1e-6)


async def store_moods(database: Database, workspace: UUID, folder: Path) -> None:
    """A mood for each day of the market, high and low by turns."""
    path = folder / "moods.csv"
    begin = round(START.timestamp() * 1_000)
    path.write_text(
        "ts,series,value\n" + "".join(f"{begin + day * DAY_MS},mood:value,{day * 37 % 100}\n" for day in range(40))
    )
    async with database.session(workspace) as session:
        done = await import_file(session, path, name=path.name, now=NOW)
    assert done.rows_kept == 40


async def test_a_finished_replay_says_so_and_holds_what_the_books_hold(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace)

    row = await play(context, workspace, deployment)

    async with context.database.session(workspace) as session:
        held = await books.positions(session, account_of(deployment))
        summary = await books.summary(session)
    assert (row.state, row.error) == ("done", None)
    assert held.get("BTC", Decimal(0)) == row.position
    assert held["USDT"] == row.cash - 10_000
    assert summary.figures.net == row.equity - 10_000
    assert not summary.suspense


async def test_the_page_sees_orders_fills_and_positions_as_they_happen(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace)
    await play(context, workspace, deployment)

    events = await events_of(context.database, workspace, deployment)

    kinds = [event.kind for event in events]
    assert kinds[0] == kinds[-1] == "deployment.state"
    assert events[-1].data["state"] == "done"
    fills = await fills_of(context.database, workspace, deployment)
    assert [event.data["id"] for event in events if event.kind == "fill"] == [str(fill.id) for fill in fills]
    assert kinds.count("position") >= len(fills)
    assert {"accepted", "filled"} <= {event.data["status"] for event in events if event.kind == "order"}


async def test_a_step_taken_twice_advances_once(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace)
    ids = {"workspace_id": str(workspace), "deployment_id": str(deployment), "step": "0"}

    outcomes = await asyncio.gather(*(run_step(context, **ids) for _ in range(3)))

    assert sorted(outcomes) == ["ended", "ended", "more"]
    assert (await look(context.database, workspace, deployment)).step == 1


async def test_steps_broken_off_anywhere_leave_the_same_books(context: Context, workspace: UUID) -> None:
    expected = await an_unbroken_run(context, workspace)
    broken = await a_deployment(context.database, workspace, days=10)

    delays = itertools.cycle([0.003, 0.01, 0.03, 0.06, None])
    while (await look(context.database, workspace, broken)).state == "running":
        task = asyncio.get_running_loop().create_task(step(context, workspace, broken, seconds=3), name="step")
        await asyncio.wait([task], timeout=next(delays))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert traded(await fills_of(context.database, workspace, broken)) == expected
    await assert_books_agree(context.database, workspace, broken)


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, PROTECTED], ids=["by conditions", "with stops and in parts"])
async def test_a_process_killed_at_any_moment_leaves_the_same_books(
    context: Context, workspace: UUID, app_url: str, changes: dict[str, object]
) -> None:
    expected = await an_unbroken_run(context, workspace, changes)
    assert expected
    killed = await a_deployment(context.database, workspace, days=10, changes=changes)

    for delay in (0.0, 0.05, 0.11, 0.23):
        arguments = [sys.executable, str(CHILD), app_url, str(workspace), str(killed)]
        environment = {"PYTHONPATH": str(CHILD.parents[2])}
        child = await asyncio.create_subprocess_exec(*arguments, stdout=PIPE, env=environment)
        assert child.stdout is not None
        assert await child.stdout.readline() == b"playing\n"
        await asyncio.sleep(delay)
        child.kill()
        await child.wait()
    await play(context, workspace, killed)

    assert traded(await fills_of(context.database, workspace, killed)) == expected
    await assert_books_agree(context.database, workspace, killed)


async def test_stopping_ends_it_before_its_next_bar_and_for_good(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace)
    await step(context, workspace, deployment)
    async with context.database.session(workspace) as session:
        await service.stop(session, deployment, by=BY, now=NOW)
    before = await look(context.database, workspace, deployment)

    outcome = await step(context, workspace, deployment)

    after = await look(context.database, workspace, deployment)
    assert outcome == "ended"
    assert (after.state, after.cursor_ts) == ("stopped", before.cursor_ts)


async def test_stopping_cancels_what_is_open(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace, changes=BUYS_AT_THE_THIRD_BAR)
    await step(context, workspace, deployment, seconds=3.5 / BARS_A_SECOND)
    orders = await orders_of(context.database, workspace, deployment)
    assert [order.status for order in orders] == ["accepted"]

    async with context.database.session(workspace) as session:
        await service.stop(session, deployment, by=BY, now=NOW)

    orders = await orders_of(context.database, workspace, deployment)
    assert [order.status for order in orders] == ["canceled"]
    last = (await events_of(context.database, workspace, deployment))[-2]
    assert (last.kind, last.data["status"]) == ("order", "canceled")


async def test_an_order_open_between_two_steps_fills_in_the_second(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace, changes=BUYS_AT_THE_THIRD_BAR)
    await step(context, workspace, deployment, seconds=3.5 / BARS_A_SECOND)

    await step(context, workspace, deployment, seconds=1 / BARS_A_SECOND)

    fills = await fills_of(context.database, workspace, deployment)
    orders = await orders_of(context.database, workspace, deployment)
    assert [order.status for order in orders] == [OrderStatus.FILLED.value]
    assert [fill.ts - order.bar_ts for fill, order in zip(fills, orders, strict=True)] == [timedelta(hours=1)]


async def test_the_kill_switch_stops_all_and_admits_nothing_until_a_person_resumes(
    context: Context, workspace: UUID
) -> None:
    database = context.database
    first = await a_deployment(database, workspace)
    async with database.session(workspace) as session:
        assert await service.stop_all(session, by=BY, now=NOW) == (1, 0)
    async with database.session(workspace) as session:
        wish = await a_wish(session, days=21)

    with pytest.raises(Refusal, match="kill switch"):
        await deploy(database, workspace, wish)
    async with database.session(workspace) as session:
        await service.resume(session, by=BY, now=NOW)

    second = await deploy(database, workspace, wish)
    assert (await look(database, workspace, first)).state == "stopped"
    assert (await look(database, workspace, second)).state == "running"


async def test_a_deployment_that_slips_past_a_thrown_switch_has_every_order_denied(
    context: Context, workspace: UUID
) -> None:
    deployment = await a_deployment(context.database, workspace)
    async with context.database.session(workspace) as session:
        await service._switch(session, Halt.ALL, by=BY, now=NOW)

    await play(context, workspace, deployment)

    orders = await orders_of(context.database, workspace, deployment)
    assert orders
    assert {(order.status, order.reason_code) for order in orders} == {("denied", "kill_switch")}
    assert not await fills_of(context.database, workspace, deployment)


async def test_a_daily_limit_denies_with_its_reason_and_the_next_day_is_free(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace, allowed=limits(max_orders_per_day=1))

    await play(context, workspace, deployment)

    orders = await orders_of(context.database, workspace, deployment)
    entries = [order for order in orders if order.side == "buy"]
    sent = [order.ts.date() for order in entries if order.status == "filled"]
    assert any(order.reason_code == "max_orders_per_day" for order in entries)
    assert len(sent) == len(set(sent)) > 1


async def test_following_waits_for_new_bars_and_trades_on_them(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace, feed=Feed.FOLLOW, days=20)
    assert await step(context, workspace, deployment) == "more"
    assert (await look(context.database, workspace, deployment)).cursor_ts is None
    async with context.database.session(workspace) as session:
        series = await a_market(session, days=25)

    assert await step(context, workspace, deployment) == "more"

    row = await look(context.database, workspace, deployment)
    assert series.end is not None
    assert row.cursor_ts == series.end - timedelta(hours=1)
    fills = await fills_of(context.database, workspace, deployment)
    assert fills
    assert min(fill.ts for fill in fills) >= row.start_ts
    assert row.state == "running"


async def test_a_card_that_has_changed_is_not_deployed(context: Context, workspace: UUID) -> None:
    async with context.database.session(workspace) as session:
        wish = await a_wish(session)
        with pytest.raises(Refusal) as refused:
            await service.deploy(session, wish, digest="0" * 64, by=BY, now=NOW)

    assert (refused.value.code, refused.value.status) == ("card_changed", 409)


async def test_the_same_approval_twice_is_one_deployment(context: Context, workspace: UUID) -> None:
    async with context.database.session(workspace) as session:
        wish = await a_wish(session)

    assert await deploy(context.database, workspace, wish) == await deploy(context.database, workspace, wish)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"short_entry": "close < 0", "short_exit": "close > 0"}, "short_not_possible"),
        ({"universe": ["ETH/USDT"]}, "wrong_symbol"),
        ({"universe": ["BTC/USDT", "ETH/USDT"]}, "series_missing"),
        ({"timeframe": "5m"}, "wrong_timeframe"),
        ({"warm_up_bars": 100_000}, "not_enough_history"),
    ],
)
async def test_a_version_that_cannot_trade_there_gets_no_card(
    context: Context, workspace: UUID, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await a_deployment(context.database, workspace, changes=changes)

    assert refused.value.code == code


async def test_a_deployment_of_another_workspace_is_not_there(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace)
    other = UUID(int=workspace.int ^ 1)

    with pytest.raises(Refusal, match="no such deployment"):
        await look(context.database, other, deployment)
    outcome = await run_step(context, workspace_id=str(other), deployment_id=str(deployment), step="0")
    assert outcome == "ended"


async def test_one_step_job_waits_for_each_step(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace)
    await step(context, workspace, deployment)
    later = replace(context, clock=lambda: NOW)

    assert await run_step(later, workspace_id=str(workspace), deployment_id=str(deployment), step="0") == "ended"
    async with context.database.session(workspace) as session:
        statement = select(func.count()).select_from(OrderRow).where(OrderRow.deployment_id == deployment)
        assert (await session.execute(statement)).scalar_one() == (
            await look(context.database, workspace, deployment)
        ).orders
