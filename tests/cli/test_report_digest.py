"""`archiver report --format`: a digest with the changed words, ready to be mailed."""

import json
from html.parser import HTMLParser

import pytest

from archiver.app.watching.digest import columns, wrapped
from watched import PAGE, Town

FEE = "Học phí năm nay là 278 nghìn đồng, thu theo từng học kỳ và có thể được miễn giảm cho một số đối tượng."
HOSTILE = "<script>alert(1)</script> & \x1b[31m\u202e\" onload='x"


def put(town: Town, number: int, body: str, title: str = "Tin {n}") -> None:
    page = PAGE.replace("Bài {n}.", body).replace("Tin {n}", title)
    town.articles(range(number, number + 1), page)


@pytest.fixture
def lived(town: Town) -> Town:
    """Five days: a page is edited twice, one is new, one is gone; a field is missing on the last day."""
    town.articles(6)
    put(town, 1, FEE)
    town.crawl()
    put(town, 1, FEE.replace("278", "337"), "Học phí mới")
    del town.server.answers["/a/2"]
    town.crawl()
    town.crawl()
    put(town, 1, FEE.replace("278", "400"), "Học phí mới")
    put(town, 9, "Bài mới.")
    town.crawl()
    town.articles(range(3, 12), PAGE.replace("id=s", "id=was"))
    town.crawl(code=None)
    return town


def test_the_text_has_the_words_by_page(lived: Town) -> None:
    lines = lived("report", "--since", "2022-10-22", "--format", "text").splitlines()
    text = "\n".join(lines)
    assert all(columns(line) <= 78 for line in lines if "://" not in line)
    assert lines[0].startswith("archiver: town: ")
    assert text.index("alarm:") < text.index("\ntown\n====\ntown: runs 2 to 5, done, ")
    assert text.index("[-278-]{+337+}") < text.index("[-337-]{+400+}")
    assert f"\n\nHọc phí mới\n  {lived.url(1)}\n  title, words: [-Tin 1-]{{+Học phí mới+}}\n  body, figures: " in text
    assert f"\n\nnew: Tin 9\n  {lived.url(9)}\n" in text
    assert f"\n\ngone: Tin 2\n  {lived.url(2)}\n  404 gone at 2022-10-22 09:00:00; " in text


class Tags(HTMLParser):
    """Collects the elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_html_says_the_same_without_other_files(lived: Town) -> None:
    put(lived, 1, HOSTILE.replace("<", "&lt;"), HOSTILE.replace("<", "&lt;"))
    lived.crawl(code=None)
    page = lived("report", "--since", "2022-10-22", "--format", "html")
    tags = Tags(page)
    assert {tag for tag, _ in tags.found} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "a", "br", "ins", "del")
    }
    names = {name for _, attributes in tags.found for name in attributes}
    assert names <= {"lang", "charset", "http-equiv", "name", "content", "class", "href"}
    assert {each["href"] for tag, each in tags.found if tag == "a"} >= {lived.url(1), lived.url(2), lived.url(9)}
    assert "là <del>278</del><ins>337</ins> nghìn" in page
    assert 'class="alarm">town: alarm: ' in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert page.startswith('<!doctype html>\n<html lang="en">')


def test_json_is_as_before(lived: Town) -> None:
    lived.server.clock.advance(days=1)
    printed = lived("report", "--format", "json")
    assert json.loads(printed) == lived.json("report")[0]
    assert lived.json("report", "--format", "html") == lived.json("report")


def test_without_changes_the_digest_says_so(town: Town) -> None:
    town.articles(2)
    town.crawl()
    town.crawl()
    for form in ("text", "html"):
        assert "archiver: nothing changed" in town("report", "--format", form)
    assert town("report", "--since", "2023-01-01", "--format", "text") == ""
    assert "no crawl since 2023-01-01" in town.err


def test_pages_of_each_kind_can_be_limited(town: Town) -> None:
    town.articles(9)
    town.crawl()
    for form in ("text", "html"):
        printed = town("report", "--format", form, "--most", "2")
        assert printed.count("new: Tin ") == 2
        assert "and 7 more new" in printed


def test_typography_alone_is_left_out(town: Town) -> None:
    town.articles(2)
    put(town, 1, "Một “bài” báo.")
    town.crawl()
    put(town, 1, 'Một "bài" báo.')
    town.crawl()
    assert "nothing changed" in town("report", "--format", "text")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [""]),
        ("  " + "ab " * 30, ["  " + ("ab " * 25).rstrip(), "    " + ("ab " * 5).rstrip() + " "]),
        ("x" * 100, ["x" * 76, "  " + "x" * 24]),
        ("  http://a.example/" + "x" * 100, ["  http://a.example/" + "x" * 100]),
        ("字" * 50, ["字" * 38, "  " + "字" * 12]),
    ],
)
def test_lines_are_wrapped_by_columns(line: str, expected: list[str]) -> None:
    assert list(wrapped(line)) == expected
