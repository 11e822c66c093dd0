"""`archiver worker`: crawl the sites of a fleet by leases."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from archiver.app.fleet.open_leases import fleet_address, open_leases
from archiver.app.fleet.worker.worker import Worker, WorkerOptions
from archiver.app.fleet.worker.worker_events import WorkerEvent
from archiver.app.fleet.worker.worker_unit import worker_unit
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson
from archiver.cli.export_web import size_in_bytes
from archiver.cli.fleet import FleetOption
from archiver.cli.output import Bar
from archiver.errors import UsageError
from archiver.model.moments import parse_span
from archiver.polite.stop import endings, handling
from archiver.settings import state_folder
from archiver.text.clean import counted

_MOST_NAMES = 4
"""Sites that the progress line names."""


class _WorkerOutput:
    """Prints what a worker tells, from any of its threads.

    Attributes:
        end: lets the worker end; called when nothing can be printed any longer.
    """

    def __init__(self, bar: Bar, *, as_json: bool) -> None:
        self.end: Callable[[], None] = lambda: None
        self._bar = bar
        self._as_json = as_json
        self._lock = threading.Lock()
        self._sites: list[str] = []
        self._visits = 0

    def event(self, event: WorkerEvent) -> None:
        """Print an event on stdout."""
        with self._lock:
            if event.what == "claimed":
                self._sites.append(event.site)
            elif event.what in ("finished", "failed", "lost") and event.site in self._sites:
                self._sites.remove(event.site)
            try:
                if self._as_json:
                    OUTPUT.json(event.as_json())
                else:
                    OUTPUT.line(str(event))
                    OUTPUT.flush()
            except OSError:  # the reader has closed it
                self.end()
            self._show()

    def note(self, site: str, text: str) -> None:
        """Print a message on stderr."""
        with self._lock, suppress(OSError):  # nobody reads messages any longer; the work goes on
            OUTPUT.say(f"{site}: {text}" if site else text)

    def visit(self) -> None:
        """Count a visit."""
        with self._lock:
            self._visits += 1
            self._show()

    def _show(self) -> None:
        more = len(self._sites) - _MOST_NAMES
        names = " ".join(self._sites[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
        self._bar.show(names or "nothing is due", self._visits, None)


def worker(
    fleet: FleetOption = None,
    *,
    shards: Annotated[
        Path | None,
        typer.Option("--shards", metavar="FOLDER", help="Where working copies are kept [the state folder]."),
    ] = None,
    sites: Annotated[int, typer.Option("--sites", min=1, max=200, help="Sites that are crawled at once.")] = 8,
    span: Annotated[
        str, typer.Option("--slice", metavar="SPAN", help="How long a site is crawled before its pages are stored.")
    ] = "10m",
    lease: Annotated[
        str, typer.Option("--lease", metavar="SPAN", help="How long a lease lasts without a renewal.")
    ] = "120s",
    cache: Annotated[
        str, typer.Option("--cache", metavar="SIZE", help="Most bytes of working copies that are not in use.")
    ] = "20GB",
    once: Annotated[bool, typer.Option("--once", help="End when no site is due any longer.")] = False,
    metrics: Annotated[
        Path | None,
        typer.Option("--metrics", metavar="FILE", help="Write metrics for Prometheus' textfile collector, as it runs."),
    ] = None,
    systemd: Annotated[
        bool, typer.Option("--systemd", help="Print a unit of systemd that runs such workers, and do nothing else.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Crawl the sites of a fleet: claim what is due, crawl it in slices, store each slice, give it back.

    Ctrl-C and SIGTERM let it end in order: requests under way end, and what was fetched is stored. A second signal ends
    it at once; then the last slice of each site is fetched again by the next worker.
    """
    options = WorkerOptions(
        (shards or state_folder() / "shards").absolute(),
        sites,
        _seconds("--slice", span),
        _seconds("--lease", lease),
        size_in_bytes(cache),
        once,
        metrics,
    )
    if systemd:
        OUTPUT.line(worker_unit(fleet, options, GLOBAL_OPTIONS.find()).rstrip("\n"))
        return
    with open_leases(fleet_address(fleet), GLOBAL_OPTIONS.find().clock) as leases, OUTPUT.progress() as bar:
        shown = _WorkerOutput(bar, as_json=as_json)
        running = Worker(
            leases, GLOBAL_OPTIONS.find(), options, listen=shown.event, note=shown.note, visited=shown.visit
        )
        shown.end = running.end
        OUTPUT.say(f"worker {running.name}, {counted(sites, 'site')} at once, working copies in {options.shards}")
        signals = 0

        def handle(number: int, _frame: FrameType | None) -> None:
            nonlocal signals
            signals += 1
            if signals > 1:
                os._exit(128 + number)
            running.end()

        with handling((signal.SIGINT, *endings()), handle):
            running.run()


def _seconds(option: str, text: str) -> float:
    seconds = parse_span(text).total_seconds()
    if seconds < 1:
        raise UsageError(f"{option} {text}: at least a second")
    return seconds
