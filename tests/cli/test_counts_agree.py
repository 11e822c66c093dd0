"""All commands count the same: runs, report, the summary of a crawl, changes and feed; also after reading again."""

import re
from collections import Counter
from typing import Any

from scripted import Answer
from watched import Town

WORDS = "Sáng nay bà con khu phố ra quân dọn vệ sinh, trồng cây và nhặt rác ở bờ kênh số {n}. "
KINDS = ("new", "edited", "gone", "moved", "back")


def page(number: int, *, text: str = "", suffix: str = "") -> str:
    body = WORDS.replace("{n}", str(number)) * 4 + text
    return f"<h1>Tin {number}{suffix}</h1><span id=d>2022-10-01</span><p id=s>Tóm tắt {number}</p><div id=b><p>{body}</p></div>"


def live(town: Town) -> list[dict[str, Any]]:
    """Crawl a history with every kind of event, and return the summaries of the crawls."""

    def put(path: str, text: str) -> None:
        town.server.answers[path] = (200, {}, text.encode())

    none: Answer = (404, {}, b"none")
    town.articles(10, page)
    found = [town.crawl()]
    put("/a/1", page(1, text="Thêm một câu."))
    put("/a/2", page(2).replace("vệ sinh,", "vệ sinh;"))
    town.server.answers |= {"/a/3": none, "/a/4": none, "/a/5": none}
    town.articles(range(11, 12), page)
    put("/a/moved-5", page(5))
    home = town.server.answers["/"][2].decode()
    put("/", home + "<a href=/a/moved-5>5</a>")
    found.append(town.crawl())
    found.append(town.crawl())  # 3 and 4 are proven gone
    put("/a/4", page(4))
    put("/a/moved-3", page(3))  # 3 was counted as gone, and moved
    put("/", home + "<a href=/a/moved-5>5</a><a href=/a/moved-3>3</a>")
    found.append(town.crawl())
    for number in (1, 2, 4, *range(6, 12)):
        put(f"/a/{number}", page(number, suffix=" | Portal", text="Sửa." if number == 7 else ""))
    put("/a/moved-5", page(5, suffix=" | Portal"))
    put("/a/moved-3", page(3, suffix=" | Portal"))
    found.append(town.crawl())
    return found


def of_changes(town: Town, runs: range) -> dict[int, Counter[str]]:
    """Count events by run; a page with several edits counts once, and typography does not count."""
    events = town.json("changes")
    crawls = {number: Counter[str]() for number in runs}
    pages = {
        (row["run_id"], row["kind"], row["url"])
        for row in events
        if row["kind"] not in ("redesign", "gone") and row["nature"] != "typography"
    }
    for run, kind, _ in pages:
        crawls[run][kind] += 1
    return crawls


def of_report(town: Town, number: int) -> tuple[dict[str, int], dict[str, int], dict[str, int], str]:
    (report,) = town.json("report", "--run", str(number))
    counts = {kind: report[{"new": "new_pages", "edited": "changed"}.get(kind, kind)] for kind in KINDS}
    listed = {kind: len(report["pages"][kind]) for kind in KINDS}
    text = town("report", "--run", str(number), "--format", "text")
    subject = {kind: int((re.search(rf"(\d+) {kind}", text.splitlines()[0]) or [0, 0])[1]) for kind in KINDS}
    return counts, listed, subject, text


def check(town: Town, summaries: list[dict[str, Any]] | None) -> None:
    runs = range(1, 6)
    happened = of_changes(town, runs)
    rows = {row["run_id"]: row for row in town.json("sql", "SELECT * FROM runs WHERE kind = 'crawl'")}
    gone = total_new = 0
    for number in runs:
        counts, listed, subject, text = of_report(town, number)
        assert counts == listed == subject, (number, listed, text)
        for kind in set(KINDS) - {"gone"}:
            assert counts[kind] == happened[number][kind], (number, kind)
        columns = {"new": "new_pages", "edited": "changed", "gone": "gone", "back": "back"}
        assert {kind: rows[number][column] for kind, column in columns.items()} == {k: counts[k] for k in columns}
        if summaries and number != 3:  # a page that this run proved gone moved later
            said = summaries[number - 1]
            assert [said[column] for column in (*columns.values(), "moved")] == [
                *(counts[kind] for kind in columns),
                counts["moved"],
            ]
        gone += counts["gone"]
        total_new += counts["new"]
    assert gone == len(town.json("changes", "--kind", "gone")) == 1
    assert total_new == len(town.json("changes", "--kind", "new"))
    feed = town("feed", "--kind", "new", "--limit", "100")
    assert feed.count("<entry>") == total_new
    assert len(town.json("changes", "--kind", "redesign")) == 1
    assert town.json("changes", "--nature", "typography")
    (all_runs,) = town.json("report", "--since", "2000-01-01")
    assert (all_runs["new_pages"], all_runs["gone"], all_runs["moved"]) == (total_new, 1, 2)


def test_all_counts_agree_before_and_after_reading_again(town: Town) -> None:
    summaries = live(town)
    check(town, summaries)
    before = [town.json("report", "--run", str(number))[0]["pages"] for number in range(1, 6)]
    profile = town.server.selectors / "town.toml"
    profile.write_text(profile.read_text().replace('summary = "#s"\n', 'summary = "p#s"\n'))
    town("extract")
    check(town, None)
    after = [town.json("report", "--run", str(number))[0]["pages"] for number in range(1, 6)]
    assert [{kind: len(pages[kind]) for kind in KINDS} for pages in after] == [
        {kind: len(pages[kind]) for kind in KINDS} for pages in before
    ]
