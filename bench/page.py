"""How the page feels: its first load from an empty profile, many tabs, and a live page at 200 events a second.

Run `python -m bench.page` in a checkout with the development tools, a built page and Chromium. It starts an
installation of its own, writes live events into the event log as a worker does, and prints what the browser measured.
"""

import asyncio
import re
import statistics
import tempfile
import time
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
    await page.goto(f"{url}/research/{session}")
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


def pair(step: int) -> list[tuple[str, dict[str, object]]]:
    """One step's two events."""
    card = {"step": step, "kind": "tool", "name": "measure_bars", "title": "Measures the market"}
    done = {"ok": True, "preview": "17,544 bars", "duration_ms": 40, "tokens_in": 0, "tokens_out": 0, "cost": "0"}
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
        await live(page, installation.url, database, UUID(me["workspace"]["id"]), session)
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
