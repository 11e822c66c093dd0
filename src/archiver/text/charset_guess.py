"""Guess the encoding of a page that declares none, or declares a wrong one.

Single-byte encodings are recognised by letters, words and language (`charset_fit`), two-byte encodings by their common
characters (`charset_pairs`), Vietnamese by its syllables (`syllables`). charset-normalizer decides when these find
nothing.
"""

from typing import NamedTuple

from archiver.text.charset_bytes import has_markup
from archiver.text.charset_fit import (
    ByteRuns,
    Fit,
    count_impossible,
    count_letters,
    find_fits,
    read_alike,
    runs_of,
    visible_text,
)
from archiver.text.charset_letters import LANGUAGES, MULTIBYTE_OF, WESTERN, known_language
from archiver.text.charset_names import DEFAULT, python_codec, standard_name
from archiver.text.charset_pairs import find_pairs
from archiver.text.syllables import Proof, weigh_1258

_SAMPLE, _MOST_BODY = 100_000, 1_000_000
_SURE = ((100, 0.06), (30, 0.1), (10, 0.15), (6, 0.3), (4, 0.5))
"""The non-ASCII bytes needed, and the lead over the next encoding that gives another text, for a sure guess."""
_EVIDENT, _KINDS = 1.05, 4
"""The least score for a sure guess, which needs frequent words or letters; or that many different letters."""
_CERTAIN = 1.3
"""A score that text in two-byte encodings never reaches."""
_READABLE, _POOR = 0.9, 0.5
"""A score that text in its own encoding reaches, and one that it never falls below."""
_AS_GOOD, _EQUAL = 0.2, 0.03
_PAIRED = 1.25
"""The average length of runs of non-ASCII bytes in two-byte encodings; in Latin script most have length 1."""
_MOST_COMMON, _MANY, _APART = 0.8, 10, 0.3
_ASCII_SECOND = ("big5", "shift_jis")
"""Encodings in which the second byte of a character may be an ASCII letter."""
_FEW = 5
"""With fewer non-ASCII bytes, the default of browsers is taken if it is possible."""
_ASCII = bytes(range(0x80))
_USUAL_SIGNS = "«»“”‘’„–—…·•©®™°€§£\xa0".encode("cp1252")
_SIGNS = _USUAL_SIGNS + "¿¡ªº½¼¾²³×\xad".encode("cp1252")
_PLAIN = _ASCII + "àâäáåçèéêëìíîïñòóôöøùúüæßÀÂÄÁÅÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÜÆœŒ".encode("cp1252") + _SIGNS
_WESTERN = _PLAIN + "ãõûÿÃÕÛ".encode("cp1252")
_CANDIDATES = ("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874",
               "gb18030", "big5", "cp932", "euc_jp", "cp949", "iso8859_2", "cp866")  # fmt: skip


class Guess(NamedTuple):
    """A guessed encoding.

    Attributes:
        charset: its standard name.
        is_sure: whether the evidence is clear; if not, another encoding may be right.
        is_text: False when the bytes are not text in any encoding.
    """

    charset: str
    is_sure: bool
    is_text: bool = True


def guess_charset(body: bytes, languages: tuple[str, ...] = ()) -> Guess:
    """Guess the encoding of a page that is not UTF-8.

    Args:
        body: the page as sent.
        languages: tags of likely languages (BCP 47), the most likely first.
    """
    return _weigh(body, languages)[0]


def is_plainly_western(body: bytes) -> bool:
    """Return whether all letters are common in Western Europe: a quick test that is enough for most pages."""
    return not body[:_SAMPLE].translate(None, _PLAIN)


def disprove_default(body: bytes, languages: tuple[str, ...] = ()) -> Guess | None:
    """Return the encoding of a page that is wrongly declared as Latin-1 or windows-1252; None without proof.

    Many servers declare Latin-1 for every page. Text that fits any language of Western Europe keeps its declaration.
    """
    found, fits = _weigh(body, languages)
    could_be = any(fit.charset == DEFAULT and fit.score >= fits[0].score - _AS_GOOD for fit in fits)
    return found if found.is_sure and found.charset not in WESTERN and not could_be else None


