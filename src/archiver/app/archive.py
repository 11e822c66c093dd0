"""The public API: an open archive to capture, crawl, import and query."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from archiver.app import profiles
from archiver.app.crawling.choose_site import choose_site, complete_address, store_rules, with_limits
from archiver.app.crawling.crawl_pools import CrawlPools
from archiver.app.crawling.crawl_sites import CrawlRequest, crawl_sites
from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.linked_files import linked_files
from archiver.app.crawling.reread_site import Extracted, RereadOptions, extract_site, sites_to_read
from archiver.app.crawling.run import end_run, lock_site, lock_site_if_free, recorded_run, unread_captures
from archiver.app.crawling.shared_servers import shared_servers
from archiver.app.crawling.single_visits import SingleVisits
from archiver.app.importing.import_files import MOST_BYTES, ImportOptions, ImportSummary, import_files
from archiver.app.reading.questions import ArchiveReader
from archiver.app.reading.state import CrawlSummary, PageState
from archiver.app.reading.visited import state_of
from archiver.crawl.crawl_options import CrawlOptions
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.requisites import RequisiteCounts, with_requisites
from archiver.crawl.reread import open_site
from archiver.crawl.shared_browser import SharedBrowser
from archiver.crawl.site import WorkingSite
from archiver.errors import SiteBusy
from archiver.model.clock import written
from archiver.model.event import Listener, ignore
from archiver.model.profile import Profile, RenderRules
from archiver.polite.stop import StopFlag
from archiver.settings import Settings, find_settings
from archiver.store.runs import Tally

_ALWAYS, _WHEN_EMPTY = RenderRules("always"), RenderRules("when-empty")


@dataclass(frozen=True, slots=True)
class Captured:
    """The result of a one-off capture: the page, the captured files that it links to, the counts of its requisites."""

    state: PageState
    files: tuple[PageState, ...] = ()
    requisites: RequisiteCounts | None = None


class Archive(ArchiveReader):
    """An open archive to read and write. `archiver.open()` returns it. Use as a context manager."""

    def __init__(
        self, settings: Settings, *, write: bool = True, lazy: bool = False, pools: CrawlPools | None = None
    ) -> None:
        """Open an archive, as `OpenArchive` says. `pools`: worker processes that its crawls share with others."""
        super().__init__(settings, write=write, lazy=lazy)
        self._pools = pools
        self._browser: SharedBrowser | None = None

    def _make(self) -> None:
        """Create the archive if it does not exist."""
        if self._opened is None:
            self._opened = self._open_store(write=True)

    # write to the archive

    def capture(
        self,
        url: str,
        *,
        site: str | Profile | None = None,
        files: bool = False,
        requisites: bool = False,
        max_bytes: int | None = None,
        insecure: bool = False,
        render: bool | Literal["when-empty"] = False,
        listen: Listener = ignore,
    ) -> Captured:
        """Visit one address now, store the capture, and read it.

        Args:
            url: an http or https address; without a scheme, https, or http when the server has no TLS.
            site: the profile to use, or its name; by default that whose scope has the address, else a generic one.
            files: also capture the files that the page links to.
            requisites: also capture what a browser needs to show the page, unless it was captured within 30 days.
            max_bytes: the longest body that is kept whole; by default the profile's.
            insecure: go on with a certificate that is not trusted, and record that in the visit.
            render: open the page in a browser as well, and keep what the browser made of it; "when-empty": only if it
                has no body and looks like the shell of a script. The profile's `render` holds in any case.
            listen: called with events.

        Raises:
            UsageError: it is not a web address.
            ProfileError: there is no such profile, or it has faults.
            RenderUnavailable: there is no browser, and one is wanted.
            ArchiveError: the archive cannot be written; nothing is stored partially.
        """
        selectors = self.settings.selectors
        address = complete_address(url, selectors, listen)
        profile = profiles.named_or_for(site, address, selectors, listen)
        self._make()
        profile = profile or profiles.for_unclaimed(self.store, address, selectors, listen)[0]
        has_profile = bool(profile.text)
        if requisites:
            profile = replace(profile, crawl=with_requisites(profile.crawl))
        profile = with_limits(profile, max_bytes=max_bytes, insecure=insecure)
        with shared_servers(self.settings, listen) as machine, ExitStack() as lock:
            alone = lock.enter_context(lock_site_if_free(self.settings.archive, profile.name))
            working = self._open(profile, has_profile=has_profile, listen=listen, alone=alone)
            with self._run("capture", working, f"capture {address}") as pipeline:
                if alone:
                    unread_captures(self.store, working, pipeline, listen).read()
                lock.close()
                visits = SingleVisits(self.store, self.settings, working, pipeline, machine, listen, self._browser)
                visited = visits.page(address, render=_ALWAYS if render is True else _WHEN_EMPTY if render else None)
                state = state_of(self.store, visited, url if "://" in url else address)
                wants_files = files and visited.outcome.is_presence
                linked = linked_files(visited.capture, profile, state.content) if wants_files else ()
                files_captured = [state_of(self.store, visits.page(each, named=(address,)), each) for each in linked]
                counts = visits.requisites(visited, address) if requisites else None
                end_run(self.store, pipeline, self._now(), "done")
        return Captured(state, tuple(files_captured), counts)

    @contextmanager
    def one_browser(self) -> Iterator[None]:
        """Open the pages of all captures in this block in one browser. It starts with the first that needs it."""
        with SharedBrowser(self.settings.clock) as browser:
            self._browser = browser
            try:
                yield
            finally:
                self._browser = None

    def crawl(
        self,
        site: str | Profile,
        *,
        limit: int | None = None,
        seconds: float | None = None,
        everything: bool = False,
        budget: float | None = None,
        depth: int | None = None,
        max_bytes: int | None = None,
        insecure: bool = False,
        listen: Listener = ignore,
        stop: StopFlag | None = None,
    ) -> CrawlSummary:
        """Discover the site's pages and visit those that are due.

        Args:
            site: a profile's name, or the profile itself; the name of a site of the archive; a host or an address.
                Without a profile, generic rules crawl the host, or the folder of the address.
            limit: the maximum number of visits of this run.
            seconds: the maximum duration of this run.
            everything: visit every known page and ignore the revisit policy.
            budget: visits per day, by default the profile's; this run makes those that earlier runs left over, at most
                one day's.
            depth: the maximum number of links from a start page, by default the profile's.
            max_bytes: the longest body that is kept whole; by default the profile's.
            insecure: go on with a certificate that is not trusted, and record that in the visit.
            listen: called with an event for each visit.
            stop: set `wanted` to end the run early; running requests are finished. With a `check`, see `StopFlag`.

        Raises:
            SiteBusy: another crawl of this site is running on this archive.
            LeaseOver: the `check` of `stop` raised it before a commit; what was not committed is lost.
            ProfileError, ArchiveError: as for `capture`.
        """
        (found,) = self.crawl_all(
            [site],
            limit=limit,
            seconds=seconds,
            everything=everything,
            budget=budget,
            depth=depth,
            max_bytes=max_bytes,
            insecure=insecure,
            listen=listen,
            stop=stop,
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
        depth: int | None = None,
        max_bytes: int | None = None,
        insecure: bool = False,
        listen: Listener = ignore,
        stop: StopFlag | None = None,
    ) -> list[CrawlSummary | SiteBusy]:
        """Crawl many sites at once, each with its own rate limit; arguments and errors are those of `crawl`.

        Return a summary for each site, in the order given; for a site that another process crawls, a `SiteBusy` error.
        """
        store = self.store if self.settings.archive.exists() else None
        folders = self.settings.selectors
        found = [
            each if isinstance(each, Profile) else choose_site(each, store, folders, listen, depth=depth)
            for each in sites
        ]
        self._make()
        for each in found:
            store_rules(self.store, each)
        found = [with_limits(each, depth=depth, max_bytes=max_bytes, insecure=insecure) for each in found]
        options = CrawlOptions(limit, seconds, everything, budget)
        request = CrawlRequest(options, listen, stop or StopFlag(), insecure, self._pools)
        return crawl_sites(self.store, self.settings, found, request)

    def extract(
        self,
        site: str,
        *,
        dry_run: bool = False,
        workers: int | None = None,
        listen: Listener = ignore,
        stop: StopFlag | None = None,
    ) -> Extracted:
        """Read a site's stored captures again with the current profile, and replace its history in one transaction.

        Args:
            site: its name.
            dry_run: only return what would be read differently.
            workers: the number of reading processes; by default one per core.
            listen: called with progress events.
            stop: set `wanted` to end it early; the archive shows the old reading, and the next call continues.

        Raises:
            NotInArchive: there is no such site.
            ProfileError, SiteBusy, ArchiveError: as for `crawl`.
        """
        ((profile, named),) = sites_to_read(self.store, site, self.settings.selectors)
        options = RereadOptions(dry_run, workers, listen, stop or StopFlag())
        return extract_site(self.store, self.settings, profile, options, named=named)

    def import_files(
        self,
        paths: Sequence[str | Path],
        *,
        site: str | None = None,
        most_bytes: int = MOST_BYTES,
        listen: Listener = ignore,
        stop: StopFlag | None = None,
    ) -> ImportSummary:
        """Import captures from WARC, ARC and WACZ files, each at its original time. No capture is imported twice.

        Args:
            paths: the files.
            site: import only captures in this profile's scope; by default each goes to the site with its address.
            most_bytes: the maximum size of a body; of a larger one only the headers are stored.
            listen: called with progress events.
            stop: set `wanted` to end it early; imported captures are kept, and the next call continues.

        Raises:
            UsageError: a file cannot be read, or its format has no records.
            ProfileError, ArchiveError: as for `capture`.
        """
        self._make()
        options = ImportOptions(site, most_bytes, listen, stop or StopFlag())
        return import_files(self.store, self.settings, [Path(path) for path in paths], options)

    def known_sites(self) -> list[str]:
        """Return the sites of this archive that have a profile, and the sites with a profile that is not bundled.

        Sites with an invalid profile are included; crawling one is an error.
        """
        folders = self.settings.selectors
        stored = [row["name"] for row in self.store.history.sites()] if self.settings.archive.exists() else []
        return sorted(profiles.own_names(folders) | {name for name in stored if profiles.is_named(name, folders)})

    def _now(self) -> str:
        return written(self.settings.clock())

    def _open(self, profile: Profile, *, has_profile: bool, listen: Listener, alone: bool = True) -> WorkingSite:
        clock = self.settings.clock
        return open_site(self.store, profile, clock, listen, has_profile=has_profile, alone=alone)

    def _run(
        self, kind: str, site: WorkingSite, command: str, fallback: FallbackWorker | None = None
    ) -> AbstractContextManager[Pipeline]:
        return recorded_run(self.store, self.settings.clock, kind, site, command, fallback)

    def lock_site(self, site: str) -> AbstractContextManager[None]:
        """Hold the site's lock, so that no other process crawls it on this archive."""
        return lock_site(self.settings.archive, site)


def open_archive(path: str | Path | None = None, *, selectors: str | Path | None = None, write: bool = True) -> Archive:
    """Open or create an archive. This is the entry point for notebooks.

    Args:
        path: `archive.db`; by default `$ARCHIVER_ARCHIVE`, else `data/archive.db`.
        selectors: a folder of profiles that is searched first.
        write: False opens an existing archive read-only. True creates a missing archive when the first capture, crawl
            or import writes to it; reading it before is an error.

    Raises:
        ArchiveError: it cannot be opened, or does not exist and is to be read; the message says what to do.
    """
    settings = find_settings(Path(path) if path else None, Path(selectors) if selectors else None)
    return Archive(settings, write=write, lazy=True)


__all__ = ["Archive", "Captured", "Tally", "open_archive"]
