"""A session as one document to keep: transcript, steps, evidence with its hashes, reports, and what its calls cost.

It is written as it is read, page by page in transactions of their own, so that the largest session needs no memory and
holds no lock. There is no secret in it: a key is named by its id only.
"""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, Table, select

from omc.core.canonical import canonical
from omc.core.ids import SessionId, WorkspaceId
from omc.kit.db import Database
from omc.lab import branches, service
from omc.lab.tables import EntryRow, EvidenceRow, ReportRow, SessionRow, StepRow
from omc.vault.tables import CallRow

SCHEMA = "omc-session/1"
ROWS_AT_ONCE = 50

_PARTS: Sequence[tuple[str, type[EntryRow | StepRow | EvidenceRow | ReportRow | CallRow], str]] = (
    ("transcript", EntryRow, "position"),
    ("steps", StepRow, "number"),
    ("evidence", EvidenceRow, "number"),
    ("reports", ReportRow, "number"),
    ("calls", CallRow, "id"),
)
# Texts that hold canonical JSON, and columns that say nothing outside this database.
_JSON = frozenset({"body", "input", "output", "document"})
_LEFT_OUT = frozenset({"workspace_id", "session_id", "said", "idempotency_key", "epoch", "scopes"})


async def whole(database: Database, workspace_id: WorkspaceId, session_id: SessionId) -> AsyncGenerator[str]:
    """Yield the document piece by piece; whoever asks refuses first what `service.read` refuses."""
    async with database.session(workspace_id) as session:
        row = await service.read(session, session_id)
        stale = await branches.stale_steps(session, session_id)
    columns = [column.name for column in _table(SessionRow).columns]
    head = {"schema": SCHEMA, "session": _plain({name: getattr(row, name) for name in columns})}
    yield canonical({**head, "stale_steps": sorted(stale)}).decode()[:-1]
    for name, kind, order in _PARTS:
        yield f',\n"{name}":['
        between = "\n"
        async for page in _pages(database, workspace_id, session_id, _table(kind), order):
            yield between + ",\n".join(canonical(_plain(one)).decode() for one in page)
            between = ",\n"
        yield "]"
    yield "}\n"


async def _pages(
    database: Database, workspace_id: WorkspaceId, session_id: UUID, table: Table, order: str
) -> AsyncGenerator[Sequence[RowMapping]]:
    by = table.c[order]
    query = select(table).where(table.c.session_id == session_id).order_by(by).limit(ROWS_AT_ONCE)
    after = query
    while True:
        async with database.session(workspace_id) as session:
            page = (await session.execute(after)).mappings().all()
        if page:
            yield page
        if len(page) < ROWS_AT_ONCE:
            return
        after = query.where(by > page[-1][order])


def _plain(row: Mapping[str, object] | RowMapping) -> dict[str, object]:
    kept = {str(name): value for name, value in row.items() if name not in _LEFT_OUT}
    return {name: json.loads(str(value)) if name in _JSON else value for name, value in kept.items()}


def _table(kind: type[SessionRow | EntryRow | StepRow | EvidenceRow | ReportRow | CallRow]) -> Table:
    table = kind.__table__
    assert isinstance(table, Table)
    return table
