"""Pages are decoded to the intended text, whatever they declare; nothing raises."""

import codecs
import unicodedata
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.text import clean
from archiver.text.charset import decode
from archiver.text.percent import percent_encode_query
from sentences import in_1258

SAID = "Ủy ban nhân dân Quận 11 đã tổ chức hội nghị tổng kết; ư ữ ứ Đường phố, những người dân được biết"
PAGE = f"<html><body><p>{SAID}</p></body></html>"
FRENCH = "<p>Déjà vu : l’élève a été très étonné — où êtes-vous ?</p>"

TCVN3 = (
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
    bytes.fromhex(
        "a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae b5 b6 b7 b8 b9 bb bc bd be c6 c7 c8 c9 ca cb cc ce cf d0 d1 d2 d3 d4 d5 d6"
        " d7 d8 dc dd de df e1 e2 e3 e4 e5 e6 e7 e8 e9 ea eb ec ed ee ef f1 f2 f3 f4 f5 f6 f7 f8 f9 fa fb fc fd fe"
    ),
)
VNI_MARKS = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
VNI_ROUND = {"\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä", "": "â"}
VNI_SHORT = {"\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë", "": "ê"}
VNI_WHOLE = dict(zip("đươíìỉĩịỵĐƯƠÍÌỈĨỊỴ", "ñöôíìæóòîÑÖÔÍÌÆÓÒÎ", strict=True))


def in_tcvn3(text: str) -> bytes:
    table = dict(zip(TCVN3[0], TCVN3[1], strict=True))
    folded = "".join(char if char in table or char.lower() not in table else char.lower() for char in text)
    return bytes(table.get(char) or ord(char) for char in folded)


def in_vni(text: str) -> bytes:
    written = []
    for char in text:
        if char in VNI_WHOLE:
            written.append(VNI_WHOLE[char])
            continue
        parts = unicodedata.normalize("NFD", char)
        base, marks = parts[0], parts[1:]
        tone = next((mark for mark in marks if mark in VNI_MARKS), "")
        if "\u0302" in marks or "\u0306" in marks:
            spelt = base + (VNI_ROUND if "\u0302" in marks else VNI_SHORT)[tone]
        elif "\u031b" in marks:
            spelt = (
                VNI_WHOLE[base.replace("o", "ơ").replace("u", "ư").replace("O", "Ơ").replace("U", "Ư")]
                + VNI_MARKS[tone]
            )
        else:
            spelt = base + (VNI_MARKS[tone] if tone else "")
        written.append(spelt[0] + spelt[1:].upper() if base.isupper() and len(spelt) == 2 else spelt)
    return "".join(written).encode("latin-1")


def meta(charset: str) -> str:
    return f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'


