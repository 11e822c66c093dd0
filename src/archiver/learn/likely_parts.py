"""Split the path of an address: which folders are dates, numbers, ids or words, and the form of the last part."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

Form = Literal["word", "year", "month", "number", "id", "slug", "marker", "file"]
Strength = Literal["strong", "medium", "weak"]

_ENDINGS = frozenset(
    "html htm xhtml shtml shtm phtml php php3 php4 php5 asp aspx ashx jsp jspx jsf jhtml do action cfm cms nsf ece amp "  # noqa: SIM905
    "story page stm tpl pl cgi mvc faces seam nhn vm".split()
)
"""Endings of addresses of pages; any other text after a dot belongs to the name (`Node.js`, `1.5827206`)."""
_MARKERS = frozenset(
    "- a i p t d s w id node wiki article articles artikel artikull clanek clanok story stories post posts thread "  # noqa: SIM905
    "threads comments questions issues item items doc entry archives view detail details chi-tiet chitiet content read "
    "show single articleid".split()
)
"""Folders that name the kind of the page that follows, not its section."""
_INDEX = re.compile(r"(?:index|default)\.[a-z]{3,5}", re.IGNORECASE)
_SCRIPT = re.compile(r"\.(?:php|asp|aspx|jsp|do|cfm)\Z", re.IGNORECASE)
_SESSION = re.compile(r"/\((?:[a-zA-Z]\([A-Za-z0-9_-]{8,}\))+\)(?=/)|;[^/?#]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH = re.compile(r"0?[1-9]|1[0-2]|[a-z]{3,9}", re.IGNORECASE)
_DAY = re.compile(r"\d{1,2}")
_PREFIXED = re.compile(r"([A-Za-z_-]{3,})\d{4,}")
_NUMBERED = re.compile(r"\d+([-_.])[^/]+")
_CAMEL = re.compile(r"[A-Z]?[a-z]+(?:[A-Z][a-z]+)*")
_MIXED = re.compile(r"(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9]{5,24}")
_TOKEN = re.compile(r"(?=(?:[a-z]*\d){2})(?=\d*[a-z])[a-z0-9]{5,12}")
_GLUED = re.compile(
    r"(?:(?:[a-z]\d+){2,}|(?:[a-z]{1,2}|art|article|artikel|post|news|id|item|nid|aid)\d{3,})", re.IGNORECASE
)
_HEX = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{12,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DATED = re.compile(r"(?<!\d)(?:19|20)\d\d([-_.])(?:0[1-9]|1[0-2])\1\d\d(?!\d)")
_BREAK = re.compile(r"[-_.]")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_TAIL = re.compile(r"\d+\Z")
_HEAD = re.compile(r"\d+(?=[-_.])")
_SEPARATORS = ("-", "_", "+", "%20", ".", ",")
_SLUG_WORDS = 4
_LONG_ID = 5
"""The minimum number of digits of an id; shorter numbers are years, positions or parts of headlines."""


class Folder(NamedTuple):
    """One folder of a path, its form, and a regex for its place in other addresses."""

    text: str
    form: Form
    pattern: str


class NamePattern(NamedTuple):
    """One way to describe the last part of a path.

    Attributes:
        regex: of the part without its ending; "" means a slug of many words, see `slug_pattern`.
        strength: how certain it is: a strong form is an article's in any folder, a medium one in its folder.
        is_id: whether it contains an id or a day.
    """

    regex: str
    strength: Strength
    is_id: bool = False


class Parts(NamedTuple):
    """The parts of a path.

    Attributes:
        folders: without the last part and without session ids.
        last: the last part without its ending; "" for a folder's own address.
        ending: `html`; "" when there is none that pages have.
        words: how many words `last` has.
        separator: the mark between them.
        tail: the text after the last part: `/index.html`, when that is the page of a folder.
    """

    folders: tuple[Folder, ...]
    last: str
    ending: str
    words: int
    separator: str
    tail: str = ""


def parts_of(url: str) -> Parts:
    """Split the path of an address."""
    path, query = urlsplit(url)[2:4]
    names = _SESSION.sub("", path).strip("/").split("/")
    is_index = _INDEX.fullmatch(names[-1]) is not None and not (query and _SCRIPT.search(names[-1]))
    tail = f"/{names.pop()}" if is_index and len(names) > 2 else ""  # noqa: PLR2004
    last, ending = split_ending(names[-1])
    separator = max(_SEPARATORS, key=last.count)
    words = [word for word in last.split(separator) if word]
    folders = list(_folders(names[:-1]))
    if folders and folders[-1].text.lower() == "pages" and ending.lower() == "aspx":  # SharePoint
        folders[-1] = folders[-1]._replace(form="marker")
    return Parts(tuple(folders), last, ending, len(words), separator, tail)


def split_ending(name: str) -> tuple[str, str]:
    """Split `bai-1.html` into `bai-1` and `html`; other text after a dot stays with the name."""
    stem, _, ending = name.rpartition(".")
    return (stem, ending) if stem and ending.lower() in _ENDINGS else (name, "")


def escaped(text: str) -> str:
    """Return a text as a regex, without the escapes that only a set needs."""
    return re.sub(r"\\([-/ ~#&%,])", r"\1", re.escape(text))


def word_count(url: str, separator: str) -> int:
    """Return how many words the last part of an address has."""
    last, _ = split_ending(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    return sum(bool(word) for word in last.split(separator))


def slug_pattern(parts: Parts, least: int) -> str:
    """Return a regex of a last part with at least this number of words."""
    mark = parts.separator
    # the hyphen is last in a set; a dot is part of a word only where the sample has one
    stops = dict.fromkeys(
        ("" if "." in parts.last else ".", "" if mark == "-" else mark[0], "-" if mark == "-" else "")
    )
    word = f"[^/?#{''.join(stops)}]*"
    several = "+" if least == 2 else f"{{{least - 1},}}"  # noqa: PLR2004
    return f"(?:{word}{escaped(mark)}){several}{word}"


def any_name(parts: Parts) -> str:
    """Return a regex of any last part, with a dot in it only if this one has a dot."""
    return "[^/?#]+" if "." in parts.last else "[^/?#.]+"


def name_patterns(parts: Parts) -> list[NamePattern]:
    """Return the ways to describe the last part, the most specific first."""
    if parts.last.isdecimal():
        return [NamePattern(*_number(len(parts.last)), is_id=True)]
    # the digits of escapes (%20) are not part of the name
    stem, anything = _ESCAPE.sub("%", parts.last), any_name(parts)
    slug = [NamePattern("", "strong")] if parts.words >= _SLUG_WORDS else []
    return [*_with_id(stem, anything), *slug, *_numbered(stem, anything, parts.words), NamePattern(anything, "weak")]


def _number(digits: int) -> tuple[str, Strength]:
    """Return a regex of a number, and how certain it is."""
    return (rf"\d{{{_least_digits(digits)},}}", "strong") if digits >= _LONG_ID else (r"\d+", "medium")


def _least_digits(length: int) -> int:
    """Return the minimum number of digits for ids like one of this length: earlier ids are shorter."""
    return min(length - 1, _LONG_ID)


def _with_id(stem: str, anything: str) -> Iterator[NamePattern]:
    """Return the last part by an id or a day in it that no headline contains."""
    before, last = anything[:-1] + "*", _BREAK.split(stem)[-1]
    tail = _TAIL.search(stem)
    if _UUID.search(stem):
        yield NamePattern(f"{before}[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}", "strong", is_id=True)
    elif _HEX.fullmatch(last):
        yield NamePattern(f"{before}[0-9a-f]{{12}}", "strong", is_id=True)
    elif dated := _DATED.search(stem):
        # a lookahead is not tried again: two open ends around a day would cost the square of the name's length
        yield NamePattern(f"(?={before}{_day(dated[1])}){before}", "strong", is_id=True)
    elif _GLUED.fullmatch(last):
        yield NamePattern(before + re.sub(r"\d+", _digits, last), "strong", is_id=True)
    elif tail and len(tail[0]) >= _LONG_ID:
        yield NamePattern(rf"{before}\d{{{_least_digits(len(tail[0]))}}}", "strong", is_id=True)
    elif (head := _HEAD.match(stem)) and len(head[0]) > 2 and not _YEAR.fullmatch(head[0]):  # noqa: PLR2004
        yield _begun(stem, len(head[0]), anything)


def _digits(number: re.Match[str]) -> str:
    """Return a regex of a number; one as long as an id needs several digits, for `HA01` may be a section."""
    length = len(number[0])
    return rf"\d{{{_least_digits(length)},}}" if length > _LONG_ID else r"\d+"


def _numbered(stem: str, anything: str, words: int) -> Iterator[NamePattern]:
    """Return the last part by a short number at its end or its beginning: an id, or a part of a headline."""
    tail = _TAIL.search(stem)
    number = tail[0] if tail else ""
    if 0 < len(number) < _LONG_ID and not _YEAR.fullmatch(number) and (len(number) > 1 or words < _SLUG_WORDS):
        yield NamePattern(rf"{anything[:-1]}*\d", "medium", is_id=True)
    if head := _HEAD.match(stem):
        yield _begun(stem, len(head[0]), anything)


def _begun(stem: str, digits: int, anything: str) -> NamePattern:
    """Return a name that begins with an id."""
    number, strength = _number(digits)
    return NamePattern(number + escaped(stem[digits]) + anything, strength, is_id=True)


def _day(mark: str) -> str:
    """Return a regex of a day as written in an address."""
    return rf"\d{{4}}{escaped(mark)}\d\d{escaped(mark)}\d\d"


def _folders(names: list[str]) -> Iterator[Folder]:
    place = 0
    before: Form = "word"
    while place < len(names):
        found = _date(names[place : place + 3]) or [_folder(names[place])]
        if found[0].form == "number" and before == "marker":
            found = [found[0]._replace(pattern=r"\d+")]
        yield from found
        before = found[-1].form
        place += len(found)


def _date(names: list[str]) -> list[Folder]:
    """Return the folders of a date at the beginning: year, month and day, or year and month, or a year."""
    if not names or not _YEAR.fullmatch(names[0]):
        return []
    found = [Folder(names[0], "year", r"\d{4}")]
    if len(names) > 1 and _MONTH.fullmatch(names[1]):
        found.append(Folder(names[1], "month", r"\d{1,2}" if names[1].isdecimal() else "[a-zA-Z]{3,9}"))
        if len(names) > 2 and _DAY.fullmatch(names[2]):  # noqa: PLR2004
            found.append(Folder(names[2], "month", r"\d{1,2}"))
    if len(found) > 1 and not names[1].isdecimal() and len(found) < 3:  # noqa: PLR2004
        return found[:1]
    return found


def _folder(name: str) -> Folder:
    if name.isdecimal():
        return Folder(name, "number", _number(len(name))[0])
    if split_ending(name)[1] or name.lower() in _MARKERS:
        return Folder(name, "file" if split_ending(name)[1] else "marker", escaped(name))
    pattern = _id_pattern(name)
    if pattern:
        return Folder(name, "id", pattern)
    is_slug = name.count("-") >= _SLUG_WORDS - 1
    return Folder(name, "slug" if is_slug else "word", "[^/?#]+" if is_slug else escaped(name))


def _id_pattern(name: str) -> str:
    """Return a regex of a folder that is an id; "" for one that is not."""
    if dated := _DATED.fullmatch(name):
        return _day(dated[1])
    if prefixed := _PREFIXED.fullmatch(name):
        return escaped(prefixed[1]) + r"\d+"
    if numbered := _NUMBERED.fullmatch(name):
        return rf"\d+{escaped(numbered[1])}[^/?#]+"
    is_mixed = _MIXED.fullmatch(name) and not _CAMEL.fullmatch(name)
    return "[^/?#]+" if is_mixed or any(each.fullmatch(name) for each in (_HEX, _UUID, _TOKEN)) else ""
