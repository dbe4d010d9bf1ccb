"""The recordings themselves, served on loopback and read by the real clients and the model library."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, ToolCallPart
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.serving import running_plain
from tests.sims.models.library import library_model
from tests.sims.models.recordings import Recording, read_all, said

SHARED_DATA = Path(__file__).parents[4] / "shared" / "data"
RECORDINGS = [recording for recording in read_all(SHARED_DATA) if recording.status == 200]


@pytest.fixture(scope="module")
def replayed() -> Iterator[str]:
    """A server that answers `/<name>/…` with the recording of this name."""
    named = {recording.name: recording for recording in RECORDINGS}

    async def answer(request: Request) -> Response:
        recording = named[request.path_params["name"]]
        return Response(recording.raw, recording.status, {"content-type": recording.content_type})

    app = FastAPI()
    app.router.routes.append(Route("/{name}/{path:path}", answer, methods=["POST"]))
    with running_plain(app) as url:
        yield url


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
async def test_a_recorded_answer_is_read_whole(replayed: str, shared_data: Path, recording: Recording) -> None:
    asked = [ModelRequest.user_text_prompt("Whatever was asked.")]
    async with library_model(f"{replayed}/{recording.name}", recording.wire) as model:
        if recording.stream:
            async with model_request_stream(model, asked) as stream:
                async for _ in stream:
                    pass
            heard: ModelResponse = stream.get()
        else:
            heard = await model_request(model, asked)
    expected = said(recording)
    assert "".join(part.content for part in heard.parts if isinstance(part, TextPart)) == expected.text
    calls = [(part.tool_name, part.args_as_dict()) for part in heard.parts if isinstance(part, ToolCallPart)]
    assert calls == expected.calls
    used = heard.usage
    assert (used.input_tokens, used.output_tokens, used.cache_read_tokens) == expected.tokens


def test_there_are_recordings_of_every_kind(shared_data: Path) -> None:
    assert len(RECORDINGS) > 60
    assert {(recording.wire, recording.stream) for recording in RECORDINGS} == {
        (wire, stream) for wire in {row.wire for row in RECORDINGS} for stream in (False, True)
    }
