"""Which price holds for a model at one connection: the person's own where there is one, else what its address says."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.money import text as plain
from omc.kit.db import fetch
from omc.kit.errors import Refusal
from omc.kit.events import audit
from omc.vault.caps import HeldTo, Holding, holding_from
from omc.vault.prices import Override, Price, price_of
from omc.vault.rules import KeyState, check_model
from omc.vault.service import get_credential, no_such
from omc.vault.tables import PriceRow

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


_AT = """
SELECT credential.name, credential.provider, credential.base_url, credential.free, credential.state,
  credential.monthly_budget, price.input, price.output, price.cache_read, price.cache_write, price.set_at,
  cap.workspace_id IS NOT NULL AS chosen, cap.per_call, cap.per_session, cap.per_day, cap.per_month
FROM vault_credential credential
LEFT JOIN vault_cap cap ON cap.workspace_id = credential.workspace_id
LEFT JOIN vault_price price ON price.workspace_id = credential.workspace_id
  AND price.credential_id = credential.id AND price.model = %(model)s
WHERE credential.workspace_id = current_setting('omc.workspace')::uuid AND credential.id = %(credential_id)s
  AND credential.removed_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A key as a call meets it, the price that the call has, and what it is held to."""

    name: str
    provider: str
    state: KeyState
    price: Price
    holding: Holding


@dataclass(frozen=True, slots=True, kw_only=True)
class _At(HeldTo):
    """A key with the caps, and its person's own price of a model; `set_at` is None where there is none."""

    provider: str
    base_url: str | None
    free: bool
    state: str
    input: Decimal
    output: Decimal
    cache_read: Decimal | None
    cache_write: Decimal | None
    set_at: datetime | None


async def quoted(session: AsyncSession, credential_id: UUID, model: str, *, now: datetime) -> Quote:
    """Return the price that a call of `model` with this key has now; refuses when nobody knows it.

    Raises `price_unknown` (409): without a price no cap could hold; `no_such_credential` (404).
    """
    found = await fetch(session, _At, _AT, {"credential_id": credential_id, "model": model})
    if not found:
        raise no_such()
    (at,) = found
    own = None if at.set_at is None else _override(at, at.set_at)
    price = price_of(at.provider, at.base_url, model, override=own, free=at.free, at=now)
    if price is None:
        told = (
            f"The price of {model} is not known, so no cap could hold. Enter its price under Models, "
            "or declare this server free."
        )
        raise Refusal("price_unknown", 409, told)
    holding = holding_from(at, credential_id)
    return Quote(name=at.name, provider=at.provider, state=KeyState(at.state), price=price, holding=holding)


async def overrides(session: AsyncSession) -> dict[tuple[UUID, str], Override]:
    """Return every price that a person entered, by key and model."""
    rows = (await session.execute(select(PriceRow))).scalars()
    return {(row.credential_id, row.model): _override(row, row.set_at) for row in rows}


async def set_price(
    session: AsyncSession, credential_id: UUID, model: str, price: Override, *, person_id: UUID, now: datetime
) -> None:
    """Enter a price of one's own; it wins over every list from the next call on."""
    if reason := check_model(model, "/model"):
        raise Refusal(reason.code, 422, reason.text, place=reason.place)
    await get_credential(session, credential_id)
    values = {
        "input": price.input,
        "output": price.output,
        "cache_read": price.cache_read,
        "cache_write": price.cache_write,
    }
    row = values | {"set_by": person_id, "set_at": now}
    where = {"workspace_id": _WORKSPACE, "credential_id": credential_id, "model": model}
    statement = upsert(PriceRow).values(row | where)
    await session.execute(statement.on_conflict_do_update(index_elements=list(where), set_=row))
    told = {name: plain(value) for name, value in values.items() if isinstance(value, Decimal)}
    who = {"by": str(person_id), "credential_id": str(credential_id), "model": model}
    await audit(session, "price.changed", who | told)


async def drop_price(session: AsyncSession, credential_id: UUID, model: str, *, person_id: UUID) -> bool:
    """Take one's own price back; returns whether there was one."""
    query = delete(PriceRow).where(PriceRow.credential_id == credential_id, PriceRow.model == model)
    dropped = (await session.execute(query.returning(PriceRow.model))).scalar_one_or_none() is not None
    if dropped:
        who = {"by": str(person_id), "credential_id": str(credential_id), "model": model}
        await audit(session, "price.dropped", who)
    return dropped


def _override(row: PriceRow | _At, set_at: datetime) -> Override:
    return Override(
        input=row.input,
        output=row.output,
        cache_read=row.cache_read,
        cache_write=row.cache_write,
        date=set_at.date(),
    )
