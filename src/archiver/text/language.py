"""Detect the language of a text, and normalise language tags.

A page without a declared language is read in the language of its words. The script decides first; when several
languages share a script, the commonest words of each and the letters of some do (`language_words.toml`). A text that
is short, mixed or close to two languages gives "".
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from pathlib import Path

from archiver.text.cldr import language_words, languages, primary_of, word_key

LOOK = 4000  # characters
_FEWEST_LETTERS = 12
_FEWEST_HITS = 3  # different common words of the language that is chosen
_SHARE = 0.6  # of all letters, those of one script
_KANA = 0.03  # of the letters of Japanese, those that are kana; Chinese has none
_DENSITY = {"latin": 0.08, "cyrillic": 0.08}  # of all words, those that are common in running text
_SPARSE = 0.03  # the same in menus, and in scripts whose little words are written as a part of the next
_MANY_HITS = 8  # common words that decide in a sparse text
_MARGIN = 1.25  # by which the best language must exceed the second, unless the words that they do not share decide
_ONLY = 3  # words that only the best of two languages has, and how often they must outnumber those of the other
_LETTER_WEIGHT = 4  # of the share of letters that only one language has, against the share of its common words
_MOST_BY_LETTERS = 0.35
_WIDE = 3  # Latin letters that count as one syllable or word of an East Asian script
_WORD = re.compile(r"[^\W\d_][\w\u0300-\u036f\u0900-\u0963\u0610-\u065f'’]*")

_RANGES = (
    ("latin", 0x41, 0x24F), ("latin", 0x1E00, 0x1EFF), ("el", 0x370, 0x3FF), ("el", 0x1F00, 0x1FFF),
    ("cyrillic", 0x400, 0x52F), ("hy", 0x531, 0x587), ("hebrew", 0x5D0, 0x5F4), ("arabic", 0x620, 0x6FF),
    ("arabic", 0x750, 0x77F), ("devanagari", 0x900, 0x97F), ("bn", 0x980, 0x9FF), ("pa", 0xA00, 0xA7F),
    ("gu", 0xA80, 0xAFF), ("or", 0xB00, 0xB7F), ("ta", 0xB80, 0xBFF), ("te", 0xC00, 0xC7F), ("kn", 0xC80, 0xCFF),
    ("ml", 0xD00, 0xD7F), ("si", 0xD80, 0xDFF), ("th", 0xE00, 0xE7F), ("lo", 0xE80, 0xEFF), ("bo", 0xF00, 0xFFF),
    ("my", 0x1000, 0x109F), ("ka", 0x10A0, 0x10FF), ("ko", 0x1100, 0x11FF), ("ethiopic", 0x1200, 0x139F),
    ("km", 0x1780, 0x17FF), ("kana", 0x3041, 0x30FF), ("han", 0x3400, 0x9FFF), ("ko", 0xAC00, 0xD7A3),
)  # fmt: skip
"""Scripts and their letters; the script of one language is called by the language."""
_EASTERN = frozenset({"han", "kana", "ko"})


_LONGEST_TAG = 60  # characters
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis", "art"})
_END_OF_TAG = re.compile(r"[,;|/(]")


def detect_language(text: str) -> str:
    """Return the language that the words of a text show, as the first subtag of BCP 47; "" when it is unsure.

    Args:
        text: Running text, without markup; at most `LOOK` characters are read.
    """
    plain = unicodedata.normalize("NFC", text[:LOOK]).casefold()
    letters = Counter({char: count for char, count in Counter(plain).items() if char.isalpha()})
    scripts: Counter[str] = Counter()
    for char, count in letters.items():
        script = _script_of(char)
        scripts[script] += count * (_WIDE if script in _EASTERN else 1)
    if scripts.total() < _FEWEST_LETTERS:
        return ""
    kana, east = scripts["kana"], scripts["kana"] + scripts["han"]
    if east >= _SHARE * scripts.total():
        return "ja" if kana > _KANA * east else "zh"
    script, size = scripts.most_common(1)[0]
    if size < _SHARE * scripts.total():
        return ""
    return _by_words(script, plain, letters) if script in _tables() else script


@lru_cache(maxsize=4096)
def _script_of(char: str) -> str:
    code = ord(char)
    return next((script for script, first, last in _RANGES if first <= code <= last), "")


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, str]]:
    import tomllib  # noqa: PLC0415 (only for pages that declare no language)

    return tomllib.loads(Path(__file__).with_name("language_words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _common(script: str) -> dict[str, list[tuple[str, float]]]:
    """Return the common words of a script: their languages, each with the weight of the word."""
    found: dict[str, list[str]] = {}
    for language, words in _tables()[script].items():
        for word in dict.fromkeys(words.split()):
            found.setdefault(word, []).append(language)
    return {word: [(each, 1 / len(shared) ** 0.5) for each in shared] for word, shared in found.items()}


def _by_words(script: str, plain: str, letters: Counter[str]) -> str:
    """Return the language of a script whose common words and letters fill most of a text."""
    words = _WORD.findall(plain.replace("’", "'"))
    common = _common(script)
    hits: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    scores: dict[str, float] = dict.fromkeys(_tables()[script], 0.0)
    for word, count in Counter(words).items():
        for language, weight in common.get(word, ()):
            hits[language] += count
            kinds[language] += 1
            scores[language] += count * weight / len(words)
    for language in scores:
        own = sum(letters[char] for char in _tables()["letters"].get(language, ""))
        scores[language] += min(_MOST_BY_LETTERS, _LETTER_WEIGHT * own / letters.total())
    best, second = sorted(scores, key=lambda language: -scores[language])[:2]
    if kinds[best] < _FEWEST_HITS:
        return ""
    if scores[best] >= _SPARSE and hits[best] >= _MANY_HITS and scores[best] >= 2 * scores[second]:
        return best
    if scores[best] < _DENSITY.get(script, _SPARSE):
        return ""
    is_clear = scores[best] >= _MARGIN * scores[second] or _has_own_words(words, _tables()[script], best, second)
    return best if is_clear else ""


def _has_own_words(words: list[str], tables: dict[str, str], best: str, second: str) -> bool:
    """Whether the words that only one of two languages has are nearly all of the best."""
    first, other = set(tables[best].split()), set(tables[second].split())
    only_best = sum(word in first and word not in other for word in words)
    only_second = sum(word in other and word not in first for word in words)
    return only_best >= _ONLY and only_best >= _ONLY * only_second


def normal_language(tag: str) -> str:
    """Return a declared language as a BCP 47 tag: language, script and region, in their usual case.

    Args:
        tag: A language tag, a POSIX locale ("en_US.UTF-8"), a code of ISO 639-2, or the name of a language in English
            or in itself; of several, separated by commas, the first counts.

    Returns:
        The tag; "" for what is no language ("x-default", "und", "zxx").
    """
    first = _END_OF_TAG.split(tag[:_LONGEST_TAG], maxsplit=1)[0].strip().split(".")[0].split("@")[0].strip()
    subtags = re.split(r"[-_\s]+", first)
    primary = _code_of(subtags[0].lower())
    if not primary:
        return _code_by_name(first)
    script, region = "", ""
    for subtag in subtags[1:]:
        if len(subtag) == 1:  # an extension begins
            break
        if re.fullmatch("[A-Za-z]{4}", subtag) and not (script or region):
            script = subtag.title()
        elif re.fullmatch(r"[A-Za-z]{2}|\d{3}", subtag) and not region:
            region = subtag.upper().replace("UK", "GB")
    return "-".join(filter(None, (primary, script, region)))


def _code_of(code: str) -> str:
    codes = _tables()["codes"]
    code = primary_of(codes.get(code, code))
    is_long = re.fullmatch("[a-z]{3}", code) is not None and language_words(code) is not None
    is_short = code in codes["iso_639_1"].split()
    return code if (is_short or is_long) and code not in _NO_LANGUAGE else ""


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for code in languages():
        known = language_words(code)
        for name in known.names if known else ():
            found.setdefault(word_key(name), set()).add(code)
    return {name: min(codes) for name, codes in found.items() if len(codes) == 1}


def _code_by_name(name: str) -> str:
    return _names().get(word_key(name), "")