LIES = {
    "utf-8, nothing said": (PAGE.encode(), None, "utf-8", "utf-8", 0),
    "utf-8, header": (PAGE.encode(), "text/html; charset=UTF-8", "utf-8", "header", 0),
    "utf-8, quoted header": (PAGE.encode(), "text/html;charset = 'utf8'", "utf-8", "header", 0),
    "utf-8, meta": ((meta("utf-8") + PAGE).encode(), "text/html", "utf-8", "meta", 0),
    "utf-8, short meta": (('<META CHARSET="UTF-8">' + PAGE).encode(), None, "utf-8", "meta", 0),
    "utf-8, BOM": (b"\xef\xbb\xbf" + PAGE.encode(), "text/html; charset=latin1", "utf-8", "bom", 0),
    "utf-8, latin-1 header": (PAGE.encode(), "text/html; charset=ISO-8859-1", "utf-8", "utf-8", 1),
    "utf-8, 1258 meta": ((meta("windows-1258") + PAGE).encode(), None, "utf-8", "utf-8", 1),
    "utf-8, garbage charset": (PAGE.encode(), "text/html; charset=;;@@", "utf-8", "utf-8", 0),
    "utf-8, base64": (PAGE.encode(), "text/html; charset=base64", "utf-8", "utf-8", 0),
    "utf-8, utf-16 meta": ((meta("utf-16") + PAGE).encode(), None, "utf-8", "meta", 0),
    "NFD": (unicodedata.normalize("NFD", PAGE).encode(), None, "utf-8", "utf-8", 0),
    "utf-8, NULs": (PAGE.replace("p>", "p>\0\0").encode(), None, "utf-8", "utf-8", 0),
    "utf-16le, BOM": (codecs.BOM_UTF16_LE + PAGE.encode("utf-16-le"), None, "utf-16le", "bom", 0),
    "utf-16be, BOM": (codecs.BOM_UTF16_BE + PAGE.encode("utf-16-be"), "a; charset=utf-8", "utf-16be", "bom", 0),
    "utf-16le, no BOM": (PAGE.encode("utf-16-le"), "text/html; charset=utf-16", "utf-16le", "header", 0),
    "utf-16be, no BOM": (PAGE.encode("utf-16-be"), None, "utf-16be", "guess", 1),
    "1258, header": (in_1258(PAGE), "text/html; charset=windows-1258", "windows-1258", "header", 0),
    "1258, meta": (meta("cp1258").encode() + in_1258(PAGE), None, "windows-1258", "meta", 0),
    "1258, nothing said": (in_1258(PAGE), None, "windows-1258", "guess", 1),
    "1258, utf-8 said": (in_1258(PAGE), "text/html; charset=utf-8", "windows-1258", "guess", 1),
    "1258, latin-1 said": (in_1258(PAGE), "text/html; charset=iso-8859-1", "windows-1258", "guess", 1),
    "1258, base64 said": (in_1258(PAGE), "text/html; charset=base64", "windows-1258", "guess", 1),
    "late meta": (b" " * 5000 + meta("windows-1258").encode() + in_1258(PAGE), None, "windows-1258", "meta", 0),
    "meta in a comment": (
        b"<!-- " + meta("koi8-r").encode() + b" -->" + meta("windows-1258").encode() + in_1258(PAGE),
        None,
        "windows-1258",
        "meta",
        0,
    ),
    "meta of another kind": (
        b'<meta name=description content="x; charset=koi8-r">' + in_1258(PAGE),
        None,
        "windows-1258",
        "guess",
        1,
    ),
    "header before meta": (meta("koi8-r").encode() + in_1258(PAGE), "a; charset=x-cp1258", "windows-1258", "header", 0),
}


@pytest.mark.parametrize("lie", LIES)
def test_vietnamese_survives(lie: str) -> None:
    body, content_type, charset, how, notes = LIES[lie]
    decoded = decode(body, content_type)
    assert SAID in decoded.text
    assert "\0" not in decoded.text
    assert (decoded.charset, decoded.how, len(decoded.notes)) == (charset, how, notes), decoded.notes


CYRILLIC, CZECH = "<p>Новости района</p>", "<p>Příliš žluťoučký kůň</p>"


@pytest.mark.parametrize(("said", "name", "text"), [("windows-1251", "cp1251", CYRILLIC), ("cp1250", "cp1250", CZECH)])
def test_the_page_overrules_a_server_that_declares_latin_1_for_every_page(said: str, name: str, text: str) -> None:
    decoded = decode((meta(said) + text).encode(name), "text/html; charset=ISO-8859-1")
    assert decoded.text.endswith(text)
    assert (decoded.how, len(decoded.notes)) == ("meta", 1)
    western = decode((meta(said) + "<p>é à ç</p>").encode("cp1252"), "text/html; charset=ISO-8859-1")
    assert western.text.endswith("<p>é à ç</p>")
    assert (western.charset, western.how) == ("windows-1252", "header")


def test_a_bad_byte_does_not_cost_a_short_page_its_letters() -> None:
    decoded = decode("<p>Thông báo</p>".encode() + b"\xff", "text/html; charset=utf-8")
    assert (decoded.text, decoded.charset, len(decoded.notes)) == ("<p>Thông báo</p>\ufffd", "utf-8", 1)


FONT_T, FONT_V = '<font face=".VnTime">', "<font face='VNI-Times'>"


@pytest.mark.parametrize("said", ["", meta("iso-8859-1"), meta("utf-8"), meta("x-user-defined"), meta("windows-1252")])
@pytest.mark.parametrize(("font", "written", "name"), [(FONT_T, in_tcvn3, "tcvn3"), (FONT_V, in_vni, "vni")])
@pytest.mark.parametrize("stored", ["bytes", "utf-8", "entities"])
def test_fonts_that_redrew_letters(said: str, font: str, written: object, name: str, stored: str) -> None:
    assert callable(written)
    letters: bytes = written(SAID)
    if stored == "utf-8":
        letters = letters.decode("cp1252").encode()
    elif stored == "entities":
        letters = letters.decode("cp1252").encode("ascii", "xmlcharrefreplace")
    decoded = decode((said + font).encode() + letters + b"</font>", None)
    expected = SAID.replace("Ủ", "ủ") if name == "tcvn3" else SAID
    assert decoded.text == said + font + expected + "</font>"
    assert (decoded.charset, decoded.how, len(decoded.notes)) == (name, "legacy", 1)
    assert clean.line(decoded.text) == decoded.text  # the byte of "ư" is a soft hyphen in Latin-1


