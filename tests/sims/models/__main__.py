"""The simulator as a process of its own: prints its address, then that of its control, and runs until it is ended."""

import argparse
import asyncio
import socket

from tests.sims.models.app import simulator
from tests.sims.models.desk import Desk
from tests.sims.models.transports import LOOPBACK


async def _serve(port: int, control_port: int, desk: Desk) -> None:
    front = simulator(desk, port)
    listener = socket.create_server((LOOPBACK, control_port))
    serving = asyncio.get_running_loop().create_task(front.serve(sockets=[listener]), name="simulator")
    while not front.started and not serving.done():
        await asyncio.sleep(0.01)
    print(front.url, flush=True)  # noqa: T201 - whoever started this reads it
    print(f"control http://{LOOPBACK}:{listener.getsockname()[1]}/control", flush=True)  # noqa: T201
    await serving


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.sims.models")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--key", action="append", help="an accepted key; without one, every key is accepted")
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--chunk-delay-ms", type=float, default=0)
    told = parser.parse_args()
    desk = Desk(
        keys=frozenset(told.key) if told.key else None,
        latency_s=told.latency_ms / 1000,
        chunk_delay_s=told.chunk_delay_ms / 1000,
    )
    asyncio.run(_serve(told.port, told.control_port, desk))


if __name__ == "__main__":
    _main()
