"""Names, labels and decoders of the encodings in the WHATWG Encoding Standard (4.2). No others are used."""

import codecs
import re
import unicodedata
from functools import lru_cache

_STANDARD = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    "ibm866": "866 cp866 csibm866 ibm866",
    "iso-8859-2": "csisolatin2 iso-8859-2 iso-ir-101 iso_8859-2:1987 l2 latin2",
    "iso-8859-3": "csisolatin3 iso-8859-3 iso-ir-109 iso_8859-3:1988 l3 latin3",
    "iso-8859-4": "csisolatin4 iso-8859-4 iso-ir-110 iso_8859-4:1988 l4 latin4",
    "iso-8859-5": "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso_8859-5:1988",
    "iso-8859-6": "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e"
    " iso-8859-6-i iso-ir-127 iso_8859-6:1987",
    "iso-8859-7": "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso_8859-7:1987 sun_eu_greek",
    "iso-8859-8": "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso_8859-8:1988 visual"
    " csiso88598i iso-8859-8-i logical",
    "iso-8859-10": "csisolatin6 iso-8859-10 iso-ir-157 l6 latin6",
    "iso-8859-13": "iso-8859-13",
    "iso-8859-14": "iso-8859-14",
    "iso-8859-15": "csisolatin9 iso-8859-15 l9 latin9",
    "iso-8859-16": "iso-8859-16",
    "koi8-r": "cskoi8r koi koi8 koi8-r",
    "koi8-u": "koi8-ru koi8-u",
    "macintosh": "csmacintosh mac macintosh x-mac-roman mac-roman",
    "windows-874": "dos-874 iso-8859-11 tis-620 windows-874 cp874",
    "windows-1250": "cp1250 windows-1250 x-cp1250",
    "windows-1251": "cp1251 windows-1251 x-cp1251",
    "windows-1252": "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso_8859-1:1987 l1"
    " latin1 us-ascii windows-1252 x-cp1252",
    "windows-1253": "cp1253 windows-1253 x-cp1253",
    "windows-1254": "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254",
    "windows-1255": "cp1255 windows-1255 x-cp1255",
    "windows-1256": "cp1256 windows-1256 x-cp1256",
    "windows-1257": "cp1257 windows-1257 x-cp1257",
    "windows-1258": "cp1258 windows-1258 x-cp1258",
    "x-mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian mac-cyrillic",
    "gb18030": "gb18030 chinese csgb2312 csiso58gb231280 gb2312 gb_2312-80 gbk iso-ir-58 x-gbk cp936 ms936",
    "big5": "big5 big5-hkscs cn-big5 csbig5 x-x-big5 cp950",
    "euc-jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso-2022-jp": "csiso2022jp iso-2022-jp",
    "shift_jis": "csshiftjis ms932 ms_kanji shift_jis sjis windows-31j x-sjis cp932",
    "euc-kr": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 windows-949 cp949"
    " uhc",
    "utf-16be": "unicodefffe utf-16be",
    "utf-16le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
}
"""Names and their labels: those of the standard, and a few that Python and pages use. GBK is decoded as gb18030."""
_NOT_SPELLING = re.compile(r"[^a-z0-9]+")
_PYTHON = {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "big5": "big5hkscs", "shift_jis": "cp932",
           "iso-2022-jp": "iso2022_jp", "euc-kr": "cp949", "ibm866": "cp866", "macintosh": "mac_roman",
           "x-mac-cyrillic": "mac_cyrillic", "windows-874": "cp874"}  # fmt: skip
DEFAULT = "windows-1252"
"""The encoding that many servers declare for every page, and that browsers assume when none is declared."""
MULTIBYTE = frozenset(
    ("utf-8", "utf-16le", "utf-16be", "gb18030", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr")
)


def _spelt(label: str) -> str:
    return _NOT_SPELLING.sub("", label.lower())


_NAMES = {_spelt(label): name for name, labels in _STANDARD.items() for label in labels.split()}
_NAMES |= {f"win125{number}": f"windows-125{number}" for number in range(9)}


@lru_cache(maxsize=256)
def standard_name(label: str) -> str | None:
    """Return the standard's name of an encoding for any of its labels; None for other encodings."""
    return _NAMES.get(_spelt(label))


def python_codec(name: str) -> str:
    """Return the name of Python's codec for an encoding."""
    return _PYTHON.get(name, name)


def to_text(body: bytes, name: str) -> str:
    """Decode bytes. Invalid sequences become U+FFFD; NULs of multi-byte encodings are removed."""
    if name in MULTIBYTE:
        text = body.decode(python_codec(name), "replace")
        if name in _COMPLETED and 0 < text.count("\ufffd") < _MOST_COMPLETED:
            text = body.decode(python_codec(name), _AS_STANDARD)
        return text.replace("\0", "")
    return codecs.charmap_decode(body, "strict", table(name))[0]


def _as_standard(error: UnicodeError) -> tuple[str, int]:
    """Decode what the standard's GBK and EUC-JP have, and Python's do not: the euro sign as 80, NEC's characters."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    code = error.object[error.start : error.start + 2]
    if error.encoding == "gb18030" and code[:1] == b"\x80":
        return "\u20ac", error.start + 1
    if error.encoding == "euc_jp" and len(code) == 2 and min(code) > 0xA0:  # noqa: PLR2004
        lead, trail = divmod((code[0] - 0xA1) * 94 + code[1] - 0xA1, 188)
        shift_jis = bytes((lead + (0x81 if lead < 0x1F else 0xC1), trail + (0x40 if trail < 0x3F else 0x41)))  # noqa: PLR2004
        return shift_jis.decode("cp932", "replace")[:1], error.start + 2
    return "\ufffd", error.end


_AS_STANDARD, _COMPLETED, _MOST_COMPLETED = "archiver.as_standard", ("gb18030", "euc-jp"), 10_000
codecs.register_error(_AS_STANDARD, _as_standard)


@lru_cache(maxsize=32)
def table(name: str) -> str:
    """Return the 256 characters of a single-byte encoding; bytes 80-9F that Python leaves undefined are controls."""
    chars = [bytes([byte]).decode(python_codec(name), "replace") for byte in range(256)]
    return "".join(chr(byte) if char == "\ufffd" and byte < 0xA0 else char for byte, char in enumerate(chars))  # noqa: PLR2004


@lru_cache(maxsize=32)
def is_composed(name: str) -> bool:
    """Return whether any text in an encoding is in NFC, because it has no combining characters."""
    return (
        name in _STANDARD
        and name not in MULTIBYTE
        and not any(unicodedata.combining(char) or not unicodedata.is_normalized("NFC", char) for char in table(name))
    )
