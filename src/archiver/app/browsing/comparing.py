"""Two versions of a page beside each other: what differs, between which visits, with which proof."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from archiver.app.browsing.paragraphs import LINE, PARAGRAPH, Paragraph, lines, paragraphs, unified
from archiver.app.reading.compare import Comparison, undescribed_pair
from archiver.app.reading.page import Page
from archiver.app.reading.questions import ArchiveReader
from archiver.change.diff import diff_field
from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.model.edit import describe
from archiver.model.record import CONTENT_FIELDS
from archiver.model.version import FieldChange
from archiver.store.history import KeptVersion, VisitRow
from archiver.store.span_queries import Window
from archiver.text.charset import Decoded, decode
from archiver.text.word_diff import Span, diff_text

_MOST_SOURCE = 1_500_000  # bytes of each source that are compared
_MOST_EDITS = 500
_OF_FIELD = ("field", "nature", "chars_added", "chars_removed", "redesign_id")
_LISTS = frozenset(each.name for each in CONTENT_FIELDS if each.is_list)


@dataclass(frozen=True, slots=True)
class FieldWords:
    """A field that differs: the words, and what kind of edit it is.

    Attributes:
        nature: words, figures, typography, order or media; "" when the texts were not compared, and `chars_added` and
            `chars_removed` are None then. `redesign_id`: of the redesign it belongs to.
        is_list: its paragraphs are the items of a list.
    """

    field: str
    nature: str
    chars_added: int | None
    chars_removed: int | None
    redesign_id: int | None
    is_list: bool
    spans: tuple[Span, ...]

    def paragraphs(self) -> list[Paragraph]:
        """Return the difference as paragraphs, or as items."""
        return paragraphs(self.spans, LINE if self.is_list else PARAGRAPH)


@dataclass(frozen=True, slots=True)
class VersionPair:
    """Two versions and what differs.

    Attributes:
        told: everything but the words, as JSON.
        fields: the fields that differ, in reading order.
        captures: the visits whose bytes show the two versions.
    """

    told: dict[str, Any]
    fields: tuple[FieldWords, ...]
    captures: tuple[VisitRow, VisitRow]


def version_pair(archive: ArchiveReader, page: Page, old: int, new: int, *, words: bool = True) -> VersionPair:
    """Return two versions of a page and what differs.

    Args:
        archive: the archive.
        page: the page.
        old: the number of the earlier version.
        new: that of the later one.
        words: also compare the texts, word by word.

    Raises:
        NoSuchVersion: the page has no version with this number.
        VersionRedacted: the content of one of them was redacted.
    """
    found = undescribed_pair(page, old, new)
    edits = _edits(archive, page, found) if new == old + 1 else []
    captures = (_capture(archive, page, found.old.last_visit), _capture(archive, page, found.new.first_visit))
    told = _told(archive, page, found, captures, edits)
    stored = {row["field"]: row for row in edits}  # the texts come last: queries have a time limit
    fields = tuple(_field(change, stored.get(change.field), words=words) for change in found.changes)
    told["fields"] = [{name: getattr(each, name) for name in _OF_FIELD} for each in fields]
    return VersionPair(told, fields, captures)


def visits_of_pair(archive: ArchiveReader, page: Page, old: int, new: int) -> tuple[int, int]:
    """Return the visits whose bytes show two versions; arguments and errors are those of `version_pair`."""
    found = undescribed_pair(page, old, new)
    numbers = found.old.last_visit, found.new.first_visit
    return _capture(archive, page, numbers[0]).visit_id, _capture(archive, page, numbers[1]).visit_id


def _field(change: FieldChange, stored: Mapping[str, Any] | None, *, words: bool) -> FieldWords:
    """Return a field that differs. Its description is the stored one, if the two versions follow one another."""
    spans = diff_field(change) if words else ()
    is_list = change.field in _LISTS
    if stored is not None:
        kind = (stored["nature"] or "", stored["chars_added"], stored["chars_removed"], stored["redesign_id"])
        return FieldWords(change.field, *kind, is_list, spans)
    if not words:
        return FieldWords(change.field, "", None, None, None, is_list, ())
    edit = describe(change.field, change.old, change.new, spans)
    return FieldWords(change.field, str(edit.nature), edit.chars_added, edit.chars_removed, None, is_list, spans)


def _edits(archive: ArchiveReader, page: Page, found: Comparison) -> list[dict[str, Any]]:
    """Return the stored changes of the newer version."""
    window = Window(page.page_id, found.new.seen_from, f"{found.new.seen_from}~")
    rows = archive.store.browsing.spans.edits(window, _MOST_EDITS)
    return [row for row in rows if row["version"] == found.new.version]


def _capture(archive: ArchiveReader, page: Page, visit_id: int) -> VisitRow:
    visit = archive.store.history.visit(visit_id)
    assert visit is not None  # noqa: S101  (a version has its visits)
    return archive.store.shown_captures.behind(page.page_id, visit)


def _told(
    archive: ArchiveReader,
    page: Page,
    found: Comparison,
    captures: tuple[VisitRow, VisitRow],
    edits: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    known = archive.store.browsing.page_facts
    row = known.page(page.page_id) or {}
    different = {change.field for change in found.changes}
    after = found.new.content.flat()
    return {
        "page": {
            "page_id": page.page_id,
            "url": page.url,
            "site": page.site,
            "title": found.new.content.title or row.get("title"),
            "language": found.new.content.language,
        },
        "old": _side(found.old, captures[0]),
        "new": _side(found.new, captures[1]),
        "versions": known.count_versions(page.page_id),
        "not_before": found.not_before,
        "not_after": found.not_after,
        "absence": found.absence,
        "is_adjacent": found.new.version == found.old.version + 1,
        "claim": _claim(archive, page, edits),
        "fields": [],
        "unchanged": [name for name, value in after.items() if value and name not in different],
        "counters": _counters(archive, found),
        "reinterpreted": found.new.verdict == "reread",
    }  # fmt: skip


def _side(version: KeptVersion, capture: VisitRow) -> dict[str, Any]:
    names = ("version", "version_id", "seen_from", "seen_last", "seen_until", "first_visit", "last_visit")
    return {
        **{name: getattr(version, name) for name in names},
        "visit_id": capture.visit_id,
        "visited_at": capture.visited_at,
        "sha256": capture.sha256,
        "bytes": capture.bytes,
    }


def _claim(archive: ArchiveReader, page: Page, edits: Iterable[Mapping[str, Any]]) -> str | None:
    """Return what the page claimed of its own change at a silent edit; None: the edit is not silent, or not known."""
    edits = [row for row in edits if row["redesign_id"] is None and row["nature"] != "typography"]
    if not edits:
        return None
    at = archive.store.browsing.page_facts.numbered(page.page_id, edits[0]["version"])
    window = Window(page.page_id, at["seen_from"] if at else "", f"{at['seen_from']}~" if at else "9999")
    claims = archive.store.browsing.spans.silent(window, _MOST_EDITS)
    return next((claims[row["change_id"]] for row in edits if row["change_id"] in claims), None)


def _counters(archive: ArchiveReader, found: Comparison) -> list[dict[str, Any]]:
    """Return what counters showed at the last visit of the old version and at the first one of the new."""
    before = archive.store.history.readings_of(found.old.last_visit)
    after = archive.store.history.readings_of(found.new.first_visit)
    return [
        {"name": name, "old": before[name], "new": after[name], "gained": after[name] - before[name]}
        for name in before
        if name in after
    ]


def patch(pair: VersionPair) -> str:
    """Return what differs as a patch, one file for each field."""
    told, page = pair.told, pair.told["page"]
    head = [
        f"# {page['url']}",
        f"# version {told['old']['version']} ({told['old']['visited_at']} UTC, sha256 {told['old']['sha256']})",
        f"# version {told['new']['version']} ({told['new']['visited_at']} UTC, sha256 {told['new']['sha256']})",
    ]
    body = [line for each in pair.fields for line in unified(each.field, each.spans)]
    return "\n".join([*head, *body]) + "\n"


# the captured bytes


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of two captures.

    Attributes:
        problem: why they cannot be compared; "" when they can.
        same_bytes: both captures have the same bytes.
        lines: the difference line by line.
        is_cut: only the beginning of a source was compared.
        browser: the browser that made the documents that are compared; "" for the servers' bytes.
    """

    problem: str = ""
    same_bytes: bool = False
    lines: tuple[Paragraph, ...] = ()
    is_cut: bool = False
    browser: str = ""


