"""A workspace's key, prices and calls with defaults, for tests of money."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.ids import new_id
from omc.vault.prices import Price, Rates
from omc.vault.spend import Booking
from omc.vault.tables import CredentialRow

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TWO_TEN = Price(
    source="test",
    date=date(2026, 11, 10),
    model="sol",
    tiers=(
        Rates(input=Decimal(2), output=Decimal(10), cache_read=Decimal("0.1"), cache_write=Decimal("2.5")),
        Rates(
            above=272_000,
            input=Decimal(4),
            output=Decimal(15),
            cache_read=Decimal("0.2"),
            cache_write=Decimal(5),
        ),
    ),
)


async def a_key(
    session: AsyncSession,
    workspace: UUID,
    *,
    provider: str = "openai",
    name: str = "Work",
    base_url: str | None = None,
    budget: Decimal | None = None,
    free: bool = False,
    models: tuple[str, ...] = (),
) -> UUID:
    key = new_id()
    session.add(
        CredentialRow(
            workspace_id=workspace,
            id=key,
            provider=provider,
            name=name,
            base_url=base_url,
            state="working",
            free=free,
            models=list(models),
            monthly_budget=budget,
            created_by=new_id(),
            created_at=NOW,
        )
    )
    await session.flush()
    return key


def a_call(
    key: UUID, *, session_id: UUID | None = None, step: int = 0, tried: int = 1, model: str = "sol", attempt: int = 1
) -> Booking:
    return Booking(
        call_id=new_id(),
        session_id=session_id,
        step=step,
        attempt=attempt,
        tried=tried,
        credential_id=key,
        provider="openai",
        model=model,
        purpose="session",
    )
