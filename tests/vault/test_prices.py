"""A price belongs to a connection, a bill is exact, and no call can cost more than its ceiling."""

import json
from datetime import UTC, date, datetime
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import cast

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, TieredPrices
from hypothesis import given
from hypothesis import strategies as st

from omc.vault import prices
from omc.vault.prices import (
    DATA_DATE,
    DECLARED_FREE,
    OWN,
    Override,
    Price,
    Rates,
    Usage,
    ceiling,
    cost,
    input_bound,
    price_from,
    price_of,
)
from tests.vault.money import NOW

LOCAL = "http://127.0.0.1:11434/v1"
ROUTER = "https://openrouter.ai/api/v1"
MINE = Override(input=Decimal(3), output=Decimal("7.5"), date=date(2026, 11, 1))


def quoted(
    provider: str = "openai",
    base_url: str | None = None,
    model: str = "gpt-6.1-sol",
    *,
    override: Override | None = None,
    free: bool = False,
    at: datetime = NOW,
) -> Price | None:
    return price_of(provider, base_url, model, override=override, free=free, at=at)


def known(provider: str, model: str, base_url: str | None = None) -> Price:
    price = quoted(provider, base_url, model)
    assert price is not None
    return price


# --- whose price ------------------------------------------------------------------------------------------------------


def test_the_date_of_the_data_is_that_of_the_installed_package() -> None:
    assert version("genai-prices") == prices.DATA_VERSION, "look up when this version was published, then change both"


def test_a_providers_own_address_has_its_list_price() -> None:
    price = known("openai", "gpt-6.1-sol")

    assert (price.source, price.date) == ("genai-prices: openai", DATA_DATE)
    assert price.tiers[0].input == 2
    assert quoted("openai", "https://api.openai.com/v1") == price
    assert quoted("openai-compatible", "https://api.openai.com/v1") == price


@pytest.mark.parametrize(
    "base_url",
    [
        LOCAL,
        "http://gateway.internal/v1",
        "https://api.openai.com.example.net/v1",
        "https://example.net/api.openai.com",
        "https://example.net/x.googleapis.com",
        "https://api.openai.community/v1",
        "https://mine.openai.azure.com/openai/v1",
        "https://me--llm.modal.run/v1",
        "not an address",
        "",
    ],
)
def test_a_name_that_openai_uses_says_nothing_at_another_address(base_url: str) -> None:
    assert quoted("openai-compatible", base_url, "gpt-6.1-sol") is None


def test_a_gateway_before_openai_has_no_price_of_openais() -> None:
    assert quoted("openai", "https://gateway.example.com/v1") is None


def test_a_provider_is_recognised_by_its_address() -> None:
    assert known("openai-compatible", "openai/gpt-6-luna", ROUTER).source == "genai-prices: openrouter"


def test_an_unknown_model_has_no_price_and_never_zero() -> None:
    assert quoted(model="gpt-99-unheard-of") is None
    assert quoted("openai-compatible", ROUTER, "nobody/heard-of-it") is None


@pytest.mark.parametrize(
    ("base_url", "model"),
    [
        (None, "text-embedding-3-small"),
        (None, "omni-moderation-latest"),
        (ROUTER, "stealth/crouton-alpha"),
        ("https://api.perplexity.ai", "sonar-deep-research"),
    ],
)
def test_a_listed_model_whose_price_cannot_be_held_to_has_none(base_url: str | None, model: str) -> None:
    assert quoted("openai-compatible" if base_url else "openai", base_url, model) is None


def test_a_server_is_free_by_declaration_only() -> None:
    free = quoted("openai-compatible", LOCAL, "gpt-6.1-sol", free=True)

    assert free is not None
    assert (free.source, free.free, free.date) == (DECLARED_FREE, True, NOW.date())
    assert cost(free, Usage(input=10**9, output=10**9)) == 0


def test_a_declaration_does_not_make_a_listed_model_free() -> None:
    assert quoted(free=True) == quoted()


def test_a_persons_own_price_wins() -> None:
    for price in (quoted(override=MINE), quoted("openai-compatible", LOCAL, "x", override=MINE, free=True)):
        assert price is not None
        assert (price.source, price.date, price.tiers) == (
            OWN,
            MINE.date,
            (Rates(input=Decimal(3), output=Decimal("7.5")),),
        )


def test_a_price_that_changes_on_a_day_is_that_of_the_call() -> None:
    before, after = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    rates = [quoted("google", None, "gemini-4-argon", at=at) for at in (before, after)]

    assert [price.tiers[0].input for price in rates if price is not None] == [2, 4]


def test_a_price_that_changes_in_the_day_is_that_of_the_hour() -> None:
    night, day = NOW.replace(hour=20), NOW.replace(hour=12)
    rates = [quoted("openai-compatible", ADDRESSES["deepseek"], "deepseek-chat", at=at) for at in (night, day)]

    assert [price.tiers[0].input for price in rates if price is not None] == [Decimal("0.135"), Decimal("0.27")]


