"""The web framework's edge: problem details, the shield around every request, the built page, and event streams."""

import asyncio
import errno
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse
from fastapi.sse import ServerSentEvent
from pydantic import BaseModel, Field, JsonValue
from sqlalchemy.exc import DataError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from omc.kit import metrics, shield
from omc.kit.bus import Bus
from omc.kit.clock import Clock
from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.events import Event
from omc.kit.follow import MAX_POSITION_TEXT, Passing, Presence, follow_beating, parse_position
from omc.kit.ids import new_id
from omc.kit.outage import AWAY, outage
from omc.kit.page import NOT_BUILT, find_asset, index_page
from omc.kit.secret import without_keys

PROBLEM_TYPE = "application/problem+json"
PAGE_ROUTE = "page"
_NO_OBJECT = "Send a JSON object, with Content-Type: application/json. A file, a form or plain text is not read here."
MAX_PROBLEMS = 20
MAX_PLACE_NAME = 30
RECONNECT_MS = 1_000
NONCE_BYTES = 16
_OWN_PREFIXES = ("/api/", "/assets/")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a route may use of this process, besides its own transaction."""

    database: Database
    bus: Bus
    clock: Clock
    data_dir: Path
    closing: asyncio.Event


class PlaceProblem(BaseModel):
    """One thing wrong in the input."""

    place: str = Field(description="Where: a JSON pointer into the body, or `query/…`, `path/…`, `header/…`")
    text: str


class ProblemDetails(BaseModel):
    """Why a request was not served (RFC 9457)."""

    type: str = Field(examples=["urn:omc:problem:wrong_credentials"])
    title: str = Field(examples=["Unauthorized"])
    status: int = Field(examples=[401])
    detail: str = Field(description="What to do next, in a sentence")
    code: str = Field(description="The same for programs", examples=["wrong_credentials"])
    place: str | None = Field(default=None, description="Where in the input")
    id: str | None = Field(default=None, description="Names the occurrence in the log")
    problems: list[PlaceProblem] | None = None


class EventAnswer(BaseModel):
    """One event of the log; `seq` counts from 1 within its topic, without gaps."""

    topic: str = Field(examples=["session:0199a0c2-0000-7000-8000-000000000001"])
    seq: int = Field(examples=[38])
    ts: datetime
    kind: str = Field(examples=["step.finished"])
    data: dict[str, JsonValue]


def event_answer(event: Event) -> EventAnswer:
    """Return an event as the API shows it."""
    return EventAnswer.model_validate(event, from_attributes=True)


def resources(request: Request) -> Resources:
    """Dependency: the process's resources, as the lifespan made them."""
    found = request.app.state.resources
    assert isinstance(found, Resources)
    return found


Wired = Annotated[Resources, Depends(resources)]


# --- problem details --------------------------------------------------------------------------------------------------


def problem_answer(
    problem: ProblemDetails, headers: Mapping[str, str] | None = None, more: Mapping[str, object] | None = None
) -> Response:
    """Return the answer that carries `problem`, and `more` beside it."""
    problem.detail = without_keys(problem.detail)
    content = problem.model_dump(mode="json", exclude_none=True) | dict(more or {})
    return JSONResponse(content, problem.status, headers=headers, media_type=PROBLEM_TYPE)


def refusal_answer(refusal: Refusal) -> Response:
    """Return the answer to a request that was refused on purpose."""
    metrics.refused(refusal.code)
    headers: dict[str, str] = {}
    if refusal.retry_after_s is not None:
        headers["retry-after"] = str(refusal.retry_after_s)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    problem = _problem(refusal.status, refusal.code, refusal.text)
    problem.place = refusal.place or None
    return problem_answer(problem, headers, refusal.more)


def install_problems(app: FastAPI) -> None:
    """Answer every refusal, wrong input, wrong address and missing database with problem details."""
    app.exception_handler(Refusal)(_on_refusal)
    app.exception_handler(RequestValidationError)(_on_invalid)
    app.exception_handler(HTTPException)(_on_http)
    app.exception_handler(DataError)(_on_unstorable)
    app.exception_handler(OSError)(_on_machine)
    for kind in AWAY:
        app.exception_handler(kind)(_on_outage)


