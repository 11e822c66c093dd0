"""The nature of an edit: whether words differ, only figures, only the order, or only the typography.

Typography is what a reader does not read: marks, quotes, dashes, case, spaces and line breaks, and other forms of the
same letter. It is set aside first. A mark that changes a number is no typography: 1,5 is not 15, and -5 is not 5. Where
it is not certain that a difference is only typography, it counts as one of figures or of words.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from archiver.text.clean import nfc
from archiver.text.tones import new_placement
from archiver.text.word_diff import common_ends

TextNature = Literal["words", "figures", "order", "typography"]

_READ_MARKS = frozenset("%‰#@&*′″\u2034")
"""Punctuation by Unicode that people read as a word."""
_BEFORE_NFKC = {"´": "'", "`": "'", "º": "°", "¨": ""}
_AFTER_NFKC = (
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u301c\u2e3a\u2e3b", "-")
    | dict.fromkeys("\u2044\u2215", "/")
    | {"\u066b": ",", "\u066c": "'", "\u2019": "'", "\u02bc": "'"}
)
_NEVER_READ = re.compile(
    "[\u00ad\u034f\u0640\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_DIGIT_BEFORE_RAISED = re.compile("(\\d)(?=[²³¹⁰-⁹₀-₉¼-¾⅐-⅞①-⑳])")
_DIGIT = re.compile(r"\d")
_OTHER_DIGIT = re.compile("[^\\D0-9]")
_BULLET = re.compile(r"^[^\S\n]*(?:[•‣⁃◦●○■□▪▫►▸▹▶▷◆◇◈❖➢➤∙⦁\uf0a7\uf0b7\uf0d8]|[-+*·→⇒](?=\s))[^\S\n]*", re.MULTILINE)
_SUFFIX = r"(?:(?:st|nd|rd|th|er|re|ère|e|ème|\ ?[ap]\.?m\.?)(?![^\W_]))?"
_NUMBER = re.compile(
    rf"""(?<![\w)\]%°])[-+±](?=[$€£¥₫]?\d)            # a sign
    | (?<!\d)(?:\+|0)\d{{1,4}}(?:[ .-]\d{{2,4}}){{2,5}}(?!\d)  # a telephone number
    | \d{{1,3}}(?:[ ']\d{{3}})+(?![\d])(?:[.,]\d+)?{_SUFFIX}   # groups of three digits
    | (?:(?<![\w.,])[.,](?=\d))?\d+(?:(?:[.,:;/'_|·]|\s*[-~x×]\s*)\d+)*(?:-(?![\s\w]))?{_SUFFIX}""",
    re.VERBOSE | re.IGNORECASE,
)
_GROUPED = re.compile(r"(\d{1,3})((?:[ ']\d{3})+|(?:\.\d{3}){2,}|(?:,\d{3}){2,})(?=[.,]?\D*$|[.,]\d+\D*$)")
_TELEPHONE = re.compile(r"[+0]\d{1,4}(?:[ .-]\d{2,4}){2,5}")
_LEAST_TELEPHONE = 8
_LETTERS_AS_FIGURES = re.compile(
    "(?<![^\\W_])(?:[IVX]+|[IVXLCDM]{4,})(?![^\\W_])|[〇零一二三四五六七八九十百千万萬億亿两兩]+"
)
_ROMAN = re.compile("M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_LONG, _HEAD = 20_000, 2000
_PLACE, _MAYBE = "\0", "\1"


class _Folded(NamedTuple):
    """A text without its typography: what is read, with a place for each figure, and the figures."""

    read: str
    figures: tuple[str, ...]


def nature_of(old: Sequence[str], new: Sequence[str]) -> TextNature:
    """Return the nature of an edit of paragraphs, or of the items of a list.

    Args:
        old: the paragraphs or items before.
        new: those after it.
    """
    gone, come = _left(old, old, new), _left(new, new, old)
    nature, is_shuffled = _nature("\n".join(gone), "\n".join(come))
    if nature == "typography":
        return "order" if _is_reordered(old, gone, new, come) else "typography"
    if not is_shuffled or len(gone) == len(come) == 1:
        return nature
    folded = [_folded(unit) for unit in gone], [_folded(unit) for unit in come]
    left, right = _left(gone, *folded), _left(come, *reversed(folded))
    if not left and not right:
        return "order"
    return nature if len(left) == len(gone) else _nature("\n".join(left), "\n".join(right))[0]


def is_typographic(old: str, new: str) -> bool:
    """Return whether two texts differ in their typography only."""
    return _folded(old) == _folded(new)


def _left(units: Sequence[str], names: Sequence[object], others: Sequence[object]) -> list[str]:
    """Return the units whose names have no equal one among the others."""
    matched = Counter(others)
    left = []
    for unit, name in zip(units, names, strict=True):
        if matched[name]:
            matched[name] -= 1
        else:
            left.append(unit)
    return left


def _is_reordered(old: Sequence[str], gone: Sequence[str], new: Sequence[str], come: Sequence[str]) -> bool:
    """Return whether units that are alike are in another order; `gone` and `come`: those that are not equal."""
    is_divided = len(gone) != len(come)
    before, after = _names(old, gone), _names(new, come)
    if is_divided:  # one paragraph became two
        before, after = [name for name in before if name is not None], [name for name in after if name is not None]
    return before != after


def _names(units: Iterable[str], left: Iterable[str]) -> list[str | None]:
    """Return the units in their order; None for each of those in `left`."""
    without = Counter(left)
    names: list[str | None] = []
    for unit in units:
        names.append(None if without[unit] > 0 else unit)
        without[unit] -= 1
    return names


def _nature(old: str, new: str) -> tuple[TextNature, bool]:
    """Return the nature of an edit, and whether both texts have the same letters or figures in another order."""
    start, end = common_ends(old, new)
    guard = "" if not start or old[start - 1] == "\n" else "x "  # what follows does not begin a line
    old, new = (guard + text[start : len(text) - end] for text in (old, new))
    if _begin_otherwise(old, new):
        return "words", False
    one, other = _folded(old), _folded(new)
    if one == other:
        return "typography", False
    if _read_alike(one, other) or _read_alike(_folded(old, maybe=True), _folded(new, maybe=True)):
        return "figures", sorted(one.figures) == sorted(other.figures)
    letters = [sorted(each.read.replace(_PLACE, "")) for each in (one, other)]
    return "words", letters[0] == letters[1]


def _begin_otherwise(old: str, new: str) -> bool:
    """Return whether two long texts begin with other words; to compare the whole of them would take a second."""
    if min(len(old), len(new)) < _LONG:
        return False
    heads = [_folded(text[:_HEAD], maybe=True).read.replace(_PLACE, "")[: _HEAD // 2] for text in (old, new)]
    size = min(map(len, heads))
    return heads[0][:size] != heads[1][:size]


def _read_alike(one: _Folded, other: _Folded) -> bool:
    return one.read == other.read or one.read.replace(_PLACE, "") == other.read.replace(_PLACE, "")


def _folded(text: str, *, maybe: bool = False) -> _Folded:
    """Return a text without its typography.

    Args:
        text: the text.
        maybe: whether Roman numerals and the Han characters of numbers are figures.
    """
    plain = _BULLET.sub("", _plain(text))
    figures: list[str] = []

    def placed(found: re.Match[str]) -> str:
        figures.append(_value(found[0]))
        return _PLACE

    def maybe_placed(found: re.Match[str]) -> str:
        return _MAYBE if _ROMAN.fullmatch(found[0]) or not found[0].isascii() else found[0]

    read = _NUMBER.sub(placed, plain) if _DIGIT.search(plain) else plain
    if maybe:
        read = _LETTERS_AS_FIGURES.sub(maybe_placed, read)
    return _Folded(_not_read().sub("", "".join(read.split())).lower(), tuple(figures))


def _plain(text: str) -> str:
    """Return a text with one form of each letter, digit and dash."""
    if text.isascii():
        return text
    text = _DIGIT_BEFORE_RAISED.sub(r"\1 ", _replaced(nfc(text), _BEFORE_NFKC))
    text = _replaced(_NEVER_READ.sub("", unicodedata.normalize("NFKC", text)), _AFTER_NFKC)
    return new_placement(_OTHER_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), text))


def _replaced(text: str, others: dict[str, str]) -> str:
    """Replace characters; in long texts this takes a tenth of the time of `str.translate`."""
    for each, other in others.items():
        text = text.replace(each, other)
    return text


def _value(figure: str) -> str:
    """Return a figure without the marks that only group its digits."""
    plain = figure.lower()
    if _TELEPHONE.fullmatch(plain) and sum(map(str.isdigit, plain)) >= _LEAST_TELEPHONE:
        return re.sub("[ .-]", "", plain)
    plain = _GROUPED.sub(lambda found: found[1] + re.sub(r"\D", "", found[2]), plain)
    plain = re.sub(r"\s*[x×]\s*", "×", re.sub(r"\s*[-~]\s*", "-", plain))
    return re.sub(r" ?([ap])\.?m\.?$", r"\1m", plain)


@lru_cache(maxsize=1)
def _not_read() -> re.Pattern[str]:
    """Return a pattern of the characters that people do not read: white space and punctuation."""
    starts, ends = (0x21, 0x2010, 0x2E00, 0x3000, 0xA600, 0xFE10), (0x2000, 0x2070, 0x2E80, 0x3100, 0xAC00, 0xFF66)
    codes = (code for block in map(range, starts, ends) for code in block)
    marks = (char for char in map(chr, codes) if unicodedata.category(char).startswith("P") and char not in _READ_MARKS)
    return re.compile(f"[\\s{re.escape(''.join(marks))}]+")
