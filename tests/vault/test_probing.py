"""A connection is tested with one cheap real call, and each thing that can be wrong is told apart."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping

import pytest

from omc.kit.secret import Secret
from omc.vault import outbound
from omc.vault.asking import DIALECTS, MAX_MODELS, cheapest, listed
from omc.vault.connection import Connection
from omc.vault.failures import FailureKind
from omc.vault.outbound import Policy
from omc.vault.probing import Probe, StepName, StepState, probe
from omc.vault.providers import Protocol
from tests.sims.models.faults import Fault
from tests.sims.models.fixture import KEY, ModelServer

OWN = Policy(private=True)
PROVIDERS = ("openai", "anthropic", "google", "openai-compatible")
EVERY_PROVIDER = pytest.mark.parametrize("provider", PROVIDERS)
K = FailureKind


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await outbound.close()


def connected(
    server: ModelServer, provider: str, *, model: str = "", key: str | None = KEY, dialect: str = "vllm", path: str = ""
) -> Connection:
    """A way to the simulator."""
    bases = {"openai": server.openai_url, "openai-compatible": server.compatible_url(dialect)}
    base = bases.get(provider, server.url) + path
    return Connection(provider=provider, model=model, base_url=base, key=None if key is None else Secret(key))


def states(told: Probe) -> dict[StepName, StepState]:
    """How each step ended."""
    return {step.name: step.state for step in told.steps}


ALL_WELL = dict.fromkeys(StepName, StepState.OK)


@EVERY_PROVIDER
async def test_a_working_key_passes_all_four_steps(model_server: ModelServer, provider: str) -> None:
    told = await probe(connected(model_server, provider), OWN)
    assert (told.ok, told.failure, states(told)) == (True, None, ALL_WELL)
    assert {"sim-large", "sim-small"} <= set(told.models)
    assert told.model in told.models
    assert [step.name for step in told.steps] == list(StepName)
    assert all(step.text.endswith(".") for step in told.steps)
    assert sum(step.latency_ms for step in told.steps) <= told.latency_ms + 4
    assert len(model_server.seen) <= 2


FAILS: Mapping[Fault, FailureKind] = {
    Fault.INVALID_KEY: K.BAD_KEY,
    Fault.ECHO_KEY: K.BAD_KEY,
    Fault.QUOTA: K.NO_CREDIT,
    Fault.RATE_LIMIT: K.RATE_LIMITED,
    Fault.NO_MODEL: K.MODEL_UNKNOWN,
    Fault.INTERNAL: K.SERVER_ERROR,
    Fault.OVERLOADED: K.OVERLOADED,
    Fault.HTML_200: K.NOT_AN_API,
    Fault.REDIRECT: K.REDIRECTED,
    Fault.MALFORMED: K.MALFORMED,
    Fault.HANG: K.TIMEOUT,
    Fault.RESET: K.CUT,
}


@EVERY_PROVIDER
@pytest.mark.parametrize("fault", FAILS, ids=str)
async def test_what_is_wrong_is_told_apart(model_server: ModelServer, provider: str, fault: Fault) -> None:
    model_server.fail(fault, times=9)
    began = time.monotonic()
    told = await probe(connected(model_server, provider), OWN, within_s=0.5 if fault is Fault.HANG else 10)
    assert not told.ok
    assert told.failure is not None
    assert told.failure.kind is FAILS[fault]
    assert list(states(told).values()).count(StepState.FAILED) == 1
    assert time.monotonic() - began < 3
    assert KEY not in f"{told!r}{vars(told.failure)}"


@EVERY_PROVIDER
async def test_a_rate_limit_is_no_bad_key(model_server: ModelServer, provider: str) -> None:
    model_server.fail(Fault.RATE_LIMIT_WAIT, times=9)
    told = await probe(connected(model_server, provider), OWN)
    assert states(told)[StepName.ACCEPT_KEY] is StepState.OK
    assert states(told)[StepName.ANSWER] is StepState.FAILED
    assert told.failure is not None
    assert told.failure.retry_after_s


@EVERY_PROVIDER
async def test_a_wrong_key_fails_at_the_key(model_server: ModelServer, provider: str) -> None:
    told = await probe(connected(model_server, provider, key="sk-sim-wrong-0123456789", dialect="openrouter"), OWN)
    assert told.failure is not None
    assert told.failure.kind is K.BAD_KEY
    assert states(told)[StepName.REACH] is StepState.OK
    assert states(told)[StepName.ACCEPT_KEY] is StepState.FAILED
    assert states(told)[StepName.ANSWER] is StepState.SKIPPED


async def test_a_server_without_a_list_is_asked_for_the_model_that_was_named(model_server: ModelServer) -> None:
    told = await probe(connected(model_server, "openai-compatible", dialect="bare"), OWN, model="my-model")
    assert told.ok
    assert states(told)[StepName.LIST_MODELS] is StepState.NOTE
    assert (told.model, told.models) == ("my-model", ())


async def test_a_server_without_a_list_and_no_model_named_asks_for_one(model_server: ModelServer) -> None:
    told = await probe(connected(model_server, "openai-compatible", dialect="bare"), OWN)
    assert not told.ok
    assert states(told)[StepName.ANSWER] is StepState.FAILED


async def test_a_local_server_needs_no_key(model_server: ModelServer) -> None:
    told = await probe(connected(model_server, "openai-compatible", dialect="ollama", key=None), OWN)
    assert told.ok
    assert told.notes == ()
    assert model_server.seen[-1].key is None or not model_server.seen[-1].key


async def test_a_forgotten_version_in_the_path_is_named(model_server: ModelServer) -> None:
    whole = model_server.compatible_url("ollama")
    assert whole.endswith("/v1")
    short = Connection(provider="openai-compatible", model="", base_url=whole.removesuffix("/v1"), key=None)
    told = await probe(short, OWN, model="sim-large")
    assert told.failure is not None
    assert told.failure.kind is K.NOT_AN_API
    assert told.notes == (f"There is a model API at {whole}: enter that address.",)


@EVERY_PROVIDER
async def test_nothing_there_fails_to_reach(model_server: ModelServer, provider: str) -> None:
    model_server.down()
    told = await probe(connected(model_server, provider), OWN)
    assert told.failure is not None
    assert told.failure.kind is K.UNREACHABLE
    assert states(told)[StepName.REACH] is StepState.FAILED
    assert set(list(states(told).values())[1:]) == {StepState.SKIPPED}


async def test_a_private_address_is_refused_on_a_server(model_server: ModelServer) -> None:
    told = await probe(connected(model_server, "openai-compatible"), Policy(private=False))
    assert told.failure is not None
    assert told.failure.kind is K.ADDRESS_REFUSED
    assert model_server.seen == []


async def test_an_address_that_cannot_be_right_is_not_called(model_server: ModelServer) -> None:
    told = await probe(Connection(provider="openai-compatible", model="m", base_url="ftp://x"), OWN)
    assert told.failure is not None
    assert told.failure.kind is K.ADDRESS_REFUSED
    assert "https://" in told.failure.text


async def test_a_test_never_lasts_longer_than_it_may(model_server: ModelServer) -> None:
    model_server.silent()
    began = time.monotonic()
    told = await probe(connected(model_server, "openai"), OWN, within_s=0.5)
    assert time.monotonic() - began < 2
    assert told.failure is not None
    assert told.failure.kind in {K.CONNECT_TIMEOUT, K.TIMEOUT}


def test_a_list_of_models_is_bounded_and_cleaned() -> None:
    rows: list[object] = [{"id": f"m{number}"} for number in range(3_000)]
    rows[:0] = [None, {"id": 7}, {"id": "bad\u202ename"}, {"id": "x" * 500}, {"id": "m0"}, {"name": "no id"}]
    found = listed(DIALECTS[Protocol.OPENAI_CHAT], {"data": rows})
    assert found is not None
    assert found[0] == "m0"
    assert len(found) == MAX_MODELS
    assert listed(DIALECTS[Protocol.OPENAI_CHAT], ["no", "list"]) is None


def test_geminis_models_are_those_that_generate() -> None:
    rows = [
        {"name": "models/embed", "supportedGenerationMethods": ["embedContent"]},
        {"name": "models/gemini-4-argon", "supportedGenerationMethods": ["generateContent"]},
    ]
    assert listed(DIALECTS[Protocol.GOOGLE], {"models": rows}) == ("gemini-4-argon",)


@pytest.mark.parametrize(
    ("models", "chosen"),
    [
        (("text-embedding-3-large", "gpt-6.1-sol", "gpt-6-luna", "gpt-image-2-mini"), "gpt-6-luna"),
        (("claude-opus-5-5", "claude-haiku-5-5"), "claude-haiku-5-5"),
        (("gemini-4-argon", "gemini-3.8-flash", "gemini-3.5-flash-lite"), "gemini-3.5-flash-lite"),
        (("qwen3:32b", "nomic-embed-text"), "qwen3:32b"),
        (("whisper-1",), "whisper-1"),
        ((), None),
    ],
)
def test_the_cheapest_model_that_chats_is_asked(models: tuple[str, ...], chosen: str | None) -> None:
    assert cheapest(models) == chosen


def test_probing_loads_no_sdk() -> None:
    heavy = ("pydantic_ai", "openai", "anthropic", "google.genai")
    words = f"import sys, omc.vault.probing; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
