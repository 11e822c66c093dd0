"""Redesigns: changes that most pages have in common are one event, and true edits in the same visits stay edits."""

import zlib
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.app.exporting.warc_out import export_warc
from archiver.app.exporting.warc_target import WarcOptions
from archiver.app.watching.page_events import EventFilter, page_events
from archiver.extract.profile import parse_profile
from archiver.model.event import ignore
from archiver.polite.stop import StopFlag
from restyled import Post, Restyled, Template, first, other_body, second, third


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Restyled]:
    site = Restyled(tmp_path / "archive.db")
    yield site
    site.close()


def edit_three(site: Restyled) -> None:
    site.posts[3].paragraphs[1] = site.posts[3].paragraphs[1].replace(" đồng", " triệu đồng")
    site.posts[2].title = "Tin hoàn toàn khác"
    site.posts[1].section = "Giáo dục"


def edit_three_again(site: Restyled) -> None:
    site.posts[3].paragraphs[0] = "Sửa " + site.posts[3].paragraphs[0]
    site.posts[0].title = "Tin lại khác"
    site.posts[1].caption = "Người dân ở phường"


THREE = [(1, "section"), (2, "title"), (3, "body")]
THREE_AGAIN = [(0, "title"), (1, "captions"), (3, "body")]


@pytest.mark.parametrize("count", [24, 5])
def test_three_edits_in_each_of_two_redesigns_are_six_edits(tmp_path: Path, count: int) -> None:
    site = Restyled(tmp_path / "archive.db", count)
    try:
        site.crawl()
        edit_three(site)
        site.publish(second)
        assert site.crawl().tally.changed == 3
        assert sorted(site.edits()) == THREE
        edit_three_again(site)
        site.publish(third)
        assert site.crawl().tally.changed == 3
        assert sorted(site.edits()) == sorted(THREE + THREE_AGAIN)
        told = [(each["pages"], each["kind"], each["what"]) for each in site.redesigns()]
        assert told[0][:2] == (count, "article")
        assert "title gains ' | Portal'" in told[0][2]
        assert "'-' became '–' in section" in told[0][2]
        assert "captions lose 'Ảnh: '" in told[0][2]
        assert "bylines appear" in told[0][2]
        assert len(told) == 2
        assert "bylines disappear" in told[1][2]
        assert "upper case in section" in told[1][2]
        assert site.counts() == [0, 3, 3]
    finally:
        site.close()


def test_the_words_of_an_edit_in_a_redesign_are_those_of_the_edit(site: Restyled) -> None:
    site.crawl()
    site.posts[2].title = site.posts[2].title.replace("số 2", "số 7")
    site.publish(second)
    site.crawl()
    (row,) = site.archive.sql("SELECT context, nature FROM changes WHERE cause IS NULL")
    assert "[-2-]{+7+}" in row["context"]
    assert "Portal" not in row["context"]
    assert row["nature"] == "figures"


def test_edits_of_many_pages_that_differ_are_no_redesign(site: Restyled) -> None:
    site.crawl()
    for post in site.posts:
        post.paragraphs[post.number % 4] = post.paragraphs[post.number % 4].replace(" đồng", f" đồng và {post.related}")
    site.publish(first)
    site.crawl()
    assert len(site.edits()) == len(site.posts)
    for post in site.posts:  # figures
        post.paragraphs[0] = post.paragraphs[0].rpartition(" ")[0] + f" {post.number * 7 + 1} đồng."
    site.publish(first)
    site.crawl()
    assert len(site.edits()) == 2 * len(site.posts)
    assert site.redesigns() == []


@pytest.mark.parametrize("changed", [3, 5, 12])
def test_the_same_correction_on_some_pages_is_an_edit_of_each(site: Restyled, changed: int) -> None:
    for post in site.posts:
        post.paragraphs[2] += " Liên hệ: ông Nguyễn Văn A, 0903 123 456."
    site.publish(first)
    site.crawl()
    for post in site.posts[:changed]:
        post.paragraphs[2] = post.paragraphs[2].replace("0903 123 456", "0903 654 321")
    site.publish(first)
    site.crawl()
    assert len(site.edits()) == changed
    assert site.redesigns() == []


