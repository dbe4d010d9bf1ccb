"""`omc doctor`: every part of the installation looked at, and what to do about what is wrong."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import click

import omc
from omc.cli.address import answers
from omc.cli.base import answer, json_option
from omc.cli.database import Place, find_place, make_data_dir, revision
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.kit.errors import InstallationError
from omc.kit.migrate import head
from omc.kit.postgres import EmbeddedPostgres
from omc.kit.postgres_install import ROOM_NEEDED_BYTES, database_account, find_binaries
from omc.ops.service import installation
from omc.settings import Settings, load
from omc.vault.desk import check_roots, open_vault
from omc.vault.roots import read_roots

PAGE = Path(omc.__file__).parent / "static" / "index.html"
SUPPORTED = ((3, 11), (3, 14))


class Verdict(StrEnum):
    """How a check went."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check; a wrong one says what to do."""

    name: str
    verdict: Verdict
    text: str


Check = Callable[[Settings], Finding]


@click.command(name="doctor")
@json_option
def command(*, as_json: bool) -> int:
    """Check Python, the data directory, the disk, the database, the page, the port, and say what to do.

    Starts the database for the checks when none runs. Exit code 3 when something is wrong.
    """
    findings = list(_findings())
    wrong = any(finding.verdict is Verdict.WRONG for finding in findings)
    value = {"ok": not wrong, "findings": [asdict(finding) for finding in findings]}
    answer(value, as_json=as_json, shown=lambda: "\n".join(_line(finding) for finding in findings))
    return 3 if wrong else 0


def _line(finding: Finding) -> str:
    mark = {Verdict.OK: "✓", Verdict.NOTE: "·", Verdict.WRONG: "✗"}[finding.verdict]
    return f"{mark} {finding.name}: {finding.text}"


def _findings() -> Iterator[Finding]:
    try:
        settings = load()
    except InstallationError as error:
        yield Finding(name="settings", verdict=Verdict.WRONG, text=error.text)
        return
    for name, check in CHECKS:
        try:
            yield check(settings)
        except InstallationError as error:
            yield Finding(name=name, verdict=Verdict.WRONG, text=error.text)


def _python(_settings: Settings) -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if not SUPPORTED[0] <= sys.version_info[:2] < SUPPORTED[1]:
        text = f"{found} is not supported; install Python 3.11 to 3.13 and run `make setup`."
        return Finding(name="python", verdict=Verdict.WRONG, text=text)
    return Finding(name="python", verdict=Verdict.OK, text=f"{found} at {sys.executable}")


def _data_dir(settings: Settings) -> Finding:
    make_data_dir(settings)
    owner = settings.data_dir.stat().st_uid
    if owner != os.geteuid():
        text = f"{settings.data_dir} belongs to user {owner}, and this is user {os.geteuid()}."
        return Finding(name="data", verdict=Verdict.NOTE, text=text)
    return Finding(name="data", verdict=Verdict.OK, text=str(settings.data_dir))


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_dir).free
    text = f"{free / 1e9:.1f} GB free"
    if free < ROOM_NEEDED_BYTES:
        text += f"; at least {ROOM_NEEDED_BYTES / 1e9:.1f} GB are needed. Free some, or move OMC_DATA_DIR."
        return Finding(name="disk", verdict=Verdict.WRONG, text=text)
    return Finding(name="disk", verdict=Verdict.OK, text=text)


def _binaries(settings: Settings) -> Finding:
    if settings.database_url is not None:
        return Finding(name="server", verdict=Verdict.NOTE, text="not ours: OMC_DATABASE_URL is set")
    account = database_account()
    who = f"as user {account.name}" if account.name else "as this user"
    return Finding(name="server", verdict=Verdict.OK, text=f"{find_binaries(account)}, {who}")


def _database(settings: Settings) -> Finding:
    ran = settings.database_url is not None or EmbeddedPostgres(settings.data_dir).is_running()
    place = find_place(settings, lambda _text: None)
    try:
        present, wanted = revision(place), head()
        if present not in {None, wanted}:
            text = f"its schema is at {present}, this release needs {wanted}. Run `omc migrate`."
            return Finding(name="database", verdict=Verdict.WRONG, text=text)
        if present is None:
            return Finding(name="database", verdict=Verdict.NOTE, text="answers; empty until the first `omc up`")
        text = f"answers, schema {present}; {asyncio.run(_parts(place, settings))}"
        return Finding(name="database", verdict=Verdict.OK, text=text if ran else f"{text} (was not running)")
    finally:
        place.close()


async def _parts(place: Place, settings: Settings) -> str:
    database = Database(place.app_url)
    try:
        async with database.session(None) as session:
            _, workers, queue = await installation(session, settings.data_dir, now=utc_now())
        if settings.kms_key_id is not None or settings.root_keys.exists():
            await check_roots(open_vault(settings), database)
    finally:
        await database.close()
    return f"{workers} workers, {queue.waiting} jobs waiting"


def _root_key(settings: Settings) -> Finding:
    """Where the key is that opens every stored key; read_roots refuses a file that others may read."""
    if settings.kms_key_id is not None:
        return Finding(name="root key", verdict=Verdict.OK, text=f"in AWS KMS: {settings.kms_key_id}")
    file = settings.root_keys
    if not file.exists():
        return Finding(name="root key", verdict=Verdict.NOTE, text=f"{file} is made by the first `omc up`")
    count = len(read_roots(file).keys)
    text = f"{file}, readable by its owner alone"
    if count > 1:
        text += f"; it holds {count} keys: finish the change with `omc vault rotate`"
    if file.is_relative_to(settings.data_dir):
        text += (
            "; it stands inside the data directory, so a backup of that can open every stored key. "
            "Move it elsewhere and set OMC_ROOT_KEY_FILE"
        )
        return Finding(name="root key", verdict=Verdict.NOTE, text=text)
    return Finding(name="root key", verdict=Verdict.OK, text=text)


def _page(_settings: Settings) -> Finding:
    if not PAGE.exists():
        text = "is not built; run `omc web build` (`make run` does)."
        return Finding(name="page", verdict=Verdict.WRONG, text=text)
    return Finding(name="page", verdict=Verdict.OK, text=str(PAGE.parent))


def _port(settings: Settings) -> Finding:
    if answers(settings):
        return Finding(name="address", verdict=Verdict.OK, text=f"{settings.browser_url} answers")
    with socket.socket() as probe:
        taken = probe.connect_ex((settings.host, settings.port)) == 0
    if taken:
        text = f"another program uses port {settings.port}. Stop it, or set OMC_PORT."
        return Finding(name="address", verdict=Verdict.WRONG, text=text)
    return Finding(name="address", verdict=Verdict.NOTE, text=f"nothing serves {settings.browser_url}; start `omc up`")


CHECKS: tuple[tuple[str, Check], ...] = (
    ("python", _python),
    ("data", _data_dir),
    ("disk", _disk),
    ("server", _binaries),
    ("root key", _root_key),
    ("database", _database),
    ("page", _page),
    ("address", _port),
)
