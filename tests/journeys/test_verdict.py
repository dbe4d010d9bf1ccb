"""Can it be believed? A person asks for a verdict and reads it, seals a stretch, and sits the exam that counts once."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Locator, Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, run_version, sign_in

CHECKED_MS = 180_000


async def test_a_person_asks_for_a_verdict_and_reads_it(page: Page, installation: Installation) -> None:
    await _tested(page, installation, "Asked for a verdict")
    verdict = page.get_by_role("region", name="Verdict", exact=True)
    await expect(verdict).to_contain_text("None yet")
    await verdict.get_by_role("button", name="Ask for a verdict").click()
    await expect(verdict.get_by_role("progressbar")).to_be_attached()  # at nought its bar is nowhere to be seen
    await expect(verdict.get_by_role("button", name="Ask again")).to_be_visible(timeout=CHECKED_MS)
    await expect(verdict).to_contain_text(re.compile("Pass|Weak|Fail"))
    await expect(verdict.get_by_role("table")).to_contain_text("Interval of the Sharpe")
    checks = page.get_by_role("region", name="What each check found")
    await expect(checks).to_contain_text("histories that were never fitted on")
    await expect(page.get_by_role("region", name="Walk-forward, window by window")).to_contain_text("fast_window")
    await expect(page.get_by_role("region", name="Return at other costs")).to_contain_text(
        re.compile("even where trading costs nothing|Nothing is left at")
    )


async def test_a_sealed_stretch_is_sat_once_and_again_only_marked(page: Page, installation: Installation) -> None:
    await _tested(page, installation, "Sat an exam")
    exams = page.get_by_role("region", name="Sealed exam")
    await exams.get_by_role("button", name="Seal a stretch").click()
    dialog = page.get_by_role("dialog")
    last = datetime.fromisoformat(await dialog.get_by_label("To, included").input_value()).replace(tzinfo=UTC)
    await dialog.get_by_label("From (UTC)").fill(f"{last - timedelta(days=30):%Y-%m-%d}")
    await dialog.get_by_role("button", name="Seal it").click()
    await expect(exams).to_contain_text("Sealed")

    await exams.get_by_role("button", name="Sit the exam").click()
    await expect(dialog).to_contain_text("This try counts, whatever comes out")
    await dialog.get_by_role("button", name="Sit it: it counts once").click()
    await expect(page.get_by_role("region", name="Returns by month")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_role("region", name="Entries and exits")).to_contain_text("These bars are sealed")
    await page.get_by_role("main").get_by_text("Verdict", exact=True).click()
    await expect(exams).to_contain_text("Try 1")

    await exams.get_by_role("button", name="Sit it again").click()
    again = dialog.get_by_role("button", name="Sit it again, marked")
    await expect(again).to_be_disabled()
    await dialog.get_by_label("Why it is to be sat again").fill("The fee of the first try was wrong.")
    await again.click()
    await expect(page.get_by_role("region", name="Returns by month")).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_role("main").get_by_text("Verdict", exact=True).click()
    await expect(exams).to_contain_text("Try 2, repeated")
    await _broken(page, exams)


async def _tested(page: Page, installation: Installation, name: str) -> None:
    """Save a version of the starter, run it, and look at what may be believed of it."""
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/strategies/edit")
    await expect(page.get_by_role("region", name="Check")).to_contain_text("Accepted", timeout=PATIENCE_MS)
    text = page.get_by_label("Document as text")
    await text.fill((await text.input_value()).replace('"New strategy"', f'"{name}"'))
    await page.get_by_role("button", name="Save as a new version").click()
    await expect(page.get_by_role("region", name="Document of version 1")).to_contain_text("fast_window")
    await run_version(page)
    await page.get_by_role("main").get_by_text("Verdict", exact=True).click()


async def _broken(page: Page, exams: Locator) -> None:
    """Give the stretch back to research, with a reason that stays."""
    dialog = page.get_by_role("dialog")
    await exams.get_by_role("button", name="Break the seal").click()
    await expect(dialog).to_contain_text("recorded for ever")
    break_it = dialog.get_by_role("button", name="Break it, recorded for ever")
    await expect(break_it).to_be_disabled()
    await dialog.get_by_label("Why it is to be broken").fill("Its one try is over, and research needs these days.")
    await break_it.click()
    await expect(exams).to_contain_text("Its one try is over, and research needs these days.")
    await expect(exams.get_by_role("button", name="Break the seal")).to_have_count(0)
