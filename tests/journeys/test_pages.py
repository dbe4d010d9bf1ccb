"""Every page, light and dark, desktop and phone: nobody is shut out, nothing jumps, and the first load stays small.

A desktop's pages are looked at in the dark and then, for what the eye must tell apart, in the light; a phone's in the
light that its owner chose.
"""

import gzip
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.conftest import ROOT, Installation
from tests.journeys.steps import PATIENCE_MS, approve, research, run_version, sign_in
from tests.journeys.test_sweeps import asked

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
STATIC = ROOT / "omc" / "static"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
ENTRY_GZIP_BYTES = 170_000
MOST_SHIFT = 0.02
SETTLE_MS = 800
LOOKS = [("dark", 1440, 900), ("light", 390, 844)]
OUTSIDE = ["/login", "/welcome"]
INSIDE = [
    *("/overview", "/research", "/research/new", "/research/{session}", "/research/{session}?view=report"),
    *("/research/{session}?view=steps&step=3", "/research/{session}?view=trace", "/research/schedules"),
    *("/approvals", "/approvals/{version}?session={session}", "/backtests", "/backtests/{backtest}"),
    *("/backtests/{backtest}?tab=positions", "/backtests/compare?ids={backtest},{other}"),
    *("/backtests/{backtest}?tab=verdict", "/backtests/sweeps", "/backtests/sweeps/{sweep}"),
    *("/strategies/edit", "/strategies/edit?version={version}&view=form"),
    *(
        "/strategies",
        "/strategies/{strategy}",
        "/trading",
        "/trading/{deployment}",
        "/pnl",
        "/data",
        "/data?series={series}",
    ),
    *("/ai/keys", "/ai/keys?add=any", "/ai/models", "/ai/usage", "/ai/evals", "/status", "/settings"),
]
WATCH_SHIFT = """
window.shift = 0;
window.moved = [];
const drawn = ({ node, previousRect, currentRect }) =>
  `${node?.className || node?.nodeName} ${Math.round(previousRect.y)} to ${Math.round(currentRect.y)}`;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries().filter((one) => !one.hadRecentInput)) {
    window.shift += entry.value;
    window.moved.push(`${entry.value.toFixed(3)} after ${Math.round(entry.startTime)} ms: ${entry.sources.map(drawn)}`);
  }
}).observe({ type: 'layout-shift', buffered: true });
"""

STILL_LOADING = "[aria-busy=true], .mantine-Skeleton-root"
CHOOSE = "localStorage.setItem('omc.preferences', JSON.stringify(%s));"
SCHEME = "getComputedStyle(document.documentElement).colorScheme"
TURN_LIGHT = "document.documentElement.dataset.mantineColorScheme = 'light'"
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
CHECK = """
(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] }).then((result) => result.violations.map(
  (one) => one.id + ' ' + one.nodes.map((node) => node.target.join(' ')).join(' | ')))
"""


@dataclass(frozen=True, slots=True)
class Furnished:
    """An installation with one of everything, and its ids."""

    installation: Installation
    ids: dict[str, UUID]


@pytest.fixture(scope="module")
async def furnished(browser: Browser, installation: Installation) -> Furnished:
    """Make the journey once, so that no page is empty."""
    context = await browser.new_context()
    page = await context.new_page()
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/welcome?step=start")
    ids = {"session": await research(page)}
    await approve(page)
    ids["deployment"] = UUID(page.url.rsplit("/", 1)[1].split("?")[0])
    strategy = (await _items(page, installation, "/engine/strategies"))[0]
    ids |= {"strategy": UUID(strategy["id"]), "version": UUID(strategy["versions"][0]["id"])}
    await page.goto(f"{installation.url}/strategies/{ids['strategy']}")
    ids["backtest"] = UUID(await run_version(page))
    ids["other"] = UUID((await _items(page, installation, "/engine/backtests"))[1]["id"])
    ids["sweep"] = UUID(await asked(page, installation))
    ids["series"] = UUID((await _items(page, installation, "/ledgers/series"))[0]["id"])
    await context.close()
    return Furnished(installation, ids)


async def _items(page: Page, installation: Installation, path: str) -> list[dict[str, Any]]:
    answer = await page.request.get(f"{installation.url}/api/v1{path}")
    items: list[dict[str, Any]] = (await answer.json())["items"]
    return items


@pytest.fixture(params=LOOKS, ids=[f"{scheme}-{width}" for scheme, width, _ in LOOKS])
async def looking(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[Page]:
    """A page in one theme and size; the policy is bypassed here only, so that the checker can be injected.

    The theme is chosen as a person chooses it, against what the system would like.
    """
    scheme, width, height = request.param
    context = await browser.new_context(
        color_scheme="dark" if scheme == "light" else "light",
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        bypass_csp=True,
    )
    await context.add_init_script(WATCH_SHIFT)
    await context.add_init_script(path=AXE)
    await context.add_init_script(CHOOSE % json.dumps({"scheme": scheme}))
    yield await context.new_page()
    await context.close()


async def violations(page: Page, rules: list[str], *, again: bool = False) -> list[str]:
    """What the checker finds; it takes a second, in which a button may become usable under its eyes: look `again`."""
    found: list[str] = await page.evaluate(CHECK, rules)
    return await violations(page, rules) if found and again else found


async def complaints(page: Page, address: str, scheme: str) -> list[str]:
    """What is wrong with one page."""
    await page.goto(address)
    await expect(page.locator("h1").first).to_be_visible(timeout=PATIENCE_MS)
    assert await page.evaluate(SCHEME) == scheme
    moving = "/trading/" in address  # its rows come and go while it is looked at; the phone's look has it in the light
    if "add=" in address:
        await expect(page.get_by_role("dialog")).to_be_visible(timeout=PATIENCE_MS)
    await (page.wait_for_timeout(SETTLE_MS) if moving else page.wait_for_load_state("networkidle"))
    await expect(page.locator(STILL_LOADING)).to_have_count(0, timeout=PATIENCE_MS)
    shift, moved = await page.evaluate("[window.shift, window.moved.join('; ')]")
    found = [f"layout shift {shift:.3f}: {moved}"] if shift > MOST_SHIFT else []
    found += await violations(page, RULES, again=moving)
    if scheme == "dark" and not moving:
        await page.evaluate(TURN_LIGHT)
        assert await page.evaluate(SCHEME) == "light"
        await page.evaluate(TWO_FRAMES)
        found += [f"in the light: {one}" for one in await violations(page, COLOURS)]
    path = re.sub("https?://[^/]+", "", address)
    return [f"{path}: {one}" for one in found]


async def test_no_page_shuts_anybody_out_or_jumps(
    looking: Page, furnished: Furnished, request: pytest.FixtureRequest
) -> None:
    url, scheme = furnished.installation.url, request.node.callspec.params["looking"][0]
    found = []
    for path in OUTSIDE:
        found += await complaints(looking, url + path, scheme)
    await sign_in(looking, furnished.installation)
    for path in INSIDE:
        found += await complaints(looking, url + path.format(**furnished.ids), scheme)
    assert "\n".join(found) == ""


def test_the_first_load_is_small() -> None:
    index = (STATIC / "index.html").read_text()
    entry = {*re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', index)}
    assert entry
    assert sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in entry) <= ENTRY_GZIP_BYTES


def test_the_page_asks_nobody_else() -> None:
    index = (STATIC / "index.html").read_text()
    assert re.findall(r'(?:src|href)="(?:https?:)?//', index) == []
    assert Path(STATIC / "assets").is_dir()
