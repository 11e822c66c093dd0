"""Files made for tests: PDFs with real letters, office files with the few parts that they need, and hostile ones."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_LINE = 14
_SIZE = 12
_SYSTEM = b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
_METRICS = b"/Ascent 800 /Descent -200 /CapHeight 700 /StemV 80"


def pdf(*pages: Sequence[str], title: str = "", modified: str = "", compressed: bool = True) -> bytes:
    """A PDF of some pages, each a list of lines; an empty line is a gap. Letters are those of the lines, by a CMap."""
    letters = sorted({char for page in pages for text in page for char in text})
    codes = {char: number for number, char in enumerate(letters, 1)}
    info = f"<< /Title {_text(title)} /ModDate (D:{modified or '20240101000000'}) >>".encode()
    fonts = [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Test /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Test /DW 500 /FontDescriptor 6 0 R %s >>" % _SYSTEM,
        _stream(_cmap(codes), compressed=compressed),
        b"<< /Type /FontDescriptor /FontName /Test /Flags 4 /FontBBox [0 -200 1000 800] /ItalicAngle 0 %s >>"
        % _METRICS,
    ]
    first = 8
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        *fonts,
        info,
    ]
    for number, page in enumerate(pages):
        place = first + 2 * number
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {place + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(_stream(_drawn(page, codes), compressed=compressed))
    return _document(objects, b"/Root 1 0 R /Info 7 0 R")


def locked_pdf() -> bytes:
    """A PDF that nobody can open without a password."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 0 /Kids [] >>",
        b"<< /Filter /Standard /V 1 /R 2 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> /P -44 >>",
    ]
    return _document(objects, b"/Root 1 0 R /Encrypt 3 0 R /ID [<00> <00>]")


def pdf_bomb(size: int) -> bytes:
    """A PDF whose only page has a content stream that inflates to `size` bytes of text commands."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = b"BT ET " * 10_000
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)  # blocks of this kind can be repeated
    data = b"\x78\xda" + block * (size // len(piece)) + packer.flush()
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(data) + data + b"\nendstream"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>", page, stream]
    return _document(objects, b"/Root 1 0 R")


def _document(objects: Sequence[bytes], trailer: bytes) -> bytes:
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, data in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, data))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start))
    return out.getvalue()


def _stream(data: bytes, *, compressed: bool) -> bytes:
    packed = zlib.compress(data) if compressed else data
    how = b" /Filter /FlateDecode" if compressed else b""
    return b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(packed), how, packed)


def _text(text: str) -> str:
    return "<" + ("\ufeff" + text).encode("utf-16-be").hex() + ">"


def _cmap(codes: Mapping[str, int]) -> bytes:
    lines = ["/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def"]
    lines += ["1 begincodespacerange <0000> <FFFF> endcodespacerange"]
    pairs = [f"<{code:04x}> <{char.encode('utf-16-be').hex()}>" for char, code in codes.items()]
    for at in range(0, len(pairs), 100):
        part = pairs[at : at + 100]
        lines += [f"{len(part)} beginbfchar", *part, "endbfchar"]
    return "\n".join([*lines, "endcmap end end"]).encode()


def _drawn(page: Sequence[str], codes: Mapping[str, int]) -> bytes:
    lines = [f"BT /F1 {_SIZE} Tf {_LINE} TL 60 780 Td"]
    lines += [f"<{''.join(f'{codes[char]:04x}' for char in text)}> Tj T*" if text else "T*" for text in page]
    return "\n".join([*lines, "ET"]).encode()


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive; a member called `mimetype` is first and stored, as OpenDocument wants it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, how)
    return out.getvalue()


_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def docx(body: str, title: str = "", others: Mapping[str, str | bytes] | None = None) -> bytes:
    """A Word document with this XML in its body (prefix w), this title in its metadata, and other parts."""
    core = (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dc:title>{escape(title)}</dc:title><dcterms:created xsi:type="dcterms:W3CDTF">2024-01-02T03:04:05Z</dcterms:created>'
        "</cp:coreProperties>"
    )
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return packed(
        {
            "[Content_Types].xml": _types({"/word/document.xml": main, "/docProps/core.xml": f"{_CORE_TYPE}+xml"}),
            "_rels/.rels": relations(
                {
                    "word/document.xml": f"{_RELATIONS}/officeDocument",
                    "docProps/core.xml": f"{_PACKAGE}/relationships/metadata/core-properties",
                }
            ),
            "word/document.xml": f"<w:document {_WORD}><w:body>{body}</w:body></w:document>",
            "docProps/core.xml": core,
            **(others or {}),
        }
    )


_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties"


def paragraphs(*texts: str) -> str:
    """Paragraphs of a Word document."""
    return "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>' for text in texts)


def odt(body: str, title: str = "") -> bytes:
    """An OpenDocument text with this XML in its body (prefixes text, table)."""
    names = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
    )
    kind = "application/vnd.oasis.opendocument.text"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    return packed(
        {
            "mimetype": kind,
            "content.xml": f"<office:document-content {names}><office:body><office:text>{body}</office:text></office:body></office:document-content>",
            "meta.xml": f"<office:document-meta {names}><office:meta><dc:title>{escape(title)}</dc:title></office:meta></office:document-meta>",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{manifest}"><m:file-entry m:full-path="/" m:media-type="{kind}"/></m:manifest>',
        }
    )


def xlsx(sheets: Mapping[str, str]) -> bytes:
    """A spreadsheet: the XML of each sheet's rows by its name. Style 1 is a date."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    parts = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(sheets) + 1)]
    named = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"/>' for number, name in enumerate(sheets, 1)
    )
    targets = {part.removeprefix("xl/"): f"{_RELATIONS}/worksheet" for part in parts}
    return packed(
        {
            "[Content_Types].xml": _types(
                {"/xl/workbook.xml": f"{kind}sheet.main+xml", "/xl/styles.xml": f"{kind}styles+xml"}
                | {f"/{part}": f"{kind}worksheet+xml" for part in parts}
            ),
            "_rels/.rels": relations({"xl/workbook.xml": f"{_RELATIONS}/officeDocument"}),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{_RELATIONS}"><sheets>{named}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(targets | {"styles.xml": f"{_RELATIONS}/styles"}),
            "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
            **{
                part: f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
                for part, rows in zip(parts, sheets.values(), strict=True)
            },
        }
    )


def _types(parts: Mapping[str, str]) -> str:
    names = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    default = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    xml = '<Default Extension="xml" ContentType="application/xml"/>'
    return f'<Types xmlns="{_PACKAGE}/content-types">{default}{xml}{names}</Types>'


def relations(targets: Mapping[str, str]) -> str:
    """The relationships of a package: the kind of each target."""
    each = "".join(
        f'<Relationship Id="r{number}" Type="{kind}" Target="{name}"/>'
        for number, (name, kind) in enumerate(targets.items(), 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'
