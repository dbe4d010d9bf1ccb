"""One request from its arrival to its last byte: recorded, judged, answered, or broken as was asked for."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from tests.sims.models import brain, wire_anthropic, wire_chat, wire_gemini, wire_responses
from tests.sims.models.desk import Desk, Seen
from tests.sims.models.errors import refused
from tests.sims.models.faults import Fault, Wire
from tests.sims.models.talk import JSON, Answer, Call, Conversation, Finish
from tests.sims.models.transports import Transports
from tests.sims.models.wire_chat import DIALECTS, Dialect

LOOK_EVERY_S = 0.02
DRIP_EVERY_S = 0.05
SSE = "text/event-stream; charset=utf-8"
HTML = "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
ELSEWHERE = "/elsewhere"
HALF_JSON = '{"id": "x", "choices": [{"mess'
PROMISED_BYTES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A decoded request."""

    wire: Wire
    key: str
    talk: Conversation
    request_id: str
    dialect: Dialect = DIALECTS["openai"]

    def whole(self, answer: Answer) -> JSON:
        match self.wire:
            case Wire.CHAT:
                return wire_chat.whole(answer, self.talk, self.request_id, self.dialect)
            case Wire.RESPONSES:
                return wire_responses.whole(answer, self.talk, self.request_id)
            case Wire.ANTHROPIC:
                return wire_anthropic.whole(answer, self.talk, self.request_id)
            case Wire.GEMINI:
                return wire_gemini.whole(answer, self.talk, self.request_id)

    def frames(self, answer: Answer) -> Iterator[str]:
        match self.wire:
            case Wire.CHAT:
                return wire_chat.frames(answer, self.talk, self.request_id, self.dialect)
            case Wire.RESPONSES:
                return wire_responses.frames(answer, self.talk, self.request_id)
            case Wire.ANTHROPIC:
                return wire_anthropic.frames(answer, self.talk, self.request_id)
            case Wire.GEMINI:
                return wire_gemini.frames(answer, self.talk, self.request_id)

    def failing(self) -> str:
        speaker = {
            Wire.CHAT: wire_chat.failing,
            Wire.RESPONSES: wire_responses.failing,
            Wire.ANTHROPIC: wire_anthropic.failing,
            Wire.GEMINI: wire_gemini.failing,
        }[self.wire]
        return speaker("Overloaded")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Answers requests as the desk says."""

    desk: Desk
    transports: Transports

    async def answer(self, request: Request, asked: Asked) -> Response:
        """Answer one request."""
        talk = asked.talk
        fault = self._judge(asked)
        self._record(request, asked, fault)
        await asyncio.sleep(self.desk.latency_s)
        if fault is not None and (broken := await self._broken(request, asked, fault)):
            return broken
        said = await self.desk.brains.get(talk.model, self.desk.brain)(talk)
        said = brain.counted(_spoiled(said, fault, asked), talk)
        if fault is Fault.GIANT:
            said = replace(said, text="x" * self.desk.giant_bytes)
        said = replace(said, calls=[_numbered(call, index, talk) for index, call in enumerate(said.calls)])
        if talk.stream:
            return StreamingResponse(
                self._stream(request, asked, said, fault), media_type=SSE, headers=_headers(asked, {})
            )
        return self._once(request, asked, said, fault)

    async def listing(self, request: Request, asked: Asked, listed: JSON) -> Response:
        """Answer with the list of models, or as a fault says that needs no conversation."""
        fault = self._judge(asked)
        self._record(request, asked, fault)
        await asyncio.sleep(self.desk.latency_s)
        if fault is not None and (broken := await self._broken(request, asked, fault)):
            return broken
        return JSONResponse(listed, headers=_headers(asked, {}))

    def _judge(self, asked: Asked) -> Fault | None:
        if asked.dialect.needs_key and not self.desk.knows(asked.key):
            return Fault.INVALID_KEY
        return self.desk.fault_of(asked.wire, asked.talk.model, asked.key)

    def _record(self, request: Request, asked: Asked, fault: Fault | None) -> None:
        self.desk.seen.append(
            Seen(
                wire=asked.wire,
                path=request.url.path,
                key=asked.key,
                model=asked.talk.model,
                stream=asked.talk.stream,
                headers=dict(request.headers),
                body=asked.talk.body,
                fault=fault,
            )
        )

    async def _broken(self, request: Request, asked: Asked, fault: Fault) -> Response | None:
        """The answer of a fault that leaves nothing of the real one."""
        model, key = asked.talk.model, asked.key
        if error := refused(fault, asked.wire, model=model, key=key, request_id=asked.request_id):
            return JSONResponse(error.body, error.status, _headers(asked, error.headers))
        match fault:
            case Fault.HANG:
                await self._gone(request)
                return Response(status_code=504)
            case Fault.RESET:
                await self._cut(request)
                return Response(status_code=500)
            case Fault.MALFORMED if not asked.talk.stream:
                return Response(HALF_JSON, media_type="application/json")
            case Fault.HTML_200 | Fault.HTML_502:
                return Response(HTML, 200 if fault is Fault.HTML_200 else 502, media_type="text/html")
            case Fault.REDIRECT:
                # Another host for every client, and still this machine.
                away = request.url.replace(hostname="localhost", path=ELSEWHERE + request.url.path)
                return RedirectResponse(str(away), 307)
            case _:
                return None

    def _once(self, request: Request, asked: Asked, said: Answer, fault: Fault | None) -> Response:
        written = json.dumps(asked.whole(said)).encode()
        headers = _headers(asked, {})
        if fault in {Fault.CUT, Fault.OVERLOADED_MIDDLE, Fault.HANG_MIDDLE, Fault.DRIP, Fault.ENDLESS}:
            headers = {**headers, "content-length": str(PROMISED_BYTES + len(written))}
            pouring = self._pour(request, written, fault)
            return StreamingResponse(pouring, media_type="application/json", headers=headers)
        return Response(written, media_type="application/json", headers=headers)

    async def _pour(self, request: Request, written: bytes, fault: Fault) -> AsyncIterator[bytes]:
        """Half of an answer, and then what was asked for."""
        yield written[: len(written) // 2]
        if fault in {Fault.DRIP, Fault.ENDLESS}:
            while not await self._left(request):
                yield b" "
                await asyncio.sleep(DRIP_EVERY_S)
        elif fault is Fault.HANG_MIDDLE:
            await self._gone(request)
        await self._cut(request)

    async def _stream(self, request: Request, asked: Asked, said: Answer, fault: Fault | None) -> AsyncIterator[str]:
        frames = _shortened(asked, said, fault)
        for frame in frames:
            wait = DRIP_EVERY_S if fault is Fault.DRIP else self.desk.chunk_delay_s
            if wait or said.endless:
                await asyncio.sleep(wait)
                if await self._left(request):
                    return
            yield frame
        if fault is Fault.HANG_MIDDLE:
            await self._gone(request)
        if fault in {Fault.CUT, Fault.HANG_MIDDLE}:
            await self._cut(request)

    async def _cut(self, request: Request) -> None:
        """Cut the connection, after what was written has left the buffer and before the answer's end is sent."""
        await asyncio.sleep(LOOK_EVERY_S)
        self.transports.abort(request)
        await asyncio.sleep(LOOK_EVERY_S)

    async def _gone(self, request: Request) -> None:
        while not await self._left(request):
            await asyncio.sleep(LOOK_EVERY_S)

    async def _left(self, request: Request) -> bool:
        return self.transports.closing or await request.is_disconnected()


