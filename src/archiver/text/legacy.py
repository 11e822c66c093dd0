"""Vietnamese before Unicode: TCVN3 (ABC) and VNI pages, written with fonts that redrew Latin letters.

Such pages declare Latin-1, UTF-8 or nothing, and name a font: `.VnTime`, `VNI-Times`. Read as Latin-1 they are
noise ("Céng hoµ x· héi" for "Cộng hoà xã hội"). They are repaired here, before any cleaning: in TCVN3 the letter
"ư" is byte 0xAD, which Latin-1 calls a soft hyphen and every cleaner removes. Never applied when unsure.
"""

import re
import unicodedata

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
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303", "ä": "\u0302\u0323",
    "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_SINGLE = {
    "ñ": "đ", "Ñ": "Đ", "ö": "ư", "Ö": "Ư", "ô": "ơ", "Ô": "Ơ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị",
    "Í": "Í", "Ì": "Ì", "Æ": "Ỉ", "Ó": "Ĩ", "Ò": "Ị", "î": "ỵ", "Î": "Ỵ",
}  # fmt: skip
_VNI_PAIR = re.compile("([aeouyAEOUYöÖôÔ])([" + "".join(_VNI_MARKS) + "".join(_VNI_MARKS).upper() + "])")
_VNI_ALONE = re.compile("[" + "".join(_VNI_SINGLE) + "]")

_FONT_TCVN3 = re.compile(rb"""[\s"':,=]\.Vn[A-Z3]""")
_FONT_VNI = re.compile(rb"""[\s"':,=]VNI[- ][A-Z]""", re.IGNORECASE)
_ENOUGH = 8  # telling letters a page must hold before it is repaired


def repair(body: bytes) -> tuple[str, str] | None:
    """The text of a page in TCVN3 or VNI, and which it was; None when it is neither, or when that is not sure."""
    tcvn3 = b".Vn" in body and _FONT_TCVN3.search(body) is not None
    vni = b"VNI" in body.upper() and _FONT_VNI.search(body) is not None
    if tcvn3 == vni:
        return None
    text = _latin(body)
    if text is None:
        return None
    repaired = _tcvn3(text) if tcvn3 else _vni(text)
    if _telling(repaired) < _ENOUGH or _telling(repaired) <= 2 * _telling(text):
        return None
    return repaired, "tcvn3" if tcvn3 else "vni"


def _latin(body: bytes) -> str | None:
    """The Latin-1 letters the page was typed in, whether it is stored as bytes or already as UTF-8."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")
    if any(ord(char) > 0xFF and _is_vietnamese(char) for char in text):
        return None
    return text


def _tcvn3(text: str) -> str:
    return text.translate({ord(old): new for old, new in _TCVN3.items()})


def _vni(text: str) -> str:
    def pair(found: re.Match[str]) -> str:
        base = _VNI_SINGLE.get(found[1], found[1])
        return unicodedata.normalize("NFC", base + _VNI_MARKS[found[2].lower()])

    return _VNI_ALONE.sub(lambda found: _VNI_SINGLE[found[0]], _VNI_PAIR.sub(pair, text))


def _telling(text: str) -> int:
    """How many letters only Vietnamese has."""
    return sum(map(_is_vietnamese, text))


def _is_vietnamese(char: str) -> bool:
    return "\u1ea0" <= char <= "\u1ef9" or char in "ăĂđĐơƠưƯ"
