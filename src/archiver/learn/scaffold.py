"""Write a first profile for a site from its pages. It always loads, and people are meant to correct it."""

from collections.abc import Sequence

from archiver.extract.around import SitePages
from archiver.extract.links import every_link
from archiver.extract.page import ParsedPage
from archiver.extract.slots import types_of
from archiver.extract.tree import attribute
from archiver.learn.findings import SiteFindings, findings_of
from archiver.learn.likely_change import change_selector, declared_change
from archiver.learn.likely_fields import LikelyFields, machine_date
from archiver.learn.likely_paging import follow_selector, next_rule
from archiver.learn.toml_text import comment, comments, literal, quoted, quoted_list, sentences

_ARTICLES = ("NewsArticle", "Article", "BlogPosting", "ReportageNewsArticle", "WebPage")
_NO_LANGUAGE = '# language = "…"  # the page declares none: name it, so that dates and numbers in words are read'
_DATES = ("article:published_time", "dc.date", "dc.date.issued", "pubdate", "date")


def scaffold(around: SitePages, name: str) -> str:
    """Return a commented profile for the site of a page; it loads without faults, whatever the page contains.

    Args:
        around: the page, and the pages found around it.
        name: the slug of the site.
    """
    return scaffold_of(findings_of(around, name))


def scaffold_of(found: SiteFindings) -> str:
    """Return the profile of `scaffold` for given findings."""
    parts = [
        *site_table(found),
        *crawl_table(found),
        *url_table(found),
        *_article(found),
        "",
        *field_lines(found),
        *listing_table(found),
        *comments("What the page declares, for better rules:", _declarations(found.page)),
    ]
    return "\n".join(parts) + "\n"


def site_table(found: SiteFindings, home: str = "", title: str = "") -> list[str]:
    """Return the lines of the `[site]` table, with `home` and `title` instead of the findings."""
    site = found.site
    zone = f"timezone = {quoted(site.timezone)}" if site.timezone else '# timezone = "…"'
    return [
        "[site]",
        f"name = {quoted(site.name)}",
        f"title = {quoted(title or site.title)}",
        f"home = {quoted(home or site.home)}",
        f"language = {quoted(site.language)}" if site.language else _NO_LANGUAGE,
        f"{zone}  # {found.zone_reason}",
    ]


def crawl_lines(found: SiteFindings) -> list[str]:
    """Return the lines of the `[crawl]` table that are specific to the site."""
    lines = [f"start = [{quoted_list(found.start)}]  # where home leads"] if found.start else []
    lines.append("delay = 1.0")
    if found.sitemaps and found.around.sitemap:
        count = len(found.around.sitemap.addresses)
        lines.append(f"sitemaps = [{quoted_list(found.sitemaps)}]  # {count} addresses")
    return [*lines, f"feeds = [{quoted_list(found.feeds)}]"] if found.feeds else lines


def crawl_table(found: SiteFindings) -> list[str]:
    """Return the lines of the `[crawl]` table."""
    requisites = 'requisites = "first"  # what a browser needs to show the pages: images, style sheets, fonts'
    return ["", "[crawl]", *crawl_lines(found), requisites]


def url_table(found: SiteFindings) -> list[str]:
    """Return the lines of the `[url]` table; none when it would be empty."""
    same = found.identity
    lines = ["", "[url]"]
    if same.key:
        names = quoted_list(same.keep)
        if same.others:
            shown = comment(", ".join(same.others))
            lines.append(
                f"keep = [{names}]  # no other parameter counts; on articles these do not tell pages apart: {shown}"
            )
        else:
            lines.append(f"# keep = [{names}]  # if no other parameter says which page it is")
    if same.fold_case:
        lines.append("fold_case = true  # one path was seen in two spellings")
    return lines if len(lines) > 2 else []  # noqa: PLR2004


def _article(found: SiteFindings) -> list[str]:
    return [
        "",
        "[[page]]",
        'kind = "article"',
        *sentences(found.note),
        f"url = {literal(found.pattern.regex)}  # what only the addresses of articles match",
    ]


def title_rules(found: SiteFindings) -> list[str]:
    """Return rules for the title as TOML: the likeliest heading, the page's `h1`, what the page declares."""
    selectors = (found.fields.title_selector(), found.fields.heading_selector())
    rules = [quoted(each) for each in dict.fromkeys(filter(None, selectors))]
    return [*rules, '{ meta = "og:title" }'] if found.page.slots.meta("og:title") else rules


def field_lines(found: SiteFindings) -> list[str]:
    """Return the lines of a `[page.fields]` table that reads the page."""
    titles = title_rules(found)
    body = found.fields.body_selector()
    published = _dates(found.page, found.fields)
    return [
        "[page.fields]",
        _field("title", titles),
        _field("published", published),
        _field("body", [quoted(body)] if body else []),
        _change(found, published),
    ]


def _change(found: SiteFindings, published: list[str]) -> str:
    """Return the line of the field `modified`, which is a comment when no rule is needed or none was found."""
    declared = declared_change(found.page)
    if declared:
        return f"# modified is read from {declared}, without a rule"
    selector = change_selector(found.page, found.twin)
    if selector is None or quoted(selector) in published:
        return '# modified = "…"  # where a page says when it was changed last; without that every edit is a silent one'
    return f"modified = {quoted(selector)}"


def _dates(page: ParsedPage, likely: LikelyFields) -> list[str]:
    """Return rules for the date: declared dates for machines first, then printed ones."""
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


def listing_table(found: SiteFindings, listings: Sequence[ParsedPage] = (), rendering: Sequence[str] = ()) -> list[str]:
    """Return the table of every other page: its links lead to articles.

    `listings`: pages that show how they go on. `rendering`: the keys that say how a browser opens them.
    """
    lines = [
        "",
        "[[page]]",
        'kind = "listing"  # every other page: its links are followed, it is not read as an article',
        *rendering,
    ]
    pages = [*listings, *([found.home] if found.home is not None else [])]
    follow = next(filter(None, (_follow(page, found) for page in pages)), "")
    if follow:
        lines.append(f"# follow = [{quoted(follow)}]  # these lead to articles; without it every link is followed")
    paging = next(filter(None, map(next_rule, pages)), None)
    return [*lines, f"next = {paging}"] if paging else lines


def _follow(page: ParsedPage, found: SiteFindings) -> str | None:
    articles = {link.url for link in every_link(page) if found.pattern.matches(link.url)}
    return follow_selector(page, articles)


def _declarations(page: ParsedPage) -> list[str]:
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
