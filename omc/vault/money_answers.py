"""What the vault's routes of money take and give, as JSON. Money is text, exact, in US dollars."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from omc.core.money import parse_decimal
from omc.core.money import text as plain
from omc.vault.advice import Recommendation
from omc.vault.caps import Caps
from omc.vault.comparing import Compared
from omc.vault.prices import CURRENCY, PER_TEXT, Override, Price, Rates
from omc.vault.spend import Standing
from omc.vault.tables import CallRow
from omc.vault.usage import Part

MAX_WRITTEN = 60
MAX_AMOUNT = Decimal(1_000_000)
MAX_PLACES = 12
MAX_MODEL = 200
_MONEY = ("cost", "failed_cost", "retried_cost", "claimed_above")


def amount(written: str) -> str:
    """Return an amount as it is stored; raises `ValueError` with a sentence when it cannot be one."""
    value = parse_decimal(written)
    if value < 0:
        raise ValueError(f"{written.strip()} is negative; an amount in US dollars is zero or more")
    if value > MAX_AMOUNT:
        raise ValueError(f"an amount above {plain(MAX_AMOUNT)} US dollars is surely a slip; enter less")
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MAX_PLACES:
        raise ValueError(f"an amount has at most {MAX_PLACES} digits after the point")
    return plain(value)


Amount = Annotated[str, Field(max_length=MAX_WRITTEN, examples=["2.5"]), AfterValidator(amount)]
Model = Annotated[str, Field(min_length=1, max_length=MAX_MODEL, pattern="^[!-~]+$", examples=["qwen3:32b"])]


class Wanted(BaseModel):
    """Base of what clients send: nothing unknown, nothing coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class CapsWish(Wanted):
    """All four caps in US dollars; null is no cap."""

    per_call: Amount | None
    per_session: Amount | None
    per_day: Amount | None
    per_month: Amount | None


class PriceWish(Wanted):
    """A price of one's own, in US dollars per million tokens; a kind left out costs what it is part of."""

    credential_id: UUID = Field(strict=False)
    model: Model
    input: Amount
    output: Amount
    cache_read: Amount | None = None
    cache_write: Amount | None = None


class CapsAnswer(BaseModel):
    """The caps that hold, in US dollars; null is no cap."""

    per_call: str | None
    per_session: str | None
    per_day: str | None
    per_month: str | None
    currency: str = CURRENCY


class TierAnswer(BaseModel):
    """The rates of requests with more than `above` input tokens: all of the request, not what exceeds."""

    above: int
    input: str
    output: str
    cache_read: str | None
    cache_write: str | None
    reasoning: str | None


class PriceAnswer(BaseModel):
    """A price per million tokens: the base rates, and in `tiers` all of them."""

    input: str
    output: str
    cache_read: str | None
    cache_write: str | None
    per: str = PER_TEXT
    currency: str = CURRENCY
    source: str = Field(description="`own`, `declared free`, or the list that it is from")
    date: date
    request: str = Field(description="What each request costs besides its tokens")
    tiers: list[TierAnswer]


class StatsAnswer(BaseModel):
    """How a model did on the workspace's own calls of the last 90 days."""

    calls: int
    failed: int
    latency_ms_p50: int | None
    tokens_per_s_p50: float | None
    tool_call_success: float | None = Field(description="0 to 1; null when no tool call was made")
    tool_calls: int
    session_cost_p50: str | None
    sessions: int


class ComparedModel(BaseModel):
    """A model that a key reaches. What is null is not known."""

    credential_id: UUID
    credential: str
    provider: str
    model: str
    kind: str
    price: PriceAnswer | None
    price_known: bool
    context: int | None
    tools: bool | None
    streaming: bool | None
    effort: bool | None
    stats: StatsAnswer | None


class RecommendationAnswer(BaseModel):
    """A model to consider, and why."""

    kind: str
    credential_id: UUID
    model: str
    text: str


class Models(BaseModel):
    """Every model that the workspace's keys reach, at most 5,000."""

    items: list[ComparedModel]
    next: None = None
    recommendations: list[RecommendationAnswer]
    prices_date: date


class UsagePart(BaseModel):
    """One part of the usage. `failed_cost` and `retried_cost` are inside `cost`."""

    key: str
    label: str
    calls: int
    failed: int
    input: int
    cache_read: int
    cache_write: int
    cached_share: float | None = Field(description="Input read from the provider's cache, 0 to 1")
    output: int
    reasoning: int
    cost: str
    failed_cost: str = Field(description="Paid for calls whose answer never came")
    retried_cost: str = Field(description="Paid for repeats of a call")
    claimed_above: str = Field(description="Told by providers beyond the most that their calls can cost; not booked")


class StandingAnswer(BaseModel):
    """What is spent, and reserved for calls under way."""

    spent: str
    reserved: str


