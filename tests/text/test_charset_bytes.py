"""Binary data is recognised, and nothing else; UTF-16 is recognised by its bytes; decoding takes linear time."""

import random
import time
import zlib

import pytest

from archiver.text.charset import decode
from archiver.text.charset_bytes import find_wide, is_binary
from archiver.text.clean import nfc
from sentences import ENCODINGS, SENTENCES, encoded

CHANCE = random.Random(7)
DECLARED = [
    None, "text/html; charset=utf-8", "text/html; charset=iso-8859-1", "text/html; charset=shift_jis",
    "text/html; charset=utf-16", "text/html; charset=windows-1251", "text/html; charset=gb18030",
    "text/html; charset=iso-2022-jp", "text/html; charset=big5", "application/xhtml+xml",
]  # fmt: skip
TEXTS = "".join(f"<p>{' '.join(sentences)}</p>" for sentences in SENTENCES.values())
NOT_TEXT = {
    "random": CHANCE.randbytes(5000),
    "random, short": CHANCE.randbytes(200),
    "random, long": CHANCE.randbytes(300_000),
    "compressed": zlib.compress(TEXTS.encode()),
    "raw deflate": zlib.compress(TEXTS.encode(), wbits=-15),
    "encrypted": bytes(a ^ b for a, b in zip(TEXTS.encode(), CHANCE.randbytes(100_000), strict=False)),
    "behind a tag": b"<html><body>" + CHANCE.randbytes(5000),
    "only NULs": b"\0" * 500,
    "small numbers": bytes(CHANCE.choices(range(40), k=3000)),
    "a program": b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8" + b"\0" * 200 + b"This program cannot be run" + CHANCE.randbytes(999),
    "an icon": b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0" + b"\0" * 300 + b"\x11\x22\xff" * 200,
    "high bytes": bytes(CHANCE.choices(range(0x80, 0x100), k=3000)),
    "wide, with a mark": b"\xff\xfe" + CHANCE.randbytes(5000),
}  # fmt: skip


@pytest.mark.parametrize("content_type", DECLARED)
@pytest.mark.parametrize("kind", NOT_TEXT)
def test_binary_data_is_recognised(kind: str, content_type: str | None) -> None:
    if kind == "high bytes" and content_type and "charset" in content_type and "utf" not in content_type:
        return  # every byte is a letter there
    decoded = decode(NOT_TEXT[kind], content_type)
    assert not decoded.is_text
    assert decoded.charset != "shift_jis"


@pytest.mark.parametrize("language", SENTENCES)
def test_sound_text_is_text_in_every_encoding(language: str) -> None:
    sentences = SENTENCES[language]
    for encoding in (*ENCODINGS[language], "utf-8", "utf-16-le", "utf-16-be"):
        for text in (*sentences, " ".join(sentences), f"<p>{'<p>'.join(sentences)}"):
            if "utf-16" in encoding and "<" not in text:
                continue
            body = encoded(text, encoding)
            assert decode(body, None).is_text
            assert encoding[:3] == "utf" or not is_binary(body)


PAGE = f"<html><body>{TEXTS}</body></html>"
DAMAGED = {
    "a NUL": PAGE.replace("</p>", "\0</p>", 1),
    "a NUL in each paragraph": PAGE.replace("</p>", "\0</p>"),
    "padded": PAGE + "\0" * 3000,
    "padded in front": "\0" * 300 + PAGE,
    "end of file": PAGE + "\x1a",
    "controls": PAGE.replace(" ", "\x02 ", 50),
    "separators": PAGE.replace(". ", ".\x1e\x1f"),
    "every control": "<html><p>" + "".join(map(chr, range(1, 32))) + "\x7f</p></html>",
    "vertical tabs": PAGE.replace(" ", "\x0b"),
    "no markup, a NUL": "hello\0world",
    "no markup, some controls": "one\x01 two three four five six seven eight nine ten",
    "padded fields": "<table><tr><td>Smith" + "\0" * 30 + "</td><td>Jones" + "\0" * 30 + "</td></tr></table>",
}


@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize("content_type", [None, "text/html; charset=utf-8"])
def test_a_damaged_page_is_text(kind: str, content_type: str | None) -> None:
    decoded = decode(DAMAGED[kind].encode(), content_type)
    assert decoded.is_text
    assert decoded.charset == "utf-8"
    assert decoded.text == nfc(DAMAGED[kind].replace("\0", ""))
    russian = f"<p>{' '.join(SENTENCES['ru'])}\0\x02</p>"
    assert decode(russian.encode("cp1251"), content_type).text == russian.replace("\0", "")


