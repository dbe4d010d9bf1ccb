"""Tests a connection with one cheap real call: reach it, have the key accepted, list the models, get one token back.

Light on purpose (plain httpx2, no SDK): the web process does this while a person waits, in ten seconds at most.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import httpx2

from omc.kit.clock import Clock, utc_now
from omc.kit.secret import Secret
from omc.vault.addresses import literal, url_problem
from omc.vault.asking import DIALECTS, Dialect, cheapest, is_answer, listed
from omc.vault.connection import Connection
from omc.vault.failures import FailureKind, ModelFailure, classify, from_sdk
from omc.vault.outbound import Limits, Policy, client, guarded_pool
from omc.vault.providers import Protocol, provider

PROBE_S: Final = 10.0
CONNECT_S: Final = 5.0
MAX_BYTES: Final = 8_000_000
VERSION: Final = "/v1"
NO_LIST: Final = (404, 405, 501)


class StepName(StrEnum):
    """The steps, in the order they are taken."""

    REACH = "reach"
    ACCEPT_KEY = "accept_key"
    LIST_MODELS = "list_models"
    ANSWER = "answer"


class StepState(StrEnum):
    """How a step ended; a note does not make the test fail."""

    OK = "ok"
    FAILED = "failed"
    NOTE = "note"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a test."""

    name: StepName
    state: StepState
    latency_ms: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a test found: `models` are the ids that the provider lists, `model` the one that was asked."""

    ok: bool
    steps: tuple[Step, ...]
    failure: ModelFailure | None
    models: tuple[str, ...]
    model: str | None
    latency_ms: int
    notes: tuple[str, ...]


async def probe(
    connection: Connection,
    policy: Policy,
    *,
    model: str | None = None,
    within_s: float = PROBE_S,
    clock: Clock = utc_now,
) -> Probe:
    """Test `connection`; never raises for what the other side does. `model` (or the connection's) is asked if given."""
    row = provider(connection.provider)
    assert row is not None, "a connection names a row of PROVIDERS"
    assert row.protocol is not None, "a built-in model has no connection"
    base_url = (connection.base_url or row.base_url or "").rstrip("/")
    run = _Run(
        dialect=DIALECTS[row.protocol],
        base_url=base_url,
        key=connection.key,
        lists_openly=row.protocol is Protocol.OPENAI_CHAT,
        clock=clock,
    )
    if (problem := url_problem(base_url)) is not None:
        run.fail(StepName.REACH, ModelFailure(FailureKind.ADDRESS_REFUSED, said=problem))
        return run.told()
    through = guarded_pool(policy)
    limits = Limits(connect_s=min(CONNECT_S, within_s), silence_s=within_s, max_bytes=MAX_BYTES)
    try:
        async with asyncio.timeout(within_s), client(policy, limits, through=through) as http:
            await _steps(run, http, model or connection.model or None)
    except TimeoutError:
        kind = FailureKind.CONNECT_TIMEOUT if run.under_way is StepName.REACH else FailureKind.TIMEOUT
        run.fail(run.under_way, ModelFailure(kind))
        if run.under_way is StepName.ANSWER:
            run.notes.append("A server that loads the model first may need longer: test once more.")
    finally:
        await through.aclose()
    return run.told()


@dataclass(slots=True, kw_only=True)
class _Run:
    """What is known so far."""

    dialect: Dialect
    base_url: str
    key: Secret | None
    lists_openly: bool
    clock: Clock
    steps: dict[StepName, Step] = field(default_factory=dict)
    failure: ModelFailure | None = None
    models: tuple[str, ...] = ()
    model: str | None = None
    notes: list[str] = field(default_factory=list)
    under_way: StepName = StepName.REACH
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    marked: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def mark(self, name: StepName, state: StepState, text: str) -> None:
        now = asyncio.get_running_loop().time()
        self.steps[name] = Step(name=name, state=state, latency_ms=round((now - self.marked) * 1_000), text=text)
        self.marked = now

    def fail(self, name: StepName, failure: ModelFailure) -> None:
        self.mark(name, StepState.FAILED, failure.text)
        self.failure = failure

    def told(self) -> Probe:
        skipped = {name: Step(name=name, state=StepState.SKIPPED, latency_ms=0, text="") for name in StepName}
        return Probe(
            ok=self.failure is None,
            steps=tuple({**skipped, **self.steps}.values()),
            failure=self.failure,
            models=self.models,
            model=self.model,
            latency_ms=round((asyncio.get_running_loop().time() - self.began) * 1_000),
            notes=tuple(self.notes),
        )


@dataclass(frozen=True, slots=True)
class _Reply:
    """An HTTP answer, read: its JSON where it is one, and the failure that it means where it is no success."""

    data: object
    failure: ModelFailure | None


async def _steps(run: _Run, http: httpx2.AsyncClient, model: str | None) -> None:
    if _in_the_open(run):
        run.notes.append("This address is not encrypted (http): whoever stands on the way can read the key.")
    reply = await _send(run, http, "GET", run.dialect.list_path)
    if reply.failure is not None and _ends_it(reply.failure):
        _stop(run, reply.failure)
        return
    _take_list(run, reply)
    run.under_way = StepName.ANSWER
    run.model = model or cheapest(run.models)
    if run.model is not None:
        _take_answer(run, await _question(run, http, run.model))
    elif reply.failure is None or reply.failure.status in NO_LIST:
        run.fail(StepName.ANSWER, ModelFailure(FailureKind.MODEL_UNKNOWN, said=_NO_MODEL))
    else:
        _take_answer(run, _Reply(None, reply.failure))
    if run.failure is not None and run.failure.kind in _PERHAPS_BELOW:
        await _look_below(run, http)


async def _look_below(run: _Run, http: httpx2.AsyncClient) -> None:
    """The commonest slip: an address without its /v1."""
    if VERSION in run.base_url + run.dialect.list_path:
        return
    below = await _send(run, http, "GET", VERSION + run.dialect.list_path)
    if below.failure is None and listed(run.dialect, below.data) is not None:
        run.notes.append(f"There is a model API at {run.base_url}{VERSION}: enter that address.")


_PERHAPS_BELOW = (FailureKind.NOT_AN_API, FailureKind.MODEL_UNKNOWN)
_NO_MODEL = "It lists no model. Name one to test with."
_UNREACHED = (
    *(FailureKind.UNREACHABLE, FailureKind.CONNECT_TIMEOUT, FailureKind.TLS, FailureKind.ADDRESS_REFUSED),
    *(FailureKind.REDIRECTED, FailureKind.CUT),
)


def _ends_it(failure: ModelFailure) -> bool:
    """Whether nothing more can be learned: not reached, or the key is refused. A list that is missing ends nothing."""
    return failure.kind in _UNREACHED or failure.kind in {FailureKind.BAD_KEY, FailureKind.REGION}


def _stop(run: _Run, failure: ModelFailure) -> None:
    reached = failure.kind not in _UNREACHED
    if reached and StepName.REACH not in run.steps:
        run.mark(StepName.REACH, StepState.OK, "Connected.")
    run.fail(StepName.ACCEPT_KEY if reached else StepName.REACH, failure)


def _take_list(run: _Run, reply: _Reply) -> None:
    failure = reply.failure
    if failure is None and not run.lists_openly:
        run.mark(StepName.ACCEPT_KEY, StepState.OK, "The key is accepted.")
    run.models = listed(run.dialect, reply.data) or ()
    if failure is not None:
        run.mark(StepName.LIST_MODELS, StepState.NOTE, f"No list of models: {failure.text}")
    elif not run.models:
        run.mark(StepName.LIST_MODELS, StepState.NOTE, "The server lists no models; name the one to use.")
    else:
        run.mark(StepName.LIST_MODELS, StepState.OK, f"{len(run.models)} models.")


async def _question(run: _Run, http: httpx2.AsyncClient, model: str) -> _Reply:
    path, question = run.dialect.answer_path(model), run.dialect.question(model)
    reply = await _send(run, http, "POST", path, question)
    if reply.failure is not None and "max_completion_tokens" in reply.failure.text:
        changed = {name: value for name, value in question.items() if name != "max_tokens"}
        return await _send(run, http, "POST", path, {**changed, "max_completion_tokens": 1})
    return reply


def _take_answer(run: _Run, reply: _Reply) -> None:
    failure = reply.failure
    if failure is None and not is_answer(run.dialect, reply.data):
        failure = ModelFailure(FailureKind.MALFORMED)
    if failure is None or failure.kind is FailureKind.TOO_LONG:
        run.steps.setdefault(StepName.ACCEPT_KEY, _accepted(run.key))
        run.mark(StepName.ANSWER, StepState.OK, f"{run.model} answers.")
        return
    if failure.kind in _KEY_WORKS:
        run.steps.setdefault(StepName.ACCEPT_KEY, _accepted(run.key))
    if failure.kind is FailureKind.BAD_KEY:
        run.steps.pop(StepName.ACCEPT_KEY, None)
        run.fail(StepName.ACCEPT_KEY, failure)
        return
    if failure.kind is FailureKind.NOT_AN_API and not run.models:
        run.steps.pop(StepName.REACH, None)
        run.steps.pop(StepName.LIST_MODELS, None)
        run.fail(StepName.REACH, failure)
        return
    run.fail(StepName.ANSWER, failure)


_KEY_WORKS = (
    *(FailureKind.RATE_LIMITED, FailureKind.NO_CREDIT, FailureKind.MODEL_UNKNOWN, FailureKind.FORBIDDEN),
    *(FailureKind.REFUSED, FailureKind.REJECTED, FailureKind.CONTEXT_TOO_LONG, FailureKind.EMPTY),
)


def _accepted(key: Secret | None) -> Step:
    text = "The server asks for no key." if key is None else "The key is accepted."
    return Step(name=StepName.ACCEPT_KEY, state=StepState.OK, latency_ms=0, text=text)


async def _send(
    run: _Run, http: httpx2.AsyncClient, method: str, path: str, body: Mapping[str, object] | None = None
) -> _Reply:
    """Send one request; whatever comes of it is a reply. The first one to connect ends the step of reaching."""
    key = "" if run.key is None else run.key.reveal()
    hide = [] if run.key is None else [run.key]

    async def trace(event: str, _facts: Mapping[str, object]) -> None:
        done = "start_tls.complete" if run.base_url.lower().startswith("https") else "connect_tcp.complete"
        if event == f"connection.{done}" and run.under_way is StepName.REACH:
            run.mark(StepName.REACH, StepState.OK, "Connected.")
            run.under_way = StepName.ACCEPT_KEY

    request = http.build_request(
        method, run.base_url + path, headers=run.dialect.headers(key), json=body, extensions={"trace": trace}
    )
    failure: ModelFailure | None = None
    try:
        response = await http.send(request)
        if not response.is_success:
            return _Reply(
                None, classify(response.status_code, response.headers, response.text, now=run.clock(), hide=hide)
            )
        return _Reply(json.loads(response.content), None)
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
        failure = from_sdk(error, now=run.clock(), hide=hide)
    return _Reply(None, failure)


def _in_the_open(run: _Run) -> bool:
    parts = urlsplit(run.base_url)
    host = parts.hostname or ""
    spelled = literal(host)
    near = host == "localhost" or (spelled is not None and not spelled.is_global)
    return parts.scheme.lower() == "http" and run.key is not None and not near
