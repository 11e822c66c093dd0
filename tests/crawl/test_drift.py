"""A template that changes is noticed at the first page: no version is made of what the rules misread, and none is lost."""

from collections.abc import Iterator
from email.message import Message
from hashlib import sha256
from pathlib import Path

import pytest

from archiver.app.watching.current_alarms import current_alarms
from archiver.maintain.verify.verify import verify
from drifting import NEW, OLD, Drifting, Post, new, old, renamed
from scripted import Answer

ALARMS = "SELECT what, kind, field, since, problem, url FROM alarms WHERE run_id = (SELECT max(run_id) FROM runs WHERE kind = 'crawl')"
DOUBTFUL = "SELECT url, fields, visits FROM doubtful ORDER BY url"
CHANGES = "SELECT url, field FROM changes ORDER BY 1, 2"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Drifting]:
    site = Drifting(tmp_path / "archive.db")
    site.publish()
    assert site.visit().as_json()["broken"] == 0
    yield site
    assert verify(site.archive.settings.archive, deep=True).whole
    site.close()


def alarms(town: Drifting) -> list[str]:
    return [row[0] for row in town.rows(ALARMS)]


def url(town: Drifting, number: int) -> str:
    return f"{town.url}/a{number}"


def test_a_redesign_makes_no_version_and_raises_one_alarm(town: Drifting) -> None:
    town.template = new
    for post in town.posts.values():
        post.views += 5
    town.publish()
    done = town.visit()
    assert (done.tally.changed, done.as_json()["broken"], done.as_json()["doubtful"]) == (0, 8, 0)
    (alarm,) = current_alarms(town.archive)
    assert (alarm.alarm, alarm.kind, alarm.field, alarm.since) == ("drift", "article", "body", "2022-10-21 09:00:00")
    assert "8 of 8 pages no longer fit the rules since 2022-10-22" in alarm.told
    assert alarm.mend == "`archiver site repair t`, or drift = false in the profile if the pages are meant to be so"
    assert alarm.url in {url(town, number) for number in town.posts}
    assert town.rows(CHANGES) == []
    assert town.rows("SELECT count(*) FROM versions") == [(8,)]
    assert town.rows(
        "SELECT DISTINCT outcome, cause FROM visits WHERE url LIKE '%/a%' AND visited_at > '2022-10-22'"
    ) == [("ok", "broken")]
    assert str(town.rows("SELECT note FROM visits WHERE cause = 'broken'")[0][0]).startswith("doubtful: the rules")
    assert town.rows("SELECT DISTINCT state FROM pages WHERE url LIKE '%/a%'") == [("live",)]
    assert len(town.rows(DOUBTFUL)) == 8
    assert town.rows("SELECT DISTINCT gained FROM readings WHERE read_at > '2022-10-22'") == [(5,)]


def test_a_page_that_alone_is_broken_has_been_edited(town: Drifting) -> None:
    town.templates[3] = new
    town.publish()
    done = town.visit()
    assert alarms(town) == []
    assert done.tally.changed == 0  # the fallback reads the same text
    assert town.rows(DOUBTFUL) == []
    assert town.rows("SELECT note FROM visits WHERE note LIKE '%doubtful%'") == []
    town.posts[3].text[0] = "The work in the street is over, and the buses go as before. Thank you for your patience."
    town.publish()
    assert town.visit().tally.changed == 1
    assert town.rows(CHANGES) == [(url(town, 3), "body")]
    before = town.history()
    town.archive.extract("t")
    assert town.history() == before


def test_the_visits_of_an_accepted_page_are_no_longer_called_doubtful(town: Drifting) -> None:
    town.templates[3] = renamed
    town.publish()
    town.visit()
    assert town.rows(DOUBTFUL) == []
    assert town.rows(CHANGES) == [(url(town, 3), "title")]
    assert town.rows("SELECT note FROM visits WHERE note LIKE '%doubtful%' OR cause IS NOT NULL") == []


def test_a_gradual_redesign_is_drift_from_its_second_page_on(town: Drifting) -> None:
    town.templates |= {1: new, 2: new}
    town.publish()
    town.visit()
    first = town.rows(ALARMS)
    town.templates |= {4: new}
    town.publish()
    town.visit()
    assert [str(each[4])[:12] for each in (*first, *town.rows(ALARMS))] == ["2 of 8 pages", "3 of 8 pages"]
    assert town.rows(DOUBTFUL) == [(url(town, 1), "body", 2), (url(town, 2), "body", 2), (url(town, 4), "body", 1)]
    assert town.rows(CHANGES) == []


