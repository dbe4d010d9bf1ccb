"""A stored report read back: its draft rendered against the evidence and the calls that stood when it was written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.canonical import canonical, digest
from omc.core.ids import SessionId, WorkspaceId
from omc.engine import claims, trials
from omc.kit.errors import Refusal
from omc.lab import branches, findings, service
from omc.lab.evidence import loads
from omc.lab.rendering import Setting, render
from omc.lab.report import Registered, Report, ReportDraft, Span, TextBlock, UnverifiedSpan
from omc.lab.rules import EntryKind
from omc.lab.tables import EntryRow, EvidenceRow, ReportRow, SessionRow, StepRow
from omc.lab.trying import Called, Kept

_NOT_HASHED = {"session_id", "created_at", "registered"}
"""What of a report is not its content: a replay has another session, and the register is not of the record."""


async def published(session: AsyncSession, session_id: SessionId) -> Report:
    """Return a session's report as it is shown; refused while there is none."""
    row = await service.read(session, session_id)
    stored = await service.newest_report(session, session_id)
    if stored is None:
        raise Refusal("no_report", 404, "This session has no report yet. It appears when the session has written one.")
    return await rendered(session, row, stored)


async def rendered(session: AsyncSession, row: SessionRow, stored: ReportRow) -> Report:
    """Return a stored report as it is shown, whichever of its session's it is."""
    setting = await setting_of(session, row, now=stored.created_at, stored=stored)
    return render(ReportDraft.model_validate_json(stored.document), setting)[0]


async def setting_of(
    session: AsyncSession, row: SessionRow, *, now: datetime, stored: ReportRow | None = None
) -> Setting:
    """Return what a report written at `now` needs to know of its session; one that is `stored`, what stood then."""
    session_id = SessionId(row.id)
    until = None if stored is None else stored.evidence
    kept, stale = await _kept(session, session_id, None if stored is None else stored.position)
    held = await registered(session, [session_id], until=now)
    return Setting(
        session_id=session_id,
        question=row.goal,
        model=row.model,
        as_of=row.as_of if stored is None or stored.as_of is None else stored.as_of,
        created_at=now,
        said=await service.person_texts(session, session_id),
        kept={number: item for number, item in kept.items() if until is None or number <= until},
        stale={number: item for number, item in stale.items() if until is None or number <= until},
        calls=await _calls(session, session_id, now),
        registered=held[session_id],
    )


async def registered(
    session: AsyncSession, session_ids: Sequence[UUID], *, until: datetime | None = None
) -> dict[UUID, Registered]:
    """Return what the register of trials holds of each session, or held at an instant."""
    asked = {one: f"session:{one}" for one in session_ids}
    counted = await trials.asked_by(session, list(asked.values()), until=until)
    return {
        one: Registered(
            runs=counted[name].runs,
            parameter_sets=counted[name].combinations,
            failed=counted[name].failed,
            unfinished=counted[name].unfinished,
        )
        for one, name in asked.items()
    }


def content_hash(shown: Report) -> str:
    """Return the hash of what a report says, by which a replay is held against it."""
    return digest(shown.model_dump(mode="json", exclude=_NOT_HASHED))


def written(shown: Report, **more: object) -> tuple[str, Mapping[str, object]]:
    """Return the event that tells of a report."""
    version = None if shown.version_id is None else str(shown.version_id)
    return "report", {"version_id": version, "unverified": shown.unverified, **more}


async def keep(session: AsyncSession, draft: ReportDraft, shown: Report, *, workspace_id: WorkspaceId) -> None:
    """Store a report as it was written, with the evidence that stands now, and what it claims of its versions."""
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
            hash=content_hash(shown),
            as_of=shown.as_of,
            created_at=shown.created_at,
            position=await service.last_position(session, session_id),
        )
    )
    await _note_claims(session, shown)


async def keep_partial(
    session: AsyncSession, *, workspace_id: WorkspaceId, session_id: SessionId, why: str, now: datetime
) -> tuple[str, Mapping[str, object]]:
    """Put a report together from what the session had found when it had to end; returns the event that tells it."""
    setting = await setting_of(session, await service.read(session, session_id), now=now)
    results = {item.tool: {**item.output, "evidence": number} for number, item in setting.kept.items()}
    draft = ReportDraft.model_validate(findings.so_far(results, why))
    shown, problems = render(draft, setting)
    assert not problems, problems
    await keep(session, draft, shown, workspace_id=workspace_id)
    return written(shown, partial=True)


async def kept_of(session: AsyncSession, session_id: SessionId) -> dict[int, Kept]:
    """Return the evidence of a session that is not stale, by number."""
    return (await _kept(session, session_id, None))[0]


async def _kept(
    session: AsyncSession, session_id: SessionId, at: int | None
) -> tuple[dict[int, Kept], dict[int, Kept]]:
    """Return what was not stale, and what was, when the transcript reached as far as `at`."""
    gone = await branches.stale_steps(session, session_id, at=at)
    living, stale = dict[int, Kept](), dict[int, Kept]()
    for item in await service.evidence_list(session, session_id):
        (stale if item.step in gone else living)[item.number] = Kept(
            number=item.number,
            tool=item.tool,
            title=item.title,
            hash=item.hash,
            output=loads(item.output),
            created_at=item.created_at,
        )
    return living, stale


def unverified_in(shown: Report) -> list[UnverifiedSpan]:
    """Return what a report's prose says without evidence, in order."""
    spans: list[Span] = [*shown.answer_spans, *shown.confidence_because]
    for section in shown.sections:
        spans += [span for block in section.blocks if isinstance(block, TextBlock) for span in block.spans]
    return [span for span in spans if isinstance(span, UnverifiedSpan)]


async def _calls(session: AsyncSession, session_id: SessionId, now: datetime) -> list[Called]:
    query = (
        select(EntryRow.step, EntryRow.body, StepRow.title)
        .join(StepRow, (StepRow.session_id == EntryRow.session_id) & (StepRow.number == EntryRow.step))
        .where(EntryRow.session_id == session_id, EntryRow.kind == EntryKind.TOOL, EntryRow.created_at <= now)
        .order_by(EntryRow.position)
    )
    return [_called(step, loads(body), title) for step, body, title in (await session.execute(query)).all()]


def _called(step: int, body: Mapping[str, object], title: str) -> Called:
    content, number = body["content"], body.get("evidence")
    assert isinstance(content, Mapping)
    return Called(
        step=step,
        tool=str(body["tool"]),
        title=title,
        ok=bool(body["ok"]),
        evidence=number if isinstance(number, int) else None,
        words="" if body["ok"] else str(content.get("error", "")),
    )


async def _note_claims(session: AsyncSession, shown: Report) -> None:
    first = next((span.unverified for span in unverified_in(shown) if span.why == "claim"), "a claim in a heading")
    kept = await kept_of(session, SessionId(shown.session_id))
    tested = {
        item.output["version_id"]
        for item in kept.values()
        if "trials_count" in item.output and "version_id" in item.output
    }
    for version_id in sorted(await claims.known(session, {UUID(str(one)) for one in tested})):
        await claims.note(
            session,
            version_id,
            source=f"session:{shown.session_id}",
            unverified=shown.claims,
            words=first if shown.claims else "",
            now=shown.created_at,
        )
