"""Fetch the pages to learn a profile from, and keep them as captures of the site."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.app.crawling.choose_site import choose_site, complete_address
from archiver.app.crawling.probe_site import is_this_machine, page_fault
from archiver.app.learning.browser_data import why_no_links, with_browser_data
from archiver.app.learning.choose_pages import declared_feeds, listed_articles, spread
from archiver.app.learning.sample_pages import LearningRequest, SamplePages, UsedPage
from archiver.errors import MustWait, ProfileError, RenderUnavailable, UsageError
from archiver.extract.read import read
from archiver.extract.shell import SHELL
from archiver.learn.likely_addresses import is_home
from archiver.learn.samples import MOST_PAGES, SamplePage
from archiver.model.capture import Capture, Outcome
from archiver.model.event import Progress
from archiver.model.profile import Profile
from archiver.render.browser_path import find_chromium
from archiver.text.clean import counted
from archiver.text.url import in_scope, origin_of

_MOST_FETCHED_TWICE = 2
_MOST_REASONS = 3
_FROM_LISTINGS = 10


def fetched_pages(
    archive: Archive, wanted: LearningRequest, existing: Profile | None, kept: list[str] | None = None
) -> SamplePages:
    """Fetch pages, and the articles of listings, keep them as captures of the site, and return them.

    The first two articles are fetched a second time, so that counters and tokens show. Pages that look like the shell
    of a script are opened in a browser.

    Args:
        archive: keeps the captures.
        wanted: which pages.
        existing: the present profile of the site.
        kept: gets the address of each page as soon as its capture is stored.

    Raises:
        UsageError: no address, too many, one outside of the site's scope, or no page was received.
        ArchiveError: the archive cannot be written.
    """
    folders = archive.settings.selectors
    urls = [complete_address(each, folders, wanted.listen) for each in wanted.urls]
    listings = [complete_address(each, folders, wanted.listen) for each in wanted.listings]
    if not urls and not listings:
        raise UsageError("name pages to learn from: URL…, --listing URL, or --from-archive")
    if len(dict.fromkeys(urls)) > MOST_PAGES:
        raise UsageError(f"{len(urls)} pages: at most {MOST_PAGES} can be learned from")
    profile = _profile_for(archive, wanted, existing, [*urls, *listings])
    fetch = _Fetch(archive, wanted, profile, kept if kept is not None else [])
    with archive.one_browser():
        done = fetch.run(list(dict.fromkeys(urls)), list(dict.fromkeys(listings)))
    done.notes += _elsewhere(archive, wanted.name, [*urls, *listings])
    return done


def _profile_for(archive: Archive, wanted: LearningRequest, existing: Profile | None, urls: Sequence[str]) -> Profile:
    """Return the profile that reads the captures: the site's present one, else a generic one with the site's name."""
    store = archive.store if archive.settings.archive.exists() else None
    is_known = store is not None and store.pages.site_id(wanted.name) is not None
    if existing is None and is_known:
        profile = choose_site(wanted.name, store, archive.settings.selectors)
    else:
        general = profiles.generic_profile(urls[0])
        scope = tuple(dict.fromkeys(f"{origin_of(each)}/" for each in urls))
        general = replace(
            general, site=replace(general.site, name=wanted.name), crawl=replace(general.crawl, scope=scope)
        )
        profile = existing or general
    for url in urls:
        if not in_scope(url, profile.crawl.scope):
            shown = ", ".join(profile.crawl.scope)
            raise UsageError(f"{url}: not in the scope of {wanted.name} ({shown}); choose another name for its site")
    if not profile.text and all(map(is_this_machine, urls)):
        profile = replace(profile, crawl=replace(profile.crawl, delay=0.0))
    return profile


def _elsewhere(archive: Archive, name: str, urls: Sequence[str]) -> Iterator[str]:
    """Yield a note for each host that another profile claims, or that the archive has under another site's name."""
    for origin in dict.fromkeys(map(origin_of, urls)):
        with suppress(ProfileError):
            claimed = profiles.for_address(f"{origin}/", archive.settings.selectors)
            if claimed is not None and claimed.name != name:
                hint = f"`archiver capture` needs `--site {name}`"
                yield f"the profile {claimed.name} has {origin} in its scope, too: {hint}"
        other = profiles.generic_profile(origin).name
        if other != name and archive.store.pages.site_id(other) is not None:
            yield (
                f"the archive has captures of {origin} under the site {other}; `archiver site learn {other} "
                f"--from-archive` makes a profile that reads those"
            )


