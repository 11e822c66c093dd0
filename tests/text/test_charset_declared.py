"""Declared encodings are found as browsers find them, in their order of precedence, in linear time."""

import time

import pytest

from archiver.text.charset import decode
from archiver.text.charset_declared import LOOK_ALL, read_header, read_languages, read_meta, read_xml
from archiver.text.charset_names import is_composed, standard_name, table

BIG5, KOI8 = b'<meta charset="big5">', b'<meta charset="koi8-r">'
METAS = {
    b"<meta charset=koi8-r>": "koi8-r",
    b"<META/CHARSET='koi8-r'/>": "koi8-r",
    b"<meta\tcharset\n=\n koi8-r\n>": "koi8-r",
    b'<meta charset=" koi8-r ">': "koi8-r",
    b'<meta data-x="a > b" charset = "koi8-r" />': "koi8-r",
    b'<meta charset="koi8-r" charset="big5">': "koi8-r",
    b"<meta charset=utf-16>": "utf-8",
    b"<meta charset=unicode>": "utf-8",
    b"<meta charset>": None,
    b"<meta charset=>": None,
    b"<metaX charset=koi8-r>": None,
    b"</meta charset=koi8-r>": None,
    b'<meta charset="koi8-r>': None,
    b'<meta charset="koi8-r><p title="x">': None,
    b"<meta charset=nonsense>" + BIG5: "big5",
    b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">': "windows-1251",
    b'<meta content="text/html;charset=windows-1251" http-equiv=content-type>': "windows-1251",
    b"<meta http-equiv='Content-Type' content='text/html; charset=\"koi8-r\" '>": "koi8-r",
    b"<meta http-equiv=Content-Type content=\"text/html; charset = 'koi8-r' x\">": "koi8-r",
    b'<meta http-equiv="Content-Type" content="charset charset=koi8-r">': "koi8-r",
    b'<meta http-equiv="Content-Type" content="text/html; charset=">': None,
    b"<meta http-equiv=refresh content='0; charset=windows-1251'>": None,
    b'<meta name=description content="charset=koi8-r">': None,
    b'<meta property="og:title" content="a charset=koi8-r">' + BIG5: "big5",
    b"<!-- " + KOI8 + b" -->" + BIG5: "big5",
    b"<!-->" + KOI8: "koi8-r",
    b"<!--->" + KOI8: "koi8-r",
    b"<!-- never closed " + KOI8: None,
    b"<a title='" + KOI8 + b"'>" + BIG5: "big5",
    b"<a title='never closed>" + KOI8: None,
    b"<?php " + b"<meta charset=koi8-r>?>" + BIG5: "big5",
    b"<!doctype html>" + BIG5: "big5",
    b"< meta charset=koi8-r>" + BIG5: "big5",
    b"<script>var meta = '" + KOI8 + b"'</script>": "koi8-r",  # the standard's prescan does not skip scripts
    b" " * 1100 + b"<script>var meta = '" + KOI8 + b"'</script>" + BIG5: "big5",  # but a browser's parser does
    b"<script>" + b" " * 1100 + KOI8 + b"</script>" + BIG5: "big5",
    b"<title>" + b" " * 1100 + KOI8 + b"</title>" + BIG5: "big5",
    b" " * 5000 + BIG5: None,
}


@pytest.mark.parametrize(("head", "name"), METAS.items())
def test_meta_is_found_as_browsers_find_it(head: bytes, name: str | None) -> None:
    assert read_meta(head) == name


def test_a_late_meta_is_found_when_it_is_asked_for() -> None:
    assert read_meta(b"<p>" + b" " * 50_000 + BIG5, LOOK_ALL) == "big5"
    assert read_meta(b"<style>" + b" " * 50_000 + BIG5, LOOK_ALL) is None


