"""The state of a worker for Prometheus: a file for node_exporter's textfile collector, written every 15 seconds."""

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from archiver.app.watching.metrics import sample_line, writable, write_metrics

_EVERY = 15.0  # seconds
_LOG = logging.getLogger(__name__)
_PREFIX = "archiver_worker_"

FAMILIES: Mapping[str, str] = {
    "leases_held": "Sites that the worker crawls now.",
    "slices_total": "Crawls that ended, since the worker started.",
    "visits_total": "Visits of these crawls.",
    "shipped_bytes_total": "Bytes that were stored in object storage.",
    "leases_claimed_total": "Leases that began.",
    "leases_finished_total": "Leases that ended in order.",
    "leases_lost_total": "Leases that ended without the worker; their last slice is fetched again.",
    "failures_total": "Leases that ended with a failure, by the kind of error.",
    "lease_seconds_left": "Seconds until the lease ends that ends first.",
    "lease_renewed_timestamp_seconds": "When leases were claimed or renewed last.",
}
"""The names of all values, with their help. Counters end in `_total`; the others are gauges."""


@dataclass(frozen=True, slots=True)
class MetricSample:
    """A value of a family, with its labels."""

    family: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def worker_metrics(samples: Sequence[MetricSample]) -> str:
    """Return the values with HELP and TYPE of their families (text format 0.0.4)."""
    lines = []
    for name, about in FAMILIES.items():
        found = [each for each in samples if each.family == name]
        if not found:
            continue
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [f"# HELP {_PREFIX}{name} {about}", f"# TYPE {_PREFIX}{name} {kind}"]
        lines += [sample_line(f"{_PREFIX}{name}", each.labels, each.value) for each in found]
    return "\n".join(lines) + "\n"


class MetricsFile:
    """Writes the file every 15 seconds and at the end. Use as a context manager.

    Args:
        path: the file.
        samples: returns the values of the moment; called from a thread.
    """

    def __init__(self, path: Path, samples: Callable[[], Sequence[MetricSample]]) -> None:
        self._path = path
        self._samples = samples
        self._end: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    def __enter__(self) -> Self:
        """Begin.

        Raises:
            UsageError: the file cannot be written.
        """
        writable(self._path)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_ended = False
        while not is_ended:
            self._write()
            try:
                self._end.get(timeout=_EVERY)
                is_ended = True
            except queue.Empty:
                pass
        self._write()

    def _write(self) -> None:
        try:
            write_metrics(self._path, worker_metrics(self._samples()))
        except OSError as error:
            _LOG.warning("--metrics %s: cannot be written: %s", self._path, error.strerror or error)
