"""A person's own keys on all four kinds of provider: add, test, choose, compare, use, rotate, delete; none is left."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, sign_in
from tests.sims.models.fixture import ModelServer, serving_models


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of provider: its keys before and after the rotation, and where the simulator plays it."""

    provider: str
    label: str
    first: str
    second: str
    path: str


KINDS = [
    Kind("openai", "OpenAI", "sk-proj-first0123456789abcdef9fQ2", "sk-proj-second0123456789abcdZk7A", "/v1"),
    Kind("anthropic", "Anthropic", "sk-ant-first0123456789abcdefg9fQ2", "sk-ant-second0123456789abcdeZk7A", ""),
    Kind("google", "Google (Gemini)", "AIzaFirst0123456789abcdefghij9fQ2", "AIzaSecond0123456789abcdefghiZk7A", ""),
    Kind("openai-compatible", "OpenAI-compatible", "", "local-second0123456789abcdefgZk7A", "/ollama/v1"),
]
LEAST_STEPS = 10
ESTIMATE = re.compile(r"No session with it has ended yet|^(Free|\$0\.0\d+.*), .* min \((one session|n = \d+)\)$")
KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}]) + document.documentElement.outerHTML + location.href"


@pytest.fixture(scope="module")
def models() -> Iterator[ModelServer]:
    """The providers, simulated; they know exactly these keys."""
    with serving_models(keys=[key for kind in KINDS for key in (kind.first, kind.second) if key]) as server:
        yield server


async def paste(page: Page, field: str, text: str) -> None:
    """Put a text in as a person does: from the clipboard, with what came along."""
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_label(field).focus()
    await page.evaluate("text => navigator.clipboard.writeText(text)", text)
    await page.keyboard.press("Control+v")


