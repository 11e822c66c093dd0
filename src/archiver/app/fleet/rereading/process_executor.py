"""An executor whose every task is a process of its own: a task that is killed, or crashes, costs only itself.

The pool of `concurrent.futures` is broken as a whole when one of its processes dies.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from archiver.app.fleet.rereading.task_process import Process, TaskDied, run_in_process

P = ParamSpec("P")
T = TypeVar("T")


class ProcessExecutor(Executor):
    """Runs each task in a new process, several at a time. Functions, arguments and results are pickled."""

    def __init__(self, most: int) -> None:
        """Make an executor. `most`: the number of processes at a time."""
        self._threads = ThreadPoolExecutor(most, "task")
        self._running: set[Process] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function in a new process, when there is room. The result raises TaskDied when its process dies."""
        return self._threads.submit(self._run, partial(fn, *args, **kwargs))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  (as Executor)
        """Take no more tasks."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)

    def stop(self) -> None:
        """Ask running tasks to end, by SIGTERM; tasks that wait do not start."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._is_stopped = True
            for each in self._running:
                each.terminate()

    def _run(self, work: Callable[[], T]) -> T:
        started: list[Process] = []

        def note(process: Process) -> None:
            started.append(process)
            with self._lock:
                self._running.add(process)
                if self._is_stopped:
                    process.terminate()

        with self._lock:
            if self._is_stopped:
                raise TaskDied("it was not started, because its command ends")
        try:
            return run_in_process(work, on_start=note)
        finally:
            with self._lock:
                self._running.difference_update(started)
