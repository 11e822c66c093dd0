"""Normalise text: NFC, no invisible characters, one kind of space. Make text safe to print.

Removed are controls, zero-width characters, soft hyphens, direction marks, emoji selectors, tags and lone surrogates.
Joiners (U+200C, U+200D) stay where they are orthography: in Arabic, Indic and other scripts whose letters change shape
with them. Elsewhere they are removed, since a joiner within a Latin word or an emoji is invisible and can hide an edit.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NEVER_SHOWN = (
    "\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b\u2060-\u206f\ufe0e\ufe0f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff" + _BIDI
)
_JOINERS = "\u200c\u200d"
_NO_JOINERS = dict.fromkeys(map(ord, _JOINERS))
_MONGOLIAN_SEPARATOR = "\u180e"
_MAYBE_ORTHOGRAPHY = re.compile(f"[{_JOINERS}{_MONGOLIAN_SEPARATOR}]")
_INVISIBLE = re.compile(f"[{_NEVER_SHOWN}]")
_ARABIC = "\u0620-\u064a\u066e-\u06d3"
_JOINER_BESIDE_OTHERS = re.compile(
    rf"[{_JOINERS}](?:(?<![{_ARABIC}].)|(?![{_ARABIC}]))|{_MONGOLIAN_SEPARATOR}", re.DOTALL
)
"""A joiner that is not between two Arabic letters. Nearly all joiners are, and this test is fast."""
_REPEATED_JOINERS = re.compile(f"([{_JOINERS}])[{_JOINERS}]+")
_JOINING_SCRIPTS = (
    (0x0600, 0x0DFF),  # Arabic, Syriac, Thaana, N'Ko, Mandaic, the scripts of India, Sinhala
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x18AF),  # Khmer, Mongolian
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1BFF),  # Balinese, Sundanese, Batak
    (0xA840, 0xA8FF),  # Phags-pa, Saurashtra, Devanagari
    (0xA980, 0xA9FF),  # Javanese, Myanmar
    (0xAA60, 0xAAFF),  # Myanmar, Meetei Mayek
    (0xABC0, 0xABFF),  # Meetei Mayek
    (0xFB50, 0xFDFF),  # Arabic presentation forms
    (0xFE70, 0xFEFC),  # Arabic presentation forms
    (0x10AC0, 0x10BAF),  # Manichaean, Psalter Pahlavi
    (0x10D00, 0x10D3F),  # Hanifi Rohingya
    (0x10F30, 0x10FDF),  # Sogdian, Chorasmian
    (0x11000, 0x11FFF),  # Brahmi and the scripts that come from it
    (0x1E900, 0x1E95F),  # Adlam
)
_VIRAMA = 9
"""Canonical combining class of the signs that join two consonants."""
_MONGOLIAN = "\u180b-\u180d\u180f\u1820-\u18aa"
_MOST_PASSES = 4
_MOST_MARKS = 30
_JOINER = "\u034f"
_MANY_MARKS = re.compile(rf"[^\w\s!-~]{{{_MOST_MARKS + 1},}}")
_SPACES = re.compile(r"\s+")
_CODE_SPACE = re.compile(r"[^\S\t ]")
_INLINE_SPACE = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[ \n]*")
_LINE_BREAK = re.compile("\r\n|[\n-\r\u0085\u2028\u2029]")
_UNPRINTABLE = re.compile("[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ud800-\udfff" + _BIDI + "]")


def nfc(text: str) -> str:
    """Return text in Normalization Form C. U+034F separates more than 30 marks on one letter (UAX 15, stream-safe).

    Without that, sorting the marks of a page that is made of marks would take hours.
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
    """Return one line in normal form: NFC, no invisible characters, each run of white space as one space, stripped.

    A printable text, as most text is, has no invisible character but emoji selectors and no space but
    U+0020, so that only runs of those are replaced: that is four times faster. Most runs are at the ends of indented
    lines: without those, few texts are left that must be cut into words.
    """
    plain = text
    if not plain.isprintable():
        if "\n" in plain:
            plain = " ".join([each.strip() for each in plain.split("\n")])
        plain = plain.replace("\r", " ").replace("\t", " ").replace("\u00a0", " ")
        if not plain.isprintable():
            return _line(text)
    if "  " in plain:
        plain = " ".join(plain.split())
    if "\ufe0f" in plain or "\ufe0e" in plain or not unicodedata.is_normalized("NFC", plain):
        return _line(text)
    return plain.strip()


