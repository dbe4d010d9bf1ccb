"""Money before and after a call: reserve the most that it can cost, settle what it did cost, and never pass a cap.

A reservation is one statement over every scope that the call counts in (its session, its UTC day and month, its key's
month), rows locked in the order of their names, so that concurrent calls wait for each other and neither overshoots nor
deadlocks. It is committed before the network is used. What it counts in is fixed then: a call that begins before
midnight is settled into the day in which it began.

A cap is a cap whoever answers: no call is booked at more than was reserved for it, which is the most that an honest
answer to its request can cost (`prices.ceiling`). What a provider tells above that is kept beside it as `claimed`,
counts nowhere, and is told: the bill decides whether it lied or did not keep to the output limit that it was sent.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.money import EXACT
from omc.core.money import text as plain
from omc.kit.db import at_end, fetch, run
from omc.kit.errors import Refusal
from omc.kit.events import AUDIT, append_at_end, audit
from omc.vault.caps import Holding, Limit, caps_holding, dollars, holding_of, limits_of
from omc.vault.prices import Price, Usage, cost, price_from
from omc.vault.tables import BudgetRow

ZERO = Decimal(0)
UNLIMITED = Decimal("Infinity")
ABOVE_RESERVATION = "spend.above_reservation"
BUDGET_REACHED = "budget_reached"
"""The code of the refusal of a call that could overshoot."""

# A scope whose cap would be passed is not counted up, and then no call is added: `held` tells which were.
_RESERVE = """
WITH asked AS (
  SELECT scope, cap FROM unnest(CAST(%(scopes)s AS text[]), CAST(%(caps)s AS numeric[])) AS asked(scope, cap)
), held AS (
  INSERT INTO vault_budget AS budget (workspace_id, scope, reserved)
  SELECT current_setting('omc.workspace')::uuid, scope, CAST(%(amount)s AS numeric)
  FROM asked WHERE %(amount)s <= cap ORDER BY scope
  ON CONFLICT (workspace_id, scope) DO UPDATE SET reserved = budget.reserved + excluded.reserved
  WHERE budget.spent + budget.reserved + excluded.reserved <=
    (SELECT cap FROM asked WHERE asked.scope = excluded.scope)
  RETURNING scope, spent, reserved
), added AS (
  INSERT INTO vault_call (workspace_id, id, session_id, step, attempt, tried, credential_id, provider, model, purpose,
    scopes, state, reserved, price, started_at)
  SELECT current_setting('omc.workspace')::uuid, %(call_id)s, CAST(%(session_id)s AS uuid), %(step)s,
    %(attempt)s, %(tried)s, %(credential_id)s, %(provider)s, %(model)s, %(purpose)s, %(scopes)s, 'reserved',
    %(amount)s, CAST(%(price)s AS jsonb), %(now)s
  WHERE (SELECT count(*) FROM held) = cardinality(CAST(%(scopes)s AS text[]))
)
SELECT scope, spent, reserved FROM held
"""

_GIVE_BACK = """
UPDATE vault_budget SET reserved = reserved - %(amount)s
WHERE workspace_id = current_setting('omc.workspace')::uuid AND scope = ANY(%(scopes)s)
"""

_READ_CALL = """
SELECT cost, price, scopes FROM vault_call
WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = %(call_id)s
"""

# Without a cost, what was reserved is the cost, and it is never more. A call that is settled already is left as it is,
# and no row comes back.
_SETTLING: LiteralString = """
WITH done AS (
  UPDATE vault_call SET state = 'settled', cost = least(CAST(%(cost)s AS numeric), reserved),
    claimed = CASE WHEN CAST(%(cost)s AS numeric) > reserved THEN CAST(%(cost)s AS numeric) END,
    measured = %(measured)s, tokens_input = %(input)s, tokens_cache_read = %(cache_read)s,
    tokens_cache_write = %(cache_write)s, tokens_output = %(output)s,
    tokens_reasoning = %(reasoning)s, latency_ms = %(latency_ms)s, first_token_ms = %(first_token_ms)s,
    finish = %(finish)s, failure = %(failure)s, finished_at = %(now)s
  WHERE workspace_id = current_setting('omc.workspace')::uuid AND id = %(call_id)s AND state = 'reserved'
  RETURNING workspace_id, scopes, cost, reserved, claimed, credential_id, model
), booked AS (
  INSERT INTO vault_budget AS budget (workspace_id, scope, spent)
  SELECT done.workspace_id, scope, done.cost FROM done, unnest(done.scopes) AS scope ORDER BY scope
  ON CONFLICT (workspace_id, scope) DO UPDATE
  SET spent = budget.spent + excluded.spent, reserved = budget.reserved - (SELECT reserved FROM done)
  RETURNING scope, spent, reserved
)
"""
_SETTLE: LiteralString = (
    _SETTLING
    + """
