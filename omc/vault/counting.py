"""How often a person may change or test keys in an hour: counted in the database, by all processes together."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.db import fetch, run
from omc.kit.errors import Refusal

WINDOW = timedelta(hours=1)

# Two attempts of one person at once are counted one after the other: the second sees the first.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(kind)s || %(person)s::text, 0))"

_COUNT = """
WITH gone AS (
  DELETE FROM vault_attempt WHERE ts <= %(since)s
), made AS (
  SELECT count(*) AS number, min(ts) AS oldest FROM vault_attempt
  WHERE person_id = %(person)s AND kind = %(kind)s AND ts > %(since)s
), added AS (
  INSERT INTO vault_attempt (person_id, kind, ts) SELECT %(person)s, %(kind)s, %(now)s FROM made
  WHERE made.number < %(allowed)s
)
SELECT number, oldest FROM made
"""


class Attempt(StrEnum):
    """What is counted against a person's hour."""

    CHANGE = "change"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """Attempts in the hour before this one."""

    number: int
    oldest: datetime | None


async def count(session: AsyncSession, attempt: Attempt, *, person: UUID, allowed: int, now: datetime) -> None:
    """Count an attempt, or refuse it when the person made as many as are `allowed` within the hour before `now`."""
    asked = {"person": person, "kind": attempt.value, "since": now - WINDOW, "now": now, "allowed": allowed}
    await run(session, _LOCK, asked)
    (made,) = await fetch(session, _Made, _COUNT, asked)
    if made.number < allowed:
        return
    wait_s = max(1, math.ceil(((made.oldest or now) + WINDOW - now).total_seconds()))
    text = (
        f"Too many attempts. Try again in {wait_s} seconds, as a person may make {allowed} key {attempt.value}s "
        "an hour here."
    )
    raise Refusal("too_many_attempts", 429, text, retry_after_s=wait_s)
