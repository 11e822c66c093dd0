"""Search: which versions say some words, from when to when, and what became of them; the biography of a phrase."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from archiver.app.browsing.phrase_history import PhraseHistory, phrase_history
from archiver.app.reading.questions import ArchiveReader
from archiver.app.reading.search_words import search_for
from archiver.errors import UsageError
from archiver.model.moments import since_text, until_text
from archiver.store.archive import Store
from archiver.store.content_columns import SEARCHED
from archiver.store.search import PhraseSpan, SearchResult
from archiver.text.near import did_you_mean

ORDERS = ("dropped", "newest", "oldest")
PAGE = 20
"""Results of one page."""
MOST_VERSIONS = 1_500
"""With more versions that match, the newest are listed one by one, and there is no biography."""
_FURTHEST = 5_000  # results that can be paged to, when there are many


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """What is asked.

    Attributes:
        words: as typed; words in quotes are a phrase.
        plain: ignore accents.
        site, field: only there.
        since, until: first seen then or later, or earlier; moments as typed.
        at: said on this day; a moment as typed.
        by: dropped (what was dropped first), newest or oldest.
        start: the number of results on the pages before.
    """

    words: str
    plain: bool = False
    site: str | None = None
    field: str | None = None
    since: str | None = None
    until: str | None = None
    at: str | None = None
    by: str = "dropped"
    start: int = 0


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """The answer. Times are UTC text.

    Attributes:
        total: the number of results; None when there are many.
        pages, standing: pages that ever said it, and that still do; None when there are many, as are the next two.
        dropped, gone: results that an edit ended, or the end of their page.
        life: the biography; None when there are many versions, or none.
        results: runs of versions of a page that say it; with many, single versions.
        next: the cursor of what follows; 0 at the end.
    """

    results: list[dict[str, Any]]
    next: int
    is_many: bool = False
    total: int | None = None
    pages: int | None = None
    standing: int | None = None
    dropped: int | None = None
    gone: int | None = None
    life: PhraseHistory | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the answer as JSON has it."""
        return asdict(self)


def search_versions(archive: ArchiveReader, asked: SearchQuestion) -> SearchAnswer:
    """Return what says some words.

    Raises:
        UsageError: no words, an unknown order or field, or a text that is not a moment.
        NotInArchive: there is no such site.
    """
    fields = [each.name for each in SEARCHED]
    for name, given, known in (("order", asked.by, ORDERS), ("field", asked.field or fields[0], fields)):
        if given not in known:
            raise UsageError(f"{given}: no such {name}; {did_you_mean(given, known)}known: {', '.join(known)}")
    store, now = archive.store, archive.settings.clock()
    found = search_for(
        store,
        asked.words,
        now,
        plain=asked.plain,
        site=asked.site,
        since=asked.since or None,
        until=asked.until or None,
    )
    wanted = replace(found, field=asked.field)
    hidden = set(archive.embargoed_pages())
    at = (since_text(asked.at, now), until_text(asked.at, now)) if asked.at else None
    if store.search.versions(wanted, MOST_VERSIONS + 1) > MOST_VERSIONS:
        return _many(store, wanted, hidden, asked.start)
    spans = [each for each in store.search.spans(wanted) if each.page_id not in hidden]
    return _few(store, wanted, spans, asked, at)


def _few(
    store: Store, wanted: SearchResult, spans: Sequence[PhraseSpan], asked: SearchQuestion, at: tuple[str, str] | None
) -> SearchAnswer:
    """Return all runs of versions that say the words, with the biography."""
    kept = _ordered([each for each in spans if _is_wanted(each, wanted, at)], asked.by)
    shown = kept[asked.start : asked.start + PAGE]
    end = asked.start + len(shown)
    site_id = None if asked.site is None else store.pages.site_id(asked.site)
    return SearchAnswer(
        [_result(store, wanted, each) for each in shown],
        end if end < len(kept) else 0,
        total=len(kept),
        pages=len({each.page_id for each in kept}),
        standing=len({each.page_id for each in kept if each.went is None}),
        dropped=sum(each.went == "edited" for each in kept),
        gone=sum(each.went in ("gone", "moved") for each in kept),
        life=phrase_history(store, spans, site_id) if spans else None,
    )


def _many(store: Store, wanted: SearchResult, hidden: set[int], start: int) -> SearchAnswer:
    """Return the newest versions that say the words, one by one."""
    if start > _FURTHEST:
        raise UsageError(f"cursor={start}: too far; give more words, or a time")
    hits = store.search.hits(wanted, "newest", PAGE + 1, start)
    results = [_hit(store, wanted, each) for each in hits[:PAGE]]
    following = start + PAGE if len(hits) > PAGE else 0
    shown = [each for each in results if each["page_id"] not in hidden]
    return SearchAnswer(shown, following, is_many=True)


def _is_wanted(span: PhraseSpan, wanted: SearchResult, at: tuple[str, str] | None) -> bool:
    if at is not None and not (span.seen_from < at[1] and (span.went_by is None or span.went_by > at[0])):
        return False
    return (wanted.since or "") <= span.seen_from < (wanted.until or "9999")


def _ordered(spans: Iterable[PhraseSpan], by: str) -> list[PhraseSpan]:
    newest = sorted(spans, key=lambda each: (each.seen_from, each.page_id), reverse=by != "oldest")
    if by != "dropped":
        return newest
    place = {"edited": 0, "gone": 1, "moved": 1, None: 2}
    return sorted(
        sorted(newest, key=lambda each: each.went_by or "", reverse=True), key=lambda each: place.get(each.went, 2)
    )


def _result(store: Store, wanted: SearchResult, span: PhraseSpan) -> dict[str, Any]:
    first = store.browsing.page_facts.number(span.version_id)
    return {
        "site": span.site,
        "page_id": span.page_id,
        "url": span.url,
        "state": {None: "standing", "edited": "dropped"}.get(span.went, span.went),
        "came": span.came,
        "came_after": span.came_after,
        "seen_from": span.seen_from,
        "seen_last": span.seen_last,
        "went_by": span.went_by,
        "first_version": first,
        "last_version": span.version,
        **store.search.shown(wanted, span.page_id, span.version),
    }


def _hit(store: Store, wanted: SearchResult, hit: dict[str, Any]) -> dict[str, Any]:
    page_id, number = hit["page_id"], store.browsing.page_facts.number(hit["version_id"])
    state = store.browsing.page_facts.ended_by(hit["version_id"])
    return {
        "site": hit["site"],
        "page_id": page_id,
        "url": hit["url"],
        "state": state,
        "came": None,
        "came_after": None,
        "seen_from": hit["seen_from"],
        "seen_last": hit["seen_last"],
        "went_by": hit["seen_until"],
        "first_version": number,
        "last_version": number,
        **store.search.shown(wanted, page_id, number),
    }
