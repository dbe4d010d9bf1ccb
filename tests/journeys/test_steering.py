"""A person steers a session: forks it, lets it go on, changes what was said, sees where the time went, and stops it."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.own_models import change, ended, furnish, start
from tests.journeys.steps import PATIENCE_MS, research, sign_in
from tests.sims.models.fixture import ModelServer, serving_models
from tests.sims.models.talk import Answer

SLOWLY_S = 0.15
GOAL = "Does buying oversold RSI beat holding BTC on hourly bars?"


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    """The providers, simulated; what they say takes longer than it takes to stop them."""
    with serving_models() as server:
        server.desk.chunk_delay_s = SLOWLY_S
        server.script(Answer(text="Word by word it comes. " * 200))
        yield server


async def test_a_session_is_forked_resumed_changed_traced_paused_and_stopped(
    page: Page, installation: Installation, models: ModelServer
) -> None:
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/welcome?step=start")
    first = await research(page)
    await page.goto(f"{installation.url}/research/{first}?view=steps&step=3")
    await page.get_by_role("button", name="Fork from here").click()
    await page.get_by_role("dialog").get_by_role("button", name="Make the fork").click()
    happened = page.get_by_role("region", name="What was said and done")
    await expect(happened).to_contain_text("Forked behind step 3", timeout=PATIENCE_MS)
    assert str(first) not in page.url
    await ended(page, "Paused")

    await page.get_by_role("button", name="Resume").click()
    await ended(page, "Done")
    await changed(page)
    await page.get_by_text("Trace", exact=True).first.click()
    trace = page.get_by_role("region", name="Timeline of steps")
    await expect(trace).to_contain_text("list_markets")
    await page.get_by_role("button", name="Closer").click()
    await expect(page.get_by_text(re.compile(r"^\d+ of \d+$")).first).to_be_visible()
    await page.get_by_text("Table", exact=True).click()
    await expect(page.get_by_role("table")).to_contain_text("set_plan")
    await held(page, installation, models)


async def held(page: Page, installation: Installation, models: ModelServer) -> None:
    """In mid-answer a person wishes for a pause, takes the wish back, and stops the session with a key."""
    keys = await furnish(page, installation, models, whose="steering")
    await page.goto(f"{installation.url}/research")
    await start(page)
    state = page.get_by_role("main").get_by_role("status").first
    await page.get_by_role("button", name="Pause").click()
    await expect(state).to_have_text("Pauses after this step", timeout=PATIENCE_MS)
    await page.get_by_role("button", name="Resume").click()
    await expect(state).to_have_text("Running", timeout=PATIENCE_MS)
    await page.locator("body").press("s")
    await page.get_by_role("dialog").get_by_role("button", name="Stop now").click()
    await ended(page, "Cancelled")
    for key in keys:
        await change(page, installation.url, "POST", f"/lab/credentials/{key}/remove", {})


async def changed(page: Page) -> None:
    """Say something else than was said at first: what came after it is stale, and the session goes on from there."""
    await page.get_by_text("Said", exact=True).click()
    await page.get_by_role("button", name="Edit and rerun").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Your message").fill(GOAL)
    await dialog.get_by_role("button", name="Rerun from here").click()
    happened = page.get_by_role("region", name="What was said and done")
    await expect(happened.get_by_text("Stale", exact=True).first).to_be_visible(timeout=PATIENCE_MS)
    await ended(page, "Done")
    await expect(happened).to_contain_text(GOAL)
