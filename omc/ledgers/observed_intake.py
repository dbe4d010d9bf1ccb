"""Takes in one file of observations: which rows can be believed, and what is told of the others."""

import asyncio
import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from omc.ledgers import observations
from omc.ledgers.batch import UNREADABLE, FileRefused
from omc.ledgers.columns import Stamps
from omc.ledgers.intake import MAX_PROBLEMS
from omc.ledgers.observed import (
    MAX_OBSERVED,
    OBSERVED_NAME,
    OBSERVED_TEXT,
    Observations,
    fault_of,
    header_of,
    layout_of,
    seen_after_a_day,
)
from omc.ledgers.rules import Fault, Problem
from omc.ledgers.sniff import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the rows of a file came to."""

    read: int
    kept: int
    unchanged: int
    left_out: int
    ids: Sequence[UUID]
    problems: Sequence[Problem]


async def take(session: AsyncSession, path: Path, kind: Kind, *, now: datetime) -> Taken | None:
    """Store the observations of a file; None when it is no file of observations. Raises FileRefused."""
    read = await asyncio.to_thread(_read, path, kind)
    if read is None:
        return None
    seen = await asyncio.to_thread(_seen, read)
    faults = await asyncio.to_thread(_faults, read, seen, round(now.timestamp() * 1_000))
    good = np.asarray([fault is None for fault in faults], dtype=np.bool_)
    used = np.unique(read.number[good])
    if len(used) > MAX_OBSERVED:
        raise FileRefused("too_many_series", f"the file names more than {MAX_OBSERVED} series; split it")
    names = [read.names[one] for one in used]
    rows = await observations.open_observed(session, names, [read.sources[one] for one in used], now=now)
    for row, number in zip(rows, used, strict=True):
        if row.source != read.sources[number]:
            text = f"`{row.name}` is stored from {row.source or 'another file'}, and this is {read.sources[number]}'s"
            raise FileRefused("other_source", f"{text}; name it otherwise, in a file with ts, series and value")
    kept, contradicting = await observations.store(
        session,
        [row.id for row in rows],
        numbers=np.searchsorted(used, read.number[good]),
        ts=read.ts[good],
        seen=seen[good],
        value=read.value[good],
        lines=read.line[good],
        now=now,
    )
    told = [(int(line), fault) for line, fault in zip(read.line, faults, strict=True) if fault is not None]
    told = sorted(told + [(line, Fault.CONFLICT) for line in contradicting])
    return Taken(
        read=read.rows_read,
        kept=kept,
        unchanged=int(good.sum()) - kept - len(contradicting),
        left_out=len(told),
        ids=[row.id for row in rows],
        problems=[Problem(line=line, code=fault, reason=OBSERVED_TEXT[fault]) for line, fault in told[:MAX_PROBLEMS]],
    )


def _read(path: Path, kind: Kind) -> Observations | None:
    if kind is Kind.CSV and layout_of(header_of(path)) is None:
        return None  # candles: nothing has to be loaded to see that
    module = importlib.import_module("omc.ledgers.collectors.observed_file")
    read = cast("Callable[[Path, Kind], Observations | None]", module.read)
    return read(path, kind)


def _seen(read: Observations) -> Stamps:
    """When each could be known: as the file says, else at the end of its day or at its own time."""
    if read.seen is not None:
        return read.seen
    return seen_after_a_day(read.ts) if read.daily else read.ts


def _faults(read: Observations, seen: Stamps, now_ms: int) -> list[Fault | None]:
    nameless = np.asarray([re.fullmatch(OBSERVED_NAME, name) is None for name in read.names], dtype=np.bool_)
    faults: list[Fault | None] = []
    first: dict[tuple[int, int], float] = {}
    rows = zip(read.number.tolist(), read.ts.tolist(), seen.tolist(), read.value.tolist(), strict=True)
    for number, ts, known, value in rows:
        fault = Fault.SYMBOL if nameless[number] else fault_of(ts, known, value, now_ms, unreadable=UNREADABLE)
        if fault is None and (number, ts) in first:
            fault = Fault.DUPLICATE if first[number, ts] == value else Fault.CONTRADICTION
        elif fault is None:
            first[number, ts] = value
        faults.append(fault)
    return faults
