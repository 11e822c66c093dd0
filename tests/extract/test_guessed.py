"""The body and the captions of a page for which no rule gives them."""

import pytest

from archiver.extract.fallback import guess_text
from archiver.model.record import Record
from pages_as_read import jsonld, record_of

LINE = "Sáng nay bà con trong phường ra quân dọn phố, trồng cây xanh và nhặt rác ở công viên. "
ARTICLE = {"@type": "NewsArticle", "headline": "Ra quân"}


def paragraphs(count: int, first: int = 0) -> list[str]:
    return [f"{number}. {LINE * 3}".strip() for number in range(first, first + count)]


def written(count: int, first: int = 0) -> str:
    return "".join(f"<p>{each}</p>" for each in paragraphs(count, first))


def rule_of(record: Record) -> str | None:
    source = dict(record.sources).get("body")
    return source.rule if source else None


def read(html: str) -> Record:
    return record_of(f"<html lang=vi><title>Ra quân</title><body>{html}", guess=guess_text)


def test_the_extractor_is_given_the_page_without_what_is_not_content() -> None:
    given: list[str] = []

    def guess(html: str, _: str) -> str:
        given.append(html)
        return "\n\n".join(paragraphs(4))

    html = (
        f"<html lang=vi><body><h1>Ra quân</h1><article>{written(4)}<p class=ad>quảng cáo</p><p hidden>ẩn đi</p>"
        "<script>var ma</script><template>mẫu</template><p class=views>123 lượt</p></article>"
    )
    profile = (
        'title = { css = "h1", cut = true }\nsummary = { css = ".ad", cut = true }\n[page.readings]\nviews = ".views"\n'
    )
    record = record_of(html, profile, guess=guess)
    assert record.content.body == "\n\n".join(paragraphs(4))
    assert not [each for each in ("quảng cáo", "ẩn đi", "var ma", "mẫu", "lượt", "<h1") if each in given[0]]


def test_a_teaser_never_replaces_the_printed_text() -> None:
    record = read(f"<h1>Ra quân</h1><article>{written(6)}</article>{jsonld({**ARTICLE, 'articleBody': LINE * 3})}")
    assert record.content.body == "\n\n".join(paragraphs(6))


DECLARED = jsonld({**ARTICLE, "articleBody": "\n\n".join(paragraphs(6))})


def test_a_declared_body_counts_when_the_page_prints_less_than_half_of_it() -> None:
    record = read(f"<h1>Ra quân</h1><article>{written(1)}</article>{DECLARED}")
    assert (record.content.body, rule_of(record)) == ("\n\n".join(paragraphs(6)), "fallback:jsonld")


def test_a_declared_body_that_the_page_prints_is_not_used() -> None:
    record = read(f"<h1>Ra quân</h1><article>{written(4)}</article>{DECLARED}")
    assert record.content.body == "\n\n".join(paragraphs(4))


def test_a_declared_body_of_another_article_is_not_used() -> None:
    other = "Một câu chuyện khác hẳn về chợ nổi miền Tây. " * 5
    record = read(f"<h1>Ra quân</h1><article><p>{other}</p></article>{DECLARED}")
    assert record.content.body == other.strip()


def test_a_text_only_in_noscript() -> None:
    record = read(f"<noscript><h1>Ra quân</h1><article>{written(4)}</article></noscript><div id=app></div>")
    assert record.content.body == "\n\n".join(paragraphs(4))
    assert record.notes == ("the page shows its text only without scripts (noscript)",)


def test_sibling_sections_are_one_body() -> None:
    sections = "".join(f"<section><h2>10:0{number}</h2>{written(2, 2 * number)}</section>" for number in range(5))
    body = read(f"<h1>Ra quân</h1><main>{sections}</main>").content.body or ""
    assert all(each in body for each in paragraphs(10))


