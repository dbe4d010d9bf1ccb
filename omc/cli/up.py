"""`omc up`: the whole product as one command; it supervises the database, the web process and the worker."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import click

from omc.cli.address import answers, listen
from omc.cli.children import CRASHES_BEFORE_READY, Child
from omc.cli.database import Place, make_data_dir, open_place
from omc.cli.first_run import load_demo_data, new_link
from omc.cli.keys import check_keys
from omc.kit.errors import InstallationError
from omc.kit.log import set_up
from omc.kit.outage import AWAY, outage
from omc.kit.process import FileLock
from omc.settings import Settings, load

READY_TIMEOUT_S = 90.0
TEND_EVERY_S = 0.2
DATABASE_RETRY_S = 5.0
STOP_GRACE_S = 15.0
STOP_POLL_S = 0.05
LOCK_PATIENCE_S = 1.0
# After a kill -9 of the last supervisor its children need a moment to notice and to leave the port.
PORT_PATIENCE_S = 20.0

Done = TypeVar("Done")


@click.command(name="up")
@click.option("--no-link", is_flag=True, help="Do not print a sign-in link.")
def command(*, no_link: bool) -> None:
    """Start the database, the page and the worker, and print the address to open. Ctrl-C stops all of it."""
    settings = load()
    set_up(level="warning", style=settings.log_format)
    stopping = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, lambda _kind, _frame: stopping.set())
    started = time.monotonic()
    with ExitStack() as stack:
        house = _start(settings, stack, stopping)
        _await_ready(house, settings, stopping)
        link = _insist(house, stopping, lambda: settings.browser_url if no_link else new_link(house.place, settings))
        if link is not None:
            say(f"Ready after {time.monotonic() - started:.1f} s. Ctrl-C stops everything.")
            click.echo(f"\n  Open  {link}\n")
        _supervise(house, stopping)
        say("Stopping")


def say(text: str) -> None:
    """One line of progress."""
    click.echo(f"· {text}", err=True)


@dataclass(slots=True, kw_only=True)
class House:
    """What runs."""

    place: Place
    children: list[Child] = field(default_factory=list)
    trouble: str = ""
    retry_database_at: float = 0.0


def _start(settings: Settings, stack: ExitStack, stopping: threading.Event) -> House:
    """Start everything in order; what was started is left again in reverse, whatever happens after."""
    make_data_dir(settings)
    was_killed = _take_house(settings, stack)
    listener = stack.enter_context(listen(settings, patience_s=PORT_PATIENCE_S if was_killed else 0))
    place = open_place(settings, say)
    stack.callback(place.close)
    check_keys(settings, place.app_url)
    house = House(place=place)
    stack.callback(_stop_children, house, stopping)
    logs = settings.data_dir / "logs"
    say("Starting the page and the worker")
    web = Child("page", ["serve", "--fd", str(listener.fileno())], log=logs / "web.log", keep=[listener.fileno()])
    house.children = [web, Child("worker", ["work"], log=logs / "worker.log")]
    for child in house.children:
        child.start()
    _insist(house, stopping, partial(load_demo_data, place, settings, say))
    return house


def _take_house(settings: Settings, stack: ExitStack) -> bool:
    """Make sure that nobody else runs on this data directory; tell whether the last one ended without cleaning up."""
    lock = stack.enter_context(FileLock(settings.data_dir / "up.lock"))
    if not lock.take(timeout_s=LOCK_PATIENCE_S):
        raise InstallationError(
            "already_up",
            f"OMC already runs on {settings.data_dir} ({lock.read().strip()}). Open that one, stop it first, "
            "or start a second one with its own OMC_DATA_DIR and OMC_PORT.",
        )
    was_killed = bool(lock.read().strip())
    lock.write(f"process {os.getpid()}, {settings.browser_url}")
    stack.callback(lock.write, "")
    return was_killed


def _await_ready(house: House, settings: Settings, stopping: threading.Event) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not stopping.is_set() and not answers(settings):
        _tend(house)
        for child in house.children:
            if child.crashes >= CRASHES_BEFORE_READY or time.monotonic() > deadline:
                raise InstallationError(
                    "not_ready", f"The {child.name} does not start. {child.log} ends:\n{child.last_words()}"
                )
        stopping.wait(TEND_EVERY_S)


def _insist(house: House, stopping: threading.Event, step: Callable[[], Done]) -> Done | None:
    """Do a step that needs the database; when it dies meanwhile, bring it back and do the step again."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not stopping.is_set():
        try:
            return step()
        except AWAY as error:
            if time.monotonic() > deadline:
                raise InstallationError("database_away", outage(error).text) from None
        _tend(house)
        stopping.wait(TEND_EVERY_S)
    return None


def _supervise(house: House, stopping: threading.Event) -> None:
    while not stopping.wait(TEND_EVERY_S):
        _tend(house)


def _tend(house: House) -> None:
    """Bring back whatever died. The children outlive a database that is away, so it is never a reason to end."""
    for child in house.children:
        child.tend(say)
    if house.place.server is None or time.monotonic() < house.retry_database_at:
        return
    try:
        if house.place.server.ensure():
            say("The database had stopped; it runs again.")
        house.trouble = ""
    except InstallationError as error:
        house.retry_database_at = time.monotonic() + DATABASE_RETRY_S
        if error.text != house.trouble:
            say(f"The database is down: {error.text} Trying again every {DATABASE_RETRY_S:.0f} s.")
        house.trouble = error.text


def _stop_children(house: House, stopping: threading.Event) -> None:
    """Ask all to stop, then wait for what they are doing; a second Ctrl-C does not wait."""
    stopping.clear()
    for child in house.children:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_GRACE_S
    while any(child.pid for child in house.children) and time.monotonic() < deadline and not stopping.is_set():
        stopping.wait(STOP_POLL_S)
    for child in house.children:
        child.end()
