"""Which price holds for a model at one connection: the person's own where there is one, else what its address says."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.money import text as plain
from omc.kit.errors import Refusal
from omc.kit.events import audit
from omc.vault.prices import Override, Price, price_of
from omc.vault.rules import key_outside
from omc.vault.service import get_credential, no_such
from omc.vault.tables import CredentialRow, PriceRow

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


_AT = (
    select(CredentialRow, PriceRow)
    .outerjoin(PriceRow, (PriceRow.credential_id == CredentialRow.id) & (PriceRow.model == bindparam("model")))
    .where(CredentialRow.id == bindparam("credential_id"), CredentialRow.removed_at.is_(None))
)


async def quoted(
    session: AsyncSession, credential_id: UUID, model: str, *, now: datetime
) -> tuple[CredentialRow, Price]:
    """Return the key and the price that a call of `model` with it has now; refuses when nobody knows the price.

    Raises `price_unknown` (409): without a price no cap could hold; `no_such_credential` (404).
    """
    found = (await session.execute(_AT, {"credential_id": credential_id, "model": model})).one_or_none()
    if found is None:
        raise no_such()
    row, own = found
    price = price_of(row.provider, row.base_url, model, override=override_of(own), free=row.free, at=now)
    if price is None:
        told = (
            f"The price of {model} is not known, so no cap could hold. Enter its price under Settings, Models, "
            "or declare this server free."
        )
        raise Refusal("price_unknown", 409, told)
    return row, price


async def overrides(session: AsyncSession) -> dict[tuple[UUID, str], Override]:
    """Return every price that a person entered, by key and model."""
    rows = (await session.execute(select(PriceRow))).scalars()
    return {(row.credential_id, row.model): _override(row) for row in rows}


async def set_price(
    session: AsyncSession, credential_id: UUID, model: str, price: Override, *, person_id: UUID, now: datetime
) -> None:
    """Enter a price of one's own; it wins over every list from the next call on."""
    if reason := key_outside(model, "/model"):
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


def override_of(row: PriceRow | None) -> Override | None:
    """Return the row as a price, if there is one."""
    return None if row is None else _override(row)


def _override(row: PriceRow) -> Override:
    return Override(
        input=row.input,
        output=row.output,
        cache_read=row.cache_read,
        cache_write=row.cache_write,
        date=row.set_at.date(),
    )
