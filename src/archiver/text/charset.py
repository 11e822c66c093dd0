"""From bytes to text, and how we knew: byte order mark, header, meta or XML declaration, detection.

A declaration that the bytes belie is overruled, and a note says so. Only the encodings of the WHATWG Encoding Standard
are used, whatever a page asks for, and by the names it gives them.
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
_MOST_BROKEN = 100
"""One character in so many may be broken in UTF-16: of random bytes three in a hundred are."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, NFC, and how it was found.

    Attributes:
        text: the page. Of bytes that are no text it is worth nothing.
        charset: the encoding, by its name in the WHATWG Encoding Standard; `tcvn3` or `vni` where fonts were repaired.
        how: bom, header, meta, xml, guess, utf-8 (the bytes are, whatever was declared) or legacy.
        notes: what was assumed or overruled, in words.
        is_text: False when the bytes are no text in any encoding: compressed or encrypted data, a program, an image.
    """

    text: str
    charset: str
    how: str
    notes: tuple[str, ...] = ()
    is_text: bool = True


def decode(body: bytes, content_type: str | None, language: str | None = None) -> Decoded:
    """The text of a page. Never raises; what had to be assumed is in the notes.

    Args:
        body: the page as sent, content-encoding undone.
        content_type: the Content-Type header; it outweighs what the page says, but for a byte order mark.
        language: a language the page is likely in (BCP 47), when it names none itself: it helps where nothing is
            declared.
    """
    if body[:1] in _BOM_STARTS and (marked := _marked(body)):
        return marked
    header = read_header(content_type)
    if b"\0" in body or header.charset in WIDE:
        return _with_nuls(body, header, language)
    return _read(body, header, language, is_text=not is_binary(body, quick=True))


def _marked(body: bytes) -> Decoded | None:
    """What a byte order mark stands before; None without one."""
    mark, name = next(((mark, name) for mark, name in _BOMS if body.startswith(mark)), (b"", ""))
    if not mark:
        return None
    body = body[len(mark) :]
    text = to_text(body, name)
    if "\ufffd" not in text:
        return _made(text, name, "bom")
    is_text = not is_binary(body) if name == "utf-8" else text.count("\ufffd") * _MOST_BROKEN <= len(text)
    return _made(text, name, "bom", is_text=is_text)


def _with_nuls(body: bytes, header: Header, language: str | None) -> Decoded:
    """A page that is UTF-16 without a byte order mark, or is declared so, or holds NULs that do not belong there."""
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
        return _made(to_text(body, name), name, "header")
    if header.charset is None and _WIDE_XML.match(body):
        return _made(to_text(body, name), name, "xml")
    said = "no byte order mark" if header.charset is None else f"declared {header.charset} (header)"
    return _made(to_text(body, name), name, "guess", (f"{said}; read as {name}",))


class _Said(NamedTuple):
    """An encoding that was declared, and where."""

    charset: str
    how: str

    def __str__(self) -> str:
        return f"{self.charset} ({self.how})"


def _read(body: bytes, header: Header, language: str | None, *, is_text: bool) -> Decoded:
    """A page of one-byte units: UTF-8 when it is that, else what is declared, else the best guess."""
    try:
        text, read = codecs.utf_8_decode(body, "strict", False)  # noqa: FBT003  (a letter cut at the end is no error)
    except UnicodeDecodeError:
        if not is_text or is_binary(body):
            return _made(to_text(body, DEFAULT), DEFAULT, "guess", is_text=False)
        return _legacy(body, None) or _not_utf8(_Page(body, header, language))
    if not ("đ" in text or "ư" in text) and (legacy := _legacy(body, text)):
        return legacy
    if read < len(body):
        return _cut_utf8(_Page(body, header, language), text)
    said = _Said(header.charset, "header") if header.charset else next(_declared(body, header), None)
    return _utf8(body, text, said, is_text=is_text)


def _cut_utf8(page: "_Page", text: str) -> Decoded:
    """UTF-8 whose last letter is cut in two; when that is the only one, it is rather one of another encoding."""
    if text.isascii():
        return _not_utf8(page)
    found = _utf8(page.body, text, next(_declared(page.body, page.header), None))
    return replace(found, notes=(*found.notes, "the last letter is cut in two"))


def _utf8(body: bytes, text: str, said: _Said | None, *, is_text: bool = True) -> Decoded:
    if text.isascii():
        if is_text and b"\x1b" in body:
            return _seven_bits(body, text, said)
    elif said is not None and said.charset != "utf-8":
        note = f"declared {said}, but the bytes are UTF-8"
        return _made(text, "utf-8", "utf-8", (note,), is_text=is_text)
    return _made(text, "utf-8", said.how if said else "utf-8", is_text=is_text)


def _seven_bits(body: bytes, text: str, said: _Said | None) -> Decoded:
    """Japanese of seven bits (ISO-2022-JP), unless the escapes are none of its."""
    name = "iso-2022-jp"
    if said is not None and said.charset == name:
        return _made(to_text(body, name), name, said.how)
    japanese = to_text(body, name)
    if "\ufffd" in japanese or japanese.isascii():
        return _made(text, "utf-8", said.how if said else "utf-8")
    return _made(japanese, name, "guess", (_looks_like(said, name),))


def _legacy(body: bytes, text: str | None) -> Decoded | None:
    if b"V" not in body or not (b".Vn" in body or b"VNI" in body or b"Vni" in body):
        return None
    found = repair(body, text)
    if found is None:
        return None
    return _made(found[0], found[1], "legacy", (f"letters of {found[1].upper()} fonts were read as Unicode",))


class _Page(NamedTuple):
    """A page that is not UTF-8, and what is known of it."""

    body: bytes
    header: Header
    language: str | None


def _declared(body: bytes, header: Header, look: int = LOOK) -> Iterator[_Said]:
    """What is declared, in the order in which it counts. XML has no `<meta>`, but pages sent as XML do."""
    if header.charset:
        yield _Said(header.charset, "header")
    meta, xml = read_meta(body, LOOK), read_xml(body)
    found = [_Said(charset, how) for charset, how in ((meta, "meta"), (xml, "xml")) if charset]
    yield from reversed(found) if header.is_xml else found
    if look > LOOK and meta is None and (late := read_meta(body, look)):
        yield _Said(late, "meta")


def _not_utf8(page: _Page) -> Decoded:
    """A page in what it declares first, unless the bytes belie it; else in what it declares next; else guessed."""
    declared = _declared(page.body, page.header, LOOK_ALL)
    first = next(declared, None)
    if mended := _broken_utf8(page.body, first):
        return mended
    for said in chain((first,) if first else (), declared):
        found = None
        if said.charset == DEFAULT and not is_plainly_western(page.body):
            found = _instead_of_default(page, said, next(declared, None) if said.how == "header" else None)
        if found := found or _as_declared(page.body, said, first):
            return found
    return _guessed(page, first)


def _instead_of_default(page: _Page, said: _Said, of_page: _Said | None) -> Decoded | None:
    """A page that a server calls Latin-1 like all its pages: in what the page says itself, or what letters prove."""
    if of_page and of_page.charset != DEFAULT:
        found = _as_declared(page.body, of_page, said)
        if found and (of_page.charset not in MULTIBYTE or "\ufffd" not in found.text):
            return found
    other = disprove_default(page.body, _languages(page))
    if other is None:
        return None
    return _made(to_text(page.body, other.charset), other.charset, "guess", (_looks_like(said, other.charset),))


def _broken_utf8(body: bytes, said: _Said | None) -> Decoded | None:
    """A page that is UTF-8 but for some bytes; None when it is something else."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    whole = len(text) - broken - (len(body) - len(body.translate(None, _ASCII)))
    is_said = said is not None and said.charset == "utf-8"
    if whole < max(1, broken) if is_said else whole <= broken * 10:
        return None
    notes = (f"declared {said}, but the bytes are UTF-8",) if said and not is_said else ()
    how = said.how if said and is_said else "utf-8"
    return _made(text, "utf-8", how, (*notes, f"{broken} bytes are no UTF-8 and were replaced"))