DECLARATIONS = {
    b'<?xml version="1.0" encoding="iso-8859-2"?><html>': "iso-8859-2",
    b"<?xml version='1.0' encoding = 'koi8-r' standalone='yes'?>": "koi8-r",
    b'<?xml encoding="utf-16"?>': "utf-8",
    b'\r\n <?xml version="1.0" encoding="big5"?>': "big5",
    b'<?xml version="1.0"?><x encoding="koi8-r">': None,
    b'<?xml version="1.0" encoding="koi8-r ?><p title="x">': None,
    b"<?xml encoding=koi8-r?>": None,
    b'<?xml encoding="k o i"?>': None,
    b'<?xml encoding="base64"?>': None,
    b'<p><?xml version="1.0" encoding="big5"?>': None,
    b'<?xml version="1.0" encoding="big5"': None,
}


@pytest.mark.parametrize(("head", "name"), DECLARATIONS.items())
def test_an_xml_declaration_is_read(head: bytes, name: str | None) -> None:
    assert read_xml(head) == name


HEADERS = {
    None: (None, False),
    "": (None, False),
    "text/html": (None, False),
    "text/html; charset=UTF-8": ("utf-8", False),
    "text/html;charset = 'utf8'": ("utf-8", False),
    "text/html; charset=win-1251": ("windows-1251", False),
    "text/html; charset=base64": (None, False),
    "text/html; charset=win1251": ("windows-1251", False),
    "text/html; charset=unicode": ("utf-16le", False),
    "application/xhtml+xml": (None, True),
    "application/xhtml+xml; charset=big5": ("big5", True),
    "text/xml": (None, True),
    "application/xml;charset=utf-16": ("utf-16le", True),
    "application/atom+xml": (None, True),
    "text/xmlish": (None, False),
}


@pytest.mark.parametrize(("content_type", "expected"), HEADERS.items())
def test_header(content_type: str | None, expected: tuple[str | None, bool]) -> None:
    assert tuple(read_header(content_type)) == expected


TEXT = "<p>ľahký šťastný žart, ťažký Ž</p>"
BOTH = '<?xml version="1.0" encoding="iso-8859-2"?><html><head><meta charset="windows-1250"></head>' + TEXT


@pytest.mark.parametrize(
    ("content_type", "codec", "how"),
    [
        ("text/html", "cp1250", "meta"),
        (None, "cp1250", "meta"),
        ("application/xhtml+xml", "iso8859_2", "xml"),
        ("text/xml", "iso8859_2", "xml"),
        ("application/xml", "iso8859_2", "xml"),
        ("application/xhtml+xml; charset=windows-1250", "cp1250", "header"),
        ("text/html; charset=iso-8859-2", "iso8859_2", "header"),
    ],
)
def test_the_order_in_which_declarations_count(content_type: str | None, codec: str, how: str) -> None:
    decoded = decode(BOTH.encode(codec), content_type)
    assert (decoded.text, decoded.how, decoded.notes) == (BOTH, how, ())


RUSSIAN = "<p>Городской совет вчера открыл новый детский сад</p>"
JAPANESE = "<p>市は昨日、新しい保育園を開いた</p>"


@pytest.mark.parametrize(
    ("head", "content_type", "codec", "how"),
    [
        ('<?xml version="1.0" encoding="windows-1251"?><meta charset="utf-8">', "text/html", "cp1251", "xml"),
        ('<meta charset="koi8-r">', "text/html; charset=utf-8", "koi8_r", "meta"),
        ('<meta charset="koi8-r">', "text/html; charset=iso-8859-1", "koi8_r", "meta"),
        ('<?xml version="1.0" encoding="koi8-r"?>', "text/xml; charset=utf-8", "koi8_r", "xml"),
        ('<meta charset="koi8-r">', "text/html; charset=big5", "koi8_r", "meta"),
        ('<meta charset="koi8-r">', "text/html; charset=utf-16", "koi8_r", "meta"),
    ],
)
def test_where_the_bytes_belie_one_declaration_the_next_counts(
    head: str, content_type: str, codec: str, how: str
) -> None:
    decoded = decode((head + RUSSIAN).encode(codec), content_type)
    assert decoded.text == head + RUSSIAN
    assert (decoded.how, len(decoded.notes)) == (how, 1)


