"""A model's answer, paid for: reserved before the call, settled with its step, tried again, or passed on to another.

One retry layer, ours: the clients' own retries are off. A failed call is settled in a transaction of its own, so what
it may have cost is counted before the next try. Nothing is tried again without a line in the session's events.
"""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.tools import ToolDefinition
from sqlalchemy.ext.asyncio import AsyncSession

from omc.kit.events import append_at_end, key
from omc.kit.ids import new_id
from omc.kit.work import Context
from omc.lab import bills, journal
from omc.lab.aloud import aloud
from omc.lab.bills import Happening, Settlement
from omc.lab.choosing import Route, route_of
from omc.lab.journal import Begun, Turn
from omc.lab.rules import MAX_TRIES
from omc.lab.service import topic
from omc.vault import opening, prices, spend
from omc.vault import service as vault
from omc.vault.calling import Asked, ask, left_out, usage_of
from omc.vault.caps import session_scope
from omc.vault.connection import Connection
from omc.vault.desk import Vault
from omc.vault.failures import FailureKind, ModelFailure
from omc.vault.rules import KeyState, limited_until
from omc.vault.spend import Booking, Standing

VAULT_EXTRA = "vault"
"""The name under which the worker's door hands the vault to jobs."""


class GivenUp(Exception):  # noqa: N818 - an expected end, told to the person in its words
    """No way to a model is left; the text says what went wrong and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a model is waited for: in one call, and between tries, where `base_s` doubles up to `longest_s`."""

    tries: int = MAX_TRIES
    base_s: float = 1.0
    longest_s: float = 60.0
    answer_s: float = 180.0
    first_event_s: float = 60.0
    connect_s: float = 10.0


