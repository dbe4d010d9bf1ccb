"""Every failure as the official SDKs meet it, on each wire, asked at once and streamed."""

import asyncio
import json
import time

import anthropic
import httpx
import httpx2
import openai
import pytest
from google.genai import errors as gemini

from tests.sims.models.clients import ASK, Heard, Question
from tests.sims.models.errors import RETRY_AFTER_S
from tests.sims.models.faults import Fault, Wire
from tests.sims.models.fixture import KEY, ModelServer
from tests.sims.models.talk import Answer

EVERY_WIRE = pytest.mark.parametrize("wire", Wire)
EITHER_WAY = pytest.mark.parametrize("stream", [False, True], ids=["once", "stream"])
SHORT_S = 0.5

STATUS_ERRORS = (openai.APIStatusError, anthropic.APIStatusError, gemini.APIError)
TIMEOUTS = (openai.APITimeoutError, anthropic.APITimeoutError, httpx.ReadTimeout, httpx2.ReadTimeout)
BREAKS = (
    openai.APIConnectionError,
    anthropic.APIConnectionError,
    httpx.TransportError,
    httpx2.TransportError,
)

# Status by wire, in the order chat, responses, Anthropic, Gemini; None is an answer that is no error.
STATUSES: dict[Fault, tuple[int | None, int | None, int | None, int | None]] = {
    Fault.INVALID_KEY: (401, 401, 401, 400),
    Fault.UNAUTHORIZED: (401, 401, 401, 401),
    Fault.FORBIDDEN: (403, 403, 403, 403),
    Fault.NO_MODEL: (404, 400, 404, 404),
    Fault.RATE_LIMIT: (429, 429, 429, 429),
    Fault.RATE_LIMIT_WAIT: (429, 429, 429, 429),
    Fault.QUOTA: (429, 429, 400, 429),
    Fault.PAYMENT: (402, 402, 402, 402),
    Fault.INTERNAL: (500, 500, 500, 500),
    Fault.BAD_GATEWAY: (502, 502, 502, 502),
    Fault.UNAVAILABLE: (503, 503, 503, 503),
    Fault.OVERLOADED: (529, 529, 529, 529),
    Fault.CONTEXT: (400, 400, 400, 400),
    Fault.PROMPT_BLOCKED: (400, 400, 400, None),
    Fault.ECHO_KEY: (401, 401, 401, 400),
    Fault.HTML_502: (502, 502, 502, 502),
}
FINISHES: dict[Fault, tuple[str | None, ...]] = {
    Fault.REFUSAL: ("stop", "completed", "refusal", "SAFETY"),
    Fault.FILTERED: ("content_filter", "content_filter", "refusal", "SAFETY"),
    Fault.EMPTY: ("stop", "completed", "end_turn", "STOP"),
    Fault.LENGTH: ("length", "max_output_tokens", "max_tokens", "MAX_TOKENS"),
}
CALLS: dict[Fault, list[tuple[str, object]]] = {
    Fault.WRONG_ARGUMENTS: [("get_price", {"no_such_argument": [1, {"deep": None}]})],
    Fault.UNKNOWN_TOOL: [("no_such_tool", {})],
}


def place(wire: Wire) -> int:
    return list(Wire).index(wire)


async def ask(server: ModelServer, wire: Wire, fault: Fault, *, stream: bool, timeout_s: float = 20.0) -> Heard:
    """Ask with a model whose name asks for the fault."""
    question = Question(model=f"fail-{fault}", stream=stream, tools=True, timeout_s=timeout_s)
    return await ASK[wire](server, question)


def status_of(error: BaseException) -> object:
    return error.code if isinstance(error, gemini.APIError) else getattr(error, "status_code", None)


@EVERY_WIRE
@EITHER_WAY
@pytest.mark.parametrize("fault", STATUSES)
async def test_an_error_has_its_provider_s_status(
    model_server: ModelServer, wire: Wire, stream: bool, fault: Fault
) -> None:
    status = STATUSES[fault][place(wire)]
    if status is None:
        heard = await ask(model_server, wire, fault, stream=stream)
        assert (heard.text, heard.calls) == ("", [])
        return
    with pytest.raises(STATUS_ERRORS) as raised:
        await ask(model_server, wire, fault, stream=stream)
    assert status_of(raised.value) == status
    assert (KEY in str(raised.value)) == (fault is Fault.ECHO_KEY)
    assert [seen.fault for seen in model_server.seen] == [fault]


