"""The verbs of a person: put a version to work, stop one, stop all, resume; and what there is to see."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import instant_text
from omc.core.ids import DeploymentId
from omc.core.market import Timeframe
from omc.core.order import OrderStatus
from omc.engine.approvals import approve
from omc.floor import rules
from omc.floor.cards import Card, Wish, make_card
from omc.floor.holdings import holdings_of, ids_of
from omc.floor.rules import Feed, Halt, State, Stop
from omc.floor.tables import DeploymentRow, FillRow, OrderRow, SwitchRow
from omc.floor.telling import order_told
from omc.kit.errors import Refusal
from omc.kit.events import append, audit
from omc.kit.ids import new_id
from omc.kit.work import enqueue
from omc.ledgers.service import get_series

STEP_JOB = "floor.step"
QUEUE = "floor"
MAX_RUNNING = 20
MAX_PAGE = 500
OPEN_STATUSES = (OrderStatus.SUBMITTED.value, OrderStatus.ACCEPTED.value, OrderStatus.PARTIALLY_FILLED.value)

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


def topic(deployment_id: UUID) -> str:
    """Return the event topic of a deployment."""
    return f"deployment:{deployment_id}"


async def deploy(
    session: AsyncSession, wish: Wish, *, digest: str, by: str, now: datetime, override_reason: str | None = None
) -> DeploymentId:
    """Record a person's approval of the card with this digest, and put its version to work.

    Refusal `card_changed` when the card is no longer what the person saw; `no_verdict` or `verdict_failed` when the
    version has no passing verdict and the person does not say why it is to trade nevertheless. The same card again,
    while its deployment runs, is the same deployment.
    """
    card = await make_card(session, wish)
    if card.digest != digest:
        text_ = "what you approved has changed meanwhile (version, data or limits); look at the new card and approve it"
        raise Refusal("card_changed", 409, text_)
    await _admit(session)
    version = card.version
    await approve(
        session,
        version.id,
        document_hash=version.hash,
        digest=digest,
        by=by,
        now=now,
        override_reason=override_reason,
    )
    added = upsert(DeploymentRow).values(_row(card, wish, digest=digest, by=by, now=now))
    once = added.on_conflict_do_nothing(
        index_elements=["workspace_id", "digest"], index_where=text("state = 'running'")
    )
    deployment_id = (await session.execute(once.returning(DeploymentRow.id))).scalar_one_or_none()
    if deployment_id is None:
        running = select(DeploymentRow.id).where(DeploymentRow.digest == digest, DeploymentRow.state == State.RUNNING)
        return DeploymentId((await session.execute(running)).scalar_one())
    await append(session, topic(deployment_id), "deployment.state", {"state": State.RUNNING.value})
    await audit(session, "deployment.started", {"deployment_id": str(deployment_id), "digest": digest, "by": by})
    await next_step(session, deployment_id, 0)
    return DeploymentId(deployment_id)


async def stop(
    session: AsyncSession, deployment_id: DeploymentId, *, by: str, now: datetime, close: bool = False
) -> None:
    """Stop a deployment before its next bar, for good, and cancel its open orders; an ended one stays as it is.

    With `close`, what it holds is sold first: the worker does that in its next step, at once.
    """
    closing = close and await _close(session, deployment_id, now=now)
    if not closing and not await end(session, deployment_id, State.STOPPED, now=now):
        await get_deployment(session, deployment_id)
        return
    told = {"deployment_id": str(deployment_id), "by": by} | ({"close": True} if close else {})
    await audit(session, "deployment.stopped", told)


async def stop_all(session: AsyncSession, *, by: str, now: datetime, how: Stop = Stop.ALL) -> tuple[int, int]:
    """Throw the kill switch until a person resumes. Returns how many deployments stopped, and how many are closing.

    For entries only, deployments go on and may close what they hold. Else every deployment stops and its open orders
    are cancelled; to close, what it holds is sold first, which the worker does in its next step, at once.
    """
    await _throw(session, how, by=by, now=now)
    stopped: list[UUID] = []
    closing: list[UUID] = []
    running = select(DeploymentRow.id).where(DeploymentRow.state == State.RUNNING).order_by(DeploymentRow.id)
    for deployment_id in () if how is Stop.ENTRIES else (await session.execute(running)).scalars().all():
        if how is Stop.CLOSE and await _close(session, DeploymentId(deployment_id), now=now):
            closing.append(deployment_id)
        elif await end(session, DeploymentId(deployment_id), State.STOPPED, now=now):
            stopped.append(deployment_id)
    told = {"how": how.value, "stopped": [str(one) for one in stopped], "closing": [str(one) for one in closing]}
    await audit(session, "switch.thrown", {"by": by, **told})
    return len(stopped), len(closing)


async def resume(session: AsyncSession, *, by: str, now: datetime) -> None:
    """Let orders go out again; what was stopped stays stopped and is put to work anew by a person."""
    await _switch(session, Halt.NOTHING, by=by, now=now)
    await audit(session, "switch.resumed", {"by": by})


async def get_switch(session: AsyncSession) -> SwitchRow | None:
    """Return the kill switch; None when it was never thrown."""
    return await session.scalar(select(SwitchRow))


async def halt(session: AsyncSession) -> Halt:
    """Return how far the kill switch is thrown."""
    row = await get_switch(session)
    return Halt(row.level) if row is not None and row.thrown else Halt.NOTHING


async def get_deployment(session: AsyncSession, deployment_id: DeploymentId) -> DeploymentRow:
    """Return a deployment; Refusal `not_found` when the workspace has none of this id."""
    row = await session.scalar(select(DeploymentRow).where(DeploymentRow.id == deployment_id))
    if row is None:
        raise Refusal("not_found", 404, "there is no such deployment in this workspace; the list has them all")
    return row


async def list_deployments(session: AsyncSession, *, before: UUID | None, limit: int) -> Sequence[DeploymentRow]:
    """Return deployments, newest first, from before the id `before` on; ids rise with time."""
    statement = select(DeploymentRow).order_by(DeploymentRow.id.desc()).limit(min(limit, MAX_PAGE))
    if before is not None:
        statement = statement.where(DeploymentRow.id < before)
    return (await session.execute(statement)).scalars().all()


async def list_orders(
    session: AsyncSession, deployment_id: DeploymentId, *, before: datetime | None, limit: int
) -> Sequence[OrderRow]:
    """Return a deployment's orders, newest first; the bar's time is the cursor, so a page ends with a whole bar."""
    await get_deployment(session, deployment_id)
    statement = select(OrderRow).where(OrderRow.deployment_id == deployment_id).order_by(OrderRow.bar_ts.desc())
    if before is not None:
        statement = statement.where(OrderRow.bar_ts < before)
    rows = (await session.execute(statement.fetch(min(limit, MAX_PAGE), with_ties=True))).scalars()
    return sorted(rows, key=lambda row: (row.bar_ts, row.ts, row.side), reverse=True)


async def list_fills(
    session: AsyncSession, deployment_id: DeploymentId, *, before: datetime | None, limit: int
) -> Sequence[FillRow]:
    """Return a deployment's fills, newest first; a page ends with a whole bar. In one bar a purchase comes first."""
    await get_deployment(session, deployment_id)
    statement = select(FillRow).where(FillRow.deployment_id == deployment_id).order_by(FillRow.ts.desc())
    if before is not None:
        statement = statement.where(FillRow.ts < before)
    rows = (await session.execute(statement.fetch(min(limit, MAX_PAGE), with_ties=True))).scalars()
    return sorted(rows, key=lambda row: (row.ts, row.side), reverse=True)


