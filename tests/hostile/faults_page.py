"""Faults of the page itself: wrong types and charsets, giant pages, invalid JSON-LD, NULs."""

from collections.abc import Iterator

from archiver.model.capture import Outcome
from hostile.server import PAGE, Asked, Part, Said, answer, fault, page

OK, UNREADABLE = Outcome.OK, Outcome.UNREADABLE
SIZE = len(PAGE)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
TEXT = "Nguyễn Văn Á phát biểu tại hội nghị"
VIETNAMESE = page(TEXT, f"<p>{TEXT}</p>")


def typed(kind: str | None, body: bytes = PAGE) -> Said:
    """Return a body with this content type."""
    return (answer(body, kind=kind),)


def charset(name: str, spoken: str, text: str = TEXT) -> Said:
    """Return a page declared in one charset and sent in another."""
    body = page(text, f"<p>{text}</p>").decode().encode(spoken, "xmlcharrefreplace")
    return (answer(body, kind=f"text/html; charset={name}" if name else "text/html"),)


def utf7(text: str) -> bytes:
    """Return a page in UTF-7, which hides its markup."""
    return page("UTF-7", text).replace(b"<p>", b"+ADw-script+AD4-")


TYPES = (
    fault("type-missing", typed(None), OK, title="Whole"),
    fault("type-empty", typed(""), OK, title="Whole"),
    fault("type-nonsense", typed("///;;;==\u00e9"), OK),
    fault("type-capitals", typed("TEXT/HTML; CHARSET=UTF-8"), OK, title="Whole"),
    fault("type-no-slash", typed("html"), OK, size=SIZE),
    fault("type-list", typed("text/html, text/plain"), OK, size=SIZE),
    fault("type-long", typed("text/" + "x" * 50_000), OK, size=SIZE),
    fault("type-octets", typed("application/octet-stream"), OK, title="Whole"),
    fault("type-xml", typed("text/xml"), OK, title="Whole"),
    fault("type-plain-html", typed("text/plain"), OK, size=SIZE),
    fault("type-json-html", typed("application/json"), OK, size=SIZE),
    fault("type-image-html", typed("image/jpeg"), OK, size=SIZE),
    fault("type-pdf-html", typed("application/pdf"), OK, size=SIZE),
    fault("type-html-pdf", typed("text/html", PDF), OK, note="a PDF document", size=len(PDF)),
    fault("type-html-png", typed("text/html", PNG), OK, note="a PNG image", size=len(PNG)),
    fault("type-html-noise", typed("text/html", bytes(range(256)) * 400), UNREADABLE, size=102_400),
    fault("type-html-json", typed("text/html", b'{"a": [1, 2, {"b": null}]}'), UNREADABLE),
    fault("type-html-text", typed("text/html", b"Just words.\n"), UNREADABLE, size=12),
    fault("type-html-empty", typed("text/html", b""), OK, size=0),
    fault("type-html-space", typed("text/html", b" \n\t\r\n"), UNREADABLE, size=5),
    fault("attachment", (answer(PAGE, 'Content-Disposition: attachment; filename="../../etc/passwd"'),), OK, size=SIZE),
    fault("nosniff", (answer(PDF, "X-Content-Type-Options: nosniff"),), OK, note="a PDF document"),
)

