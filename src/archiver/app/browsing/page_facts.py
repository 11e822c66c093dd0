"""What the top and the end of a page's page say: its state, how often it was edited, who links to it, its files."""

from collections.abc import Mapping
from typing import Any

from archiver.app.reading.page import Page
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import NotInArchive
from archiver.store.span_queries import Window

_MOST_LINKS, _MOST_FILES, _MOST_MOVES, _MOST_REREAD = 40, 40, 20, 20
_MOST_ABSENCES = 1_000
_LARGEST = 2**62  # SQLite accepts no larger number
_COUNTED = 20_000
"""A page with more versions than this is not searched for silent edits."""


def page_by_id(archive: ArchiveReader, page_id: int) -> Page:
    """Return a page by its number.

    Raises:
        NotInArchive: there is none.
    """
    known = archive.store.pages.page(page_id) if page_id < _LARGEST else None
    if known is None:
        raise NotInArchive(f"{page_id}: no page has this number in {archive.store.path.name}")
    return Page(archive.store, known, archive.settings.clock, known.url)


def page_facts(archive: ArchiveReader, page: Page) -> dict[str, Any]:
    """Return what is known of a page besides its history.

    Raises:
        NotInArchive: it is part of other pages (an image, a style sheet), or a file for robots.
    """
    store, page_id = archive.store, page.page_id
    row = store.browsing.page_facts.page(page_id)
    if row is None:
        raise NotInArchive(f"{page.url}: this is no page but a part of pages; its copies are shown with them")
    versions = store.browsing.page_facts.count_versions(page_id)
    visits = store.browsing.spans.visits(page_id)
    absences = store.browsing.spans.absences(Window(page_id), _MOST_ABSENCES)
    return {
        **row,
        "versions": versions,
        "editions": 0 if versions else store.browsing.editions.count(page_id),
        **visits,
        "gone": len(absences),
        "silent": store.browsing.spans.silent_claims(page_id) if versions <= _COUNTED else None,
        "moves": [_move(each) for each in store.moves.steps(page_id)[-_MOST_MOVES:]],
        "moved_from": [_move(each) for each in store.moves.to_page(page_id)[-_MOST_MOVES:]],
        "first_miss": _first_miss(archive, page_id),
        "reread": store.browsing.page_facts.reread(page_id, _MOST_REREAD),
        "linked_from": _linked_from(archive, page),
        "files": store.browsing.page_facts.files(row["version_id"], _MOST_FILES) if row["version_id"] else [],
        "profile": store.browsing.page_facts.profile(page.site),
    }


def _move(move: Any) -> dict[str, Any]:  # noqa: ANN401  (a row of moves)
    names = ("page_id", "url", "moved_to", "moved_to_page", "how", "reason", "found_at", "until")
    return {name: getattr(move, name) for name in names}


def _first_miss(archive: ArchiveReader, page_id: int) -> Mapping[str, Any] | None:
    miss = archive.store.history.missed_once(page_id)
    return None if miss is None else miss._asdict()


def _linked_from(archive: ArchiveReader, page: Page) -> list[dict[str, Any]]:
    rows = archive.store.browsing.page_facts.linked_from(page.url, page.page_id, _MOST_LINKS)
    hidden = set(archive.embargoed_pages()) if rows else set()
    return [row for row in rows if row["page_id"] not in hidden]