class _NoText(Exception):
    """Two captures cannot be compared as text. The message says why."""


class _Text(NamedTuple):
    """The beginning of the text of a capture, the digest of the whole, and the browser that made it."""

    decoded: Decoded
    sha256: str
    is_cut: bool
    browser: str


def compare_sources(archive: ArchiveReader, pair: VersionPair) -> Sources:
    """Return the difference of the sources of two captures, line by line. The time that it takes has a bound.

    Of pages that were read from a browser's document, the documents are compared.
    """
    try:
        before, after = _texts_of(archive, pair)
    except _NoText as problem:
        return Sources(str(problem))
    if before.sha256 == after.sha256:
        return Sources(same_bytes=True, browser=after.browser)
    texts = [each.decoded.text.replace("\r\n", "\n").replace("\r", "\n") for each in (before, after)]
    is_cut = before.is_cut or after.is_cut
    return Sources(lines=tuple(lines(diff_text(*texts))), is_cut=is_cut, browser=after.browser)


def _texts_of(archive: ArchiveReader, pair: VersionPair) -> tuple[_Text, _Text]:
    """Return the texts of two captures; raise `_NoText` when there is none, or when only one is of a browser."""
    before, after = (_text_of(archive, pair.told["page"]["page_id"], visit) for visit in pair.captures)
    if bool(before.browser) is not bool(after.browser):
        raise _NoText(
            "One version was read from a browser's document and the other from the server's bytes, "
            "so they differ by our doing."
        )
    return before, after


