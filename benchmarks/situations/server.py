"""A server that sends scripted bytes: one loopback address for each situation, one port for all of them."""

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Self

from situations.parts import Answer, Situation

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 14\r\nConnection: close\r\n\r\n<p>nowhere</p>"


def address(net: int, number: int) -> str:
    """Return the loopback address of a situation; `number` counts from 1."""
    return f"127.9.{net}.{number}"


class SituationServer:
    """Serves situations on 127.0.NET.1, 127.0.NET.2, … and remembers which paths were asked for.

    Args:
        situations: in the order of their addresses.
        net: the third byte of their addresses.
    """

    def __init__(self, situations: Sequence[Situation], net: int, port: int) -> None:
        self.hosts = {address(net, i): situation for i, situation in enumerate(situations, 1)}
        self.port = port
        self.asked: dict[str, list[str]] = defaultdict(list)
        self._times: dict[tuple[str, str], int] = defaultdict(int)
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def base(self, host: str) -> str:
        """Return the address of a situation's server, without a slash at the end."""
        return f"http://{host}:{self.port}"

    def forget(self) -> None:
        """Begin again with no requests: for the next tool."""
        self.asked.clear()
        self._times.clear()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "0.0.0.0", self.port, limit=1 << 20))  # noqa: S104 (all of 127.0.0.0/8)
        self._started.set()
        self._loop.run_forever()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            request = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
            path = request.split(b" ", 2)[1].decode("latin-1")
            host = writer.get_extra_info("sockname")[0]
            writer.write(self._answer(host, path, request))
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    def _answer(self, host: str, path: str, request: bytes) -> bytes:
        situation = self.hosts.get(host)
        found: Answer | None = None if situation is None else situation.paths.get(path, situation.paths.get("*"))
        self.asked[host].append(path)
        number = self._times[host, path]
        self._times[host, path] += 1
        if found is None:
            return NOT_FOUND
        if callable(found):
            return found(request)
        return found[min(number, len(found) - 1)] if isinstance(found, list) else found