CHINESE = (
    "<html><head><title>市民打扫街道</title></head><body>" + "<p>昨天在本市举行的会议上，代表们一致同意。</p>" * 20
)
HINDI = "<html><title>समाचार</title><p>" + "नगर परिषद ने कल एक नया विद्यालय खोला। " * 30
WIDE = [
    CHINESE,
    HINDI,
    "<p>" + " ".join(SENTENCES["ru"]),
    "<p>" + " ".join(SENTENCES["vi"]),
    "<p>😀😀 ok",
    "Just plain text",
]


@pytest.mark.parametrize("text", WIDE)
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("said", ["utf-16", "utf-16le", "utf-16be", "utf-8", "windows-1252", ""])
def test_utf_16_without_a_mark(text: str, codec: str, said: str) -> None:
    decoded = decode(text.encode(codec), f"text/html; charset={said}" if said else None)
    name = codec.replace("16-", "16")
    assert (decoded.text, decoded.charset, decoded.is_text) == (nfc(text), name, True)
    is_right = {"utf-16": "utf-16le"}.get(said, said) == name
    assert (decoded.how, len(decoded.notes)) == (("header", 0) if is_right else ("guess", 1))


@pytest.mark.parametrize("text", ["市民打扫街道新闻昨天在本市举行的会议上", "시청은 어제 새 어린이집을 열었지만"])
def test_utf_16_without_a_tag_is_accepted_when_it_is_declared(text: str) -> None:
    assert decode(text.encode("utf-16-le"), "text/html; charset=utf-16").text == text
    assert decode(text.encode("utf-16-be"), "text/html; charset=utf-16be").text == text
    assert decode(text.encode("utf-16-le")[:-1], "text/html; charset=utf-16le").text == text[:-1] + "\ufffd"


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        ("<html><p>hello", "ascii", "utf-8"),
        ("hello, plainly no wide text", "ascii", "utf-8"),
        ("<p>người dân", "utf-8", "utf-8"),
        ("người dân", "utf-8", "utf-8"),
        ("<meta charset=koi8-r><p>слово", "koi8_r", "koi8-r"),
        ("<p>" + " ".join(SENTENCES["ru"]), "cp1251", "windows-1251"),
        (" ".join(SENTENCES["ru"]), "cp1251", "windows-1251"),
        ("<p>" + " ".join(SENTENCES["ja"]), "cp932", "shift_jis"),
        ("<html>\0<p>hello</p>" + " text" * 30, "ascii", "utf-8"),
    ],
)
@pytest.mark.parametrize("said", ["utf-16", "utf-16be"])
def test_a_header_that_declares_utf_16_for_other_bytes_is_overruled(
    text: str, codec: str, name: str, said: str
) -> None:
    decoded = decode(text.encode(codec), f"text/html; charset={said}")
    assert (decoded.text, decoded.charset) == (text.replace("\0", ""), name)
    assert decoded.notes[0].endswith("(header), but the bytes are not")


def test_an_xml_declaration_in_utf_16() -> None:
    page = '<?xml version="1.0" encoding="utf-16"?><html><title>Žluť</title></html>'
    for codec in ("utf-16-le", "utf-16-be"):
        decoded = decode(page.encode(codec), "application/xhtml+xml")
        assert (decoded.text, decoded.how, decoded.notes) == (page, "xml", ())
    assert find_wide(page.encode("utf-8"), "utf-16le") is None


M = 10_000_000
HOSTILE = {
    "random": CHANCE.randbytes(M), "one letter": b"\xe9" * M, "letters": b"\xe9" + b"a" * M, "words": b"a\xe9" * (M // 2),
    "spaces": b"\xa0" * M, "NULs": b"<p>\0" * (M // 4), "tags": b"\xe9" + b"<a " * (M // 3), "less": b"\xe9" + b"<" * M,
    "comments": b"\xe9" + b"<!--" * (M // 4), "scripts": b"\xe9" + b"<script>" * (M // 8), "styles": b"\xe9" + b"<style " * (M // 7),
    "metas": b"<meta charset=" * (M // 14) + b"\xe9", "quotes": b"\xe9" + b'<a x="' * (M // 6), "marks": b"\xcc\xd2\xec\xf2" * (M // 4),
    "1258": b"ng\xfd\xf5\xcci " * (M // 7), "escapes": b"\x1b$B" * (M // 3), "wide": b"<\0p\0>\0" * (M // 6),
    "references": b"\xe9" + b"&#432;" * (M // 6), "Chinese": "中文".encode("gbk") * (M // 4), "broken": b"\xc3\xa9\xff" * (M // 3),
    "late": b" " * M + b"\xe9",
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_ten_megabytes_are_read_in_time(kind: str) -> None:
    for content_type in ("text/html", "text/html; charset=iso-8859-1"):
        started = time.process_time()
        decode(HOSTILE[kind], content_type)
        assert time.process_time() - started < 8
