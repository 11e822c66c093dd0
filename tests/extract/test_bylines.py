"""Printed bylines of a page without a profile."""

import pytest

from pages_as_read import record_of

BODY = "<p>" + "Sáng nay bà con ra quân dọn phố, trồng cây và nhặt rác. " * 6 + "</p>"
HEAD = (
    "<title>Ra quân dọn phố - Báo Xanh</title><meta property=og:site_name content='Báo Xanh'><h1>Ra quân dọn phố</h1>"
)


def bylines(html: str, language: str = "vi") -> tuple[str, ...]:
    return record_of(f"<html lang={language}>{HEAD}{html}").content.bylines


ONE = {
    "rel": "<a rel=author href=/a>Lê Văn A</a>",
    "rel with a label": "<a rel=author href=/a>By Lê Văn A</a>",
    "itemprop": "<span itemprop=author>Lê Văn A</span>",
    "a name in an item": "<span itemprop=author itemscope><a itemprop=url href=/x><b itemprop=name>Lê Văn A</b></a></span>",
    "a declared name in an item": "<span itemprop=author itemscope><meta itemprop=name content='Lê Văn A'></span>",
    "a class": "<div class=byline>By <a>Lê Văn A</a> | 5 May 2024</div>",
    "a class, and an office": "<div class=post-author>Lê Văn A, Staff Writer</div>",
    "a class, and a date": "<div class=author>Lê Văn A - 21/10/2022</div>",
    "a class, and an organization": "<div class=author>Lê Văn A (Báo Xanh)</div>",
    "a line": "<p>By Lê Văn A</p>",
    "a label in an element": "<div><span>Tác giả:</span> <span>Lê Văn A</span></div>",
    "a label in a block": "<div><div>Tác giả</div><div>Lê Văn A</div></div>",
    "a label in a list": "<dl><dt>Tác giả<dd>Lê Văn A</dl>",
    "a label in a table": "<table><tr><th>Tác giả<td>Lê Văn A</table>",
    "text and pictures": "<p>Bài, ảnh: Lê Văn A</p>",
    "the site and a person": "<span class=author>Báo Xanh</span><span class=author>Lê Văn A</span>",
    "the site declared, a person printed": "<meta name=author content='Báo Xanh'><p class=tacgia>Lê Văn A</p>",
}


@pytest.mark.parametrize("html", ONE.values(), ids=ONE.keys())
def test_a_printed_byline(html: str) -> None:
    assert bylines(html + BODY) == ("Lê Văn A",)


def test_a_layout_with_comments_is_not_a_comment() -> None:
    html = f"<div class=has-comments><h1>Ra quân</h1><p class=author>Lê Văn A</p>{BODY}</div>"
    assert record_of(html).content.bylines == ("Lê Văn A",)


def test_several_authors() -> None:
    html = "<a rel=author>Lê Văn A</a>, <a rel=author>Trần Thị B</a>"
    assert bylines(html + BODY) == ("Lê Văn A", "Trần Thị B")


def test_the_site_is_the_author_where_it_declares_no_other() -> None:
    assert bylines("<meta name=author content='Báo Xanh'>" + BODY) == ("Báo Xanh",)


NONE = {
    "of a comment": "<div class=comments><span class=author>Mai Hoa</span><p>hay</p></div>",
    "of a comment in a list": "<ol id=comment-list><li><cite class=comment-author>Mai Hoa</cite></ol>",
    "of a comment item": "<div itemprop=comment itemscope><span itemprop=author>Mai Hoa</span></div>",
    "of a reply": "<div class=replies><span class=author>Mai Hoa</span></div>",
    "of embedded comments": "<section id=disqus_thread><span class=author>Mai Hoa</span></section>",
    "of a review": "<div itemprop=review itemscope><span itemprop=author>Mai Hoa</span></div>",
    "of a quotation": "<blockquote>By Mai Hoa</blockquote>",
    "of a column": "<aside><a rel=author>Mai Hoa</a></aside>",
    "of a related article": "<div class=related-posts><p>By Mai Hoa</p></div>",
    "of a picture": "<figure><img src=/a.jpg><figcaption>By Mai Hoa</figcaption></figure>",
    "of a picture, in a line": "<p>Photo by Mai Hoa</p>",
    "a box about somebody": "<div class=author-bio><h3>About the author</h3><p>Mai Hoa is a writer.</p></div>",
    "a sentence": "<p>By continuing to use this site you agree.</p>",
    "hidden": "<p hidden class=author>Mai Hoa</p>",
    "an address": "<p class=author>https://portal.example/mai</p>",
    "an e-mail address": "<p class=author>mai@portal.example</p>",
    "an authority": "<div class=authority>Sở Y Tế</div>",
    "a count": "<div class=author>12 bài viết</div>",
}


@pytest.mark.parametrize("html", NONE.values(), ids=NONE.keys())
def test_no_byline(html: str) -> None:
    assert bylines(html + BODY, "en") == ()


LANGUAGES = {
    "de": ("Von Anna Berg", "Anna Berg"),
    "fr": ("Par Jean Dupont", "Jean Dupont"),
    "es": ("Por Ana Pérez", "Ana Pérez"),
    "pl": ("Autor: Jan Kowalski", "Jan Kowalski"),
    "ru": ("Автор: Иван Петров", "Иван Петров"),
    "tr": ("Yazar: Ali Demir", "Ali Demir"),
    "zh": ("作者：李明", "李明"),
    "zh-TW": ("記者 李明", "李明"),
    "ja": ("文：山田太郎", "山田太郎"),
}


@pytest.mark.parametrize(("language", "line", "name"), [(key, *value) for key, value in LANGUAGES.items()])
def test_a_line_with_a_label(language: str, line: str, name: str) -> None:
    assert bylines(f"<p>{line}</p>{BODY}", language) == (name,)
