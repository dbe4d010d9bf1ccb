"""The bundled price data of genai-prices, read for one connection; heavy, imported when a price is first asked.

Nothing here uses the network. A provider is recognised by the address of its API, and only the models that stand in its
own list count: a name that another provider also uses means nothing here.
"""

import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlsplit

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelInfo, ModelPrice, Provider, Tier, TieredPrices

from omc.vault.prices import DATA_DATE, ZERO, Listing, Price, Rates

MAX_REMEMBERED = 8_192
REQUESTS = Decimal(1_000)

# There a person names his own deployment, so that the name says nothing of what is behind it.
OWN_NAMES = frozenset({"azure", "databricks", "modal"})

# What our requests can use; and what they never contain, so that its price does not matter.
_TOKENS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "output_reasoning_mtok")
_COUNTED = frozenset({*_TOKENS, "requests_kcount"})
_NEVER_SENT = ("cache_write_1h_", "web_searches_", "storage_searches_", "audio", "image", "video", "document")
# It searches in every call, asked or not, and bills what it finds.
_ALWAYS_SEARCHES = frozenset({"perplexity"})


def look(base_url: str | None, model: str, *, at: datetime) -> Listing | None:
    """Return what the data says of `model` at this address at this instant; None when it knows no such address."""
    provider = recognised(base_url)
    if provider is None or provider in OWN_NAMES:
        return None
    info = _find(provider, model.removeprefix("models/"))
    if info is None:
        return Listing(price=None, context=None)
    return Listing(price=_price(provider, info, at), context=info.context_window)


@lru_cache(maxsize=MAX_REMEMBERED)
def recognised(base_url: str | None) -> str | None:
    """Return the id of the provider whose API stands at this address, or None.

    The data's patterns only look at how an address begins, so the match must also end where the host's name does:
    `https://api.openai.com.example.net` is nobody's.
    """
    parts = urlsplit(base_url or "")
    if not parts.hostname:
        return None
    address = f"https://{parts.hostname}{parts.path.replace('.', '')}"
    return next((provider.id for provider in get_snapshot().providers if _stands_at(provider, address)), None)


def _stands_at(provider: Provider, address: str) -> bool:
    found = re.match(provider.api_pattern, address)
    if found is None:
        return False
    rest = address[found.end() :]
    if found[0].endswith("."):
        return re.match(r"[a-z]+(/|$)", rest) is not None
    return not rest or rest.startswith("/") or found[0].endswith("/")


@lru_cache(maxsize=MAX_REMEMBERED)
def _find(provider_id: str, model: str) -> ModelInfo | None:
    provider = next(row for row in get_snapshot().providers if row.id == provider_id)
    return provider.find_model(model)


def _price(provider: str, info: ModelInfo, at: datetime) -> Price | None:
    listed = info.get_prices(at)
    named = {key: value for key, value in listed.__dict__.items() if value is not None}
    if not {"input_mtok", "output_mtok"} <= named.keys() or not all(_countable(provider, key) for key in named):
        return None
    starts = sorted({0} | {tier.start for value in named.values() for tier in _tiers(value)})
    requests = named.get("requests_kcount", ZERO)
    assert isinstance(requests, Decimal)
    return Price(
        source=f"genai-prices: {provider}",
        date=DATA_DATE,
        model=info.id,
        tiers=tuple(_rates(listed, start) for start in starts),
        request=requests / REQUESTS,
    )


def _countable(provider: str, key: str) -> bool:
    if provider in _ALWAYS_SEARCHES and key.startswith("web_searches_"):
        return False
    return key in _COUNTED or any(part in key for part in _NEVER_SENT)


def _rates(listed: ModelPrice, above: int) -> Rates:
    value = {key: _at(getattr(listed, key), above) for key in _TOKENS}
    given, answered = value["input_mtok"], value["output_mtok"]
    assert given is not None
    assert answered is not None
    return Rates(
        above=above,
        input=given,
        output=answered,
        cache_read=value["cache_read_mtok"],
        cache_write=value["cache_write_mtok"],
        reasoning=value["output_reasoning_mtok"],
    )


def _at(value: object, above: int) -> Decimal | None:
    if not isinstance(value, TieredPrices):
        assert value is None or isinstance(value, Decimal)
        return value
    reached = [tier.price for tier in value.tiers if tier.start <= above] if above else []
    return reached[-1] if reached else value.base


def _tiers(value: object) -> list[Tier]:
    return list(value.tiers) if isinstance(value, TieredPrices) else []
