"""Full-text search in a separate archive with many contents, one version each."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from visits import WORDS

from archiver.store.archive import Store
from archiver.store.search import SearchResult
from archiver.store.word_index import WORD_INDEXES

TOKENS = 120
_CONTENT = (
    "INSERT INTO _stored_content(content_id, fingerprint, title, body, captions, bylines, tags, images, files, extra) "
    "VALUES (?, ?, ?, ?, '[]', '[]', '[]', '[]', '[]', '{}')"
)


def _contents(count: int) -> Iterator[tuple[int, str, str, str]]:
    chance = random.Random(1)
    for number in range(1, count + 1):
        yield number, str(number), " ".join(chance.choices(WORDS, k=8)), " ".join(chance.choices(WORDS, k=TOKENS))


def build_words(path: Path, count: int) -> None:
    """Create an archive of pages with one version each, and without captures."""
    Store.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("PRAGMA synchronous=OFF")
        database.execute("BEGIN")
        database.execute("INSERT INTO _site VALUES (1, 's', 's', 'http://s.example/', 'vi', 'Asia/Ho_Chi_Minh')")
        database.execute(
            "INSERT INTO _extractor VALUES (1, 1, 'x', '', '1', '2023-01-01 00:00:00', 1, '2023-01-01 00:00:00', NULL)"
        )
        database.executemany(_CONTENT, _contents(count))
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        database.execute(
            f"{numbers} INSERT INTO _page(page_id, site_id, key, url, first_seen) "
            "SELECT i, 1, 'http://s.example/' || i, 'http://s.example/' || i, '2023-01-01 00:00:00' FROM n"
        )
        seen = "datetime(1672531200 + 60 * i, 'unixepoch')"
        database.execute(
            f"{numbers} INSERT INTO _version(version_id, page_id, extractor_id, version, content_id, verdict, first_visit, last_visit, "
            f"seen_from, seen_last, recorded_at) SELECT i, i, 1, 1, i, 'first', i, i, {seen}, {seen}, {seen} FROM n"
        )
        for index in WORD_INDEXES:
            database.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
        database.execute("COMMIT")


def ask_words(path: Path, count: int, cpu_ms: Callable[[Callable[[], object]], float]) -> dict[str, float]:
    """Return the CPU ms to find the newest 20 results of a phrase, with and without accents.

    Each is measured on the view and with the query of `archiver search`.
    """
    build_words(path, count)
    results: dict[str, float] = {"contents": count, "MB": path.stat().st_size / 1e6}
    by_view = "SELECT url, title, context, seen_from FROM {} WHERE words MATCH ? ORDER BY content_id DESC LIMIT 20"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database, Store.open(path, write=False) as store:
        for view, phrase in (("found", '"kinh tế"'), ("found_plain", '"kinh te"')):
            hits = database.execute(f"SELECT count(*) FROM {view} WHERE words MATCH ?", (phrase,)).fetchone()[0]
            results[f"{view} hits"] = hits
            results[view] = cpu_ms(lambda: database.execute(by_view.format(view), (phrase,)).fetchall())  # noqa: B023
            wanted = SearchResult(phrase, plain=view == "found_plain")
            results[f"{view} by search"] = cpu_ms(lambda: store.search.hits(wanted, "newest", 20))  # noqa: B023
    return results
