"""What people decide about versions: approve, deny, open again. Each names the hash that the person was shown.

An approval for paper rests on a passing verdict, or on a person's words why it needs none. A version that is approved
once stays so; a denial stands until a person opens the version again, also when a session proposes it anew. Decisions
about one strategy are made one after the other. Each takes a session, never commits.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CompoundSelect, func, insert, literal, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import VersionId
from omc.engine.claims import refuse_unverified, refuse_withdrawn
from omc.engine.exams import check_reason
from omc.engine.records import Decision, Version
from omc.engine.service import get_version
from omc.engine.tables import ApprovalRow, ReviewRow, StrategyRow, VersionRow
from omc.engine.verdicts import Given, latest, shortfall
from omc.kit.errors import Refusal
from omc.kit.events import audit
from omc.kit.ids import new_id

MAX_REASON = 1_000
MAX_DECISIONS = 200

_WORKSPACE = text("current_setting('omc.workspace')::uuid")


async def approve(
    session: AsyncSession,
    version_id: VersionId,
    *,
    document_hash: str,
    digest: str,
    by: str,
    now: datetime,
    override_reason: str | None = None,
) -> None:
    """Record that a person approved a version as it was shown to him: `digest` is of all that the card showed.

    Without a passing verdict he says why in `override_reason`, which is kept with the approval and audited; beside a
    passing one it is not kept. Refusal `version_changed` when the hash that was shown is not this version's,
    `version_denied` when a denial stands, `unverified_claim` while a report claims of it what no evidence bears out (no
    reason helps there), `proposal_stale` while every session that proposed it was changed since, `no_verdict` and
    `verdict_failed` without a reason, `reason_too_short`. The
    same approval again is one.
    """
    version = await _shown(session, version_id, document_hash)
    if version.status == "denied":
        words = f"this version was denied{await _when(session, version_id)}; open it again first, then approve it"
        raise Refusal("version_denied", 409, words)
    same = select(ApprovalRow.digest).where(ApprovalRow.version_id == version_id, ApprovalRow.digest == digest)
    if await session.scalar(same) is not None:
        return
    await refuse_withdrawn(session, version_id)
    await refuse_unverified(session, version_id)
    verdict = await latest(session, version.hash)
    reason = _override(verdict, override_reason)
    row = {
        "workspace_id": _WORKSPACE,
        "version_id": version_id,
        "digest": digest,
        "approved_by": by,
        "approved_at": now,
        "override_reason": reason,
        "verdict_id": None if verdict is None else verdict.id,
    }
    await session.execute(insert(ApprovalRow).values(row))
    told = {"version_id": str(version_id), "digest": digest, "by": by}
    await audit(session, "version.approved", told | ({"override_reason": reason} if reason else {}))


def _override(verdict: Given | None, reason: str | None) -> str | None:
    """Return the reason that is to be kept, None beside a passing verdict; refuses where one is needed and missing."""
    short = shortfall(verdict)
    if short is None:
        return None
    if reason is None or not reason.strip():
        raise Refusal(short.code, 409, short.text, place="/override_reason")
    check_reason(reason, place="/override_reason")
    return reason.strip()


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


def _made() -> CompoundSelect[UUID, str, str, bool, str, datetime]:
    approved = select(
        ApprovalRow.version_id,
        literal("approved").label("outcome"),
        func.coalesce(ApprovalRow.override_reason, "").label("reason"),
        ApprovalRow.override_reason.is_not(None).label("overridden"),
        ApprovalRow.approved_by.label("by"),
        ApprovalRow.approved_at.label("at"),
    )
    reviewed = select(
        ReviewRow.version_id,
        ReviewRow.outcome,
        ReviewRow.reason,
        literal(value=False).label("overridden"),
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
