"""Routes of identity, and the dependencies by which every slice learns who asks and works in his workspace."""

import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from omc.core.ids import PersonId
from omc.core.reason import Reason
from omc.identity import passwords, rules, service
from omc.identity.messages import (
    MAX_PROOF,
    AccountSetup,
    LinkUse,
    Login,
    Me,
    NewToken,
    PersonAnswer,
    Setup,
    TokenAnswer,
    Tokens,
    TokenWish,
    WorkspaceAnswer,
)
from omc.identity.rules import Caller, OpenedBy, Scope
from omc.identity.service import Membership
from omc.identity.tables import TokenRow
from omc.identity.throttle import ACCOUNT, CLIENT, Throttle, client_key
from omc.kit.errors import Refusal
from omc.kit.http import Resources, Wired, resources
from omc.kit.secret import Secret
from omc.kit.shield import SAFE_METHODS

COOKIE = "omc_session"
_PORT = re.compile(r":(\d{1,5})$")
CSRF_HEADER = "x-omc-csrf"
MAX_STREAMS = 64
"""Of one person in one process. All tabs of a browser share one; each costs some queries every few seconds."""
STREAM_RETRY_S = 5

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/identity", tags=["identity"])


# --- who asks ---------------------------------------------------------------------------------------------------------


async def maybe_signed(request: Request) -> Caller | None:
    """Dependency: who asks, or None when nothing valid was shown. A token outranks a cookie."""
    wired = resources(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await _by_token(wired, token.strip())
    if proof := request.cookies.get(_cookie(request), ""):
        caller = await _by_cookie(wired, proof)
        if caller is not None and request.method not in SAFE_METHODS:
            _require_csrf(request, proof)
        return caller
    return None


async def signed(caller: Annotated[Caller | None, Depends(maybe_signed)]) -> Caller:
    """Dependency: who asks; refuses a stranger."""
    if caller is None:
        raise Refusal("not_signed_in", 401, "Sign in first, or send a valid API token.")
    return caller


Signed = Annotated[Caller, Depends(signed)]


@dataclass(frozen=True, slots=True)
class Holding:
    """Dependency: who asks; refuses a caller without `scope`."""

    scope: Scope

    async def __call__(self, caller: Signed) -> Caller:
        """Return the caller."""
        if self.scope not in caller.scopes:
            text = f"This needs the scope `{self.scope.value}`, which you do not have here."
            raise Refusal("scope_missing", 403, text)
        return caller


Reader = Annotated[Caller, Depends(Holding(Scope.READ))]
Writer = Annotated[Caller, Depends(Holding(Scope.WRITE))]
Trader = Annotated[Caller, Depends(Holding(Scope.TRADE))]
Admin = Annotated[Caller, Depends(Holding(Scope.ADMIN))]


async def transaction(caller: Signed, wired: Wired) -> AsyncIterator[AsyncSession]:
    """Dependency: one transaction in the caller's workspace."""
    async with wired.database.session(caller.workspace_id) as session:
        yield session


Tx = Annotated[AsyncSession, Depends(transaction, scope="function")]
"""Committed before the answer is sent, rolled back when the route raises."""


def presence(request: Request) -> Callable[[], Awaitable[bool]]:
    """Dependency: asks again, during a long answer, whether the caller is still signed in."""

    async def present() -> bool:
        return await maybe_signed(request) is not None

    return present


Present = Annotated[Callable[[], Awaitable[bool]], Depends(presence)]


async def streaming(request: Request, caller: Reader) -> AsyncIterator[Caller]:
    """Dependency of an endless answer: who asks; refuses a caller who holds MAX_STREAMS of them open."""
    held: Counter[PersonId] = request.app.state.streams
    if held[caller.person_id] >= MAX_STREAMS:
        text = f"You hold {MAX_STREAMS} event streams open, which is the limit. Close one, or follow more topics in it."
        raise Refusal("too_many_streams", 429, text, retry_after_s=STREAM_RETRY_S)
    held[caller.person_id] += 1
    try:
        yield caller
    finally:
        held[caller.person_id] -= 1
        if not held[caller.person_id]:
            del held[caller.person_id]


Streamer = Annotated[Caller, Depends(streaming)]
"""Counted until the last byte of the answer is sent or its reader is gone."""


async def _by_token(wired: Resources, proof: str) -> Caller | None:
    if not proof.startswith(rules.TOKEN_PREFIX) or len(proof) > MAX_PROOF:
        return None
    async with wired.database.presenting(rules.stored_form(proof)) as session:
        return await service.find_token(session, proof, wired.clock())


async def _by_cookie(wired: Resources, proof: str) -> Caller | None:
    if len(proof) > MAX_PROOF:
        return None
    async with wired.database.presenting(rules.stored_form(proof)) as session:
        return await service.find_session(session, proof, wired.clock())


def _cookie(request: Request) -> str:
    """Return the name of the cookie, with the port the browser sees: the ports of a host share their cookies."""
    port = _PORT.search(request.headers.get("host", ""))
    return COOKIE if port is None else f"{COOKIE}_{port[1]}"


def _require_csrf(request: Request, proof: str) -> None:
    if not rules.same_text(request.headers.get(CSRF_HEADER, ""), rules.csrf_value(proof)):
        text = (
            "The page that sent this is out of date. Reload it, or send the csrf value of /identity/me in X-OMC-CSRF."
        )
        raise Refusal("csrf", 403, text)


# --- signing in and out -----------------------------------------------------------------------------------------------


@router.get("/setup")
async def setup_state(wired: Wired, caller: Annotated[Caller | None, Depends(maybe_signed)]) -> Setup:
    """Tell whether the owner's account must still be made, and whether you are signed in; a stranger is not refused."""
    async with wired.database.session(None) as session:
        return Setup(needs_owner=await service.needs_owner(session), signed_in=caller is not None)


@router.post("/link")
async def use_link(body: LinkUse, request: Request, response: Response, wired: Wired) -> Me:
    """Sign in with a one-time link."""
    async with _spent_link(request, wired, body.token.get_secret_value()) as (session, member):
        return await _sign_in(session, member.person_id, OpenedBy.LINK, request, response)


@router.post("/login")
async def login(body: Login, request: Request, response: Response, wired: Wired) -> Me:
    """Sign in with an email address and a password."""
    email = body.email.strip().lower()
    client = _client(request)
    throttle = _throttle(request)
    with throttle.attempt(CLIENT, client):
        throttle.count(ACCOUNT, f"{client} {email}")
        async with wired.database.presenting(email) as session:
            account = await service.find_account(session, email)
        stored = None if account is None else account.password_hash
        if not await passwords.password_matches(Secret(body.password.get_secret_value()), stored) or account is None:
            throttle.count(CLIENT, client)
            log.warning("login.refused", client=client)
            raise Refusal("wrong_credentials", 401, "This address and password do not belong together. Check both.")
    throttle.forgive(ACCOUNT, f"{client} {email}")
    async with wired.database.presenting(str(account.person_id)) as session:
        home = await service.find_home(session, account.person_id)
    if home is None:
        raise Refusal("no_workspace", 403, "You belong to no workspace. Ask an owner for an invitation.")
    async with wired.database.session(home) as session:
        return await _sign_in(session, account.person_id, OpenedBy.PASSWORD, request, response)


@router.post("/setup")
async def setup(
    body: AccountSetup,
    request: Request,
    response: Response,
    wired: Wired,
    caller: Annotated[Caller | None, Depends(maybe_signed)],
) -> Me:
    """Make the owner's account, or give it a new password, with a one-time link's proof or just after using one."""
    email = _taken(rules.normal_email(body.email))
    password = Secret(body.password.get_secret_value())
    if reason := rules.check_password(password.reveal(), email=email):
        raise _refusal(reason)
    if body.token is None:
        _require_claim(caller)
    with _throttle(request).attempt(CLIENT, _client(request)):
        password_hash = await passwords.hash_password(password)
    async with _claiming(request, wired, caller, body.token) as (session, member):
        await service.set_account(
            session, member.person_id, email=email, name=body.name, password_hash=password_hash, now=wired.clock()
        )
        return await _sign_in(session, member.person_id, OpenedBy.PASSWORD, request, response)


@router.post("/logout", status_code=204)
async def logout(_caller: Signed, request: Request, response: Response, session: Tx) -> None:
    """Sign out: the session ends, on this side too."""
    if proof := request.cookies.get(_cookie(request)):
        await service.end_session(session, proof)
    response.delete_cookie(_cookie(request), path="/", httponly=True, samesite="lax")


@router.get("/me")
async def me(caller: Signed, request: Request, session: Tx) -> Me:
    """Tell who is signed in."""
    proof = request.cookies.get(_cookie(request), "") if caller.by_cookie else ""
    return await _describe(session, caller, proof)


# --- API tokens -------------------------------------------------------------------------------------------------------


@router.get("/tokens")
async def list_tokens(_caller: Admin, session: Tx) -> Tokens:
    """List the workspace's API tokens."""
    return Tokens(items=[TokenAnswer.model_validate(row) for row in await service.list_tokens(session)])


@router.post("/tokens", status_code=201)
async def create_token(body: TokenWish, caller: Admin, session: Tx, wired: Wired) -> NewToken:
    """Make an API token; the answer shows it for the only time."""
    row, proof = await service.issue_token(
        session, caller, name=body.name, scopes=body.scopes, life_days=body.life_days, now=wired.clock()
    )
    return _new_token(row, proof)


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke_token(token_id: UUID, caller: Admin, session: Tx) -> None:
    """Make an API token worthless at once."""
    await service.revoke_token(session, caller, token_id)


# --- below ------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _spent_link(
    request: Request, wired: Resources, proof: str
) -> AsyncGenerator[tuple[AsyncSession, Membership]]:
    """One transaction that uses the link up: what fails in it leaves the link good for another try."""
    throttle, client = _throttle(request), _client(request)
    with throttle.attempt(CLIENT, client):
        async with wired.database.presenting(rules.stored_form(proof)) as session:
            try:
                member = await service.use_link(session, proof, now=wired.clock())
            except Refusal:
                throttle.count(CLIENT, client)
                raise
            yield session, member


