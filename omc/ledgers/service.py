"""The reading verbs of the ledgers: list and find series, their gaps, the files taken in and what was left out."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import ImportId
from omc.kit.errors import Refusal
from omc.ledgers.coverage import gaps
from omc.ledgers.naming import unified_symbol, unified_timeframe
from omc.ledgers.observations import list_observed
from omc.ledgers.rules import Fate, Gap, Imported, Observed, Problem, Series
from omc.ledgers.tables import ImportRow, QuarantineRow, SeriesRow

MAX_LISTED = 1_000
MAX_PAGE = 200
SHOWN_SYMBOLS = 8


async def list_series(session: AsyncSession) -> list[Series]:
    """Return all series of the workspace, by symbol, timeframe and venue."""
    order = (SeriesRow.symbol, SeriesRow.timeframe_ms, SeriesRow.venue, SeriesRow.variant)
    found = await session.scalars(select(SeriesRow).where(SeriesRow.bars > 0).order_by(*order).limit(MAX_LISTED))
    return [row.value() for row in found]


async def get_series(session: AsyncSession, series_id: UUID) -> Series:
    """Return one series; raises Refusal `series_unknown`."""
    return (await _row(session, series_id)).value()


async def find_series(
    session: AsyncSession, *, symbol: str, timeframe: str | None = None, venue: str | None = None
) -> Series:
    """Return the best series of a symbol: real before synthetic, then the one with most bars.

    `symbol` in any usual spelling; without `timeframe`, hourly bars are taken before others. Raises Refusal
    `series_unknown` with what there is instead.
    """
    wanted = unified_symbol(symbol) or symbol
    length = None if timeframe is None else unified_timeframe(timeframe) or timeframe
    fits = [
        series
        for series in await list_series(session)
        if series.symbol == wanted and length in (None, series.timeframe) and venue in (None, series.venue)
    ]
    if not fits:
        raise await _unknown(session, wanted, length)
    return min(fits, key=lambda series: (series.origin != "imported", series.timeframe != "1h", -series.bars))


async def sibling(session: AsyncSession, series: Series, timeframe: str) -> Series | None:
    """Return the series of the same symbol, venue and origin at another bar length, the one with most bars."""
    fits = [
        one
        for one in await list_series(session)
        if (one.symbol, one.venue, one.origin, one.timeframe) == (series.symbol, series.venue, series.origin, timeframe)
    ]
    return max(fits, key=lambda one: (one.id == series.id, one.bars), default=None)


async def list_gaps(session: AsyncSession, series_id: UUID) -> list[Gap]:
    """Return the holes of a series, oldest first, at most `coverage.MAX_GAPS`."""
    row = await _row(session, series_id)
    return await gaps(session, row.id, timeframe_ms=row.timeframe_ms)


async def timeframe_ms(session: AsyncSession, series_id: UUID) -> int:
    """Return the length of a series' bars; raises Refusal `series_unknown`."""
    found = await session.scalar(select(SeriesRow.timeframe_ms).where(SeriesRow.id == series_id))
    if found is None:
        raise Refusal(
            "series_unknown",
            404,
            "there is no such series any more; choose one from the list of data (`omc data list`)",
        )
    return found


async def list_imports(
    session: AsyncSession, *, before: UUID | None = None, limit: int = MAX_PAGE
) -> tuple[list[Imported], UUID | None]:
    """Return imports, newest first, without their problems, and where the next page begins."""
    query = select(ImportRow).order_by(ImportRow.id.desc()).limit(min(limit, MAX_PAGE) + 1)
    rows = list(await session.scalars(query if before is None else query.where(ImportRow.id < before)))
    page = rows[: min(limit, MAX_PAGE)]
    known = await list_series(session)
    observed = await list_observed(session, observed_in(page, known))
    following = page[-1].id if len(rows) > len(page) else None
    return [imported(row, known, (), observed) for row in page], following


async def list_quarantine(
    session: AsyncSession, import_id: UUID, *, after: int = 0, limit: int = MAX_PAGE
) -> tuple[list[Problem], int | None]:
    """Return the reported rows of a file in order of line, and the number after which the next page begins."""
    if await session.scalar(select(ImportRow.id).where(ImportRow.id == import_id)) is None:
        raise Refusal("import_unknown", 404, "there is no such import; list them under Data")
    query = select(QuarantineRow).where(QuarantineRow.import_id == import_id, QuarantineRow.number > after)
    found = await session.scalars(query.order_by(QuarantineRow.number).limit(min(limit, MAX_PAGE) + 1))
    rows = list(found)
    page = rows[: min(limit, MAX_PAGE)]
    return [problem(row) for row in page], page[-1].number if len(rows) > len(page) else None


def observed_in(rows: Iterable[ImportRow], known: Iterable[Series]) -> set[UUID]:
    """Return the ids of what imports touched besides series of candles."""
    return {one for row in rows for one in row.series} - {series.id for series in known}


def imported(
    row: ImportRow, known: Iterable[Series], problems: tuple[Problem, ...], observed: Iterable[Observed]
) -> Imported:
    """Return an import's row as a value, with those of the `known` and `observed` series that it touched."""
    return Imported(
        id=ImportId(row.id),
        name=row.name,
        status=Fate(row.status),
        created_at=row.created_at,
        rows_read=row.rows_read,
        rows_kept=row.rows_kept,
        rows_unchanged=row.rows_unchanged,
        rows_quarantined=row.rows_quarantined,
        series=tuple(series for series in known if series.id in row.series),
        problems=problems,
        observed=tuple(one for one in observed if one.id in row.series),
    )


def problem(row: QuarantineRow) -> Problem:
    """Return a quarantined row as a value."""
    return Problem(line=row.line, code=row.code, reason=row.reason, raw=row.raw, kept=row.kept)


async def _row(session: AsyncSession, series_id: UUID) -> SeriesRow:
    found = await session.scalar(select(SeriesRow).where(SeriesRow.id == series_id))
    if found is None:
        raise Refusal(
            "series_unknown",
            404,
            "there is no such series any more; choose one from the list of data (`omc data list`)",
        )
    return found


async def _unknown(session: AsyncSession, symbol: str, timeframe: str | None) -> Refusal:
    known = await list_series(session)
    there = sorted({f"{series.symbol} {series.timeframe}" for series in known})
    shown = ", ".join(there[:SHOWN_SYMBOLS]) + (" …" if len(there) > SHOWN_SYMBOLS else "")
    wanted = symbol[:40] if timeframe is None else f"{symbol[:40]} at {timeframe[:10]}"
    advice = f"there are: {shown}" if there else "there are no candles at all"
    return Refusal(
        "series_unknown",
        404,
        f"no candles of {wanted}; {advice}. Import some on the Data page or with `omc data import FILE`, or make "
        "demo markets there or with `omc data synthetic`",
    )
