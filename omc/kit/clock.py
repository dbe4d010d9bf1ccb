"""Time as a value: whoever needs `now` is given a clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant in UTC; the one place that asks the machine for it."""
    return datetime.now(UTC)  # noqa: TID251 - here it is asked