CHARSETS = (
    fault("charset-utf8", charset("utf-8", "utf-8"), OK, title=TEXT),
    fault("charset-none", charset("", "utf-8"), OK, title=TEXT),
    fault("charset-latin1-said-utf8-sent", charset("iso-8859-1", "utf-8"), OK, title=TEXT),
    fault("charset-utf8-said-1258-sent", charset("utf-8", "cp1258"), OK),
    fault("charset-1258", charset("windows-1258", "cp1258"), OK),
    fault("charset-utf8-said-1252-sent", charset("utf-8", "cp1252", "Décembre à Hué"), OK, title="Décembre à Hué"),
    fault("charset-utf16-no-bom", charset("utf-16", "utf-16-le"), OK, title=TEXT),
    fault("charset-utf16-be-no-bom", charset("utf-16", "utf-16-be"), OK),
    fault("charset-utf16-bom", charset("utf-8", "utf-16"), OK, title=TEXT),
    fault("charset-utf16-said-utf8-sent", charset("utf-16", "utf-8"), OK, title=TEXT),
    fault("charset-utf32", charset("utf-32", "utf-32"), OK),
    fault("charset-unknown", charset("x-nobody-knows", "utf-8"), OK, title=TEXT),
    fault("charset-quoted", charset('"utf-8"', "utf-8"), OK, title=TEXT),
    fault("charset-unclosed", charset('"utf-8', "utf-8"), OK, title=TEXT),
    fault("charset-empty", (answer(VIETNAMESE, kind="text/html; charset="),), OK, title=TEXT),
    fault("charset-codec-hex", charset("hex", "utf-8"), OK, title=TEXT),
    fault("charset-codec-idna", charset("idna", "utf-8"), OK, title=TEXT),
    fault("charset-codec-punycode", charset("punycode", "utf-8"), OK, title=TEXT),
    fault("charset-nul", (answer(VIETNAMESE, kind="text/html; charset=utf\u00ff8"),), OK, title=TEXT),
    fault("charset-utf7", (answer(utf7("+AGE-"), kind="text/html; charset=utf-7"),), OK, title="UTF-7"),
    fault("charset-ebcdic", charset("ibm037", "cp037", "EBCDIC"), UNREADABLE),
    fault(
        "charset-meta-lies",
        (answer(VIETNAMESE.replace(b"<title>", b"<meta charset=gb2312><title>"), kind="text/html"),),
        OK,
    ),
    fault(
        "charset-meta-two",
        (answer(b"<meta charset=utf-8><meta charset=latin-1>" + VIETNAMESE, kind="text/html"),),
        OK,
        title=TEXT,
    ),
    fault("charset-bom-thrice", (answer(b"\xef\xbb\xbf" * 3 + VIETNAMESE),), OK, title=TEXT),
    fault(
        "charset-overlong",
        (answer(page("Whole", "x").replace(b"x<", b"\xc0\xbcscript\xc0\xbe\xff\xfe\xed\xa0\x80<")),),
        OK,
        title="Whole",
    ),
    fault(
        "charset-surrogates",
        (answer(page("Whole", "&#xD800;&#xDFFF;&#0;&#x110000;&#99999999999;")),),
        OK,
        title="Whole",
    ),
    fault("nul-body", (answer(page("Whole", "a\0b\0\0c")),), OK, title="Whole"),
    fault("nul-title", (answer(page("Wh\0ole")),), OK),
    fault("nul-only", typed("text/html", bytes(5000)), UNREADABLE, size=5000),
    fault(
        "controls", (answer(page("Whole", "".join(map(chr, range(1, 32))) + "\u202e\u200b\ufeff")),), OK, title="Whole"
    ),
)


def giant(before: str, part: str, times: int, after: str = "") -> Iterator[Part]:
    """Make a page with one element far too often when it is requested."""
    yield answer(page("Giant", "<p>Small.</p>" + before + part * times + after))


def links(_: Asked) -> Iterator[Part]:
    """Return 200,000 links."""
    found = "".join(f"<a href=//e.example/{number}>x</a>" for number in range(100_000))
    yield answer(page("Giant", "<p>Small.</p>" + found + "<a href=/unwanted>" * 100_000))


def attributes(_: Asked) -> Iterator[Part]:
    """Return a tag with 50,000 attributes."""
    found = " ".join(f"a{number}=b" for number in range(50_000))
    yield answer(page("Giant", f"<p>Small.</p><div {found}>x</div>"))


def line(_: Asked) -> Iterator[Part]:
    """Return a single line of 5 MB."""
    yield answer(page("Giant", "<p>Small.</p>" + "word " * 1_000_000))


