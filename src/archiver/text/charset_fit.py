"""How well a text fits single-byte encodings: in each, as each language usual in it (`charset_letters`).

In the right pair nearly every byte is a letter of the language where a letter must stand, and words or letters are as
frequent as in that language. The figures below were set with real pages, put into every encoding usual for them.
"""

import re
from collections import Counter
from itertools import islice
from typing import NamedTuple

from archiver.text.charset_letters import LANGUAGES, bytes_of, tried
from archiver.text.charset_names import table

_BEFORE = 1_000
"""Bytes before the first one beyond ASCII: their words tell the language, too."""
_SAMPLE, _LARGE_SAMPLE, _MOST_VISIBLE = 100_000, 1_000_000, 40_000
_PLENTY = 50
"""With fewer bytes beyond ASCII in the sample more of the page is looked at."""
_MOST_RUNS, _MOST_TEXT = 500, 6_000
_WRONG = 0.1
"""The share of bytes that may be no letters of the language: names, quotations, slips."""
_PENALTY = 4
"""What such a byte takes away, when one that is right gives 1."""
_MIXED, _OTHER_RUN = 0.1, 2
"""In letters that are not Latin a word is one run: few bytes touch ASCII letters, and runs are long on average."""
_LONG_RUN, _LONG = 4, 0.3
"""In Latin letters hardly any word has four accented ones in a row."""
_HINT, _ENGLISH_HINT = 0.4, 0.1
_LESS_USUAL = 0.02
_RARE = frozenset(("ibm866", "iso-8859-5", "iso-8859-4"))
_WORD_WEIGHT = 3
"""The words that are listed make a third of a text at most."""
_CASE = 0.1
"""What it is worth that letters are small ones: a wrong reading may have them all as capitals."""
_CHANCE = 0.4
"""The share that frequent letters have by chance."""

_HIGH = re.compile(rb"[\x80-\xff]++")
_HIGH_BYTES = bytes(range(0x80, 0x100))
_SPACE, _NO_BREAK_SPACE = 0x20, b"\xa0"
_SPACES = re.compile(rb"\xa0{2,}")
_WORD = re.compile(rb"[a-z]++")
_SMALL = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_LETTERS = _SMALL | frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_MARKUP = re.compile(
    rb"<(?:!--.*?(?:-->|\Z)|script\b.*?(?:</script|\Z)|style\b.*?(?:</style|\Z)|[a-z/!?][^>]*+>?)",
    re.IGNORECASE | re.DOTALL,
)


class Runs(NamedTuple):
    """The bytes beyond ASCII of a text, by where they stand.

    Attributes:
        within_lower: after a small ASCII letter and before a letter.
        after_lower: after a small ASCII letter, at the end of a word.
        within: after another letter and before a letter.
        edge: at the beginning or the end of a word.
        mixed: how many are in runs that touch an ASCII letter.
        long: how many are in runs of four and more.
        number: how many runs there are.
    """

    within_lower: bytes
    after_lower: bytes
    within: bytes
    edge: bytes
    mixed: int
    long: int
    number: int

    @property
    def total(self) -> int:
        """How many bytes there are."""
        return len(self.within_lower) + len(self.after_lower) + len(self.within) + len(self.edge)

    @property
    def different(self) -> bytes:
        """Each byte once."""
        return bytes(set(self.within_lower + self.after_lower + self.within + self.edge))


class Fit(NamedTuple):
    """How well a text fits an encoding and a language: 1 for letters that all fit, up to 1 for frequent words."""

    score: float
    charset: str
    language: str


def visible_text(body: bytes) -> bytes:
    """The text without markup from the first byte beyond ASCII on; with markup when all such bytes are in it."""
    first = _HIGH.search(body)
    start = max(0, first.start() - _BEFORE) if first else 0
    sample, text = _without_markup(body, start, _SAMPLE)
    if len(text) - len(text.translate(None, _HIGH_BYTES)) < _PLENTY and len(body) - start > _SAMPLE:
        sample, text = _without_markup(body, start, _LARGE_SAMPLE)
    return sample[:_MOST_VISIBLE] if text.isascii() else text


def _without_markup(body: bytes, start: int, size: int) -> tuple[bytes, bytes]:
    sample = body[start : start + size]
    return sample, _SPACES.sub(_NO_BREAK_SPACE, _MARKUP.sub(b" ", sample)[:_MOST_VISIBLE])


