"""Text in normal form: NFC, no invisible characters, one kind of space; and text made safe to print.

Out go controls, zero-width and soft hyphens, direction marks, emoji selectors, tags and lone surrogates. A joined emoji
falls into its members: the joiner cannot be told from one that hides an edit.
"""

import re
import unicodedata
from collections.abc import Iterable

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u180e\u200b-\u200d\u2060-\u206f\ufe0e\ufe0f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff" + _BIDI + "]"
)
_MOST_MARKS = 30
_JOINER = "\u034f"
_MANY_MARKS = re.compile(rf"[^\w\s!-~]{{{_MOST_MARKS + 1},}}")
_SPACES = re.compile(r"\s+")
_SIMPLE = re.compile(r"[!-~]+(?: [!-~]+)*\Z")
_INLINE_SPACE = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[ \n]*")
_LINE_BREAK = re.compile("\r\n|[\n-\r\u0085\u2028\u2029]")
_UNPRINTABLE = re.compile("[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ud800-\udfff" + _BIDI + "]")


def nfc(text: str) -> str:
    """Text in Normalization Form C; more than 30 marks on one letter are parted by U+034F (UAX 15, stream-safe).

    Without that, a page of marks alone would take hours to put in order.
    """
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", _MANY_MARKS.sub(_parted, text))


def _parted(found: re.Match[str]) -> str:
    parts: list[str] = []
    marks = 0
    for char in found[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks > _MOST_MARKS:
            parts.append(_JOINER)
            marks = 1
        parts.append(char)
    return "".join(parts)


def line(text: str) -> str:
    """One line in normal form: NFC, invisible characters out, every run of white space one space, stripped."""
    if _SIMPLE.match(text):
        return text
    return _SPACES.sub(" ", nfc(_INVISIBLE.sub("", text))).strip()


def paragraphs(parts: Iterable[str]) -> str:
    """Paragraphs in normal form, parted by one blank line; line breaks within one are kept."""
    return "\n\n".join(filter(None, map(_paragraph, parts)))


def _paragraph(text: str) -> str:
    text = nfc(_INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return _BREAKS.sub("\n", _INLINE_SPACE.sub(" ", text)).strip()


def printable(text: str, limit: int = 500) -> str:
    """Text that cannot steer a terminal: controls but tabs out, line breaks to spaces, cut with an ellipsis."""
    shown = _UNPRINTABLE.sub("", _LINE_BREAK.sub(" ", text[: limit + 1]))
    return shown if len(text) <= limit else shown[:limit] + "…"
