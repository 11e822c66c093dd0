"""Still replay: what is rewritten, what stays, and that no address is missed in any markup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.extract.page import ParsedPage
from archiver.extract.still import UnsafeMarkup, is_still, still_page
from archiver.extract.still_tags import CopyAddresses, still_css
from archiver.extract.tree import Document, attribute

COPIES, PAGES = "/web/~k/2022", "http://here.example/web/2022"
ADDRESSES = CopyAddresses(lambda url, kind: f"{COPIES}{kind}/{url}", lambda url: f"{PAGES}/{url}", (COPIES, PAGES))
BASE = "http://a.example/d/p.html"


def still(html: str, *, url: str = BASE, charset: str = "utf-8") -> str:
    return still_page(ParsedPage(html, url, charset=charset), ADDRESSES)


def own(name: str, kind: str) -> str:
    return f"{COPIES}{kind}/http://a.example/d/{name}"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<img src=i.png>", f'<img src="{own("i.png", "im_")}">'),
        ("<img src='a b.png'/>", f'<img src="{own("a%20b.png", "im_")}" />'),
        ("<img srcset='a.png 1x, b.png 2.5x'>", f'<img srcset="{own("a.png", "im_")} 1x, {own("b.png", "im_")} 2.5x">'),
        ("<source srcset='a.png 100w'>", f'<source srcset="{own("a.png", "im_")} 100w">'),
        ("<body background=b.gif>", f'<body background="{own("b.gif", "im_")}">'),
        ("<video poster=p.jpg src=v.mp4>", f'<video poster="{own("p.jpg", "im_")}" src="{own("v.mp4", "oe_")}">'),
        ("<iframe src=f.html>", f'<iframe src="{own("f.html", "if_")}">'),
        ("<object data=o.swf>", f'<object data="{own("o.swf", "oe_")}">'),
        ("<script src=s.js>a<b</script>", f'<script src="{own("s.js", "js_")}">a<b</script>'),
        ("<a href=q>x</a>", f'<a href="{PAGES}/http://a.example/d/q" target="_top">x</a>'),
        ("<a target=_blank href='q#f'>x</a>", f'<a target="_top" href="{PAGES}/http://a.example/d/q#f">x</a>'),
        ("<a href='?a=1&amp;b=2&copy=3'>", f'<a href="{PAGES}/http://a.example/d/p.html?a=1&amp;b=2&amp;copy=3" target="_top">'),
        ("<a href=#top>x</a>", '<a href="#top">x</a>'),
        ("<a href=mailto:a@b.example>x</a>", '<a href="mailto:a@b.example">x</a>'),
        ("<a href='javascript:x()'>x</a>", '<a data-archived-href="javascript:x()">x</a>'),
        ("<a href=javascript:0 href=http://e.example/>", '<a data-archived-href="javascript:0">'),
        ("<link rel=stylesheet href=s.css integrity=x>", f'<link rel="stylesheet" href="{own("s.css", "cs_")}" data-archived-integrity="x">'),
        ("<link rel=icon href=i.ico>", f'<link rel="icon" href="{own("i.ico", "im_")}">'),
        ("<link rel=preconnect href=//e.example>", '<link rel=preconnect data-archived-href="//e.example">'),
        ("<base href=/b/ target=_top>", '<base data-archived-href="/b/" data-archived-target="_top">'),
        ("<meta http-equiv=Refresh content='0;url=x'>", "<meta data-archived-http-equiv=\"Refresh\" content='0;url=x'>"),
        ("<meta charset=utf-8>", "<meta charset=utf-8>"),
        ("<p style='background:url(b.png)'>", f'<p style="background:url(&quot;{own("b.png", "im_")}&quot;)">'),
        ("<style>@import 's.css';</style>", f'<style>@import "{own("s.css", "cs_")}";</style>'),
        ("<noscript><img src=n.png></noscript>", f'<noscript><img src="{own("n.png", "im_")}"></noscript>'),
        ("<!-- <img src=c.png> -->", "<!-- <img src=c.png> -->"),
        ("<textarea><img src=t.png></textarea>", "<textarea><img src=t.png></textarea>"),
        ("<p onclick='x()' class=a>b < c &amp; d", "<p onclick='x()' class=a>b < c &amp; d"),
        ("<svg><a xlink:href=q><image href=i.png /></a></svg>", f'<svg><a xlink:href="{PAGES}/http://a.example/d/q" target="_top"><image href="{own("i.png", "im_")}" /></a></svg>'),
        ("<svg><set attributeName=href to=x></svg>", '<svg><set data-archived-attributename="href" to=x></svg>'),
        ("<form action=/send>", f'<form action="{COPIES}mp_/http://a.example/send">'),
        ("<img src=data:image/gif;base64,R0 data-src=l.jpg>", f'<img src="{own("l.jpg", "im_")}" data-src=l.jpg>'),
        ("<p title='&quot;'>x", "<p title='&quot;'>x"),
        ("<img src=", "<img src="),
    ],
)  # fmt: skip
def test_a_tag_is_rewritten(html: str, expected: str) -> None:
    assert still(html) == expected


def test_addresses_are_relative_to_the_base_of_the_page() -> None:
    html = "<img src=i.png><base href=//b.example/x/><img src=i.png>"
    assert still(html).count("http://b.example/x/i.png") == 2


def test_a_query_is_escaped_in_the_charset_of_the_page() -> None:
    assert "?q=%FE" in still("<a href='?q=þ'>", charset="windows-1252")


def test_a_doctype_or_its_absence_stays() -> None:
    for start in (
        "<!DOCTYPE html>\n",
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">',
        "",
        "<!-- x --><html>",
    ):
        assert still(f"{start}<p>x").startswith(start)


def test_a_document_in_an_attribute_is_rewritten_too() -> None:
    found = Document(still("<iframe srcdoc=\"<a href='q'>x</a><img src=i.png>\">")).first("iframe")
    assert found is not None
    inner = attribute(found, "srcdoc") or ""
    assert own("i.png", "im_") in inner
    assert f'href="{PAGES}/http://a.example/d/q"' in inner


def test_markup_that_is_read_in_several_ways_is_written_anew() -> None:
    html = "<svg><style><!--</style><a href=http://e.example/>x</a>--></style></svg><math><mtext><table><mglyph><style><a href='http://f.example/'>"
    assert is_still(still(html), ADDRESSES)


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a{b:url(i.png)}", f'a{{b:url("{own("i.png", "im_")}")}}'),
        ("@import url(s.css) screen;", f'@import url("{own("s.css", "cs_")}") screen;'),
        ("@font-face{src:url('f.woff')format('woff')}", f"@font-face{{src:url(\"{own('f.woff', 'im_')}\")format('woff')}}"),
        ("a{fill:url(#g)}", 'a{fill:url("#g")}'),
        ("a{b:url(data:image/png;base64,AA)}", 'a{b:url("data:image/png;base64,AA")}'),
        ("a{b:url(data:text/html,x)}", 'a{b:url("data:,")}'),
        ("a{b:image-set('i.png' 1x)}", f'a{{b:image-set("{own("i.png", "im_")}" 1x)}}'),
        (r"a{b:url(i\2e png)}", f'a{{b:url("{own("i.png", "im_")}")}}'),
        ("a{content:'url(x.png)'}", "a{content:'url(x.png)'}"),
        ("/* url(x.png) */", "/* url(x.png) */"),
    ],
)  # fmt: skip
def test_css_is_rewritten(css: str, expected: str) -> None:
    assert still_css(css, BASE, "utf-8", ADDRESSES) == expected


def test_an_address_cannot_end_the_style_element() -> None:
    written = still('<style>a{b:url("\\3c/style>\\22 \\5c x")}</style><p>y</p>')
    assert len(Document(written, scripting=False).css("style")) == 1
    assert written.count("</style>") == 1


_PIECES = st.sampled_from(
    [
        *("<a href=", "<a target=x href='", '<a href="', "<area href=", "<link rel=preconnect href=", "<link href=", "<base href="),
        *("<meta http-equiv=refresh content=0;url=", "<svg>", "</svg>", "<math>", "<mtext>", "<style>", "</style>", "<script>"),
        *("</script>", "<!--", "-->", "--!>", "<title>", "</title>", "<textarea>", "<noscript>", "</noscript>", "<table>", "<td>"),
        *("<select>", "<option>", "<template>", "</template>", "<iframe>", "</iframe>", "<xmp>", "</xmp>", "<noembed>", "<p>", "</p>"),
        *("<foreignObject>", "<desc>", "<annotation-xml encoding=text/html>", "<mglyph>", "<form>", "</form>", "<![CDATA[", "]]>"),
        *("http://e.example/", "//e.example", "\\\\e.example", "javascript:0", "#x", "'", '"', ">", "/>", " ", "/", "=", "&quot;"),
        *("href=http://f.example/ ", "HREF=//g.example", "xlink:href=http://h.example ", "\t", "\n", "\x00", "<", "</", "<?", "<!", "x"),
        *("<frameset>", "<body>", "<head>", "</head>", "<plaintext>", "<button>", "<b>", "<i>", "</b>", "<image ", "<a", "<br/>", "é"),
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_no_link_leads_out_of_the_archive_in_any_markup(html: str) -> None:
    try:
        written = still(html)
    except UnsafeMarkup:
        return
    assert is_still(written, ADDRESSES)


@given(st.text(max_size=300))
def test_any_text_is_css(text: str) -> None:
    written = still_css(text, BASE, "utf-8", ADDRESSES)
    assert still_css(text, BASE, "utf-8", ADDRESSES) == written


@given(
    st.lists(
        st.sampled_from(["<p>", "<b class='x'>", "text ", "&amp;", "<!-- c -->", "</p>", "<table>", "a<b", "\n"])
    ).map("".join)
)
def test_markup_without_addresses_stays_as_it_is(html: str) -> None:
    assert still(html) == html
