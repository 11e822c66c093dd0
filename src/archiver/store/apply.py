"""Writes the results of a batch of visits. `judge` has made all decisions. The caller holds a transaction."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from archiver.model.capture import Capture
from archiver.model.outcome import Cause
from archiver.model.record import Link
from archiver.store.apply_history import HistoryWriter
from archiver.store.connection import Connection, Value
from archiver.store.editions import Editions
from archiver.store.lost_ids import new_number
from archiver.store.move_rows import MoveRows
from archiver.store.targets import put_targets
from archiver.store.visit_result import CrawlRun, Discovery, FoundPage, Hint, HistoryUpdate, VisitResult
from archiver.text.digest import fingerprint
from archiver.text.url import origin_of

_PRESENT_LINKS = (
    "SELECT l.page_id, l.target_id, l.first_visit, k.to_url, k.text FROM json_each(?) j "
    "CROSS JOIN _link l ON l.page_id = j.value AND l.last_visit IS NULL CROSS JOIN _target k ON k.target_id = l.target_id"
)
_NEW_LINK = (
    "INSERT OR REPLACE INTO _link(page_id, target_id, first_visit) "
    "SELECT ?1, min(target_id), ?4 FROM _target WHERE to_url = ?2 AND text = ?3"
)


class ResultWriter:
    """Writes the results of visits.

    Attributes:
        moved: by site, due times (UTC text) that pages got: for each batch the earliest one, and the earliest one after
            the batch. `archiver.store.due_queues` reads and removes them.
    """

    def __init__(self, connection: Connection) -> None:
        self.moved: defaultdict[int, set[str]] = defaultdict(set)
        self._connection = connection
        self._moves = MoveRows(connection)
        self._histories = HistoryWriter(connection, self._moves)
        self._editions = Editions(connection)

    def apply(self, results: Sequence[VisitResult], *, reader: str, crawl: CrawlRun | None = None) -> None:
        """Write the results of a batch of visits. Each visit is of a different page.

        Args:
            results: in the order of the visits.
            reader: the version of the reader, stored with captures that it could not read.
            crawl: the crawl that visits the pages; None for visits that no crawl made.
        """
        new = [each for each in results if not each.is_written]
        links = {each.history.page_id: links_digest(each.links) for each in results if each.links is not None}
        moved = [each for each in results if links.get(each.history.page_id) != each.links_before]
        self._histories.write([each.history for each in new])
        self._visits(new)
        self._unread(new, reader)
        self._pages([each for each in results if not each.is_written or each.links is not None], links)
        self._links([each for each in moved if each.links is not None])
        self._addresses([address for each in results for address in each.addresses])
        if crawl is not None:  # before the next visits: a hint is of what was known before this batch
            self.discover([each.discovery for each in results], crawl)
        is_moved = {each.history.visit_id for each in moved}
        listings = [each.listing for each in results if each.listing is not None]
        self._editions.write([each for each in listings if each.visit_id in is_moved or each.before is not None])
        self._redirects([each for each in results if each.redirected_to is not None])
        self._moves.find_targets(
            [(each.history.page_id, each.redirected_to) for each in results if each.redirected_to is not None]
        )
        self._frontier(results, crawl.run_id if crawl else None)
        self._validators(results)

    # the visit and its page

    def _visits(self, results: Sequence[VisitResult]) -> None:
        rows = []
        for each in results:
            history, capture = each.history, each.capture
            if history.outcome is not capture.outcome or history.note or history.cause:
                note = "; ".join(dict.fromkeys(filter(None, (capture.note, history.note)))) or None
                rows.append((history.outcome, note, history.cause, history.visit_id))
        self._many("UPDATE _visit SET read_outcome = ?, read_note = ?, cause = ? WHERE visit_id = ?", rows)

    def _unread(self, results: Sequence[VisitResult], reader: str) -> None:
        self._many(
            "INSERT INTO _unread(visit_id, cause, failed_by) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
            "cause = excluded.cause, failed_by = excluded.failed_by",
            [
                (each.history.visit_id, each.history.read_later, _failed_by(each.history, reader))
                for each in results
                if each.history.read_later
            ],
        )
        self._many(
            "DELETE FROM _unread WHERE visit_id = ?",
            [(each.history.visit_id,) for each in results if not each.history.read_later],
        )

    def _pages(self, results: Sequence[VisitResult], links: Mapping[int, str]) -> None:
        rows: list[tuple[Value, ...]] = []
        for each in results:
            history = each.history
            views = next((value for name, value, _ in history.readings if name == "views"), None)
            digest = links.get(history.page_id)
            seen = history.visit_id if digest or each.links_unchanged else None
            rows.append((history.at, history.visit_id, history.state, views, digest, seen, history.page_id, each.name))
        self._many(
            "UPDATE _page SET last_visited = ?1, last_visit = ?2, state = coalesce(?3, state), views = coalesce(?4, views), "
            "title = coalesce(?8, title), links_digest = coalesce(?5, links_digest), "
            "links_visit = CASE WHEN links_digest IS NULL AND ?5 IS NULL THEN NULL ELSE coalesce(?6, links_visit) END WHERE page_id = ?7",
            rows,
        )

    def _addresses(self, addresses: list[tuple[int, str, str, str]]) -> None:
        self._many(
            "INSERT INTO _page_url(page_id, url, how, seen_from, seen_last) VALUES (?1, ?2, ?3, ?4, ?4) "
            "ON CONFLICT DO UPDATE SET seen_last = excluded.seen_last",
            addresses,
        )

    def _redirects(self, results: Sequence[VisitResult]) -> None:
        """Note from where pages were redirected to, which may be new: they are on the frontier by now."""
        self._many(
            "INSERT INTO _page_url(page_id, url, how, seen_from, seen_last) SELECT p.page_id, ?1, 'redirect', ?2, ?2 "
            "FROM _page f JOIN _page p ON p.site_id = f.site_id AND p.key = ?3 WHERE f.page_id = ?4 AND p.page_id <> ?4 "
            "ON CONFLICT DO UPDATE SET seen_last = excluded.seen_last",
            [(each.capture.url, each.history.at, each.redirected_to, each.history.page_id) for each in results],
        )

    # links

    def _links(self, results: Sequence[VisitResult]) -> None:
        """Update the links of pages that differ from those of the last visit."""
        moved = {each.history.page_id: each for each in results}
        rotating = self._editions.rotating([each.listing for each in results if each.listing is not None])
        present = self._present_links([page for page, each in moved.items() if each.links_before is not None])
        closed: list[tuple[Value, ...]] = []
        new: list[tuple[Value, ...]] = []
        for page, each in moved.items():
            visit, before = each.history.visit_id, present.get(page, {})
            left_out = rotating.get(page, ())
            links = dict.fromkeys((link.url, link.text) for link in each.links or () if link.url not in left_out)
            closed += [(each.links_visit or visit, page, *span) for key, span in before.items() if key not in links]
            new += [(page, *key, visit) for key in links if key not in before]
        self._many("UPDATE _link SET last_visit = ? WHERE page_id = ? AND target_id = ? AND first_visit = ?", closed)
        put_targets(self._connection, [(str(url), str(text)) for _, url, text, _ in new])
        self._many(_NEW_LINK, new)

    def _present_links(self, pages: list[int]) -> dict[int, dict[tuple[str, str], tuple[int, int]]]:
        """Return the links that pages have, by address and text: (target, first visit)."""
        found: dict[int, dict[tuple[str, str], tuple[int, int]]] = {}
        for row in self._connection.rows(_PRESENT_LINKS, (json.dumps(pages),)) if pages else ():
            spans = found.setdefault(row["page_id"], {})
            spans[row["to_url"], row["text"]] = (row["target_id"], row["first_visit"])
        return found

    # the frontier

    def discover(self, discoveries: Sequence[Discovery], crawl: CrawlRun) -> None:
        """Put pages on the frontier of the site that is crawled, and hint at those that are there."""
        found: dict[str, FoundPage] = {}
        for each in (page for discovery in discoveries for page in discovery.found):
            found[each.key] = each if each.key not in found else replace(found[each.key], content=each.content)
        self._find(list(found.values()), crawl)
        hints = [hint for discovery in discoveries for hint in discovery.hints]
        self._hints(hints)
        times = [hint.next_visit.due_at for hint in hints if hint.next_visit is not None] + [crawl.now] * bool(found)
        ahead = [due_at for due_at in times if due_at > crawl.now]
        self.moved[crawl.site_id].update(min(group) for group in (times, ahead) if group)

    def _find(self, found: list[FoundPage], crawl: CrawlRun) -> None:
        if not found:
            return
        site_id, now = crawl.site_id, crawl.now
        ids = self._page_ids(site_id, found, now)
        self._many(
            "INSERT INTO _frontier(page_id, site_id, due_at, depth, via, reason, reason_code, priority) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                (
                    ids[each.key], site_id, each.due_at or now, each.depth, each.via, each.reason.text, each.reason.code,
                    each.priority,
                )
                for each in found
                if each.content is None
            ],
        )  # fmt: skip
        self._many(
            "INSERT INTO _frontier(page_id, site_id, due_at, depth, via, reason, reason_code, priority, method, content) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'POST', ?9) ON CONFLICT DO UPDATE SET "
            "due_at = iif(run_id >= ?10, due_at, excluded.due_at), content = excluded.content, via = excluded.via, "
            "priority = excluded.priority",
            [
                (
                    ids[each.key], site_id, now, each.depth, each.via, each.reason.text, each.reason.code, each.priority,
                    each.content, crawl.since_run,
                )
                for each in found
                if each.content is not None
            ],
        )  # fmt: skip

    def _page_ids(self, site_id: int, found: list[FoundPage], now: str) -> dict[str, int]:
        """Return the ids of pages; insert pages that are new to the archive."""
        ids = {each.key: each.page_id for each in found if each.page_id is not None}
        new = {each.key: each for each in found if each.page_id is None}
        self._many(
            "UPDATE _page SET kind = ?1 WHERE page_id = ?2 AND kind IS NOT ?1",
            [(each.kind, each.page_id) for each in found if each.page_id is not None and each.kind is not None],
        )
        self._many(
            "UPDATE _page SET label = ? WHERE page_id = ? AND label IS NULL",
            [(each.label, each.page_id) for each in found if each.page_id is not None and each.label is not None],
        )
        if not new:
            return ids
        first = self._connection.value(
            f"SELECT coalesce({new_number('_page')}, 1 + (SELECT coalesce(max(page_id), 0) FROM _page))"
        )
        ids.update({key: number for number, key in enumerate(new, start=int(first))})
        self._many(
            "INSERT INTO _page(page_id, site_id, key, url, kind, first_seen, label) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(ids[key], site_id, key, each.url, each.kind, now, each.label) for key, each in new.items()],
        )
        return ids

    def _hints(self, hints: Sequence[Hint]) -> None:
        self._many("UPDATE _frontier SET hint = ? WHERE page_id = ?", [(each.moment, each.page_id) for each in hints])
        self._many(
            "UPDATE _frontier SET due_at = ?1, interval = min(interval, 86400.0), reason = ?2, reason_code = ?3 "
            "WHERE page_id = ?4 AND due_at > ?1",
            [
                (each.next_visit.due_at, each.next_visit.reason.text, each.next_visit.reason.code, each.page_id)
                for each in hints
                if each.next_visit is not None
            ],
        )

    def _frontier(self, results: Sequence[VisitResult], run_id: int | None) -> None:
        rows: list[tuple[Value, ...]] = []
        for each in results:
            line = each.next_visit
            if line is not None:
                failed = int(each.history.outcome.is_failure)
                rows.append(
                    (
                        line.due_at, line.interval, run_id, line.reason.text, line.reason.code, line.evidence, line.born,
                        failed, each.history.page_id,
                    )
                )  # fmt: skip
        self._many(
            "UPDATE _frontier SET due_at = ?, interval = ?, run_id = ?, reason = ?, reason_code = ?, evidence = ?, "
            "born = coalesce(?, born), tries = CASE WHEN ? THEN tries + 1 ELSE 0 END WHERE page_id = ?",
            rows,
        )
        self._many(
            "DELETE FROM _frontier WHERE page_id = ?", [(each.history.page_id,) for each in results if each.drop]
        )

    # validators

    def _validators(self, results: Sequence[VisitResult]) -> None:
        self._many(
            "UPDATE _validator SET unchanged = unchanged + 1 WHERE page_id = ?",
            [(each.history.page_id,) for each in results if each.unchanged],
        )
        whole = [(each, *_validators_of(each.validator)) for each in results if each.validator is not None]
        self._many(
            "INSERT OR REPLACE INTO _validator(page_id, visit_id, origin, etag, modified) VALUES (?, ?, ?, ?, ?)",
            [
                (each.history.page_id, each.history.visit_id, origin_of(each.capture.url), etag, modified)
                for each, etag, modified in whole
                if etag is not None or modified is not None
            ],
        )
        self._many(
            "DELETE FROM _validator WHERE page_id = ?",
            [(each.history.page_id,) for each, etag, modified in whole if etag is None and modified is None],
        )
        self._many(
            "INSERT INTO _host(origin, word_kept, word_broken) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
            "word_kept = word_kept + excluded.word_kept, word_broken = word_broken + excluded.word_broken",
            [
                (origin_of(each.capture.url), int(each.is_body_unchanged), int(not each.is_body_unchanged))
                for each in results
                if each.is_body_unchanged is not None
            ],
        )

    def _many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        rows = list(rows)
        if rows:
            self._connection.executemany(sql, rows)


def links_digest(links: Sequence[Link]) -> str:
    """Return a digest of a list of links."""
    return fingerprint({str(number): (link.url, link.text) for number, link in enumerate(links)})


def _failed_by(history: HistoryUpdate, reader: str) -> str | None:
    """Return the version of the reader that gave up on a capture; None while the capture is retried."""
    return reader if history.read_later is Cause.READER_FAILED else None


def _validators_of(capture: Capture) -> tuple[bytes | None, bytes | None]:
    return capture.raw_header("etag"), capture.raw_header("last-modified")
