"""Read a record from a capture with a profile: pure, so that it runs in worker processes and can be repeated.

    the answer of an API (archiver.extract.api)? else

    decode → parse → which kind (choose) → readings → links → remove ignored nodes → gone?
           → fields → body without cut nodes → declared values → record

Readings and links are read before the ignored nodes are removed: a counter may be in a column that is never content,
and a link there is a link. Where no rule gives a body, `guess` is called; without it, `needs_fallback` is set.
"""

import re
from dataclasses import replace

from archiver.extract.api import read_api
from archiver.extract.attached import body_files, body_images
from archiver.extract.broken import evidence_of_drift
from archiver.extract.choose import choose, is_api
from archiver.extract.declared import fill_declared
from archiver.extract.empty import is_empty, read_empty
from archiver.extract.fallback import FallbackFailed, Guess, guess_text, unasked
from archiver.extract.file_text import ReadFile
from archiver.extract.file_text import file_text as read_file_in_process
from archiver.extract.gather import gather_fields, gather_readings, note_missed_body, settle_date
from archiver.extract.gathered import Gathered
from archiver.extract.gone import is_gone
from archiver.extract.guessed import fill_guessed
from archiver.extract.likely_article import looks_like_article
from archiver.extract.links import (
    declared,
    every_address,
    is_noindex,
    links_and_refreshes,
    links_outside_frame,
    links_within,
    nodes_outside_frame,
    nofollow_addresses,
    paging,
    selected,
)
from archiver.extract.list_xml import SNIFFED, Listing, starts_list
from archiver.extract.listed import read_addresses, read_listing, unpacked_page
from archiver.extract.listed_items import listed_items, name_of
from archiver.extract.login import is_login
from archiver.extract.media import not_html
from archiver.extract.modified import leave_out_claims
from archiver.extract.open_page import decode_capture, open_page, page_bytes, parse_decoded
from archiver.extract.other_links import other_addresses
from archiver.extract.page import ParsedPage
from archiver.extract.parts import cut_links, earlier_part, parts_named
from archiver.extract.read_file import read_file
from archiver.extract.requisites import requisites_of, requisites_of_css
from archiver.extract.shell import SHELL, has_body, is_clearly_shell
from archiver.extract.unread import UNREAD_WITH_BODY
from archiver.extract.walls import titles_of, wall
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile
from archiver.model.record import Link, Record
from archiver.text.url import absolute

_GENERIC = PageKind(kind="article")
_UNREAD = ("file", "skip")
_END = re.compile("</(?:body|html)", re.IGNORECASE)
_AT_END = 2_000  # characters; where the end nearly always is


def read(
    capture: Capture,
    profile: Profile | None,
    *,
    slow: bool = False,
    guess: Guess | None = None,
    file_text: ReadFile | None = None,
    links: bool = True,
) -> Record:
    """Return the record of a capture, by a profile or, without one, by what the page declares and prints.

    Args:
        capture: the evidence.
        profile: the site's profile; None reads any page.
        slow: take the slow steps in this process: the same as `guess=guess_text` and `file_text=file_text`.
        guess: returns the body where no rule does; without it, the record `needs_fallback`.
        file_text: reads PDFs and office files; without it, the record of such a file `needs_fallback`.
        links: read links, too (`links=False` to read again when only content is needed).
    """
    if is_empty(capture):
        return read_empty(capture)
    source = page_bytes(capture, profile)
    if source.failure:
        return Record(not_rendered=source.failure)
    if slow:
        guess, file_text = guess or guess_text, file_text or read_file_in_process
    record = _read_bytes(source.capture, profile, guess, file_text, links=links)
    if not source.is_rendered:
        return record
    return replace(record, is_rendered=True, notes=tuple(each for each in record.notes if each != SHELL))


