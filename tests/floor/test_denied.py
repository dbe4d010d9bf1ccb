"""What a limit or the switch holds back: the account goes on from what it really has, by the same rules."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from omc.core.ids import DeploymentId
from omc.floor import service
from omc.floor.rules import Feed, Halt
from omc.floor.tables import OrderRow
from omc.kit.db import Database
from omc.kit.work import Context
from omc.ledgers.imports import import_file
from omc.ledgers.rules import DAY_MS
from tests.floor.builders import BY, NOW, START, a_deployment, a_market, limits, look, play, step
from tests.floor.test_trading import BARS_A_SECOND, BUYS_AT_THE_THIRD_BAR, READS_MOOD, fills_of, orders_of, traded

ONE_BAR_S = 1 / BARS_A_SECOND
WAITS_LOW = BUYS_AT_THE_THIRD_BAR | {"order": {"kind": "limit", "offset_bps": "3000", "valid_bars": 400}}
IN_PARTS = BUYS_AT_THE_THIRD_BAR | {"costs": {"fee_bps": "10", "slippage_bps": "5", "participation": "0.00001"}}


async def throw(database: Database, workspace: UUID, level: Halt) -> None:
    async with database.session(workspace) as session:
        await service._switch(session, level, by=BY, now=NOW)


async def last_order(database: Database, workspace: UUID, deployment: DeploymentId) -> OrderRow:
    return (await orders_of(database, workspace, deployment))[-1]


async def test_a_limit_waits_with_its_price_from_step_to_step(context: Context, workspace: UUID) -> None:
    deployment = await a_deployment(context.database, workspace, changes=WAITS_LOW)
    await step(context, workspace, deployment, seconds=3.5 * ONE_BAR_S)
    await step(context, workspace, deployment, seconds=5 * ONE_BAR_S)

    order = await last_order(context.database, workspace, deployment)
    row = await look(context.database, workspace, deployment)
    assert (order.kind, order.status, order.bar_ts) == ("limit", "accepted", START + timedelta(hours=2))
    assert order.price is not None
    assert row.price is not None
    assert order.price == pytest.approx(row.price * Decimal("0.7"), rel=Decimal("0.1"))


@pytest.mark.parametrize("changes", [WAITS_LOW, IN_PARTS], ids=["before a part", "after a part"])
async def test_pausing_entries_withdraws_one_that_waits(
    context: Context, workspace: UUID, changes: dict[str, object]
) -> None:
    deployment = await a_deployment(context.database, workspace, changes=changes)
    await step(context, workspace, deployment, seconds=5.5 * ONE_BAR_S)
    bought = len(await fills_of(context.database, workspace, deployment))
    assert (await last_order(context.database, workspace, deployment)).status in {"accepted", "partially_filled"}
    await throw(context.database, workspace, Halt.ENTRIES)

    row = await play(context, workspace, deployment)

    order = await last_order(context.database, workspace, deployment)
    assert (order.status, order.reason_code) == ("canceled", "entries_paused")
    assert len(await fills_of(context.database, workspace, deployment)) == bought
    assert row.position == order.filled


async def test_the_days_loss_withdraws_what_is_left_of_an_entry(context: Context, workspace: UUID) -> None:
    allowed = limits(max_daily_loss=Decimal("0.01"))
    deployment = await a_deployment(context.database, workspace, changes=IN_PARTS, allowed=allowed)

    await play(context, workspace, deployment)

    order = await last_order(context.database, workspace, deployment)
    assert (order.status, order.reason_code) == ("canceled", "max_daily_loss")
    assert order.filled > 0


async def test_a_stop_goes_off_while_entries_are_paused(context: Context, workspace: UUID) -> None:
    stop = {"stops": {"stop": {"kind": "percent", "value": "1"}}}
    deployment = await a_deployment(context.database, workspace, changes=BUYS_AT_THE_THIRD_BAR | stop)
    await step(context, workspace, deployment, seconds=4.5 * ONE_BAR_S)
    row = await look(context.database, workspace, deployment)
    (bought,) = await fills_of(context.database, workspace, deployment)
    assert row.stop_price == pytest.approx(bought.price * Decimal("0.99"), rel=Decimal("1e-9"))
    await throw(context.database, workspace, Halt.ENTRIES)

    row = await play(context, workspace, deployment)

    sale = (await orders_of(context.database, workspace, deployment))[1]
    assert (sale.side, sale.kind, sale.status) == ("sell", "stop", "filled")
    assert (row.position, row.stop_price) == (Decimal(0), None)


async def test_an_exit_that_is_denied_is_asked_for_until_it_goes_out(context: Context, workspace: UUID) -> None:
    changes = BUYS_AT_THE_THIRD_BAR | {"stops": {"max_bars": 3}}
    deployment = await a_deployment(context.database, workspace, changes=changes)
    await step(context, workspace, deployment, seconds=4.5 * ONE_BAR_S)
    await throw(context.database, workspace, Halt.ALL)
    await step(context, workspace, deployment, seconds=5 * ONE_BAR_S)
    exits = [one for one in await orders_of(context.database, workspace, deployment) if one.side == "sell"]
    assert {(one.status, one.reason_code) for one in exits} == {("denied", "kill_switch")}
    assert len(exits) > 1
    assert (await look(context.database, workspace, deployment)).position > 0

    await throw(context.database, workspace, Halt.NOTHING)
    await step(context, workspace, deployment, seconds=3 * ONE_BAR_S)

    fills = await fills_of(context.database, workspace, deployment)
    assert [fill.side for fill in fills[:2]] == ["buy", "sell"]


async def test_a_deployment_from_before_accounts_were_kept_goes_on_as_if_one_had_been(
    context: Context, workspace: UUID
) -> None:
    whole = await a_deployment(context.database, workspace)
    await play(context, workspace, whole)
    older = await a_deployment(context.database, workspace)
    while (await look(context.database, workspace, older)).state == "running":
        async with context.database.session(workspace) as session:
            (await service.get_deployment(session, older)).account = None
        await step(context, workspace, older)

    fills = traded(await fills_of(context.database, workspace, older))
    assert fills == traded(await fills_of(context.database, workspace, whole))
    assert fills


async def test_a_deployment_from_before_accounts_were_kept_forgets_no_denial(context: Context, workspace: UUID) -> None:
    older = await a_deployment(context.database, workspace, changes=BUYS_AT_THE_THIRD_BAR)
    await throw(context.database, workspace, Halt.ENTRIES)
    await step(context, workspace, older, seconds=3.5 * ONE_BAR_S)
    assert (await last_order(context.database, workspace, older)).status == "denied"
    async with context.database.session(workspace) as session:
        (await service.get_deployment(session, older)).account = None
    await throw(context.database, workspace, Halt.NOTHING)

    row = await play(context, workspace, older)

    assert (row.state, row.error, row.orders, row.fills) == ("done", None, 1, 0)


async def test_an_account_that_is_worth_nothing_ends_and_says_so(context: Context, workspace: UUID) -> None:
    ruinous = BUYS_AT_THE_THIRD_BAR | {"costs": {"fee_bps": "10", "slippage_bps": "5", "funding_bps_per_day": "1000"}}
    deployment = await a_deployment(context.database, workspace, changes=ruinous)

    row = await play(context, workspace, deployment)

    assert row.state == "failed"
    assert row.error is not None
    assert "all was lost" in row.error
    assert -100 < row.equity <= 0, "it ended with the bar that lost it"
    assert row.cursor_ts is not None
    assert row.end_ts is not None
    assert row.cursor_ts < row.end_ts - timedelta(days=1)


async def store_moods(database: Database, workspace: UUID, folder: Path, *, days: range, first: int) -> None:
    """Moods that were known at the end of each day, whenever they are stored."""
    path, begin = folder / f"moods {days.start}.csv", round(START.timestamp() * 1_000)
    lines = [f"{begin + day * DAY_MS},mood:value,{(first + day) * 37 % 100}\n" for day in days]
    path.write_text("ts,series,value\n" + "".join(lines))
    async with database.session(workspace) as session:
        done = await import_file(session, path, name=path.name, now=NOW + timedelta(days=days.start))
    assert done.rows_kept == len(lines)


async def test_what_is_imported_after_its_approval_changes_no_replay(
    context: Context, workspace: UUID, tmp_path: Path
) -> None:
    mood = {"inputs": {"mood": READS_MOOD}, "entry": "crosses_above(fast, slow) and mood > 30"}
    await store_moods(context.database, workspace, tmp_path, days=range(4), first=0)
    undisturbed = await a_deployment(context.database, workspace, changes=mood)
    await play(context, workspace, undisturbed)
    disturbed = await a_deployment(context.database, workspace, changes=mood)
    await step(context, workspace, disturbed)

    await store_moods(context.database, workspace, tmp_path, days=range(4, 20), first=3)
    await play(context, workspace, disturbed)

    fills = traded(await fills_of(context.database, workspace, disturbed))
    assert fills == traded(await fills_of(context.database, workspace, undisturbed))
    assert fills


async def test_who_follows_reads_what_was_imported_since(context: Context, workspace: UUID, tmp_path: Path) -> None:
    mood = {"inputs": {"mood": READS_MOOD}, "entry": "mood > 0", "exit": "mood < 0", "features": {}}
    await store_moods(context.database, workspace, tmp_path, days=range(1), first=0)
    deployment = await a_deployment(context.database, workspace, feed=Feed.FOLLOW, changes=mood)
    await store_moods(context.database, workspace, tmp_path, days=range(1, 20), first=0)
    async with context.database.session(workspace) as session:
        await a_market(session, days=21)

    await step(context, workspace, deployment)

    assert await fills_of(context.database, workspace, deployment)
