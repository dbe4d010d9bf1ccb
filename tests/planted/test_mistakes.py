"""Keys pasted where a name, a model, an address or a question belongs: refused without showing them."""

from dataclasses import replace

import pytest

from omc.cli import run
from omc.core.reason import Reason
from omc.kit.errors import Refusal
from omc.kit.secret import Secret, without_keys
from omc.lab.rules import check_goal
from omc.vault.providers import KEY_MARKS, KeyMark, provider
from omc.vault.proving import Draft, read_draft
from omc.vault.rules import check_model, clean_address, clean_name
from tests.planted.keys import KINDS, Planted
from tests.planted.searching import Searcher

COMPATIBLE = provider("openai-compatible")
HERE = "http://localhost:11434/v1"
AROUND = ("{}", "my key {}", "KEY={}", '"{}"', "({}).")
HARMLESS = (
    "Work account",
    "sk-telecom account",
    "grok-4-fast",
    "xai-grok-2-vision-1212",
    "task-sk-learn",
    "lm-studio",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
)


def refused(value: object) -> str:
    """The sentence of a refusal."""
    assert isinstance(value, Reason), value
    assert value.code == "key_in_the_open"
    return value.text


@pytest.mark.parametrize("mark", KEY_MARKS, ids=lambda mark: mark.prefix)
@pytest.mark.parametrize("around", AROUND)
def test_a_key_of_any_known_service_is_refused_in_names_and_questions(mark: KeyMark, around: str) -> None:
    key = mark.prefix + Planted().key("openai", "body").removeprefix("sk-")
    assert "field of its own" in refused(clean_name(around.format(key)))
    assert "take it out" in refused(check_goal(f"Does it pay? {around.format(key)}"))
    assert without_keys(around.format(key)) == around.format(f"{_shown(mark.prefix)}[struck out]")


def _shown(prefix: str) -> str:
    return next(known for known in ("sk-", "gsk_", "xai-", "AIza", "AQ.") if prefix.startswith(known))


@pytest.mark.parametrize("kind", KINDS[:3])
def test_a_key_is_refused_as_a_model_and_inside_an_address(kind: str) -> None:
    assert COMPATIBLE is not None
    key = Planted().key(kind, "by mistake")
    refused(check_model(key))
    refused(clean_address(f"{HERE}/{key}", COMPATIBLE))
    refused(clean_address(f"http://{key}.example/v1", COMPATIBLE))


def test_a_key_of_no_known_look_is_refused_beside_itself() -> None:
    key = Planted().key("openai-compatible", "twice").replace("%", "-").replace("\\", "-")
    right = Draft(provider="openai-compatible", name="Mine", base_url=HERE, key=Secret(key))
    for wrong in (replace(right, name=f"Mine {key}"), replace(right, default_model=key)):
        with pytest.raises(Refusal) as found:
            read_draft(wrong)
        assert found.value.code == "key_in_the_open"
        assert key not in found.value.text


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_begins_like_a_key_is_taken(name: str) -> None:
    assert COMPATIBLE is not None
    assert clean_name(name) == name
    assert check_goal(f"Is {name} any good?") is None
    assert without_keys(name) == name
    address = clean_address(f"http://localhost:1234/{name.replace(' ', '-')}", COMPATIBLE)
    assert not isinstance(address, Reason)


def test_a_dummy_key_may_also_be_the_name() -> None:
    draft = Draft(provider="openai-compatible", name="lm-studio", base_url=HERE, key=Secret("lm-studio"))
    assert read_draft(draft)[1].name == "lm-studio"


def test_a_command_that_is_given_a_key_as_a_name_does_not_repeat_it(capsys: pytest.CaptureFixture[str]) -> None:
    planted = Planted()
    assert run(["models", "rotate", planted.key("anthropic", "as a name")]) == 1
    shown = capsys.readouterr().err
    assert "--key-stdin" in shown
    assert not Searcher(planted.keys).search("terminal", shown)