def _read_bytes(
    capture: Capture, profile: Profile | None, guess: Guess | None, file_text: ReadFile | None, *, links: bool
) -> Record:
    capture, unpacked = unpacked_page(capture)
    other = _read_other(capture, profile, file_text, links=links)
    if other is not None:
        return other
    decoded = decode_capture(capture, profile)
    if not decoded.is_text:
        return Record(notes=(*decoded.notes, f"labelled {capture.media_type}, but the bytes are not text"))
    page = parse_decoded(decoded, capture, profile)
    kind, note = choose(profile, capture.url, capture.visited_at, page) if profile else (None, "")
    if note:
        page.notes.append(note)
    requisites = _requisites(page, profile) if links else ()
    is_shell = is_clearly_shell(page)  # before nodes are removed
    record, gathered = _read_page(page, kind, links=links)
    if not record.soft_gone and (why := wall(page, decoded.text, capture, record)):
        record = Record(kind=record.kind, template=record.template, blocked=why)
    elif record.needs_fallback and guess:
        record = _with_guess(record, page, gathered, guess, links=links)
    note_missed_body(page, gathered)
    if links:
        likely = not record.soft_gone and looks_like_article(page, profile, kind)
        record = replace(
            record,
            looks_like_article=likely,
            follow=_followed(record, page, kind, decoded.text, capture),
            requisites=requisites,
            nofollow=nofollow_addresses(page),
            noindex=is_noindex(page, capture.header("x-robots-tag") or ""),
        )
    return replace(
        record,
        charset=decoded.charset,
        notes=tuple(
            filter(None, (unpacked, *decoded.notes, *page.notes, SHELL if is_shell and _is_bare(record) else ""))
        ),
        is_unfinished=not (_END.search(decoded.text[-_AT_END:]) or _END.search(decoded.text)),
    )


def _is_bare(record: Record) -> bool:
    """Whether nothing was read of a page that is meant to be read."""
    is_told = record.soft_gone or record.blocked or record.needs_fallback or record.kind in _UNREAD
    return not is_told and not has_body(record)


def _requisites(page: ParsedPage, profile: Profile | None) -> tuple[str, ...]:
    if profile is None or profile.crawl.requisites == "none":
        return ()
    return requisites_of(page, scripts=profile.crawl.requisite_scripts)


def _read_other(capture: Capture, profile: Profile | None, file_text: ReadFile | None, *, links: bool) -> Record | None:
    """Return the record of the answer of an API, a sitemap, a feed or a file; None for a page."""
    if profile is not None and is_api(profile, capture.url, capture.visited_at):
        return read_api(capture, profile, links=links)
    what = not_html(capture.body, capture.media_type)
    if what is None and not starts_list(capture.body[:SNIFFED].decode("latin-1")):  # lists are also sent as text/html
        return None
    listing = read_list(capture)
    if listing is not None:
        return listing
    if what is None:
        return Record(kind="file", notes=("not HTML but a list",))
    record = read_file(capture, profile, what, file_text)
    if profile is None or profile.crawl.requisites == "none":
        return record
    return replace(record, requisites=requisites_of_css(capture))


def read_list(capture: Capture) -> Record | None:
    """Return the record of a sitemap or a feed; None when the capture is neither."""
    listing = read_listing(capture)
    return None if listing is None else _of_listing(listing, capture)


def read_plain_list(capture: Capture) -> Record | None:
    """Return the record of a plain list of addresses, whatever its name and its type; None when it is anything else."""
    listing = read_addresses(capture)
    return None if listing is None else _of_listing(listing, capture)


def _of_listing(listing: Listing, capture: Capture) -> Record:
    found = [(absolute(capture.url, address), moment) for address, moment in listing.items]
    items = tuple((address, moment) for address, moment in found if address is not None)
    maps = tuple(url for address in listing.maps if (url := absolute(capture.url, address)) is not None)
    notes = (listing.note,) if listing.note else ()
    return Record(kind=listing.kind, hints=items, maps=maps, notes=notes)


def ends_at_login(capture: Capture, profile: Profile | None, *, is_expected: bool) -> bool:
    """Return whether a page at which redirects end is there to log in; see `is_login`."""
    if not_html(capture.body, capture.media_type):
        return False
    page, decoded = open_page(capture, profile)
    return is_login(page, decoded.text, titles_of(page), is_expected=is_expected)


def article_links(capture: Capture, profile: Profile, rule: str = "") -> tuple[tuple[str, ...], str | None, str]:
    """Return the parts of its article that a page names, the earlier part if it is a later one, and the rule.

    `rule`: a `continues` rule; without one, that of the page's template.
    """
    if not capture.body or not_html(capture.body, capture.media_type):
        return (), None, rule
    page, _ = open_page(capture, profile)
    if not rule:
        kind, _ = choose(profile, capture.url, capture.visited_at, page)
        rule = kind.continues if kind is not None and kind.kind == "article" else ""
    if not rule:
        return (), None, rule
    parts = parts_named(page, rule)
    return parts, earlier_part(page, rule, parts, declared(page).canonical), rule


