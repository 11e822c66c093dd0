"""Where the tasks of a fleet run: processes of this machine, or the workers of a Dask cluster."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archiver.app.crawling.worker_process import available_cores
from archiver.app.fleet.rereading.process_executor import ProcessExecutor
from archiver.errors import UsageError
from archiver.text.install_advice import not_installed

if TYPE_CHECKING:
    import distributed

PROCESSES = "processes"
_DASK = "dask://"
_TIMEOUT = 5.0  # seconds that a scheduler has to answer


@contextmanager
def open_executor(name: str, workers: int | None) -> Iterator[Executor]:
    """Yield the executor of a name.

    Args:
        name: `processes`, or `dask://HOST:PORT` of a scheduler.
        workers: the number of processes; None for one a core. Dask has its own number.

    Raises:
        UsageError: there is no such executor, the scheduler does not answer, or Dask is not installed.
    """
    if name == PROCESSES:
        with ProcessExecutor(workers or available_cores()) as executor:
            try:
                yield executor
            finally:
                executor.stop()  # after an error, tasks run or wait
    elif name.startswith(_DASK) and name != _DASK:
        if workers is not None:
            raise UsageError("--workers: a Dask cluster has its own number of workers; leave it out")
        with _client(name.removeprefix(_DASK)) as client:
            yield client.get_executor(pure=False, retries=0)
    else:
        raise UsageError(f"--executor {name[:100]}: write processes, or dask://HOST:PORT of a scheduler")


def _client(address: str) -> "distributed.Client":
    try:
        from distributed import Client  # noqa: PLC0415  (an extra)
    except ImportError:
        raise UsageError(not_installed("--executor dask://… needs", "distributed")) from None
    try:
        return Client(f"tcp://{address}", timeout=_TIMEOUT, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--executor dask://{address}: no scheduler answers there within {_TIMEOUT:g} s; see whether it runs"
        ) from error
