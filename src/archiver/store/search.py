"""Full text over every version: hits, newest or best first, and the life of a phrase page by page.

What a person types is never FTS5 syntax: each word is a term, a quoted run a phrase. In the index of exact accents both
placements of a Vietnamese tone are sought (hòa, hoà); in the plain one accents do not count, nor does đ differ from d.
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
from archiver.text.excerpt import excerpt, spans_of
from archiver.text.tones import new_placement, old_placement

Order = Literal["newest", "relevance"]
ORDERS: tuple[Order, ...] = ("newest", "relevance")

MOST_SORTED = 2_000
"""Up to so many hits, `newest` is exact by `seen_from`; of more, the contents recorded last are taken and then sorted."""

MOST_PLACEMENTS = 64
"""Ways to write a phrase that are sought at once: six words whose tone has two places."""

_HIT = "site, page_id, url, title, seen_from, seen_last, seen_until, version_id"
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
    "SELECT v.content_id, v.version_id, v.seen_from"
    + _VERSIONS
    + "AND (:since IS NULL OR v.seen_from >= :since) AND (:until IS NULL OR v.seen_from < :until) ORDER BY {order} LIMIT :limit"
)
_SPELLS = (
    "SELECT h.*, c.title, b.seen_last AS before_last, n.seen_from AS after_from, n.verdict AS after_verdict, n.version_id AS after_id, "
    "(SELECT max(a.last_miss) FROM _absence a WHERE a.page_id = h.page_id AND a.back_by = h.seen_from) AS missed, "
    "EXISTS (SELECT 1 FROM _absence a WHERE a.page_id = h.page_id AND a.gone_by = h.seen_until) AS is_gone FROM ("
    "SELECT s.name AS site, p.url, v.*" + _VERSIONS + ") h JOIN _content c ON c.content_id = h.content_id "
    "LEFT JOIN _version b ON b.page_id = h.page_id AND b.current = 1 AND b.version = h.version - 1 "
    "LEFT JOIN _version n ON n.page_id = h.page_id AND n.current = 1 AND n.version = h.version + 1 "
    "ORDER BY h.page_id, h.version"
)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What is sought.

    Attributes:
        words: as typed.
        plain: accents do not count, and d is đ.
        site: only there.
        since: first seen then or later, UTC text.
        until: first seen before, UTC text.
    """

    words: str
    plain: bool = False
    site: str | None = None
    since: str | None = None
    until: str | None = None

    @property
    def query(self) -> str:
        """In FTS5's syntax."""
        return words_query(self.words, plain=self.plain)

    @property
    def values(self) -> dict[str, Value]:
        """What stands for the names in the SQL."""
        return {"query": self.query, "site": self.site}


