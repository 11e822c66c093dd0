"""The values that a page declares in `<meta>` and JSON-LD, read once for each page and only when needed."""

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from archiver.extract.json_path import within
from archiver.extract.jsonld_repair import parse_jsonld
from archiver.extract.tree import Document, attribute
from archiver.text.names import is_identifier

_MOST_JSON = 2_000_000
_MOST_OBJECTS = 5_000
_MOST_SAME = 20
"""The maximum number of objects of one `@id` that are merged."""
_NUMBER = re.compile(r"\.\d+\Z")
_NAMES = ("name", "property", "itemprop", "http-equiv")

Json = dict[str, Any]
JsonValue = Json | list[Any] | str | int | float | bool | None

TEXT_KEYS = ("@value", "name", "headline", "text")
ADDRESS_KEYS = ("contentUrl", "url", "@id", "@value")
NAME_KEYS = ("name", "@value", "alternateName", "legalName")
PEOPLE = frozenset(("author", "creator", "contributor", "editor"))
_PARTS_OF_A_NAME = ("givenName", "additionalName", "familyName")
_MOST_PEOPLE = 50
_DEEPEST = 4
"""The maximum depth of objects in which a value is searched."""
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_FAMILY_FIRST = ("vi", "zh", "ja", "ko", "hu")
"""Languages that write the family name before the given name."""
_SPEAKING = {
    **dict.fromkeys((*PEOPLE, "publisher", "sourceOrganization"), NAME_KEYS),
    **dict.fromkeys(("image", "thumbnail", "logo", "photo", "primaryImageOfPage", "associatedMedia"), ADDRESS_KEYS),
    **dict.fromkeys(("url", "mainEntityOfPage", "sameAs", "isPartOf", "license", "item"), ADDRESS_KEYS),
}
"""For the last step of a path, the keys of an object that may give its text. All other steps use `TEXT_KEYS`."""


