"""New row ids: time-ordered, so that an index on them stays compact."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new UUID, version 7 (RFC 9562)."""
    return uuid7()
