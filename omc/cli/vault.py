"""`omc vault`: the root key that seals every stored key: change it while all runs, and verify that every key opens."""

from dataclasses import asdict

import click

from omc.cli.base import Door, answer, door, json_option, printable, progress, run
from omc.kit.errors import Refusal
from omc.vault.rewrapping import Rotated, Trouble, Verified, forget_root, rotate_root, verify


@click.group(name="vault")
def command() -> None:
    """Look after the root key that seals the stored keys."""


@command.command()
@json_option
def rotate(*, as_json: bool) -> int:
    """Make a new root key and wrap every stored key with it, while everything runs.

    Interrupted, it is finished by running it again; the old root key stays until nothing is sealed under it. Exit code
    1 when a stored key could not be wrapped anew.
    """
    return run(_rotate(as_json=as_json))


async def _rotate(*, as_json: bool) -> int:
    async with door() as opened:
        vault, chosen = opened.vault(), opened.settings
        file = None if chosen.kms_key_id is not None else chosen.root_keys
        done = await rotate_root(opened.database, vault, file, clock=opened.clock, say=progress)
    answer({**asdict(done), "ok": not done.left}, as_json=as_json, shown=lambda: _rotated(done))
    return 1 if done.left else 0


def _rotated(done: Rotated) -> str:
    lines = [f"Sealed under {done.root_id} now; {done.rewrapped} keys wrapped anew."]
    lines += [f"The root key {name} is gone." for name in done.dropped]
    return "\n".join([*lines, *_troubles(done.left)])


@command.command(name="verify")
@json_option
def verify_(*, as_json: bool) -> int:
    """Open every stored key in memory and say which cannot be opened. Exit code 1 when one cannot."""
    return run(_verify(as_json=as_json))


async def _verify(*, as_json: bool) -> int:
    async with door() as opened:
        found = await verify(opened.database, opened.vault())
    answer({**asdict(found), "ok": not found.troubles}, as_json=as_json, shown=lambda: _verified(found))
    return 1 if found.troubles else 0


def _verified(found: Verified) -> str:
    under = f", sealed under {', '.join(found.roots)}" if found.roots else ""
    return "\n".join([f"{found.opened} keys open{under}.", *_troubles(found.troubles)])


def _troubles(troubles: tuple[Trouble, ...]) -> list[str]:
    return [printable(f"“{one.name}” ({one.hint}) cannot be opened: {one.text}") for one in troubles]


@command.command()
@click.argument("root_id")
@click.option("--yes", is_flag=True, help="Needed: what is removed cannot be opened again.")
@json_option
def forget(*, root_id: str, yes: bool, as_json: bool) -> int:
    """Give up the root key ROOT_ID, lost for good: the keys that it sealed are removed and must be entered again."""
    if not yes:
        text = f"This removes every key sealed under {root_id}. Look with `omc vault verify`, then say --yes."
        raise Refusal("not_confirmed", 409, text)
    return run(_forget(root_id, as_json=as_json))


async def _forget(root_id: str, *, as_json: bool) -> int:
    async with door() as opened:
        gone = await _give_up(opened, root_id)
    answer({"root_id": root_id, "removed": gone}, as_json=as_json, shown=lambda: f"{gone} keys removed.")
    return 0


async def _give_up(opened: Door, root_id: str) -> int:
    """Only what cannot be opened is given up."""
    found = await verify(opened.database, opened.vault())
    lost = sum(one.root_id == root_id for one in found.troubles)
    if root_id in found.roots and not lost:
        raise Refusal("root_works", 409, f"The keys sealed under {root_id} open. To change it: omc vault rotate")
    return await forget_root(opened.database, root_id, now=opened.clock())
