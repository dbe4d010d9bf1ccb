"""One call over the official SDKs: whole answers on four protocols, and every way to fail with its own kind."""

import asyncio
import gc
import io
import logging
import time
import traceback
from collections.abc import AsyncIterator, Mapping

import pytest
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RequestUsage

from omc.kit.secret import Secret
from omc.vault import outbound
from omc.vault.calling import MAX_TOLD, Asked, Words, ask, left_out, usage_of
from omc.vault.connection import Connection
from omc.vault.failures import FailureKind, ModelFailure
from omc.vault.outbound import Policy
from omc.vault.prices import Usage
from tests.sims.models.faults import Fault
from tests.sims.models.fixture import KEY, ModelServer
from tests.sims.models.talk import Answer, Call
from tests.sims.models.talk import Usage as Told

OWN = Policy(private=True)
PATIENCE_S = 0.4
PROVIDERS = ("openai", "anthropic", "google", "openai-compatible")
LOOK = ToolDefinition(
    name="look",
    description="Looks",
    parameters_json_schema={"type": "object", "properties": {"at": {"type": "string"}}},
)
EVERY_PROVIDER = pytest.mark.parametrize("provider", PROVIDERS)
EITHER_WAY = pytest.mark.parametrize("stream", [False, True], ids=["once", "stream"])
K = FailureKind


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await outbound.close()


def connected(server: ModelServer, provider: str, *, model: str = "sim-large", key: str = KEY) -> Connection:
    """A way to the simulator."""
    bases = {"openai": server.openai_url, "openai-compatible": server.compatible_url("vllm")}
    return Connection(provider=provider, model=model, base_url=bases.get(provider, server.url), key=Secret(key))


def asked(*, stream: bool = False, timeout_s: float = 20.0, tools: bool = True, effort: str | None = None) -> Asked:
    """A question."""
    return Asked(
        messages=[ModelRequest.user_text_prompt("What is the price?")],
        tools=[LOOK] if tools else [],
        max_tokens=500,
        effort=effort,
        stream=stream,
        timeout_s=timeout_s,
        first_event_s=timeout_s,
    )


FAILS: Mapping[Fault, FailureKind] = {
    Fault.INVALID_KEY: K.BAD_KEY,
    Fault.UNAUTHORIZED: K.BAD_KEY,
    Fault.FORBIDDEN: K.FORBIDDEN,
    Fault.NO_MODEL: K.MODEL_UNKNOWN,
    Fault.RATE_LIMIT: K.RATE_LIMITED,
    Fault.RATE_LIMIT_WAIT: K.RATE_LIMITED,
    Fault.QUOTA: K.NO_CREDIT,
    Fault.PAYMENT: K.NO_CREDIT,
    Fault.INTERNAL: K.SERVER_ERROR,
    Fault.BAD_GATEWAY: K.SERVER_ERROR,
    Fault.UNAVAILABLE: K.OVERLOADED,
    Fault.OVERLOADED: K.OVERLOADED,
    Fault.CONTEXT: K.CONTEXT_TOO_LONG,
    Fault.PROMPT_BLOCKED: K.REFUSED,
    Fault.ECHO_KEY: K.BAD_KEY,
    Fault.HANG: K.TIMEOUT,
    Fault.HANG_MIDDLE: K.TIMEOUT,
    Fault.RESET: K.CUT,
    Fault.CUT: K.CUT,
    Fault.EARLY_END: K.CUT,
    Fault.MALFORMED: K.MALFORMED,
    Fault.HTML_200: K.NOT_AN_API,
    Fault.HTML_502: K.SERVER_ERROR,
    Fault.REDIRECT: K.REDIRECTED,
    Fault.NOT_JSON_ARGUMENTS: K.BAD_TOOL_ARGUMENTS,
    Fault.REFUSAL: K.REFUSED,
    Fault.FILTERED: K.REFUSED,
    Fault.EMPTY: K.EMPTY,
    Fault.LENGTH: K.TOO_LONG,
}
"""What each fault of the simulator is, on every protocol, streamed or not."""

OTHERWISE: Mapping[tuple[Fault, str, bool], FailureKind] = {
    # OpenAI's 403 is the one it really sends: the country is not served.
    **{
        (Fault.FORBIDDEN, name, stream): K.REGION
        for name in ("openai", "openai-compatible")
        for stream in (True, False)
    },
    # Anthropic's SDK passes over lines that are no event, so nothing came but an end.
    (Fault.MALFORMED, "anthropic", True): K.CUT,
}


