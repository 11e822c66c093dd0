"""An S3 server of its own (moto) in a process on loopback, and a proxy before it that makes faults."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import NamedTuple

import httpx2
import pytest

from postgres_server import wait_until

SECRET = "topsecret/of+s3"  # noqa: S105
_SERVE = "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"


class S3Server:
    """The server, which keeps its objects in memory."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._numbers = count(1)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={k: v for k, v in os.environ.items() if not k.startswith("AWS_")},
        )
        wait_until(self._answers)

    def _answers(self) -> bool:
        assert self._process.poll() is None
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def bucket(self) -> str:
        """Create a bucket; return the URL of a storage in it."""
        name = f"bucket{next(self._numbers)}"
        httpx2.put(f"{self.address}/{name}", trust_env=False, headers=_AUTHORIZED).raise_for_status()
        return f"s3://{name}/fleet"

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(30)


_AUTHORIZED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
}


def lets_in(patch: pytest.MonkeyPatch, address: str) -> None:
    """Set the environment so that `s3://` URLs lead to a server."""
    for name, value in environment(address).items():
        patch.setenv(name, value)


def environment(address: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }


class Request(NamedTuple):
    """A request that reached the proxy: its number, counted from 1, and its first line."""

    number: int
    method: str
    path: str


class FaultyProxy:
    """Passes requests on, one on each connection, as `plan` says.

    Attributes:
        plan: called with each request. `pass`: as it is; `refuse`: the connection is closed before it; `lose`: it
            reaches the server, but its reply is lost; `cut`: the connection ends after half of the body; `wait`: never
            answered; `overwrite`: without `If-None-Match`; `slow`: passed on after `seconds`; `late`: so, and its reply
            is lost; a number: the proxy answers with this status.
        requests: all that came.
        seconds: for which a request is held back.
    """

    def __init__(self, server: S3Server) -> None:
        self._upstream = ("127.0.0.1", server.port)
        self.plan: Callable[[Request], str | int] = lambda _request: "pass"
        self.requests: list[Request] = []
        self.seconds = 0.0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            stream = client.makefile("rb")
            head = b""
            while line := stream.readline():
                head += line
                if line == b"\r\n":
                    break
            if not head:
                return
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
            )
            body = stream.read(length)
            method, path, _ = head.decode("latin-1").split(" ", 2)
            with self._lock:
                request = Request(len(self.requests) + 1, method, path)
                self.requests.append(request)
                fault = self.plan(request)
            self._do(client, head, body, fault)

    def _do(self, client: socket.socket, head: bytes, body: bytes, fault: str | int) -> None:
        if isinstance(fault, int):
            text = f"<Error><Code>SlowDown</Code><Message>{SECRET}</Message></Error>"
            client.sendall(
                f"HTTP/1.1 {fault} Fault\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n{text}".encode()
            )
        elif fault == "wait":
            self._ended.wait(60)
        elif fault != "refuse":
            if fault in ("slow", "late"):
                self._ended.wait(self.seconds)
            reply = self._ask(head, body[: len(body) // 2] if fault == "cut" else body, fault)
            if fault in ("pass", "overwrite", "slow"):
                client.sendall(reply)

    def _ask(self, head: bytes, body: bytes, fault: str | int) -> bytes:
        lines = [line for line in head.rstrip(b"\r\n").split(b"\r\n") if not line.lower().startswith(b"connection:")]
        if fault == "overwrite":
            lines = [line for line in lines if not line.lower().startswith(b"if-none-match:")]
        with socket.create_connection(self._upstream, 30) as server:
            server.sendall(b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body)
            if fault == "cut":
                return b""
            reply = bytearray()
            while part := server.recv(1 << 16):
                reply += part
        return bytes(reply)

    def close(self) -> None:
        self._ended.set()
        self._listener.close()


@contextmanager
def faulty(server: S3Server) -> Iterator[FaultyProxy]:
    proxy = FaultyProxy(server)
    try:
        yield proxy
    finally:
        proxy.close()


def killing(process: "list[subprocess.Popen[str]]", number: int, *, after: bool) -> Callable[[Request], str]:
    """Return a plan that kills a process at its request of this number: before it is passed on, or before its reply."""

    def plan(request: Request) -> str:
        if request.number < number:
            return "pass"
        if request.number > number or not after:
            with suppress(ProcessLookupError):
                process[0].send_signal(signal.SIGKILL)
            return "refuse"
        return "lose"

    return plan
