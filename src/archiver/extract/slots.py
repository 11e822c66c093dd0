"""What a page says of itself in `<meta>` and JSON-LD, read once a page and only when asked."""

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from archiver.extract.tree import Document

_MOST_JSON = 2_000_000
_MOST_OBJECTS = 5_000
_LONGEST_NUMBER = 5
_WRAPPING = re.compile(
    r"\A\s*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)|"
    r"(?:-->|/\*\s*\]\]>\s*\*/|//\s*\]\]>|\]\]>)\s*\Z"
)
_NAMES = ("name", "property", "itemprop")
_SAYING = ("@value", "name", "headline", "url", "@id")
"""Where an object that stands for a value keeps it."""

Json = dict[str, Any]
JsonValue = Json | list[Any] | str | int | float | bool | None


class Slots:
    """The declared values of a page."""

    __slots__ = ("_blocks", "_by_id", "_document", "_meta", "_objects", "problem")

    def __init__(self, document: Document) -> None:
        self._document = document
        self._meta: dict[str, list[str]] | None = None
        self._objects: list[Json] | None = None
        self._blocks: list[JsonValue] | None = None
        self._by_id: dict[str, Json] | None = None
        self.problem = ""

    def meta(self, name: str) -> list[str]:
        """The contents of every `<meta>` with that name, property or itemprop, in order; case does not count."""
        if self._meta is None:
            self._meta = self._read_meta()
        return self._meta.get(name.lower(), [])

    def jsonld(self, path: str) -> list[str]:
        """Every value at a dotted path: `NewsArticle.datePublished`, `author.name`, `author.0.name`.

        A first part that is the `@type` of an object chooses those objects; otherwise every object is asked.
        """
        parts = path.split(".")
        typed = [each for each in self.objects if parts[0] in types_of(each)]
        found: list[Any] = list(typed or self.objects)
        for part in parts[1:] if typed else parts:
            found = [inner for each in found for inner in _inside(each, part)]
        return [text for each in found for text in _texts(each)]

    def of(self, each: Json, path: str) -> list[str]:
        """Every value at a path within one object; what is only referred to by its `@id` is looked up in the page."""
        found: list[Any] = [each]
        for part in path.split("."):
            found = [self._resolved(inner) for value in found for inner in _inside(value, part)]
        return [text for value in found for text in _texts(value)]

    def _resolved(self, value: JsonValue) -> JsonValue:
        if isinstance(value, list):
            return [self._resolved(inner) if isinstance(inner, dict) else inner for inner in value]
        if isinstance(value, dict) and set(value) == {"@id"} and isinstance(value["@id"], str):
            if self._by_id is None:
                named = (each for each in self.objects if len(each) > 1 and isinstance(each.get("@id"), str))
                self._by_id = {each["@id"]: each for each in named}
            return self._by_id.get(value["@id"], value)
        return value

    @property
    def blocks(self) -> list[JsonValue]:
        """The JSON-LD blocks of the page as they stand; None for one that is no JSON."""
        if self._blocks is None:
            nodes = self._document.css('script[type*="ld+json" i]')
            self._blocks = [self._parsed(node.text()[:_MOST_JSON]) for node in nodes]
        return self._blocks

    @property
    def objects(self) -> list[Json]:
        """Every JSON-LD object of the page, the outermost first, those of `@graph` and nested ones included."""
        if self._objects is None:
            self._objects = list(self._read_objects())
        return self._objects

    def _read_meta(self) -> dict[str, list[str]]:
        read: dict[str, list[str]] = {}
        for node in self._document.css("meta[content]"):
            attributes = node.attributes
            content = attributes.get("content") or ""
            for name in {(attributes.get(key) or "").strip().lower() for key in _NAMES}:
                if name and content.strip():
                    read.setdefault(name, []).append(content)
        return read

    def _read_objects(self) -> Iterator[Json]:
        waiting: deque[Any] = deque(self.blocks)
        seen = 0
        while waiting and seen < _MOST_OBJECTS:
            seen += 1
            value = waiting.popleft()
            if isinstance(value, dict):
                yield value
                waiting += [inner for inner in value.values() if isinstance(inner, dict | list)]
            elif isinstance(value, list):
                waiting += [inner for inner in value if isinstance(inner, dict | list)]

    def _parsed(self, text: str) -> JsonValue:
        try:
            parsed: JsonValue = json.loads(_WRAPPING.sub("", text), strict=False)
        except (ValueError, RecursionError):
            self.problem = "a JSON-LD block is not JSON and was ignored"
            return None
        return parsed


def types_of(each: Json) -> list[str]:
    """The types of a JSON-LD object, without the vocabulary's address."""
    declared = each.get("@type")
    several = declared if isinstance(declared, list) else [declared]
    return [re.split(r"[/#:]", name)[-1] for name in several if isinstance(name, str)]


def _inside(value: JsonValue, part: str) -> list[Any]:
    """What a step of a path leads to. Lists are looked through, unless the step is a number."""
    if isinstance(value, list):
        if part.isdecimal():
            return value[int(part) : int(part) + 1] if len(part) <= _LONGEST_NUMBER else []
        return [inner for each in value if isinstance(each, dict) for inner in _inside(each, part)]
    return [value[part]] if isinstance(value, dict) and part in value else []


def _texts(value: JsonValue) -> Iterator[str]:
    """The texts a value stands for."""
    if isinstance(value, list):
        for each in value:
            if not isinstance(each, list):
                yield from _texts(each)
    elif isinstance(value, dict):
        named = next((value[key] for key in _SAYING if isinstance(value.get(key), str | int | float)), None)
        if named is not None:
            yield str(named)
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
        yield str(value)
