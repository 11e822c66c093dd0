"""A first profile for a site, out of what one of its pages declares: a start to be corrected, that always loads."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from archiver.extract.body import line
from archiver.extract.links import declared
from archiver.extract.page import Page
from archiver.extract.slots import types_of
from archiver.extract.tree import Node, attribute, node_path
from archiver.extract.values import LANGUAGE, SLUG, WEB_ADDRESS
from archiver.text.charset import decode

_ZONES = {("vi", "+07:00"): "Asia/Ho_Chi_Minh", ("th", "+07:00"): "Asia/Bangkok", ("ja", "+09:00"): "Asia/Tokyo"}
_OFFSET = re.compile(r"T\d\d:\d\d(?::\d\d(?:\.\d+)?)?([+-]\d\d):?(\d\d)\s*$")
_ARTICLES = ("NewsArticle", "Article", "BlogPosting", "ReportageNewsArticle", "WebPage")
_CONTAINERS = (
    "[itemprop='articleBody']",
    "article .entry-content",
    ".entry-content",
    ".post-content",
    ".detail-content",
)
_DATES = ("article:published_time", "dc.date", "dc.date.issued", "pubdate", "date")
_SHOWN_METAS = re.compile(r"(og|article|dc|dcterms|twitter)[:.]|(author|description|keywords|generator)\Z")
_WHOLE_HOURS = frozenset(range(-12, 15)) - {0}
_MOST_SHOWN = 30
_WIDTH = 100


def scaffold(url: str, page: bytes, content_type: str | None, *, name: str | None = None) -> str:
    """A commented profile for the site of a page; it loads without faults, whatever the page holds.

    Args:
        url: where the page is.
        page: its body.
        content_type: the header of that name.
        name: the slug of the site; by default the first part of its host.
    """
    url = url.encode("utf-8", "replace").decode("utf-8")
    read = Page(decode(page, content_type).text, url)
    home = _home(url)
    language = _language(read)
    parts = [
        *_site(read, _name(name or "", home), home, language),
        *_crawl(read),
        *_article(read, url),
        *_comments("What the page declares, for better rules:", _declarations(read)),
    ]
    return "\n".join(parts) + "\n"


def quoted(text: str) -> str:
    """Any text as a TOML string on one line."""
    safe = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(safe, ensure_ascii=False).replace("\x7f", "\\u007F")


def _comments(heading: str, texts: Iterable[str]) -> list[str]:
    """Lines of comment; nothing in them can end the comment."""
    shown = [_comment(text) for text in texts]
    return ["", f"# {heading}", *(f"#   {text}" for text in shown[:_MOST_SHOWN])] if shown else []


def _comment(text: str) -> str:
    safe = "".join(mark if mark.isprintable() else " " for mark in line(text))
    return safe if len(safe) <= _WIDTH else safe[: _WIDTH - 1] + "…"


def _home(url: str) -> str:
    try:
        parts = urlsplit(WEB_ADDRESS.read(url))
        return str(WEB_ADDRESS.read(f"{parts.scheme}://{parts.netloc}/"))
    except ValueError:
        return "https://example.org/"


def _name(wanted: str, home: str) -> str:
    """The first that is a slug: what was wanted, the first part of the host, "site"."""
    host = urlsplit(home).hostname or ""
    label = re.sub(r"[^a-z0-9]+", "-", host.lower().removeprefix("www.").split(".")[0]).strip("-")
    for name in (wanted, label):
        try:
            return str(SLUG.read(name))
        except ValueError:
            continue
    return "site"


def _language(page: Page) -> str | None:
    declared_language = attribute(page.document.root, "lang") if page.document.root is not None else None
    try:
        return str(LANGUAGE.read((declared_language or "").strip().replace("_", "-")))
    except ValueError:
        return None


def _site(page: Page, name: str, home: str, language: str | None) -> list[str]:
    titles = [*page.slots.meta("og:site_name"), *(page.line(node) for node in page.document.css("head > title"))]
    title = next((text for text in map(line, titles) if text), name)
    zone, reason = _timezone(page, language)
    return [
        "[site]",
        f"name = {quoted(name)}",
        f"title = {quoted(title)}",
        f"home = {quoted(home)}",
        f"language = {quoted(language or 'en')}" + ("" if language else "  # a guess: the page declares none"),
        f"timezone = {quoted(zone)}  # {reason}",
    ]


def _timezone(page: Page, language: str | None) -> tuple[str, str]:
    """A zone by the offset of the dates the page declares; a guess, and it says so."""
    dates = [*page.slots.jsonld("datePublished"), *page.slots.meta("article:published_time")]
    offsets = Counter(f"{match[1]}:{match[2]}" for match in map(_OFFSET.search, dates) if match)
    for offset, _ in offsets.most_common(1):
        zone = _ZONES.get(((language or "").split("-")[0].lower(), offset))
        if zone:
            return zone, f"a guess: the page's dates are {offset}"
        hours, minutes = int(offset[:3]), offset[4:]
        if minutes == "00" and hours in _WHOLE_HOURS:
            return f"Etc/GMT{-hours:+d}", f"the page's dates are {offset}; name the place, as in 'Asia/Bangkok'"
    return "UTC", "not declared: name the place, as in 'Asia/Ho_Chi_Minh'"


def _crawl(page: Page) -> list[str]:
    feeds = _comments("Feeds the page declares (they are found without being named here):", declared(page).feeds)
    return ["", "[crawl]", "delay = 1.0", *feeds]


def _article(page: Page, url: str) -> list[str]:
    try:
        folder = urlsplit(url).path.rpartition("/")[0] + "/"
    except ValueError:
        folder = "/"
    return [
        "",
        "[[page]]",
        'kind = "article"',
        f"# url = {_comment(quoted(re.escape(folder)))}  # a regex that only the addresses of articles match",
        "",
        "[page.fields]",
        *_rules(page),
    ]


def _rules(page: Page) -> list[str]:
    heading = page.document.css("h1")
    title = ['"h1"'] if heading else []
    title += ['{ meta = "og:title" }'] if page.slots.meta("og:title") else []
    lines = [_field("title", title)]
    dates = [
        f"{{ jsonld = {quoted(f'{kind}.datePublished')} }}"
        for kind in _ARTICLES
        if page.slots.jsonld(f"{kind}.datePublished")
    ]
    dates += [f"{{ meta = {quoted(name)} }}" for name in _DATES if page.slots.meta(name)]
    lines.append(_field("published", dates[:2]))
    lines.append(_field("body", [quoted(selector) for selector in _containers(page)[:1]]))
    return lines


def _field(name: str, rules: list[str]) -> str:
    if not rules:
        return f'# {name} = "…"  # nothing plausible was found'
    return f"{name} = {rules[0]}" if len(rules) == 1 else f"{name} = [{', '.join(rules)}]"


def _containers(page: Page) -> list[str]:
    """Selectors that may hold the body: known ones, then the node whose own paragraphs hold most text."""
    known = [selector for selector in _CONTAINERS if len(page.document.css(selector)) == 1]
    weights: Counter[int] = Counter()
    parents: dict[int, Node] = {}
    for paragraph in page.document.css("p")[:2000]:
        parent = paragraph.parent
        if parent is not None:
            parents[parent.mem_id] = parent
            weights[parent.mem_id] += len(page.line(paragraph))
    return known + [_short_path(parents[number], page) for number, weight in weights.most_common(1) if weight]


def _short_path(node: Node, page: Page) -> str:
    """The last steps of a node's path, as few as find only this node."""
    steps = node_path(node).split(" > ")
    for count in range(1, len(steps)):
        selector = " > ".join(steps[-count:])
        if len(page.document.css(selector)) == 1:
            return selector
    return " > ".join(steps)


def _declarations(page: Page) -> list[str]:
    found = [
        f"JSON-LD {kind}: {', '.join(name for name in each if not name.startswith('@'))}"
        for each in page.slots.objects
        for kind in types_of(each)
    ]
    for node in page.document.css("meta[content]"):
        name = (attribute(node, "property") or attribute(node, "name") or "").strip()
        if _SHOWN_METAS.match(name.lower()):
            found.append(f"meta {name} = {attribute(node, 'content')}")
    return list(dict.fromkeys(found))
