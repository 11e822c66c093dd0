"""A search from what a person typed."""

from datetime import datetime

from archiver.app.reading.find import known_site
from archiver.errors import UsageError
from archiver.model.moments import Moment, since_text, until_text
from archiver.store.archive import Store
from archiver.store.search import SearchResult


def search_for(
    store: Store,
    words: str,
    now: datetime,
    *,
    plain: bool = False,
    site: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> SearchResult:
    """Return a search for words; words in quotes are a phrase.

    Args:
        store: the archive.
        words: as typed.
        now: the present moment, for `since` and `until`.
        plain: ignore accents, and treat đ as d.
        site: only of this site.
        since: versions first seen then or later.
        until: versions first seen then or earlier; a date includes the whole day.

    Raises:
        UsageError: no words, or a text that is not a moment.
        NotInArchive: no such site.
    """
    if not any(char.isalnum() for char in words):
        raise UsageError(f"{words!r}: no word to search for; give one, or a phrase in quotes")
    return SearchResult(
        words,
        plain,
        known_site(store, site),
        None if since is None else since_text(since, now),
        None if until is None else until_text(until, now),
    )
