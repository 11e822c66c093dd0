"""The title of a page without a profile: printed headings against declared titles, and the name of the site."""

import time

import pytest

from pages_as_read import jsonld, record_of

TITLE, SITE = "Ra quân dọn phố", "Báo Xanh"
SEPARATORS = [*"-–—―−|┃｜￨·•∙»«›‹→/>~*_:\\", "::", "||", "--"]


def title_of(html: str, url: str = "http://portal.example/bai/1") -> str | None:
    return record_of(html, url=url).content.title


def og(title: str) -> str:
    return f"<meta property=og:title content='{title}'>"


NAME = f"<meta property=og:site_name content='{SITE}'>"


@pytest.mark.parametrize("mark", SEPARATORS)
def test_the_name_of_the_site_is_cut_after_any_separator(mark: str) -> None:
    assert title_of(f"{NAME}<title>{TITLE} {mark} {SITE}</title>") == TITLE
    assert title_of(f"{NAME}<title>{SITE} {mark} {TITLE}</title>") == TITLE
    assert title_of(f"<title>{TITLE} {mark} Tin Quận 11</title><h1>{TITLE}</h1>") == TITLE


@pytest.mark.parametrize("title", [f"{TITLE}| {SITE}", f"{TITLE} |{SITE}", f"{TITLE}»{SITE}", f"{TITLE}_{SITE}"])
def test_a_known_name_is_cut_after_a_mark_without_spaces(title: str) -> None:
    assert title_of(f"{NAME}<title>{title}</title>") == TITLE


NO_TITLES = """https://portal.example/bai/1|portal.example|bai-1.html|index.php|12345|node/12|ra-quan-don-pho|bai_1_2|Document
Untitled|untitled document|Untitled-1|New Page 1|Microsoft Word - x.doc|a1b2c3d4-e5f6|bai_1.docx|bai 1.pdf|IMG_1234|/bai/1
undefined|null|Title|{{title}}|baiviet?id=12|portal.example/bai/1|Home|Trang chủ""".replace("\n", "|").split("|")


@pytest.mark.parametrize("text", NO_TITLES)
def test_a_printed_heading_beats_a_placeholder_title(text: str) -> None:
    assert title_of(f"<title>{text}</title><main><h1>{TITLE}</h1></main>") == TITLE
    assert title_of(f"{og(text)}<title>{text}</title><main><h1>{TITLE}</h1></main>") == TITLE
    assert title_of(f"<title>{text}</title><article><h2>{TITLE}</h2><p>x</p></article>") == TITLE


@pytest.mark.parametrize(
    "text", ["Báo", "Node.js 20", "C/C++", "24/7", "B-52", "COVID-19", "A/B", "Null Island", "50% giảm giá"]
)
def test_a_short_title_with_marks_is_a_title(text: str) -> None:
    assert title_of(f"<title>{text}</title><p>x</p>") == text


