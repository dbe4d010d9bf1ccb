"""A slow answer is read while it comes, also after a reload; words of an answer that broke off go away again."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.own_models import change, ended, first_step, furnish, start
from tests.journeys.steps import PATIENCE_MS, sign_in
from tests.sims.models.fixture import ModelServer, serving_models
from tests.sims.models.talk import Answer

# Slow enough for whoever must see it before its end, however busy the machine; then the rest comes at once.
SLOWLY_S, WORD_S, AT_ONCE_S = 0.15, 0.08, 0.005
BEGINNING = "Before anything is tested I say what I am going to look at, and why it matters. "
END = "That was the whole of it."
SPEECH = Answer(text=BEGINNING + "Word by word it comes. " * 20 + END, thinking="First I weigh what was asked.")


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    """The providers, simulated; they speak slowly."""
    with serving_models() as server:
        server.desk.chunk_delay_s = SLOWLY_S
        server.script(SPEECH)
        yield server


async def test_words_come_before_the_step_ends_and_stay_when_it_did(
    page: Page, installation: Installation, models: ModelServer
) -> None:
    await sign_in(page, installation)
    keys = await furnish(page, installation, models, whose="words")
    await page.goto(f"{installation.url}/research")
    await start(page)
    said = page.get_by_role("region", name="What was said")
    speaking = said.get_by_role("region", name="What the model is saying")
    await expect(speaking).to_contain_text("First I weigh what was asked.", timeout=PATIENCE_MS)
    await expect(speaking).to_contain_text(BEGINNING.strip(), timeout=PATIENCE_MS)
    await expect(first_step(page)).to_contain_text("it comes.")
    await expect(first_step(page)).to_contain_text("running")

    await page.reload()
    await expect(speaking).to_contain_text(BEGINNING.strip(), timeout=PATIENCE_MS)
    await expect(first_step(page)).to_contain_text("running")

    await told_in_a_second_tab(page)

    models.desk.chunk_delay_s = AT_ONCE_S
    await expect(said).to_contain_text(END, timeout=PATIENCE_MS)
    await expect(speaking).to_have_count(0)
    await expect(said.get_by_text(END)).to_have_count(1)
    await ended(page, "Waiting for you")
    await first_step(page).get_by_role("button").first.click()
    await first_step(page).get_by_text("Reasoning, as the provider shows it").click()
    await expect(first_step(page)).to_contain_text("First I weigh what was asked.")

    models.fail("cut")
    models.desk.chunk_delay_s = WORD_S
    await cut_and_told_anew(page, installation)
    for key in keys:
        await change(page, installation.url, "POST", f"/lab/credentials/{key}/remove", {})


async def told_in_a_second_tab(page: Page) -> None:
    """A tab that is opened in the middle shows the words from their beginning, over the stream there is."""
    second = await page.context.new_page()
    await second.goto(page.url)
    told = second.get_by_role("region", name="What was said").get_by_role("region", name="What the model is saying")
    await expect(told).to_contain_text(BEGINNING.strip(), timeout=PATIENCE_MS)
    await second.close()


async def cut_and_told_anew(page: Page, installation: Installation) -> None:
    """The words of the answer that breaks off go away, and those of the next try come."""
    said = page.get_by_role("region", name="What was said")
    speaking = said.get_by_role("region", name="What the model is saying")
    await page.goto(f"{installation.url}/research")
    await start(page)
    await expect(speaking).to_contain_text(BEGINNING.strip(), timeout=PATIENCE_MS)
    await expect(first_step(page).get_by_text(re.compile("^(tries again in|retried once)"))).to_be_visible()
    await expect(said).to_contain_text(END, timeout=PATIENCE_MS)
    await expect(said.get_by_text(END)).to_have_count(1)