CALM = Patience()
# What a failure says of the key itself; other failures leave its state as it is.
_STATES = {
    FailureKind.BAD_KEY: KeyState.REJECTED,
    FailureKind.NO_CREDIT: KeyState.NO_CREDIT,
    FailureKind.RATE_LIMITED: KeyState.RATE_LIMITED,
    FailureKind.UNREACHABLE: KeyState.UNREACHABLE,
    FailureKind.CONNECT_TIMEOUT: KeyState.UNREACHABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """An answer, and the call that is settled in the transaction that writes it."""

    answer: ModelResponse
    settlement: Settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A call that has its money and its key."""

    booking: Booking
    connection: Connection
    version: int
    route: Route
    cap: Decimal | None
    reserved: Decimal
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who calls: one step of one turn."""

    context: Context
    turn: Turn
    begun: Begun
    patience: Patience = CALM

    @property
    def vault(self) -> Vault:
        """The vault that the door made."""
        found = self.context.extra[VAULT_EXTRA]
        assert isinstance(found, Vault)
        return found

    @property
    def key(self) -> str:
        """The bus key of the session."""
        return key(self.turn.workspace_id, topic(self.turn.session_id))


async def answer(desk: Desk, talk: Sequence[ModelMessage], tools: Sequence[ToolDefinition]) -> Paid:
    """Return a language model's answer; raises `GivenUp`, or `Refusal` with the code `budget_reached`."""
    failed: ModelFailure | None = None
    for use_fallback in (False, True):
        for tried in range(1, desk.patience.tries + 1):
            ready = await _prepare(desk, talk, tools, use_fallback=use_fallback, tried=tried, failed=failed)
            if ready is None:
                assert failed is not None
                raise GivenUp(_last_words(failed))
            asked = _asked(desk, ready.route, talk, tools)
            if tried == 1 and (use_fallback or desk.begun.step.number == 1):
                await _tell_left_out(desk, ready, asked)
            paid = await _try(desk, ready, asked)
            if isinstance(paid, Paid):
                await _note_success(desk, ready)
                return paid
            failed = paid
            if not await _again(desk, ready, failed, tried):
                break
    assert failed is not None
    raise GivenUp(_last_words(failed))


async def _prepare(
    desk: Desk,
    talk: Sequence[ModelMessage],
    tools: Sequence[ToolDefinition],
    *,
    use_fallback: bool,
    tried: int,
    failed: ModelFailure | None,
) -> _Ready | None:
    """Reserve the most that the call can cost and open the key, in one transaction; None when there is no fallback.

    The session's row is read anew at each try: a key that was rotated or exchanged meanwhile is the one that is used.
    """
    turn, now = desk.turn, desk.context.clock()
    async with journal.fenced(desk.context.database, turn) as (session, held):
        route = await route_of(session, held, own=turn.own, use_fallback=use_fallback, now=now)
        if route is None:
            return None
        booking = _booking(desk, route, tried)
        amount = prices.ceiling(route.price, input_tokens=_bound(talk, tools), max_tokens=route.max_tokens)
        stored = await opening.stored_key(session, route.credential_id)
        standings = await spend.reserve(
            session,
            booking,
            price=route.price,
            amount=amount,
            session_cap=held.cap,
            holding=route.holding,
            now=now,
        )
        opened = await _opened(desk, session, route, stored)
        standing = standings[session_scope(turn.session_id)]
        fell_back = [_fell_back(desk, route, failed)] if use_fallback and tried == 1 and failed is not None else []
        append_at_end(session, topic(turn.session_id), [*fell_back, bills.told(standing, held.cap)])
    return _Ready(
        booking=booking,
        connection=opened.connection,
        version=opened.version,
        route=route,
        cap=held.cap,
        reserved=amount,
        standing=standing,
    )


async def _opened(desk: Desk, session: AsyncSession, route: Route, stored: opening.Stored) -> opening.Opened:
    return await opening.open_key(
        session,
        desk.vault,
        route.credential_id,
        purpose=f"session {desk.turn.session_id}",
        stored=stored,
        model=route.model,
        now=desk.context.clock(),
    )


def _booking(desk: Desk, route: Route, tried: int) -> Booking:
    return Booking(
        call_id=new_id(),
        session_id=desk.turn.session_id,
        step=desk.begun.step.number,
        attempt=desk.begun.attempt,
        tried=tried,
        credential_id=route.credential_id,
        provider=route.provider,
        model=route.model,
        purpose="session",
    )


async def _try(desk: Desk, ready: _Ready, asked: Asked) -> Paid | ModelFailure:
    began = time.perf_counter()
    first: list[int] = []

    def on_first() -> None:
        first.append(_ms_since(began))

    try:
        async with aloud(
            desk.context.bus, desk.key, call_id=ready.booking.call_id, step=desk.begun.step.number
        ) as hear:
            given = await ask(ready.connection, desk.vault.outbound, asked, hear, on_first=on_first)
    except ModelFailure as failure:
        await _settle_failed(desk, ready, failure, _ms_since(began))
        return failure
    settlement = Settlement(
        booking=ready.booking,
        cap=ready.cap,
        price=ready.route.price,
        usage=usage_of(given),
        finish=given.finish_reason,
        latency_ms=_ms_since(began),
        reserved=ready.reserved,
        standing=ready.standing,
        first_token_ms=first[0],
    )
    return Paid(answer=given, settlement=settlement)


async def _settle_failed(desk: Desk, ready: _Ready, failure: ModelFailure, latency_ms: int) -> None:
    """Book a failed call: what the provider said it used, all that was reserved when it may be billed, or nothing."""
    settlement = Settlement(
        booking=ready.booking,
        cap=ready.cap,
        price=ready.route.price,
        usage=failure.usage,
        finish=None,
        latency_ms=latency_ms,
        reserved=ready.reserved,
        standing=ready.standing,
        failure=failure.kind.value,
        maybe_billed=failure.maybe_billed,
    )
    turn = desk.turn
    async with journal.fenced(desk.context.database, turn) as (session, _):
        cost, shown = await bills.settle(session, turn.session_id, settlement, desk.context.clock())
        bills.add(session, turn.session_id, desk.begun.step.number, cost)
        if (state := _STATES.get(failure.kind)) is not None:
            await vault.note_state(
                session,
                ready.booking.credential_id,
                state,
                failure.text,
                version=ready.version,
                until=limited_until(state, retry_after_s=failure.retry_after_s, now=desk.context.clock()),
            )
        append_at_end(session, topic(turn.session_id), shown)


def _asked(desk: Desk, route: Route, talk: Sequence[ModelMessage], tools: Sequence[ToolDefinition]) -> Asked:
    return Asked(
        messages=talk,
        tools=tools,
        max_tokens=route.max_tokens,
        temperature=route.temperature,
        top_p=route.top_p,
        effort=route.effort,
        stream=True,
        timeout_s=desk.patience.answer_s,
        first_event_s=desk.patience.first_event_s,
        connect_s=desk.patience.connect_s,
    )


async def _tell_left_out(desk: Desk, ready: _Ready, asked: Asked) -> None:
    """Say once which settings of the preset this model does not take."""
    if (names := left_out(ready.connection, asked)) == ():
        return
    text = f"{ready.route.model} does not take {' and '.join(names)}, so what the preset says of it is left out."
    turn = desk.turn
    async with journal.fenced(desk.context.database, turn) as (session, _):
        append_at_end(session, topic(turn.session_id), [("message", {"role": "omc", "text": text})])


async def _note_success(desk: Desk, ready: _Ready) -> None:
    """Let a key that was said not to work work again, once it did."""
    if ready.route.working:
        return
    async with desk.context.database.session(desk.turn.workspace_id) as session:
        await vault.note_state(session, ready.booking.credential_id, KeyState.WORKING, "", version=ready.version)


async def _again(desk: Desk, ready: _Ready, failure: ModelFailure, tried: int) -> bool:
    """Tell of the failure and wait, when waiting helps and is not too long; say whether to try once more."""
    wait_s = _wait_s(desk.patience, failure, tried)
    turn, kind = desk.turn, "model.failed" if wait_s is None else "model.retry"
    told = {
        "step": desk.begun.step.number,
        "attempt": desk.begun.attempt,
        "tried": tried,
        "model": ready.route.model,
        "key": ready.route.name,
        "failure": failure.kind.value,
        "text": failure.text,
        "wait_s": None if wait_s is None else round(wait_s, 1),
    }
    async with journal.fenced(desk.context.database, turn) as (session, _):
        append_at_end(session, topic(turn.session_id), [(kind, told)])
    if wait_s is None:
        return False
    await asyncio.sleep(wait_s)
    return True


def _wait_s(patience: Patience, failure: ModelFailure, tried: int) -> float | None:
    if not failure.retryable or tried >= patience.tries:
        return None
    if failure.retry_after_s is not None:
        return failure.retry_after_s if failure.retry_after_s <= patience.longest_s else None
    backoff: float = min(patience.longest_s, patience.base_s * 2 ** (tried - 1))
    jitter: float = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
    return backoff * jitter


def _fell_back(desk: Desk, route: Route, failed: ModelFailure) -> Happening:
    return "model.fallback", {
        "step": desk.begun.step.number,
        "model": route.model,
        "key": route.name,
        "failure": failed.kind.value,
        "text": f"{failed.text} The session goes on with {route.model} on {route.name}, as you chose.",
    }


def _bound(talk: Sequence[ModelMessage], tools: Sequence[ToolDefinition]) -> int:
    sent = len(ModelMessagesTypeAdapter.dump_json(list(talk)))
    described = sum(
        len(json.dumps([tool.name, tool.description, tool.parameters_json_schema], ensure_ascii=True)) for tool in tools
    )
    return prices.input_bound(sent + described, messages=len(talk), tools=len(tools))


def _last_words(failure: ModelFailure) -> str:
    return f"{failure.text} {failure.next_step} What was found so far is kept; say anything to try again."


def _ms_since(began: float) -> int:
    return round((time.perf_counter() - began) * 1_000)
