"""Writes versions, changes, readings and absences for a batch of visits. `judge` has made all decisions.

Each visit of a batch is of a different page. The caller holds a transaction.
"""

import json
from collections.abc import Sequence

from archiver.model.outcome import Outcome
from archiver.model.record import Content
from archiver.model.version import Decision, Verdict
from archiver.store.claim_rows import put_claims
from archiver.store.connection import Connection, Value
from archiver.store.content_columns import HELD
from archiver.store.content_rows import as_text, content_name, put_contents
from archiver.store.lost_ids import new_number
from archiver.store.move_rows import MoveRows
from archiver.store.page_state import AbsenceSpan, LatestVersion
from archiver.store.reading_sources import put_reading_sources
from archiver.store.reinterpretations import Reinterpretations
from archiver.store.source_rows import copy_sources, put_sources
from archiver.store.visit_result import HistoryUpdate, Reinterpreted, Sources

_NEW_VERSION = (
    "INSERT INTO _version(page_id, extractor_id, version, content_id, verdict, first_visit, last_visit, seen_from, seen_last, "
    "recorded_at, rendered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_REPLACED = (
    "INSERT INTO _version(page_id, extractor_id, version, content_id, verdict, first_visit, last_visit, seen_from, "
    "seen_last, seen_until, recorded_at, rendered) SELECT page_id, ?, version, ?, verdict, first_visit, last_visit, seen_from, "
    "seen_last, seen_until, ?, ? FROM _version WHERE version_id = ?"
)

_READ_BEFORE = "SELECT version_id FROM _version WHERE page_id = ? AND extractor_id = ? AND version = ? AND current = 2"
"""What this extractor read of the version before another one replaced it. Its changes are still valid, so its row is used again."""
_REVIVE = (
    "UPDATE _version SET current = 1, content_id = ?3, recorded_at = iif(content_id = ?3, recorded_at, ?4), rendered = ?5, "
    "(last_visit, seen_last, seen_until) = (SELECT b.last_visit, b.seen_last, b.seen_until "
    "FROM _version b WHERE b.version_id = ?2) WHERE version_id = ?1"
)