def _as_declared(body: bytes, said: _Said, first: _Said | None) -> Decoded | None:
    """The text in a declared encoding; None when the bytes belie it. `first` is what was declared before."""
    if said.charset == "utf-8":
        return None
    text = to_text(body, said.charset)
    broken = text.count("\ufffd")
    if said.charset in MULTIBYTE and broken * 10 > max(30, len(text) - (len(body) - len(body.translate(None, _ASCII)))):
        return None
    notes = (f"{broken} bytes are no {said.charset} and were replaced",) if broken else ()
    if first is not None and first != said:
        notes = (f"declared {first}, but {said.charset} in the page itself, which the bytes look like", *notes)
    return _made(text, said.charset, said.how, notes)


def _guessed(page: _Page, said: _Said | None) -> Decoded:
    found = guess_charset(page.body, _languages(page))
    name = found.charset
    if found.is_sure:
        note = _looks_like(said, name)
    elif said is None:
        note = f"no charset declared; {name} is a guess"
    else:
        note = f"declared {said}, but the bytes are not; {name} is a guess"
    return _made(to_text(page.body, name), name, "guess", (note,), is_text=found.is_text)


def _looks_like(said: _Said | None, name: str) -> str:
    return f"declared {said}, but the bytes look like {name}" if said else f"no charset declared; read as {name}"


def _languages(page: _Page) -> tuple[str, ...]:
    return (*read_languages(page.body), *((page.language,) if page.language else ()))


def _made(text: str, charset: str, how: str, notes: tuple[str, ...] = (), *, is_text: bool = True) -> Decoded:
    return Decoded(text if is_composed(charset) else nfc(text), charset, how, notes, is_text)
