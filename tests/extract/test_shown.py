"""The body is the visible text: hidden or closed elements, fallbacks, readings and annotations are left out."""

import time

import pytest

from archiver.extract.page import ParsedPage


def page(html: str) -> ParsedPage:
    return ParsedPage(f"<!doctype html><body><div id=b>{html}</div>", "http://p.example/")


def shown(html: str) -> str:
    read = page(html)
    node = read.document.first("#b")
    assert node is not None
    text = read.paragraphs(node)
    if "<button" not in html:
        assert text.split() == read.line(node).split(), "one line says the same"
    return text


NOT_SHOWN = {
    "hidden": "<p hidden>x</p>",
    "hidden, with a value": "<p hidden=hidden>x</p>",
    "hidden, in capitals": "<P HIDDEN=''>x</P>",
    "hidden, in a style": "<p style='DISPLAY : None !important'>x</p>",
    "invisible": "<p style='color:red;visibility: hidden'>x</p>",
    "hidden around others": "<div hidden><ul><li>x</ul><p>y</p></div>",
    "a style that is no display": "<p hidden style='display:no-such'>x</p>",
    "a style that gives the display back": "<p hidden style='display:revert'>x</p>",
    "template": "<template><p>x</p></template>",
    "popover": "<div popover>x</div>",
    "popover with a value": "<div popover=manual><p>x</p></div>",
    "closed dialog": "<dialog><p>x</p></dialog>",
    "closed dialog that pops over": "<dialog popover>x</dialog>",
    "noscript": "<noscript><p>x</p></noscript>",
    "video": "<video controls src=/a.mp4><p>x</p></video>",
    "audio": "<audio src=/a.mp3>x <a href=/a.mp3>y</a></audio>",
    "canvas": "<canvas><table><tr><td>x</table></canvas>",
    "object": "<object data=/a.svg type=image/svg+xml><p>x</p></object>",
    "embed": "<embed src=/a.swf><noembed>x</noembed>",
    "iframe": "<iframe src=/a><p>x</p></iframe>",
    "noframes": "<noframes><p>x</p></noframes>",
    "meter and progress": "<meter value=1 max=2>x</meter><progress>y</progress>",
    "button": "<button>x</button>",
    "button around elements": "<button type=button><span>x</span> <b>y</b></button>",
    "choices": "<select><optgroup label=x><option>y</select><datalist><option>x</datalist>",
    "fields": "<input type=hidden value=x><input type=submit value=y><textarea>x</textarea>",
    "script and style": "<script>x</script><style>y</style>",
}


@pytest.mark.parametrize("html", NOT_SHOWN.values(), ids=NOT_SHOWN.keys())
def test_what_is_not_shown(html: str) -> None:
    assert shown(f"<p>trước</p>{html}<p>sau</p>") == "trước\n\nsau"


SHOWN = {
    "hidden until found": ("<p hidden=until-found>x</p>", "x"),
    "hidden until found, in capitals": ("<p hidden=' Until-Found '>x</p>", "x"),
    "hidden, but displayed": ("<p hidden style='display:block'>x</p>", "x"),
    "aria-hidden": ("<p aria-hidden=true>x</p>", "x"),
    "open dialog": ("<dialog open><p>x</p></dialog>", "x"),
    "open dialog that could pop over": ("<dialog popover open>x</dialog>", "x"),
    "dialog that its style shows": ("<dialog style='display: flex'>x</dialog>", "x"),
    "closed details": ("<details><summary>đề</summary><p>x</p></details>", "đề\n\nx"),
    "a link like a button": ("<a class=button role=button href=/x>x</a>", "x"),
    "the button of a heading": ("<h2><button aria-expanded=false>Phần một</button></h2><p>x</p>", "Phần một\n\nx"),
    "the button of a summary": ("<details><summary><span><button>đề</button></span></summary>x</details>", "đề\n\nx"),
    "a button beside the text of a heading": ("<h2>đề <button>Sao chép</button></h2><p>x</p>", "đề\n\nx"),
    "a question that opens": (
        "<button>Phí giữ xe là bao nhiêu?</button><div>5.000 đồng</div>",
        "Phí giữ xe là bao nhiêu?\n\n5.000 đồng",
    ),
    "a button in a link": ("<p>x <a href=/><button>tiếp</button></a></p>", "x tiếp"),
    "a label": ("<label>x<input></label>", "x"),
    "another element of that name": ("<annotation>x</annotation>", "x"),
    "the last declaration counts": ("<p style='display:none;display:block'>x</p>", "x"),
}


