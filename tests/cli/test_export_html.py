"""`archiver export html`: pages as files that need nothing and do nothing."""

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from archiver.model.clock import SettableClock
from browsers import dom_of, needs_chromium
from scripted import Scripted
from shell import Commands, Shell
from warcs import packed, record

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
RUN = "document.documentElement.setAttribute('ran','1');fetch('/leak?script')"
HOSTILE = f"""<!DOCTYPE html><html manifest="/leak?manifest" onclick="{RUN}"><head><meta charset=utf-8><title>Trang</title>
<base href="/b/"><meta http-equiv=refresh content="1;url=/leak?refresh"><META HTTP-EQUIV="Refresh" CONTENT="2;URL='/leak?r2'">
<meta http-equiv="Content-Security-Policy" content="default-src *"><script>{RUN}</script><script src=/leak?src></script>
<link rel=preload as=image href=/leak?preload><link rel=prefetch href=/leak?prefetch><link rel=dns-prefetch href=//leak.example>
<link rel=modulepreload href=/leak?module><link rel=manifest href=/leak?m><link rel=stylesheet href=/hostile.css>
<link rel=stylesheet href="data:text/css,@import url(/leak?datacss)"><style>@import "/leak?import";@import url(/leak?import2);
body{{background:url(/leak?css);background:image-set("/leak?set" 1x);cursor:url('/leak?cursor'),auto}}
@font-face{{font-family:f;src:url(/leak?font)}}p{{font-family:f}}</style>
<noscript><p title="</noscript><img src=x onerror={RUN}>"></noscript></head>
<body onload="{RUN}" background=/leak?background style="background:url(/leak?style)"><p id=text>Văn bản</p>
<img src=/leak?img onerror="{RUN}"><img srcset="/leak?srcset 1x"><picture><source srcset=/leak?source><img src=x onerror="{RUN}">
</picture><svg onload="{RUN}"><script>{RUN}</script><script href="/leak?svgscript"></script><use href="/leak?use#a"></use>
<image href=/leak?svgimage></image><animate onbegin="{RUN}" attributeName=x dur=1s></animate><a xlink:href="javascript:{RUN}"><text>x
</text></a><a><animate attributeName=href values="javascript:{RUN}"></animate></a><foreignObject><iframe srcdoc="<script>parent.
{RUN}</script>"></iframe></foreignObject><rect fill="url(/leak?fill#a)"></rect><style>@import "/leak?svgstyle";</style></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;"></mglyph></table></mtext></math>
<math><annotation-xml encoding="text/html"><img src=x onerror="{RUN}"></annotation-xml></math>
<form><math><mtext></form><form><mglyph><style></math><img src onerror="{RUN}"></style></mglyph></form></mtext></math>
<svg></p><style><a id="</style><img src=1 onerror={RUN}>"></a></style></svg>
<iframe src=/leak?iframe></iframe><iframe srcdoc="<script>parent.{RUN}</script>"></iframe><frame src=/leak?frame>
<object data=/leak?object type=text/html></object><object data="/leak.svg" type="image/svg+xml"></object><embed src=/leak?embed>
<video src=/leak?video poster=/leak?poster autoplay><source src=/leak?vs><track src=/leak?track default></video>
<audio src=/leak?audio autoplay></audio><input type=image src=/leak?input><table background=/leak?table><tr><td>1</td></tr></table>
<form action=/leak?form><button formaction=/leak?formaction>a</button></form><a href="javascript:{RUN}" ping=/leak?ping>js</a>
<a href=" java&#x09;script:{RUN}">tab</a><a href="JAVASCRIPT:{RUN}">upper</a><a href="data:text/html,<script>{RUN}</script>">d</a>
<a href="vbscript:x">v</a><a href="/other" target=x>other</a><a href="#text">text</a><a href="mailto:a@b.example">mail</a>
<template><img src=x onerror="{RUN}"></template><xmp><img src=x onerror="{RUN}"></xmp><textarea></textarea><img src=x onerror="{RUN}">
<title><img src=x onerror="{RUN}"></title><!--><img src=x onerror="{RUN}">--><select><iframe></select><img src=x onerror="{RUN}">
<div style="background:url(&quot;/leak?quoted&quot;);x:expression({RUN})" data-x='"><img src=x onerror="{RUN}">'>x</div>
<details open ontoggle="{RUN}"><summary>x</summary></details><marquee onstart="{RUN}">x</marquee><x-y onfocus="{RUN}" autofocus tabindex=1>
</x-y><style>p:before{{content:"</style><img src=x onerror={RUN}>"}}</style><plaintext><img src=x onerror="{RUN}">"""
STYLE = f'p{{color:#010203}}</style><script>{RUN}</script>@import "/leak?sheet";@import "/more.css";'
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script><image href="/leak?inner"/></svg>'
_NEVER = frozenset(
    "script iframe frame frameset object embed applet base template noscript foreignobject source".split()
)


