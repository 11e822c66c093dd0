"""Export captures as WARC files: select them, write their records, and continue a series of exports."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archiver.app.exporting.warc_info import crawl_rules, exported_sites, warcinfo
from archiver.app.exporting.warc_target import WarcOptions, WarcTarget, make_folder, warc_target
from archiver.app.reading.find import find_page, known_site
from archiver.export.cdxj import cdxj_line
from archiver.export.warc_files import Place, WarcFiles, WarcFileWritten
from archiver.export.warc_records import NewRecord, sha1
from archiver.export.warc_visit import ExportedVisit, records_of
from archiver.model.capture import parse_head
from archiver.model.clock import written
from archiver.model.event import Listener, Progress
from archiver.model.moments import since_text, until_text
from archiver.model.outcome import Outcome
from archiver.model.rendition import METHOD
from archiver.model.warc import Original
from archiver.settings import Settings
from archiver.store.archive import Store
from archiver.store.capture_stream import CaptureCounts, CaptureSelection, StreamedCapture
from archiver.store.export_state import NAME, ExportState

_OK = 200
_COUNTS = ("responses", "revisits", "silent", "pruned", "redacted", "embargoed", "renditions")


@dataclass(frozen=True, slots=True)
class WarcExport:
    """The result of an export: the complete files, and the number of records of each type.

    Attributes:
        silent: selected visits without bytes; they are in no WARC file.
        pruned: selected visits whose bytes were deleted by `prune`.
        redacted: selected visits that were redacted.
        embargoed: selected visits with bytes that are left out because of an embargo.
        renditions: what a browser made of pages: documents, screenshots, logs of requests.
    """

    files: tuple[WarcFileWritten, ...]
    responses: int
    revisits: int
    silent: int
    pruned: int
    redacted: int = 0
    embargoed: int = 0
    renditions: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        files = [
            {"path": str(each.path), "records": each.records, "bytes": each.bytes, "sha256": each.sha256}
            for each in self.files
        ]
        counts = {name: getattr(self, name) for name in _COUNTS}
        return {"files": files, **counts}


def export_warc(
    store: Store,
    settings: Settings,
    dest: Path,
    wanted: WarcOptions,
    listen: Listener,
    *,
    state: ExportState | None = None,
    write: Callable[[bytes], object] | None = None,
) -> WarcExport:
    """Write WARC 1.1 files; each appears under its name when it is complete.

    Args:
        store: the archive.
        settings: the clock.
        dest: a folder for the files, or the only file: NAME.warc.gz or NAME.warc. When `size` needs several files, they
            are NAME-00001.warc.gz and so on.
        wanted: which captures, and how.
        listen: called with progress events.
        state: the state of the series; by default the state file in the folder, or an empty one.
        write: takes the bytes instead of `dest`.

    Raises:
        UsageError: a filter is invalid; the ending of a file names another format; the folder cannot be written, or
            belongs to another archive's export; or captures would be doubled or a file overwritten without `force`.
        NotInArchive: there is no such site or page.
        ArchiveDamaged: a capture's bytes do not match its digest.
    """
    target = warc_target(dest, wanted, write)
    if wanted.since_last:
        make_folder(dest)
    if state is not None:
        return _Export(store, settings, target, wanted, state).run(listen)
    state = ExportState.open(dest / NAME if wanted.since_last else None, store.archive_id)
    try:
        return _Export(store, settings, target, wanted, state).run(listen)
    finally:
        state.close()


class _Export:
    """One running export."""

    def __init__(
        self, store: Store, settings: Settings, target: WarcTarget, wanted: WarcOptions, state: ExportState
    ) -> None:
        self._store, self._target, self._wanted, self._state = store, target, wanted, state
        self._chosen = self._choice(settings)
        self._rules = {site: crawl_rules(store, site) for site in exported_sites(store, self._chosen.site)}
        info = tuple(warcinfo(store.archive_id, self._rules.values()))
        self._naming = target.naming(store.archive_id, settings.clock(), info, wanted)
        self._replaced = target.replaced(self._naming, wanted, is_continued=wanted.since_last and state.last_visit > 0)
        self._files: list[WarcFileWritten] = []
        self._tally = Counter[str]()
        self._last = 0
        self._rendered: dict[int, str] = {}  # the ids of the records of pages that a browser opened, by visit

    def _choice(self, settings: Settings) -> CaptureSelection:
        wanted, now = self._wanted, settings.clock()
        return CaptureSelection(
            known_site(self._store, wanted.site),
            None if wanted.since is None else since_text(wanted.since, now),
            None if wanted.until is None else until_text(wanted.until, now),
            self._store.parts.with_parts([find_page(self._store, url).page_id for url in wanted.pages]),
            wanted.changed_only,
            self._state.last_visit if wanted.since_last else 0,
            () if wanted.include_embargoed else tuple(self._store.embargoes.pages(written(now))),
        )

    def run(self, listen: Listener) -> WarcExport:
        """Write the files."""
        counts = self._store.captures.counted(self._chosen)
        with WarcFiles(self._naming, self._whole, self._target.write) as files:
            for number, streamed in enumerate(self._store.captures.of(self._chosen, counts.last)):
                listen(Progress("captures", number, counts.captures))
                self._put(files, streamed)
        self._state.keep(counts.last)
        self._write_index()
        written = {each.path for each in self._files}
        for path in self._replaced:
            if path not in written and written:
                path.unlink(missing_ok=True)
        return self._done(counts)

    def _done(self, counts: CaptureCounts) -> WarcExport:
        tally = self._tally
        everything = self._store.captures.counted(replace(self._chosen, without=())) if self._chosen.without else counts
        return WarcExport(
            tuple(self._files),
            tally["response"],
            tally["revisit"],
            counts.silent,
            counts.pruned,
            counts.redacted,
            everything.captures - counts.captures,
            tally["resource"],
        )

    def _whole(self, written: WarcFileWritten) -> None:
        self._files.append(written)
        self._state.keep(self._last)

    def _put(self, files: WarcFiles, streamed: StreamedCapture) -> None:
        info = files.begin()
        exported = self._exported(streamed)
        same, unmodified = self._originals(streamed)
        records = records_of(exported, info, same, unmodified)
        places = [files.put(record) for record in records]
        self._tally[records[0].kind] += 1
        if streamed.is_rendered:
            self._rendered[streamed.visit_id] = records[0].record_id
        self._note(streamed, records[0], exported)
        self._index(streamed, records[0], places[0])
        self._last = streamed.visit_id

    def _exported(self, streamed: StreamedCapture) -> ExportedVisit:
        capture = streamed.capture
        return ExportedVisit(
            archive=self._store.archive_id,
            visit_id=streamed.visit_id,
            url=capture.url,
            moment=capture.visited_at,
            method=capture.request.method,
            request_head=capture.request_head,
            request_body=capture.request.content,
            head=capture.head,
            body=capture.body,
            decoded="content_encoding" in capture.sent,
            truncated=_truncated(streamed),
            address=_host(capture.address),
            notes=self._notes(streamed),
            record=streamed.record if self._wanted.records else None,
            content_type=(capture.header("content-type") or "") if capture.made_by else None,
            page=self._rendered.get(streamed.of.visit_id) if streamed.of else None,
        )

    def _notes(self, streamed: StreamedCapture) -> tuple[tuple[str, str | None], ...]:
        rules = self._rules.get(streamed.site, {})
        return (
            ("reason", streamed.reason),
            ("reason-code", streamed.reason_code),
            ("outcome", streamed.outcome),
            ("note", streamed.note),
            ("fetchTimeMs", str(streamed.capture.milliseconds)),
            ("robots-policy", rules.get("robots")),
            ("archiver-visit", str(streamed.visit_id)),
            ("archiver-chain", streamed.chain),
            ("archiver-payload-sha256", streamed.capture.sha256),
            ("archiver-block-sha256", hashlib.sha256(streamed.capture.block).hexdigest()),
            ("archiver-sent", json.dumps(streamed.capture.sent, sort_keys=True) if streamed.capture.sent else None),
            ("archiver-outcome", streamed.kept_outcome),
            ("archiver-note", streamed.kept_note),
            ("archiver-profile-sha256", rules.get("profile")),
            *_browser_notes(streamed),
        )

    def _originals(self, streamed: StreamedCapture) -> tuple[Original | None, Original | None]:
        """Return the records that a revisit may refer to: one with the same payload, or the one a 304 confirms."""
        if streamed.outcome == Outcome.NOT_MODIFIED:
            visit = self._store.history.visit(streamed.visit_id)
            shown = visit and self._store.shown_captures.behind(streamed.page_id, visit)
            return None, self._state.same_payload(shown.sha256 or "") if shown else None
        if streamed.capture.status == _OK and streamed.capture.body:
            return self._state.same_payload(streamed.capture.sha256), None
        return None, None

    def _note(self, streamed: StreamedCapture, record: NewRecord, exported: ExportedVisit) -> None:
        capture = streamed.capture
        if capture.status != _OK or not capture.body:
            return
        if record.kind != "revisit" and exported.truncated is None:
            original = Original(record.record_id, exported.url, exported.date, sha1(exported.body))
            self._state.note(capture.sha256, original)

    def _index(self, streamed: StreamedCapture, record: NewRecord, place: Place) -> None:
        if not self._wanted.cdxj or record.kind == "metadata":
            return
        capture = streamed.capture
        is_revisit = record.kind == "revisit"
        digest = dict(record.fields).get("WARC-Payload-Digest") or sha1(capture.body)
        values = {
            "mime": "warc/revisit" if is_revisit else capture.media_type or "unk",
            # with the status of a 304, viewers would show nothing; a rendition has none
            **({"status": str(capture.status or "")} if record.block and capture.head else {}),
            "digest": digest,
            "length": str(place.length),
            "offset": str(place.offset),
            "filename": place.name,
            "recordDigest": f"sha256:{place.sha256}",
        }
        form = None if capture.request.method in ("GET", METHOD) else capture.request.content
        kind, method = _media_type_sent(capture.request_head), capture.request.method
        self._state.index(cdxj_line(capture.url, capture.visited_at, values, form, method=method, kind=kind))

    def _write_index(self) -> None:
        if not self._wanted.cdxj or not self._files:
            return
        waiting = self._target.dest / ".index.cdxj.part"
        with waiting.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in self._state.lines())
        waiting.replace(self._target.dest / "index.cdxj")


def _media_type_sent(request_head: bytes) -> str:
    """Return the media type of what was sent, by the header lines of a request."""
    fields = parse_head(b"\r\n" + request_head)
    sent = next((value for name, value in fields if name.lower() == b"content-type"), b"")
    return sent.partition(b";")[0].strip().lower().decode("latin-1")


def _browser_notes(streamed: StreamedCapture) -> tuple[tuple[str, str | None], ...]:
    """Return who asked for a capture, how it was made, and the visit of its page. JSON is ASCII on one line."""
    capture, of = streamed.capture, streamed.of
    return (
        ("archiver-via", capture.via or None),
        ("archiver-made-by", json.dumps(json.loads(capture.made_by), sort_keys=True) if capture.made_by else None),
        ("archiver-of-visit", str(of.visit_id) if of else None),
        ("archiver-of-uri", of.url if of else None),
        ("archiver-of-date", of.visited_at if of else None),
    )


def _truncated(streamed: StreamedCapture) -> str | None:
    """Return the value of WARC-Truncated (WARC 1.1, 5.13); None when the capture is complete."""
    if streamed.capture.outcome == "too_big":
        return "length"
    if streamed.capture.outcome == "truncated":
        return "time" if "within" in (streamed.note or "") else "disconnect"
    return None


def _host(address: str | None) -> str | None:
    """Return the IP address in `192.0.2.7:80` or `[2001:db8::1]:80`."""
    if not address:
        return None
    host, _, port = address.rpartition(":")
    return (host if host and port.isdigit() and (":" not in host or host[0] == "[") else address).strip("[]")
