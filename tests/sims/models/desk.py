"""What the simulator is told to do and what it has seen: the one state that its wires share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from tests.sims.models import brain
from tests.sims.models.brain import Brain
from tests.sims.models.faults import Fault, Wire, named
from tests.sims.models.talk import JSON, Answer

MODELS = ("sim-large", "sim-small")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request that reached the wire."""

    wire: str
    path: str
    key: str
    model: str
    stream: bool
    headers: Mapping[str, str]
    body: JSON
    fault: str | None


@dataclass(slots=True, kw_only=True)
class Planned:
    """A fault for the next calls; None fits every wire, model, or key."""

    fault: Fault
    left: int
    wire: Wire | None = None
    model: str | None = None
    key: str | None = None

    def fits(self, wire: Wire, model: str, key: str) -> bool:
        return (
            self.left > 0
            and self.wire in {None, wire}
            and (self.model is None or self.model == model)
            and (self.key is None or self.key == key)
        )


@dataclass(slots=True)
class Desk:
    """Settings of a running simulator; all may be changed while it runs."""

    keys: frozenset[str] | None = None
    """Accepted keys; None accepts every key, but never a missing one where the wire needs one."""
    models: Sequence[str] = MODELS
    latency_s: float = 0.0
    chunk_delay_s: float = 0.0
    giant_bytes: int = 64_000_000
    brain: Brain = brain.default
    brains: dict[str, Brain] = field(default_factory=dict)
    """Other brains for some models, by name."""
    planned: list[Planned] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)

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
        self.planned.append(Planned(fault=Fault(fault), left=times, wire=wire, model=model, key=key))

    def script(self, answers: Sequence[Answer], *, model: str | None = None) -> None:
        """Answer turn by turn with these, for all models or for one."""
        if model is None:
            self.brain = brain.scripted(answers)
        else:
            self.brains[model] = brain.scripted(answers)

    def reset(self) -> None:
        """Forget scripts, plans, settings and requests; keep the accepted keys."""
        fresh = Desk(keys=self.keys)
        self.models, self.brain, self.brains = fresh.models, fresh.brain, {}
        self.latency_s, self.chunk_delay_s, self.giant_bytes = 0.0, 0.0, fresh.giant_bytes
        self.planned, self.seen, self._counts = [], [], {}

    def knows(self, key: str) -> bool:
        """Whether a key is let in; a key that asks for a fault always is."""
        return bool(key) and (self.keys is None or key in self.keys or named(key) is not None)

    def fault_of(self, wire: Wire, model: str, key: str) -> Fault | None:
        """Take the fault of this call: from the plan, else from the model's name, else from the key."""
        for plan in self.planned:
            if plan.fits(wire, model, key):
                plan.left -= 1
                return plan.fault
        for words in (model, key):
            if asked := named(words):
                fault, times = asked
                count = self._counts[wire, words] = self._counts.get((wire, words), 0) + 1
                if times is None or count <= times:
                    return fault
        return None

    def note_stranger(self, path: str, headers: Mapping[str, str]) -> None:
        """Record what reached the host that a redirect named."""
        names = ("authorization", "x-api-key", "x-goog-api-key")
        key = next((headers[name] for name in names if name in headers), "")
        self.seen.append(
            Seen(wire="elsewhere", path=path, key=key, model="", stream=False, headers=headers, body={}, fault=None)
        )


class ToldFault(BaseModel, extra="forbid"):
    """A fault as the control takes it."""

    fault: Fault
    times: int = 1
    wire: Wire | None = None
    model: str | None = None
    key: str | None = None


class Told(BaseModel, extra="forbid"):
    """A control message; what is not named stays as it is."""

    reset: bool = False
    keys: list[str] | None = None
    models: list[str] | None = None
    latency_s: float | None = None
    chunk_delay_s: float | None = None
    script: list[Answer] | None = None
    model: str | None = None
    fail: ToldFault | None = None
    door: Literal["open", "refuse", "silence"] | None = None

    def apply(self, desk: Desk) -> None:
        """Do all that is said but move the door."""
        if self.reset:
            desk.reset()
        if self.keys is not None:
            desk.keys = frozenset(self.keys)
        for name in ("models", "latency_s", "chunk_delay_s"):
            if (value := getattr(self, name)) is not None:
                setattr(desk, name, value)
        if self.script is not None:
            desk.script(self.script, model=self.model)
        if self.fail is not None:
            told = self.fail
            desk.fail(told.fault, times=told.times, wire=told.wire, model=told.model, key=told.key)