def test_after_mending_the_history_is_as_if_the_profile_had_always_been_right(tmp_path: Path) -> None:
    told = []
    for place, is_right in (("right", True), ("mended", False)):
        (tmp_path / place).mkdir()
        town = Drifting(tmp_path / place / "archive.db")
        if is_right:
            town.mend()
        town.publish()
        town.visit()
        town.template = new
        town.posts[2].text[1] = "The school in this street is closed until Friday."
        town.add(8)
        town.publish()
        town.visit()
        town.posts[5].title = "All repairs in the town are done"
        town.publish()
        town.visit()
        if not is_right:
            assert len(town.rows(DOUBTFUL)) == 9
            town.mend()
            town.profile_of()
        town.archive.extract("t")
        history = town.history()
        told.append(
            {
                name: [tuple(str(cell).replace(town.url, "") for cell in row) for row in rows]
                for name, rows in history.items()
            }
        )
        assert verify(town.archive.settings.archive, deep=True).whole
        town.close()
    assert told[0] == told[1]
    assert [(row[0], row[1]) for row in told[0]["changes"]] == [("/a2", "body"), ("/a5", "title")]
    assert told[0]["doubtful"] == []


def test_the_next_crawl_with_a_mended_profile_ends_the_doubt(town: Drifting) -> None:
    town.template = new
    town.publish()
    town.visit()
    town.mend()
    done = town.visit()
    assert (done.tally.changed, alarms(town)) == (0, [])
    assert town.rows(DOUBTFUL) == []
    assert town.rows(CHANGES) == []
    assert town.rows("SELECT count(DISTINCT version), count(*) FROM versions") == [(1, 8)]


def test_a_table_without_drift_is_never_held_back(town: Drifting) -> None:
    town.more = "drift = false"
    town.template = new
    town.publish()
    done = town.visit()
    assert done.as_json()["broken"] == 0
    assert town.rows(DOUBTFUL) == []
    assert "drift" not in alarms(town)


def test_rules_that_never_fitted_hold_nothing_back(tmp_path: Path) -> None:
    town = Drifting(tmp_path / "archive.db")
    town.template = new
    town.publish()
    town.visit()
    assert town.rows("SELECT count(*) FROM versions") == [(8,)]
    assert town.rows(DOUBTFUL) == []
    assert alarms(town) == ["required"]
    town.add(8)
    town.publish()
    assert town.visit().tally.new_pages == 1
    before = town.history()
    town.archive.extract("t")
    assert town.history() == before
    town.close()


def test_the_links_of_a_listing_that_the_rules_lose_are_no_change_of_the_listing(town: Drifting) -> None:
    before = town.history()["editions"]
    town.publish(items="entry")
    town.visit()
    assert town.history()["editions"] == before
    assert town.rows("SELECT fields FROM doubtful") == [("follow",)]
    assert [each[:2] for each in town.rows(ALARMS)] == [("drift", "listing")]
    town.follow = '["li.entry a"]'
    town.visit()
    assert town.rows("SELECT count(*) FROM doubtful") == [(0,)]
    assert town.history()["editions"] == before


def test_a_new_page_in_another_template_waits_unless_others_are_read(town: Drifting) -> None:
    town.add(8)
    town.templates[8] = new
    town.publish()
    town.visit()
    assert alarms(town) == ["drift"]
    assert town.rows("SELECT count(*) FROM versions WHERE url LIKE '%/a8'") == [(0,)]
    for number in (9, 10, 11):
        town.add(number)
    town.publish()
    town.visit()
    assert alarms(town) == []
    assert town.rows("SELECT seen_from FROM versions WHERE url LIKE '%/a8'") == [("2022-10-22 09:00:00",)]


def test_a_page_without_text_or_with_a_short_one_is_not_broken(town: Drifting) -> None:
    def gallery(post: Post) -> bytes:
        return f"<title>{post.title}</title><h1 class=head>{post.title}</h1><img src=/1.jpg><img src=/2.jpg>".encode()

    town.add(8)
    town.templates[8] = gallery
    town.posts[4].text = ["The work in the street is over."]
    town.publish()
    done = town.visit()
    assert (done.tally.changed, done.tally.new_pages, done.as_json()["broken"]) == (1, 1, 0)


