"""Discovery: selects the links of a page that a crawl follows, by scope, the profile's rules, depth and number.

It has two steps, so that one query looks up the addresses of a whole batch: `candidates` returns addresses, and
`decide` returns those to put on the frontier. Neither uses the archive.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from archiver.crawl.candidate import Candidate
from archiver.crawl.form_labels import form_labels
from archiver.crawl.requisites import DEEPEST, MOST_OF_PAGE, count_by, due_again
from archiver.crawl.site import WorkingSite
from archiver.crawl.site_lists import SiteLists
from archiver.crawl.traps import Trapped, trap_in
from archiver.crawl.variants import Variants, is_action, path_of
from archiver.model.reason import Reason, ReasonCode
from archiver.model.record import Record
from archiver.revisit.hints import stored_hint
from archiver.store.due_queues import REQUISITE_PRIORITY
from archiver.store.frontier import Due, NextVisit
from archiver.store.pages import FORM, REQUISITE, ListedPage
from archiver.store.visit_result import Discovery, FoundPage, Hint
from archiver.text.digest import fingerprint
from archiver.text.url import canonical, canonical_or_none

_LISTING_PRIORITY, _FILE_PRIORITY = 2.0, -1.0
_START_PRIORITY = 0.5  # is added, so that start pages come first among pages of a kind
_MOST_LISTS = {"sitemap": 500, "feed": 20}
_DEEPEST_INDEX = 3  # levels of sitemap indexes
_LONGEST_HINT = 40
_MOST_SEEN_URLS = 200_000  # addresses that were checked in this run; 30 MB at most

Hinted = Callable[[Due, str, str], NextVisit | None]
"""Called with a known page, the time at which a list says that it changed, and the kind of the list.

