"""Opens a capture as a parsed page: the body that the server sent, or the document that a browser made of it."""

import re
from dataclasses import dataclass, replace

from archiver.extract.api import open_answer
from archiver.extract.choose import choose, is_api
from archiver.extract.listed import unpacked_page
from archiver.extract.media import is_xml, not_html
from archiver.extract.page import ParsedPage
from archiver.extract.shell import is_shell
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile, RenderRules
from archiver.text.charset import Decoded, decode

_LITTLE = 400
"""Characters: a page with less text outside `noscript` may have all of it inside."""
_NOSCRIPT = re.compile(r"<(/?)noscript\b[^>]{0,1000}>", re.IGNORECASE)
_HTML = ((b"Content-Type", b"text/html; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class PageBytes:
    """The bytes that a record is read from.

    Attributes:
        capture: the capture, with the browser's document as its body when `is_rendered`.
        failure: why there is no document, though the profile wants one and a browser opened the page; else "".
    """

    capture: Capture
    is_rendered: bool = False
    failure: str = ""


def page_bytes(capture: Capture, profile: Profile | None) -> PageBytes:
    """Return the bytes that a record of a capture is read from.

    The table that fits the page decides, by its `render`. A page without a table is read from the browser's document,
    if there is one. A capture that no browser opened, such as one from before `render` was set, is read as it was sent.
    """
    dom = capture.dom
    if dom is None or not_html(capture.body, capture.media_type):
        return PageBytes(capture)
    rendered = replace(capture, body=dom.body, headers=_HTML)
    kind = None
    if profile is not None and profile.pages:
        shown = rendered if dom.body else capture
        kind = _kind_of(parse_capture(shown, profile)[0], shown, profile)
    if kind is None:
        return PageBytes(rendered, is_rendered=True) if dom.body else PageBytes(capture)
    if kind.render is None:
        return PageBytes(capture)
    if kind.render.when == "when-empty" and not is_shell(parse_capture(capture, profile)[0]):
        return PageBytes(capture)
    if not dom.body:
        return PageBytes(capture, failure=dom.note or "the browser made no document of it")
    return PageBytes(rendered, is_rendered=True)


def render_rules(capture: Capture, profile: Profile | None, asked: RenderRules | None = None) -> RenderRules | None:
    """Return how a browser opens the page of a plain capture; None when it is not to be opened.

    With `when-empty` only when the page looks like a shell; the caller checks whether it has a body.

    Args:
        capture: the plain capture.
        profile: the table that fits the page decides.
        asked: the rules where no table decides. With `always` each page is opened, also one that looks like no shell.
    """
    if not_html(capture.body, capture.media_type) or not (asked or (profile and profile.may_render)):
        return None
    page, _ = parse_capture(capture, profile)
    kind = _kind_of(page, capture, profile)
    rules = (kind.render if kind is not None else None) or asked
    if rules is None:
        return None
    if asked is not None and asked.when == "always":
        rules = replace(rules, when="always")
    if rules.when == "when-empty" and not is_shell(page):
        return None
    return rules if kind is None else replace(rules, counters=_counters(kind))


def _counters(kind: PageKind) -> tuple[str, ...]:
    """Return where the counters of a page are."""
    rules = (rule for _, rules in kind.readings for rule in rules)
    return tuple(rule.selector for rule in rules if rule.kind == "css")


def _kind_of(page: ParsedPage, capture: Capture, profile: Profile | None) -> PageKind | None:
    return choose(profile, capture.url, capture.visited_at, page)[0] if profile is not None else None


def open_page(capture: Capture, profile: Profile | None) -> tuple[ParsedPage, Decoded]:
    """Return the page that a record of a capture is read from, decoded and parsed; see `page_bytes`.

    The answer of an API is a page with the value of its JSON.
    """
    if profile is not None and is_api(profile, capture.url, capture.visited_at):
        opened = open_answer(unpacked_page(capture)[0], profile)
        return opened.page, Decoded("", opened.charset, "utf-8")
    return parse_capture(page_bytes(capture, profile).capture, profile)


def parse_capture(capture: Capture, profile: Profile | None) -> tuple[ParsedPage, Decoded]:
    """Return the body of a capture, decoded and parsed. Text that a page shows only without scripts is included."""
    capture, _ = unpacked_page(capture)
    decoded = decode_capture(capture, profile)
    return parse_decoded(decoded, capture, profile), decoded


def decode_capture(capture: Capture, profile: Profile | None) -> Decoded:
    """Return the text of a capture."""
    return decode(capture.body, capture.header("content-type"), profile.site.language if profile else None)


def parse_decoded(decoded: Decoded, capture: Capture, profile: Profile | None) -> ParsedPage:
    """Return the parsed text of a capture."""
    site, text = profile.site if profile else None, decoded.text
    page = ParsedPage(text, capture.url, site, decoded.charset, is_xml=is_xml(text, capture.media_type))
    if "<noscript" in text and page.says_at_most(_LITTLE):
        without = ParsedPage(_NOSCRIPT.sub(r"<\1div>", text), capture.url, site, decoded.charset)
        if not without.says_at_most(_LITTLE):
            without.notes.append("the page shows its text only without scripts (noscript)")
            return without
    return page
