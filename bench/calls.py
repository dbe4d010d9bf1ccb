"""What a person's own model adds to a session: at its start, and around every call of it.

Run `python -m bench.calls`. It starts its own PostgreSQL, with the durability that the product has, and the simulated
provider with a latency of 50 ms in a process of its own. The overhead of a call is its step's time without the time
on the wire: reserve, open the key, settle, post the bill, write transcript and events. The peer of an opening is the
built-in analyst's.
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
from omc.kit.ids import new_id
from omc.kit.log import set_up
from omc.kit.migrate import upgrade
from omc.kit.postgres import EmbeddedPostgres
from omc.kit.secret import Secret
from omc.kit.work import Context
from omc.lab import service
from omc.lab.agent import run_turn
from omc.lab.models import resolve
from omc.lab.service import Opening
from omc.ledgers.markets import Made, make_markets
from omc.settings import Settings
from omc.vault import outbound
from omc.vault.desk import Vault, open_vault
from omc.vault.prices import Override
from omc.vault.rules import KeyState
from omc.vault.service import Tried, Wish, add
from omc.vault.tariff import set_price
from tests.lab.builders import GOAL, YEAR

KEY, MODEL = "sk-sim-0123456789abcdefghijklmnop", "sim-1"
PATHS = {"openai": "/v1", "anthropic": "", "google": "", "openai-compatible": "/v1"}
SESSIONS, OPENINGS = 5, 60

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
            print(f"{kind:18} overhead of a call, p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  n={len(found)}")
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