@EVERY_PROVIDER
@EITHER_WAY
@pytest.mark.parametrize("fault", FAILS, ids=str)
async def test_a_failure_is_told_for_what_it_is(
    model_server: ModelServer, provider: str, stream: bool, fault: Fault
) -> None:
    model_server.fail(fault, times=9)
    waits = PATIENCE_S if fault in {Fault.HANG, Fault.HANG_MIDDLE} else 20.0
    began = time.monotonic()
    with pytest.raises(ModelFailure) as failed:
        await ask(connected(model_server, provider), OWN, asked(stream=stream, timeout_s=waits))
    failure = failed.value
    assert failure.kind is OTHERWISE.get((fault, provider, stream), FAILS[fault])
    assert time.monotonic() - began < PATIENCE_S + 5
    assert len(model_server.seen) == 1, "no retry below ours, and no redirect followed"
    assert KEY not in f"{failure!r}{vars(failure)}"
    assert failure.__cause__ is None
    assert failure.__context__ is None
    if fault is Fault.RATE_LIMIT_WAIT:
        assert failure.retry_after_s is not None
        assert failure.retry_after_s <= 3


@EVERY_PROVIDER
async def test_an_error_event_in_the_middle_of_a_stream_may_have_been_billed(
    model_server: ModelServer, provider: str
) -> None:
    model_server.fail(Fault.OVERLOADED_MIDDLE)
    with pytest.raises(ModelFailure) as failed:
        await ask(connected(model_server, provider), OWN, asked(stream=True))
    assert failed.value.kind in {K.OVERLOADED, K.SERVER_ERROR}
    assert failed.value.maybe_billed


@EVERY_PROVIDER
@EITHER_WAY
async def test_an_endless_answer_ends_at_the_deadline(model_server: ModelServer, provider: str, stream: bool) -> None:
    model_server.fail(Fault.ENDLESS)
    began = time.monotonic()
    with pytest.raises(ModelFailure) as failed:
        await ask(connected(model_server, provider), OWN, asked(stream=stream, timeout_s=PATIENCE_S))
    assert failed.value.kind is K.TIMEOUT
    assert time.monotonic() - began < 3


@EVERY_PROVIDER
@EITHER_WAY
@pytest.mark.parametrize("fault", [Fault.WRONG_ARGUMENTS, Fault.UNKNOWN_TOOL], ids=str)
async def test_arguments_that_do_not_fit_are_an_answer_that_the_loop_gives_back(
    model_server: ModelServer, provider: str, stream: bool, fault: Fault
) -> None:
    model_server.fail(fault)
    answer = await ask(connected(model_server, provider), OWN, asked(stream=stream))
    assert [part for part in answer.parts if isinstance(part, ToolCallPart)]


@EVERY_PROVIDER
@EITHER_WAY
async def test_an_answer_comes_whole_with_its_usage(model_server: ModelServer, provider: str, stream: bool) -> None:
    calls = [Call("look", {"at": "BTC"}), Call("look", {"at": "ETH"})]
    told = Told(input=1_000, output=120, read=600, written=0, reasoning=70)
    model_server.script(Answer(text="I look at both. ✓", calls=calls, usage=told))
    heard: list[str] = []
    firsts: list[float] = []

    def on_words(said: Words) -> None:
        heard.append(said.text)

    answer = await ask(
        connected(model_server, provider), OWN, asked(stream=stream), on_words, on_first=lambda: firsts.append(1)
    )
    assert "".join(part.content for part in answer.parts if isinstance(part, TextPart)) == "I look at both. ✓"
    made = [part.args_as_dict() for part in answer.parts if isinstance(part, ToolCallPart)]
    assert made == [{"at": "BTC"}, {"at": "ETH"}]
    assert usage_of(answer) == Usage(input=1_000, cache_read=600, output=120, reasoning=70)
    assert "".join(heard) == ("I look at both. ✓" if stream else "")
    assert firsts == [1]


def test_no_count_that_is_told_is_below_zero_or_beyond_what_can_be_added_up() -> None:
    told = RequestUsage(
        input_tokens=10**30, cache_read_tokens=-5, output_tokens=-(10**9), details={"reasoning_tokens": 7}
    )

    assert usage_of(ModelResponse(parts=[], usage=told)) == Usage(input=MAX_TOLD)


@EVERY_PROVIDER
async def test_usage_is_known_of_an_answer_that_was_cut_at_the_limit(model_server: ModelServer, provider: str) -> None:
    model_server.fail(Fault.LENGTH)
    with pytest.raises(ModelFailure) as failed:
        await ask(connected(model_server, provider), OWN, asked())
    assert failed.value.usage is not None
    assert failed.value.maybe_billed


@EVERY_PROVIDER
async def test_words_and_thoughts_are_heard_as_they_come(model_server: ModelServer, provider: str) -> None:
    model_server.script(Answer(text="word " * 30, thinking="Hm. I think."))
    heard: list[Words] = []
    await ask(connected(model_server, provider), OWN, asked(stream=True), heard.append)
    text = [said for said in heard if said.kind == "text"]
    assert "".join(said.text for said in text) == "word " * 30
    assert len(text) >= 30
    assert [said.begins for said in text if said.begins] == [True]
    thoughts = "".join(said.text for said in heard if said.kind == "thought")
    assert thoughts == "Hm. I think."


async def test_a_watcher_that_breaks_does_not_break_the_call(model_server: ModelServer) -> None:
    def on_words(_said: Words) -> None:
        raise RuntimeError("gone")

    model_server.script(Answer(text="All is well."))
    answer = await ask(connected(model_server, "anthropic"), OWN, asked(stream=True), on_words)
    assert answer.parts


