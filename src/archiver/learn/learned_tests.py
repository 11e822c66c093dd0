"""Write the `[[test]]` tables of a learned profile: the pages that it was learned from, and the values it reads."""

from codecs import BOM_UTF8
from collections.abc import Sequence
from typing import NamedTuple

from archiver.extract.choose import is_api
from archiver.extract.open_page import page_bytes
from archiver.extract.read import read
from archiver.learn.toml_text import quoted
from archiver.model.capture import Capture
from archiver.model.profile import Profile

_MOST_TESTS = 5
_ENDINGS = (".html", ".json")


class TestPage(NamedTuple):
    """A page that a `[[test]]` table names: its file, relative to the project, and the bytes that are read."""

    file: str
    body: bytes


def tests_of(profile: Profile, captures: Sequence[Capture]) -> tuple[str, tuple[TestPage, ...]]:
    """Return the tables as TOML, and the pages to be stored for them. Pages that a test has already are left out."""
    known = {test.url for test in profile.tests}
    files = {test.file for test in profile.tests}
    new = [capture for capture in captures if capture.url not in known][:_MOST_TESTS]
    names = (f"tests/fixtures/{profile.name}/{number}" for number in range(1, len(new) + len(files) + 1))
    free = (name for name in names if files.isdisjoint(map(name.__add__, _ENDINGS)))
    pages, lines = [], []
    for capture, name in zip(new, free, strict=False):
        expected = _expected(capture, profile)
        if expected:
            file = name + _ENDINGS[is_api(profile, capture.url, capture.visited_at)]
            pages.append(TestPage(file, _read_from(capture, profile)))
            lines += [
                "",
                "[[test]]",
                f"file = {quoted(file)}",
                f"url = {quoted(capture.url)}",
                f"expect = {{ {expected} }}",
            ]
    return "\n".join(lines), tuple(pages)


def _read_from(capture: Capture, profile: Profile) -> bytes:
    """Return the bytes that the record of a page is read from: the body, or the document that a browser made of it.

    A document is UTF-8, whatever its `<meta>` says; the byte order mark says so.
    """
    source = page_bytes(capture, profile)
    return BOM_UTF8 + source.capture.body if source.is_rendered else capture.body


def _expected(capture: Capture, profile: Profile) -> str:
    content = read(capture, profile, links=False).content
    published = content.published.local if content.published else None
    values = {"title": content.title, "published": published}
    return ", ".join(f"{name} = {quoted(value)}" for name, value in values.items() if value)
