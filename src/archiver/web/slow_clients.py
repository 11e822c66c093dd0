"""Slow clients: a request's head must arrive in time, its body must be small and in time, and answers must be taken.

uvicorn waits for a head without end, so a client that sends one byte a minute would hold a connection for ever.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from archiver.web.asgi import Receive, Scope, Send

HEAD_SECONDS, BODY_SECONDS, SEND_SECONDS = 15.0, 15.0, 60.0
MOST_BODY = 64 * 1024
"""Bytes of a form: the longest note is a few thousand."""


class BodyTooLarge(Exception):
    """The body of a request is longer than any form."""


class TimedProtocol(H11Protocol):
    """HTTP/1.1 of uvicorn, with a time limit for the head of each request."""

    head_seconds = HEAD_SECONDS
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  (as the base class has it)
        """Start the clock of the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Stop the clock when a head is complete; start it when another begins."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._unwatch()
        elif self._late is None:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        self._late = self.loop.call_later(self.head_seconds, self._close)

    def _unwatch(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _close(self) -> None:
        self._late = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


async def read_body(receive: Receive, *, seconds: float = BODY_SECONDS, most: int = MOST_BODY) -> bytes:
    """Return the body of a request.

    Raises:
        BodyTooLarge: it is longer than allowed.
        TimeoutError: it did not arrive in time.
    """
    body = bytearray()
    async with asyncio.timeout(seconds):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return bytes(body)
            body += message.get("body", b"")
            if len(body) > most:
                raise BodyTooLarge
            if not message.get("more_body"):
                return bytes(body)


def with_body(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives a body which was read already, then what the client does."""
    given = False

    async def again() -> Scope:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def with_send_limit(send: Send, seconds: float = SEND_SECONDS) -> Send:
    """Return a channel that gives up when the client takes nothing for so long."""

    async def in_time(message: Scope) -> None:
        async with asyncio.timeout(seconds):
            await send(message)

    return in_time
