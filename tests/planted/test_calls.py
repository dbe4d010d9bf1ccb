"""Every way a call ends, on every wire, with all that can listen: no key in a span, a log or an exception."""

import asyncio
import faulthandler
import logging
import pickle
import subprocess
import sys
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_ai import Agent
from pydantic_ai.direct import model_request
from pydantic_ai.messages import ModelRequest
from pydantic_ai.models.instrumented import InstrumentationSettings

from omc.kit import metrics
from omc.kit.secret import Secret
from omc.vault import outbound
from omc.vault.addresses import Policy
from omc.vault.building import build
from omc.vault.calling import Asked, Words, ask
from omc.vault.connection import Connection
from omc.vault.failures import ModelFailure
from omc.vault.probing import probe
from tests.planted.keys import KINDS, Planted
from tests.planted.searching import Searcher
from tests.sims.models.faults import Fault
from tests.sims.models.fixture import KEY, ModelServer

OWN = Policy(private=True)
SLOW_S = 1.0
GIANT_BYTES = 17_000_000
ENDLESS = frozenset({Fault.HANG, Fault.HANG_MIDDLE, Fault.DRIP, Fault.ENDLESS})
AT_ONCE = 12


@dataclass(slots=True)
class Heard:
    """What came out, by its place."""

    spans: InMemorySpanExporter
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, place: str, *said: str) -> None:
        self.places.setdefault(place, []).extend(said)

    def everything(self) -> dict[str, str]:
        spans = "\n".join(span.to_json() for span in self.spans.get_finished_spans())
        return {**{place: "\n".join(said) for place, said in self.places.items()}, "spans": spans}


class _Listener(logging.Handler):
    def __init__(self, heard: Heard) -> None:
        super().__init__(logging.DEBUG)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.add("logs", record.getMessage(), repr(record.args), repr(vars(record)))
        if record.exc_info and record.exc_info[1]:
            self._heard.add("logs", *_told(record.exc_info[1]))


@contextmanager
def listening() -> Generator[Heard]:
    """Hear all logs at debug level, and every span that pydantic-ai makes, with the content of messages."""
    heard = Heard(InMemorySpanExporter())
    listener, root = _Listener(heard), logging.getLogger()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(heard.spans))
    before, level, configured = structlog.get_config(), root.level, structlog.is_configured()
    structlog.configure(
        processors=[lambda _logger, _method, event: (heard.add("logs", repr(event)), str(event))[1]],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        cache_logger_on_first_use=False,
    )
    Agent.instrument_all(InstrumentationSettings(tracer_provider=provider, include_content=True))
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
        Agent.instrument_all(instrument=False)
        structlog.configure(**before) if configured else structlog.reset_defaults()


def _told(error: BaseException) -> Iterator[str]:
    """All that a reporter of errors could write: words, attributes, and a traceback with the local variables."""
    yield from (str(error), repr(error), repr(vars(error)))
    yield "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    link: BaseException | None = error
    while link is not None:
        yield from _objects(link)
        link = link.__cause__ or link.__context__


def _objects(error: BaseException) -> Iterator[str]:
    for frame, _ in traceback.walk_tb(error.__traceback__):
        yield from (repr(vars(value)) for value in frame.f_locals.values() if hasattr(value, "__dict__"))


def connected(server: ModelServer, kind: str, key: str) -> Connection:
    base_url = server.openai_url if kind.startswith("openai") else server.url
    return Connection(provider=kind, model="sim-large", base_url=base_url, key=Secret(key))


async def called(connection: Connection, *, stream: bool, wait_s: float) -> list[tuple[str, str]]:
    """Call and test with one key; returns all that came of it, by its place."""
    came: list[tuple[str, str]] = []

    def listen(said: Words) -> None:
        came.append(("answers", said.text))

    asked = Asked(
        messages=[ModelRequest.user_text_prompt("What is the price?")],
        max_tokens=500,
        stream=stream,
        timeout_s=wait_s,
        first_event_s=wait_s,
    )
    try:
        came.append(("answers", repr(await ask(connection, OWN, asked, listen))))
    except ModelFailure as failure:
        pickled = pickle.dumps((failure.args, vars(failure)), protocol=0).decode()
        came += [("exceptions", said) for said in (pickled, *_told(failure))]
    if not stream:
        came.append(("tests", repr(await probe(connection, OWN, within_s=wait_s))))
    return came


