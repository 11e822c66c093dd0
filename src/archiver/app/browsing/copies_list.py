"""The copies of a page by year: versions apart from the captures that changed nothing."""

from dataclasses import dataclass
from typing import Any

from archiver.app.reading.questions import ArchiveReader
from archiver.store.copy_queries import VersionMark
from archiver.store.pages import KnownPage

MOST_LISTED = 300


@dataclass(frozen=True, slots=True)
class CopiesOfYear:
    """The copies of a page, by year, and those of one year.

    Attributes:
        years: each with `year`, `copies`, `confirmed` (answered with 304) and `errors`.
        year: the year that is listed.
        versions: those first seen in that year.
        copies: of that year from `since` on, at most MOST_LISTED, each with `visited_at`, `outcome`, `version`.
        following: when the next part of the list begins; None at the end.
    """

    years: tuple[dict[str, Any], ...]
    year: str
    versions: tuple[VersionMark, ...]
    copies: tuple[dict[str, Any], ...]
    following: str | None


def copies_of_year(archive: ArchiveReader, page: KnownPage, year: str, since: str) -> CopiesOfYear:
    """Return the copies of a page.

    Args:
        archive: the archive.
        page: the page.
        year: four digits; "" for the last year with copies.
        since: UTC text, for a later part of the year's list; "" for its beginning.
    """
    queries = archive.store.browsing.copies
    years = tuple(queries.years(page.page_id))
    known = [each["year"] for each in years]
    year = year if year in known else (known[-1] if known else "")
    begin, end = max(year, since), f"{int(year) + 1:04d}" if year else ""
    found = queries.listed(page.page_id, begin, end, MOST_LISTED + 1)
    versions = tuple(queries.versions(page.page_id, begin, end, MOST_LISTED))
    first = {each.seen_from: each.version for each in versions}
    copies = tuple({**each, "version": first.get(each["visited_at"])} for each in found[:MOST_LISTED])
    following = found[MOST_LISTED]["visited_at"] if len(found) > MOST_LISTED else None
    return CopiesOfYear(years, year, versions, copies, following)
