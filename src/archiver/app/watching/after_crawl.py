"""After a crawl: make its report and exit code, send notifications, write the metrics file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.app.crawling.crawl_sites import Result
from archiver.app.profiles import not_crawled
from archiver.app.reading.state import CrawlSummary
from archiver.app.watching.alarm import EXIT
from archiver.app.watching.digest import digest, message
from archiver.app.watching.metrics import Measured, metrics_text, writable, write_metrics
from archiver.app.watching.notify import CHANGES_VARIABLE, VARIABLE, Level, Notifier, addresses
from archiver.app.watching.page_events import EventFilter, page_events
from archiver.app.watching.report import Report, report_run
from archiver.app.watching.report_text import MOST_LISTED, lines, lines_without_changes
from archiver.errors import ProfileError, UsageError
from archiver.model.clock import Clock, written
from archiver.store.archive import Store
from archiver.text.clean import printable

_LONGEST_TITLE, _LONGEST_MESSAGE = 200, 3_500
"""Characters of a notification of changes; Telegram cuts at 4096."""
_MOST_STORIES = 200  # those after them are only counted
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
        changes: also announce what changed, in one message for all sites, without alarms; the message of alarms and
            failures then has no changes. None: do not.
        metrics: the file for the collector.

    Raises:
        UsageError: an address, the filter of changes or the metrics file cannot be used, or changes or every crawl are
            to be announced and there is no address; this is checked before the crawl.
    """

    def __init__(
        self,
        notify: Sequence[str] | None = None,
        *,
        always: bool = False,
        changes: EventFilter | None = None,
        metrics: Path | None = None,
    ) -> None:
        self._notifier = Notifier(addresses(notify))
        if (always or changes is not None) and not self._notifier.has_address:
            raise UsageError(_nobody(changes=changes is not None))
        self._always = always
        self._changes = changes
        if changes is not None:
            changes.check()
        self._metrics = writable(metrics) if metrics else None
        self.problems: list[str] = []
        """Messages on what could not be sent or written."""

    @contextmanager
    def notify_failures(self, what: str) -> Iterator[None]:
        """Notify of an error that ends the whole crawl (damage, full disk, faulty profile), and raise it again."""
        try:
            yield
        except Exception as error:
            self.problems += self._notifier.send(
                f"archiver: {what} failed", [str(error) or type(error).__name__], "failure"
            )
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
            is_apart = self._changes is not None  # another message has the changes
            messages = [
                line
                for report in wanted
                for line in (lines_without_changes(report) if is_apart else lines(report, MOST_LISTED))
            ]
            level = _level(wanted, left_out)
            self.problems += self._notifier.send(
                _title(wanted, left_out), [*map(not_crawled, left_out), *messages], level
            )
        if self._changes is not None:
            self._announce(store, reports, self._changes)
        return self._write(store, endings, clock) if self._metrics else 0

    def _announce(self, store: Store, reports: Sequence[Report], wanted: EventFilter) -> None:
        """Send what the crawls found in one message; nothing when there is nothing."""
        runs = [number for each in reports for number in store.event_rows.unannounced(each.runs[0].run_id)]
        if not runs:  # no crawl ended; the next one announces what these found
            return
        since = min(each.started_at for each in map(store.run_reports.run, runs) if each)
        found = digest(page_events(store, replace(wanted, runs=tuple(runs), since=since)), _MOST_STORIES)
        if found.total:
            counts = "; ".join(f"{site.site}: {site.summary}" for site in found.sites)
            title = printable(f"archiver: {counts}", _LONGEST_TITLE)
            self.problems += self._notifier.send(title, [message(found, _LONGEST_MESSAGE)], "info")

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


def _nobody(*, changes: bool) -> str:
    """Return the message that there is no address to notify."""
    option = f"--notify-changes (or ${CHANGES_VARIABLE})" if changes else "--notify-always"
    return f"{option}: there is no address to notify; add --notify URL, or set ${VARIABLE}"


def _level(reports: Sequence[Report], left_out: Sequence[ProfileError]) -> Level:
    """Return the type of a notification of crawls: some were not made, there are alarms, or neither."""
    return "failure" if left_out else "warning" if any(report.alarms for report in reports) else "info"


def _title(reports: Sequence[Report], left_out: Sequence[ProfileError]) -> str:
    alarmed = ", ".join(report.site for report in reports if report.alarms)
    faulty = ", ".join(Path(error.source).stem for error in left_out)
    bad = [f"alarm: {alarmed}" if alarmed else "", f"not crawled: {faulty}" if faulty else ""]
    return "archiver: " + ("; ".join(filter(None, bad)) or ", ".join(report.site for report in reports))
