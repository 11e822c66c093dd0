"""The results of a crawl for Prometheus: a file for node_exporter's textfile collector (text format 0.0.4)."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from archiver.app.watching.report import Report
from archiver.errors import UsageError
from archiver.model.capture import Outcome
from archiver.model.clock import instant

FAILURES = tuple(outcome for outcome in Outcome if outcome.is_failure)


class Measured(NamedTuple):
    """A site after its crawl: its report, wall time in seconds, known pages, due pages."""

    report: Report
    seconds: float
    pages: int
    due: int


Samples = Iterable[tuple[Mapping[str, str], float]]


class _Family(NamedTuple):
    name: str
    help: str
    samples: Callable[[Measured], Samples]


def _one(value: Callable[[Measured], float]) -> Callable[[Measured], Samples]:
    return lambda site: [({}, value(site))]


def _count(name: str) -> Callable[[Measured], Samples]:
    return _one(lambda site: site.report.counts[name])


def _by_outcome(site: Measured) -> Samples:
    """Return a sample for every outcome that is a failure, 0 included, so that no series appears and disappears."""
    return [({"outcome": outcome}, site.report.outcomes.get(outcome, 0)) for outcome in FAILURES]


def _finished(site: Measured) -> float:
    run = site.report.runs[0]
    return instant(run.finished_at or run.started_at).timestamp()


_FAMILIES = (
    _Family("archiver_last_run_timestamp_seconds", "When the last crawl of the site ended.", _one(_finished)),
    _Family("archiver_last_run_seconds", "How long the last crawl took.", _one(lambda site: site.seconds)),
    _Family("archiver_last_run_visits", "Visits of the last crawl.", _count("visits")),
    _Family("archiver_last_run_new_pages", "Pages the last crawl read for the first time.", _count("new_pages")),
    _Family("archiver_last_run_new_versions", "Versions the last crawl wrote.", _count("new_versions")),
    _Family("archiver_last_run_changed", "Pages the last crawl found edited.", _count("changed")),
    _Family("archiver_last_run_gone", "Pages the last crawl proved gone.", _count("gone")),
    _Family("archiver_last_run_errors", "Visits of the last crawl that failed, by outcome.", _by_outcome),
    _Family("archiver_pages", "Pages of the site that are known.", _one(lambda site: site.pages)),
    _Family("archiver_pages_due", "Pages that are due to be visited.", _one(lambda site: site.due)),
    _Family("archiver_alarms", "Health alarms of the last crawl.", _one(lambda site: len(site.report.alarms))),
)


def metrics_text(sites: Iterable[Measured]) -> str:
    """Return all metric families with HELP, TYPE and one sample per site. All are gauges of the last run."""
    sites = list(sites)
    lines = []
    for family in _FAMILIES:
        lines += [f"# HELP {family.name} {family.help}", f"# TYPE {family.name} gauge"]
        for site in sites:
            for labels, value in family.samples(site):
                lines.append(sample_line(family.name, {"site": site.report.site, **labels}, value))
    return "\n".join(lines) + "\n"


def sample_line(name: str, labels: Mapping[str, str], value: float) -> str:
    """Return the line of one value."""
    return f"{name}{_labels(labels)} {_number(value)}"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def writable(path: Path) -> Path:
    """Return the path if a file can be written there. This is checked before the crawl.

    Raises:
        UsageError: the folder does not exist or cannot be written.
    """
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"--metrics {path}: its folder is missing or not writable; create it or name another file")
    return path


def write_metrics(path: Path, text: str) -> None:
    """Write the file atomically: a collector sees the old file or the new one, never a part.

    Raises:
        OSError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")  # not *.prom: no collector reads it
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _number(value: float) -> str:
    """Format a number with all digits. `:g` would round a timestamp by up to a quarter of an hour."""
    return str(int(value)) if value == int(value) else repr(round(value, 3))
