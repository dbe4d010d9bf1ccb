"""A person follows a sweep: training beside test, the heat map of two parameters, stop and go on."""

import re

from playwright.async_api import Page, expect

from tests.cli.test_engine_commands import DOCUMENT
from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, sign_in


async def test_a_person_follows_a_sweep_and_reads_both_parts(page: Page, installation: Installation) -> None:
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/backtests")
    await page.get_by_role("main").get_by_role("link", name="Sweeps").click()
    await expect(page.get_by_text("No sweep yet")).to_be_visible(timeout=PATIENCE_MS)
    sweep_id = await asked(page, installation)
    await page.goto(f"{installation.url}/backtests/sweeps")
    await page.get_by_role("link", name="Crossover").click()
    await page.wait_for_url(re.compile(f"/backtests/sweeps/{sweep_id}"))
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
    api = f"{installation.url}/api/v1"
    me = await (await page.request.get(f"{api}/identity/me")).json()
    series = (await (await page.request.get(f"{api}/ledgers/series")).json())["items"]
    hourly = next(one["id"] for one in series if (one["symbol"], one["timeframe"]) == ("BTC/USDT", "1h"))
    values = {"fast": "10:30:5", "slow": "50:100:10"}
    body = {"document": DOCUMENT, "series_id": hourly, "values": values}
    answer = await page.request.post(f"{api}/engine/sweeps", data=body, headers={"x-omc-csrf": str(me["csrf"])})
    assert answer.status == 202, await answer.text()
    return str((await answer.json())["id"])
