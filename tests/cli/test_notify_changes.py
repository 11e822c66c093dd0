"""`crawl --notify-changes`: one message a run with the changed words, to a server on loopback."""

import sqlite3
from collections.abc import Iterator

import pytest

from inbox import Inbox, open_inbox
from watched import PAGE, Town

FEE = "Học phí năm nay là 278 nghìn đồng."


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with open_inbox() as inbox:
        yield inbox


def put(town: Town, number: int, body: str, *, title: str | None = None) -> None:
    page = PAGE.replace("Bài {n}.", body)
    town.articles(range(number, number + 1), page if title is None else page.replace("Tin {n}", title))


@pytest.fixture
def read(town: Town, inbox: Inbox) -> Town:
    """A site whose pages were read once, without a notification."""
    del inbox
    town.articles(4)
    put(town, 1, FEE)
    town.crawl()
    return town


def announce(town: Town, inbox: Inbox, *words: str, code: int | None = 0) -> str:
    """Crawl every page; return the one message of changes, "" when none was sent."""
    before = len(inbox.messages)
    town.crawl("--all", "--notify", inbox.url, "--notify-changes", *words, code=code)
    sent = inbox.messages[before:]
    assert len(sent) <= 1
    return sent[0]["message"] if sent else ""


def test_one_message_has_the_words_by_page(read: Town, inbox: Inbox) -> None:
    put(read, 1, FEE.replace("278", "337"), title="Học phí mới")
    put(read, 9, "Một bài mới.")
    text = announce(read, inbox)
    (message,) = inbox.messages
    assert (message["title"], message["type"]) == ("archiver: town: 1 edited, 1 new", "info")
    lines = text.splitlines()
    assert lines[:3] == ["town: 1 edited, 1 new", "Học phí mới", f"  {read.url(1)}"]
    assert lines[3].startswith("  title, words: ")
    assert "[-Tin 1-]{+Học phí mới+}" in lines[3]
    assert lines[4].startswith("  body, figures: ")
    assert "[-278-]{+337+}" in lines[4]
    assert lines[5:] == ["", "new: Tin 9", f"  {read.url(9)}"]


def test_pages_gone_and_back_are_announced_when_they_are_proven(read: Town, inbox: Inbox) -> None:
    del read.server.answers["/a/2"]
    assert announce(read, inbox) == ""
    text = announce(read, inbox)
    assert text.startswith(f"town: 1 gone\ngone: Tin 2\n  {read.url(2)}\n  404 gone at ")
    assert announce(read, inbox) == ""
    read.articles(range(2, 3))
    assert announce(read, inbox) == f"town: 1 back\nback: Tin 2\n  {read.url(2)}"


def test_nothing_is_sent_when_nothing_changed(read: Town, inbox: Inbox) -> None:
    assert announce(read, inbox) == ""


@pytest.mark.parametrize(
    ("words", "is_sent"),
    [
        ([], True),
        (["--notify-field", "body"], True),
        (["--notify-field", "title"], False),
        (["--notify-field", "title", "--notify-field", "body"], True),
        (["--notify-field", "extra.nothing"], False),
        (["--notify-nature", "figures"], True),
        (["--notify-nature", "words", "--notify-nature", "typography"], False),
        (["--notify-pattern", "học phí"], True),
        (["--notify-pattern", "h[oọ]c phí .* 337"], True),
        (["--notify-pattern", r"\b278\b"], True),
        (["--notify-pattern", "hoc phi"], False),
        (["--notify-pattern", "hoc phi", "--notify-plain"], True),
        (["--notify-pattern", "HỌC PHÍ", "--notify-plain"], True),
        (["--notify-pattern", "nghin dong", "--notify-plain"], True),
        (["--notify-pattern", "far away"], False),
        (["--notify-pattern", "(a+)+$"], False),
    ],
)
def test_filters(town: Town, inbox: Inbox, words: list[str], is_sent: bool) -> None:
    rest = " Và một câu rất dài mà không ai sửa." * 10 + " It is far away. " + "a" * 40 + "!"
    town.articles(2)
    put(town, 1, FEE + rest)
    town.crawl()
    put(town, 1, FEE.replace("278", "337") + rest)
    assert bool(announce(town, inbox, *words)) is is_sent


def test_typography_alone_is_announced_only_to_who_asks(read: Town, inbox: Inbox) -> None:
    put(read, 2, "Bài “một” rồi.")
    read.crawl("--all")
    put(read, 2, 'Bài "một" rồi.')
    assert announce(read, inbox) == ""
    put(read, 2, "Bài «một» rồi.")
    assert "body, typography: " in announce(read, inbox, "--notify-nature", "typography")


