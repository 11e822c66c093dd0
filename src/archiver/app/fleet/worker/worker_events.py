"""What a worker tells while it runs, as events; and its counts."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

What = Literal["claimed", "slice", "shipped", "finished", "failed", "lost"]
Detail = str | int | float | None


@dataclass(frozen=True, slots=True)
class WorkerEvent:
    """One step of the work on a site.

    Attributes:
        what: claimed: a lease began; slice: a crawl ended; shipped: its pages are in object storage; finished: the
            lease ended in order; failed: it ended, and `why` says why; lost: it ended without the worker, and what was
            not shipped is fetched again.
        site: its name.
        epoch: of the lease.
        details: more, by name.
    """

    what: What
    site: str
    epoch: int
    details: Mapping[str, Detail] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the event as `worker --json` prints it."""
        return {"event": self.what, "site": self.site, "epoch": self.epoch, **self.details}

    def __str__(self) -> str:
        """Return the event as one line that can be searched: `shipped demo epoch=3 generation=12`."""
        details = (f"{name}={_shown(value)}" for name, value in self.details.items() if value not in (None, ""))
        return " ".join((self.what, self.site, f"epoch={self.epoch}", *details))


Listen = Callable[[WorkerEvent], None]


def _shown(value: Detail) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    text = str(value)
    return f'"{text}"' if " " in text else text


class WorkerCounts:
    """The counts of a worker since its start. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Counter[str]()
        self._failures = Counter[str]()

    def add(self, event: WorkerEvent) -> None:
        """Count an event."""
        with self._lock:
            self._counts[event.what] += 1
            if event.what == "failed":
                self._failures[str(event.details.get("kind", ""))] += 1
            for name in ("visits", "bytes"):
                value = event.details.get(name, 0)
                if event.what == ("slice" if name == "visits" else "shipped") and isinstance(value, int):
                    self._counts[name] += value

    def of(self, name: str) -> int:
        """Return how often an event happened; or the `visits` of all slices, or the `bytes` that were shipped."""
        with self._lock:
            return self._counts[name]

    def failures(self) -> dict[str, int]:
        """Return how many crawls failed, by the kind of error."""
        with self._lock:
            return dict(self._failures)
