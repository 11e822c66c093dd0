"""The public API: an archive, opened, to capture into, to crawl into, and to ask."""

import functools
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from archiver.app import profiles
from archiver.app.crawling.crawl_sites import Wishes, crawl_sites
from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.reread_site import Extracted, Rereading, extract_site, sites_to_read
from archiver.app.crawling.run import a_run, alone_if_free, only_crawl, unread_captures
from archiver.app.crawling.shared_servers import shared_servers
from archiver.app.importing.import_files import MOST_BYTES, ImportOptions, ImportSummary, import_files
from archiver.app.reading.questions import ArchiveReader
from archiver.app.reading.state import CrawlSummary, PageState
from archiver.app.reading.visited import state_of
from archiver.crawl.capture_once import capture_once
from archiver.crawl.crawler import CrawlOptions
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.reread import open_site
from archiver.crawl.site import WorkingSite
from archiver.errors import SiteBusy, UsageError
from archiver.model.clock import written
from archiver.model.event import Listener, ignore
from archiver.model.policy import user_agent
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from archiver.settings import Settings, find_settings, package_version
from archiver.store.archive import Store
from archiver.store.runs import Tally
from archiver.store.shared_hosts import Servers
from archiver.text.url import canonical


@dataclass(frozen=True, slots=True)
class Captured:
    """What a one-off capture brought: the page, and the files taken along."""

    state: PageState
    files: tuple[PageState, ...] = ()