@pytest.mark.slow
async def test_whatever_a_call_comes_to_no_key_is_in_spans_logs_exceptions_or_answers(
    model_server: ModelServer,
) -> None:
    planted, at_once = Planted(), asyncio.Semaphore(AT_ONCE)
    model_server.desk.giant_bytes = GIANT_BYTES

    async def call(heard: Heard, kind: str, fault: Fault | None, *, stream: bool) -> None:
        key = planted.key(kind, f"{fault} {'stream' if stream else 'once'}")
        if fault is not None:
            model_server.fail(fault, times=50, key=key)
        async with at_once:
            wait_s = SLOW_S if fault in ENDLESS else 30.0
            came = await called(connected(model_server, kind, key), stream=stream, wait_s=wait_s)
        for place, said in came:
            heard.add(place, said)

    faults = [None, *(fault for fault in Fault if fault is not Fault.GIANT)]
    before, model_server.desk.keys = model_server.desk.keys, None
    try:
        with listening() as heard:
            async with asyncio.TaskGroup() as group:
                for kind in KINDS:
                    for fault in faults:
                        for stream in (False, True):
                            group.create_task(call(heard, kind, fault, stream=stream))
                    group.create_task(call(heard, kind, Fault.GIANT, stream=False))
            await outbound.close()
        heard.add("metrics", metrics.install().text().decode())
        heard.add("environment", _environment())
    finally:
        model_server.desk.keys = before
    searcher, places = Searcher(planted.keys), heard.everything()
    assert {"answers", "environment", "exceptions", "metrics", "tests", "spans"} <= places.keys()
    bodies = "\n".join(f"{seen.path} {seen.body}" for seen in model_server.seen)
    assert {seen.key for seen in model_server.seen} >= set(planted.keys.values()), "a key was never sent"
    assert [seen for seen in model_server.seen if seen.wire == "elsewhere"] == []
    hits = [hit for place, said in {**places, "prompts": bodies}.items() for hit in searcher.search(place, said)]
    assert sorted(hits) == []


def _environment() -> str:
    """What a child of this process sees in its environment."""
    return subprocess.run(["env"], capture_output=True, text=True, check=True).stdout


async def test_the_listener_hears_what_is_planted_on_purpose(
    model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = Planted()
    words = planted.key("openai", "in the clear")
    searcher = Searcher(planted.keys)
    with listening() as heard:
        structlog.get_logger("here").debug("said", it=words)
        places = heard.everything()
        assert searcher.search("logs", places["logs"])
        heard.places.clear()
        logging.getLogger("there").debug("said %s", words)
        assert searcher.search("logs", heard.everything()["logs"])
        async with outbound.client(OWN, outbound.Limits()) as http:
            model = build(connected(model_server, "openai", KEY), http)
            await model_request(model, [ModelRequest.user_text_prompt(words)])
        assert searcher.search("spans", heard.everything()["spans"])
    monkeypatch.setenv("OPENAI_API_KEY", words)
    assert searcher.search("environment", _environment())
    with pytest.raises(ZeroDivisionError) as failed:
        _break(words)
    assert searcher.search("exceptions", "\n".join(_told(failed.value)))
    await outbound.close()


def _break(held: str) -> float:
    return len(held) / 0


def test_what_a_crash_writes_holds_no_values(tmp_path: Path) -> None:
    planted = Planted()
    held = planted.key("openai", "in a crashing frame")
    file = tmp_path / "dump"
    with file.open("w") as dump:
        faulthandler.dump_traceback(dump)
    assert "test_what_a_crash_writes" in file.read_text()
    assert not Searcher({"held": held}).search("dump", file.read_bytes())


def test_the_libraries_that_speak_with_models_are_silenced() -> None:
    assert {"openai", "anthropic", "google_genai", "httpx2"} <= set(outbound.CHATTY)


def test_a_command_leaves_no_dump_of_its_memory() -> None:
    look = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    code = f"from omc.kit.process import leave_no_core; leave_no_core(); {look}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(0, 0)"
