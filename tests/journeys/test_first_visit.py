"""A stranger's first look at the page: he is asked to sign in, and his browser has nothing to complain about."""

import re

from playwright.async_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import sign_in


async def test_a_stranger_meets_no_failed_request(page: Page, installation: Installation) -> None:
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    await page.goto(f"{installation.url}/trading")
    await page.wait_for_url(re.compile("/login"))
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    await page.goto(f"{installation.url}/welcome")
    await expect(page.get_by_text("omc link")).to_be_visible()
    assert failed == []


async def test_a_browser_that_forgot_its_notes_but_not_its_cookie_is_still_signed_in(
    page: Page, installation: Installation
) -> None:
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/overview")
    await page.evaluate("localStorage.clear()")
    await page.goto(f"{installation.url}/overview")
    await expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