def runs_of(text: bytes) -> Runs:
    """The bytes beyond ASCII at the beginning of a text."""
    within_lower, after_lower, within, edge = bytearray(), bytearray(), bytearray(), bytearray()
    mixed = long = number = 0
    for found in islice(_HIGH.finditer(text), _MOST_RUNS):
        number += 1
        run, start, end = found[0], found.start(), found.end()
        before = text[start - 1] if start else _SPACE
        follows = end < len(text) and text[end] in _LETTERS
        mixed += len(run) if follows or before in _LETTERS else 0
        long += len(run) if len(run) >= _LONG_RUN and len(set(run)) > 1 else 0
        inner = follows or len(run) > 1
        if before in _SMALL:
            (within_lower if inner else after_lower).append(run[0])
        else:
            (within if before in _LETTERS and inner else edge).append(run[0])
        if len(run) > 1:
            within += run[1:-1]
            (within if follows else edge).append(run[-1])
    return Runs(bytes(within_lower), bytes(after_lower), bytes(within), bytes(edge), mixed, long, number)


def find_fits(text: bytes, runs: Runs, language: str | None) -> list[Fit]:
    """The encodings in which a text could be of a language usual in them, the best first; `language` is preferred."""
    total = runs.total
    if not total:
        return []
    words = Counter(_WORD.findall(text[:_MOST_TEXT].lower()))
    may_be_latin = runs.long <= _LONG * total
    may_be_other = runs.mixed <= _MIXED * total and total >= _OTHER_RUN * runs.number
    found = []
    for charset, code in tried(language):
        if not (may_be_latin if LANGUAGES[code].words else may_be_other):
            continue
        share = _letter_share(runs, total, charset, code)
        if share is not None:
            score = share + min(1.0, _frequency(words, runs, charset, code)) + _hint(code, language)
            found.append(Fit(score - (_LESS_USUAL if charset in _RARE else 0.0), charset, code))
    return sorted(found, key=lambda fit: -fit.score)


def read_alike(letters: bytes, fits: list[Fit]) -> tuple[list[Fit], list[Fit]]:
    """The fits whose encodings read these bytes as the first one does, and the others."""
    texts = {charset: _read(letters, charset) for charset in {fit.charset for fit in fits}}
    text = texts[fits[0].charset]
    return [fit for fit in fits if texts[fit.charset] == text], [fit for fit in fits if texts[fit.charset] != text]


def count_impossible(high: bytes, fit: Fit) -> int:
    """How many bytes are neither letters nor signs in an encoding and a language."""
    return _beyond(high, bytes_of(fit.charset, fit.language).edge.possible)


def _letter_share(runs: Runs, total: int, charset: str, code: str) -> float | None:
    """The share of bytes that belong where they stand, less a penalty for those that cannot; None for too many."""
    known = bytes_of(charset, code)
    most = _WRONG * total
    wrong = _beyond(runs.within_lower, known.within_lower.possible) + _beyond(runs.within, known.within.possible)
    if wrong > most:
        return None
    wrong += _beyond(runs.after_lower, known.after_lower.possible) + _beyond(runs.edge, known.edge.possible)
    if wrong > most:
        return None
    strange = _beyond(runs.within_lower, known.within_lower.right) + _beyond(runs.within, known.within.right)
    strange += _beyond(runs.after_lower, known.after_lower.right) + _beyond(runs.edge, known.edge.right)
    return (total - strange - _PENALTY * wrong) / total


def _frequency(words: Counter[bytes], runs: Runs, charset: str, code: str) -> float:
    """How far frequent words, or frequent letters where words cannot be known, are as frequent as in the language."""
    common = LANGUAGES[code].words
    if common:
        return _WORD_WEIGHT * sum(words[word] for word in common) / max(1, words.total())
    known = bytes_of(charset, code)
    letters = runs.within + runs.edge
    every, usual, lower = (len(letters) - _beyond(letters, each) for each in (known.letters, known.usual, known.lower))
    return (usual + _CASE * lower) / max(1, every) - _CHANCE


def _hint(code: str, language: str | None) -> float:
    """What a language that was named adds; English adds little: pages and templates of all languages claim it."""
    return 0.0 if code != language else _ENGLISH_HINT if code == "en" else _HINT


def _beyond(place: bytes, allowed: bytes) -> int:
    return len(place.translate(None, allowed))


def _read(letters: bytes, charset: str) -> str:
    chars = table(charset)
    return "".join(chars[letter] for letter in letters)
