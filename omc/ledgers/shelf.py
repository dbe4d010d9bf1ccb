"""Opens the series that rows are stored in: found or made, locked in one order so that two imports cannot deadlock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.market import Timeframe
from omc.kit.ids import new_id
from omc.ledgers.naming import SeriesKey
from omc.ledgers.rules import Origin
from omc.ledgers.tables import WORKSPACE, SeriesRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A series to store into; `variant` keeps generated markets of different seeds apart."""

    key: SeriesKey
    origin: Origin = Origin.IMPORTED
    variant: str = ""

    @property
    def label(self) -> str:
        """Return the name that people see; a synthetic market says so in capitals."""
        if self.origin is Origin.SYNTHETIC:
            return f"SYNTHETIC {self.key.symbol} {self.key.timeframe} ({self.variant})"
        return f"{self.key.venue} {self.key.symbol} {self.key.timeframe}"


async def open_series(session: AsyncSession, wanted: Sequence[Wanted], *, now: datetime) -> list[SeriesRow]:
    """Return the row of each wanted series, in their order; made where there was none, locked till the commit."""
    names = [_name(one) for one in wanted]
    values = [_values(one, now) for _, one in sorted(zip(names, wanted, strict=True), key=lambda pair: pair[0])]
    await session.execute(insert(SeriesRow).values(values).on_conflict_do_nothing())
    columns = tuple_(SeriesRow.symbol, SeriesRow.timeframe, SeriesRow.venue, SeriesRow.variant)
    query = select(SeriesRow).where(columns.in_(names)).order_by(SeriesRow.id).with_for_update()
    found = await session.scalars(query.execution_options(populate_existing=True))
    rows = {(row.symbol, row.timeframe, row.venue, row.variant): row for row in found}
    return [rows[name] for name in names]


def _name(wanted: Wanted) -> tuple[str, str, str, str]:
    key = wanted.key
    return (key.symbol, key.timeframe, key.venue, wanted.variant)


def _values(wanted: Wanted, now: datetime) -> dict[str, object]:
    key = wanted.key
    return {
        "workspace_id": WORKSPACE,
        "id": new_id(),
        "venue": key.venue,
        "symbol": key.symbol,
        "timeframe": key.timeframe,
        "variant": wanted.variant,
        "timeframe_ms": Timeframe.parse(key.timeframe).milliseconds,
        "origin": wanted.origin.value,
        "label": wanted.label,
        "created_at": now,
        "bars": 0,
        "gaps": 0,
        "missing": 0,
        "quarantined": 0,
    }