def _text_of(archive: ArchiveReader, page_id: int, visit: VisitRow) -> _Text:
    """Return the beginning of the text of a capture; raise `_NoText` when there is none."""
    from archiver.app.reading.shown_document import shown_document  # noqa: PLC0415  (start-up)

    try:
        kept = archive.store.evidence.visit(visit.visit_id).capture
    except (BodyPruned, ArchiveDamaged) as error:
        raise _NoText(str(error)) from error
    shown = shown_document(archive.store, page_id, kept)
    capture = shown.capture
    decoded = decode(capture.body[:_MOST_SOURCE], capture.header("content-type") or visit.media_type)
    if not decoded.is_text:
        raise _NoText(f"The bytes of visit {visit.visit_id} are no text; compare their digests.")
    return _Text(decoded, capture.sha256, len(capture.body) > _MOST_SOURCE, shown.browser)


@dataclass(frozen=True, slots=True)
class LinkChanges:
    """The links that came and went between two captures: addresses with texts. `problem`: why that is not known."""

    came: tuple[tuple[str, str], ...] = ()
    went: tuple[tuple[str, str], ...] = ()
    renamed: tuple[tuple[str, str, str], ...] = ()
    kept: int = 0
    problem: str = ""


def compare_links(archive: ArchiveReader, pair: VersionPair) -> LinkChanges:
    """Return which links of the whole captured page, menus included, came and went."""
    from archiver.extract.links import every_link  # noqa: PLC0415  (start-up)
    from archiver.extract.page import ParsedPage  # noqa: PLC0415  (start-up)

    for visit in pair.captures:
        if "html" not in (visit.media_type or "html"):
            return LinkChanges(
                problem=f"Visit {visit.visit_id} is no HTML ({visit.media_type}); it has no links to compare."
            )
    try:
        texts = _texts_of(archive, pair)
    except _NoText as problem:
        return LinkChanges(problem=str(problem))
    sides: list[dict[str, str]] = []
    for visit, text in zip(pair.captures, texts, strict=True):
        parsed = ParsedPage(text.decoded.text, visit.final_url, charset=text.decoded.charset)
        sides.append({link.url: link.text for link in every_link(parsed)})
    return LinkChanges(*_differing(*sides))


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Any]:  # came, went, renamed, kept
    yield tuple((url, text) for url, text in new.items() if url not in old)
    yield tuple((url, text) for url, text in old.items() if url not in new)
    yield tuple((url, old[url], text) for url, text in new.items() if url in old and old[url] != text)
    yield sum(url in old for url in new)
