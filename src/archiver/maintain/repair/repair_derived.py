"""Repairs derived rows that contradict their visits, from a verified copy; and rebuilds full-text indexes.

Only contents have a digest (their fingerprint); other derived rows have none, but can be read again from the captures.
A row of the copy is used when it reduces the number of contradictions: first only the columns that never change, then
the whole row.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from archiver.maintain.verify.finding import Findings
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.maintain.verify.verify_derived import check_derived
from archiver.maintain.verify.verify_times import count_wrong_times
from archiver.model.capture import Outcome
from archiver.store.connection import Connection, Row, Value
from archiver.store.content_rows import content_name, content_of
from archiver.store.describe_changes import MISDESCRIBED
from archiver.store.plain_files import silent
from archiver.store.source_rows import JOIN_ORIGIN, ORIGIN
from archiver.store.unguarded import unguarded
from archiver.store.word_index import WORD_INDEXES

_FIXED = {
    "_version": ("page_id", "extractor_id", "version", "content_id", "first_visit", "seen_from"),
    "_change": (
        "page_id", "extractor_id", "version_id", "field", "not_before", "not_after", "old", "new", "old_content",
        "new_content", "chars_added", "chars_removed", "nature", "context", "before_visit",
    ),
    "_reading": ("value", "gained"),
    "_move": ("to_page", "to_url", "how", "until"),
}  # fmt: skip
_IDENTITY = {
    "_version": ("version_id",),
    "_change": ("change_id",),
    "_reading": ("name_id", "visit_id"),
    "_move": ("page_id", "visit_id"),
}
_MOVING = {"_version": ("last_visit", "seen_last", "seen_until", "verdict", "recorded_at")}
"""Columns that later visits change. The copy's values may be older, so they are used only with fewer contradictions."""
_NEWEST = "FROM _visit t WHERE t.page_id = _page.page_id ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1"
_LAST_VISIT = f"""UPDATE _page SET last_visit = (SELECT t.visit_id {_NEWEST}), last_visited = (SELECT t.visited_at {_NEWEST})
WHERE last_visit IS NOT NULL AND NOT EXISTS (SELECT 1 FROM _visit t WHERE t.visit_id = _page.last_visit
  AND t.page_id = _page.page_id AND t.visited_at = _page.last_visited)"""
_VERSIONS = "(SELECT version_id FROM _version WHERE page_id = ?)"
_CONTENTS = "(SELECT content_id FROM _version WHERE page_id = ?)"
_OF_A_PAGE = {
    "_stored_content": f"SELECT *, NULL, NULL FROM _content WHERE content_id IN {_CONTENTS}",  # whole, without a base
    "_item": f"SELECT * FROM _item WHERE content_id IN {_CONTENTS}",
    "_version": "SELECT * FROM _version WHERE page_id = ?",
    "_source": f"SELECT o.version_id, o.field, {ORIGIN}, NULL FROM _source o {JOIN_ORIGIN} WHERE o.version_id IN {_VERSIONS}",
    "_change": "SELECT * FROM _change WHERE page_id = ?",
    "_reading": "SELECT r.* FROM _reading r JOIN _visit t ON t.visit_id = r.visit_id WHERE t.page_id = ?",
    "_reading_source": "SELECT * FROM _reading_source WHERE page_id = ?",
    "_absence": "SELECT * FROM _absence WHERE page_id = ?",
    "_modified": "SELECT * FROM _modified WHERE page_id = ?",
    "_move": "SELECT * FROM _move WHERE page_id = ?",
    "_edition": "SELECT * FROM _edition WHERE page_id = ?",
    "_placed": "SELECT * FROM _placed WHERE page_id = ?",
}
_READINGS = "FROM _reading r JOIN _visit t ON t.visit_id = r.visit_id"
_MOST_GROUPS = 500  # the most differing rows that are tried one by one

_GUARDS = ("_content_fixed", "_content_kept")


