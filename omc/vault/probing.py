"""Tests a connection with one cheap real call: reach it, have the key accepted, list the models, get one token back.

Light on purpose (plain httpx2, no SDK): the web process does this while a person waits, in ten seconds at most.
"""

from dataclasses import dataclass
from enum import StrEnum

from omc.vault.connection import Connection
from omc.vault.failures import ModelFailure
from omc.vault.outbound import Policy

PROBE_S = 10.0
MAX_MODELS = 1_000


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
    """What a test found: `models` are the ids that the provider lists, `model` the one that answered."""

    ok: bool
    steps: tuple[Step, ...]
    failure: ModelFailure | None
    models: tuple[str, ...]
    model: str | None
    latency_ms: int
    notes: tuple[str, ...]


async def probe(
    connection: Connection, policy: Policy, *, model: str | None = None, within_s: float = PROBE_S
) -> Probe:
    """Test `connection`; never raises for what the other side does. `model` (or the connection's) is asked if given."""
    raise NotImplementedError
