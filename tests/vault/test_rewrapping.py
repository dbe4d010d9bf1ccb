"""Changing the root key while all runs: nothing is lost to a kill, to a seal under way, or to a lost file."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import InstallationError
from omc.kit.ids import new_id
from omc.kit.postgres import ServerUrls
from omc.kit.secret import Secret
from omc.settings import Settings
from omc.vault.desk import Vault, check_roots, open_vault
from omc.vault.rewrapping import Rotated, forget_root, rotate_root, verify
from omc.vault.roots import read_roots
from omc.vault.rules import KeyState
from omc.vault.service import Tried, Wish, add
from tests.cli.commands import installation, json_of, omc

PASSED = Tried(state=KeyState.WORKING, note="", passed=True, latency_ms=1, models=("m",), model="m")
MANY, WORKSPACES = 350, 5
PATIENCE_S = 60


@dataclass(frozen=True, kw_only=True)
class House:
    """An installation of its own: roots belong to the whole of one."""

    database: Database
    urls: ServerUrls
    settings: Settings

    def vault(self) -> Vault:
        """The tools of a process that starts now."""
        return open_vault(self.settings)

    async def rotate(self) -> Rotated:
        return await rotate_root(
            self.database, self.vault(), self.settings.root_keys, clock=utc_now, say=lambda _text: None
        )

    async def store(self, count: int, vault: Vault | None = None) -> UUID:
        """Store keys in a workspace of their own."""
        workspace = new_id()
        async with self.database.session(workspace) as session:
            for number in range(count):
                await add(
                    session,
                    vault or self.vault(),
                    wish(number),
                    PASSED,
                    workspace=workspace,
                    by=new_id(),
                    now=utc_now(),
                )
        return workspace


def wish(number: int) -> Wish:
    key = Secret(f"sk-planted-{number:04}-0123456789")
    return Wish(provider="openai", name=f"Key {number}", base_url=None, key=key, hint="sk-…6789")


@pytest.fixture
async def house(own_database: ServerUrls, tmp_path: Path) -> AsyncIterator[House]:
    database = Database(own_database.app)
    yield House(
        database=database,
        urls=own_database,
        settings=Settings(data_dir=tmp_path / "data", root_key_file=tmp_path / "elsewhere" / "root.json"),
    )
    await database.close()


async def test_keys_of_all_workspaces_move_and_the_old_root_is_gone(house: House) -> None:
    running = house.vault()
    await house.store(3, running)
    await house.store(2, running)
    before = read_roots(house.settings.root_keys).current
    done = await house.rotate()
    assert (done.rewrapped, done.dropped, done.left, done.resumed) == (5, (before,), (), False)
    assert list(read_roots(house.settings.root_keys).keys) == [done.root_id]
    for vault in (running, house.vault()):
        found = await verify(house.database, vault)
        assert (found.opened, found.troubles, found.roots) == (5, (), (done.root_id,))
    await house.store(1, running)
    assert (await verify(house.database, house.vault())).roots == (done.root_id,)
    await check_roots(house.vault(), house.database)


async def test_a_key_that_is_being_sealed_meanwhile_is_not_lost(house: House) -> None:
    await house.store(1)
    running, workspace = house.vault(), new_id()
    async with house.database.session(workspace) as session:
        await add(session, running, wish(1), PASSED, workspace=workspace, by=new_id(), now=utc_now())
        rotating = asyncio.get_running_loop().create_task(house.rotate(), name="rotate")
        await asyncio.sleep(0.3)
        assert not rotating.done(), "the rotation waits for whoever seals under the old root"
    done = await asyncio.wait_for(rotating, PATIENCE_S)
    assert done.rewrapped == 2
    found = await verify(house.database, house.vault())
    assert (found.opened, found.troubles) == (2, ())


async def test_keys_sealed_all_the_while_end_under_the_new_root(house: House) -> None:
    await house.store(30)
    running = house.vault()

    async def storing() -> None:
        for _ in range(10):
            await house.store(2, running)

    _, done = await asyncio.gather(storing(), house.rotate())
    found = await verify(house.database, house.vault())
    assert (found.opened, found.troubles, found.roots) == (50, (), (done.root_id,))


@pytest.mark.slow
async def test_killed_in_the_middle_it_is_finished_by_running_it_again(house: House, tmp_path: Path) -> None:
    for _ in range(WORKSPACES):
        await house.store(MANY // WORKSPACES)
    env = installation(tmp_path / "data", house.urls, root_key_file=str(house.settings.root_keys))
    assert await asyncio.to_thread(killed_midway, env) == -signal.SIGKILL
    roots = read_roots(house.settings.root_keys)
    assert len(roots.keys) == 2, "the old root stays while keys are sealed under it"
    found = await verify(house.database, house.vault())
    assert (found.opened, found.troubles, len(found.roots)) == (MANY, (), 2)
    again = json_of(await asyncio.to_thread(omc, "vault", "rotate", "--json", env=env))
    assert (again["resumed"], again["root_id"], again["ok"]) == (True, roots.current, True)
    rewrapped = again["rewrapped"]
    assert isinstance(rewrapped, int)
    assert 0 < rewrapped <= MANY - 100
    checked = json_of(await asyncio.to_thread(omc, "vault", "verify", "--json", env=env))
    assert (checked["opened"], checked["ok"], checked["roots"]) == (MANY, True, [roots.current])
    assert list(read_roots(house.settings.root_keys).keys) == [roots.current]


def killed_midway(env: Mapping[str, str]) -> int:
    """Run the command until it tells of its first keys; returns how it ended."""
    command = [sys.executable, "-m", "omc.cli", "vault", "rotate"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if "wrapped anew" in line:
                child.send_signal(signal.SIGKILL)
                break
    return child.returncode


async def test_killed_before_the_first_key_or_after_the_last_it_is_finished_too(house: House) -> None:
    await house.store(2)
    file = house.settings.root_keys
    kept = file.read_text()
    old, first = read_roots(file).current, (await house.rotate()).root_id
    both = json.loads(file.read_text())
    both["keys"] |= json.loads(kept)["keys"]
    file.write_text(json.dumps(both))
    done = await house.rotate()
    assert (done.resumed, done.root_id, done.rewrapped, done.dropped) == (True, first, 0, (old,))


async def test_a_changed_row_is_named_and_keeps_its_root(house: House) -> None:
    await house.store(2)
    await house.store(1)
    with psycopg.connect(house.urls.superuser) as connection:
        connection.execute(
            "UPDATE vault_credential SET sealed = set_byte(sealed, 80, get_byte(sealed, 80) # 1) WHERE name = 'Key 1'"
        )
    (trouble,) = (await verify(house.database, house.vault())).troubles
    assert (trouble.name, trouble.hint) == ("Key 1", "sk-…6789")
    done = await house.rotate()
    assert ([one.name for one in done.left], done.rewrapped) == (["Key 1"], 2)
    assert len(read_roots(house.settings.root_keys).keys) == 2


async def test_a_start_without_the_root_is_refused_and_there_is_a_way_out(house: House) -> None:
    workspace = await house.store(2)
    root_id = read_roots(house.settings.root_keys).current
    house.settings.root_keys.unlink()
    with pytest.raises(InstallationError, match=f"{root_id}.*Put the root key file.*omc vault forget {root_id}"):
        await check_roots(house.vault(), house.database)
    assert len((await verify(house.database, house.vault())).troubles) == 2
    assert await forget_root(house.database, root_id, now=utc_now()) == 2
    await check_roots(house.vault(), house.database)
    async with house.database.session(workspace) as session:
        row = (await session.execute(text("SELECT name, sealed FROM vault_credential ORDER BY id"))).first()
    assert row is not None
    assert (row.sealed, row.name) == (None, "Key 0")