class _Fetch:
    """Fetches one page after another; what was fetched is kept at once, so an interrupt loses no capture."""

    def __init__(self, archive: Archive, wanted: LearningRequest, profile: Profile, kept: list[str]) -> None:
        self._archive = archive
        self._kept = kept
        self._wanted = wanted
        self._profile = profile
        self._captures: dict[str, Capture] = {}
        self._done = SamplePages()
        self._total: int | None = None
        self._count = 0
        self._is_refused = False
        self._no_browser = ""
        try:
            find_chromium()
        except RenderUnavailable as error:
            self._no_browser = str(error)

    def run(self, urls: list[str], listings: list[str]) -> SamplePages:
        found = [self._listed(each) for each in listings]
        most = min(self._wanted.most or _FROM_LISTINGS, MOST_PAGES - len(urls))
        each_most = -(-most // len(found)) if found else 0
        chosen = [url for some in found for url in spread([each for each in some if each not in urls], each_most)]
        articles = list(dict.fromkeys([*urls, *chosen[:most]]))
        self._total = self._count + len(articles) + min(_MOST_FETCHED_TWICE, len(articles)) + 1
        fetched = [url for url in articles if self._fetch(url)]
        if not any(not each.fault for each in self._done.used):
            raise UsageError(self._why_none())
        if not fetched:
            hints = "".join(f"; {each}" for each in map(self._why_no_links, listings) if each)
            raise UsageError(
                f"{', '.join(listings)}: no links to articles were found; give addresses of articles{hints}"
            )
        if all(map(is_home, fetched)):
            raise UsageError(
                f"{fetched[0]}: a home page is no article; `--listing {fetched[0]}` takes those it links to"
            )
        self._home([*urls, *listings])
        again = {url: self._again(url) for url in fetched[:_MOST_FETCHED_TWICE]}
        named = set(listings)
        self._done.pages = [
            self._with_data(SamplePage(capture, again.get(url), is_listing=url in named), url)
            for url, capture in self._captures.items()
        ]
        return self._done

    def _with_data(self, page: SamplePage, url: str) -> SamplePage:
        visit_id = next(each.visit_id for each in self._done.used if each.url == url and each.visit_id is not None)
        return with_browser_data(self._archive.store, page, visit_id)

    def _why_no_links(self, listing: str) -> str:
        capture = self._captures.get(listing)
        return "" if capture is None else why_no_links(self._with_data(SamplePage(capture), listing))

    def _home(self, asked: Sequence[str]) -> None:
        """Fetch the home page, too, if it can be had: it tells the name of the site, and what is no article."""
        known = [*asked, *(each.url for each in self._captures.values())]
        home = f"{origin_of(asked[0])}/"
        if not any(map(is_home, known)) and in_scope(home, self._profile.crawl.scope):
            answer = self._get(home)
            if answer is not None and not self._fault(answer[1]) and answer[1].url not in known:
                self._captures[home] = answer[1]
                self._done.used.append(UsedPage(home, answer[0]))

    def _listed(self, url: str) -> list[str]:
        """Fetch a listing and, when it shows no articles, the feed that it declares; return likely articles.

        All are in the scope: the user named no other host, so none may be one of the user's network.
        """
        scope = self._profile.crawl.scope
        capture = self._fetch(url, is_listing=True)
        if capture is None:
            return []
        found = listed_articles(capture)
        feeds = [each for each in declared_feeds(capture) if in_scope(each, scope)]
        for feed in () if found else feeds[:1]:
            answer = self._get(feed)
            found = listed_articles(answer[1]) if answer is not None else []
        found = [each for each in found if in_scope(each, scope)]
        self._done.notes += [] if found else [f"{url}: no links to articles were found in this listing"]
        return found

    def _fetch(self, url: str, *, is_listing: bool = False) -> Capture | None:
        """Fetch a page, note it, and return it if it can be learned from."""
        answer = self._get(url)
        if answer is None:
            return None
        visit_id, capture = answer
        fault = self._fault(capture)
        self._is_refused |= capture.outcome is Outcome.REFUSED
        if is_listing and fault and capture.outcome is Outcome.OK and listed_articles(capture):
            fault = ""  # a feed or a sitemap
            self._done.used.append(UsedPage(url, visit_id, is_listing=True))
            return capture
        if not fault and capture.url in {each.url for each in self._captures.values()}:
            fault = f"the same page as another one ({capture.url})"
        self._done.used.append(UsedPage(url, visit_id, fault, is_listing=is_listing))
        if fault:
            return None
        self._captures[url] = capture
        return capture

    def _again(self, url: str) -> Capture | None:
        answer = self._get(url)
        if answer is None or self._fault(answer[1]) or answer[1].url != self._captures[url].url:
            return None
        self._done.used = [replace(each, again=answer[0]) if each.url == url else each for each in self._done.used]
        return answer[1]

    def _get(self, url: str) -> tuple[int, Capture] | None:
        """Capture an address; return its visit and the final answer. A server that must wait is noted."""
        self._wanted.listen(Progress(f"fetching {url}", self._count, self._total))
        try:
            done = self._archive.capture(
                url,
                site=self._profile,
                insecure=self._wanted.insecure,
                render=False if self._no_browser else "when-empty",
                listen=self._wanted.listen,
            )
        except MustWait as error:
            self._done.used.append(UsedPage(url, None, str(error)))
            return None
        self._count += 1
        self._kept += [] if url in self._kept else [url]
        visit_id = done.state.visit_id
        return visit_id, self._archive.store.evidence.visit(visit_id).capture

    def _fault(self, capture: Capture) -> str:
        """Return why a page cannot be learned from; "" when it can."""
        fault = page_fault(capture)
        if fault is not None:
            return fault
        if capture.dom is not None:
            return "" if capture.dom.body else f"the browser made no document of it ({capture.dom.note})"
        if self._no_browser and SHELL in read(capture, None, slow=True, links=False).notes:
            return f"{SHELL}, and {self._no_browser}"
        return ""

    def _why_none(self) -> str:
        """Return why no page was received: the first reasons."""
        reasons = [f"{each.url}: {each.fault}" for each in self._done.used if each.fault]
        more = f"; and {len(reasons) - _MOST_REASONS} more" if len(reasons) > _MOST_REASONS else ""
        hint = "; `archiver site robots URL` shows the line of robots.txt" if self._is_refused else ""
        what = f"none of {counted(len(reasons), 'page')} can be learned from" if len(reasons) > 1 else ""
        return ": ".join(filter(None, (what, "; ".join(reasons[:_MOST_REASONS])))) + more + hint
