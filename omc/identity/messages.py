"""What identity's routes take and give, as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from omc.identity import rules
from omc.identity.rules import Scope

MAX_PROOF = 200


class Wanted(BaseModel):
    """Base of what clients send: nothing unknown, nothing coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Setup(BaseModel):
    """Whether the installation still waits for its owner, and whether the one who asks is signed in."""

    needs_owner: bool
    signed_in: bool


class LinkUse(Wanted):
    """A one-time link's proof."""

    token: SecretStr = Field(min_length=1, max_length=MAX_PROOF)


class Login(Wanted):
    """An address and its password."""

    email: str = Field(max_length=rules.MAX_EMAIL, examples=["owner@example.org"])
    password: SecretStr = Field(max_length=rules.MAX_PASSWORD, examples=["several words are good"])


class AccountSetup(Login):
    """What the owner's account is made of; `token` is the link's, unless a link has just signed this browser in."""

    token: SecretStr | None = Field(default=None, max_length=MAX_PROOF)
    name: str = Field(min_length=1, max_length=100, examples=["Ada"])


class PersonAnswer(BaseModel):
    """A person."""

    id: UUID
    name: str
    email: str | None


class WorkspaceAnswer(BaseModel):
    """A workspace."""

    id: UUID
    name: str


class Me(BaseModel):
    """Who is signed in, and the value that his page sends in X-OMC-CSRF."""

    person: PersonAnswer
    workspace: WorkspaceAnswer
    scopes: list[Scope]
    csrf: str = Field(description="Empty for an API token, which needs none")
    needs_owner: bool


class TokenWish(Wanted):
    """An API token to make."""

    name: str = Field(min_length=1, max_length=100, examples=["notebook"])
    scopes: list[Annotated[Scope, Field(strict=False)]] = Field(
        min_length=1, max_length=len(Scope), examples=[["read"]]
    )
    life_days: int = Field(default=rules.TOKEN_LIFE_DAYS, ge=1, le=rules.MAX_TOKEN_LIFE_DAYS)


class TokenAnswer(BaseModel):
    """An API token; `hint` is its end."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    hint: str = Field(examples=["k3Zq"])
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime


class NewToken(TokenAnswer):
    """A new API token, shown this once."""

    token: str = Field(examples=["omc_…"])


class Tokens(BaseModel):
    """All API tokens of the workspace, newest first."""

    items: list[TokenAnswer]
    next: str | None = None
