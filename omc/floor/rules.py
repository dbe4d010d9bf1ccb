"""What the floor decides: whether an order may go out, what a decision asks for, and how fast a replay goes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import assert_never
from uuid import UUID, uuid5

from omc.core.ids import DeploymentId, OrderId
from omc.core.money import EXACT
from omc.core.money import text as plain
from omc.core.order import Side
from omc.core.reason import Reason

REPLAY_S = 60
"""A replay plays all its bars in about this time."""

MAX_REPLAY_BARS = 9_000
HISTORY_BARS = 1_000
MAX_HISTORY_BARS = 20_000
"""Bars before the first one that may decide: they warm the indicators up, and each decision reads them again."""

MAX_BATCH_BARS = 500
"""Bars that one transaction advances at most."""

MAX_BATCH_S = 3.0
"""A replay that was held up catches up no more than this at a time, so that it stays watchable."""

QUIET_MS = 86_400_000
QUIET_BARS = 3
"""Who follows several symbols waits for each of them so long, whichever is longer, and then goes on without it."""

MAX_CAPITAL = Decimal("1e12")
MAX_ORDERS_PER_DAY = 10_000
ZERO = Decimal(0)
MARKET = "market"


class Feed(StrEnum):
    """Where a deployment's bars come from: played again at a stated speed, or new ones as they arrive."""

    REPLAY = "replay"
    FOLLOW = "follow"


class State(StrEnum):
    """How a deployment is. Only a running one places orders."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


class Stop(StrEnum):
    """How much a person stops: entries only; all orders; all orders, and what is held is sold."""

    ENTRIES = "entries"
    ALL = "all"
    CLOSE = "close"


class Halt(StrEnum):
    """What the kill switch holds back."""

    NOTHING = "nothing"
    ENTRIES = "entries"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a person allows a deployment; money in the quote asset."""

    capital: Decimal
    max_position_fraction: Decimal
    max_orders_per_day: int
    max_daily_loss: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A deployment at one instant of its market: what it has, and what it did since midnight UTC.

    `position` is what it holds of the symbol that an order is of, `elsewhere` what it holds of others is worth.
    """

    cash: Decimal
    position: Decimal
    price: Decimal
    day_equity: Decimal
    orders_today: int
    halt: Halt = Halt.NOTHING
    elsewhere: Decimal = ZERO

    @property
    def equity(self) -> Decimal:
        """Cash plus what is held at its prices, exact."""
        return EXACT.add(self.cash, EXACT.add(self.elsewhere, EXACT.multiply(self.position, self.price)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BarTimes:
    """When a bar opened and when it closed."""

    opened: datetime
    closed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is asked for: to buy for a budget, or to sell a quantity; `price` is that of what is not at the market."""

    side: Side
    quantity: Decimal | None = None
    budget: Decimal | None = None
    kind: str = MARKET
    price: Decimal | None = None

    @property
    def protects(self) -> bool:
        """Whether it is a stop or a target of a position."""
        return self.side is Side.SELL and self.kind != MARKET


_KILLED = Reason(code="kill_switch", text="the kill switch is thrown: no order goes out until a person resumes")
_PAUSED = Reason(code="entries_paused", text="entries are paused: nothing is opened until a person resumes")


def check_limits(limits: Limits) -> Reason | None:
    """Return why these limits make no sense, or None."""
    bounds = (
        ("capital", limits.capital, MAX_CAPITAL),
        ("max_position_fraction", limits.max_position_fraction, Decimal(1)),
        ("max_orders_per_day", Decimal(limits.max_orders_per_day), Decimal(MAX_ORDERS_PER_DAY)),
        ("max_daily_loss", limits.max_daily_loss, MAX_CAPITAL),
    )
    for name, value, highest in bounds:
        if not ZERO < value <= highest:
            text = f"{name} must be above 0 and at most {plain(highest)}, not {plain(value)}"
            return Reason(code="limit_out_of_range", text=text, place=f"/limits/{name}")
    return None


def check_sizing(limits: Limits, fraction: Decimal) -> Reason | None:
    """Return why every entry of a strategy that uses `fraction` of its cash would be denied, or None."""
    if fraction <= limits.max_position_fraction:
        return None
    text = (
        f"the strategy puts {plain(fraction)} of its cash into an entry, and this limit allows "
        f"{plain(limits.max_position_fraction)}: every entry would be denied; raise the limit or change the strategy"
    )
    return Reason(code="limit_below_sizing", text=text, place="/limits/max_position_fraction")


