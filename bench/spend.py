"""Whether a cap holds when fifty calls meet it at once, a thousand times, and what reserving and settling take.

Run `python bench/spend.py`; `--json` for one object, `--trials` for fewer. It starts its own PostgreSQL in a temporary
folder, with the durability that the product has. A trial is a fresh workspace with a $1.00 cap and fifty workers that
each reserve, call and settle, in transactions of their own; some are killed in between and some are not billed.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.kit.migrate import upgrade
from omc.kit.postgres import EmbeddedPostgres
from omc.vault import spend
from omc.vault.caps import Caps, day_scope, set_caps
from omc.vault.prices import Price, Rates, Usage, ceiling
from omc.vault.spend import Booking
from omc.vault.tables import CallRow, CredentialRow

TRIALS = 1_000
CALLERS = 50
CAP = Decimal(1)
ROUNDS = 300
INPUT_TOKENS, MAX_TOKENS = 20_000, 8_000
START = datetime(2026, 11, 22, tzinfo=UTC)
RATES = Rates(input=Decimal(2), output=Decimal(10), cache_read=Decimal("0.1"), cache_write=Decimal("2.5"))
PRICE = Price(source="bench", date=date(2026, 11, 10), model="sol", tiers=(RATES,))
MOST = ceiling(PRICE, input_tokens=INPUT_TOKENS, max_tokens=MAX_TOKENS)


async def a_key(database: Database, workspace: UUID, cap: Decimal | None) -> UUID:
    """Make a workspace with one key and this cap of a day."""
    async with database.session(workspace) as session:
        caps = Caps(per_call=None, per_session=None, per_day=cap, per_month=None)
        await set_caps(session, caps, person_id=new_id(), now=START)
        key = new_id()
        session.add(
            CredentialRow(
                workspace_id=workspace,
                id=key,
                provider="openai",
                name="bench",
                state="working",
                created_by=new_id(),
                created_at=START,
            )
        )
    return key


def a_call(key: UUID, session_id: UUID) -> Booking:
    """Return a call that nobody made before."""
    return Booking(
        call_id=new_id(),
        session_id=session_id,
        step=1,
        attempt=1,
        tried=1,
        credential_id=key,
        provider="openai",
        model="sol",
        purpose="session",
    )


async def reserve(database: Database, workspace: UUID, booking: Booking) -> None:
    """Reserve as a worker does: in a transaction of its own."""
    async with database.session(workspace) as session:
        await spend.reserve(session, booking, price=PRICE, amount=MOST, session_cap=None, now=START)


async def settle(database: Database, workspace: UUID, booking: Booking, usage: Usage | None) -> None:
    """Settle as a worker does."""
    async with database.session(workspace) as session:
        await spend.settle(
            session,
            booking.call_id,
            usage=usage,
            finish="stop",
            latency_ms=900,
            first_token_ms=None,
            failure=None,
            now=START,
        )


async def work(database: Database, workspace: UUID, booking: Booking, chance: random.Random) -> str:
    """Make one call; return what became of it."""
    usage = Usage(input=chance.randrange(INPUT_TOKENS), output=chance.randrange(MAX_TOKENS))
    fate = chance.choices(("settled", "unmeasured", "released", "killed"), (80, 10, 5, 5))[0]
    try:
        await reserve(database, workspace, booking)
    except Refusal:
        return "refused"
    if fate == "released":
        async with database.session(workspace) as session:
            await spend.release(session, booking.call_id, latency_ms=1, failure="refused", now=START)
    elif fate != "killed":
        await settle(database, workspace, booking, None if fate == "unmeasured" else usage)
    return fate


async def trial(database: Database, number: int) -> tuple[Decimal, Decimal, Decimal, list[str]]:
    """(spent, reserved, sum of the calls, fates) after fifty calls at once."""
    workspace, session_id = new_id(), new_id()
    key = await a_key(database, workspace, CAP)
    chances = [random.Random(number * CALLERS + caller) for caller in range(CALLERS)]
    runs = [work(database, workspace, a_call(key, session_id), chance) for chance in chances]
    fates = list(await asyncio.gather(*runs))
    async with database.session(workspace) as session:
        await spend.settle_lost(session, session_id, None, now=START)
        standing = (await spend.standings(session, [day_scope(START)]))[day_scope(START)]
        booked = await session.scalar(select(func.sum(CallRow.cost)))
    return standing.spent, standing.reserved, booked or Decimal(0), fates


async def timed(database: Database) -> dict[str, float]:
    """Milliseconds of reserving and of settling, one call after another."""
    workspace, session_id = new_id(), new_id()
    key = await a_key(database, workspace, None)
    taken: dict[str, list[float]] = {"reserve": [], "settle": []}
    for _ in range(ROUNDS):
        booking = a_call(key, session_id)
        at = time.perf_counter()
        await reserve(database, workspace, booking)
        between = time.perf_counter()
        await settle(database, workspace, booking, Usage(input=1_000, output=100))
        taken["reserve"].append(between - at)
        taken["settle"].append(time.perf_counter() - between)
    found: dict[str, float] = {}
    for verb, seconds in taken.items():
        parts = statistics.quantiles(seconds, n=20)
        found[f"{verb}, own transaction, p50, ms"] = round(parts[9] * 1_000, 2)
        found[f"{verb}, own transaction, p95, ms"] = round(parts[18] * 1_000, 2)
    return found


async def measure(url: str, trials: int) -> dict[str, float | str]:
    """Return every figure; a cap that was passed is a failed assertion."""
    database = Database(url)
    await timed(database)
    figures: dict[str, float | str] = dict(await timed(database))
    begun, most, fates = utc_now(), Decimal(0), list[str]()
    for number in range(trials):
        spent, reserved, booked, became = await trial(database, number)
        assert spent <= CAP, f"trial {number} spent {spent}"
        assert (reserved, spent) == (0, booked), f"trial {number}: {reserved} reserved, {spent} spent, {booked} booked"
        most = max(most, spent)
        fates += became
    await database.close()
    counted = {f"calls {fate}": fates.count(fate) for fate in sorted(set(fates))}
    seconds = round((utc_now() - begun).total_seconds(), 1)
    return {**figures, "trials": trials, "most settled in a trial, $": str(most), **counted, "seconds": seconds}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trials", type=int, default=TRIALS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="omc-bench-") as directory:
        server = EmbeddedPostgres(Path(directory))
        urls = server.start()
        try:
            upgrade(urls.owner)
            figures = asyncio.run(measure(urls.app, arguments.trials))
        finally:
            server.stop()
    shown = "\n".join(f"{name}: {value}" for name, value in figures.items())
    print(json.dumps(figures) if arguments.json else shown)


if __name__ == "__main__":
    main()
