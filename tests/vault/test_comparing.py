"""Models are compared by what is known of them, and recommended only from what was measured here."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.vault import caps as capping
from omc.vault import spend, tariff
from omc.vault.advice import Recommendation, at_least, recommend
from omc.vault.caps import Caps
from omc.vault.comparing import Compared, Comparison, Stats, ToolRecord, Typical, compare
from omc.vault.prices import OWN, Override, Usage, ceiling, price_of
from tests.vault.money import NOW, TWO_TEN, a_call, a_key

KEY = new_id()
TYPICAL = Typical(calls=9, usage=Usage(input=10_000, output=1_000), longest=50_000)


@pytest.fixture
async def session(database: Database, workspace: UUID) -> AsyncIterator[AsyncSession]:
    async with database.session(workspace) as session:
        none = Caps(per_call=None, per_session=None, per_day=None, per_month=None)
        await capping.set_caps(session, none, person_id=new_id(), now=NOW)
        yield session


def a_row(
    model: str,
    *,
    base_url: str | None = None,
    free: bool = False,
    context: int | None = 1_000_000,
    stats: Stats | None = None,
    tool_record: ToolRecord | None = None,
) -> Compared:
    provider = "openai-compatible" if base_url else "openai"
    return Compared(
        credential_id=KEY,
        credential="Work",
        provider=provider,
        model=model,
        kind="language",
        price=price_of(provider, base_url, model, override=None, free=free, at=NOW),
        context=context,
        tools=True,
        streaming=True,
        effort=None,
        stats=stats,
        tool_record=tool_record,
    )


def measured(latency_ms: int, *, calls: int = 20, failed: int = 0) -> Stats:
    return Stats(
        calls=calls, failed=failed, latency_ms=latency_ms, tokens_per_s=40.0, sessions=3, session_cost=Decimal(1)
    )


def advised(*rows: Compared, typical: Typical | None = TYPICAL) -> dict[str, Recommendation]:
    return {found.kind: found for found in recommend(Comparison(rows=rows, typical=typical))}


# --- the table --------------------------------------------------------------------------------------------------------


async def test_every_model_that_a_key_reaches_is_a_row_with_its_price(session: AsyncSession, workspace: UUID) -> None:
    await a_key(session, workspace, models=("gpt-6.1-sol", "gpt-99-unheard-of"))
    local = await a_key(
        session,
        workspace,
        provider="openai-compatible",
        name="Ollama",
        base_url="http://127.0.0.1:11434/v1",
        models=("qwen3:32b", "gpt-6.1-sol"),
    )
    mine = Override(input=Decimal("0.5"), output=Decimal(1), date=NOW.date())
    await tariff.set_price(session, local, "qwen3:32b", mine, person_id=new_id(), now=NOW)

    rows = {(row.credential, row.model): row for row in (await compare(session, {}, now=NOW)).rows}

    sol, unheard = rows["Work", "gpt-6.1-sol"], rows["Work", "gpt-99-unheard-of"]
    own, namesake = rows["Ollama", "qwen3:32b"], rows["Ollama", "gpt-6.1-sol"]
    assert sol.price is not None
    assert (sol.context, sol.tools, sol.effort, sol.kind) == (1_050_000, True, True, "language")
    assert (unheard.price, unheard.context, unheard.stats) == (None, None, None)
    assert own.price is not None
    assert (own.price.source, own.tools) == (OWN, None)
    assert namesake.price is None


async def test_a_row_tells_how_the_model_did_on_the_workspaces_own_calls(
    session: AsyncSession, workspace: UUID
) -> None:
    key = await a_key(session, workspace, models=("sol",))
    first, second = new_id(), new_id()
    for number, served in enumerate([first, first, second, second, second]):
        call = a_call(key, session_id=served, step=number)
        await made(session, call, Usage(input=1_000 * number, output=100), latency_ms=1_000 + number)
    await made(session, a_call(key, session_id=second), None, latency_ms=60_000, failure="timeout")
    await made(session, a_call(key), Usage(input=1, output=1), latency_ms=1)

    comparison = await compare(session, {(key, "sol"): ToolRecord(calls=8, succeeded=7)}, now=NOW)

    (row,) = comparison.rows
    assert row.stats == Stats(
        calls=6, failed=1, latency_ms=1_002, tokens_per_s=99.8, sessions=2, session_cost=Decimal("0.004")
    )
    assert row.tool_record == ToolRecord(calls=8, succeeded=7)
    assert comparison.typical == Typical(calls=5, usage=Usage(input=2_000, output=100), longest=4_000)


async def test_calls_of_a_quarter_ago_are_not_counted(session: AsyncSession, workspace: UUID) -> None:
    key = await a_key(session, workspace, models=("sol",))
    await made(session, a_call(key, session_id=new_id()), Usage(input=1), latency_ms=1)

    later = await compare(session, {}, now=NOW + timedelta(days=91))

    assert (later.rows[0].stats, later.typical) == (None, None)


async def made(
    session: AsyncSession, call: spend.Booking, usage: Usage | None, *, latency_ms: int, failure: str | None = None
) -> None:
    amount = ceiling(TWO_TEN, input_tokens=0, max_tokens=0) if usage is None else Decimal(1)
    await spend.reserve(session, call, price=TWO_TEN, amount=amount, session_cap=None, now=NOW)
    await spend.settle(
        session,
        call.call_id,
        usage=usage,
        finish="stop",
        latency_ms=latency_ms,
        first_token_ms=None,
        failure=failure,
        now=NOW,
    )


# --- what is recommended ----------------------------------------------------------------------------------------------


def test_the_cheapest_that_fits_says_what_a_median_call_costs_and_from_how_many() -> None:
    found = advised(a_row("gpt-6.1-sol"), a_row("gpt-6.1-terra"), a_row("gpt-6-luna"))["cheapest"]

    assert found.model == "gpt-6-luna"
    assert found.text == (
        "Your median call of 9 had 10,000 tokens in and 1,000 out: $0.0015 here, $0.015 with gpt-6.1-terra, the next "
        "of the 3 that fit. Your longest request had 50,000 tokens; its context holds 1,000,000 tokens."
    )


def test_a_model_whose_context_is_too_small_is_not_the_cheapest() -> None:
    rows = a_row("gpt-6-luna", context=49_999), a_row("gpt-6.1-sol"), a_row("gpt-6.1-terra")

    assert advised(*rows)["cheapest"].model == "gpt-6.1-terra"


def test_an_unknown_price_is_never_the_cheapest() -> None:
    local = "http://127.0.0.1:11434/v1"
    rows = a_row("mystery", base_url=local), a_row("gpt-6.1-sol"), a_row("gpt-6.1-terra")

    assert advised(*rows)["cheapest"].model == "gpt-6.1-terra"
    assert "as its server is declared free" in advised(*rows, a_row("qwen", base_url=local, free=True))["cheapest"].text


def test_the_fastest_is_the_one_with_the_shortest_median_on_own_calls() -> None:
    found = advised(a_row("slow", stats=measured(4_000)), a_row("quick", stats=measured(1_250)))["fastest"]

    assert found.model == "quick"
    assert "1.2 s over 20 of your calls" in found.text


def test_the_most_reliable_is_the_one_that_can_be_most_trusted_on_its_cases() -> None:
    few, many = ToolRecord(calls=5, succeeded=5), ToolRecord(calls=100, succeeded=99)
    found = advised(a_row("few", tool_record=few), a_row("many", tool_record=many))["most_reliable"]

    assert found.model == "many"
    assert "99 of its 100 tool calls" in found.text


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (a_row("only", stats=measured(10), tool_record=ToolRecord(calls=9, succeeded=9)),),
        (a_row("a", stats=measured(10, calls=4)), a_row("b", stats=measured(20, calls=9, failed=5))),
        (a_row("a", tool_record=ToolRecord(calls=4, succeeded=4)), a_row("b")),
    ],
)
def test_nothing_is_recommended_from_too_little(rows: tuple[Compared, ...]) -> None:
    few = Typical(calls=4, usage=Usage(input=1, output=1), longest=1)

    assert not advised(*rows, typical=few)
    assert not advised(*rows, typical=None)


def test_a_lower_bound_is_wilsons() -> None:
    assert round(at_least(ToolRecord(calls=10, succeeded=9)), 4) == 0.5958
    assert at_least(ToolRecord(calls=10, succeeded=0)) == 0