def test_a_number_replaced_on_all_pages_is_one_event(site: Restyled) -> None:
    for post in site.posts:
        post.paragraphs[2] += " Liên hệ: 0903 123 456."
    site.publish(first)
    site.crawl()
    for post in site.posts:
        post.paragraphs[2] = post.paragraphs[2].replace("0903 123 456", "0903 654 321")
    site.publish(first)
    site.crawl()
    assert site.edits() == []
    assert len(site.redesigns()) == 1


def test_a_redesign_passes_the_filters_that_one_of_its_changes_passes(site: Restyled) -> None:
    for post in site.posts:
        post.paragraphs.append("Giá vé 5.000 đồng.")
    site.publish(first)
    site.crawl()
    for post in site.posts:
        post.paragraphs[-1] = "Giá vé 6.000 đồng."
    site.publish(first)
    site.crawl()
    site.publish(second)
    site.crawl()
    assert [row["nature"] for row in site.redesigns()] == ["figures", "words"]
    assert [row["nature"] for row in site.archive.sql("SELECT nature FROM events WHERE kind = 'redesign'")] == [
        "figures",
        "words",
    ]
    for natures, fields, count in (
        (("figures",), (), 1),
        (("figures",), ("body",), 1),
        (("figures",), ("title",), 0),
        (("typography",), (), 1),
        (("words",), ("body",), 0),
        (("words", "figures"), (), 2),
        ((), ("body",), 1),
        ((), (), 2),
        (("media",), (), 0),
    ):
        rows = site.archive.changes(["edited", "redesign"], natures=natures, field=fields[0] if fields else None)
        assert len(rows) == count, (natures, fields)
        wanted = EventFilter(kinds=("edited", "redesign"), natures=natures, fields=fields)
        assert len(list(page_events(site.archive.store, wanted))) == count, (natures, fields)


def test_a_redesign_whose_pages_are_visited_by_several_runs_is_one(site: Restyled) -> None:
    site.crawl()
    edit_three(site)
    site.publish(second)
    site.crawl(limit=3)
    site.crawl(limit=9)
    site.crawl(days=7)
    assert sorted(site.edits()) == THREE
    assert [each["pages"] for each in site.redesigns()] == [24]
    assert sum(site.counts()) == 3


def test_pages_that_are_visited_a_week_later_join_the_redesign(site: Restyled) -> None:
    site.crawl()
    site.publish(second)
    site.crawl(days=9, limit=13)
    assert 4 <= site.redesigns()[0]["pages"] <= 13
    edit_three(site)
    site.publish(second)
    site.crawl()
    assert [each["pages"] for each in site.redesigns()] == [24]
    assert sorted(site.edits()) == THREE


@pytest.mark.parametrize(("stragglers", "days"), [(1, 2), (3, 20), (4, 2)])
def test_the_last_pages_of_a_gradual_redesign_join_it(tmp_path: Path, stragglers: int, days: int) -> None:
    site = Restyled(tmp_path / "archive.db", 12)
    site.crawl()
    site.publish(second, only=range(12 - stragglers))
    site.crawl()
    site.crawl(days=days)
    site.posts[11].title = "Tin hoàn toàn khác"
    site.publish(second)
    site.crawl()
    assert site.edits() == [(11, "title")]
    assert [each["pages"] for each in site.redesigns()] == [12]
    site.close()


def test_the_first_pages_of_a_gradual_redesign_join_it(tmp_path: Path) -> None:
    site = Restyled(tmp_path / "archive.db", 12)
    site.crawl()
    site.publish(second, only=range(3))
    site.crawl()
    assert len(site.edits()) >= 9
    site.publish(second)
    site.crawl()
    assert site.edits() == []
    assert [each["pages"] for each in site.redesigns()] == [12]
    site.close()


