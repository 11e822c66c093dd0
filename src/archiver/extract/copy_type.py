"""Decide how a browser is given a captured body: as a page, a style sheet, an image, text, or a file to save."""

import re
from dataclasses import dataclass
from typing import Literal

from archiver.extract.css import css_text, declared_charset
from archiver.extract.media import not_html
from archiver.model.capture import HTML_TYPES, Capture
from archiver.text.charset import decode

Form = Literal["page", "style", "shown", "text", "file"]
_SHOWN = re.compile(r"(?:image|audio|video|font)/[a-z0-9.+-]{1,60}")
_FONTS = re.compile(r"application/(?:x-)?(?:font|vnd\.ms-fontobject)[a-z0-9.+-]{0,40}")
_TEXT = re.compile(r"text/[a-z0-9.+-]{1,60}|application/(?:[a-z0-9.-]{1,40}\+)?(?:json|xml|javascript|x-javascript)")
_SIGNATURES = (
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"OTTO", "font/otf"),
    (b"\x00\x01\x00\x00", "font/ttf"),
)
_WEBP = re.compile(rb"RIFF....WEBP", re.DOTALL)
_NOT_PAGES = ("im_", "cs_", "js_", "oe_")
_SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml.{0,300}?\?>\s*)?(?:<!--.{0,500}?-->\s*|<!doctype svg[^>]{0,300}>\s*)*<svg[\s>]",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CopyType:
    """How a body is given: its form, and the media type to send."""

    form: Form
    media_type: str


def copy_type(capture: Capture, modifier: str) -> CopyType:
    """Return how a browser is given a body. The declared type counts unless the first bytes contradict it.

    Args:
        capture: the capture.
        modifier: what it is used as (`im_`, `cs_`, …), or "".
    """
    body, declared = capture.body, capture.media_type or ""
    is_page = not_html(body, capture.media_type) is None and not _SVG.match(body[:2000])
    if is_page and modifier not in _NOT_PAGES:
        return CopyType("page", "text/html; charset=utf-8")
    if declared == "text/css" or (modifier == "cs_" and declared not in HTML_TYPES and not _shown(body, "")):
        return CopyType("style", "text/css; charset=utf-8")
    if shown := _shown(body, declared):
        return CopyType("shown", shown)
    if is_page or _TEXT.fullmatch(declared):
        return CopyType("text", "text/plain; charset=utf-8")
    return CopyType(
        "file", declared if re.fullmatch(r"[a-z]{1,20}/[a-z0-9.+-]{1,80}", declared) else "application/octet-stream"
    )


def _shown(body: bytes, declared: str) -> str:
    """Return the media type of what a browser shows by itself; "" for other bodies."""
    if _SVG.match(body[:2000]):
        return "image/svg+xml"
    for signature, media_type in _SIGNATURES:
        if body.startswith(signature) and not (signature == b"BM" and declared.startswith("text/")):
            return media_type
    if _WEBP.match(body):
        return "image/webp"
    is_shown = _SHOWN.fullmatch(declared) or _FONTS.fullmatch(declared)
    return declared if is_shown and declared != "image/svg+xml" else ""


def plain_text(capture: Capture) -> str:
    """Return a body as text."""
    return decode(capture.body, capture.header("content-type")).text


def style_text(capture: Capture) -> str:
    """Return a style sheet as text."""
    return css_text(capture.body, declared_charset(capture.header("content-type")))
