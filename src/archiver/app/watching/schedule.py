"""A scheduled crawl: its interval, and its command with absolute paths.

A crawl resumes where the last one ended, visits only what is due, and holds the locks of its sites. It may start at
any interval, and two crawls of a site never overlap.
"""

import hashlib
import math
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from archiver.app.crawling.choose_site import choose_site
from archiver.app.watching.page_events import EventFilter
from archiver.errors import UsageError
from archiver.model.moments import parse_span
from archiver.settings import Settings, bundled_profiles
from archiver.store.archive import Store

HOUR, DAY, WEEK = 60, 1440, 10080  # minutes
AT_NIGHT = 4
"""The hour at which daily and weekly crawls run: portals have little traffic then."""
EVEN = (*(n for n in range(1, 60) if HOUR % n == 0), *(n * HOUR for n in range(1, 24) if 24 % n == 0), DAY, WEEK)
"""Intervals in minutes that a calendar schedule can express: divisors of an hour or a day, a day and a week."""

_SPAN = re.compile(r"[1-9]\d{0,5}\s*[mhdw]")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Every:
    """An interval, in minutes."""

    minutes: int

    @property
    def is_even(self) -> bool:
        """Return whether a calendar schedule can express it."""
        return self.minutes in EVEN

    @property
    def nearest(self) -> "Every":
        """Return the nearest interval, by ratio, that a calendar schedule can express."""
        return Every(min(EVEN, key=lambda even: abs(math.log(even / self.minutes))))

    def __str__(self) -> str:
        for size, unit in ((WEEK, "w"), (DAY, "d"), (HOUR, "h")):
            if self.minutes % size == 0:
                return f"{self.minutes // size}{unit}"
        return f"{self.minutes}m"


def parse_every(text: str) -> Every:
    """Parse an interval such as 30m, 6h, 1d or 1w.

    Raises:
        UsageError: the text is not an interval, or is less than a minute.
    """
    if not _SPAN.fullmatch(text.strip().lower()):
        raise UsageError(f"--every {text}: not an interval; write 30m, 6h, 1d or 1w")
    return Every(round(parse_span(text).total_seconds() / 60))


@dataclass(frozen=True, slots=True)
class Job:
    """A scheduled crawl. All paths are absolute.

    Attributes:
        name: unique for these sites and this archive; of letters, digits, '.', '_', '-'.
        sites: the names of the sites, for people.
        command: the command and its arguments.
        folder: the working directory, because profiles are also searched in ./selectors.
        environment: variables it needs; never notification addresses, which may hold passwords.
        log: the file for its messages, for a scheduler that keeps none.
        writes: the folders it writes to; each exists, or is made by it.
        minute: the minute of the hour, derived from the name, so that jobs do not all start at once.
    """

    name: str
    sites: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    log: Path
    minute: int
    writes: tuple[Path, ...] = ()


def job_of(
    sites: Sequence[str],
    settings: Settings,
    *,
    span: str | None = None,
    metrics: Path | None = None,
    changes: EventFilter | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Job:
    """Return the job that crawls some sites. `changes`: of which changes it notifies.

    Raises:
        ProfileError: no profile and no site of the archive has this name, or the profile is faulty.
        UsageError: a path cannot be written into a schedule, or `span` is not a time span.
    """
    archive = settings.archive.absolute()
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(archive, write=False)) if archive.exists() else None
        named = dict(sorted(_named(site, store, settings) for site in sites))
    if span:
        parse_span(span)
    command = [*program(), "--archive", str(archive), *given_selectors(settings), "crawl", *named.values()]
    command += ["--for", span] if span else []
    command += ["--metrics", str(metrics.absolute())] if metrics else []
    command += _notifying(changes) if changes else []
    kept = {name: str(Path(environment[name]).absolute()) for name in ("ARCHIVER_STATE",) if environment.get(name)}
    name, number = _name(list(named), archive)
    log = archive.with_name(f"{name}.log")
    written = (archive, settings.servers, metrics)
    writes = tuple(dict.fromkeys(path.absolute().parent for path in written if path is not None))
    job = Job(name, " ".join(named), tuple(command), Path.cwd(), kept, log, number % HOUR, writes)
    for text in (*job.command, str(job.folder), str(job.log), *kept.values()):
        if not text.isprintable():
            raise UsageError(f"{text!r}: a schedule cannot hold a name with unprintable characters; rename it")
    return job


def _notifying(changes: EventFilter) -> list[str]:
    """Return the options of `crawl` for these changes. The addresses are in the environment of the job."""
    words = ["--notify-changes"]
    for option, values in (("--notify-field", changes.fields), ("--notify-nature", changes.natures)):
        words += [word for value in values for word in (option, value)]
    words += ["--notify-pattern", changes.pattern] if changes.pattern is not None else []
    return words + (["--notify-plain"] if changes.plain else [])


def _named(text: str, store: Store | None, settings: Settings) -> tuple[str, str]:
    """Return the name of a site, and how its crawl names it: an address without a profile stays an address."""
    site = choose_site(text, store, settings.selectors)
    if text.endswith(".toml"):
        return site.name, str(Path(text).absolute())
    is_address = not site.text and ("://" in text or store is None or store.pages.site_id(site.name) is None)
    return site.name, site.crawl.start[-1] if is_address else site.name


def program() -> tuple[str, ...]:
    """Return the command that runs this installation of archiver from any folder."""
    script = Path(sys.executable).with_name("archiver")
    if script.is_file() and os.access(script, os.X_OK):
        return (str(script),)
    found = shutil.which("archiver")
    return (str(Path(found).absolute()),) if found else (sys.executable, "-m", "archiver")


def given_selectors(settings: Settings) -> list[str]:
    """Return `--selectors` with the folder that was given; ./selectors and the bundled profiles need no option."""
    given = [folder for folder in settings.selectors if folder not in (Path("selectors"), bundled_profiles())]
    return ["--selectors", str(given[0].absolute())] if given else []


def _name(sites: Sequence[str], archive: Path) -> tuple[str, int]:
    digest = hashlib.sha256("\n".join([*sites, str(archive.resolve())]).encode("utf-8", "surrogateescape")).hexdigest()
    label = "-".join(sites)
    if len(label) > _LONGEST_NAME:
        label = f"{sites[0][:_LONGEST_NAME]}-and-{len(sites) - 1}-more"
    return f"archiver-{label}-{digest[:8]}", int(digest[:8], 16)
