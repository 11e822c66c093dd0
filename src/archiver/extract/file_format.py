"""Decide the format of a file by its first bytes, then by its declared type, then by the ending of its address.

No archive is opened here: a ZIP archive is an office file when it holds the name of such a file's main part, or, for
OpenDocument, its media type.
"""

import zlib
from enum import StrEnum

from archiver.text.inflate import inflate
from archiver.text.url import extension_of

_PDF_START = 1024
"""A PDF may begin with other bytes, such as a line break (ISO 32000-1, Annex H.3.4.1)."""
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream that holds an office file with a password (MS-OFFCRYPTO, 1.3.3)."""
_HEADER = 30
"""The bytes of a member's header in a ZIP archive, before its name (APPNOTE.TXT, 4.3.7)."""
_DEFLATED = b"\x08\x00"
_LONGEST_TYPE = 100
_OPEN_TEXT = "application/vnd.oasis.opendocument.text"
_OPEN_SHEET = "application/vnd.oasis.opendocument.spreadsheet"
_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_TABLE_TYPES = frozenset(("text/csv", "application/csv", "text/tab-separated-values", "text/x-csv"))
_TEXT_TYPES = frozenset(("application/json", "application/x-ndjson", "text/plain", "text/markdown", "text/x-markdown"))
_TABLE_ENDINGS = frozenset(("csv", "tsv", "tab"))
_TEXT_ENDINGS = frozenset(("txt", "text", "md", "log"))
_OFFICE = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")


class FileFormat(StrEnum):
    """The formats of files. The text of the first six is read. LOCKED is an office file with a password."""

    PDF = "PDF"
    DOCX = "DOCX"
    ODT = "ODT"
    SHEET = "spreadsheet"
    TABLE = "CSV"
    TEXT = "text"
    LOCKED = "locked"
    IMAGE = "image"
    OTHER = "other"


SLOW = frozenset((FileFormat.PDF, FileFormat.DOCX, FileFormat.ODT, FileFormat.SHEET))
"""Formats that a library reads, in a process of its own: a hostile file may crash it."""


def file_format(body: bytes, media_type: str | None, url: str) -> FileFormat:
    """Return the format of a body that is not HTML.

    Args:
        body: the bytes.
        media_type: the declared type, without parameters and in lower case.
        url: the address; its ending counts where the type says little.
    """
    if starts_pdf(body):
        return FileFormat.PDF
    if body.startswith(_ZIP):
        return _in_zip(body, media_type or "", extension_of(url))
    if body.startswith(_IMAGES) or (media_type or "").startswith("image/"):
        return FileFormat.IMAGE
    if body.startswith(_OLE):
        return FileFormat.LOCKED if _ENCRYPTED in body else FileFormat.OTHER
    ending = extension_of(url)
    if media_type in _TABLE_TYPES or ending in _TABLE_ENDINGS:
        return FileFormat.TABLE
    return FileFormat.TEXT if media_type in _TEXT_TYPES or ending in _TEXT_ENDINGS else FileFormat.OTHER


def starts_pdf(body: bytes) -> bool:
    """Return whether the bytes begin like a PDF."""
    return b"%PDF-" in body[:_PDF_START]


def _in_zip(body: bytes, media_type: str, ending: str) -> FileFormat:
    said = _open_document_type(body)
    if not said and b"content.xml" in body:
        said = media_type if media_type.startswith(_OFFICE) else ""
        said = said or {"odt": _OPEN_TEXT, "ott": _OPEN_TEXT, "ods": _OPEN_SHEET, "ots": _OPEN_SHEET}.get(ending, "")
    if said.startswith(_OPEN_TEXT):
        return FileFormat.ODT
    if said.startswith(_OPEN_SHEET):
        return FileFormat.SHEET
    if b"word/document" in body:
        return FileFormat.DOCX
    return FileFormat.SHEET if b"xl/workbook" in body else FileFormat.OTHER


def _open_document_type(body: bytes) -> str:
    """Return the media type that an OpenDocument file gives in its first member, `mimetype`; "" without one.

    The member is stored; careless programs deflate it.
    """
    name_end = _HEADER + int.from_bytes(body[26:28], "little")
    if body[_HEADER:name_end] != b"mimetype":
        return ""
    start = name_end + int.from_bytes(body[28:30], "little")
    data = body[start : start + _LONGEST_TYPE]
    if body[8:10] == _DEFLATED:
        data = inflate(data, -zlib.MAX_WBITS, _LONGEST_TYPE).body
    return data.decode("latin-1").strip()


def missing_signature(body: bytes, media_type: str | None) -> str:
    """Return what a body should be by its declared type and is not; "" when the bytes do not contradict the type."""
    if media_type in ("application/pdf", "application/x-pdf"):
        return "" if starts_pdf(body) else "a PDF document"
    if (media_type or "").startswith(_OFFICE):
        return "" if body.startswith((_ZIP, _OLE)) else "an office file"  # one with a password is of the old form
    return ""
