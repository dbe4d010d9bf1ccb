"""Sealed keys: they open in their own place only, whatever is copied or changed."""

import logging
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from omc.kit.ids import new_id
from omc.kit.secret import Secret
from omc.vault.sealing import (
    BrokenSealError,
    Keyring,
    LocalRoot,
    Place,
    Root,
    SealError,
    UnknownRootError,
    root_of,
)

KEY = Secret("sk-ant-api03-0123456789abcdefghij9fQ2")


class Memory:
    """Roots in this process: the last one given is the current one."""

    def __init__(self, *ids: str) -> None:
        self.roots = {name: LocalRoot(name, AESGCM(AESGCM.generate_key(256))) for name in ids}
        self.newest = ids[-1]

    async def current(self) -> Root:
        return self.roots[self.newest]

    async def find(self, root_id: str) -> Root:
        if root_id not in self.roots:
            raise UnknownRootError(root_id)
        return self.roots[root_id]


def a_place(**changes: object) -> Place:
    return replace(Place(workspace_id=new_id(), credential_id=new_id()), **changes)


async def test_a_sealed_key_opens_in_its_place() -> None:
    keyring, place = Keyring(roots=Memory("a")), a_place()
    made = await keyring.seal(KEY, place)
    assert await keyring.open(made.sealed, place) == KEY
    assert (made.root_id, root_of(made.sealed)) == ("a", "a")


async def test_the_same_key_sealed_twice_has_nothing_in_common() -> None:
    keyring, place = Keyring(roots=Memory("a")), a_place()
    one, two = (await keyring.seal(KEY, place)).sealed, (await keyring.seal(KEY, place)).sealed
    head = 3
    assert not {one[i : i + 8] for i in range(head + 2, len(one))} & {two[i : i + 8] for i in range(head + 2, len(two))}
    assert KEY.reveal().encode() not in one


@pytest.mark.parametrize("field", ["workspace_id", "credential_id", "purpose"])
async def test_bytes_copied_elsewhere_do_not_open(field: str) -> None:
    keyring, place = Keyring(roots=Memory("a")), a_place()
    made = await keyring.seal(KEY, place)
    other = replace(place, **{field: "webhook" if field == "purpose" else new_id()})
    with pytest.raises(BrokenSealError):
        await keyring.open(made.sealed, other)
    with pytest.raises(BrokenSealError):
        await keyring.rewrap(made.sealed, other)


async def test_a_data_key_of_another_credential_does_not_open_this_one() -> None:
    keyring, place = Keyring(roots=Memory("a")), a_place()
    one, two = await keyring.seal(KEY, place), await keyring.seal(KEY, place)
    wrapped = 2 + 1 + 2 + 12 + 32 + 16
    with pytest.raises(BrokenSealError):
        await keyring.open(one.sealed[:wrapped] + two.sealed[wrapped:], place)


async def test_no_bit_can_be_changed() -> None:
    keyring, place = Keyring(roots=Memory("a")), a_place()
    sealed = (await keyring.seal(KEY, place)).sealed
    for at in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[at // 8] ^= 1 << at % 8
        with pytest.raises(SealError):
            await keyring.open(bytes(changed), place)


async def test_cut_bytes_do_not_open_and_do_not_break() -> None:
    keyring, place = Keyring(roots=Memory("a")), a_place()
    sealed = (await keyring.seal(KEY, place)).sealed
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            await keyring.open(sealed[:length], place)


@given(st.binary(max_size=300))
async def test_random_bytes_are_a_seal_error(noise: bytes) -> None:
    with pytest.raises(SealError):
        await Keyring(roots=Memory("a")).open(noise, a_place())


@given(text=st.text(st.characters(codec="utf-8"), max_size=200), workspace=st.uuids(), credential=st.uuids())
async def test_any_text_comes_back(text: str, workspace: UUID, credential: UUID) -> None:
    keyring, place = Keyring(roots=Memory("a")), Place(workspace_id=workspace, credential_id=credential)
    assert (await keyring.open((await keyring.seal(Secret(text), place)).sealed, place)).reveal() == text


async def test_a_key_wrapped_anew_opens_with_the_new_root_alone() -> None:
    roots, place = Memory("old", "new"), a_place()
    roots.newest = "old"
    made = await Keyring(roots=roots).seal(KEY, place)
    roots.newest = "new"
    moved = await Keyring(roots=roots).rewrap(made.sealed, place)
    del roots.roots["old"]
    assert moved.root_id == "new"
    assert await Keyring(roots=roots).open(moved.sealed, place) == KEY
    with pytest.raises(UnknownRootError, match="'old'"):
        await Keyring(roots=roots).open(made.sealed, place)


async def test_nothing_of_a_key_is_in_what_is_printed_logged_or_raised(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keyring, place = Keyring(roots=Memory("a")), a_place()
    made = await keyring.seal(KEY, place)
    with pytest.raises(BrokenSealError) as caught:
        await keyring.open(made.sealed, a_place())
    shown = f"{KEY!r} {KEY} {keyring!r} {place!r} {caught.value!r} {caught.value.__cause__!r} {caplog.text}"
    assert "9fQ2" not in shown
    assert caught.value.__suppress_context__
