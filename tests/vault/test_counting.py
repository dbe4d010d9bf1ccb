"""Changes and tests of keys are counted by all processes together, and each leaves the count after its hour."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from omc.kit.db import Database
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.vault.counting import Attempt, count
from tests.vault.money import NOW


async def attempt(database: Database, person: UUID, *, minutes: float = 0, kind: Attempt = Attempt.TEST) -> bool:
    """Say whether an attempt was let through, some minutes after the first."""
    try:
        async with database.session(None) as session:
            await count(session, kind, person=person, allowed=3, now=NOW + timedelta(minutes=minutes))
    except Refusal:
        return False
    return True


async def test_two_processes_share_one_count(database: Database) -> None:
    person, other = new_id(), Database(database.url)
    let = [await attempt(each, person) for each in (database, other, database, other)]
    await other.close()
    assert let == [True, True, True, False]


async def test_fifty_at_once_are_no_more_than_three(database: Database) -> None:
    person = new_id()
    assert sum(await asyncio.gather(*(attempt(database, person) for _ in range(50)))) == 3


async def test_an_attempt_leaves_the_count_an_hour_after_it(database: Database) -> None:
    person = new_id()
    let = [await attempt(database, person, minutes=at) for at in (0, 10, 20, 59, 60, 61, 70)]
    assert let == [True, True, True, False, True, False, True]


async def test_changes_and_tests_and_persons_are_counted_apart(database: Database) -> None:
    person = new_id()
    assert [await attempt(database, person) for _ in range(4)] == [True, True, True, False]
    assert await attempt(database, person, kind=Attempt.CHANGE)
    assert await attempt(database, new_id())


async def test_the_refusal_says_when_the_oldest_leaves(database: Database) -> None:
    person = new_id()
    for at in (0, 10, 20):
        assert await attempt(database, person, minutes=at)
    async with database.session(None) as session:
        with pytest.raises(Refusal, match="3 key tests an hour") as refused:
            await count(session, Attempt.TEST, person=person, allowed=3, now=NOW + timedelta(minutes=50))
    assert (refused.value.status, refused.value.retry_after_s) == (429, 600)
