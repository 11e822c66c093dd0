"""Decode a page: byte order mark, then header, then meta or XML declaration, then detection.

When the bytes contradict a declaration, it is overruled and a note says so. Only the encodings of the WHATWG Encoding
Standard are used, under the names that the standard gives them.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from archiver.text.charset_bytes import WIDE, find_wide, is_binary
from archiver.text.charset_declared import (
    LOOK,
    LOOK_ALL,
    Header,
    read_header,
    read_languages,
    read_meta,
    read_xml,
)
from archiver.text.charset_guess import disprove_default, guess_charset, is_plainly_western
from archiver.text.charset_names import DEFAULT, MULTIBYTE, is_composed, to_text
from archiver.text.clean import nfc
from archiver.text.legacy import repair

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))
_BOM_STARTS = (b"\xef", b"\xff", b"\xfe")
_WIDE_XML = re.compile(rb"<\0\?\0x\0|\0<\0\?\0x")
_ASCII = bytes(range(0x80))
_MAYBE_LEGACY = re.compile(rb"V(?:NI|ni|n(?<=\.Vn))")
"""Names of TCVN3 and VNI fonts. One search that begins with a rare letter takes a sixth of the time of three."""
_MOST_BROKEN = 100
"""One character in so many may be broken in UTF-16: of random bytes three in a hundred are."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded page, and how its encoding was found.

    Attributes:
        text: the page in NFC. It means nothing when `is_text` is False.
        charset: the encoding, by its name in the WHATWG Encoding Standard; `tcvn3` or `vni` where fonts were repaired.
        how: bom, header, meta, xml, guess, utf-8 (the bytes are UTF-8, whatever was declared) or legacy.
        notes: what was assumed or overruled, in words.
        is_text: False when the bytes are not text in any encoding: compressed or encrypted data, a program, an image.
    """

    text: str
    charset: str
    how: str
    notes: tuple[str, ...] = ()
    is_text: bool = True


def decode(body: bytes, content_type: str | None, language: str | None = None) -> Decoded:
    """Return the text of a page. It never raises; the notes say what was assumed.

    Args:
        body: the page as sent, content-encoding undone.
        content_type: the Content-Type header. It comes before everything the page declares, except a byte order mark.
        language: the likely language of the page (BCP 47). It is a hint for pages that declare no encoding, and comes
            after the languages that the page itself names.
    """
    if body[:1] in _BOM_STARTS and (found := _after_mark(body)):
        return found
    header = read_header(content_type)
    if b"\0" in body or header.charset in WIDE:
        return _with_nuls(body, header, language)
    return _read(body, header, language, is_text=not is_binary(body, quick=True))


def _after_mark(body: bytes) -> Decoded | None:
    """Decode a page that begins with a byte order mark; return None when it does not."""
    mark, name = next(((mark, name) for mark, name in _BOMS if body.startswith(mark)), (b"", ""))
    if not mark:
        return None
    body = body[len(mark) :]
    text = to_text(body, name)
    if "\ufffd" not in text:
        return _decoded(text, name, "bom")
    is_text = not is_binary(body) if name == "utf-8" else text.count("\ufffd") * _MOST_BROKEN <= len(text)
    return _decoded(text, name, "bom", is_text=is_text)


def _with_nuls(body: bytes, header: Header, language: str | None) -> Decoded:
    """Decode a page that is UTF-16 without a byte order mark, is declared as UTF-16, or contains stray NULs."""
    if name := find_wide(body, header.charset):
        return _wide(body, name, header)
    is_text = not is_binary(body)
    body = body.replace(b"\0", b"")
    if header.charset not in WIDE:
        return _read(body, header, language, is_text=is_text)
    found = _read(body, header._replace(charset=None), language, is_text=is_text)
    return replace(found, notes=(f"declared {header.charset} (header), but the bytes are not", *found.notes))


def _wide(body: bytes, name: str, header: Header) -> Decoded:
    if header.charset == name:
        return _decoded(to_text(body, name), name, "header")
    if header.charset is None and _WIDE_XML.match(body):
        return _decoded(to_text(body, name), name, "xml")
    said = "no byte order mark" if header.charset is None else f"declared {header.charset} (header)"
    return _decoded(to_text(body, name), name, "guess", (f"{said}; read as {name}",))


class _Declaration(NamedTuple):
    """A declared encoding, and where it was declared."""

    charset: str
    how: str

    def __str__(self) -> str:
        return f"{self.charset} ({self.how})"


def _read(body: bytes, header: Header, language: str | None, *, is_text: bool) -> Decoded:
    """Decode a page that is not UTF-16: as UTF-8 if it is valid, else as declared, else as guessed."""
    try:
        text, read = codecs.utf_8_decode(body, "strict", False)  # noqa: FBT003  (a letter cut at the end is no error)
    except UnicodeDecodeError:
        if not is_text or is_binary(body):
            return _decoded(to_text(body, DEFAULT), DEFAULT, "guess", is_text=False)
        return _legacy(body, None) or _not_utf8(_Page(body, header, language))
    if not ("đ" in text or "ư" in text) and (legacy := _legacy(body, text)):
        return legacy
    if read < len(body):
        return _cut_utf8(_Page(body, header, language), text)
    said = _Declaration(header.charset, "header") if header.charset else next(_declared(body, header), None)
    return _utf8(body, text, said, is_text=is_text)


def _cut_utf8(page: "_Page", text: str) -> Decoded:
    """Decode UTF-8 that ends within a character. If that is the only non-ASCII one, another encoding is likelier."""
    if text.isascii():
        return _not_utf8(page)
    found = _utf8(page.body, text, next(_declared(page.body, page.header), None))
    return replace(found, notes=(*found.notes, "the last letter is cut in two"))


def _utf8(body: bytes, text: str, said: _Declaration | None, *, is_text: bool = True) -> Decoded:
    if text.isascii():
        if is_text and b"\x1b" in body:
            return _seven_bits(body, text, said)
    elif said is not None and said.charset != "utf-8":
        note = f"declared {said}, but the bytes are UTF-8"
        return _decoded(text, "utf-8", "utf-8", (note,), is_text=is_text)
    return _decoded(text, "utf-8", said.how if said else "utf-8", is_text=is_text)


def _seven_bits(body: bytes, text: str, said: _Declaration | None) -> Decoded:
    """Decode ISO-2022-JP, which is ASCII with escape sequences; other escapes stay as they are."""
    name = "iso-2022-jp"
    if said is not None and said.charset == name:
        return _decoded(to_text(body, name), name, said.how)
    japanese = to_text(body, name)
    if "\ufffd" in japanese or japanese.isascii():
        return _decoded(text, "utf-8", said.how if said else "utf-8")
    return _decoded(japanese, name, "guess", (_looks_like(said, name),))


def _legacy(body: bytes, text: str | None) -> Decoded | None:
    if not _MAYBE_LEGACY.search(body):
        return None
    found = repair(body, text)
    if found is None:
        return None
    return _decoded(found[0], found[1], "legacy", (f"letters of {found[1].upper()} fonts were read as Unicode",))


class _Page(NamedTuple):
    """A page that is not UTF-8, its header and the language hint."""

    body: bytes
    header: Header
    language: str | None


def _declared(body: bytes, header: Header, look: int = LOOK) -> Iterator[_Declaration]:
    """Yield the declared encodings in order of precedence. Some pages sent as XML declare theirs in `<meta>`."""
    if header.charset:
        yield _Declaration(header.charset, "header")
    meta, xml = read_meta(body, LOOK), read_xml(body)
    found = [_Declaration(charset, how) for charset, how in ((meta, "meta"), (xml, "xml")) if charset]
    yield from reversed(found) if header.is_xml else found
    if look > LOOK and meta is None and (late := read_meta(body, look)):
        yield _Declaration(late, "meta")


def _not_utf8(page: _Page) -> Decoded:
    """Decode a page by the first declaration that its bytes do not contradict, else by a guess."""
    declared = _declared(page.body, page.header, LOOK_ALL)
    first = next(declared, None)
    if utf8 := _broken_utf8(page.body, first):
        return utf8
    for said in chain((first,) if first else (), declared):
        found = None
        if said.charset == DEFAULT and not is_plainly_western(page.body):
            found = _instead_of_default(page, said, next(declared, None) if said.how == "header" else None)
        if found := found or _as_declared(page.body, said, first):
            return found
    return _guessed(page, first)


def _instead_of_default(page: _Page, said: _Declaration, of_page: _Declaration | None) -> Decoded | None:
    """Decode a page whose server declares Latin-1 for every page: as the page declares, or as its letters prove."""
    if of_page and of_page.charset != DEFAULT:
        found = _as_declared(page.body, of_page, said)
        if found and (of_page.charset not in MULTIBYTE or "\ufffd" not in found.text):
            return found
    other = disprove_default(page.body, _languages(page))
    if other is None:
        return None
    return _decoded(to_text(page.body, other.charset), other.charset, "guess", (_looks_like(said, other.charset),))


def _broken_utf8(body: bytes, said: _Declaration | None) -> Decoded | None:
    """Decode a page that is UTF-8 except for a few bytes; return None when it is something else."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    whole = len(text) - broken - (len(body) - len(body.translate(None, _ASCII)))
    is_said = said is not None and said.charset == "utf-8"
    if whole < max(1, broken) if is_said else whole <= broken * 10:
        return None
    notes = (f"declared {said}, but the bytes are UTF-8",) if said and not is_said else ()
    how = said.how if said and is_said else "utf-8"
    return _decoded(text, "utf-8", how, (*notes, f"{broken} bytes are not UTF-8 and were replaced"))


