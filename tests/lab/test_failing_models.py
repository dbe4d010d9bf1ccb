"""Every way a provider fails, in the middle of a session: it ends with a sentence, and the money is right."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from uuid import UUID

import pytest
from sqlalchemy import select

from omc.kit.clock import utc_now
from omc.kit.events import read
from omc.kit.secret import Secret
from omc.kit.work import Context
from omc.lab import keys, service
from omc.lab.tables import SessionRow
from omc.vault import presets
from omc.vault import service as vault
from omc.vault.answers import credential_answer
from omc.vault.failure_kinds import FACTS, FailureKind
from omc.vault.rules import KeyState
from omc.vault.service import Tried
from omc.vault.tables import BudgetRow, CallRow
from tests.lab.own_models import HASTE, KINDS, MODEL, add_key, open_with, turn, vault_of
from tests.sims.models.errors import RETRY_AFTER_S
from tests.sims.models.faults import Fault
from tests.sims.models.fixture import KEY, ModelServer
from tests.sims.models.talk import Answer

# These send for minutes, or gigabytes; tests of one call have them with narrower limits.
LONG = {Fault.DRIP, Fault.ENDLESS, Fault.GIANT}
HANGS = {Fault.HANG, Fault.HANG_MIDDLE}
IMPATIENT = replace(HASTE, answer_s=0.5, first_event_s=0.4)
# What a model does wrong inside a whole answer goes back to the model, which may mend it.
MENDED = {Fault.WRONG_ARGUMENTS, Fault.UNKNOWN_TOOL}
WORKED = Tried(state=KeyState.WORKING, note="", passed=True, latency_ms=1, models=(MODEL,), model=MODEL)
SENTENCES = tuple(facts.says for facts in FACTS.values())


async def settled(lab: Context, workspace: UUID) -> Decimal:
    """Assert that no reservation is left and that calls, caps and session agree; return what was spent."""
    async with lab.database.session(workspace) as session:
        calls = list(await session.scalars(select(CallRow)))
        spent = sum((call.cost or Decimal(0) for call in calls), Decimal(0))
        assert all(call.state == "settled" for call in calls)
        for budget in await session.scalars(select(BudgetRow)):
            assert (budget.spent, budget.reserved) == (spent, 0)
        (row,) = await session.scalars(select(SessionRow))
        assert row.cost == spent
    return spent


# Each failure on one kind of provider here; every failure on every kind is tried call by call in tests/vault.
@pytest.mark.parametrize(("fault", "kind"), list(zip(sorted(set(Fault) - LONG - MENDED), cycle(KINDS), strict=False)))
async def test_a_failure_that_stays_ends_the_session_with_its_sentence(
    lab: Context, workspace: UUID, model_server: ModelServer, kind: str, fault: Fault
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, kind))
    model_server.fail(fault, times=20)
    assert await turn(lab, workspace, session_id, patience=IMPATIENT if fault in HANGS else HASTE) == "failed"
    async with lab.database.session(workspace) as session:
        row = await service.read(session, session_id)
        calls = list(await session.scalars(select(CallRow)))
    assert row.error is not None
    assert row.error.startswith(SENTENCES), row.error
    assert KEY not in row.error
    assert 1 <= len(calls) <= 3
    kinds = {FailureKind(str(call.failure)) for call in calls}
    assert len(calls) == 1 or all(FACTS[one].retry for one in kinds)
    await settled(lab, workspace)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_model_does_wrong_goes_back_to_the_model(
    lab: Context, workspace: UUID, model_server: ModelServer, kind: str
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, kind))
    model_server.script(Answer(text="I see. Nothing more."))
    model_server.fail(Fault.UNKNOWN_TOOL)
    assert await turn(lab, workspace, session_id) == "waiting"
    assert len(model_server.seen) == 2
    assert await settled(lab, workspace) > 0


async def test_an_answer_whose_server_tells_no_usage_is_booked_at_its_reservation(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    bare = model_server.compatible_url("bare")
    key = await add_key(lab, workspace, model_server, "openai-compatible", base_url=bare)
    session_id = await open_with(lab, workspace, key)
    model_server.script(Answer(text="I count no tokens."))
    assert await turn(lab, workspace, session_id) == "waiting"
    assert model_server.seen[-1].stream
    async with lab.database.session(workspace) as session:
        (call,) = await session.scalars(select(CallRow))
    assert (call.measured, call.cost, call.failure) == (False, call.reserved, None)
    assert await settled(lab, workspace) == call.reserved > 0


async def test_a_key_that_was_out_of_reach_works_again_once_it_answers(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    key = await add_key(lab, workspace, model_server, "google")
    session_id = await open_with(lab, workspace, key)
    model_server.fail(Fault.RATE_LIMIT, times=3)
    assert await turn(lab, workspace, session_id) == "failed"
    states = [await state_of_key(lab, workspace, key)]
    model_server.script(Answer(text="Here again."))
    async with lab.database.session(workspace) as session:
        await service.say(session, session_id, "Once more.", utc_now())
    assert await turn(lab, workspace, session_id) == "waiting"
    states.append(await state_of_key(lab, workspace, key))
    assert states == [("rate_limited", False), ("working", True)]


async def test_a_key_that_was_asked_to_slow_down_has_rested_when_its_time_is_over(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    key = await add_key(lab, workspace, model_server, "openai")
    session_id = await open_with(lab, workspace, key)
    model_server.fail(Fault.RATE_LIMIT_WAIT, times=3)
    rest, before = timedelta(seconds=RETRY_AFTER_S), utc_now()
    assert await turn(lab, workspace, session_id, patience=replace(HASTE, longest_s=1.0)) == "failed"
    async with lab.database.session(workspace) as session:
        row = await vault.get_credential(session, key)
        assert row.limited_until is not None
        assert before + rest <= row.limited_until <= utc_now() + rest
        shown = [credential_answer(row, None, now=row.limited_until - timedelta(seconds=one)) for one in (1, 0)]
        offered = await keys.offered(session, now=row.limited_until)
    assert [(one.state, one.note == "") for one in shown] == [("rate_limited", False), ("working", True)]
    assert {one.state for one in offered if one.credential_id == key} == {"working"}


async def state_of_key(lab: Context, workspace: UUID, key: UUID) -> tuple[str, bool]:
    """The key's state, and whether nothing is noted beside it."""
    async with lab.database.session(workspace) as session:
        row = await vault.get_credential(session, key)
        return row.state, row.note == ""


