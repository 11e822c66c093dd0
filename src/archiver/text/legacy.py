"""Vietnamese before Unicode: TCVN3 (ABC) and VNI pages, written with fonts that redrew Latin letters.

Such pages declare Latin-1, UTF-8 or nothing, and name a font: `.VnTime`, `VNI-Times`. Read as Latin-1 they are
unreadable ("Céng hoµ x· héi" for "Cộng hoà xã hội"). They are repaired here, before any cleaning: in TCVN3 the letter
"ư" is byte 0xAD, which Latin-1 calls a soft hyphen and every cleaner removes. An unsure page is not repaired.
"""

import re
import unicodedata
from html.entities import name2codepoint

_TCVN3 = {
    "¡": "Ă", "¢": "Â", "£": "Ê", "¤": "Ô", "¥": "Ơ", "¦": "Ư", "§": "Đ", "¨": "ă", "©": "â", "ª": "ê", "«": "ô",
    "¬": "ơ", "\xad": "ư", "®": "đ", "µ": "à", "¶": "ả", "·": "ã", "¸": "á", "¹": "ạ", "»": "ằ", "¼": "ẳ", "½": "ẵ",
    "¾": "ắ", "Æ": "ặ", "Ç": "ầ", "È": "ẩ", "É": "ẫ", "Ê": "ấ", "Ë": "ậ", "Ì": "è", "Î": "ẻ", "Ï": "ẽ", "Ð": "é",
    "Ñ": "ẹ", "Ò": "ề", "Ó": "ể", "Ô": "ễ", "Õ": "ế", "Ö": "ệ", "×": "ì", "Ø": "ỉ", "Ü": "ĩ", "Ý": "í", "Þ": "ị",
    "ß": "ò", "á": "ỏ", "â": "õ", "ã": "ó", "ä": "ọ", "å": "ồ", "æ": "ổ", "ç": "ỗ", "è": "ố", "é": "ộ", "ê": "ờ",
    "ë": "ở", "ì": "ỡ", "í": "ớ", "î": "ợ", "ï": "ù", "ñ": "ủ", "ò": "ũ", "ó": "ú", "ô": "ụ", "õ": "ừ", "ö": "ử",
    "÷": "ữ", "ø": "ứ", "ù": "ự", "ú": "ỳ", "û": "ỷ", "ü": "ỹ", "ý": "ý", "þ": "ỵ",
}  # fmt: skip

# VNI: a base letter and the mark that follows it; upper-case letters take upper-case marks
_VNI_MARKS = {
    "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323",
    "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303",
    "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_SINGLE = {
    "ñ": "đ", "Ñ": "Đ", "ö": "ư", "Ö": "Ư", "ô": "ơ", "Ô": "Ơ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị",
    "Í": "Í", "Ì": "Ì", "Æ": "Ỉ", "Ó": "Ĩ", "Ò": "Ị", "î": "ỵ", "Î": "Ỵ",
}  # fmt: skip
_VNI_MARK_CHARS = "".join(_VNI_MARKS) + "".join(_VNI_MARKS).upper()
_VNI = re.compile(f"([aeouyAEOUYöÖôÔ])([{_VNI_MARK_CHARS}])|([{''.join(_VNI_SINGLE)}])")

_FONT_TCVN3 = re.compile(rb"""[\s"':,=;]\.Vn[A-Z3]""")
_FONT_VNI = re.compile(rb"""[\s"':,=;]VNI[- ][A-Z]""", re.IGNORECASE)
_PROOF = re.compile("[ăĂđĐơƠưƯ\u1ea0-\u1ef9]")  # letters only Vietnamese has
_WORD = re.compile(r"[^\W\d_]+")
_SYLLABLE = re.compile(
    "(?:ngh?|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdđghklmnprstvx])?"
    "[aeiouyàáâãèéêìíòóôõùúýăĩũơư\u1ea1-\u1ef9]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
_ENTITY = re.compile("&(?:#([0-9]{3})|#[xX]([0-9A-Fa-f]{2})|([A-Za-z]{2,6}[0-9]{0,2}));")
_LONE = re.compile("(?<![A-Za-z\xa1-\xff])[©»×·¼½¾](?![A-Za-z\xa1-\xff])")  # signs, unless a letter is next to them
_KEPT = 0xE000  # the private use area holds single signs while letters are read
_TCVN3_TABLE = {ord(old): new for old, new in _TCVN3.items()} | {_KEPT + ord(sign): sign for sign in "©»×·¼½¾"}
_SAMPLE = 100_000  # characters that are tried first
_ENOUGH = 6  # words of proof that a page must have before it is repaired


def repair(body: bytes, text: str | None = None) -> tuple[str, str] | None:
    """Return the text of a page in TCVN3 or VNI, and which it was; None when it is neither or unsure.

    Args:
        body: the page as sent.
        text: the same as UTF-8, if it is valid: some editors saved the Latin letters in UTF-8 or as entities.
    """
    tcvn3 = b".Vn" in body and _FONT_TCVN3.search(body) is not None
    vni = _FONT_VNI.search(body) is not None
    if tcvn3 == vni or (text is not None and _PROOF.search(text)):
        return None
    latin = body.decode("cp1252", "replace") if text is None else text
    read = _tcvn3 if tcvn3 else _vni
    if not _is_vietnamese(read(latin[:_SAMPLE])):
        return None
    return read(latin), "tcvn3" if tcvn3 else "vni"


def _is_vietnamese(text: str) -> bool:
    """Return whether there are enough words with Vietnamese letters, and four in five could be Vietnamese syllables."""
    proofs = [word for word in _WORD.findall(text.lower()) if _PROOF.search(word)]
    return len(proofs) >= _ENOUGH and sum(map(bool, map(_SYLLABLE.fullmatch, proofs))) * 5 >= len(proofs) * 4


def _letter(found: re.Match[str]) -> str:
    """Return the Latin-1 letter of an entity; markup, spaces and all others stay entities."""
    decimal, hexadecimal, name = found.groups()
    code = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else name2codepoint.get(name, 0)
    return chr(code) if 0xA0 < code <= 0xFF else found[0]  # noqa: PLR2004


def _tcvn3(text: str) -> str:
    text = _ENTITY.sub(_letter, text)
    return _LONE.sub(lambda sign: chr(_KEPT + ord(sign[0])), text).translate(_TCVN3_TABLE)


def _vni(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        base, mark, single = found.groups()
        if single:
            return _VNI_SINGLE[single]
        return unicodedata.normalize("NFC", _VNI_SINGLE.get(base, base) + _VNI_MARKS[mark.lower()])

    return _VNI.sub(letter, _ENTITY.sub(_letter, text))
