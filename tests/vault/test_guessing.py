"""A secret of no known look is not taken as a name; ordinary names and models are."""

import random
import string

import pytest

from omc.core.reason import Reason
from omc.vault.rules import check_model, clean_name

NAMES = (
    *("Work", "Anthropic work", "OpenAI 2026", "OpenRouter (personal)", "Müller & Söhne Produktion", "仕事用のキー"),
    *("my-long-descriptive-key-name-for-research-2026", "Q4-2026-budget-3-test-1-v2", "budget-under-100-usd-per-month"),
    *(
        "Research2026Q4ProjectAlphaTeam",
        "gpt4turbo2024experiment",
        "iPhone15ProMaxTestKeyForMe",
        "vLLM-A100-80GB-node17",
    ),
    *(
        "ProductionKeyForTheTradingDesk",
        "SELFHOSTEDLMSTUDIO2026",
        "azureopenaieastus2deployment01",
        "llama3170binstruct",
    ),
    *("TheOneWithTheVeryLongNameThatIUseForTests", "Key number 123456789012345678", "Mixtral8x7BInstructV01"),
    *("vllm 550e8400-e29b-41d4-a716-446655440000", "llama.cpp@workstation02"),
    *("Marketing2026Budget500USD", "customer4711invoice0815", "DeepSeekR1DistillQwen32B"),
)
SECRETS = (
    "Zt9qLw3XbV7nKd2RfY8mGh4Jc6Ps1Tx5",
    "my key 9f86d081884c7d659a2feaa0c55ad015",
    "Work (b7Kq2ZrT9xWm4LdP)",
)
MODELS = (
    *(
        "gpt-6.1-sol",
        "claude-sonnet-5-5-20260805",
        "accounts/fireworks/models/llama-v3p1-405b-instruct",
        "qwen3:30b-a3b",
    ),
    *("ft:gpt-4o-mini-2024-07-18:my-org::AbCdEf12", "TheBloke/Mixtral-8x7B-Instruct-v0.1-GGUF", "azure2deployment01"),
    "snapshots/0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c",
)


@pytest.mark.parametrize("name", NAMES)
def test_an_ordinary_name_is_taken(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_no_name(secret: str) -> None:
    refused = clean_name(secret)
    assert isinstance(refused, Reason)
    assert (refused.code, refused.place) == ("key_in_the_open", "/name")
    assert secret not in refused.text


@pytest.mark.parametrize(("letters", "length"), [(string.ascii_letters + string.digits, 32), ("0123456789abcdef", 32)])
def test_of_random_keys_at_least_97_in_100_are_noticed(letters: str, length: int) -> None:
    dice = random.Random(7)
    made = ["".join(dice.choice(letters) for _ in range(length)) for _ in range(1_000)]
    assert sum(isinstance(clean_name(one), Reason) for one in made) >= 970


@pytest.mark.parametrize("model", MODELS)
def test_an_ordinary_model_is_taken(model: str) -> None:
    assert check_model(model) is None


def test_what_looks_like_a_secret_is_no_model() -> None:
    assert check_model(SECRETS[0]) is not None
