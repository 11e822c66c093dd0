"""Repairs rows of visits that do not match the chain, from a copy whose rows do."""

from collections.abc import Mapping, Sequence
from typing import Any

from archiver.maintain.repair.repair_parents import Parents, insert_row, is_sound
from archiver.maintain.verify.chain_breaks import broken_links, kept_link, link_of
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.store.chain import VISITS, canonical
from archiver.store.connection import Connection, Row, Value
from archiver.store.unguarded import unguarded
from archiver.text.digest import GENESIS

_FREE = ("frame_id", "read_outcome", "read_note")  # columns outside the chain
_GUARDS = ("_visit_fixed", "_visit_rendered", "_request_fixed")
_EVIDENCE = (
    "_visit",
    "_page",
    "_request",
    "_run",
    "_site",
    "_extractor",
    "_redaction",
    "_redacted",
    "_redacted_page",
    "_pruned",
)


def repair_rows(main: Connection, copy: Connection | None) -> tuple[list[int], list[int]]:
    """Replace altered or lost rows by those of a copy, within the caller's transaction.

    A row is used when the copy's chain confirms it and its link matches the previous or the next row of this archive.

    Returns:
        The visits that were repaired, and those that the chain still does not confirm.
    """
    broken = broken_links(main)
    if copy is None:
        return [], broken
    distrusted = set(broken_links(copy))
    last = main.value("SELECT max(visit_id) FROM _visit") or 0
    newer = [row[0] for row in copy.rows("SELECT visit_id FROM _visit WHERE visit_id > ? ORDER BY visit_id", (last,))]
    others = [number for number in (*broken, *newer) if number not in distrusted and _differs(main, copy, number)]
    parents = Parents(main, copy)
    for number in others:
        _take(main, copy, number, parents)
    still = broken_links(main) if others else broken
    return [number for number in others if number not in still and not _differs(main, copy, number)], still


def _differs(main: Connection, copy: Connection, number: int) -> bool:
    """Whether a visit differs in the copy, or exists only there."""
    try:
        theirs = _chained(copy, number)
    except DAMAGE:
        return False
    try:
        return theirs is not None and theirs != _chained(main, number)
    except DAMAGE:
        return True


def _chained(connection: Connection, number: int) -> tuple[Mapping[str, Value], str] | None:
    """Return the values that the chain covers, and the link. The id of the request is not among them."""
    row = connection.row(f"{VISITS} WHERE t.visit_id = ?", (number,))
    return None if row is None else (canonical(row), kept_link(row))


def _take(main: Connection, copy: Connection, number: int, parents: Parents) -> None:
    """Write the copy's row if it matches the chain and the next row still matches."""
    after = f"{VISITS} WHERE t.visit_id = {number + 1}"
    main.execute("SAVEPOINT row")
    try:
        theirs = copy.row(f"{VISITS} WHERE t.visit_id = ?", (number,))
        if theirs is not None and _fits(main, theirs):
            fitted = is_sound(main, main.row(after))
            with unguarded(main, _GUARDS):
                _take_visit(main, copy, number, parents.take(theirs))
            if fitted and not is_sound(main, main.row(after)):
                main.execute("ROLLBACK TO row")  # the histories differ here: the next row was linked to a lost one
    except DAMAGE:  # it contradicts another row, or a row it references cannot be read in the copy
        main.execute("ROLLBACK TO row")
    finally:
        main.execute("RELEASE row")


def _fits(main: Connection, theirs: Row) -> bool:
    number = theirs["visit_id"]
    before = (
        main.value("SELECT lower(hex(chain)) FROM _visit WHERE visit_id = ?", (number - 1,)) if number > 1 else GENESIS
    )
    if before is not None and link_of(before, theirs) == kept_link(theirs):
        return True
    after = main.row(f"{VISITS} WHERE t.visit_id = ?", (number + 1,))
    return after is not None and link_of(kept_link(theirs), after) == kept_link(after)


def last_known_visit(main: Connection, copy: Connection | None) -> int:
    """Return the id of the last visit, by all rows that reference visits: the visits' own rows may be lost."""
    spoken = (
        "SELECT max(visit_id) FROM _visit", "SELECT max(visit_id) FROM _reading", "SELECT max(visit_id) FROM _unread",
        "SELECT max(last_visit) FROM _version", "SELECT max(last_visit) FROM _page",
    )  # fmt: skip
    numbers = [main.value(query) for query in spoken] + ([copy.value(spoken[0])] if copy else [])
    return max((number for number in numbers if isinstance(number, int)), default=0)


def first_difference(main: Connection, copy: Connection) -> int:
    """Return the first visit that differs from the copy although both chains confirm it; 0 when there is none."""
    link = "SELECT chain FROM _visit WHERE visit_id = ?"
    last = min(connection.value("SELECT max(visit_id) FROM _visit") or 0 for connection in (main, copy))
    if not last or main.value(link, (last,)) == copy.value(link, (last,)):
        return 0
    low, high = 0, last
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if main.value(link, (middle,)) == copy.value(link, (middle,)) else (low, middle)
    return high


def _take_visit(main: Connection, copy: Connection, number: int, otherwise: Mapping[str, Value]) -> None:
    row = copy.row("SELECT * FROM _visit WHERE visit_id = ?", (number,))
    if row is None:
        return
    theirs = {**{name: row[name] for name in row.keys()}, **otherwise}  # noqa: SIM118  (a Row iterates over values)
    if main.value("SELECT 1 FROM _visit WHERE visit_id = ?", (number,)) is None:
        insert_row(main, "_visit", theirs)
        return
    names = [name for name in theirs if name not in (*_FREE, "visit_id")]
    main.execute(
        f"UPDATE _visit SET {', '.join(f'{name} = ?' for name in names)} WHERE visit_id = ?",
        (*(theirs[name] for name in names), number),
    )


def drop_dangling(main: Connection, keep: Sequence[str] = _EVIDENCE) -> dict[str, int]:
    """Delete derived rows that reference lost rows, but no evidence; return the numbers of rows by table."""
    dropped: dict[str, int] = {}
    main.execute("PRAGMA defer_foreign_keys=ON")  # repeat: rows that reference a deleted row must be deleted, too
    for _ in range(10):  # a deleted row may leave other rows dangling
        dangling = {tuple(row)[::2] for row in main.rows('SELECT "table", rowid, parent FROM pragma_foreign_key_check')}
        with unguarded(main, ("_content_kept",)):
            gone = {table: _drop(main, table, parent) for table, parent in dangling if table not in keep}
        for table, count in gone.items():
            dropped[table] = dropped.get(table, 0) + count
        if not any(gone.values()):
            break
    main.execute("UPDATE _visit SET reason_id = NULL WHERE reason_id NOT IN (SELECT reason_id FROM _reason)")
    return dropped


def _drop(main: Connection, table: str, parent: str) -> int:
    count = 0
    for key in main.rows(f"PRAGMA foreign_key_list({table})"):
        if key["table"] == parent:
            target: Any = key["to"] or main.value(f"SELECT name FROM pragma_table_info('{parent}') WHERE pk = 1")
            count += main.execute(
                f"DELETE FROM {table} WHERE {key['from']} IS NOT NULL AND {key['from']} NOT IN (SELECT {target} FROM {parent})"
            ).rowcount
    return count
