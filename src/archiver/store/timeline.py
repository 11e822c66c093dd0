"""The visits of a page in order of time, with their records. A page's history is rebuilt from them."""

from dataclasses import dataclass, replace

from archiver.model.capture import Capture, Request
from archiver.model.clock import instant
from archiver.model.outcome import DOUBTFUL_CAUSES, Outcome
from archiver.model.record import Published, Record, Source
from archiver.store.claim_rows import claims_of
from archiver.store.connection import Connection, Row
from archiver.store.content_rows import content_of
from archiver.store.evidence import KeptVisit
from archiver.store.reinterpretations import REPLACED
from archiver.store.source_rows import sources_of

_VISITS = (
    "SELECT t.visit_id, t.run_id, t.visited_at, t.status, coalesce(t.read_outcome, t.outcome) AS outcome, "
    "coalesce(t.asked, p.url) AS asked, t.location, t.note, t.frame_id IS NOT NULL AS has_body, t.cause "
    "FROM _visit t JOIN _page p ON p.page_id = t.page_id "
    "WHERE t.page_id = ? AND t.visit_id NOT IN (SELECT visit_id FROM _unread) ORDER BY t.visited_at, t.visit_id"
)
_SPANS = (
    "SELECT v.version_id, v.extractor_id, v.first_visit, v.last_visit, v.seen_from, v.seen_last, v.rendered, c.* "
    "FROM _version v JOIN _content c ON c.content_id = v.content_id WHERE v.page_id = ? AND v.current = 1 ORDER BY v.version"
)


@dataclass(frozen=True, slots=True)
class PastVisit:
    """A stored visit and its record.

    Attributes:
        kept: the visit without its bytes.
        at: when (UTC text).
        outcome: as the reader found it.
        record: what was read; None when the visit showed no content.
        extractor_id, version_id: the extractor and the version of the record; None without a record.
        has_body: whether its bytes are stored.
        is_doubtful: whether it showed something else than the page, or did then.
    """

    kept: KeptVisit
    at: str
    outcome: Outcome
    has_body: bool
    record: Record | None = None
    extractor_id: int | None = None
    version_id: int | None = None
    is_doubtful: bool = False

    @property
    def visit_id(self) -> int:
        """Return the visit's id."""
        return self.kept.visit_id


class Timeline:
    """Reads the visits of a page, and deletes its history before it is rebuilt."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, page_id: int) -> list[PastVisit]:
        """Return every visit of a page that was read, oldest first."""
        spans = self._connection.rows(_SPANS, (page_id,))
        claims = claims_of(self._connection, page_id)
        sources = {row["version_id"]: tuple(sources_of(self._connection, row["version_id"]).items()) for row in spans}
        return [_past(row, page_id, spans, sources, claims) for row in self._connection.rows(_VISITS, (page_id,))]

    def forget(self, page_id: int, extractor_id: int) -> None:
        """Delete the history that this extractor made of a page; mark the versions of other extractors as replaced."""
        mine = (page_id, extractor_id)
        self._connection.execute(
            "DELETE FROM _source WHERE version_id IN (SELECT version_id FROM _version WHERE page_id = ? AND extractor_id = ?)",
            mine,
        )
        self._connection.execute("DELETE FROM _change WHERE page_id = ? AND extractor_id = ?", mine)
        self._connection.execute("DELETE FROM _version WHERE page_id = ? AND extractor_id = ?", mine)
        self._connection.execute(
            f"UPDATE _version SET current = iif(current = 1, {REPLACED}, 0) WHERE page_id = ? AND current > 0",
            (page_id,),
        )
        self._connection.execute("DELETE FROM _absence WHERE page_id = ?", (page_id,))
        for table in ("_doubt", "_modified", "_move"):
            self._connection.execute(f"DELETE FROM {table} WHERE page_id = ?", (page_id,))
        self._connection.execute(
            "DELETE FROM _move WHERE to_page = ? AND how <> 'redirect' AND until IS NULL", (page_id,)
        )
        self._connection.execute(
            "UPDATE _page SET state = 'unknown', last_visited = NULL, last_visit = NULL WHERE page_id = ?", (page_id,)
        )

    def refute_moves(self, page_id: int) -> None:
        """Delete moves to a page that ended, when the page turns out to be older than the one that moved to it."""
        self._connection.execute(
            "DELETE FROM _move WHERE to_page = ?1 AND how <> 'redirect' AND until IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM _version w WHERE w.page_id = _move.page_id AND w.current = 1 AND w.seen_from < "
            "(SELECT min(v.seen_from) FROM _version v WHERE v.page_id = ?1 AND v.current = 1))",
            (page_id,),
        )

    def regain(self, page_id: int) -> None:
        """Compute the gains of a page's counters again, from each reading to the next in time."""
        self._connection.execute(
            "UPDATE _reading SET gained = g.gained FROM (SELECT r.visit_id, r.name_id, r.value - lag(r.value) OVER "
            "(PARTITION BY r.name_id ORDER BY t.visited_at, t.visit_id) AS gained FROM _visit t "
            "CROSS JOIN _reading r ON r.visit_id = t.visit_id WHERE t.page_id = ?1) g "
            "WHERE _reading.visit_id = g.visit_id AND _reading.name_id = g.name_id AND _reading.gained IS NOT g.gained",
            (page_id,),
        )
        self._connection.execute(
            "UPDATE _page SET views = (SELECT r.value FROM _visit t CROSS JOIN _reading r ON r.visit_id = t.visit_id "
            "JOIN _reading_name n ON n.name_id = r.name_id WHERE t.page_id = ?1 AND n.name = 'views' "
            "ORDER BY t.visited_at DESC, t.visit_id DESC LIMIT 1) WHERE page_id = ?1",
            (page_id,),
        )


def _past(
    row: Row,
    page_id: int,
    spans: list[Row],
    sources: dict[int, tuple[tuple[str, Source], ...]],
    claims: list[tuple[str, Published | None]],
) -> PastVisit:
    outcome, at = Outcome(row["outcome"]), instant(row["visited_at"])
    capture = Capture(
        Request(row["asked"]), at, outcome, row["status"], location=row["location"], note=row["note"] or ""
    )
    kept = KeptVisit(row["visit_id"], page_id, row["run_id"], at, capture)
    is_doubtful = row["cause"] in DOUBTFUL_CAUSES
    past = PastVisit(kept, row["visited_at"], outcome, bool(row["has_body"]), is_doubtful=is_doubtful)
    span = _span_of(row, spans) if outcome.is_presence else None
    if span is None:
        return past
    claim = next((said for since, said in reversed(claims) if since <= row["visited_at"]), None)
    is_rendered = bool(span["rendered"])
    record = Record(content_of(span), sources=sources[span["version_id"]], modified=claim, is_rendered=is_rendered)
    return replace(past, record=record, extractor_id=span["extractor_id"], version_id=span["version_id"])


def _span_of(row: Row, spans: list[Row]) -> Row | None:
    """Return the version of a visit: the one that starts or ends with it, or else the one that spans its time."""
    for span in spans:
        if row["visit_id"] in (span["first_visit"], span["last_visit"]):
            return span
    if row["cause"] in DOUBTFUL_CAUSES:
        return None
    around = [span for span in spans if span["seen_from"] <= row["visited_at"] <= span["seen_last"]]
    return around[-1] if around else None
