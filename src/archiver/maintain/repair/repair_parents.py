"""Restores the rows that a visit references (site, run, page, request) from a copy.

Other visits reference the same rows, and some may be newer than the copy: the id of a lost row may have been reused.
So no present row is altered while a sound visit references it. The chain covers the values of a request, not its id, and
the address of a visit, not whether the page or the visit stores it. So there is always an alternative: a request with a
new id, or an address in the visit's own row.
"""

from typing import Any

from archiver.maintain.verify.chain_breaks import kept_link, link_of
from archiver.store.chain import VISITS
from archiver.store.connection import Connection, Row, Value
from archiver.store.lost_ids import new_number
from archiver.text.digest import GENESIS

_SAID = ("method", "address", "head", "content")
_SAME = "SELECT request_id FROM _request WHERE method = ? AND address = ? AND head = ? AND content = ?"
_BEFORE = "SELECT lower(hex(chain)) FROM _visit WHERE visit_id = ?"


def is_sound(main: Connection, row: Row | None) -> bool:
    """Whether a row of `VISITS` matches its link and the previous link."""
    if row is None:
        return False
    number = row["visit_id"]
    before = GENESIS if number == 1 else main.value(_BEFORE, (number - 1,))
    return before is not None and link_of(before, row) == kept_link(row)


def insert_row(main: Connection, table: str, row: Row | dict[str, Value]) -> None:
    """Insert a row of a copy under its own id."""
    names = list(row.keys())
    main.execute(f"INSERT INTO {table}({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", tuple(_values(row)))


def _values(row: Row | dict[str, Value]) -> list[Value]:
    return [row[name] for name in row.keys()]  # noqa: SIM118  (a Row iterates over values)


class Parents:
    """Restores referenced rows from one copy, within the caller's transaction and with the guard triggers removed."""

    def __init__(self, main: Connection, copy: Connection) -> None:
        self._main, self._copy = main, copy
        self._leaned_on: set[tuple[str, int]] = set()  # rows known to be referenced by a sound visit

    def take(self, theirs: Row) -> dict[str, Value]:
        """Restore all rows that a visit of the copy references; return the columns that the visit needs changed."""
        self._take_run(theirs["run_id"])
        return {
            "asked": self._take_page(theirs),
            "request_id": self._take_request(theirs),
            "reason_id": self._reason(theirs["reason_id"]),
        }

    def _reason(self, number: Value) -> Value:
        """Return the id in this archive of a reason of the copy. A reason that is missing here is inserted."""
        found = self._copy.row("SELECT code, reason FROM _reason WHERE reason_id = ?", (number,))
        if found is None:
            return None
        self._main.execute(
            f"INSERT INTO _reason(reason_id, code, reason) SELECT {new_number('_reason')}, ?1, ?2 "
            "WHERE NOT EXISTS (SELECT 1 FROM _reason WHERE code IS ?1 AND reason = ?2)",
            tuple(found),
        )
        return int(self._main.value("SELECT min(reason_id) FROM _reason WHERE code IS ? AND reason = ?", tuple(found)))

    def _take_run(self, number: int | None) -> None:
        found = self._lacking("_run", "run_id", number)
        if found is not None:
            insert_row(self._main, "_run", {**found, "site_id": self._site(found["site_id"])})

    def _take_page(self, theirs: Row) -> str | None:
        """Restore the page; return the address that the visit must store itself."""
        number, url, asked = theirs["page_id"], theirs["page_url"], theirs["asked"]
        found = self._lacking("_page", "page_id", number)
        if found is not None:
            insert_row(self._main, "_page", {**found, **self._identity(found)})
        elif asked is None and not self._overwrite("_page", "page_id", number, {"url": url}):
            return str(url)
        return None if asked is None else str(asked)

    def _identity(self, found: dict[str, Any]) -> dict[str, Value]:
        """Return the site and key of a restored page; the key gets a suffix if the page was discovered again."""
        site = self._site(found["site_id"])
        known = self._main.value("SELECT 1 FROM _page WHERE site_id = ? AND key = ?", (site, found["key"]))
        return {"site_id": site, "key": f"{found['key']} #{found['page_id']}" if known else found["key"]}

    def _site(self, number: Value) -> Value:
        """Return the id in this archive of a site of the copy. A site that is missing here is inserted."""
        found = self._copy.row("SELECT * FROM _site WHERE site_id = ?", (number,))
        if found is None:
            return number
        ours = self._main.value("SELECT site_id FROM _site WHERE name = ?", (found["name"],))
        if ours is not None:
            return int(ours)
        if self._lacking("_site", "site_id", found["site_id"]) is not None:
            insert_row(self._main, "_site", found)
            return number
        return self._main.insert(
            "INSERT INTO _site(site_id, name, title, home, language, timezone) "
            f"VALUES ({new_number('_site')}, ?, ?, ?, ?, ?)",
            tuple(found)[1:],
        )

    def _take_request(self, theirs: Row) -> int:
        """Return the id in this archive of a request of the copy. A request that is missing here is inserted."""
        said = tuple(theirs[name] for name in _SAID)
        number = int(theirs["request_id"])
        same = self._main.value(_SAME, said)
        if same is not None:
            return int(same)
        found = self._lacking("_request", "request_id", number)
        if found is not None:
            insert_row(self._main, "_request", found)
            return number
        if self._overwrite("_request", "request_id", number, dict(zip(_SAID, said, strict=True))):
            return number
        return self._main.insert(
            "INSERT INTO _request(request_id, method, address, head, content) "
            f"VALUES ({new_number('_request')}, ?, ?, ?, ?)",
            said,
        )

    def _lacking(self, table: str, key: str, number: Value) -> dict[str, Any] | None:
        """Return the copy's row with this id, if this archive has none."""
        query = f"SELECT * FROM {table} WHERE {key} = ?"
        if number is None or self._main.row(query, (number,)) is not None:
            return None
        found = self._copy.row(query, (number,))
        return None if found is None else {name: found[name] for name in found.keys()}  # noqa: SIM118  (a Row iterates over values)

    def _overwrite(self, table: str, key: str, number: int, values: dict[str, Value]) -> bool:
        """Overwrite the row with the copy's values; False if a sound visit references the row."""
        if (table, number) in self._leaned_on:
            return False
        row = self._main.row(f"SELECT * FROM {table} WHERE {key} = ?", (number,))
        if row is not None and all(row[name] == value for name, value in values.items()):
            return True
        sound = self._sound(key, number)
        self._main.execute("SAVEPOINT parent")
        sets = ", ".join(f"{name} = ?" for name in values)
        self._main.execute(f"UPDATE {table} SET {sets} WHERE {key} = ?", (*values.values(), number))
        kept = sound <= self._sound(key, number)
        if not kept:
            self._main.execute("ROLLBACK TO parent")
            self._leaned_on.add((table, number))
        self._main.execute("RELEASE parent")
        return kept

    def _sound(self, key: str, number: int) -> set[int]:
        """Return the visits that reference a row and match the chain."""
        rows = self._main.execute(f"{VISITS} WHERE t.{key} = ?", (number,))
        return {row["visit_id"] for row in rows if is_sound(self._main, row)}
