"""Pages of paging forms share an address; their labels tell them apart."""

from pathlib import Path

import pytest

from archiver.crawl.form_labels import form_labels
from archiver.model.postback import Postback
from scripted import Scripted


def form(text: str, target: str = "p", argument: str = "", url: str = "http://p.example/") -> Postback:
    return Postback(url, (("__EVENTTARGET", target), ("__EVENTARGUMENT", argument)), text)


@pytest.mark.parametrize(
    ("forms", "labels"),
    [
        ([form(" 2 ")], ["page 2"]),
        ([form("»", argument="Page$3")], ["page 3"]),
        ([form("…", argument="11")], ["page 11"]),
        ([form("Cũ hơn", argument="Page$Next")], ["Cũ hơn"]),
        ([form("", "ctl00$more", "x")], ["ctl00$more x"]),
        ([form("2", "top"), form("2", "bottom")], ["page 2 (top)", "page 2 (bottom)"]),
        ([form("2"), form("2", url="http://p.example/b")], ["page 2", "page 2"]),
    ],
)
def test_a_label_is_the_page_or_the_text_of_the_link(forms: list[Postback], labels: list[str]) -> None:
    assert form_labels(forms) == labels


PROFILE = """
[site]
name = "t"
home = "{url}/"
[crawl]
delay = 0.0
sitemaps = []
feeds = []
[[page]]
kind = "listing"
follow = ["a.t"]
next = {{ css = "a.n", postback = true }}
"""


def test_pages_that_share_an_address_have_labels(tmp_path: Path) -> None:
    site = Scripted(tmp_path / "archive.db")
    (site.selectors / "t.toml").write_text(PROFILE.format(url=site.url), encoding="utf-8")
    links = "".join(f"<a class=n href=\"javascript:__doPostBack('p','Page${n}')\">{n}</a>" for n in (2, 3))
    body = f"<title>Danh sách</title><form method=post><input type=hidden name=__VIEWSTATE value=x>{links}</form>"
    site.answers["/"] = (200, {}, body.encode())
    site.archive.crawl("t")
    sql = "SELECT url, title, label FROM pages ORDER BY label"
    home = f"{site.url}/"
    assert site.rows(sql) == [(home, "Danh sách", None), (home, None, "page 2"), (home, None, "page 3")]
    with site.archive.store.transaction():  # as an archive of an earlier schema
        site.archive.store._main.execute("UPDATE _page SET label = NULL")
    assert len({row[2] for row in site.rows(sql)}) == 3
    site.clock.advance(days=1)
    site.archive.crawl("t", everything=True)
    assert [row[2] for row in site.rows(sql)] == [None, "page 2", "page 3"]
    site.close()