@EVERY_WIRE
async def test_the_wait_is_told_where_each_provider_tells_it(model_server: ModelServer, wire: Wire) -> None:
    with pytest.raises(STATUS_ERRORS) as raised:
        await ask(model_server, wire, Fault.RATE_LIMIT_WAIT, stream=False)
    error = raised.value
    if isinstance(error, gemini.APIError):
        assert f"{RETRY_AFTER_S}s" in str(error.details)
    else:
        assert error.response.headers["retry-after"] == str(RETRY_AFTER_S)


@EVERY_WIRE
@EITHER_WAY
@pytest.mark.parametrize("fault", [Fault.HANG, Fault.HANG_MIDDLE])
async def test_silence_ends_with_the_client_s_patience(
    model_server: ModelServer, wire: Wire, stream: bool, fault: Fault
) -> None:
    with pytest.raises(TIMEOUTS):
        await ask(model_server, wire, fault, stream=stream, timeout_s=SHORT_S)


@EVERY_WIRE
@EITHER_WAY
@pytest.mark.parametrize("fault", [Fault.RESET, Fault.CUT])
async def test_a_cut_connection_is_an_error(model_server: ModelServer, wire: Wire, stream: bool, fault: Fault) -> None:
    with pytest.raises(BREAKS):
        await ask(model_server, wire, fault, stream=stream)


@EVERY_WIRE
async def test_a_stream_that_ends_early_raises_nothing_and_never_says_why(
    model_server: ModelServer, wire: Wire
) -> None:
    heard = await ask(model_server, wire, Fault.EARLY_END, stream=True)
    assert heard.finish is None
    assert heard.text
    assert "Let me look that up for you.".startswith(heard.text)


@pytest.mark.parametrize("wire", [Wire.CHAT, Wire.ANTHROPIC, Wire.GEMINI])
async def test_an_error_in_the_middle_of_a_stream_is_raised(model_server: ModelServer, wire: Wire) -> None:
    with pytest.raises((openai.APIError, anthropic.APIError, gemini.APIError), match="Overloaded"):
        await ask(model_server, wire, Fault.OVERLOADED_MIDDLE, stream=True)


@EVERY_WIRE
@EITHER_WAY
async def test_an_endless_answer_goes_on(model_server: ModelServer, wire: Wire, stream: bool) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SHORT_S):
            await ask(model_server, wire, Fault.ENDLESS, stream=stream)


@EVERY_WIRE
async def test_a_drip_takes_its_time(model_server: ModelServer, wire: Wire) -> None:
    began = time.monotonic()
    await ask(model_server, wire, Fault.DRIP, stream=True)
    assert time.monotonic() - began > 0.3


@EVERY_WIRE
@EITHER_WAY
async def test_a_giant_answer_is_as_large_as_asked_for(model_server: ModelServer, wire: Wire, stream: bool) -> None:
    model_server.desk.giant_bytes = 3_000_000
    heard = await ask(model_server, wire, Fault.GIANT, stream=stream)
    assert len(heard.text) == 3_000_000


@EVERY_WIRE
@EITHER_WAY
@pytest.mark.parametrize("fault", [Fault.MALFORMED, Fault.HTML_200])
async def test_what_is_no_answer_yields_no_answer(
    model_server: ModelServer, wire: Wire, stream: bool, fault: Fault
) -> None:
    try:
        heard = await ask(model_server, wire, fault, stream=stream)
    except (ValueError, AttributeError, AssertionError, gemini.UnknownApiResponseError):
        return  # each SDK has its own way not to expect this
    assert heard.finish is None


@EVERY_WIRE
@EITHER_WAY
@pytest.mark.parametrize("fault", FINISHES)
async def test_an_unwanted_end_is_named_as_on_the_wire(
    model_server: ModelServer, wire: Wire, stream: bool, fault: Fault
) -> None:
    heard = await ask(model_server, wire, fault, stream=stream)
    assert heard.finish == FINISHES[fault][place(wire)]
    assert bool(heard.text) == (fault in {Fault.FILTERED, Fault.LENGTH})


@EVERY_WIRE
@EITHER_WAY
@pytest.mark.parametrize("fault", CALLS)
async def test_a_wrong_call_arrives_as_it_was_made(
    model_server: ModelServer, wire: Wire, stream: bool, fault: Fault
) -> None:
    assert (await ask(model_server, wire, fault, stream=stream)).calls == CALLS[fault]


