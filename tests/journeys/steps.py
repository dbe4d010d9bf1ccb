"""The steps of a journey, as a person takes them on the page."""

import re
from uuid import UUID

from playwright.async_api import Page, expect

from tests.journeys.conftest import Installation

PATIENCE_MS = 60_000


async def open_link(page: Page, installation: Installation) -> None:
    """Open the link that a new start would print."""
    await page.goto(await installation.new_link())
    await page.wait_for_url(re.compile("/welcome"))


async def sign_in(page: Page, installation: Installation) -> None:
    """Be the owner: by a link the first time, by the cookie that it left in every profile after."""
    if not installation.cookies:
        await open_link(page, installation)
        installation.cookies = {one["name"]: one["value"] for one in await page.context.cookies()}
    url = installation.url
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in installation.cookies.items()]
    )


async def research(page: Page) -> UUID:
    """Say the goal, wait for the report; returns the session's id."""
    await page.get_by_role("button", name="Start the session").click()
    await page.wait_for_url(re.compile("/research/[0-9a-f-]{36}"))
    session = UUID(page.url.rsplit("/", 1)[1].split("?")[0])
    await expect(page.get_by_role("main").get_by_role("status").first).to_have_text("Done", timeout=PATIENCE_MS)
    return session


async def read_report(page: Page) -> None:
    """Turn from what happened to the report; a row of the evidence is called so as well."""
    views = page.get_by_role("radiogroup", name="What to see of this session")
    await views.get_by_text("Report", exact=True).click()


async def approve(page: Page) -> None:
    """Review what would be traded, and approve exactly that."""
    await page.get_by_text(re.compile("Review and approve|Start it once more")).click()
    await page.wait_for_url(re.compile("/approvals/"))
    await expect(page.get_by_text(re.compile("[0-9a-f]{64}")).first).to_be_visible()
    await page.get_by_role("button", name=re.compile("Approve for paper")).click()
    dialog = page.get_by_role("dialog")
    start, why = dialog.get_by_role("button", name="Approve and start"), dialog.get_by_label("Why it is to trade")
    await why.fill("too short")
    await expect(start).to_be_disabled()
    await why.fill("To watch it on paper before anybody believes it.")
    await start.click()
    await page.wait_for_url(re.compile("/trading/[0-9a-f-]{36}"))


async def run_version(page: Page) -> str:
    """Run the version on the first market that fits; returns the run's id when its result is there."""
    await page.get_by_role("combobox", name="Candles").click()
    await page.get_by_role("option", name=re.compile("BTC.USDT")).first.click()
    await page.get_by_role("button", name="Run the backtest").click()
    await page.wait_for_url(re.compile("/backtests/[0-9a-f-]{36}"))
    await expect(page.get_by_role("region", name="Returns by month")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_role("region", name="Entries and exits")).to_contain_text("arrow")
    return page.url.rsplit("/", 1)[1].split("?")[0]
