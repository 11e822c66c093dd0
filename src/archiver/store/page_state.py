"""The states of pages before their visits are judged, loaded for a whole batch in two or three statements.

A state is as of the time of the visit: later visits and unread visits do not count.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archiver.model.outcome import DOUBTS, Cause, Outcome, sql_list
from archiver.model.record import Content
from archiver.store.connection import Connection, Row
from archiver.store.content_rows import content_of
from archiver.store.doubt_rows import Doubt, doubt_of
from archiver.store.frontier import Due, entry_of
from archiver.store.pages import KnownPage, known_page
from archiver.store.reading_sources import LATEST, ReadingSource
from archiver.text.printed_number import PrintedForm

_READ = "coalesce({0}.read_outcome, {0}.outcome)"
_BEFORE = (
    "{0}.page_id = t.page_id AND ({0}.visited_at, {0}.visit_id) < (t.visited_at, t.visit_id) "
    "AND {0}.visit_id NOT IN (SELECT visit_id FROM _unread)"
)
_STATES = f"""
SELECT t.visit_id, u.visit_id IS NOT NULL AS is_unread, {_READ.format("t")} AS read_outcome,
  (SELECT e.extractor_id FROM _extractor e WHERE e.site_id = p.site_id AND e.current = 1) AS extractor_id,
  p.*, s.name AS site,
  f.page_id AS listed, f.due_at, f.interval, f.depth, f.method, f.reason, f.reason_code, f.born, f.evidence, f.hint, f.via,
  w.visit_id AS w_visit, w.etag, w.modified, w.unchanged, ws.sha256 AS w_sha256,
  a.absence_id, a.last_seen AS a_last_seen, a.first_miss, a.last_miss, a.last_run, a.gone_by, a.misses, a.evidence AS a_evidence,
  (SELECT q.visited_at FROM _visit q WHERE {_BEFORE.format("q")} AND {_READ.format("q")} IN {sql_list(lambda each: each.is_presence)}
    AND coalesce(q.cause, '') NOT IN {DOUBTS}
    ORDER BY q.visited_at DESC, q.visit_id DESC LIMIT 1) AS last_present,
  (SELECT q.visited_at FROM _visit q WHERE {_BEFORE.format("q")} ORDER BY q.visited_at DESC, q.visit_id DESC LIMIT 1) AS last_read,
  b.visit_id AS b_visit, b.visited_at AS b_at, b.sha256 AS b_sha256, b.media_type AS b_media_type, b.frame_id IS NOT NULL AS b_kept,
  b.cause IS '{Cause.PARTLY_READ}' AS b_partly,
  m.value AS m_value, m.utc AS m_utc, m.raw AS m_raw, m.page_id IS NOT NULL AS has_claim, mv.to_url AS moved_to,
  d.since AS d_since, d.visit_id AS d_visit, dv.visited_at AS d_at, dv.run_id AS d_run, d.exact AS d_exact, d.mark AS d_mark,
  d.fields AS d_fields, (SELECT max(q.visited_at) FROM _accepted g CROSS JOIN _extractor x ON x.extractor_id = g.extractor_id AND x.current = 1
    CROSS JOIN _visit q ON q.visit_id = g.visit_id WHERE g.page_id = t.page_id AND (q.visited_at, q.visit_id) <= (t.visited_at, t.visit_id)) AS accepted,
  iif(p.state IS 'blocked', '{Cause.LOGIN}' IS (SELECT q.cause FROM _visit q WHERE {_BEFORE.format("q")}
    AND {_READ.format("q")} = '{Outcome.BLOCKED}' ORDER BY q.visited_at DESC, q.visit_id DESC LIMIT 1), 0) AS is_behind_login,
  EXISTS (SELECT 1 FROM _doubt o WHERE o.site_id = p.site_id AND o.mark = json_extract(j.value, '$[1]')
    AND o.page_id <> t.page_id) AS is_shared
FROM json_each(?) j CROSS JOIN _visit t ON t.visit_id = json_extract(j.value, '$[0]') JOIN _page p ON p.page_id = t.page_id
  JOIN _site s ON s.site_id = p.site_id
  LEFT JOIN _unread u ON u.visit_id = t.visit_id
  LEFT JOIN _frontier f ON f.page_id = t.page_id
  LEFT JOIN _validator w ON w.page_id = t.page_id LEFT JOIN _visit ws ON ws.visit_id = w.visit_id
  LEFT JOIN _modified m ON m.page_id = t.page_id AND m.seen_from =
    (SELECT max(x.seen_from) FROM _modified x WHERE x.page_id = t.page_id AND x.seen_from <= t.visited_at)
  LEFT JOIN _move mv ON mv.page_id = t.page_id AND mv.until IS NULL
  LEFT JOIN _doubt d ON d.page_id = t.page_id LEFT JOIN _visit dv ON dv.visit_id = d.visit_id
  LEFT JOIN _absence a ON a.absence_id = (SELECT max(x.absence_id) FROM _absence x WHERE x.page_id = t.page_id AND x.back_by IS NULL)
  LEFT JOIN _visit b ON b.visit_id = (SELECT q.visit_id FROM _visit q WHERE {_BEFORE.format("q")}
    AND {_READ.format("q")} = '{Outcome.OK}' AND q.block_sha256 IS NOT NULL ORDER BY q.visited_at DESC, q.visit_id DESC LIMIT 1)
