"""Every way a provider fails, on every kind of provider, in the middle of one long session: it goes on after each."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from omc.core.ids import SessionId
from omc.kit.clock import utc_now
from omc.kit.events import MAX_READ, Event, read
from omc.kit.work import Context
from omc.lab import service
from omc.lab.tables import SessionRow
from omc.vault.failure_kinds import FACTS
from omc.vault.prices import Override
from omc.vault.tables import BudgetRow, CallRow
from tests.lab.own_models import HASTE, KINDS, add_key, open_with, turn
from tests.sims.models.faults import Fault
from tests.sims.models.fixture import KEY, ModelServer
from tests.sims.models.talk import Answer, Call

CHEAP = Override(input=Decimal("0.002"), output=Decimal("0.01"), date=utc_now().date())
"""No cap ends a session of so many failures."""
SENTENCES = tuple(facts.says for facts in FACTS.values())
# Nothing of these ends by itself: whoever asked has to stop listening.
ENDLESS = {Fault.HANG, Fault.HANG_MIDDLE, Fault.DRIP, Fault.ENDLESS, Fault.GIANT}
GIANT_BYTES = 4_000_000
HURRY = replace(HASTE, answer_s=0.5, first_event_s=0.4)
CALMLY = replace(HASTE, longest_s=0.0)
"""A provider that says how long to wait is not waited for: it counts as one that stays away."""


@pytest.mark.parametrize("kind", KINDS)
async def test_a_session_meets_every_failure_in_its_middle_and_goes_on_after_each(
    lab: Context, workspace: UUID, model_server: ModelServer, kind: str
) -> None:
    key = await add_key(lab, workspace, model_server, kind, price=CHEAP)
    session_id = await open_with(lab, workspace, key)
    model_server.script(Answer(calls=[Call("list_markets", {})]), Answer(text="What next?"))
    assert await turn(lab, workspace, session_id) == "waiting"
    model_server.desk.giant_bytes = GIANT_BYTES
    for number, fault in enumerate(Fault):
        before = len(await log_of(lab, workspace, session_id))
        model_server.fail(fault)
        await say(lab, workspace, session_id, f"Go on, {number}.")
        state = await turn(lab, workspace, session_id, patience=HURRY if fault in ENDLESS else CALMLY)
        said = (await log_of(lab, workspace, session_id))[before:]
        assert state in {"waiting", "failed"}, fault
        assert state == "waiting" or str(said[-1].data["error"]).startswith(SENTENCES), fault
        assert all(str(event.data["text"]).startswith(SENTENCES) for event in of(said, "model.retry")), fault
        if state == "failed":
            await say(lab, workspace, session_id, "Once more.")
            assert await turn(lab, workspace, session_id) == "waiting", fault
        await settled(lab, workspace, session_id)
    log = await log_of(lab, workspace, session_id)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert len(log) < MAX_READ
    assert KEY not in str(log)
    async with lab.database.session(workspace) as session:
        assert [row.tool for row in await service.evidence_list(session, session_id)][:1] == ["list_markets"]


async def say(lab: Context, workspace: UUID, session_id: SessionId, text: str) -> None:
    """Say something to the session."""
    async with lab.database.session(workspace) as session:
        await service.say(session, session_id, text, utc_now())


async def log_of(lab: Context, workspace: UUID, session_id: SessionId) -> list[Event]:
    """The session's events, all of them."""
    async with lab.database.session(workspace) as session:
        return await read(session, service.topic(session_id), limit=MAX_READ)


def of(log: Sequence[Event], kind: str) -> list[Event]:
    """The events of a kind."""
    return [event for event in log if event.kind == kind]


async def settled(lab: Context, workspace: UUID, session_id: SessionId) -> None:
    """Assert that no reservation is left, and that calls, caps, steps and session agree to the last digit."""
    async with lab.database.session(workspace) as session:
        calls = list(await session.scalars(select(CallRow)))
        spent = sum((call.cost or Decimal(0) for call in calls), Decimal(0))
        assert {call.state for call in calls} == {"settled"}
        assert {(one.spent, one.reserved) for one in await session.scalars(select(BudgetRow))} == {(spent, Decimal(0))}
        assert await session.scalar(select(SessionRow.cost).where(SessionRow.id == session_id)) == spent