def structured(data: str) -> Said:
    """Return a page with JSON-LD."""
    return (answer(page("Whole", f"<p>x</p><script type=application/ld+json>{data}</script>")),)


GIANTS = (
    fault("divs-100k", lambda _: giant("", "<div>", 100_000), OK, title="Giant"),
    fault("divs-100k-closed", lambda _: giant("<div>" * 100_000, "</div>", 100_000), OK, title="Giant"),
    fault("formatting-nested", lambda _: giant("<font><b><i>" * 5000, "<p>x", 5000), OK, title="Giant"),
    fault("tables-nested", lambda _: giant("", "<table><tr><td>", 5000), OK, title="Giant"),
    fault("links-200k", links, OK, note="links", title="Giant"),
    fault("attribute-5mb", lambda _: giant('<p title="', "x" * 1000, 5000, '">y</p>'), OK, title="Giant"),
    fault("attribute-unclosed", lambda _: giant('<p title="', "x" * 1000, 3000), OK, title="Giant"),
    fault("attributes-50k", attributes, OK, title="Giant"),
    fault("line-5mb", line, OK, title="Giant"),
    fault("comments-100k", lambda _: giant("", "<!---->", 100_000), OK, title="Giant"),
    fault("comment-unclosed", lambda _: giant("<!--", "-", 3_000_000), OK, title="Giant"),
    fault("entities-500k", lambda _: giant("", "&amp;", 500_000), OK, title="Giant"),
    fault("less-than-1m", lambda _: giant("", "<", 1_000_000), OK, title="Giant"),
    fault("end-tags-500k", lambda _: giant("", "</p>", 300_000), OK, title="Giant"),
    fault("forms-10k", lambda _: giant("", "<form><input type=hidden name=a value=b>", 10_000), OK, title="Giant"),
    fault("script-unclosed", lambda _: giant("<script>", "if (a<b) ", 200_000), OK, title="Giant"),
    fault(
        "base-foreign",
        (answer(b"<base href='http://elsewhere.example/'>" + PAGE + b"<a href=x>x</a>"),),
        OK,
        title="Whole",
    ),
    fault("base-nonsense", (answer(b"<base href='javascript:1'>" + PAGE + b"<a href=?x>x</a>"),), OK, title="Whole"),
    fault("meta-refresh", (answer(b"<meta http-equiv=refresh content='0; url=/nowhere'>" + PAGE),), OK, title="Whole"),
    fault(
        "canonical-foreign",
        (answer(b"<link rel=canonical href='http://elsewhere.example/'>" + PAGE),),
        OK,
        title="Whole",
    ),
    fault("canonical-nonsense", (answer(b"<link rel=canonical href='http://[::1/'>" + PAGE),), OK, title="Whole"),
    fault("frameset", (answer(b"<title>F</title><frameset><frame src=javascript:1></frameset>"),), UNREADABLE),
    fault("doctype-only", typed("text/html", b"<!DOCTYPE html>"), UNREADABLE),
    fault("json-ld-broken", structured('{"@type": "Article", "headline": "x'), OK, title="Whole"),
    fault("json-ld-deep", structured('{"@graph": ' + "[" * 50_000), OK, title="Whole"),
    fault("json-ld-deep-closed", structured("[" * 20_000 + "]" * 20_000), OK, title="Whole"),
    fault(
        "json-ld-huge-number", structured('{"@type": "Article", "headline": ' + "9" * 100_000 + "}"), OK, title="Whole"
    ),
    fault(
        "json-ld-types",
        structured('{"@type": ["Article", 3, null], "headline": {"a": []}, "author": [[[]]]}'),
        OK,
        title="Whole",
    ),
    fault(
        "json-ld-controls",
        structured('{"@type": "Article", "headline": "a\0\x07\ud83d"}'.encode("utf-8", "replace").decode()),
        OK,
    ),
)

FAULTS = (*TYPES, *CHARSETS)