async def symbols_of(session: AsyncSession, orders: Iterable[UUID]) -> dict[UUID, str]:
    """Return the symbol of each of these orders."""
    named = select(OrderRow.id, OrderRow.symbol).where(OrderRow.id.in_(set(orders)))
    return {row.id: row.symbol for row in await session.execute(named)}


async def begin_step(session: AsyncSession, deployment_id: DeploymentId, step: int) -> DeploymentRow | None:
    """Return the deployment, locked, for its step of this number; None when it has ended or the step is done."""
    statement = select(DeploymentRow).where(DeploymentRow.id == deployment_id).with_for_update()
    row = await session.scalar(statement)
    if row is None or row.state != State.RUNNING or row.step != step:
        return None
    return row


async def next_step(session: AsyncSession, deployment_id: UUID, step: int, *, delay_s: float = 0) -> None:
    """Enqueue a step. Its number makes a job that runs twice, or that two workers took, advance only once.

    It has no lock in the queue: a step that waits for its time would hold up the one that a new bar wants at once.
    """
    workspace = (await session.execute(select(_WORKSPACE))).scalar_one()
    ids = {"workspace_id": str(workspace), "deployment_id": str(deployment_id), "step": str(step)}
    await enqueue(session, STEP_JOB, ids=ids, queue=QUEUE, delay_s=delay_s)


async def tell_waiting(session: AsyncSession, row: DeploymentRow, waits: str | None) -> None:
    """Say on a running deployment what it waits for besides its bars, and when that is there."""
    if row.error == waits:
        return
    row.error = waits
    told = {"state": State.RUNNING.value} | ({"error": waits} if waits else {})
    await append(session, topic(row.id), "deployment.state", told)


async def wake_followers(session: AsyncSession) -> int:
    """Enqueue a step of each running deployment that has not seen the last bar of its series. Returns how many."""
    following = select(DeploymentRow).where(DeploymentRow.state == State.RUNNING, DeploymentRow.feed == Feed.FOLLOW)
    behind = [row for row in (await session.execute(following)).scalars() if await _is_behind(session, row)]
    for row in behind:
        await next_step(session, row.id, row.step)
    return len(behind)