def test_new_pages_are_searched_as_a_whole(read: Town, inbox: Inbox) -> None:
    put(read, 8, "Không có gì.")
    put(read, 9, "Một bài dài. " * 50 + "Cuối cùng là học bổng.")
    assert announce(read, inbox, "--notify-pattern", "học bổng").startswith("town: 1 new\nnew: Tin 9\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--notify-changes", "--notify-field", "titel"], "did you mean 'title'?"),
        (["--notify-changes", "--notify-nature", "figure"], "did you mean 'figures'?"),
        (["--notify-changes", "--notify-pattern", "(a"], "not a regular expression"),
        (["--notify-field", "title"], "need --notify-changes"),
    ],
)
def test_a_wrong_filter_is_an_error_before_any_visit(town: Town, inbox: Inbox, words: list[str], message: str) -> None:
    town.articles(1)
    town("crawl", "town", "--notify", inbox.url, *words, code=2)
    assert message in town.err
    assert town.server.asked == []


@pytest.mark.parametrize(
    ("words", "variable", "message"),
    [
        (["--notify-changes"], "", "--notify-changes"),
        (["--notify-changes", "--notify-field", "body"], "0", "--notify-changes"),
        ([], "1", "$ARCHIVER_NOTIFY_CHANGES"),
        (["--notify-always"], "", "--notify-always"),
    ],
)
def test_without_an_address_there_is_no_crawl(
    town: Town, monkeypatch: pytest.MonkeyPatch, words: list[str], variable: str, message: str
) -> None:
    monkeypatch.setenv("ARCHIVER_NOTIFY", " ")
    monkeypatch.setenv("ARCHIVER_NOTIFY_CHANGES", variable)
    town.articles(1)
    town("crawl", "town", *words, code=2)
    assert message in town.err
    assert "there is no address to notify; add --notify URL, or set $ARCHIVER_NOTIFY\n" in town.err
    assert town.server.asked == []