async def _on_refusal(_request: Request, error: Refusal) -> Response:
    return refusal_answer(error)


async def _on_outage(request: Request, error: Exception) -> Response:
    refusal = outage(error)
    log.warning("request.unserved", code=refusal.code, path=request.url.path, error=type(error).__name__)
    return refusal_answer(refusal)


async def _on_unstorable(_request: Request, _error: DataError) -> Response:
    return refusal_answer(
        Refusal("not_storable", 422, "A value holds a character or a number that cannot be stored. Change it.")
    )


async def _on_machine(_request: Request, error: OSError) -> Response:
    """Uploads are spooled to files before a route sees them; of all that a machine refuses, a user can mend this."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        raise error
    return refusal_answer(
        Refusal("disk_full", 507, "The disk of the machine that runs OMC is full. Free some space, then send it again.")
    )


async def _on_invalid(_request: Request, error: RequestValidationError) -> Response:
    found = [
        PlaceProblem(place=_place(item["loc"]), text=_NO_OBJECT if _is_no_object(item) else without_keys(item["msg"]))
        for item in error.errors()[:MAX_PROBLEMS]
    ]
    first = found[0] if found else PlaceProblem(place="", text="The input is not as described.")
    problem = _problem(422, "invalid_input", f"{first.place}: {first.text}")
    problem.place = first.place
    problem.problems = found
    metrics.refused(problem.code)
    return problem_answer(problem)


def _is_no_object(item: Mapping[str, object]) -> bool:
    return item["type"] == "model_attributes_type" and item["loc"] == ("body",)


async def _on_http(request: Request, error: HTTPException) -> Response:
    status = error.status_code
    if status == HTTPStatus.METHOD_NOT_ALLOWED and getattr(request.scope.get("route"), "name", "") == PAGE_ROUTE:
        status = HTTPStatus.NOT_FOUND
    code, text = _HTTP_TEXTS.get(status, ("refused", str(error.detail)))
    return problem_answer(_problem(status, code, text), error.headers if status == error.status_code else None)


_HTTP_TEXTS = {
    400: ("unreadable", "The request's body could not be read. Send what the API description asks for."),
    404: ("not_found", "There is nothing at this address. /api/v1/openapi.json lists what there is."),
    405: ("method_not_allowed", "This address exists, but not for this method. See the Allow header."),
    413: ("too_large", "The request's body is larger than this address accepts. Send it in smaller parts."),
}


def _problem(status: int, code: str, text: str) -> ProblemDetails:
    title = HTTPStatus(status).phrase
    return ProblemDetails(type=f"urn:omc:problem:{code}", title=title, status=status, detail=text, code=code)


def _place(parts: Sequence[str | int]) -> str:
    source, *inside = [str(part) for part in parts]
    path = "/" + "/".join(_known(part).replace("~", "~0").replace("/", "~1") for part in inside)
    return path if source == "body" else f"{source}{path}"


def _known(part: str) -> str:
    """A name as it was sent, unless it is longer than any of ours: who knows what was pasted there."""
    return part if len(part) <= MAX_PLACE_NAME else "…"


# --- the shield -------------------------------------------------------------------------------------------------------


class Shield:
    """The outermost layer: turns foreign hosts and pages away, adds safe headers, hides what broke."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: frozenset[str]) -> None:
        """Wrap `app`; `allowed_hosts` are the names it answers to besides addresses and localhost."""
        self._app = app
        self._allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        try:
            refusal = shield.refuse(_knock(scope), self._allowed_hosts)
            served = self._app if refusal is None else refusal_answer(refusal)
            await served(scope, receive, answer.send)
        except Exception as error:
            if answer.status:
                raise
            await _broken(scope, error)(scope, receive, answer.send)


class Edge(FastAPI):
    """An application whose every refusal is a problem: the framework answers an announced long body in plain text."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put one more layer around the framework's own."""
        inner = super().build_middleware_stack()

        async def outermost(scope: Scope, receive: Receive, send: Send) -> None:
            await inner(scope, receive, _Retold(scope, receive, send).send if scope["type"] == "http" else send)

        return outermost