class HistoryWriter:
    """Writes the histories of pages."""

    def __init__(self, connection: Connection, moves: MoveRows) -> None:
        self._connection = connection
        self._reinterpretations = Reinterpretations(connection)
        self._moves = moves

    def write(self, items: Sequence[HistoryUpdate]) -> None:
        """Write the history updates of a batch of visits."""
        contents = self._contents(items)
        replaced = self._reinterpret(items, contents)
        self._close(items, replaced)
        self._extend(items, replaced)
        self._new_versions([each for each in items if _is_new(each)], contents)
        self._readings(items)
        self._absences(items)
        self._doubts(items)
        put_claims(self._connection, items)
        self._moves.write(items)

    def _contents(self, items: Sequence[HistoryUpdate]) -> dict[str, int]:
        """Return the ids of all contents of the batch, by fingerprint."""
        new = [(each.content if _is_new(each) else None, each.before) for each in items]
        new += [(each.reinterpreted.content, each.before) for each in items if each.reinterpreted is not None]
        return put_contents(
            self._connection,
            [
                (content, None if before is None else before.content_id)
                for content, before in new
                if content is not None
            ],
        )

    # versions

    def _close(self, items: Sequence[HistoryUpdate], replaced: dict[int, int]) -> None:
        self._many(
            "UPDATE _version SET seen_until = ? WHERE version_id = ? AND seen_until IS NULL",
            [
                (each.since if _is_new(each) else each.closes_at, _number(each.before, replaced))
                for each in items
                if each.before is not None and not each.before.ended and (_is_new(each) or each.closes_at)
            ],
        )

    def _extend(self, items: Sequence[HistoryUpdate], replaced: dict[int, int]) -> None:
        self._many(
            "UPDATE _version SET seen_last = max(seen_last, ?), last_visit = ? WHERE version_id = ?",
            [
                (each.at, each.visit_id, _number(each.before, replaced))
                for each in items
                if each.decision is not None and each.before is not None and not _is_new(each)
            ],
        )

    def _new_versions(self, items: Sequence[HistoryUpdate], contents: dict[str, int]) -> None:
        self._forget_same_numbers(
            [(each.page_id, each.extractor_id, _next_number(each)) for each in items if not each.is_first_visit]
        )
        sources: list[tuple[int, Sources]] = []
        changes: list[tuple[Value, ...]] = []
        for each in items:
            assert each.content is not None  # noqa: S101  (`_is_new` looked)
            assert each.decision is not None  # noqa: S101
            content = contents[content_name(each.content)]
            number = self._connection.insert(_NEW_VERSION, _version_row(each, each.decision, content))
            sources.append((number, each.sources))
            changes += _change_rows(number, each, each.decision, (_content_before(each, contents), content))
            if each.outcome is Outcome.NOT_MODIFIED and each.before is not None:
                copy_sources(self._connection, each.before.version_id, number)  # a 304 confirmed them
        put_sources(self._connection, sources)
        self._many(
            "INSERT INTO _change(page_id, extractor_id, version_id, field, old_content, new_content, old, new, not_before, "
            "not_after, chars_added, chars_removed, nature, context, before_visit) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            changes,
        )

    def _forget_same_numbers(self, keys: list[tuple[Value, ...]]) -> None:
        """Delete rows that the same extractor wrote for these versions before another extractor replaced them.

        And those for later ones, whose changes compare with them: the history that they are of was built anew.
        """
        if not keys:
            return
        gone = self._connection.rows(
            "SELECT v.version_id FROM json_each(?) j CROSS JOIN _version v ON v.page_id = json_extract(j.value, '$[0]') "
            "AND v.extractor_id = json_extract(j.value, '$[1]') AND v.version >= json_extract(j.value, '$[2]')",
            (json.dumps(keys),),
        )
        for table in ("_source", "_change", "_version") if gone else ():
            self._many(f"DELETE FROM {table} WHERE version_id = ?", [(row[0],) for row in gone])

    # the newest version, read again by another extractor

    def _reinterpret(self, items: Sequence[HistoryUpdate], contents: dict[str, int]) -> dict[int, int]:
        """Replace the contents of newest versions; return the new row ids by the old row ids."""
        replaced: dict[int, int] = {}
        for each in items:
            if each.reinterpreted is not None and each.before is not None:
                self._note_differences(each, each.before, each.reinterpreted)
                if each.reinterpreted.content is not None:
                    name = content_name(each.reinterpreted.content)
                    replaced[each.before.version_id] = self._replace(each, each.before, contents[name])
        return replaced

    def _replace(self, each: HistoryUpdate, before: LatestVersion, content_id: int) -> int:
        assert each.reinterpreted is not None  # noqa: S101  (the caller looked)
        number = self._connection.value(_READ_BEFORE, (each.page_id, each.extractor_id, before.version))
        if number is not None:
            revived = (number, before.version_id, content_id, each.recorded_at, each.reinterpreted.is_rendered)
            self._connection.execute(_REVIVE, revived)
            self._connection.execute("DELETE FROM _source WHERE version_id = ?", (number,))
        else:
            self._forget_same_numbers([(each.page_id, each.extractor_id, before.version)])
            number = self._connection.insert(
                _REPLACED,
                (
                    each.extractor_id,
                    content_id,
                    each.recorded_at,
                    each.reinterpreted.is_rendered,
                    before.version_id,
                ),
            )
        self._connection.execute("UPDATE _version SET current = 2 WHERE version_id = ?", (before.version_id,))
        put_sources(self._connection, [(number, each.reinterpreted.sources)])
        return int(number)

    def _note_differences(self, each: HistoryUpdate, before: LatestVersion, now: Reinterpreted) -> None:
        self._reinterpretations.note(
            each.page_id,
            before.seen_from,
            (before.content, before.extractor_id),
            (now.content or Content(), each.extractor_id),
        )

    # readings and absences

    def _readings(self, items: Sequence[HistoryUpdate]) -> None:
        names = dict.fromkeys(name for each in items for name, _, _ in each.readings)
        self._many(
            f"INSERT OR IGNORE INTO _reading_name(name_id, name) VALUES ({new_number('_reading_name')}, ?)",
            [(name,) for name in names],
        )
        self._many(
            "INSERT OR REPLACE INTO _reading(visit_id, name_id, value, gained) "
            "VALUES (?, (SELECT name_id FROM _reading_name WHERE name = ?), ?, ?)",
            [(each.visit_id, *reading) for each in items for reading in each.readings],
        )
        put_reading_sources(
            self._connection,
            [(each.page_id, each.visit_id, source) for each in items for source in each.reading_sources],
        )

    def _absences(self, items: Sequence[HistoryUpdate]) -> None:
        spans = [(each.page_id, each.absence) for each in items if each.absence is not None]
        self._many(
            "INSERT INTO _absence(page_id, last_seen, first_miss, last_miss, last_run, gone_by, back_by, misses, evidence) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(page, *_span(span)) for page, span in spans if span.absence_id is None],
        )
        self._many(
            "UPDATE _absence SET last_seen = ?, first_miss = ?, last_miss = ?, last_run = ?, gone_by = ?, back_by = ?, misses = ?, "
            "evidence = ? WHERE absence_id = ?",
            [(*_span(span), span.absence_id) for _, span in spans if span.absence_id is not None],
        )
        self._many(
            "DELETE FROM _absence WHERE absence_id = ?",
            [(each.drop_absence,) for each in items if each.drop_absence is not None],
        )

    def _doubts(self, items: Sequence[HistoryUpdate]) -> None:
        self._many(
            "INSERT OR REPLACE INTO _doubt(page_id, site_id, since, visit_id, exact, mark, fields) "
            "SELECT page_id, site_id, ?2, ?3, ?4, ?5, ?6 FROM _page WHERE page_id = ?1",
            [
                (
                    each.page_id, each.doubt.since, each.doubt.visit_id, each.doubt.exact, each.doubt.mark,
                    ",".join(each.doubt.fields) or None,
                )
                for each in items
                if each.doubt is not None
            ],
        )  # fmt: skip
        self._many("DELETE FROM _doubt WHERE page_id = ?", [(each.page_id,) for each in items if each.drop_doubt])

    def _many(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        if rows:
            self._connection.executemany(sql, rows)


def _is_new(history: HistoryUpdate) -> bool:
    """Whether a visit creates a version."""
    decision = history.decision
    return history.content is not None and decision is not None and decision.is_new_version


def _next_number(history: HistoryUpdate) -> int:
    return history.before.version + 1 if history.before else 1


def _version_row(history: HistoryUpdate, decision: Decision, content_id: int) -> tuple[Value, ...]:
    first = history.first_visit or history.visit_id
    number, verdict = _next_number(history), decision.verdict
    return (
        history.page_id,
        history.extractor_id,
        number,
        content_id,
        verdict,
        first,
        history.visit_id,
        history.since,
        history.at,
        history.recorded_at,
        history.is_rendered,
    )


def _number(before: LatestVersion | None, replaced: dict[int, int]) -> int | None:
    return None if before is None else replaced.get(before.version_id, before.version_id)


def _span(span: AbsenceSpan) -> tuple[Value, ...]:
    return (
        span.last_seen, span.first_miss, span.last_miss, span.last_run, span.gone_by, span.back_by, span.misses, span.evidence,
    )  # fmt: skip


def _content_before(history: HistoryUpdate, contents: dict[str, int]) -> int | None:
    """Return the content that the changes of a visit are compared with."""
    again = history.reinterpreted
    if again is not None and again.content is not None:
        return contents[content_name(again.content)]
    return None if history.before is None else history.before.content_id


def _change_rows(
    version_id: int, history: HistoryUpdate, decision: Decision, compared: tuple[int | None, int]
) -> list[tuple[Value, ...]]:
    if history.before is None or decision.verdict is Verdict.REREAD:
        return []
    return [
        (
            history.page_id,
            history.extractor_id,
            version_id,
            change.field,
            *(
                (*compared, None, None)
                if change.field in HELD
                else (None, None, as_text(change.old), as_text(change.new))
            ),
            history.before.seen_last,
            history.since,
            change.chars_added,
            change.chars_removed,
            change.nature,
            change.context,
            history.before.last_visit,
        )
        for change in decision.changes
    ]
