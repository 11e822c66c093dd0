"""The sitemaps and feeds of a site: those that the profile, robots.txt or a page names, and guesses."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from archiver.crawl.candidate import Candidate
from archiver.crawl.read_capture import ReadResult, with_plain_list
from archiver.crawl.site import WorkingSite
from archiver.fetch.rules import sitemaps_named
from archiver.model.capture import Capture
from archiver.model.reason import Reason, ReasonCode
from archiver.store.archive import Store
from archiver.store.frontier import HostState
from archiver.text.url import canonical_or_none, origin_of

_PRIORITY = 3.0  # sitemaps and feeds come first, so that the same run uses their hints
_MOST_IN_ROBOTS = 50  # sitemaps that a robots.txt names
_GUESSES = ("/sitemap.xml", "/sitemap_index.xml")

_MAPS = ("sitemap", "feed")
_OK = 200


def as_list(kind: str | None, read: ReadResult, capture: Capture) -> ReadResult:
    """Return the result of reading a page of this kind; a sitemap may be a plain list of addresses.

    A text file that a site publishes may be such a list, too, and is a file. Therefore only what robots.txt, the
    profile or a sitemap index names as a sitemap is read so.
    """
    if kind != "sitemap" or read.record is None or read.record.kind in _MAPS:
        return read
    return with_plain_list(capture, read)


def stored_robots(store: Store, home: str) -> str | None:
    """Return the stored robots.txt of a site's home; "" when the site has none, None when it is not known."""
    host = store.frontier.host(origin_of(home)) if home else HostState()
    if host.robots_status is None:
        return None
    return host.robots if host.robots_status == _OK else ""


class SiteLists:
    """Finds the sitemaps and feeds of one site in one run."""

    def __init__(self, site: WorkingSite) -> None:
        self._site = site
        self._guesses: set[str] = set()

    def at_start(self, robots: str | None) -> list[Candidate]:
        """Return the sitemaps and feeds that the profile names, or else the robots.txt of the site's home.

        Args:
            robots: the text of that robots.txt; "" when there is none, None when it is not known.
        """
        rules, home = self._site.profile.crawl, self._site.profile.site.home
        found: list[Candidate] = []
        for kind, named in (("sitemap", rules.sitemaps), ("feed", rules.feeds)):
            found += self.named(() if named == "auto" else named, kind, None, ReasonCode.NAMED_BY_PROFILE)
        if rules.sitemaps == "auto" and robots is not None and home:
            in_robots = sitemaps_named(robots, home)[:_MOST_IN_ROBOTS]
            from_robots = list(self.named(in_robots, "sitemap", None, ReasonCode.NAMED_BY_ROBOTS))
            found += from_robots or self._guessed(_GUESSES[0])
        return found

    def instead_of(self, url: str, code: ReasonCode) -> list[Candidate]:
        """Return the next place where a sitemap may be, after one that robots.txt names, or a guess, is missing."""
        path = urlsplit(url).path
        if code is ReasonCode.NAMED_BY_ROBOTS:
            return self._guessed(*_GUESSES)
        later = _GUESSES[_GUESSES.index(path) + 1 :] if path in _GUESSES else ()
        return self._guessed(*later) if code is ReasonCode.GUESSED_SITEMAP else []

    def _guessed(self, *paths: str) -> list[Candidate]:
        """Return the first of these places that this run has not tried."""
        home = self._site.profile.site.home
        for path in paths:
            if home and path not in self._guesses:
                self._guesses.add(path)
                return list(self.named([f"{origin_of(home)}{path}"], "sitemap", None, ReasonCode.GUESSED_SITEMAP))
        return []

    def named(
        self, urls: Iterable[str], kind: str, via: int | None, code: ReasonCode, depth: int = 0
    ) -> Iterator[Candidate]:
        """Yield sitemaps and feeds that are on the site's own server, or within its scope."""
        for url in urls:
            address = canonical_or_none(url)
            if address is not None and self._site.may_list(address):
                yield Candidate(self._site.key(address), address, kind, depth, via, Reason.of(code), _PRIORITY)