async def add(page: Page, installation: Installation, kind: Kind, address: str, name: str) -> None:
    """Fill the form, see the four steps pass, and see the key in the list."""
    await page.goto(f"{installation.url}/ai/keys?add={kind.provider}")
    dialog = page.get_by_role("dialog")
    if kind.first:
        await paste(page, "API key", f"  {kind.first}\n")
        await expect(dialog.get_by_text("were left out")).to_be_visible()
        await dialog.get_by_role("button", name="Calls go through a gateway").click()
        await dialog.get_by_label("Gateway address").fill(address)
    else:
        await dialog.get_by_label("Address", exact=True).fill(address)
    await dialog.get_by_label("Name").fill(name)
    await dialog.get_by_role("button", name="Save and test").click()
    await expect(dialog.get_by_text("It works.", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    await dialog.get_by_role("button", name="Done").click()
    await expect(row(page, name).get_by_text("Working")).to_be_visible()


def row(page: Page, name: str) -> Locator:
    """The key's row in the list."""
    return page.get_by_role("row").filter(has_text=name)


async def choose(page: Page, name: str, action: str) -> None:
    """Open the row's menu and take one of its entries."""
    await row(page, name).get_by_role("button", name=f"More for {name}").click()
    await page.get_by_role("menuitem", name=action).click()


async def use(page: Page, kind: Kind, name: str) -> None:
    """Go from the comparison to a session with this model, and see it done and what it cost."""
    await page.get_by_role("link", name="Research with it").click()
    await page.get_by_role("combobox", name="Model", exact=True).click()
    group = page.get_by_role("group").filter(has_text=f"{kind.label} · {name}")
    await group.get_by_role("option", name="sim-small (default)").click()
    await page.get_by_label("Spend cap").fill("0.50")
    await expect(page.get_by_text(ESTIMATE)).to_be_visible()
    if kind.first:
        await enter_price(page)
    else:
        await expect(page.get_by_text("You declared this server free.")).to_be_visible()
    await page.get_by_role("button", name="Start", exact=True).click()
    main = page.get_by_role("main")
    await expect(main.get_by_text("Done", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    assert int(await tile(page, "Steps").inner_text()) >= LEAST_STEPS
    paid = re.compile(r"^\$0\.0\d+$" if kind.first else "^Free$")
    await expect(tile(page, "Cost")).to_have_text(paid)
    await expect(main.get_by_role("meter", name="Budget of this session")).to_have_attribute(
        "aria-valuetext", re.compile(r" of \$0\.50$")
    )


async def enter_price(page: Page) -> None:
    """No list knows the model behind a gateway: without a price nothing starts, with one it does."""
    await expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    await page.get_by_role("button", name="Enter its price").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Input", exact=True).fill("2")
    await dialog.get_by_label("Output", exact=True).fill("10")
    await dialog.get_by_role("button", name="Keep this price").click()
    await expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def tile(page: Page, label: str) -> Locator:
    """A figure in the session's strip."""
    return page.locator("dl > div").filter(has=page.get_by_text(label, exact=True)).locator("dd").first


@pytest.mark.parametrize("kind", KINDS, ids=[kind.provider for kind in KINDS])
async def test_a_key_is_added_tested_chosen_used_rotated_and_deleted(
    page: Page, installation: Installation, models: ModelServer, kind: Kind
) -> None:
    name = f"Journey {kind.provider}"
    await sign_in(page, installation)
    await add(page, installation, kind, models.url + kind.path, name)

    await row(page, name).get_by_role("button", name=f"Test {name}").click()
    await expect(page.get_by_role("dialog").get_by_text("It works.", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    await page.get_by_role("dialog").get_by_role("button", name="Done").click()

    await choose(page, name, "Set as default")
    await page.get_by_role("dialog").get_by_role("button", name="Use as default").click()
    await expect(row(page, name).get_by_text("Default", exact=True)).to_be_visible()

    await page.get_by_role("link", name="Models", exact=True).click()
    mine = page.get_by_role("table", name="Models that your keys reach").get_by_role("row").filter(has_text=name)
    await mine.first.get_by_role("checkbox").check()
    await expect(page.get_by_role("heading", name="Compare 1 of 4")).to_be_visible()
    assert "compare=" in page.url
    await use(page, kind, name)

    await page.get_by_role("link", name="Provider keys", exact=True).click()
    await choose(page, name, "Rotate the key")
    await paste(page, "New key", kind.second)
    await page.get_by_role("dialog").get_by_role("button", name="Test and rotate").click()
    await expect(row(page, name).get_by_text(re.compile(f"…{kind.second[-4:]}$"))).to_be_visible(timeout=PATIENCE_MS)

    kept = await page.evaluate(KEPT)
    assert kind.second not in kept
    assert not kind.first or kind.first not in kept

    await choose(page, name, "Delete")
    await expect(page.get_by_role("dialog").get_by_text("No session uses it now.")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Delete the key").click()
    await expect(page.get_by_text(f"{name} is deleted")).to_be_visible()
    await expect(row(page, name)).to_have_count(0)


@pytest.fixture
async def refused_page(browser: Browser) -> AsyncIterator[Page]:
    """A fresh profile whose console is not read: Chromium writes a line there for every refusal."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    yield await context.new_page()
    await context.close()


async def test_a_rejected_key_says_at_which_step_and_can_be_kept_only_as_not_tested(
    refused_page: Page, installation: Installation, models: ModelServer
) -> None:
    page = refused_page
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/ai/keys?add=anthropic")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Save anyway")).to_have_count(0)
    await paste(page, "API key", "sk-ant-unknown0123456789abcdefghij")
    await dialog.get_by_role("button", name="Calls go through a gateway").click()
    await dialog.get_by_label("Gateway address").fill(models.url)
    await dialog.get_by_label("Name").fill("Not mine")
    await dialog.get_by_role("button", name="Save and test").click()
    await expect(dialog.get_by_role("alert").get_by_text("does not accept this key")).to_be_visible(timeout=PATIENCE_MS)
    steps = dialog.get_by_role("list", name="Steps of the test").get_by_role("listitem")
    await expect(steps.filter(has_text="Reach the provider")).to_contain_text("passed")
    await expect(steps.filter(has_text="Accept the key")).to_contain_text("failed")
    await expect(dialog.get_by_role("link", name="Open Anthropic's page")).to_be_visible()
    await dialog.get_by_role("button", name="Save anyway").click()
    await expect(dialog.get_by_text("It is kept as “Not tested”")).to_be_visible(timeout=PATIENCE_MS)
    await dialog.get_by_role("button", name="Done").click()
    await row(page, "Not mine").get_by_role("button", name="More for Not mine").click()
    await expect(page.get_by_role("menuitem", name="Set as default")).to_be_disabled()


async def test_a_key_of_another_provider_is_recognised(page: Page, installation: Installation) -> None:
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/ai/keys?add=openai")
    await paste(page, "API key", "sk-ant-other0123456789abcdefghijkl")
    await expect(page.get_by_text("This looks like an Anthropic key.")).to_be_visible()
    await page.get_by_role("button", name="Add it as Anthropic").click()
    await expect(page.get_by_role("radio", name="Anthropic")).to_be_checked()
    await expect(page.get_by_text("This looks like an Anthropic key.")).to_have_count(0)
