"""Owns one step of a deployment while it is under way: what it trades with, and where it stands by its books."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.books.figures import Mark
from omc.books.rules import Place
from omc.books.service import positions
from omc.core.market import Instrument, Timeframe, split_symbol
from omc.core.money import EXACT
from omc.core.ports import SimulatedVenue
from omc.engine.account import Account
from omc.engine.document import StrategyDocument
from omc.floor import rules
from omc.floor.cards import VENUE
from omc.floor.rules import Limits, Standing
from omc.floor.service import halt
from omc.floor.tables import DeploymentRow, OrderRow
from omc.floor.telling import Told
from omc.ledgers.columns import BarColumns


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The bars to advance over: rows `start` to `end` of `columns`, of which `first` is the first that may decide."""

    columns: BarColumns
    first: int
    start: int
    end: int


@dataclass(slots=True, kw_only=True)
class Run:
    """One step under way; `open` is the order that waits, of which there is one at most."""

    session: AsyncSession
    deployment: DeploymentRow
    document: StrategyDocument
    limits: Limits
    venue: SimulatedVenue
    instrument: Instrument
    account: Account
    standing: Standing
    now: datetime
    open: OrderRow | None = None
    told: list[tuple[str, Told]] = field(default_factory=list)


def account_of(deployment_id: object) -> str:
    """Return the books' name of a deployment's account."""
    return f"{VENUE}/{deployment_id}"


def limits_of(deployment: DeploymentRow) -> Limits:
    """Return the limits on the approved card."""
    limits = deployment.card["limits"]
    assert isinstance(limits, Mapping)
    return Limits(
        capital=Decimal(str(limits["capital"])),
        max_position_fraction=Decimal(str(limits["max_position_fraction"])),
        max_orders_per_day=int(str(limits["max_orders_per_day"])),
        max_daily_loss=Decimal(str(limits["max_daily_loss"])),
    )


def length_of(deployment: DeploymentRow) -> timedelta:
    """Return how long the bars are that a deployment trades."""
    return timedelta(seconds=Timeframe.parse(str(_series(deployment)["timeframe"])).seconds)


async def standing_of(session: AsyncSession, deployment: DeploymentRow) -> Standing:
    """Return where a deployment stands: cash and position are what the books say, and nothing else."""
    base, quote = split_symbol(deployment.symbol)
    held = await positions(session, account_of(deployment.id))
    count = (
        select(func.count())
        .select_from(OrderRow)
        .where(OrderRow.deployment_id == deployment.id, OrderRow.day == deployment.day, OrderRow.status != "denied")
    )
    return Standing(
        cash=EXACT.add(limits_of(deployment).capital, held.get(quote, rules.ZERO)),
        position=held.get(base, rules.ZERO),
        price=deployment.price or rules.ZERO,
        day_equity=deployment.day_equity,
        orders_today=int((await session.execute(count)).scalar_one()),
        halt=await halt(session),
    )


def place_of(run: Run) -> Place:
    """Return where the books keep what a deployment holds."""
    base, quote = run.instrument.base, run.instrument.quote
    account = account_of(run.deployment.id)
    return Place(asset=base, currency=quote, account=account, strategy=run.deployment.name)


def mark_of(run: Run, ts: datetime) -> Mark:
    """Return the last price known as the books take it."""
    place = replace(place_of(run), strategy="")
    source = f"close of {_series(run.deployment)['label']} ({run.deployment.feed})"
    return Mark(place=place, price=run.standing.price, ts=ts, learned_ts=run.now, source=source)


def _series(deployment: DeploymentRow) -> Mapping[str, object]:
    series = deployment.card["series"]
    assert isinstance(series, Mapping)
    return series
