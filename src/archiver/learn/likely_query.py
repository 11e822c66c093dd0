"""A regex for the addresses of articles that differ in a parameter: `post.aspx?ItemID=5`, `?p=12`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from archiver.learn.likely_parts import Parts, escaped

_KEYS = tuple(
    "itemid newsid articleid article_id news_id storyid docid contentid entryid postid nid aid newsitem article story "  # noqa: SIM905
    "t p id slug alias post_id page_id post news entry item doc title ma maso idtin id_tin cid pid".split()
)
"""Parameters that usually identify the article, the surest first."""
_KINDS = frozenset("option view task mode act action do module mod func op route page type show controller".split())  # noqa: SIM905
"""Parameters that may name the kind of page."""
_GENERAL = frozenset(("", "index", "default", "home", "main", "portal"))
"""Programs that show pages of every kind."""
_WORD = re.compile(r"[A-Za-z][A-Za-z_.-]*")
_STATIC = frozenset(("", "html", "htm"))
_WORDS_OF_PAGES, _WORDS_OF_SCRIPTS = 2, 4
_NUMBER = re.compile(r"(?:([A-Za-z]+)(?:/|%2F))?\d+(?:[:-]|%3A|\Z)")
"""The value of a parameter that is a number, or begins with one."""
_BARE = re.compile(r"\d+(?:-|\Z)")
"""A query that is an id without a name: `showthread.php?123-knots`."""
_PROGRAM = re.compile(r"[A-Za-z_-]*")


def likely_key(url: str, parts: Parts) -> str:
    """The parameter that identifies the article of an address, by its name and its value; "" when the path does."""
    pairs = [each for each in parse_qsl(urlsplit(url).query) if _is_program(parts, *each)]
    if any(value.startswith("com_") for _, value in pairs):  # Joomla, whose Itemid is a place in the menu
        pairs = [(name, value) for name, value in pairs if name != "Itemid"]
    nested = [name for name, value in pairs if "[" in name and value.isdecimal()]  # tx_news_pi1[news]=12
    named = sorted((name for name, _ in pairs if _plain(name) in _KEYS), key=lambda name: _KEYS.index(_plain(name)))
    numbered = [name for name, value in pairs if re.search(r"\d\d|/\d", value)]
    return next(iter([*nested, *named, *numbered]), "")


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _is_program(parts: Parts, name: str, value: str) -> bool:
    """Whether the last part names a program (`post.aspx`, `view`, nothing), so that a parameter identifies the page.

    A name of many words without the ending of a script may be a headline; only an id shows that it is not.
    """
    is_sure = parts.ending not in _STATIC or (_plain(name).endswith("id") and value.isdecimal())
    most = _WORDS_OF_SCRIPTS if is_sure else _WORDS_OF_PAGES
    return _PROGRAM.fullmatch(parts.last) is not None and parts.words <= most


def query_patterns(url: str, key: Sequence[str], parts: Parts) -> Iterator[str]:
    """Yield regexes by the parameter that distinguishes articles, the preferred first; none when the path does."""
    name = key[0] if key else likely_key(url, parts)
    asked = urlsplit(url)
    program = _program(asked.path, parts)
    literal = "^https?://[^/]+/" + "".join(f"{escaped(each.text)}/" for each in parts.folders) + program
    if "=" not in asked.query and _BARE.match(asked.query):
        yield rf"{literal}\?\d"
    values = {unquote_plus(each): value for each, _, value in (pair.partition("=") for pair in asked.query.split("&"))}
    if not name or name not in values:
        return
    kinds = [each for each in values if each.lower() in _KINDS and each != name and _WORD.fullmatch(values[each])]
    whole, alone = (_query(name, values[name], {each: values[each] for each in some}) for some in (kinds, ()))
    anywhere = f"^https?://[^/]+/(?:[^/?#]+/)*{program}"
    for path in (literal, anywhere) if parts.last.lower() in _GENERAL else (anywhere, literal):
        yield from dict.fromkeys((path + whole, path + alone))
    yield literal + _query(name, "", {})


def _program(path: str, parts: Parts) -> str:
    """Return the last part unchanged, with any session id, and with or without a slash after it."""
    ending = rf"\.{escaped(parts.ending)}" if parts.ending else "/?" if parts.last else ""
    return escaped(parts.last) + ending + ("(?:;[^/?#]*)?" if ";" in path else "")


def _query(name: str, value: str, needed: Mapping[str, str]) -> str:
    """Return a query that has a parameter with such a value, and others with exactly these values."""
    kinds = "".join(rf"(?=(?:[^#]*&)?{_spelt(each)}={escaped(needed[each])}(?:[&#]|$))" for each in needed)
    return rf"\?{kinds}(?:[^#]*&)?{_spelt(name)}={_value(value)}"


def _spelt(name: str) -> str:
    """Return a parameter's name; brackets plain or escaped."""
    return escaped(name).replace(r"\[", r"(?:\[|%5B)").replace(r"\]", r"(?:\]|%5D)")


def _value(value: str) -> str:
    """The beginning of a value: `12` and `12:slug` by a number, `node/12` by its word and a number, else anything."""
    found = _NUMBER.match(value)
    if found is None:
        return "[^&#]" if value else ""
    return (f"{escaped(found[1])}(?:/|%2F)" if found[1] else "") + r"\d"
