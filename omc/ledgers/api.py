"""Routes of the ledgers: files in, series with their gaps, bars for charts, and synthetic markets."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, JsonValue
from starlette.datastructures import UploadFile

from omc.core.market import Span
from omc.identity.api import Reader, Tx, Writer
from omc.kit.errors import Refusal
from omc.kit.http import Wired
from omc.ledgers import observations, seals, service
from omc.ledgers.frames import bars
from omc.ledgers.imports import import_file, said
from omc.ledgers.levels import folded
from omc.ledgers.markets import Made, make_markets
from omc.ledgers.messages import (
    BarsAnswer,
    ImportAnswer,
    ImportList,
    MarketsWish,
    ObservedAnswer,
    ObservedList,
    ProblemAnswer,
    Quarantine,
    SeriesAnswer,
    SeriesDetail,
    SeriesList,
)
from omc.ledgers.sniff import MAX_UPLOAD_BYTES, too_large
from omc.ledgers.uploads import kept

FORM_ROOM_BYTES = 65_536
"""What a multipart body may hold besides the file."""

MAX_FIELDS = 8
UPLOADS = "uploads"
"""Below the data directory."""

NO_LIMIT = 2**50
"""The framework's own limit is out of the way: ours refuses in a sentence before anything is read."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
LATEST = FOREVER - timedelta(days=1)

router = APIRouter(prefix="/ledgers", tags=["ledgers"])

_TEXT: dict[str, JsonValue] = {"type": "string", "maxLength": 40}
_UPLOAD: dict[str, JsonValue] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "Parquet or CSV, at most 256 MiB",
                        },
                        "symbol": {**_TEXT, "description": "Where the file does not say it", "examples": ["BTC/USDT"]},
                        "timeframe": {**_TEXT, "description": "Where the file does not say it", "examples": ["1h"]},
                        "venue": {**_TEXT, "description": "Where the file does not say it", "examples": ["binance"]},
                    },
                }
            }
        },
    }
}


# --- series and bars --------------------------------------------------------------------------------------------------


@router.get("/series")
async def list_series(_caller: Reader, session: Tx) -> SeriesList:
    """List every series of candles with its coverage."""
    return SeriesList(items=[SeriesAnswer.of(series) for series in await service.list_series(session)])


@router.get("/series/{series_id}")
async def get_series(_caller: Reader, session: Tx, series_id: UUID) -> SeriesDetail:
    """Show one series and its gaps."""
    series = await service.get_series(session, series_id)
    return SeriesDetail.with_gaps(series, await service.list_gaps(session, series_id))


@router.get("/bars")
async def list_bars(
    _caller: Reader,
    session: Tx,
    series_id: UUID,
    start: AwareDatetime | None = None,
    end: AwareDatetime | None = None,
    as_of: Annotated[AwareDatetime | None, Query(description="Only bars that could be known then")] = None,
    max_points: Annotated[int, Query(ge=100, le=10_000)] = 1_500,
) -> BarsAnswer:
    """Give the bars of a chart: all of them, or folded into the shortest calendar level that fits.

    They end where the market is sealed for an exam; `sealed_from` says so, and a span behind it is refused.
    """
    series = await service.get_series(session, series_id)
    span = _span(start, end)
    edge = (await seals.view(session, series_id, start=span.start, end=None)).until
    columns = await bars(session, series_id, span, as_of=as_of)
    level = await asyncio.to_thread(folded, columns, max_points=max_points)
    return BarsAnswer.of(series, level, sealed_from=edge if edge is not None and span.end > edge else None)


@router.get("/observed")
async def list_observed(_caller: Reader, session: Tx) -> ObservedList:
    """List every named series of observations: funding rates, indexes, figures of a chain."""
    found = await observations.list_observed(session)
    return ObservedList(items=[ObservedAnswer.model_validate(one) for one in found])


def _span(start: datetime | None, end: datetime | None) -> Span:
    first, last = start or BEGINNING, end or FOREVER
    if first >= last:
        raise Refusal(
            "span_empty", 422, "The span ends before it starts. Give an end after the start.", place="query/end"
        )
    return Span(first, last)


# --- imports ----------------------------------------------------------------------------------------------------------


@router.post("/imports", openapi_extra=_UPLOAD, max_body_size=NO_LIMIT)
async def import_candles(caller: Writer, wired: Wired, request: Request) -> ImportAnswer:
    """Take in a file of candles. Bad rows are left out and reported, the good part is kept; twice changes nothing.

    A file that cannot be believed is answered too, with the status `refused` and the reason.
    """
    _check_length(request)
    async with request.form(max_files=1, max_fields=MAX_FIELDS) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Refusal("file_missing", 422, "Send the file in the part `file` of a multipart form.", place="/file")
        about = said(**{part: _word(form.get(part)) for part in ("symbol", "timeframe", "venue")})
        async with (
            kept(file.file, wired.data_dir / UPLOADS) as path,
            wired.database.session(caller.workspace_id) as session,
        ):
            name = file.filename or "file"
            done = await import_file(session, path, name=name, now=wired.clock(), said=about)
    return ImportAnswer.of(done)


def _check_length(request: Request) -> None:
    """Refuse a body by its announced length, before a byte of it is read or stored."""
    announced = request.headers.get("content-length", "")
    if not announced.isdecimal():
        raise Refusal("length_missing", 411, "Send the length of the body (Content-Length).")
    if int(announced) > MAX_UPLOAD_BYTES + FORM_ROOM_BYTES:
        advice = f"{too_large(int(announced), MAX_UPLOAD_BYTES)}; `omc data import FILE` takes files up to 1 GiB"
        raise Refusal("file_too_large", 413, advice)


def _word(value: UploadFile | str | None) -> str | None:
    if value is not None and not isinstance(value, str):
        raise Refusal("option_unreadable", 422, "symbol, timeframe and venue are texts, not files.")
    return value


@router.get("/imports")
async def list_imports(
    _caller: Reader, session: Tx, cursor: UUID | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> ImportList:
    """List the files taken in or refused, newest first."""
    page, following = await service.list_imports(session, before=cursor, limit=limit)
    return ImportList(items=[ImportAnswer.of(one) for one in page], next=following)


@router.get("/imports/{import_id}/quarantine")
async def list_quarantine(
    _caller: Reader,
    session: Tx,
    import_id: UUID,
    cursor: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Quarantine:
    """List the rows of a file that were left out, with line and reason."""
    page, following = await service.list_quarantine(session, import_id, after=cursor, limit=limit)
    return Quarantine(items=[ProblemAnswer.of(one) for one in page], next=following)


# --- synthetic markets ------------------------------------------------------------------------------------------------


@router.post("/synthetic")
async def make_synthetic(_caller: Writer, session: Tx, wired: Wired, wish: MarketsWish) -> SeriesList:
    """Make synthetic markets from a seed: labelled as such, with regimes, fat tails, clustered volatility and jumps."""
    if wish.start >= wish.end or not wish.start >= BEGINNING or wish.end > LATEST:
        raise Refusal(
            "span_empty", 422, "The span ends before it starts, or lies outside of 1970 to 9998.", place="/end"
        )
    span = Span(wish.start, wish.end)
    made = Made(symbols=tuple(wish.symbols), timeframe=wish.timeframe, span=span, seed=wish.seed)
    series = await make_markets(session, made, now=wired.clock())
    return SeriesList(items=[SeriesAnswer.of(one) for one in series])
