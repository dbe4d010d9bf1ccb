"""What a person's own model adds to a session: at its start, and around every call of it.

Run `python -m bench.calls`. It starts its own PostgreSQL, with the durability that the product has, and the simulated
provider with a latency of 50 ms in a process of its own.

Two figures are a call's overhead. Its accounting is what money asks for: reserve, settle, record, tell, in two
transactions that are committed to disk. Its step is all that its person waits for without the time on the wire: that,
and building the request from the transcript, opening the key, writing the answer into the transcript. Beside them
stands what the machine gives: a transaction of one statement and its commit; and this process's own share in CPU time,
which a busy machine changes less. The peer of an opening is the built-in analyst's.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from omc.core.ids import PersonId, SessionId, WorkspaceId
from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.events import append_at_end, append_many
from omc.kit.ids import new_id
from omc.kit.log import set_up
from omc.kit.migrate import upgrade
from omc.kit.postgres import EmbeddedPostgres
from omc.kit.secret import Secret
from omc.kit.work import Context
from omc.lab import bills, journal, service
from omc.lab.agent import run_turn
from omc.lab.bills import Settlement
from omc.lab.journal import Card
from omc.lab.models import resolve
from omc.lab.rules import Step, StepKind
from omc.lab.service import Opening, topic
from omc.ledgers.markets import Made, make_markets
from omc.settings import Settings
from omc.vault import outbound, spend
from omc.vault.caps import session_scope
from omc.vault.desk import Vault, open_vault
from omc.vault.prices import Override, Usage
from omc.vault.rules import KeyState
from omc.vault.service import Tried, Wish, add
from omc.vault.spend import Booking
from omc.vault.tariff import quoted, set_price
from tests.lab.builders import GOAL, YEAR

KEY, MODEL = "sk-sim-0123456789abcdefghijklmnop", "sim-1"
PATHS = {"openai": "/v1", "anthropic": "", "google": "", "openai-compatible": "/v1"}
SESSIONS, OPENINGS, ROUNDS = 5, 60, 200

FIRST = Step(kind=StepKind.MODEL, number=1)
CARD = Card(name=MODEL, title="Decides what to do next", input={})
SMALL, USED = Decimal("0.0001"), Usage(input=1, output=1)

# Each model step's time without its call's time on the wire, in milliseconds.
OVERHEAD = text("""
SELECT extract(epoch FROM step.finished_at - step.started_at) * 1000 - call.latency_ms AS ms
FROM lab_step step JOIN vault_call call USING (workspace_id, session_id)
WHERE call.step = step.number AND step.kind = 'model' AND call.credential_id = :key AND call.failure IS NULL
""")


@contextmanager
def provider() -> Generator[str]:
    """The simulated provider, in a process of its own."""
    command = [sys.executable, "-m", "tests.sims.models", "--port", "0", "--key", KEY, "--latency-ms", "50"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield child.stdout.readline().split()[-1]
        finally:
            child.terminate()


async def add_key(context: Context, workspace: UUID, kind: str, url: str) -> UUID:
    """Store a key of this kind, with a price."""
    wish = Wish(provider=kind, name=kind, base_url=url + PATHS[kind], key=Secret(KEY), hint="", default_model=MODEL)
    tried = Tried(state=KeyState.WORKING, note="", passed=True, latency_ms=1, models=(MODEL,), model=MODEL)
    price = Override(input=Decimal(2), output=Decimal(10), date=utc_now().date())
    vault = context.extra["vault"]
    assert isinstance(vault, Vault)
    async with context.database.session(workspace) as session:
        row = await add(session, vault, wish, tried, workspace=workspace, by=new_id(), now=utc_now())
        await set_price(session, row.id, MODEL, price, person_id=new_id(), now=utc_now())
    return row.id


async def opened(context: Context, workspace: WorkspaceId, opening: Opening) -> SessionId:
    """Open one session."""
    async with context.database.session(workspace) as session:
        return await service.open_session(
            session, opening, workspace_id=workspace, person_id=PersonId(new_id()), now=utc_now()
        )


async def opening_ms(context: Context, workspace: WorkspaceId, opening: Opening) -> float:
    """The median time to open a session, in milliseconds."""
    times = []
    for _ in range(OPENINGS):
        began = time.perf_counter()
        session_id = await opened(context, workspace, opening)
        times.append((time.perf_counter() - began) * 1_000)
        async with context.database.session(workspace) as session:
            await service.cancel(session, session_id, utc_now())
    return statistics.median(times)


async def accounting_ms(context: Context, workspace: WorkspaceId, key: UUID) -> tuple[float, float, float]:
    """The median time to reserve and to settle one call, the CPU in it, and two transactions with one event each."""
    session_id = await opened(context, workspace, Opening(goal=GOAL, model=MODEL, credential_id=key))
    async with context.database.session(workspace) as session:
        turn = await journal.claim(session, session_id)
        assert turn is not None
        await journal.begin(session, turn, FIRST, CARD, utc_now())
    taken, worked, nothing = [], [], []
    for tried in range(ROUNDS):
        booking = Booking(
            call_id=new_id(),
            session_id=session_id,
            step=FIRST.number,
            attempt=1,
            tried=tried,
            credential_id=key,
            provider="openai",
            model=MODEL,
            purpose="session",
        )
        began, busy = time.perf_counter(), time.process_time()
        async with journal.fenced(context.database, turn) as (session, held):
            quote = await quoted(session, key, MODEL, now=utc_now())
            stands = await spend.reserve(
                session,
                booking,
                price=quote.price,
                amount=SMALL,
                session_cap=held.cap,
                holding=quote.holding,
                now=utc_now(),
            )
            append_at_end(session, topic(session_id), [bills.told(stands[session_scope(session_id)], held.cap)])
        settlement = Settlement(
            booking=booking,
            cap=held.cap,
            price=quote.price,
            usage=USED,
            finish="stop",
            latency_ms=50,
            reserved=SMALL,
            standing=stands[session_scope(session_id)],
        )
        async with journal.fenced(context.database, turn) as (session, _):
            cost, told = bills.settle_answer(session, session_id, settlement, utc_now())
            bills.add(session, session_id, FIRST.number, cost)
            append_at_end(session, topic(session_id), told)
        between = time.perf_counter()
        worked.append((time.process_time() - busy) * 1_000)
        for _ in range(2):
            async with context.database.session(workspace) as session:
                await append_many(session, topic(session_id), told)
        taken.append((between - began) * 1_000)
        nothing.append((time.perf_counter() - between) * 1_000)
    return statistics.median(taken), statistics.median(worked), statistics.median(nothing)


async def measure(app_url: str, directory: Path, sim: str) -> None:
    """Print every figure."""
    workspace = WorkspaceId(new_id())
    vault = open_vault(Settings(data_dir=directory))
    async with Bus(app_url) as bus:
        context = Context(
            database=Database(app_url), bus=bus, clock=utc_now, data_dir=directory, extra={"vault": vault}
        )
        async with context.database.session(workspace) as session:
            await make_markets(session, Made(symbols=("BTC/USDT",), timeframe="1h", span=YEAR), now=utc_now())
        for kind in PATHS:
            key = await add_key(context, workspace, kind, sim)
            own = Opening(goal=GOAL, model=MODEL, credential_id=key)
            for _ in range(SESSIONS):
                session_id = await opened(context, workspace, own)
                assert await run_turn(context, workspace, session_id, models=resolve) == "done"
            async with context.database.session(workspace) as session:
                found = sorted(float(ms) for ms in await session.scalars(OVERHEAD, {"key": key}))
            p50, p95 = statistics.median(found), found[int(len(found) * 0.95)]
            print(f"{kind:18} a call's step without the wire, p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  n={len(found)}")
        taken, worked, nothing = await accounting_ms(context, workspace, key)
        print(f"accounting of a call, p50 {taken:.1f} ms, of it {worked:.1f} ms of CPU here")
        print(f"two transactions of one event each, p50 {nothing:.1f} ms")
        built_in = await opening_ms(context, workspace, Opening(goal=GOAL, model="analyst"))
        with_key = await opening_ms(context, workspace, own)
        print(
            f"open a session: analyst {built_in:.1f} ms, own key {with_key:.1f} ms, added {with_key - built_in:.1f} ms"
        )
        await outbound.close()
        await context.database.close()


def main() -> None:
    """Measure on a PostgreSQL of its own."""
    set_up(level="error")
    with tempfile.TemporaryDirectory() as directory, provider() as sim:
        server = EmbeddedPostgres(Path(directory) / "postgres")
        urls = server.start()
        try:
            upgrade(urls.owner)
            asyncio.run(measure(urls.app, Path(directory), sim))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
