"""Find the tags of an HTML text by the tokenizer of the HTML standard (13.2.5), in linear time.

Quotes delimit a value only after `=`. Comments, declarations and the contents of raw text elements (`script`, `style`,
`textarea`, …) hold no tags. Inside `svg` and `math` a `script` or `style` is an ordinary element; the caller knows
whether the position is there, so `Tokenizer.is_foreign` is set by the caller.
"""

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5
from typing import NamedTuple

_SPACE = "\t\n\f\r "
_ATTRIBUTE = (
    rf"(?:[{_SPACE}/]++|[^{_SPACE}/>][^{_SPACE}/>=]*+(?:[{_SPACE}]*+=[{_SPACE}]*+"
    rf"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^{_SPACE}>"'][^{_SPACE}>]*+)?+)?+)"""
)
_TAG = re.compile(rf"<(/?)([a-zA-Z][^{_SPACE}/>]*+)({_ATTRIBUTE}*+)(>?)")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_NAMED = re.compile(
    rf"[{_SPACE}/]*+([^{_SPACE}/>][^{_SPACE}/>=]*+)(?:[{_SPACE}]*+(=)[{_SPACE}]*+"
    rf"""(?:"([^"]*+)"?|'([^']*+)'?|([^{_SPACE}>"'][^{_SPACE}>]*+))?+)?+"""
)
_REFERENCE = re.compile(r"&(?:#[xX]?[0-9a-fA-F]++;?|([a-zA-Z][a-zA-Z0-9]*+)(;?))")

_RAW_NAMES = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript")
_RAW = frozenset((*_RAW_NAMES, "plaintext"))
"""Elements whose content is text. `noscript` is one because pages are parsed with scripting on."""
_RAW_END = {name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE) for name in _RAW_NAMES}
_SCRIPT_STEP = re.compile(rf"<!--|-->|<(/?)script(?=[{_SPACE}/>])", re.IGNORECASE)
_COMMENT_END = re.compile(r"--!?>")

MOST_ATTRIBUTES = 2_000
"""A tag with more attributes than this is never simple."""


def _simple_page() -> re.Pattern[str]:
    """Return a pattern that matches a whole text if its tags can be found without tracking the elements that are open.

    Whether a `script` or `title` is raw text depends on whether it is inside `svg`, so an `svg` element is matched
    as one unit, and in it such elements may hold no "<". `math`, deeper `svg` and a script that holds both `<!--` and
    `<script` end the match: `Tokenizer` reads those.
    """
    attributes = rf"{_ATTRIBUTE}{{0,{MOST_ATTRIBUTES}}}+>"
    boundary = rf"(?=[{_SPACE}/>])"
    name = rf"[^{_SPACE}/>]*+"
    names = "|".join(_RAW_NAMES)
    comment = r"<!--(?!-?>)(?:[^-]++|-(?!-!?>))*+--!?>"
    quiet = [*_RAW_NAMES, "desc"]  # in `svg` their content may be markup, or outside of it text
    in_svg = (
        rf"[^<]++|<(?![a-zA-Z/!])|{comment}|</(?!(?i:svg){boundary})[a-zA-Z]{name}{attributes}"
        rf"|<(?!(?i:svg|math|plaintext|foreignobject|{'|'.join(quiet)}){boundary})[a-zA-Z]{name}{attributes}|"
    ) + "|".join(
        rf"<(?i:{each}){boundary}{attributes}(?:[^<]*+|<!\[CDATA\[[^<>]*+\]\]>)(?=</(?i:{each})\s*+>)" for each in quiet
    )
    svg = rf"<(?i:svg){boundary}{attributes}(?:{in_svg}|<(?i:svg){boundary}{attributes}(?:{in_svg})*+</(?i:svg)\s*+>)*+"
    raw = "|".join(
        rf"<(?i:{each}){boundary}{attributes}(?:[^<]++|<(?!(?i:/{each}{boundary}{'' if each != 'script' else but})))*+"
        rf"(?=<(?i:/{each}){boundary}|\Z)"
        for each, but in (*((each, "|!--") for each in _RAW_NAMES), ("script", rf"|script{boundary}"))
    )
    return re.compile(
        rf"(?:[^<]++|</[a-zA-Z]{name}{attributes}|<[abcdfghjkloqruvwyz]{name}{attributes}"
        rf"|<(?!(?i:svg|math|plaintext|{names}){boundary})[a-zA-Z]{name}{attributes}"
        rf"|{raw}|{svg}(?=</(?i:svg){boundary})|{comment}|<(?:!(?!--)|\?|/(?![a-zA-Z]))[^>]*+>"
        rf"|<(?![a-zA-Z/!?]))*+"
    )


_SIMPLE = _simple_page()


class Tag(NamedTuple):
    """A start or end tag: its name in lower case, and the positions of the tag and of its attributes in the text."""

    name: str
    is_end: bool
    is_self_closing: bool
    start: int
    attributes: tuple[int, int]
    end: int


