"""Owns one step of a deployment while it is under way: what it trades with, and where it stands by its books."""

from collections.abc import Iterable, Mapping
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
from omc.engine.market import Market
from omc.floor import rules
from omc.floor.cards import VENUE
from omc.floor.holdings import holdings_of, series_of
from omc.floor.rules import Halt, Limits, Standing
from omc.floor.service import halt
from omc.floor.tables import DeploymentRow, OrderRow
from omc.floor.telling import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The bars to advance over: rows `start` to `end` of the market, of which `first` is the first that may decide."""

    market: Market
    first: int
    start: int
    end: int


@dataclass(slots=True, kw_only=True)
class Line:
    """What a run has of one symbol; `open` is the order that waits, of which there is one at most."""

    instrument: Instrument
    label: str
    position: Decimal
    price: Decimal
    open: OrderRow | None = None

    @property
    def symbol(self) -> str:
        """The symbol."""
        return self.instrument.symbol

    @property
    def worth(self) -> Decimal:
        """What is held at the last price, exact."""
        return EXACT.multiply(self.position, self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """What all lines of a deployment share: its cash, and what it did since midnight UTC."""

    cash: Decimal
    day_equity: Decimal
    orders_today: int
    halt: Halt


@dataclass(slots=True, kw_only=True)
class Run:
    """One step under way."""

    session: AsyncSession
    deployment: DeploymentRow
    document: StrategyDocument
    limits: Limits
    venue: SimulatedVenue
    account: Account
    funds: Funds
    lines: Mapping[str, Line]
    now: datetime
    told: list[tuple[str, Told]] = field(default_factory=list)

    @property
    def equity(self) -> Decimal:
        """Cash plus what is held at its prices, exact."""
        return EXACT.add(self.funds.cash, _sum(line.worth for line in self.lines.values()))

    def standing(self, line: Line) -> Standing:
        """Where it stands to trade in one of its symbols."""
        funds = self.funds
        return Standing(
            cash=funds.cash,
            position=line.position,
            price=line.price,
            day_equity=funds.day_equity,
            orders_today=funds.orders_today,
            halt=funds.halt,
            elsewhere=_sum(one.worth for one in self.lines.values() if one is not line),
        )

    def expected(self, line: Line) -> Standing:
        """Where it will stand once what is leaving in other symbols is sold at the last prices."""
        standing, freed = self.standing(line), [self.lines[one] for one in self.account.leaving if one != line.symbol]
        worth = _sum(one.worth for one in freed)
        cash, elsewhere = EXACT.add(standing.cash, worth), EXACT.subtract(standing.elsewhere, worth)
        return replace(standing, cash=cash, elsewhere=elsewhere)


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
    return timedelta(seconds=Timeframe.parse(str(series_of(deployment)[0]["timeframe"])).seconds)


async def funds_of(session: AsyncSession, deployment: DeploymentRow, held: Mapping[str, Decimal]) -> Funds:
    """Return what a deployment has to trade with: its cash is what the books say, and nothing else."""
    quote = split_symbol(deployment.symbol)[1]
    count = (
        select(func.count())
        .select_from(OrderRow)
        .where(OrderRow.deployment_id == deployment.id, OrderRow.day == deployment.day, OrderRow.status != "denied")
    )
    return Funds(
        cash=EXACT.add(limits_of(deployment).capital, held.get(quote, rules.ZERO)),
        day_equity=deployment.day_equity,
        orders_today=int((await session.execute(count)).scalar_one()),
        halt=await halt(session),
    )


async def booked(session: AsyncSession, deployment: DeploymentRow) -> dict[str, Decimal]:
    """Return what the books say that a deployment moved, by asset."""
    return await positions(session, account_of(deployment.id))


async def lines_of(deployment: DeploymentRow, held: Mapping[str, Decimal], venue: SimulatedVenue) -> dict[str, Line]:
    """Return what a deployment has of each of its symbols: what it holds is what the books say."""
    lines = {}
    for holding, series in zip(holdings_of(deployment), series_of(deployment), strict=True):
        lines[holding.symbol] = Line(
            instrument=await venue.instrument(holding.symbol),
            label=str(series["label"]),
            position=held.get(split_symbol(holding.symbol)[0], rules.ZERO),
            price=holding.price or rules.ZERO,
        )
    return lines


def place_of(run: Run, line: Line) -> Place:
    """Return where the books keep what a deployment holds of a symbol."""
    base, quote = line.instrument.base, line.instrument.quote
    return Place(asset=base, currency=quote, account=account_of(run.deployment.id), strategy=run.deployment.name)


def mark_of(run: Run, line: Line, ts: datetime) -> Mark:
    """Return the last price known as the books take it."""
    place = replace(place_of(run, line), strategy="")
    source = f"close of {line.label} ({run.deployment.feed})"
    return Mark(place=place, price=line.price, ts=ts, learned_ts=run.now, source=source)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = rules.ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
