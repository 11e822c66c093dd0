"""Compares the CPU time to read a page with trafilatura, parsel, BeautifulSoup and selectolax.

Every tool gets the bytes of the same pages and returns the same eight fields: title, published, section, summary, body,
captions, bylines, views. A round runs the tools in turn, with pages that no tool has seen, so that caches have no effect
and other load affects all tools. Ratios are computed within a round. See benchmarks/README.md.

It fails when archiver reads a field wrong, or misses the goal.

    python benchmarks/extract.py [--quick] [--json] [--pages N] [--rounds N] [--profile]
"""

import argparse
import base64
import gc
import os
import platform
import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from pathlib import Path

from figures import Figure, finish, ratio

from archiver.extract.profile import load_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request, parse_head

ROOT = Path(__file__).resolve().parent.parent
PROFILE = load_profile(ROOT / "selectors" / "quan11.toml")
SIZE = 36_000  # bytes a page
FIELDS = 8
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
CAPTION, BYLINE, VIEWS = re.compile(r"^Ảnh:\s*-?\s*(.+)$"), re.compile(r"^([A-ZĐ]{2,6})$"), re.compile(r"([\d.,]+)")
MONTHS = "Một Hai Ba Tư Năm Sáu Bảy Tám Chín Mười Mười-Một Mười-Hai".split()
WORDS = """quận phường nhân dân công tác tổ chức hội nghị xây dựng phát triển kinh tế xã hội văn hoá giáo dục y tế đời
sống chương trình kế hoạch thực hiện triển khai năm học sinh phụ nữ thanh niên mặt trận đoàn viên khu phố vệ sinh môi
trường an toàn giao thông trật tự đô thị cải cách hành chính thủ tục tiếp nhận hồ sơ trả kết quả phục vụ người nghèo
vận động ủng hộ quà tặng gia đình chính sách thương binh liệt sĩ khen thưởng tuyên dương điển hình tiên tiến phong
trào thi đua yêu nước""".split()

# pages


@dataclass(frozen=True)
class Made:
    """A page and the values to be read from it."""

    url: str
    html: bytes
    truth: dict


def sentence(rng: random.Random, words: int) -> str:
    text = " ".join(rng.choice(WORDS) for _ in range(words))
    return text[0].upper() + text[1:] + "."


def paragraph(rng: random.Random) -> str:
    return " ".join(sentence(rng, rng.randint(14, 28)) for _ in range(rng.randint(3, 5)))


def headline(rng: random.Random) -> str:
    return sentence(rng, rng.randint(7, 13)).rstrip(".")


def menu(rng: random.Random) -> str:
    items = []
    for top in range(9):
        inner = "".join(
            f'<li class="static"><a class="static menu-item" href="/muc{top}/trang{n}/default.aspx">'
            f'<span class="additional-background"><span class="menu-item-text">{headline(rng)[:24]}</span></span></a></li>'
            for n in range(4)
        )
        items.append(
            f'<li class="static dynamic-children"><a class="static menu-item" href="/muc{top}/default.aspx">{headline(rng)[:18]}</a>\n'
            f'<ul class="dynamic">{inner}</ul></li>'
        )
    return "\n".join(items)


def news(rng: random.Random, count: int) -> str:
    return "\n".join(
        f'<li><a class="title" href="/tintuc/lists/posts/post.aspx?Source=%2ftintuc&amp;Category=Tin&amp;ItemID={rng.randint(1000, 9999)}&amp;Mode=1">'
        f'{headline(rng)}</a> <span class="date">({rng.randint(1, 28)}/{rng.randint(1, 12)}/2022)</span></li>'
        for _ in range(count)
    )


def content(rng: random.Random) -> tuple[str, list[str], list[str], str]:
    """The inner HTML of div.noidung, and the body, captions and byline it holds."""
    parts, body, captions = [], [], []
    for number in range(8):
        text = paragraph(rng)
        body.append(text)
        first, _, rest = escape(text).partition(" ")
        parts.append(
            f'<p style="text-align:justify"><span style="font-size:12pt"><strong>{first}</strong>&#32;{rest}</span></p>'
        )
        if number in (1, 4):
            caption = headline(rng)
            captions.append(caption)
            parts.append(
                f'<p style="text-align:center"><img src="/hinhanh/2022/{rng.randint(1, 999)}.jpg" alt="" width="500" /></p>'
            )
            parts.append(f'<p style="text-align:center"><em>Ảnh: {"- " if number == 1 else ""}{caption}</em></p>')
    byline = "".join(rng.choice("ABCDĐGHKLMNPQTVX") for _ in range(3))
    parts.append(f'<p style="text-align:right"><strong>{byline}</strong></p>')
    return "\n".join(parts), body, captions, byline


