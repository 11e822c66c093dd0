"""From a page's links to pages worth visiting: in scope, wanted, not too deep, not too many."""

from urllib.parse import urlencode

from archiver.crawl.site import WorkingSite
from archiver.crawl.traps import trap_in
from archiver.errors import UsageError
from archiver.extract.around import sitemaps_named
from archiver.model.record import Record
from archiver.revisit.planner import Revisits
from archiver.store.archive import Store
from archiver.store.pages import FORM
from archiver.text.digest import fingerprint
from archiver.text.url import canonical, origin_of

_LISTING_PRIORITY, _FILE_PRIORITY = 2.0, -1.0
_LIST_PRIORITY = 3.0  # sitemaps and feeds: what they say of others counts in this very run
_MOST_LISTS = {"sitemap": 500, "feed": 20}
_MOST_NAMED = 50  # sitemaps in a robots.txt
_DEEPEST_INDEX = 3  # sitemap indexes within indexes
_LONGEST_HINT = 40
REDIRECT = "redirect"
GUESSED = "where sitemaps usually are"
_REMEMBERED = 200_000  # addresses already looked at in this process; 30 MB at the most


class Discoverer:
    """Puts what a record points to on the site's list, each address once a process."""

    def __init__(self, store: Store, site: WorkingSite, run_id: int, revisits: Revisits) -> None:
        self._store = store
        self._revisits = revisits
        self._site = site
        self._since_run = store.runs.goes_on_from(run_id)
        self._looked_at: set[str] = set()
        self._size: int | None = None  # of the list; counting it anew for each link would cost more with each page
        self._lists: dict[str, int] = {}  # sitemaps and feeds on it
        self.cut: str = ""
        self.trapped = 0
        self.trap: str = ""

    def take(self, record: Record, page_id: int, depth: int, now: str) -> int:
        """Put the record's links on the list; gives how many pages were new."""
        if record.kind in ("sitemap", "feed"):
            return self._listed(record, page_id, depth, now)
        for url in record.feeds if self._site.profile.crawl.feeds == "auto" else ():
            self.add_list(url, "feed", page_id, now, reason="a page names it")
        if depth >= self._site.profile.crawl.depth:
            if record.follow or record.next:
                self.cut = f"links deeper than {depth} were not followed (crawl.depth)"
            return 0
        found = sum(self.add(url, page_id, depth + 1, now, "next page") for url in record.next)
        found += sum(self.add(url, page_id, depth + 1, now, "link") for url in record.follow)
        files = [link.url for link in record.content.files]
        found += sum(self.add(url, page_id, depth + 1, now, "linked file") for url in files)
        self._forms(record, page_id, depth, now)
        return found

    def begin(self, robots: str | None, now: str) -> None:
        """Put the sitemaps and feeds on the list that the profile names, or else the robots.txt of the site's home."""
        rules, home = self._site.profile.crawl, self._site.profile.site.home
        for kind, named in (("sitemap", rules.sitemaps), ("feed", rules.feeds)):
            for url in () if named == "auto" else named:
                self.add_list(url, kind, None, now, reason="the profile names it")
        if rules.sitemaps == "auto" and robots is not None and home:
            told = sitemaps_named(robots)[:_MOST_NAMED]
            for url in told:
                self.add_list(url, "sitemap", None, now, reason="robots.txt names it")
            if not told:
                self.add_list(f"{origin_of(home)}/sitemap.xml", "sitemap", None, now, reason=GUESSED)

    def add_list(self, url: str, kind: str, via: int | None, now: str, *, reason: str, depth: int = 0) -> bool:
        """Put a sitemap or a feed on the list: of the site's own server, or within its scope."""
        store, site = self._store, self._site
        try:
            address = canonical(url)
        except UsageError:
            return False
        if not site.may_list(address) or self._listed_already(kind) >= _MOST_LISTS[kind]:
            return False
        known = store.pages.by_key(site.site_id, site.key(address))
        if known is not None and (reason == GUESSED or store.frontier.entry(known.page_id) is not None):
            return False  # one that was guessed and is not there is not guessed again
        page_id, _ = store.pages.put_page(site.site_id, site.key(address), address, now, kind)
        self._lists[kind] += store.frontier.add(site.site_id, page_id, now, depth=depth, via=via, reason=reason)
        store.frontier.prioritise(page_id, _LIST_PRIORITY)
        return True

    def _listed_already(self, kind: str) -> int:
        if kind not in self._lists:
            self._lists[kind] = self._store.frontier.count(self._site.site_id, kind)
        return self._lists[kind]

    def _listed(self, record: Record, page_id: int, depth: int, now: str) -> int:
        """What a sitemap or a feed lists; pages that are known already are hinted at."""
        if depth < _DEEPEST_INDEX:
            for url in record.maps:
                self.add_list(url, "sitemap", page_id, now, reason="a sitemap index lists it", depth=depth + 1)
        found = 0
        for url, moment in record.hints:
            if self.add(url, page_id, 1, now, record.kind):
                found += 1
            elif moment:
                self._hint(url, moment[:_LONGEST_HINT], record.kind)
        return found

    def _hint(self, url: str, moment: str, told: str) -> None:
        """A known page is said to be of this moment."""
        try:
            known = self._store.pages.by_key(self._site.site_id, self._site.key(canonical(url)))
        except UsageError:
            return
        entry = None if known is None else self._store.frontier.entry(known.page_id)
        if entry is not None and entry.last_visited and entry.hint != moment:
            self._store.frontier.hinted(entry.page_id, moment, self._revisits.hinted(entry, moment, told))

    def forwarded(self, url: str, via: int, depth: int, now: str, *, is_chain: bool) -> None:
        """Put on the list where a page redirects to: as deep as that page.

        One that was found by a redirect itself counts: a chain of them would be followed without end.
        """
        if depth + is_chain > self._site.profile.crawl.depth:
            self.cut = f"redirects deeper than {depth} were not followed (crawl.depth)"
        else:
            self.add(url, via, depth + is_chain, now, REDIRECT)

    def add(self, url: str, via: int | None, depth: int, now: str, reason: str) -> bool:
        """Put one address on the list if it is wanted and new."""
        address = self._wanted(url, seed=via is None)
        if address is None:
            return False
        store, site = self._store, self._site
        known = store.pages.by_key(site.site_id, site.key(address))
        if known is not None and store.frontier.entry(known.page_id) is not None:
            return False
        if not self._has_room():
            return False
        kind = site.kind_of(address)
        page_id, _ = store.pages.put_page(site.site_id, site.key(address), address, now, kind)
        added = store.frontier.add(site.site_id, page_id, now, depth=depth, via=via, reason=reason)
        self._size = (self._size or 0) + added
        if kind == "listing" or reason == "next page":
            store.frontier.prioritise(page_id, _LISTING_PRIORITY)
        elif kind == "file":
            store.frontier.prioritise(page_id, _FILE_PRIORITY)
        return added

    def _has_room(self) -> bool:
        """Whether the site's list may grow."""
        if self._size is None:
            self._size = self._store.frontier.size(self._site.site_id)
        most = self._site.profile.crawl.pages
        if self._size >= most:
            self.cut = f"more than {most} pages: the rest was not followed (crawl.pages)"
        return self._size < most

    def _wanted(self, url: str, *, seed: bool) -> str | None:
        """The canonical address, if it was not looked at before and the site's rules want it; seeds always are."""
        if url in self._looked_at:
            return None
        if len(self._looked_at) >= _REMEMBERED:
            self._looked_at.clear()
        self._looked_at.add(url)
        if not seed and (not self._site.wants(url) or self._is_trap(url)):
            return None
        try:
            return canonical(url)
        except UsageError:
            return None

    def _is_trap(self, url: str) -> bool:
        why = trap_in(url)
        if why:
            self.trapped += 1
            self.trap = self.trap or f"{url[:200]}: {why}"
        return bool(why)

    def _forms(self, record: Record, page_id: int, depth: int, now: str) -> None:
        """Paging forms: each target is a page of its own, whatever its hidden fields hold today."""
        store, site = self._store, self._site
        for form in record.postbacks:
            if not site.wants(form.url):
                continue
            event = {name: value for name, value in form.fields if name in ("__EVENTTARGET", "__EVENTARGUMENT")}
            key = f"{site.key(form.url)}{FORM}{fingerprint(event)[:18]}"
            if store.pages.by_key(site.site_id, key) is None and not self._has_room():
                continue
            target, is_new = store.pages.put_page(site.site_id, key, canonical(form.url), now, site.kind_of(form.url))
            content = urlencode(form.fields).encode("ascii")
            self._size = (self._size or 0) + is_new
            store.frontier.put_form(
                site.site_id, target, now, self._since_run, depth=depth + 1, via=page_id, content=content
            )
            store.frontier.prioritise(target, _LISTING_PRIORITY)
