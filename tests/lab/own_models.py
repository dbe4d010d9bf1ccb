"""What tests of a person's own models share: a vault, keys of all four kinds at the simulator, sessions with them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from omc.core.ids import PersonId, SessionId, WorkspaceId
from omc.kit.clock import utc_now
from omc.kit.ids import new_id
from omc.kit.secret import Secret
from omc.kit.work import Context
from omc.lab import service
from omc.lab.agent import run_turn
from omc.lab.calls import VAULT_EXTRA, Patience
from omc.lab.models import resolve
from omc.lab.service import Opening
from omc.settings import Settings
from omc.vault import service as vault_service
from omc.vault.desk import Vault, open_vault
from omc.vault.prices import Override
from omc.vault.rules import KeyState
from omc.vault.service import Tried, Wish
from omc.vault.tariff import set_price
from tests.lab.builders import GOAL
from tests.sims.models.fixture import KEY, ModelServer

MODEL = "sim-1"
PRICE = Override(
    input=Decimal(2),
    output=Decimal(10),
    cache_read=Decimal("0.2"),
    cache_write=Decimal("2.5"),
    date=utc_now().date(),
)
KINDS = ("openai", "anthropic", "google", "openai-compatible")
HASTE = Patience(base_s=0.01, longest_s=2.0)

Opened = Callable[..., Awaitable[SessionId]]


def address(server: ModelServer, kind: str) -> str:
    """The simulator's address for a kind of provider."""
    return {"openai": server.openai_url, "openai-compatible": server.compatible_url("vllm")}.get(kind, server.url)


def with_vault(context: Context, directory: Path) -> Context:
    """A context whose jobs can open keys."""
    vault = open_vault(Settings(data_dir=directory))
    return replace(context, extra={VAULT_EXTRA: vault})


def vault_of(context: Context) -> Vault:
    """The context's vault."""
    vault = context.extra[VAULT_EXTRA]
    assert isinstance(vault, Vault)
    return vault


async def add_key(
    context: Context,
    workspace: UUID,
    server: ModelServer,
    kind: str,
    *,
    model: str = MODEL,
    key: str = KEY,
    price: Override | None = PRICE,
    budget: Decimal | None = None,
    base_url: str | None = None,
) -> UUID:
    """Store a key of this kind that works at the simulator, with a price for its model."""
    wish = Wish(
        provider=kind,
        name=f"{kind} {new_id()}",
        base_url=base_url or address(server, kind),
        key=Secret(key),
        hint="…key",
        default_model=model,
        monthly_budget=budget,
    )
    tried = Tried(state=KeyState.WORKING, note="", passed=True, latency_ms=1, models=(model,), model=model)
    person = new_id()
    async with context.database.session(workspace) as session:
        row = await vault_service.add(
            session, vault_of(context), wish, tried, workspace=workspace, by=person, now=utc_now()
        )
        if price is not None:
            await set_price(session, row.id, model, price, person_id=person, now=utc_now())
    return row.id


async def open_with(
    context: Context, workspace: UUID, credential_id: UUID, *, goal: str = GOAL, model: str = MODEL, **more: object
) -> SessionId:
    """Open a session that uses this key."""
    opening = replace(Opening(goal=goal, model=model, credential_id=credential_id), **more)
    async with context.database.session(workspace) as session:
        return await service.open_session(
            session, opening, workspace_id=WorkspaceId(workspace), person_id=PersonId(new_id()), now=utc_now()
        )


async def turn(context: Context, workspace: UUID, session_id: SessionId, *, patience: Patience = HASTE) -> str:
    """Work on a session until it rests."""
    return await run_turn(context, WorkspaceId(workspace), session_id, models=resolve, patience=patience)
