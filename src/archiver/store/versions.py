"""History kept at write time: versions, changes, readings, absences. Executes decisions and makes none."""

from dataclasses import dataclass

from archiver.model.capture import Outcome
from archiver.model.clock import written
from archiver.model.record import Content, Record
from archiver.model.version import Decision, Verdict
from archiver.store.connection import Door, Row
from archiver.store.content_rows import as_text, content_of, put_content
from archiver.store.evidence import KeptVisit

_PERMANENT = (301, 308)
_GONE_AT_ONCE = 410


@dataclass(frozen=True, slots=True)
class Latest:
    """A page's newest version by one extractor. `ended`: proven gone or moved since."""

    version_id: int
    version: int
    content: Content
    seen_last: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Observation:
    """One visit, read and judged: what the store is to write down.

    Attributes:
        outcome: as the reader refined it.
        record: None when there was nothing to read.
        decision: None when the record has no content to keep.
        recorded_at: now, as the archive writes it.
        moved_away: of a redirect, whether it leads to another page (not to another spelling of the same).
        note: what the reader has to say of the visit.
    """

    visit: KeptVisit
    outcome: Outcome
    record: Record | None
    decision: Decision | None
    extractor_id: int
    recorded_at: str
    moved_away: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an observation made of the page's history. `lost`: it is proven gone now (`went`), and had been there."""

    version: int | None = None
    went: bool = False
    returned: bool = False
    lost: bool = False


