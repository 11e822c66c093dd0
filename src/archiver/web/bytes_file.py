"""Sends bytes of the archive from the origin of the interface so that a browser never runs them."""

import re

from starlette.requests import Request
from starlette.responses import Response

from archiver.web.answer import BytesFile

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}
"""A redaction or an embargo counts at once: a browser asks each time, and is answered 304 (RFC 9110, 15.4.5)."""


def bytes_file(answer: BytesFile, request: Request) -> Response:
    """Return the answer with the bytes, or 304 when the browser has them."""
    tag = f'"{answer.sha256}"'
    headers = {**_HEADERS, "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if answer.name:
        name = re.sub(r"[^\w.-]", "_", answer.name, flags=re.ASCII)
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(answer.body, headers={**headers, "Content-Type": answer.media_type})
