"""A strict check of Atom feeds: what RFC 4287 demands of a document, in assertions."""

import re
from collections import Counter
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DATE = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[^\x00-\x20\x7f-\x9f<>\"{}|\\^`%]|%[0-9A-Fa-f]{2})+")
_LANGUAGE = re.compile(r"(?:[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)?")
_ONCE = {"id", "title", "updated"}
_AT_MOST_ONCE = {
    "feed": {"subtitle", "generator", "logo", "icon", "rights"},
    "entry": {"published", "summary", "content", "rights", "source"},
}
_REPEATED = {"author", "category", "contributor", "link"}


def check_feed(data: bytes) -> list[ET.Element]:
    """Check a document; return its entries."""
    assert data.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    data.decode()
    feed = ET.fromstring(data)  # noqa: S314  (our own output)
    assert feed.tag == f"{ATOM}feed"
    for element in feed.iter():
        assert element.tag.startswith(ATOM), "an element of another vocabulary"
        assert _LANGUAGE.fullmatch(element.get(LANG, ""))
    _container(feed, "feed", {"entry"})
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        _container(entry, "entry", set())
        has_author = entry.find(f"{ATOM}author") is not None or feed.find(f"{ATOM}author") is not None
        assert has_author, "an entry of nobody"
        is_linked = any(link.get("rel", "alternate") == "alternate" for link in entry.findall(f"{ATOM}link"))
        assert is_linked or entry.find(f"{ATOM}content") is not None, "an entry without content needs an alternate link"
    assert feed.find(f"{ATOM}author") is not None or entries, "a feed of nobody"
    ids = Counter(_text(entry, "id") for entry in entries)
    assert max(ids.values(), default=1) == 1, "an id of two entries"
    assert _text(feed, "updated") >= max((_text(entry, "updated") for entry in entries), default="")
    return entries


def _text(element: ET.Element, name: str) -> str:
    found = element.find(f"{ATOM}{name}")
    assert found is not None
    return found.text or ""


def _container(element: ET.Element, kind: str, others: set[str]) -> None:
    assert not (element.text or "").strip()
    names = Counter(child.tag.removeprefix(ATOM) for child in element)
    assert all(names[name] == 1 for name in _ONCE), names
    assert all(names[name] <= 1 for name in _AT_MOST_ONCE[kind]), names
    assert set(names) <= _ONCE | _AT_MOST_ONCE[kind] | _REPEATED | others, names
    for child in element:
        _CHECKS.get(child.tag.removeprefix(ATOM), lambda _: None)(child)
    alternates = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in element.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    )
    assert max(alternates.values(), default=1) == 1, "two alternate links of one type and language"


def _id(element: ET.Element) -> None:
    _leaf(element, set())
    assert _IRI.fullmatch(element.text or ""), element.text


def _date(element: ET.Element) -> None:
    _leaf(element, set())
    assert _DATE.fullmatch(element.text or ""), element.text


def _text_construct(element: ET.Element) -> None:
    _leaf(element, {"type"})
    assert element.get("type", "text") in ("text", "html"), "xhtml is not used here"


def _person(element: ET.Element) -> None:
    names = Counter(child.tag.removeprefix(ATOM) for child in element)
    assert names["name"] == 1
    assert names["uri"] <= 1
    assert set(names) <= {"name", "uri", "email"}
    for uri in element.findall(f"{ATOM}uri"):
        assert _IRI.fullmatch(uri.text or ""), uri.text


def _link(element: ET.Element) -> None:
    assert not len(element)
    assert set(element.keys()) <= {"href", "rel", "type", "hreflang", "title", "length"}
    assert _IRI.fullmatch(element.get("href", "")), element.get("href")
    assert element.get("href", "").count("#") <= 1
    assert re.fullmatch(r"[a-z][a-z.-]*", element.get("rel", "alternate"))
    assert re.fullmatch(r"[\w.+-]+/[\w.+-]+", element.get("type", "a/b"))


def _category(element: ET.Element) -> None:
    assert element.get("term")
    assert set(element.keys()) <= {"term", "scheme", "label"}


def _leaf(element: ET.Element, attributes: set[str]) -> None:
    assert not len(element), "markup where text is expected"
    assert set(element.keys()) <= attributes | {LANG}


_CHECKS = {
    "id": _id,
    "updated": _date,
    "published": _date,
    "title": _text_construct,
    "summary": _text_construct,
    "content": _text_construct,
    "author": _person,
    "contributor": _person,
    "link": _link,
    "category": _category,
}