SELECT booked.scope, booked.spent, booked.reserved, done.cost, done.claimed, done.credential_id, done.model
FROM done, booked
"""
)
# Divides by zero, and so ends the transaction, where there was nothing left to settle.
_SETTLE_SURELY: LiteralString = _SETTLING + "SELECT 1 / count(*) FROM done"  # noqa: S608 - no value is in it

# Calls are taken one by one in order of their ids, so that two who settle the same session do not wait for each other.
_SETTLE_LOST = text("""
WITH taken AS (
  SELECT id FROM vault_call
  WHERE workspace_id = current_setting('omc.workspace')::uuid AND session_id = :session_id AND state = 'reserved'
    AND step = COALESCE(CAST(:step AS integer), step)
  ORDER BY id FOR UPDATE
), lost AS (
  UPDATE vault_call AS call SET state = 'lost', cost = reserved, failure = 'lost', finished_at = :now
  FROM taken WHERE call.workspace_id = current_setting('omc.workspace')::uuid AND call.id = taken.id
  RETURNING call.workspace_id, call.id, step, cost, scopes, provider, model, started_at
), booked AS (
  INSERT INTO vault_budget AS budget (workspace_id, scope, spent)
  SELECT lost.workspace_id, scope, sum(lost.cost) FROM lost, unnest(lost.scopes) AS scope
  GROUP BY lost.workspace_id, scope ORDER BY scope
  ON CONFLICT (workspace_id, scope) DO UPDATE
  SET spent = budget.spent + excluded.spent, reserved = budget.reserved - excluded.spent
)
SELECT id, step, cost, provider, model, started_at FROM lost ORDER BY started_at, id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """The call that money is reserved for; `tried` counts our own repeats within one attempt at a step."""

    call_id: UUID
    session_id: UUID | None
    step: int
    attempt: int
    tried: int
    credential_id: UUID
    provider: str
    model: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A call that died between its reservation and its answer: it may have been billed, so its reservation is."""

    call_id: UUID
    step: int
    cost: Decimal
    provider: str
    model: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a scope has spent, and has reserved for calls under way."""

    spent: Decimal = ZERO
    reserved: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a call cost, and where that leaves every scope that it counts in; `claimed` as `CallRow` has it."""

    cost: Decimal
    claimed: Decimal | None = None
    standings: Mapping[str, Standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a provider told of a call that it answered; without `usage`, what was reserved is its cost."""

    reserved: Decimal
    usage: Usage | None
    finish: str | None
    latency_ms: int
    first_token_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """One scope's row."""

    scope: str
    spent: Decimal
    reserved: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Booked:
    """One scope's row after a settling, and the call that was settled."""

    scope: str
    spent: Decimal
    reserved: Decimal
    cost: Decimal
    claimed: Decimal | None
    credential_id: UUID
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What a call's row says of its money."""

    cost: Decimal | None
    price: Mapping[str, object]
    scopes: Sequence[str]


