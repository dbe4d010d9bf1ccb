"""Which database a command uses: the configured server, or the embedded one of the data directory, migrated."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import psycopg

from omc.kit.errors import InstallationError
from omc.kit.migrate import head, upgrade
from omc.kit.postgres import EmbeddedPostgres
from omc.settings import Settings

CONNECT_TIMEOUT_S = 5
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A database that is ready to use; `server` is set when it is the embedded one, and must be left with `close`."""

    app_url: str = field(repr=False)
    owner_url: str | None = field(repr=False)
    server: EmbeddedPostgres | None = None

    def close(self) -> None:
        """Leave the embedded server; the last user stops it."""
        if self.server is not None:
            self.server.stop()


def open_place(settings: Settings, say: Say) -> Place:
    """Find or start the database and bring its schema up to date. Blocks; a command's first step."""
    place = find_place(settings, say)
    try:
        migrate(place, say)
    except BaseException:
        place.close()
        raise
    return place


def find_place(settings: Settings, say: Say) -> Place:
    """Find or start the database without touching its schema."""
    if settings.database_url is not None:
        owner = settings.database_owner_url
        app_url = settings.database_url.get_secret_value()
        _check_connection(app_url)
        return Place(app_url=app_url, owner_url=None if owner is None else owner.get_secret_value())
    make_data_dir(settings)
    server = EmbeddedPostgres(settings.data_dir, say=say)
    urls = server.adopt_or_start()
    return Place(app_url=urls.app, owner_url=urls.owner, server=server)


def make_data_dir(settings: Settings) -> None:
    """Create the data directory for our eyes only, or say why it cannot be."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = settings.data_dir / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InstallationError(
            "data_dir", f"The data directory {settings.data_dir} cannot be used ({error.strerror}). Set OMC_DATA_DIR."
        ) from None


def migrate(place: Place, say: Say) -> None:
    """Bring the schema to this release's revision, when it is behind and we may."""
    present, wanted = revision(place), head()
    if present == wanted:
        return
    if place.owner_url is None:
        raise InstallationError(
            "schema_behind",
            f"The database's schema is at {present or 'nothing'}, this release needs {wanted}. "
            "Set OMC_DATABASE_OWNER_URL and run `omc migrate`.",
        )
    if present is not None and present > wanted:
        raise InstallationError(
            "schema_ahead", f"The database's schema ({present}) is newer than this release ({wanted}). Update OMC."
        )
    say("Bringing the schema up to date")
    upgrade(place.owner_url)


def revision(place: Place) -> str | None:
    """Tell the schema's revision; None for an empty database."""
    with psycopg.connect(place.owner_url or place.app_url, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        known = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        if known is None or known[0] is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def _check_connection(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S).close()
    except psycopg.Error as error:
        raise InstallationError(
            "no_database", f"The database in OMC_DATABASE_URL does not answer: {str(error).strip()}"
        ) from None


async def open_place_in_thread(settings: Settings, say: Say) -> Place:
    """Do the same without holding up the event loop."""
    return await asyncio.to_thread(partial(open_place, settings, say))
