"""From a capture and a profile to a record: pure, so that it can run in worker processes and be done again.

    decode → parse → which kind (choose) → readings → links → what is ignored goes → gone?
           → fields → body without what is cut → what the page declares → record

Readings and links come before the ignored nodes go: a counter may stand in a column that is never content, and a
link there is a link. `slow=True` asks trafilatura where nothing gave a body; else `needs_fallback` says so.
"""

from dataclasses import replace

from archiver.extract.choose import choose
from archiver.extract.declared import fill_declared
from archiver.extract.fallback import RULE, FallbackFailed, guessed_body, is_installed, unasked
from archiver.extract.gather import gather_fields, gather_readings, note_missed_body
from archiver.extract.gathered import Gathered
from archiver.extract.likely_article import looks_like_article
from archiver.extract.links import declared, every_link, follow, paging
from archiver.extract.listed import read_listing
from archiver.extract.media import is_xml, not_html
from archiver.extract.page import Page
from archiver.extract.walls import wall
from archiver.model.capture import Capture
from archiver.model.profile import GoneRule, PageKind, Profile
from archiver.model.record import Record, Source
from archiver.text.charset import Decoded, decode
from archiver.text.url import absolute

CODE_VERSION = "5"
"""The recipe of reading: raised whenever the same capture and profile would give another record."""

_GENERIC = PageKind(kind="article")
_MESSAGE = 600
"""Characters in which a page says that it is not there; what is longer is an article that may use the same words."""
_UNREAD = ("file", "skip")


def reader_version() -> str:
    """Which reader this installation is. One without the last fallback is another: it finds fewer bodies.

    So an installation that is mended reads the stored captures anew, and what it then finds is no change of the site's.
    """
    return CODE_VERSION if is_installed() else f"{CODE_VERSION} without trafilatura"


def read(capture: Capture, profile: Profile | None, *, slow: bool = False, links: bool = True) -> Record:
    """What a capture says, by a profile or, without one, by what the page declares.

    Args:
        capture: the evidence.
        profile: how the site is read; None reads any page.
        slow: ask trafilatura for a body where nothing else gave one.
        links: gather links, too (`links=False` for reading anew, when only content is wanted).
    """
    if not capture.body:
        return Record(notes=("the body is empty",))
    other = not_html(capture.body, capture.media_type)
    if other:
        return read_list(capture) or Record(kind="file", notes=(f"not HTML but {other}",))
    page, decoded = open_page(capture, profile)
    kind, note = choose(profile, capture.url, capture.visited_at, page) if profile else (None, "")
    if note:
        page.notes.append(note)
    record = _read_page(page, kind, slow=slow, links=links)
    if not record.soft_gone and (why := wall(page, decoded.text, capture, record)):
        record = Record(kind=record.kind, template=record.template, blocked=why)
    likely = links and not record.soft_gone and looks_like_article(page, profile, kind)
    notes = (*decoded.notes, *page.notes)
    return replace(record, charset=decoded.charset, notes=notes, looks_like_article=likely)


def read_list(capture: Capture) -> Record | None:
    """What a sitemap or a feed says; None when it is neither."""
    listing = read_listing(capture)
    if listing is None:
        return None
    found = [(absolute(capture.url, address), moment) for address, moment in listing.items]
    items = tuple((address, moment) for address, moment in found if address is not None)
    notes = (listing.note,) if listing.note else ()
    if listing.is_index:
        return Record(kind=listing.kind, maps=tuple(address for address, _ in items), notes=notes)
    return Record(kind=listing.kind, hints=items, notes=notes)


def read_without_fallback(capture: Capture, profile: Profile | None, reason: str) -> Record:
    """What a capture says, but for a body that only the last fallback could give, which failed for this reason."""
    record = read(capture, profile)
    if not record.needs_fallback:
        return record
    return replace(record, notes=(*record.notes, unasked(reason)), unread=("body",))


def open_page(capture: Capture, profile: Profile | None) -> tuple[Page, Decoded]:
    """A capture decoded and parsed."""
    decoded = decode(capture.body, capture.header("content-type"))
    site = profile.site if profile else None
    return Page(decoded.text, capture.url, site, is_xml=is_xml(decoded.text, capture.media_type)), decoded


def _read_page(page: Page, kind: PageKind | None, *, slow: bool, links: bool) -> Record:
    chosen = kind or _GENERIC
    record = Record(kind=chosen.kind, template=kind.template if kind else "")
    if chosen.kind in _UNREAD:
        return record
    gathered = Gathered()
    readings = gather_readings(chosen.readings, page, gathered)
    if links:
        record = _with_links(record, page, chosen)
    if is_gone(page, chosen.gone, chosen.ignore):
        return replace(record, soft_gone=True, readings=readings, sources=tuple(gathered.sources.items()))
    if chosen.fields or chosen.kind == "article":
        page.cut(chosen.ignore)
        gather_fields(chosen.fields, page, gathered, fallback=chosen.kind == "article" and chosen.fallback)
    needs_fallback = chosen.kind == "article" and chosen.fallback and not _fill(page, gathered, slow=slow)
    note_missed_body(page, gathered)
    return replace(
        record,
        content=gathered.content(),
        readings=readings,
        sources=tuple(gathered.sources.items()),
        needs_fallback=needs_fallback,
        unread=tuple(sorted(gathered.unread)),
    )


def is_gone(page: Page, rule: GoneRule | None, ignore: tuple[str, ...] = ()) -> bool:
    """Whether the page says that it is not there.

    Only a short text counts, as a reader sees it and without what is ignored: an article may use the same words.
    This is asked of every page: of an article no more is read than shows that it is one. A rule without a pattern
    names the very node that says it, so that is looked for before anything is ignored.
    """
    if rule is None:
        return False
    pattern = rule.pattern
    if pattern is None:
        return bool(page.document.css(rule.css))
    page.cut(ignore)
    texts = (page.beginning(node, _MESSAGE) for node in page.bounded(page.document.css(rule.css)))
    return any(len(text) <= _MESSAGE and pattern.search(text) for text in texts)


def _with_links(record: Record, page: Page, kind: PageKind) -> Record:
    found = every_link(page)
    following, posts = paging(kind.next, page)
    said = declared(page)
    return replace(
        record,
        links=found,
        follow=follow(kind.follow, page, found),
        next=following,
        postbacks=posts,
        feeds=said.feeds,
        canonical=said.canonical,
    )


def _fill(page: Page, gathered: Gathered, *, slow: bool) -> bool:
    """Fill what has no rule; tells whether a body is there, or is left to its rules."""
    fill_declared(page, gathered)
    if slow and gathered.wants("body"):
        _guess(page, gathered)
    if page.slots.problem:
        page.notes.append(page.slots.problem)
    return not gathered.wants("body")


def _guess(page: Page, gathered: Gathered) -> None:
    """The body by the last fallback. If that fails, it is our fault: all else is kept, and the record says so."""
    try:
        body = guessed_body(page)
    except FallbackFailed as failed:
        gathered.unread.add("body")
        page.notes.append(unasked(str(failed)))
        return
    if body:
        gathered.fill("body", body, Source(RULE, 0))