@EVERY_PROVIDER
@EITHER_WAY
async def test_a_call_is_cancelled_within_a_second(model_server: ModelServer, provider: str, stream: bool) -> None:
    model_server.fail(Fault.HANG_MIDDLE if stream else Fault.HANG)
    task = asyncio.get_running_loop().create_task(ask(connected(model_server, provider), OWN, asked(stream=stream)))
    while not model_server.seen:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 1


async def test_a_server_that_is_down_is_unreachable_and_not_billed(model_server: ModelServer) -> None:
    model_server.down()
    with pytest.raises(ModelFailure) as failed:
        await ask(connected(model_server, "openai"), OWN, asked())
    assert (failed.value.kind, failed.value.maybe_billed) == (K.UNREACHABLE, False)


@EVERY_PROVIDER
async def test_a_private_address_is_refused_where_it_is_not_allowed(model_server: ModelServer, provider: str) -> None:
    with pytest.raises(ModelFailure) as failed:
        await ask(connected(model_server, provider), Policy(private=False), asked())
    assert (failed.value.kind, failed.value.maybe_billed) == (K.ADDRESS_REFUSED, False)
    assert model_server.seen == []


def _reachable(root: object, deep: int = 9) -> list[object]:
    """Everything that hangs on an object, frames and their locals included."""
    seen: dict[int, object] = {}
    edge = [root]
    for _ in range(deep):
        edge = [item for item in gc.get_referents(*edge) if id(item) not in seen and not isinstance(item, type)]
        edge = [
            item for item in edge if type(item).__name__ not in {"module", "function", "builtin_function_or_method"}
        ]
        seen.update((id(item), item) for item in edge)
    return list(seen.values())


@EVERY_PROVIDER
@EITHER_WAY
@pytest.mark.parametrize("fault", [Fault.ECHO_KEY, Fault.HANG, Fault.CUT, Fault.MALFORMED], ids=str)
async def test_no_key_hangs_on_a_failure_or_is_logged(
    model_server: ModelServer, provider: str, stream: bool, fault: Fault
) -> None:
    key = KEY
    model_server.fail(fault)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        failure = await _failure(connected(model_server, provider, key=key), asked(stream=stream, timeout_s=PATIENCE_S))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    shown = "".join(traceback.TracebackException.from_exception(failure, capture_locals=True).format())
    assert key not in written.getvalue() + shown
    failure.__traceback__ = None
    assert [item for item in _reachable(failure) if isinstance(item, str) and key in item] == []


def test_the_search_for_hanging_keys_finds_one() -> None:
    carried = ModelFailure(K.UNKNOWN)
    carried.__context__ = ValueError({"request": [Secret(KEY)]})
    assert [item for item in _reachable(carried) if isinstance(item, str) and KEY in item] == [KEY]


async def _failure(connection: Connection, question: Asked) -> ModelFailure:
    try:
        await ask(connection, OWN, question)
    except ModelFailure as failure:
        return failure
    pytest.fail("it was answered")


async def test_the_frame_that_raises_holds_no_key(model_server: ModelServer) -> None:
    model_server.fail(Fault.UNAUTHORIZED)
    failure = await _failure(connected(model_server, "openai"), asked())
    frames = list(traceback.walk_tb(failure.__traceback__))
    assert frames[-1][0].f_code.co_name == "ask"
    assert not [value for value in frames[-1][0].f_locals.values() if isinstance(value, Secret | Connection)]


@pytest.mark.parametrize(
    ("provider", "model", "effort", "missing"),
    [
        ("openai", "gpt-6.1-sol", "high", ("temperature", "top_p")),
        ("openai", "gpt-4o", "high", ("effort",)),
        ("anthropic", "claude-opus-5-5", "low", ("temperature", "top_p")),
        ("anthropic", "claude-haiku-4-5", "high", ("effort",)),
        ("google", "gemini-4-argon", "medium", ()),
        ("openai-compatible", "qwen3", "high", ("effort",)),
    ],
)
async def test_what_a_model_does_not_take_is_left_out_and_told(
    provider: str, model: str, effort: str, missing: tuple[str, ...]
) -> None:
    question = Asked(messages=[], max_tokens=500, temperature=0.2, top_p=0.9, effort=effort)
    base = "http://localhost/v1" if provider == "openai-compatible" else None
    assert left_out(Connection(provider=provider, model=model, base_url=base), question) == missing


async def test_the_operators_environment_is_not_sent(
    model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "planted-value")
    monkeypatch.setenv("GOOGLE_API_KEY", "planted-value")
    for provider in PROVIDERS:
        await ask(connected(model_server, provider), OWN, asked())
    keyless = Connection(provider="openai-compatible", model="m", base_url=model_server.compatible_url("ollama"))
    await ask(keyless, OWN, asked())
    assert "planted-value" not in repr(model_server.seen)
