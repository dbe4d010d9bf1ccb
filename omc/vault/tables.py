"""The vault's rows, typed. A key is in `sealed` only, as bytes that the root key alone opens."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from omc.kit.db import Base, TenantRow


class CredentialRow(TenantRow, Base):
    """A way to a provider's models; a removed one keeps its name for the sessions and bills that knew it."""

    __tablename__ = "vault_credential"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider: Mapped[str]
    name: Mapped[str]
    base_url: Mapped[str | None]
    hint: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes | None]
    root_id: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    free: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)
    default_model: Mapped[str | None]
    models: Mapped[list[object]] = mapped_column(default=list)
    monthly_budget: Mapped[Decimal | None]
    latency_ms: Mapped[int | None]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    limited_until: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class PresetRow(TenantRow, Base):
    """A model with its settings, saved under a name."""

    __tablename__ = "vault_preset"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    credential_id: Mapped[UUID | None]
    model: Mapped[str | None]
    temperature: Mapped[Decimal | None]
    max_tokens: Mapped[int | None]
    top_p: Mapped[Decimal | None]
    effort: Mapped[str | None]
    created_at: Mapped[datetime]


class PriceRow(TenantRow, Base):
    """A person's own price of a model, in US dollars per million tokens."""

    __tablename__ = "vault_price"

    credential_id: Mapped[UUID] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    input: Mapped[Decimal]
    output: Mapped[Decimal]
    cache_read: Mapped[Decimal | None]
    cache_write: Mapped[Decimal | None]
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]


class CapRow(TenantRow, Base):
    """The workspace's caps in US dollars; None is no cap."""

    __tablename__ = "vault_cap"

    per_call: Mapped[Decimal | None]
    per_session: Mapped[Decimal | None]
    per_day: Mapped[Decimal | None]
    per_month: Mapped[Decimal | None]
    changed_by: Mapped[UUID]
    changed_at: Mapped[datetime]


class BudgetRow(TenantRow, Base):
    """What one scope (a session, a day, a month, a key's month) has spent and has reserved for calls under way."""

    __tablename__ = "vault_budget"

    scope: Mapped[str] = mapped_column(primary_key=True)
    spent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    reserved: Mapped[Decimal] = mapped_column(default=Decimal(0))


class CallRow(TenantRow, Base):
    """One call of a model: reserved before, settled after; `measured` when the provider told the tokens.

    `claimed` is what it would cost by these tokens where that is more than was reserved: it is booked nowhere.
    """

    __tablename__ = "vault_call"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID | None]
    step: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=1)
    tried: Mapped[int] = mapped_column(default=1)
    credential_id: Mapped[UUID]
    provider: Mapped[str]
    model: Mapped[str]
    purpose: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str]
    reserved: Mapped[Decimal]
    cost: Mapped[Decimal | None]
    claimed: Mapped[Decimal | None]
    price: Mapped[dict[str, object]]
    tokens_input: Mapped[int] = mapped_column(default=0)
    tokens_cache_read: Mapped[int] = mapped_column(default=0)
    tokens_cache_write: Mapped[int] = mapped_column(default=0)
    tokens_output: Mapped[int] = mapped_column(default=0)
    tokens_reasoning: Mapped[int] = mapped_column(default=0)
    measured: Mapped[bool] = mapped_column(default=False)
    latency_ms: Mapped[int | None]
    first_token_ms: Mapped[int | None]
    finish: Mapped[str | None]
    failure: Mapped[str | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class RootRow(Base):
    """A root key that stored keys are sealed under, by its id; it belongs to the installation, not to a workspace."""

    __tablename__ = "vault_root"

    id: Mapped[str] = mapped_column(primary_key=True)
    first_used_at: Mapped[datetime]