class Seen(HTMLParser):
    """The elements of a file, read by a parser that is not ours."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    handle_startendtag = handle_starttag

    def of(self, tag: str, name: str) -> list[str]:
        return [attributes[name] for found, attributes in self.tags if found == tag and name in attributes]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Scripted]:
    (tmp_path / "web").mkdir()
    site = Scripted(tmp_path / "web" / "site.db")
    yield site
    site.close()


@pytest.fixture
def tool(tmp_path: Path, capsys: pytest.CaptureFixture[Any]) -> Commands:
    (tmp_path / "profiles").mkdir()
    return Commands(tmp_path / "archive.db", tmp_path / "profiles", capsys)


def exported(tool: Commands, web: Scripted, body: str, dest: Path, *options: str) -> str:
    """Import a page and what the server has, without its delays, and export it."""
    answers = {"/page": (200, {"Content-Type": "text/html; charset=utf-8"}, body.encode()), **web.answers}
    warc_records = []
    for path, (status, headers, content) in answers.items():
        lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers.items())]
        head = "\r\n".join((*lines, f"Content-Length: {len(content)}", "", "")).encode()
        warc_records.append(record("response", head + content, f"{web.url}{path}"))
    warc = dest.with_suffix(".warc.gz")
    warc.write_bytes(packed(*warc_records))
    tool("import", "warc", str(warc))
    tool("export", "html", str(dest), "--page", f"{web.url}/page", *options)
    return dest.read_text(encoding="utf-8")


def hostile(web: Scripted) -> str:
    """Serve what the hostile page names, and return it."""
    web.answers["/hostile.css"] = (200, {"Content-Type": "text/css"}, STYLE.encode())
    web.answers["/more.css"] = (200, {"Content-Type": "text/css"}, b"p{background:url(/leak?more)}")
    web.answers["/leak.svg"] = (200, {"Content-Type": "image/svg+xml"}, SVG.encode())
    return HOSTILE


def test_nothing_hostile_is_left(tool: Commands, web: Scripted, tmp_path: Path) -> None:
    seen = Seen(exported(tool, web, hostile(web), tmp_path / "page.html"))
    assert not _NEVER & {tag for tag, _ in seen.tags}
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
    assert [each for each in seen.of("meta", "http-equiv") if each != "x-dns-prefetch-control"] == [
        "Content-Security-Policy"
    ]
    assert seen.tags[2][0] == "meta"  # html, head, and the policy before all that it is about
    assert "default-src 'none'" in seen.tags[3][1]["content"]
    for tag, attributes in seen.tags:
        for name in (
            "src",
            "href",
            "xlink:href",
            "background",
            "poster",
            "data",
            "action",
            "formaction",
            "srcset",
            "ping",
        ):
            value = attributes.get(name, "")
            is_link = tag == "a" and name == "href" and value.startswith(("http://127.0.0.1:", "mailto:a@b", "#text"))
            assert is_link or not value or value.startswith("data:image/"), (tag, name, value[:60])
        assert "/leak" not in attributes.get("style", "").replace(web.url, "")


@needs_chromium
def test_a_browser_asks_for_nothing_and_runs_nothing(tool: Commands, web: Scripted, tmp_path: Path) -> None:
    body = hostile(web)
    exported(tool, web, body, tmp_path / "page.html")
    web.asked.clear()
    dom = dom_of(tmp_path / "page.html", tmp_path / "profile")
    assert web.asked == []
    assert 'ran="1"' not in dom
    assert "Văn bản" in dom
    raw = tmp_path / "raw.html"  # the same page as it was captured: the browser would have done all of it
    raw.write_text(body.replace("/leak", f"{web.url}/leak").replace("<base", "<x"), encoding="utf-8")
    dom_of(raw, tmp_path / "profile")
    assert {"/leak?script", "/leak?img", "/leak?import", "/leak?refresh"} <= set(web.asked)


def test_requisites_are_in_the_file(tool: Commands, web: Scripted, tmp_path: Path) -> None:
    css, gif = {"Content-Type": "text/css"}, {"Content-Type": "image/gif"}
    web.answers["/a.css"] = (200, css, b'@charset "utf-8";@import url("sub/b.css") print;p{background:url(p.gif)}')
    web.answers["/sub/b.css"] = (200, css, b"h1{background:url(../p.gif#x)}h2{fill:url(#own)}")
    web.answers["/p.gif"] = (200, gif, PIXEL)
    web.answers["/moved.gif"] = (302, {"Location": "/p.gif"}, b"")
    web.answers["/f.woff"] = (200, {"Content-Type": "font/woff"}, b"wOFF")
    body = (
        "<link rel=stylesheet href=a.css media=screen><style>@font-face{font-family:f;src:url(f.woff)}</style>"
        "<p style='background:url(p.gif)'><img src=p.gif alt='Ảnh'><img src=moved.gif><img src='data:image/gif;base64,R0lG' "
        "data-src=p.gif><img srcset='/p.gif 2x'><img src=none.gif><link rel=icon href=p.gif>"
    )
    text = exported(tool, web, body, tmp_path / "page.html")
    pixel = f"data:image/gif;base64,{base64.b64encode(PIXEL).decode()}"
    seen = Seen(text)
    assert seen.of("img", "src") == [pixel, pixel, pixel, pixel, ""]
    assert seen.of("link", "href") == [pixel]
    assert seen.of("style", "media") == ["screen"]
    assert f'p{{background:url("{pixel}")}}' in text
    assert f'style="background:url(&quot;{pixel}&quot;)"' in text
    assert 'src:url("data:font/woff;base64,d09GRg==")' in text
    (packed,) = re.findall(r'@import url\("data:text/css;charset=utf-8;base64,([^"]+)"\) print', text)
    assert base64.b64decode(packed).decode() == f'h1{{background:url("{pixel}")}}h2{{fill:url("#own")}}'
    assert not text.startswith("<!DOCTYPE")  # the page has none: browsers show it in quirks mode
    assert "1 requisite left out that the archive does not have" in tool.err


@needs_chromium
def test_a_browser_shows_the_page_with_its_styles(tool: Commands, web: Scripted, tmp_path: Path) -> None:
    web.answers["/a.css"] = (200, {"Content-Type": "text/css"}, b"@import 'b.css';")
    web.answers["/b.css"] = (200, {"Content-Type": "text/css"}, b"p{display:none}")
    probe = "<!DOCTYPE html><link rel=stylesheet href=a.css><p>x</p><img src=p.gif>"
    web.answers["/p.gif"] = (200, {"Content-Type": "image/gif"}, PIXEL)
    text = exported(tool, web, probe, tmp_path / "page.html")
    check = "<script>document.title=getComputedStyle(document.querySelector('p')).display+document.images[0].naturalWidth</script>"
    policy = re.compile(r"default-src 'none'")  # for the question only
    (tmp_path / "asked.html").write_text(policy.sub("default-src 'unsafe-inline'", text) + check, encoding="utf-8")
    assert "<title>none1</title>" in dom_of(tmp_path / "asked.html", tmp_path / "profile")


def test_an_image_that_is_named_a_thousand_times_does_not_fill_the_memory(
    tool: Commands, web: Scripted, tmp_path: Path
) -> None:
    web.answers["/big.png"] = (200, {"Content-Type": "image/png"}, b"\x89PNG" + bytes(50_000))
    web.answers["/loop.css"] = (
        200,
        {"Content-Type": "text/css"},
        b"@import 'loop.css?';" * 200 + b"p{background:url(big.png)}",
    )
    body = "<link rel=stylesheet href=loop.css>" + "<img src=big.png>" * 2000
    text = exported(tool, web, body, tmp_path / "page.html", "--max-bytes", "300kB")
    assert 200_000 < len(text) <= 300_000
    assert "left out for lack of room" in tool.err
    tool("export", "html", str(tmp_path / "b.html"), "--page", f"{web.url}/page", "--max-bytes", "5kB", code=2)
    assert "more than 5000 bytes" in tool.err
    assert not (tmp_path / "b.html").exists()


def test_a_page_at_a_moment_has_the_requisites_of_that_time(timed: Shell, clock: SettableClock, tmp_path: Path) -> None:
    item = timed.portal.items[0]
    address = timed.portal.address(item)
    timed("capture", address, "--page-requisites")
    first = clock()
    clock.advance(days=1)
    timed.portal.retitle(item, "Tiêu đề mới")
    timed("capture", address)
    for name, options in (("new.html", ()), ("old.html", ("--at", f"{first:%Y-%m-%d %H:%M:%S}"))):
        timed("export", "html", str(tmp_path / name), "--page", address, *options)
    new, old = ((tmp_path / name).read_text(encoding="utf-8") for name in ("new.html", "old.html"))
    assert ("Tiêu đề mới" in new, "Tiêu đề mới" in old) == (True, False)
    assert f"{first:%Y-%m-%d %H:%M:%S} UTC" in old
    sha256 = hashlib.sha256(
        timed("show", address, "--at", f"{first:%Y-%m-%d %H:%M:%S}", "--format", "raw").encode()
    ).hexdigest()
    assert sha256 in old
    assert "#b3141c" in new  # of the style sheet, captured the day before


def test_a_site_is_a_folder_of_linked_files(shell: Shell, tmp_path: Path) -> None:
    shell("crawl", "demo")
    dest = tmp_path / "site"
    (done,) = shell.json("export", "html", str(dest), "--site", "demo")
    files = {path.name: path.read_text(encoding="utf-8") for path in dest.glob("*.html")}
    assert len(files) == done["pages"] + 1
    assert all(re.fullmatch(r"[0-9]{6}(-[a-z0-9-]{1,60})?\.html|index\.html", name) for name in files)
    linked = set(Seen(files["index.html"]).of("a", "href"))
    assert linked == set(files) - {"index.html"}
    for name, text in files.items():
        local = [href for href in Seen(text).of("a", "href") if not href.startswith(("http://", "https://", "#"))]
        assert {href.partition("#")[0] for href in local} <= set(files), name
    listing = next(text for text in files.values() if 'class="paging"' in text)
    assert len([href for href in Seen(listing).of("a", "href") if re.match(r"[0-9]{6}", href)]) > 10
    lines = [line.split("  ") for line in (dest / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
    sums = {name: digest for digest, name in lines}
    assert sums == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in dest.glob("*.html")}


def test_what_exists_is_not_replaced(shell: Shell, tmp_path: Path) -> None:
    address = shell.portal.address(shell.portal.items[0])
    shell("capture", address)
    one, folder = tmp_path / "one.html", tmp_path / "site"
    for dest, options in ((one, ("--page", address)), (folder, ())):
        shell("export", "html", str(dest), *options)
        shell("export", "html", str(dest), *options, code=2)
        assert "use --force to replace it" in shell.err
        shell("export", "html", str(dest), *options, "--force")
    (folder / "mine.txt").write_text("mine")
    shell("export", "html", str(folder), "--force", code=2)
    assert "contains other files" in shell.err
    assert (folder / "mine.txt").read_text() == "mine"


def test_wrong_options_are_told(shell: Shell, tmp_path: Path) -> None:
    address = shell.portal.address(shell.portal.items[0])
    shell("capture", address)
    cases = [
        (("x.txt", "--page", address), "ends with .html"),
        (("x.html",), "name a folder for all pages"),
        (("x.html", "--page", address, "--site", "demo"), "cannot be combined"),
        (("x.html", "--page", address, "--at", "1999-01-01"), "not yet seen"),
        (("x", "--at", "1999-01-01"), "no page of HTML"),
        (("x.html", "--page", address, "--max-bytes", "much"), "not a size"),
        (("x", "--site", "dem"), "did you mean"),
    ]
    image = f"{shell.portal.url}PublishingImages/hoa-sen.png"
    shell("capture", image)
    cases.append((("x.html", "--page", image), "no page of HTML"))
    for (name, *options), why in cases:
        assert (
            shell(
                "export",
                "html",
                str(tmp_path / name),
                *options,
                code=2 if "not yet" not in why and "mean" not in why else 1,
            )
            == ""
        )
        assert why in shell.err, (name, options)
    assert not list(tmp_path.glob("x*"))
