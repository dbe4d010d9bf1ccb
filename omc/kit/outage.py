"""Telling a database that is away or overloaded from a bug, so that a caller can be asked to come back."""

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from omc.kit.errors import Refusal

AWAY: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeoutError, psycopg.OperationalError)
"""What a query raises when the database cannot serve it now."""

RETRY_AWAY_S = 2
RETRY_BUSY_S = 1

_AWAY = ("database_away", "The database does not answer. Nothing was changed; the request can be sent again shortly.")
_FULL = ("disk_full", "The database's disk is full. Free some space on it, then send the request again.")
_BUSY = ("database_busy", "The database is busy. Nothing was changed; the request can be sent again shortly.")

# The SQLSTATE classes of a server that answers but cannot do it now; everything else among AWAY is a lost connection.
_BY_STATE = (("53100", _FULL), ("53", _BUSY), ("40", _BUSY), ("55P03", _BUSY), ("57014", _BUSY))


def outage(error: Exception) -> Refusal:
    """Return the refusal that a caller gets for one of AWAY."""
    if isinstance(error, PoolTimeoutError):
        return _refusal(_BUSY)
    state = _state(error)
    return _refusal(next((kind for prefix, kind in _BY_STATE if state.startswith(prefix)), _AWAY))


def _refusal(kind: tuple[str, str]) -> Refusal:
    code, text = kind
    return Refusal(code, 503, text, retry_after_s=RETRY_AWAY_S if kind is _AWAY else RETRY_BUSY_S)


def _state(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (cause.sqlstate or "") if isinstance(cause, psycopg.Error) else ""
