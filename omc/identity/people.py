"""People who may only watch: an owner invites them into the workspace by a link, and takes them out again.

A viewer reads all that the workspace has and changes nothing of it: the role holds the scope `read` alone, and every
route that changes something asks for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import PersonId, WorkspaceId
from omc.identity.rules import Role
from omc.identity.service import issue_link
from omc.identity.tables import MemberRow, PersonRow
from omc.kit import events
from omc.kit.errors import Refusal
from omc.kit.ids import new_id

MAX_PEOPLE = 100
"""Of one workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in the workspace, and what he may do there."""

    id: UUID
    name: str
    role: Role
    joined_at: datetime


async def people(session: AsyncSession) -> Sequence[Member]:
    """Return everybody in the workspace, in the order in which they came; at most MAX_PEOPLE are let in."""
    query = select(PersonRow.id, PersonRow.name, MemberRow.role, MemberRow.joined_at)
    rows = await session.execute(
        query.join(MemberRow, MemberRow.person_id == PersonRow.id).order_by(MemberRow.joined_at, PersonRow.id)
    )
    return [Member(id=row.id, name=row.name, role=Role(row.role), joined_at=row.joined_at) for row in rows]


async def invite(
    session: AsyncSession, *, workspace_id: WorkspaceId, name: str, by: PersonId, now: datetime
) -> tuple[Member, str]:
    """Let somebody in who may only watch; returns also the proof of a link that signs him in once."""
    if (await session.scalar(select(func.count()).select_from(MemberRow)) or 0) >= MAX_PEOPLE:
        raise Refusal("too_many_people", 409, f"{MAX_PEOPLE} people are in this workspace already. Remove one first.")
    person_id = PersonId(new_id())
    session.add(MemberRow(workspace_id=workspace_id, person_id=person_id, role=Role.VIEWER.value, joined_at=now))
    await session.flush()
    session.add(PersonRow(id=person_id, email=None, name=name, password_hash=None, created_at=now))
    await session.flush()
    await events.audit(session, "viewer.invited", {"person": str(person_id), "name": name, "by": str(by)})
    proof = await issue_link(session, person_id, now=now)
    return Member(id=person_id, name=name, role=Role.VIEWER, joined_at=now), proof


async def remove(session: AsyncSession, person_id: UUID, *, by: PersonId) -> None:
    """Take a viewer out: his sessions, tokens and links are worthless at once."""
    await _viewer(session, person_id)
    await session.execute(delete(MemberRow).where(MemberRow.person_id == person_id))
    await events.audit(session, "viewer.removed", {"person": str(person_id), "by": str(by)})


async def _viewer(session: AsyncSession, person_id: UUID) -> None:
    found = await session.scalar(select(MemberRow.role).where(MemberRow.person_id == person_id))
    if found != Role.VIEWER:
        raise Refusal("no_such_viewer", 404, "There is no such viewer in this workspace.")
