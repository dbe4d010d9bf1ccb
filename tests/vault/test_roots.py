"""The root key file: made once, closed to others, replaced whole, and followed by whoever is already running."""

import json
import stat
import threading
from pathlib import Path

import pytest

from omc.kit.ids import new_id
from omc.kit.secret import Secret
from omc.vault.roots import FileRoots, RootFileError, add_root, drop_roots, ensure_roots, read_roots
from omc.vault.sealing import Keyring, Place, RootAwayError, UnknownRootError

KEY = Secret("sk-0123456789abcdefghij")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "root-key.json"
    ensure_roots(path)
    return path


def test_it_is_made_for_its_owner_alone_and_then_left_as_it_is(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    ensure_roots(file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_of_many_who_make_it_at_once_all_get_the_same(tmp_path: Path) -> None:
    path, barrier = tmp_path / "root-key.json", threading.Barrier(8)
    seen: list[str] = []

    def make() -> None:
        barrier.wait()
        ensure_roots(path)
        seen.append(read_roots(path).current)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o602])
def test_a_file_that_others_may_read_or_write_is_refused_with_what_to_do(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(RootFileError, match=r"chmod 600 .*root-key\.json"):
        ensure_roots(file)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"current": "a"}',
        '{"current": "a", "keys": {}}',
        '{"current": "a", "keys": {"a": "c2hvcnQ="}}',
        '{"current": "a", "keys": {"a": "?"}}',
        '{"current": 1, "keys": []}',
        "\x00\xff",
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(RootFileError, match="damaged"):
        ensure_roots(file)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RootFileError, match="OMC_ROOT_KEY_FILE"):
        ensure_roots(tmp_path / "file" / "root-key.json")


async def test_whoever_runs_already_seals_under_a_new_root_at_once_and_opens_both(file: Path) -> None:
    running, place = Keyring(roots=FileRoots(file)), Place(workspace_id=new_id(), credential_id=new_id())
    before = await running.seal(KEY, place)
    fresh = add_root(file)
    after = await running.seal(KEY, place)
    assert after.root_id == fresh != before.root_id
    for made in (before, after):
        assert await running.open(made.sealed, place) == KEY


async def test_whoever_only_opens_finds_a_root_that_was_added_while_he_ran(file: Path) -> None:
    reader, place = Keyring(roots=FileRoots(file)), Place(workspace_id=new_id(), credential_id=new_id())
    first = await Keyring(roots=FileRoots(file)).seal(KEY, place)
    assert await reader.open(first.sealed, place) == KEY
    add_root(file)
    second = await Keyring(roots=FileRoots(file)).seal(KEY, place)
    assert await reader.open(second.sealed, place) == KEY


async def test_a_dropped_root_opens_nothing_any_more_and_the_current_one_is_never_dropped(file: Path) -> None:
    place = Place(workspace_id=new_id(), credential_id=new_id())
    old = await Keyring(roots=FileRoots(file)).seal(KEY, place)
    fresh = add_root(file)
    assert drop_roots(file, still_used=frozenset({old.root_id})) == []
    assert drop_roots(file, still_used=frozenset()) == [old.root_id]
    assert list(json.loads(file.read_text())["keys"]) == [fresh]
    with pytest.raises(UnknownRootError):
        await Keyring(roots=FileRoots(file)).open(old.sealed, place)


async def test_without_its_file_a_running_process_opens_on_but_seals_nothing(file: Path) -> None:
    keyring, place = Keyring(roots=FileRoots(file)), Place(workspace_id=new_id(), credential_id=new_id())
    made = await keyring.seal(KEY, place)
    file.unlink()
    assert await keyring.open(made.sealed, place) == KEY
    with pytest.raises(RootAwayError, match="not usable"):
        await keyring.seal(KEY, place)
