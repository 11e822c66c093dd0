"""A folder and its index page with equal content are one page in reports, digests, notifications and `changes`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.app.watching.digest import digest, message
from archiver.app.watching.page_events import EventFilter, page_events
from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.text.page_names import by_place
from scripted import Scripted

TEXT = "Sáng nay bà con khu phố ra quân dọn vệ sinh, trồng cây và nhặt rác ở bờ kênh. " * 5
LINKS = (
    "<a href=/index.html>i</a><a href=/b/>b</a><a href=/b/index.html>c</a><a href=/x/>x</a><a href=/x/index.html>y</a>"
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    """A site whose home and `/b/` have an index page with the same content, and `/x/` one with another of that length."""
    scripted = Scripted(tmp_path / "archive.db")
    GLOBAL_OPTIONS.settings = scripted.archive.settings
    for path in ("/", "/index.html"):
        scripted.page(path, "Home", TEXT, extra=LINKS)
    for path in ("/b/", "/b/index.html"):
        scripted.page(path, "B", TEXT + "b")
    scripted.page("/x/", "X", TEXT + "5")
    scripted.page("/x/index.html", "X", TEXT + "6")
    yield scripted
    GLOBAL_OPTIONS.settings = None
    scripted.close()


def _edit(site: Scripted) -> None:
    site.crawl()
    for path in ("/", "/index.html"):
        site.page(path, "Home", f"{TEXT} sửa 5", extra=LINKS)
    site.page("/x/", "X", f"{TEXT}55")
    site.page("/x/index.html", "X", f"{TEXT}66")
    site.crawl()


def _output(site: Scripted, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    site.archive.close()
    capsys.readouterr()
    assert run(["--archive", str(site.archive.settings.archive), *words]) == 0
    return capsys.readouterr().out.replace(site.url, "")


def _rows(site: Scripted, rows: Any) -> list[tuple[str, list[str]]]:
    return [(row["url"], row.get("also", [])) for row in json.loads(json.dumps(rows).replace(site.url, ""))]


def test_a_report_counts_and_lists_them_once(site: Scripted) -> None:
    _edit(site)
    (report,) = site.archive.report("t", since="2000-01-01")
    assert _rows(site, report.new) == [
        ("/", ["/index.html"]), ("/b/", ["/b/index.html"]), ("/x/", []), ("/x/index.html", [])
    ]  # fmt: skip
    assert _rows(site, report.edited) == [("/", ["/index.html"]), ("/x/", []), ("/x/index.html", [])]
    assert (report.counts["new_pages"], report.counts["changed"], dict(report.fields)) == (4, 3, {"body": 3})
    (newest,) = site.archive.report("t")
    assert (newest.counts["new_pages"], newest.counts["changed"], len(newest.edited)) == (0, 3, 3)


def test_a_page_that_is_edited_again_is_counted_in_each_run(site: Scripted) -> None:
    _edit(site)
    for text in (f"{TEXT} sửa 6", f"{TEXT} sửa 7"):
        for path in ("/", "/index.html"):
            site.page(path, "Home", text, extra=LINKS)
        site.crawl()
    (report,) = site.archive.report("t", since="2000-01-01")
    assert report.counts["changed"] == 3 + 1 + 1
    assert _rows(site, report.edited)[0] == ("/", ["/index.html"])
    home = [row for row in site.archive.changes("edited") if row["url"] == f"{site.url}/"]
    assert [row["also"] for row in home] == [[f"{site.url}/index.html"]] * 3


def test_different_edits_of_both_are_two_pages(site: Scripted) -> None:
    site.crawl()
    site.page("/", "Home", f"{TEXT} sửa 5", extra=LINKS)
    site.page("/index.html", "Home", f"{TEXT} sửa 6", extra=LINKS)
    site.crawl()
    (report,) = site.archive.report("t")
    assert _rows(site, report.edited) == [("/", []), ("/index.html", [])]
    assert report.counts["changed"] == 2
    assert [row.get("also") for row in site.archive.changes("edited")] == [None, None]


def test_changes_lists_them_once_and_marks_both_in_json(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    _edit(site)
    lines = [line.split("\t") for line in _output(site, capsys, "changes").splitlines()[1:]]
    assert [(kind, url) for kind, _, url, *_ in lines] == [
        ("new", "/"), ("new", "/b/"), ("new", "/x/"), ("new", "/x/index.html"),
        ("edited", "/"), ("edited", "/x/"), ("edited", "/x/index.html"),
    ]  # fmt: skip
    assert [line[-1].endswith(" (also /index.html)") for line in lines] == [
        True,
        False,
        False,
        False,
        True,
        False,
        False,
    ]
    found = [json.loads(line) for line in _output(site, capsys, "changes", "--json").splitlines()]
    also = {(row["kind"], row["url"]): row.get("also") for row in found}
    assert len(found) == 6 + 4
    assert also["new", "/"] == also["edited", "/"] == ["/index.html"]
    assert also["new", "/index.html"] == also["edited", "/index.html"] == ["/"]
    assert also["new", "/x/"] is also["edited", "/x/index.html"] is None


def test_a_digest_tells_them_once(site: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    _edit(site)
    found = digest(page_events(site.archive.store, EventFilter()))
    assert dict(found.sites[0].counts) == {"new": 4, "edited": 3}
    assert message(found, 100_000).count("also ") == 3
    text = _output(site, capsys, "report", "--since", "2000-01-01", "--format", "text")
    assert "archiver: t: 3 edited, 4 new" in text
    assert text.count("  /\n  also /index.html\n") == 2
    assert _output(site, capsys, "report", "--since", "2000-01-01", "--format", "html").count("<br>also ") == 3


def test_moved_pages_are_not_new_in_the_counts_of_runs(site: Scripted) -> None:
    site.crawl()
    site.answers["/b/"] = (301, {"Location": "/moved"}, b"")
    site.page("/moved", "B", TEXT + "b")
    site.crawl()
    assert site.rows("SELECT new_pages FROM runs ORDER BY run_id") == [(6,), (0,)]
    (report,) = site.archive.report("t")
    assert (report.counts["new_pages"], report.new) == (0, ())


def test_rows_are_grouped_by_place_and_content() -> None:
    rows = [
        ("/a/index.html", 1),
        ("/a/", 1),
        ("/a/", 1),
        ("/a/default.aspx", 2),
        ("/b", 1),
        ("/c/", None),
        ("/c/index.php", None),
    ]
    assert by_place(rows, lambda row: row[0], lambda row: row[1]) == [
        [("/a/", 1), ("/a/index.html", 1)], [("/a/", 1)], [("/a/default.aspx", 2)], [("/b", 1)], [("/c/", None)], [("/c/index.php", None)]
    ]  # fmt: skip