"""
_VERSIONS = """
SELECT v.page_id, v.version_id, v.version, v.extractor_id, v.seen_from, v.seen_last, v.seen_until, v.first_visit, v.last_visit, v.rendered, c.*
FROM json_each(?) j CROSS JOIN _version v ON v.page_id = j.value AND v.current = 1
  AND v.version = (SELECT max(x.version) FROM _version x WHERE x.page_id = j.value AND x.current = 1)
  JOIN _content c ON c.content_id = v.content_id
"""
_COUNTERS = f"""
SELECT json_extract(j.value, '$[0]') AS visit_id, json_extract(j.value, '$[1]') AS name,
  y.visit_id AS since, y.rank, g.rule, g.node_path, m.before, m.mark, m.after,
  iif(n.name_id IS NULL, NULL, (SELECT r.value FROM _visit q CROSS JOIN _reading r ON r.visit_id = q.visit_id AND r.name_id = n.name_id
    WHERE q.page_id = t.page_id AND (q.visited_at, q.visit_id) < (t.visited_at, t.visit_id)
    ORDER BY q.visited_at DESC, q.visit_id DESC LIMIT 1)) AS value
FROM json_each(?) j CROSS JOIN _visit t ON t.visit_id = json_extract(j.value, '$[0]')
  LEFT JOIN _reading_name n ON n.name = json_extract(j.value, '$[1]')
  LEFT JOIN _reading_source y ON y.page_id = t.page_id AND y.name_id = n.name_id AND y.visit_id = {LATEST.format(name="n.name_id", than="<")}
  LEFT JOIN _origin g ON g.origin_id = y.origin_id LEFT JOIN _form m ON m.form_id = y.form_id
"""


@dataclass(frozen=True, slots=True)
class LatestVersion:
    """A page's newest version. Times are UTC text.

    `ended`: the page was proven gone, or has moved, since then. `is_rendered`: read from a browser's document.
    """

    version_id: int
    version: int
    extractor_id: int
    content_id: int
    content: Content
    seen_from: str
    seen_last: str
    first_visit: int
    last_visit: int
    ended: bool
    is_rendered: bool = False


@dataclass(frozen=True, slots=True)
class AbsenceSpan:
    """Consecutive visits that did not find a page.

    Attributes:
        absence_id: the row of the span; None if it is not stored yet.
        gone_by: when the page was gone at the latest (UTC text); None until a second miss or a final answer proves it.
    """

    absence_id: int | None
    last_seen: str | None
    first_miss: str
    last_miss: str
    last_run: int | None
    gone_by: str | None
    misses: int
    evidence: str
    back_by: str | None = None


@dataclass(frozen=True, slots=True)
class Validator:
    """The validators of the last complete answer, for conditional requests (RFC 9110, 8.8)."""

    visit_id: int
    etag: bytes | None
    modified: bytes | None
    unchanged: int
    sha256: bytes | None


@dataclass(frozen=True, slots=True)
class Claim:
    """When a page claims to have been changed last: local time, UTC if known, and as printed. `value` None: no claim."""

    value: str | None = None
    utc: str | None = None
    raw: str | None = None

    @property
    def is_unreadable(self) -> bool:
        """Return whether the page prints a claim that is no certain date."""
        return self.value is None and self.raw is not None


@dataclass(frozen=True, slots=True)
class LastBody:
    """The newest earlier visit with a complete answer. `is_kept`: its bytes are stored.

    `is_partly_read`: the reader failed on some of its fields.
    """

    visit_id: int
    at: str
    sha256: bytes | None
    media_type: str | None
    is_kept: bool
    is_partly_read: bool


@dataclass(frozen=True, slots=True)
class PriorState:
    """The state of a page before a visit.

    Attributes:
        extractor_id: the site's current extractor, which another program may have changed.
        is_unread: the visit is not read yet; `read_outcome`: its outcome as far as known.
        last_present: the last time the page was present (UTC text).
        last_read: the time of the last earlier visit that was read (UTC text).
        links_digest, links_visit: the digest of the page's last links, and the last visit that showed them.
        counters: the previous value of each counter that the visit read; `reading_sources`: where they came from then.
        doubt: what the page's last visits showed instead of its content.
        claim: when the page claimed to have been changed last; None when it never claimed anything.
        moved_to: the address where the page is now; None when it did not move.
        is_behind_login: the last visits were redirected to a login.
        is_shared: another page of the site is in doubt with the same text as this visit shows.
        accepted: the last visit up to this one of which it was decided that it shows the page, though its record is broken.
        confirms_doubt: the visit is a 304 that confirms a doubtful capture, not the newest version.
    """

    page: KnownPage
    extractor_id: int | None
    is_unread: bool
    read_outcome: Outcome
    version: LatestVersion | None = None
    absence: AbsenceSpan | None = None
    validator: Validator | None = None
    entry: Due | None = None
    body: LastBody | None = None
    last_present: str | None = None
    last_read: str | None = None
    links_digest: str | None = None
    links_visit: int | None = None
    counters: tuple[tuple[str, int | None], ...] = ()
    reading_sources: tuple[ReadingSource, ...] = ()
    doubt: Doubt | None = None
    is_behind_login: bool = False
    is_shared: bool = False
    claim: Claim | None = None
    moved_to: str | None = None
    accepted: str | None = None
    confirms_doubt: bool = False

    @property
    def is_incomplete(self) -> bool:
        """Whether the page's history lacks visits: it was rebuilt while the clock was set back."""
        return (self.last_read or "") > (self.page.last_visited or "")


