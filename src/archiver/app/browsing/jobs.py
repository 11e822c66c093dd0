"""Work that a visitor of the web interface started: captures, new profiles, crawls. It goes on beside the pages."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from pathlib import Path

from archiver.errors import ArchiverError, SiteBusy
from archiver.model.clock import Clock, written
from archiver.text.clean import printable

_LOG = logging.getLogger(__name__)
_KEPT = 20
_MOST_RUNNING = 3
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job ended with: a text, and the page that it captured, if it captured one."""

    text: str
    page_id: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class ActJob:
    """One job. Times are UTC text.

    Attributes:
        kind: capture, site or crawl.
        what: the address or the site.
        by: who started it.
        ended_at: None while it runs.
        result: what it ended with; None while it runs.
    """

    job_id: int
    kind: str
    what: str
    by: str
    started_at: str
    ended_at: str | None = None
    result: JobResult | None = None


class Jobs:
    """The jobs of one archive: a few at a time, and the last ones that ended. They are forgotten with the server."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._jobs: dict[int, ActJob] = {}
        self._done: dict[int, threading.Event] = {}

    def start(self, kind: str, what: str, by: str, work: Callable[[], JobResult]) -> ActJob:
        """Run some work in a thread.

        Raises:
            SiteBusy: the same work, or too much of it, is running.
        """
        what = printable(what, _LONGEST)
        with self._lock:
            running = [job for job in self._jobs.values() if job.ended_at is None]
            if any((job.kind, job.what) == (kind, what) for job in running):
                raise SiteBusy(f"{kind} of {what}: this is running already; wait until it ends")
            if len(running) >= _MOST_RUNNING:
                raise SiteBusy(f"{_MOST_RUNNING} other jobs are running; wait until one ends")
            job = ActJob(next(self._numbers), kind, what, by, written(self._clock()))
            self._jobs[job.job_id] = job
            self._done[job.job_id] = threading.Event()
            self._forget()
        threading.Thread(target=self._run, args=(job, work), name=f"{kind} {job.job_id}", daemon=True).start()
        return job

    def wait(self, job: ActJob, seconds: float) -> ActJob:
        """Wait for the end of a job, but not for long; return the job as it is then."""
        self._done[job.job_id].wait(seconds)
        return self._jobs[job.job_id]

    def listed(self) -> list[ActJob]:
        """Return the jobs, the newest first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: -job.job_id)

    def _run(self, job: ActJob, work: Callable[[], JobResult]) -> None:
        result = JobResult("a fault of archiver; its log has the traceback", failed=True)
        try:
            result = work()
        except ArchiverError as error:
            result = JobResult(printable(str(error), _LONGEST), failed=True)
        except Exception:  # noqa: BLE001  (a bug must not go unseen: its thread has no caller)
            _LOG.exception("%s of %s failed", job.kind, job.what)
        finally:
            with self._lock:
                self._jobs[job.job_id] = replace(job, ended_at=written(self._clock()), result=result)
            self._done[job.job_id].set()

    def _forget(self) -> None:
        ended = [job.job_id for job in self._jobs.values() if job.ended_at is not None]
        for number in sorted(ended)[: max(0, len(self._jobs) - _KEPT)]:
            del self._jobs[number], self._done[number]


@lru_cache(maxsize=1_000)
def jobs_of(archive: Path, clock: Clock) -> Jobs:
    """Return the jobs of an archive in this process. `archive`: its absolute path."""
    assert archive.is_absolute()  # noqa: S101  (else one archive could have two lists)
    return Jobs(clock)
