"""What a call of a model costs: the price that a connection has, the exact bill of a call, and the most it can be.

A price belongs to a connection, never to a model's name: OpenAI's price holds at OpenAI's address, and a server that
calls its model `gpt-6-luna` has its own price or none. An unknown price is None, never zero.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Protocol

from omc.core.canonical import instant_text
from omc.core.money import EXACT, parse_decimal
from omc.core.money import text as plain
from omc.vault.providers import provider as provider_row

PER = Decimal(1_000_000)
PER_TEXT = "1M"
CURRENCY = "USD"
ZERO = Decimal(0)

OWN = "own"
DECLARED_FREE = "declared free"

DATA_VERSION = "0.2.3"
DATA_DATE = date(2026, 11, 10)
"""When the bundled data was published; the package does not say it, so a test ties it to the version."""

MESSAGE_TOKENS = 32
TOOL_TOKENS = 128
PREAMBLE_TOKENS = 1_024

# The price data is a heavy import, for who asks a price and not for everyone who imports this module.
_LISTED = "omc.vault.listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The tokens of one call. `input` contains the cached ones, `output` the reasoning."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """US dollars per million tokens, for a request of more than `above` input tokens: all of it, not what exceeds.

    A kind without a rate of its own is billed as what it is part of: cached tokens as input, reasoning as output.
    """

    above: int = 0
    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    reasoning: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A model's price at one connection: `tiers` by rising `above`, the first at zero; `request` is paid a call."""

    source: str
    date: date
    model: str
    tiers: tuple[Rates, ...]
    request: Decimal = ZERO

    @property
    def free(self) -> bool:
        """Whether no call can cost anything."""
        return ceiling(self, input_tokens=1, max_tokens=1) == ZERO

    def facts(self) -> dict[str, object]:
        """Return the price as plain JSON, as it is stored with every call that it priced."""
        return {
            "source": self.source,
            "date": self.date.isoformat(),
            "model": self.model,
            "currency": CURRENCY,
            "per": PER_TEXT,
            "request": plain(self.request),
            "tiers": [_written(rates) for rates in self.tiers],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person's own price of a model at one connection, in US dollars per million tokens, and when it was entered."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the bundled data says of a model: its price where it has one that can be held to, and its context window."""

    price: Price | None
    context: int | None


class Look(Protocol):
    """How the bundled data is asked."""

    def __call__(self, base_url: str | None, model: str, *, at: datetime) -> Listing | None:
        """Return what it says of `model` at this address and instant."""


def price_of(
    provider: str, base_url: str | None, model: str, *, override: Override | None, free: bool, at: datetime
) -> Price | None:
    """Return the price of `model` at this connection at this instant, or None when nobody knows it.

    In this order: the person's own price; the list of the provider whose address it is (its own API, or one that the
    data recognises, such as OpenRouter's); zero when the person declared the server free.
    """
    if override is not None:
        return _own(override, model)
    found = listing(provider, base_url, model, at=at)
    if found is not None and found.price is not None:
        return found.price
    return _free(model, at) if free else None


def listing(provider: str, base_url: str | None, model: str, *, at: datetime) -> Listing | None:
    """Return what the bundled data says of `model` at this connection, or None for an address that it does not know."""
    row = provider_row(provider)
    look: Look = import_module(_LISTED).look
    return look(base_url or (row.base_url if row is not None else None), model, at=at)


def cost(price: Price, usage: Usage) -> Decimal:
    """Return what the call costs in US dollars, exact to the last digit; the whole request is at its tier's rates."""
    rates = _tier(price, usage.input)
    return EXACT.add(price.request, EXACT.divide(_total(_terms(rates, usage)), PER))


def ceiling(price: Price, *, input_tokens: int, max_tokens: int) -> Decimal:
    """Return the most that a call can cost with at most `input_tokens` in and `max_tokens` out, however they are split.

    Every token is priced at the dearest rate of its side among the tiers that such a request can reach: cached writes
    too, and hidden reasoning, which counts inside `max_tokens` with every provider that keeps to it. Only text is sent,
    so `input_bound` holds for all of the input. A server that answers on beyond `max_tokens` can tell more: `spend`
    books no more than this and keeps what it claims beside it.
    """
    within = [rates for rates in price.tiers if rates.above < max(input_tokens, 1)]
    dearest_in = max(rate for rates in within for rate in _input_rates(rates))
    dearest_out = max(rate for rates in within for rate in _output_rates(rates))
    most = _total(((dearest_in, input_tokens), (dearest_out, max_tokens)))
    return EXACT.add(price.request, EXACT.divide(most, PER))


def input_bound(messages_bytes: int, messages: int, tools: int) -> int:
    """Return a number of input tokens that the request cannot exceed.

    `messages_bytes` is the length in UTF-8 of all that is sent (instructions, messages, tool schemas, arguments and
    results); `messages` and `tools` are how many there are. Why it is a bound: the tokenizers of the served models are
    byte-level BPE or SentencePiece with byte fallback, whose finest cut is one token a byte, so text never has more
    tokens than bytes. What a provider adds around it does not stand in our bytes and is allowed for: role marks and
    separators a message, the declaration's frame a tool, and the provider's own preamble (the longest published one, of
    tool use, has some 800 tokens).
    """
    return messages_bytes + MESSAGE_TOKENS * messages + TOOL_TOKENS * tools + PREAMBLE_TOKENS


def price_from(facts: Mapping[str, object]) -> Price:
    """Return the price that `Price.facts()` wrote."""
    tiers = facts["tiers"]
    assert isinstance(tiers, list)
    return Price(
        source=str(facts["source"]),
        date=date.fromisoformat(str(facts["date"])),
        model=str(facts["model"]),
        tiers=tuple(_read(tier) for tier in tiers),
        request=parse_decimal(str(facts["request"])),
    )


def _own(override: Override, model: str) -> Price:
    rates = Rates(
        input=override.input,
        output=override.output,
        cache_read=override.cache_read,
        cache_write=override.cache_write,
    )
    return Price(source=OWN, date=override.date, model=model, tiers=(rates,))


def _free(model: str, at: datetime) -> Price:
    day = date.fromisoformat(instant_text(at)[:10])
    return Price(source=DECLARED_FREE, date=day, model=model, tiers=(Rates(input=ZERO, output=ZERO),))


def _tier(price: Price, input_tokens: int) -> Rates:
    return next((rates for rates in reversed(price.tiers) if input_tokens > rates.above), price.tiers[0])


def _terms(rates: Rates, usage: Usage) -> Iterator[tuple[Decimal, int]]:
    cached = usage.cache_read + usage.cache_write
    yield rates.input, max(0, usage.input - cached)
    yield _or(rates.cache_read, rates.input), usage.cache_read
    yield _or(rates.cache_write, rates.input), usage.cache_write
    yield rates.output, max(0, usage.output - usage.reasoning)
    yield _or(rates.reasoning, rates.output), usage.reasoning


def _total(terms: Iterator[tuple[Decimal, int]] | Sequence[tuple[Decimal, int]]) -> Decimal:
    result = ZERO
    for rate, tokens in terms:
        result = EXACT.add(result, EXACT.multiply(rate, Decimal(tokens)))
    return result


def _input_rates(rates: Rates) -> tuple[Decimal, ...]:
    return rates.input, _or(rates.cache_read, rates.input), _or(rates.cache_write, rates.input)


def _output_rates(rates: Rates) -> tuple[Decimal, ...]:
    return rates.output, _or(rates.reasoning, rates.output)


def _or(rate: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if rate is None else rate


_RATES = ("input", "output", "cache_read", "cache_write", "reasoning")


def _written(rates: Rates) -> dict[str, object]:
    named = {name: getattr(rates, name) for name in _RATES}
    return {"above": rates.above} | {name: plain(rate) for name, rate in named.items() if rate is not None}


def _read(tier: Mapping[str, object]) -> Rates:
    named = {name: parse_decimal(str(tier[name])) for name in _RATES if name in tier}
    return Rates(above=int(str(tier["above"])), **named)
