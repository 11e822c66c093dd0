"""Collect the facts that the pages around one address show of a site: name, language, time zone, article addresses."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from archiver.extract.around import SitePages, opened
from archiver.extract.links import declared, every_link
from archiver.extract.page import ParsedPage
from archiver.extract.values import SLUG
from archiver.learn.likely_addresses import Identity, identity, is_home, shape
from archiver.learn.likely_evidence import evidence_of, sibling_sections
from archiver.learn.likely_fields import LikelyFields, heading_text
from archiver.learn.likely_pattern import ArticlePattern, article_pattern
from archiver.learn.likely_site import language_of, rest_of_title, site_names, timezone_of
from archiver.model.capture import Request
from archiver.model.profile import SiteInfo
from archiver.model.record import Link
from archiver.text.url import canonical, origin_of

_EXAMPLE = "https://example.org/"
_MOST_FEEDS = 5
_MOST_SECTIONS = 5


@dataclass(frozen=True, slots=True)
class SiteFindings:
    """The facts and guesses that the profile of a site is written from.

    Attributes:
        page: the given page, or an article to which the site's home page leads.
        twin: another page of its kind; `home`: the home page.
        site: the known parts of the `[site]` table; the language and the time zone are "" when unknown.
        zone_reason: the source of the time zone, or the reason why there is none.
        names: the names of the site, likeliest first.
        fields: the likely places of title, date and body.
        links: all links of page, home and twin.
        identity: when two addresses are the same page.
        pattern: the pattern of the addresses of articles.
        sections: folders of other articles that the pattern does not match.
    """

    around: SitePages
    page: ParsedPage
    twin: ParsedPage | None
    home: ParsedPage | None
    site: SiteInfo
    zone_reason: str
    names: tuple[str, ...]
    fields: LikelyFields
    links: tuple[Link, ...]
    identity: Identity
    pattern: ArticlePattern
    sections: tuple[str, ...]

    def relative(self, urls: Iterable[str]) -> list[str]:
        """Return addresses as a profile lists them: relative to the host if they are there; others are left out."""
        root = origin_of(self.page.url) + "/"
        good = [canonical(url) for url in urls if shape(url)]
        # "//x" would be a host of that name
        return [url[len(root) - 1 :] if url.startswith(root) and url[len(root) :][:1] != "/" else url for url in good]

    @property
    def start(self) -> list[str]:
        """The address that the home page redirects to, if it is another one."""
        found = self.relative([self.around.home.url] if self.around.home else [])
        return [] if found == ["/"] else found

    @property
    def sitemaps(self) -> list[str]:
        """Return the sitemap that was found."""
        return self.relative([self.around.sitemap.url] if self.around.sitemap else [])

    @property
    def feeds(self) -> list[str]:
        """Return the feed that was read, else those that the page declares, without the feeds of its own comments."""
        feed = self.around.feed
        own = self.page.url.rstrip("/") + "/"
        said = [url for url in declared(self.page).feeds if not url.startswith(own) and "/comments/" not in url]
        return self.relative([feed.url] if feed else said[:_MOST_FEEDS])

    @property
    def note(self) -> str:
        """Return a warning about the pattern: that it is a guess, or bound to one section; "" when there is none."""
        if is_home(self.page.url):
            return "only the home page was seen, so the url pattern of articles is a guess"
        if not self.pattern.section:
            return ""
        section = self.pattern.section
        if self.sections:
            others = ", ".join(self.sections)
            return f"the url pattern of articles fits only {section}; links lead to articles in {others}, too"
        seen = "the only section in which articles were seen"
        return f"the url pattern of articles fits only {section}, {seen}; widen it if there are others"


def findings_of(around: SitePages, name: str) -> SiteFindings:
    """Read the pages. `name` is the slug of the site; an invalid one is replaced by "site"."""
    if shape(around.page.url) is None:
        around = replace(around, page=replace(around.page, request=Request(_EXAMPLE)))
    first = opened(around.page)
    language = language_of(first) if first else None
    zone, reason = timezone_of(language, _moments(around, first))
    site = SiteInfo(_slug(name), home=origin_of(around.page.url) + "/", language=language or "", timezone=zone or "")
    page, twin, home = (opened(each, site) for each in (around.page, around.twin, around.home))
    page = page or ParsedPage("", around.page.url, site)
    names = site_names(page, (twin, home))
    fields = LikelyFields(page, twin, names, around.page.visited_at.date().isoformat())
    links = tuple(link for each in (page, home, twin) if each is not None for link in every_link(each))
    same = identity(page.url, [link.url for link in links])
    pattern, sections = _pattern(around, page, links, same)
    fields.title_selector()
    names = [*names, *_names_left(page, home, fields)]
    site = replace(site, title=names[0] if names else site.name)
    return SiteFindings(
        around,
        page,
        twin,
        home,
        site,
        reason,
        tuple(names),
        fields,
        links,
        same,
        pattern,
        sections,
    )


def _pattern(
    around: SitePages, page: ParsedPage, links: tuple[Link, ...], same: Identity
) -> tuple[ArticlePattern, tuple[str, ...]]:
    """The pattern of the articles' addresses, tested on every link that was seen, and sections that it leaves out."""
    known = [*([around.twin.url] if around.twin else []), *(around.feed.addresses if around.feed else ())]
    never = {origin_of(page.url) + "/", *([around.home.url] if around.home else [])} - {page.url}
    evidence = evidence_of(canonical(page.url), links, known, sorted(never))
    pattern = article_pattern(evidence, same.key, language=page.site.language, fold_case=same.fold_case)
    return pattern, tuple(
        sibling_sections(evidence, pattern.regex, pattern.section)[:_MOST_SECTIONS]
    ) if pattern.section else ()


def _slug(name: str) -> str:
    try:
        return str(SLUG.read(name))
    except ValueError:
        return "site"


def _moments(around: SitePages, page: ParsedPage | None) -> list[str]:
    """Return the dates with an offset that the page and the feed declare."""
    said = [*page.slots.jsonld("datePublished"), *page.slots.meta("article:published_time")] if page else []
    return [*said, *(around.feed.moments if around.feed else ())]


def _names_left(page: ParsedPage, home: ParsedPage | None, fields: LikelyFields) -> list[str]:
    """Return possible names of a site whose pages have no name in common."""
    heading = heading_text(page, fields.title) if fields.title is not None else ""
    title = home.title_line if home is not None else ""
    return [name for name in (rest_of_title(page, heading), title) if name]