MARKED = {
    "all of the text": (f"<div itemprop=articleBody>{written(4)}<p>Hết.</p></div>", "fallback:microdata"),
    "a list that the extractor may drop": (
        f"<div itemprop=articleBody>{written(4)}<ul><li>cây</li><li>hoa</li></ul></div>",
        "fallback:microdata",
    ),
    "a teaser": (f"<p itemprop=articleBody>{LINE}</p><article>{written(6)}</article>", "fallback:trafilatura"),
    "two nodes": (f"<div itemprop=articleBody>{written(3)}</div>" * 2, "fallback:trafilatura"),
}


@pytest.mark.parametrize(("html", "rule"), MARKED.values(), ids=MARKED.keys())
def test_a_marked_body(html: str, rule: str) -> None:
    record = read(f"<h1>Ra quân</h1>{html}")
    assert rule_of(record) == rule
    assert paragraphs(3)[-1] in (record.content.body or "")


@pytest.mark.parametrize("text", ["", "Ra quân"])
def test_without_text_there_is_no_body(text: str) -> None:
    record = record_of("<title>Ra quân</title><h1>Ra quân</h1>", guess=lambda _html, _url: text)
    assert record.content.body is None


CAPTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "before the text": ("<figure><img src=/0.jpg><figcaption>Ảnh đầu</figcaption></figure><p>x</p>", ("Ảnh đầu",)),
    "in the text": (f"<article>{written(1)}<figure><figcaption>Ảnh</figcaption></figure></article>", ("Ảnh",)),
    "an item's": ("<p itemprop=caption>Ảnh</p>", ("Ảnh",)),
    "the same twice": ("<figure><figcaption>Ảnh</figcaption></figure>" * 2, ("Ảnh",)),
    "one within another": ("<figcaption><span itemprop=caption>Chợ.</span> Ảnh: A</figcaption>", ("Chợ. Ảnh: A",)),
    "in an aside": ("<aside><figure><figcaption>Ảnh</figcaption></figure></aside>", ()),
    "in a comment": ("<div class=comments><figure><figcaption>Ảnh</figcaption></figure></div>", ()),
    "hidden": ("<figure hidden><figcaption>Ảnh</figcaption></figure>", ()),
    "empty": ("<figure><figcaption> </figcaption></figure>", ()),
}


@pytest.mark.parametrize(("html", "captions"), CAPTIONS.values(), ids=CAPTIONS.keys())
def test_captions(html: str, captions: tuple[str, ...]) -> None:
    assert record_of(f"<h1>Ra quân</h1>{html}").content.captions == captions


PERSIAN = "مردم خیابان را تمیز می\u200cکنند و گل\u200cها را در کنار خانه می\u200cکارند تا شهر زیباتر شود. "
HINDI = "शरद ऋतु में लोग सड़क साफ़ कर\u200dते हैं और पेड़ों को पानी देते हैं, क्\u200dयोंकि यह उनका नगर है। "


@pytest.mark.parametrize("sentence", [PERSIAN, HINDI])
def test_joiners_that_are_orthography_stay(sentence: str) -> None:
    paragraphs = "".join(f"<p>{number} {sentence * number}</p>" for number in range(1, 6))
    page = f"<meta charset=utf-8><title>x</title><body><h1>x y</h1><div>{paragraphs}</div>"
    body = record_of(page, guess=guess_text).content.body or ""
    assert sentence.strip() in body
    assert body.count("\u200c") + body.count("\u200d") == 15 * sum(map(sentence.count, "\u200c\u200d"))


def test_readings_of_ruby_are_not_part_of_the_words() -> None:
    sentence = (
        "<ruby>虐待<rt>ぎゃくたい</rt></ruby>防止の日に市は子どもたちと一緒に道を掃除した。花を植えて、木に水をやった。"
    )
    paragraphs = "".join(f"<p>{number}番目。{sentence}{'明日も続ける。' * number}</p>" for number in range(6))
    page = f"<html lang=ja><meta charset=utf-8><title>掃除</title><body><h1>掃除の日</h1><div>{paragraphs}</div>"
    body = record_of(page, guess=guess_text).content.body or ""
    assert "虐待防止の日" in body
    assert "ぎゃくたい" not in body
