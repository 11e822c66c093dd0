"""A site of a few answers that pages in a browser are opened on, without a server."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from archiver.model.capture import Capture, Headers, Outcome, Request
from archiver.model.clock import system_clock
from archiver.model.profile import RenderRules
from archiver.model.rendition import NotFetched, Rendered
from archiver.render.renderer import Renderer

PAGE = "http://portal.test/page"
PLAIN = RenderRules("always")
T = TypeVar("T")
HTML = b"text/html; charset=utf-8"


def answer_to(request: Request, status: int, body: bytes, headers: Headers) -> Capture:
    """Return a capture of an answer."""
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    head = b"HTTP/1.1 %d Said\r\n" % status + lines + b"\r\n"
    return Capture(request, system_clock(), Outcome.OK, status, head, headers, body)


def page_of(html: str | bytes, url: str = PAGE, *headers: tuple[bytes, bytes], status: int = 200) -> Capture:
    """Return the plain capture of a page."""
    body = html.encode() if isinstance(html, str) else html
    return answer_to(Request(url), status, body, ((b"Content-Type", HTML), *headers))


@dataclass
class Answers:
    """Answers by address: (status, type, body, more header fields). What has none is answered with 404.

    Attributes:
        asked: the requests that were sent.
        refused: addresses that may not be requested, with the reason.
    """

    by_url: dict[str, tuple[int, str, str | bytes, dict[str, str]]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    def add(self, url: str, kind: str, body: str | bytes, status: int = 200, **fields: str) -> "Answers":
        """Add an answer; `_` in names of header fields stands for `-`."""
        self.by_url[url] = (status, kind, body, {name.replace("_", "-"): value for name, value in fields.items()})
        return self

    async def __call__(self, request: Request) -> Capture:
        """Answer a request, as the archiver's client would."""
        self.asked.append(request)
        await asyncio.sleep(0)
        if reason := self.refused.get(request.url):
            raise NotFetched(reason)
        status, kind, body, more = self.by_url.get(request.url, (404, "text/plain", "no", {}))
        fields = ((b"Content-Type", kind.encode()), *((name.encode(), each.encode()) for name, each in more.items()))
        return answer_to(request, status, body.encode() if isinstance(body, str) else body, fields)

    def urls(self) -> list[str]:
        """Return the addresses that were requested."""
        return [request.url for request in self.asked]


class Browser:
    """One renderer for the tests of a file, with its own event loop."""

    def __init__(self, **options: object) -> None:
        self.runner = asyncio.Runner()
        self.renderer = self.do(self._start(options))

    async def _start(self, options: dict[str, object]) -> Renderer:
        return await Renderer(system_clock, **options).__aenter__()  # type: ignore[arg-type]

    def do(self, work: Awaitable[T]) -> T:
        """Run something in the loop of the browser."""

        async def run() -> T:
            return await work

        return self.runner.run(run())

    def open(
        self,
        page: str | Capture,
        answers: Callable[[Request], Awaitable[Capture]] | None = None,
        rules: RenderRules = PLAIN,
    ) -> Rendered:
        """Open a page, or one of this HTML."""
        capture = page if isinstance(page, Capture) else page_of(page)
        return self.do(self.renderer.render(capture, rules, answers or Answers()))

    def open_all(self, *pages: tuple[str | Capture, Answers]) -> list[Rendered]:
        """Open pages at the same time."""

        async def render() -> list[Rendered]:
            works = [
                self.renderer.render(page if isinstance(page, Capture) else page_of(page), PLAIN, answers)
                for page, answers in pages
            ]
            return await asyncio.gather(*works)

        return self.do(render())

    def close(self) -> None:
        """End the browser."""
        self.do(self.renderer.__aexit__(None, None, None))
        self.runner.close()
