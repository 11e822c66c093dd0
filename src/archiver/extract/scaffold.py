"""A first profile for a site, out of what its pages show: a start to be corrected, that always loads."""

import json
from collections.abc import Iterable
from dataclasses import replace

from archiver.extract.around import Around, opened
from archiver.extract.body import line
from archiver.extract.likely_addresses import Identity, article_pattern, identity, shape, twins
from archiver.extract.likely_fields import LikelyFields, machine_date
from archiver.extract.likely_paging import follow_selector, next_rule
from archiver.extract.likely_site import language_of, rest_of_title, site_names, timezone_of
from archiver.extract.links import declared, every_link
from archiver.extract.page import Page
from archiver.extract.slots import types_of
from archiver.extract.tree import attribute
from archiver.extract.values import SLUG
from archiver.model.capture import Request
from archiver.model.profile import SiteInfo
from archiver.text.url import canonical, origin_of

_ARTICLES = ("NewsArticle", "Article", "BlogPosting", "ReportageNewsArticle", "WebPage")
_DATES = ("article:published_time", "dc.date", "dc.date.issued", "pubdate", "date")
_MOST_SHOWN = 30
_MOST_FEEDS = 5
_WIDTH = 100
_EXAMPLE = "https://example.org/"


def scaffold(around: Around, name: str) -> str:
    """A commented profile for the site of a page; it loads without faults, whatever the page holds.

    Args:
        around: the page, and what was found around it.
        name: the slug of the site.
    """
    if shape(around.page.url) is None:
        around = replace(around, page=replace(around.page, request=Request(_EXAMPLE)))
    first = opened(around.page)
    language = language_of(first) if first else None
    zone, reason = timezone_of(language, _moments(around, first))
    site = SiteInfo(_slug(name), language=language or "", timezone=zone or "")
    page, twin, home = (opened(each, site) for each in (around.page, around.twin, around.home))
    page = page or Page("", around.page.url, site)
    names = site_names(page, (twin, home))
    likely = LikelyFields(page, twin, names, around.page.visited_at.date().isoformat())
    rules = _rules(page, likely)
    links = [link.url for each in (page, home, twin) if each is not None for link in every_link(each)]
    same = identity(page.url, links)
    parts = [
        *_site(page, site, [*names, *_names_left(page, home, likely)]),
        f"timezone = {quoted(zone)}  # {reason}" if zone else f'# timezone = "…"  # {reason}',
        *_crawl(around, page),
        *_url(same),
        *_article(around, page, same),
        *rules,
        *_listing(page, home),
        *_comments("What the page declares, for better rules:", _declarations(page)),
    ]
    return "\n".join(parts) + "\n"


def quoted(text: str) -> str:
    """Any text as a TOML string on one line."""
    safe = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(safe, ensure_ascii=False).replace("\x7f", "\\u007F")


def literal(pattern: str) -> str:
    """A regex as a TOML string, its backslashes as they are if that can be."""
    return quoted(pattern) if "'" in pattern or not pattern.isprintable() or not pattern.isascii() else f"'{pattern}'"


def _comments(heading: str, texts: Iterable[str]) -> list[str]:
    """Lines of comment; nothing in them can end the comment."""
    shown = [_comment(text) for text in texts]
    return ["", f"# {heading}", *(f"#   {text}" for text in shown[:_MOST_SHOWN])] if shown else []


def _comment(text: str) -> str:
    safe = "".join(mark if mark.isprintable() else " " for mark in line(text))
    return safe if len(safe) <= _WIDTH else safe[: _WIDTH - 1] + "…"


def _slug(name: str) -> str:
    try:
        return str(SLUG.read(name))
    except ValueError:
        return "site"


def _home(url: str) -> str:
    return origin_of(url) + "/"


def _relative(urls: Iterable[str], page: Page) -> str:
    """Addresses as a profile lists them, relative to home if they are there; what is no address is left out."""
    home = _home(page.url)
    good = [canonical(url) for url in urls if shape(url)]
    # "//x" would be a host of that name
    near = [url[len(home) - 1 :] if url.startswith(home) and url[len(home) :][:1] != "/" else url for url in good]
    return ", ".join(map(quoted, near))


def _moments(around: Around, page: Page | None) -> list[str]:
    """The moments a portal states with their offset."""
    said = [*page.slots.jsonld("datePublished"), *page.slots.meta("article:published_time")] if page else []
    return [*said, *(around.feed.moments if around.feed else ())]


def _names_left(page: Page, home: Page | None, likely: LikelyFields) -> list[str]:
    """What a site may be called where its pages have no name in common."""
    heading = page.line(likely.title) if likely.title is not None else ""
    title = home.title_line if home is not None else ""
    return [name for name in (rest_of_title(page, heading), title) if name]