class Archive(ArchiveReader):
    """An open archive. Use as a context manager. Made by `archiver.open()`."""

    def __init__(self, settings: Settings, *, write: bool = True, lazy: bool = False) -> None:
        self.settings = settings
        self._is_closed = False
        self._opened = None if lazy and write and not settings.archive.exists() else self._open_store(write=write)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the archive's files."""
        self._is_closed = True
        if self._opened is not None:
            self._opened.close()

    def let_go(self) -> None:
        """Close the files for now; they are opened again when they are needed."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def store(self) -> Store:
        """The archive's two files. One that is not made yet is looked for again: there is nothing to ask in none."""
        if self._opened is None:
            self._opened = self._open_store(write=self.settings.archive.exists())
        return self._opened

    def _make(self) -> None:
        if self._opened is None:
            self._opened = self._open_store(write=True)

    def _open_store(self, *, write: bool) -> Store:
        if self._is_closed:
            raise UsageError(f"{self.settings.archive}: this archive is closed; open it again with archiver.open()")
        return Store.open(self.settings.archive, write=write)

    # visiting

    def capture(self, url: str, *, site: str | None = None, files: bool = False, listen: Listener = ignore) -> Captured:
        """Visit one address now, keep what came, and read it.

        Args:
            url: an http or https address.
            site: the profile to use; by default the one whose scope holds the address, else none.
            files: capture the files the page links to as well.
            listen: hears what happens.

        Raises:
            UsageError: it is no web address.
            ProfileError: there is no such profile, or it has faults.
            ArchiveError: the archive does not take it; nothing half-written is kept.
        """
        address = canonical(url)
        profile = profiles.by_name(site, self.settings.selectors) if site else None
        profile = profile or profiles.for_address(address, self.settings.selectors, listen)
        self._make()
        profile, has_profile = (
            (profile, True) if profile else profiles.for_nobody_s(self.store, address, self.settings.selectors, listen)
        )
        with shared_servers(self.settings, listen) as machine, ExitStack() as lock:
            alone = lock.enter_context(alone_if_free(self.settings.archive, profile.name))
            working = self._open(profile, has_profile=has_profile, listen=listen, alone=alone)
            with self._run("capture", working, f"capture {address}") as (run_id, pipeline):
                if alone:
                    unread_captures(self.store, working, pipeline, listen).read()
                lock.close()
                go = functools.partial(self._one, working, pipeline, machine=machine, listen=listen)
                state = go(address, url)
                taken: list[PageState] = []
                if files and state.content is not None:
                    taken = [go(link.url, link.url) for link in state.content.files]
                self.store.runs.end(run_id, self._now(), "done")
        return Captured(state, tuple(taken))

    def _one(
        self,
        site: WorkingSite,
        pipeline: Pipeline,
        address: str,
        asked: str,
        *,
        machine: Servers | None,
        listen: Listener,
    ) -> PageState:
        visited = capture_once(
            self.store,
            site,
            pipeline,
            address,
            agent=user_agent(package_version(), site.profile.crawl),
            clock=self.settings.clock,
            listen=listen,
            retries=self.settings.retries,
            machine=machine,
        )
        return state_of(self.store, visited[-1], asked)

    def crawl(
        self,
        site: str | Profile,
        *,
        limit: int | None = None,
        seconds: float | None = None,
        everything: bool = False,
        budget: float | None = None,
        listen: Listener = ignore,
        stop: StopFlag | None = None,
    ) -> CrawlSummary:
        """Discover the site's pages and visit those that are due.

        Args:
            site: a profile's name, or the profile itself.
            limit: most visits of this run.
            seconds: most seconds of this run.
            everything: visit every known page, whatever the revisit policy says.
            budget: visits a day, by default the profile's; this run makes what earlier runs left, a day's at most.
            listen: hears of each visit.
            stop: set `wanted` to end the run early; what is under way is finished.

        Raises:
            SiteBusy: another crawl of this site is running on this archive.
            ProfileError, ArchiveError: as for `capture`.
        """
        (found,) = self.crawl_all(
            [site], limit=limit, seconds=seconds, everything=everything, budget=budget, listen=listen, stop=stop
        )
        if isinstance(found, SiteBusy):
            raise found
        return found

    def crawl_all(
        self,
        sites: Sequence[str | Profile],
        *,
        limit: int | None = None,
        seconds: float | None = None,
        everything: bool = False,
        budget: float | None = None,
        listen: Listener = ignore,
        stop: StopFlag | None = None,
    ) -> list[CrawlSummary | SiteBusy]:
        """Crawl many sites at once, each at its own pace; arguments and errors are those of `crawl`.

        Gives a summary for each site, in the order given; for one that another program crawls, the error that says so.
        """
        folders = self.settings.selectors
        found = [each if isinstance(each, Profile) else profiles.by_name(each, folders) for each in sites]
        self._make()
        wishes = Wishes(CrawlOptions(limit, seconds, everything, budget), listen, stop or StopFlag())
        return crawl_sites(self.store, self.settings, found, wishes)

    def extract(
        self,
        site: str,
        *,
        dry_run: bool = False,
        workers: int | None = None,
        listen: Listener = ignore,
        stop: StopFlag | None = None,
    ) -> Extracted:
        """Read a site's stored captures again with today's profile, and switch it over in one commit.

        Args:
            site: its name.
            dry_run: only tell what would be read differently.
            workers: reading processes; by default one a core.
            listen: hears how far it is.
            stop: set `wanted` to end it early; the archive shows the old reading, and the next call goes on.

        Raises:
            NotInArchive: there is no such site.
            ProfileError, SiteBusy, ArchiveError: as for `crawl`.
        """
        ((profile, named),) = sites_to_read(self.store, site, self.settings.selectors)
        wishes = Rereading(dry_run, workers, listen, stop or StopFlag())
        return extract_site(self.store, self.settings, profile, wishes, named=named)

    def import_files(
        self,
        paths: Sequence[str | Path],
        *,
        site: str | None = None,
        most_bytes: int = MOST_BYTES,
        listen: Listener = ignore,
        stop: StopFlag | None = None,
    ) -> ImportSummary:
        """Take captures out of WARC, ARC and WACZ files; each lands in its place in time, and is taken once.

        Args:
            paths: of the files.
            site: only captures within this profile's scope; by default each goes to the site that holds its address.
            most_bytes: a body may have; of a bigger one only the head is kept.
            listen: hears how far it is.
            stop: set `wanted` to end it early; what was taken is kept, and the next call goes on.

        Raises:
            UsageError: a file that cannot be read or holds no records.
            ProfileError, ArchiveError: as for `capture`.
        """
        self._make()
        wishes = ImportOptions(site, most_bytes, listen, stop or StopFlag())
        return import_files(self.store, self.settings, [Path(path) for path in paths], wishes)

    def known_sites(self) -> list[str]:
        """The sites this archive holds and that have a profile, and those with a profile in a folder of one's own.

        A profile with faults is among them: to crawl it is an error.
        """
        folders = self.settings.selectors
        held = [row["name"] for row in self.store.history.sites()] if self.settings.archive.exists() else []
        return sorted(profiles.own_names(folders) | {name for name in held if profiles.is_named(name, folders)})

    def _now(self) -> str:
        return written(self.settings.clock())

    def _open(self, profile: Profile, *, has_profile: bool, listen: Listener, alone: bool = True) -> WorkingSite:
        clock = self.settings.clock
        return open_site(self.store, profile, clock, listen, has_profile=has_profile, alone=alone)

    def _run(
        self, kind: str, site: WorkingSite, command: str, fallback: FallbackWorker | None = None
    ) -> AbstractContextManager[tuple[int, Pipeline]]:
        return a_run(self.store, self.settings.clock, kind, site, command, fallback)

    def only_crawl(self, site: str) -> AbstractContextManager[None]:
        """Hold the site's lock, so that nobody else crawls it on this archive."""
        return only_crawl(self.settings.archive, site)


def open_archive(path: str | Path | None = None, *, selectors: str | Path | None = None, write: bool = True) -> Archive:
    """Open (or make) an archive: the way in for notebooks.

    Args:
        path: `archive.db`; by default `$ARCHIVER_ARCHIVE`, else `data/archive.db`.
        selectors: a folder of profiles that is looked in first.
        write: False opens an existing archive to read only. True makes one that is not there yet, when the first
            capture or crawl has something to put into it; to ask before that is an error.

    Raises:
        ArchiveError: it cannot be opened, or, to read, is not there; the message says why and the mend.
    """
    settings = find_settings(Path(path) if path else None, Path(selectors) if selectors else None)
    return Archive(settings, write=write, lazy=True)


__all__ = ["Archive", "Captured", "Tally", "open_archive"]
