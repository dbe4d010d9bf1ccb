"""What reports claim of a version without evidence: while a report's newest word on it claims so, nobody approves it.

Written with each report, by whoever wrote it (`source`); the newest note of a source counts, so that a report that was
written anew without the claim frees the version. There is no way round: a person approves what was shown to be so.

Beside it, whether a proposal still stands: who proposed a version and was changed since withdraws it, until he, or
another, proposes it anew.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import VersionId
from omc.engine.tables import ClaimRow, VersionRow
from omc.kit.errors import Refusal
from omc.kit.ids import new_id

MAX_WORDS = 300

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


async def note(
    session: AsyncSession, version_id: UUID, *, source: str, unverified: int, words: str, now: datetime
) -> None:
    """Write down how many claims a source's report makes of a version without evidence, and the first one's words."""
    row = {
        "workspace_id": _WORKSPACE,
        "id": new_id(),
        "version_id": version_id,
        "source": source,
        "unverified": unverified,
        "words": words[:MAX_WORDS],
        "created_at": now,
    }
    await session.execute(insert(ClaimRow).values(row))


async def proposed(
    session: AsyncSession, version_ids: Collection[UUID], *, source: str, withdrawn: bool, now: datetime
) -> None:
    """Write down that a source proposes these versions, or that it does so no more."""
    fixed = {"workspace_id": _WORKSPACE, "source": f"proposal of {source}", "unverified": 0, "words": ""}
    rows = [
        {**fixed, "id": new_id(), "version_id": one, "withdrawn": withdrawn, "created_at": now}
        for one in sorted(version_ids)
    ]
    if rows:
        await session.execute(insert(ClaimRow).values(rows))


async def known(session: AsyncSession, version_ids: set[UUID]) -> set[UUID]:
    """Return which of these versions there are."""
    return set(await session.scalars(select(VersionRow.id).where(VersionRow.id.in_(version_ids))))


async def unverified(session: AsyncSession, version_ids: Sequence[UUID]) -> dict[UUID, Sequence[ClaimRow]]:
    """Return, of these versions, those of which a source's newest report claims something without evidence."""
    found: dict[UUID, list[ClaimRow]] = {}
    for row in await _newest(session, version_ids):
        if row.unverified:
            found.setdefault(row.version_id, []).append(row)
    return dict(found)


async def refuse_withdrawn(session: AsyncSession, version_id: VersionId) -> None:
    """Refusal `proposal_stale` where every session that proposed the version was changed since."""
    found = [row for row in await _newest(session, [version_id]) if row.source.startswith("proposal of ")]
    if found and all(row.withdrawn for row in found):
        words = (
            "An earlier step of the session that proposed this version was changed since, so what it rested on is"
            " stale. Let the session go on until it proposes the version anew, then approve it; or approve what it"
            " proposes now."
        )
        raise Refusal("proposal_stale", 409, words)


async def _newest(session: AsyncSession, version_ids: Sequence[UUID]) -> Sequence[ClaimRow]:
    newest = (
        select(ClaimRow)
        .where(ClaimRow.version_id.in_(version_ids))
        .ext(distinct_on(ClaimRow.version_id, ClaimRow.source))
        .order_by(ClaimRow.version_id, ClaimRow.source, ClaimRow.id.desc())
    )
    return (await session.execute(newest)).scalars().all()


async def refuse_unverified(session: AsyncSession, version_id: VersionId) -> None:
    """Refusal `unverified_claim` while a report claims something about the version's performance without evidence."""
    found = (await unverified(session, [version_id])).get(version_id)
    if found:
        words = (
            f"The report on this version claims “{found[0].words}”, and no evidence beside it bears that out. Ask the"
            f" {found[0].source.replace(':', ' ')} to write its report anew with a figure beside it, or without it."
        )
        raise Refusal("unverified_claim", 409, words)
