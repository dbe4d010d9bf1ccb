"""Slowing down guesses: attempts counted in this process, by address of the client and by account."""

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from omc.kit.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many attempts of a kind one key has; `advice` ends the sentence that says when to try again."""

    kind: str
    item: RateLimitItem
    advice: str = "or sign in with `omc link` on the server"


ACCOUNT = Limit(kind="account", item=RateLimitItemPerMinute(5, 5))
"""Wrong passwords for one address from one client: 5 in 5 minutes."""
CLIENT = Limit(kind="client", item=RateLimitItemPerMinute(30, 5))
"""Sign-ins of any kind that fail from one client: 30 in 5 minutes."""


class Throttle:
    """The counters of this process."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, limit: Limit, key: str) -> None:
        """Count an attempt, or refuse it when too many were counted."""
        if not self._limiter.hit(limit.item, limit.kind, key):
            raise self._refusal(limit, key)

    def admit(self, limit: Limit, key: str) -> None:
        """Refuse an attempt when too many were counted; counts nothing."""
        if not self._limiter.test(limit.item, limit.kind, key):
            raise self._refusal(limit, key)

    def forgive(self, limit: Limit, key: str) -> None:
        """Forget the attempts of a key that proved itself."""
        self._limiter.clear(limit.item, limit.kind, key)

    def _refusal(self, limit: Limit, key: str) -> Refusal:
        reset_at = self._limiter.get_window_stats(limit.item, limit.kind, key).reset_time
        wait_s = max(1, math.ceil(reset_at - time.time()))
        text = f"Too many attempts. Try again in {wait_s} seconds, {limit.advice}."
        return Refusal("too_many_attempts", 429, text, retry_after_s=wait_s)
