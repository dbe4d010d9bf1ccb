"""A stored report read back: its draft rendered against the evidence that stood when it was written."""

from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import SessionId
from omc.kit.errors import Refusal
from omc.lab import service
from omc.lab.evidence import loads
from omc.lab.rendering import Kept, Setting, render
from omc.lab.report import Report, ReportDraft


async def published(session: AsyncSession, session_id: SessionId) -> Report:
    """Return a session's report as it is shown; refused while there is none."""
    row = await service.read(session, session_id)
    stored = await service.newest_report(session, session_id)
    if stored is None:
        raise Refusal("no_report", 404, "This session has no report yet. It appears when the session has written one.")
    kept = {
        item.number: Kept(
            number=item.number, tool=item.tool, title=item.title, hash=item.hash, output=loads(item.output)
        )
        for item in await service.evidence_list(session, session_id)
        if item.number <= stored.evidence
    }
    setting = Setting(
        session_id=session_id,
        question=row.goal,
        model=row.model,
        as_of=row.as_of,
        created_at=stored.created_at,
        said=await service.person_texts(session, session_id),
        kept=kept,
    )
    shown, _ = render(ReportDraft.model_validate_json(stored.document), setting)
    return shown
