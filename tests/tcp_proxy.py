"""A TCP proxy on loopback whose network can be cut: packets vanish, or connections break."""

import selectors
import socket
import threading
from types import TracebackType
from typing import Self

_PIECE = 65_536


class TcpProxy:
    """Passes connections on to a port of this machine.

    `cut` lets all that is sent vanish, as a partition does: connections stay open, and nothing arrives. `heal` ends the
    partition: old connections break, new ones are passed on.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._is_cut = False
        self._lock = threading.Lock()
        self._peers: dict[socket.socket, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._wake, self._woken = socket.socketpair()
        for each in (self._listening, self._woken):
            self._selector.register(each, selectors.EVENT_READ)
        self._is_over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Let everything vanish from now on."""
        with self._lock:
            self._is_cut = True

    def heal(self) -> None:
        """Break the connections that were cut, and pass new ones on."""
        with self._lock:
            self._is_cut = False
            for each in list(self._peers):
                self._close(each)
        self._wake.send(b".")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        self._wake.send(b".")
        self._thread.join()
        self.heal()
        for each in (self._listening, self._wake, self._woken):
            each.close()
        self._selector.close()

    def _run(self) -> None:
        while not self._is_over:
            for key, _ in self._selector.select():
                ready = key.fileobj
                assert isinstance(ready, socket.socket)
                if ready is self._woken:
                    ready.recv(_PIECE)
                    continue
                with self._lock:
                    if ready is self._listening:
                        self._accept()
                    elif ready in self._peers:
                        self._pass(ready)

    def _accept(self) -> None:
        one, _ = self._listening.accept()
        try:
            other = socket.create_connection(("127.0.0.1", self._target), 5)
        except OSError:
            one.close()
            return
        for each, peer in ((one, other), (other, one)):
            self._peers[each] = peer
            self._selector.register(each, selectors.EVENT_READ)

    def _pass(self, ready: socket.socket) -> None:
        try:
            received = ready.recv(_PIECE)
            if self._is_cut:
                return
            if received:
                self._peers[ready].sendall(received)
                return
        except OSError:
            pass
        self._close(ready)

    def _close(self, one: socket.socket) -> None:
        """Close both ends of a connection."""
        for each in (one, self._peers.get(one)):
            if each is not None and self._peers.pop(each, None) is not None:
                self._selector.unregister(each)
                each.close()
