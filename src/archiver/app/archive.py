"""The public API: an archive, opened, to capture into, to crawl into, and to ask."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from archiver.app import profiles
from archiver.app.page import Page
from archiver.app.slow import SlowReading
from archiver.app.state import CrawlSummary, PageState
from archiver.crawl.crawler import Crawler, CrawlOptions, capture_once
from archiver.crawl.reread import open_site
from archiver.crawl.site import WorkingSite
from archiver.crawl.stop import StopFlag
from archiver.crawl.visit import Desk, read_slowly
from archiver.errors import ArchiveReadOnly, NotInArchive, ProfileError, SiteBusy
from archiver.extract.profile import parse_profile
from archiver.extract.read import CODE_VERSION
from archiver.model.clock import written
from archiver.model.event import Listener, Visited, ignore
from archiver.model.policy import user_agent
from archiver.model.profile import Profile, UrlRules
from archiver.settings import Settings, package_version
from archiver.store.archive import Store
from archiver.store.runs import Tally
from archiver.text.url import canonical, page_key


@dataclass(frozen=True, slots=True)
class Captured:
    """What a one-off capture brought: the page, and the files taken along."""

    state: PageState
    files: tuple[PageState, ...] = ()


class Archive:
    """An open archive. Use as a context manager. Made by `archiver.open()`."""

    def __init__(self, settings: Settings, *, write: bool = True) -> None:
        self.settings = settings
        self.store = Store.open(settings.archive, write=write)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the archive's files."""
        self.store.close()

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
        profile = profile or profiles.for_address(address, self.settings.selectors)
        has_profile = profile is not None
        working = self._open(profile or profiles.of_no_profile(address), has_profile=has_profile, listen=listen)
        with self._run("capture", working, f"capture {address}") as (run_id, desk):
            state = self._one(working, desk, address, url)
            taken: list[PageState] = []
            if files and state.content is not None:
                taken = [self._one(working, desk, link.url, link.url) for link in state.content.files]
            self.store.runs.end(run_id, self._now(), "done")
        return Captured(state, tuple(taken))

    def _one(self, site: WorkingSite, desk: Desk, address: str, asked: str) -> PageState:
        agent = user_agent(package_version(), site.profile.crawl)
        visited = capture_once(
            self.store, site, desk, address, agent=agent, clock=self.settings.clock, retries=self.settings.retries
        )
        return self._state_of(visited[-1], asked)

    def _state_of(self, event: Visited, asked: str) -> PageState:
        known = self.store.pages.page(event.page_id)
        row = self.store.history.visit(event.visit_id)
        assert known is not None  # noqa: S101  (just written)
        assert row is not None  # noqa: S101
        version = self.store.history.version(event.page_id, -1) if event.decision is not None else None
        changes = event.decision.changes if event.decision else ()
        return PageState(
            url=asked,
            final_url=event.capture.url,
            visited_at=row.visited_at,
            status=row.status,
            outcome=row.outcome,
            visit_id=row.visit_id,
            sha256=row.sha256,
            bytes=row.bytes,
            page_id=event.page_id,
            site=known.site,
            state=known.state,
            note=row.note,
            version=version.version if version else None,
            new_version=bool(event.decision and event.decision.is_new_version),
            fields_changed=tuple(change.field for change in changes),
            content=version.content if version else None,
            readings=self.store.history.readings_of(event.visit_id),
            sources=self.store.history.sources(version.version_id) if version else {},
            seen=(version.seen_from, version.seen_last, version.seen_until) if version else None,
        )

    def crawl(
        self,
        site: str | Profile,
        *,
        limit: int | None = None,
        seconds: float | None = None,
        everything: bool = False,
        listen: Listener = ignore,
        stop: StopFlag | None = None,
    ) -> CrawlSummary:
        """Discover the site's pages and visit those that are due.

        Args:
            site: a profile's name, or the profile itself.
            limit: most visits of this run.
            seconds: most seconds of this run.
            everything: visit every known page, whatever the revisit policy says.
            listen: hears of each visit.
            stop: set `wanted` to end the run early; what is under way is finished.

        Raises:
            SiteBusy: another crawl of this site is running on this archive.
            ProfileError, ArchiveError: as for `capture`.
        """
        profile = site if isinstance(site, Profile) else profiles.by_name(site, self.settings.selectors)
        started = time.monotonic()
        options = CrawlOptions(limit, seconds, everything)
        with self._only_crawl(profile.name), SlowReading() as slow:
            working = self._open(profile, has_profile=True, listen=listen)
            self.store.runs.sweep(working.site_id, "crawl")
            with self._run("crawl", working, f"crawl {profile.name}", slow) as (run_id, desk):
                crawler = Crawler(
                    self.store,
                    working,
                    desk,
                    run_id,
                    agent=user_agent(package_version(), working.profile.crawl),
                    clock=self.settings.clock,
                    options=options,
                    listen=listen,
                    stop=stop or StopFlag(),
                    retries=self.settings.retries,
                )
                ended = crawler.run()
                self.store.runs.end(run_id, self._now(), ended)
        return CrawlSummary(
            run_id,
            profile.name,
            desk.tally,
            time.monotonic() - started,
            ended,
            self.store.frontier.next_due(working.site_id),
        )

    def _now(self) -> str:
        return written(self.settings.clock())

    def _open(self, profile: Profile, *, has_profile: bool, listen: Listener) -> WorkingSite:
        return open_site(self.store, profile, self.settings.clock, listen, has_profile=has_profile, slow=read_slowly)

    @contextlib.contextmanager
    def _run(
        self, kind: str, site: WorkingSite, command: str, slow: SlowReading | None = None
    ) -> Iterator[tuple[int, Desk]]:
        """A run's row around its work; a failure is written down before it goes on its way."""
        run_id = self.store.runs.begin(kind, site.site_id, self._now(), code_version=CODE_VERSION, command=command)
        reader = slow.read if slow else read_slowly
        desk = Desk(self.store, site, self.settings.clock, run_id=run_id, slow=reader, follow=kind == "crawl")
        try:
            yield run_id, desk
        except BaseException as error:
            ended = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            with contextlib.suppress(Exception):  # the first error is the one to hear of
                self.store.runs.end(run_id, self._now(), ended)
            raise

    @contextlib.contextmanager
    def _only_crawl(self, site: str) -> Iterator[None]:
        """Hold the site's lock; the system frees it even when we are killed."""
        path = self.settings.archive.with_name(f".{self.settings.archive.name}.{site}.lock")
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise SiteBusy(
                f"{site}: another crawl of this site is running on {self.settings.archive}; nothing was done"
            ) from None
        except OSError as error:
            raise ArchiveReadOnly(
                f"{path}: cannot be locked: {error.strerror}; may you write in this folder?"
            ) from error
        try:
            yield
        finally:
            lock.release()

    # asking

    def page(self, url: str) -> Page:
        """A page by any address it was asked, redirected or declared by.

        Raises:
            NotInArchive: this archive does not know it.
        """
        address = canonical(url)
        found = self.store.pages.by_address(address) or self._by_identity(address)
        if not found:
            near = self.store.pages.similar(address)
            hint = f"; did you mean {near[0]}" if near else "; `archiver capture` it first"
            raise NotInArchive(f"{url}: not in {self.settings.archive}{hint}")
        read = {page.page_id for page in found if self.store.history.version(page.page_id, -1)}
        best = max(found, key=lambda page: (page.page_id in read, bool(page.last_visit), page.url == address))
        return Page(self.store, best, self.settings.clock, url)

    def _by_identity(self, address: str) -> list[Any]:
        """Pages this address means by the rules of the sites they belong to."""
        found = []
        for site in self.store.history.sites():
            site_id = self.store.pages.site_id(site["site"])
            assert site_id is not None  # noqa: S101  (just listed)
            rules = self._url_rules(site_id)
            key = page_key(address, keep=rules.keep, drop=rules.drop, fold_case=rules.fold_case)
            known = self.store.pages.by_key(site_id, key)
            if known is not None:
                found.append(known)
        return found

    def _url_rules(self, site_id: int) -> UrlRules:
        held = self.store.pages.current_extractor(site_id)
        if held is None or not held.profile:
            return UrlRules()
        try:
            return parse_profile(held.profile, "held").url
        except ProfileError:  # a profile format of another version: addresses still match exactly
            return UrlRules()

    def changes(
        self, kinds: Sequence[str] = ("new", "edited", "gone", "back"), **filters: str | None
    ) -> list[dict[str, Any]]:
        """What happened, oldest first. Filters: site, field, since, until (UTC text)."""
        return self.store.history.events(list(kinds), dict(filters))

    def search(
        self, words: str, *, plain: bool = False, site: str | None = None, limit: int = 20
    ) -> list[dict[str, Any]]:
        """Full text over every version, newest first; `plain`: accents do not matter."""
        return self.store.history.search(words, plain=plain, site=site, limit=limit)

    def sql(self, query: str) -> Iterator[dict[str, Any]]:
        """Rows of a query over the views; it may only read."""
        return self.store.sql(query)

    def stats(self) -> dict[str, Any]:
        """Sizes and counts."""
        blocks, kept, whole = self.store.vault_size()
        folder = self.settings.archive
        return {
            "archive": str(folder),
            "archive_bytes": _size(folder),
            "vault_bytes": _size(folder.with_name(folder.stem + ".vault.db")),
            "bodies": blocks,
            "bodies_bytes": whole,
            "bodies_kept_bytes": kept,
            "outcomes": self.store.history.outcomes(),
            "sites": self.store.history.sites(),
        }


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in (path, path.with_name(path.name + "-wal")) if file.exists())


def open_archive(path: str | Path | None = None, *, selectors: str | Path | None = None, write: bool = True) -> Archive:
    """Open (or make) an archive: the way in for notebooks.

    Args:
        path: `archive.db`; by default `$ARCHIVER_ARCHIVE`, else `data/archive.db`.
        selectors: a folder of profiles that is looked in first.
        write: False opens an existing archive to read only.

    Raises:
        ArchiveError: it cannot be opened; the message says why and the mend.
    """
    from archiver.settings import find_settings  # noqa: PLC0415  (keeps `import archiver` light)

    settings = find_settings(Path(path) if path else None, Path(selectors) if selectors else None)
    return Archive(replace(settings), write=write)


__all__ = ["Archive", "Captured", "Tally", "open_archive"]
