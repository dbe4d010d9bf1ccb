"""Routes by which an owner lets people in who may only watch."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from omc.identity import people
from omc.identity.api import Admin, Tx
from omc.identity.messages import Wanted
from omc.identity.rules import Role
from omc.kit.http import Wired

router = APIRouter(prefix="/identity", tags=["identity"])


class Invitation(Wanted):
    """Who shall be able to watch."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$", examples=["Ada"])


class MemberAnswer(BaseModel):
    """A person in the workspace; a viewer sees everything and changes nothing."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    role: Role
    joined_at: datetime


class Invited(BaseModel):
    """A viewer, and the one-time link that signs him in, shown this once."""

    person: MemberAnswer
    path: str = Field(description="behind this site's address; good once, for half an hour", examples=["/link#…"])


class People(BaseModel):
    """Everybody in the workspace."""

    items: list[MemberAnswer]
    next: None = None


@router.get("/people")
async def list_people(_caller: Admin, session: Tx) -> People:
    """List everybody in the workspace."""
    return People(items=[MemberAnswer.model_validate(one) for one in await people.people(session)])


@router.post("/viewers", status_code=201)
async def invite(body: Invitation, caller: Admin, session: Tx, wired: Wired) -> Invited:
    """Let somebody in who may watch everything and change nothing."""
    found, proof = await people.invite(
        session, workspace_id=caller.workspace_id, name=body.name.strip(), by=caller.person_id, now=wired.clock()
    )
    return Invited(person=MemberAnswer.model_validate(found), path=f"/link#{proof}")


@router.delete("/viewers/{person_id}", status_code=204)
async def remove_viewer(person_id: UUID, caller: Admin, session: Tx) -> None:
    """Take a viewer out of the workspace at once."""
    await people.remove(session, person_id, by=caller.person_id)
