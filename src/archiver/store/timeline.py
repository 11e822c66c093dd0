"""What a page's visits showed, in the order of their time: what its history is told anew from, without any bytes."""

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.model.record import Content, Source
from archiver.store.connection import Door, Row
from archiver.store.content_rows import content_of


@dataclass(frozen=True, slots=True)
class Stood:
    """One visit as the archive holds it, and what was read of it.

    Attributes:
        at: when, the archive's UTC text.
        outcome: as the reader refined it.
        asked: the address asked; `location` is where it was sent on to.
        content: None when the visit showed none.
        recorded_at: when the version that it belongs to was written down.
    """

    visit_id: int
    run_id: int | None
    at: str
    status: int | None
    outcome: str
    asked: str
    location: str | None
    content: Content | None = None
    sources: tuple[tuple[str, Source], ...] = ()
    recorded_at: str = ""


class Timeline:
    """The visits of one page in order, and its history cleared away to be told anew."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def of(self, page_id: int, extractor_id: int, *, without: int) -> list[Stood]:
        """Every visit of a page but one, oldest first, with what this extractor read of it."""
        spans = list(self._spans(page_id, extractor_id))
        rows = self._door.rows(
            "SELECT t.visit_id, t.run_id, t.visited_at, t.status, coalesce(t.read_outcome, t.outcome) AS outcome, "
            "coalesce(t.asked, p.url) AS asked, t.location FROM _visit t JOIN _page p ON p.page_id = t.page_id "
            "WHERE t.page_id = ? AND t.visit_id <> ? AND t.visit_id NOT IN (SELECT visit_id FROM _unread) "
            "ORDER BY t.visited_at, t.visit_id",
            (page_id, without),
        )
        return [self._stood(row, spans) for row in rows]

    def _spans(self, page_id: int, extractor_id: int) -> Iterator[tuple[Row, tuple[tuple[str, Source], ...]]]:
        for row in self._door.rows(
            "SELECT v.version_id, v.first_visit, v.last_visit, v.seen_from, v.seen_last, v.recorded_at, c.* "
            "FROM _version v JOIN _content c ON c.content_id = v.content_id WHERE v.page_id = ? AND v.extractor_id = ? "
            "ORDER BY v.version",
            (page_id, extractor_id),
        ):
            sources = self._door.rows("SELECT * FROM _source WHERE version_id = ?", (row["version_id"],))
            yield (
                row,
                tuple(
                    (s["field"], Source(s["rule"], s["rank"], s["raw"] or "", s["node_path"] or "")) for s in sources
                ),
            )

    @staticmethod
    def _stood(row: Row, spans: list[tuple[Row, tuple[tuple[str, Source], ...]]]) -> Stood:
        values = {name: row[name] for name in ("visit_id", "run_id", "status", "outcome", "asked", "location")}
        found = _span_of(row, spans) if row["outcome"] in ("ok", "not_modified") else None
        if found is None:
            return Stood(at=row["visited_at"], **values)
        version, sources = found
        return Stood(
            at=row["visited_at"],
            content=content_of(version),
            sources=sources,
            recorded_at=version["recorded_at"],
            **values,
        )

    def forget(self, page_id: int, extractor_id: int) -> None:
        """Drop the page's versions by this extractor, their changes and sources, and its absences."""
        mine = (page_id, extractor_id)
        self._door.execute(
            "DELETE FROM _source WHERE version_id IN (SELECT version_id FROM _version WHERE page_id = ? AND extractor_id = ?)",
            mine,
        )
        self._door.execute("DELETE FROM _change WHERE page_id = ? AND extractor_id = ?", mine)
        self._door.execute("DELETE FROM _version WHERE page_id = ? AND extractor_id = ?", mine)
        self._door.execute("DELETE FROM _absence WHERE page_id = ?", (page_id,))
        self._door.execute("UPDATE _page SET state = 'unknown' WHERE page_id = ?", (page_id,))

    def regain(self, page_id: int) -> None:
        """Reckon anew what the page's counters gained from each reading to the next in time."""
        self._door.execute(
            "UPDATE _reading SET gained = g.gained FROM (SELECT name, visit_id, value - lag(value) OVER "
            "(PARTITION BY name ORDER BY read_at, visit_id) AS gained FROM _reading WHERE page_id = ?1) g "
            "WHERE _reading.page_id = ?1 AND _reading.name = g.name AND _reading.visit_id = g.visit_id "
            "AND _reading.gained IS NOT g.gained",
            (page_id,),
        )
        self._door.execute(
            "UPDATE _page SET views = (SELECT value FROM _reading r WHERE r.page_id = ?1 AND name = 'views' "
            "ORDER BY read_at DESC, visit_id DESC LIMIT 1) WHERE page_id = ?1",
            (page_id,),
        )


def _span_of(
    row: Row, spans: list[tuple[Row, tuple[tuple[str, Source], ...]]]
) -> tuple[Row, tuple[tuple[str, Source], ...]] | None:
    """The version a visit belongs to: the one that begins or ends with it, else the one that spans its time."""
    for span in spans:
        if row["visit_id"] in (span[0]["first_visit"], span[0]["last_visit"]):
            return span
    around = [span for span in spans if span[0]["seen_from"] <= row["visited_at"] <= span[0]["seen_last"]]
    return around[-1] if around else None
