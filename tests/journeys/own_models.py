"""What journeys with a person's own models share: keys at the simulator, and a session started with one."""

import asyncio
import json
import re
import sys
from collections.abc import Mapping

from playwright.async_api import Locator, Page, expect

from tests.journeys.conftest import Installation
from tests.journeys.steps import PATIENCE_MS
from tests.sims.models.fixture import KEY, ModelServer

API = "/api/v1"
MODEL = "sim-small"
PRICE = {"input": "2", "output": "10"}


async def change(page: Page, url: str, verb: str, path: str, body: Mapping[str, str]) -> None:
    """Ask the API for a change, as the page does."""
    me = await (await page.request.get(f"{url}{API}/identity/me")).json()
    headers = {"x-omc-csrf": str(me["csrf"])}
    answer = await page.request.fetch(f"{url}{API}{path}", method=verb, data=dict(body), headers=headers)
    assert answer.ok, await answer.text()


async def add(installation: Installation, *options: str, key: str) -> str:
    """Add a key from the terminal, whose additions are not counted against the person's hour; returns its id."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "omc.cli", "models", "add", "--json", "--key-stdin", *options),
        env=installation.environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await process.communicate(key.encode())
    assert process.returncode == 0, complaint.decode()
    return str(json.loads(said)["credential"]["id"])


async def furnish(page: Page, installation: Installation, server: ModelServer, *, whose: str) -> list[str]:
    """Two keys of the journey's own: one with a price, and a server of one's own that costs nothing; their ids."""
    of_openai = ("--provider", "openai", "--name", f"Paid, {whose}", "--base-url", server.openai_url, "--default")
    own_url = ("--base-url", server.compatible_url("vllm"))
    own = ("--provider", "openai-compatible", *own_url, "--name", f"Spare, {whose}", "--free")
    paid, spare = await asyncio.gather(add(installation, *of_openai, key=KEY), add(installation, *own, key=KEY))
    price = {"credential_id": paid, "model": MODEL, **PRICE}
    await change(page, installation.url, "PUT", "/vault/prices", price)
    return [paid, spare]


async def start(page: Page, *, fallback: str = "", cap: str = "") -> None:
    """Open a session with the default model from the sidebar, as a person does."""
    await page.get_by_role("link", name="Research", exact=True).first.click()
    await page.get_by_role("link", name="New session").first.click()
    await expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value(f"{MODEL} (default)")
    if fallback:
        await page.get_by_role("combobox", name="If the model fails").click()
        await page.get_by_role("group").filter(has_text=fallback).get_by_role("option", name=MODEL).click()
    await page.get_by_label("Spend cap").fill(cap)
    await page.get_by_role("button", name="Start", exact=True).click()
    await page.wait_for_url(re.compile("/research/[0-9a-f-]{36}"))


def first_step(page: Page) -> Locator:
    """The session's first call of its model, as a line and opened."""
    lines = page.get_by_role("region", name="What was said and done").get_by_role("listitem")
    return lines.filter(has=page.locator("[data-step]")).first


async def to_the_beginning(page: Page) -> None:
    """Leave the newest line, which a session that is watched keeps in sight."""
    await page.get_by_role("region", name="What was said and done").press("Home")


async def ended(page: Page, state: str) -> None:
    """Wait until the session says so at its head; the others beside it say theirs."""
    await expect(page.get_by_role("main").get_by_role("status").first).to_have_text(state, timeout=PATIENCE_MS)
