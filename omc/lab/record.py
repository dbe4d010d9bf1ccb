"""A session's record as a replay reads it: the document that `omc.lab.whole` writes, from the database or a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from omc.core.money import parse_decimal
from omc.kit.errors import Refusal
from omc.lab.rules import EntryKind
from omc.lab.whole import SCHEMA
from omc.vault.prices import Usage, cost, price_from

Json: TypeAlias = Mapping[str, object]

MAX_RECORD_BYTES = 200_000_000

_TOKENS = ("input", "cache_read", "cache_write", "output", "reasoning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry of the transcript; `cut` is where a branch begins to make the past stale."""

    kind: EntryKind
    step: int
    seen: int
    asks: bool
    reported: bool
    cut: int
    body: Json
    created_at: datetime

    @property
    def evidence(self) -> int | None:
        """The number of the evidence that a tool's result left."""
        number = self.body.get("evidence")
        return number if isinstance(number, int) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One piece of evidence, whole."""

    number: int
    tool: str
    title: str
    output: Json
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a replay needs: nothing else is asked for."""

    session: Json
    entries: Sequence[Line]
    evidence: Mapping[int, Proof]
    report_hashes: Sequence[str | None]
    as_of: datetime
    cost: Decimal
    calls: Sequence[Json]

    @property
    def proposals(self) -> list[str]:
        """The hashes of what was laid before a person."""
        return [item.hash for item in self.evidence.values() if item.tool == "propose_strategy"]

    @property
    def recomputed_cost(self) -> Decimal:
        """What the recorded calls cost by their recorded tokens and prices; a bill nobody measured stands as booked."""
        return sum((_cost(call) for call in self.calls), Decimal(0))


def read_record(text: str) -> Record:
    """Read the document of a session; refused when it is none."""
    try:
        document = json.loads(text)
        assert document["schema"] == SCHEMA
        reports = document["reports"]
        session = document["session"]
        return Record(
            session=session,
            entries=[_line(row) for row in document["transcript"]],
            evidence={row["number"]: _proof(row) for row in document["evidence"]},
            report_hashes=[row.get("hash") for row in reports],
            as_of=_moment((reports[0].get("as_of") if reports else None) or session["as_of"]),
            cost=parse_decimal(str(session["cost"])),
            calls=document["calls"],
        )
    except (ValueError, TypeError, KeyError, AttributeError, AssertionError):
        words = f"This is no session's document ({SCHEMA}). Export the session again and replay that file."
        raise Refusal("not_a_record", 422, words) from None


def _line(row: Json) -> Line:
    body = row["body"]
    assert isinstance(body, Mapping)
    return Line(
        kind=EntryKind(str(row["kind"])),
        step=int(str(row["step"])),
        seen=int(str(row["seen"])),
        asks=bool(row["asks"]),
        reported=bool(row["reported"]),
        cut=int(str(row.get("cut") or 0)),
        body=body,
        created_at=_moment(row["created_at"]),
    )


def _proof(row: Json) -> Proof:
    output = row["output"]
    assert isinstance(output, Mapping)
    return Proof(
        number=int(str(row["number"])),
        tool=str(row["tool"]),
        title=str(row["title"]),
        output=output,
        hash=str(row["hash"]),
    )


def _moment(written: object) -> datetime:
    return datetime.fromisoformat(str(written))


def _cost(call: Json) -> Decimal:
    price, booked = call["price"], call["cost"]
    if not call["measured"] or call["state"] != "settled":
        return Decimal(0) if booked is None else parse_decimal(str(booked))
    assert isinstance(price, Mapping)
    return cost(price_from(price), Usage(**{name: int(str(call[f"tokens_{name}"])) for name in _TOKENS}))
