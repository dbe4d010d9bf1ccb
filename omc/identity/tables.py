"""The rows of identity, typed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text
from sqlalchemy.orm import Mapped, mapped_column

from omc.kit.db import Base, TenantRow


class WorkspaceRow(Base):
    """A tenant."""

    __tablename__ = "identity_workspace"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class PersonRow(Base):
    """A person; without an email and a password, sign-in is by link only."""

    __tablename__ = "identity_person"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]


class MemberRow(TenantRow, Base):
    """A person in a workspace."""

    __tablename__ = "identity_member"
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    joined_at: Mapped[datetime]


class InstallationRow(Base):
    """What the installation made for itself on its first run."""

    __tablename__ = "identity_installation"
    single: Mapped[bool] = mapped_column(primary_key=True, default=True)
    home_workspace: Mapped[UUID]
    home_owner: Mapped[UUID]
    claimed_at: Mapped[datetime | None]


class SessionRow(TenantRow, Base):
    """A signed-in browser."""

    __tablename__ = "identity_session"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    token_hash: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    opened_by: Mapped[str]
    agent: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class TokenRow(TenantRow, Base):
    """An API token; `hint` is its visible end."""

    __tablename__ = "identity_token"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    name: Mapped[str]
    hint: Mapped[str]
    token_hash: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class LinkRow(TenantRow, Base):
    """A one-time sign-in link."""

    __tablename__ = "identity_link"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
