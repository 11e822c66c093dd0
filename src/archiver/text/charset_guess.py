"""The encoding of text that declares none, or declares what its bytes belie.

Single-byte encodings are known by letters, words and language (`charset_fit`), those of two bytes by their common
characters (`charset_pairs`), Vietnamese by its syllables. charset-normalizer decides where none of these says anything.
"""

from typing import NamedTuple

from archiver.text.charset_bytes import has_markup
from archiver.text.charset_fit import Fit, Runs, count_impossible, find_fits, read_alike, runs_of, visible_text
from archiver.text.charset_letters import LANGUAGES, MULTIBYTE_OF, WESTERN, known_language
from archiver.text.charset_names import DEFAULT, python_codec, standard_name
from archiver.text.charset_pairs import find_pairs
from archiver.text.syllables import Proof, weigh_1258

_SAMPLE, _MOST_BODY = 100_000, 1_000_000
_SURE = ((100, 0.06), (10, 0.15), (6, 0.3), (4, 0.5))
"""So many bytes beyond ASCII, and so much better a score than that of any other reading, make a guess sure."""
_CERTAIN = 1.3
"""A score that text of two bytes a character never has."""
_AS_GOOD, _EQUAL = 0.2, 0.03
_PAIRED = 1.25
"""Bytes beyond ASCII in a row, on average, that may be pairs: in Latin letters nearly each stands alone."""
_MOST_COMMON, _MANY, _APART = 0.8, 10, 0.3
_ASCII_SECOND = ("big5", "shift_jis")
"""Encodings in which the second byte of a character may be an ASCII letter."""
_FEW = 5
"""Bytes beyond ASCII that prove nothing: what browsers would take is taken, if it is possible."""
_ASCII = bytes(range(0x80))
_USUAL_SIGNS = "«»“”‘’„–—…·•©®™°€§£\xa0".encode("cp1252")
_SIGNS = _USUAL_SIGNS + "¿¡ªº½¼¾²³×\xad".encode("cp1252")
_PLAIN = _ASCII + "àâäáåçèéêëìíîïñòóôöøùúüæßÀÂÄÁÅÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÜÆœŒ".encode("cp1252") + _SIGNS
_WESTERN = _PLAIN + "ãõûÿÃÕÛ".encode("cp1252")
_CANDIDATES = ("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874",
               "gb18030", "big5", "cp932", "euc_jp", "cp949", "iso8859_2", "cp866")  # fmt: skip


class Guess(NamedTuple):
    """An encoding, and how far it can be believed.

    Attributes:
        charset: by its standard name.
        is_sure: whether letters and words speak clearly for it; else another one may be right.
        is_text: False when the bytes are letters in no encoding.
    """

    charset: str
    is_sure: bool
    is_text: bool = True


def guess_charset(body: bytes, languages: tuple[str, ...] = ()) -> Guess:
    """The encoding of a page that is not UTF-8.

    Args:
        body: the page as sent.
        languages: tags of the languages it may be in, the most likely first.
    """
    return _weigh(body, languages)[0]


def is_plainly_western(body: bytes) -> bool:
    """Whether all letters are those of the large languages of Western Europe: a quick test that settles most pages."""
    return not body[:_SAMPLE].translate(None, _PLAIN)


def disprove_default(body: bytes, languages: tuple[str, ...] = ()) -> Guess | None:
    """What bytes declared as Latin-1 or windows-1252, which servers say of all, are instead; None without proof.

    A text that could be of any language of Western Europe stays what it was declared.
    """
    found, fits = _weigh(body, languages)
    could_be = any(fit.charset == DEFAULT and fit.score >= fits[0].score - _AS_GOOD for fit in fits)
    return found if found.is_sure and found.charset not in WESTERN and not could_be else None


def _weigh(body: bytes, languages: tuple[str, ...]) -> tuple[Guess, list[Fit]]:
    """The best guess, and the single-byte encodings that fit when it is one of them."""
    text = visible_text(body)
    known = list(filter(None, map(known_language, languages)))
    language = next((code for code in known if code != "en"), known[0] if known else None)
    vietnamese = weigh_1258(text, hinted=any(tag.lower().split("-")[0] == "vi" for tag in languages))
    if vietnamese is Proof.FULL:
        return Guess("windows-1258", is_sure=True), []
    runs = runs_of(text)
    if runs.total and not runs.different.translate(None, _USUAL_SIGNS) and not runs.long:
        return Guess(_likeliest(body, [Fit(0, charset, "en") for charset in WESTERN]), is_sure=True), []
    fits = find_fits(text, runs, language)
    if paired := _paired(text, runs, fits, language):
        return paired, []
    if vietnamese is Proof.WEAK:
        return Guess("windows-1258", is_sure=False), []
    return (_best(body, runs, fits, language), fits) if fits else (_unusual(body, text, language), [])


def _paired(text: bytes, runs: Runs, fits: list[Fit], language: str | None) -> Guess | None:
    """An encoding of two bytes a character; None when the bytes do not stand in pairs, or one of single bytes fits."""
    if runs.total <= _PAIRED * runs.number or (fits and fits[0].score >= _CERTAIN):
        return None
    found = find_pairs(text, language)
    if found is None:
        return None
    is_apart = found.charset in _ASCII_SECOND or runs.mixed <= _APART * runs.total
    return Guess(found.charset, is_sure=found.share >= _MOST_COMMON and runs.total >= _MANY and is_apart)


def _best(body: bytes, runs: Runs, fits: list[Fit], language: str | None) -> Guess:
    """The encoding that fits best; sure when it is clearly better than every one that reads another text."""
    if runs.total < _FEW and fits[0].language != language and any(fit.charset == DEFAULT for fit in fits):
        return Guess(DEFAULT, is_sure=False)
    alike, others = read_alike(runs.different, fits)
    lead = fits[0].score - (others[0].score if others else 0.0)
    charset = _likeliest(body, [fit for fit in alike if fit.score > fits[0].score - _EQUAL])
    return Guess(charset, is_sure=any(runs.total >= least and lead >= clear for least, clear in _SURE))


def _likeliest(body: bytes, alike: list[Fit]) -> str:
    """Of encodings that read the sample alike, the one in which the rest of the page is possible, too.

    So a lone euro sign tells ISO-8859-15 from windows-1252, which has `¤` there.
    """
    high = body[:_MOST_BODY].translate(None, _ASCII)
    return min(alike, key=lambda fit: count_impossible(high, fit)).charset


def _unusual(body: bytes, text: bytes, language: str | None) -> Guess:
    """What charset-normalizer says of a text that fits no language known here, or that has signs only."""
    high = text.translate(None, _ASCII)
    if not high.translate(None, _WESTERN):
        return Guess(DEFAULT, is_sure=not high.translate(None, _SIGNS))
    from charset_normalizer import from_bytes  # noqa: PLC0415  (slow to load, seldom needed)

    usual = LANGUAGES[language].charsets if language in LANGUAGES else MULTIBYTE_OF.get(language or "", ())
    for candidates in filter(None, (tuple(map(python_codec, usual)), _CANDIDATES)):
        best = from_bytes(text, cp_isolation=list(candidates), preemptive_behaviour=False).best()
        if best is not None:
            return Guess(standard_name(best.encoding) or DEFAULT, is_sure=False)
    return Guess(DEFAULT, is_sure=False, is_text=len(high) < _MANY or has_markup(body))