@pytest.mark.parametrize(("html", "text"), SHOWN.values(), ids=SHOWN.keys())
def test_what_is_shown(html: str, text: str) -> None:
    assert shown(html) == text


BUTTONS = {
    "of a heading": ("<h1><button>Phần một</button></h1>", "h1", "Phần một"),
    "deeper in a heading": ("<h2><span><button><i>Phần</i> một</button></span> </h2>", "h2", "Phần một"),
    "beside the text of a heading": ("<h1>Tiêu đề <button>Chia sẻ</button></h1>", "h1", "Tiêu đề"),
    "of a counter": ("<p class=like>Thích <button>12</button></p>", ".like", "Thích 12"),
    "itself": ("<button>Thích</button>", "button", "Thích"),
    "in a link": ("<a href=/x><button>Đọc tiếp</button></a>", "a", "Đọc tiếp"),
}


@pytest.mark.parametrize(("html", "selector", "text"), BUTTONS.values(), ids=BUTTONS.keys())
def test_the_text_of_buttons_in_one_line(html: str, selector: str, text: str) -> None:
    read = page(html)
    (node,) = read.document.css(selector)
    assert read.line(node) == text


RUBY = {
    "rt": ("<p><ruby>虐待<rt>ぎゃくたい</rt></ruby>防止の日</p>", "虐待防止の日"),
    "rt without its end tag": ("<ruby>東<rt>とう<rb>京<rt>きょう</ruby>へ", "東京へ"),
    "rp": ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>", "漢字"),
    "rtc": ("<ruby><rb>旧<rb>金<rt>jiù<rt>jīn<rtc>San Francisco</rtc></ruby>山", "旧金山"),
    "within other elements": ("<ul><li><a href=/><ruby>明日<rt>あした</rt></ruby></a>の天気</ul>", "- 明日の天気"),
    "in a cell": ("<table><tr><td><ruby>山<rt>やま</rt></ruby><td>川</table>", "山 | 川"),
}


@pytest.mark.parametrize(("html", "text"), RUBY.values(), ids=RUBY.keys())
def test_the_readings_of_ruby_are_kept_apart(html: str, text: str) -> None:
    read = page(html)
    node = read.document.first("#b")
    assert node is not None
    assert read.paragraphs(node) == text


def test_a_heading_has_no_ruby_readings() -> None:
    read = ParsedPage("<h1><ruby>夏<rt>なつ</rt></ruby>の思い出</h1>", "http://p.example/")
    (heading,) = read.document.css("h1")
    assert read.line(heading) == "夏の思い出"


FORMULAS = {
    "annotation": (
        (
            "<math><semantics><mrow><mi>x</mi><mo>=</mo><mn>2</mn></mrow>"
            "<annotation encoding='application/x-tex'>x=2</annotation></semantics></math>"
        ),
        "x=2",
    ),
    "annotation-xml": (
        "<math><semantics><mi>y</mi><annotation-xml encoding='MathML-Content'><ci>y</ci></annotation-xml></semantics></math>",
        "y",
    ),
    "annotation of HTML": (
        "<math><semantics><mi>z</mi><annotation-xml encoding='text/html'><p>chữ</p></annotation-xml></semantics></math>",
        "z",
    ),
    "a second child": ("<math><semantics><mi>a</mi><mi>b</mi></semantics><mi>c</mi></math>", "ac"),
    "without semantics": ("<math><mi>a</mi><annotation>b</annotation></math>", "a"),
    "within text": (
        "<p>cho <math><semantics><mi>n</mi><annotation>n</annotation></semantics></math> số</p>",
        "cho n số",
    ),
}


@pytest.mark.parametrize(("html", "text"), FORMULAS.values(), ids=FORMULAS.keys())
def test_a_formula_without_its_annotations(html: str, text: str) -> None:
    assert shown(html) == text


def test_a_thousand_formulas_within_each_other_take_no_time() -> None:
    started = time.process_time()
    assert "x" in shown("<math><mtext>" * 1000 + "x")
    assert time.process_time() - started < 2


def test_images_of_what_is_closed_are_not_of_the_body() -> None:
    hidden = page("<p>x</p><dialog><img src=/1.jpg></dialog><div popover><img src=/2.jpg></div><img src=/3.jpg>").hidden
    assert len(hidden) == 2
