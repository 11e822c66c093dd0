"""Read a record from the answer of an API: JSON at an address for which the profile has a `[[page]] kind = "api"`.

    parse → which table (choose) → HTML of the body → readings → gone? → fields → items and addresses → record

The HTML in the answer becomes the document of the page, so that it is read as the body of any page is.
"""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from archiver.extract.address_template import addresses_of, expanded, next_address
from archiver.extract.api_drift import evidence_of_drift
from archiver.extract.choose import choose
from archiver.extract.gather import gather_fields, gather_readings
from archiver.extract.gathered import Gathered
from archiver.extract.gone import is_gone
from archiver.extract.json_answer import JsonAnswer, NotJson, read_answer
from archiver.extract.json_path import find
from archiver.extract.json_rules import html_line, html_rule, scalars
from archiver.extract.links import MOST_LINKS, every_address, is_noindex, links_within
from archiver.extract.listed_items import MOST_ITEMS
from archiver.extract.media import is_xml
from archiver.extract.page import ParsedPage
from archiver.extract.printed_captions import fill_captions
from archiver.extract.walls import wall
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile
from archiver.model.record import Link, ListedItem, Record
from archiver.text.charset import decode
from archiver.text.url import absolute

_LONGEST_HEADLINE = 1_000


@dataclass(frozen=True, slots=True)
class OpenedAnswer:
    """The answer of an API as a page for the rules.

    Attributes:
        page: its document is the HTML of the body; `page.answer` is None when it is no JSON.
        kind: the table that reads it.
        address: where people read the record; "" when that is not known.
        problem: why it is not read; "" when it is.
    """

    page: ParsedPage
    kind: PageKind | None
    charset: str = "utf-8"
    address: str = ""
    problem: str = ""


class _Listed(NamedTuple):
    """What a list leads to: its items, the links and addresses of all of them, and the next list."""

    items: tuple[ListedItem, ...] = ()
    links: tuple[Link, ...] = ()
    follow: tuple[str, ...] = ()
    next: tuple[str, ...] = ()


def open_answer(capture: Capture, profile: Profile) -> OpenedAnswer:
    """Return a capture as a page for the rules of the tables of the kind `api`."""
    page = ParsedPage("", capture.url, profile.site)
    problem = ""
    try:
        page.answer = read_answer(capture.body, capture.header("content-type"), profile.site.language)
    except NotJson as why:
        problem = str(why)
    kind, note = choose(profile, capture.url, capture.visited_at, page)
    if kind is None or page.answer is None:
        return OpenedAnswer(page, kind, problem=problem)
    answer, address = page.answer, _address(kind, page.answer, capture, profile)
    rule, html, place = html_rule(kind, page)
    page = ParsedPage(f"<body>{html}", address or capture.url, profile.site)
    page.answer, page.html_rule, page.html_pointer, page.is_ruled = answer, rule, place, True
    page.notes = [*answer.notes, *filter(None, (note,)), *page.notes]
    return OpenedAnswer(page, kind, answer.charset, address)


def _address(kind: PageKind, answer: JsonAnswer, capture: Capture, profile: Profile) -> str:
    text = next(expanded(kind.address, answer.value), "") if kind.address else ""
    return absolute(profile.site.home or capture.url, text) or "" if text else ""


