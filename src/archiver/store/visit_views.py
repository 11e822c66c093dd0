"""The views of visits: readings, visits, imported, blind and absences."""

from archiver.model.outcome import Outcome, having
from archiver.store.absence_views import ABSENCE_PROOFS, CAME_BACK
from archiver.store.pages import RENDITION, REQUISITE
from archiver.store.reading_sources import SOURCE
from archiver.store.redaction_views import VISIT_DOC, VISIT_REDACTED
from archiver.store.schema import BLIND
from archiver.store.view_sql import EVERY, JOIN_PAGE, SITE_PAGE, View, one_of

VISIT_VIEWS: tuple[View, ...] = (
    View(
        "readings",
        "counters: what they showed at each visit",
        f"SELECT {SITE_PAGE}, n.name, t.visited_at AS read_at, r.value, r.gained, r.visit_id, {SOURCE} FROM _reading r "
        f"JOIN _reading_name n ON n.name_id = r.name_id JOIN _visit t ON t.visit_id = r.visit_id {JOIN_PAGE.format('t')}",
        {
            **EVERY,
            "name": "views, site_visits, …",
            "read_at": "the visit (UTC)",
            "value": "the number shown",
            "gained": "difference to the previous reading; negative = a reset; NULL for the first",
            "visit_id": "the visit it was read at",
            "raw": "as the page prints it, with the text around it: up to the next number, at most 40 characters on each side",
            "node_path": "where in the page it stood at that visit",
            "rule": "the rule that read it. These three are NULL for visits recorded before schema 10",
        },
    ),
    View(
        "visits",
        "every attempt to fetch a page, including failures",
        f"SELECT {SITE_PAGE}, t.visit_id, t.run_id, t.visited_at, t.status, coalesce(t.read_outcome, t.outcome) AS outcome, "
        "coalesce(t.location, t.asked, p.url) AS final_url, t.media_type, t.bytes, lower(hex(t.sha256)) AS sha256, "
        f"t.milliseconds, coalesce(t.read_note, t.note) AS note, t.cause, w.reason, w.code AS reason_code, t.visit_id AS chain_position, "
        "(SELECT o.verified_at FROM _verification o WHERE o.last_visit >= t.visit_id ORDER BY o.last_visit DESC, o.verified_at DESC "
        f"LIMIT 1) AS verified_at, {VISIT_REDACTED}, t.via, t.of_visit "
        f"FROM _visit t {JOIN_PAGE.format('t')} LEFT JOIN _reason w ON w.reason_id = t.reason_id WHERE t.made_by IS NULL",
        {
            **EVERY,
            "visit_id": "identity of the visit; rises with time of recording",
            "run_id": "the command that made it",
            "visited_at": "when it began (UTC)",
            "status": "HTTP status; NULL when the server did not answer",
            "outcome": one_of(list(Outcome)),
            "final_url": "the requested address, or the target of the redirect",
            "media_type": "as declared",
            "bytes": "of the body",
            "sha256": "of the body, hex; NULL or empty without an answer",
            "milliseconds": "duration of the whole visit",
            "note": "a remark, as text",
            "cause": "why it ended so, as a code, if the outcome does not show it; see the reference of outcomes",
            "reason": "why it was made, as text",
            "reason_code": "the same as a code; NULL for visits recorded before codes were introduced",
            "chain_position": "place in the hash chain: each visit is chained to the one with the next lower position",
            "verified_at": "when `archiver verify` last confirmed the chain up to this visit (UTC); NULL if it has not since",
            **VISIT_DOC,
            "via": "browser: a page that was opened in a browser made the request; NULL: the archiver made it for itself",
            "of_visit": "the visit of the page that was opened in the browser",
        },
    ),
    View(
        "renditions",
        "what a browser made of pages at a visit: the document, a screenshot, the log of requests",
        f"SELECT s.name AS site, o.page_id, coalesce(o.asked, q.url) AS url, t.of_visit AS visit_id, "
        "substr(p.url, 5, instr(substr(p.url, 5), ':') - 1) AS kind, t.media_type, "
        "t.bytes, nullif(lower(hex(t.sha256)), '') AS sha256, t.visited_at AS made_at, t.milliseconds, t.outcome, t.note, t.made_by, "
        f"t.visit_id AS rendition_id, {VISIT_REDACTED} FROM _visit t JOIN _visit o ON o.visit_id = t.of_visit JOIN _page q ON q.page_id = o.page_id "
        f"{JOIN_PAGE.format('t')} WHERE t.made_by IS NOT NULL",
        {
            **EVERY,
            "visit_id": "the visit of the page",
            "kind": "dom: the document at the end, as HTML; screenshot: the whole page, as PNG; requests: the log of requests, as JSON",
            "media_type": "of the bytes; NULL when the browser made none",
            "bytes": "their number",
            "sha256": "their SHA-256, hex; NULL when the browser made none",
            "made_at": "when (UTC)",
            "milliseconds": "how long the browser took",
            "outcome": "ok, or unreadable when the browser made none",
            "note": "a remark, such as why there is none",
            "made_by": "browser, script version, viewport, what was waited for and done, and the final address, as JSON",
            "rendition_id": "identity of the rendition, and its place in the hash chain of visits",
            **VISIT_DOC,
        },
    ),
    View(
        "imported",
        "visits that were imported from WARC files, with the file, the position and the record",
        f"SELECT {SITE_PAGE}, i.visit_id, t.run_id, t.visited_at, f.name AS file, i.place, i.record_id, f.software FROM _imported i "
        f"JOIN _warc f ON f.file_id = i.file_id JOIN _visit t ON t.visit_id = i.visit_id {JOIN_PAGE.format('t')}",
        {
            **EVERY,
            "visit_id": "the visit",
            "run_id": "the run of the import",
            "visited_at": "when it was made (UTC), as the file says",
            "file": "the file as named on the command line; PACKAGE/MEMBER for a file in a WACZ package",
            "place": "offset in the file, in bytes, of the record or of the gzip member that holds it",
            "record_id": "WARC-Record-ID; empty for ARC files",
            "software": "the software that wrote the file, by its own record",
        },
    ),
    View(
        "blind",
        "visits that got no page because of the server, the network or the archiver; changes at that time are unknown",
        f"SELECT {SITE_PAGE}, t.visit_id, t.run_id, t.visited_at, t.status, coalesce(t.read_outcome, t.outcome) AS outcome, "
        "coalesce(t.read_note, t.note) AS note FROM _visit t CROSS JOIN _page p CROSS JOIN _site s "
        f"WHERE p.page_id = t.page_id AND s.site_id = p.site_id AND coalesce(p.kind, '') NOT IN ('{REQUISITE}', '{RENDITION}') AND {BLIND.format('t.')}",
        {
            **EVERY,
            "visit_id": "identity of the visit",
            "run_id": "the command that made it",
            "visited_at": "when (UTC)",
            "status": "HTTP status; NULL when the server did not answer",
            "outcome": one_of(having(lambda each: each.is_blind)),
            "note": "a remark, as text",
        },
    ),
    View(
        "absences",
        "spans over which a page was proven gone",
        f"SELECT {SITE_PAGE}, a.last_seen, a.gone_by, a.last_miss, a.back_by, a.misses, a.evidence, {CAME_BACK} AS came_back FROM _absence a "
        f"{JOIN_PAGE.format('a')} WHERE a.gone_by IS NOT NULL",
        {
            **EVERY,
            "last_seen": "last visit that saw the page (UTC); NULL if it was never seen",
            "gone_by": "first visit that found it gone (UTC)",
            "last_miss": "last visit that found it gone (UTC)",
            "back_by": "first visit that found it again (UTC); NULL while it is gone",
            "misses": "number of visits that found it gone",
            "evidence": "the proof: the first miss, the one that proved the absence, and the newest; as rows in `absence_proofs`",
            "came_back": "same or different: whether the page came back with the content it had; NULL while it is gone, or when the two cannot be compared",
        },
    ),
    View(
        "verifications",
        "each `archiver verify` that found the archive whole and could write to it",
        "SELECT CAST(NULL AS TEXT) AS site, verification_id, verified_at, deep, visits, last_visit AS last_visit_id, chain, bodies, bodies_read FROM _verification",
        {
            "site": "NULL: it covers all sites",
            "verification_id": "identity of the verification",
            "verified_at": "when (UTC)",
            "deep": "1 when it read every body; 0 when it read the next share of them",
            "visits": "number of visits that the chain confirmed",
            "last_visit_id": "the last of them",
            "chain": "the chain's last link, hex: the head of the archive then",
            "bodies": "number of stored bodies",
            "bodies_read": "number of those that it compared with their digests",
        },
    ),
    ABSENCE_PROOFS,
)
