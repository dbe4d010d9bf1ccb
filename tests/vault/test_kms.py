"""KMS as the root, over its real protocol with the real client library."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from omc.kit.ids import new_id
from omc.kit.secret import Secret
from omc.vault.kms import KmsRoots, connect
from omc.vault.roots import FileRoots, ensure_roots
from omc.vault.sealing import BrokenSealError, Keyring, Place, RootAwayError, UnknownRootError
from tests.sims.kms import Kms, serving_kms

KEY = Secret("sk-ant-api03-0123456789abcdefghij9fQ2")


@pytest.fixture(scope="module")
def _kms() -> Iterator[Kms]:
    with serving_kms() as kms:
        yield kms


@pytest.fixture
def kms(_kms: Kms, monkeypatch: pytest.MonkeyPatch) -> Kms:
    _kms.failing = None
    _kms.asked.clear()
    for name, value in {
        "AWS_ENDPOINT_URL_KMS": _kms.url,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return _kms


def a_place() -> Place:
    return Place(workspace_id=new_id(), credential_id=new_id())


async def test_a_data_key_is_wrapped_there_bound_to_its_place(kms: Kms) -> None:
    keyring, place = Keyring(roots=KmsRoots(kms.make_key())), a_place()
    made = await keyring.seal(KEY, place)
    assert await keyring.open(made.sealed, place) == KEY
    assert [target for target, _ in kms.asked] == ["TrentService.Encrypt", "TrentService.Decrypt"]
    assert {context["workspace"] for _, context in kms.asked} == {str(place.workspace_id)}
    assert KEY.reveal() not in str(kms.asked)


async def test_another_place_does_not_open_it(kms: Kms) -> None:
    keyring, place = Keyring(roots=KmsRoots(kms.make_key())), a_place()
    made = await keyring.seal(KEY, place)
    with pytest.raises(BrokenSealError):
        await keyring.open(made.sealed, replace(place, workspace_id=new_id()))


async def test_what_a_file_sealed_before_still_opens_and_moves_over(kms: Kms, tmp_path: Path) -> None:
    file, place = tmp_path / "root-key.json", a_place()
    ensure_roots(file)
    before = await Keyring(roots=FileRoots(file)).seal(KEY, place)
    keyring = Keyring(roots=KmsRoots(kms.make_key(), before=FileRoots(file)))
    assert await keyring.open(before.sealed, place) == KEY
    moved = await keyring.rewrap(before.sealed, place)
    assert moved.root_id.startswith("kms:")
    file.unlink()
    assert await keyring.open(moved.sealed, place) == KEY


async def test_another_key_of_the_service_takes_over(kms: Kms) -> None:
    place, old = a_place(), kms.make_key()
    made = await Keyring(roots=KmsRoots(old)).seal(KEY, place)
    keyring = Keyring(roots=KmsRoots(kms.make_key()))
    moved = await keyring.rewrap(made.sealed, place)
    del kms.keys[old]
    assert await keyring.open(moved.sealed, place) == KEY
    with pytest.raises(UnknownRootError):
        await keyring.open(made.sealed, place)


@pytest.mark.parametrize("code", ["AccessDeniedException", "KMSInternalException", "DisabledException"])
async def test_a_service_that_does_not_answer_is_away_and_not_a_broken_key(kms: Kms, code: str) -> None:
    keyring, place = Keyring(roots=KmsRoots(kms.make_key())), a_place()
    made = await keyring.seal(KEY, place)
    kms.failing = code
    with pytest.raises(RootAwayError, match=code):
        await keyring.open(made.sealed, place)


async def test_a_service_that_cannot_be_reached_is_away(kms: Kms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
    with pytest.raises(RootAwayError, match="EndpointConnectionError"):
        await Keyring(roots=KmsRoots("any", client=partial(connect))).seal(KEY, a_place())


async def test_at_debug_level_no_data_key_is_logged(kms: Kms, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("botocore").setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    keyring, place = Keyring(roots=KmsRoots(kms.make_key())), a_place()
    made = await keyring.seal(KEY, place)
    await keyring.open(made.sealed, place)
    assert "Plaintext" not in caplog.text
    assert "CiphertextBlob" not in caplog.text