def _weigh(body: bytes, languages: tuple[str, ...]) -> tuple[Guess, list[Fit]]:
    """Return the best guess, and the single-byte encodings that fit if it is one of them."""
    text = visible_text(body)
    known = list(filter(None, map(known_language, languages)))
    language = next((code for code in known if code != "en"), known[0] if known else None)
    vietnamese = weigh_1258(text, hinted=any(tag.lower().split("-")[0] == "vi" for tag in languages))
    if vietnamese is Proof.FULL:
        return Guess("windows-1258", is_sure=True), []
    runs = runs_of(text)
    if runs.total and not runs.different.translate(None, _USUAL_SIGNS) and not runs.long:
        is_sure = runs.total >= _FEW or not (runs.after_lower or runs.edge)
        return Guess(_likeliest(body, [Fit(0, charset, "en") for charset in WESTERN]), is_sure), []
    fits = find_fits(text, runs, language)
    if paired := _paired(text, runs, fits, language):
        return paired, []
    if vietnamese is Proof.WEAK:
        return Guess("windows-1258", is_sure=not any(fit.score >= _READABLE for fit in fits)), []
    return (_best(body, runs, fits, language), fits) if fits else (_unusual(body, text, language), [])


def _paired(text: bytes, runs: ByteRuns, fits: list[Fit], language: str | None) -> Guess | None:
    """Guess a two-byte encoding; return None when the bytes are not in pairs, or a single-byte encoding fits well."""
    is_single = fits and fits[0].score >= _CERTAIN and language not in MULTIBYTE_OF
    if runs.total <= _PAIRED * runs.number or is_single:
        return None
    found = find_pairs(text, language)
    if found is None:
        return None
    is_apart = found.charset in _ASCII_SECOND or runs.mixed <= _APART * runs.total
    return Guess(found.charset, is_sure=found.share >= _MOST_COMMON and runs.total >= _MANY and is_apart)


def _best(body: bytes, runs: ByteRuns, fits: list[Fit], language: str | None) -> Guess:
    """Return the encoding that fits best, or the default when there is too little evidence."""
    is_little = runs.total < _FEW and fits[0].language != language and any(fit.charset == DEFAULT for fit in fits)
    if is_little or fits[0].score < _POOR:
        return Guess(DEFAULT, is_sure=False)
    alike, others = read_alike(runs.different, fits)
    lead = fits[0].score - (others[0].score if others else 0.0)
    charset = _likeliest(body, [fit for fit in alike if fit.score > fits[0].score - _EQUAL])
    is_clear = any(runs.total >= least and lead >= clear for least, clear in _SURE)
    score = fits[0].score
    is_evident = score >= _EVIDENT or (score >= _READABLE and count_letters(runs.different, fits[0]) >= _KINDS)
    return Guess(charset, is_sure=is_clear and is_evident)


def _likeliest(body: bytes, alike: list[Fit]) -> str:
    """Of encodings that decode the sample alike, return the one that fits the rest of the page best.

    A single euro sign distinguishes ISO-8859-15 from windows-1252, which has `¤` in its place.
    """
    high = body[:_MOST_BODY].translate(None, _ASCII)
    return min(alike, key=lambda fit: count_impossible(high, fit)).charset


def _unusual(body: bytes, text: bytes, language: str | None) -> Guess:
    """Guess the encoding of text that fits no known language: ask charset-normalizer, unless all is plainly Western."""
    high = text.translate(None, _ASCII)
    if not high.translate(None, _WESTERN):
        return Guess(DEFAULT, is_sure=not high.translate(None, _SIGNS))
    from charset_normalizer import from_bytes  # noqa: PLC0415  (slow to import, seldom needed)

    usual = LANGUAGES[language].charsets if language in LANGUAGES else MULTIBYTE_OF.get(language or "", ())
    for candidates in filter(None, (tuple(map(python_codec, usual)), _CANDIDATES)):
        best = from_bytes(text, cp_isolation=list(candidates), preemptive_behaviour=False).best()
        if best is not None:
            return Guess(standard_name(best.encoding) or DEFAULT, is_sure=False)
    return Guess(DEFAULT, is_sure=False, is_text=len(high) < _MANY or has_markup(body))
