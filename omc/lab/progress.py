"""How far a tool's long work is, told to whoever watches its session, as words in passing: kept nowhere."""

import json

from omc.engine.beside import Tell
from omc.engine.validations import Step
from omc.kit.bus import Bus


def telling(bus: Bus, key: str, number: int) -> Tell:
    """Return what tells the watchers of a session how far the work of its step `number` is, while there are any."""

    async def tell(step: Step | None) -> bool:
        if step is not None and bus.listened_since(key) is not None:
            # Each is a call of its own, so that a page shows it in place of the last one.
            told = {"call": f"{number}:{step.done}", "step": number, "kind": "text", "at": 0, "text": said(step)}
            await bus.say(key, json.dumps(told))
        return True

    return tell


def said(step: Step) -> str:
    """Return how far the work is, as a person reads it."""
    return f"{step.name}: {step.done} of {step.total}"