def test_a_japanese_page_of_a_server_that_declares_latin_1_for_every_page() -> None:
    for name, codec in (("shift_jis", "cp932"), ("euc-jp", "euc_jp")):
        page = f"<meta charset={name}>{JAPANESE}"
        decoded = decode(page.encode(codec), "text/html; charset=ISO-8859-1")
        assert (decoded.text, decoded.charset, decoded.how) == (page, name, "meta")
    french = "<meta charset=gb2312><p>Le maître a été là, õ ã</p>"
    assert decode(french.encode("cp1252"), "text/html; charset=ISO-8859-1").text == french


LANGUAGES = {
    b'<!doctype html><html class=a lang="pl-PL" xml:lang=pl>': ("pl-PL", "pl"),
    b"<HTML LANG=cs>": ("cs",),
    b"<html lang=''><meta http-equiv='Content-Language' content='de, en'>": ("de",),
    b'<html lang=en><meta property="og:locale" content="vi_VN">': ("en", "vi_VN"),
    b"<meta name=language content=Deutsch>": (),
    b"<!-- <html lang=cs> --><p lang=pl>": (),
    b"<html lang='\xe9'>": (),
    b"": (),
}


@pytest.mark.parametrize(("head", "tags"), LANGUAGES.items())
def test_the_languages_a_page_names(head: bytes, tags: tuple[str, ...]) -> None:
    assert read_languages(head) == tags


LABELS = (
    "unicode-1-1-utf-8 866 csibm866 latin2 l3 iso-ir-110 cyrillic asmo-708 sun_eu_greek visual logical l6 iso8859-13"
    " iso885914 l9 iso-8859-16 koi koi8-ru mac x-mac-roman dos-874 iso-8859-11 x-cp1250 x-cp1251 ansi_x3.4-1968 ascii"
    " iso_8859-1:1987 x-cp1253 latin5 x-cp1255 x-cp1256 x-cp1257 x-cp1258 x-mac-ukrainian chinese gb_2312-80 x-gbk"
    " gb18030 big5-hkscs x-x-big5 cseucpkdfmtjapanese csiso2022jp ms_kanji windows-31j csksc56011987 ks_c_5601-1989"
    " korean unicodefffe iso-10646-ucs-2 ucs-2"
)


def test_labels_of_the_standard_are_known_and_nothing_else() -> None:
    assert all(standard_name(label) for label in LABELS.split())
    for label in (
        "iso-2022-kr",
        "hz-gb-2312",
        "replacement",
        "x-user-defined",
        "utf-7",
        "utf-32",
        "rot13",
        "",
        "cp037",
    ):
        assert standard_name(label) is None


def test_tables_of_single_bytes_are_whole() -> None:
    assert table("windows-1252")[0x80:0x83] == "€\x81‚"
    assert table("koi8-r")[0xC1] == "а"
    assert is_composed("windows-1251")
    assert not any(map(is_composed, ("windows-1258", "windows-1255", "windows-874", "utf-8", "tcvn3")))


HOSTILE = [
    b'<a x="' * 20_000, b"<a x='\"" * 16_000, b"<!--" * 30_000, b"<script>" * 15_000, b"<meta " * 20_000,
    b"<a " + b"a=" * 60_000, b"<a" + b" /" * 50_000, b"<a" + b" " * 99_000, b"<" * 100_000, b'<a b= c="' * 11_000,
    b"</" * 50_000, b'<a "' * 30_000, b"<?xml" + b" " * 99_000, b"<?xml encoding=" * 7_000, b"<html " * 20_000,
    b"<meta content='charset" * 5_000, b"<title>" * 15_000,
]  # fmt: skip


@pytest.mark.parametrize("head", HOSTILE, ids=lambda head: repr(head[:12]))
def test_a_hostile_head_is_read_in_time(head: bytes) -> None:
    started = time.process_time()
    read_meta(head + b"charset", LOOK_ALL)
    read_languages(head)
    read_xml(head)
    assert time.process_time() - started < 1
