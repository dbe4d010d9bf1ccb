"""A network that comes and goes: a server on the same machine needs none, and one that is away is said in place."""

from playwright.async_api import Browser, Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, sign_in
from tests.journeys.test_pages import TWO_FRAMES, WATCH_SHIFT

BAR = "OMC does not answer."
NO_NETWORK = """
Object.defineProperty(navigator, 'onLine', { get: () => false, configurable: true });
window.dispatchEvent(new Event('offline'));
"""


async def test_a_machine_without_a_network_still_reads_its_own_server(page: Page, installation: Installation) -> None:
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/overview")
    await page.evaluate(NO_NETWORK)
    await page.get_by_role("link", name="Data", exact=True).first.click()
    await expect(page.get_by_role("heading", name="Data", level=1)).to_be_visible()
    await expect(page.get_by_text("BTC/USDT").first).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_text(BAR)).to_have_count(0)


async def test_a_server_that_is_away_is_said_and_moves_nothing(browser: Browser, installation: Installation) -> None:
    async with await browser.new_context(viewport={"width": 390, "height": 844}) as context:
        await context.add_init_script(WATCH_SHIFT)
        page = await context.new_page()
        await sign_in(page, installation)
        await page.goto(f"{installation.url}/pnl")
        await page.wait_for_load_state("networkidle")
        before = await page.evaluate("window.shift")
        await context.set_offline(True)
        await expect(page.get_by_text(BAR)).to_be_visible(timeout=PATIENCE_MS)
        await context.set_offline(False)
        await expect(page.get_by_text(BAR)).to_have_count(0, timeout=PATIENCE_MS)
        await page.evaluate(TWO_FRAMES)
        assert await page.evaluate("window.shift") - before < 0.01
