"""Write an Atom feed (RFC 4287) piece by piece."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "application/atom+xml"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_IN_IRI = "!$%&'()*+,/:;=?@~"
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_OURS = "en"
"""The language of what archiver writes itself."""


@dataclass(frozen=True, slots=True)
class Author:
    """Whose pages these are: a site. `uri`: its address; "" without one."""

    name: str
    uri: str = ""


@dataclass(frozen=True, slots=True)
class FeedHead:
    """What a feed says of itself.

    Attributes:
        id: an IRI that is the same as long as the feed is about the same.
        updated: UTC text, as the archive writes it.
        alternate, self_url: the page that shows the same, and the address of the feed; "" when they are unknown.
        generator: the version of archiver.
    """

    id: str
    title: str
    updated: str
    author: Author
    generator: str
    alternate: str = ""
    self_url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. Times are UTC text, as the archive writes them.

    Attributes:
        id: an IRI that is the same in every copy of the archive and after every reading.
        summary: text; html: the content, in which all text of the page is escaped.
        url: the page, "" without one; compare: the page that shows the difference, "" without one.
        language: of the page, as it declares it; "" when it declares none.
    """

    id: str
    title: str
    updated: str
    author: Author
    categories: tuple[str, ...]
    summary: str
    html: str
    url: str
    compare: str = ""
    language: str = ""


def atom(head: FeedHead, entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the feed as text, to be encoded as UTF-8. The same entries give the same text."""
    yield f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{_OURS}">\n'
    yield _element("id", head.id)
    yield _element("title", head.title)
    yield _element("updated", rfc3339(head.updated))
    yield _author(head.author)
    if head.self_url:
        yield _link("self", head.self_url, f' type="{MEDIA_TYPE}"')
    if head.alternate:
        yield _link("alternate", head.alternate)
    yield f"<generator version={quoteattr(xml_text(head.generator))}>archiver</generator>\n"
    for entry in entries:
        yield _entry(entry)
    yield "</feed>\n"


def _entry(entry: Entry) -> str:
    language = f" xml:lang={quoteattr(entry.language)}" if _LANGUAGE.fullmatch(entry.language) else ""
    when = rfc3339(entry.updated)
    return "".join(
        [
            f"<entry{language}>\n",
            _element("id", entry.id),
            _element("title", entry.title),
            _element("updated", when),
            _element("published", when),
            _author(entry.author),
            _link("alternate", entry.url) if entry.url else "",
            _link("related", entry.compare, ' title="compare"') if entry.compare else "",
            *(f"<category term={quoteattr(each)}/>\n" for each in map(xml_text, entry.categories) if each),
            _element("summary", entry.summary) if entry.summary else "",
            _element("content", entry.html + _compare(entry.compare), ' type="html"'),
            "</entry>\n",
        ]
    )


def _compare(place: str) -> str:
    """Return a link in the text of an entry, since readers show no `related` link."""
    return f'<p lang="en"><a href={quoteattr(place)}>compare both versions</a></p>' if place else ""


def _element(name: str, text: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{escape(xml_text(text))}</{name}>\n"


def _author(author: Author) -> str:
    uri = _element("uri", iri(author.uri)) if author.uri else ""
    return f"<author>\n{_element('name', author.name)}{uri}</author>\n"


def _link(rel: str, href: str, attributes: str = "") -> str:
    return f'<link rel="{rel}"{attributes} href={quoteattr(iri(href))}/>\n'


def xml_text(text: str) -> str:
    """Return a text without the characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)


def iri(address: str) -> str:
    """Return an address without what an IRI (RFC 3987) cannot hold: spaces, quotes, controls and such are escaped."""
    start = re.match("[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", address)
    head = start[0] if start else ""
    rest, mark, fragment = address[len(head) :].partition("#")
    return _escaped(head, _IN_IRI + "[]") + _escaped(rest, _IN_IRI) + mark + _escaped(fragment, _IN_IRI)


def _escaped(text: str, safe: str) -> str:
    parts = (char if char > "\x7f" and char.isprintable() else quote(char, safe, errors="replace") for char in text)
    return _BROKEN_ESCAPE.sub("%25", "".join(parts))


def rfc3339(moment: str) -> str:
    """Return a time of the archive (UTC text) in the form of RFC 3339."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
