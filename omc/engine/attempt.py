"""Owns how a job ends that cannot go on: a refusal ends what was asked for with its sentence, a bug in the last try."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from omc.core.reason import Reason
from omc.kit.errors import Refusal
from omc.kit.work import Context

REFUSED = "refused"

Made = TypeVar("Made")
Fail = Callable[[Reason], Awaitable[None]]


async def attempted(context: Context, work: Awaitable[Made], fail: Fail, *, what: str) -> Made | None:
    """Return what the work makes, or None when it was refused; a bug is raised, so that the queue tries again."""
    try:
        return await work
    except Refusal as refusal:
        await fail(Reason(code=refusal.code, text=refusal.text, place=refusal.place))
        return None
    except Exception:
        if context.final:
            await fail(
                Reason(code="fault", text=f"{what} failed by a fault of this program; the log of the worker has it")
            )
        raise
