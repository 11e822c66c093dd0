"""Text in normal form: NFC, no invisible characters, one kind of space; and text made safe to print."""

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_SPACES = re.compile(r"\s+")
_SIMPLE = re.compile(r"[!-~]+(?: [!-~]+)*\Z")
_INLINE_SPACE = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[ \n]*")
_UNPRINTABLE = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]")


def line(text: str) -> str:
    """One line in normal form: NFC, invisible characters out, every run of white space one space, stripped."""
    if _SIMPLE.match(text):
        return text
    return _SPACES.sub(" ", _INVISIBLE.sub("", _nfc(text))).strip()


def _nfc(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def paragraphs(parts: Iterable[str]) -> str:
    """Paragraphs in normal form, parted by one blank line; line breaks within one are kept."""
    return "\n\n".join(filter(None, map(_paragraph, parts)))


def _paragraph(text: str) -> str:
    text = _INVISIBLE.sub("", _nfc(text.replace("\r\n", "\n").replace("\r", "\n")))
    return _BREAKS.sub("\n", _INLINE_SPACE.sub(" ", text)).strip()


def printable(text: str, limit: int = 500) -> str:
    """Text that cannot steer a terminal: controls out, line breaks to spaces, cut with an ellipsis."""
    shown = _UNPRINTABLE.sub("", text[: limit + 1].replace("\n", " "))
    return shown if len(text) <= limit else shown[:limit] + "…"
