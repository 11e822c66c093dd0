"""A site on loopback whose responses are a table, an archive that crawls it, and their clock."""

import threading
import time
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from archiver.app.archive import Archive
from archiver.extract.profile import parse_profile
from archiver.model.clock import SettableClock
from archiver.model.policy import Retries
from archiver.model.profile import Profile
from archiver.settings import Settings
from made import START

Answer = tuple[int, dict[str, str], bytes]


def send(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    """Send an answer; it is HTML unless its headers say otherwise."""
    handler.send_response(status)
    for key, value in ({"Content-Type": "text/html; charset=utf-8"} | headers).items():
        handler.send_header(key, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


class Scripted:
    """Responses by path; other paths are a 404. Status 0 breaks the connection."""

    def __init__(self, path: Path) -> None:
        self.answers: dict[str, Answer] = {}
        self.rule: Callable[[str, Message], Answer | None] = lambda _path, _headers: None
        """Responds instead of the table, if it returns a response."""
        self.asked: list[str] = []
        self.times: list[float] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.times.append(time.monotonic())
                ruled = outer.rule(self.path, self.headers)
                status, headers, body = ruled or outer.answers.get(self.path, (404, {}, b"none"))
                if not status:  # no answer: the connection breaks
                    self.close_connection = True
                    return
                send(self, status, headers, body)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.clock = SettableClock(START)
        self.selectors = path.parent / "selectors"
        self.selectors.mkdir()
        self.archive = self.open(path)

    def open(self, path: Path) -> Archive:
        """Return the archive, opened a second time."""
        return Archive(Settings(path, (self.selectors,), self.clock, Retries(1, 0.0, 0.01)))

    def close(self) -> None:
        self.archive.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def page(self, path: str, title: str, text: str = "Văn bản.", extra: str = "") -> None:
        body = f"<title>{title}</title><h1>{title}</h1><div id=b><p>{text}</p></div>{extra}"
        self.answers[path] = (200, {}, body.encode())

    def profile(self, site: str = "", fields: str = "") -> Profile:
        text = f"""[site]\nname = "t"\nhome = "{self.url}/"\n{site}\n[crawl]\ndelay = 0.0\nsitemaps = []\nfeeds = []\n[url]\ndrop = ["utm_*"]\n
            [[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n{fields}"""
        return parse_profile(text, "t")

    def crawl(self, **rules: str) -> None:
        self.archive.crawl(self.profile(**rules), everything=True)
        self.clock.advance(days=1)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.archive.sql(query)]
