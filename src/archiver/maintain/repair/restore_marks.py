"""Restores lost marks of archivists from a copy. Nothing else in the archive could make them again."""

from archiver.store.connection import Connection

_COLUMNS = (
    "site_id", "page_id", "kind", "field", "visit_id", "run_id", "not_after", "mark", "note", "marked_at", "marked_by",
    "withdrawn_at",
)  # fmt: skip
_OF_SAME = ("site_id", "kind", "page_id", "field", "visit_id", "run_id", "not_after", "mark", "marked_at")
_SAME = f"SELECT 1 FROM _mark WHERE {' AND '.join(f'{name} IS ?' for name in _OF_SAME)}"
_PARENTS = (("_site", "site_id"), ("_page", "page_id"), ("_visit", "visit_id"), ("_run", "run_id"))


def restore_marks(main: Connection, copy: Connection) -> dict[str, int]:
    """Restore marks whose page and visit are there, within the caller's transaction; return the number by table."""
    if not copy.value("SELECT 1 FROM sqlite_schema WHERE name = '_mark'"):
        return {}
    count = 0
    for row in copy.rows(f"SELECT {', '.join(_COLUMNS)} FROM _mark ORDER BY mark_id"):
        if main.value(_SAME, [row[name] for name in _OF_SAME]):
            continue
        if all(
            row[key] is None or main.value(f"SELECT 1 FROM {table} WHERE {key} = ?", (row[key],))
            for table, key in _PARENTS
        ):
            marks = ", ".join("?" * len(_COLUMNS))
            main.execute(f"INSERT INTO _mark({', '.join(_COLUMNS)}) VALUES ({marks})", tuple(row))
            count += 1
    return {"_mark": count} if count else {}
