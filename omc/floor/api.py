"""Routes of the floor: the card, deployments, their orders and fills, and the kill switch. Money is text, exact."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from omc.core.ids import DeploymentId
from omc.floor import service
from omc.floor.answers import (
    Approval,
    CardAnswer,
    Created,
    DeploymentAnswer,
    Deployments,
    FillAnswer,
    Fills,
    OrderAnswer,
    Orders,
    StopOne,
    Stopped,
    StopWish,
    SwitchAnswer,
    WishBody,
)
from omc.floor.cards import make_card
from omc.floor.rules import Halt, Stop
from omc.identity.api import Reader, Trader, Tx
from omc.kit.errors import Refusal
from omc.kit.http import Wired

router = APIRouter(prefix="/floor", tags=["floor"])


Limit = Annotated[int, Query(ge=1, le=service.MAX_PAGE)]
Before = Annotated[datetime | None, Query(description="`next` of the page before")]


@router.post("/card")
async def card(_caller: Reader, session: Tx, body: WishBody) -> CardAnswer:
    """Return exactly what approving this wish would approve, with its digest; changes nothing."""
    made = await make_card(session, body.value())
    return CardAnswer.model_validate({"card": dict(made.content), "digest": made.digest})


@router.post("/deployments", status_code=201)
async def deploy(caller: Trader, session: Tx, body: Approval, wired: Wired) -> Created:
    """Approve the card with this digest and put its version to work.

    `card_changed` when it is another by now; `no_verdict` or `verdict_failed` when the version has no passing verdict
    and no `override_reason` says why it is to trade nevertheless.
    """
    by, why = str(caller.person_id), body.override_reason
    wish, now = body.value(), wired.clock()
    return Created(id=await service.deploy(session, wish, digest=body.digest, by=by, now=now, override_reason=why))


@router.get("/deployments")
async def list_deployments(_caller: Reader, session: Tx, cursor: UUID | None = None, limit: Limit = 100) -> Deployments:
    """List deployments, newest first."""
    rows = await service.list_deployments(session, before=cursor, limit=limit)
    items = [DeploymentAnswer.of(row) for row in rows]
    return Deployments(items=items, next=rows[-1].id if len(rows) == limit else None)


@router.get("/deployments/{deployment_id}")
async def get_deployment(_caller: Reader, session: Tx, deployment_id: UUID) -> DeploymentAnswer:
    """Return one deployment."""
    return DeploymentAnswer.of(await service.get_deployment(session, DeploymentId(deployment_id)))


@router.get("/deployments/{deployment_id}/orders")
async def list_orders(
    _caller: Reader, session: Tx, deployment_id: UUID, cursor: Before = None, limit: Limit = 100
) -> Orders:
    """List a deployment's orders, newest first, denied and rejected ones too."""
    rows = await service.list_orders(session, DeploymentId(deployment_id), before=_zoned(cursor), limit=limit)
    return Orders(items=[OrderAnswer.of(row) for row in rows], next=rows[-1].bar_ts if len(rows) >= limit else None)


@router.get("/deployments/{deployment_id}/fills")
async def list_fills(
    _caller: Reader, session: Tx, deployment_id: UUID, cursor: Before = None, limit: Limit = 100
) -> Fills:
    """List a deployment's fills, newest first."""
    rows = await service.list_fills(session, DeploymentId(deployment_id), before=_zoned(cursor), limit=limit)
    symbols = await service.symbols_of(session, [row.order_id for row in rows])
    return Fills(
        items=[FillAnswer.of(row, symbols[row.order_id]) for row in rows],
        next=rows[-1].ts if len(rows) >= limit else None,
    )


@router.post("/deployments/{deployment_id}/stop", status_code=204)
async def stop(caller: Trader, session: Tx, deployment_id: UUID, wired: Wired, body: StopOne | None = None) -> None:
    """Stop a deployment before its next bar, for good; on request sell what it holds first."""
    by, found = str(caller.person_id), DeploymentId(deployment_id)
    await service.stop(session, found, by=by, now=wired.clock(), close=body is not None and body.close)


@router.post("/stop-all")
async def stop_all(caller: Trader, session: Tx, wired: Wired, body: StopWish | None = None) -> Stopped:
    """Throw the kill switch until a person resumes: entries only, every order, or every order and close."""
    by = str(caller.person_id)
    stopped, closing = await service.stop_all(
        session, by=by, now=wired.clock(), how=Stop.ALL if body is None else body.how
    )
    return Stopped(stopped=stopped, closing=closing)


@router.post("/resume", status_code=204)
async def resume(caller: Trader, session: Tx, wired: Wired) -> None:
    """Let orders go out again after the kill switch; what was stopped stays stopped."""
    await service.resume(session, by=str(caller.person_id), now=wired.clock())


@router.get("/switch")
async def get_switch(_caller: Reader, session: Tx) -> SwitchAnswer:
    """Return how the kill switch stands."""
    row = await service.get_switch(session)
    if row is None:
        return SwitchAnswer(thrown=False)
    level = Halt(row.level) if row.thrown else Halt.NOTHING
    return SwitchAnswer(thrown=row.thrown, level=level, changed_by=row.changed_by, changed_ts=row.changed_ts)


def _zoned(cursor: datetime | None) -> datetime | None:
    if cursor is not None and cursor.tzinfo is None:
        raise Refusal(
            "cursor_without_zone", 422, "send the cursor as `next` gave it, with its zone", place="query/cursor"
        )
    return cursor
