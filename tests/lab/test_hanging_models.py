"""A provider that is down or hangs, in mid-session: no connection, no first byte, silence or a cut within the answer.

Each on every wire: the transcript says it, the money is settled, and the session goes on once the provider is back.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from omc.kit.clock import utc_now
from omc.kit.events import Event, read
from omc.kit.work import Context
from omc.lab import service
from omc.lab.tables import SessionRow, StepRow
from omc.vault.failure_kinds import FACTS, FailureKind
from omc.vault.tables import BudgetRow, CallRow
from tests.lab.own_models import HASTE, KINDS, add_key, open_with, turn
from tests.sims.models.faults import Fault
from tests.sims.models.fixture import ModelServer
from tests.sims.models.talk import Answer

IMPATIENT = replace(HASTE, tries=2, answer_s=0.5, first_event_s=0.4)
IMPATIENT_AT_CONNECT = replace(HASTE, tries=2, connect_s=0.2)
PATIENCE = {FailureKind.CONNECT_TIMEOUT: IMPATIENT_AT_CONNECT, FailureKind.TIMEOUT: IMPATIENT}
"""Who waits for a cut takes the time that a busy machine needs for it."""
HANGING: dict[str, tuple[Callable[[ModelServer], None], FailureKind]] = {
    "down, as it is for an hour": (ModelServer.down, FailureKind.UNREACHABLE),
    "at connect": (ModelServer.silent, FailureKind.CONNECT_TIMEOUT),
    "before the first byte": (lambda server: server.fail(Fault.HANG, times=2), FailureKind.TIMEOUT),
    "in mid-stream": (lambda server: server.fail(Fault.HANG_MIDDLE, times=2), FailureKind.TIMEOUT),
    "cut in the middle": (lambda server: server.fail(Fault.CUT, times=2), FailureKind.CUT),
    "ended early": (lambda server: server.fail(Fault.EARLY_END, times=2), FailureKind.CUT),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hang", HANGING)
async def test_a_provider_that_hangs_is_told_paid_for_and_waited_for(
    lab: Context, workspace: UUID, model_server: ModelServer, kind: str, hang: str
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, kind))
    begin, failure = HANGING[hang]
    begin(model_server)
    patience = PATIENCE.get(failure, replace(HASTE, tries=2))
    assert await turn(lab, workspace, session_id, patience=patience) == "failed"
    await told_in_words(lab, workspace, session_id, failure)
    spent = await settled(lab, workspace, failure)
    model_server.up()
    model_server.desk.reset()
    model_server.script(Answer(text="Here again."))
    async with lab.database.session(workspace) as session:
        await service.say(session, session_id, "Once more.", utc_now())
    assert await turn(lab, workspace, session_id) == "waiting"
    async with lab.database.session(workspace) as session:
        row = await service.read(session, session_id)
    assert row.cost > spent
    assert row.error is None


async def told_in_words(lab: Context, workspace: UUID, session_id: UUID, failure: FailureKind) -> None:
    """Assert that every try, the step and the session say what went wrong and what to do."""
    async with lab.database.session(workspace) as session:
        log = await read(session, service.topic(session_id))
        (step,) = await session.scalars(select(StepRow))
    says, mend = FACTS[failure].says, FACTS[failure].mend
    tries = [event for event in log if event.kind.startswith("model.")]
    assert [event.kind for event in tries] == ["model.retry", "model.failed"]
    assert all(str(event.data["text"]).startswith(says) and event.data["failure"] == failure for event in tries)
    ended = last(log, "session.state")
    assert ended["state"] == "failed"
    assert str(ended["error"]).startswith(says)
    assert mend in str(ended["error"])
    assert (step.ok, step.error) == (False, ended["error"])
    assert last(log, "step.finished")["preview"] == ended["error"]


async def settled(lab: Context, workspace: UUID, failure: FailureKind) -> Decimal:
    """Assert that what may have been billed is booked, at its reservation unless tokens were told; return the sum."""
    async with lab.database.session(workspace) as session:
        calls = list(await session.scalars(select(CallRow)))
        budgets = list(await session.scalars(select(BudgetRow)))
        (row,) = await session.scalars(select(SessionRow))
    assert [(call.state, call.failure) for call in calls] == [("settled", failure)] * 2
    for call in calls:
        assert call.cost == (call.reserved if FACTS[failure].billed else 0) or (call.measured and (call.cost or 0) > 0)
    due = sum((call.cost or Decimal(0) for call in calls), Decimal(0))
    assert row.cost == due <= sum(call.reserved for call in calls)
    assert {(budget.spent, budget.reserved) for budget in budgets} == {(due, Decimal(0))}
    return due


def last(log: list[Event], kind: str) -> dict[str, object]:
    """The newest event of a kind."""
    return dict([event for event in log if event.kind == kind][-1].data)
