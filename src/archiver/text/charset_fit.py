"""Score how well a text fits each single-byte encoding, in each language usual in it (`charset_letters`).

With the right encoding and language, nearly every byte within a word is a letter of the language, and frequent words or
letters are as frequent as in that language. The constants were tuned with 2,700 real pages, encoded in turn in the
encodings usual for their languages.
"""

import re
from collections import Counter
from itertools import islice
from typing import NamedTuple

from archiver.text.charset_letters import LANGUAGES, bytes_of, tried
from archiver.text.charset_names import table

_BEFORE = 1_000
"""Bytes to include before the first non-ASCII one: their words show the language, too."""
_SAMPLE, _LARGE_SAMPLE, _MOST_VISIBLE = 100_000, 1_000_000, 40_000
_PLENTY = 50
"""A sample with fewer non-ASCII bytes is enlarged."""
_MOST_RUNS, _MOST_TEXT = 500, 6_000
_WRONG = 0.1
"""The share of bytes that may not be letters of the language: foreign names, quotations, errors."""
_PENALTY = 4
"""What such a byte subtracts, when a right one adds 1."""
_MIXED, _OTHER_RUN = 0.1, 2
"""In other scripts than Latin, a word is one run: few bytes touch ASCII letters, and runs are long on average."""
_LONG_RUN, _LONG = 4, 0.3
"""In Latin script, few words have four accented letters in a row."""
_HINT, _ENGLISH_HINT = 0.4, 0.1
_LESS_USUAL = 0.02
_RARE = frozenset(("ibm866", "iso-8859-5", "iso-8859-4"))
_WORD_WEIGHT = 3
"""The listed words make up a third of a text at most."""
_CASE = 0.1
"""The bonus for lower-case letters: a wrong encoding may turn them all into capitals."""
_CHANCE = 0.4
"""The share of frequent letters in random text."""

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


class ByteRuns(NamedTuple):
    """The non-ASCII bytes of a text, by position; a run is a sequence of them.

    Attributes:
        within_lower: after a lower-case ASCII letter and before a letter.
        after_lower: after a lower-case ASCII letter, at the end of a word.
        within: after another letter and before a letter.
        edge: at the beginning or the end of a word.
        alone: without an adjacent letter.
        mixed: the number of bytes in runs that touch an ASCII letter.
        long: the number of bytes in runs of four and more.
        number: the number of runs.
    """

    within_lower: bytes
    after_lower: bytes
    within: bytes
    edge: bytes
    alone: bytes
    mixed: int
    long: int
    number: int

    @property
    def total(self) -> int:
        """The number of bytes."""
        return sum(map(len, self[:5]))

    @property
    def different(self) -> bytes:
        """Each byte once."""
        return bytes(set(self.within_lower + self.after_lower + self.within + self.edge + self.alone))


class Fit(NamedTuple):
    """The score of an encoding and a language: 1 if all letters fit, plus up to 1 for frequent words, plus hints."""

    score: float
    charset: str
    language: str


def visible_text(body: bytes) -> bytes:
    """Return the text around the first non-ASCII byte and after it, without markup if any such byte is outside tags."""
    first = _HIGH.search(body)
    start = max(0, first.start() - _BEFORE) if first else 0
    sample, text = _without_markup(body, start, _SAMPLE)
    if len(text) - len(text.translate(None, _HIGH_BYTES)) < _PLENTY and len(body) - start > _SAMPLE:
        sample, text = _without_markup(body, start, _LARGE_SAMPLE)
    return sample[:_MOST_VISIBLE] if text.isascii() else text


def _without_markup(body: bytes, start: int, size: int) -> tuple[bytes, bytes]:
    sample = body[start : start + size]
    return sample, _SPACES.sub(_NO_BREAK_SPACE, _MARKUP.sub(b" ", sample)[:_MOST_VISIBLE])


def runs_of(text: bytes) -> ByteRuns:
    """Sort the first non-ASCII bytes of a text by position."""
    within_lower, after_lower, within, edge, alone = (bytearray() for _ in range(5))
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
        elif before in _LETTERS:
            (within if inner else edge).append(run[0])
        else:
            (edge if inner else alone).append(run[0])
        if len(run) > 1:
            within += run[1:-1]
            (within if follows else edge).append(run[-1])
    return ByteRuns(
        bytes(within_lower), bytes(after_lower), bytes(within), bytes(edge), bytes(alone), mixed, long, number
    )


def find_fits(text: bytes, runs: ByteRuns, language: str | None) -> list[Fit]:
    """Return the encodings and languages that fit a text, best first; `language` gets a bonus."""
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
    """Split fits into those whose encodings decode these bytes like the first one does, and the others."""
    texts = {charset: _read(letters, charset) for charset in {fit.charset for fit in fits}}
    text = texts[fits[0].charset]
    return [fit for fit in fits if texts[fit.charset] == text], [fit for fit in fits if texts[fit.charset] != text]


def count_impossible(high: bytes, fit: Fit) -> int:
    """Count the bytes that are neither letters nor signs in an encoding and a language."""
    return _beyond(high, bytes_of(fit.charset, fit.language).edge.possible)


def count_letters(different: bytes, fit: Fit) -> int:
    """Count the bytes that are letters of a language in Latin script; 0 for languages in other scripts."""
    known = bytes_of(fit.charset, fit.language).letters
    return len(different) - _beyond(different, known) if LANGUAGES[fit.language].words else 0


def _letter_share(runs: ByteRuns, total: int, charset: str, code: str) -> float | None:
    """Return the share of bytes that are right in their position, minus penalties; None if too many are impossible."""
    known = bytes_of(charset, code)
    most = _WRONG * total
    wrong = _beyond(runs.within_lower, known.within_lower.possible) + _beyond(runs.within, known.within.possible)
    if wrong > most:
        return None
    wrong += _beyond(runs.after_lower, known.after_lower.possible) + _beyond(runs.edge, known.edge.possible)
    wrong += _beyond(runs.alone, known.alone.possible)
    if wrong > most:
        return None
    strange = _beyond(runs.within_lower, known.within_lower.right) + _beyond(runs.within, known.within.right)
    strange += _beyond(runs.after_lower, known.after_lower.right) + _beyond(runs.edge, known.edge.right)
    strange += _beyond(runs.alone, known.alone.right)
    return (total - strange - _PENALTY * wrong) / total


def _frequency(words: Counter[bytes], runs: ByteRuns, charset: str, code: str) -> float:
    """Return how frequent the language's frequent words are; for other scripts than Latin, its frequent letters."""
    common = LANGUAGES[code].words
    if common:
        return _WORD_WEIGHT * sum(words[word] for word in common) / max(1, words.total())
    known = bytes_of(charset, code)
    letters = runs.within + runs.edge + runs.alone
    every, usual, lower = (len(letters) - _beyond(letters, each) for each in (known.letters, known.usual, known.lower))
    return (usual + _CASE * lower) / max(1, every) - _CHANCE


def _hint(code: str, language: str | None) -> float:
    """Return the score added for the hinted language `language`; less for English, which many templates declare."""
    return 0.0 if code != language else _ENGLISH_HINT if code == "en" else _HINT


def _beyond(place: bytes, allowed: bytes) -> int:
    return len(place.translate(None, allowed))


def _read(letters: bytes, charset: str) -> str:
    chars = table(charset)
    return "".join(chars[letter] for letter in letters)
