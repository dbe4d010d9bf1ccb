"""The verbs of identity: make a workspace and its owner, open and end sessions, issue and use links and tokens."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import PersonId, WorkspaceId
from omc.identity import rules
from omc.identity.rules import Caller, OpenedBy, Role, Scope
from omc.identity.tables import (
    InstallationRow,
    LinkRow,
    MemberRow,
    PersonRow,
    SessionRow,
    TokenRow,
    WorkspaceRow,
)
from omc.kit import events
from omc.kit.db import enter
from omc.kit.errors import Refusal
from omc.kit.ids import new_id

PROOF_BYTES = 32
MAX_AGENT = 200
HOME_NAME = "Home"
OWNER_NAME = "Owner"
_FIRST_RUN_LOCK = 5_502_771_934  # any fixed number: two first runs take turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A person in a workspace."""

    workspace_id: WorkspaceId
    person_id: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a sign-in by password compares with."""

    person_id: PersonId
    password_hash: str | None


# --- workspaces and people --------------------------------------------------------------------------------------------


async def ensure_local_owner(session: AsyncSession, *, now: datetime) -> Membership:
    """Return the installation's own workspace and owner, made on the first call; the session goes on there."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _FIRST_RUN_LOCK})
    row = await session.scalar(select(InstallationRow))
    if row is not None:
        await enter(session, row.home_workspace)
        return Membership(workspace_id=WorkspaceId(row.home_workspace), person_id=PersonId(row.home_owner))
    owner = await open_workspace(session, name=HOME_NAME, owner_name=OWNER_NAME, now=now)
    session.add(InstallationRow(home_workspace=owner.workspace_id, home_owner=owner.person_id, claimed_at=None))
    await session.flush()
    return owner


async def open_workspace(session: AsyncSession, *, name: str, owner_name: str, now: datetime) -> Membership:
    """Make a workspace with an owner who has no password yet; the session goes on as that workspace."""
    owner = Membership(workspace_id=WorkspaceId(new_id()), person_id=PersonId(new_id()))
    await enter(session, owner.workspace_id)
    session.add(WorkspaceRow(id=owner.workspace_id, name=name, created_at=now))
    await session.flush()
    session.add(
        MemberRow(workspace_id=owner.workspace_id, person_id=owner.person_id, role=Role.OWNER.value, joined_at=now)
    )
    await session.flush()
    session.add(PersonRow(id=owner.person_id, email=None, name=owner_name, password_hash=None, created_at=now))
    await session.flush()
    await events.audit(session, "workspace.opened", {"person": str(owner.person_id)})
    return owner


async def needs_owner(session: AsyncSession) -> bool:
    """Tell whether nobody has made the owner's account yet."""
    claimed_at = await session.scalar(select(InstallationRow.claimed_at))
    return claimed_at is None


async def describe(session: AsyncSession, caller: Caller) -> tuple[PersonRow, WorkspaceRow]:
    """Return who the caller is and where."""
    person = await session.get_one(PersonRow, caller.person_id)
    return person, await session.get_one(WorkspaceRow, caller.workspace_id)


async def person_names(session: AsyncSession) -> dict[str, str]:
    """Return the names of the workspace's people by their ids as text, for those who show who did what."""
    statement = select(PersonRow.id, PersonRow.name).join(MemberRow, MemberRow.person_id == PersonRow.id)
    return {str(row.id): row.name for row in await session.execute(statement)}


async def set_account(
    session: AsyncSession, person_id: PersonId, *, email: str, name: str, password_hash: str, now: datetime
) -> None:
    """Give a person an address and a new password, and end every session of his that was open before."""
    changed = update(PersonRow).where(PersonRow.id == person_id)
    try:
        await session.execute(changed.values(email=email, name=name, password_hash=password_hash))
    except IntegrityError:
        raise Refusal("email_in_use", 409, "Choose another address; this one cannot be used.", place="/email") from None
    await session.execute(delete(SessionRow).where(SessionRow.person_id == person_id))
    claimed = update(InstallationRow).where(
        InstallationRow.home_owner == person_id, InstallationRow.claimed_at.is_(None)
    )
    await session.execute(claimed.values(claimed_at=now))
    await events.audit(session, "person.account_set", {"person": str(person_id), "email": email})


