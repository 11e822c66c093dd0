"""Full-text search over all versions: hits, newest or best first, and the history of a phrase on each page.

The user's words are not FTS5 syntax: each word is a term, and quoted words are a phrase. In the exact index both
placements of a Vietnamese tone are searched (hòa, hoà). The plain index ignores accents and treats đ as d.
"""

import itertools
import json
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from archiver.store.connection import Connection, Row, Value
from archiver.store.content_columns import SEARCHED
from archiver.store.view_sql import MOVED_MEANWHILE
from archiver.text.excerpt import excerpt, excerpt_parts, parts_between, spans_of
from archiver.text.tones import new_placement, old_placement

Order = Literal["newest", "relevance"]
ORDERS: tuple[Order, ...] = ("newest", "relevance")

_TITLE = 300  # characters of a title that are shown
MOST_SORTED = 2_000
"""Up to this number of hits, the order `newest` is exact by `seen_from`; with more, the newest contents are sorted."""

MOST_PLACEMENTS = 64
"""The most spellings of a phrase in one query: six words whose tone has two places."""

_HIT = "site, page_id, url, title, (SELECT m.moved_to FROM moves m WHERE m.page_id = versions.page_id AND m.until IS NULL) AS moved_to, seen_from, seen_last, seen_until, version_id"
_LISTS = tuple(each.name for each in SEARCHED if each.is_list)
_FIELDS = tuple(each.name for each in SEARCHED)
_WEIGHTS = ", ".join(str(each.weight) for each in SEARCHED)
_VERSIONS = """
FROM {table} f CROSS JOIN _version v ON v.content_id = f.rowid
  AND v.current = 1
  JOIN _page p ON p.page_id = v.page_id JOIN _site s ON s.site_id = p.site_id
WHERE f.{table} MATCH :query AND (:site IS NULL OR s.name = :site)
"""
_FOUND = (
    "SELECT v.content_id, v.version_id, v.seen_from, {score} AS score"
    + _VERSIONS
    + "AND (:since IS NULL OR v.seen_from >= :since) AND (:until IS NULL OR v.seen_from < :until) ORDER BY {order} LIMIT :limit OFFSET :offset"
)
_SPELLS = (
    "SELECT h.*, c.title, b.seen_last AS before_last, n.seen_from AS after_from, n.verdict AS after_verdict, n.version_id AS after_id, "
    "(SELECT max(a.last_miss) FROM _absence a WHERE a.page_id = h.page_id AND a.back_by = h.seen_from) AS missed, "
    f"EXISTS (SELECT 1 FROM _absence a WHERE a.page_id = h.page_id AND a.gone_by = h.seen_until AND NOT {MOVED_MEANWHILE}) AS is_gone FROM ("
    "SELECT s.name AS site, p.url, v.*" + _VERSIONS + ") h JOIN _content c ON c.content_id = h.content_id "
    "LEFT JOIN _version b ON b.page_id = h.page_id AND b.current = 1 AND b.version = h.version - 1 "
    "LEFT JOIN _version n ON n.page_id = h.page_id AND n.current = 1 AND n.version = h.version + 1 "
    "ORDER BY h.page_id, h.version"
)
_SHOWN = (
    "SELECT v.version_id, v.content_id, c.language FROM _version v JOIN _stored_content c ON c.content_id = v.content_id "
    "WHERE v.page_id = ? AND v.version = ? AND v.current = 1"
)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A search.

    Attributes:
        words: as typed.
        plain: ignore accents, and treat d as đ.
        site: only this site.
        since: first seen then or later, UTC text.
        until: first seen before, UTC text.
        field: only in this field of `SEARCHED`.
    """

    words: str
    plain: bool = False
    site: str | None = None
    since: str | None = None
    until: str | None = None
    field: str | None = None

    @property
    def query(self) -> str:
        """Return the query in FTS5's syntax."""
        query = words_query(self.words, plain=self.plain)
        return query if self.field is None else f"{{{self.field}}} : ({query})"

    @property
    def values(self) -> dict[str, Value]:
        """Return the named values of the SQL."""
        return {"query": self.query, "site": self.site}


@dataclass(frozen=True, slots=True)
class Hit:
    """A version that matches. `seen_from`: UTC text; `score`: BM25, lower is better, and 0 when not sorted by it."""

    content_id: int
    version_id: int
    seen_from: str
    score: float