def _site(page: Page, site: SiteInfo, names: list[str]) -> list[str]:
    return [
        "[site]",
        f"name = {quoted(site.name)}",
        f"title = {quoted(names[0] if names else site.name)}",
        f"home = {quoted(_home(page.url))}",
        f"language = {quoted(site.language)}"
        if site.language
        else '# language = "…"  # the page declares none: name it, so that dates and numbers in words are read',
    ]


def _crawl(around: Around, page: Page) -> list[str]:
    lines = ["", "[crawl]"]
    start = _relative([around.home.url] if around.home else [], page)
    if start not in ("", '"/"'):
        lines.append(f"start = [{start}]  # where home leads")
    lines.append("delay = 1.0")
    sitemaps = _relative([around.sitemap.url] if around.sitemap else [], page)
    if around.sitemap and sitemaps:
        lines.append(f"sitemaps = [{sitemaps}]  # {len(around.sitemap.addresses)} addresses; not crawled yet")
    feeds = _relative([around.feed.url] if around.feed else declared(page).feeds[:_MOST_FEEDS], page)
    return [*lines, f"feeds = [{feeds}]  # not crawled yet"] if feeds else lines


def _url(same: Identity) -> list[str]:
    lines = ["", "[url]"]
    if same.key:
        names = ", ".join(map(quoted, same.keep))
        if same.others:
            shown = _comment(", ".join(same.others))
            lines.append(
                f"keep = [{names}]  # no other parameter counts; seen on articles and telling nothing: {shown}"
            )
        else:
            lines.append(f"# keep = [{names}]  # if no other parameter says which page it is")
    if same.fold_case:
        lines.append("fold_case = true  # one path was seen in two spellings")
    return lines if len(lines) > 2 else []  # noqa: PLR2004


def _article(around: Around, page: Page, same: Identity) -> list[str]:
    links = [link.url for link in every_link(page)]
    known = [*([around.twin.url] if around.twin else []), *(around.feed.addresses if around.feed else ())]
    others = [url for url in links if same.key and f"{same.key[0].lower()}=" not in url.lower()]
    pattern = article_pattern(page.url, same.key, known, others, fold_case=same.fold_case)
    return [
        "",
        "[[page]]",
        'kind = "article"',
        f"url = {literal(pattern)}  # what only the addresses of articles match",
    ]


def _rules(page: Page, likely: LikelyFields) -> list[str]:
    title = likely.title_selector()
    body = likely.body_selector()
    titles = [quoted(title)] if title else []
    titles += ['{ meta = "og:title" }'] if page.slots.meta("og:title") else []
    return [
        "",
        "[page.fields]",
        _field("title", titles),
        _field("published", _dates(page, likely)),
        _field("body", [quoted(body)] if body else []),
    ]


def _dates(page: Page, likely: LikelyFields) -> list[str]:
    """Rules for the date: what the page declares for machines first, then what it prints."""
    said = [
        f"{{ jsonld = {quoted(f'{kind}.datePublished')} }}"
        for kind in _ARTICLES
        if page.slots.jsonld(f"{kind}.datePublished")
    ]
    said += [f"{{ meta = {quoted(name)} }}" for name in _DATES if page.slots.meta(name)]
    if said:
        return said[:2]
    selector = likely.published_selector()
    if selector is None:
        return []
    node = page.document.css(selector)[0]
    return [f'{{ css = {quoted(selector)}, attr = "datetime" }}' if machine_date(node) else quoted(selector)]


def _field(name: str, rules: list[str]) -> str:
    if not rules:
        return f'# {name} = "…"  # nothing plausible was found'
    return f"{name} = {rules[0]}" if len(rules) == 1 else f"{name} = [{', '.join(rules)}]"


def _listing(page: Page, home: Page | None) -> list[str]:
    """Every other page leads to articles, and is none."""
    lines = [
        "",
        "[[page]]",
        'kind = "listing"  # every other page: its links are followed, it is not read as an article',
    ]
    if home is None:
        return lines
    selector = follow_selector(home, {page.url, *twins(page.url, every_link(home))})
    if selector:
        lines.append(f"# follow = [{quoted(selector)}]  # these lead to articles; without it every link is followed")
    paging = next_rule(home)
    return [*lines, f"next = {paging}"] if paging else lines


def _declarations(page: Page) -> list[str]:
    found = [
        f"JSON-LD {kind}: {', '.join(name for name in each if not name.startswith('@'))}"
        for each in page.slots.objects
        for kind in types_of(each)
    ]
    for node in page.document.css("meta[content]"):
        name = (attribute(node, "property") or attribute(node, "name") or "").strip()
        if _is_shown(name.lower()):
            found.append(f"meta {name} = {attribute(node, 'content')}")
    return list(dict.fromkeys(found))


def _is_shown(name: str) -> bool:
    return name.startswith(("og:", "og.", "article:", "article.", "dc.", "dc:", "dcterms.", "twitter:")) or name in (
        "author",
        "description",
        "keywords",
        "generator",
    )