def test_google_names_its_models_with_a_prefix() -> None:
    assert known("google", "models/gemini-3.8-flash") == known("google", "gemini-3.8-flash")


# --- what a call costs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "model", "usage", "dollars"),
    [
        ("openai", "gpt-6.1-sol", Usage(input=200_000, output=2_000), "0.42"),
        ("openai", "gpt-6.1-sol", Usage(input=272_000), "0.544"),
        ("openai", "gpt-6.1-sol", Usage(input=272_001), "1.088004"),
        ("openai", "gpt-6.1-sol", Usage(input=300_000, output=2_000), "1.23"),
        ("anthropic", "claude-sonnet-5-5", Usage(input=100_000, cache_read=80_000, output=2_000), "0.068"),
        ("anthropic", "claude-opus-5-5", Usage(input=100_000, cache_read=80_000, output=2_000), "0.136"),
        ("anthropic", "claude-fable-5-2", Usage(input=100_000, cache_read=80_000, output=2_000), "0.256"),
        ("openai", "gpt-6-astra", Usage(input=100_000, cache_read=80_000, output=2_000), "0.38"),
        ("openai", "gpt-6-luna", Usage(input=100_000, cache_read=80_000, output=2_000), "0.0038"),
        ("anthropic", "claude-haiku-5-5", Usage(input=100_000, cache_read=80_000, output=2_000), "0.0038"),
        ("anthropic", "claude-haiku-5-5", Usage(input=100_001, cache_read=80_000, output=2_000), "0.0190005"),
        ("google", "gemini-3.8-flash", Usage(input=100_000, cache_read=80_000, output=2_000), "0.0285"),
        ("anthropic", "claude-sonnet-5-5", Usage(input=1_000, cache_write=999, output=7, reasoning=5), "0.0025695"),
    ],
)
def test_a_call_costs_what_the_price_list_says_to_the_last_digit(
    provider: str, model: str, usage: Usage, dollars: str
) -> None:
    assert cost(known(provider, model), usage) == Decimal(dollars)


def test_a_price_a_request_is_paid_once() -> None:
    price = known("openai-compatible", "sonar", "https://api.perplexity.ai")

    assert cost(price, Usage(input=1_000, output=1_000)) == Decimal("0.014")


def test_reasoning_has_its_own_rate_where_there_is_one() -> None:
    price = known("openai-compatible", "perplexity/sonar-deep-research", ROUTER)

    assert cost(price, Usage(output=1_000_000, reasoning=400_000)) == Decimal("4.8") + Decimal("1.2")


ADDRESSES = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
    "openrouter": ROUTER,
    "groq": "https://api.groq.com/openai/v1",
    "deepseek": "https://api.deepseek.com",
    "mistral": "https://api.mistral.ai/v1",
}
USAGES = [
    Usage(input=1, output=1),
    Usage(input=123_457, cache_read=98_765, cache_write=4_321, output=3_333, reasoning=1_111),
    Usage(input=272_001, cache_read=17, cache_write=272_001 - 17, output=999_983),
    Usage(input=199_999, output=7),
    Usage(input=3_000_017, cache_read=3_000_017, output=0),
]


def of_the_list(listed: ModelPrice, usage: Usage) -> Fraction:
    """Price a call from the raw table, by another road: whole fractions, nothing of the code under test."""

    def rate(key: str, instead: str) -> Fraction:
        value = getattr(listed, key)
        value = getattr(listed, instead) if value is None else value
        if isinstance(value, TieredPrices):
            over = [tier.price for tier in value.tiers if usage.input > tier.start]
            value = over[-1] if over else value.base
        return Fraction(value)

    rows = [
        (usage.input - usage.cache_read - usage.cache_write, "input_mtok", "input_mtok"),
        (usage.cache_read, "cache_read_mtok", "input_mtok"),
        (usage.cache_write, "cache_write_mtok", "input_mtok"),
        (usage.output - usage.reasoning, "output_mtok", "output_mtok"),
        (usage.reasoning, "output_reasoning_mtok", "output_mtok"),
    ]
    return sum((tokens * rate(key, instead) for tokens, key, instead in rows), Fraction(0)) / 1_000_000


@pytest.mark.parametrize("listed_as", ADDRESSES)
def test_every_listed_models_bill_equals_two_other_reckonings(listed_as: str) -> None:
    provider = next(row for row in get_snapshot().providers if row.id == listed_as)
    reckoned = 0
    for model in provider.models:
        price = quoted("openai-compatible", ADDRESSES[listed_as], model.id)
        if price is None or price.request or provider.find_model(model.id) is not model:
            continue
        for usage in USAGES:
            ours = cost(price, usage)
            assert Fraction(ours) == of_the_list(model.get_prices(NOW), usage), model.id
            assert ours == theirs(listed_as, model, usage), model.id
            reckoned += 1
    assert reckoned >= 20


