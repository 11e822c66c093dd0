"""Recomputes the chain over all visits, and collects which bodies the rows reference.

A link is compared with its row and the previous link, both as stored, so an altered row is one finding and does not
affect later rows. The row after a damaged one shows what was altered: if it matches the stored link, the damaged row
was altered; if it matches the computed link, only the link was.
"""

from dataclasses import dataclass, field

from archiver.maintain.verify.finding import Finding, Findings, as_text
from archiver.maintain.verify.row_ranges import DAMAGE, last_key, rows_by_range
from archiver.model.capture import Outcome
from archiver.store.chain import VISITS, canonical
from archiver.store.connection import Connection, Row
from archiver.store.plain_files import Progress
from archiver.text.digest import GENESIS, chain_link

_IN_RANGE = f"{VISITS} WHERE t.visit_id BETWEEN ? AND ? ORDER BY t.visit_id"
_EITHER = "its row or its link of the chain is altered"
_ALTERED = "its row was altered after it was chained"
_ONLY_LINK = "its link of the chain is altered; the next visit confirms the row itself"


@dataclass
class ChainWalk:
    """The result of a walk along the chain.

    Attributes:
        visits: the number of rows.
        last: the last visit's id, and its link in hex.
        pruned: visits whose bytes were deleted by rule; `redacted`: those whose bytes were redacted.
        named: the frames that visits reference.
        bodies: for each visit by id, 1 when its bytes should be in the vault.
        link_at: the link of the requested visit; None when there is none.
    """

    visits: int = 0
    last: int = 0
    link: str = GENESIS
    pruned: int = 0
    redacted: int = 0
    named: set[int] = field(default_factory=set)
    bodies: bytearray = field(default_factory=bytearray)
    link_at: str | None = None


class RowCheck:
    """Walks along the chain and checks each row."""

    def __init__(self, connection: Connection, findings: Findings, asked: int = 0) -> None:
        self._connection = connection
        self._findings = findings
        self._asked = asked
        self._walk = ChainWalk(link_at=None if asked else GENESIS)
        self._links = [GENESIS]  # the previous link of the next row: as stored, and as computed
        self._suspect: tuple[int, Row] | None = (
            None  # a row that does not match its link; the next row shows what was altered
        )
        self._why: dict[int, str] = {}
        self._pruned, self._redacted = (_numbers(connection, table) for table in ("_pruned", "_redacted"))

    def walk(self, progress: Progress) -> ChainWalk:
        """Check every row, and report lost rows."""
        last = last_key(self._connection, "_visit", "visit_id")
        self._walk.bodies = bytearray(last + 1)
        for numbers, rows in rows_by_range(self._connection, _IN_RANGE, last, self._why.__setitem__):
            progress("rows", numbers.start, last)
            found = {row["visit_id"]: row for row in rows}
            for number in numbers:
                row = found.get(number) or self._alone(number)
                if row is None:
                    self._lost(number)
                else:
                    self._row(number, row)
        self._judge(_EITHER)
        return self._walk

    def _alone(self, number: int) -> Row | None:
        """Return a row that the query by range did not return."""
        try:
            return self._connection.row(_IN_RANGE, (number, number))
        except DAMAGE as error:
            self._why[number] = str(error)
            return None

    def _lost(self, number: int) -> None:
        self._judge(_EITHER)
        self._links = []
        self._add(number, None, self._reason(number))

    def _reason(self, number: int) -> str:
        if number in self._why:
            return f"its row cannot be read ({self._why[number]})"
        try:
            row = self._connection.row("SELECT page_id, request_id FROM _visit WHERE visit_id = ?", (number,))
        except DAMAGE as error:
            return f"its row cannot be read ({error})"
        if row is None:
            return "its row is gone"
        return f"its page {row['page_id']} or its request {row['request_id']} is lost"

    def _row(self, number: int, row: Row) -> None:
        walk = self._walk
        walk.visits += 1
        kept, computed, fault = "", [], ""
        try:
            kept = bytes.hex(row["chain"])
        except DAMAGE as error:
            fault = str(error)
        try:
            said = canonical(row)
            computed = [chain_link(link, said) for link in self._links]
            self._note_body(number, row)
        except DAMAGE as error:
            fault = str(error)
        if fault:
            self._judge(_EITHER)
            self._add(number, row, f"its row has an impossible value ({fault})")
            self._links = [link for link in (kept, *computed[:1]) if link]
            return
        self._compare(number, row, kept, computed)
        walk.last, walk.link = number, kept
        if number == self._asked:
            walk.link_at = kept

    def _note_body(self, number: int, row: Row) -> None:
        frame = row["frame_id"]
        if frame is not None:
            self._walk.named.add(int(frame))
            self._walk.bodies[number] = 1
        elif row["block_sha256"] is not None:
            self._note_missing(number, row)
        if row["read_outcome"] is not None:
            Outcome(row["read_outcome"])

    def _note_missing(self, number: int, row: Row) -> None:
        """Count a visit without its bytes, and report it unless they were pruned or redacted."""
        if self._redacted is None or number in self._redacted:
            self._walk.redacted += 1
        elif self._pruned is None or number in self._pruned:
            self._walk.pruned += 1
        else:
            what = "its bytes are missing, and neither a pruning nor a redaction deleted them"
            url, at = _of(row, "asked") or _of(row, "page_url"), _of(row, "visited_at")
            self._findings.add(
                Finding("body", self._connection.path.name, what, healed=False, visit_id=number, url=url, visited_at=at)
            )

    def _compare(self, number: int, row: Row, kept: str, computed: list[str]) -> None:
        if not computed:
            self._add(number, row, "it cannot be checked: the visit before it is lost")
        elif kept in computed:
            self._judge(_ALTERED if computed[0] == kept else _ONLY_LINK)
            self._links = [kept]
            return
        else:
            self._judge(_EITHER)
            self._suspect = (number, row)
        self._links = [kept, *computed[:1]]

    def _judge(self, what: str) -> None:
        """Report the previous damaged row, with what the present row shows about it."""
        if self._suspect is not None:
            number, row = self._suspect
            self._suspect = None
            self._add(number, row, what)

    def _add(self, number: int, row: Row | None, what: str) -> None:
        url = _of(row, "asked") or _of(row, "page_url")
        self._findings.add(
            Finding(
                "row", self._connection.path.name, what, visit_id=number, url=url, visited_at=_of(row, "visited_at")
            )
        )


def _numbers(connection: Connection, table: str) -> set[int] | None:
    """Return the visits of a table; None when it cannot be read, which other checks report."""
    try:
        return {row["visit_id"] for row in connection.rows(f"SELECT visit_id FROM {table}")}
    except DAMAGE:
        return None


def _of(row: Row | None, name: str) -> str | None:
    """Return a column of a row, or None when it is missing."""
    return as_text(row[name]) if row is not None and name in row.keys() else None  # noqa: SIM118  (a Row iterates over values)
