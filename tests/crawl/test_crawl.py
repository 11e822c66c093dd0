"""Crawls of the demo portal: discovery, changes, absences and failures."""

import dataclasses

import pytest

from archiver.app.archive import Archive, Captured
from archiver.demo.portal import Portal
from archiver.errors import SiteBusy
from archiver.extract.fallback import Guess
from archiver.extract.file_text import ReadFile
from archiver.extract.read import read as reading
from archiver.model.capture import Capture
from archiver.model.event import Visited
from archiver.model.policy import Retries
from archiver.model.profile import Profile
from archiver.model.record import Record
from archiver.polite.stop import StopFlag
from made import Works
from paced import too_close

FILES = 4
"""Files that the ten articles of the portal link to; each has a version, too."""


def test_all_pages_are_found_and_read_correctly(works: Works) -> None:
    summary = works.crawl()
    assert (summary.ended, summary.tally.errors, summary.tally.new_pages) == ("done", 0, 10 + FILES)
    for item in works.portal.items:
        truth = works.portal.article(item)
        page = works.archive.page(works.portal.address(item))
        content = page.version().content
        assert content.title == truth.title
        assert content.section == truth.section
        assert content.summary == truth.summary
        assert content.published is not None
        assert content.published.local == f"{truth.published:%Y-%m-%d %H:%M:%S}"
        assert content.captions == tuple(truth.captions)
        assert content.bylines == (truth.byline,)
        assert content.body == "\n\n".join([*truth.paragraphs, *truth.files])
        assert [link.text for link in content.files] == truth.files
        assert page.readings("views")[-1]["value"] == truth.views


def test_different_spellings_of_an_address_are_one_page(works: Works) -> None:
    works.crawl()
    item = works.portal.items[2]
    pages = {
        works.archive.page(works.portal.address(item, spelling)).page_id for spelling in ("plain", "listing", "sidebar")
    }
    assert len(pages) == 1
    assert works.rows("SELECT count(*) FROM pages WHERE kind = 'article'") == [(10,)]


def test_paging_by_query_and_by_posted_forms_is_followed(works: Works) -> None:
    works.crawl()
    posts = [path for method, path, _ in works.portal.requests if method == "POST"]
    assert posts == [] or all(path.startswith("/thongbao") for path in posts)
    assert works.rows("SELECT count(*) FROM pages WHERE kind = 'listing'")[0][0] in range(2, 9)


