"""Redactions and embargoes of pages that a browser opened: what it made and fetched holds the same text, and goes with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.app.maintenance.embargoing import set_embargo
from archiver.app.maintenance.redacting import Redacted, RedactionRequest, find_target, plan_redaction, redact
from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.maintain.verify.verify import verify
from archiver.store.capture_stream import CaptureSelection
from browsed import HOME, Browsed, Opened, dom_of, png_of
from redacted import found

WORD = "zxqnoidung"
WORDS = (WORD, "Zxqtieude")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Browsed]:
    """Two visits of a page with secret words, one with others before, and visits of another page."""
    site = Browsed(tmp_path)
    site.article("Bài viết trước.", 1)
    for views in (2, 3):
        site.article(f"Bài có {WORD} ở giữa.", views, title="Zxqtieude")
    site.article("Bài khác.", 5, path="/a/2")
    site.article("Bài khác.", 6, path="/a/2")
    yield site
    site.close()


def _redact(site: Browsed, what: str, **more: Any) -> Redacted:
    wanted = RedactionRequest(what, "court order", **more)
    return redact(site.archive, wanted, find_target(site.archive, wanted))


def _planned(site: Browsed, what: str, **more: Any) -> Redacted:
    return plan_redaction(site.archive, find_target(site.archive, RedactionRequest(what, "court order", **more)))


def _stored(site: Browsed, path: str) -> set[str]:
    """Return the kinds of what is stored for the newest visit of a page."""
    visit = site.value(f"SELECT max(visit_id) FROM visits WHERE url = '{HOME}{path}'")
    rows = site.inside(
        f"SELECT p.url FROM _visit t JOIN _page p USING(page_id) WHERE of_visit = {visit} AND frame_id IS NOT NULL"
    )
    return {url.removeprefix("urn:").split(":")[0] if url.startswith("urn:") else "data" for (url,) in rows}


ALL = {"data", "dom", "screenshot", "requests"}


def test_what_a_browser_made_and_fetched_goes_with_the_page(site: Browsed) -> None:
    assert found(site.path, WORDS)
    plan = _planned(site, f"{HOME}/a/1").plan
    assert (plan.count, plan.by_browser, plan.versions) == (15, 12, 2)
    assert f"urn:screenshot:{HOME}/a/1" in plan.pages
    assert plan.same_digest_count == 0  # the shell is that of all pages
    done = _redact(site, f"{HOME}/a/1")
    assert done.erased is not None
    assert found(site.path, WORDS) == set()
    assert verify(site.path, deep=True).whole
    assert (_stored(site, "/a/1"), _stored(site, "/a/2")) == (set(), ALL)
    assert {row["redaction_reason"] for row in site.archive.sql("SELECT * FROM renditions WHERE url LIKE '%/a/1'")} == {
        "court order"
    }


def test_one_capture_is_named_by_its_visit_or_by_a_rendition(site: Browsed) -> None:
    visits = [each for (each,) in site.rows(f"SELECT visit_id FROM visits WHERE url = '{HOME}/a/1' ORDER BY 1")]
    rendition = site.value(f"SELECT rendition_id FROM renditions WHERE visit_id = {visits[1]} AND kind = 'screenshot'")
    by_page, by_rendition = _planned(site, str(visits[1])).plan, _planned(site, str(rendition)).plan
    assert by_page.visits == by_rendition.visits
    assert (by_page.count, by_page.versions) == (5, 0)
    assert [each.visit_id for each in by_page.staying] == [visits[2]]
    _redact(site, str(visits[1]))
    _redact(site, str(visits[2]))
    assert found(site.path, WORDS) == set()


def test_a_span_of_time_takes_what_was_made_in_it(site: Browsed) -> None:
    second = site.value(f"SELECT max(visited_at) FROM visits WHERE url = '{HOME}/a/1'")
    plan = _planned(site, f"{HOME}/a/1", since=second).plan
    assert plan.count == 5


def test_equal_documents_are_the_same_page_and_equal_shells_are_not(site: Browsed) -> None:
    site.visit(Opened(dom_of("Zxqtieude", f"Bài có {WORD} ở giữa.", 3), png_of("x")), path="/copy")
    plan = _planned(site, f"{HOME}/a/1").plan
    assert [each.url for each in plan.same_digest] == [f"urn:dom:{HOME}/copy"]
    _redact(site, f"{HOME}/a/1", same_digest=True)
    assert found(site.path, WORDS) == set()
    assert site.value(f"SELECT count(*) FROM visits WHERE redacted_at IS NOT NULL AND url = '{HOME}/copy'") == 1
    assert _stored(site, "/a/2") == ALL


def test_an_answer_alone_says_what_stays(site: Browsed, capsys: pytest.CaptureFixture[str]) -> None:
    plan = _planned(site, f"{HOME}/api/a/1.json").plan
    assert (plan.count, plan.by_browser, plan.opened) == (3, 3, 3)
    site.archive.release_files()
    GLOBAL_OPTIONS.settings = site.settings
    try:
        assert run(["redact", f"{HOME}/api/a/1.json", "--reason", "x", "--dry-run"]) == 0
    finally:
        GLOBAL_OPTIONS.settings = None
    assert "a browser fetched this for 3 other visits: what it made of those pages stays" in "".join(
        capsys.readouterr()
    )


def test_style_stays_and_pictures_of_one_page_go(site: Browsed) -> None:
    made = Opened(dom_of("Tin", "Bài ba.", 1), png_of("x"), styles={"/look.css": b"p { color: red }"})
    made.images = {"/logo.png": b"\x89PNG logo", "/only.png": b"\x89PNG only"}
    site.visit(made, path="/a/3")
    again = Opened(dom_of("Tin", "Bài bốn.", 1), png_of("y"))
    again.images = {"/logo.png": b"\x89PNG logo"}
    site.visit(again, path="/a/4")
    pages = set(_planned(site, f"{HOME}/a/3").plan.pages)
    assert f"{HOME}/only.png" in pages
    assert not pages & {f"{HOME}/logo.png", f"{HOME}/look.css"}


def test_a_redacted_document_is_no_page_that_the_browser_failed_to_show(site: Browsed) -> None:
    _redact(site, site.value(f"SELECT CAST(max(visit_id) AS TEXT) FROM visits WHERE url = '{HOME}/a/1'"))
    before = site.rows("SELECT url, field, old, new FROM changes ORDER BY 1, 2")
    text = (site.selectors / "spa.toml").read_text().replace('title = "h1"', 'title = "article h1"')
    (site.selectors / "spa.toml").write_text(text)
    done = site.archive.extract("spa")
    assert (done.ended, done.damaged) == ("done", ())
    assert site.rows("SELECT url, field, old, new FROM changes ORDER BY 1, 2") == before
    assert site.value("SELECT count(*) FROM visits WHERE outcome <> 'ok'") == 0
    assert site.value("SELECT count(*) FROM blind") == 0
    site.archive.release_files()
    site.profile()
    late = site.visit(Opened(dom_of("Tin cũ", "Bài viết trước nữa."), png_of("z")), back=40)  # and a history built anew
    assert site.value("SELECT count(*) FROM versions WHERE redacted_at IS NOT NULL") == 0
    assert late.outcome == "ok"
    assert site.value("SELECT count(*) FROM visits WHERE outcome <> 'ok'") == 0


def test_an_embargo_holds_back_what_a_browser_made(site: Browsed) -> None:
    set_embargo(site.archive, f"{HOME}/a/1", None, "2040-01-01", "agreement")
    hidden = set(site.archive.embargoed_pages())
    pages = dict(site.inside("SELECT page_id, url FROM _page"))
    kinds = {f"urn:{kind}:{HOME}/a/1" for kind in ("dom", "screenshot", "requests")}
    assert {pages[each] for each in hidden} == {f"{HOME}/a/1", f"{HOME}/api/a/1.json"} | kinds
    for url in (f"urn:dom:{HOME}/a/1", f"{HOME}/api/a/1.json"):
        assert site.archive.is_embargoed(url)
    assert not site.archive.is_embargoed(f"{HOME}/api/a/2.json")
    site.archive.export("csv", site.path.parent / "r.csv", view="renditions")
    exported = (site.path.parent / "r.csv").read_text()
    assert "/a/2" in exported
    assert "/a/1" not in exported


def test_an_answer_for_other_pages_is_exported_without_those_of_the_embargoed(site: Browsed) -> None:
    for path in ("/a/1", "/a/2"):
        site.visit(Opened(dom_of("Tin", "Bài.", 9), png_of("q"), {"/api/menu.json": b'["menu"]'}), path=path)
    set_embargo(site.archive, f"{HOME}/a/1", None, "2040-01-01", "agreement")
    assert not site.archive.is_embargoed(f"{HOME}/api/menu.json")
    chosen = CaptureSelection(without=site.archive.embargoed_pages())
    exported = list(site.archive.store.captures.of(chosen, 10_000))
    assert not [each.capture.url for each in exported if "/a/1" in each.capture.url]
    assert [each.capture.url for each in exported].count(f"{HOME}/api/menu.json") == 1