async def _is_behind(session: AsyncSession, row: DeploymentRow) -> bool:
    for series in [await get_series(session, one) for one in ids_of(row)]:
        assert series.end is not None, "a series that is followed has bars"
        length = timedelta(seconds=Timeframe.parse(series.timeframe).seconds)
        if series.end > (row.start_ts if row.cursor_ts is None else row.cursor_ts + length):
            return True
    return False


async def end(
    session: AsyncSession, deployment_id: DeploymentId, state: State, *, now: datetime, error: str | None = None
) -> bool:
    """End a running deployment and what it has open; False when it does not run."""
    ending = (
        update(DeploymentRow)
        .where(DeploymentRow.id == deployment_id, DeploymentRow.state == State.RUNNING)
        .values(state=state.value, ended_ts=now, error=error, closing=False)
        .returning(DeploymentRow.id)
    )
    if (await session.execute(ending)).scalar_one_or_none() is None:
        return False
    status = OrderStatus.EXPIRED if state is State.DONE else OrderStatus.CANCELED
    await _end_orders(session, deployment_id, status, now)
    told = {"state": state.value, "ended_ts": instant_text(now)} | ({"error": error} if error else {})
    await append(session, topic(deployment_id), "deployment.state", told)
    return True


async def _close(session: AsyncSession, deployment_id: DeploymentId, *, now: datetime) -> bool:
    """Let the worker sell what a running deployment holds, and cancel what it has open; False when it holds nothing."""
    running = select(DeploymentRow).where(DeploymentRow.id == deployment_id, DeploymentRow.state == State.RUNNING)
    row = await session.scalar(running.with_for_update().execution_options(populate_existing=True))
    if row is None or not any(one.position > rules.ZERO for one in holdings_of(row)):
        return False
    row.closing, step = True, row.step
    await session.flush()
    await _end_orders(session, deployment_id, OrderStatus.CANCELED, now)
    await append(session, topic(deployment_id), "deployment.state", {"state": State.RUNNING.value, "closing": True})
    await next_step(session, deployment_id, step)
    return True


async def _end_orders(session: AsyncSession, deployment_id: UUID, status: OrderStatus, now: datetime) -> None:
    ending = (
        update(OrderRow)
        .where(OrderRow.deployment_id == deployment_id, OrderRow.status.in_(OPEN_STATUSES))
        .values(status=status.value, updated_ts=now)
        .returning(OrderRow)
    )
    for order in (await session.execute(ending)).scalars().all():
        await append(session, topic(deployment_id), "order", order_told(order))


async def _admit(session: AsyncSession) -> None:
    match await halt(session):
        case Halt.ALL:
            raise Refusal("kill_switch", 409, "the kill switch is thrown; resume trading first, then approve again")
        case Halt.ENTRIES:
            raise Refusal("entries_paused", 409, "entries are paused; allow them again first, then approve again")
        case Halt.NOTHING:
            pass
    running = select(func.count()).select_from(DeploymentRow).where(DeploymentRow.state == State.RUNNING)
    if (await session.execute(running)).scalar_one() >= MAX_RUNNING:
        raise Refusal("too_many_deployments", 409, f"{MAX_RUNNING} deployments run already; stop one first")


async def _throw(session: AsyncSession, how: Stop, *, by: str, now: datetime) -> None:
    """Throw the switch at least as far as it is; its row is held, so that two who stop do not undo each other."""
    await session.execute(select(SwitchRow.level).with_for_update())
    await _switch(session, rules.halted_further(await halt(session), how), by=by, now=now)


async def _switch(session: AsyncSession, level: Halt, *, by: str, now: datetime) -> None:
    thrown = level is not Halt.NOTHING
    values = {"thrown": thrown, "level": level if thrown else Halt.ALL, "changed_by": by, "changed_ts": now}
    put = upsert(SwitchRow).values({"workspace_id": _WORKSPACE} | values)
    await session.execute(put.on_conflict_do_update(index_elements=["workspace_id"], set_=values))


def _row(card: Card, wish: Wish, *, digest: str, by: str, now: datetime) -> dict[str, object]:
    capital = wish.limits.capital
    return {
        "workspace_id": _WORKSPACE,
        "id": new_id(),
        "name": card.version.name,
        "version_id": card.version.id,
        "series_id": card.every[0].id,
        "others": [one.id for one in card.every[1:]],
        "symbol": card.every[0].symbol,
        "feed": wish.feed.value,
        "state": State.RUNNING.value,
        "card": dict(card.content),
        "digest": digest,
        "created_by": by,
        "created_ts": now,
        "history_ts": card.history_ts,
        "start_ts": card.start_ts,
        "end_ts": card.end_ts,
        "speed": card.speed,
        "step": 0,
        "stepped_ts": now,
        "cash": capital,
        "position": rules.ZERO,
        "equity": capital,
        "day": "",
        "day_equity": capital,
        "orders": 0,
        "fills": 0,
    }
