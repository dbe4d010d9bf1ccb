"""The tabs of one browser share one event stream, and another tab takes it over when its holder is closed."""

from playwright.async_api import Page

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS, research, sign_in
from tests.journeys.streams import Streams

TABS = 4
PATIENCE_S = PATIENCE_MS / 1_000


async def test_tabs_share_one_stream_and_hand_it_over(page: Page, installation: Installation) -> None:
    streams = Streams(page.context)
    await sign_in(page, installation)
    await page.goto(f"{installation.url}/welcome?step=start")
    session = await research(page)
    for _ in range(TABS):
        tab = await page.context.new_page()
        await tab.goto(f"{installation.url}/research/{session}")
        await tab.locator("main h1").wait_for()
    await page.close()
    for _ in range(2):
        await streams.settle(timeout_s=PATIENCE_S)
        assert len(streams.open) == 1
        await streams.hand_over(timeout_s=PATIENCE_S)
    await streams.settle(timeout_s=PATIENCE_S)
    assert len(streams.open) == 1