def make(number: int) -> Made:
    """Page `number` in the manner of a district portal on SharePoint, 36 kB; always the same."""
    rng = random.Random(number)
    title, summary, section = headline(rng), sentence(rng, 30), "Tin tức - Sự kiện"
    views = rng.randint(1_000, 99_999)
    day, month, hour, minute = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1, 11), rng.randint(0, 59)
    inner, body, captions, byline = content(rng)
    visitors = "".join(f"<span>{digit}</span>" for digit in str(rng.randint(1_000_000, 9_999_999)))
    scripts = "\n".join(
        f'<script type="text/javascript" src="/_layouts/1033/{name}.js?rev={rng.getrandbits(64):x}"></script>'
        for name in ("init", "core", "sp.runtime", "sp.core", "menu", "msstring", "ie55up")
    )
    styles = "\n".join(
        f'<link rel="stylesheet" type="text/css" href="/_layouts/1033/styles/{name}.css?rev={rng.getrandbits(64):x}" />'
        for name in ("controls", "core", "menu-21", "quan", "tin")
    )
    url = f"http://www.quan11.hochiminhcity.gov.vn/tintuc/lists/posts/post.aspx?ItemID={number}"
    html = f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" lang="vi-vn" dir="ltr">
<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8" /><meta name="GENERATOR" content="Microsoft SharePoint" />
<title>
	Tin tức - {title}
</title>
{styles}
{scripts}
<script type="text/javascript">
//<![CDATA[
var _spPageContextInfo = {{webServerRelativeUrl: "\\u002ftintuc", webLanguage: 1033, userId: {number}}};
function _spNavigateHierarchy(n, d, t, u, l, b) {{ if (n < d && u != "") {{ window.location = u; }} return false; }}
//]]>
</script>
</head>
<body scroll="no" onload="_spBodyOnLoadWrapper();">
<form name="aspnetForm" method="post" action="/tintuc/lists/posts/post.aspx?ItemID={number}" id="aspnetForm">
<div class="aspNetHidden"><input type="hidden" name="__REQUESTDIGEST" id="__REQUESTDIGEST" value="0x{rng.getrandbits(256):x},21 Oct 2022 08:55:12 -0000" />
<input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="@VIEWSTATE@" /></div>
<div id="banner"><a href="/"><img src="/style%20library/images/banner.jpg" alt="Cổng thông tin điện tử" /></a></div>
<div id="menu"><ul class="root static">
{menu(rng)}
</ul></div>
<table width="100%" cellpadding="0" cellspacing="0"><tr><td valign="top">
<div id="content">
<div class="chuyenmuc">{section}</div>
<h3 class="tieude">{title}</h3>
<div class="thongtin"><span class="ngay">{day} Tháng {MONTHS[month - 1].replace("-", " ")} 2022 {hour}:{minute:02}:00 CH</span> | <span class="luotxem">Số lượt xem: {views:,}</span></div>
<div class="sapo">{summary}</div>
<div class="noidung"><div class="ExternalClass{rng.getrandbits(64):X}">
{inner}
</div></div>
<div class="tinkhac"><h4>Tin khác</h4><ul>
{news(rng, 10)}
</ul></div>
</div></td><td valign="top">
<div id="sidebar"><h4>Tin nổi bật</h4><ul>
{news(rng, 8)}
</ul>
<h4>Liên kết</h4><select onchange="go(this)">{"".join(f'<option value="{n}">{headline(rng)}</option>' for n in range(12))}</select>
<div class="visitors">Lượt truy cập: {visitors}</div></div>
</td></tr></table>
<div id="footer"><p>Cổng thông tin điện tử. {sentence(rng, 20)}</p></div>
</form>
</body>
</html>"""
    room = SIZE - len(html.encode().replace(b"@VIEWSTATE@", b""))
    assert room > 1_000, room
    html = html.replace("@VIEWSTATE@", base64.b64encode(rng.randbytes(room))[:room].decode())
    truth = {
        "title": title,
        "published": f"2022-{month:02}-{day:02} {hour + 12}:{minute:02}:00",
        "section": section,
        "summary": summary,
        "body": "\n\n".join(body),
        "captions": captions,
        "bylines": [byline],
        "views": views,
    }
    return Made(url, html.encode(), truth)


# tools


def by_archiver(made: Made, *, links: bool) -> dict:
    capture = Capture(
        Request(made.url), datetime(2022, 11, 1, tzinfo=UTC), Outcome.OK, 200, HEAD, parse_head(HEAD), made.html
    )
    record = read(capture, PROFILE, links=links)
    content, readings = record.content, dict(record.readings)
    return {
        "title": content.title,
        "published": content.published.local if content.published else None,
        "section": content.section,
        "summary": content.summary,
        "body": content.body,
        "captions": list(content.captions),
        "bylines": list(content.bylines),
        "views": readings["views"],
    }


def fields(one: Callable[[str], str], paragraphs: list[str]) -> dict:
    """The eight fields from a tool's own texts: what a scraper written by hand does."""
    texts = [" ".join(text.split()) for text in paragraphs]
    captions = [found[1] for text in texts if (found := CAPTION.match(text))]
    bylines = [found[1] for text in texts if (found := BYLINE.match(text))]
    views = VIEWS.search(one(".luotxem"))
    return {
        "title": one("h3.tieude").strip(),
        "published": one("span.ngay").strip(),  # printed text: only archiver and trafilatura read dates
        "section": one(".chuyenmuc").strip(),
        "summary": one(".sapo").strip(),
        "body": "\n\n".join(text for text in texts if text and not CAPTION.match(text) and not BYLINE.match(text)),
        "captions": captions,
        "bylines": bylines[-1:],
        "views": int(re.sub(r"\D", "", views[1])) if views else None,
    }


