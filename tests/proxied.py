"""A small reverse proxy: it shows a server under a path, with or without that path in what it passes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2

_HOP = ("connection", "transfer-encoding", "content-length", "keep-alive", "content-encoding")


@contextmanager
def proxied(upstream: str, prefix: str, *, strips: bool, user: str = "", host: str = "") -> Iterator[str]:
    """Run the proxy; yield the address at which the server is shown.

    Args:
        upstream: the address of the server, without a slash at its end.
        prefix: the path under which it is shown.
        strips: whether the path is taken away before a request is passed on, as with `proxy_pass http://…/`.
        user: the name of the visitor, in `X-Remote-User`.
        host: pass this Host on, with `X-Forwarded-Proto: https`.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not self.path.startswith(f"{prefix}/"):
                self._answer(404, [], b"not here")
                return
            path = self.path.removeprefix(prefix) if strips else self.path
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
            headers |= {"X-Forwarded-For": "192.0.2.1"} | ({"X-Remote-User": user} if user else {})
            headers |= {"Host": host, "X-Forwarded-Proto": "https"} if host else {}
            answer = httpx2.request(self.command, upstream + path, headers=headers, content=body, trust_env=False)
            self._answer(
                answer.status_code, [(k, v) for k, v in answer.headers.multi_items() if k not in _HOP], answer.content
            )

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for key, value in headers:
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_HEAD = _pass  # noqa: N815  (as http.server calls them)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{prefix}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
