"""Start, prepare and end worker processes."""

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from types import ModuleType

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_HIDING = threading.Lock()
_PATIENCE = 1.0  # seconds in which the thread of a killed pool ends; it takes milliseconds
_NO_WARNING = "ignore:resource_tracker:UserWarning"


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def expect_killed_workers() -> None:
    """Let multiprocessing remove the semaphores of killed workers without a warning. Call it before a pool starts."""
    if _NO_WARNING not in sys.warnoptions:
        sys.warnoptions.append(_NO_WARNING)  # for the process that removes them, which starts with these options


def kill_pool(pool: ProcessPoolExecutor) -> None:
    """Kill the worker processes of a pool, and wait a moment until the pool's thread has seen that and ends.

    A program that ends while that thread closes its pipes prints an error of Python's. A worker may die within a
    result; when the thread waits for the rest, the end of the pipe that this process has is closed. Not before: two
    threads that close one pipe may close another one that was opened in between.
    """
    results, thread = getattr(pool, "_result_queue", None), getattr(pool, "_executor_manager_thread", None)
    for process in list((pool._processes or {}).values()):  # noqa: SLF001  (public from Python 3.14 on)
        process.kill()
    with contextlib.suppress(OSError):  # the pool's thread may be closing the same pipes, because a process died
        pool.shutdown(wait=False, cancel_futures=True)
    if thread is not None and thread is not threading.current_thread():
        thread.join(_PATIENCE)
        if thread.is_alive() and results is not None:
            results._writer.close()  # noqa: SLF001
            thread.join(_PATIENCE)


@contextlib.contextmanager
def hide_main_module() -> Iterator[None]:
    """Start worker processes without the caller's `__main__` module.

    multiprocessing imports that module in each worker, for functions defined there. Ours are not, and a script that
    crawls when it is imported would crawl again in the worker. One thread at a time can do this.
    """
    with _HIDING:
        script = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = script


def begin_worker() -> None:
    """Prepare a worker process: ignore signals, discard the log, and end when the parent process ends.

    A Ctrl-C or a closed terminal signals every process of the group; a worker that it killed would count against the
    page that it reads. The parent logs errors, which are part of the result.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    log = logging.getLogger("archiver")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait for the parent process to end, then exit at once."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def limit_memory(most: int) -> None:
    """Limit the bytes of data that this process may use, where the system can (Linux since 4.7)."""
    if resource is not None:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))