def _read_page(page: ParsedPage, kind: PageKind | None, *, links: bool) -> tuple[Record, Gathered]:
    chosen = kind or _GENERIC
    record = Record(kind=chosen.kind, template=kind.template if kind else "")
    gathered = Gathered()
    page.is_ruled = bool(chosen.fields)
    if chosen.kind in _UNREAD:
        return replace(record, soft_gone=is_gone(page, chosen.gone, chosen.ignore)), gathered
    readings = gather_readings(chosen.readings, page, gathered)
    if links:
        record = _with_links(record, page, chosen)
    if is_gone(page, chosen.gone, chosen.ignore):
        return replace(record, soft_gone=True, readings=readings, sources=tuple(gathered.sources.items())), gathered
    can_fall_back = chosen.kind == "article" and chosen.fallback
    if chosen.fields or chosen.kind == "article":
        page.cut(chosen.ignore)
        if chosen.continues:
            cut_links(page, chosen.continues)
        gather_fields(chosen.fields, page, gathered, fallback=can_fall_back)
    if can_fall_back:
        fill_declared(page, gathered)
        settle_date(page, gathered)
        page.notes += [page.slots.problem] if page.slots.problem else []
        leave_out_claims(page, gathered)
    if links and chosen.kind == "article":
        record = replace(record, links=_article_links(record, page, chosen, gathered))
    needs, drift = can_fall_back and gathered.wants("body"), evidence_of_drift(page, kind, gathered, record)
    return gathered.onto(record, readings=readings, needs_fallback=needs, **drift), gathered


def _with_links(record: Record, page: ParsedPage, kind: PageKind) -> Record:
    nodes = nodes_outside_frame(page, kind.ignore) if kind.follow is None and kind.kind != "article" else []
    if kind.follow is not None:
        found = selected(kind.follow, page)
        addresses = tuple(link.url for link in found)
    else:
        found = links_and_refreshes(nodes, page) if kind.kind != "article" else ()
        addresses = every_address(page)
    (following, posts), said = paging(kind.next, page), declared(page)
    parts = parts_named(page, kind.continues) if kind.continues else ()
    return replace(
        record,
        items=listed_items(found, nodes, following, page, kind) if kind.kind == "listing" else None,
        name=name_of(page) if kind.kind == "listing" else "",
        continues=parts,
        part_of=earlier_part(page, kind.continues, parts, said.canonical) if kind.continues else None,
        links=found,
        follow=addresses,
        next=following,
        postbacks=posts,
        feeds=said.feeds,
        canonical=said.canonical,
    )


def _followed(record: Record, page: ParsedPage, kind: PageKind | None, html: str, capture: Capture) -> tuple[str, ...]:
    """Return the addresses to follow, with those that the page gives by other means than links."""
    if kind is not None and kind.follow is not None:
        return (*record.follow, record.part_of) if record.part_of else record.follow
    others = dict.fromkeys((*record.follow, *other_addresses(page, html, capture)))
    return tuple(url for url in others if url not in record.continues or url == record.part_of)


def _article_links(record: Record, page: ParsedPage, kind: PageKind, gathered: Gathered) -> tuple[Link, ...]:
    """Return the links of an article's content; where no node gave the body, those outside the page's frame."""
    if gathered.bodies:
        return _content_links(page, gathered)
    return record.links if kind.follow is not None else links_outside_frame(page, ())


def _content_links(page: ParsedPage, gathered: Gathered) -> tuple[Link, ...]:
    return links_within([*gathered.bodies, *gathered.field_nodes], page)


def _with_guess(record: Record, page: ParsedPage, gathered: Gathered, guess: Guess, *, links: bool) -> Record:
    """Return the record with a body from the last fallback. Its failure is noted, and the other fields are kept."""
    try:
        fill_guessed(page, gathered, guess)
    except FallbackFailed as failed:
        gathered.unread |= {name for name in UNREAD_WITH_BODY if gathered.wants(name)}
        page.notes.append(unasked(str(failed)))
    leave_out_claims(page, gathered)
    body_images(page, gathered)
    body_files(page, gathered)
    if links and gathered.bodies:
        record = replace(record, links=_content_links(page, gathered))
    return gathered.onto(record, needs_fallback=False)
