"""A browser that single visits have in common, with the event loop in which it lives."""

from contextlib import AbstractAsyncContextManager, nullcontext
from types import TracebackType
from typing import Self

from archiver.crawl.event_loop import EventLoop
from archiver.model.clock import Clock
from archiver.render.renderer import Renderer


class SharedBrowser:
    """A browser for several single visits. It starts with the first page that is opened. Use as a context manager.

    Attributes:
        loop: the visits run in this loop.
        renderer: opens pages.
    """

    def __init__(self, clock: Clock) -> None:
        self.loop = EventLoop()
        self.renderer = Renderer(clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self.loop:
            self.loop.run(self.renderer.__aexit__(None, None, None))


def renderer_of(browser: SharedBrowser | None, clock: Clock) -> AbstractAsyncContextManager[Renderer]:
    """Return the renderer of a shared browser, else one that ends with the visit."""
    return Renderer(clock) if browser is None else nullcontext(browser.renderer)
