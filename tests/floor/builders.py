"""A market, a version and a deployment of it with defaults, and a way to play it through."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import DeploymentId
from omc.core.market import Span
from omc.engine.records import Version
from omc.engine.service import save_version
from omc.floor import service
from omc.floor.cards import Wish, make_card
from omc.floor.rules import Feed, Limits
from omc.floor.tables import DeploymentRow
from omc.floor.work import run_step
from omc.kit.db import Database
from omc.kit.work import Context
from omc.ledgers.markets import Made, make_markets
from omc.ledgers.rules import Series
from tests.engine.builders import a_document

NOW = datetime(2025, 6, 1, tzinfo=UTC)
START = datetime(2024, 1, 1, tzinfo=UTC)
BY = "a person"
MAX_STEPS = 500
WHY = "watched on paper before it is believed"


def limits(**changes: Decimal | int) -> Limits:
    values = Limits(
        capital=Decimal(10_000),
        max_position_fraction=Decimal(1),
        max_orders_per_day=1_000,
        max_daily_loss=Decimal(10_000),
    )
    return replace(values, **changes)


async def a_market(session: AsyncSession, *, days: int = 20, hours: int = 0) -> Series:
    """Hourly synthetic BTC/USDT; more days and hours only add bars at the end."""
    made = Made(symbols=("BTC/USDT",), span=Span(START, START + timedelta(days=days, hours=hours)))
    return (await make_markets(session, made, now=NOW))[0]


async def a_version(session: AsyncSession, **changes: object) -> Version:
    return await save_version(session, document=a_document(**changes), author="test", now=NOW)


async def a_wish(
    session: AsyncSession,
    *,
    feed: Feed = Feed.REPLAY,
    days: int = 20,
    allowed: Limits | None = None,
    changes: Mapping[str, object] | None = None,
) -> Wish:
    series, version = await a_market(session, days=days), await a_version(session, **(changes or {}))
    return Wish(version_id=version.id, series_id=series.id, feed=feed, limits=allowed or limits())


async def deploy(database: Database, workspace: UUID, wish: Wish) -> DeploymentId:
    async with database.session(workspace) as session:
        card = await make_card(session, wish)
        return await service.deploy(session, wish, digest=card.digest, by=BY, now=NOW, override_reason=WHY)


async def a_deployment(
    database: Database,
    workspace: UUID,
    *,
    feed: Feed = Feed.REPLAY,
    days: int = 20,
    allowed: Limits | None = None,
    changes: Mapping[str, object] | None = None,
) -> DeploymentId:
    async with database.session(workspace) as session:
        wish = await a_wish(session, feed=feed, days=days, allowed=allowed, changes=changes)
    return await deploy(database, workspace, wish)


async def look(database: Database, workspace: UUID, deployment: DeploymentId) -> DeploymentRow:
    async with database.session(workspace) as session:
        return await service.get_deployment(session, deployment)


async def step(context: Context, workspace: UUID, deployment: DeploymentId, *, seconds: float = 1.0) -> str:
    """Take the next step as if `seconds` had passed since the one before."""
    row = await look(context.database, workspace, deployment)
    later = replace(context, clock=lambda: row.stepped_ts + timedelta(seconds=seconds))
    return await run_step(later, workspace_id=str(workspace), deployment_id=str(deployment), step=str(row.step))


async def play(context: Context, workspace: UUID, deployment: DeploymentId, *, seconds: float = 3.0) -> DeploymentRow:
    """Take steps until one says that there is nothing more."""
    for _ in range(MAX_STEPS):
        if await step(context, workspace, deployment, seconds=seconds) != "more":
            break
    return await look(context.database, workspace, deployment)
