"""Percent-encode paths and queries as browsers do (WHATWG URL, 1.3 and 4.4).

A path is always encoded as UTF-8, a query in the encoding of the page that contains the link. A character that the
encoding lacks becomes an escaped character reference: `%26%2312354%3B`.
"""

import codecs
import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

from archiver.text.charset_names import MULTIBYTE, python_codec, standard_name, table

_PATH_SAFE = "!$%&'()*+,/:;=@[\\]|"
_QUERY_SAFE = "!$%&()*+,/:;=?@[\\]^`{|}"
"""The ASCII that the path percent-encode set and the query percent-encode set of a special URL leave as it is."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_AS_UTF_8 = frozenset(("utf-8", "utf-16le", "utf-16be"))
_JAPANESE = {"\u00a5": "\\", "\u203e": "~", "\u2212": "\uff0d"}
"""Replacements in the standard's encoders of Shift_JIS and EUC-JP (Encoding 12.1.2, 12.3.2)."""
_FULL_WIDTH = {
    chr(code): unicodedata.normalize("NFKC", chr(code)).replace("\u3099", "\u309b").replace("\u309a", "\u309c")
    for code in range(0xFF61, 0xFFA0)
} | {"\u2212": "\uff0d"}
"""Replacements in the standard's encoder of ISO-2022-JP (12.2.2)."""
_BIG5_WRITTEN = 0xA1
"""The least first byte that the standard's Big5 encoder writes; lower ones (Hong Kong) are only decoded."""
_KANA_BYTES = range(0xA1, 0xE0)


def percent_encode_path(path: str) -> str:
    """Escape a path as UTF-8; existing escapes are kept."""
    return quote(path if path.isascii() else _SURROGATES.sub("\ufffd", path), safe=_PATH_SAFE)


def percent_encode_query(query: str, charset: str = "utf-8") -> str:
    """Escape a query in the encoding of its page; existing escapes are kept.

    Args:
        query: the text between `?` and `#`, as written.
        charset: the encoding of the page. UTF-16 and unknown encodings count as UTF-8.
    """
    if query.isascii():
        return quote(query, safe=_QUERY_SAFE)
    query = _SURROGATES.sub("\ufffd", query)
    name = "gbk" if charset.lower() == "gbk" else standard_name(charset)
    if name is None or name in _AS_UTF_8:
        return quote(query, safe=_QUERY_SAFE)
    if name == "iso-2022-jp":
        written = "".join(_FULL_WIDTH.get(char, char) for char in query)
        return quote(written.encode("iso2022_jp", _ESCAPED_REFERENCES), safe=_QUERY_SAFE)
    return quote(b"".join(_encoded(char, name) for char in query), safe=_QUERY_SAFE)


def _encoded(char: str, name: str) -> bytes:
    """Encode one character, or return its escaped reference."""
    if char.isascii():
        return char.encode()
    try:
        return _two_bytes(char, name) if name == "gbk" or name in MULTIBYTE else _one_byte(char, name)
    except UnicodeEncodeError:
        return _reference(char).encode()


def _one_byte(char: str, name: str) -> bytes:
    """Encode in a single-byte encoding. In windows-1258 a letter with a tone is split, as it was in the page."""
    codes = _codes(name)
    if char not in codes and name == "windows-1258":
        parts = unicodedata.normalize("NFD", char)
        tones = "".join(part for part in parts if part in _TONES)
        char = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES)) + tones
    if any(part not in codes for part in char):
        raise UnicodeEncodeError(name, char, 0, 1, "not in the encoding")
    return bytes(codes[part] for part in char)


@lru_cache(maxsize=32)
def _codes(name: str) -> dict[str, int]:
    return {char: byte for byte, char in enumerate(table(name)) if char != "\ufffd"}


def _two_bytes(char: str, name: str) -> bytes:
    """Encode in an encoding of Chinese, Japanese or Korean.

    Raises:
        UnicodeEncodeError: the standard's encoder does not write the character.
    """
    if name == "euc-jp":
        return _euc_jp(_JAPANESE.get(char, char))
    if name == "gbk":
        code = b"\x80" if char == "\u20ac" else char.encode("gb18030")
        is_written = len(code) <= 2  # noqa: PLR2004
    else:
        code = (_JAPANESE.get(char, char) if name == "shift_jis" else char).encode(python_codec(name))
        is_written = name != "big5" or code[0] >= _BIG5_WRITTEN
    if not is_written:
        raise UnicodeEncodeError(name, char, 0, 1, "only read, not written")
    return code


def _euc_jp(char: str) -> bytes:
    """Encode in EUC-JP by way of Shift_JIS, which has the standard's characters; Python's EUC-JP lacks NEC's."""
    code = char.encode("cp932")
    if len(code) == 1:
        return b"\x8e" + code if code[0] in _KANA_BYTES else code
    lead, trail = code
    row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 188 + trail - (0x40 if trail < 0x7F else 0x41)  # noqa: PLR2004
    if row >= 94 * 94:
        raise UnicodeEncodeError("euc-jp", char, 0, 1, "not in JIS X 0208")
    return bytes((row // 94 + 0xA1, row % 94 + 0xA1))


def _reference(char: str) -> str:
    return f"%26%23{ord(char)}%3B"


def _referred(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_reference, error.object[error.start : error.end])), error.end


_ESCAPED_REFERENCES = "archiver.references"
codecs.register_error(_ESCAPED_REFERENCES, _referred)
