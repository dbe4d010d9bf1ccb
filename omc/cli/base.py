"""What every command shares: the way in to the database as the local owner, and the way out to the terminal."""

import asyncio
import json as json_module
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import click

from omc.cli.database import Place, open_place
from omc.core.ids import PersonId, WorkspaceId
from omc.core.money import text
from omc.identity.service import ensure_local_owner
from omc.kit.bus import Bus
from omc.kit.clock import Clock, utc_now
from omc.kit.db import Database
from omc.kit.errors import InstallationError
from omc.kit.log import set_up
from omc.kit.outage import AWAY, outage
from omc.kit.work import Context
from omc.settings import Settings, load
from omc.vault.desk import Vault, open_vault

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """An open installation, seen as its local owner."""

    settings: Settings
    place: Place
    database: Database
    bus: Bus
    workspace: WorkspaceId
    person: PersonId
    clock: Clock

    def context(self) -> Context:
        """What a job is given, for commands that run one themselves."""
        return Context(
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            data_dir=self.settings.data_dir,
            extra={"vault": self.vault()},
        )

    def vault(self) -> Vault:
        """What seals and opens keys here."""
        return open_vault(self.settings)


@asynccontextmanager
async def door() -> AsyncGenerator[Door]:
    """Open the installation: start the database where none runs, migrate, and come in as the local owner."""
    settings = load()
    set_up(level="warning", style=settings.log_format)
    place = await asyncio.to_thread(open_place, settings, progress)
    database = Database(place.app_url)
    try:
        async with database.session(None) as session:
            owner = await ensure_local_owner(session, now=utc_now())
        async with Bus(place.app_url) as bus:
            yield Door(
                settings=settings,
                place=place,
                database=database,
                bus=bus,
                workspace=owner.workspace_id,
                person=owner.person_id,
                clock=utc_now,
            )
    except AWAY as error:
        refusal = outage(error)
        raise InstallationError(refusal.code, refusal.text) from None
    finally:
        await database.close()
        await asyncio.to_thread(place.close)


def run(work: Coroutine[object, object, int | None]) -> int:
    """Run a command's coroutine; answer its exit code."""
    return asyncio.run(work) or 0


def progress(what: str) -> None:
    """One line of progress for people; standard output stays for answers."""
    click.echo(f"· {what}", err=True)


def answer(value: object, *, as_json: bool, shown: Callable[[], str]) -> None:
    """Print an answer: one JSON object on a line, or what a person reads."""
    click.echo(line(value) if as_json else shown())


def line(value: object) -> str:
    """Write a value as one line of JSON: money and times as text."""
    return json_module.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> str:
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Decimal():
            return text(value)
        case UUID() | Path():
            return str(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")


def printable(text: str) -> str:
    """Drop what a terminal would obey: words of a model or a file may not move its cursor or set its title."""
    return "".join(character for character in text if character.isprintable() or character == "\n")


def table(head: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()) -> str:
    """Lay rows out in columns; those named in `right` are aligned for reading numbers."""
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = []
    for row in cells:
        padded = (
            cell.rjust(width) if name in right else cell.ljust(width)
            for cell, width, name in zip(row, widths, head, strict=True)
        )
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)