def test_the_variable_announces_changes(read: Town, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVER_NOTIFY", inbox.url)
    for value, count in (("0", 0), ("1", 1)):
        monkeypatch.setenv("ARCHIVER_NOTIFY_CHANGES", value)
        put(read, 1, FEE + value)
        read.crawl()
        assert len(inbox.messages) == count


def test_an_alarm_and_changes_are_two_messages_of_two_types(read: Town, inbox: Inbox) -> None:
    read.articles(6)
    read.crawl()
    read.articles(6, PAGE.replace("id=s", "id=was"))
    put(read, 1, "Sửa.")
    read.crawl("--all", "--notify", inbox.url, "--notify-changes", code=5)
    bad, news = sorted(inbox.messages, key=lambda message: message["type"], reverse=True)
    assert (bad["type"], news["type"]) == ("warning", "info")
    assert bad["message"].count("pages have no value") == 1
    assert "town: run 3, done, " in bad["message"]
    assert not [word for word in ("redesign:", "edited\t", "Sửa") if word in bad["message"]]
    assert "+Sửa+" in news["message"]
    assert "redesign: 5 pages" in news["message"]
    assert not [word for word in ("alarm", "pages have no value") if word in news["message"] + news["title"]]


def test_without_changes_the_message_of_an_alarm_has_the_redesign_and_the_alarm_once(read: Town, inbox: Inbox) -> None:
    read.articles(6)
    read.crawl()
    read.articles(6, PAGE.replace("id=s", "id=was"))
    read.crawl("--all", "--notify", inbox.url, code=5)
    (message,) = inbox.messages
    assert message["message"].count("6 of 6 pages have no value") == 1
    assert "redesign: 6 pages, summary disappears" in message["message"]


def test_a_long_message_is_bounded_and_says_what_is_left_out(town: Town, inbox: Inbox) -> None:
    town.articles(9)
    put(town, 1, "x " * 100_000, title="T" * 50_000)
    town.articles(range(10, 80), "<h1>Tin {n}</h1><div id=b><p>Bài {n}.</p></div>")
    text = announce(town, inbox)
    assert len(text) <= 3_500
    assert len(inbox.messages[0]["title"]) <= 201
    shown = text.count("\nnew: ")
    total = len(town.json("changes", "--kind", "new"))
    assert f"and {total - shown} more: archiver changes --since '2022-10-21 09:00:00' --site town" in text


def test_hostile_titles_are_only_text(read: Town, inbox: Inbox) -> None:
    title = "<b>&lt;script&gt;</b>\x1b[31m\u202eevil\x07"
    put(read, 9, "Bài.", title=title)
    text = announce(read, inbox)
    assert not {"\x1b", "\u202e", "\x07"} & set(text)


def test_two_sites_are_one_message(read: Town, inbox: Inbox) -> None:
    other = (read.server.selectors / "town.toml").read_text(encoding="utf-8")
    (read.server.selectors / "hamlet.toml").write_text(other.replace('"town"', '"hamlet"'), encoding="utf-8")
    read("crawl", "hamlet", "--all")
    read.server.clock.advance(days=1)
    put(read, 1, FEE.replace("278", "337"))
    read("crawl", "town", "hamlet", "--all", "--notify", inbox.url, "--notify-changes")
    (message,) = inbox.messages
    assert message["title"] == "archiver: hamlet: 1 edited; town: 1 edited"
    assert message["message"].count("[-278-]{+337+}") == 2
    assert "--site" not in message["message"]


@pytest.mark.parametrize("ended", ["failed", "interrupted", None])
def test_the_next_crawl_announces_what_one_that_did_not_end_found(read: Town, inbox: Inbox, ended: str | None) -> None:
    put(read, 1, FEE.replace("278", "337"))
    read.crawl()
    with sqlite3.connect(read.path) as archive:
        archive.execute("UPDATE _run SET ended = ?, finished_at = NULL WHERE run_id = 2", (ended,))
    archive.close()
    put(read, 2, "Bài 2 sửa.")
    text = announce(read, inbox)
    assert text.startswith("town: 2 edited\n")
    assert "[-278-]{+337+}" in text
    assert announce(read, inbox) == ""


def test_changes_of_crawls_that_ended_are_not_announced_again(read: Town, inbox: Inbox) -> None:
    put(read, 1, FEE.replace("278", "337"))
    assert "337" in announce(read, inbox)
    put(read, 2, "Bài 2 sửa.")
    text = announce(read, inbox)
    assert text.startswith("town: 1 edited\n")
    assert "337+}" not in text  # a port may have these digits


RESTYLED = PAGE.replace("Tóm tắt {n}", "TÓM TẮT: Tóm tắt {n}")


def test_a_redesign_is_one_line_and_a_true_edit_in_it_stays_an_edit(town: Town, inbox: Inbox) -> None:
    town.articles(8)
    town.crawl()
    town.articles(8, RESTYLED)
    town.articles(range(3, 4), RESTYLED.replace("Bài {n}.", FEE))
    text = announce(town, inbox)
    lines = text.splitlines()
    assert inbox.messages[0]["title"] == "archiver: town: 1 redesign, 1 edited"
    assert lines[1].startswith("redesign: 8 pages: ")
    assert lines[2:5] == ["", "Tin 3", f"  {town.url(3)}"]
    assert lines[5].startswith("  body, words: ")
    assert len(lines) == 6
    assert announce(town, inbox) == ""


def test_the_rest_of_a_redesign_is_announced_by_the_crawl_that_finds_it(town: Town, inbox: Inbox) -> None:
    town.articles(12)
    town.crawl()
    town.articles(range(1, 10), RESTYLED)
    town.server.answers |= {f"/a/{n}": (503, {}, b"") for n in range(10, 13)}
    assert "redesign: 9 pages: " in announce(town, inbox, code=1)
    town.articles(range(10, 13), RESTYLED)
    assert announce(town, inbox).startswith("town: 1 redesign\nredesign: 3 pages: ")
    assert announce(town, inbox) == ""


def test_a_page_that_moved_is_one_line(town: Town, inbox: Inbox) -> None:
    town.articles(3)
    town.crawl()
    town.server.answers["/a/2"] = (301, {"Location": "/a/20"}, b"")
    town.articles(range(20, 21), PAGE.replace("{n}", "2"))
    text = announce(town, inbox)
    assert text == f"town: 1 moved\nmoved: Tin 2\n  {town.url(2)}\n  → {town.url(20)}"


def test_a_repaired_profile_and_reading_again_announce_nothing(read: Town, inbox: Inbox) -> None:
    put(read, 1, FEE.replace("278", "337"))
    assert "337" in announce(read, inbox)
    profile = read.server.selectors / "town.toml"
    profile.write_text(profile.read_text(encoding="utf-8").replace('"#s"', '"#d"'), encoding="utf-8")
    assert announce(read, inbox) == ""  # each page is read with the new profile from its next visit on
    read("extract", "--site", "town")
    assert announce(read, inbox) == ""


def test_an_unsent_message_is_reported_and_keeps_the_exit_code(read: Town, inbox: Inbox) -> None:
    inbox.status = 500
    put(read, 1, FEE.replace("278", "337"))
    announce(read, inbox)
    assert "the notification to address 1 (json://…) could not be sent" in read.err
    assert "s3cret" not in read.err