class _Retold:
    """Sends answers as they are, but for a plain 413, which came past the shield and all handlers."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._replaced = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            self._replaced = Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")
        if not self._replaced:
            await self._send(message)
        elif message["type"] == "http.response.start":
            problem = problem_answer(_problem(413, *_HTTP_TEXTS[413]))
            await problem(self._scope, self._receive, _Answer(self._scope, self._send).send)


class _Answer:
    def __init__(self, scope: Scope, send: Send) -> None:
        self._headers = shield.answer_headers(scope["scheme"])
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await self._send(message)


def _broken(scope: Scope, error: Exception) -> Response:
    occurrence = new_id().hex
    log.error("request.failed", id=occurrence, method=scope["method"], route=_template(scope), exc_info=error)
    text = f"This is a bug in OMC, not in your request. Its log names it {occurrence}."
    problem = _problem(500, "unexpected", text)
    problem.id = occurrence
    return problem_answer(problem)


def _knock(scope: Scope) -> shield.Knock:
    headers = Headers(scope=scope)
    return shield.Knock(
        method=scope["method"],
        host=headers.get("host", ""),
        origin=headers.get("origin", ""),
        fetch_site=headers.get("sec-fetch-site", ""),
    )


def _template(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "unmatched")


# --- the page ---------------------------------------------------------------------------------------------------------


def install_page(app: FastAPI, root: Path) -> None:
    """Serve the built page under `root` at every address that no other route has; call it last."""

    async def page(request: Request) -> Response:
        path = request.url.path
        if asset := find_asset(root, path, request.headers.get("accept-encoding", "")):
            headers = {"cache-control": asset.cache_control, "vary": "accept-encoding"}
            if asset.encoding:
                headers["content-encoding"] = asset.encoding
            return FileResponse(asset.path, headers=headers, media_type=asset.media_type)
        if path.startswith(_OWN_PREFIXES) or path == "/api":
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _index(root)

    app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False, name=PAGE_ROUTE)(page)


def _index(root: Path) -> Response:
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    html = index_page(root, nonce)
    if html is None:
        return PlainTextResponse(NOT_BUILT, HTTPStatus.NOT_FOUND)
    return HTMLResponse(html, headers={"content-security-policy": shield.page_policy(nonce)})


# --- event streams ----------------------------------------------------------------------------------------------------


def resume_position(
    last_event_id: Annotated[str, Header(max_length=MAX_POSITION_TEXT)] = "",
    after: Annotated[
        str, Query(max_length=MAX_POSITION_TEXT, description="Where to begin: `topic=seq,topic=seq`", examples=[""])
    ] = "",
) -> dict[str, int]:
    """Dependency: what the client has already; a reconnecting browser's Last-Event-ID wins over the address."""
    return parse_position(last_event_id or after)


Resumed = Annotated[dict[str, int], Depends(resume_position)]


async def event_stream(
    resources: Resources,
    *,
    workspace: UUID,
    topics: Sequence[str],
    resumed: Mapping[str, int],
    present: Presence,
    words: Sequence[str] = (),
) -> AsyncIterator[ServerSentEvent]:
    """Yield the events of `topics` behind the resumed position, for ever: yield each from a route.

    A `beat` comes every BEAT_S, for a page cannot see the comments that the framework sends to keep proxies patient.
    `words` are what a model says on the topics of that name while it says it: without an id, as they are in no log.
    """
    metrics.stream_opened()
    after = {topic: resumed.get(topic, 0) for topic in topics}
    try:
        yield ServerSentEvent(comment="open", retry=RECONNECT_MS)
        async for delivery in follow_beating(
            resources.database,
            resources.bus,
            workspace=workspace,
            after=after,
            present=present,
            closing=resources.closing,
            words=words,
        ):
            if isinstance(delivery, Passing):
                said = f'{{"topic":{json.dumps(delivery.topic)},"data":{delivery.words}}}'
                yield ServerSentEvent(event="words", raw_data=said)
                continue
            if delivery is None:
                yield ServerSentEvent(event="beat", raw_data="{}")
                continue
            raw = event_answer(delivery.event).model_dump_json()
            yield ServerSentEvent(event="event", id=delivery.position, raw_data=raw)
    finally:
        metrics.stream_closed()
