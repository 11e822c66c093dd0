"""Collect the data of a citation: of a version, or of a capture from which nothing was read."""

from urllib.parse import unquote, urlsplit

from archiver.errors import NoSuchVersion, UsageError
from archiver.export.citations import FORMS, Citation
from archiver.model.record import Content, Published
from archiver.store.archive import Store
from archiver.store.history import KeptVersion, VisitRow
from archiver.store.pages import Extractor, KnownPage
from archiver.text.near import did_you_mean
from archiver.text.permalink import permalink

_END_OF_TIME = "9999-12-31 23:59:59"
_MINUTE = len("2022-10-21 15:55")


def format_citation(cited: Citation, form: str) -> str:
    """Return a citation in one of the forms: text, bibtex, ris, csl.

    Raises:
        UsageError: there is no such form.
    """
    if form not in FORMS:
        raise UsageError(f"{form}: no such form of a citation; {did_you_mean(form, FORMS)}known: {', '.join(FORMS)}")
    return FORMS[form](cited)


def cite_version(store: Store, known: KnownPage, version: KeptVersion, visit: VisitRow | None = None) -> Citation:
    """Return the citation of a version by its first capture, or by another capture that shows it."""
    shown = visit or _first_capture(store, known, version)
    seen = version.seen_from, version.seen_last
    return _citation(store, known, shown, seen, version.content, version)


def cite_capture(store: Store, known: KnownPage, until: str | None, visit: VisitRow | None = None) -> Citation:
    """Return the citation of a capture from which nothing was read: the newest up to a moment, or that of one visit.

    Without `visit`, cite the first of consecutive captures with the same bytes.

    Args:
        store: the archive.
        known: the page.
        until: the moment, UTC text; None for now.
        visit: the visit to cite.

    Raises:
        NoSuchVersion: no visit received any bytes.
    """
    found = visit or store.shown_captures.at(known.page_id, until or _END_OF_TIME)
    if found is None or not found.bytes:
        raise NoSuchVersion(f"{known.url}: no visit received any bytes to cite; see `archiver history`")
    run = _same_bytes(store.history.visits_of(known.page_id), found)
    seen = run[0].visited_at, run[-1].visited_at
    return _citation(store, known, visit or run[0], seen, Content(), None)


def _citation(
    store: Store,
    known: KnownPage,
    visit: VisitRow,
    seen: tuple[str, str],
    content: Content,
    version: KeptVersion | None,
) -> Citation:
    move = store.moves.of_page(known.page_id)
    return Citation(
        url=known.url,
        site=known.site,
        container=store.pages.site_title(known.site),
        title=content.title or _file_name(known.url),
        authors=content.bylines,
        published=_published_text(content.published),
        language=content.language,
        seen_from=seen[0],
        seen_last=seen[1],
        captured_at=visit.visited_at,
        sha256=visit.sha256 or "",
        media_type=visit.media_type,
        permalink=str(permalink(visit.visited_at, known.url)),
        version=version.version if version else None,
        extractor=_extractor_text(store.pages.extractor_of(version.version_id)) if version else None,
        archive_id=store.archive_id,
        status=visit.status,
        moved_to=move.moved_to if move else None,
    )


def _first_capture(store: Store, known: KnownPage, version: KeptVersion) -> VisitRow:
    """Return the capture that the first visit of a version shows."""
    first = store.history.visit(version.first_visit)
    shown = first and store.shown_captures.behind(known.page_id, first)
    if shown is None or not shown.bytes:
        shown = store.shown_captures.at(known.page_id, version.seen_last)
    if shown is None:
        raise NoSuchVersion(f"{known.url}: no visit received the bytes of version {version.version}")
    return shown


def _same_bytes(visits: list[VisitRow], shown: VisitRow) -> list[VisitRow]:
    """Return the consecutive captures around `shown` that have the same body."""
    captures = [visit for visit in visits if visit.bytes]
    place = next(number for number, visit in enumerate(captures) if visit.visit_id == shown.visit_id)
    first = last = place
    while first > 0 and captures[first - 1].sha256 == shown.sha256:
        first -= 1
    while last + 1 < len(captures) and captures[last + 1].sha256 == shown.sha256:
        last += 1
    return captures[first : last + 1]


def _published_text(published: Published | None) -> str | None:
    if published is None or not published.local:
        return None
    return published.local[:_MINUTE] if published.precision == "minute" else published.local


def _extractor_text(extractor: Extractor | None) -> str | None:
    return f"{extractor.profile_sha256[:12]} {extractor.code_version.split(' ')[0]}".strip() if extractor else None


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2]) or url