async def test_a_key_that_is_rotated_under_a_session_is_used_from_the_next_call_on(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    key = await add_key(lab, workspace, model_server, "anthropic")
    session_id = await open_with(lab, workspace, key)
    model_server.script(Answer(text="First."), Answer(text="Second."))
    assert await turn(lab, workspace, session_id) == "waiting"
    new = "sk-sim-the-new-one-0123456789"
    model_server.desk.keys = frozenset({new})
    async with lab.database.session(workspace) as session:
        await vault.rotate(
            session, vault_of(lab), key, key=Secret(new), hint="…", tried=WORKED, by=workspace, now=utc_now()
        )
        await service.say(session, session_id, "And now?", utc_now())
    assert await turn(lab, workspace, session_id) == "waiting"
    assert [seen.key for seen in model_server.seen] == [KEY, new]


async def test_a_preset_is_what_the_model_is_asked_with(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    key = await add_key(lab, workspace, model_server, "openai-compatible")
    chosen = {"name": "Careful", "temperature": Decimal("0.2"), "max_tokens": 500, "top_p": Decimal("0.9")}
    async with lab.database.session(workspace) as session:
        preset = await presets.add_preset(session, chosen, workspace=workspace, by=workspace, now=utc_now())
    session_id = await open_with(lab, workspace, key, preset_id=preset.id, model=MODEL)
    model_server.script(Answer(text="Asked as chosen."))
    assert await turn(lab, workspace, session_id) == "waiting"
    sent = model_server.seen[-1].body
    assert (sent["temperature"], sent["top_p"]) == (0.2, 0.9)
    assert 500 in {sent.get("max_tokens"), sent.get("max_completion_tokens")}


async def test_a_setting_that_a_model_does_not_take_is_left_out_and_said_once(
    lab: Context, workspace: UUID, model_server: ModelServer
) -> None:
    key = await add_key(lab, workspace, model_server, "openai", model="o3-mini")
    chosen = {"name": "Warm", "temperature": Decimal("0.9")}
    async with lab.database.session(workspace) as session:
        preset = await presets.add_preset(session, chosen, workspace=workspace, by=workspace, now=utc_now())
    session_id = await open_with(lab, workspace, key, preset_id=preset.id, model="o3-mini")
    for number in range(2):
        model_server.script(Answer(text=f"Answer {number}."))
        assert await turn(lab, workspace, session_id) == "waiting"
        async with lab.database.session(workspace) as session:
            await service.say(session, session_id, "And now?", utc_now())
    assert all("temperature" not in seen.body for seen in model_server.seen)
    async with lab.database.session(workspace) as session:
        events = await read(session, service.topic(session_id))
    told = [event.data["text"] for event in events if event.kind == "message" and event.data["role"] == "omc"]
    assert told == ["o3-mini does not take temperature, so what the preset says of it is left out."]