def _as_declared(body: bytes, said: _Declaration, first: _Declaration | None) -> Decoded | None:
    """Decode a page as declared; return None when the bytes contradict that. `first` is the first declaration."""
    if said.charset == "utf-8":
        return None
    text = to_text(body, said.charset)
    broken = text.count("\ufffd")
    if said.charset in MULTIBYTE and broken * 10 > max(30, len(text) - (len(body) - len(body.translate(None, _ASCII)))):
        return None
    notes = (f"{broken} bytes are not {said.charset} and were replaced",) if broken else ()
    if first is not None and first != said:
        notes = (f"declared {first}, but {said.charset} in the page itself, which the bytes look like", *notes)
    return _decoded(text, said.charset, said.how, notes)


def _guessed(page: _Page, said: _Declaration | None) -> Decoded:
    found = guess_charset(page.body, _languages(page))
    name = found.charset
    if found.is_sure:
        note = _looks_like(said, name)
    elif said is None:
        note = f"no charset declared; {name} is a guess"
    else:
        note = f"declared {said}, but the bytes are not; {name} is a guess"
    return _decoded(to_text(page.body, name), name, "guess", (note,), is_text=found.is_text)


def _looks_like(said: _Declaration | None, name: str) -> str:
    return f"declared {said}, but the bytes look like {name}" if said else f"no charset declared; read as {name}"


def _languages(page: _Page) -> tuple[str, ...]:
    return (*read_languages(page.body), *((page.language,) if page.language else ()))


def _decoded(text: str, charset: str, how: str, notes: tuple[str, ...] = (), *, is_text: bool = True) -> Decoded:
    return Decoded(text if is_composed(charset) else nfc(text), charset, how, notes, is_text)
