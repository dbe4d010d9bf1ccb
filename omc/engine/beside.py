"""Owns work beside the event loop that is told of while it runs, and that stops when who is told says so."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Event
from typing import TypeVar

from omc.engine.validations import Step
from omc.engine.watch import Watch
from omc.kit.outage import AWAY

TELL_EVERY_S = 0.5

Made = TypeVar("Made")


async def beside(work: Callable[[Watch], Made], tell: Callable[[Step], Awaitable[bool]]) -> Made:
    """Run work in a thread and return what it makes; from time to time `tell` writes how far it is.

    Where `tell` answers that nobody waits for it any more, the work stops at its next step with Refusal `stopped`. A
    database that is away costs a telling and not the work.
    """
    steps = [Step(name="", done=0, total=0)]
    stop = Event()
    watch = Watch(
        told=lambda done, total, name: steps.append(Step(name=name, done=done, total=total)), stopped=stop.is_set
    )
    telling = asyncio.get_running_loop().create_task(_tell(tell, steps, stop), name="telling")
    try:
        return await asyncio.to_thread(work, watch)
    finally:
        stop.set()
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def _tell(tell: Callable[[Step], Awaitable[bool]], steps: list[Step], stop: Event) -> None:
    while not stop.is_set():
        await asyncio.sleep(TELL_EVERY_S)
        with suppress(*AWAY):
            if not await tell(steps[-1]):
                stop.set()
