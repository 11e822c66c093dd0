"""Deletes from `archive.db` what was read of redacted captures: contents, changes, sources, links, counters, headlines.

The rows of visits and versions stay. A version is redacted when no other capture shows it. Its content is replaced by one
that has no field but its mark (`redacted_content`), and the changes to it and from it are deleted, because their words are
those of the content. `hide` derives everything from the table `_redacted`, so it can run again at any time: `repair` does,
after it has taken rows from a copy.
"""

import json
from collections.abc import Sequence

from archiver.model.outcome import Cause, sql_list
from archiver.model.redacted import REDACTED, redacted_content
from archiver.store.connection import Connection, Row
from archiver.store.content_columns import SEARCHED
from archiver.store.content_rows import content_name, put_contents
from archiver.store.timeline import Timeline
from archiver.store.unguarded import unguarded
from archiver.store.word_index import WORD_INDEXES

_ALL = "SELECT visit_id FROM _redacted"
_PAGES = "(SELECT value FROM json_each(:pages))"
_DOUBTS = f"'{Cause.DOUBTFUL}', '{Cause.BROKEN}', '{Cause.SHARED_TEXT}', '{Cause.NO_FILE}'"
_SHOWS = (
    f"coalesce({{0}}.read_outcome, {{0}}.outcome) IN {sql_list(lambda each: each.is_presence and each.has_body)} "
    f"AND {{0}}.block_sha256 IS NOT NULL"
)
"""The condition of the visits that show what a page is; a 304 shows nothing itself."""
_IN_SPAN = (
    "{0}.page_id = v.page_id AND {0}.visited_at BETWEEN v.seen_from AND v.seen_last "
    f"AND (coalesce({{0}}.cause, '') NOT IN ({_DOUBTS}) OR {{0}}.visit_id IN (v.first_visit, v.last_visit))"
)
"""The condition of the visits within the span of the version v; in doubt are those that it does not begin or end with."""
_IS_MARKED = f"""c.extra LIKE '{{"{REDACTED}":%'"""
OTHER_CAPTURE = f"EXISTS (SELECT 1 FROM _visit t WHERE {_IN_SPAN.format('t')} AND {_SHOWS.format('t')} AND t.visit_id NOT IN ({{0}}))"
"""Whether a capture other than some shows the version v."""
ANY_CAPTURE = (
    f"(v.first_visit IN ({{0}}) OR EXISTS (SELECT 1 FROM _visit t WHERE {_IN_SPAN.format('t')} AND {_SHOWS.format('t')} "
    "AND t.visit_id IN ({0})))"
)
"""Whether one of some captures shows the version v."""
_VERSIONS = (
    "SELECT v.version_id, v.page_id, v.content_id, v.current, v.first_visit, v.seen_from, v.seen_last FROM _version v "
    f"JOIN _stored_content c ON c.content_id = v.content_id WHERE v.page_id IN {_PAGES} AND NOT {_IS_MARKED} "
    f"AND {ANY_CAPTURE.format(_ALL)} AND NOT {OTHER_CAPTURE.format(_ALL)} ORDER BY v.page_id, v.current <> 1, v.version"
)
_MARK = (
    f"UPDATE _redacted SET mark = :mark WHERE mark IS NULL AND visit_id IN (SELECT t.visit_id FROM _visit t, _version v "
    f"WHERE v.version_id = :version AND ((({_SHOWS.format('t')}) AND {_IN_SPAN.format('t')}) OR t.visit_id = v.first_visit))"
)
_BLANK = "SELECT v.version_id FROM _version v JOIN _stored_content c ON c.content_id = v.content_id WHERE {0}"
_BLANK_VERSIONS = _BLANK.format(f"v.page_id IN {_PAGES} AND {_IS_MARKED}")
_UNUSED_CONTENT = (
    "SELECT content_id FROM _stored_content WHERE content_id NOT IN (SELECT content_id FROM _version) "
    "AND content_id NOT IN (SELECT old_content FROM _change WHERE old_content IS NOT NULL) "
    "AND content_id NOT IN (SELECT new_content FROM _change WHERE new_content IS NOT NULL)"
)
_SEARCHED = ", ".join(each.name for each in SEARCHED)
_REDACTED_HERE = f"(SELECT t.visit_id FROM _visit t WHERE t.page_id IN {_PAGES} AND t.visit_id IN ({_ALL}))"
_NO_OTHER = (
    "NOT EXISTS (SELECT 1 FROM _visit t WHERE t.page_id = {0}.page_id AND t.block_sha256 IS NOT NULL "
    f"AND t.visit_id BETWEEN {{0}}.first_visit AND {{1}} AND t.visit_id NOT IN ({_ALL}))"
)
"""Whether only redacted captures of a page show something, from its first to its last visit."""
_LAST = "coalesce({0}.last_visit, (SELECT p.links_visit FROM _page p WHERE p.page_id = {0}.page_id), {0}.first_visit)"
_IS_HIDDEN_EDITION = f"e.first_visit IN ({_ALL}) AND {_NO_OTHER.format('e', _LAST.format('e'))}"
TAKE_FRAMES = f"UPDATE _visit SET frame_id = NULL WHERE frame_id IS NOT NULL AND visit_id IN ({_ALL})"
"""Takes the bytes of all redacted captures away."""
_STEPS = (
    # changes to and from redacted versions: by the version before, by the last visit with the old value, by the contents
    (
        f"DELETE FROM _change WHERE page_id IN {_PAGES} AND (version_id IN ({_BLANK_VERSIONS}) OR before_visit IN "
        f"(SELECT visit_id FROM _redacted WHERE mark IS NOT NULL) OR version_id IN (SELECT n.version_id FROM ({_BLANK_VERSIONS}) b "
        "JOIN _version v ON v.version_id = b.version_id JOIN _version n ON n.page_id = v.page_id "
        "AND n.extractor_id = v.extractor_id AND n.version = v.version + 1))"
    ),
    f"DELETE FROM _source WHERE version_id IN ({_BLANK_VERSIONS})",
    (
        "UPDATE _source SET raw = NULL WHERE raw IS NOT NULL AND version_id IN (SELECT version_id FROM _version "
        f"WHERE first_visit IN {_REDACTED_HERE})"
    ),
    (
        f"DELETE FROM _reinterpretation WHERE page_id IN {_PAGES} AND (seen_from IN (SELECT t.visited_at FROM _visit t "
        f"WHERE t.page_id = _reinterpretation.page_id AND t.visit_id IN ({_ALL})) OR EXISTS (SELECT 1 FROM ({_BLANK_VERSIONS}) b "
        "JOIN _version v ON v.version_id = b.version_id WHERE v.page_id = _reinterpretation.page_id "
        "AND _reinterpretation.seen_from BETWEEN v.seen_from AND v.seen_last))"
    ),
    f"DELETE FROM _reading WHERE visit_id IN {_REDACTED_HERE}",
    # where a counter comes from, unless a counter that stays refers to it
    (
        f"DELETE FROM _reading_source WHERE visit_id IN {_REDACTED_HERE} AND NOT EXISTS (SELECT 1 FROM _reading r JOIN _visit t "
        "ON t.visit_id = r.visit_id JOIN _visit b ON b.visit_id = _reading_source.visit_id WHERE r.name_id = _reading_source.name_id "
        "AND t.page_id = _reading_source.page_id AND t.visited_at >= b.visited_at AND NOT EXISTS (SELECT 1 FROM _reading_source n "
        "JOIN _visit x ON x.visit_id = n.visit_id WHERE n.page_id = t.page_id AND n.name_id = r.name_id "
        "AND x.visited_at > b.visited_at AND x.visited_at <= t.visited_at))"
    ),
    "DELETE FROM _form WHERE form_id NOT IN (SELECT form_id FROM _reading_source)",
    f"DELETE FROM _link WHERE page_id IN {_PAGES} AND first_visit IN ({_ALL}) AND {_NO_OTHER.format('_link', _LAST.format('_link'))}",
    # items that only redacted editions of a listing show; without any other edition, all that is known of the listing
    (
        f"DELETE FROM _placed WHERE page_id IN {_PAGES} AND NOT EXISTS (SELECT 1 FROM _edition e WHERE e.page_id = _placed.page_id "
        "AND e.volume = _placed.volume AND e.number >= _placed.first AND e.number <= coalesce(_placed.last, e.number) "
        f"AND NOT ({_IS_HIDDEN_EDITION}))"
    ),
    (
        f"UPDATE _page SET title = NULL, label = NULL WHERE page_id IN {_PAGES} AND NOT EXISTS (SELECT 1 FROM _visit t "
        f"WHERE t.page_id = _page.page_id AND t.block_sha256 IS NOT NULL AND t.visit_id NOT IN ({_ALL}))"
    ),
    f"UPDATE _page SET title = NULL, links_digest = '' WHERE page_id IN {_PAGES} AND links_visit IN ({_ALL})",
    f"DELETE FROM _rotation WHERE page_id IN {_PAGES}",
    "DELETE FROM _target WHERE target_id NOT IN (SELECT target_id FROM _link) AND target_id NOT IN (SELECT target_id FROM _placed)",
    # what the page claims, unless a capture that stays shows it, too
    (
        f"UPDATE _modified SET value = NULL, utc = NULL, raw = NULL, only_since = NULL WHERE visit_id IN {_REDACTED_HERE} "
        f"AND NOT EXISTS (SELECT 1 FROM _visit t WHERE t.page_id = _modified.page_id AND {_SHOWS.format('t')} "
        f"AND t.visit_id NOT IN ({_ALL}) AND t.visited_at >= _modified.seen_from AND NOT EXISTS (SELECT 1 FROM _modified x "
        "WHERE x.page_id = t.page_id AND x.seen_from > _modified.seen_from AND x.seen_from <= t.visited_at))"
    ),
    # what other tables hold of the page: the words of a redesign without another page, the rules of a robots.txt, its forms
    "DELETE FROM _redesign_part WHERE redesign_id NOT IN (SELECT redesign_id FROM _change WHERE redesign_id IS NOT NULL)",
    "DELETE FROM _redesign WHERE redesign_id NOT IN (SELECT redesign_id FROM _change WHERE redesign_id IS NOT NULL)",
    (
        "UPDATE _host SET robots = NULL, robots_status = NULL, robots_at = NULL WHERE origin || '/robots.txt' IN "
        f"(SELECT p.url FROM _page p WHERE p.kind = 'robots' AND p.page_id IN {_PAGES})"
    ),
    f"DELETE FROM _frontier WHERE content IS NOT NULL AND via IN {_PAGES}",
    f"DELETE FROM _doubt WHERE page_id IN {_PAGES} AND visit_id IN ({_ALL})",
    f"DELETE FROM _sample WHERE visit_id IN {_REDACTED_HERE}",
    f"DELETE FROM _validator WHERE page_id IN {_PAGES} AND visit_id IN ({_ALL})",
    f"DELETE FROM _unread WHERE visit_id IN {_REDACTED_HERE}",
    # notes that were written before: they may quote
    (
        f"UPDATE _mark SET note = NULL WHERE note IS NOT NULL AND page_id IN {_PAGES} AND marked_at <= (SELECT max(a.redacted_at) "
        "FROM _redaction a JOIN _redacted r ON r.redaction_id = a.redaction_id JOIN _visit t ON t.visit_id = r.visit_id "
        "WHERE t.page_id = _mark.page_id)"
    ),
    f"UPDATE _visit SET read_note = NULL WHERE read_note IS NOT NULL AND visit_id IN {_REDACTED_HERE}",
    f"UPDATE _visit SET frame_id = NULL WHERE frame_id IS NOT NULL AND visit_id IN {_REDACTED_HERE}",
)


