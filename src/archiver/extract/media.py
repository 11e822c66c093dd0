"""Decide whether a body is HTML, and by which rules: by the declared type, unless the first bytes contradict it."""

import re

from archiver.extract.file_format import starts_pdf
from archiver.model.capture import HTML_TYPES

_VAGUE_TYPES = (None, "", "application/octet-stream", "application/xml", "text/xml", "unknown/unknown", "text")
_XML_TYPES = ("application/xhtml+xml", "application/xml", "text/xml")
_LOOKED_AT = 1024
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|h1|div|table|meta)[\s>/]", re.IGNORECASE)
_PAGE_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!doctype\s+html|<html)[\s>]", re.IGNORECASE)
"""How a page begins, whatever type the server declares: an error page at the address of a PDF often has its type."""
_OFFICE_TYPES = ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-word")
_OFFICE_NAMESPACE = b"urn:schemas-microsoft-com:office"
_SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive (or an Office document)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"\x00\x00\x00\x18ftyp", "a film"),
    (b"ID3", "sound"),
)


def not_html(body: bytes, media_type: str | None) -> str | None:
    """Return what a body is instead of HTML, as text; None when it is read as HTML."""
    for signature, what in _SIGNATURES:
        if body.startswith(signature):
            return what
    if media_type in HTML_TYPES or (_PAGE_START.match(body) and not _is_office_page(body, media_type)):
        return None
    if starts_pdf(body) and not (media_type or "").startswith("text/"):
        return "a PDF document"
    if media_type in _VAGUE_TYPES and _MARKUP.search(body[:_LOOKED_AT].replace(b"\0", b"")):  # UTF-16 has NULs
        return None
    return media_type or "of no declared type"


def _is_office_page(body: bytes, media_type: str | None) -> bool:
    """Return whether it is a document that an office program saved as HTML."""
    return media_type in _OFFICE_TYPES and _OFFICE_NAMESPACE in body[: 4 * _LOOKED_AT]


def is_xml(text: str, media_type: str | None) -> bool:
    """Whether a page is read by the rules of XML: one of an XML type, or without a type and with XML's first bytes.

    A page declared as `text/html` is HTML, whatever its doctype says (HTML Standard, "Determining the type").
    """
    if media_type:
        return media_type in _XML_TYPES
    return text[:_LOOKED_AT].lstrip("\ufeff \t\r\n").startswith("<?xml")