async def standings(session: AsyncSession, scopes: Sequence[str]) -> dict[str, Standing]:
    """Return each scope's standing, in the order asked; one that nothing was spent in is at zero."""
    query = select(BudgetRow.scope, BudgetRow.spent, BudgetRow.reserved).where(BudgetRow.scope.in_(scopes))
    found = {row.scope: Standing(spent=row.spent, reserved=row.reserved) for row in await session.execute(query)}
    return {scope: found.get(scope, Standing()) for scope in scopes}


async def reserve(
    session: AsyncSession,
    booking: Booking,
    *,
    price: Price,
    amount: Decimal,
    session_cap: Decimal | None,
    holding: Holding | None = None,
    now: datetime,
) -> Mapping[str, Standing]:
    """Reserve `amount`, the most that the call can cost, in every scope or in none; commit before calling.

    Returns where each of the call's scopes then stands. `holding` is what the price was quoted with in this
    transaction; without it, it is read.

    Refuses with `budget_reached` (402), whose `place` is the kind of cap and whose text names it, what is spent and
    reserved, and what to do. A session's own cap takes the place of the default one; below one that was chosen for the
    workspace it counts, above it the workspace's counts.
    """
    held_to = holding or await holding_of(session, booking.credential_id)
    caps = caps_holding(held_to.chosen, session_cap)
    if caps.per_call is not None and amount > caps.per_call:
        raise _call_refused(caps.per_call, amount)
    limits = limits_of(holding=caps, session_id=booking.session_id, key=held_to.key, now=now)
    scopes = [limit.scope for limit in limits]
    asked = {
        **asdict(booking),
        "scopes": scopes,
        "caps": [UNLIMITED if limit.cap is None else limit.cap for limit in limits],
        "amount": amount,
        "price": json.dumps(price.facts()),
        "now": now,
    }
    held = _by_scope(await fetch(session, _Scope, _RESERVE, asked))
    if len(held) < len(limits):
        await run(session, _GIVE_BACK, {"amount": amount, "scopes": sorted(held)})
        raise _refused(limits, await standings(session, scopes), held, amount)
    return held


async def settle(  # noqa: PLR0913 - all but two are named
    session: AsyncSession,
    call_id: UUID,
    *,
    usage: Usage | None,
    finish: str | None,
    latency_ms: int,
    first_token_ms: int | None,
    failure: str | None,
    price: Price | None = None,
    now: datetime,
) -> Settled:
    """Book what the call cost and give its reservation back. A second time changes nothing.

    Without `usage` the provider may have billed what it did not tell, so the reservation is the cost; a call that it
    certainly did not bill is released instead. A bill above the reservation is booked at the reservation, and told in
    the audit trail. `price` is the one that was reserved at, when the caller still has it; else the call's row has it.
    """
    bill = None if usage is None else cost(price or await _price_of(session, call_id), usage)
    told = {"finish": finish, "latency_ms": latency_ms, "first_token_ms": first_token_ms, "failure": failure}
    booked = await fetch(session, _Booked, _SETTLE, _done(call_id, bill, usage, now) | told)
    if not booked:
        return await _settled_before(session, call_id)
    call = booked[0]
    if call.claimed is not None:
        above = _above(call_id, call.credential_id, call.model, cost=call.cost, claimed=call.claimed)
        await audit(session, ABOVE_RESERVATION, above)
    return Settled(cost=call.cost, claimed=call.claimed, standings=_by_scope(booked))