def by_selectolax(made: Made) -> dict:
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(made.html.decode())
    return fields(lambda css: tree.css_first(css).text(), [node.text() for node in tree.css("div.noidung p")])


def by_parsel(made: Made) -> dict:
    from parsel import Selector

    tree = Selector(body=made.html, encoding="utf-8", type="html")
    return fields(
        lambda css: tree.css(css).xpath("string()").get(default=""),
        [node.xpath("string()").get(default="") for node in tree.css("div.noidung p")],
    )


def by_soup(made: Made, builder: str) -> dict:
    from bs4 import BeautifulSoup

    tree = BeautifulSoup(made.html, builder, from_encoding="utf-8")
    return fields(
        lambda css: tree.select_one(css).get_text(), [node.get_text() for node in tree.select("div.noidung p")]
    )


def by_trafilatura(made: Made) -> dict:
    from trafilatura import bare_extraction

    document = bare_extraction(made.html, url=made.url, with_metadata=True)
    return {"title": document.title, "published": document.date, "body": document.text} if document else {}


def parse_only(made: Made) -> dict:
    from selectolax.lexbor import LexborHTMLParser

    LexborHTMLParser(made.html.decode())
    return {}


ARCHIVER = "archiver"
TRAFILATURA = "trafilatura, with metadata"
TOOLS: dict[str, Callable[[Made], dict]] = {
    ARCHIVER: lambda made: by_archiver(made, links=True),
    "archiver, links=False": lambda made: by_archiver(made, links=False),
    "selectolax, parse only": parse_only,
    "selectolax, 8 CSS fields": by_selectolax,
    "parsel, 8 CSS fields": by_parsel,
    "BeautifulSoup lxml, 8 CSS fields": lambda made: by_soup(made, "lxml"),
    "BeautifulSoup html.parser, 8 CSS fields": lambda made: by_soup(made, "html.parser"),
    TRAFILATURA: by_trafilatura,
}


def right(tool: Callable[[Made], dict], pages: list[Made]) -> list[str]:
    """Return the fields that a tool reads correctly on every page (a date: at least its day)."""
    got = [(tool(made), made.truth) for made in pages]
    return [name for name in got[0][1] if all(_equal(name, given.get(name), truth[name]) for given, truth in got)]


def _equal(name: str, given: object, truth: object) -> bool:
    return given == truth or (name == "published" and isinstance(given, str) and given == str(truth)[:10])


# measuring


