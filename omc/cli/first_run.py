"""What a new installation gets: its local owner's sign-in link, and synthetic markets when it has none."""

import asyncio
from urllib.parse import quote

from omc.cli.database import Place, Say
from omc.identity.service import ensure_local_owner, issue_link
from omc.kit.clock import utc_now
from omc.kit.db import Database
from omc.ledgers.markets import Made, make_markets
from omc.ledgers.service import list_series
from omc.settings import Settings


def new_link(place: Place, settings: Settings) -> str:
    """Make a one-time sign-in link for the local owner. Its proof is a fragment, which no server or proxy ever sees."""
    return f"{settings.browser_url}/link#{quote(asyncio.run(_issue(place)), safe='')}"


async def _issue(place: Place) -> str:
    database = Database(place.app_url)
    try:
        async with database.session(None) as session:
            owner = await ensure_local_owner(session, now=utc_now())
            return await issue_link(session, owner.person_id, now=utc_now())
    finally:
        await database.close()


def load_demo_data(place: Place, settings: Settings, say: Say) -> None:
    """Make synthetic markets in an installation that has no candles at all, so that everything can be tried offline."""
    if settings.demo_data:
        asyncio.run(_make_markets(place, say))


async def _make_markets(place: Place, say: Say) -> None:
    database = Database(place.app_url)
    try:
        async with database.session(None) as session:
            await ensure_local_owner(session, now=utc_now())
            if await list_series(session):
                return
            say("Loading demo data (synthetic markets, labelled as such)")
            await make_markets(session, Made(), now=utc_now())
    finally:
        await database.close()
