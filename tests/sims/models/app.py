"""The routes of the simulator: the four wires, the lists of models, another host's address, and the control."""

import dataclasses
from collections.abc import Awaitable, Callable
from itertools import count

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.sims.models import wire_anthropic, wire_chat, wire_gemini, wire_responses
from tests.sims.models.desk import Desk, Told
from tests.sims.models.faults import Fault, Wire
from tests.sims.models.speaking import ELSEWHERE, Asked, Speaker
from tests.sims.models.talk import JSON, Conversation, table
from tests.sims.models.transports import Front, Transports
from tests.sims.models.wire_chat import DIALECTS, Dialect

Handler = Callable[[Request], Awaitable[Response]]


def _gone(_request: Request, _error: Exception) -> Response:
    """Answer nobody: who asked did not wait, and a server that complained would write his headers into the log."""
    return Response(status_code=499)


def simulator(desk: Desk, port: int = 0) -> Front:
    """A simulator that can be served; its `port` is known once it has started."""
    app = Starlette(exception_handlers={ClientDisconnect: _gone})
    front = Front(app, Transports(), port)
    speaker = Speaker(desk, front.transports)
    names = (f"{number:024x}" for number in count(1))
    for dialect in DIALECTS.values():
        _chat(app, speaker, names.__next__, dialect)
    _responses(app, speaker, names.__next__)
    _anthropic(app, speaker, names.__next__)
    _gemini(app, speaker, names.__next__)
    app.router.routes += [
        Route("/control", _control(desk, front), methods=["GET", "POST"]),
        Route("/control/requests", _requests(desk)),
        Route(ELSEWHERE + "/{path:path}", _elsewhere(desk), methods=["GET", "POST"]),
    ]
    return front


def _bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer").strip()


def _anthropic_key(request: Request) -> str:
    """Its own header, or the bearer's, which its newer SDKs send."""
    return request.headers.get("x-api-key", "") or _bearer(request)


def _chat(app: Starlette, speaker: Speaker, name: Callable[[], str], dialect: Dialect) -> None:
    async def complete(request: Request) -> Response:
        talk = wire_chat.read(await _body(request))
        asked = Asked(wire=Wire.CHAT, key=_bearer(request), talk=talk, request_id=name(), dialect=dialect)
        return await speaker.answer(request, asked)

    app.router.routes.append(Route(f"{dialect.base}/chat/completions", complete, methods=["POST"]))
    if dialect.lists_models:
        app.router.routes.append(Route(f"{dialect.base}/models", _models(speaker, dialect)))


def _models(speaker: Speaker, dialect: Dialect) -> Handler:
    async def listed(request: Request) -> Response:
        anthropic = "anthropic-version" in request.headers
        wire = Wire.ANTHROPIC if anthropic else Wire.CHAT
        key = _anthropic_key(request) if anthropic else _bearer(request)
        listing = wire_anthropic.models if anthropic else wire_chat.models
        asked = _asked_for_models(wire, key, dialect)
        return await speaker.listing(request, asked, listing(list(speaker.desk.models)))

    return listed


def _asked_for_models(wire: Wire, key: str, dialect: Dialect = DIALECTS["openai"]) -> Asked:
    talk = Conversation(model="", system="", turns=(), tools=())
    return Asked(wire=wire, key=key, talk=talk, request_id="models", dialect=dialect)


def _responses(app: Starlette, speaker: Speaker, name: Callable[[], str]) -> None:
    async def respond(request: Request) -> Response:
        talk = wire_responses.read(await _body(request))
        asked = Asked(wire=Wire.RESPONSES, key=_bearer(request), talk=talk, request_id=name())
        return await speaker.answer(request, asked)

    app.router.routes.append(Route("/v1/responses", respond, methods=["POST"]))


def _anthropic(app: Starlette, speaker: Speaker, name: Callable[[], str]) -> None:
    async def message(request: Request) -> Response:
        talk = wire_anthropic.read(await _body(request))
        key = _anthropic_key(request)
        asked = Asked(wire=Wire.ANTHROPIC, key=key, talk=talk, request_id=name())
        return await speaker.answer(request, asked)

    app.router.routes.append(Route("/v1/messages", message, methods=["POST"]))


def _gemini(app: Starlette, speaker: Speaker, name: Callable[[], str]) -> None:
    def key_of(request: Request) -> str:
        return request.headers.get("x-goog-api-key", "") or request.query_params.get("key", "")

    async def generate(request: Request) -> Response:
        model, _, verb = request.path_params["model"].partition(":")
        if verb not in {"generateContent", "streamGenerateContent"}:
            return JSONResponse({"error": {"code": 404, "message": "", "status": "NOT_FOUND"}}, 404)
        stream = verb == "streamGenerateContent"
        talk = wire_gemini.read(await _body(request), model, stream=stream)
        asked = Asked(wire=Wire.GEMINI, key=key_of(request), talk=talk, request_id=name())
        return await speaker.answer(request, asked)

    async def listed(request: Request) -> Response:
        asked = _asked_for_models(Wire.GEMINI, key_of(request))
        return await speaker.listing(request, asked, wire_gemini.models(list(speaker.desk.models)))

    app.router.routes.append(Route("/v1beta/models", listed))
    app.router.routes.append(Route("/v1beta/models/{model:path}", generate, methods=["POST"]))


async def _body(request: Request) -> JSON:
    return table(await request.json())


def _elsewhere(desk: Desk) -> Handler:
    async def stranger(request: Request) -> Response:
        desk.note_stranger(request.url.path, dict(request.headers))
        return JSONResponse({"stolen": True})

    return stranger


def _requests(desk: Desk) -> Handler:
    async def seen(request: Request) -> Response:
        del request
        return JSONResponse([dataclasses.asdict(row) for row in desk.seen])

    return seen


def _control(desk: Desk, front: Front) -> Handler:
    doors = {"open": front.open, "refuse": front.refuse, "silence": front.silence}

    async def control(request: Request) -> Response:
        if request.method == "POST":
            told = Told.model_validate(await request.json())
            told.apply(desk)
            if told.door is not None:
                # The answer leaves first: this request may have come through that very door.
                front.soon(doors[told.door])
        return JSONResponse({"url": front.url, "faults": [*Fault], "models": [*desk.models], "seen": len(desk.seen)})

    return control
