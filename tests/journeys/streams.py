"""Watches which event streams the tabs of one browser hold open."""

import asyncio
import time
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, Page, Request, Response

STREAM = "/api/v1/stream?"
LOOK_S = 0.02


@dataclass  # no slots: the browser library keeps a note of its own on whoever listens
class Streams:
    """The open streams of a browser profile; make it before the first page asks for anything."""

    context: BrowserContext
    open: set[Request] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Listen to what every tab asks and how it ends."""
        self.context.on("page", self._opened)
        for page in self.context.pages:
            self._opened(page)
        self.context.on("request", self._asked)
        self.context.on("requestfinished", self._ended)
        self.context.on("requestfailed", self._ended)

    async def settle(self, *, timeout_s: float, quiet_s: float = 1.0) -> None:
        """Wait until the same streams have been open for a while."""
        async with asyncio.timeout(timeout_s):
            seen, since = set(self.open), time.monotonic()
            while not seen or time.monotonic() - since < quiet_s:
                await asyncio.sleep(LOOK_S)
                if self.open != seen:
                    seen, since = set(self.open), time.monotonic()

    async def hand_over(self, *, timeout_s: float) -> float:
        """Close the tab that holds the one stream; return after how many seconds another tab's is answered."""
        (held,) = self.open
        leader: Page = held.frame.page
        started = time.monotonic()
        await leader.close()
        self._closed(leader)
        async with asyncio.timeout(timeout_s):
            answer = await self._answer()
        assert answer.status == 200
        return time.monotonic() - started

    async def _answer(self) -> Response:
        """What the one stream is answered; a first one gives way unanswered when other tabs say late what they want."""
        while True:
            await asyncio.sleep(LOOK_S)
            if len(self.open) == 1 and (answer := await next(iter(self.open)).response()):
                return answer

    def _asked(self, request: Request) -> None:
        if STREAM in request.url:
            self.open.add(request)

    def _opened(self, page: Page) -> None:
        page.on("close", self._closed)

    def _closed(self, page: Page) -> None:
        """A closed tab tells nothing of its requests any more."""
        self.open -= {request for request in self.open if request.frame.page == page}

    def _ended(self, request: Request) -> None:
        self.open.discard(request)
