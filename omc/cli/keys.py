"""What commands about keys share: the way in, the key from standard input, the roots checked before anything starts."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import click

from omc.cli.base import Door, door
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.secret import Secret
from omc.settings import Settings
from omc.vault.desk import check_roots, open_vault
from omc.vault.proving import Asker

MAX_PIPED_BYTES = 64 * 1024


@asynccontextmanager
async def asking() -> AsyncGenerator[tuple[Door, Asker]]:
    """Come in as the local owner, with what seals and opens keys; refuses while a root key is missing."""
    async with door() as opened:
        vault = opened.vault()
        await check_roots(vault, opened.database)
        yield (
            opened,
            Asker(
                database=opened.database,
                vault=vault,
                clock=opened.clock,
                workspace=opened.workspace,
                person=opened.person,
            ),
        )


def check_keys(settings: Settings, app_url: str) -> None:
    """Refuse to start when a stored key was sealed under a root key that is not here."""

    async def check() -> None:
        database = Database(app_url)
        try:
            await check_roots(open_vault(settings), database)
        finally:
            await database.close()

    asyncio.run(check())


def read_key(*, from_stdin: bool, needed: bool, usage: str) -> Secret | None:
    """Read a key from a pipe, or ask for it unseen at a terminal; it is never an argument, which others could list."""
    if not from_stdin and not needed:
        return None
    if not from_stdin and not sys.stdin.isatty():
        raise Refusal("key_missing", 422, f"Pipe the key in: {usage}")
    if sys.stdin.isatty():
        return Secret(click.prompt("Key (not shown)", hide_input=True, default="", show_default=False, err=True))
    piped = sys.stdin.buffer.read(MAX_PIPED_BYTES + 1)
    if len(piped) > MAX_PIPED_BYTES:
        raise Refusal("key_too_long", 422, "Standard input holds far more than a key. Pipe in the key alone.")
    try:
        return Secret(piped.decode())
    except UnicodeDecodeError:
        raise Refusal("key_characters", 422, "Standard input is not text. Pipe in the key alone.") from None
