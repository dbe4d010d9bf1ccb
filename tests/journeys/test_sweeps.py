"""A person starts a sweep by its form and follows it: training beside test, the heat map of two parameters."""

import re

from playwright.async_api import Browser, Locator, Page, expect

from tests.cli.test_engine_commands import DOCUMENT
from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, sign_in


async def test_a_person_starts_a_sweep_by_its_form_and_reads_both_parts(page: Page, installation: Installation) -> None:
    await sign_in(page, installation)
    await _at_version(page, installation, DOCUMENT | {"name": "Swept by its form"})
    form = await _form(page)
    start, count = form.get_by_role("button", name="Start the sweep"), form.get_by_role("status")
    await expect(count).to_contain_text("Nothing is varied yet")
    await expect(start).to_be_disabled()
    fast, slow = form.get_by_role("group", name="fast"), form.get_by_role("group", name="slow")
    await fast.get_by_text("Range").click()
    await slow.get_by_text("List").click()
    await slow.get_by_label("Values").fill("50, 60, 70, 80, 90, 100")
    await expect(count).to_have_text(re.compile("5 . 6 = 30 combinations. Each counts as a trial."))
    await form.get_by_text("Random sample").click()
    await form.get_by_label("Tries").fill("12")
    await expect(count).to_contain_text(re.compile("12 of 5 . 6 = 30 combinations, at random"))
    await form.get_by_text("Whole grid").click()
    await form.get_by_label("Training share").fill("60")
    await start.click()
    await page.wait_for_url(re.compile("/backtests/sweeps/[0-9a-f-]{36}"))
    await _reads(page)
    await page.get_by_role("link", name="All sweeps").click()
    await expect(page.get_by_role("link", name="Swept by its form")).to_be_visible()


async def test_what_the_server_refuses_stands_at_its_field(browser: Browser, installation: Installation) -> None:
    context = await browser.new_context()  # of its own: the refused request is an error on the console
    page = await context.new_page()
    await sign_in(page, installation)
    await _at_version(page, installation, DOCUMENT | {"name": "Refused by its form"})
    form = await _form(page)
    slow = form.get_by_role("group", name="slow")
    await slow.get_by_text("List").click()
    await slow.get_by_label("Values").fill("50, sixty")
    await expect(form.get_by_role("status")).to_contain_text("once each range can be read")
    await form.get_by_role("button", name="Start the sweep").click()
    await expect(slow.get_by_role("alert")).to_contain_text("write name=low:high:step")
    await context.close()


async def test_a_document_without_parameters_is_told_what_to_do(page: Page, installation: Installation) -> None:
    await sign_in(page, installation)
    features = {"quick": "sma(close, 20)", "slower": "sma(close, 50)"}
    bare = DOCUMENT | {"name": "Nothing to vary", "parameters": {}, "features": features}
    await _at_version(page, installation, bare)
    await page.get_by_role("button", name="Start a sweep").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Name a window under parameters")
    await dialog.get_by_role("link", name="Edit as a new version").click()
    await page.wait_for_url(re.compile("/strategies/edit"))


async def _form(page: Page) -> Locator:
    """Open the form and choose its candles."""
    await page.get_by_role("button", name="Start a sweep").click()
    form = page.get_by_role("dialog").get_by_role("form", name="Sweep")
    await form.get_by_role("combobox", name="Candles").click()
    await page.get_by_role("option", name=re.compile("BTC.USDT")).first.click()
    return form


async def _reads(page: Page) -> None:
    """The sweep's page, from the first figure to the last."""
    await expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible(timeout=PATIENCE_MS)
    heat = page.get_by_role("region", name="Sharpe ratio by parameters")
    await expect(heat.get_by_role("row")).to_have_count(1 + 5)
    await expect(heat.get_by_role("cell")).to_have_count(5 * 6)
    before = await heat.get_by_role("cell").all_inner_texts()
    await heat.get_by_text("Training", exact=True).click()
    await expect(heat.get_by_role("cell").first).not_to_have_text(before[0])
    rows = page.get_by_role("region", name="Training beside test").get_by_role("row")
    await expect(rows).to_have_count(1 + 30)
    await expect(rows.first).to_contain_text("Training: Sharpe")
    await expect(rows.first).to_contain_text("Test: Sharpe")


async def asked(page: Page, installation: Installation) -> str:
    """Ask for a sweep as a program does, as the person who is signed in."""
    series = (await (await page.request.get(f"{installation.url}/api/v1/ledgers/series")).json())["items"]
    hourly = next(one["id"] for one in series if (one["symbol"], one["timeframe"]) == ("BTC/USDT", "1h"))
    values = {"fast": "10:30:5", "slow": "50:100:10"}
    answer = await _post(page, installation, "sweeps", {"document": DOCUMENT, "series_id": hourly, "values": values})
    return str(answer["id"])


async def _at_version(page: Page, installation: Installation, document: dict[str, object]) -> None:
    """Keep a document as a program does, and look at its strategy."""
    version = await _post(page, installation, "versions", {"document": document})
    await page.goto(f"{installation.url}/strategies/{version['strategy_id']}")


async def _post(page: Page, installation: Installation, what: str, body: dict[str, object]) -> dict[str, object]:
    api = f"{installation.url}/api/v1"
    me = await (await page.request.get(f"{api}/identity/me")).json()
    headers = {"x-omc-csrf": str(me["csrf"])}
    answer = await page.request.post(f"{api}/engine/{what}", data=body, headers=headers)
    assert answer.ok, await answer.text()
    found: dict[str, object] = await answer.json()
    return found
