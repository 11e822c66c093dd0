"""A site as a run works on it: its profile, its ids in the archive, and what its rules say about an address."""

from dataclasses import dataclass
from urllib.parse import urljoin

from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile, RecordKind
from archiver.store.pages import FORM, REQUISITE_MARK, Extractor
from archiver.text.url import canonical, extension_of, host_of, in_scope, origin_of, page_key


@dataclass(frozen=True)
class WorkingSite:
    """A site with all that a run needs to visit and read it.

    Attributes:
        has_profile: False for a site that is named after a host and read with the generic profile.
    """

    site_id: int
    profile: Profile
    extractor: Extractor
    has_profile: bool = True

    @property
    def name(self) -> str:
        """The site's slug."""
        return self.profile.name

    @staticmethod
    def requisite_key(url: str) -> str:
        """Return the identity of the requisite at a canonical address: every spelling counts."""
        return f"{url}{REQUISITE_MARK}"

    @property
    def has_parts(self) -> bool:
        """Whether articles of the site may have several addresses."""
        return any(kind.continues for kind in self.profile.pages)

    def may_render(self, url: str) -> bool:
        """Whether the page at an address may be opened in a browser, by the profile."""
        return any(kind.render and (kind.url is None or kind.url.search(url)) for kind in self.profile.pages)

    def key(self, url: str) -> str:
        """Return the identity of the page at an address."""
        rules = self.profile.url
        return page_key(url, keep=rules.keep, drop=rules.drop, fold_case=rules.fold_case)

    def is_address_of(self, key: str, url: str) -> bool:
        """Whether an address is one of a page, not a step of a chain of redirects. `key`: of the page, or of a form."""
        return key.partition(FORM)[0] == self.key(url)

    @property
    def home_key(self) -> str | None:
        """The identity of the site's home page; None without a home."""
        return self.key(self.profile.site.home) if self.profile.site.home else None

    def moves_away(self, capture: Capture) -> bool:
        """Whether a capture redirects to another page, not to another address of the same page."""
        return capture.location is not None and self.key(capture.location) != self.key(capture.url)

    def holds(self, url: str) -> bool:
        """Whether an address is within the site's scope."""
        return in_scope(url, self.profile.crawl.scope)

    def may_list(self, url: str) -> bool:
        """Whether a sitemap or a feed at this address may list pages of the site: it is in scope or on its server."""
        if any(pattern.search(url) for pattern in self.profile.crawl.skip):
            return False
        home = self.profile.site.home
        return self.holds(url) or bool(home and origin_of(url) == origin_of(home))

    def wants_requisite(self, url: str) -> bool:
        """Whether what a browser needs to show a page is fetched from this address: it is on the site or a listed host.

        On the site means: in scope, on the host of its home, or on a subdomain of that, by the same port. `skip` is for
        pages.
        """
        rules, home = self.profile.crawl, self.profile.site.home
        if any(pattern.search(url) for pattern in rules.requisite_skip):
            return False
        host = host_of(url)
        if self.holds(url) or {host, host.partition(":")[0]} & set(rules.requisite_hosts):
            return True
        return bool(home) and _is_same_host(host, host_of(home))

    def foreign_host(self, url: str) -> str:
        """Return the host of a requisite that is not fetched because of its host; "" when `requisite_skip` has it."""
        is_skipped = any(pattern.search(url) for pattern in self.profile.crawl.requisite_skip)
        return "" if is_skipped or self.wants_requisite(url) else host_of(url)

    def kind_of(self, url: str) -> RecordKind | None:
        """Return the profile's kind for pages at this address; None when no kind matches."""
        kind = first_kind(self.profile.pages, url)
        if extension_of(url) in self.profile.crawl.files and (kind is None or kind.url is None):
            return "file"  # a kind without `url` is for pages; it does not make files pages
        return kind.record_kind if kind is not None else None

    def is_api(self, url: str) -> bool:
        """Return whether the first table for an address reads the answers of an API: JSON is asked for there."""
        kind = first_kind(self.profile.pages, url)
        return kind is not None and kind.kind == "api"

    def wants(self, url: str) -> bool:
        """Whether a crawl visits this address: it is in scope and not skipped; files only if the profile names them."""
        if not self.holds(url) or any(pattern.search(url) for pattern in self.profile.crawl.skip):
            return False
        kind = first_kind(self.profile.pages, url)
        if kind is not None and (kind.url is not None or kind.kind == "skip"):
            return kind.kind != "skip"
        extension = extension_of(url)
        return extension in self.profile.crawl.files or extension not in _BINARY


def _is_same_host(host: str, home: str) -> bool:
    """Whether a host is home's, or a subdomain of it. `www.` does not count."""
    site = home.removeprefix("www.")
    return host in (home, site) or host.endswith(f".{site}")


_BINARY = frozenset(
    "pdf doc docx xls xlsx ppt pptx odt ods odp zip rar 7z gz tgz bz2 xz tar exe msi dmg iso apk "  # noqa: SIM905
    "jpg jpeg png gif webp svg ico bmp tif tiff mp3 mp4 m4a avi mov wmv mkv webm ogg ogv wav flv swf "
    "css js json woff woff2 ttf eot map".split()
)
"""Extensions of files. A crawl visits them only when the profile's `files` names them."""


def first_kind(kinds: tuple[PageKind, ...], url: str) -> PageKind | None:
    """Return the first kind whose pattern matches the address; None when no pattern does."""
    for kind in kinds:
        if kind.url is None or kind.url.search(url):
            return kind
    return None


def group_key(profile: Profile, url: str) -> tuple[str, str]:
    """Return what all tables that may read an address have in common: their kind and pattern."""
    kind = first_kind(profile.pages, url)
    return ("page", "") if kind is None else (kind.kind, kind.url.pattern if kind.url else "")


def seeds(profile: Profile) -> list[str]:
    """Return the addresses that a crawl begins with: `start`, or else home. Relative ones are relative to home."""
    home = profile.site.home
    return [canonical(urljoin(home, start)) for start in profile.crawl.start] or [canonical(home)]


def named_addresses(profile: Profile) -> tuple[str, ...]:
    """Return the addresses that a profile names: home first, then those where a crawl begins, its lists and its scope.

    Their hosts may be hosts of this network; no page and no list can add one.
    """
    rules, home = profile.crawl, profile.site.home
    lists = [each for each in (rules.sitemaps, rules.feeds) if not isinstance(each, str)]
    named = [*rules.start, *(each for some in lists for each in some), *rules.scope]
    return tuple(dict.fromkeys(urljoin(home, each) for each in (home, *named) if each or home))
