"""Owns what a request may leave open: the document by its version or as it stands, the span by either of its ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import VersionId
from omc.core.market import Span
from omc.engine import service, universe
from omc.engine.document import StrategyDocument
from omc.engine.reading import read
from omc.kit.errors import Refusal
from omc.ledgers.rules import Series
from omc.ledgers.service import get_series


async def document_of(
    session: AsyncSession, version_id: UUID | None, document: Mapping[str, object] | None
) -> StrategyDocument:
    """Return the document that is meant; Refusal `one_of_two` where both are named, or none."""
    match version_id, document:
        case UUID(), None:
            return (await service.get_version(session, VersionId(version_id))).document
        case None, Mapping():
            return read(document)
        case _:
            raise Refusal("one_of_two", 422, "give either version_id or document", place="/document")


async def series_of(
    session: AsyncSession, document: StrategyDocument, series_id: UUID | None, series_ids: Sequence[UUID] | None
) -> list[Series]:
    """Return the series that are meant, in the order of the universe; Refusal `one_of_two` where both are, or none."""
    match series_id, series_ids:
        case UUID(), None:
            return [await get_series(session, series_id)]
        case None, [*_]:
            return universe.ordered(document, [await get_series(session, one) for one in series_ids or ()])
        case _:
            raise Refusal("one_of_two", 422, "give either series_id or series_ids", place="/series_id")


async def span_of(
    session: AsyncSession, every: Sequence[Series], *, start: datetime | None, end: datetime | None
) -> Span | None:
    """Return the span that is meant, None for all: an end left open is that of the bars that research may see.

    Refusal `no_bars` where these series have none, `bad_span` where it does not end after it starts.
    """
    if start is None and end is None:
        return None
    first, last = await universe.edges(session, every)
    start, end = start or first, end or last
    if start is None or end is None:
        raise Refusal("no_bars", 422, "this series has no bars", place="/series_id")
    return span_between(start=start, end=end)


def span_between(*, start: datetime, end: datetime) -> Span:
    """Return the span from `start` to before `end`; Refusal `bad_span` where it would be empty."""
    try:
        return Span(start, end)
    except ValueError as error:
        raise Refusal("bad_span", 422, str(error), place="/start") from error
