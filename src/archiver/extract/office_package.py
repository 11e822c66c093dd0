"""Open the ZIP archive of an office file safely, and write it again with the parts that have text.

The libraries that read the copy inflate nothing: its members are stored, few, and no larger than the limits. The
headers of the original may lie about sizes; Python's `zipfile` never inflates more than they state.
"""

import io
import zipfile
import zlib
from collections.abc import Callable

from archiver.extract.file_text import FileUnreadable

_MOST_MEMBERS = 5_000
_MOST_BYTES = 60_000_000
"""The most bytes that the parts with text may have together when they are inflated."""
_MOST_RATIO = 400
"""The most inflated bytes for each byte of a part of more than a megabyte. XML of real files reaches 100."""
_RATIO_FROM = 1_000_000
_DOCTYPE = (b"<!DOCTYPE", b"<!ENTITY")
_ENCRYPTED = 1


def reduced_package(body: bytes, is_wanted: Callable[[str], bool], media_type: str = "") -> bytes:
    """Return a ZIP archive with the wanted members of another, stored; the others are empty.

    `media_type`: of an OpenDocument file; the copy has it as its member `mimetype`, whatever the original has there.

    Raises:
        FileUnreadable: it is no ZIP archive, is protected by a password, exceeds a limit, or has XML with a document
            type, which office files have no use for and attacks do.
    """
    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package, zipfile.ZipFile(copy, "w") as reduced:
            members = {each.filename: each for each in package.infolist() if not each.is_dir()}
            _check([each for name, each in members.items() if is_wanted(name)], len(package.infolist()))
            if media_type:
                members.pop("mimetype", None)
                reduced.writestr("mimetype", media_type)
            for name, each in members.items():
                reduced.writestr(name, _content(package, each) if is_wanted(name) else b"")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, zlib.error) as error:
        raise FileUnreadable(f"it is broken: {error}") from None
    return copy.getvalue()


def _check(members: list[zipfile.ZipInfo], count: int) -> None:
    """Check sizes before anything is inflated."""
    if count > _MOST_MEMBERS:
        raise FileUnreadable(f"it has {count} parts; at most {_MOST_MEMBERS} are read")
    if any(each.flag_bits & _ENCRYPTED for each in members):
        raise FileUnreadable("it is protected by a password")
    size = sum(each.file_size for each in members)
    if size > _MOST_BYTES:
        raise FileUnreadable(f"its text has {size} bytes when it is inflated; at most {_MOST_BYTES} are read")
    for each in members:
        if each.file_size > max(_RATIO_FROM, _MOST_RATIO * each.compress_size):
            raise FileUnreadable(f"{each.filename} inflates to {each.file_size} bytes from {each.compress_size}")


def _content(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    data = package.read(member)
    plain = data[:4096].replace(b"\0", b"")  # UTF-16 has NULs
    if any(each in plain or each in data for each in _DOCTYPE):
        raise FileUnreadable(f"{member.filename} has a document type")
    return data