def test_a_redesign_that_is_undone_and_published_again(tmp_path: Path) -> None:
    site = Restyled(tmp_path / "archive.db", 12)
    site.crawl()
    for template, limit in ((second, 7), (first, 13), (second, 13)):
        site.publish(template)
        site.crawl(limit=limit)
    assert site.edits() == []
    assert len(site.redesigns()) == 3
    site.close()


def test_a_page_that_a_redesign_reaches_after_a_month_has_edits(tmp_path: Path) -> None:
    site = Restyled(tmp_path / "archive.db", 6)
    site.crawl()
    site.publish(second, only=range(5))
    site.crawl()
    site.crawl(days=31)
    site.publish(second)
    site.crawl()
    assert {number for number, _ in site.edits()} == {5}
    site.close()


def test_a_byline_that_one_page_gets_after_those_of_all_others_is_an_edit(tmp_path: Path) -> None:
    def signed(post: Post) -> str:
        return first(post) + (f"<span class=by>{post.author}</span>" if post.author else "")

    site = Restyled(tmp_path / "archive.db", 8)
    site.crawl()
    site.posts[5].author = ""
    site.publish(signed)
    site.crawl()
    assert [each["pages"] for each in site.redesigns()] == [7]
    site.posts[5].author = "Lan Anh"
    site.publish(signed)
    site.crawl()
    assert site.edits() == [(5, "bylines")]
    site.close()


def renamed(post: Post) -> str:
    return second(post).replace(" | Portal", " | Báo Mới")


def upper(post: Post) -> str:
    return first(post).replace(f"<h1>{post.title}", f"<h1>{post.title.upper()}")


def bare(post: Post) -> str:
    return first(post).replace("Ảnh: ", "").replace("Tin số", "Bài")


@pytest.mark.parametrize(
    ("earlier", "later", "limit"),
    [
        (second, first, 10),
        (second, third, 6),
        (second, renamed, 6),
        (upper, first, 10),
        (bare, first, 6),
        (bare, second, 6),
    ],
)
def test_a_redesign_that_another_one_undoes_or_replaces_before_it_reached_most_pages(
    tmp_path: Path, earlier: Template, later: Template, limit: int
) -> None:
    site = Restyled(tmp_path / "archive.db", 20)
    site.crawl()
    site.publish(earlier)
    site.crawl(limit=limit)
    site.posts[1].title = "Tin hoàn toàn khác"
    site.posts[17].paragraphs[1] = "Đoạn mới."
    site.publish(later)
    site.crawl()
    assert sorted(site.edits()) == [(1, "title"), (17, "body")]
    site.crawl()
    site.close()


def test_a_correction_after_a_redesign_of_some_pages_is_an_edit_of_each(site: Restyled) -> None:
    site.crawl()
    site.publish(second)
    site.crawl(limit=16)
    for post in site.posts[:7]:
        post.title = post.title.replace("Tin số", "Bài viết số")
    reached = {number for number, row in enumerate(site.posts) if number < 7}
    site.publish(lambda post: second(post).replace("| Portal", "| Cổng") if post.number < 7 else second(post))
    site.crawl()
    assert {number for number, field in site.edits() if field == "title"} == reached


def test_a_late_edit_that_looks_like_the_redesign_is_an_edit(site: Restyled) -> None:
    site.crawl()
    site.posts[5].author = ""
    site.publish(second)
    site.crawl()
    assert site.redesigns()[0]["pages"] == 24
    site.posts[5].author = "Lan Anh"
    site.publish(second)
    site.crawl()
    assert site.edits() == [(5, "bylines")]


