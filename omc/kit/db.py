"""Database sessions: one transaction each, the workspace set at its head, so that row security knows whose it is."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, LiteralString, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import AsyncRowFactory, class_row, scalar_row, tuple_row
from sqlalchemy import DateTime, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

POOL_SIZE = 5
POOL_OVERFLOW = 15
WAIT_S = 30.0
CONNECT_TIMEOUT_S = 5

Found = TypeVar("Found")
Row = TypeVar("Row")
Parameters: TypeAlias = Mapping[str, object]

_DRIVER = "driver"
"""Where a session keeps its transaction's own connection, for the statements that go past the session."""

_FOUND = "found"
_LAST = "last"

_SET = "SELECT set_config('omc.workspace', %(workspace)s, true), set_config('omc.presented', %(presented)s, true)"


class _First(NamedTuple):
    """A statement that goes to the database with its transaction's beginning."""

    statement: LiteralString
    parameters: Parameters
    rows: AsyncRowFactory[object]


class Base(DeclarativeBase):
    """The root of every table's row class; Python types name their column types once, here."""

    type_annotation_map: ClassVar = {
        Decimal: Numeric(),
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        str: Text(),
        dict[str, object]: JSONB(),
        list[object]: JSONB(),
    }


class TenantRow:
    """Mixin of every row that belongs to a workspace; the database fills nothing in and refuses a wrong one."""

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)


class Database:
    """A pool of connections to one PostgreSQL, used as the role that owns nothing."""

    def __init__(self, url: str, *, wait_s: float = WAIT_S) -> None:
        """Prepare the pool for a `postgresql://` URL; connects on first use. Nobody waits longer for a free one."""
        self.url = url
        self._engine = create_async_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=wait_s,
            pool_use_lifo=True,  # the connection that was used last has its statements prepared
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "omc"},
        )
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    @asynccontextmanager
    async def session(self, workspace: UUID | None) -> AsyncGenerator[AsyncSession, None]:
        """One transaction as `workspace` (None: as nobody, which sees no tenant's row); commits at the end."""
        async with self._begin("" if workspace is None else str(workspace), "") as session:
            yield session

    @asynccontextmanager
    async def fetching(
        self, workspace: UUID, kind: type[Found], statement: LiteralString, parameters: Parameters
    ) -> AsyncGenerator[tuple[AsyncSession, list[Found]], None]:
        """One transaction as `workspace` that begins with a statement: both go to the database at once; as `fetch`."""
        first = _First(statement, parameters, class_row(kind))
        async with self._begin(str(workspace), "", first) as session:
            yield session, await session.info.pop(_FOUND).fetchall()

    @asynccontextmanager
    async def presenting(self, presented: str) -> AsyncGenerator[AsyncSession, None]:
        """One transaction of a caller who is not known yet and may see only the rows that match what he presents."""
        async with self._begin("", presented) as session:
            yield session

    @asynccontextmanager
    async def _begin(
        self, workspace: str, presented: str, first: _First | None = None
    ) -> AsyncGenerator[AsyncSession, None]:
        async with await self._entered({"workspace": workspace, "presented": presented}, first) as session:
            yield session
            await _end(session)

    async def _entered(self, whose: Parameters, first: _First | None) -> AsyncSession:
        """Begin a transaction; its first statement finds out whether the connection was lost while it rested."""
        resting = POOL_SIZE
        while True:
            session = self._sessions()
            try:
                session.info[_DRIVER] = (await (await session.connection()).get_raw_connection()).driver_connection
                await _start(session, whose, first)
            except BaseException as error:
                await session.close()
                if not (resting and isinstance(error, DBAPIError) and error.connection_invalidated):
                    raise
                resting -= 1
            else:
                return session

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._engine.dispose()


