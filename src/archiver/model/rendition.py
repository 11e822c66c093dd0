"""What a browser made of a page: its document, a screenshot, the log of its requests, and the answers it got."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from archiver.model.capture import Capture, Request

DOM = "dom"
SCREENSHOT = "screenshot"
REQUESTS = "requests"

BROWSER = "browser"
"""The value of `via` of what a browser requested or made."""

BoxOf = tuple[int, int, int, int]
"""Where an element is in a screenshot: left, top, width and height, in CSS pixels."""

MOST_BOXES = 20
"""The boxes of each kind that are noted."""

METHOD = "RENDER"
"""The method of the request of a rendition, which no server got."""

CONTENT_TYPES = {DOM: "text/html; charset=utf-8", SCREENSHOT: "image/png", REQUESTS: "application/json"}
"""The Content-Type of renditions by kind, in full."""

_KINDS = {DOM: DOM, SCREENSHOT: SCREENSHOT, REQUESTS: REQUESTS} | dict.fromkeys(
    ("view", "fullPage", "fullPageFinal"), SCREENSHOT
)
"""The kinds by the names in addresses; browsertrix-crawler names its screenshots `urn:view:` and `urn:fullPage:`."""

Fetch = Callable[[Request], Awaitable[Capture]]
"""Sends a request that a page made in the browser. Raises `NotFetched` when it may not be sent."""


def urn(kind: str, url: str) -> str:
    """Return the address of a rendition of a page, as in WARC files: `urn:dom:http://…`."""
    return f"urn:{kind}:{url}"


def kind_and_page(address: str) -> tuple[str, str] | None:
    """Return the kind of the rendition at an address, and the address of its page; None for any other address."""
    scheme, _, rest = address.partition(":")
    name, _, url = rest.partition(":")
    if scheme.lower() != "urn" or name not in _KINDS or not url.lower().startswith(("http://", "https://")):
        return None
    return _KINDS[name], url.partition("#")[0]


class NotFetched(Exception):
    """A request of a page in the browser was not sent. The message says why, in a few words: `robots.txt`."""


@dataclass(frozen=True, slots=True)
class RequestLogged:
    """One request that a page made in the browser.

    Attributes:
        url: the address, without fragment.
        method: GET, POST, …
        type: what it was for, as the browser names it: Document, Stylesheet, Image, Font, Script, XHR, Fetch, …
        status: the HTTP status of the answer; None without one.
        media_type: of the answer.
        protocol: of the answer, as its status line says: `HTTP/1.1`.
        sha256: of the decoded body, hex.
        from_cache: the browser had the answer from an earlier page of the run; no request was sent.
        refused: why no request was sent: `ads`, `fonts`, `robots.txt`, `private address`, `too many requests`, ….
    """

    url: str
    method: str = "GET"
    type: str = ""
    status: int | None = None
    media_type: str | None = None
    protocol: str = ""
    sha256: str = ""
    from_cache: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class MadeBy:
    """How a rendition was made.

    Attributes:
        browser: name and version: `Chromium 156.0.8078.114`.
        script: the version of the archiver's script that drives it.
        viewport: `1280x1000`.
        waited: what was waited for, and whether it came: `selector .article`, `quiet`, `time limit`.
        actions: what was done, with how often: `click .more ×3`.
        final_url: the address of the document at the end (a script may change it).
        counters: where the counters of the page are in the screenshot.
        floating: where elements are that stay in place while the page scrolls (`position: fixed` or `sticky`).
        language, timezone: what scripts were told, by the profile; "" for the browser's own: en, UTC.
        shows: a digest of the content and the layout that the document shows; "" when a screenshot is kept in any case.
    """

    browser: str
    script: str
    viewport: str
    waited: str = ""
    actions: tuple[str, ...] = ()
    final_url: str = ""
    counters: tuple[BoxOf, ...] = ()
    floating: tuple[BoxOf, ...] = ()
    language: str = ""
    timezone: str = ""
    shows: str = ""

    def as_json(self) -> str:
        """Return it as JSON, keys sorted: the column `made_by`. What may be empty is left out then."""
        values = {name: value for name, value in asdict(self).items() if value or name not in _IF_ANY}
        return json.dumps(values, ensure_ascii=False, sort_keys=True)


_IF_ANY = ("counters", "floating", "language", "timezone", "shows")
_PARTS = 4
_FAR = 100_000  # pixels


def parse_made_by(text: str) -> MadeBy:
    """Return how a rendition was made, from the column `made_by`; what is not known is "". Rows may be imported."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    values: dict[str, object] = found if isinstance(found, dict) else {}
    actions = values.get("actions")
    return MadeBy(
        browser=_text(values.get("browser")),
        script=_text(values.get("script")),
        viewport=_text(values.get("viewport")),
        waited=_text(values.get("waited")),
        actions=tuple(str(each) for each in actions) if isinstance(actions, list) else (),
        final_url=_text(values.get("final_url")),
        counters=parse_boxes(values.get("counters")),
        floating=parse_boxes(values.get("floating")),
        language=_text(values.get("language")),
        timezone=_text(values.get("timezone")),
        shows=_text(values.get("shows")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def parse_boxes(value: object) -> tuple[BoxOf, ...]:
    """Return the boxes in a JSON value, at most `MOST_BOXES`; what is no box is left out."""
    found = []
    for each in value[:MOST_BOXES] if isinstance(value, list) else ():
        parts = each if isinstance(each, list) else []
        if all(type(part) is int and abs(part) < _FAR for part in parts) and len(parts) == _PARTS:
            found.append((parts[0], parts[1], parts[2], parts[3]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a browser made of one page.

    Attributes:
        made_by: how.
        at: when it was complete, UTC.
        milliseconds: the wall time of rendering.
        dom: the document at the end, as HTML in UTF-8, with declarative shadow roots; b"" when there is none.
        screenshot: the whole page (bounded) as PNG; b"" when there is none.
        requests: what the page requested, in order.
        responses: the answers that were fetched for it, not those from the cache and not the page's own.
        failure: why there is no document, in a few words: `the page's scripts did not end within 30 s`; "" otherwise.
        notes: remarks: `a dialog was closed`, `a download was refused`.
    """

    made_by: MadeBy
    at: datetime
    milliseconds: int
    dom: bytes = b""
    screenshot: bytes = b""
    requests: tuple[RequestLogged, ...] = ()
    responses: tuple[Capture, ...] = ()
    failure: str = ""
    notes: tuple[str, ...] = ()