def read_api(capture: Capture, profile: Profile, *, links: bool = True) -> Record:
    """Return the record of the answer of an API.

    Args:
        capture: the evidence, not empty.
        profile: the site's profile, with a table of the kind `api` for its address.
        links: read the items, and the addresses to follow, too.
    """
    opened = open_answer(capture, profile)
    page, kind = opened.page, opened.kind
    if kind is None or page.answer is None:
        return _not_json(opened, capture, profile)
    record = Record(kind=kind.record_kind, template=kind.template, charset=opened.charset)
    gathered = Gathered()
    readings = gather_readings(kind.readings, page, gathered)
    if is_gone(page, kind.gone):
        record = replace(record, soft_gone=True, readings=readings, sources=tuple(gathered.sources.items()))
        return replace(record, notes=tuple(page.notes))
    page.cut(kind.ignore)
    gather_fields(kind.fields, page, gathered)
    if gathered.bodies and gathered.wants("captions"):
        fill_captions(page, gathered)
    listed = _listed(kind, page, capture.url)
    drift = evidence_of_drift(page, kind, gathered, has_addresses=bool(listed.follow))
    record = gathered.onto(record, readings=readings, **drift)
    record = _with_links(record, kind, opened, gathered, listed, capture) if links else record
    return replace(record, notes=tuple(page.notes))


def _with_links(
    record: Record, kind: PageKind, opened: OpenedAnswer, gathered: Gathered, listed: _Listed, capture: Capture
) -> Record:
    """Return a record with its items, and the addresses that it leads to."""
    page = opened.page
    follow = every_address(page) if kind.follow is None else listed.follow
    return replace(
        record,
        items=listed.items if kind.items else None,
        links=listed.links if kind.items else links_within(gathered.bodies, page),
        name=record.content.title or "" if kind.items else "",
        follow=follow,
        next=listed.next,
        canonical=opened.address or None,
        noindex=is_noindex(page, capture.header("x-robots-tag") or ""),
    )


def _not_json(opened: OpenedAnswer, capture: Capture, profile: Profile) -> Record:
    """Return the record of an answer that is no JSON: an HTML page may be a wall, anything else has no content."""
    template = opened.kind.template if opened.kind is not None else ""
    decoded = decode(capture.body, capture.header("content-type"), profile.site.language)
    if decoded.is_text and decoded.text.lstrip("\ufeff \t\r\n").startswith("<"):
        html = decoded.text
        shown = ParsedPage(html, capture.url, profile.site, decoded.charset, is_xml=is_xml(html, capture.media_type))
        if why := wall(shown, html, capture, Record()):
            return Record(blocked=why)
        return Record(template=template, charset=decoded.charset, notes=("not JSON but HTML",))
    return Record(template=template, charset=decoded.charset, notes=(opened.problem,))


def _listed(kind: PageKind, page: ParsedPage, url: str) -> _Listed:
    """Return the items of a list, or the addresses that an article leads to."""
    answer = page.answer.value if page.answer is not None else None
    if not kind.items:
        found = (each for rule in kind.follow or () for each in addresses_of(rule, answer, url))
        return _Listed(follow=tuple(islice(dict.fromkeys(found), MOST_LINKS)))
    entries = next((each.value for each in find(answer, kind.items) if isinstance(each.value, list)), [])
    links: dict[str, Link] = {}
    follow: dict[str, None] = {}
    without = 0
    for entry in entries[:MOST_LINKS]:
        addresses = [each for rule in kind.follow or () for each in addresses_of(rule, entry, url)]
        without += not addresses
        follow.update(dict.fromkeys(addresses))
        if addresses:
            links.setdefault(addresses[0], Link(addresses[0], _headline(kind, entry, page)))
    if without:
        page.notes.append(f"items: {without} of {len(entries)} give no address")
    if len(entries) > MOST_LINKS:
        page.notes.append(f"items: more than {MOST_LINKS}; the rest was not read")
    following = next_address(kind.next, answer, url) if entries else None
    listed = tuple(ListedItem(each.url, each.text) for each in islice(links.values(), MOST_ITEMS))
    return _Listed(listed, tuple(links.values()), tuple(follow), (following,) if following else ())


def _headline(kind: PageKind, entry: Any, page: ParsedPage) -> str:  # noqa: ANN401  (JSON)
    texts = (text for text, _ in scalars(entry, kind.headline)) if kind.headline else iter(())
    return html_line(next(texts, ""), page)[:_LONGEST_HEADLINE]
