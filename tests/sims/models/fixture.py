"""The fixture `model_server`: the simulator in a thread of the test's process."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.serving import running
from tests.sims.models.app import simulator
from tests.sims.models.desk import Desk, Seen
from tests.sims.models.faults import Fault, Wire
from tests.sims.models.talk import Answer
from tests.sims.models.transports import Front
from tests.sims.models.wire_chat import DIALECTS

KEY = "sk-sim-0123456789abcdefghijklmnop"


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A running simulator."""

    desk: Desk
    front: Front
    control_url: str

    @property
    def url(self) -> str:
        """The root: Anthropic's and Gemini's base address."""
        return self.front.url

    @property
    def openai_url(self) -> str:
        """OpenAI's base address, for chat and for responses."""
        return self.compatible_url("openai")

    def compatible_url(self, dialect: str) -> str:
        """The base address of a compatible server: `ollama`, `vllm`, `lmstudio`, `openrouter`, `bare`."""
        return self.url + DIALECTS[dialect].base

    @property
    def seen(self) -> list[Seen]:
        """The requests that reached the wire."""
        return self.desk.seen

    def fail(
        self,
        fault: Fault | str,
        *,
        times: int = 1,
        wire: Wire | None = None,
        model: str | None = None,
        key: str | None = None,
    ) -> None:
        """Let the next calls fail, those of one wire, model or key where it is named."""
        self.desk.fail(fault, times=times, wire=wire, model=model, key=key)

    def script(self, *answers: Answer, model: str | None = None) -> None:
        """Answer turn by turn with these, for all models or for one."""
        self.desk.script(answers, model=model)

    def down(self) -> None:
        """Refuse connections and cut the open ones, until `up`."""
        self.front.from_outside("refuse")

    def silent(self) -> None:
        """Let connections hang before they are made, until `up`."""
        self.front.from_outside("silence")

    def up(self) -> None:
        """Accept connections again, at the same address."""
        self.front.from_outside("open")


@contextmanager
def serving_models(*, keys: Sequence[str] | None = (KEY,), port: int = 0) -> Generator[ModelServer]:
    """Run a simulator on loopback until the block ends; `keys=None` accepts every key."""
    desk = Desk(keys=None if keys is None else frozenset(keys))
    front = simulator(desk, port)
    with running(front) as control_url:
        yield ModelServer(desk, front, control_url)


@pytest.fixture(scope="session")
def _model_server() -> Iterator[ModelServer]:
    with serving_models() as server:
        yield server


@pytest.fixture
def model_server(_model_server: ModelServer) -> Iterator[ModelServer]:
    """The simulator as new for each test: default script, no faults, nothing seen; accepts `KEY`."""
    _model_server.desk.reset()
    _model_server.desk.keys = frozenset({KEY})
    yield _model_server
    _model_server.up()
