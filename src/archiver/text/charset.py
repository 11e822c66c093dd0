"""From bytes to text, and how we knew: byte order mark, header, meta, detection; a declaration the bytes belie is overruled."""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from archiver.text.legacy import repair

_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_LOOK = 4096  # bytes of a page in which a meta declaration counts
_SAMPLE = 100_000  # bytes detection looks at
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ALIASES = {
    "iso-8859-1": "windows-1252", "iso8859-1": "windows-1252", "latin1": "windows-1252", "latin-1": "windows-1252",
    "us-ascii": "windows-1252", "ascii": "windows-1252", "cp1252": "windows-1252", "x-cp1258": "windows-1258",
    "cp1258": "windows-1258", "utf8": "utf-8", "unicode": "utf-8", "utf-16": "utf-8", "utf-16le": "utf-8",
    "utf-16be": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949", "iso-8859-9": "windows-1254", "tis-620": "windows-874",
}  # fmt: skip
_FEW = 0.002  # share of bytes that may be broken in a page that is UTF-8 all the same
_UNWANTED = re.compile("[\u0000\ud800-\udfff]")


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
            return _made(body[len(mark) :].decode(name, "replace"), name, "bom")
    legacy = repair(body) if b".Vn" in body or b"VNI" in body or b"vni" in body else None
    if legacy is not None:
        return _made(legacy[0], legacy[1], "legacy", (f"letters of {legacy[1].upper()} fonts were read as Unicode",))
    declared, how = _declared(body, content_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _not_utf8(body, declared, how)
    if declared in (None, "utf-8") or body.isascii():
        return _made(text, "utf-8", how if declared else "utf-8")
    return _made(text, "utf-8", "utf-8", (f"declared {declared} ({how}), but the bytes are UTF-8",))


def _declared(body: bytes, content_type: str | None) -> tuple[str | None, str]:
    found = _HEADER.search(content_type or "")
    if found and (name := _known(found[1])):
        return name, "header"
    meta = _META.search(body[:_LOOK])
    if meta and (name := _known(meta[1].decode("ascii"))):
        return name, "meta"
    return None, ""


def _known(name: str) -> str | None:
    name = name.lower()
    name = _ALIASES.get(name, name)
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return None
    return name if getattr(codec, "_is_text_encoding", True) else None


def _not_utf8(body: bytes, declared: str | None, how: str) -> Decoded:
    if declared and declared != "utf-8":
        return _made(body.decode(declared, "replace"), declared, how)
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if declared == "utf-8" and broken <= max(3, len(body) * _FEW):
        return _made(text, "utf-8", how, (f"{broken} bytes are no UTF-8 and were replaced",))
    name = _guess(body)
    note = f"declared utf-8 ({how}), but the bytes look like {name}" if declared else f"no charset declared; read as {name}"
    return _made(body.decode(name, "replace"), name, "guess", (note,))


def _guess(body: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415  (slow to load, seldom needed)

    if _looks_like_1258(body):
        return "windows-1258"
    best = from_bytes(body[:_SAMPLE], threshold=0.5).best()
    return best.encoding if best is not None else "windows-1252"


def _looks_like_1258(body: bytes) -> bool:
    """windows-1258 writes tones as marks behind vowels: many of those, and hardly any elsewhere."""
    marks = len(re.findall(rb"[aeiouyAEIOUY\xe2\xea\xf4\xf5\xfd\xe3][\xcc\xd2\xde\xec\xf2]", body[:_SAMPLE]))
    strays = len(re.findall(rb"[^aeiouyAEIOUY\xe2\xea\xf4\xf5\xfd\xe3\xc2\xca\xd4\xd5\xdd\xc3][\xcc\xd2\xde\xec\xf2]", body[:_SAMPLE]))
    return marks >= 5 and strays * 10 <= marks  # noqa: PLR2004


def _made(text: str, charset: str, how: str, notes: tuple[str, ...] = ()) -> Decoded:
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return Decoded(_UNWANTED.sub("", text) if _UNWANTED.search(text) else text, charset, how, notes)