def has_only_simple_tags(html: str) -> bool:
    """Return whether every tag has at most `MOST_ATTRIBUTES` attributes, as far as one cheap match shows."""
    match = _SIMPLE.match(html)
    return match is not None and match.end() == len(html)


def count_attributes(html: str, tag: Tag, most: int) -> int:
    """Return the number of attributes of a tag, at most `most`, white space and slashes counted with them."""
    count = 0
    for count, _ in enumerate(_ATTRIBUTES.finditer(html, *tag.attributes), 1):
        if count >= most:
            break
    return count


class Attribute(NamedTuple):
    """An attribute: its name in lower case, its value without references (None: it has none), and as it is written."""

    name: str
    value: str | None
    written: str


def attributes_of(html: str, tag: Tag, most: int = MOST_ATTRIBUTES) -> list[Attribute]:
    """Return the attributes of a tag in order. Of several with one name only the first counts, as in parsers."""
    found: dict[str, Attribute] = {}
    for match in _NAMED.finditer(html, *tag.attributes):
        name = match[1].lower()
        if name not in found:
            value = match[3] or match[4] or match[5] or ""
            found[name] = Attribute(
                name, without_references(value) if match[2] else None, match[0].lstrip(_SPACE + "/")
            )
            if len(found) >= most:
                break
    return list(found.values())


def without_references(value: str) -> str:
    """Return the value of an attribute with its character references decoded (HTML Standard, 13.2.5.73).

    In an attribute `&copy=1` is text: a name without semicolon counts only at the end or before another character.
    """

    def decoded(found: re.Match[str]) -> str:
        name, mark = found[1], found[2]
        if name is None or mark:
            is_known = name is None or f"{name};" in html5
            return unescape(found[0]) if is_known else found[0]
        is_name = name in html5 and not value.startswith("=", found.end())
        return html5[name] if is_name else found[0]

    return _REFERENCE.sub(decoded, value) if "&" in value else value


class Tokenizer:
    """The tags of a text in order. The caller sets `is_foreign` while the position is inside `svg` or `math`."""

    def __init__(self, html: str, *, scripting: bool = True) -> None:
        """Begin a text. `scripting`: whether the content of `noscript` is text; without scripts it is markup."""
        self.is_foreign = False
        self._html = html
        self._raw = _RAW if scripting else _RAW - {"noscript"}

    def tags(self) -> Iterator[Tag]:
        """Yield each tag that ends with ">"; one that is cut off by the end of the text is dropped, as in parsers."""
        html = self._html
        position = html.find("<")
        while position >= 0:
            match = _TAG.match(html, position)
            if match is None:
                position = html.find("<", self._after_other(position))
                continue
            if not match[4]:
                return
            name = match[2].lower()
            tag = Tag(name, bool(match[1]), match[3].endswith("/"), match.start(), match.span(3), match.end())
            is_raw = not (tag.is_end or self.is_foreign) and name in self._raw
            yield tag
            position = html.find("<", self._raw_end(tag) if is_raw else tag.end)

    def _raw_end(self, tag: Tag) -> int:
        """Return the end of the raw text after a start tag."""
        if tag.name == "plaintext":
            return len(self._html)
        if tag.name == "script":
            return self._script_end(tag.end)
        end = _RAW_END[tag.name].search(self._html, tag.end)
        return end.start() if end else len(self._html)

    def _script_end(self, position: int) -> int:
        """Return the position of the end tag of a script; `<!-- <script>` hides one (13.2.5.20, double escaped)."""
        is_escaped = is_doubled = False
        step = _SCRIPT_STEP.search(self._html, position)
        while step is not None:
            behind = step.end()
            if step[0] == "<!--":
                is_escaped, behind = True, behind - 2  # "<!-->" ends at once
            elif step[0] == "-->":
                is_escaped = is_doubled = False
            elif not step[1]:
                is_doubled = is_escaped
            elif not is_doubled:
                return step.start()
            else:
                is_doubled = False
            step = _SCRIPT_STEP.search(self._html, behind)
        return len(self._html)

    def _after_other(self, position: int) -> int:
        """Return the position after a "<" that begins no tag: after a comment or declaration, else after it."""
        html = self._html
        following = html[position + 1 : position + 9]
        if following.startswith("!--"):
            if html.startswith((">", "->"), position + 4):
                return position + 5
            end = _COMMENT_END.search(html, position + 4)
            return end.end() if end else len(html)
        if self.is_foreign and following == "![CDATA[":
            return self._behind("]]>", position)
        return self._behind(">", position) if following[:1] in ("!", "?", "/") else position + 1

    def _behind(self, mark: str, position: int) -> int:
        found = self._html.find(mark, position)
        return found + len(mark) if found >= 0 else len(self._html)
