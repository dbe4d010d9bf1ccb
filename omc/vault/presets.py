"""Presets: a model with its settings, saved under a name."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.reason import Reason
from omc.kit import events
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.vault import rules
from omc.vault.service import get_credential
from omc.vault.tables import PresetRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A preset's content; None leaves a setting to the provider, or the model to the session."""

    name: str
    credential_id: UUID | None = None
    model: str | None = None
    temperature: Decimal | None = None
    max_tokens: int | None = None
    top_p: Decimal | None = None
    effort: str | None = None


async def list_presets(session: AsyncSession) -> list[PresetRow]:
    """Return the workspace's presets by name; at most MAX_PRESETS exist."""
    return list(await session.scalars(select(PresetRow).order_by(func.lower(PresetRow.name), PresetRow.id)))


async def get_preset(session: AsyncSession, preset_id: UUID) -> PresetRow:
    """Return one preset."""
    row = await session.scalar(select(PresetRow).where(PresetRow.id == preset_id))
    if row is None:
        raise Refusal("no_such_preset", 404, "There is no such preset. It may have been deleted.")
    return row


async def add_preset(session: AsyncSession, preset: Preset, *, workspace: UUID, by: UUID, now: datetime) -> PresetRow:
    """Save a preset."""
    await _check(session, preset)
    if (await session.scalar(select(func.count()).select_from(PresetRow)) or 0) >= rules.MAX_PRESETS:
        raise Refusal("too_many_presets", 409, f"There are {rules.MAX_PRESETS} presets. Delete one first.")
    row = PresetRow(workspace_id=workspace, id=new_id(), created_at=now, **asdict(preset))
    session.add(row)
    await _flush(session, preset.name)
    await _audit(session, "preset.saved", row, by)
    return row


async def change_preset(
    session: AsyncSession, preset_id: UUID, changes: Mapping[str, object], *, by: UUID
) -> PresetRow:
    """Change a preset's content; sessions that took it keep what they took."""
    row = await get_preset(session, preset_id)
    for name, value in changes.items():
        setattr(row, name, value)
    content = Preset(
        name=row.name,
        credential_id=row.credential_id,
        model=row.model,
        temperature=row.temperature,
        max_tokens=row.max_tokens,
        top_p=row.top_p,
        effort=row.effort,
    )
    with session.no_autoflush:
        await _check(session, content)
    await _flush(session, row.name)
    await _audit(session, "preset.saved", row, by)
    return row


async def delete_preset(session: AsyncSession, preset_id: UUID, *, by: UUID) -> None:
    """Delete a preset; sessions that took it keep what they took."""
    row = await get_preset(session, preset_id)
    await session.execute(delete(PresetRow).where(PresetRow.id == preset_id))
    await _audit(session, "preset.deleted", row, by)


async def _check(session: AsyncSession, preset: Preset) -> None:
    reasons = (
        rules.check_model(preset.model, "/model"),
        rules.check_settings(
            temperature=preset.temperature, top_p=preset.top_p, max_tokens=preset.max_tokens, effort=preset.effort
        ),
    )
    for reason in reasons:
        if isinstance(reason, Reason):
            raise Refusal(reason.code, 422, reason.text, place=reason.place)
    if preset.credential_id is not None:
        await get_credential(session, preset.credential_id)


async def _flush(session: AsyncSession, name: str) -> None:
    try:
        await session.flush()
    except IntegrityError:
        text = f"There is a preset called “{name}” already. Give another name."
        raise Refusal("name_taken", 409, text, place="/name") from None


async def _audit(session: AsyncSession, kind: str, row: PresetRow, by: UUID) -> None:
    await events.audit(session, kind, {"by": str(by), "preset": str(row.id), "name": row.name, "model": row.model})
