"""The text of files: PDFs, office files, text files. What is broken or hostile is a note, and the digest is known."""

import io
import struct
import zipfile

import pytest

from archiver.extract.file_format import FileFormat, file_format
from archiver.extract.file_text import FileUnreadable, file_text
from archiver.extract.pdf_paragraphs import TextLine, pages_text
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.record import Record
from made import START
from made_files import docx, locked_pdf, odt, packed, paragraphs, pdf, relations, xlsx

DECISION = (
    "ỦY BAN NHÂN DÂN QUẬN 11",
    "",
    "Số: 123/QĐ-UBND, ngày 21 tháng 10 năm 2022",
    "",
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015; xét đề nghị",
    "của Chánh Văn phòng, ban hành quyết định này về việc đặt tên đường.",
    "Điều 1. Đường số 5.",
)
BODY = (
    "ỦY BAN NHÂN DÂN QUẬN 11\n\nSố: 123/QĐ-UBND, ngày 21 tháng 10 năm 2022\n\nCăn cứ Luật Tổ chức chính quyền địa phương "
    "ngày 19 tháng 6 năm 2015; xét đề nghị của Chánh Văn phòng, ban hành quyết định này về việc đặt tên đường.\n\n"
    "Điều 1. Đường số 5."
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TABLE = "<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>"


def capture(body: bytes, declared: str | None = None, url: str = "http://portal.example/van-ban/123.bin") -> Capture:
    headers = ((b"Content-Type", declared.encode()),) if declared else ()
    return Capture(Request(url), START, Outcome.OK, 200, headers=headers, body=body)


def _read(body: bytes, declared: str | None = None, url: str = "http://portal.example/van-ban/123.bin") -> Record:
    return read(capture(body, declared, url), None, slow=True)


def test_lines_of_a_pdf_become_paragraphs() -> None:
    record = _read(pdf(DECISION, title="Quyết định 123"), "application/pdf")
    assert record.content.body == BODY
    assert record.content.title == "Quyết định 123"
    assert (record.kind, record.unread, record.notes) == ("file", (), ())
    assert dict(record.sources)["file"].raw == "PDF, 1 page, modified 2024-01-01 00:00"


def test_a_paragraph_goes_on_over_a_page_and_page_numbers_are_left_out() -> None:
    long = "Điều 2. Ủy ban nhân dân phường chịu trách nhiệm thi hành quyết định này kể từ"
    record = _read(pdf(["Tiêu đề của văn bản này là một dòng dài đến lề phải của trang giấy", long], ["2", "ngày ký."]))
    assert (record.content.body or "").endswith("kể từ ngày ký.")


def test_a_gap_parts_paragraphs() -> None:
    assert file_text(pdf(["một", "", "", "hai"]), FileFormat.PDF).body == "một\n\nhai"


def test_columns_are_read_one_after_the_other() -> None:
    left = [TextLine(f"trái {row} của cột", 50, 700 - 14 * row, 250, 712 - 14 * row) for row in range(4)]
    right = [TextLine(f"Phải {row} của cột", 300, 700 - 14 * row, 500, 712 - 14 * row) for row in range(4)]
    first, second = pages_text([[*left, *right]]).split("\n\n")
    assert first.startswith("trái 0 của cột trái 1")
    assert second.endswith("Phải 3 của cột")


@pytest.mark.parametrize(
    ("title", "shown"),
    [("", DECISION[0]), ("untitled", DECISION[0]), ("Microsoft Word - qd123.doc", DECISION[0]), ("QĐ 123", "QĐ 123")],
)
def test_the_title_of_a_pdf(title: str, shown: str) -> None:
    assert _read(pdf(DECISION, title=title)).content.title == shown


def _again(body: bytes, order: tuple[str, ...] = (), left_out: tuple[str, ...] = ()) -> bytes:
    """The same office file as a careless program writes it: every member deflated, some first, some left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        names = [name for name in package.namelist() if name not in (*order, *left_out)]
        for name in (*order, *names):
            copy.writestr(name, package.read(name))
    return out.getvalue()


LETTER = odt('<text:h text:outline-level="1">Thư ngỏ</text:h><text:p>Kính gửi.</text:p>')
ODT = "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize(
    ("body", "declared", "url"),
    [
        (_again(LETTER), ODT, "/thu.odt"),
        (_again(LETTER), None, "/tai-ve?id=5"),
        (_again(LETTER, ("content.xml",)), ODT, "/tai-ve?id=5"),
        (_again(LETTER, ("content.xml",)), "application/octet-stream", "/thu.odt"),
        (_again(LETTER, ("META-INF/manifest.xml",)), "application/zip", "/thu.odt"),
        (_again(LETTER, left_out=("mimetype",)), ODT, "/thu.odt"),
        (_again(LETTER, left_out=("mimetype", "META-INF/manifest.xml")), ODT, "/thu.odt"),
    ],
)
def test_an_opendocument_text_of_a_careless_program(body: bytes, declared: str | None, url: str) -> None:
    record = _read(body, declared, f"http://portal.example{url}")
    assert (record.content.title, record.content.body) == ("Thư ngỏ", "Thư ngỏ\n\nKính gửi.")


@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n", b"%PDF-1.7 nothing", b"PK\x03\x04nothing", b"BM1", OLE + b"1"])
def test_a_file_without_text_has_its_name_as_title(body: bytes) -> None:
    record = _read(body, None, "http://portal.example/a/con%20d%E1%BA%A5u.bin?v=2")
    assert (record.content.title, record.content.body) == ("con dấu.bin", None)
    assert dict(record.sources)["title"].node_path == "name"


def test_a_scan_has_no_text_and_says_so() -> None:
    record = _read(pdf([]), "application/pdf", "http://portal.example/%C4%91%C6%A1n%20xin.pdf")
    assert (record.content.title, record.content.body, record.unread) == ("đơn xin.pdf", None, ())
    assert record.notes == ("no text in the file: its pages are pictures",)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (locked_pdf(), "it is protected by a password"),
        (b"%PDF-1.7 and nothing else", "it is broken: "),
        (pdf(DECISION)[:200], "it is broken: "),
        (packed({"word/document.xml": "<w"}), "XMLSyntaxError"),
        (docx(paragraphs("a"))[:-60], "it is broken: File is not a zip file"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "it is protected by a password"),
    ],
    ids=["password", "no objects", "cut PDF", "not Word", "cut ZIP", "Word with a password"],
)
def test_a_file_that_cannot_be_read_has_a_digest(body: bytes, why: str) -> None:
    record = _read(body)
    assert record.content.file
    assert record.unread == ("body", "title")
    assert any(each in record.notes[0] for each in why.split("|")), record.notes


def test_a_word_document() -> None:
    inserted = (
        '<w:p><w:ins w:id="1" w:author="a"><w:r><w:t>thêm vào</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="a"><w:r><w:delText>bỏ đi</w:delText></w:r></w:del></w:p>'
    )
    control = f"<w:sdt><w:sdtContent>{paragraphs('trong khung')}</w:sdtContent></w:sdt>"
    item = "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>mục</w:t><w:br/><w:t>dòng</w:t></w:r></w:p>"
    table = TABLE.format(paragraphs("a", "b"), paragraphs("c"))
    record = _read(docx(paragraphs("Tờ trình", "Đoạn một") + table + inserted + control + item, title="Tờ trình số 5"))
    assert record.content.title == "Tờ trình số 5"
    assert record.content.body == "Tờ trình\n\nĐoạn một\n\na b | c\n\nthêm vào\n\ntrong khung\n\n- mục\ndòng"


@pytest.mark.parametrize(
    "rels",
    [
        {"word/document.xml": "officeDocument"},
        {"word/document.xml": "officeDocument", "word/NULL": "image"},
    ],
    ids=["no metadata", "a missing part"],
)
def test_a_word_document_of_a_careless_program(rels: dict[str, str]) -> None:
    names = {
        name: f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
        for name, kind in rels.items()
    }
    record = _read(docx(paragraphs("Tờ trình", "Đoạn một"), "Tên", {"_rels/.rels": relations(names)}))
    assert (record.content.title, record.content.body) == ("Tờ trình", "Tờ trình\n\nĐoạn một")
    assert dict(record.sources)["file"].raw == "Word document"


def test_an_opendocument_text() -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    body = (
        "<text:h>Báo cáo</text:h><text:p>Một<text:s/>hai <text:span>ba</text:span> bốn</text:p>"
        "<text:list><text:list-item><text:p>mục</text:p></text:list-item></text:list>"
        f"<table:table><table:table-row>{cell.format('a')}{cell.format('b')}</table:table-row></table:table>"
    )
    record = _read(odt(body))
    assert record.content.title == "Báo cáo"
    assert record.content.body == "Báo cáo\n\nMột hai ba bốn\n\n- mục\n\na | b"


def test_a_spreadsheet() -> None:
    text = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    rows = (
        f'<row r="1">{text.format("A1", "Tên")}<c r="C1"><v>1234567</v></c></row>'
        f'<row r="3"><c r="A3" s="1"><v>45000</v></c><c r="B3"><v>1.5</v></c></row>'
    )
    record = _read(xlsx({"Thu": rows, "Chi": f'<row r="1">{text.format("A1", "không")}</row>'}))
    assert record.content.body == "Thu\n\nTên | | 1234567\n2023-03-15 | 1.5\n\nChi\n\nkhông"
    assert record.content.title == "123.bin"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_of_values(encoding: str, separator: str) -> None:
    rows = [["Họ tên", "Phường"], ["Nguyễn Văn A", "Phường 5"], ["Đỗ Thị B", "Phường 6"]]
    text = "\r\n".join(separator.join(row) for row in rows)
    record = _read(text.encode(encoding), "text/csv", "http://portal.example/danh-sach.csv")
    assert record.content.body == "Họ tên | Phường\nNguyễn Văn A | Phường 5\nĐỗ Thị B | Phường 6"
    assert record.content.title == "danh-sach.csv"


def test_a_table_in_windows_1258() -> None:
    text = 'Họ tên,Địa chỉ\n"Nguyễn, A",Phường 5\n'
    decomposed = (
        text.replace("ọ", "o\u0323")
        .replace("ỉ", "i\u0309")
        .replace("ễ", "ê\u0303")
        .replace("ờ", "ơ\u0300")
        .replace("ị", "i\u0323")
    )
    record = _read(decomposed.encode("cp1258"), "text/csv; charset=windows-1258")
    assert record.content.body == "Họ tên | Địa chỉ\nNguyễn, A | Phường 5"


def test_plain_text_keeps_its_lines() -> None:
    record = _read("Thông báo\r\n\r\nDòng một\r\ndòng  hai\r\n".encode(), "text/plain")
    assert record.content.body == "Thông báo\n\nDòng một\ndòng hai"
    assert record.content.title == "Thông báo"


@pytest.mark.parametrize(
    ("body", "declared", "form"),
    [
        (b"\n%PDF-1.4", "application/pdf", FileFormat.PDF),
        (b"PK\x03\x04....", "application/zip", FileFormat.OTHER),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword", FileFormat.OTHER),
        (b"\xff\xd8\xff", "text/plain", FileFormat.IMAGE),
        (b"<svg>", "image/svg+xml", FileFormat.IMAGE),
        (b"{}", "application/json", FileFormat.TEXT),
        (b"a{}", "text/css", FileFormat.OTHER),
        (b"a;b", "application/vnd.ms-excel", FileFormat.OTHER),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", "application/force-download", FileFormat.PDF),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "application/zip", FileFormat.LOCKED),
    ],
)
def test_the_format_of_a_file(body: bytes, declared: str, form: FileFormat) -> None:
    assert file_format(body, declared, "http://portal.example/tai-ve?id=5") is form


def test_the_ending_counts_when_the_type_says_little() -> None:
    assert file_format(b"a;b", "application/vnd.ms-excel", "http://portal.example/a.csv") is FileFormat.TABLE


@pytest.mark.parametrize("declared", ["application/pdf", "application/vnd.oasis.opendocument.text"])
def test_bytes_that_are_not_of_the_declared_type_are_no_file(declared: str) -> None:
    record = _read(b"Loi he thong", declared)
    assert (record.kind, record.content.file) == ("file", None)
    assert "but the bytes are not" in record.notes[0]


@pytest.mark.parametrize(
    "declared", ["application/pdf", "application/octet-stream", "image/jpeg", "application/msword"]
)
def test_a_page_with_the_type_of_a_file_is_a_page(declared: str) -> None:
    record = _read(b"<!DOCTYPE html><html><title>Dang nhap</title><h1>Dang nhap</h1>", declared)
    assert (record.kind, record.content.file) == ("article", None)


def test_a_document_that_an_office_program_saved_as_html_is_a_file() -> None:
    page = b'<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>Quyet dinh</body></html>'
    assert _read(page, "application/msword").content.file


PROFILE = """
[site]
name = "t"
home = "http://portal.example/"
language = "vi"
[[page]]
kind = "file"
url = "/van-ban/"
[page.fields]
doc_number = { pattern = 'Số:\\s*([^,\\s]+)' }
published = { pattern = 'ngày (\\d+ tháng \\d+ năm \\d{4})', type = "date" }
articles = { pattern = '^Điều (\\d+)', take = "all" }
signed_by = { const = "UBND" }
[[page]]
kind = "article"
[page.fields]
title = "h1"
body = "#b"
"""


def test_a_profile_s_patterns_search_the_text() -> None:
    record = read(capture(pdf(DECISION), url="http://portal.example/van-ban/1"), parse_profile(PROFILE, "t"), slow=True)
    assert dict(record.content.extra) == {"doc_number": "123/QĐ-UBND", "articles": "1", "signed_by": "UBND"}
    assert record.content.published is not None
    assert record.content.published.local == "2022-10-21"
    assert (record.content.title, record.template) == (DECISION[0], "file@6")
    assert dict(record.sources)[
        "extra.doc_number" if "extra.doc_number" in dict(record.sources) else "doc_number"
    ].rule == (r"pattern:Số:\s*([^,\s]+)")


def test_rules_for_pages_do_not_read_files() -> None:
    record = read(capture(pdf(DECISION), url="http://portal.example/tai-ve/1"), parse_profile(PROFILE, "t"), slow=True)
    assert (record.content.body, record.content.extra, record.template) == (BODY, (), "")


def test_an_unreadable_file_leaves_the_fields_of_its_rules_unread() -> None:
    capture_ = capture(locked_pdf(), url="http://portal.example/van-ban/1")
    record = read(capture_, parse_profile(PROFILE, "t"), slow=True)
    assert record.unread == ("body", "extra.articles", "extra.doc_number", "extra.signed_by", "published", "title")


def _lying() -> bytes:
    """A document whose headers say that its text has a hundred bytes."""
    whole = docx(paragraphs("a" * 1_000_000))
    part = zipfile.ZipFile(io.BytesIO(whole)).getinfo("word/document.xml")
    sizes = struct.pack("<II", part.compress_size, part.file_size)
    return whole.replace(sizes, struct.pack("<II", part.compress_size, 100))


ENTITIES = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;">]><a>&c;</a>'
FAR = "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
HOSTILE: dict[str, tuple[bytes, FileFormat, str]] = {
    "much": (packed({"word/document.xml": b" " * 70_000_000}), FileFormat.DOCX, "70000000 bytes"),
    "ratio": (packed({"word/document.xml": b" " * 9_000_000}), FileFormat.DOCX, "inflates to 9000000 bytes"),
    "members": (packed({f"word/document{n}.xml": b"" for n in range(5_001)}), FileFormat.DOCX, "5001 parts"),
    "lying": (_lying(), FileFormat.DOCX, "Bad CRC-32"),
    "entities": (docx("", others={"word/other.xml": ENTITIES}), FileFormat.DOCX, "has a document type"),
    "wide entities": (
        docx("", others={"word/o.xml": ENTITIES.encode("utf-16")}),
        FileFormat.DOCX,
        "has a document type",
    ),
    "depth": (docx("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000), FileFormat.DOCX, "depth"),
    "lists": (odt("<text:list>" * 5_000 + "</text:list>" * 5_000), FileFormat.ODT, "depth"),
    "extent": (xlsx({"a": FAR}), FileFormat.SHEET, "1048576 rows and 16384 columns"),
}


@pytest.mark.parametrize(("body", "form", "why"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_office_files_are_refused(body: bytes, form: FileFormat, why: str) -> None:
    with pytest.raises(FileUnreadable, match=why):
        file_text(body, form)


def test_a_text_is_cut_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.extract.file_text.MOST_CHARACTERS", 20)
    found = file_text(docx(paragraphs("a" * 15, "b" * 15)), FileFormat.DOCX)
    assert len(found.body) == 20
    assert found.notes == ("only the first 20 characters were read",)