async def has_password(session: AsyncSession, person_id: PersonId) -> bool:
    """Tell whether a person can sign in by password."""
    found = await session.scalar(select(PersonRow.password_hash).where(PersonRow.id == person_id))
    return found is not None


async def find_account(session: AsyncSession, email: str) -> Account | None:
    """Return the account of an address, in a session that presents it."""
    row = await session.scalar(select(PersonRow).where(PersonRow.email == email))
    return None if row is None else Account(person_id=PersonId(row.id), password_hash=row.password_hash)


async def find_home(session: AsyncSession, person_id: PersonId) -> WorkspaceId | None:
    """Return the workspace that a person joined first, in a session that presents the person's id."""
    query = select(MemberRow.workspace_id).where(MemberRow.person_id == person_id).order_by(MemberRow.joined_at)
    found = await session.scalar(query.limit(1))
    return None if found is None else WorkspaceId(found)


# --- sessions of a browser --------------------------------------------------------------------------------------------


async def open_session(
    session: AsyncSession, *, person_id: PersonId, opened_by: OpenedBy, agent: str, now: datetime
) -> tuple[str, Caller]:
    """Sign a member in to the session's workspace; returns the proof for the cookie, which is stored nowhere."""
    member = await session.scalar(select(MemberRow).where(MemberRow.person_id == person_id))
    if member is None:
        raise Refusal("not_a_member", 403, "You are not a member of this workspace. Ask its owner for an invitation.")
    proof = secrets.token_urlsafe(PROOF_BYTES)
    row = SessionRow(
        workspace_id=member.workspace_id,
        id=new_id(),
        person_id=person_id,
        token_hash=rules.stored_form(proof),
        scopes=sorted(rules.ROLE_SCOPES[Role(member.role)]),
        opened_by=opened_by.value,
        agent=agent[:MAX_AGENT],
        created_at=now,
        seen_at=now,
        expires_at=now + rules.SESSION_LIFE,
    )
    session.add(row)
    await session.execute(delete(SessionRow).where(SessionRow.person_id == person_id, SessionRow.expires_at < now))
    await events.audit(session, "person.signed_in", {"person": str(person_id), "by": opened_by.value})
    return proof, _cookie_caller(row, now)


async def find_session(session: AsyncSession, proof: str, now: datetime) -> Caller | None:
    """Return who holds this proof, in a session that presents its stored form; marks it as used now and then."""
    row = await session.scalar(select(SessionRow).where(SessionRow.token_hash == rules.stored_form(proof)))
    if row is None or not rules.session_is_alive(now, seen_at=row.seen_at, expires_at=row.expires_at):
        return None
    if now - row.seen_at > rules.SESSION_TOUCH:
        await enter(session, row.workspace_id)
        row.seen_at = now
    return _cookie_caller(row, now)


def _cookie_caller(row: SessionRow, now: datetime) -> Caller:
    return Caller(
        person_id=PersonId(row.person_id),
        workspace_id=WorkspaceId(row.workspace_id),
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        by_cookie=True,
        claims_account=rules.claims_account(now, opened_by=row.opened_by, created_at=row.created_at),
    )


async def end_session(session: AsyncSession, proof: str) -> None:
    """Sign out."""
    await session.execute(delete(SessionRow).where(SessionRow.token_hash == rules.stored_form(proof)))


# --- one-time links ---------------------------------------------------------------------------------------------------