@dataclass(frozen=True, slots=True)
class PhraseSpan:
    """A sequence of a page's versions that contain a phrase. Times are UTC text.

    Attributes:
        title: the title of its last version.
        came: how it appeared: `published` with the first version, `edited` in, or `returned` after an absence.
        came_after: last visit without it; None when the page's first version had it.
        version: the number of its last version within the page; the next version, if any, is without it.
        seen_from: first visit with it.
        seen_last: last visit with it.
        went: how it disappeared: `edited` out, `gone` or `moved` with its page; None while it is present.
        went_by: first visit that shows that.
        version_id: the first version with it.
        dropped_by: the first version without it, as in `changes`; None while it is present or when its page is gone.
    """

    site: str
    page_id: int
    url: str
    title: str | None
    came: str
    came_after: str | None
    seen_from: str
    seen_last: str
    went: str | None
    went_by: str | None
    version: int
    version_id: int
    dropped_by: int | None


class Search:
    """Searches one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hits(self, wanted: SearchResult, order: Order, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        """Return rows of `found` or `found_plain`: newest first by `seen_from`, or best first by BM25; from one on."""
        return [self.with_context(wanted, hit) for hit in self.ranked(wanted, order, limit, offset)]

    def ranked(self, wanted: SearchResult, order: Order, limit: int, offset: int = 0) -> list[Hit]:
        """Return the hits in order, from one on, without their texts."""
        table = _table(wanted)
        score = f"bm25({table}, {_WEIGHTS})" if order == "relevance" else "0.0"
        found = self._connection.rows(
            _FOUND.format(table=table, order=self._order(wanted, order), score=score),
            {**wanted.values, "since": wanted.since, "until": wanted.until, "limit": limit, "offset": offset},
        )
        if order == "newest":
            found.sort(key=lambda row: (row["seen_from"], row["version_id"]), reverse=True)
        return [Hit(row["content_id"], row["version_id"], row["seen_from"], row["score"]) for row in found]

    def _order(self, wanted: SearchResult, order: Order) -> str:
        if order == "relevance":
            return "score, v.seen_from DESC"
        return "f.rowid DESC" if self.is_many(wanted) else "v.seen_from DESC, v.version_id DESC"

    def with_context(self, wanted: SearchResult, found: Hit) -> dict[str, Any]:
        """Return a hit with its context. The context is expensive, so only shown hits get one."""
        row = self._connection.row(f"SELECT {_HIT} FROM versions WHERE version_id = ?", (found.version_id,))
        assert row is not None  # noqa: S101  (it was just found)
        hit = dict(row)
        context = self._context(wanted, found.content_id)
        until = {name: hit.pop(name) for name in ("seen_from", "seen_last", "seen_until", "version_id")}
        return {**hit, "context": context, **until}

    def _context(self, wanted: SearchResult, content_id: int) -> str:
        """Return the words around the hit, from the field with most hits."""
        found = self._marked_fields(wanted, content_id)
        spans, text = max(found[1:] + found[:1], key=lambda field: len(field[0]))
        return excerpt(text, spans) if spans else ""

    def _marked_fields(self, wanted: SearchResult, content_id: int) -> list[tuple[list[tuple[int, int]], str]]:
        """Return the hits in each field and its text. Offsets in the plain index fit the original text."""
        table = _table(wanted)
        marked = ", ".join(f"highlight({table}, {number}, char(2), char(3))" for number in range(len(_FIELDS)))
        real = ", ".join(f"c.{name}" for name in _FIELDS)
        (row,) = self._connection.rows(
            f"SELECT {marked}, {real} FROM {table} f JOIN _content c ON c.content_id = f.rowid "
            f"WHERE f.{table} MATCH ? AND f.rowid = ?",
            (wanted.query, content_id),
        )
        return [_marked(row[number], row[number + len(_FIELDS)], name) for number, name in enumerate(_FIELDS)]

    def shown(self, wanted: SearchResult, page_id: int, version: int) -> dict[str, Any]:
        """Return a version with its hits: `title` in parts, `field` and `context` of the other field with most hits.

        Parts are pairs of whether it is a hit, and a text. `context` is empty when only the title has hits.
        """
        row = self._connection.row(_SHOWN, (page_id, version))
        if row is None:
            return {"title": [], "field": None, "context": [], "language": None, "version_id": None}
        found = dict(zip(_FIELDS, self._marked_fields(wanted, row["content_id"]), strict=True))
        spans, title = found.pop("title")
        field = max(found, key=lambda name: len(found[name][0]))
        return {
            "title": parts_between(title, spans, (0, min(len(title), _TITLE))),
            "field": field if found[field][0] else None,
            "context": excerpt_parts(found[field][1], found[field][0]) if found[field][0] else [],
            "language": row["language"],
            "version_id": row["version_id"],
        }

    def versions(self, wanted: SearchResult, most: int) -> int:
        """Return the number of versions that match, at most `most`."""
        counted = f"SELECT count(*) FROM (SELECT 1 {_VERSIONS.format(table=_table(wanted))} LIMIT :most)"
        return int(self._connection.value(counted, {**wanted.values, "most": most}))

    def is_many(self, wanted: SearchResult) -> bool:
        """Whether more contents match than `newest` can sort exactly."""
        table = _table(wanted)
        counted = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT {MOST_SORTED + 1})"
        return int(self._connection.value(counted, (wanted.query,))) > MOST_SORTED

    def spans(self, wanted: SearchResult) -> Iterator[PhraseSpan]:
        """Return the history of a phrase: for each page, each sequence of versions that contain it, in order of time."""
        rows = self._connection.rows(_SPELLS.format(table=_table(wanted)), wanted.values)
        run: list[Row] = []
        for row in rows:
            if run and not _continues(run[-1], row):
                yield _spell(run[0], run[-1])
                run = []
            run.append(row)
        if run:
            yield _spell(run[0], run[-1])


def _marked(marked: str | None, real: str | None, field: str) -> tuple[list[tuple[int, int]], str]:
    """Return a field's text with marked hits; the items of lists are joined with a dot."""
    if field not in _LISTS or not marked or not real:
        return spans_of(marked or ""), real or ""
    shown, text = (" · ".join(json.loads(items, strict=False)) for items in (marked, real))
    return spans_of(shown), text


