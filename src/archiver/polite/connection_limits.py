"""How many requests are under way at a server at once, over all crawls of a process. First come, first served.

Two sites on one slow server would else ask it together, and each at its own pace. Between processes there are no
lanes: there, turns (`turns`) keep the beginnings of requests apart.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from archiver.polite.stop import Stopped

_LOOK_UP = 0.5  # seconds: how often one that waits looks whether its run should end


@dataclass
class _Server:
    most: int
    busy: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    def hand_on(self) -> None:
        while self.waiting and self.busy < self.most:
            turn = self.waiting.popleft()
            if not turn.done():
                self.busy += 1
                turn.set_result(None)

    def leave(self) -> None:
        self.busy -= 1
        self.hand_on()


class Lanes:
    """The lanes of many servers. For one event loop."""

    def __init__(self) -> None:
        self._servers: dict[str, _Server] = {}

    @asynccontextmanager
    async def lane(self, origin: str, most: int, halted: Callable[[], bool]) -> AsyncIterator[None]:
        """Have one of the server's lanes, waiting for it if need be. The least `most` anybody named counts.

        Raises:
            Stopped: the run is to end (`halted`), and no lane is free.
        """
        server = self._servers.setdefault(origin, _Server(most))
        server.most = min(server.most, most)
        await _enter(server, halted)
        try:
            yield
        finally:
            server.leave()


async def _enter(server: _Server, halted: Callable[[], bool]) -> None:
    if server.busy < server.most and not server.waiting:
        server.busy += 1
        return
    turn = asyncio.get_running_loop().create_future()
    server.waiting.append(turn)
    try:
        while not turn.done() and not halted():
            await asyncio.wait({turn}, timeout=_LOOK_UP)
    except BaseException:
        if turn.done():  # it was given while we were told to go
            server.leave()
        turn.cancel()
        raise
    if not turn.done():
        turn.cancel()
        raise Stopped
