"""When a part of the installation is well, and which topics can be followed."""

import re
from dataclasses import dataclass
from enum import StrEnum

WORKER_LATE_S = 10
QUEUE_LATE_S = 60
DISK_LOW_BYTES = 2 * 1024**3
DISK_FULL_BYTES = 200 * 1024**2
SLOW_DATABASE_S = 0.5
_GIB = 1024**3

_TOPIC = re.compile(r"(audit|books|imports|(session|deployment|sweep):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class Health(StrEnum):
    """How a part is."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part's health, in a sentence; `age_s` is how old the latest sign of life or data is."""

    name: str
    state: Health
    detail: str
    age_s: float | None = None


def database_part(seconds: float) -> Part:
    """Judge the database by the time of a trivial query."""
    state = Health.OK if seconds < SLOW_DATABASE_S else Health.DEGRADED
    return Part(name="database", state=state, detail=f"Answers in {seconds * 1000:.0f} ms.")


def worker_part(ages_s: list[float]) -> Part:
    """Judge the workers by their heartbeats."""
    if living := alive(ages_s):
        return Part(name="workers", state=Health.OK, detail=f"{len(living)} at work.", age_s=min(living))
    text = "No worker is running: sessions and imports wait. Start one with `omc work`, or everything with `omc up`."
    return Part(name="workers", state=Health.DOWN, detail=text, age_s=min(ages_s, default=None))


def alive(ages_s: list[float]) -> list[float]:
    """Return the ages of those heartbeats that are young enough to be of a living worker."""
    return [age for age in ages_s if age < WORKER_LATE_S]


def queue_part(*, waiting: int, running: int, oldest_s: float) -> Part:
    """Judge the queue by the wait of its oldest due job."""
    detail = f"{waiting} waiting, {running} running."
    if oldest_s < QUEUE_LATE_S:
        return Part(name="queue", state=Health.OK, detail=detail, age_s=oldest_s)
    detail = f"{detail} The oldest has waited {oldest_s:.0f} s."
    return Part(name="queue", state=Health.DEGRADED, detail=detail, age_s=oldest_s)


def storage_part(free_bytes: int) -> Part:
    """Judge the data directory's disk by its free space."""
    free = f"{free_bytes / _GIB:.1f} GiB free."
    if free_bytes < DISK_FULL_BYTES:
        return Part(name="storage", state=Health.DOWN, detail=f"{free} Make room, or nothing can be written.")
    if free_bytes < DISK_LOW_BYTES:
        return Part(name="storage", state=Health.DEGRADED, detail=f"{free} Make room soon.")
    return Part(name="storage", state=Health.OK, detail=free)


def data_part(series: int, age_s: float | None) -> Part:
    """Tell how much market data there is; imported files have no schedule, so their age alone is no fault."""
    if not series or age_s is None:
        detail = "No market data yet. Import candles on the Data screen."
        return Part(name="data", state=Health.UNKNOWN, detail=detail)
    return Part(name="data", state=Health.OK, detail=f"{series} series of candles.", age_s=age_s)


def is_topic(text: str) -> bool:
    """Tell whether `text` names a topic that a person can follow."""
    return _TOPIC.fullmatch(text) is not None
