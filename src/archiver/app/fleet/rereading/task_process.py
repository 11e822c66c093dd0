"""Run a function in a new Python process: one that is killed, or crashes, costs only its own result.

Processes of `multiprocessing` cannot do this in the workers of Dask, which are daemons and may have no children of it.
"""

import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from archiver.errors import ArchiverError

T = TypeVar("T")
_RUN = "from archiver.app.fleet.rereading.task_process import main; main()"


class TaskDied(ArchiverError):
    """The process of a task ended without a result: it was killed, ran out of memory, or crashed."""


Process = subprocess.Popen[bytes]


def run_in_process(work: Callable[..., T], *arguments: object, on_start: Callable[[Process], object] = id) -> T:
    """Return what a function returns in a process of its own, or raise what it raises.

    The process is in a session of its own, so a Ctrl-C in the terminal does not reach it. It ends when this one ends.

    Args:
        work: a function that can be imported.
        arguments: its arguments; they are pickled, as is the result.
        on_start: called with the process.

    Raises:
        TaskDied: the process ended without a result.
    """
    sent = pickle.dumps((work, arguments))
    with subprocess.Popen(  # noqa: S603  (this very Python)
        [sys.executable, "-c", _RUN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what a library prints while it crashes is not for people
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
    ) as process:
        assert process.stdin is not None  # noqa: S101  (a pipe)
        assert process.stdout is not None  # noqa: S101
        on_start(process)
        try:
            process.stdin.write(sent)
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it died; the end of its output says so
        received = process.stdout.read()  # its input stays open: at its end, the process ends, too
    if not received:
        raise TaskDied(_how_it_died(process.returncode))
    is_result, found = pickle.loads(received)  # noqa: S301  (our own process)
    if not is_result:
        raise found
    result: T = found
    return result


def _how_it_died(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name if -code in signal.valid_signals() else f"signal {-code}"
        return f"its process was ended by {name}{', perhaps out of memory' if name == 'SIGKILL' else ''}"
    return f"its process ended with code {code} and without a result"


def main() -> None:
    """Run the task that comes by standard input, and write its result to standard output."""
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may get between the results
    work, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301  (our own parent)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    log = logging.getLogger("archiver")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    try:
        found: tuple[bool, Any] = (True, work(*arguments))
    except Exception as error:  # noqa: BLE001  (the border of a process: the parent raises it again)
        found = (False, _sendable(error))
    results.write(pickle.dumps(found))
    results.close()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _sendable(error: Exception) -> Exception:
    """Return an error that can be unpickled: itself, or one that has its text."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  (our own)
    except Exception:  # noqa: BLE001  (whatever its class does)
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
