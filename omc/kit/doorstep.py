"""The connection around a request: how long its head may be, how long it may take, and how long its body may pause.

The server's own parser has no limit for any of them, so one connection could fill the memory or wait for ever.
"""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MAX_HEAD_BYTES = 65_536
"""Request line and headers together. What arrives in one piece with their end is taken as it is."""

HEAD_TIMEOUT_S = 20
"""From the connection, or from a request's first byte, to the end of its headers."""

BODY_TIMEOUT_S = 30
"""From one piece of a request's body to the next."""


class Doorstep(HttpToolsProtocol):
    """The server's protocol, which shows a connection out whose request does not begin or does not go on."""

    head_timeout_s: float = HEAD_TIMEOUT_S
    body_timeout_s: float = BODY_TIMEOUT_S
    _head_bytes: int = 0
    _in_head: bool = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End it."""
        self._forget_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take the next bytes in."""
        super().data_received(data)
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._show_out(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Meet a request's first byte."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """Meet the end of its headers."""
        self._in_head = False
        super().on_headers_complete()
        self._await_body()

    def on_body(self, body: bytes) -> None:
        """Meet a piece of its body."""
        super().on_body(body)
        self._await_body()

    def on_message_complete(self) -> None:
        """Meet its end."""
        self._forget_deadline()
        super().on_message_complete()

    def _await_head(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        self._forget_deadline()
        self._deadline = self.loop.call_later(self.head_timeout_s, self._show_out, HTTPStatus.REQUEST_TIMEOUT)

    def _await_body(self) -> None:
        self._forget_deadline()
        self._deadline = self.loop.call_later(self.body_timeout_s, self._judge_body)

    def _judge_body(self) -> None:
        """Show the client out, unless it is we who do not read, or an answer is on its way already."""
        if self.flow.read_paused or (self.cycle.response_started and not self.cycle.response_complete):
            self._await_body()
        elif self.cycle.response_complete:
            self._forget_deadline()
            self.transport.close()
        else:
            self._show_out(HTTPStatus.REQUEST_TIMEOUT)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _show_out(self, status: HTTPStatus) -> None:
        self._forget_deadline()
        self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
