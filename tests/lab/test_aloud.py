"""What a model says reaches who watches while it says it, on all four wires; nobody has to watch for it to be kept."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from omc.core.ids import SessionId
from omc.kit import events
from omc.kit.bus import Bus
from omc.kit.ids import new_id
from omc.kit.work import Context
from omc.lab import service
from omc.lab.aloud import LOOK_EVERY_S, aloud
from omc.vault.calling import Words
from tests.lab.own_models import HASTE, KINDS, add_key, open_with, turn
from tests.serving import Cable
from tests.sims.models.faults import Fault
from tests.sims.models.fixture import ModelServer
from tests.sims.models.talk import Answer

PATIENCE_S = 20
SPEECH = Answer(text="One word comes after the other, and then there are many of them. ", thinking="I think first.")
SLOWLY_S = 0.03


@dataclass(slots=True)
class Page:
    """A page that watches a session: what it shows of each call."""

    shown: dict[str, dict[str, str]] = field(default_factory=dict)
    pieces: int = 0

    def take(self, words: str) -> None:
        """Put a piece where it belongs, as a browser counts."""
        piece = json.loads(words)
        kinds = self.shown.setdefault(piece["call"], {})
        before = kinds.get(piece["kind"], "").encode("utf-16-le")
        at = 2 * piece["at"]
        if at > len(before):
            return  # said before the speaker knew of this page: all of it follows, or the page stays without it
        kinds[piece["kind"]] = before[:at].decode("utf-16-le") + piece["text"]
        self.pieces += 1


@asynccontextmanager
async def watching(speaker: Bus, bus: Bus, workspace: UUID, session_id: SessionId) -> AsyncGenerator[Page]:
    """Watch a session from another process until the block ends."""
    page, key = Page(), events.key(workspace, service.topic(session_id))

    async def look() -> None:
        while True:
            await ear.spoken.wait()
            for _, words in ear.take():
                page.take(words)

    async with bus.overhear([key]) as ear:
        async with asyncio.timeout(PATIENCE_S):
            while speaker.listened_since(key) is None:
                await asyncio.sleep(0.01)
        looking = asyncio.get_running_loop().create_task(look())
        try:
            yield page
        finally:
            looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


@pytest.mark.parametrize("kind", KINDS)
async def test_words_and_thoughts_are_told_while_they_come_and_kept_when_the_step_ends(
    lab: Context, app_url: str, workspace: UUID, model_server: ModelServer, kind: str
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, kind))
    model_server.script(SPEECH)
    model_server.desk.chunk_delay_s = SLOWLY_S
    async with Bus(app_url) as bus, watching(lab.bus, bus, workspace, session_id) as page:
        assert await turn(lab, workspace, session_id) == "waiting"
    (call,) = page.shown.values()
    assert call["thought"] == SPEECH.thinking
    assert SPEECH.text.startswith(call["text"])
    assert page.pieces > 3, "piece by piece"
    log = await log_of(lab, workspace, session_id)
    (finished,) = [event.data for event in log if event.kind == "step.finished"]
    assert (finished["preview"], finished["thought"]) == (SPEECH.text.strip(), SPEECH.thinking)
    assert not [event for event in log if event.kind == "words"], "no word is an event"


async def test_who_comes_in_the_middle_is_told_all_from_the_beginning(
    lab: Context, app_url: str, workspace: UUID, model_server: ModelServer
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "anthropic"))
    model_server.script(replace(SPEECH, text=SPEECH.text * 3))
    model_server.desk.chunk_delay_s = SLOWLY_S
    working = asyncio.get_running_loop().create_task(turn(lab, workspace, session_id))
    async with Bus(app_url) as bus, watching(lab.bus, bus, workspace, session_id) as first:
        while not any("text" in call for call in first.shown.values()):
            await asyncio.sleep(0.01)
        async with watching(lab.bus, bus, workspace, session_id) as second:
            assert await working == "waiting"
    assert first.shown == second.shown


async def test_who_comes_while_the_model_is_silent_is_told_all_as_well(
    lab: Context, app_url: str, workspace: UUID
) -> None:
    session_id, call_id = SessionId(new_id()), new_id()
    key = events.key(workspace, service.topic(session_id))
    async with Bus(app_url) as bus, aloud(lab.bus, key, call_id=call_id, step=1) as hear:
        hear(Words(kind="text", text="I shall think long.", begins=True))
        await asyncio.sleep(LOOK_EVERY_S / 5)
        async with watching(lab.bus, bus, workspace, session_id) as page:
            await shown(page, str(call_id), "I shall think long.")


async def test_a_piece_that_could_not_be_sent_is_told_with_all_before_it(
    lab: Context, app_url: str, workspace: UUID
) -> None:
    session_id, call_id = SessionId(new_id()), new_id()
    key = events.key(workspace, service.topic(session_id))
    cable = Cable(app_url)
    await cable.plug()
    async with (
        Bus(app_url, tell_ears_s=0.5) as bus,
        Bus(cable.url) as far,
        watching(far, bus, workspace, session_id) as page,
        aloud(far, key, call_id=call_id, step=1) as hear,
    ):
        hear(Words(kind="text", text="One ", begins=True))
        await shown(page, str(call_id), "One ")
        page.shown.clear()
        await cable.unplug()
        hear(Words(kind="text", text="two ", begins=False))
        await asyncio.sleep(0.2)
        await cable.plug()
        hear(Words(kind="text", text="three", begins=False))
        await shown(page, str(call_id), "One two three")
    await cable.unplug()


async def test_a_fault_in_telling_does_not_lose_the_answer(app_url: str) -> None:
    async with Deaf(app_url) as bus, aloud(bus, "key", call_id=new_id(), step=1) as hear:
        hear(Words(kind="text", text="Paid for.", begins=True))
        await asyncio.sleep(0.01)
        answer = "whole"
    assert answer == "whole"


async def test_a_cut_answers_words_are_another_calls_than_those_of_the_next_try(
    lab: Context, app_url: str, workspace: UUID, model_server: ModelServer
) -> None:
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai"))
    model_server.script(SPEECH)
    model_server.desk.chunk_delay_s = SLOWLY_S
    model_server.fail(Fault.CUT)
    async with Bus(app_url) as bus, watching(lab.bus, bus, workspace, session_id) as page:
        assert await turn(lab, workspace, session_id) == "waiting"
    cut, whole = (page.shown[call] for call in sorted(page.shown))
    assert len(cut.get("text", "")) < len(whole["text"])
    kinds = [event.kind for event in await log_of(lab, workspace, session_id)]
    assert kinds.count("model.retry") == kinds.count("step.finished") == 1


async def test_a_watcher_who_hears_hostile_words_gets_them_all(
    lab: Context, app_url: str, workspace: UUID, model_server: ModelServer
) -> None:
    hostile = "\x01" * 3_000 + "\U0001f600" * 3_000 + "<script>" * 500
    session_id = await open_with(lab, workspace, await add_key(lab, workspace, model_server, "openai-compatible"))
    model_server.script(Answer(text=f"{hostile} {hostile} end"))
    model_server.desk.chunk_delay_s = 0.2
    async with Bus(app_url) as bus, watching(lab.bus, bus, workspace, session_id) as page:
        assert await turn(lab, workspace, session_id, patience=HASTE) == "waiting"
    (call,) = page.shown.values()
    assert call["text"].startswith(hostile)


class Deaf(Bus):
    """A bus that breaks when it is asked who listens."""

    def listened_since(self, key: str) -> float | None:
        """Break."""
        raise LookupError(key)


async def shown(page: Page, call: str, text: str) -> None:
    """Wait until a page shows this as what a call has said."""
    async with asyncio.timeout(PATIENCE_S):
        while page.shown.get(call, {}).get("text") != text:
            await asyncio.sleep(0.01)


async def log_of(lab: Context, workspace: UUID, session_id: SessionId) -> list[events.Event]:
    """The session's events."""
    async with lab.database.session(workspace) as session:
        return await events.read(session, service.topic(session_id))
