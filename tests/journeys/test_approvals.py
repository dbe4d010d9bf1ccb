"""A person decides about a proposal on the page: denies it with a reason, opens it again, asks the session about it."""

import re

from playwright.async_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, research, sign_in

REASON = "Too few trades to tell."


async def test_a_proposal_is_denied_opened_again_and_asked_about(page: Page, installation: Installation) -> None:
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/welcome?step=start")
    session = await research(page)

    await page.goto(f"{installation.url}/approvals")
    proposal = page.get_by_role("region", name="Waiting for you").locator(f"a[href^='/approvals/'][href*='{session}']")
    await proposal.click()
    await expect(page.get_by_text(re.compile("[0-9a-f]{64}")).first).to_be_visible()
    await page.keyboard.press("Shift+D")
    await expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    await page.keyboard.type(REASON)
    await page.get_by_role("dialog").get_by_role("button", name="Deny").click()

    decisions = page.get_by_role("region", name="Decisions")
    await expect(decisions.get_by_role("row").nth(1)).to_contain_text(re.compile(f"Denied.*{re.escape(REASON)}"))
    await expect(proposal).to_have_count(0)
    await decisions.get_by_role("link", name=re.compile("version 1")).first.click()
    await expect(page.get_by_role("button", name=re.compile("Approve for paper"))).to_have_count(0)
    await page.get_by_role("button", name="Open it again").click()

    await page.get_by_role("button", name=re.compile("^Ask")).click()
    await page.get_by_role("textbox", name="Your question").fill("Why no stop?")
    await page.get_by_role("button", name="Send the question").click()
    await page.wait_for_url(re.compile("/research/"))
    await expect(page.get_by_role("main")).to_contain_text("Why no stop?", timeout=PATIENCE_MS)
    await page.goto("about:blank")
