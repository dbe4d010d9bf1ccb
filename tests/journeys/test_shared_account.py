"""A strategy of several symbols, tested and judged on one account: chosen, run, read symbol by symbol."""

import json
import re

from playwright.async_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, sign_in

NAME = "Three on one account"
CHECKED_MS = 240_000
SYMBOLS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")


async def test_three_symbols_share_an_account_from_the_editor_to_the_result(
    page: Page, installation: Installation
) -> None:
    await _a_version(page, installation)
    panel = page.get_by_role("region", name="Backtest this version")
    await expect(panel.get_by_text("All on one account")).to_be_visible()
    await expect(panel).to_contain_text("BTC/USDT · 1h, ETH/USDT · 1h, SOL/USDT · 1h")
    await panel.get_by_role("button", name="Run the backtest").click()
    await page.wait_for_url(re.compile("/backtests/[0-9a-f-]{36}"))

    table = page.get_by_role("region", name="Symbols")
    await expect(table).to_be_visible(timeout=PATIENCE_MS)
    for symbol in SYMBOLS:
        await expect(table.get_by_role("row", name=symbol)).to_contain_text("%")
    await expect(page.get_by_role("region", name="Equity and drawdown")).to_contain_text("Holding all evenly")
    prices = page.get_by_role("region", name="Entries and exits")
    await expect(prices).to_contain_text("arrow", timeout=PATIENCE_MS)
    await page.get_by_role("combobox", name="Candles of").click()
    await page.get_by_role("option", name="SOL/USDT").click()
    await expect(prices.get_by_role("img", name=re.compile("^SOL.USDT candles"))).to_be_visible(timeout=PATIENCE_MS)

    await page.get_by_role("main").get_by_text("Positions", exact=True).first.click()
    positions = page.get_by_role("region", name="Closed positions")
    await expect(positions.get_by_role("columnheader", name="Symbol")).to_be_visible()
    await page.get_by_role("main").get_by_text("Verdict", exact=True).click()
    verdict = page.get_by_role("region", name="Verdict")
    await verdict.get_by_role("button", name="Ask for a verdict").click()
    await expect(verdict.get_by_role("button", name="Ask again")).to_be_visible(timeout=CHECKED_MS)
    await expect(verdict).to_contain_text(re.compile("Pass|Weak|Fail"))
    checks = page.get_by_role("region", name="What each check found")
    await expect(checks).to_contain_text("histories that were never fitted on")
    await expect(page.get_by_role("link", name="Promote to paper")).to_be_visible()

    await page.goto(f"{installation.url}/backtests?find={NAME.replace(' ', '+')}")
    await expect(page.get_by_role("table")).to_contain_text("BTC/USDT, ETH/USDT, SOL/USDT · 1h")


async def test_one_of_the_symbols_is_tested_alone_when_a_person_says_so(page: Page, installation: Installation) -> None:
    await _a_version(page, installation, name="One of three")
    panel = page.get_by_role("region", name="Backtest this version")
    await panel.get_by_text("One symbol", exact=True).click()
    await expect(panel.get_by_role("button", name="Run the backtest")).to_be_disabled()
    await panel.get_by_role("combobox", name="Candles").click()
    await page.get_by_role("option", name=re.compile("ETH.USDT")).first.click()
    await panel.get_by_role("button", name="Run the backtest").click()
    await page.wait_for_url(re.compile("/backtests/[0-9a-f-]{36}"))
    await expect(page.get_by_role("region", name="Entries and exits")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_role("region", name="Symbols")).to_have_count(0)


async def test_a_symbol_without_candles_is_named_before_anything_runs(page: Page, installation: Installation) -> None:
    await _a_version(page, installation, name="Four of them", more=("XRP/USDT",))
    panel = page.get_by_role("region", name="Backtest this version")
    await expect(panel.get_by_role("status")).to_contain_text("There are no candles of XRP/USDT")
    await expect(panel.get_by_role("link", name="Get candles")).to_be_visible()
    await expect(panel.get_by_role("button", name="Run the backtest")).to_be_disabled()


async def _a_version(page: Page, installation: Installation, *, name: str = NAME, more: tuple[str, ...] = ()) -> None:
    """Keep the new strategy's document with a universe of three symbols and `more`; ends on the version's page."""
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/strategies/edit")
    check = page.get_by_role("region", name="Check")
    await expect(check).to_contain_text("Accepted", timeout=PATIENCE_MS)
    text = page.get_by_label("Document as text")
    document = json.loads(await text.input_value()) | {"name": name, "universe": [*SYMBOLS, *more]}
    await text.fill(json.dumps(document, indent=2))
    await page.get_by_role("button", name="Save as a new version").click()
    await expect(page.get_by_role("region", name="Backtest this version")).to_be_visible(timeout=PATIENCE_MS)