def _table(wanted: SearchResult) -> str:
    return "_words_plain" if wanted.plain else "_words"


def _continues(before: Row, row: Row) -> bool:
    """Whether a version follows another without an absence in between."""
    follows = row["page_id"] == before["page_id"] and row["version"] == before["version"] + 1
    return bool(follows and row["verdict"] != "back" and row["seen_from"] == before["seen_until"])


def _spell(first: Row, last: Row) -> PhraseSpan:
    came = "published" if first["version"] == 1 else "returned" if first["verdict"] == "back" else "edited"
    dropped = (
        last["after_id"] is not None and last["after_verdict"] != "back" and last["after_from"] == last["seen_until"]
    )
    went = None if last["seen_until"] is None else "edited" if dropped else "gone" if last["is_gone"] else "moved"
    return PhraseSpan(
        first["site"],
        first["page_id"],
        first["url"],
        last["title"],
        came,
        first["missed"] or first["before_last"],
        first["seen_from"],
        last["seen_last"],
        went,
        last["seen_until"],
        last["version"],
        first["version_id"],
        last["after_id"] if dropped else None,
    )


def words_query(words: str, *, plain: bool = False) -> str:
    """Return the user's words as an FTS5 query: each word a term, quoted words a phrase; nothing is an operator."""
    terms = [_term(term, plain=plain) for term in _terms(unicodedata.normalize("NFC", words))]
    return " AND ".join(terms) or '""'


def _terms(words: str) -> Iterator[str]:
    """Return the words and phrases with a letter or a digit; any other has no token and would match nothing."""
    for number, part in enumerate(words.replace("\0", " ").split('"')):
        yield from (term for term in ([part.strip()] if number % 2 else part.split()) if any(map(str.isalnum, term)))


def _term(term: str, *, plain: bool) -> str:
    if plain:
        return f'"{term.replace("đ", "d").replace("Đ", "D")}"'
    ways = [f'"{way}"' for way in _placements(term)]
    return ways[0] if len(ways) == 1 else f"({' OR '.join(ways)})"


def _placements(term: str) -> list[str]:
    """Return the spellings of a phrase with each tone in either place; with many such words, only all old, all new, and as typed."""
    ways = [list(dict.fromkeys((word, new_placement(word), old_placement(word)))) for word in term.split(" ")]
    if math.prod(map(len, ways)) > MOST_PLACEMENTS:
        return list(dict.fromkeys((term, new_placement(term), old_placement(term))))
    return [" ".join(chosen) for chosen in itertools.product(*ways)]