class RedactedRows:
    """Hides what was read of redacted captures, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hide(self, pages: Sequence[int], redaction_id: int) -> int:
        """Delete what was read of the redacted captures of some pages; return the number of versions redacted now.

        Args:
            pages: the pages.
            redaction_id: the act; part of the marks of the versions redacted now.
        """
        versions = self._connection.rows(_VERSIONS, {"pages": json.dumps(list(pages))})
        self._replace(versions, redaction_id)
        for step in _STEPS:
            self._run(step, pages)
        self._delete_unused()
        timeline = Timeline(self._connection)
        for page in pages:
            timeline.regain(page)
        return sum(row["current"] == 1 for row in versions)

    def redacted_pages(self) -> list[int]:
        """Return the pages with a redacted capture."""
        rows = self._connection.rows(f"SELECT DISTINCT page_id FROM _visit WHERE visit_id IN ({_ALL})")
        return [row["page_id"] for row in rows]

    def _run(self, sql: str, pages: Sequence[int]) -> None:
        self._connection.execute(sql, {"pages": json.dumps(list(pages))} if ":pages" in sql else ())

    def _replace(self, versions: Sequence[Row], redaction_id: int) -> None:
        """Give redacted versions a content without fields: equal contents of a page by equal marks."""
        marks: dict[tuple[int, int], str] = {}
        for row in versions:
            if row["current"] == 1:
                given = self._mark_of(row["first_visit"])
                mark = given or marks.setdefault(
                    (row["page_id"], row["content_id"]), f"{redaction_id}.{len(marks) + 1}"
                )
                self._connection.execute(_MARK, {"mark": mark, "version": row["version_id"]})
            else:
                mark = self._mark_of(row["first_visit"]) or f"{redaction_id}.0"
            content = redacted_content(mark)
            number = put_contents(self._connection, [(content, None)])[content_name(content)]
            sql = "UPDATE _version SET content_id = ? WHERE version_id = ?"
            self._connection.execute(sql, (number, row["version_id"]))

    def _mark_of(self, visit_id: int) -> str | None:
        mark: str | None = self._connection.value("SELECT mark FROM _redacted WHERE visit_id = ?", (visit_id,))
        return mark

    def _delete_unused(self) -> None:
        """Delete contents that no version and no change has, and their words in the full-text indexes.

        Bodies that are stored as pieces of a deleted one are stored whole first.
        """
        unused = [row["content_id"] for row in self._connection.rows(_UNUSED_CONTENT)]
        if not unused:
            return
        numbers = (json.dumps(unused),)
        chosen = "(SELECT value FROM json_each(?1))"
        with unguarded(self._connection, ("_content_fixed", "_content_kept")):
            self._connection.execute(
                "UPDATE _stored_content SET body = (SELECT c.body FROM _content c WHERE c.content_id = _stored_content.content_id), "
                f"base = NULL, cuts = NULL WHERE base IN {chosen} AND content_id NOT IN {chosen}",
                numbers,
            )
            for table, source in zip(WORD_INDEXES, ("_content", "_content_plain"), strict=True):
                self._connection.execute(
                    f"INSERT INTO {table}({table}, rowid, {_SEARCHED}) SELECT 'delete', content_id, {_SEARCHED} FROM {source} "
                    f"WHERE content_id IN {chosen}",
                    numbers,
                )
            for table in ("_item", "_content_words"):
                self._connection.execute(f"DELETE FROM {table} WHERE content_id IN {chosen}", numbers)
            for base in ("IS NOT NULL", "IS NULL"):  # a body before its base
                self._connection.execute(
                    f"DELETE FROM _stored_content WHERE base {base} AND content_id IN {chosen}", numbers
                )
