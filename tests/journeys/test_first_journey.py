"""The first journey, as a new user makes it: from the printed link to a profit and loss that opens to its fills."""

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, approve, open_link, read_report, research, sign_in

GOAL = "Does a moving-average crossover beat holding BTC on hourly bars?"
REAL_BARS = "binance_BTC-USDT_1h_2017-08_2022-12.parquet"


async def test_a_new_user_goes_from_the_link_to_a_profit_and_loss(page: Page, installation: Installation) -> None:
    await open_link(page, installation)
    await page.get_by_role("link", name="Skip for now").click()
    await expect(page.get_by_label("Your question")).to_have_value(GOAL)
    await research(page)

    await read_report(page)
    figure = page.get_by_role("main").get_by_text(re.compile(r"^[+\u2212]\d[\d,.]* %")).first
    await figure.click()
    await expect(page.get_by_role("dialog")).to_contain_text("run_backtest")
    await page.keyboard.press("Escape")

    await approve(page)
    await page.get_by_text("Fills", exact=True).click()
    await expect(page.get_by_role("table").get_by_text(re.compile("buy", re.IGNORECASE)).first).to_be_visible(
        timeout=PATIENCE_MS
    )
    await page.get_by_role("main").get_by_role("button", name="Stop", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button").last.click()
    await expect(page.get_by_role("main").get_by_text("Stopped", exact=True)).to_be_visible(timeout=PATIENCE_MS)

    await page.goto(f"{installation.url}/pnl")
    await page.get_by_role("button", name=re.compile("USDT")).first.click()
    await expect(page.get_by_role("dialog")).to_contain_text(re.compile("BTC.* of lot "))


async def test_the_same_on_real_candles(page: Page, installation: Installation, shared_data: Path) -> None:
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/data")
    await page.locator("input[type=file]").first.set_input_files(shared_data / "bars" / REAL_BARS)
    await expect(page.get_by_text("46,981").first).to_be_visible(timeout=PATIENCE_MS)

    await page.goto(f"{installation.url}/welcome?step=start")
    await page.get_by_role("combobox", name="Market").click()
    await page.get_by_role("option", name=re.compile("BTC.USDT.*binance")).click()
    await research(page)
    await read_report(page)
    await expect(page.get_by_role("main")).to_contain_text("46,981")
    await approve(page)
