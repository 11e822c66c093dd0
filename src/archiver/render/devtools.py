"""The DevTools protocol of Chromium over two pipes: commands, their answers, and events."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

Parameters = dict[str, Any]
Listener = Callable[[str, Parameters], None]
"""Takes an event of a session: its name and parameters."""

_LOG = logging.getLogger(__name__)
MOST_BYTES = 128 << 20
"""A longer message of the browser is taken for a crash of it. The longest sound ones hold a screenshot."""
_ASK_SECONDS = 30.0


class BrowserEnded(Exception):
    """The browser ended, crashed, or does not follow the protocol. The message says which."""


class BrowserSilent(Exception):
    """The browser did not answer a command in time. The message names the command."""


class CommandFailed(Exception):
    """The browser refused a command, or a session ended before the answer. The message is the browser's."""


class DevTools(asyncio.Protocol):
    """A connection to a browser.

    A command fails with `BrowserEnded` after the end of the connection, and with `BrowserSilent` when the browser
    does not answer in time. Events of a session go to its listener; those without a listener are dropped.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._received = bytearray()
        self._read: asyncio.ReadTransport | None = None
        self._write: asyncio.WriteTransport | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._number = 0
        self._waiting: dict[int, tuple[str, asyncio.Future[Parameters]]] = {}
        self._listeners: dict[str, Listener] = {}
        self.ended = asyncio.Event()
        self._why = "the browser ended"

    async def connect(self, commands: Any, answers: Any) -> None:  # noqa: ANN401  (binary files, as asyncio takes them)
        """Use these two files, which are open pipes: one to write commands, one to read answers."""
        loop = asyncio.get_running_loop()
        self._read, _ = await loop.connect_read_pipe(lambda: self, answers)
        self._write, _ = await loop.connect_write_pipe(lambda: _PipeWriting(self._may_write), commands)

    def close(self, why: str = "the browser was closed") -> None:
        """End the connection; commands that wait fail."""
        if not self.ended.is_set():
            self._why = why
            self.ended.set()
        self._may_write.set()
        for _, future in self._waiting.values():
            if not future.done():
                future.set_exception(BrowserEnded(self._why))
        self._waiting.clear()
        self._listeners.clear()
        self._received.clear()
        for transport in (self._read, self._write):
            if transport:
                transport.close()

    def listen(self, session: str, listener: Listener) -> None:
        """Give the events of a session to a listener; "" is the browser itself."""
        self._listeners[session] = listener

    def forget(self, session: str) -> None:
        """End a session: its listener gets no more events, and its commands that wait fail."""
        self._listeners.pop(session, None)
        for _, future in [each for each in self._waiting.values() if each[0] == session]:
            if not future.done():
                future.set_exception(CommandFailed("the session ended"))

    async def ask(
        self, method: str, session: str = "", seconds: float = _ASK_SECONDS, **parameters: object
    ) -> Parameters:
        """Send a command and return its result.

        Raises:
            BrowserEnded: the browser ended before the answer.
            CommandFailed: the browser refuses the command.
            BrowserSilent: it does not answer within so many seconds.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._ask(method, session, parameters)
        except TimeoutError as error:
            raise BrowserSilent(f"no answer to {method} within {seconds:g} s") from error

    async def _ask(self, method: str, session: str, parameters: Parameters) -> Parameters:
        await self._may_write.wait()
        if self.ended.is_set() or self._write is None:
            raise BrowserEnded(self._why)
        self._number += 1
        number = self._number
        future: asyncio.Future[Parameters] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (session, future)
        message = {"id": number, "method": method, "params": parameters}
        self._write.write(json.dumps({**message, "sessionId": session} if session else message).encode() + b"\0")
        try:
            return await future
        finally:
            self._waiting.pop(number, None)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the browser; each message ends with a zero byte."""
        start = len(self._received)
        self._received += data
        while (end := self._received.find(b"\0", start)) >= 0:
            message = bytes(self._received[:end])
            del self._received[: end + 1]
            start = 0
            try:
                self._take(json.loads(message))
            except Exception as error:  # noqa: BLE001  (of the protocol, or of a listener: not of the page)
                _LOG.exception("a message of the browser was not understood: %.500r", message)
                self.close(f"the browser sent a malformed message: {type(error).__name__}")
                return
        if len(self._received) > self._most_bytes:
            self.close(f"the browser sent a message of more than {self._most_bytes >> 20} MB")

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the pipe."""
        self.close("the browser ended" if exc is None else f"the browser ended: {exc}")

    def _take(self, message: Parameters) -> None:
        if "id" in message:
            _, future = self._waiting.get(message["id"], ("", None))
            if future is None or future.done():
                return
            if "error" in message:
                future.set_exception(CommandFailed(str(message["error"].get("message"))[:200]))
            else:
                future.set_result(dict(message["result"]))
        elif listener := self._listeners.get(message.get("sessionId", "")):
            listener(str(message["method"]), dict(message["params"]))


class _PipeWriting(asyncio.BaseProtocol):
    """Says whether the pipe takes more: a browser that does not read must not fill our memory."""

    def __init__(self, may_write: asyncio.Event) -> None:
        self._may_write = may_write

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()
