"""From bytes to text, and how we knew: byte order mark, header, meta, detection.

A declaration the bytes belie is overruled. Only the encodings of the WHATWG Encoding Standard are used, whatever a page
asks for, and by the names it gives them.
"""

import codecs
import re
from dataclasses import dataclass
from encodings.aliases import aliases
from functools import lru_cache

from archiver.text.clean import nfc
from archiver.text.legacy import repair

_META = re.compile(rb"<meta[\s/][^>]{1,1000}", re.IGNORECASE)
_META_CHARSET = re.compile(rb"""[\s/"']charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_META_CONTENT = re.compile(rb"""\scontent\s*=[^>]*?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_QUOTED_CONTENT = re.compile(rb"""\scontent\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_LONGEST_HEADER = 1000
_LOOK = 4096  # bytes of a page in which a meta declaration counts at once; all of the sample when nothing else is known
_SAMPLE = 100_000  # bytes detection looks at
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))

_CODECS = {
    "utf_8": "utf-8", "utf_16": "utf-16le", "utf_16_le": "utf-16le", "utf_16_be": "utf-16be",
    "ascii": "windows-1252", "latin_1": "windows-1252", "cp1252": "windows-1252",
    "cp1250": "windows-1250", "cp1251": "windows-1251", "cp1253": "windows-1253", "cp1254": "windows-1254",
    "iso8859_9": "windows-1254", "cp1255": "windows-1255", "cp1256": "windows-1256", "cp1257": "windows-1257",
    "cp1258": "windows-1258", "cp874": "windows-874", "tis_620": "windows-874", "iso8859_11": "windows-874",
    "iso8859_2": "iso-8859-2", "iso8859_3": "iso-8859-3", "iso8859_4": "iso-8859-4", "iso8859_5": "iso-8859-5",
    "iso8859_6": "iso-8859-6", "iso8859_7": "iso-8859-7", "iso8859_8": "iso-8859-8", "iso8859_10": "iso-8859-10",
    "iso8859_13": "iso-8859-13", "iso8859_14": "iso-8859-14", "iso8859_15": "iso-8859-15", "iso8859_16": "iso-8859-16",
    "koi8_r": "koi8-r", "koi8_u": "koi8-u", "cp866": "ibm866", "mac_roman": "macintosh",
    "mac_cyrillic": "x-mac-cyrillic", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "big5": "big5",
    "big5hkscs": "big5",
    "shift_jis": "shift_jis", "cp932": "shift_jis", "euc_jp": "euc-jp", "iso2022_jp": "iso-2022-jp",
    "euc_kr": "euc-kr", "cp949": "euc-kr",
}  # fmt: skip
"""Python's codecs that may be used, and the standard's names; a codec that is not here is no text encoding to us."""
_LABELS = {
    "utf8": "utf_8", "unicode": "utf_8", "unicode_1_1_utf_8": "utf_8", "utf_8": "utf_8", "windows_874": "cp874",
    "dos_874": "cp874", "x_cp1250": "cp1250", "x_cp1251": "cp1251", "x_cp1252": "cp1252", "x_cp1253": "cp1253",
    "x_cp1254": "cp1254", "x_cp1255": "cp1255", "x_cp1256": "cp1256", "x_cp1257": "cp1257", "x_cp1258": "cp1258",
    "x_gbk": "gbk", "x_sjis": "cp932", "windows_31j": "cp932", "x_euc_jp": "euc_jp", "windows_949": "cp949",
    "cn_big5": "big5", "x_x_big5": "big5", "macintosh": "mac_roman", "x_mac_roman": "mac_roman", "koi": "koi8_r",
    "x_mac_cyrillic": "mac_cyrillic", "iso_8859_8_i": "iso8859_8", "iso_8859_8_e": "iso8859_8", "logical": "iso8859_8",
    "gb_2312": "gb2312", "chinese": "gb2312", "latin1": "latin_1", "koi8_ru": "koi8_u", "koi8": "koi8_r",
}  # fmt: skip
_PYTHON = {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "gb18030": "gb18030", "big5": "big5hkscs",
           "shift_jis": "cp932", "euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp", "euc-kr": "cp949",
           "ibm866": "cp866", "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic",
           "windows-874": "cp874"}  # fmt: skip
_MULTIBYTE = frozenset(
    ("utf-8", "utf-16le", "utf-16be", "gb18030", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr")
)
_GUESSES = ["cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
            "gb18030", "big5", "cp932", "euc_jp", "cp949", "iso8859_2", "cp866"]  # fmt: skip

_HIGH = bytes(range(0x80, 0x100))
_WESTERN = bytes(range(0x80)) + (
    "àâäáãåæçèéêëìíîïñòóôõöøùúûüÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜœŒ«»“”‘’„–—…·•©®™°€§¿¡ªº\xa0"
).encode("cp1252")
_VOWELS = rb"aeiouyAEIOUY\xe2\xea\xe3\xf4\xf5\xfd\xc2\xca\xc3\xd4\xd5\xdd"
_MARKED = re.compile(rb"[" + _VOWELS + rb"][\xcc\xd2\xde\xec\xf2]")
_STRAY = re.compile(rb"[^" + _VOWELS + rb"][\xcc\xd2\xde\xec\xf2]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, NFC, and how it was found. how: bom, header, meta, guess, utf-8 or legacy."""

    text: str
    charset: str
    how: str
    notes: tuple[str, ...] = ()


def decode(body: bytes, content_type: str | None) -> Decoded:
    """The text of a page. Never raises; what had to be assumed is in the notes."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _made(_text(body[len(mark) :], name), name, "bom")
    if b"\0" in body:
        wide = _wide(body)
        if wide:
            return _made(_text(body, wide), wide, "guess", (f"no byte order mark; read as {wide}",))
        body = body.replace(b"\0", b"")
    try:
        text, read = codecs.utf_8_decode(body, "strict", False)  # noqa: FBT003  (a letter cut in two at the end is no error)
    except UnicodeDecodeError:
        return _legacy(body, None) or _not_utf8(body, *_declared(body, content_type))
    if not ("đ" in text or "ư" in text) and (legacy := _legacy(body, text)):
        return legacy
    declared, how = _declared(body, content_type)
    if read < len(body) and text.isascii():
        return _not_utf8(body, declared, how)
    return _utf8(body, text, declared, how, cut=read < len(body))


def _utf8(body: bytes, text: str, declared: str | None, how: str, *, cut: bool) -> Decoded:
    notes = ("the last letter is cut in two",) if cut else ()
    if declared in (None, "utf-8"):
        return _made(text, "utf-8", how if declared else "utf-8", notes)
    if text.isascii():
        if declared == "iso-2022-jp" and "\x1b" in text:
            return _made(_text(body, declared), declared, how)
        return _made(text, "utf-8", how)
    return _made(text, "utf-8", "utf-8", (f"declared {declared} ({how}), but the bytes are UTF-8", *notes))


def _legacy(body: bytes, text: str | None) -> Decoded | None:
    if b"V" not in body or not (b".Vn" in body or b"VNI" in body or b"Vni" in body):
        return None
    found = repair(body, text)
    if found is None:
        return None
    return _made(found[0], found[1], "legacy", (f"letters of {found[1].upper()} fonts were read as Unicode",))


def _wide(body: bytes) -> str | None:
    """UTF-16 without a byte order mark: markup has a NUL beside every letter."""
    even, odd = body[:256:2].count(0), body[1:256:2].count(0)
    if max(even, odd) * 4 < min(len(body), 256) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16le" if odd > even else "utf-16be"


def _declared(body: bytes, content_type: str | None, look: int = _LOOK) -> tuple[str | None, str]:
    found = _HEADER.search(content_type[:_LONGEST_HEADER]) if content_type else None
    if found and (name := _known(found[1])):
        return name, "header"
    head = body[:look]
    if b"<!--" in head:
        head = _COMMENT.sub(b"", head)
    for tag in _META.findall(head):
        plain = b"http-equiv" not in tag.lower()
        said = _META_CHARSET.search(_QUOTED_CONTENT.sub(b"", tag)) if plain else _META_CONTENT.search(tag)
        if said and (name := _known(said[1].decode("ascii"))):
            return ("utf-8" if name.startswith("utf-16") else name), "meta"  # it was read byte by byte, so it is not
    return None, ""


@lru_cache(maxsize=256)
def _known(label: str) -> str | None:
    """The standard's name of an encoding; None for what is none of its encodings."""
    spelt = re.sub("[^a-z0-9]+", "_", label.lower()).strip("_")
    return _CODECS.get(_LABELS.get(spelt) or aliases.get(spelt, spelt))


def _not_utf8(body: bytes, declared: str | None, how: str) -> Decoded:
    if declared is None:
        declared, how = _declared(body, None, _SAMPLE)
    text = body.decode("utf-8", "replace")
    broken = _broken(text) - body.count(b"\xef\xbf\xbd")
    whole = len(text) - broken - len(body.translate(None, _HIGH))
    if whole >= max(1, broken) if declared == "utf-8" else whole > broken * 10:
        said = () if declared in (None, "utf-8") else (f"declared {declared} ({how}), but the bytes are UTF-8",)
        how = how if declared == "utf-8" else "utf-8"
        return _made(text, "utf-8", how, (*said, f"{broken} bytes are no UTF-8 and were replaced"))
    if declared is None or declared == "utf-8":
        return _guessed(body, declared, how)
    if (declared, how) == ("windows-1252", "header") and (other := _page_knows_better(body)):
        note = f"declared {declared} (header), but {other} in the page itself, which the bytes look like"
        return _made(_text(body, other), other, "meta", (note,))
    text = _text(body, declared)
    if _belied(body, text, declared):
        return _guessed(body, declared, how)
    broken = _broken(text)
    return _made(text, declared, how, (f"{broken} bytes are no {declared} and were replaced",) if broken else ())


def _belied(body: bytes, text: str, declared: str) -> bool:
    """Whether bytes that are not UTF-8 are not what was declared either."""
    if declared == "windows-1252":  # what servers say by default
        return _looks_like_1258(body)
    return declared in _MULTIBYTE and _broken(text) * 10 > max(30, len(text) - len(body.translate(None, _HIGH)))


def _page_knows_better(body: bytes) -> str | None:
    """What a page's meta says, where its bytes are not the Western text a server's default would make of them."""
    said, _ = _declared(body, None, _SAMPLE)
    fits = said is not None and said not in _MULTIBYTE and said != "windows-1252"
    return said if fits and body[:_SAMPLE].translate(None, _WESTERN) else None


def _broken(text: str) -> int:
    return text.count("\ufffd")


def _guessed(body: bytes, declared: str | None, how: str) -> Decoded:
    name = _guess(body)
    said = f"declared {declared} ({how}), but the bytes look like {name}"
    return _made(_text(body, name), name, "guess", (said if declared else f"no charset declared; read as {name}",))


def _guess(body: bytes) -> str:
    if _looks_like_1258(body):
        return "windows-1258"
    sample = body[:_SAMPLE]
    if not sample.translate(None, _WESTERN):
        return "windows-1252"
    from charset_normalizer import from_bytes  # noqa: PLC0415  (slow to load, seldom needed)

    best = from_bytes(sample, cp_isolation=_GUESSES, preemptive_behaviour=False).best()
    return _CODECS.get(best.encoding, "windows-1252") if best is not None else "windows-1252"


def _looks_like_1258(body: bytes) -> bool:
    """windows-1258 writes tones as marks behind vowels: many of those, and hardly any elsewhere."""
    sample = body[:_SAMPLE]
    marks, strays = len(_MARKED.findall(sample)), len(_STRAY.findall(sample))
    return marks >= 5 and strays * 10 <= marks  # noqa: PLR2004


def _text(body: bytes, name: str) -> str:
    if name in _MULTIBYTE:
        return body.decode(_PYTHON.get(name, name), "replace").replace("\0", "")
    return codecs.charmap_decode(body, "strict", _table(name))[0]


@lru_cache(maxsize=32)
def _table(name: str) -> str:
    """A single-byte encoding as the standard has it: what Python leaves open among 80-9F is a control, not an error."""
    chars = [bytes([byte]).decode(_PYTHON.get(name, name), "replace") for byte in range(256)]
    return "".join(chr(byte) if char == "\ufffd" and byte < 0xA0 else char for byte, char in enumerate(chars))  # noqa: PLR2004


def _made(text: str, charset: str, how: str, notes: tuple[str, ...] = ()) -> Decoded:
    return Decoded(nfc(text), charset, how, notes)
