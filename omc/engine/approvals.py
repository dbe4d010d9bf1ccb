"""What people decide about versions: approve, deny, open again. Each names the hash that the person was shown.

A version that is approved once stays so; a denial stands until a person opens the version again, also when a session
proposes it anew. Decisions about one strategy are made one after the other. Each takes a session, never commits.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CompoundSelect, insert, literal, select, text, union_all
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import VersionId
from omc.engine.records import Decision, Version
from omc.engine.service import get_version
from omc.engine.tables import ApprovalRow, ReviewRow, StrategyRow, VersionRow
from omc.kit.errors import Refusal
from omc.kit.events import audit
from omc.kit.ids import new_id

MAX_REASON = 1_000
MAX_DECISIONS = 200

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


async def approve(
    session: AsyncSession, version_id: VersionId, *, document_hash: str, digest: str, by: str, now: datetime
) -> None:
    """Record that a person approved a version as it was shown to him: `digest` is of all that the card showed.

    Refusal `version_changed` when the hash that was shown is not this version's, `version_denied` when a denial
    stands. The same approval again is one.
    """
    version = await _shown(session, version_id, document_hash)
    if version.status == "denied":
        words = f"this version was denied{await _when(session, version_id)}; open it again first, then approve it"
        raise Refusal("version_denied", 409, words)
    row = {
        "workspace_id": _WORKSPACE,
        "version_id": version_id,
        "digest": digest,
        "approved_by": by,
        "approved_at": now,
    }
    added = await session.execute(
        upsert(ApprovalRow).values(row).on_conflict_do_nothing().returning(ApprovalRow.version_id)
    )
    if added.scalar_one_or_none() is not None:
        await audit(session, "version.approved", {"version_id": str(version_id), "digest": digest, "by": by})


async def deny(
    session: AsyncSession, version_id: VersionId, *, document_hash: str, reason: str, by: str, now: datetime
) -> None:
    """Record that a person denied a version; `reason` may be empty.

    Refusal `version_changed` as for an approval, `already_denied` and `already_approved` where there is no more to
    decide.
    """
    version = await _shown(session, version_id, document_hash)
    if version.status == "denied":
        words = f"this version was denied already{await _when(session, version_id)}; nothing was changed"
        raise Refusal("already_denied", 409, words)
    if version.status == "approved":
        words = f"this version was approved already{await _when(session, version_id)}; stop its deployments instead"
        raise Refusal("already_approved", 409, words)
    await _review(session, version_id, outcome="denied", reason=reason, by=by, now=now)


async def reopen(session: AsyncSession, version_id: VersionId, *, by: str, now: datetime) -> None:
    """Take a denial back: the version waits for a decision again. Refusal `not_denied` when none stands."""
    version = await _held(session, version_id)
    if version.status != "denied":
        raise Refusal("not_denied", 409, "no denial of this version stands; there is nothing to take back")
    await _review(session, version_id, outcome="reopened", reason="", by=by, now=now)


async def list_decisions(
    session: AsyncSession, *, version_id: VersionId | None = None, limit: int = MAX_DECISIONS
) -> list[Decision]:
    """Return what was decided, newest first; about one version when it is named."""
    made = _made().subquery()
    statement = (
        select(*made.c, VersionRow.strategy_id, StrategyRow.name, VersionRow.number, VersionRow.hash)
        .join(VersionRow, VersionRow.id == made.c.version_id)
        .join(StrategyRow, StrategyRow.id == VersionRow.strategy_id)
        .order_by(made.c.at.desc(), made.c.version_id)
        .limit(min(limit, MAX_DECISIONS))
    )
    if version_id is not None:
        statement = statement.where(made.c.version_id == version_id)
    return [Decision(**row) for row in (await session.execute(statement)).mappings()]


def _made() -> CompoundSelect[UUID, str, str, str, datetime]:
    approved = select(
        ApprovalRow.version_id,
        literal("approved").label("outcome"),
        literal("").label("reason"),
        ApprovalRow.approved_by.label("by"),
        ApprovalRow.approved_at.label("at"),
    )
    reviewed = select(
        ReviewRow.version_id,
        ReviewRow.outcome,
        ReviewRow.reason,
        ReviewRow.reviewed_by.label("by"),
        ReviewRow.reviewed_at.label("at"),
    )
    return union_all(approved, reviewed)


async def _shown(session: AsyncSession, version_id: VersionId, document_hash: str) -> Version:
    version = await _held(session, version_id)
    if version.hash != document_hash:
        raise Refusal("version_changed", 409, "what was shown is not this version; look at it again and decide anew")
    return version


async def _held(session: AsyncSession, version_id: VersionId) -> Version:
    """Return the version with its strategy's row held: whoever decides second sees what the first one did."""
    strategy_id = (await get_version(session, version_id)).strategy_id
    await session.execute(select(StrategyRow.id).where(StrategyRow.id == strategy_id).with_for_update())
    return await get_version(session, version_id)


async def _when(session: AsyncSession, version_id: VersionId) -> str:
    (last,) = await list_decisions(session, version_id=version_id, limit=1)
    return f" on {last.at:%Y-%m-%d at %H:%M} UTC" + (f" ({last.reason})" if last.reason else "")


async def _review(
    session: AsyncSession, version_id: VersionId, *, outcome: str, reason: str, by: str, now: datetime
) -> None:
    row = {
        "workspace_id": _WORKSPACE,
        "id": new_id(),
        "version_id": version_id,
        "outcome": outcome,
        "reason": reason,
        "reviewed_by": by,
        "reviewed_at": now,
    }
    await session.execute(insert(ReviewRow).values(row))
    told = {"version_id": str(version_id), "by": by} | ({"reason": reason} if reason else {})
    await audit(session, f"version.{outcome}", told)