class Versions:
    """The write side of history."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def latest(self, page_id: int, extractor_id: int) -> Latest | None:
        """The page's newest version by this extractor."""
        row = self._door.row(
            "SELECT v.version_id, v.version, v.seen_last, v.seen_until, c.* FROM _version v "
            "JOIN _content c ON c.content_id = v.content_id WHERE v.page_id = ? AND v.extractor_id = ? "
            "ORDER BY v.version DESC LIMIT 1",
            (page_id, extractor_id),
        )
        if row is None:
            return None
        ended = row["seen_until"] is not None
        return Latest(row["version_id"], row["version"], content_of(row), row["seen_last"], ended)

    def apply(self, seen: Observation, last: Latest | None) -> Applied:
        """Write down what a visit showed. To be called within a transaction, in the order of visits."""
        went = returned = lost = False
        page_id = seen.visit.page_id
        if seen.outcome.is_absence:
            went = self._miss(seen)
            lost = went and self._had_been_there(page_id)
        elif seen.outcome in (Outcome.OK, Outcome.NOT_MODIFIED):
            returned = self._present(page_id, written(seen.visit.visited_at))
        elif seen.outcome is Outcome.MOVED and seen.moved_away and seen.visit.capture.status in _PERMANENT:
            self._close(page_id, seen.extractor_id, written(seen.visit.visited_at))
            self._forget_unproven(page_id)
        version = self._version(seen, last)
        if seen.record is not None and not seen.outcome.is_absence:
            self._readings(seen.visit, seen.record)
        self._state(seen, went=went)
        return Applied(version, went, returned, lost)

    # versions and changes

    def _version(self, seen: Observation, last: Latest | None) -> int | None:
        if seen.record is None or seen.decision is None:
            return None
        at = written(seen.visit.visited_at)
        if seen.decision.verdict is Verdict.SAME and last is not None:
            self._door.execute(
                "UPDATE _version SET seen_last = max(seen_last, ?), last_visit = ? WHERE version_id = ?",
                (at, seen.visit.visit_id, last.version_id),
            )
            return last.version
        self._close(seen.visit.page_id, seen.extractor_id, at)
        number = last.version + 1 if last else 1
        version_id = self._door.insert(
            "INSERT INTO _version(page_id, extractor_id, version, content_id, verdict, first_visit, last_visit, seen_from, "
            "seen_last, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                seen.visit.page_id,
                seen.extractor_id,
                number,
                put_content(self._door, seen.record.content),
                seen.decision.verdict,
                seen.visit.visit_id,
                seen.visit.visit_id,
                at,
                at,
                seen.recorded_at,
            ),
        )
        if seen.outcome is Outcome.NOT_MODIFIED and last is not None:
            self._same_sources(version_id, last.version_id)
        self._sources(version_id, seen.record)
        if last is not None:
            self._changes(seen, version_id, not_before=last.seen_last, not_after=at)
        return number

    def _close(self, page_id: int, extractor_id: int, at: str) -> None:
        self._door.execute(
            "UPDATE _version SET seen_until = ? WHERE page_id = ? AND extractor_id = ? AND seen_until IS NULL",
            (at, page_id, extractor_id),
        )

    def _sources(self, version_id: int, record: Record) -> None:
        self._door.executemany(
            "INSERT OR REPLACE INTO _source(version_id, field, rule, rank, raw, node_path) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (version_id, name, s.rule, s.rank, _storable(s.raw), _storable(s.node_path))
                for name, s in record.sources
            ],
        )

    def _same_sources(self, version_id: int, as_of: int) -> None:
        """A version that nobody read anew has its values from where the one before had them."""
        self._door.execute(
            "INSERT INTO _source(version_id, field, rule, rank, raw, node_path) "
            "SELECT ?, field, rule, rank, raw, node_path FROM _source WHERE version_id = ?",
            (version_id, as_of),
        )

    def _changes(self, seen: Observation, version_id: int, *, not_before: str, not_after: str) -> None:
        assert seen.decision is not None  # noqa: S101  (the caller looked)
        self._door.executemany(
            "INSERT INTO _change(page_id, extractor_id, version_id, field, old, new, not_before, not_after, chars_added, "
            "chars_removed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    seen.visit.page_id,
                    seen.extractor_id,
                    version_id,
                    change.field,
                    as_text(change.old),
                    as_text(change.new),
                    not_before,
                    not_after,
                    change.chars_added,
                    change.chars_removed,
                )
                for change in seen.decision.changes
            ],
        )

    # readings

    def _readings(self, visit: KeptVisit, record: Record) -> None:
        for name, value in record.readings:
            before = self._door.value(
                "SELECT value FROM _reading WHERE page_id = ? AND name = ? AND (read_at, visit_id) < (?, ?) "
                "ORDER BY read_at DESC, visit_id DESC LIMIT 1",
                (visit.page_id, name, written(visit.visited_at), visit.visit_id),
            )
            self._door.execute(
                "INSERT OR REPLACE INTO _reading(page_id, name, visit_id, read_at, value, gained) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    visit.page_id,
                    name,
                    visit.visit_id,
                    written(visit.visited_at),
                    value,
                    None if before is None else value - before,
                ),
            )
            if name == "views":
                self._door.execute("UPDATE _page SET views = ? WHERE page_id = ?", (value, visit.page_id))

    # presence and absence

    def _open_absence(self, page_id: int) -> Row | None:
        return self._door.row(
            "SELECT * FROM _absence WHERE page_id = ? AND back_by IS NULL ORDER BY absence_id DESC LIMIT 1", (page_id,)
        )

    def _had_been_there(self, page_id: int) -> bool:
        standing = self._open_absence(page_id)
        return standing is not None and standing["last_seen"] is not None

    def _miss(self, seen: Observation) -> bool:
        """Count a miss; True when it proves the page gone: two misses at different times, or one 410."""
        visit, page_id = seen.visit, seen.visit.page_id
        at, status = written(visit.visited_at), visit.capture.status
        found = f"{status} {seen.outcome}" if status else str(seen.outcome)
        standing = self._open_absence(page_id)
        if standing is None:
            last_seen = self._door.value(
                "SELECT visited_at FROM _visit WHERE page_id = ? AND coalesce(read_outcome, outcome) IN ('ok', 'not_modified') AND visit_id <> ? AND visited_at <= ? "
                "ORDER BY visited_at DESC LIMIT 1",
                (page_id, visit.visit_id, at),
            )
            self._door.execute(
                "INSERT INTO _absence(page_id, last_seen, first_miss, last_miss, last_run, gone_by, misses, evidence) "
                "VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
                (page_id, last_seen, at, at, visit.run_id, at if status == _GONE_AT_ONCE else None, f"{found} at {at}"),
            )
            proven = status == _GONE_AT_ONCE
            first_miss = at
        else:
            another_time = at > standing["last_miss"] or visit.run_id != standing["last_run"]
            proven = standing["gone_by"] is None and (another_time or status == _GONE_AT_ONCE)
            first_miss = standing["first_miss"]
            told = standing["evidence"].split("; ")[: 2 if standing["gone_by"] else 1]  # the first miss, and the proof
            evidence = "; ".join([*told, f"{found} at {at}"])
            self._door.execute(
                "UPDATE _absence SET misses = misses + 1, last_miss = ?, last_run = ?, evidence = ?, "
                "gone_by = CASE WHEN ? THEN first_miss ELSE gone_by END WHERE absence_id = ?",
                (at, visit.run_id, evidence, int(proven), standing["absence_id"]),
            )
        if proven:
            self._close(page_id, seen.extractor_id, first_miss)
        return proven

    def _present(self, page_id: int, at: str) -> bool:
        """The page is there; True when it had been proven gone. An unproven miss leaves no trace but its visit."""
        standing = self._open_absence(page_id)
        if standing is None:
            return False
        if standing["gone_by"] is None:
            self._door.execute("DELETE FROM _absence WHERE absence_id = ?", (standing["absence_id"],))
            return False
        self._door.execute("UPDATE _absence SET back_by = ? WHERE absence_id = ?", (at, standing["absence_id"]))
        return True

    def _forget_unproven(self, page_id: int) -> None:
        """A page that moved away answers: a miss before is no proof any more, and a later one begins anew."""
        self._door.execute("DELETE FROM _absence WHERE page_id = ? AND back_by IS NULL AND gone_by IS NULL", (page_id,))

    def _state(self, seen: Observation, *, went: bool) -> None:
        states = {
            Outcome.OK: "live",
            Outcome.NOT_MODIFIED: "live",
            Outcome.MOVED: "moved" if seen.moved_away else None,
            Outcome.BLOCKED: "blocked",
        }
        state = "gone" if went or self._is_proven(seen) else states.get(seen.outcome)
        self._door.execute(
            "UPDATE _page SET last_visited = ?, last_visit = ?, state = coalesce(?, state) WHERE page_id = ?",
            (written(seen.visit.visited_at), seen.visit.visit_id, state, seen.visit.page_id),
        )

    def _is_proven(self, seen: Observation) -> bool:
        """Whether this miss is one more of a page that was proven gone before."""
        standing = self._open_absence(seen.visit.page_id) if seen.outcome.is_absence else None
        return standing is not None and standing["gone_by"] is not None


def _storable(text: str | None) -> str | None:
    """Text as SQLite takes it: a lone surrogate (an emoji cut in two) becomes a question mark."""
    return None if text is None else text.encode("utf-8", "replace").decode()
