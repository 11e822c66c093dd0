"""Parts of the situations: a page, an answer, and a named situation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Answer = bytes | list[bytes] | Callable[[bytes], bytes]
"""The bytes of an answer; several, one for each request in turn; or a function of the request."""

TITLE = "A plain title"
PARAGRAPHS = tuple(
    f"<p>Paragraph {i} of the article tells about the harvest of rice in the valley, at some length, so that a reader takes it for text.</p>"
    for i in range(6)
)


@dataclass(frozen=True, slots=True)
class Situation:
    """One server. `paths` maps a path with its query to what it answers; other paths answer 404."""

    name: str
    paths: dict[str, Answer]
    want: tuple[str, ...] = ()
    profile: str = ""
    flags: frozenset[str] = field(default_factory=frozenset)


def article(title: str = TITLE, body: str = "", head: str = "") -> bytes:
    """Return a page with an article of six paragraphs."""
    text = body or "".join(PARAGRAPHS)
    page = f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{title}</title>{head}</head>"
    return f"{page}<body><article><h1>{title}</h1>{text}</article></body></html>".encode()


def answer(
    body: bytes | str | None = None,
    status: str = "200 OK",
    headers: Sequence[str | bytes] = (),
    media_type: str = "text/html; charset=utf-8",
    *,
    length: bool = True,
) -> bytes:
    """Return the bytes of an HTTP/1.1 answer that closes the connection."""
    content = article() if body is None else body.encode() if isinstance(body, str) else body
    lines: list[bytes] = [f"HTTP/1.1 {status}".encode()]
    lines += [f"Content-Type: {media_type}".encode()] if media_type else []
    lines += [b"Content-Length: %d" % len(content)] if length else []
    lines += [b"Connection: close", *(line if isinstance(line, bytes) else line.encode() for line in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + content


def redirect(to: str | bytes, status: str = "302 Found", headers: Sequence[str] = ()) -> bytes:
    """Return a redirect."""
    return answer("<p>moved</p>", status, [b"Location: " + (to if isinstance(to, bytes) else to.encode()), *headers])
