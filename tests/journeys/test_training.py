"""A person trains a model by its form, follows it to the model's page, and stops another one."""

import re

from playwright.async_api import Browser, Locator, Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, sign_in


async def test_a_person_trains_a_model_by_its_form_and_lands_on_its_page(
    page: Page, installation: Installation
) -> None:
    form = await _form(page, installation, "Rises in half a day")
    await _choose(page, form, "Kind", "Logistic regression")
    await form.get_by_role("button", name="Train").click()
    await page.wait_for_url(re.compile("/strategies/models/[0-9a-f]{64}"), timeout=PATIENCE_MS)
    await expect(page.get_by_role("heading", name="Rises in half a day")).to_be_visible()
    await expect(page.get_by_role("region", name="AUC by fold").get_by_role("row")).to_have_count(1 + 5)
    await page.goto(f"{installation.url}/strategies")
    await expect(page.get_by_role("link", name="Rises in half a day")).to_be_visible()


async def test_a_training_that_is_stopped_says_so_and_gives_no_model(page: Page, installation: Installation) -> None:
    form = await _form(page, installation, "Stopped on the way")
    await form.get_by_text("Gain or loss first").click()
    await _choose(page, form, "Kind", "Random forest")
    await form.get_by_role("button", name="Train").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("progressbar")).to_be_visible(timeout=PATIENCE_MS)
    await dialog.get_by_role("button", name="Stop").click()
    await expect(dialog).to_contain_text("stopped, without a model", timeout=PATIENCE_MS)
    await dialog.get_by_role("button", name="Close").last.click()
    await expect(page.get_by_role("region", name="Trained models")).to_contain_text("stopped, without a model")
    await expect(page.get_by_role("link", name="Stopped on the way")).to_have_count(0)


async def test_what_the_server_refuses_of_a_training_stands_at_its_field(
    browser: Browser, installation: Installation
) -> None:
    context = await browser.new_context()  # of its own: the refused request is an error on the console
    page = await context.new_page()
    form = await _form(page, installation, "Refused by its form")
    features = form.get_by_role("textbox", name="Features")
    await features.fill("up = clse > open")
    await form.get_by_role("button", name="Train").click()
    await expect(form).to_contain_text("did you mean `close`?")
    await expect(features).to_have_attribute("aria-invalid", "true")
    await context.close()


async def _form(page: Page, installation: Installation, name: str) -> Locator:
    """Open the form, choose its candles and name the model."""
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/strategies")
    await page.get_by_role("button", name="Train a model").click()
    form = page.get_by_role("dialog").get_by_role("form", name="Training")
    await form.get_by_role("textbox", name="Name").fill(name)
    await _choose(page, form, "Candles", "BTC.USDT · 1h")
    return form


async def _choose(page: Page, form: Locator, field: str, option: str) -> None:
    await form.get_by_role("combobox", name=field).click()
    await page.get_by_role("option", name=re.compile(option)).first.click()