TITLES: dict[str, tuple[str, str]] = {
    "heading and og:title agree": (f"{og(TITLE)}<title>Tin 1</title><h1>{TITLE}</h1>", TITLE),
    "heading and title agree": (f"<title>{TITLE} - Tin</title><h1>{TITLE}</h1>", TITLE),
    "the heading is the name of the site": (f"{NAME}<title>{TITLE} - {SITE}</title><h1>{SITE}</h1>", TITLE),
    "the heading is the undeclared name of the site": (
        f"<title>{TITLE} - {SITE}</title><h1>{SITE}</h1><h2>{TITLE}</h2>",
        TITLE,
    ),
    "the second of several headings": (f"<title>{TITLE}</title><h1>Báo</h1><h1>{TITLE}</h1><h1>Tin khác</h1>", TITLE),
    "a heading in a menu": (f"<title>{TITLE}</title><nav><h1>Danh mục</h1></nav>", TITLE),
    "a hidden heading": (f"<title>{TITLE}</title><h1 hidden>Khác hẳn</h1>", TITLE),
    "a kicker in the heading": (f"{og(TITLE)}<h1><span>Xã hội</span> {TITLE}</h1>", TITLE),
    "a kicker, and a title with a site": (f"<title>{TITLE} - Tin</title><h1><span>Xã hội</span> {TITLE}</h1>", TITLE),
    "a kicker that og:title has, too": (
        f"{og('Xã hội: Ra quân dọn phố')}<title>{TITLE} | Tin</title><h1>Xã hội: {TITLE}</h1>",
        f"Xã hội: {TITLE}",
    ),
    "only the name of the site": (f"{NAME}<title>{SITE}</title>", SITE),
    "the name of the site and a heading": (f"{NAME}{og(SITE)}<title>{SITE}</title><h1>{TITLE}</h1>", TITLE),
    "quotes and dashes": ('<title>“A” 5-6 o\'clock – B</title><h1>"A" 5–6 o’clock</h1>', '"A" 5–6 o’clock'),
    "no-break spaces": (f"<title>Ra&nbsp;quân dọn phố | B</title><h1>{TITLE}</h1>", TITLE),
    "capitals": (f"<title>{TITLE.upper()}</title><h1>{TITLE}</h1>", TITLE),
    "soft hyphens": ("<title>Hubschrauberlandung</title><h1>Hubschrauber&shy;landung</h1>", "Hubschrauberlandung"),
    "a mark of a permanent link": (f"<title>{TITLE}</title><h1>{TITLE}<a href='#x'>¶</a></h1>", TITLE),
    "a cut-off og:title": (f"{og('Ra quân dọn...')}<h1>{TITLE}</h1>", TITLE),
    "a cut-off title with a site": (f"{NAME}<title>Ra quân dọn… - {SITE}</title><h1>{TITLE}</h1>", TITLE),
    "a dash of its own": ("<title>Hà Nội - Sài Gòn</title><h1>Hà Nội - Sài Gòn</h1>", "Hà Nội - Sài Gòn"),
    "a bar of its own": ("<title>C | Rust</title><h1>C | Rust</h1>", "C | Rust"),
    "four Chinese characters": ("<title>春節快樂_新聞</title><h1>春節快樂</h1>", "春節快樂"),
    "Chinese, and a heading of the site": (
        f"{og('市民打扫街道')}<title>市民打扫街道_新聞網</title><h1>新聞網</h1>",
        "市民打扫街道",
    ),
    "a full-width bar": ("<meta property=og:site_name content=新聞網><title>市民打扫｜新聞網</title>", "市民打扫"),
    "Chinese that is cut off": (f"{og('市民打扫街…')}<h1>市民打扫街道活动</h1>", "市民打扫街道活动"),
    "ruby": ("<title>夏の思い出 | 新聞</title><h1><ruby>夏<rt>なつ</rt></ruby>の思い出</h1>", "夏の思い出"),
    "entities escaped twice": (og("A &amp;amp; B"), "A & B"),
    "entities escaped four times": (og("A &amp;amp;amp;amp; B"), "A &amp; B"),
    "a query is no entity": (og("?a=1&copy=2 là gì"), "?a=1&copy=2 là gì"),
    "the address is a title, og:title is one": (f"<title>https://portal.example/bai/1</title>{og(TITLE)}", TITLE),
    "a JSON-LD headline": (
        jsonld({"@type": "NewsArticle", "@id": "http://portal.example/bai/1", "headline": TITLE}) + "<title>x1</title>",
        TITLE,
    ),
    "a lesser name": (f"<meta name=twitter:title content='{TITLE}'><p>x</p>", TITLE),
    "nothing but an address": ("<title>https://portal.example/</title>", "https://portal.example/"),
}


@pytest.mark.parametrize(("html", "title"), TITLES.values(), ids=TITLES.keys())
def test_a_title(html: str, title: str) -> None:
    assert title_of(html) == title


@pytest.mark.parametrize("piece", ["?a=", "www.", "a-", "| ", "_", " : ", "x.pdf", "at dot "])
def test_a_hostile_title_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    text = piece * 20_000 + " x"
    html = f"{NAME}{og(text)}<title>{text}</title><meta name=author content='{text}'>"
    title_of(f"{html}<h1>{TITLE}</h1>{jsonld({'@type': 'Article', 'author': text})}")
    assert time.process_time() - started < 8


def test_the_host_names_the_site() -> None:
    assert title_of(f"<title>{TITLE} - Portal</title>") == TITLE
    assert title_of(f"<title>{TITLE} - Xanh</title>", "http://baoxanh.example/a") == TITLE
    assert title_of("<title>Hà Nội - Ra</title>") == "Hà Nội - Ra"