class Slots:
    """The declared values of a page.

    Attributes:
        problem: the fault of a JSON-LD block, as text; "" when all could be read.
    """

    __slots__ = ("_at", "_blocks", "_by_id", "_document", "_meta", "_objects", "problem")

    def __init__(self, document: Document) -> None:
        self._document = document
        self._meta: dict[str, list[str]] | None = None
        self._objects: list[Json] | None = None
        self._blocks: list[JsonValue] | None = None
        self._by_id: dict[str, list[Json]] | None = None
        self._at: dict[str, list[str]] = {}
        self.problem = ""

    def meta(self, name: str) -> list[str]:
        """The contents of every `<meta>` with that name, property, itemprop or http-equiv, in order, in any case."""
        if self._meta is None:
            self._meta = self._read_meta()
        return self._meta.get(name.lower(), [])

    def jsonld(self, path: str) -> list[str]:
        """Return every value at a dotted path: `NewsArticle.datePublished`, `author.name`, `author.0.name`.

        A first part that is the `@type` of an object selects those objects; otherwise every object is searched.
        References (`{"@id": …}`) are followed. Each path is searched once; the list is shared: do not change it.
        """
        found = self._at.get(path)
        if found is None:
            found = self._at[path] = self._search(path)
        return found

    def _search(self, path: str) -> list[str]:
        parts = path.split(".")
        typed = [each for each in self.objects if parts[0] in types_of(each)]
        steps = parts[1:] if typed else parts
        return [text for each in typed or self.objects for text in self.of(each, ".".join(steps))] if steps else []

    def of(self, each: Json, path: str) -> list[str]:
        """Return every text at a path within one object; references by `@id` are looked up in the page."""
        named = path.removesuffix(".name")
        last = path.rsplit(".", 1)[-1]
        if _NUMBER.sub("", named).rsplit(".", 1)[-1] in PEOPLE:
            path = named
            return [name for value in self.at(each, path) for name in self.people(value)][:_MOST_PEOPLE]
        keys = _SPEAKING.get(last, TEXT_KEYS)
        return [text for value in self.at(each, path) for text in _texts(value, keys)]

    def people(self, value: JsonValue, depth: int = _DEEPEST) -> Iterator[str]:
        """Return the names of the people of a value: names, or Person, Organization and Role of schema.org.

        A text that is the `@id` of another object means that object. Any other identifier gives nothing.
        """
        if isinstance(value, list):
            for inner in value[:_MOST_PEOPLE] if depth else ():
                yield from self.people(inner, depth - 1)
        elif isinstance(value, dict):
            role = value.get("author") or value.get("creator")
            names = [] if role and _is_role(value) else self._names(value)
            if not names and role and depth:
                yield from self.people(self.resolved(role), depth - 1)
            yield from names
        elif isinstance(value, str):
            person = self.resolved({"@id": value})
            if isinstance(person, dict) and len(person) > 1:
                yield from self._names(person)
            elif value.strip() and not is_identifier(value):
                yield value

    def _names(self, person: Json) -> list[str]:
        """Return the names of one person; several where `name` is a list of texts."""
        names = person.get("name")
        if isinstance(names, list) and all(isinstance(name, str) for name in names):
            return [name for name in names if name.strip()]
        text = next(_texts(person, NAME_KEYS), "")
        parts = [next(_texts(person.get(key), TEXT_KEYS), "").strip() for key in _PARTS_OF_A_NAME]
        return [text] if text else list(filter(None, [self._joined(*parts)]))

    def _joined(self, given: str, additional: str, family: str) -> str:
        """A full name, in the order of the language of the page; Chinese, Japanese and Korean names have no space."""
        if _CJK.search(family) and _CJK.search(given):
            return f"{family}{given}"
        root = self._document.root
        language = (attribute(root, "lang") or "") if root is not None else ""
        is_first = language.lower().split("-")[0] in _FAMILY_FIRST
        return " ".join(filter(None, (family, additional, given) if is_first else (given, additional, family)))

    def at(self, each: Json, path: str) -> list[JsonValue]:
        """Return every value at a path within one object, as JSON; references are followed."""
        found: list[Any] = [each]
        for part in path.split("."):
            found = [self.resolved(inner) for value in found for _, inner in within(value, part)]
        return found

    def resolved(self, value: JsonValue) -> JsonValue:
        """Return a value merged with the other objects of the same `@id`."""
        value = _listed(value)
        if isinstance(value, list):
            return [self.resolved(inner) if _is_plain(inner) else inner for inner in value]
        if not isinstance(value, dict) or not isinstance(value.get("@id"), str):
            return value
        if self._by_id is None:
            self._by_id = {}
            for each in self.objects:
                if len(each) > 1 and isinstance(each.get("@id"), str):
                    self._by_id.setdefault(each["@id"], []).append(each)
        merged = dict(value)
        for other in self._by_id.get(value["@id"], ())[:_MOST_SAME]:
            for key, inner in other.items():
                merged.setdefault(key, inner)
        return merged

    @property
    def blocks(self) -> list[JsonValue]:
        """Return the JSON-LD values of the page, unchanged."""
        if self._blocks is None:
            nodes = self._document.css('script[type*="ld+json" i]')
            self._blocks = [value for node in nodes for value in self._parsed(node.text()[:_MOST_JSON])]
        return self._blocks

    @property
    def objects(self) -> list[Json]:
        """Return every JSON-LD object of the page, the outermost first, those of `@graph` and nested ones included."""
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

    def _parsed(self, text: str) -> list[JsonValue]:
        values = parse_jsonld(text)
        if not values and text.strip():
            self.problem = "a JSON-LD block is not JSON and was ignored"
        return values


def types_of(each: Json) -> list[str]:
    """Return the types of a JSON-LD object, without the vocabulary's address."""
    declared = each.get("@type")
    several = declared if isinstance(declared, list) else [declared]
    return [re.split(r"[/#:]", name)[-1] for name in several if isinstance(name, str)]


def _is_role(value: Json) -> bool:
    return any(name.endswith("Role") for name in types_of(value))


def _listed(value: JsonValue) -> JsonValue:
    """Return the values of a `@list` or `@set`; any other value unchanged."""
    several = (value.get("@list") or value.get("@set")) if isinstance(value, dict) else None
    return value if several is None else several if isinstance(several, list) else [several]


def _is_plain(value: JsonValue) -> bool:
    """Return whether a value is an object that is not only a list."""
    return isinstance(value, dict) and "@list" not in value and "@set" not in value


def _texts(value: JsonValue, keys: tuple[str, ...], depth: int = _DEEPEST) -> Iterator[str]:
    """Return the texts of a value; of an object, those of the first key that has any."""
    if isinstance(value, list):
        for each in value:
            if not isinstance(each, list):
                yield from _texts(each, keys, depth)
    elif isinstance(value, dict):
        found = ([text for text in _texts(value.get(key), keys, depth - 1) if _may_speak(key, text)] for key in keys)
        yield from next(filter(None, found), []) if depth else []
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
        yield str(value)


def _may_speak(key: str, text: str) -> bool:
    """Return whether the text of a key is more than an identifier: `@id` counts only where it can be an address."""
    return key != "@id" or not ("#" in text or text.startswith(("_:", "urn:")))