def settle_at_end(
    session: AsyncSession, booking: Booking, answered: Answered, *, price: Price, standing: Standing, now: datetime
) -> tuple[Decimal, Decimal | None, Standing]:
    """Book an answered call in the same way to the database as the commit.

    Returns its cost, what the provider claimed where that is more than was reserved, and how its scope stands.

    Every call of a workspace counts in the same day and month: so nobody waits for them longer than a commit takes.
    `standing` is that of a scope in which nobody else reserves, as it was left by the reservation. A call that is
    settled already is a bug: the transaction fails.
    """
    bill = answered.reserved if answered.usage is None else cost(price, answered.usage)
    told = {
        "finish": answered.finish,
        "latency_ms": answered.latency_ms,
        "first_token_ms": answered.first_token_ms,
        "failure": None,
    }
    at_end(session, _SETTLE_SURELY, _done(booking.call_id, bill, answered.usage, now) | told)
    booked, claimed = min(bill, answered.reserved), None
    if bill > booked:
        claimed = bill
        above = _above(booking.call_id, booking.credential_id, booking.model, cost=booked, claimed=bill)
        append_at_end(session, AUDIT, [(ABOVE_RESERVATION, above)])
    left = EXACT.subtract(standing.reserved, answered.reserved)
    return booked, claimed, Standing(spent=EXACT.add(standing.spent, booked), reserved=left)


async def release(session: AsyncSession, call_id: UUID, *, latency_ms: int, failure: str, now: datetime) -> None:
    """Give back the reservation of a call that was never made, or that the provider certainly did not bill."""
    told = {"finish": None, "latency_ms": latency_ms, "first_token_ms": None, "failure": failure}
    await run(session, _SETTLE, _done(call_id, ZERO, None, now) | told)


async def settle_lost(session: AsyncSession, session_id: UUID, step: int | None, *, now: datetime) -> list[Lost]:
    """Book the reservations that dead attempts at this step (None: at any step) left, and return those calls."""
    rows = await session.execute(_SETTLE_LOST, {"session_id": session_id, "step": step, "now": now})
    return [
        Lost(
            call_id=row.id,
            step=row.step,
            cost=row.cost,
            provider=row.provider,
            model=row.model,
            started_at=row.started_at,
        )
        for row in rows
    ]


async def _price_of(session: AsyncSession, call_id: UUID) -> Price:
    (call,) = await fetch(session, _Call, _READ_CALL, {"call_id": call_id})
    return price_from(call.price)


async def _settled_before(session: AsyncSession, call_id: UUID) -> Settled:
    (call,) = await fetch(session, _Call, _READ_CALL, {"call_id": call_id})
    assert call.cost is not None
    return Settled(cost=call.cost, standings=await standings(session, call.scopes))


def _by_scope(rows: Sequence[_Scope | _Booked]) -> dict[str, Standing]:
    return {row.scope: Standing(spent=row.spent, reserved=row.reserved) for row in rows}


def _call_refused(cap: Decimal, amount: Decimal) -> Refusal:
    told = (
        f"The cap of one call is {dollars(cap)}, and this call could cost up to {dollars(amount)}. "
        "Raise the cap under Usage and cost, set fewer output tokens, or choose a cheaper model."
    )
    return Refusal(BUDGET_REACHED, 402, told, place="call")


def _refused(
    limits: Sequence[Limit], standing: Mapping[str, Standing], held: Collection[str], amount: Decimal
) -> Refusal:
    limit = next(limit for limit in limits if limit.scope not in held)
    assert limit.cap is not None
    now = standing[limit.scope]
    told = (
        f"{limit.what} is {dollars(limit.cap)}: {dollars(now.spent)} is spent, {dollars(now.reserved)} is reserved for "
        f"calls under way, and the next call could cost up to {dollars(amount)}. {limit.remedy}."
    )
    return Refusal(BUDGET_REACHED, 402, told, place=limit.scope.partition(":")[0])


def _done(call_id: UUID, bill: Decimal | None, usage: Usage | None, now: datetime) -> dict[str, object]:
    measured = {"measured": usage is not None, **asdict(usage or Usage())}
    return {"call_id": call_id, "cost": bill, "now": now, **measured}


def _above(call_id: UUID, credential_id: UUID, model: str, *, cost: Decimal, claimed: Decimal) -> dict[str, object]:
    return {
        "call_id": str(call_id),
        "credential_id": str(credential_id),
        "model": model,
        "cost": plain(cost),
        "claimed": plain(claimed),
        "above": plain(EXACT.subtract(claimed, cost)),
    }
