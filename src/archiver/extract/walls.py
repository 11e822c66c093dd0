"""Pages that are no answer, whatever their status says: a challenge to prove that one is human, a login wall.

Known by what their makers leave in them, and only where there is next to nothing to read: an article with a captcha
below its comments, or a page with a login box in its margin, is a page.
"""

import re
from urllib.parse import urlsplit

from archiver.extract.page import Page
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
_PASSWORD = re.compile(r"<input\b[^>]{0,2000}\btype\s*=\s*[\"']?password", re.IGNORECASE)
_LOGIN = re.compile(
    r"/(?:wp-)?(?:log-?in|sign-?in|logon|dang-?nhap|connexion|anmelden|acceder)(?:[/.?]|$)", re.IGNORECASE
)
_LITTLE = 800  # characters; what is longer is something to read
_NEXT_TO_NOTHING = 300


def wall(page: Page, html: str, capture: Capture, record: Record) -> str:
    """Why this is no answer, in words; "" when it is one."""
    if (capture.header("cf-mitigated") or "").lower() == "challenge":
        return "a challenge to prove that one is human"
    found, most = _marked(html, record)
    return found if found and not _is_read(record) and _says_at_most(page, most) else ""


def _marked(html: str, record: Record) -> tuple[str, int]:
    """What the page asks for, and how many characters it may say beside that."""
    if any(mark in html for mark in _CHALLENGES):
        return "a challenge to prove that one is human", _LITTLE
    if record.follow:
        return "", 0
    if any(mark in html for mark in _WIDGETS):
        return "a challenge to prove that one is human", _NEXT_TO_NOTHING
    asks = "password" in html and _PASSWORD.search(html)
    return ("it asks for a name and a password", _LITTLE) if asks else ("", 0)


def _is_read(record: Record) -> bool:
    """Whether the profile's own rules found a text."""
    return any(name == "body" and source.rank > 0 for name, source in record.sources)


def _says_at_most(page: Page, characters: int) -> bool:
    body = page.document.first("body")
    return body is None or len(page.beginning(body, characters + 1)) <= characters


def asks_to_log_in(url: str) -> bool:
    """Whether an address is, by its own words, where one logs in."""
    parts = urlsplit(url)
    return bool(_LOGIN.search(parts.path)) or "authenticate.aspx" in parts.path.lower()