@dataclass(frozen=True, slots=True)
class PhraseSpan:
    """A run of a page's versions that carry a phrase. Times are UTC text.

    Attributes:
        title: headline of its last version.
        came: how it came: `published` with the page's first version, `edited` in, or `returned` after an absence.
        came_after: last visit without it; None when the page's first version had it.
        version: number of its last version within the page; the one without it, if there is one, is the next.
        seen_from: first visit with it.
        seen_last: last visit with it.
        went: how it went: `edited` out, `gone` or `moved` with its page, or None while it stands.
        went_by: first visit that proved it.
        version_id: the version that brought it.
        dropped_by: the version without it, which `changes` names; None when it stands or went with its page.
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
    """Words in one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hits(self, wanted: SearchResult, order: Order, limit: int) -> list[dict[str, Any]]:
        """Rows of `found` or `found_plain`; newest by when they were first seen, or best by BM25."""
        by = self._order(wanted, order)
        found = self._connection.rows(
            _FOUND.format(table=_table(wanted), order=by),
            {**wanted.values, "since": wanted.since, "until": wanted.until, "limit": limit},
        )
        if order == "newest":
            found.sort(key=lambda row: (row["seen_from"], row["version_id"]), reverse=True)
        return [self._told(wanted, row) for row in found]

    def _order(self, wanted: SearchResult, order: Order) -> str:
        if order == "relevance":
            return f"bm25({_table(wanted)}, {_WEIGHTS}), v.seen_from DESC"
        return "f.rowid DESC" if self.is_many(wanted) else "v.seen_from DESC, v.version_id DESC"

    def _told(self, wanted: SearchResult, row: Row) -> dict[str, Any]:
        """A hit with its context, which costs more than all the rest and is made only for what is shown."""
        told = self._connection.row(f"SELECT {_HIT} FROM versions WHERE version_id = ?", (row["version_id"],))
        assert told is not None  # noqa: S101  (it was just found)
        hit = dict(told)
        context = self._context(wanted, row["content_id"])
        until = {name: hit.pop(name) for name in ("seen_from", "seen_last", "seen_until", "version_id")}
        return {**hit, "context": context, **until}

    def _context(self, wanted: SearchResult, content_id: int) -> str:
        """The words around the hit in the field that has most of them. The plain index's text is as long as the real one."""
        table = _table(wanted)
        marked = ", ".join(f"highlight({table}, {number}, char(2), char(3))" for number in range(len(_FIELDS)))
        real = ", ".join(f"c.{name}" for name in _FIELDS)
        (row,) = self._connection.rows(
            f"SELECT {marked}, {real} FROM {table} f JOIN _content c ON c.content_id = f.rowid "
            f"WHERE f.{table} MATCH ? AND f.rowid = ?",
            (wanted.query, content_id),
        )
        found = [_marked(row[number], row[number + len(_FIELDS)], name) for number, name in enumerate(_FIELDS)]
        spans, text = max(found[1:] + found[:1], key=lambda field: len(field[0]))
        return excerpt(text, spans) if spans else ""

    def is_many(self, wanted: SearchResult) -> bool:
        """Whether more contents carry the words than are sorted by when they were seen."""
        table = _table(wanted)
        counted = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT {MOST_SORTED + 1})"
        return int(self._connection.value(counted, (wanted.query,))) > MOST_SORTED

    def spells(self, wanted: SearchResult) -> Iterator[PhraseSpan]:
        """The life of a phrase: on each page, each run of versions that carry it, in order of time within the page."""
        rows = self._connection.rows(_SPELLS.format(table=_table(wanted)), wanted.values)
        run: list[Row] = []
        for row in rows:
            if run and not _goes_on(run[-1], row):
                yield _spell(run[0], run[-1])
                run = []
            run.append(row)
        if run:
            yield _spell(run[0], run[-1])


def _marked(marked: str | None, real: str | None, field: str) -> tuple[list[tuple[int, int]], str]:
    """Where the hits are in a field's text; lists, which are kept as JSON, with a dot between their items."""
    if field not in _LISTS or not marked or not real:
        return spans_of(marked or ""), real or ""
    shown, text = (" · ".join(json.loads(items, strict=False)) for items in (marked, real))
    return spans_of(shown), text


def _table(wanted: SearchResult) -> str:
    return "_words_plain" if wanted.plain else "_words"


def _goes_on(before: Row, row: Row) -> bool:
    """Whether a version follows on another without an absence in between."""
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
    """What a person typed as an FTS5 query: each word a term, a quoted run a phrase; nothing is an operator."""
    terms = [_term(term, plain=plain) for term in _terms(unicodedata.normalize("NFC", words))]
    return " AND ".join(terms) or '""'


def _terms(words: str) -> Iterator[str]:
    """Words and phrases that hold a letter or a digit: any other is no token, and would find nothing."""
    for number, part in enumerate(words.replace("\0", " ").split('"')):
        yield from (term for term in ([part.strip()] if number % 2 else part.split()) if any(map(str.isalnum, term)))


def _term(term: str, *, plain: bool) -> str:
    if plain:
        return f'"{term.replace("đ", "d").replace("Đ", "D")}"'
    ways = [f'"{way}"' for way in _placements(term)]
    return ways[0] if len(ways) == 1 else f"({' OR '.join(ways)})"


def _placements(term: str) -> list[str]:
    """A phrase with each word's tone in either place; of one with many such words only all old, all new, and as typed."""
    ways = [list(dict.fromkeys((word, new_placement(word), old_placement(word)))) for word in term.split(" ")]
    if math.prod(map(len, ways)) > MOST_PLACEMENTS:
        return list(dict.fromkeys((term, new_placement(term), old_placement(term))))
    return [" ".join(chosen) for chosen in itertools.product(*ways)]
