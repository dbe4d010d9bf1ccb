"""A stored report read back: its draft rendered against the evidence that stood when it was written."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import canonical
from omc.core.ids import SessionId, WorkspaceId
from omc.kit.errors import Refusal
from omc.lab import findings, service
from omc.lab.evidence import loads
from omc.lab.rendering import Kept, Setting, render
from omc.lab.report import Report, ReportDraft
from omc.lab.tables import EvidenceRow, ReportRow


async def published(session: AsyncSession, session_id: SessionId) -> Report:
    """Return a session's report as it is shown; refused while there is none."""
    row = await service.read(session, session_id)
    stored = await service.newest_report(session, session_id)
    if stored is None:
        raise Refusal("no_report", 404, "This session has no report yet. It appears when the session has written one.")
    kept = await _kept(session, session_id)
    shown, _ = render(
        ReportDraft.model_validate_json(stored.document),
        Setting(
            session_id=session_id,
            question=row.goal,
            model=row.model,
            as_of=row.as_of,
            created_at=stored.created_at,
            said=await service.person_texts(session, session_id),
            kept={number: item for number, item in kept.items() if number <= stored.evidence},
        ),
    )
    return shown


def written(shown: Report, **more: object) -> tuple[str, Mapping[str, object]]:
    """Return the event that tells of a report."""
    version = None if shown.version_id is None else str(shown.version_id)
    return "report", {"version_id": version, "unverified": shown.unverified, **more}


async def keep(
    session: AsyncSession, draft: ReportDraft, shown: Report, *, workspace_id: WorkspaceId, now: datetime
) -> None:
    """Store a report as it was written, with the evidence that stands now."""
    session_id = shown.session_id
    reports = select(func.coalesce(func.max(ReportRow.number), 0)).where(ReportRow.session_id == session_id)
    evidence = select(func.coalesce(func.max(EvidenceRow.number), 0)).where(EvidenceRow.session_id == session_id)
    await session.execute(
        insert(ReportRow).values(
            workspace_id=workspace_id,
            session_id=session_id,
            number=(await session.execute(reports)).scalar_one() + 1,
            evidence=(await session.execute(evidence)).scalar_one(),
            document=canonical(draft.model_dump(mode="json")).decode(),
            unverified=shown.unverified,
            version_id=shown.version_id,
            created_at=now,
        )
    )


async def keep_partial(
    session: AsyncSession, *, workspace_id: WorkspaceId, session_id: SessionId, why: str, now: datetime
) -> tuple[str, Mapping[str, object]]:
    """Put a report together from what the session had found when it had to end; returns the event that tells it."""
    row = await service.read(session, session_id)
    kept = await _kept(session, session_id)
    results = {item.tool: {**item.output, "evidence": number} for number, item in kept.items()}
    draft = ReportDraft.model_validate(findings.so_far(results, why))
    setting = Setting(
        session_id=session_id,
        question=row.goal,
        model=row.model,
        as_of=row.as_of,
        created_at=now,
        said=[row.goal],
        kept=kept,
    )
    shown, problems = render(draft, setting)
    assert not problems, problems
    await keep(session, draft, shown, workspace_id=workspace_id, now=now)
    return written(shown, partial=True)


async def _kept(session: AsyncSession, session_id: SessionId) -> dict[int, Kept]:
    return {
        item.number: Kept(
            number=item.number, tool=item.tool, title=item.title, hash=item.hash, output=loads(item.output)
        )
        for item in await service.evidence_list(session, session_id)
    }