def test_every_letter_of_the_old_fonts() -> None:
    lower = " ".join(f"t{letter}" for letter in TCVN3[0])
    assert decode(FONT_T.encode() + in_tcvn3(lower), None).text == FONT_T + lower
    both = f"{TCVN3[0].lower()} {TCVN3[0].upper()}".replace("", " ")
    assert decode(FONT_V.encode() + in_vni(both), None).text == FONT_V + both


def test_single_signs_are_not_letters() -> None:
    text = decode((FONT_T + "© 2005 » ").encode("latin-1") + in_tcvn3(SAID), None).text
    assert "© 2005 » " in text


@pytest.mark.parametrize(
    "page", [FONT_T + FRENCH, FONT_V + FRENCH, FONT_T + FONT_V + FRENCH, FONT_T + PAGE, FONT_V + PAGE]
)
def test_a_font_named_in_vain_changes_nothing(page: str) -> None:
    decoded = decode(page.encode(), None)
    assert decoded.text == page
    assert decoded.how == "utf-8"


WORLD = {
    "windows-1252": FRENCH,
    "windows-1251": "<p>Правительство сегодня приняло новое постановление о развитии города и области.</p>",
    "koi8-r": "<p>Правительство сегодня приняло новое постановление о развитии города и области.</p>",
    "windows-1250": "<p>Zażółć gęślą jaźń, proszę państwa, dziś będzie ładna pogoda w całej Polsce, również w Łodzi.</p>",
    "gb18030": "<p>政府今天宣布了城市发展的新措施，市民们对此表示欢迎。</p>",
    "shift_jis": "<p>政府は今日、都市の発展のための新しい措置を発表しました。</p>",
    "euc-kr": "<p>정부는 오늘 도시 발전을 위한 새로운 조치를 발표했습니다.</p>",
    "windows-874": "<p>รัฐบาลประกาศมาตรการใหม่ในวันนี้เพื่อพัฒนาเมือง</p>",
}


@pytest.mark.parametrize(("charset", "page"), WORLD.items())
def test_other_languages_declared_or_not(charset: str, page: str) -> None:
    codec = {"windows-874": "cp874"}.get(charset, charset)
    for content_type in (f"text/html; charset={charset}", None, "text/html; charset=utf-8"):
        decoded = decode(page.encode(codec), content_type)
        assert decoded.text == page
        assert decoded.charset == charset
        assert bool(decoded.notes) == (content_type is None or "utf-8" in content_type)


LABELS = {
    "latin1": "windows-1252", "US-ASCII": "windows-1252", "ISO_8859-1": "windows-1252", "cp1252": "windows-1252",
    "iso-8859-9": "windows-1254", "TIS-620": "windows-874", "gb2312": "gb18030", "GBK": "gb18030", "x-sjis": "shift_jis",
    "ks_c_5601-1987": "euc-kr", "iso-8859-15": "iso-8859-15", "koi8-u": "koi8-u", "macintosh": "macintosh",
    "ibm866": "ibm866", "big5-hkscs": "big5",
}  # fmt: skip


@pytest.mark.parametrize(("label", "name"), LABELS.items())
def test_labels_have_the_meaning_of_the_standard(label: str, name: str) -> None:
    body = "é".encode("latin-1") if not name.startswith(("gb", "shift", "euc", "big5")) else "中".encode(name)
    assert decode(b"a" * 50 + body, f"text/html; charset={label}").charset == name


@pytest.mark.parametrize(
    "label",
    ["base64", "zlib", "bz2", "hex", "rot13", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined",
     "mbcs", "oem", "utf-7", "utf-32", "utf_8_sig", "cp037", "hz", "x-user-defined", "../../etc/passwd", "os", "quopri"],
)  # fmt: skip
def test_an_encoding_that_is_not_of_text_is_not_used(label: str) -> None:
    body = FRENCH.encode("cp1252")
    for decoded in (
        decode(body, f"text/html; charset={label}"),
        decode(f"<meta charset={label}>".encode() + body, None),
    ):
        assert FRENCH in decoded.text
        assert decoded.charset == "windows-1252"
        assert decoded.how == "guess"
    assert decode(b"+ADw-script+AD4-", f"text/html; charset={label}").text == "+ADw-script+AD4-"


