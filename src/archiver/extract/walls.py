"""Pages that are no answer, whatever their status says: a challenge to prove that one is human, a login wall.

Known by what their makers leave in them, and only where there is next to nothing to read: an article with a captcha
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
_WIDGETS = ("cf-turnstile", "g-recaptcha", "h-captcha")  # stand in login boxes and below comments, too
_LOGIN = re.compile(
    r"/(?:wp-)?(?:log-?in|sign-?in|logon|dang-?nhap|connexion|anmelden|acceder)(?:[/.?]|$)", re.IGNORECASE
)
_LITTLE = 800  # characters; what is longer is something to read
_NEXT_TO_NOTHING = 300


def wall(page: ParsedPage, html: str, capture: Capture, record: Record) -> str:
    """Why this is no answer, in words; "" when it is one.

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
    return "it asks for a name and a password" if _asks_for_password(page, html) else ""


def _asks_for_password(page: ParsedPage, html: str) -> bool:
    """Whether a reader sees a field for a password."""
    if "password" not in html.lower():
        return False
    verdicts = dict.fromkeys(page.hidden, True)
    return any(not is_within(node, verdicts) for node in page.document.css("input[type='password' i]"))


def _is_read(record: Record) -> bool:
    """Whether the profile's own rules found a text."""
    return any(name == "body" and source.rank > 0 for name, source in record.sources)


def asks_to_log_in(url: str) -> bool:
    """Whether an address is, by its own words, where one logs in."""
    parts = urlsplit(url)
    return bool(_LOGIN.search(parts.path)) or "authenticate.aspx" in parts.path.lower()
