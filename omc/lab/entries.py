"""The transcript's entries as they are read: what the order of steps depends on, and what each of them holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.db import fetch
from omc.lab import rules
from omc.lab.policy import UNREAD, Labels, Secrecy, Trust
from omc.lab.rules import EntryFacts, EntryKind

_ENTRIES = """
SELECT position, kind, step, seen, calls, asks, reported, cut, body, trust, secrecy FROM lab_entry
WHERE workspace_id = current_setting('omc.workspace')::uuid AND session_id = %(session_id)s AND position > %(after)s
ORDER BY position
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One transcript entry: what the order of steps depends on, and its content."""

    facts: EntryFacts
    body: Mapping[str, object]
    labels: Labels = UNREAD


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A transcript entry as it is stored."""

    position: int
    kind: str
    step: int
    seen: int
    calls: int
    asks: bool
    reported: bool
    cut: int
    body: str
    trust: int
    secrecy: int


async def entries(session: AsyncSession, session_id: UUID, *, after: int = 0) -> list[Entry]:
    """Return what is not stale of the transcript, from the entry behind `after` on."""
    rows = await fetch(session, _Entry, _ENTRIES, {"session_id": session_id, "after": after})
    found = [_entry(row) for row in rows]
    return living(found) if any(row.cut for row in rows) else found


def living(found: Sequence[Entry]) -> list[Entry]:
    """Return the entries that no branch made stale, with the arguments that a branch gave to an earlier call."""
    kept = {entry.facts.position: entry for entry in found}
    facts = rules.living([entry.facts for entry in found])
    for branch in [kept[one.position] for one in facts if one.kind is EntryKind.BRANCH]:
        if (edit := branch.body.get("call")) is not None:
            assert isinstance(edit, Mapping)
            place = int(str(edit["position"]))
            body = edited(kept[place].body, int(str(edit["index"])), edit["arguments"])
            kept[place] = replace(kept[place], body=body)
    return [replace(kept[one.position], facts=one) for one in facts]


def edited(body: Mapping[str, object], index: int, arguments: object) -> Mapping[str, object]:
    """Return a model's answer whose tool call number `index`, from 0, has other arguments."""
    response = body["response"]
    assert isinstance(response, Mapping)
    parts = list(response["parts"])
    place = [number for number, part in enumerate(parts) if part["part_kind"] == "tool-call"][index]
    parts[place] = {**parts[place], "args": arguments}
    return {**body, "response": {**response, "parts": parts}}


def _entry(row: _Entry) -> Entry:
    facts = EntryFacts(
        position=row.position,
        kind=EntryKind(row.kind),
        step=row.step,
        seen=row.seen,
        calls=row.calls,
        asks=row.asks,
        reported=row.reported,
        cut=row.cut,
    )
    labels = Labels(trust=Trust(row.trust), secrecy=Secrecy(row.secrecy))
    return Entry(facts=facts, body=json.loads(row.body), labels=labels)
