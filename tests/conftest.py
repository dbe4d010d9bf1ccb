"""What every test may ask for: a real PostgreSQL, a database of its worker's own, a workspace, a served application."""

import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import make_url
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from omc.kit.bus import Bus
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.ids import new_id
from omc.kit.migrate import upgrade
from omc.kit.postgres import EmbeddedPostgres, ServerUrls
from omc.kit.work import Context
from tests.serving import Served, serving, signed_in

# The same examples in every run and on every machine, however busy: what fails once fails again.
settings.register_profile(
    "omc", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("omc")

pytest_plugins = ("tests.sims.models.fixture",)

TEMPLATE = "omc_template"
# A browser fills the machine by itself, and a disk that is full for one test is full for its server's checkpoints.
ONE_BY_ONE = ("tests/journeys/", "tests/ledgers/test_full_disk.py")
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def _in_database(urls: ServerUrls, name: str) -> ServerUrls:
    superuser, owner, app = (
        make_url(url).set(database=name).render_as_string(hide_password=False)
        for url in (urls.superuser, urls.owner, urls.app)
    )
    return ServerUrls(superuser=superuser, owner=owner, app=app)


def _create_database(server: ServerUrls, name: str, *, template: str = TEMPLATE) -> ServerUrls:
    statement = SQL("CREATE DATABASE {} TEMPLATE {} OWNER omc_owner")
    with psycopg.connect(server.superuser, autocommit=True) as connection:
        connection.execute(statement.format(Identifier(name), Identifier(template)))
    return _in_database(server, name)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start one server for all workers, in the process that steers them."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    directory = Path(tempfile.mkdtemp(prefix="omc-tests-"))
    server = EmbeddedPostgres(directory)
    urls = server.start()
    session.config.stash[SERVER] = (server, directory)
    with psycopg.connect(urls.superuser, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")
    upgrade(_create_database(urls, TEMPLATE, template="template1").owner)
    session.config.stash[URLS] = json.dumps(asdict(urls))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the server and drop its files."""
    if SERVER in session.config.stash:
        server, directory = session.config.stash[SERVER]
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Config) -> None:
    """Tell a worker process where the server is."""
    node.workerinput["omc_urls"] = node.config.stash[URLS]  # ty: ignore[missing-attribute]


class Sharing(LoadScopeScheduling):
    """Each test goes to whoever is free, but some to the same worker one by one.

    Groups by marker would say the same; the runner's present release reads their names from where pytest has none.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in ONE_BY_ONE if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    """Say who runs what."""
    return Sharing(config, log)


SERVER = pytest.StashKey[tuple[EmbeddedPostgres, Path]]()
URLS = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> ServerUrls:
    """The server that all workers share."""
    workerinput = getattr(request.config, "workerinput", None)
    return ServerUrls(**json.loads(workerinput["omc_urls"] if workerinput else request.config.stash[URLS]))


@pytest.fixture(scope="session")
def worker_database(server: ServerUrls, worker_id: str) -> ServerUrls:
    """This worker's database, migrated; all its tests use it, each in a workspace of its own."""
    return _create_database(server, f"omc_{worker_id}")


@pytest.fixture
def own_database(server: ServerUrls, worker_id: str) -> ServerUrls:
    """A migrated database of one test's own: an installation, which real servers and commands run on."""
    return _create_database(server, f"omc_{worker_id}_{new_id().hex}")


@pytest.fixture
def empty_url(server: ServerUrls, worker_id: str) -> str:
    """The owner's URL of a new database with nothing in it."""
    return _create_database(server, f"omc_{worker_id}_{new_id().hex}", template="template1").owner


@pytest.fixture(scope="session")
def owner_url(worker_database: ServerUrls) -> str:
    """The URL of the role that owns the schema: for looking, never for the code under test."""
    return worker_database.owner


@pytest.fixture(scope="session")
def app_url(worker_database: ServerUrls) -> str:
    """The URL that the product uses."""
    return worker_database.app


@pytest.fixture(scope="session")
def superuser_url(worker_database: ServerUrls) -> str:
    """The URL of the role that row security does not bind: for looking at all that is stored."""
    return worker_database.superuser


@pytest.fixture(scope="session")
async def database(app_url: str) -> AsyncIterator[Database]:
    """The product's own pool on this worker's database."""
    database = Database(app_url)
    yield database
    await database.close()


@pytest.fixture
def workspace() -> UUID:
    """A workspace nobody else uses: row security keeps tests apart as it keeps tenants."""
    return new_id()


@pytest.fixture
async def context(database: Database, app_url: str, tmp_path: Path) -> AsyncIterator[Context]:
    """What a job is given, on this worker's database."""
    async with Bus(app_url) as bus:
        yield Context(database=database, bus=bus, clock=utc_now, data_dir=tmp_path)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings; a test that needs it is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared recordings are not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def served(app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application, really served on loopback for all tests of this worker."""
    with serving(app_url, tmp_path_factory.mktemp("data")) as served:
        yield served


@pytest.fixture
async def client(served: Served, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A browser signed in as the owner of a fresh workspace, named by its `x-workspace` header."""
    async with signed_in(served, database) as client:
        yield client
