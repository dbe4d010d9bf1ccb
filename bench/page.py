"""How the page feels: its first load, many tabs, a live page at 200 events a second, one cut off, and a long one.

Run `python -m bench.page` in a checkout with the development tools, a built page and Chromium. It starts an
installation of its own, writes live events into the event log as a worker does, and prints what the browser measured.
"""

import asyncio
import random
import re
import statistics
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from playwright.async_api import Browser, Page, async_playwright

from omc.kit import events
from omc.kit.db import Database
from omc.kit.postgres import EmbeddedPostgres
from tests.journeys.conftest import CHROMIUM, FLAGS, Installation, installed
from tests.journeys.steps import research, sign_in
from tests.journeys.streams import Streams

LOADS = 5
TABS = 20
HAND_OVERS = 5
PATIENCE_S = 60
SCREENS = ("/overview", "/ai/models", "/data")
EVENTS_A_SECOND = 200
LIVE_S = 20
BATCH = 10
CUTS, CUT_STEPS = 100, 990
LONG_STEPS, LONG_LOADS, SCROLL_MS = 5_000, 5, 5_000
SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: 'layout-shift', buffered: true });
"""
FRAMES = """
() => { window.frames_ms = []; let last = performance.now();
  const next = (now) => { window.frames_ms.push(now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next); }
"""
SCROLL = """
(ms) => new Promise((done) => { const list = document.querySelector('[data-step]').closest('section');
  const frames = [], started = performance.now(); let last = started;
  const next = (now) => { frames.push(now - last); last = now; list.scrollTop += 40;
    now - started < ms ? requestAnimationFrame(next) : done(frames.slice(1)); };
  requestAnimationFrame(next); })
"""


async def first_loads(browser: Browser, url: str, state: Path) -> None:
    """Print the median of cold loads of some screens."""
    for path in SCREENS:
        ready, shifts, bytes_sent = [], [], 0
        for _ in range(LOADS):
            context = await browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900})
            await context.add_init_script(SHIFT)
            page = await context.new_page()
            started = time.monotonic()
            await page.goto(url + path)
            await page.locator("main h1").wait_for()
            ready.append(time.monotonic() - started)
            await page.wait_for_timeout(1_000)
            shifts.append(await page.evaluate("window.shift"))
            bytes_sent = await page.evaluate(
                "performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0)"
            )
            await context.close()
        median, shift = statistics.median(ready), max(shifts)
        print(f"{path:12} content ready {median:5.2f} s  shift {shift:.3f}  {bytes_sent / 1000:.0f} KB")


async def many_tabs(browser: Browser, address: str, state: Path) -> None:
    """Print how many event streams the tabs of one browser hold, and how fast one takes over from a closed tab."""
    context = await browser.new_context(storage_state=state)
    streams = Streams(context)
    for _ in range(TABS):
        page = await context.new_page()
        await page.goto(address)
        await page.locator("main h1").wait_for()
    await streams.settle(timeout_s=PATIENCE_S)
    held, taken = len(streams.open), []
    for _ in range(HAND_OVERS):
        taken.append(await streams.hand_over(timeout_s=PATIENCE_S))
        await streams.settle(timeout_s=PATIENCE_S)
    print(f"{TABS} tabs: {held} stream; handed over in {statistics.median(taken):.2f} s, {max(taken):.2f} s at most")
    await context.close()


async def live(page: Page, url: str, database: Database, workspace: UUID, session: UUID) -> None:
    """Print the frames of a session's page while events arrive."""
    await page.goto(f"{url}/research/{session}?view=steps")
    await page.locator("main h1").wait_for()
    await page.evaluate(FRAMES)
    topic, step, started = f"session:{session}", 1_000, time.monotonic()
    while (passed := time.monotonic() - started) < LIVE_S:
        due = int(passed * EVENTS_A_SECOND / 2) + 1_000
        while step < due:
            async with database.session(workspace) as db:
                await events.append_many(db, topic, [item for n in range(BATCH) for item in pair(step + n)])
            step += BATCH
        await asyncio.sleep(0.02)
    await page.wait_for_timeout(1_000)
    frames = sorted(await page.evaluate("window.frames_ms"))
    rate = 1_000 * len(frames) / sum(frames)
    slow = frames[int(len(frames) * 0.99)]
    print(f"live page, {EVENTS_A_SECOND} events/s for {LIVE_S} s: {rate:.1f} fps, p99 frame {slow:.1f} ms")


class CutLine:
    """A line between browser and server that can be cut: all connections at once, in the middle of what they say."""

    def __init__(self, port: int) -> None:
        """Lead to a port of this machine."""
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Break every connection."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass bytes both ways until either side ends."""
        there, onward = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, onward}
        await asyncio.gather(self._pass(reader, onward), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while said := await reader.read(65_536):
                writer.write(said)
                await writer.drain()
        writer.close()
        self._open.discard(writer)


async def cut(page: Page, url: str, database: Database, workspace: UUID, session: UUID) -> None:
    """Print what a session's page lost and repeated while its line was cut at random moments.

    Each step carries one token: a lost step is missing in the steps, a repeated one is one too many in the tokens.
    """
    line = CutLine(int(url.rpartition(":")[2]))
    server = await asyncio.start_server(line.join, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    there = f"http://localhost:{port}"
    for cookie in await page.context.cookies():  # named after the port that it is for
        name, _, _ = cookie["name"].rpartition("_")
        await page.context.add_cookies([{"name": f"{name}_{port}", "value": cookie["value"], "url": there}])
    await page.goto(f"{there}/research/{session}?view=steps")
    await page.locator("main h1").wait_for()
    before, _ = await shown(page)
    topic, cuts, chance = f"session:{session}", 0, random.Random(0)
    for step in range(CUT_STEPS):
        async with database.session(workspace) as db:
            await events.append_many(db, topic, pair(50_000 + step, tokens=1))
        await asyncio.sleep(0.02)
        if cuts < CUTS and chance.random() < 1.2 * CUTS / CUT_STEPS:
            line.cut()
            cuts += 1
    wanted = (before + CUT_STEPS, CUT_STEPS)
    deadline = time.monotonic() + PATIENCE_S
    while (found := await shown(page)) != wanted and time.monotonic() < deadline:
        await page.wait_for_timeout(200)
    lost, repeated = wanted[0] - found[0], found[1] - CUT_STEPS + wanted[0] - found[0]
    print(f"{cuts} cuts in {2 * CUT_STEPS} events: {lost} steps lost, {repeated} repeated")
    server.close()


async def long(page: Page, url: str, database: Database, workspace: UUID, session: UUID) -> None:
    """Print how soon a session of ten thousand events is seen and read whole, and how it scrolls."""
    topic = f"session:{session}"
    for first in range(100_000, 100_000 + LONG_STEPS, 250):
        async with database.session(workspace) as db:
            await events.append_many(db, topic, [item for n in range(250) for item in pair(first + n, tokens=1)])
    seen, whole = [], []
    for _ in range(LONG_LOADS):
        await page.goto("about:blank")
        started = time.monotonic()
        await page.goto(f"{url}/research/{session}?view=steps", wait_until="commit")
        await page.locator("[data-step]").first.wait_for()
        seen.append(time.monotonic() - started)
        await page.get_by_text(f"{LONG_STEPS / 1_000:g}K", exact=True).first.wait_for()
        whole.append(time.monotonic() - started)
    frames = sorted(await page.evaluate(SCROLL, SCROLL_MS))
    rate, slow = 1_000 * len(frames) / sum(frames), frames[int(len(frames) * 0.99)]
    print(
        f"{2 * LONG_STEPS} events: first steps seen after {statistics.median(seen):.2f} s,"
        f" all read after {statistics.median(whole):.2f} s; scroll {rate:.1f} fps, p99 frame {slow:.1f} ms"
    )


async def shown(page: Page) -> tuple[int, int]:
    """Return how many steps and tokens the page says that there are."""
    tiles = await page.locator("main dl").first.inner_text()
    found = re.search(r"Steps\s+([\d,]+).*Tokens\s+([\d,]+)", tiles, re.IGNORECASE | re.DOTALL)
    return (int(found[1].replace(",", "")), int(found[2].replace(",", ""))) if found else (-1, -1)


def pair(step: int, *, tokens: int = 0) -> list[tuple[str, dict[str, object]]]:
    """One step's two events."""
    card = {"step": step, "kind": "tool", "name": "measure_bars", "title": "Measures the market"}
    done = {"ok": True, "preview": "17,544 bars", "duration_ms": 40, "tokens_in": tokens, "tokens_out": 0, "cost": "0"}
    return [
        ("step.started", {**card, "input": {}, "attempt": 1}),
        ("step.finished", {**card, **done, "evidence": None}),
    ]


async def measure(installation: Installation, data_dir: Path) -> None:
    """Sign in, make one session, then measure."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        await sign_in(page, installation)
        state = data_dir / "state.json"
        await context.storage_state(path=state)
        await first_loads(browser, installation.url, state)
        await page.goto(f"{installation.url}/welcome?step=start")
        session = await research(page)
        await many_tabs(browser, f"{installation.url}/research/{session}", state)
        me = await (await page.request.get(f"{installation.url}/api/v1/identity/me")).json()
        server = EmbeddedPostgres(data_dir)
        database = Database(server.adopt_or_start().app)
        where = (installation.url, database, UUID(me["workspace"]["id"]))
        await cut(page, *where, session)
        await page.goto(f"{installation.url}/welcome?step=start")
        await live(page, *where, await research(page))
        await page.goto(f"{installation.url}/welcome?step=start")
        await long(page, *where, await research(page))
        await database.close()
        await asyncio.to_thread(server.stop)
        await browser.close()


async def main() -> None:
    """Measure a new installation."""
    with tempfile.TemporaryDirectory() as directory:
        async with installed(Path(directory)) as installation:
            assert re.match("http://", installation.url)
            await measure(installation, Path(directory))


if __name__ == "__main__":
    asyncio.run(main())