class UsageAnswer(BaseModel):
    """What the calls of a time cost; the parts add up to `total` exactly (the dearest 1,000 are listed)."""

    items: list[UsagePart]
    next: None = None
    total: UsagePart
    currency: str = CURRENCY
    today: StandingAnswer
    month: StandingAnswer
    caps: CapsAnswer


class CallAnswer(BaseModel):
    """One call of a model: reserved before, settled after. `measured` when the provider told its tokens."""

    id: UUID
    session_id: UUID | None
    step: int
    attempt: int
    tried: int
    credential_id: UUID
    provider: str
    model: str
    purpose: str
    state: str
    reserved: str
    cost: str | None
    claimed: str | None = Field(description="What the provider's tokens would cost, where more than was reserved")
    price_source: str
    price_date: str
    tokens_input: int
    tokens_cache_read: int
    tokens_cache_write: int
    tokens_output: int
    tokens_reasoning: int
    measured: bool
    latency_ms: int | None
    first_token_ms: int | None
    finish: str | None
    failure: str | None
    started_at: datetime
    finished_at: datetime | None


class Calls(BaseModel):
    """A page of calls, the newest first."""

    items: list[CallAnswer]
    next: UUID | None


def caps_of(wish: CapsWish) -> Caps:
    """Return what was sent as caps."""
    return Caps(**{name: _decimal(value) for name, value in wish.model_dump().items()})


def override_of(wish: PriceWish, day: date) -> Override:
    """Return what was sent as a price entered on `day`."""
    return Override(
        input=Decimal(wish.input),
        output=Decimal(wish.output),
        cache_read=_decimal(wish.cache_read),
        cache_write=_decimal(wish.cache_write),
        date=day,
    )


def caps_answer(caps: Caps) -> CapsAnswer:
    """Return caps as JSON."""
    return CapsAnswer(
        per_call=_text(caps.per_call),
        per_session=_text(caps.per_session),
        per_day=_text(caps.per_day),
        per_month=_text(caps.per_month),
    )


def price_answer(price: Price) -> PriceAnswer:
    """Return a price as JSON."""
    tiers = [_tier(rates) for rates in price.tiers]
    base = tiers[0]
    return PriceAnswer(
        input=base.input,
        output=base.output,
        cache_read=base.cache_read,
        cache_write=base.cache_write,
        source=price.source,
        date=price.date,
        request=plain(price.request),
        tiers=tiers,
    )


def model_answer(row: Compared) -> ComparedModel:
    """Return a row of the comparison as JSON."""
    return ComparedModel(
        credential_id=row.credential_id,
        credential=row.credential,
        provider=row.provider,
        model=row.model,
        kind=row.kind,
        price=None if row.price is None else price_answer(row.price),
        price_known=row.price is not None,
        context=row.context,
        tools=row.tools,
        streaming=row.streaming,
        effort=row.effort,
        stats=_stats(row),
    )


def recommendation_answer(recommendation: Recommendation) -> RecommendationAnswer:
    """Return a recommendation as JSON."""
    return RecommendationAnswer.model_validate(recommendation, from_attributes=True)


def part_answer(part: Part) -> UsagePart:
    """Return a part of the usage as JSON."""
    money = {name: plain(getattr(part, name)) for name in _MONEY}
    counts = {name: getattr(part, name) for name in UsagePart.model_fields if name not in money}
    return UsagePart(**counts, **money)


def standing_answer(standing: Standing) -> StandingAnswer:
    """Return a standing as JSON."""
    return StandingAnswer(spent=plain(standing.spent), reserved=plain(standing.reserved))


def call_answer(row: CallRow) -> CallAnswer:
    """Return a call as JSON."""
    own = {
        "reserved": plain(row.reserved),
        "cost": _text(row.cost),
        "claimed": _text(row.claimed),
        "price_source": str(row.price["source"]),
        "price_date": str(row.price["date"]),
    }
    return CallAnswer(**{name: getattr(row, name) for name in CallAnswer.model_fields if name not in own}, **own)


def _tier(rates: Rates) -> TierAnswer:
    return TierAnswer(
        above=rates.above,
        input=plain(rates.input),
        output=plain(rates.output),
        cache_read=_text(rates.cache_read),
        cache_write=_text(rates.cache_write),
        reasoning=_text(rates.reasoning),
    )


def _stats(row: Compared) -> StatsAnswer | None:
    stats, record = row.stats, row.tool_record
    if stats is None:
        return None
    return StatsAnswer(
        calls=stats.calls,
        failed=stats.failed,
        latency_ms_p50=stats.latency_ms,
        tokens_per_s_p50=stats.tokens_per_s,
        tool_call_success=round(record.succeeded / record.calls, 4) if record is not None and record.calls else None,
        tool_calls=record.calls if record is not None else 0,
        session_cost_p50=_text(stats.session_cost),
        sessions=stats.sessions,
    )


def _decimal(written: str | None) -> Decimal | None:
    return None if written is None else Decimal(written)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
