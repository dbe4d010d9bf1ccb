"""The tests that were made just now, so that saving what was tested asks its provider no second time.

Kept in this process: a save that another one serves makes its own test, which costs a second and no more. A key is
kept only as a keyed digest, whose own key nobody has.
"""

import hmac
import json
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from omc.vault.connection import Connection
from omc.vault.probing import Probe

GOOD_FOR = timedelta(minutes=5)
MAX_KEPT = 100


class Recent:
    """What this process tested in the last minutes, by who asked and what for; each is taken once."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._secret = secrets.token_bytes(32)
        self._kept: dict[str, tuple[datetime, Probe]] = {}

    def keep(self, person: UUID, tested: Connection, found: Probe, *, now: datetime) -> None:
        """Keep a test; the oldest goes when there are too many."""
        self._kept[self._mark(person, tested)] = (now, found)
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]

    def take(self, person: UUID, tested: Connection, *, failed_too: bool, now: datetime) -> Probe | None:
        """Return the test that this person made of this very connection, if it passed or `failed_too` will do."""
        made_at, found = self._kept.pop(self._mark(person, tested), (now, None))
        if found is None or now - made_at > GOOD_FOR:
            return None
        return found if found.ok or failed_too else None

    def _mark(self, person: UUID, tested: Connection) -> str:
        key = "" if tested.key is None else tested.key.reveal()
        said = json.dumps([str(person), tested.provider, tested.base_url, tested.model, key])
        return hmac.new(self._secret, said.encode(), "sha256").hexdigest()