Returns when the page is due because of that; None: no sooner than before.
"""

PENDING = Due(0, "", None, 0, 0.0, "GET", b"", Reason.of(ReasonCode.LINK))
"""The entry in `known` of an address that is about to be put on the frontier."""


class Discoverer:
    """Finds the pages of one site that one run visits.

    Attributes:
        size: the number of pages on the site's frontier, as far as this run knows.
        cut: the limit that kept links from being followed, for a message; "" when none did.
        trapped: the addresses that look like traps and were not followed.
        variants: what visits of variants of a path showed.
        lists: finds the sitemaps and feeds.
        foreign: how many requisites were named on hosts from which none are fetched, by host.
    """

    def __init__(self, site: WorkingSite, size: int, lists: Mapping[str, int]) -> None:
        """Start from the site's frontier: `size` counts its pages, `lists` its sitemaps and feeds by kind."""
        self._site = site
        self._seen_urls: set[str] = set()
        self.size = size
        self._list_counts = dict(lists)
        self.lists = SiteLists(site)
        self.cut = ""
        self.trapped = Trapped()
        self.foreign: dict[str, int] = {}
        self.variants = Variants()
        self._paths: set[str] = set()
        self._requisite_counts = Counter[int | None]()

    # candidates: what a page, a robots.txt or a profile names

    def seeds(self, urls: Iterable[str]) -> list[Candidate]:
        """Return the addresses that a crawl begins with."""
        return list(self._links(urls, None, 0, ReasonCode.START))

    def candidates(self, record: Record, page_id: int, depth: int, url: str = "") -> list[Candidate]:
        """Return the addresses that a record links to. `url`: the address of its page."""
        rules = self._site.profile.crawl
        if record.kind in _MOST_LISTS:
            return list(self._listed(record, page_id, depth))
        found = [
            *self.lists.named(record.feeds if rules.feeds == "auto" else (), "feed", page_id, ReasonCode.NAMED_BY_PAGE)
        ]
        requisites = self.requisites(record.requisites if record.kind != "file" else (), page_id, 1)
        if depth >= rules.depth:
            if record.follow or record.next:
                self.cut = f"links deeper than {depth} were not followed (--depth, or depth in [crawl])"
            return found + requisites
        found += self._links(record.next, page_id, depth + 1, ReasonCode.NEXT_PAGE)
        found += self._links(self._without_actions(record, url), page_id, depth + 1, ReasonCode.LINK)
        files = [link.url for link in record.content.files]
        found += self._links(files, page_id, depth + 1, ReasonCode.LINKED_FILE)
        return [*found, *self._forms(record, page_id, depth + 1), *requisites]

    def requisites(self, urls: Iterable[str], via: int | None, level: int) -> list[Candidate]:
        """Return the requisites among these addresses, if the profile wants them.

        Args:
            urls: what a page, a style sheet or a redirect names.
            via: the page that needs them.
            level: 1 for what the page itself names, 2 for what its style sheets name, and so on.
        """
        if self._site.profile.crawl.requisites == "none" or level > DEEPEST:
            return []
        found = []
        for url in urls:
            address = canonical_or_none(url)
            if address is None:
                continue
            key = self._site.requisite_key(address)
            if self._requisite_counts[via] >= MOST_OF_PAGE:
                self.cut = f"more than {MOST_OF_PAGE} requisites of one page: the others were left out"
                break
            if not self._is_unseen(key):
                continue
            if host := self._site.foreign_host(address):
                count_by(self.foreign, host)
            elif self._site.wants_requisite(address):
                self._requisite_counts[via] += 1
                reason, page_key = Reason.of(ReasonCode.REQUISITE), self._site.key(address)
                found.append(
                    Candidate(key, address, REQUISITE, level, via, reason, REQUISITE_PRIORITY, page_key=page_key)
                )
        return found

    def redirected(self, url: str, via: int, depth: int, *, is_chain: bool) -> list[Candidate]:
        """Return the target of a redirect, at the depth of the page that redirects.

        `is_chain`: that page is itself the target of a redirect. Then the depth is one more, so that a chain ends.
        """
        if depth + is_chain > self._site.profile.crawl.depth:
            self.cut = f"redirects deeper than {depth} were not followed (--depth, or depth in [crawl])"
            return []
        return list(self._links([url], via, depth + is_chain, ReasonCode.REDIRECT))

    def _links(self, urls: Iterable[str], via: int | None, depth: int, code: ReasonCode) -> Iterator[Candidate]:
        for url in urls:
            address = self._wanted(url, is_seed=via is None)
            if address is not None:
                kind = self._site.kind_of(address)
                yield Candidate(
                    self._site.key(address), address, kind, depth, via, Reason.of(code), _priority(kind, code)
                )

    def _listed(self, record: Record, page_id: int, depth: int) -> Iterator[Candidate]:
        """Yield the addresses that a sitemap or a feed lists."""
        if depth < _DEEPEST_INDEX:
            yield from self.lists.named(record.maps, "sitemap", page_id, ReasonCode.IN_SITEMAP_INDEX, depth + 1)
        code = ReasonCode(record.kind)
        for url, moment in record.hints:
            found = next(self._links([url], page_id, 1, code), None)
            if found is not None:
                yield replace(found, moment=moment[:_LONGEST_HINT])
            elif moment:
                yield from self._hint_only(url, page_id, moment[:_LONGEST_HINT], code)

    def _hint_only(self, url: str, page_id: int, moment: str, code: ReasonCode) -> Iterator[Candidate]:
        address = canonical_or_none(url)
        if address is not None:
            key = self._site.key(address)
            yield Candidate(key, address, None, 1, page_id, Reason.of(code), moment=moment, is_new=False)

    def _forms(self, record: Record, page_id: int, depth: int) -> Iterator[Candidate]:
        """Yield paging forms. Each target of a form is a page; other hidden fields do not identify it."""
        labels = form_labels(record.postbacks)
        for form, label in zip(record.postbacks, labels, strict=True):
            if not self._site.wants(form.url):
                continue
            event = {name: value for name, value in form.fields if name in ("__EVENTTARGET", "__EVENTARGUMENT")}
            key = f"{self._site.key(form.url)}{FORM}{fingerprint(event)[:18]}"
            address, content = canonical(form.url), urlencode(form.fields).encode("ascii")
            reason = Reason.of(ReasonCode.PAGING_FORM)
            kind = self._site.kind_of(form.url)
            yield Candidate(key, address, kind, depth, page_id, reason, _LISTING_PRIORITY, content=content, label=label)

    # decide: what is put on the frontier

    def decide(
        self, candidates: Iterable[Candidate], known: Mapping[str, ListedPage], hinted: Hinted | None = None
    ) -> Discovery:
        """Return the pages to put on the frontier, and the hints for pages that are on it.

        Args:
            candidates: the addresses that one visit found.
            known: those of them that are pages of the archive, by key.
            hinted: returns when a page with a hint is due.
        """
        found: dict[str, FoundPage] = {}
        hints: list[Hint] = []
        for candidate in candidates:
            page = known.get(candidate.key)
            if page is not None and page.is_part:  # it is visited with the first part of its article
                continue
            listed = page.entry if page is not None else None
            if candidate.kind == REQUISITE:
                if self._is_new_requisite(candidate, known) and candidate.page_key not in found:
                    found[candidate.key] = self._found(candidate, page)
            elif candidate.content is None and listed is not None:
                hints += self._hint(candidate, listed, hinted)
            elif candidate.key not in found and candidate.is_new and self._has_room(candidate, page):
                found[candidate.key] = self._found(candidate, page)
        return Discovery(tuple(found.values()), tuple(hints))

    def _found(self, candidate: Candidate, page: ListedPage | None) -> FoundPage:
        is_listed = page is not None and page.entry is not None
        self.size += not is_listed and candidate.kind != REQUISITE
        last_visited = page.last_visited if page is not None and candidate.kind == REQUISITE else None
        if candidate.is_list:
            self._list_counts[str(candidate.kind)] = self._list_counts.get(str(candidate.kind), 0) + 1
        return FoundPage(
            candidate.key,
            candidate.url,
            candidate.kind,
            candidate.depth,
            candidate.via,
            candidate.reason,
            candidate.priority + (0.0 if candidate.depth else _START_PRIORITY),
            page.page_id if page is not None else None,
            is_listed,
            candidate.content,
            due_again(last_visited) if last_visited else None,
            candidate.label,
        )

    def _is_new_requisite(self, candidate: Candidate, known: Mapping[str, ListedPage]) -> bool:
        """Whether a requisite was never fetched and is not on the frontier, or is one that is fetched repeatedly."""
        page, twin = known.get(candidate.key), known.get(candidate.page_key)
        if twin is not None and twin.url == candidate.url and (twin.entry is not None or twin.last_visited):
            return False
        if page is None or page.entry is not None:
            return page is None
        return page.last_visited is None or self._site.profile.crawl.requisites == "all"

    def _has_room(self, candidate: Candidate, page: ListedPage | None) -> bool:
        """Whether the limits allow another address."""
        if candidate.is_list:
            is_guess_again = page is not None and candidate.reason.code is ReasonCode.GUESSED_SITEMAP
            return (
                not is_guess_again and self._list_counts.get(str(candidate.kind), 0) < _MOST_LISTS[str(candidate.kind)]
            )
        if candidate.content is not None and page is not None:
            return True
        most = self._site.profile.crawl.pages
        if self.size >= most:
            self.cut = f"more than {most} pages: the rest was not followed (crawl.pages)"
        return self.size < most

    def _hint(self, candidate: Candidate, entry: Due, hinted: Hinted | None) -> list[Hint]:
        source = str(candidate.reason.code)
        hint = stored_hint(source, candidate.moment)
        if not candidate.moment or hinted is None or not entry.last_visited or entry.hint == hint:
            return []
        return [Hint(entry.page_id, hint, hinted(entry, hint, source))]

    # which addresses are followed

    def _wanted(self, url: str, *, is_seed: bool) -> str | None:
        """Return the canonical address, if it is new to this run and the site's rules allow it, or it is a seed."""
        if not self._is_unseen(url):
            return None
        if not is_seed and (not self._site.wants(url) or self._is_trap(url)):
            return None
        address = canonical_or_none(url)
        if address is None or self.is_cut(address):
            return None
        self.variants.add(address)
        return address

    def _is_unseen(self, url: str) -> bool:
        if url in self._seen_urls:
            return False
        if len(self._seen_urls) >= _MOST_SEEN_URLS:
            self._seen_urls.clear()
        self._seen_urls.add(url)
        return True

    def _is_trap(self, url: str) -> bool:
        why = trap_in(url)
        if why:
            self.trapped.add(url, why)
        return bool(why)

    def is_cut(self, url: str) -> bool:
        """Whether an address is a variant of a path of which no further variants are visited; counts it then."""
        why = self.variants.cut(url)
        if why:
            self.trapped.add(url, why, path_of(url))
        return bool(why)

    def _without_actions(self, record: Record, url: str) -> Iterator[str]:
        """Yield the addresses that a record links to, without the `rel=nofollow` tools of known pages."""
        unfollowed = frozenset(record.nofollow)
        self.variants.add_unfollowed(unfollowed)
        for address in record.follow:
            if address in unfollowed and address not in self._seen_urls:
                page = path_of(address)
                if is_action(address, url) or (page in self._seen_urls and is_action(address, page)):
                    self._seen_urls.add(address)
                    self.trapped.add(address, "a link with rel=nofollow that only adds parameters to a page", page)
                    continue
            yield address

    def learn(self, url: str, record: Record, discovery: Discovery) -> None:
        """Learn from a visit whether variants of its path show anything new."""
        paths = {path_of(each.url) for each in discovery.found}
        has_new_paths = not paths <= self._paths
        if len(self._paths) < _MOST_SEEN_URLS:
            self._paths |= paths
        self.variants.learn(url, record, has_new_paths=has_new_paths)


def _priority(kind: str | None, code: ReasonCode) -> float:
    if kind == "listing" or code is ReasonCode.NEXT_PAGE:
        return _LISTING_PRIORITY
    return _FILE_PRIORITY if kind == "file" else 0.0