_HALVED = frozenset({Fault.CUT, Fault.HANG_MIDDLE, Fault.EARLY_END, Fault.OVERLOADED_MIDDLE, Fault.MALFORMED})


def _shortened(asked: Asked, said: Answer, fault: Fault | None) -> Iterator[str]:
    """The events of a stream, those until its middle where it breaks there."""
    frames = asked.frames(said)
    if fault not in _HALVED:
        return frames
    listed = list(frames)
    half = listed[: max(len(listed) // 2, 1)]
    broken = {Fault.OVERLOADED_MIDDLE: asked.failing(), Fault.MALFORMED: f"data: {HALF_JSON}\n\n"}
    return chain(half, [broken[fault]] if fault in broken else [])


_SAID_INSTEAD: Mapping[Fault, Answer] = {
    Fault.REFUSAL: Answer(text="I cannot help with that.", finish=Finish.REFUSAL),
    Fault.PROMPT_BLOCKED: Answer(finish=Finish.BLOCKED),
    Fault.FILTERED: Answer(text="I would begin with", finish=Finish.FILTER),
    Fault.EMPTY: Answer(),
    Fault.LENGTH: Answer(text="The answer is long and it ends in the middle of", finish=Finish.LENGTH),
}


def _spoiled(said: Answer, fault: Fault | None, asked: Asked) -> Answer:
    """The answer with what a fault of the model itself does to it."""
    talk = asked.talk
    tool = talk.tools[0] if talk.tools else "no_such_tool"
    match fault:
        case Fault.NOT_JSON_ARGUMENTS if asked.wire is Wire.GEMINI:
            return Answer(finish=Finish.MALFORMED)  # arguments are no text there: this is how it says so
        case Fault.NOT_JSON_ARGUMENTS:
            return replace(said, calls=[Call(tool, '{"symbol": "BTC')])
        case Fault.WRONG_ARGUMENTS:
            return replace(said, calls=[Call(tool, {"no_such_argument": [1, {"deep": None}]})])
        case Fault.UNKNOWN_TOOL:
            return replace(said, calls=[Call("no_such_tool", {})])
        case Fault.EARLY_END:
            return replace(said, finish=Finish.CUT)
        case Fault.ENDLESS:
            return replace(said, text=said.text or "and so on ", endless=talk.stream)
        case _:
            return said if fault is None else _SAID_INSTEAD.get(fault, said)


def _numbered(call: Call, index: int, talk: Conversation) -> Call:
    return call if call.id else replace(call, id=f"{call.name}-{talk.replies}-{index}")


def _headers(asked: Asked, more: Mapping[str, str]) -> dict[str, str]:
    match asked.wire:
        case Wire.ANTHROPIC:
            return {"request-id": f"req_{asked.request_id}", **more}
        case Wire.GEMINI:
            return dict(more)
        case _:
            told = {"openai-version": "2020-10-01", "openai-processing-ms": "23"}
            return {"x-request-id": f"req_{asked.request_id}", **told, **more}
