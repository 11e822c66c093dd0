"""Recognise responses that are not the page, whatever their status: a challenge for humans, a login wall.

They are recognised by the marks of their software, and only when there is almost no text: an article with a captcha
below its comments, or a page with a login box in its margin, is a page.
"""

import re
from urllib.parse import urlsplit

from archiver.extract.page import ParsedPage
from archiver.extract.tree import is_within
from archiver.model.capture import Capture
from archiver.model.record import Record

_CHALLENGES = (
    "/cdn-cgi/challenge-platform/",
    "_Incapsula_Resource",
    "sucuri_cloudproxy_js",
    "px-captcha",
    "captcha-delivery.com",
    "awsWafCaptcha",
)
_WIDGETS = ("cf-turnstile", "g-recaptcha", "h-captcha")  # also in login boxes and below comments
_LOGIN = re.compile(
    r"/(?:wp-)?(?:log-?in|sign-?in|logon|dang-?nhap|connexion|anmelden|acceder)(?:[/.?]|$)", re.IGNORECASE
)
_LITTLE = 800  # characters; a longer text is content
_NEXT_TO_NOTHING = 300


def wall(page: ParsedPage, html: str, capture: Capture, record: Record) -> str:
    """Return why this is not the page, as text; "" when it is the page.

    Args:
        page: the parsed page.
        html: the decoded text of the page as it was sent.
        capture: for its headers.
        record: what the rules of a profile found.
    """
    if (capture.header("cf-mitigated") or "").lower() == "challenge":
        return "a challenge to prove that one is human"
    if _is_read(record) or not page.says_at_most(_LITTLE):
        return ""
    if any(mark in html for mark in _CHALLENGES):
        return "a challenge to prove that one is human"
    if record.follow:
        return ""
    if page.says_at_most(_NEXT_TO_NOTHING) and any(mark in html for mark in _WIDGETS):
        return "a challenge to prove that one is human"
    return "a login form" if _asks_for_password(page, html) else ""


def _asks_for_password(page: ParsedPage, html: str) -> bool:
    """Return whether the page has a visible field for a password."""
    if "password" not in html.lower():
        return False
    verdicts = dict.fromkeys(page.hidden, True)
    return any(not is_within(node, verdicts) for node in page.document.css("input[type='password' i]"))


def _is_read(record: Record) -> bool:
    """Return whether the profile's own rules found a text."""
    return any(name == "body" and source.rank > 0 for name, source in record.sources)


def asks_to_log_in(url: str) -> bool:
    """Return whether an address is, by its own words, a login page."""
    parts = urlsplit(url)
    return bool(_LOGIN.search(parts.path)) or "authenticate.aspx" in parts.path.lower()
