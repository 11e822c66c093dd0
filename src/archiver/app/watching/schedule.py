"""A crawl that runs by itself: how often, and the very command, which means the same wherever it is run from.

A crawl goes on where the last one ended, visits only what is due, and holds its sites' locks: it may be started as
often as one likes, and two never overlap.
"""

import hashlib
import math
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.app import profiles
from archiver.errors import UsageError
from archiver.model.moments import parse_span
from archiver.settings import Settings, bundled_profiles

HOUR, DAY, WEEK = 60, 1440, 10080  # minutes
AT_NIGHT = 4
"""The hour at which daily and weekly crawls run: portals and people sleep."""
EVEN = (*(n for n in range(1, 60) if HOUR % n == 0), *(n * HOUR for n in range(1, 24) if 24 % n == 0), DAY, WEEK)
"""Spans of minutes that divide an hour or a day, a day and a week: what a calendar can say evenly."""

_SPAN = re.compile(r"[1-9]\d{0,5}\s*[mhdw]")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Every:
    """How often, in minutes."""

    minutes: int

    @property
    def is_even(self) -> bool:
        """Whether a calendar can say it."""
        return self.minutes in EVEN

    @property
    def nearest(self) -> "Every":
        """The span next to it, by ratio, that a calendar can say."""
        return Every(min(EVEN, key=lambda even: abs(math.log(even / self.minutes))))

    def __str__(self) -> str:
        for size, unit in ((WEEK, "w"), (DAY, "d"), (HOUR, "h")):
            if self.minutes % size == 0:
                return f"{self.minutes // size}{unit}"
        return f"{self.minutes}m"


def parse_every(text: str) -> Every:
    """How often, as people type it: 30m, 6h, 1d, 1w.

    Raises:
        UsageError: it is none, or is less than a minute.
    """
    if not _SPAN.fullmatch(text.strip().lower()):
        raise UsageError(f"--every {text}: write 30m, 6h, 1d or 1w")
    return Every(round(parse_span(text).total_seconds() / 60))


@dataclass(frozen=True, slots=True)
class Job:
    """A crawl to be run again and again. All paths are absolute.

    Attributes:
        name: one for the same sites of the same archive, another for any other; of letters, digits, '.', '_', '-'.
        sites: what it crawls, for people.
        words: the command.
        folder: where it runs, because profiles are looked for in ./selectors, too.
        environment: what it must find there; never an address of notifications, which may hold passwords.
        log: where its messages go, for a scheduler that keeps none.
        minute: of the hour, its own: not all crawls of a machine at once.
    """

    name: str
    sites: str
    words: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    log: Path
    minute: int


def job_of(
    sites: Sequence[str],
    settings: Settings,
    *,
    span: str | None = None,
    metrics: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Job:
    """The crawl of some sites.

    Raises:
        ProfileError: a site has no profile, or a faulty one.
        UsageError: a path cannot be written into a schedule; `span` is no span.
    """
    named = dict(sorted((profiles.by_name(site, settings.selectors).name, _absolute_site(site)) for site in sites))
    archive = settings.archive.absolute()
    if span:
        parse_span(span)
    words = [*program(), "--archive", str(archive), *_selectors(settings), "crawl", *named.values()]
    words += ["--for", span] if span else []
    words += ["--metrics", str(metrics.absolute())] if metrics else []
    kept = {name: str(Path(environment[name]).absolute()) for name in ("ARCHIVER_STATE",) if environment.get(name)}
    name, number = _name(list(named), archive)
    job = Job(name, " ".join(named), tuple(words), Path.cwd(), kept, archive.with_name(f"{name}.log"), number % HOUR)
    for text in (*job.words, str(job.folder), str(job.log), *kept.values()):
        if not text.isprintable():
            raise UsageError(f"{text!r}: a schedule cannot hold this name: it has characters that cannot be printed")
    return job


def program() -> tuple[str, ...]:
    """The words that run this very archiver, wherever they are said."""
    beside = Path(sys.executable).with_name("archiver")
    if beside.is_file() and os.access(beside, os.X_OK):
        return (str(beside),)
    found = shutil.which("archiver")
    return (str(Path(found).absolute()),) if found else (sys.executable, "-m", "archiver")


def _absolute_site(site: str) -> str:
    return str(Path(site).absolute()) if site.endswith(".toml") else site


def _selectors(settings: Settings) -> list[str]:
    """The folder of profiles that was named; ./selectors and those that ship are found without."""
    given = [folder for folder in settings.selectors if folder not in (Path("selectors"), bundled_profiles())]
    return ["--selectors", str(given[0].absolute())] if given else []


def _name(sites: Sequence[str], archive: Path) -> tuple[str, int]:
    digest = hashlib.sha256("\n".join([*sites, str(archive.resolve())]).encode("utf-8", "surrogateescape")).hexdigest()
    label = "-".join(sites)
    if len(label) > _LONGEST_NAME:
        label = f"{sites[0][:_LONGEST_NAME]}-and-{len(sites) - 1}-more"
    return f"archiver-{label}-{digest[:8]}", int(digest[:8], 16)
