"""The sites of imported captures. Each is opened for its first capture and locked until the import ends."""

import functools
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple, Self

from archiver.app import profiles
from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.run import end_run, lock_site, recorded_run, unread_captures
from archiver.crawl.import_captures import SiteImport, is_robots
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.reread import open_site
from archiver.crawl.unread import UnreadCaptures
from archiver.errors import SiteBusy
from archiver.model.clock import written
from archiver.model.event import Listener
from archiver.model.profile import Profile
from archiver.settings import Settings
from archiver.store.archive import Store
from archiver.text.url import origin_of

Progressed = Callable[[str, int, int], bool]
"""Called with a site's name, the captures read and their total; returns whether to continue."""


class _Open(NamedTuple):
    pipeline: Pipeline
    captures: SiteImport
    unread: UnreadCaptures


class ImportSites:
    """Sites by address. Use as a context manager.

    Args:
        only: the name of the only site whose captures are imported; None for every site.
    """

    def __init__(self, store: Store, settings: Settings, only: str | None, listen: Listener) -> None:
        self._store, self._settings, self._listen = store, settings, listen
        self._listed = profiles.every(settings.selectors)
        self._only = profiles.by_name(only, settings.selectors) if only else None
        self._stack = ExitStack()
        self._fallback: FallbackWorker | None = None
        self._open: dict[str, _Open] = {}
        self._busy: dict[str, SiteBusy] = {}
        self._generic: dict[str, tuple[Profile, bool]] = {}

    def __enter__(self) -> Self:
        self._stack.__enter__()
        self._fallback = self._stack.enter_context(FallbackWorker())
        return self

    def __exit__(self, *ended: object) -> None:
        self._stack.__exit__(*ended)  # type: ignore[arg-type]

    def of(self, url: str) -> SiteImport | None:
        """Return the site that an address belongs to; None when that site is not requested.

        Raises:
            UsageError: it is not a web address.
            ProfileError: the profile whose scope holds it has faults.
            SiteBusy: another process works on the site.
        """
        if self._only is not None:
            site = self._site(self._only, has_profile=True)
            return site if site.holds(url) else None
        profile = profiles.holding(url, self._listed) or self._profile_of_robots(url)
        if profile is not None:
            return self._site(profile, has_profile=True)
        origin = profiles.generic_profile(url).site.home
        if origin not in self._generic:
            self._generic[origin] = profiles.for_unclaimed(self._store, url, self._settings.selectors, self._listen)
        general, has_profile = self._generic[origin]
        return self._site(general, has_profile=has_profile)

    def _profile_of_robots(self, url: str) -> Profile | None:
        """Return the profile of the site on the server of a robots.txt, which may be outside the site's scope."""
        if not is_robots(url):
            return None
        homes = ((each.profile, each.profile.site.home) for each in self._listed if each.profile is not None)
        return next((profile for profile, home in homes if home and origin_of(home) == origin_of(url)), None)

    def _site(self, profile: Profile, *, has_profile: bool) -> SiteImport:
        if profile.name in self._busy:
            raise self._busy[profile.name]
        if profile.name not in self._open:
            try:
                self._open[profile.name] = self._open_locked(profile, has_profile=has_profile)
            except SiteBusy as busy:
                self._busy[profile.name] = busy
                raise
        return self._open[profile.name].captures

    def _open_locked(self, profile: Profile, *, has_profile: bool) -> _Open:
        store, clock = self._store, self._settings.clock
        self._stack.enter_context(lock_site(self._settings.archive, profile.name))
        site = open_site(store, profile, clock, self._listen, has_profile=has_profile)
        store.runs.sweep(site.site_id, "import")
        run = recorded_run(store, clock, "import", site, "import", self._fallback)
        pipeline = self._stack.enter_context(run)
        return _Open(pipeline, SiteImport(store, site, pipeline), unread_captures(store, site, pipeline, self._listen))

    def keep(self) -> None:
        """Make all imported captures durable."""
        for each in self._open.values():
            each.captures.keep()

    def read(self, progressed: Progressed) -> int:
        """Read the stored captures that are unread, site by site; return their number."""
        read = 0
        for name, each in self._open.items():
            read += each.unread.read(functools.partial(progressed, name))
            each.captures.read_again(each.pipeline.run_id, self._settings.clock())
        return read

    def end(self, ended: str) -> dict[str, SiteImport]:
        """End the runs as done or interrupted; return the sites by name."""
        for each in self._open.values():
            end_run(self._store, each.pipeline, written(self._settings.clock()), ended)
        return {name: each.captures for name, each in self._open.items()}
