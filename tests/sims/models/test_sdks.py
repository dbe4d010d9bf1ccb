"""The official SDKs against the simulator: plain, streamed, tools, usage."""

import pytest

from tests.sims.models.clients import ASK, Question, anthropic, gemini, openai
from tests.sims.models.faults import Wire
from tests.sims.models.fixture import KEY, ModelServer
from tests.sims.models.talk import Answer, Call, Usage

EVERY_WIRE = pytest.mark.parametrize("wire", Wire)
EITHER_WAY = pytest.mark.parametrize("stream", [False, True], ids=["once", "stream"])
USED = Usage(input=1_000, output=120, read=600, reasoning=70)


@EVERY_WIRE
@EITHER_WAY
async def test_words_and_usage_arrive_whole(model_server: ModelServer, wire: Wire, stream: bool) -> None:
    model_server.script(Answer(text="The capital of Mexico is\n\nMexico City. ✓", thinking="Easy.", usage=USED))
    heard = await ASK[wire](model_server, Question(stream=stream))
    assert heard.text == "The capital of Mexico is\n\nMexico City. ✓"
    assert (heard.input, heard.output, heard.read, heard.reasoning) == (1_000, 120, 600, 70)
    (seen,) = model_server.seen
    assert (seen.wire, seen.key, seen.model, seen.stream) == (wire, KEY, "sim-large", stream)


@EVERY_WIRE
@EITHER_WAY
async def test_parallel_calls_keep_their_order_and_arguments(
    model_server: ModelServer, wire: Wire, stream: bool
) -> None:
    calls = [Call("get_price", {"symbol": name, "deep": {"list": [1, 2.5, None, "ü"]}}) for name in ("BTC", "ETH")]
    model_server.script(Answer(text="I look.", calls=calls))
    heard = await ASK[wire](model_server, Question(stream=stream, tools=True))
    assert heard.calls == [(call.name, call.arguments) for call in calls]
    assert heard.text == "I look."


@EVERY_WIRE
@EITHER_WAY
async def test_cache_writes_are_part_of_the_input(model_server: ModelServer, wire: Wire, stream: bool) -> None:
    model_server.script(Answer(text="Yes.", usage=Usage(input=900, output=2, read=100, written=700)))
    heard = await ASK[wire](model_server, Question(stream=stream))
    assert (heard.input, heard.read) == (900, 100)


async def test_each_sdk_lists_the_models(model_server: ModelServer) -> None:
    question = Question()
    async with openai(model_server, question) as client:
        assert [model.id async for model in client.models.list()] == ["sim-large", "sim-small"]
    async with anthropic(model_server, question) as client:
        assert [model.id async for model in client.models.list()] == ["sim-large", "sim-small"]
    async with gemini(model_server, question) as client:
        assert [model.name async for model in await client.models.list()] == ["models/sim-large", "models/sim-small"]