def test_forms_lead_to_further_pages(tmp_path: object, works: Works) -> None:
    with Portal(articles=60) as portal:
        works.portal = portal
        from archiver.app import profiles

        works.profile = profiles.at_home(works.profile, portal.url)
        profile = dataclasses.replace(
            works.profile, crawl=dataclasses.replace(works.profile.crawl, start=(portal.url + "thongbao/default.aspx",))
        )
        works.profile = profile
        works.crawl()
        posts = [path for method, path, _ in portal.requests if method == "POST"]
        assert len(posts) == 3  # pages 2 and 3, and page 1 by their forms
        listed = [item for item in portal.items if (item // 3) % 5 == 0]
        assert len(listed) > 8
        for item in listed:
            assert works.archive.page(portal.address(item)).versions
        assert works.crawl(everything=False).tally.visits == 0, "forms that point at each other are not due again"


def test_files_are_kept_byte_for_byte(works: Works) -> None:
    works.crawl()
    from archiver.demo.files import make_file

    name = next(file for item in works.portal.items for file in works.portal.article(item).files)
    rows = works.rows("SELECT name, media_type, visit_id FROM files WHERE visit_id IS NOT NULL")
    kept = {row[0]: row for row in rows}
    made = make_file(name)
    assert made is not None
    assert kept[name][1] == made[1]
    block = works.archive.store.evidence.block(int(str(kept[name][2])))
    assert block.endswith(made[0])


def test_changed_counters_are_no_change(works: Works) -> None:
    works.crawl()
    works.next_day()
    summary = works.crawl()
    assert (summary.tally.changed, summary.tally.new_versions, summary.tally.new_pages) == (0, 0, 0)
    assert works.rows("SELECT count(*) FROM changes") == [(0,)]
    assert works.rows("SELECT count(*) FROM versions") == [(10 + FILES,)]
    different = works.rows("SELECT count(DISTINCT sha256) FROM visits WHERE url LIKE '%ItemID%'")[0][0]
    assert different == 20


def test_each_kind_of_edit_is_one_change(works: Works) -> None:
    works.crawl()
    portal, items = works.portal, works.portal.items
    captioned = next(item for item in items if portal.article(item).captions)
    rest = [item for item in items if item != captioned]
    portal.edit_sentence(rest[0])
    portal.retitle(rest[1], "Tiêu đề mới")
    portal.sign(rest[2], "XYZ")
    portal.caption(captioned, "phát biểu", "trao đổi")
    works.next_day()
    summary = works.crawl()
    assert summary.tally.changed == 4
    changes = works.rows("SELECT url, field FROM changes ORDER BY field")
    assert [field for _, field in changes] == ["body", "bylines", "captions", "title"]


def test_a_page_is_gone_after_two_misses_and_returns_as_a_version(works: Works) -> None:
    works.crawl()
    hard, soft = works.portal.items[1], works.portal.items[2]
    works.portal.withdraw(hard)
    works.portal.withdraw(soft, soft=True)
    for expected in (0, 2, 0):
        works.next_day()
        assert works.crawl().tally.gone == expected
    works.portal.restore(hard)
    works.next_day()
    assert works.crawl().tally.back == 1
    page = works.archive.page(works.portal.address(hard))
    assert [version.verdict for version in page.versions] == ["first", "back"]
    assert page.versions[0].content == page.versions[1].content
    assert works.archive.page(works.portal.address(soft)).state == "gone"
    assert works.rows("SELECT count(*) FROM absences WHERE back_by IS NULL AND last_seen IS NOT NULL") == [(1,)]


def test_a_moved_page_is_found_at_its_new_address(works: Works) -> None:
    works.crawl()
    item = works.portal.items[4]
    new = works.portal.move(item)
    works.next_day()
    works.crawl()
    assert works.archive.page(works.portal.address(item)).state == "moved"
    moved = works.archive.page(works.portal.address(new))
    assert moved.version().content.title == works.portal.article(item).title


def test_a_redesign_is_not_a_change_of_content(works: Works) -> None:
    works.crawl()
    works.portal.restyle()
    works.next_day()
    summary = works.crawl()
    assert summary.tally.errors == 0
    changed = works.rows("SELECT DISTINCT field FROM changes")
    assert changed == []


def test_a_new_article_is_found_through_the_listing(works: Works) -> None:
    works.crawl()
    item = works.portal.publish("Tin vừa đăng")
    works.clock.advance(hours=2)
    summary = works.crawl(everything=False)
    assert summary.tally.new_pages == 1
    assert works.archive.page(works.portal.address(item)).version().content.title == "Tin vừa đăng"


def test_pages_that_are_not_due_are_not_visited(works: Works) -> None:
    works.crawl(everything=False)
    before = len(works.portal.requests)
    works.clock.advance(minutes=10)
    assert works.crawl(everything=False).tally.visits == 0
    assert len(works.portal.requests) == before


def test_a_limit_ends_the_run_and_the_next_run_continues(works: Works) -> None:
    first = works.crawl(limit=5, everything=False)
    assert (first.ended, first.tally.visits) == ("limit", 5)
    works.crawl(everything=False)
    asked = [path for _, path, _ in works.portal.requests if "ItemID" in path]
    assert len(asked) == len(set(asked)) == 10


def test_a_stopped_run_finishes_its_requests_and_reports_it(works: Works) -> None:
    stop = StopFlag()

    def on_event(event: object) -> None:
        if isinstance(event, Visited):
            stop.wanted = True

    summary = works.crawl(stop=stop, listen=on_event)
    assert summary.ended == "interrupted"
    assert works.rows("SELECT ended FROM runs") == [("interrupted",)]
    assert works.crawl(everything=False).ended == "done"
    assert works.rows("SELECT count(*) FROM pages WHERE version IS NOT NULL") == [(10 + FILES,)]


def test_a_second_crawl_of_a_site_is_refused(works: Works) -> None:
    with works.archive.lock_site("demo"), pytest.raises(SiteBusy, match="another crawl"):
        works.crawl()
    assert works.portal.requests == []


def test_a_capture_works_during_a_crawl(works: Works) -> None:
    from archiver.app.archive import Archive

    item = works.portal.items[0]
    captured: list[Captured] = []

    def on_event(event: object) -> None:
        if isinstance(event, Visited) and not captured:
            with Archive(works.archive.settings) as second:
                captured.append(second.capture(works.portal.address(item)))

    works.crawl(listen=on_event)
    assert captured[0].state.outcome == "ok"


def test_temporary_failures_are_retried(works: Works) -> None:
    works.portal.fail("ItemID", 503, times=2)
    works.portal.drop("ItemID", times=1)
    works.portal.cut("ItemID", times=1)
    summary = works.crawl()
    assert summary.tally.errors == 0
    assert works.rows("SELECT count(*) FROM visits WHERE note LIKE '%tries%'")[0][0] in range(1, 9)


def test_permanent_failures_are_stored_as_outcomes(works: Works) -> None:
    works.crawl()
    works.portal.fail("ItemID=5600", 500)
    works.portal.drop("ItemID=5603")
    works.portal.cut("ItemID=5606")
    works.next_day()
    summary = works.crawl()
    assert summary.tally.errors == 3
    outcomes = works.rows("SELECT DISTINCT outcome FROM visits ORDER BY outcome")
    assert ("server_error",) in outcomes
    assert ("network_error",) in outcomes
    assert ("truncated",) in outcomes
    assert works.rows("SELECT count(*) FROM versions") == [(10 + FILES,)]
    assert works.rows("SELECT DISTINCT state FROM pages WHERE kind = 'article'") == [("live",)]


def test_endless_and_large_bodies_are_truncated(works: Works) -> None:
    works.portal.endless("ItemID=5600")
    works.profile = dataclasses.replace(
        works.profile, crawl=dataclasses.replace(works.profile.crawl, max_bytes=200_000)
    )
    works.crawl()
    assert works.rows("SELECT bytes FROM visits WHERE outcome = 'too_big'") == [(0,)]


def test_an_endless_answer_ends_after_the_time_limit(works: Works) -> None:
    works.portal.slow("ItemID=5600", 8.0)
    profile = dataclasses.replace(works.profile, crawl=dataclasses.replace(works.profile.crawl, timeout=1.5))
    with Archive(dataclasses.replace(works.archive.settings, retries=Retries(1, 0.0, 0.0))) as archive:
        archive.crawl(profile, everything=True)
    assert works.rows("SELECT DISTINCT outcome FROM visits WHERE url LIKE '%ItemID=5600%'") == [("network_error",)]


def test_gzip_without_a_request_for_it_is_decoded_and_noted(works: Works) -> None:
    works.portal.gzip = True
    assert works.crawl().tally.new_pages == 10 + FILES
    visit = works.archive.store.evidence.visit(
        works.archive.page(works.portal.address(works.portal.items[0])).versions[0].first_visit
    )
    assert visit.capture.sent["content_encoding"] == "gzip"
    assert visit.capture.body.startswith(b"<!DOCTYPE html>")


def test_robots_are_obeyed_and_a_refusal_is_a_visit(works: Works) -> None:
    works.portal.robots = "User-agent: *\nDisallow: /tintuc/lists/\nDisallow: /tintuc/Lists/\n"
    summary = works.crawl()
    assert summary.tally.refused == 10
    assert not any("ItemID" in path for _, path, _ in works.portal.requests)
    ((note,),) = works.rows("SELECT DISTINCT note FROM visits WHERE outcome = 'refused'")
    assert str(note).startswith("robots.txt forbids it: line 2")


def test_a_failing_robots_txt_forbids_everything(works: Works) -> None:
    works.portal.fail("robots", 503)
    works.crawl()
    assert {path for _, path, _ in works.portal.requests} == {"/robots.txt"}


def test_requests_keep_the_delay(works: Works) -> None:
    rules = dataclasses.replace(works.profile.crawl, delay=0.15)
    works.profile = dataclasses.replace(works.profile, crawl=rules)
    works.crawl(limit=8)
    moments = [moment for _, _, moment in works.portal.requests]
    assert len(moments) >= 8
    assert too_close(moments, 0.15) == []


def test_a_changed_profile_is_no_change_of_the_site(works: Works) -> None:
    works.crawl()
    text = works.profile.text.replace(
        'bylines = { css = "div.noidung p", pattern = \'^([A-ZĐ]{2,6})$\', take = "last", cut = true }', ""
    )
    from archiver.app import profiles
    from archiver.extract.profile import parse_profile
    from archiver.text.digest import fingerprint

    changed = dataclasses.replace(parse_profile(text, "demo.toml"), sha256=fingerprint({"x": text}), text=text)
    works.profile = profiles.at_home(changed, works.portal.url)
    works.portal.retitle(works.portal.items[0], "Tiêu đề khác")
    works.next_day()
    summary = works.crawl()
    assert summary.tally.changed == 1
    assert works.rows("SELECT field FROM changes") == [("title",)]
    fields = {row[0] for row in works.rows("SELECT DISTINCT field FROM reinterpretations")}
    assert fields == {"body", "bylines"}
    assert works.rows("SELECT count(*) FROM versions") == [(11 + FILES,)]


def test_a_reader_that_dies_leaves_its_visit_to_the_next_command(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died(BaseException):
        """End like a kill, but within this process."""

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr("archiver.crawl.read_capture.read_capture", die)
        with pytest.raises(Died):
            works.crawl(limit=1, everything=False)
    kept = works.rows("SELECT count(*) FROM visits WHERE url NOT LIKE '%/robots.txt'")[0][0]
    assert kept == 1
    asked = len(works.portal.requests)
    works.crawl(everything=False, limit=1)
    listing = [path for _, path, _ in works.portal.requests[asked:]]
    assert "/tintuc/default.aspx" not in listing
    assert works.rows("SELECT count(*) FROM _unread") == [(0,)]


def test_a_page_that_breaks_the_reader_is_kept_and_reported(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    from archiver.crawl import read_capture as reader

    real = reading

    def broken(
        capture: Capture, profile: Profile, *, guess: Guess | None, file_text: ReadFile | None, links: bool
    ) -> Record:
        if "ItemID=5600" in capture.url:
            raise RecursionError("too deep")
        return real(capture, profile, guess=guess, file_text=file_text, links=links)

    monkeypatch.setattr(reader, "read", broken)
    tally = works.crawl().tally
    assert (tally.errors, tally.unread) == (0, 1)
    query = "SELECT outcome, cause, note, bytes FROM visits WHERE url LIKE '%ItemID=5600%'"
    ((outcome, cause, note, size),) = works.rows(query)
    assert (outcome, cause) == ("ok", "reader_failed")
    assert "RecursionError" in str(note)
    assert isinstance(size, int)
    assert size > 10_000
