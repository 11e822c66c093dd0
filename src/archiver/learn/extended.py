"""Add learned tables to a profile that exists. Its own text stays as it is, to the letter."""

import re
from collections.abc import Sequence

from archiver.extract.choose import is_there
from archiver.learn.learned import LearnedTemplate
from archiver.learn.samples import Sample
from archiver.model.profile import PageKind, Profile


def is_known(template: LearnedTemplate, existing: Profile) -> bool:
    """Return whether the tables of a profile recognise every page of a template."""
    return all(any(_reads(kind, sample) for kind in existing.pages) for sample in template.samples)


def _reads(kind: PageKind, sample: Sample) -> bool:
    is_for = kind.kind == "article" and (kind.url is None or kind.url.search(sample.url) is not None)
    return is_for and bool(kind.fields) and is_there(kind, sample.page)


def with_tables(existing: Profile, tables: Sequence[str]) -> str:
    """Return the text of a profile with new `[[page]]` tables.

    They stand before the first table that is not of articles: the first table that matches an address decides.
    """
    if not tables:
        return existing.text
    lines = re.findall(r"[^\n]*\n|[^\n]+", existing.text)  # TOML has no other ends of lines
    places = [kind.line - 1 for kind in existing.pages if kind.kind != "article" and kind.line]
    place = min(places, default=_end_of_pages(lines))
    while place and lines[place - 1].lstrip().startswith("#"):
        place -= 1
    before = "".join(lines[:place])
    if before and not before.endswith("\n"):
        before += "\n"
    return before + "\n".join(tables).lstrip("\n") + "\n\n" + "".join(lines[place:])


def _end_of_pages(lines: Sequence[str]) -> int:
    """Return the line of the first `[[test]]`, else the number of lines."""
    return next((number for number, line in enumerate(lines) if line.strip() == "[[test]]"), len(lines))