class PriorStates:
    """Loads the states of pages."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(
        self, visits: Sequence[int], counters: Iterable[tuple[int, str]] = (), marks: Mapping[int, str] | None = None
    ) -> dict[int, PriorState]:
        """Return the state before each visit, by visit id.

        Args:
            visits: ids of stored visits, each of a different page.
            counters: the counters that were read: (visit, name).
            marks: the marks of tiny texts that visits show, by visit id.
        """
        marked = [(visit_id, (marks or {}).get(visit_id)) for visit_id in visits]
        rows = self._connection.rows(_STATES, (json.dumps(marked),))
        seen_before = [row["page_id"] for row in rows if row["last_visit"] is not None]
        versions = self._versions(seen_before) if seen_before else {}
        visited = {row["visit_id"] for row in rows if row["last_visit"] is not None}
        values = self._counters([each for each in counters if each[0] in visited])
        return {
            row["visit_id"]: _state(row, versions.get(row["page_id"]), values.get(row["visit_id"], ())) for row in rows
        }

    def _versions(self, pages: list[int]) -> dict[int, LatestVersion]:
        rows = self._connection.rows(_VERSIONS, (json.dumps(pages),))
        return {
            row["page_id"]: LatestVersion(
                row["version_id"],
                row["version"],
                row["extractor_id"],
                row["content_id"],
                content_of(row),
                row["seen_from"],
                row["seen_last"],
                row["first_visit"],
                row["last_visit"],
                row["seen_until"] is not None,
                bool(row["rendered"]),
            )
            for row in rows
        }

    def _counters(self, wanted: list[tuple[int, str]]) -> dict[int, list[Row]]:
        """Return the rows of the counters of each visit."""
        found: dict[int, list[Row]] = {}
        for row in self._connection.rows(_COUNTERS, (json.dumps(wanted),)) if wanted else ():
            found.setdefault(row["visit_id"], []).append(row)
        return found


def _state(row: Row, version: LatestVersion | None, counters: Sequence[Row]) -> PriorState:
    return PriorState(
        known_page(row),
        row["extractor_id"],
        bool(row["is_unread"]),
        Outcome(row["read_outcome"]),
        version,
        _absence(row) if row["absence_id"] is not None else None,
        Validator(row["w_visit"], row["etag"], row["modified"], row["unchanged"], row["w_sha256"])
        if row["w_visit"] is not None
        else None,
        entry_of(row) if row["listed"] is not None else None,
        LastBody(
            row["b_visit"],
            row["b_at"],
            row["b_sha256"],
            row["b_media_type"],
            bool(row["b_kept"]),
            bool(row["b_partly"]),
        )
        if row["b_visit"] is not None
        else None,
        row["last_present"],
        row["last_read"],
        row["links_digest"],
        row["links_visit"],
        tuple((each["name"], each["value"]) for each in counters),
        tuple(_reading_source(each) for each in counters if each["since"] is not None),
        doubt_of(row) if row["d_since"] is not None else None,
        bool(row["is_behind_login"]),
        bool(row["is_shared"]),
        Claim(row["m_value"], row["m_utc"], row["m_raw"]) if row["has_claim"] else None,
        row["moved_to"],
        row["accepted"],
    )


def _reading_source(row: Row) -> ReadingSource:
    form = PrintedForm(row["before"] or "", row["mark"] or "", row["after"] or "")
    return ReadingSource(row["name"], row["rule"] or "", row["rank"], row["node_path"] or "", form, row["since"])


def _absence(row: Row) -> AbsenceSpan:
    return AbsenceSpan(
        row["absence_id"],
        row["a_last_seen"],
        row["first_miss"],
        row["last_miss"],
        row["last_run"],
        row["gone_by"],
        row["misses"],
        row["a_evidence"],
    )
