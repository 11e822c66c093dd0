"""Recognise responses that are not the page, whatever their status: challenges, logins, maintenance, server errors.

They have little text and few links, and then marks of known software, or words in their title together with another
sign: a script that proves something, an apology. An article with a captcha below its comments, or about maintenance,
is a page. What is not recognised here is compared with the page's history (`archiver.change.doubtful`).
"""

import re
from typing import NamedTuple

from archiver.extract.login import is_login, title_parts
from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node
from archiver.extract.wall_patterns import (
    APOLOGY,
    CHALLENGE_MARKS,
    CHALLENGE_WORDS,
    ERROR_WORDS,
    FAILURE_WORDS,
    LOADS_AGAIN,
    MAINTENANCE_WORDS,
    SCRIPTED_PROOF,
    SENSOR_MARKS,
    SETS_COOKIE,
    WIDGETS,
)
from archiver.model.capture import Capture
from archiver.model.record import Record

_CHALLENGE = "a challenge to prove that one is human"
_MOST = 2_500  # characters of a page that is looked at; a longer text is content
_LITTLE = 800
_SHORT = 500
_NEXT_TO_NOTHING = 300
_FEW_LINKS = 3
_LONGEST_TITLE = 120
_MOST_HTML = 500_000
_BEGINNING = 200  # characters in which an error message begins


class _Look(NamedTuple):
    """What a page with little text looks like. `text` may lack its end."""

    html: str
    text: str
    titles: tuple[str, ...]
    links: int


def wall(page: ParsedPage, html: str, capture: Capture, record: Record) -> str:
    """Return why this is not the page, as text; "" when it is the page.

    Args:
        page: the parsed page.
        html: the decoded text of the page as it was sent.
        capture: for its headers.
        record: what the rules of a profile found.
    """
    if (capture.header("cf-mitigated") or "").lower() == "challenge" or capture.header("x-amzn-waf-action"):
        return _CHALLENGE
    if _is_read(record) or not page.says_at_most(_MOST):
        return ""
    look = _look(page, html)
    if len(look.text) <= _LITTLE:
        if _is_challenge(look):
            return _CHALLENGE
        if _is_maintenance(look):
            return "a notice that the site is out of service"
        if _is_error(look):
            return "an error message of the server"
    return "a login form" if is_login(page, html, look.titles) else ""


def titles_of(page: ParsedPage) -> tuple[str, ...]:
    """Return the title and the first heading of a page, without empty and long ones."""
    headings = page.document.css("h1, h2, h3")[:1]
    return tuple(title for title in (page.title_line, *map(page.line, headings)) if 0 < len(title) <= _LONGEST_TITLE)


def _look(page: ParsedPage, html: str) -> _Look:
    body = page.document.first("body")
    return _Look(
        html[:_MOST_HTML],
        page.beginning(body, _MOST + 1) if body is not None else "",
        titles_of(page),
        sum(map(_is_link, page.document.css("a[href]"))),
    )


def _is_link(node: Node) -> bool:
    return not (node.attributes.get("href") or "").startswith(("#", "javascript:", "mailto:"))


def _is_challenge(look: _Look) -> bool:
    if any(mark in look.html for mark in CHALLENGE_MARKS):
        return True
    if look.links > _FEW_LINKS or len(look.text) > _SHORT:
        return False
    says_so = any(map(CHALLENGE_WORDS.search, look.titles))
    if len(look.text) <= _NEXT_TO_NOTHING and not look.links:
        if any(mark in look.html for mark in (*SENSOR_MARKS, *WIDGETS)):
            return True
        if SETS_COOKIE.search(look.html) and LOADS_AGAIN.search(look.html):
            return True
        if SCRIPTED_PROOF.search(look.html) and LOADS_AGAIN.search(look.html):
            return True
    has_proof = any(mark in look.html for mark in (*SENSOR_MARKS, *WIDGETS)) or "<script" in look.html
    words = len(CHALLENGE_WORDS.findall(look.text))
    return (says_so and (has_proof or words > 1)) or (has_proof and words > 1)


def _is_maintenance(look: _Look) -> bool:
    if look.links > _FEW_LINKS or len(look.text) > _SHORT:
        return False
    rest = look.text
    for title in look.titles:
        rest = rest.replace(title, "", 1)
    says_so = _is_titled(MAINTENANCE_WORDS, look.titles or (look.text[:_LONGEST_TITLE],))
    return says_so and bool(APOLOGY.search(rest) or not rest.strip())


def _is_error(look: _Look) -> bool:
    if look.links > _FEW_LINKS:
        return False
    found = ERROR_WORDS.search(look.text)
    if found is not None:
        return found.start() <= _BEGINNING and len(look.text) <= _SHORT + len(found[0])
    return len(look.text) <= _NEXT_TO_NOTHING and _is_titled(FAILURE_WORDS, look.titles or (look.text[:_BEGINNING],))


def _is_titled(words: re.Pattern[str], titles: tuple[str, ...]) -> bool:
    """Return whether a part of a title consists of some words to a third or more."""
    parts = [part for title in titles for part in title_parts(title)]
    return any(3 * sum(len(found[0]) for found in words.finditer(part)) >= len(part) for part in parts if part)


def _is_read(record: Record) -> bool:
    """Return whether the profile's own rules found a text."""
    return any(name == "body" and source.rank > 0 for name, source in record.sources)