def test_a_letter_cut_in_two_or_broken_is_noted() -> None:
    whole = SAID.encode()
    cut = decode(whole + "ữ".encode()[:-1], None)
    assert (cut.text, cut.charset, cut.notes) == (SAID, "utf-8", ("the last letter is cut in two",))
    cut = decode(whole + "ữ".encode()[:-1], "text/html; charset=latin1")
    assert (cut.text, cut.charset, len(cut.notes)) == (SAID, "utf-8", 2)
    for content_type in (None, "x; charset=utf-8", "x; charset=windows-1252"):
        broken = decode(whole + b"\xff " + whole, content_type)
        assert broken.text == f"{SAID}\ufffd {SAID}"
        assert "1 bytes are not UTF-8" in broken.notes[-1]
    assert decode(b"caf\xe9", None).text == "café"
    assert decode(b"caf\xe9", "x; charset=utf-8").text == "café"


def test_invalid_bytes_of_a_declared_encoding_are_overruled_or_noted() -> None:
    russian = WORLD["windows-1251"]
    assert decode(russian.encode("cp1251"), "x; charset=shift_jis").text == russian
    chinese = WORLD["gb18030"] * 9
    decoded = decode(chinese.encode("gb18030") + b"\xff", "x; charset=gbk")
    assert decoded.text == chinese + "\ufffd"
    assert decoded.notes == ("1 bytes are not gb18030 and were replaced",)


def test_characters_that_pythons_codecs_lack() -> None:
    page = "<p>住民は①㈱の数を尋ねた</p>"
    body = b"".join(percent_bytes(char) for char in page)
    assert decode(body, "text/html; charset=euc-jp").text == page
    assert decode(b"<p>\x80 5 \xd6\xd0\xce\xc4</p>", "text/html; charset=gbk").text == "<p>€ 5 中文</p>"
    broken = decode(b"<p>" + "住民".encode("euc_jp") * 50 + b"\xff\xff \xfe\xfe</p>", "text/html; charset=euc-jp")
    assert "\ufffd" in broken.text


def percent_bytes(char: str) -> bytes:
    return unquote_to_bytes(percent_encode_query(char, "euc-jp"))


def test_japanese_in_seven_bits() -> None:
    text = WORLD["shift_jis"]
    assert decode(text.encode("iso2022_jp"), "text/html; charset=ISO-2022-JP").text == text


def test_a_page_of_marks_is_put_in_order_in_time() -> None:
    text = decode(("a" + "\u0301\u0323" * 100_000).encode(), None).text
    assert unicodedata.is_normalized("NFC", text)
    assert len(text) < 250_000


CONTENT_TYPES = (
    st.none()
    | st.text(max_size=20)
    | st.sampled_from([*LABELS, "utf-16", "iso-2022-jp", "utf-8"]).map("a;charset=".__add__)
)
PIECES = st.sampled_from(
    [b"<meta charset=", b"<!--", b".Vn", b"' VNI-T", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"&#233;", b"\xad", b"\xed\xa0\x80",
     b"\x1b$B", "ữ".encode(), "u\u031b\u0303".encode(), b"windows-1258>", b"utf-16>", b"gb2312>", b"\xcc\x81", b"a\xf9"]
)  # fmt: skip


@given(st.binary() | st.lists(PIECES | st.binary(max_size=4)).map(b"".join), CONTENT_TYPES)
@example(b"\xff\xfe\x00\xd8", None)
@example(b"", "charset=")
@example(b"\x00" * 70, None)
def test_any_bytes_become_text_in_nfc(body: bytes, content_type: str | None) -> None:
    decoded = decode(body, content_type)
    assert unicodedata.is_normalized("NFC", decoded.text)
    assert "\0" not in decoded.text
    decoded.text.encode()
    assert decoded.how in {"bom", "header", "meta", "guess", "utf-8", "legacy"}


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
def test_utf8_is_read_as_it_is(text: str) -> None:
    decoded = decode(text.encode(), "text/html; charset=utf-8")
    assert decoded.text == unicodedata.normalize("NFC", text)
    assert decoded.notes == ()
