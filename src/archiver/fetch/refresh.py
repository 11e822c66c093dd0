"""Recognises answers that are nothing but a refresh to another address: they are redirects, though their status is 200.

A page with content of its own that refreshes itself, or that leads on after a while, is a page.
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from archiver.model.capture import HTML_TYPES, Capture, Outcome
from archiver.text.refresh import refresh_of
from archiver.text.url import absolute

_MOST_BYTES = 16_384  # of a body that may be nothing but a refresh
_MOST_TEXT = 300  # characters
_MOST_LINKS = 2  # addresses: the target, and perhaps the home page
_LONGEST = 10  # seconds
_UNSEEN = 1  # seconds; a picture that is shown for so short a time is no content
_TYPES = (None, *HTML_TYPES, "text/plain")

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*\"|\[\s*[\[{\"])")
"""How the answer of an API begins; HTML in one of its texts is no markup of the answer, whatever its type is."""
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN = re.compile(r"<(script|style|title|noscript|template)\b.*?(?:</\1\s*+>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*+>")
_META = re.compile(r"<meta\b((?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+'){1,4000}+)>", re.IGNORECASE)
_BASE = re.compile(r"<base\b[^<>]*?\bhref\s*+=\s*+(?:\"([^\"<>]*+)\"|'([^'<>]*+)'|([^\s\"'<>]++))", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(http-equiv|content)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))", re.IGNORECASE)
_LINK = re.compile(r"<a\b[^<>]*?\bhref\s*+=\s*+(?:\"([^\"<>]*+)\"|'([^'<>]*+)'|([^\s\"'<>]++))", re.IGNORECASE)
_CONTENT = re.compile(r"<(?:form|frame|frameset|iframe|object|embed|video|audio|canvas|table)\b", re.IGNORECASE)
_HEADING = re.compile(r"<h[1-6]\b", re.IGNORECASE)
_LEADS_ON = re.compile(
    r">[^<>]*\b(?:redirect|redirig|weiterleit|doorgest|moved\b|forward|please wait\b)", re.IGNORECASE
)
_PICTURE = re.compile(r"<(?:img|picture|svg)\b", re.IGNORECASE)


def followed(capture: Capture) -> Capture:
    """Return the capture as a redirect, if its answer is nothing but a refresh to another address; else unchanged.

    The evidence (status, head and body) stays as it was sent. A robots.txt has no refresh.
    """
    if not capture.outcome.traits.has_body or len(capture.body) > _MOST_BYTES:
        return capture
    if capture.status is None or not 200 <= capture.status < 300:  # noqa: PLR2004
        return capture
    if b"refresh" not in capture.block.lower() or urlsplit(capture.url).path == "/robots.txt":
        return capture
    if capture.body and (capture.media_type not in _TYPES or _JSON.match(capture.body)):
        return capture
    target = _target(capture)
    return capture if target is None else replace(capture, outcome=Outcome.MOVED, location=target)


def _target(capture: Capture) -> str | None:
    """Return the other address to which an answer without content of its own leads; None when there is none."""
    markup = _COMMENT.sub("", _text(capture.body))
    shown = _HIDDEN.sub("", markup)
    header = capture.header("refresh")
    found = [(refresh_of(header), capture.url)] if header is not None else []
    base = next((_value(match.groups()) for match in _BASE.finditer(shown)), "")
    base = (absolute(capture.url, base) if base else None) or capture.url
    found += [(refresh_of(value), base) for value in (*_metas(shown), *_as_scripted(markup))]
    found = [(each, start) for each, start in found if each.seconds is not None]
    if not found:
        return None
    (seconds, address), start = min(found, key=lambda each: each[0].seconds or 0)  # the first one to come is made
    target = absolute(start, address) if address else None
    if (seconds or 0) > _LONGEST or target in (None, capture.url.partition("#")[0]):
        return None
    if _CONTENT.search(shown) or ((seconds or 0) > _UNSEEN and _PICTURE.search(shown)):
        return None
    return target if _says_little(markup, shown, lambda link: absolute(base, link) == target) else None


def _as_scripted(markup: str) -> Iterator[str]:
    """Yield the refreshes for clients without scripts that lead to where a script leads the others."""
    hidden = [(match[1].lower(), match[0]) for match in _HIDDEN.finditer(markup)]
    scripts = " ".join(text for name, text in hidden if name == "script")
    for name, text in hidden:
        if name == "noscript":
            yield from (value for value in _metas(text) if refresh_of(value).address in scripts)


def _says_little(markup: str, shown: str, is_target: Callable[[str], bool]) -> bool:
    """Whether the text is short, and no text of a page: under a heading, it links to the target or speaks of it."""
    links = {_value(match.groups()) for match in _LINK.finditer(shown)}
    if len(links) > _MOST_LINKS or len(" ".join(_TAG.sub(" ", shown).split())) > _MOST_TEXT:
        return False
    return not _HEADING.search(shown) or any(map(is_target, links)) or _LEADS_ON.search(markup) is not None


def _metas(shown: str) -> Iterator[str]:
    for match in _META.finditer(shown):
        attributes = {each[1].lower(): _value(each.groups()[1:]) for each in _ATTRIBUTE.finditer(match[1])}
        if attributes.get("http-equiv", "").strip().lower() == "refresh":
            yield attributes.get("content", "")


def _value(groups: tuple[str | None, ...]) -> str:
    return html.unescape(next((each for each in groups if each is not None), ""))


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")