def rebuild_words(main: Connection) -> list[str]:
    """Rebuild the full-text indexes that do not match their contents; return their names."""
    repaired = []
    for table in WORD_INDEXES:
        try:
            with _savepoint(main):
                main.execute(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")
        except DAMAGE:
            main.execute(f"INSERT INTO {table}({table}) VALUES ('rebuild')")
            repaired.append(table)
    return repaired


def repair_marks(main: Connection) -> dict[str, int]:
    """Correct impossible values of visits and pages outside the evidence; return the numbers of rows by table.

    Changes with an impossible description lose it: the next opening describes them again.
    """
    outcomes = ", ".join(f"'{outcome}'" for outcome in Outcome)
    done = {
        "_visit": main.execute(
            f"UPDATE _visit SET read_outcome = NULL, read_note = NULL WHERE read_outcome NOT IN ({outcomes})"
        ).rowcount,
        "_page": main.execute(_LAST_VISIT).rowcount,
        "_change": main.execute(f"UPDATE _change AS h SET nature = NULL, context = NULL WHERE {MISDESCRIBED}").rowcount,
    }
    return {table: count for table, count in done.items() if count > 0}


def restore_missing(main: Connection, copy: Connection, visits: Sequence[int]) -> dict[str, int]:
    """Restore missing derived rows of the pages of some visits from a verified copy; return the numbers of rows by table.

    All rows are restored together, and only if they add no contradiction to the evidence.
    """
    pages = {main.value("SELECT page_id FROM _visit WHERE visit_id = ?", (visit,)) for visit in visits} - {None}
    before, taken = _faults(main), dict[str, int]()
    try:
        with _savepoint(main):
            for page in sorted(pages):
                for table, query in _OF_A_PAGE.items():
                    taken[table] = taken.get(table, 0) + _take_missing(main, copy, table, query, page)
            if _faults(main) > before:
                raise ArithmeticError(pages)
    except DAMAGE:
        return {}
    return {table: count for table, count in taken.items() if count}


def _take_missing(main: Connection, copy: Connection, table: str, query: str, page: int) -> int:
    rows = copy.rows(query, (page,))
    marks = ", ".join("?" * len(rows[0])) if rows else ""
    return sum(main.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", tuple(row)).rowcount for row in rows)


def repair_derived(main: Connection, copy: Connection) -> dict[str, int]:
    """Repair derived rows from a verified copy, within the caller's transaction; return the numbers of rows by table."""
    before = _faults(main)
    if not before:
        return {}
    repaired = {"_content": _repair_contents(main, copy)}
    for table, columns in _FIXED.items():
        # Group by group; a group is kept only if it reduces the faults, because rows that were read again are not damage.
        sets = (columns, columns + _MOVING[table]) if table in _MOVING else (columns,)
        groups = [group for each in sets for group in _grouped(_differing(main, copy, table, each))]
        steps = [partial(_put, main, table, group) for group in groups]
        for step in (*steps, *(_reading_steps(main, copy) if table == "_reading" else ())):
            if not before:
                break
            try:
                with _savepoint(main):
                    count = step()
                    left = _faults(main)
                    if left >= before:
                        raise ArithmeticError(table)
            except DAMAGE:
                continue
            before, repaired[table] = left, repaired.get(table, 0) + count
    return {table: count for table, count in repaired.items() if count}


def _faults(main: Connection) -> int:
    findings = Findings()
    check_derived(main, findings, silent)
    return findings.counts.total() + count_wrong_times(main)


class _Change(NamedTuple):
    """A row that differs from the copy: the copy's values, the row's key, and its group (its page, and a reading's name)."""

    values: dict[str, Value]
    key: dict[str, Value]
    group: tuple[Value, ...]


def _grouped(changes: Sequence[_Change]) -> list[list[_Change]]:
    """Yield the rows of a page together, since several may be damaged; then each alone, since others may be newer."""
    groups: dict[tuple[Value, ...], list[_Change]] = {}
    for change in changes:
        groups.setdefault(change.group, []).append(change)
    alone = [[change] for group in groups.values() if len(group) > 1 for change in group]
    return [*groups.values(), *alone][:_MOST_GROUPS]


def _differing(main: Connection, copy: Connection, table: str, columns: tuple[str, ...]) -> list[_Change]:
    """Return the rows that differ from the copy's in some columns."""
    keys = _IDENTITY[table]
    rows = f"SELECT r.*, t.page_id {_READINGS}" if table == "_reading" else f"SELECT * FROM {table}"
    ours = {tuple(row[key] for key in keys): row for row in main.rows(rows)}
    changes = []
    for row in copy.rows(rows):
        key = tuple(row[name] for name in keys)
        differs = {name: row[name] for name in columns if key in ours and row[name] != ours[key][name]}
        if differs:
            group = (row["page_id"], row["name_id"] if table == "_reading" else None)
            changes.append(_Change(differs, dict(zip(keys, key, strict=True)), group))
    return changes


def _put(main: Connection, table: str, changes: Sequence[_Change]) -> int:
    for values, key, _ in changes:
        sets, where = (glue.join(f"{name} = ?" for name in names) for glue, names in ((", ", values), (" AND ", key)))
        main.execute(f"UPDATE {table} SET {sets} WHERE {where}", (*values.values(), *key.values()))
    return len(changes)


def _reading_steps(main: Connection, copy: Connection) -> Iterator[Callable[[], int]]:
    """Return the possible corrections of readings whose name or visit is damaged."""
    yield partial(_drop_readings, main, copy)
    series = copy.rows(f"SELECT DISTINCT t.page_id, r.name_id {_READINGS} ORDER BY 1, 2")
    for row in series[:_MOST_GROUPS]:
        yield partial(_put_series, main, copy, row["page_id"], row["name_id"])


def _put_series(main: Connection, copy: Connection, page: int, name: int) -> int:
    """Replace a page's readings of one name, up to the copy's last visit, by the copy's."""
    last = copy.value("SELECT max(visit_id) FROM _visit") or 0
    theirs = copy.rows(f"SELECT r.* {_READINGS} WHERE t.page_id = ? AND r.name_id = ?", (page, name))
    main.execute(
        "DELETE FROM _reading WHERE visit_id IN (SELECT visit_id FROM _visit WHERE page_id = ? AND visit_id <= ?) "
        "AND name_id = ?",
        (page, last, name),
    )
    for row in theirs:
        main.execute(f"INSERT OR REPLACE INTO _reading VALUES ({', '.join('?' * len(tuple(row)))})", tuple(row))
    return len(theirs)


def _drop_readings(main: Connection, copy: Connection) -> int:
    """Replace readings whose name the copy does not have at that visit: the name is damaged."""
    last = copy.value("SELECT max(visit_id) FROM _visit") or 0
    names = {row[0] for row in copy.rows("SELECT DISTINCT name_id FROM _reading")}
    count = 0
    for row in main.rows("SELECT visit_id, value, name_id FROM _reading WHERE visit_id <= ?", (last,)):
        visit, value, name = tuple(row)
        if name in names:
            continue
        theirs = copy.rows("SELECT name_id FROM _reading WHERE visit_id = ? AND value = ?", (visit, value))
        ours = "SELECT 1 FROM _reading WHERE visit_id = ? AND name_id = ?"
        if any(main.value(ours, (visit, each["name_id"])) is None for each in theirs):
            main.execute("DELETE FROM _reading WHERE visit_id = ? AND name_id = ?", (visit, name))
            count += 1
    for row in copy.rows("SELECT * FROM _reading") if count else ():
        main.execute(f"INSERT OR IGNORE INTO _reading VALUES ({', '.join('?' * len(tuple(row)))})", tuple(row))
    return count


def _repair_contents(main: Connection, copy: Connection) -> int:
    """Repair contents that do not match their fingerprint, and the rows of their lists. They are stored whole."""
    count = 0
    for ours in main.rows("SELECT * FROM _content ORDER BY content_id"):
        number = ours["content_id"]
        theirs = copy.row("SELECT * FROM _content WHERE content_id = ?", (number,))
        if theirs is None or not _is_whole(theirs):
            continue
        lists = _items(copy, number)
        if not _is_whole(ours) or (tuple(ours) == tuple(theirs) and _items(main, number) != lists):
            _put_content(main, theirs, lists)
            count += 1
    return count


def _is_whole(row: Row) -> bool:
    try:
        return bool(content_name(content_of(row)) == row["fingerprint"])
    except DAMAGE:
        return False


def _items(connection: Connection, number: int) -> list[tuple[Value, ...]]:
    try:
        rows = connection.rows("SELECT * FROM _item WHERE content_id = ? ORDER BY field, position", (number,))
    except DAMAGE:
        return []
    return [tuple(row) for row in rows]


def _put_content(main: Connection, row: Row, items: list[tuple[Value, ...]]) -> None:
    with unguarded(main, _GUARDS):
        names = [name for name in row.keys() if name != "content_id"]  # noqa: SIM118  (a Row iterates over values)
        sets = ", ".join(f"{name} = ?" for name in names)
        values = (*(row[name] for name in names), row["content_id"])
        main.execute(f"UPDATE _stored_content SET {sets}, base = NULL, cuts = NULL WHERE content_id = ?", values)
        main.execute("DELETE FROM _item WHERE content_id = ?", (row["content_id"],))
        for item in items:
            main.execute(f"INSERT INTO _item VALUES ({', '.join('?' * len(item))})", item)


@contextmanager
def _savepoint(main: Connection) -> Iterator[None]:
    main.execute("SAVEPOINT derived")
    try:
        yield
    except BaseException:
        main.execute("ROLLBACK TO derived")
        raise
    finally:
        main.execute("RELEASE derived")
