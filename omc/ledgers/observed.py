"""Owns what an observation is: a number that describes an instant, and the instant at which it could be known.

And which files hold some, as far as their header tells.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from omc.ledgers.batch import MAX_LINE_CHARACTERS
from omc.ledgers.columns import Floats, Stamps
from omc.ledgers.naming import COLUMNS, columns_of
from omc.ledgers.rules import DAY_MS, EARLIEST_MS, FAULT_TEXT, Fault
from omc.ledgers.sniff import encoding_of

OBSERVED_NAME = r"^[a-z][a-z0-9_]{0,39}(:[A-Za-z0-9_./-]{1,40}){1,3}$"
MAX_OBSERVED = 1_000
"""Named series in one file."""

OBSERVED_TEXT = FAULT_TEXT | {
    Fault.EARLY: "the time lies before 2000, so its unit is probably wrong",
    Fault.FUTURE: "the time lies in the future",
    Fault.OPEN_STILL: "what it describes is not over yet, so that nobody can know it",
    Fault.NOT_A_NUMBER: "the value is missing or not a number",
    Fault.SYMBOL: "the series cannot be named; write letters, digits, _ . / - in parts joined by colons",
    Fault.DUPLICATE: "the file holds this observation already",
    Fault.CONTRADICTION: "an earlier row of the file has the same series and time and another value",
    Fault.CONFLICT: "an observation with this time and another value is stored already; the stored one was kept",
}

_INDEXES = {"alternative.me fear & greed": "fear_greed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """Rows of a file, before any judgement: `number` counts in `names`, times are UTC milliseconds or unreadable.

    A name that cannot be made is empty. `seen` is None where the file does not say when a value could be known; `daily`
    says that then it is at the end of the day.
    """

    rows_read: int
    names: Sequence[str]
    sources: Sequence[str]
    daily: bool
    number: Stamps
    line: Stamps
    ts: Stamps
    seen: Stamps | None
    value: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which column is what; `named` are the columns that make the name, `values` those with numbers."""

    kind: str
    ts: str
    seen: str | None
    named: Sequence[str]
    values: Sequence[str]


def header_of(path: Path) -> list[str]:
    """Return the cells of a CSV's first line; none of a line that is too long for any table."""
    with path.open(encoding=encoding_of(path), errors="replace") as file:
        line = file.readline(MAX_LINE_CHARACTERS + 1)
    return line.strip().split(",") if len(line) <= MAX_LINE_CHARACTERS else []


def layout_of(header: Sequence[str]) -> Layout | None:
    """Return how observations are laid out under a header; None when it is none of theirs."""
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in header}
    ts = next((plain[name] for name in COLUMNS["ts"] if name in plain), None)
    if ts is None or columns_of(header) is not None:
        return None
    seen = plain.get("seents")
    for kind, value, named in (
        ("named", "value", ("series",)),
        ("funding", "fundingrate", ("symbol", "venue")),
        ("index", "value", ("index",)),
    ):
        if value in plain and named[0] in plain:
            columns = [plain[one] for one in named if one in plain]
            return Layout(kind=kind, ts=ts, seen=seen, named=columns, values=[plain[value]])
    if "asset" not in plain:
        return None
    metrics = [name for name in header if name not in (ts, seen, plain["asset"])]
    return Layout(kind="onchain", ts=ts, seen=seen, named=[plain["asset"]], values=metrics)


def fault_of(ts: int, seen: int, value: float, now_ms: int, *, unreadable: int) -> Fault | None:
    """Return why a row is no observation, or None; times in UTC milliseconds, `unreadable` where they are not."""
    if unreadable in (ts, seen):
        return Fault.TIME
    if ts < EARLIEST_MS:
        return Fault.EARLY
    if ts > now_ms:
        return Fault.FUTURE
    if seen > now_ms:
        return Fault.OPEN_STILL
    return None if isfinite(value) else Fault.NOT_A_NUMBER


def seen_after_a_day(ts: Stamps) -> Stamps:
    """A figure of a day can be known when that day is over."""
    return ts // DAY_MS * DAY_MS + DAY_MS


def index_name(index: str) -> str:
    """The short name of an index: its own letters where we know no better one."""
    known = _INDEXES.get(index.strip().lower())
    return known or re.sub(r"[^a-z0-9]+", "_", index.lower()).strip("_")[:40]
