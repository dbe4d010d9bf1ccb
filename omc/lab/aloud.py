"""What a model says while it says it, for whoever watches its session: told on the bus, kept nowhere.

The finished step carries the words for good. A piece says where in the answer it belongs, so that a page that missed
one shows no wrong text. All is told from the beginning again when somebody begins to overhear the session, which a page
does by asking for its words, and when a piece could not be sent.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from omc.kit.bus import Bus
from omc.lab.rules import clean
from omc.vault.calling import OnWords, Words

TELL_EVERY_S = 0.06
"""A reader sees no difference above sixteen pieces a second, and each is a transaction."""
LOOK_EVERY_S = 1.0
"""Who comes while the model is silent waits so long at most."""
MAX_PIECE_CHARACTERS = 1_200
"""JSON takes six bytes a character at most, and one notification carries less than 8,000."""
MAX_TOLD_CHARACTERS = 64_000
PART_GAP = "\n\n"

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class _Said:
    """The words of one kind so far, and how much of them was told."""

    text: str = ""
    told: int = 0
    at: int = 0
    """Where the next piece belongs, counted as browsers count: in UTF-16 units."""

    def add(self, words: Words) -> None:
        if len(self.text) >= MAX_TOLD_CHARACTERS:
            return
        gap = PART_GAP if words.begins and self.text else ""
        self.text = (self.text + gap + clean(words.text))[:MAX_TOLD_CHARACTERS]

    def pieces(self) -> Iterator[tuple[int, str]]:
        while piece := self.text[self.told : self.told + MAX_PIECE_CHARACTERS]:
            yield self.at, piece
            self.told += len(piece)
            self.at += len(piece.encode("utf-16-le")) // 2

    def again(self) -> None:
        self.told = self.at = 0


@dataclass(slots=True, kw_only=True)
class _Speech:
    """One call's words, on their way to `key`."""

    bus: Bus
    key: str
    call_id: UUID
    step: int
    came: asyncio.Event = field(default_factory=asyncio.Event)
    said: dict[str, _Said] = field(default_factory=lambda: {"thought": _Said(), "text": _Said()})

    def hear(self, words: Words) -> None:
        self.said[words.kind].add(words)
        self.came.set()

    async def tell(self) -> None:
        """Tell what is new now and then, and all of it again once somebody new listens or a piece was not sent."""
        known: float | None = None
        while True:
            since = self.bus.listened_since(self.key)
            if since != known:
                for one in self.said.values():
                    one.again()
            known = since if since is not None and await self._tell_new() else None
            await asyncio.sleep(TELL_EVERY_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self.came.wait()
            self.came.clear()

    async def _tell_new(self) -> bool:
        for kind, one in self.said.items():
            for at, text in one.pieces():
                told = {"call": str(self.call_id), "step": self.step, "kind": kind, "at": at, "text": text}
                if not await self.bus.say(self.key, json.dumps(told, ensure_ascii=False)):
                    return False
        return True


@asynccontextmanager
async def aloud(bus: Bus, key: str, *, call_id: UUID, step: int) -> AsyncGenerator[OnWords]:
    """Tell the words that the block hears of one call, as long as it lasts."""
    speech = _Speech(bus=bus, key=key, call_id=call_id, step=step)
    telling = asyncio.get_running_loop().create_task(speech.tell(), name="lab.aloud")
    try:
        yield speech.hear
    finally:
        telling.cancel()
        await asyncio.wait({telling})
        if not telling.cancelled() and (error := telling.exception()) is not None:
            log.error("aloud.failed", exc_info=error)
