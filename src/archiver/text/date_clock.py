"""Read the time that is printed with a date, and decide which half of the day it is in.

An hour up to twelve is sure only when every word next to it is known. A part of the day (of our tables, then of CLDR)
moves it; "at", "o'clock" and labels leave it. Any other word may be a part of the day that we do not know, so the time
is unsure and only the day is given.
"""

import re
from datetime import time
from itertools import pairwise

from archiver.text.cldr import word_key
from archiver.text.cldr_dates import clock_words, hour_in, hours_of, is_half_day_anywhere
from archiver.text.date_form import EASTERN_PARTS, is_eastern
from archiver.text.date_labels import is_label
from archiver.text.date_scan import Piece, Scanner
from archiver.text.date_words import WORDS

_NOON = 12
_MOST_WORDS = 4  # words of a part of the day: "saa sita za mchana"
_NEAR = 20  # characters from a time within which a part of the day may still belong to it
_LOOK = 60
_SHORTEST = 3  # letters of a Latin word that is taken for a part of the day of some other language
_BREAK = re.compile(r"[\d|,;:()/·!?]|•|(?<!\w)\"|\"(?!\w)|(?:^|(?<=\s))[-~](?=\s|$)")
_NOON_OR_MIDNIGHT = frozenset({"上午", "午前"})  # twelve o'clock with these is noon for some and midnight for others
_HALVES_ELSEWHERE = frozenset({"am", "de", "du", "em"})
"""Little words of our tables that are a half of the day in another language: they count only with a named month."""
_ANY_HOUR = 0xFFFFFF


class NoValue(Exception):
    """The text gives no date; the message says why."""


def first_number(piece: Piece, *groups: str) -> int | None:
    """Return the first of these groups that matched, as a number."""
    return next((int(value) for group in groups if (value := piece.said[group]) is not None), None)


