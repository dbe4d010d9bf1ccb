"""What lab tests share: a small market in the workspace, and sessions opened in it."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from omc.core.ids import PersonId, SessionId, WorkspaceId
from omc.kit.clock import utc_now
from omc.kit.ids import new_id
from omc.kit.work import Context
from omc.lab import service
from omc.lab.service import Opening
from omc.ledgers.markets import Made, make_markets
from omc.ledgers.rules import Series
from omc.vault import outbound
from tests.lab.builders import GOAL, YEAR, Open
from tests.lab.own_models import with_vault


@pytest.fixture
async def lab(context: Context, tmp_path: Path) -> AsyncIterator[Context]:
    """A worker's context with a vault."""
    yield with_vault(context, tmp_path)
    await outbound.close()


@pytest.fixture
async def market(context: Context, workspace: UUID) -> Series:
    """One synthetic year of hourly BTC/USDT."""
    made = Made(symbols=("BTC/USDT",), timeframe="1h", span=YEAR, seed=7)
    async with context.database.session(workspace) as session:
        (series,) = await make_markets(session, made, now=utc_now())
    return series


@pytest.fixture
def open_session(context: Context, workspace: UUID) -> Open:
    """Open a session in the test's workspace."""

    async def opened(goal: str = GOAL, *, key: str | None = None, symbol: str | None = None) -> SessionId:
        opening = Opening(goal=goal, model="analyst", key=key, symbol=symbol)
        person_id = PersonId(new_id())
        async with context.database.session(workspace) as session:
            return await service.open_session(
                session, opening, workspace_id=WorkspaceId(workspace), person_id=person_id, now=utc_now()
            )

    return opened
