"""Redesigns: changes that most pages have in common are one event, and true edits in the same visits stay edits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.polite.stop import StopFlag
from restyled import Restyled, first, other_body, second, third


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
    site = Restyled(tmp_path / "archive.db", profile=False)
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
    site.archive.extract(site.profile)
    assert site.edits() == [(2, "title")]
    assert site.redesigns() == []
    assert site.counts()[:3] == [0, 1, 0]