class TimeReader:
    """The times of one text.

    Args:
        scanner: The scanner that found the pieces.
        language: First subtag of BCP 47; "" when there are no words for the language of the text.
        by_kind: The pieces by their kind.
    """

    def __init__(self, scanner: Scanner, language: str, by_kind: dict[str, list[Piece]]) -> None:
        self._scanner = scanner
        self._language = language
        self._by_kind = by_kind

    def read(self, piece: Piece) -> tuple[time, bool, bool]:
        """Read one time: the clock, whether seconds are printed, and whether the half of the day is sure.

        Raises:
            NoValue: The time is impossible, or two words contradict each other.
        """
        if piece.kind == "named":
            return time(self._scanner.words.named[piece.text]), False, piece.said["inexact_named"] is None
        hour, is_sure = self._hour(piece)
        minute = first_number(piece, "a_m", "b_m", "c_m", "e_m")
        second = first_number(piece, "a_s", "b_s", "c_s", "e_s")
        try:
            return time(hour, minute or 0, second or 0), second is not None, is_sure
        except ValueError:
            raise NoValue(f"impossible time: {piece.text}") from None

    def _hour(self, piece: Piece) -> tuple[int, bool]:
        """Return the hour, and whether it is sure."""
        said = piece.said
        printed = first_number(piece, "a_h", "b_h", "c_h", "d_h", "e_h") or 0
        is_exact = all(said[group] is None for group in ("inexact_before", "inexact_after", "e_inexact"))
        if said["east"]:
            eastern = _eastern_hour(piece, said["east"], printed)
            return (printed, False) if eastern is None else (eastern, is_exact)
        hour = self._hour_by_table(piece, printed)
        if said["mark"] or self._by_kind.get("part") or said["t"] is not None or not is_exact:
            return hour, is_exact
        if printed > _NOON:
            return hour, bool(self._language) or not _touching(piece)
        moved = self._hour_by_neighbours(piece, printed)
        return (hour, False) if moved is None else (moved, True)

    def _hour_by_table(self, piece: Piece, printed: int) -> int:
        """Return the hour that the words of our tables say; -1 when they contradict each other or the hour."""
        doubt = piece.said["doubt"]
        if doubt and printed <= _NOON and self._scanner.hours[doubt].get(printed) != printed:
            raise NoValue(f"ambiguous: {piece.text}, {doubt} or not")
        words = {piece.said["mark"] or "", *(part.text for part in self._by_kind.get("part", ()))} - {""}
        hours = {self._scanner.hours[word].get(printed, -1) for word in words} or {printed}
        return hours.pop() if len(hours) == 1 else -1

    def _hour_by_neighbours(self, piece: Piece, printed: int) -> int | None:
        """Return the hour that the words around a time leave it at or move it to; None when it is unsure."""
        hints = {hint.said["hint_word"] or hint.text for hint in self._by_kind.get("hint", ())}
        if any(self._scanner.hours[hint].get(printed) != printed for hint in hints):
            return None
        if any(hint.said["hint_word"] for hint in self._by_kind.get("hint", ())):
            return printed
        if not self._language:
            return None if _touching(piece) or self._names_a_part(piece) else printed
        before, after = self._hours_before(_words_before(piece.before)), self._hours_after(piece)
        if before is None or after is None:
            return None
        parts = {before, after} - {_ANY_HOUR}
        if not parts:
            return None if self._names_a_part(piece) else printed
        moved = {hour_in(hours, printed) for hours in parts}
        return moved.pop() if len(moved) == 1 else None

    def _hours_before(self, words: list[str]) -> int | None:
        """Return the hours that the words before a time allow, as bits; None when a word is not known."""
        phrases = [words[first:] for first in range(len(words))]
        if any(self._is_little(phrase) and phrase[0].rstrip(".") not in _HALVES_ELSEWHERE for phrase in phrases):
            return _ANY_HOUR
        for phrase in phrases:
            key = word_key("".join(phrase))
            hours = hours_of(self._language, key) if len(key) > 1 else None  # "2022 م 8:30": of our era, not p.m.
            if hours is not None:
                return hours
            if self._is_neutral(phrase, is_after=False):
                return _ANY_HOUR
        return None if words else _ANY_HOUR

    def _hours_after(self, piece: Piece) -> int | None:
        """Return the hours that the words after a time allow, as bits; None when a word is not known."""
        words = _words_after(piece.after)
        while words and not is_eastern(words[0][0]):
            if self._is_little(words[:1]):
                joins = not piece.is_last and self._scanner.is_thin(piece.after)
                return _ANY_HOUR if joins and self._is_harmless(words[0]) else None
            found = [hours_of(self._language, word_key("".join(words[:last]))) for last in range(len(words), 0, -1)]
            hours = next((each for each in found if each is not None), None)
            if hours is not None:
                return hours
            lengths = range(len(words), 0, -1)
            known = next((last for last in lengths if self._is_neutral(words[:last], is_after=True)), 0)
            if not known:
                return None
            words = words[known:]
        return _ANY_HOUR

    def _is_neutral(self, words: list[str], *, is_after: bool) -> bool:
        """Whether words say "at" or "o'clock" or are a label."""
        if is_label(" ".join(words)):
            return True
        key = word_key("".join(words))
        is_known = key in clock_words(self._language, is_after=is_after)
        return is_known and (len(key) < _SHORTEST - 1 or not is_half_day_anywhere(key))

    def _is_little(self, words: list[str]) -> bool:
        """Whether words are those that our tables allow between the pieces of a date."""
        return self._scanner.is_little(" ".join(words).rstrip("."))

    def _is_harmless(self, word: str) -> bool:
        """Whether a word is not a half of the day: it is none elsewhere, or the language's own month is printed."""
        return word.rstrip(".") not in _HALVES_ELSEWHERE or not {"dmy", "mdy"}.isdisjoint(self._by_kind)

    def _names_a_part(self, piece: Piece) -> bool:
        """Return whether a part of the day is near a time, but not next to it."""
        near = f"{piece.before[-_NEAR:]} | {piece.after[:_NEAR]}"
        if any(part in near for part in EASTERN_PARTS):
            return True
        words = [word.strip(".'") for word in _BREAK.sub(" ", near).split()]
        for phrase in (*words, *map("".join, pairwise(words))):
            if self._is_little([phrase]):
                continue
            key = word_key(phrase)
            is_foreign = not self._language or _is_other_script(key)
            if self._language not in WORDS and hours_of(self._language, key) is not None:
                return True
            if is_foreign and (len(key) >= _SHORTEST or not key.isascii()) and is_half_day_anywhere(key):
                return True
        return False


def _eastern_hour(piece: Piece, part: str, printed: int) -> int | None:
    """Return the hour that a Chinese, Japanese or Korean part of the day means; None when it is unsure."""
    is_full = not first_number(piece, "a_m", "c_m", "e_m")
    if printed == _NOON and (part in _NOON_OR_MIDNIGHT or (part == "午後" and is_full)):
        return None
    return hour_in(EASTERN_PARTS[part], printed)


def _touching(piece: Piece) -> bool:
    """Return whether a letter is next to a time."""
    return bool(_words_before(piece.before) or _words_after(piece.after))


def _words_before(text: str) -> list[str]:
    words = _BREAK.split(text[-_LOOK:].rstrip(" (\"'"))[-1].split()[-_MOST_WORDS:]
    return words if words and _has_letter(words[-1]) else []


def _words_after(text: str) -> list[str]:
    words = _BREAK.split(text[:_LOOK].lstrip(" (\"'"), maxsplit=1)[0].split()[:_MOST_WORDS]
    return words if words and _has_letter(words[0]) else []


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _is_other_script(text: str) -> bool:
    """Whether a word is written neither in Latin nor in Greek nor in Cyrillic letters."""
    return any(character > "\u052f" and not "\u1e00" <= character <= "\u1fff" for character in text)
