"""Slowing down guesses: attempts counted in this process, by address of the client and by account."""

import math
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

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
BUSY_RETRY_S = 1
IPV6_SITE_BITS = 64


def client_key(address: str) -> str:
    """Return the name under which a client is counted: of all addresses that one machine can choose, the same."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return "loopback"
    return str(ip_network((ip, IPV6_SITE_BITS), strict=False)) if isinstance(ip, IPv6Address) else str(ip)


class Throttle:
    """The counters of this process."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._under_way: Counter[tuple[str, str]] = Counter()

    def count(self, limit: Limit, key: str) -> None:
        """Count an attempt, or refuse it when too many were counted."""
        if not self._limiter.hit(limit.item, limit.kind, key):
            raise self._refusal(limit, key)

    @contextmanager
    def attempt(self, limit: Limit, key: str) -> Generator[None]:
        """Let an attempt begin, or refuse it. While it is under way it counts like one that failed.

        So a thousand at once are no way around the limit, and do not queue for a password check each.
        """
        place = (limit.kind, key)
        if not self._limiter.test(limit.item, limit.kind, key, cost=self._under_way[place] + 1):
            raise self._refusal(limit, key)
        self._under_way[place] += 1
        try:
            yield
        finally:
            self._under_way[place] -= 1
            if not self._under_way[place]:
                del self._under_way[place]

    def forgive(self, limit: Limit, key: str) -> None:
        """Forget the attempts of a key that proved itself."""
        self._limiter.clear(limit.item, limit.kind, key)

    def _refusal(self, limit: Limit, key: str) -> Refusal:
        if self._limiter.test(limit.item, limit.kind, key):
            wait_s = BUSY_RETRY_S
        else:
            reset_at = self._limiter.get_window_stats(limit.item, limit.kind, key).reset_time
            wait_s = max(1, math.ceil(reset_at - time.time()))
        text = f"Too many attempts. Try again in {wait_s} seconds, {limit.advice}."
        return Refusal("too_many_attempts", 429, text, retry_after_s=wait_s)
