"""Threads and questions: all posts are the body, and the author of the first post is the author."""

import pytest

from archiver.model.record import Record
from pages_as_read import jsonld, record_of

POST = "Bà con trong phường ra quân dọn phố sáng nay, ai có hình thì đăng lên nhé."
THREADS = {
    "XenForo": (
        "<div class=message><a class=username>{name}</a><div class=message-body><div class=bbWrapper>{text}</div></div>"
        "<div class=signature>Chữ ký</div></div>"
    ),
    "phpBB": (
        "<div class=post><div class=postbody><p class=author>by <a class=username>{name}</a> » 5 May 2022</p>"
        "<div class=content>{text}</div></div></div>"
    ),
    "microdata": (
        "<div itemscope itemtype='https://schema.org/Answer'><span itemprop=author itemscope><b itemprop=name>{name}</b>"
        "</span><div itemprop=text>{text}</div></div>"
    ),
}


def thread(layout: str, *names: str) -> str:
    return "<h1>Dọn phố</h1>" + "".join(layout.format(name=name, text=f"{POST} {name}") for name in names)


def read(html: str) -> Record:
    return record_of(html, guess=lambda _html, _url: "")


@pytest.mark.parametrize("layout", THREADS.values(), ids=THREADS.keys())
def test_all_posts_are_the_body_and_the_first_poster_is_the_author(layout: str) -> None:
    record = read(thread(layout, "kim_99", "mai", "hoa"))
    assert record.content.body == "\n\n".join(f"{POST} {name}" for name in ("kim_99", "mai", "hoa"))
    assert dict(record.sources)["body"].rule == "fallback:posts"
    assert record.content.bylines == ("kim_99",)


def test_a_hidden_post_is_left_out() -> None:
    html = thread(THREADS["XenForo"], "kim", "mai", "hoa").replace("<div class=message>", "<div hidden>", 1)
    assert read(html).content.body == f"{POST} mai\n\n{POST} hoa"


def test_one_post_is_not_a_discussion() -> None:
    assert read(thread(THREADS["phpBB"], "kim")).content.body is None


def test_declared_posts_count_where_nothing_is_printed() -> None:
    long = f"{POST} " * 3
    replies = [{"@type": "Comment", "text": "hai"}, {"text": "ba", "comment": {"text": "bốn"}}, "#c4", None]
    record = read("<h1>Dọn phố</h1>" + jsonld({"@type": "DiscussionForumPosting", "text": long, "comment": replies}))
    assert record.content.body == f"{long.strip()}\n\nhai\n\nba\n\nbốn"
    assert dict(record.sources)["body"].rule == "fallback:jsonld"


def test_deep_replies_are_survived() -> None:
    deep = '{"@type": "Question", "text": "a", "comment": ' * 400 + "{}" + "}" * 400
    assert read(f"<script type='application/ld+json'>{deep}</script>").content.body is not None
