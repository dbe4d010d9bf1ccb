"""What a person sees when a provider fails, when another takes over, and when the cap is reached."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.own_models import MODEL, change, ended, first_step, furnish, start, to_the_beginning
from tests.journeys.steps import PATIENCE_MS, read_report, sign_in
from tests.sims.models.fixture import ModelServer, serving_models

CAP = "0.15"


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    """The providers, simulated."""
    with serving_models() as server:
        yield server


async def test_a_failing_provider_is_waited_for_passed_over_and_a_cap_is_raised(
    page: Page, installation: Installation, models: ModelServer
) -> None:
    await sign_in(page, installation)
    keys = await furnish(page, installation, models, whose="troubles")
    await page.goto(f"{installation.url}/research")

    models.fail("429_retry")
    await start(page)
    step = first_step(page)
    await expect(step.get_by_text(re.compile(r"^tries again in \d s$"))).to_be_visible(timeout=PATIENCE_MS)
    await expect(step).to_contain_text("asks to slow down")
    await ended(page, "Done")
    await to_the_beginning(page)
    await step.get_by_role("button", name=re.compile("retried once")).click()
    await expect(step.get_by_role("list", name="Failed tries of this call")).to_contain_text(
        "It was tried again after 2 s."
    )

    models.fail("404")
    await start(page, fallback="Spare, troubles")
    await ended(page, "Done")
    await to_the_beginning(page)
    await step.get_by_role("button", name=re.compile("fallback")).click()
    await expect(step.get_by_role("list", name="Failed tries of this call")).to_contain_text(
        f"The session goes on with {MODEL} on Spare, troubles, as you chose."
    )

    await start(page, cap=CAP)
    await ended(page, "Cap reached")
    await read_report(page)
    await expect(page.get_by_role("main")).to_contain_text("A spending cap was reached before the work was done.")
    cap = page.get_by_role("form", name="Cap of this session")
    await cap.get_by_label("New cap").fill("0.60")
    await cap.get_by_role("button", name="Raise it and go on").click()
    await ended(page, "Done")
    await expect(page.get_by_role("meter", name="Budget of this session")).to_have_attribute(
        "aria-valuetext", re.compile(r" of \$0\.60$")
    )
    for key in keys:
        await change(page, installation.url, "POST", f"/lab/credentials/{key}/remove", {})
