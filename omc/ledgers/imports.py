"""Takes in one file of candles or observations within the caller's transaction: all that is good in it, or nothing.

What cannot be believed is told in the import's row and its quarantine. The same file again changes nothing.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.errors import Refusal
from omc.kit.events import append
from omc.kit.ids import new_id
from omc.ledgers import observed_intake
from omc.ledgers.batch import Batch, FileRefused
from omc.ledgers.collectors import reader
from omc.ledgers.coverage import refresh
from omc.ledgers.intake import MAX_PROBLEMS, Intake
from omc.ledgers.naming import SeriesKey, filled, hints, unified_symbol, unified_timeframe, unified_venue
from omc.ledgers.observations import list_observed
from omc.ledgers.rules import Fate, Fault, Imported, Problem
from omc.ledgers.service import imported, list_quarantine, list_series, observed_in
from omc.ledgers.shelf import Wanted, open_series
from omc.ledgers.sniff import MAX_FILE_BYTES, kind_of
from omc.ledgers.staging import Rows, conflicts, drop_repeated, stage, store
from omc.ledgers.tables import WORKSPACE, ImportRow, QuarantineRow, SeriesRow
from omc.ledgers.telling import bars_stored

TOPIC = "imports"
MAX_NAME = 200
MAX_ANSWERED = 100
"""Problems in the answer itself; the rest is read page by page."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    name: str
    said: SeriesKey
    sha256: str
    size: int
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What the rows of a file came to; nothing of it but bars and new series is written yet."""

    status: Fate
    read: int = 0
    kept: int = 0
    unchanged: int = 0
    left_out: dict[int, int] = field(default_factory=dict)
    series: list[SeriesRow] = field(default_factory=list)
    observed: Sequence[UUID] = ()
    problems: list[Problem] = field(default_factory=list)


def said(*, symbol: str | None = None, timeframe: str | None = None, venue: str | None = None) -> SeriesKey:
    """Return what a caller says about a file beside its content; raises Refusal `option_unreadable`."""
    read = {
        "symbol": unified_symbol(symbol) if symbol else "",
        "timeframe": unified_timeframe(timeframe) if timeframe else "",
        "venue": unified_venue(venue) if venue else "",
    }
    wrong = next((part for part, value in read.items() if value is None), None)
    if wrong is not None:
        raise Refusal(
            "option_unreadable",
            422,
            f"the {wrong} cannot be read; write for example BTC/USDT, 1h, binance",
            place=wrong,
        )
    return SeriesKey(**{part: value or "" for part, value in read.items()})


async def import_file(
    session: AsyncSession, path: Path, *, name: str, now: datetime, said: SeriesKey | None = None
) -> Imported:
    """Take in the file at `path`, called `name`; never raises for what is wrong with the file: that is in the answer.

    Raises Refusal when the file cannot be read at all or the database cannot store it.
    """
    file = await asyncio.to_thread(_looked_at, path, name, said or SeriesKey(), now)
    earlier = await _earlier(session, file)
    if earlier is not None and earlier.rows_quarantined == 0 and earlier.status != Fate.REFUSED:
        return await _again(session, earlier)
    try:
        async with session.begin_nested():
            outcome = await _taken_in(session, file)
    except FileRefused as refused:
        outcome = _refused(refused)
    if (
        earlier is not None
        and outcome.kept == 0
        and (outcome.status == Fate.REFUSED) == (earlier.status == Fate.REFUSED)
    ):
        return await _again(session, earlier)
    return await _record(session, file, outcome)


def _looked_at(path: Path, name: str, said: SeriesKey, now: datetime) -> _File:
    plain = "".join(character if character.isprintable() else " " for character in name)[-MAX_NAME:].strip() or "file"
    try:
        if path.exists() and not path.is_file():
            raise Refusal("file_unreadable", 422, f"{plain} is no file; give the path of a file of candles")
        size = path.stat().st_size
        sha256 = _content_hash(path, size)
    except OSError as error:
        raise Refusal("file_unreadable", 422, f"{plain}: {error.strerror or error}; give the path of a file") from error
    return _File(path=path, name=plain, said=said, sha256=sha256, size=size, now=now)


def _content_hash(path: Path, size: int) -> str:
    if size > MAX_FILE_BYTES:
        return f"not read, {size} bytes"  # it is refused for its size alone, at once
    with path.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


async def _earlier(session: AsyncSession, file: _File) -> ImportRow | None:
    """Return the last import of the same content, about which the same was said."""
    query = select(ImportRow).where(ImportRow.sha256 == file.sha256, ImportRow.said == _about(file))
    return await session.scalar(query.order_by(ImportRow.id.desc()).limit(1))


def _about(file: _File) -> str:
    return str(filled(file.said, hints(file.name)))


async def _again(session: AsyncSession, earlier: ImportRow) -> Imported:
    """Answer for a file that changes nothing."""
    problems, _ = await list_quarantine(session, earlier.id, limit=MAX_ANSWERED)
    known = await list_series(session)
    observed = await list_observed(session, observed_in([earlier], known))
    before = imported(earlier, known, tuple(problems), observed)
    if before.status is Fate.REFUSED:
        return before
    stored = before.rows_kept + before.rows_unchanged
    return replace(before, status=Fate.UNCHANGED, rows_kept=0, rows_unchanged=stored)


async def _taken_in(session: AsyncSession, file: _File) -> _Outcome:
    kind = await asyncio.to_thread(kind_of, file.path, file.name)
    observed = await observed_intake.take(session, file.path, kind, now=file.now)
    if observed is not None:
        return _Outcome(
            status=_status(observed.kept, observed.unchanged, observed.left_out),
            read=observed.read,
            kept=observed.kept,
            unchanged=observed.unchanged,
            left_out={0: observed.left_out},
            observed=observed.ids,
            problems=list(observed.problems),
        )
    read = await asyncio.to_thread(reader, kind)
    intake = Intake(said=file.said, named=hints(file.name), now_ms=int(file.now.timestamp() * 1_000))
    staged = await stage(session, _judged(intake, read(file.path)))
    left_out = Counter(intake.left_out)
    if intake.may_repeat:
        for told in await drop_repeated(session):
            intake.report(Fault.DUPLICATE if told.same else Fault.CONTRADICTION, told.lines)
            left_out[told.series] += told.rows
            staged -= told.rows
    series = await open_series(session, [Wanted(key=key) for key in intake.series], now=file.now)
    kept, differing = await _stored(session, intake, series, staged)
    unchanged = staged - kept - differing.total()
    left_out += differing
    return _Outcome(
        status=_status(kept, unchanged, left_out.total()),
        read=intake.rows_read,
        kept=kept,
        unchanged=unchanged,
        left_out=dict(left_out),
        series=series,
        problems=sorted(intake.problems, key=lambda problem: problem.line),
    )


async def _judged(intake: Intake, batches: Iterator[Batch]) -> AsyncIterator[Rows]:
    """Yield the good rows batch by batch; a thread reads and judges, so that others are served meanwhile."""

    def step() -> Rows | None:
        batch = next(batches, None)
        return None if batch is None else intake.take(batch)

    while (block := await asyncio.to_thread(step)) is not None:
        yield block
    intake.finish()


async def _stored(
    session: AsyncSession, intake: Intake, series: list[SeriesRow], staged: int
) -> tuple[int, Counter[int]]:
    """Store what is staged; returns how many bars are new, and how many of each series contradict stored ones."""
    ids = [row.id for row in series]
    kept = await store(session, ids)
    differing: Counter[int] = Counter()
    if kept < staged:
        for told in await conflicts(session, ids):
            intake.report(Fault.CONFLICT, told.lines)
            differing[told.series] += told.rows
    return kept, differing


def _status(kept: int, unchanged: int, left_out: int) -> Fate:
    if kept:
        return Fate.PARTLY if left_out else Fate.KEPT
    return Fate.UNCHANGED if unchanged else Fate.REFUSED


def _refused(refused: FileRefused) -> _Outcome:
    whole = Problem(line=refused.line, code=refused.code, reason=refused.text)
    return _Outcome(status=Fate.REFUSED, problems=[whole, *refused.problems])


async def _record(session: AsyncSession, file: _File, outcome: _Outcome) -> Imported:
    """Write what became of the file, in the transaction that stored its bars, and wake whoever watches imports."""
    for number, series in enumerate(outcome.series):
        await refresh(session, series.id, timeframe_ms=series.timeframe_ms, quarantined=outcome.left_out.get(number, 0))
    import_id = new_id()
    row = {
        "workspace_id": WORKSPACE,
        "id": import_id,
        "name": file.name,
        "sha256": file.sha256,
        "said": _about(file),
        "size_bytes": file.size,
        "status": outcome.status.value,
        "rows_read": outcome.read,
        "rows_kept": outcome.kept,
        "rows_unchanged": outcome.unchanged,
        "rows_quarantined": sum(outcome.left_out.values()),
        "series": [*(series.id for series in outcome.series), *outcome.observed],
        "created_at": file.now,
    }
    written = (await session.execute(insert(ImportRow).values(row).returning(ImportRow))).scalar_one()
    if outcome.problems:
        await session.execute(insert(QuarantineRow), _quarantined(written, outcome.problems))
    await _announce(session, outcome, file, import_id)
    for series in outcome.series:
        await session.refresh(series)
    known = [series.value() for series in outcome.series if series.bars]
    observed = await list_observed(session, outcome.observed)
    return imported(written, known, tuple(outcome.problems[:MAX_ANSWERED]), observed)


def _quarantined(row: ImportRow, problems: list[Problem]) -> list[dict[str, object]]:
    return [
        {
            "workspace_id": row.workspace_id,
            "import_id": row.id,
            "number": number,
            "line": problem.line,
            "code": problem.code,
            "reason": problem.reason,
            "raw": problem.raw.replace("\0", "\ufffd"),
            "kept": problem.kept,
        }
        for number, problem in enumerate(problems[:MAX_PROBLEMS], start=1)
    ]


async def _announce(session: AsyncSession, outcome: _Outcome, file: _File, import_id: UUID) -> None:
    facts: dict[str, object] = {
        "id": str(import_id),
        "name": file.name,
        "status": outcome.status.value,
        "rows_kept": outcome.kept,
        "rows_quarantined": sum(outcome.left_out.values()),
        "series": [str(series.id) for series in outcome.series],
    }
    await append(session, TOPIC, "import.finished", facts)
    if outcome.kept:
        await bars_stored(session)
    log.info("import.finished", **facts)