@dataclass
class Row:
    tool: str
    right: list[str]
    milliseconds: list[float]
    ratios: list[float]

    def as_json(self) -> dict:
        return {
            "tool": self.tool,
            "ms_min": round(min(self.milliseconds), 3),
            "ms_median": round(statistics.median(self.milliseconds), 3),
            "ratio_median": round(statistics.median(self.ratios), 2),
            "ratio_min": round(min(self.ratios), 2),
            "ratio_max": round(max(self.ratios), 2),
            "fields_right": self.right,
        }


def one_round(pages: list[Made]) -> dict[str, float]:
    """Return the CPU milliseconds per page of each tool."""
    taken = {}
    for name, tool in TOOLS.items():
        gc.collect()
        begun = time.process_time()
        for made in pages:
            tool(made)
        taken[name] = (time.process_time() - begun) * 1000 / len(pages)
    return taken


def measure(pages: int, rounds: int) -> list[Row]:
    warm = [make(number) for number in range(3)]
    rows = {name: Row(name, right(tool, warm), [], []) for name, tool in TOOLS.items()}  # warms up, too
    for number in range(1, rounds + 1):
        taken = one_round([make(number * 10_000 + each) for each in range(pages)])
        for name, milliseconds in taken.items():
            rows[name].milliseconds.append(milliseconds)
            rows[name].ratios.append(milliseconds / taken[ARCHIVER])
    return list(rows.values())


def print_table(rows: list[Row], pages: int, rounds: int) -> None:
    print(
        f"{pages} pages of {SIZE / 1000:.0f} kB in each of {rounds} rounds; CPU ms a page; x = times archiver's, median within rounds\n"
    )
    print(f"{'tool':<40} {'min':>7} {'median':>7} {'x':>6} {'spread of x':>13}  fields right")
    for row in (each.as_json() for each in rows):
        spread = f"{row['ratio_min']:.1f}-{row['ratio_max']:.1f}"
        count = f"{len(row['fields_right'])} of {FIELDS}" if row["fields_right"] else "-"
        print(
            f"{row['tool']:<40} {row['ms_min']:>7.2f} {row['ms_median']:>7.2f} {row['ratio_median']:>6.1f} {spread:>13}  {count}"
        )


def conditions() -> dict:
    names = ("selectolax", "trafilatura", "parsel", "lxml", "beautifulsoup4")
    return {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "versions": {name: version(name) for name in names},
    }


def print_profile(pages: int) -> None:
    import cProfile
    import pstats

    made = [make(number) for number in range(pages)]
    TOOLS[ARCHIVER](made[0])
    profiler = cProfile.Profile()
    profiler.enable()
    for each in made:
        TOOLS[ARCHIVER](each)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few pages and rounds, to check that it runs")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--pages", type=int, help="pages a round (40; quick: 8)")
    parser.add_argument("--rounds", type=int, help="rounds (9; quick: 2)")
    parser.add_argument(
        "--profile", action="store_true", help="print a profile of archiver (cProfile) instead of the table"
    )
    given = parser.parse_args()
    pages, rounds = given.pages or (8 if given.quick else 40), given.rounds or (2 if given.quick else 9)
    if given.profile:
        print_profile(pages * 5)
        return 0
    rows = measure(pages, rounds)
    if not given.json:
        print_table(rows, pages, rounds)
        print("\n" + ", ".join(f"{key} {value}" for key, value in conditions().items() if key != "versions"))
        print(", ".join(f"{name} {number}" for name, number in conditions()["versions"].items()))
    wrong = {row.tool: row.right for row in rows if row.tool.startswith(ARCHIVER) and len(row.right) < FIELDS}
    if wrong:
        print(f"archiver read some fields wrong; right are only: {wrong}", file=sys.stderr)
        return 1
    return finish(figures(rows), as_json=given.json)


def figures(rows: list[Row]) -> list[Figure]:
    """Return the figures that have goals."""
    by_name = {row.tool: row for row in rows}
    ours, peer = by_name[ARCHIVER].milliseconds, by_name[TRAFILATURA].milliseconds
    return [
        ratio("trafilatura / archiver, the same pages", peer, ours, 12, is_most=False),
        Figure("reading a page of 36 kB", statistics.median(ours), "CPU ms"),
    ]


if __name__ == "__main__":
    sys.exit(main())