def test_a_killed_run_leaves_its_changes_to_the_next(site: Restyled, monkeypatch: pytest.MonkeyPatch) -> None:
    site.crawl()
    edit_three(site)
    site.publish(second)
    with monkeypatch.context() as patch:
        patch.setattr("archiver.crawl.pipeline.Pipeline.finish", lambda _self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            site.crawl(limit=10)
    assert site.redesigns() == []
    site.crawl()
    site.crawl()
    assert sorted(site.edits()) == THREE
    assert [each["pages"] for each in site.redesigns()] == [24]


def test_an_interrupted_run(site: Restyled) -> None:
    site.crawl()
    site.publish(second)
    stop, seen = StopFlag(), 0

    def listen(_event: object) -> None:
        nonlocal seen
        seen += 1
        if seen > 6:
            stop.wanted = True

    site.crawl(stop=stop, listen=listen)
    site.crawl()
    assert site.edits() == []
    assert [each["pages"] for each in site.redesigns()] == [24]


def test_pages_that_answer_304_do_not_speak_against_a_redesign(site: Restyled) -> None:
    site.crawl()
    table = dict(site.server.answers)
    site.publish(second, only=range(8))
    new = dict(site.server.answers)

    def rule(path: str, headers: object) -> tuple[int, dict[str, str], bytes] | None:
        if path.startswith("/a") and new.get(path) == table.get(path):
            return (304, {}, b"")
        return None

    site.server.rule = rule
    site.crawl()
    assert site.edits() == []
    assert [each["pages"] for each in site.redesigns()] == [8]


def test_a_site_of_three_pages_has_edits_and_no_redesign(tmp_path: Path) -> None:
    site = Restyled(tmp_path / "archive.db", 3)
    site.crawl()
    site.publish(second)
    site.crawl()
    assert site.redesigns() == []
    assert len({number for number, _ in site.edits()}) == 3
    site.close()


def test_a_site_without_a_profile(tmp_path: Path) -> None:
    site = Restyled(tmp_path / "archive.db", 5, profile=False)
    site.crawl()
    site.posts[3].paragraphs[1] = site.posts[3].paragraphs[1].replace(" đồng", " triệu đồng")
    site.publish(second)
    site.crawl()
    assert (3, "body") in site.edits()
    assert len(site.edits()) <= 1
    site.close()


def test_a_site_with_listings_only(site: Restyled) -> None:
    site.crawl()
    site.server.answers = {"/": (200, {}, b"<h1>Other</h1>")}
    site.crawl()
    assert site.redesigns() == []


def test_a_lost_rule_is_a_redesign_that_the_repaired_profile_withdraws(site: Restyled) -> None:
    site.profile = site.profile_of("div.body", "false")
    site.crawl()
    site.posts[2].title = "Tin hoàn toàn khác"
    site.publish(other_body)
    summary = site.crawl()
    assert summary.tally.changed == 1
    assert site.edits() == [(2, "title")]
    (redesign,) = site.redesigns()
    assert redesign["what"] == "body disappears"
    (event,) = site.archive.changes("redesign")
    assert event["alarms"], "the health alarm is beside it"
    site.profile = site.profile_of("div.body, div.text", "false")
    site.crawl()
    assert site.edits() == [(2, "title")]
    assert site.redesigns() == [], "no page lost its body"
    assert site.archive.changes("template") == []
    assert site.counts() == [0, 1, 0]


def test_the_counts_of_old_runs_follow_when_all_captures_are_read_again(site: Restyled) -> None:
    site.profile = site.profile_of("div.body", "false")
    site.crawl()
    site.posts[2].title = "Tin hoàn toàn khác"
    site.publish(other_body, only=range(3))  # too few pages for a redesign
    site.crawl()
    assert sorted(site.edits()) == [(0, "body"), (1, "body"), (2, "body"), (2, "title")]
    assert site.counts() == [0, 3]
    site.profile = site.profile_of("div.body, div.text", "false")
    site.write_profile()
    site.archive.extract("portal")
    assert site.edits() == [(2, "title")]
    assert site.counts()[:2] == [0, 1]
    (report,) = site.archive.report("portal", since="2000-01-01")
    assert (report.counts["changed"], report.fields) == (1, {"title": 1})


def test_three_bodies_that_a_repaired_profile_finds_again_are_one_edit(site: Restyled) -> None:
    site.profile = site.profile_of("div.body", "false")
    site.crawl()
    site.publish(other_body, only=range(3))
    site.crawl()
    site.posts[0].paragraphs[0] = "Sửa " + site.posts[0].paragraphs[0]
    site.publish(other_body, only=range(3))
    site.crawl()
    assert site.counts() == [0, 3, 0]
    broken, site.profile = site.profile, site.profile_of("div.body, div.text", "false")
    site.crawl()
    assert site.edits() == [(0, "body")]
    assert site.counts() == [0, 0, 1, 0]
    site.profile = broken
    site.crawl()
    assert site.counts() == [0, 3, 0, 0, 0], "the first profile is valid again, and so are its changes"


def test_edits_that_a_lost_rule_hid_are_found_by_the_next_crawl_with_a_repaired_profile(site: Restyled) -> None:
    site.profile = site.profile_of("div.body", "false")
    site.crawl()
    for number in (1, 2):
        site.posts[number].paragraphs[0] = "Sửa " + site.posts[number].paragraphs[0]
    site.publish(other_body)
    site.crawl()
    assert site.edits() == []
    site.profile = site.profile_of("div.body, div.text", "false")
    site.crawl(limit=9)
    site.crawl()
    assert sorted(site.edits()) == [(1, "body"), (2, "body")]
    assert site.redesigns() == []
    assert site.counts() == [0, 2, 0, 0]
    rows = site.archive.sql("SELECT context FROM changes ORDER BY page_id")
    assert ["{+Sửa" in row["context"] for row in rows] == [True, True]


@pytest.mark.parametrize(
    "rule",
    ['bylines = ".by, .sec"', 'bylines = ".sec"', 'bylines = [".by", ".caption"]', 'bylines = ".by"\nsummary = ".sec"'],
)
def test_a_true_edit_stays_when_another_rule_reads_its_field(site: Restyled, rule: str) -> None:
    assert site.profile
    site.publish(second)
    site.crawl()
    site.posts[2].author = ""
    site.posts[3].title = "Tin hoàn toàn khác"
    site.publish(second)
    site.crawl()
    own, before = site.profile, sorted(site.edits())
    assert before == [(2, "bylines"), (3, "title")]
    site.profile = parse_profile(own.text.replace('bylines = ".by"', rule), "portal")
    site.crawl()
    is_read = "by" in rule.partition("=")[2]
    assert sorted(site.edits()) == (before if is_read else [(3, "title")])
    by_crawl = site.archive.changes("edited")
    site.archive.extract("portal")
    assert _told(site.archive.changes("edited")) == _told(by_crawl), "the crawl leaves nothing for `extract`"
    site.profile = own
    site.crawl()
    assert sorted(site.edits()) == before, "the first profile is valid again, and so are its changes"


def test_pages_that_answer_304_keep_their_edits_under_another_rule(site: Restyled) -> None:
    assert site.profile

    def rule(path: str, headers: Message) -> tuple[int, dict[str, str], bytes] | None:
        status, _, body = site.server.answers.get(path, (404, {}, b""))
        tag = f'"{zlib.crc32(body)}"'
        return (304, {"ETag": tag}, b"") if headers.get("If-None-Match") == tag else (status, {"ETag": tag}, body)

    site.server.rule = rule
    site.publish(second)
    site.crawl()
    site.posts[2].author = ""
    site.publish(second)
    site.crawl()
    site.profile = parse_profile(site.profile.text.replace('".by"', '".by, .sec"'), "portal")
    site.crawl()
    (row,) = site.archive.changes("edited")
    assert (row["field"], row["old"], row["new"]) == ("bylines", ["Pháp luật", "Lan Anh"], ["Pháp luật"])


def test_a_page_with_very_many_visits_keeps_its_edits_until_extract(
    site: Restyled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.store.reinterpretations.MOST_VISITS", 2)
    site.profile = site.profile_of("div.body", "false")
    site.crawl()
    site.posts[2].title = "Tin hoàn toàn khác"
    site.publish(other_body, only=range(3))
    site.crawl()
    site.profile = site.profile_of("div.body, div.text", "false")
    site.crawl()
    assert sorted(site.edits()) == [(0, "body"), (1, "body"), (2, "body"), (2, "title")]
    site.archive.extract("portal")
    assert site.edits() == [(2, "title")]


def _told(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return sorted(tuple(row[name] for name in ("url", "field", "old", "new", "not_after", "run_id")) for row in rows)


def test_an_out_of_order_visit_keeps_the_redesign_and_moves_its_beginning(site: Restyled) -> None:
    site.crawl()
    edit_three(site)
    site.publish(second)
    site.crawl()
    begun = site.redesigns()[0]["since"]
    site.server.clock.advance(days=-1, hours=-12)  # a clock that was set back, to before the last crawl
    site.write_profile()
    site.archive.capture(f"{site.server.url}/a4", site="portal")
    site.archive.capture(f"{site.server.url}/a3", site="portal")
    assert sorted(site.edits()) == THREE
    (redesign,) = site.redesigns()
    assert redesign["pages"] == 24
    assert redesign["since"] < begun


def test_two_sites_in_one_archive_have_their_own_redesigns(site: Restyled, tmp_path: Path) -> None:
    other = Restyled(tmp_path / "other" / "archive.db", 6, name="other", archive=site.archive, clock=site.server.clock)
    site.crawl()
    other.crawl()
    site.publish(second)
    other.publish(second)
    site.archive.crawl_all([each.profile for each in (site, other) if each.profile], everything=True)
    assert site.edits() == []
    assert sorted((each["site"], each["pages"]) for each in site.redesigns()) == [("other", 6), ("portal", 24)]
    other.close()


def test_an_import_of_both_templates_has_one_redesign(site: Restyled, tmp_path: Path) -> None:
    site.crawl()
    edit_three(site)
    site.publish(second)
    site.crawl()
    folder = tmp_path / "warc"
    export_warc(site.archive.store, site.archive.settings, folder, WarcOptions(), ignore)
    site.write_profile()
    with site.server.open(tmp_path / "imported.db") as archive:
        archive.import_files(sorted(folder.glob("*.warc*")), site="portal")
        (redesign,) = archive.changes("redesign")
        assert redesign["pages"] == 24
        edits = [(int(row["url"].rpartition("/a")[2]), row["field"]) for row in archive.changes("edited")]
        assert sorted(edits) == THREE


@pytest.mark.parametrize("by", ["extract", "crawl"])
def test_a_redesign_says_what_remains_of_it_when_a_repaired_profile_withdraws_some_of_its_changes(
    site: Restyled, by: str
) -> None:
    site.crawl()
    site.publish(second)
    site.crawl()
    broken = site.profile
    assert broken is not None
    mended = broken.text.replace('title = "h1"', """title = { css = "h1", pattern = '^(.*?)(?: \\| Portal)?$' }""")
    mended = mended.replace('bylines = ".by"\n', "")
    site.profile = parse_profile(mended, "portal")
    site.write_profile()
    if by == "extract":
        site.archive.extract("portal")
    else:
        site.crawl()
    (redesign,) = site.redesigns()
    assert {row["field"] for row in site.archive.changes("template")} == {"section", "captions"}
    assert redesign["fields"] == "section, captions"
    assert redesign["what"] == "'-' became '–' in section, captions lose 'Ảnh: '"
    assert [each["new"] for each in site.archive.changes("redesign")] == [redesign["what"]]
    assert [row["context"] for row in site.archive.sql("SELECT context FROM events WHERE kind = 'redesign'")] == [
        redesign["what"]
    ]
    site.profile = broken
    site.write_profile()
    site.archive.extract("portal")
    assert "bylines appear" in site.redesigns()[0]["what"], "the first profile is valid again, and so are its words"