@asynccontextmanager
async def _claiming(
    request: Request, wired: Resources, caller: Caller | None, token: SecretStr | None
) -> AsyncGenerator[tuple[AsyncSession, Membership]]:
    if token is not None:
        async with _spent_link(request, wired, token.get_secret_value()) as claimed:
            yield claimed
        return
    owner = _require_claim(caller)
    async with wired.database.session(owner.workspace_id) as session:
        yield session, Membership(workspace_id=owner.workspace_id, person_id=owner.person_id)


def _require_claim(caller: Caller | None) -> Caller:
    if caller is None or not caller.claims_account:
        raise Refusal("link_needed", 401, "Open a fresh sign-in link first: run `omc link` on the server.")
    return caller


async def _sign_in(
    session: AsyncSession, person_id: PersonId, opened_by: OpenedBy, request: Request, response: Response
) -> Me:
    now = resources(request).clock()
    agent = request.headers.get("user-agent", "")
    proof, caller = await service.open_session(session, person_id=person_id, opened_by=opened_by, agent=agent, now=now)
    response.set_cookie(
        _cookie(request),
        proof,
        max_age=int(rules.SESSION_LIFE.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return await _describe(session, caller, proof)


async def _describe(session: AsyncSession, caller: Caller, proof: str) -> Me:
    person, workspace = await service.describe(session, caller)
    return Me(
        person=PersonAnswer(id=person.id, name=person.name, email=person.email),
        workspace=WorkspaceAnswer(id=workspace.id, name=workspace.name),
        scopes=sorted(caller.scopes),
        csrf=rules.csrf_value(proof) if proof else "",
        needs_owner=await service.needs_owner(session),
    )


def _new_token(row: TokenRow, proof: str) -> NewToken:
    return NewToken(**TokenAnswer.model_validate(row).model_dump(), token=proof)


def _throttle(request: Request) -> Throttle:
    throttle = request.app.state.throttle
    assert isinstance(throttle, Throttle)
    return throttle


def _client(request: Request) -> str:
    return client_key(request.client.host) if request.client is not None else "unknown"


def _taken(value: str | Reason) -> str:
    if isinstance(value, Reason):
        raise _refusal(value)
    return value


def _refusal(reason: Reason) -> Refusal:
    return Refusal(reason.code, 422, reason.text, place=reason.place)