async def issue_link(session: AsyncSession, person_id: PersonId, *, now: datetime) -> str:
    """Return the proof of a new link that signs a member of the session's workspace in, once."""
    member = await session.scalar(select(MemberRow).where(MemberRow.person_id == person_id))
    assert member is not None, "a link is for a member"
    proof = secrets.token_urlsafe(PROOF_BYTES)
    session.add(
        LinkRow(
            workspace_id=member.workspace_id,
            id=new_id(),
            person_id=person_id,
            token_hash=rules.stored_form(proof),
            created_at=now,
            expires_at=now + rules.LINK_LIFE,
            used_at=None,
        )
    )
    await session.flush()
    await events.audit(session, "link.issued", {"person": str(person_id)})
    return proof


async def use_link(session: AsyncSession, proof: str, *, now: datetime) -> Membership:
    """Use a link up, in a session that presents its stored form and goes on as its workspace; refuses a second use."""
    row = await session.scalar(select(LinkRow).where(LinkRow.token_hash == rules.stored_form(proof)))
    if row is not None:
        await enter(session, row.workspace_id)
        used = update(LinkRow).where(LinkRow.id == row.id, LinkRow.used_at.is_(None), LinkRow.expires_at > now)
        if await session.scalar(used.values(used_at=now).returning(LinkRow.id)) is not None:
            return Membership(workspace_id=WorkspaceId(row.workspace_id), person_id=PersonId(row.person_id))
    raise Refusal("link_spent", 401, "This sign-in link was used or has expired. Run `omc link` for a new one.")


# --- API tokens -------------------------------------------------------------------------------------------------------


async def issue_token(
    session: AsyncSession, caller: Caller, *, name: str, scopes: Iterable[Scope], life_days: int, now: datetime
) -> tuple[TokenRow, str]:
    """Make an API token of the caller's; returns its row, and the token itself, which is stored nowhere."""
    granted = rules.with_implied(scopes)
    if not granted <= caller.scopes:
        raise Refusal("scope_not_held", 403, "A token cannot do more than you can. Leave the other scopes out.")
    if (await session.scalar(select(func.count()).select_from(TokenRow)) or 0) >= rules.MAX_TOKENS:
        raise Refusal("too_many_tokens", 409, f"There are {rules.MAX_TOKENS} tokens already. Revoke one first.")
    proof = rules.TOKEN_PREFIX + secrets.token_urlsafe(PROOF_BYTES)
    row = TokenRow(
        workspace_id=caller.workspace_id,
        id=new_id(),
        person_id=caller.person_id,
        name=name,
        hint=proof[-4:],
        token_hash=rules.stored_form(proof),
        scopes=sorted(granted),
        created_at=now,
        expires_at=now + timedelta(days=life_days),
    )
    session.add(row)
    await session.flush()
    audited = {"person": str(caller.person_id), "token": str(row.id), "scopes": list(row.scopes)}
    await events.audit(session, "token.issued", audited)
    return row, proof


async def list_tokens(session: AsyncSession) -> list[TokenRow]:
    """Return the workspace's tokens, newest first; at most MAX_TOKENS exist."""
    return list(await session.scalars(select(TokenRow).order_by(TokenRow.id.desc())))


async def revoke_token(session: AsyncSession, caller: Caller, token_id: UUID) -> None:
    """Make a token worthless at once."""
    gone = await session.scalar(delete(TokenRow).where(TokenRow.id == token_id).returning(TokenRow.id))
    if gone is None:
        raise Refusal("no_such_token", 404, "There is no such token. It may have been revoked already.")
    await events.audit(session, "token.revoked", {"person": str(caller.person_id), "token": str(token_id)})


async def find_token(session: AsyncSession, proof: str, now: datetime) -> Caller | None:
    """Return who holds this token, in a session that presents its stored form."""
    row = await session.scalar(select(TokenRow).where(TokenRow.token_hash == rules.stored_form(proof)))
    if row is None or row.expires_at <= now:
        return None
    return Caller(
        person_id=PersonId(row.person_id),
        workspace_id=WorkspaceId(row.workspace_id),
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        by_cookie=False,
    )
