"""The simulator as a process of its own."""

import asyncio
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]
ASKED = {"model": "fail-500x1", "messages": [{"role": "user", "content": "Hi"}]}


async def test_a_child_prints_its_addresses_and_its_wire_can_go_down() -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.sims.models", "--key", "K"), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        url = (await child.stdout.readline()).decode().strip()
        control = (await child.stdout.readline()).decode().strip().removeprefix("control ")
        async with httpx.AsyncClient(headers={"authorization": "Bearer K"}) as client:
            statuses = [(await client.post(f"{url}/v1/chat/completions", json=ASKED)).status_code for _ in range(2)]
            assert statuses == [500, 200]
            await client.post(control, json={"door": "refuse"})
            await asyncio.sleep(0.3)
            with pytest.raises(httpx.TransportError):
                await client.get(f"{url}/v1/models")
            await client.post(control, json={"door": "open"})
            await asyncio.sleep(0.3)
            assert (await client.get(f"{url}/v1/models")).status_code == 200
    finally:
        child.terminate()
        await asyncio.wait_for(child.wait(), 20)
