"""An executor whose every task is a process of its own: a task that is killed, or crashes, costs only itself.

The pool of `concurrent.futures` is broken as a whole when one of its processes dies.
"""

import logging
import multiprocessing
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, ParamSpec, TypeVar

from archiver.app.crawling.worker_process import end_with_parent, hide_main_module
from archiver.errors import ArchiverError

P = ParamSpec("P")
T = TypeVar("T")
_KILL_AFTER = 30.0  # seconds that a task has to end after it was asked to


class TaskDied(ArchiverError):
    """The process of a task ended without a result: it was killed, ran out of memory, or crashed."""


class ProcessExecutor(Executor):
    """Runs each task in a new process, several at a time. Functions, arguments and results are pickled.

    A process ignores Ctrl-C, so that a signal from the terminal does not look like a crash; `stop` asks all to end.
    """

    def __init__(self, most: int) -> None:
        """Make an executor. `most`: the number of processes at a time."""
        self._threads = ThreadPoolExecutor(most, "task")
        self._running: set[BaseProcess] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function in a new process, when there is room. The result raises TaskDied when its process dies."""
        return self._threads.submit(self._run, fn, args, kwargs)

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

    def _run(self, work: Callable[..., T], arguments: tuple[Any, ...], named: dict[str, Any]) -> T:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_main, args=(theirs, work, arguments, named))
        with self._lock:
            if self._is_stopped:
                raise TaskDied("the task was not started, because its command ends")
            with hide_main_module():
                process.start()
            self._running.add(process)
        theirs.close()
        try:
            is_result, value = ours.recv()
        except (EOFError, OSError):
            process.join(_KILL_AFTER)
            raise TaskDied(_how_it_died(process.exitcode)) from None
        finally:
            ours.close()
            process.join(_KILL_AFTER)
            if process.is_alive():
                process.kill()
                process.join()
            with self._lock:
                self._running.discard(process)
        if is_result:
            found: T = value
            return found
        raise value


def _how_it_died(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in signal.valid_signals() else f"signal {-code}"
        hint = ", perhaps out of memory" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{hint}"
    return f"its process ended with code {code} and without a result"


def _main(results: Connection, work: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Run a task in its process, and send what it returns or raises."""
    for name in ("SIGINT", "SIGHUP"):  # of the terminal; the parent decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    log = logging.getLogger("archiver")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        found: tuple[bool, Any] = (True, work(*arguments, **named))
    except Exception as error:  # noqa: BLE001  (the border of a process: the parent raises it again)
        found = (False, _sendable(error))
    results.send(found)
    results.close()


def _sendable(error: Exception) -> Exception:
    """Return an error that can be unpickled: itself, or one that has its text."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  (our own)
    except Exception:  # noqa: BLE001  (whatever its class does)
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
