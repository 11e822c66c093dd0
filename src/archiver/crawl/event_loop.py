"""An event loop in a thread of its own, which this thread waits for; it also works inside a notebook's event loop."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import nullcontext
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class EventLoop:
    """A loop that runs one coroutine after another; between them it stands still. Use as a context manager."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._thread:
            self._thread.submit(self._runner.close).result()

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine to its end, and cancel it when this thread is interrupted."""
        task = _CancellableTask[T]()
        running = self._thread.submit(lambda: self._runner.run(task.run(work)))
        try:
            return running.result()
        except BaseException:
            task.cancel()
            wait([running])
            raise


def run_until_interrupted(work: Callable[[Executor], Coroutine[object, object, T]], loop: EventLoop | None = None) -> T:
    """Run a coroutine in an event loop of another thread, and cancel it when this thread is interrupted.

    Args:
        work: returns the coroutine for a writer, the one thread that may use the archive meanwhile.
        loop: the event loop; by default a new one.
    """
    with ThreadPoolExecutor(1) as writer, EventLoop() if loop is None else nullcontext(loop) as used:
        return used.run(work(writer))


class _CancellableTask(Generic[T]):
    """A coroutine that runs in the event loop of another thread, and can be cancelled from this one."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[T] | None = None

    async def run(self, work: Coroutine[object, object, T]) -> T:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(work)
        if self._cancelled.is_set():
            self._task.cancel()
        return await self._task

    def cancel(self) -> None:
        self._cancelled.set()
        if self._loop is not None and self._task is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)
