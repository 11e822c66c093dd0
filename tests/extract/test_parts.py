"""The links to the parts of an article: which are earlier, in which order, and what is cut with them."""

from datetime import UTC, datetime

import pytest

from archiver.errors import ProfileError
from archiver.extract.parts import in_order, is_first_again
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Request
from archiver.model.outcome import Outcome
from archiver.model.record import Record

HOST = "https://a.example"
PROFILE = """[site]\nname = "a"\nhome = "https://a.example/"\n
[[page]]\nkind = "article"\ncontinues = '{}'\n[page.fields]\ntitle = "h1"\nbody = "#b"
"""


def _read(body: str, rule: str = "a.pn", path: str = "/x/", head: str = "") -> Record:
    html = f"<html><head>{head}</head><body><h1>T</h1><div id=b>{body}</div></body></html>"
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    capture = Capture(
        Request(HOST + path), datetime(2024, 1, 1, tzinfo=UTC), Outcome.OK, 200, b"x", headers, html.encode()
    )
    return read(capture, parse_profile(PROFILE.format(rule), "t"))


@pytest.mark.parametrize(
    "links",
    [
        '<p class=nav>Trang: <span class=pn>1</span> <a class=pn href="/x/2/">2</a></p>',
        '<div><ul><li>1</li><li><a class=pn href="/x/2/">2</a></li></ul></div>',
        '<div class=page-links><span>Pages:</span> <a class=pn href="/x/2/"><span>2</span></a></div>',
        '<nav><a class=pn href="/x/2/">Page 2 of 5</a></nav>',
        '<table><tr><td>1</td><td><a class=pn href="/x/2/">2</a></td></tr></table>',
        '<a class=pn href="/x/2/">2</a>',
    ],
)
def test_links_to_parts_and_their_label_are_no_content(links: str) -> None:
    record = _read(f"<p>Một câu.</p>{links}")
    assert (record.content.body, record.continues) == ("Một câu.", (f"{HOST}/x/2/",))
    assert f"{HOST}/x/2/" not in record.follow


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('<p>Ngắn. <a class=pn href="/x/2/">2</a></p>', "Đầu.\n\nNgắn."),
        ('<div><p>Câu.</p><a class=pn href="/x/2/">2</a></div>', "Đầu.\n\nCâu."),
        (
            '<p>Một câu dài hơn một nhãn của trang <a class=pn href="/x/2/">xem tiếp</a></p>',
            "Đầu.\n\nMột câu dài hơn một nhãn của trang",
        ),
        ('<ul><li><p>Mục</p></li><li><a class=pn href="/x/2/">2</a></li></ul>', "Đầu.\n\n- Mục"),
    ],
)
def test_content_around_a_link_to_a_part_stays(body: str, kept: str) -> None:
    assert _read(f"<p>Đầu.</p>{body}").content.body == kept


def test_an_image_with_a_link_to_a_part_stays() -> None:
    assert _read('<p>Câu.</p><p><img src=i.jpg><a class=pn href="/x/2/">2</a></p>').content.images == (
        f"{HOST}/x/i.jpg",
    )


def test_next_and_previous_links_are_cut_and_the_head_stays() -> None:
    body = "<p>Câu.</p><p><a rel=prev href=/x/1>Trước</a> <a rel=next href=/x/3>Sau</a></p>"
    record = _read(
        body, "a[rel=next], link[rel=next]", "/x/2", "<link rel=next href=/x/3><meta name=description content=D>"
    )
    assert (record.content.body, record.continues, record.part_of) == ("Câu.", (f"{HOST}/x/3",), f"{HOST}/x/1")
    assert record.content.summary == "D"
    last = _read("<p>Câu.</p><p><a rel=prev href=/x/1>Trước</a></p>", "a[rel=next]", "/x/2")
    assert (last.content.body, last.part_of) == ("Câu.", f"{HOST}/x/1")


@pytest.mark.parametrize(
    ("path", "links", "earlier"),
    [
        ("/x/2/", ("/x/", "/x/3/"), "/x/"),
        ("/x/", ("/x/2/", "/x/3/"), None),
        ("/x?page=10", ("/x?page=2", "/x?page=9"), "/x?page=2"),
        ("/x?page=2", ("/x", "/x?page=3"), "/x"),
        ("/x-2.html", ("/x.html", "/x-3.html"), "/x.html"),
        ("/a?id=7&p=2", ("/a?id=7", "/a?id=7&p=3"), "/a?id=7"),
        ("/a?id=7", ("/a?id=7&p=2",), None),
        ("/2024/05/x/", ("/2024/05/x/2/",), None),
        ("/x/two", ("/x/one", "/x/three"), None),
    ],
)
def test_a_lower_number_at_the_same_place_is_an_earlier_part(
    path: str, links: tuple[str, ...], earlier: str | None
) -> None:
    record = _read("".join(f'<a class=pn href="{link}">n</a>' for link in links), path=path)
    assert record.part_of == (HOST + earlier if earlier else None)


def test_parts_are_in_the_order_of_their_numbers() -> None:
    assert in_order("/x/", ["/x/10/", "/x/2/", "/x/3/"]) == ["/x/2/", "/x/3/", "/x/10/"]
    assert in_order("/x", ["/x?c=b7", "/x?c=a1"]) == ["/x?c=b7", "/x?c=a1"]
    assert is_first_again("/x", "/x?page=1")
    assert not is_first_again("/x", "/x?page=2")


def test_only_articles_have_parts() -> None:
    text = PROFILE.format("a.pn").replace("article", "listing")
    with pytest.raises(ProfileError, match="only articles have parts"):
        parse_profile(text, "t")
    with pytest.raises(ProfileError, match="continues"):
        parse_profile(PROFILE.format("a["), "t")
