"""Owns how long work tells how far it is and learns that it shall stop."""

from collections.abc import Callable
from dataclasses import dataclass

from omc.kit.errors import Refusal


def _silent(done: int, total: int, what: str) -> None:
    del done, total, what


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who looks on: `told(done, total, what)` hears of each step, `stopped()` is asked before each."""

    told: Callable[[int, int, str], None] = _silent
    stopped: Callable[[], bool] = _never

    def step(self, done: int, total: int, what: str) -> None:
        """Tell of a step that begins; raises Refusal `stopped` when it shall not."""
        if self.stopped():
            raise Refusal("stopped", 409, f"stopped after {done} of {total} steps of the {what}; start it again")
        self.told(done, total, what)


UNWATCHED = Watch()
