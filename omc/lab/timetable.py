"""When a recurring question is due: pure arithmetic on UTC, where every day has 24 hours."""

from datetime import UTC, datetime, timedelta

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def next_due(after: datetime, *, weekday: int | None, minute: int) -> datetime:
    """Return the first time after `after`: every day, or on `weekday` (Monday is 0), `minute` after midnight UTC."""
    midnight = after.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found = midnight + timedelta(minutes=minute)
    if weekday is not None:
        found += DAY * ((weekday - found.weekday()) % 7)
    return found if found > after else found + period(weekday)


def newest_due(first: datetime, now: datetime, *, weekday: int | None) -> tuple[datetime, int]:
    """Return the newest time from `first` on that is not after `now`, and how many before it are past as well."""
    missed = (now - first) // period(weekday)
    return first + period(weekday) * missed, missed


def period(weekday: int | None) -> timedelta:
    """Return how far two times are apart."""
    return DAY if weekday is None else WEEK
