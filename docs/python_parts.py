"""Generates docs/reference/python.md from the docstrings of the public API. Run by cog."""

import dataclasses
import inspect
import re
import textwrap
from collections import ChainMap
from collections.abc import Iterator
from functools import cached_property

import archiver
from archiver.export.citations import Citation
from archiver.export.tables import Written
from archiver.model.record import Content, Link, Published
from archiver.model.version import FieldChange
from archiver.store.history import KeptVersion, VisitRow

_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns):\n", re.MULTILINE)
_ITEM = re.compile(r"^(\S[^:\n]*): ", re.MULTILINE)


_NOT_FOR_NOTEBOOKS = {"store", "lock_site", "release_files"}


def python_api() -> str:
    """Return all public names with their methods, attributes and result types."""
    results = ("Page", "Captured", "PageState", "CrawlSummary", "Report", "Exported", "EventFilter", "FeedOptions")
    order = ("open", "Archive", *results, "ArchiverError")
    assert set(order) == set(archiver.__all__), "a public name is missing here"
    named = [(f"archiver.{name}", getattr(archiver, name)) for name in order]
    given = [
        (value.__name__, value)
        for value in (Written, KeptVersion, VisitRow, FieldChange, Citation, Content, Published, Link)
    ]
    return "\n".join(part for name, thing in named + given for part in _described(name, thing))


def _described(name: str, thing: object) -> Iterator[str]:
    if not inspect.isclass(thing):
        yield f"## {name}{_signature(thing)}\n\n{_prose(thing)}"
        return
    yield f"## {name}\n\n{_prose(thing)}"
    if dataclasses.is_dataclass(thing):
        names = ", ".join(f"`{field.name}`" for field in dataclasses.fields(thing))
        yield f"Holds {names}.\n"
    ours = [each for each in thing.__mro__ if each.__module__.startswith("archiver")]
    members = ChainMap(*(dict(vars(each)) for each in ours))
    for member in dict.fromkeys(name for each in ours for name in vars(each)):
        value = members[member]
        if member.startswith("_") or member in _NOT_FOR_NOTEBOOKS or not inspect.getdoc(value):
            continue
        if inspect.isfunction(value):
            yield f"### .{member}{_signature(value)}\n\n{_prose(value)}"
        elif isinstance(value, property | cached_property):
            yield f"### .{member}\n\n{_prose(value)}"


def _signature(function: object) -> str:
    signature = inspect.signature(function)  # type: ignore[arg-type]
    kept = [
        each.replace(annotation=inspect.Parameter.empty)
        for each in signature.parameters.values()
        if each.name != "self"
    ]
    text = str(signature.replace(parameters=kept, return_annotation=inspect.Signature.empty))
    return re.sub(r"<function (\w+) at [^>]*>", r"\1", text)


def _prose(thing: object) -> str:
    """Return a docstring as text, with its sections as lists."""
    first, *rest = _SECTION.split(inspect.getdoc(thing) or "")
    parts = [first.strip()]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        items = _ITEM.sub(r"- `\1`: ", textwrap.dedent(body).strip())
        parts.append(f"{title}:\n\n{re.sub(chr(10) + ' +', ' ', items)}")
    return "\n\n".join(parts) + "\n"
