"""A strategy written by hand: checked while it is typed, kept, changed, tested, and its runs compared."""

import re

from playwright.async_api import Locator, Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, run_version, sign_in

NAME = "Written by hand"


async def test_a_person_writes_a_strategy_as_text_and_as_a_form(page: Page, installation: Installation) -> None:
    text, check = await _editor(page, installation)
    await _replace(text, "crosses_above(fast, slow)", "smaa(close, 3) > 1")
    await expect(check).not_to_contain_text("Accepted")
    await check.get_by_role("button", name=re.compile("no indicator `smaa`")).click()
    assert await text.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)") == "smaa"
    await expect(page.get_by_role("button", name="Save as a new version")).to_be_disabled()

    await page.keyboard.type("sm")
    await page.get_by_role("option", name=re.compile("^sma")).first.click()
    await expect(text).to_have_value(re.compile(r'"sma\(close, 3\) > 1"'))

    await _view(page, "Form")
    await page.get_by_role("textbox", name="Entry", exact=True).fill("crosses_below(fast, slow)")
    await _view(page, "Text")
    await expect(text).to_have_value(re.compile('"entry": "crosses_below'))
    await expect(check).to_contain_text("Accepted")


async def test_versions_are_kept_compared_and_tested(page: Page, installation: Installation) -> None:
    text, check = await _editor(page, installation)
    await _replace(text, '"New strategy"', f'"{NAME}"')
    await page.get_by_role("button", name="Save as a new version").click()
    await page.get_by_role("link", name="Edit as a new version").click()
    await expect(check).to_contain_text("same as version 1", timeout=PATIENCE_MS)
    await _replace(text, '"fast_window": 20', '"fast_window": 10')
    await page.get_by_role("button", name="Save as a new version").click()
    changes = page.get_by_role("region", name="What changed")
    await expect(changes).to_contain_text('"fast_window": 20')
    await expect(changes).to_contain_text('"fast_window": 10')

    runs = [await run_version(page)]
    await page.go_back()
    await page.get_by_role("link", name="Version 1", exact=True).click()
    runs.append(await run_version(page))
    await _view(page, "Verdict")
    await expect(page.get_by_role("region", name="Tries on these data")).to_contain_text("Parameter sets tried")

    await page.goto(f"{installation.url}/backtests?find={NAME.replace(' ', '+')}")
    boxes = page.get_by_role("checkbox", name=re.compile("^Compare"))
    await expect(boxes).to_have_count(2)
    for box in await boxes.all():
        await box.check()
    await page.get_by_role("link", name="Compare 2").click()
    await expect(page.get_by_role("region", name="Settings that differ")).to_contain_text("/parameters/fast_window")
    assert {run in page.url for run in runs} == {True}


async def test_what_is_not_kept_is_lost_only_on_purpose(page: Page, installation: Installation) -> None:
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/strategies/edit")
    text = page.get_by_label("Document as text")
    await text.fill("{")
    await expect(page.get_by_role("region", name="Check")).to_contain_text("1 problem")
    await page.get_by_role("link", name="Backtests").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="Stay here").click()
    await expect(text).to_have_value("{")
    await page.get_by_role("link", name="Backtests").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="Leave and lose it").click()
    await page.wait_for_url(re.compile("/backtests$"))


async def _editor(page: Page, installation: Installation) -> tuple[Locator, Locator]:
    """Begin a new strategy; returns its text and what the check says of it."""
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/strategies/edit")
    check = page.get_by_role("region", name="Check")
    await expect(check).to_contain_text("Accepted", timeout=PATIENCE_MS)
    return page.get_by_label("Document as text"), check


async def _view(page: Page, name: str) -> None:
    await page.get_by_role("main").get_by_text(name, exact=True).click()


async def _replace(text: Locator, old: str, new: str) -> None:
    await text.fill((await text.input_value()).replace(old, new))