def test_a_body_that_disappears_is_a_lost_body(town: Drifting) -> None:
    def empty(post: Post) -> bytes:
        return f"<title>{post.title}</title><h1 class=head>{post.title}</h1><div id=app></div>".encode()

    town.template = empty
    town.publish()
    assert town.visit().tally.changed == 0
    assert {row[1] for row in town.rows(DOUBTFUL)} == {"body"}
    town.template = old
    town.publish()
    town.visit()
    assert (town.rows(DOUBTFUL), town.rows(CHANGES)) == ([], [])


def test_an_out_of_order_visit_comes_to_the_same_result(town: Drifting) -> None:
    town.template = new
    town.publish()
    town.visit()
    before = town.history()
    town.clock.advance(hours=-36)
    town.template = old
    town.publish()
    town.archive.capture(url(town, 1))
    after = town.history()
    assert after["versions"] == before["versions"] or [row[1] for row in after["versions"]] == [1] * 8
    assert after["changes"] == []
    assert len(after["doubtful"]) == 8


def test_a_304_that_confirms_a_doubtful_capture_is_no_return(town: Drifting) -> None:
    def answer(path: str, headers: Message) -> Answer | None:
        if path not in town.answers or path == "/":
            return None
        body = town.answers[path][2]
        tag = f'"{sha256(body).hexdigest()}"'
        return (304, {"ETag": tag}, b"") if headers["If-None-Match"] == tag else (200, {"ETag": tag}, body)

    town.rule = answer
    town.visit()
    town.visit()
    town.mend()
    town.template = new
    town.publish()
    town.visit()
    town.visit()
    assert town.rows("SELECT count(*) FROM visits WHERE outcome = 'not_modified'") == [(8,)]
    assert town.rows(DOUBTFUL) == []
    town.body = f'body = "{OLD}"'
    town.profile_of()
    town.archive.extract("t")
    assert {row[1:] for row in town.rows(DOUBTFUL)} == {("body", 2)}
    assert town.rows("SELECT DISTINCT seen_last FROM versions") == [("2022-10-23 09:00:00",)]
    town.visit()
    assert {row[1:] for row in town.rows(DOUBTFUL)} == {("body", 3)}
    town.mend()
    town.profile_of()
    town.archive.extract("t")
    assert (town.rows(DOUBTFUL), town.rows(CHANGES)) == ([], [])


def test_the_fields_that_rules_lose_in_an_accepted_page_keep_their_values(town: Drifting) -> None:
    def bare(post: Post) -> bytes:
        text = "".join(f"<p>{each}</p>" for each in post.text)
        return (
            f"<title>{post.title} - Town</title><div>{post.title}</div><section class=story>{text}</section>".encode()
        )

    town.templates[3] = bare
    town.posts[3].text[0] = "The work in the street is over, and the buses go as before. Thank you for your patience."
    town.publish()
    town.visit()
    assert town.rows(DOUBTFUL) == []
    assert town.rows(CHANGES) == [(url(town, 3), "body")]
    town.visit()
    before = town.history()
    town.archive.extract("t")
    assert town.history() == before


def test_the_alarm_of_drift_stands_for_all_fields_of_its_pages(town: Drifting) -> None:
    town.body = f'body = "{OLD}"\npublished = "time.at"'

    def dated(post: Post) -> bytes:
        return old(post).replace(b"<div class=text>", b"<time class=at>2022-10-01 08:00</time><div class=text>")

    town.template = dated
    town.publish()
    town.visit()
    town.template = new
    town.publish()
    town.visit()
    assert [(each[0], each[2]) for each in town.rows(ALARMS)] == [("drift", "body")]


def test_a_field_that_a_new_template_does_not_show_keeps_its_values(town: Drifting) -> None:
    town.body = f'body = "{OLD}"\nsection = "i.section"\n'

    def old_with_section(post: Post) -> bytes:
        return old(post).replace(b"<div class=text>", b"<i class=section>Works</i><div class=text>")

    town.template = old_with_section
    town.publish()
    town.visit()
    known = town.rows(CHANGES)
    town.template = new
    town.publish()
    second = f'[[page]]\nkind = "article"\nurl = \'/a\\d\'\nlost = ["section"]\n[page.fields]\ntitle = "h1.head"\nbody = "{NEW}"'
    town.body += second
    town.visit()
    assert (town.rows(DOUBTFUL), town.rows(CHANGES), alarms(town)) == ([], known, [])
    assert town.rows("SELECT DISTINCT section FROM versions WHERE version = 2") == [("Works",)]
    town.archive.extract("t")
    assert (town.rows(DOUBTFUL), town.rows(CHANGES)) == ([], known)
