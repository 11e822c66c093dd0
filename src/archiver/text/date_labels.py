"""Recognize the words that say what a date is: last changed, updated, or published.

"Last modified" is about the latest change and nothing else. "Updated" is weaker: many portals print it next to the only
date of an article, which then is the publication. Words are compared without case, accents and full stops.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from archiver.text.cldr import primary_of, word_key
from archiver.text.cldr_dates import date_orders
from archiver.text.date_words import WORDS, orders_of

LabelKind = Literal["published", "updated", "modified"]


_LOOK = 300  # characters
_MOST_WORDS = 6  # of a label
_NO_SPACES = frozenset({"ja", "zh", "ko", "th"})
"""Languages whose labels are also found inside a word."""
_WORD = re.compile(r"[^\s\d|,;:()/•·!?\"=<>\[\]、，：（）՝։،]+")

_SAME = {"no": "nb", "yue": "zh", "tl": "fil"}


@lru_cache(maxsize=1)
def _labels() -> dict[str, dict[LabelKind, list[str]]]:
    import tomllib  # noqa: PLC0415 (only for words that no other table knows)

    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _table(language: str) -> tuple[dict[str, LabelKind], dict[str, LabelKind], frozenset[str]]:
    """Return the labels of a language and of English, or of all: those made of whole words, and those within words.

    The third is the words with which those of whole words begin.
    """
    code = _SAME.get(language, language)
    chosen = (code, "en") if code in _labels() else tuple(_labels())
    whole: dict[str, LabelKind] = {}
    within: dict[str, LabelKind] = {}
    begin: set[str] = set()
    for each in chosen:
        into = within if each in _NO_SPACES else whole
        for kind in get_args(LabelKind):
            labels = _labels()[each][kind]
            into.update(dict.fromkeys(map(word_key, labels), kind))
            begin.update(word_key(words[0]) for label in labels if (words := _WORD.findall(label)))
    return whole, within, frozenset(begin | whole.keys())


def _found(text: str, language: str) -> set[LabelKind]:
    whole, within, begin = _table(primary_of(language))
    words = [word_key(word) for word in _WORD.findall(text[:_LOOK].replace("\u200c", " "))]
    found = {kind for first in range(len(words)) if words[first] in begin for kind in _starting_at(words, first, whole)}
    joined = "".join(words)
    return found | {kind for label, kind in within.items() if label in joined}


def _starting_at(words: list[str], first: int, labels: dict[str, LabelKind]) -> set[LabelKind]:
    """Return the kind of the longest label that begins at a word."""
    for last in range(min(first + _MOST_WORDS, len(words)), first, -1):
        kind = labels.get("".join(words[first:last]))
        if kind:
            return {kind}
    return set()


def modification_label(text: str, language: str = "") -> Literal["modified", "updated", ""]:
    """Return whether the text around a date labels it as a change of the page.

    Args:
        text: the text next to the date, with or without the date; at most 300 characters are read.
        language: BCP 47; labels of this language and of English count. "" means every language.

    Returns:
        "modified" for the latest change ("Last modified", "Sửa đổi lần cuối"); "updated" for a label that is also
        printed next to the only date of an article ("Updated", "Cập nhật lúc"); "" for neither.
    """
    found = _found(text, language)
    return "modified" if "modified" in found else "updated" if "updated" in found else ""


def is_publication_label(text: str, language: str = "") -> bool:
    """Whether the text around a date labels it as the publication; see `modification_label` for the arguments."""
    return "published" in _found(text, language)


def is_label(text: str) -> bool:
    """Whether a text is one of the labels of dates, in any language."""
    whole, within, _ = _table("")
    key = word_key(text)
    return key in whole or key in within


def label_language(text: str) -> str:
    """Return the language of the longest label in a text; "" without one, for an English one, and for one of several.

    A label that several languages share counts for the first when all of them write day and month in one order.
    """
    words = [word_key(word) for word in _WORD.findall(text[:_LOOK])]
    runs = {
        "".join(words[first:last])
        for first in range(len(words))
        for last in range(first + 1, min(first + _MOST_WORDS, len(words)) + 1)
    }
    found = _languages()
    known = [found[run] for run in sorted(runs, key=len, reverse=True) if run in found]
    languages = known[0] if known else ()
    return languages[0] if len({_orders(each) for each in languages}) == 1 and "en" not in languages else ""


@lru_cache(maxsize=1)
def _languages() -> dict[str, tuple[str, ...]]:
    """Return the languages of each label, by its key."""
    found: dict[str, tuple[str, ...]] = {}
    for language, kinds in _labels().items():
        for label in (label for labels in kinds.values() for label in labels):
            key = "".join(word_key(word) for word in _WORD.findall(label))
            if language not in found.get(key, ()):
                found[key] = (*found.get(key, ()), language)
    return found


def _orders(language: str) -> str:
    return orders_of(language) if language in WORDS else date_orders(language)