class Rehearsal(Database):
    """Transactions that are all parts of one, whose owner rolls it back: what is tried here happens nowhere."""

    def __init__(self, session: AsyncSession) -> None:
        """Rehearse inside this session's transaction, as its workspace, one part after the other."""
        self._session = session
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def _begin(
        self, workspace: str, presented: str, first: _First | None = None
    ) -> AsyncGenerator[AsyncSession, None]:
        del workspace, presented
        session = self._session
        async with self._turn:
            # Statements that go past the session change rows that it holds.
            session.expunge_all()
            session.info.pop(_LAST, None)
            async with session.begin_nested():
                if first is not None:
                    session.info[_FOUND] = await _executed(session, first.rows, first.statement, first.parameters)
                yield session
                await session.flush()
                for statement, parameters in session.info.pop(_LAST, []):
                    await run(session, statement, parameters)

    async def close(self) -> None:
        """The session is its owner's."""


async def enter(session: AsyncSession, workspace: UUID, presented: str = "") -> None:
    """Go on in the same transaction as `workspace`, once it is known whose it is."""
    await run(session, _SET, {"workspace": str(workspace), "presented": presented})


async def fetch(
    session: AsyncSession, kind: type[Found], statement: LiteralString, parameters: Parameters
) -> list[Found]:
    """Run one statement on the driver's own connection, in the session's transaction; each row becomes a `kind`.

    For the statements around every step and model call: it takes a third of the time that the session needs for the
    same. Parameters are written `%(name)s`. What the session holds unwritten is not written first. Errors are the
    session's own kinds.
    """
    return await (await _executed(session, class_row(kind), statement, parameters)).fetchall()


async def value(session: AsyncSession, kind: type[Found], statement: LiteralString, parameters: Parameters) -> Found:
    """Run one statement as `fetch` does and return the first column of its one row."""
    found = await (await _executed(session, scalar_row, statement, parameters)).fetchone()
    assert isinstance(found, kind)
    return found


async def run(session: AsyncSession, statement: LiteralString, parameters: Parameters) -> None:
    """Run one statement that returns nothing, as `fetch` does."""
    await _executed(session, tuple_row, statement, parameters)


def at_end(session: AsyncSession, statement: LiteralString, parameters: Parameters) -> None:
    """Let a statement run as the transaction's last, in the same way to the database as its commit."""
    session.info.setdefault(_LAST, []).append((statement, parameters))


async def _executed(
    session: AsyncSession, rows: AsyncRowFactory[Row], statement: LiteralString, parameters: Parameters
) -> psycopg.AsyncCursor[Row]:
    """Return the cursor of a statement whose rows have all come; it holds nothing that would have to be closed."""
    async with _driver(session, statement) as driver:
        return await driver.cursor(row_factory=rows).execute(statement, parameters)


async def _start(session: AsyncSession, whose: Parameters, first: _First | None) -> None:
    if first is None:
        await run(session, _SET, whose)
        return
    async with _driver(session, _SET, first.statement) as driver, driver.pipeline():
        await driver.execute(_SET, whose)
        session.info[_FOUND] = await driver.cursor(row_factory=first.rows).execute(first.statement, first.parameters)


async def _end(session: AsyncSession) -> None:
    if last := session.info.pop(_LAST, []):
        await session.flush()
        async with _driver(session, *(statement for statement, _ in last)) as driver, driver.pipeline():
            for statement, parameters in last:
                await driver.execute(statement, parameters)
            await driver.commit()
    await session.commit()


@asynccontextmanager
async def _driver(session: AsyncSession, *statements: str) -> AsyncGenerator[psycopg.AsyncConnection, None]:
    """Yield the driver's connection; what it raises is told as the session tells it, of all `statements` at once."""
    driver = session.info[_DRIVER]
    assert isinstance(driver, psycopg.AsyncConnection)
    try:
        yield driver
    except psycopg.Error as error:
        # A connection that is lost must not go back to the pool.
        if lost := driver.closed or driver.broken:
            await (await session.connection()).invalidate(error)
        told = DBAPIError.instance(
            *("; ".join(statements), None, error, psycopg.Error),
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=session.get_bind().dialect,
        )
        assert isinstance(told, Exception)
        raise told from error
