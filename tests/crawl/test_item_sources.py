"""Each item of a list has the node that it was read from."""

from pathlib import Path

import pytest

from scripted import Scripted

PROFILE = """
[site]
name = "t"
home = "{url}/"
[crawl]
delay = 0.0
sitemaps = []
feeds = []
[[page]]
kind = "article"
[page.fields]
title = "h1"
body = "#b"
captions = {{ css = "#b p", pattern = '^Ảnh: (.+)$', take = "all", cut = true }}
tags = {{ css = "#t a", take = "all" }}
files = "#f a"
"""
PAGE = """<h1>T</h1><div id=b><p>Văn bản.</p><p>Ảnh: Một</p><img src=/1.png><p>Ảnh: Hai</p><img src=/2.png><img src=/1.png></div>
<div id=t><a>A</a><a>B</a><a>A</a><a>C</a></div><div id=f><a href=/a.pdf>Tệp</a><a href=/b.pdf>Khác</a></div>"""


@pytest.fixture
def rows(tmp_path: Path) -> dict[str, list[tuple[object, ...]]]:
    site = Scripted(tmp_path / "archive.db")
    (site.selectors / "t.toml").write_text(PROFILE.format(url=site.url), encoding="utf-8")
    site.answers["/"] = (200, {}, PAGE.encode())
    for _ in range(2):
        site.archive.capture(f"{site.url}/")
        site.clock.advance(hours=1)
    found: dict[str, list[tuple[object, ...]]] = {}
    for field, *row in site.rows("SELECT field, position, raw, node_path FROM item_sources ORDER BY field, position"):
        found.setdefault(field, []).append(tuple(row))
    found["sources"] = site.rows("SELECT field FROM sources WHERE field LIKE '%[%' OR field = 'tags'")
    found["count"] = site.rows("SELECT count(*) FROM versions")
    site.close()
    return found


def test_each_item_has_its_node(rows: dict[str, list[tuple[object, ...]]]) -> None:
    body = "html > body > div#b"
    assert rows["captions"] == [
        (1, "Ảnh: Một", f"{body} > p:nth-of-type(2)"),
        (2, "Ảnh: Hai", f"{body} > p:nth-of-type(3)"),
    ]
    assert [(place, path) for place, _, path in rows["images"]] == [
        (1, f"{body} > img"),
        (2, f"{body} > img:nth-of-type(2)"),
    ]
    tags = "html > body > div#t:nth-of-type(2) > a"
    assert rows["tags"] == [(1, "A", tags), (2, "", f"{tags}:nth-of-type(2)"), (3, "", f"{tags}:nth-of-type(4)")]
    assert [place for place, *_ in rows["files"]] == [1, 2]


def test_a_list_has_one_row_in_sources(rows: dict[str, list[tuple[object, ...]]]) -> None:
    assert rows["sources"] == [("tags",)]
    assert rows["count"] == [(1,)]
