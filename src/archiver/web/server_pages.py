"""Pages that are answered without an archive: refusals, and the login."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import RedirectResponse, Response

from archiver.web.links import Links
from archiver.web.rendering import render

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}


def told(prefix: str, status: int, heading: str, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a page with one clear text. `prefix`: the path of the server behind a proxy."""
    return bare_page(prefix, "problem.html", heading, {"status": status, "told": text}, status, headers)


def bare_page(
    prefix: str,
    template: str,
    title: str,
    values: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a page that knows nothing of an archive."""
    frame: dict[str, Any] = {
        "summary": None,
        "now": None,
        "links": Links(prefix, prefix),
        "acts": False,
        "formats": {},
        "sql": "",
        "title": title,
    }
    text = render(template, {**frame, **values})
    return Response(text, status, {**_HEADERS, **(headers or {})}, "text/html; charset=utf-8")


def moved(to: str, cookie: str = "") -> Response:
    """Return a redirect after a form, or to one."""
    return RedirectResponse(to, 303, _HEADERS | ({"Set-Cookie": cookie} if cookie else {}))