@EITHER_WAY
async def test_arguments_that_are_no_json_arrive_in_each_provider_s_form(
    model_server: ModelServer, stream: bool
) -> None:
    for wire in (Wire.CHAT, Wire.RESPONSES):
        heard = await ask(model_server, wire, Fault.NOT_JSON_ARGUMENTS, stream=stream)
        assert heard.calls == [("get_price", '{"symbol": "BTC')]
    heard = await ask(model_server, Wire.GEMINI, Fault.NOT_JSON_ARGUMENTS, stream=stream)
    assert (heard.calls, heard.finish) == ([], "MALFORMED_FUNCTION_CALL")


@EVERY_WIRE
async def test_a_redirect_leads_to_another_host(model_server: ModelServer, wire: Wire) -> None:
    try:
        await ask(model_server, wire, Fault.REDIRECT, stream=False)
    except (TypeError, *BREAKS):
        pass  # what another host answers is no answer
    here, there = model_server.seen
    assert (here.wire, there.wire) == (wire, "elsewhere")
    assert there.headers["host"].startswith("localhost:")


async def test_faults_end_after_the_calls_that_they_were_asked_for(model_server: ModelServer) -> None:
    model_server.fail("500", times=2, wire=Wire.CHAT)
    assert (await ASK[Wire.GEMINI](model_server, Question())).text
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            await ASK[Wire.CHAT](model_server, Question())
    assert (await ASK[Wire.CHAT](model_server, Question())).text


async def test_a_key_can_ask_for_a_fault_twice(model_server: ModelServer) -> None:
    question = Question(key="sk-fail-503x2-abcdef")
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            await ASK[Wire.CHAT](model_server, question)
    assert (await ASK[Wire.CHAT](model_server, question)).text


async def test_an_unknown_key_is_refused_by_all_that_need_one(model_server: ModelServer) -> None:
    for wire in Wire:
        with pytest.raises(STATUS_ERRORS):
            await ASK[wire](model_server, Question(key="sk-unknown"))
    for dialect in ("ollama", "vllm", "lmstudio", "bare"):
        assert (await ASK[Wire.CHAT](model_server, Question(key="anything", dialect=dialect))).text


async def test_a_bare_server_lists_nothing_and_tells_no_usage(model_server: ModelServer) -> None:
    heard = await ASK[Wire.CHAT](model_server, Question(dialect="bare", stream=True))
    assert (heard.text != "", heard.finish, heard.input) == (True, "stop", None)
    async with httpx.AsyncClient() as client:
        assert (await client.get(model_server.compatible_url("bare") + "/models")).status_code == 404
        assert (await client.get(model_server.compatible_url("ollama") + "/models")).status_code == 200


@EVERY_WIRE
async def test_down_refuses_until_up(model_server: ModelServer, wire: Wire) -> None:
    model_server.down()
    with pytest.raises(BREAKS):
        await ASK[wire](model_server, Question())
    model_server.up()
    assert (await ASK[wire](model_server, Question())).text


async def test_a_silent_server_never_accepts(model_server: ModelServer) -> None:
    model_server.silent()
    async with httpx.AsyncClient(timeout=SHORT_S) as client:
        with pytest.raises(httpx.ConnectTimeout):
            await client.get(model_server.url)
    model_server.up()
    assert (await ASK[Wire.CHAT](model_server, Question())).text


async def test_latency_is_waited_for(model_server: ModelServer) -> None:
    model_server.desk.latency_s = 0.3
    began = time.monotonic()
    await ASK[Wire.CHAT](model_server, Question())
    assert time.monotonic() - began >= 0.3


async def test_the_control_scripts_fails_and_tells_what_was_seen(model_server: ModelServer) -> None:
    async with httpx.AsyncClient(base_url=model_server.control_url) as control:
        script = [{"text": "Hi", "calls": [{"name": "look", "arguments": {}}], "usage": {"input": 7, "output": 3}}]
        told = {"script": script, "model": "mine", "fail": {"fault": "500", "wire": "gemini"}}
        assert (await control.post("/control", content=json.dumps(told))).status_code == 200
        heard = await ASK[Wire.ANTHROPIC](model_server, Question(model="mine"))
        assert (heard.text, heard.calls, heard.input) == ("Hi", [("look", {})], 7)
        with pytest.raises(gemini.ServerError):
            await ASK[Wire.GEMINI](model_server, Question())
        seen = (await control.get("/control/requests")).json()
    assert [(row["wire"], row["model"], row["fault"]) for row in seen] == [
        ("anthropic", "mine", None),
        ("gemini", "sim-large", "500"),
    ]


async def test_a_script_counts_turns_in_the_conversation(model_server: ModelServer) -> None:
    model_server.script(Answer(text="one"), Answer(text="two"))
    for _ in range(2):
        assert (await ASK[Wire.CHAT](model_server, Question())).text == "one"
