"""How long a stored key takes to open, on a PostgreSQL of its own in a temporary directory.

Run: `.venv/bin/python bench/vault.py`. Prints p50 and p95. The peers do the same on the same bytes: one layer of
AES-GCM without a data key of its own, and MultiFernet, which binds nothing to a place.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text

from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.log import set_up
from omc.kit.migrate import upgrade
from omc.kit.postgres import EmbeddedPostgres
from omc.kit.secret import Secret
from omc.settings import Settings
from omc.vault.desk import Vault, open_vault
from omc.vault.opening import open_key
from omc.vault.rules import KeyState
from omc.vault.sealing import Place
from omc.vault.service import Tried, Wish, add

KEY = Secret("sk-ant-api03-" + "0123456789abcdef" * 6)
OPENS, READS = 20_000, 1_000
READ = text("SELECT workspace_id, sealed FROM vault_credential WHERE id = :id")


async def timed(what: str, work: Callable[[], Awaitable[object]], *, times: int, reach_us: float | None = None) -> None:
    """Print how long single runs take, in microseconds."""
    for _ in range(times // 20):
        await work()
    took: list[float] = []
    for _ in range(times):
        began = time.perf_counter_ns()
        await work()
        took.append((time.perf_counter_ns() - began) / 1_000)
    p95 = statistics.quantiles(took, n=20)[-1]
    verdict = "" if reach_us is None else f"  reach {reach_us:,.0f}: {'ok' if p95 <= reach_us else 'MISSED'}"
    print(f"{what:<44} p50 {statistics.median(took):>9,.1f} µs   p95 {p95:>9,.1f} µs{verdict}")


async def peers() -> None:
    """Print what others need for the same bytes."""
    plain, nonce = KEY.reveal().encode(), os.urandom(12)
    cipher = AESGCM(AESGCM.generate_key(256))
    direct = cipher.encrypt(nonce, plain, b"place")
    several = MultiFernet([Fernet(Fernet.generate_key()) for _ in range(2)])
    token = several.encrypt(plain)

    async def one_layer() -> None:
        cipher.decrypt(nonce, direct, b"place")

    async def fernet() -> None:
        several.decrypt(token)

    await timed("peer: one layer, no data key", one_layer, times=OPENS)
    await timed("peer: MultiFernet, bound to no place", fernet, times=OPENS)


async def store(database: Database, vault: Vault, workspace: UUID) -> UUID:
    """Store one key."""
    wish = Wish(provider="anthropic", name="Bench", base_url=None, key=KEY, hint="sk-ant-…cdef")
    tried = Tried(state=KeyState.WORKING, note="", passed=True, latency_ms=1, models=("m",), model="m")
    async with database.session(workspace) as session:
        row = await add(session, vault, wish, tried, workspace=workspace, by=new_id(), now=utc_now())
        return row.id


async def measure(url: str, directory: Path) -> None:
    """Open keys with and without the database."""
    database, vault, workspace = Database(url), open_vault(Settings(data_dir=directory)), new_id()
    place = Place(workspace_id=workspace, credential_id=new_id())
    made = await vault.keyring.seal(KEY, place)
    credential_id = await store(database, vault, workspace)

    async def from_memory() -> None:
        # The place is made anew, as it is by whoever has read a row.
        await vault.keyring.open(made.sealed, Place(workspace_id=workspace, credential_id=place.credential_id))

    async def seal() -> None:
        await vault.keyring.seal(KEY, place)

    await timed("unwrap and decrypt", from_memory, times=OPENS, reach_us=20)
    await timed("seal (the root file looked at each time)", seal, times=OPENS)
    await peers()
    async with database.session(workspace) as session:

        async def read_and_open() -> None:
            row = (await session.execute(READ, {"id": credential_id})).one()
            await vault.keyring.open(row.sealed, Place(workspace_id=row.workspace_id, credential_id=credential_id))

        await timed("with the database read", read_and_open, times=READS, reach_us=2_000)

        async def from_database() -> None:
            await open_key(session, vault, credential_id, purpose="bench")

        await timed("with the audit entry as well", from_database, times=READS)

    async def in_a_transaction() -> None:
        async with database.session(workspace) as inner:
            await open_key(inner, vault, credential_id, purpose="bench")

    await timed("the same in a transaction of its own", in_a_transaction, times=READS)
    await database.close()


def main() -> None:
    """Run."""
    set_up(level="warning", style="text")
    with tempfile.TemporaryDirectory(prefix="omc-bench-") as name:
        server = EmbeddedPostgres(Path(name))
        urls = server.start()
        try:
            upgrade(urls.owner)
            asyncio.run(measure(urls.app, Path(name)))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
