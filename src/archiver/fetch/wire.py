"""The bytes of one connection, as asyncio delivers them."""

import asyncio
import select
from collections.abc import Callable
from typing import Any

import httpx2

_MAX_WAITING = 1 << 18
"""Bytes that may wait to be read; then the server has to wait."""


class Wire(asyncio.Protocol):
    """The bytes that arrive on a connection. `on_data`: called when some arrive; None while a request is under way."""

    def __init__(self) -> None:
        self.on_data: Callable[[], None] | None = None
        self._transport: Any = None
        self._is_ended = False
        self._error: Exception | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport (called by asyncio, as the next three)."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep bytes."""
        self._parts.append(data)
        self._size += len(data)
        if self._size > _MAX_WAITING:
            self._transport.pause_reading()
        if self.on_data is not None:
            self.on_data()
        self._wake()

    def eof_received(self) -> bool:
        """Note the end; asyncio closes the connection."""
        self._is_ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end, and why."""
        self._is_ended, self._error = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def info(self, name: str) -> Any:  # noqa: ANN401  (of asyncio)
        """Return what asyncio knows of the connection."""
        return self._transport.get_extra_info(name)

    @property
    def has_data(self) -> bool:
        """Whether bytes have arrived that were not read."""
        return bool(self._parts)

    @property
    def is_ended(self) -> bool:
        """Whether the server has closed the connection, as far as is known."""
        return self._is_ended or bool(self._transport.is_closing())

    @property
    def is_silent(self) -> bool:
        """Whether the connection is open and nothing waits, neither here nor in the system's buffer of the socket."""
        if self._parts or self.is_ended:
            return False
        poll = select.poll()
        poll.register(self.info("socket"), select.POLLIN)
        return not poll.poll(0)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transport.write(data)

    async def read(self) -> bytes:
        """Return the bytes that have arrived; wait for some; b"" at the end.

        Raises:
            httpx2.ReadError: the connection broke.
        """
        if not self._parts and not self._is_ended:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if not self._parts:
            if self._error is not None:
                raise httpx2.ReadError("") from self._error
            return b""
        data = b"".join(self._parts)
        self._parts.clear()
        if self._size > _MAX_WAITING and not self._is_ended:
            self._transport.resume_reading()
        self._size = 0
        return data

    def close(self) -> None:
        """Close the connection; what was not sent is dropped."""
        self._transport.abort()
