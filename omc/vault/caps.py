"""Caps: which hold for a call, in which scopes it counts, and what a person is told when one is reached."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.money import round_half_even
from omc.core.money import text as plain
from omc.kit.db import fetch
from omc.kit.events import audit
from omc.vault.tables import CapRow

SHOWN_PLACES = 6

_HOLDING = """
SELECT cap.workspace_id IS NOT NULL AS chosen, cap.per_call, cap.per_session, cap.per_day, cap.per_month,
  credential.name, credential.monthly_budget
FROM vault_credential credential LEFT JOIN vault_cap cap USING (workspace_id)
WHERE credential.workspace_id = current_setting('omc.workspace')::uuid AND credential.id = %(credential_id)s
"""

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """A workspace's caps in US dollars; None is no cap."""

    per_call: Decimal | None
    per_session: Decimal | None
    per_day: Decimal | None
    per_month: Decimal | None


DEFAULT_CAPS = Caps(per_call=Decimal(1), per_session=Decimal(2), per_day=Decimal(20), per_month=Decimal(100))
"""What holds until somebody chooses caps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One scope that a call counts in: its cap, what a person calls it, and how the cap is raised."""

    scope: str
    cap: Decimal | None
    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyBudget:
    """A key with what it may spend in a month; None is no limit."""

    id: UUID
    name: str
    budget: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTo:
    """The columns of the caps that were chosen, if any were, and of a key."""

    chosen: bool
    per_call: Decimal | None
    per_session: Decimal | None
    per_day: Decimal | None
    per_month: Decimal | None
    name: str
    monthly_budget: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a call with a key is held to besides its session's cap; `chosen` is None where nobody chose caps."""

    chosen: Caps | None
    key: KeyBudget


async def caps(session: AsyncSession) -> Caps:
    """Return the caps that hold: the chosen ones, or the defaults where nobody chose."""
    row = (await session.execute(select(CapRow))).scalar_one_or_none()
    if row is None:
        return DEFAULT_CAPS
    return Caps(per_call=row.per_call, per_session=row.per_session, per_day=row.per_day, per_month=row.per_month)


async def most_of_a_session(session: AsyncSession) -> Decimal | None:
    """Return the cap of a session that was chosen for the workspace, above which no session's own counts, if any."""
    return (await session.execute(select(CapRow.per_session))).scalar_one_or_none()


async def set_caps(session: AsyncSession, chosen: Caps, *, person_id: UUID, now: datetime) -> None:
    """Choose all four caps; they hold from the next call on."""
    values = asdict(chosen)
    row = values | {"changed_by": person_id, "changed_at": now}
    statement = upsert(CapRow).values(row | {"workspace_id": _WORKSPACE})
    await session.execute(statement.on_conflict_do_update(index_elements=["workspace_id"], set_=row))
    told = {name: None if value is None else plain(value) for name, value in values.items()}
    await audit(session, "caps.changed", {"by": str(person_id), **told})


async def holding_of(session: AsyncSession, credential_id: UUID) -> Holding:
    """Return what a call with this key is held to besides its session's cap."""
    (found,) = await fetch(session, HeldTo, _HOLDING, {"credential_id": credential_id})
    return holding_from(found, credential_id)


def holding_from(found: HeldTo, credential_id: UUID) -> Holding:
    """Return what a call is held to, from the columns of the caps and of the key."""
    chosen = Caps(
        per_call=found.per_call, per_session=found.per_session, per_day=found.per_day, per_month=found.per_month
    )
    key = KeyBudget(id=credential_id, name=found.name, budget=found.monthly_budget)
    return Holding(chosen=chosen if found.chosen else None, key=key)


def caps_holding(chosen: Caps | None, session_cap: Decimal | None) -> Caps:
    """Return the caps that a session's calls are held to."""
    if session_cap is None:
        return chosen or DEFAULT_CAPS
    if chosen is None:
        return replace(DEFAULT_CAPS, per_session=session_cap)
    lower = session_cap if chosen.per_session is None else min(session_cap, chosen.per_session)
    return replace(chosen, per_session=lower)


def limits_of(*, holding: Caps, session_id: UUID | None, key: KeyBudget, now: datetime) -> list[Limit]:
    """Return what the call counts in, in the order in which the rows are locked."""
    raised = "Raise it under Usage and cost"
    limits = [
        Limit(
            scope=day_scope(now), cap=holding.per_day, what="The cap of a day", remedy=f"{raised}, or go on tomorrow"
        ),
        Limit(scope=month_scope(now), cap=holding.per_month, what="The workspace's cap of a month", remedy=raised),
        Limit(
            scope=key_scope(key.id, now),
            cap=key.budget,
            what=f"The monthly budget of the key {key.name}",
            remedy="Raise the key's budget under Provider keys, or use another key",
        ),
    ]
    if session_id is not None:
        limits.append(
            Limit(
                scope=session_scope(session_id),
                cap=holding.per_session,
                what="This session's cap",
                remedy="Raise it and go on, or start a session with a cheaper model",
            )
        )
    return sorted(limits, key=lambda limit: limit.scope)


def dollars(amount: Decimal) -> str:
    """Return an amount as a sentence shows it: `$0.50`, `$0.000125`; at most six places."""
    shown = plain(round_half_even(amount, SHOWN_PLACES))
    whole, _, part = shown.partition(".")
    return f"${whole}.{part:0<2}"


def session_scope(session_id: UUID) -> str:
    """Return the name of a session's budget."""
    return f"session:{session_id}"


def day_scope(at: datetime) -> str:
    """Return the name of the UTC day's budget."""
    return f"day:{at.astimezone(UTC):%Y-%m-%d}"


def month_scope(at: datetime) -> str:
    """Return the name of the UTC month's budget."""
    return f"month:{at.astimezone(UTC):%Y-%m}"


def key_scope(credential_id: UUID, at: datetime) -> str:
    """Return the name of a key's budget in the UTC month."""
    return f"key:{credential_id}:{at.astimezone(UTC):%Y-%m}"