def check_order(limits: Limits, standing: Standing, intent: Intent) -> Reason | None:
    """Return why the order is denied, or None.

    The kill switch denies everything, or all that opens or adds, as far as it is thrown. The limits deny what opens or
    adds; an order that only reduces the position is counted as one of the day's but never denied by them: a limit must
    not trap a position.
    """
    if standing.halt is Halt.ALL:
        return _KILLED
    if intent.side is Side.SELL and intent.quantity is not None and intent.quantity <= standing.position:
        return None
    if standing.halt is Halt.ENTRIES:
        return _PAUSED
    return _check_opening(limits, standing, intent.budget or ZERO)


def check_waiting(limits: Limits, standing: Standing) -> Reason | None:
    """Return why an entry that went out and still waits may not fill any more, or None."""
    match standing.halt:
        case Halt.ALL:
            return _KILLED
        case Halt.ENTRIES:
            return _PAUSED
        case Halt.NOTHING:
            return _check_loss(limits, standing)
        case _:
            assert_never(standing.halt)


def _check_loss(limits: Limits, standing: Standing) -> Reason | None:
    lost = EXACT.subtract(standing.day_equity, standing.equity)
    if lost < limits.max_daily_loss:
        return None
    text = f"today's loss of {plain(lost)} reaches the limit of {plain(limits.max_daily_loss)}"
    return Reason(code="max_daily_loss", text=text)


def _check_opening(limits: Limits, standing: Standing, budget: Decimal) -> Reason | None:
    if standing.orders_today >= limits.max_orders_per_day:
        text = f"{standing.orders_today} orders today reach the limit of {limits.max_orders_per_day}"
        return Reason(code="max_orders_per_day", text=text)
    if (lost := _check_loss(limits, standing)) is not None:
        return lost
    if budget > standing.cash:
        return Reason(code="capital", text=f"the order needs {plain(budget)}, and {plain(standing.cash)} is free")
    if budget > room_of_position(limits, standing):
        after = EXACT.add(EXACT.multiply(standing.position, standing.price), budget)
        allowed = EXACT.multiply(standing.equity, limits.max_position_fraction)
        text = f"the position would be worth {plain(after)}, and the limit allows {plain(allowed)}"
        return Reason(code="max_position_fraction", text=text)
    return None


def room_of_position(limits: Limits, standing: Standing) -> Decimal:
    """Return what the limit on the position still lets a deployment spend, exact."""
    allowed = EXACT.multiply(standing.equity, limits.max_position_fraction)
    return EXACT.subtract(allowed, EXACT.multiply(standing.position, standing.price))


def order_id(deployment_id: DeploymentId, intent: Intent, at: BarTimes, *, of: str = "") -> OrderId:
    """Return the id of what is ordered at a bar, or goes off in it: always the same, so it is the venue's key too.

    `of` is the symbol where the deployment has several.
    """
    what = f"{of} {intent.kind if intent.protects else 'order'}".lstrip()
    return OrderId(uuid5(UUID(str(deployment_id)), f"{what} {round(at.opened.timestamp() * 1_000)}"))


def halted_further(present: Halt, stop: Stop) -> Halt:
    """Return how far the kill switch is thrown after a stop; only a person who resumes takes anything back."""
    return Halt.ENTRIES if stop is Stop.ENTRIES and present is not Halt.ALL else Halt.ALL


def history_bars(needed: int) -> int:
    """Return how many bars to keep before the first decision of a strategy that needs so many."""
    return max(HISTORY_BARS, needed, min(4 * needed, MAX_HISTORY_BARS))


def replay_speed(bars: int) -> int:
    """Return the bars a second at which a replay of so many bars takes about a minute."""
    return max(1, ceil(bars / REPLAY_S))


def batch_size(speed: int, waited_s: float) -> int:
    """Return how many bars a replay advances after so long a wait."""
    return max(1, min(MAX_BATCH_BARS, int(speed * min(waited_s, MAX_BATCH_S))))


def day_of(ts: datetime) -> str:
    """Return the UTC day that an instant belongs to."""
    return ts.date().isoformat()
