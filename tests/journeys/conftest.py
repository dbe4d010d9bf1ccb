"""A whole installation and a real Chromium, as a new user has them."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.cli.commands import environment, free_port, omc

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"https?://\S+/link#\S+")
# All journeys are one person's, who changes more keys in a minute than anybody does in an hour.
OFTEN = {"key_changes_per_hour": "1000", "key_tests_per_hour": "1000"}
START_S = 90
STOP_S = 30
CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is no Chromium a browser test is skipped and says so; on CI that is a failure instead."""
    here = [item for item in items if Path(item.fspath).is_relative_to(Path(__file__).parent)]
    for item in here:
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine; `make test` as root installs it"))


@dataclass(slots=True)
class Installation:
    """A running `omc up` on a data directory of its own."""

    url: str
    link: str
    environment: dict[str, str]
    process: asyncio.subprocess.Process
    cookies: dict[str, str] = field(default_factory=dict)

    async def new_link(self) -> str:
        """A fresh sign-in link, as `omc link` prints it."""
        done = await asyncio.to_thread(omc, "link", env=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@asynccontextmanager
async def installed(data_dir: Path) -> AsyncGenerator[Installation]:
    """Run `omc up` until its sign-in link is printed; Ctrl-C at the end, and it must stop."""
    variables = environment(data_dir, port=str(free_port()), **OFTEN) | {"PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "omc.cli", "up"),
        env=variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        async with asyncio.timeout(START_S):
            while True:
                line = (await process.stdout.readline()).decode()
                assert line, "".join(said)
                said.append(line)
                if found := LINK.search(line):
                    break
        drained = asyncio.ensure_future(_drain(process.stdout))
        link = found[0]
        url = re.match(r"https?://[^/]+", link)
        assert url is not None
        yield Installation(url[0], link, variables, process)
        drained.cancel()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            try:
                await asyncio.wait_for(process.wait(), STOP_S)
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                raise


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.readline():
        pass


@pytest.fixture(scope="session")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """One installation for all journeys."""
    async with installed(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all."""
    if CHROMIUM is None:
        pytest.fail("no Chromium on this machine, and CI must have one")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A fresh profile at desktop size; a console error or an uncaught exception fails the test."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=False)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await context.close()
    assert complaints == []