def _line(text: str) -> str:
    return _SPACES.sub(" ", nfc(_visible(text))).strip()


def without_joiners(text: str) -> str:
    """Return a text without U+200C and U+200D, to compare it with the output of a program that removes all of them."""
    return text.translate(_NO_JOINERS)


def code_line(text: str) -> str:
    """Return one line of preformatted text: NFC, no invisible characters, spaces and tabs kept, none at the end."""
    if text.isascii() and text.isprintable():
        return text.rstrip()
    return nfc(_CODE_SPACE.sub(" ", _visible(text))).rstrip()


def paragraphs(parts: Iterable[str]) -> str:
    """Return paragraphs in normal form, separated by one blank line; line breaks within a paragraph are kept."""
    return "\n\n".join(filter(None, map(_paragraph, parts)))


def _paragraph(text: str) -> str:
    text = nfc(_visible(text.replace("\r\n", "\n").replace("\r", "\n")))
    return _BREAKS.sub("\n", _INLINE_SPACE.sub(" ", text)).strip()


def _visible(text: str) -> str:
    """Return the text without invisible characters. Joiners stay where they are orthography."""
    text = _INVISIBLE.sub("", text)
    if not _MAYBE_ORTHOGRAPHY.search(text) or not _JOINER_BESIDE_OTHERS.search(text):
        return text
    return _with_orthographic_joiners(text)


def _with_orthographic_joiners(text: str) -> str:
    """Return the text in NFC without stray joiners. Removing one may reorder marks, so the result is checked again."""
    for _ in range(_MOST_PASSES):
        kept = _stray_joiner().sub("", nfc(_REPEATED_JOINERS.sub(r"\1", text)))
        if kept == text:
            return text
        text = kept
    return _MAYBE_ORTHOGRAPHY.sub("", text)


@lru_cache(maxsize=1)
def _stray_joiner() -> re.Pattern[str]:
    """Return whether a joiner is not orthography (compare RFC 5892, appendix A.1 and A.2).

    Orthography is a joiner between two letters, marks or digits of a script that needs joiners, and one after a virama,
    also at the end of a word. The Mongolian vowel separator is between two Mongolian letters.
    """
    scripts = [chr(code) for first, last in _JOINING_SCRIPTS for code in range(first, last + 1)]
    letter = _char_set(char for char in scripts if unicodedata.category(char)[0] in "LMN")
    virama = _char_set(char for char in scripts if unicodedata.combining(char) == _VIRAMA)
    joiner = rf"[{_JOINERS}](?:(?<![{letter}].)|(?<![{virama}].)(?![{letter}]))"
    separator = rf"{_MONGOLIAN_SEPARATOR}(?:(?<![{_MONGOLIAN}].)|(?![{_MONGOLIAN}]))"
    return re.compile(f"{joiner}|{separator}", re.DOTALL)


def _char_set(chars: Iterable[str]) -> str:
    """Return these characters, which are sorted, as ranges for the inside of a regular expression's `[…]`."""
    ranges: list[list[str]] = []
    for char in chars:
        if ranges and ord(char) == ord(ranges[-1][1]) + 1:
            ranges[-1][1] = char
        else:
            ranges.append([char, char])
    return "".join(f"{first}-{last}" for first, last in ranges)


def printable(text: str, limit: int = 500) -> str:
    """Text that cannot control a terminal: controls except tabs removed, line breaks as spaces, cut with `…`."""
    shown = _UNPRINTABLE.sub("", _LINE_BREAK.sub(" ", text[: limit + 1]))
    return shown if len(text) <= limit else shown[:limit] + "…"


def joined(*notes: str | None) -> str:
    """Return notes as one text, with semicolons between them; empty ones are left out."""
    return "; ".join(filter(None, notes))


def counted(count: int, what: str) -> str:
    """Return a number with its noun: `1 visit`, `2 visits`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
