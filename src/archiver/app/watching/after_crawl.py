"""After a crawl: make its report and exit code, send notifications, write the metrics file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archiver.app.crawling.crawl_sites import Result
from archiver.app.profiles import not_crawled
from archiver.app.reading.state import CrawlSummary
from archiver.app.watching.alarm import EXIT
from archiver.app.watching.metrics import Measured, metrics_text, writable, write_metrics
from archiver.app.watching.notify import Notifier, addresses
from archiver.app.watching.report import Report, report_run
from archiver.app.watching.report_text import MOST_LISTED, lines
from archiver.errors import ProfileError
from archiver.model.clock import Clock, written
from archiver.store.archive import Store

_WORST = (0, 1, EXIT, ProfileError.exit_code, 130)
"""Exit codes of a crawl that ended, the worst last. Damage (4) is raised as an error and is worse than all."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the crawl of one site ended; `report` is None when another process crawls the site."""

    result: Result
    report: Report | None = None

    @property
    def code(self) -> int:
        """Return the exit code for this site."""
        if not isinstance(self.result, CrawlSummary):
            return self.result.exit_code
        if self.report and self.report.alarms:
            return EXIT
        tally = self.result.tally
        return 1 if tally.errors or tally.unread or self.result.ended == "stopped" else 0


def worst(codes: Sequence[int]) -> int:
    """Return the worst of the exit codes of a crawl; 0 when there is none."""
    return max(codes, key=_WORST.index, default=0)


def endings_of(store: Store, results: Sequence[Result]) -> list[Ending]:
    """Return each crawl's result with its report."""
    return [
        Ending(result, report_run(store, result.run_id) if isinstance(result, CrawlSummary) else None)
        for result in results
    ]


class Watch:
    """Publish the results of crawls: to people by notifications, to a collector by a metrics file.

    Args:
        notify: apprise addresses; by default those of `$ARCHIVER_NOTIFY`.
        always: notify of every crawl, not only of alarms and failures.
        metrics: the file for the collector.

    Raises:
        UsageError: an address or the metrics file cannot be used; this is checked before the crawl.
    """

    def __init__(
        self, notify: Sequence[str] | None = None, *, always: bool = False, metrics: Path | None = None
    ) -> None:
        self._notifier = Notifier(addresses(notify))
        self._always = always
        self._metrics = writable(metrics) if metrics else None
        self.problems: list[str] = []
        """Messages on what could not be sent or written."""

    @contextmanager
    def notify_failures(self, what: str) -> Iterator[None]:
        """Notify of an error that ends the whole crawl (damage, full disk, faulty profile), and raise it again."""
        try:
            yield
        except Exception as error:
            self.problems += self._notifier.send(f"archiver: {what} failed", [str(error) or type(error).__name__])
            raise

    def publish(
        self, store: Store, endings: Sequence[Ending], clock: Clock, left_out: Sequence[ProfileError] = ()
    ) -> int:
        """Send notifications and write the metrics file; return 1 when the file cannot be written, else 0.

        `left_out`: sites that were not crawled because their profiles have faults.
        """
        reports = [ending.report for ending in endings if ending.report]
        wanted = [report for report in reports if self._always or report.alarms]
        if wanted or left_out:
            messages = [line for report in wanted for line in lines(report, MOST_LISTED)]
            self.problems += self._notifier.send(_title(wanted, left_out), [*map(not_crawled, left_out), *messages])
        return self._write(store, endings, clock) if self._metrics else 0

    def _write(self, store: Store, endings: Sequence[Ending], clock: Clock) -> int:
        assert self._metrics is not None  # noqa: S101  (the caller checks)
        sites = [
            Measured(
                each.report,
                each.result.seconds,
                *store.run_reports.pages(each.report.runs[0].site_id, written(clock())),
            )
            for each in endings
            if each.report and isinstance(each.result, CrawlSummary)
        ]
        if not sites:  # another process crawls all of them, and writes the file when it ends
            return 0
        try:
            write_metrics(self._metrics, metrics_text(sites))
        except OSError as error:
            self.problems.append(f"--metrics {self._metrics}: cannot be written: {error.strerror}")
            return 1
        return 0


def _title(reports: Sequence[Report], left_out: Sequence[ProfileError]) -> str:
    alarmed = ", ".join(report.site for report in reports if report.alarms)
    faulty = ", ".join(Path(error.source).stem for error in left_out)
    bad = [f"alarm: {alarmed}" if alarmed else "", f"not crawled: {faulty}" if faulty else ""]
    return "archiver: " + ("; ".join(filter(None, bad)) or ", ".join(report.site for report in reports))
