"""Money over HTTP: models side by side, prices of one's own, caps, usage and calls; amounts are exact text."""

from decimal import Decimal
from uuid import UUID

import httpx
import pytest

from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.vault import spend
from omc.vault.prices import Usage
from tests.vault.money import TWO_TEN, a_call, a_key

V1 = "/api/v1/vault"
LOCAL = "http://127.0.0.1:11434/v1"
CAPS = {"per_call": "0.5", "per_session": None, "per_day": "10", "per_month": "250.50"}


@pytest.fixture
async def key(client: httpx.AsyncClient, database: Database) -> UUID:
    workspace = UUID(client.headers["x-workspace"])
    async with database.session(workspace) as session:
        return await a_key(
            session, workspace, provider="openai-compatible", base_url=LOCAL, models=("qwen3:32b", "gpt-6.1-sol")
        )


async def test_the_default_caps_are_shown_until_others_are_chosen(client: httpx.AsyncClient) -> None:
    before = (await client.get(f"{V1}/caps")).json()
    chosen = await client.put(f"{V1}/caps", json=CAPS)
    after = (await client.get(f"{V1}/caps")).json()

    assert before == {
        "per_call": "1",
        "per_session": "2",
        "per_day": "20",
        "per_month": "100",
        "currency": "USD",
    }
    assert chosen.json() == after == CAPS | {"per_month": "250.5", "currency": "USD"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("-1", "negative"),
        ("NaN", "not a finite number"),
        ("Infinity", "not a finite number"),
        ("1e30", "surely a slip"),
        ("1000000.01", "surely a slip"),
        ("0." + "1" * 40, "at most 12 digits"),
        ("1" * 40, "surely a slip"),
        ("9" * 61, "at most 60"),
        ("a lot", "is not a number"),
        ("", "is not a number"),
        (1.5, "string"),
    ],
)
async def test_what_is_no_amount_is_refused_with_a_sentence(
    client: httpx.AsyncClient, written: object, told: str
) -> None:
    answer = await client.put(f"{V1}/caps", json=CAPS | {"per_day": written})

    assert answer.status_code == 422
    assert told in answer.text
    assert "/per_day" in answer.text


async def test_ones_own_price_gives_a_price_to_what_had_none(client: httpx.AsyncClient, key: UUID) -> None:
    wish = {"credential_id": str(key), "model": "qwen3:32b", "input": "0.25", "output": "1.000"}
    entered = await client.put(f"{V1}/prices", json=wish)
    models = (await client.get(f"{V1}/models")).json()
    where = {"credential_id": str(key), "model": "qwen3:32b"}
    dropped = await client.delete(f"{V1}/prices", params=where)
    again = await client.delete(f"{V1}/prices", params=where)

    assert (entered.json()["input"], entered.json()["output"], entered.json()["source"]) == ("0.25", "1", "own")
    rows = {row["model"]: row for row in models["items"]}
    assert (rows["qwen3:32b"]["price_known"], rows["qwen3:32b"]["price"]["per"]) == (True, "1M")
    assert (rows["gpt-6.1-sol"]["price_known"], rows["gpt-6.1-sol"]["price"]) == (False, None)
    assert models["prices_date"] == "2026-11-10"
    assert (dropped.status_code, again.status_code, again.json()["code"]) == (204, 404, "no_such_price")


async def test_a_price_at_an_unknown_key_is_refused(client: httpx.AsyncClient) -> None:
    wish = {"credential_id": str(new_id()), "model": "x", "input": "1", "output": "1"}

    assert (await client.put(f"{V1}/prices", json=wish)).json()["code"] == "no_such_credential"


async def test_usage_and_calls_tell_what_was_spent(client: httpx.AsyncClient, database: Database, key: UUID) -> None:
    served, now = new_id(), utc_now()
    call = a_call(key, session_id=served)
    async with database.session(UUID(client.headers["x-workspace"])) as session:
        await spend.reserve(session, call, price=TWO_TEN, amount=Decimal("0.5"), session_cap=None, now=now)
        usage = Usage(input=1_000, cache_read=500, output=100)
        await spend.settle(
            session,
            call.call_id,
            usage=usage,
            finish="stop",
            latency_ms=700,
            first_token_ms=90,
            failure=None,
            now=now,
        )

    used = (await client.get(f"{V1}/usage", params={"by": "session"})).json()
    calls = (await client.get(f"{V1}/calls", params={"session_id": str(served)})).json()

    (part,) = used["items"]
    assert (part["key"], part["cost"], part["cached_share"], used["total"]["cost"]) == (
        str(served),
        "0.00205",
        0.5,
        "0.00205",
    )
    assert (used["today"], used["caps"]["per_day"], used["currency"]) == (
        {"spent": "0.00205", "reserved": "0"},
        "20",
        "USD",
    )
    (row,) = calls["items"]
    assert (row["id"], row["cost"], row["reserved"]) == (str(call.call_id), "0.00205", "0.5")
    assert (row["price_source"], row["price_date"], row["measured"]) == ("test", "2026-11-10", True)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"from": "2026-11-02", "to": "2026-11-01"}, "span_empty"),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "span_too_long"),
    ],
)
async def test_a_time_that_is_none_is_refused(client: httpx.AsyncClient, params: dict[str, str], code: str) -> None:
    assert (await client.get(f"{V1}/usage", params=params)).json()["code"] == code


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-11-22"])
async def test_any_day_can_be_asked_for(client: httpx.AsyncClient, day: str) -> None:
    answers = [await client.get(f"{V1}/usage", params={name: day}) for name in ("from", "to")]

    assert {answer.status_code for answer in answers} <= {200, 422}


async def test_a_page_behind_an_unknown_call_is_empty(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{V1}/calls", params={"cursor": str(new_id())})).json() == {"items": [], "next": None}
