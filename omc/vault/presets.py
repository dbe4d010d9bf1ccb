"""Presets: a model with its settings, saved under a name."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit import events
from omc.kit.errors import Refusal
from omc.kit.ids import new_id
from omc.vault import rules
from omc.vault.service import get_credential
from omc.vault.tables import PresetRow


async def list_presets(session: AsyncSession) -> list[PresetRow]:
    """Return the workspace's presets by name; at most MAX_PRESETS exist."""
    return list(await session.scalars(select(PresetRow).order_by(func.lower(PresetRow.name), PresetRow.id)))


async def get_preset(session: AsyncSession, preset_id: UUID) -> PresetRow:
    """Return one preset."""
    row = await session.scalar(select(PresetRow).where(PresetRow.id == preset_id))
    if row is None:
        raise Refusal("no_such_preset", 404, "There is no such preset. It may have been deleted.")
    return row


async def add_preset(
    session: AsyncSession, settings: Mapping[str, object], *, workspace: UUID, by: UUID, now: datetime
) -> PresetRow:
    """Save a preset; `settings` are columns of its row, the name among them."""
    if (await session.scalar(select(func.count()).select_from(PresetRow)) or 0) >= rules.MAX_PRESETS:
        raise Refusal("too_many_presets", 409, f"There are {rules.MAX_PRESETS} presets. Delete one first.")
    row = PresetRow(workspace_id=workspace, id=new_id(), created_at=now, **settings)
    await _check(session, row)
    session.add(row)
    await _flush(session, row.name)
    await _audit(session, "preset.saved", row, by)
    return row


async def change_preset(
    session: AsyncSession, preset_id: UUID, settings: Mapping[str, object], *, by: UUID
) -> PresetRow:
    """Change a preset; sessions that took it keep what they took."""
    row = await get_preset(session, preset_id)
    for name, value in settings.items():
        setattr(row, name, value)
    with session.no_autoflush:
        await _check(session, row)
    await _flush(session, row.name)
    await _audit(session, "preset.saved", row, by)
    return row


async def delete_preset(session: AsyncSession, preset_id: UUID, *, by: UUID) -> None:
    """Delete a preset; sessions that took it keep what they took."""
    row = await get_preset(session, preset_id)
    await session.execute(delete(PresetRow).where(PresetRow.id == preset_id))
    await _audit(session, "preset.deleted", row, by)


async def _check(session: AsyncSession, preset: PresetRow) -> None:
    reasons = (
        rules.check_model(preset.model, "/model"),
        rules.check_settings(
            temperature=preset.temperature, top_p=preset.top_p, max_tokens=preset.max_tokens, effort=preset.effort
        ),
    )
    for reason in reasons:
        if reason is not None:
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
