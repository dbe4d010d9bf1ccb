"""Owns work beside the event loop that is told of while it runs, and that stops when who is told says so."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Event
from typing import TypeVar

import structlog

from omc.engine.validations import Step
from omc.engine.watch import Watch
from omc.kit.outage import AWAY

TELL_EVERY_S = 0.5

log = structlog.get_logger(__name__)

_NOTHING_YET = Step(name="", done=0, total=0)

Made = TypeVar("Made")
Tell = Callable[[Step | None], Awaitable[bool]]
"""Writes how far work is, nothing where it is None; False when nobody waits for the work any more."""


class _Course:
    """How far work is, written by its thread and read beside it."""

    def __init__(self) -> None:
        self.step = _NOTHING_YET
        self.stop = Event()

    def told(self, done: int, total: int, name: str) -> None:
        self.step = Step(name=name, done=done, total=total)


async def beside(work: Callable[[Watch], Made], tell: Tell) -> Made:
    """Run work in a thread and return what it makes; from time to time `tell` writes how far it is, where that changed.

    Where `tell` answers that nobody waits for it any more, the work stops at its next step with Refusal `stopped`. A
    fault in telling, or a database that is away, costs a telling and not the work.
    """
    course = _Course()
    telling = asyncio.get_running_loop().create_task(_tell(tell, course), name="telling")
    try:
        return await asyncio.to_thread(work, Watch(told=course.told, stopped=course.stop.is_set))
    finally:
        course.stop.set()
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def _tell(tell: Tell, course: _Course) -> None:
    known = _NOTHING_YET
    while not course.stop.is_set():
        await asyncio.sleep(TELL_EVERY_S)
        step = course.step
        try:
            if not await tell(None if step == known else step):
                course.stop.set()
            known = step
        except AWAY:
            continue
        except Exception:
            known = step  # told once a step, not twice a second
            log.exception("telling_failed", step=step.name, done=step.done, total=step.total)