def theirs(listed_as: str, model: ModelInfo, usage: Usage) -> Decimal:
    told = genai_prices.Usage(
        input_tokens=usage.input,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        output_tokens=usage.output,
        output_reasoning_tokens=usage.reasoning,
    )
    with localcontext(Context(prec=100)):
        found = genai_prices.calc_price(told, model.id, provider_id=listed_as, genai_request_timestamp=NOW)
    return found.total_price


# --- the most that a call can cost ------------------------------------------------------------------------------------

rate = st.decimals(min_value=0, max_value=200, places=6)
rate_or_none = st.none() | rate


@st.composite
def priced(draw: st.DrawFn) -> Price:
    starts = [0, *sorted(draw(st.sets(st.integers(1, 5_000), max_size=3)))]
    tiers = tuple(
        Rates(
            above=start,
            input=draw(rate),
            output=draw(rate),
            cache_read=draw(rate_or_none),
            cache_write=draw(rate_or_none),
            reasoning=draw(rate_or_none),
        )
        for start in starts
    )
    return Price(source="any", date=DATA_DATE, model="any", tiers=tiers, request=draw(rate))


@st.composite
def used_within(draw: st.DrawFn, input_tokens: int, max_tokens: int) -> Usage:
    given_in, given_out = draw(st.integers(0, input_tokens)), draw(st.integers(0, max_tokens))
    read = draw(st.integers(0, given_in))
    return Usage(
        input=given_in,
        cache_read=read,
        cache_write=draw(st.integers(0, given_in - read)),
        output=given_out,
        reasoning=draw(st.integers(0, given_out)),
    )


@given(price=priced(), input_tokens=st.integers(0, 10_000), max_tokens=st.integers(0, 10_000), data=st.data())
def test_no_call_within_its_tokens_costs_more_than_its_ceiling(
    price: Price, input_tokens: int, max_tokens: int, data: st.DataObject
) -> None:
    usage = data.draw(used_within(input_tokens, max_tokens))

    assert cost(price, usage) <= ceiling(price, input_tokens=input_tokens, max_tokens=max_tokens)


@given(price=priced())
def test_a_price_survives_being_stored(price: Price) -> None:
    assert price_from(json.loads(json.dumps(price.facts()))) == price


def test_a_ceiling_prices_the_whole_request_at_the_tier_that_it_can_reach() -> None:
    price = known("openai", "gpt-6.1-sol")

    assert ceiling(price, input_tokens=272_000, max_tokens=0) == Decimal("0.68")
    assert ceiling(price, input_tokens=272_001, max_tokens=0) == Decimal("1.360005")


# --- the most tokens that a request can have --------------------------------------------------------------------------


def recorded(folder: Path) -> list[tuple[str, dict[str, object], int]]:
    """Real requests that were text alone, with the input tokens that the provider counted."""
    found = []
    for path in sorted(folder.glob("*/*.json")):
        exchange = json.loads(path.read_text())
        body, answer = exchange.get("request_body"), exchange.get("response_body")
        counted = counted_input(answer) if isinstance(answer, dict) else None
        if isinstance(body, dict) and counted is not None and not beyond_text(json.dumps(body)):
            found.append((path.stem, body, counted))
    return found


def counted_input(answer: dict[str, object]) -> int | None:
    usage = answer.get("usage") or answer.get("usageMetadata")
    if not isinstance(usage, dict):
        return None
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "prompt_tokens")
    return sum(cast("int", usage.get(name) or 0) for name in (*names, "promptTokenCount"))


def beyond_text(body: str) -> bool:
    """Whether the provider adds what we did not send: pictures, documents, tools of its own, state that it keeps."""
    marks = ("image", "document", "inline", "file", "search", "web_", "mcp", "code_exec", "previous_response", "cached")
    return any(mark in body.lower() for mark in marks)


def test_no_recorded_request_had_more_tokens_than_its_bound(shared_data: Path) -> None:
    requests = recorded(shared_data / "wire" / "llm")
    assert len(requests) >= 30
    for name, body, counted in requests:
        size = len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
        messages = next((body[key] for key in ("messages", "input", "contents") if key in body), [])
        tools = body.get("tools") or []
        count = len(messages) if isinstance(messages, list) else 1
        bound = input_bound(size, count, len(tools) if isinstance(tools, list) else 0)
        assert counted <= bound, name


@given(text=st.text())
def test_the_bound_counts_bytes_and_not_characters(text: str) -> None:
    size = len(text.encode())

    assert input_bound(size, 1, 0) >= size >= len(text)
    assert input_bound(size, 2, 1) > input_bound(size, 1, 1) > input_bound(size, 1, 0)
