"""`site bench`: a profile over the stored captures, side by side with the one in force, before it is used."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archiver.app.benching import bench_site, choose_captures, read_captures
from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.errors import NotInArchive
from archiver.extract.profile import parse_profile
from archiver.model.policy import Retries
from archiver.settings import Settings
from archiver.store.archive import Store
from scripted import Scripted

PAGE = """<title>Tin {n} - Town</title><meta property="og:title" content="Tin {n}">
<h1>Tin {n}</h1><span id=d>2022-10-0{n}</span><p id=s>Tóm tắt {n}</p><p id=c>Mục {n}</p>
<div id=b><p>Bài số {n} nói về việc sửa đường.</p><p class=sign>ABC</p></div><i id=v>{v}</i>"""
FIELDS = """title = "h1"
published = { css = "#d", type = "date" }
summary = "#s"
body = "#b"
"""
BASE = """
[site]
name = "town"
home = "{home}/"
timezone = "UTC"
[crawl]
sitemaps = []
feeds = []
delay = 0.0
[[page]]
kind = "listing"
url = '/$'
"""


class BenchTown:
    """A copy of an archive of the town, its profile, and a draft of the next profile."""

    def __init__(self, server: Scripted, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.server = server
        self.folder = folder
        self.path = folder / "archive.db"
        self.selectors = folder / "selectors"
        self.err = ""
        self._capsys = capsys
        self._settings = Settings(self.path, (self.selectors,), server.clock, Retries(1, 0.0, 0.0))

    def url(self, number: int) -> str:
        return f"{self.server.url}/a/{number}"

    def keep(self, *articles: str) -> None:
        """Write the profile of the site."""
        (self.selectors / "town.toml").write_text(_text(self.server, *articles), encoding="utf-8")

    def draft(self, *articles: str) -> str:
        """Write another profile of the site; return its path."""
        path = self.folder / "draft.toml"
        path.write_text(_text(self.server, *articles), encoding="utf-8")
        return str(path)

    def __call__(self, *words: str, code: int | None = 0) -> str:
        GLOBAL_OPTIONS.settings = self._settings
        try:
            got = run(list(words))
        finally:
            GLOBAL_OPTIONS.settings = None
        printed = self._capsys.readouterr()
        self.err = printed.err
        assert code in (None, got), printed
        return printed.out

    def json(self, *words: str, code: int | None = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self(*words, "--json", code=code))
        return found

    def bench(self, *words: str, code: int | None = 0) -> dict[str, Any]:
        return self.json("site", "bench", "town", *words, code=code)


def _text(server: Scripted, *articles: str) -> str:
    return BASE.replace("{home}", server.url) + "\n".join(articles)


def article(fields: str = FIELDS, more: str = "", url: str = "/a/") -> str:
    """Return a `[[page]]` table of articles."""
    return (
        f'[[page]]\nkind = "article"\nurl = \'{url}\'\n{more}\n[page.fields]\n{fields}\n[page.readings]\nviews = "#v"\n'
    )


@pytest.fixture(scope="module")
def crawled_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scripted]:
    """Six articles over four days of two months; one is edited, the counters change each day."""
    server = Scripted(tmp_path_factory.mktemp("town") / "archive.db")
    text = _text(server, article())
    (server.selectors / "town.toml").write_text(text, encoding="utf-8")
    for day in range(4):
        _serve(server, day)
        server.archive.crawl("town", everything=True)
        server.clock.advance(days=10)
    server.archive.store.close()
    yield server
    server.close()


def _serve(server: Scripted, day: int, title: str = "") -> None:
    for n in range(1, 7):
        page = PAGE.replace("sửa đường", "xây cầu") if n == 3 and day > 1 else PAGE
        page = page.replace("{n}</h1>", f"{title}{n}</h1>").replace("{n}", str(n)).replace("{v}", str(100 * n + day))
        server.answers[f"/a/{n}"] = (200, {}, page.encode())
    links = "".join(f"<a href='/a/{n}'>{n}</a>" for n in range(1, 7))
    server.answers["/"] = (200, {}, f"<title>Trang chủ</title>{links}".encode())


@pytest.fixture
def lived_town(crawled_town: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> BenchTown:
    first = crawled_town.selectors.parent
    for file in first.glob("archive*.db"):
        shutil.copy(file, tmp_path)
    shutil.copytree(first / "selectors", tmp_path / "selectors")
    return BenchTown(crawled_town, tmp_path, capsys)


def _field(found: dict[str, Any], field: str, table: str = "article") -> dict[str, Any]:
    fields: dict[str, Any] = next(each for each in found["tables"] if each["table"] == table)["fields"]
    result: dict[str, Any] = fields[field]
    return result


def test_the_profile_in_force_has_the_same_values_and_nothing_falls(lived_town: BenchTown) -> None:
    found = lived_town.bench()
    assert found["falls"] == []
    assert found["reinterpreted"] == {}
    assert found["split"] == 0
    title = _field(found, "title")
    assert title["values"] == title["values_in_force"] == title["both"] == title["same"] > 0
    assert found["read_before"] == 0, "the archive has the values of the profile in force"
    assert found["milliseconds"] > 0
    assert found["milliseconds_in_force"] > 0


def test_a_gained_field_is_printed_and_no_fall(lived_town: BenchTown) -> None:
    draft = lived_town.draft(article(FIELDS + 'bylines = { css = "#b p.sign", cut = true }\n'))
    found = lived_town.bench("--profile", draft)
    bylines = _field(found, "bylines")
    assert bylines["values_in_force"] == 0
    assert bylines["values"] > 0
    assert bylines["gained_pages"] == 6
    assert found["reinterpreted"]["bylines"]["filled"] == found["reinterpreted"]["bylines"]["values"] == 7
    printed = lived_town("site", "bench", "town", "--profile", draft)
    assert "reinterpreted: bylines: 7 on 6 pages (7 that were empty)" in printed
    assert """nothing → '["ABC"]'""" in printed
    assert "town: no field falls" in printed


def test_a_lost_field_falls_with_exit_code_5(lived_town: BenchTown) -> None:
    draft = lived_town.draft(article(FIELDS.replace('"#s"', '"#gone"'), "fallback = false"))
    found = lived_town.bench("--profile", draft, code=5)
    fall = {"table": "article", "field": "summary", "what": "coverage", "had": 6, "lost": 6}
    assert [{name: each[name] for name in fall} for each in found["falls"]] == [fall]
    assert found["falls"][0]["url"].startswith(lived_town.server.url)
    printed = lived_town("site", "bench", "town", "--profile", draft, code=5)
    assert "falls: article: summary: 6 of 6 pages have no value any more, e.g. http" in printed
    assert "town: 1 field falls" in printed
    summary = next(line for line in printed.splitlines() if line.startswith("article\tsummary\t"))
    assert summary.split("\t")[3:5] == ["0%", "100%"]


def test_a_rule_that_takes_another_text_loses_agreement_with_declared_data(lived_town: BenchTown) -> None:
    draft = lived_town.draft(article(FIELDS.replace('"h1"', '"#c"')))
    found = lived_town.bench("--profile", draft, code=5)
    assert {(each["field"], each["what"]) for each in found["falls"]} >= {("title", "declared")}
    declared = _field(found, "title")["declared"]
    assert declared["agreed"] == 0
    assert declared["agreed_in_force"] == declared["compared"] > 0
    assert "no longer agree with what the page declares" in lived_town(
        "site", "bench", "town", "--profile", draft, code=5
    )


def test_reinterpretations_are_those_of_the_dry_run(lived_town: BenchTown) -> None:
    fields = (
        FIELDS.replace('"#b"', '"#b p"') + 'bylines = { css = "#b p.sign", cut = true }\nsection = "#c"\nlead = "#s"\n'
    )
    draft = lived_town.draft(
        article(fields.replace('published = { css = "#d", type = "date" }\n', ""), "fallback = false")
    )
    found = lived_town.bench("--profile", draft, "--all", code=5)["reinterpreted"]
    shutil.copy(draft, lived_town.selectors / "town.toml")
    dry = lived_town.json("extract", "--dry-run")["fields"]
    kept = ("values", "pages", "emptied", "filled")
    assert {name: {key: each[key] for key in kept} for name, each in found.items()} == {
        name: {key: each[key] for key in kept} for name, each in dry.items()
    }
    assert set(dry) >= {"bylines", "published", "section", "extra.lead"}


def test_pages_that_only_the_new_profile_reads_are_those_of_the_dry_run(lived_town: BenchTown) -> None:
    """The listing had no content; a table that reads it as an article gives it some."""
    home = article('title = "title"\nbody = "body"\n', url="/$")
    draft = lived_town.draft(home, article())
    text = Path(draft).read_text(encoding="utf-8").replace("[[page]]\nkind = \"listing\"\nurl = '/$'\n", "")
    Path(draft).write_text(text, encoding="utf-8")
    found = lived_town.bench("--profile", draft, "--all")["reinterpreted"]
    (lived_town.selectors / "town.toml").write_text(text, encoding="utf-8")
    dry = lived_town.json("extract", "--dry-run")["fields"]
    assert {name: (each["values"], each["filled"]) for name, each in found.items()} == {
        name: (each["values"], each["filled"]) for name, each in dry.items()
    }
    assert dry["title"]["filled"] == 1


def test_a_sample_of_a_small_archive_is_everything(lived_town: BenchTown) -> None:
    draft = lived_town.draft(article(FIELDS + 'bylines = { css = "#b p.sign", cut = true }\n'))
    timed = ("seconds", "milliseconds", "milliseconds_in_force")
    sampled, whole = (
        {name: value for name, value in lived_town.bench("--profile", draft, *more).items() if name not in timed}
        for more in ((), ("--all",))
    )
    assert sampled == whole
    assert sampled["ended"] == "all"
    assert sampled["read"] == sampled["units"]


def test_captures_of_one_version_are_read_at_its_ends_and_counted(lived_town: BenchTown) -> None:
    found = lived_town.bench("--all")
    with closing(sqlite3.connect(lived_town.path)) as archive:
        visits = archive.execute("SELECT count(*) FROM visits v JOIN pages p USING (url)").fetchone()[0]
    articles, home = 6 * 4, 4
    assert visits == found["captures"]["stored"] == found["covered"] == articles + home
    assert found["units"] == found["read"] == 5 * 2 + 2 * 2 + 1, (
        "both ends of seven versions, and one body of the home page"
    )


def test_months_are_columns(lived_town: BenchTown) -> None:
    months = _field(lived_town.bench(), "title")["months"]
    assert len(months) == 2
    assert all(month["captures"] == month["values"] for month in months.values())
    printed = lived_town("site", "bench", "town")
    header = next(line for line in printed.splitlines() if line.startswith("table\tfield\t") and "captures" not in line)
    assert header.split("\t")[2:] == [month.removeprefix("20") for month in months]


def test_each_template_has_its_own_lines(lived_town: BenchTown) -> None:
    """A table for some of the addresses loses its title; the other one does not."""
    titleless = article(FIELDS.replace('"h1"', '"h9"'), "fallback = false", "/a/[12]$")
    draft = lived_town.draft(titleless, article(more="fallback = false"))
    found = lived_town.bench("--profile", draft, code=5)
    first, second = (each for each in found["tables"] if each["table"].startswith("article@"))
    assert {first["pages"], second["pages"]} == {2, 4}
    [fall] = found["falls"]
    assert (fall["field"], fall["had"], fall["lost"]) == ("title", 2, 2)


def test_addresses_that_no_table_matches_any_more_are_a_fall(lived_town: BenchTown) -> None:
    draft = lived_town.draft(article(url="/news/"))
    found = lived_town.bench("--profile", draft, code=5)
    assert ("(no table)", "body") in {(each["table"], each["field"]) for each in found["falls"]}


def test_another_profile_can_take_the_place_of_the_one_in_force(lived_town: BenchTown) -> None:
    bad = lived_town.draft(article(FIELDS.replace('"#s"', '"#gone"'), "fallback = false"))
    found = lived_town.bench("--against", bad)
    assert _field(found, "summary")["values_in_force"] == 0 < _field(found, "summary")["values"]
    assert found["read_before"] == found["read"]
    assert lived_town.bench("--profile", bad, "--against", str(lived_town.selectors / "town.toml"), code=5)["falls"]


def test_versions_of_an_older_profile_are_read_with_the_one_in_force(lived_town: BenchTown) -> None:
    lived_town.keep(article(FIELDS + 'section = "#c"\n'))
    lived_town("capture", "--site", "town", lived_town.url(1))
    found = lived_town.bench()
    assert 0 < found["read_before"] < found["read"]
    section = _field(found, "section")
    assert section["values"] == section["values_in_force"] == section["both"] == section["same"]
    assert found["reinterpreted"] == {}


def test_bodies_of_the_fallback_are_read_on_demand(lived_town: BenchTown) -> None:
    draft = lived_town.draft(article(FIELDS.replace('body = "#b"\n', "")))
    found = lived_town.bench("--profile", draft, code=5)
    assert found["to_fallback"] == _field(found, "title")["values"]
    assert "body" not in found["reinterpreted"]
    assert ("body", "coverage") in {(each["field"], each["what"]) for each in found["falls"]}
    printed = lived_town("site", "bench", "town", "--profile", draft, code=None)
    assert "that the profile leaves to the fallback; `--fallback` reads it" in printed
    whole = lived_town.bench("--profile", draft, "--fallback", code=5)
    assert whole["to_fallback"] == 0
    assert _field(whole, "body")["both"] > 0


def test_a_false_edit_is_a_split_version(lived_town: BenchTown) -> None:
    """A body with the counter in it differs at each visit."""
    draft = lived_town.draft(article(FIELDS.replace('"#b"', '{ css = "#b, #v", take = "all" }')))
    found = lived_town.bench("--profile", draft)
    assert found["split"] == 7
    assert "split: 7 versions in which the profile reads an edit" in lived_town(
        "site", "bench", "town", "--profile", draft
    )


def test_pruned_embargoed_and_damaged_captures_are_left_out_and_counted(lived_town: BenchTown) -> None:
    lived_town("embargo", lived_town.url(1), "--until", "2099-01-01", "--reason", "agreed", code=0)
    found = lived_town.bench("--all")
    assert found["captures"]["embargoed"] == 4
    assert found["covered"] == found["captures"]["stored"] == 24
    assert "left out: 4 embargoed" in lived_town("site", "bench", "town", "--all")


def test_many_captures_are_read_in_worker_processes(lived_town: BenchTown, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = lived_town.draft(article(FIELDS + 'bylines = { css = "#b p.sign", cut = true }\n'))
    here = lived_town.bench("--profile", draft, "--all")
    monkeypatch.setattr(read_captures, "MOST_HERE", 3)
    there = lived_town.bench("--profile", draft, "--all", "--workers", "2")
    assert there["tables"] == here["tables"]
    assert there["reinterpreted"] == here["reinterpreted"]


def test_a_sample_says_what_it_left(lived_town: BenchTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_site, "LEAST_SAMPLE", 4)
    monkeypatch.setattr(bench_site, "SAMPLE", 6)
    found = lived_town.bench()
    assert found["ended"] == "sample"
    assert 4 <= found["read"] <= 6 < found["units"]
    assert found["tables"][0]["pages"] >= 3, "a page has its second turn after the others"
    printed = lived_town("site", "bench", "town")
    assert "town: sampled " in printed
    assert "more captures that differ; `--all` reads them" in printed


def test_the_order_of_a_sample_takes_each_month_and_page_in_turn() -> None:
    units = [
        choose_captures.Unit(
            month * 100 + page * 10 + turn, page, f"https://a.example/{page}", f"2022-0{month}-01 00:00:00"
        )
        for month in (1, 2, 3)
        for page in (1, 2)
        for turn in (1, 2)
    ]
    order = choose_captures.in_sample_order(units, lambda _: "article@1")
    assert sorted(each.visit_id for each in order) == sorted(each.visit_id for each in units)
    assert [each.month for each in order[:3]] == ["2022-03", "2022-02", "2022-01"]
    assert {(each.month, each.page_id) for each in order[:6]} == {(f"2022-0{m}", p) for m in (1, 2, 3) for p in (1, 2)}


def test_an_interruption_prints_what_was_counted(lived_town: BenchTown, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop_after_two(self: Any, *_: object) -> None:
        self._options.stop.wanted = self._read >= 2

    monkeypatch.setattr(bench_site._Benching, "_count", _then(bench_site._Benching._count, stop_after_two))
    printed = lived_town("site", "bench", "town", code=130)
    assert "town: interrupted after 2 of 28 captures" in printed


def _then(first: Any, second: Any) -> Any:
    def both(self: Any, *arguments: object) -> None:
        first(self, *arguments)
        second(self)

    return both


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere",), 3, "no profile of this name"),
        (("nowhere", "--profile", "{draft}"), 1, "nowhere: no such site in"),
        (("town", "--profile", "{faulty}"), 3, "faulty.toml"),
        (("town", "--profile", "missing.toml"), 3, "missing.toml"),
    ],
)
def test_errors_name_the_fault(lived_town: BenchTown, words: tuple[str, ...], code: int, said: str) -> None:
    draft, faulty = lived_town.draft(article()), lived_town.folder / "faulty.toml"
    faulty.write_text("[site]\nnam = 1\n", encoding="utf-8")
    lived_town("site", "bench", *(each.format(draft=draft, faulty=faulty) for each in words), code=code)
    assert said in lived_town.err


def test_a_bench_writes_nothing(lived_town: BenchTown) -> None:
    before = {path.name: path.read_bytes() for path in lived_town.folder.glob("*.db")}
    lived_town.bench("--all")
    assert {path.name: path.read_bytes() for path in lived_town.folder.glob("*.db")} == before


def test_values_cannot_control_the_terminal(lived_town: BenchTown) -> None:
    _serve(lived_town.server, 4, title="\x1b[31m")
    lived_town("capture", "--site", "town", *map(lived_town.url, range(1, 7)))
    printed = lived_town(
        "site", "bench", "town", "--profile", lived_town.draft(article(FIELDS.replace('"h1"', '"#c"'))), code=None
    )
    assert "\x1b" not in printed
    assert "reinterpreted: title" in printed


def test_named_captures_are_read_with_both_profiles(lived_town: BenchTown) -> None:
    """A program that proposes a profile measures it on the captures that the present one misread."""
    profile = parse_profile(Path(lived_town.draft(article())).read_text(encoding="utf-8"), "draft")
    with Store.open(lived_town.path, write=False) as store:
        visits = [row["visit_id"] for row in store.sql("SELECT visit_id FROM visits WHERE url LIKE '%/a/3'")]
        found = bench_site.bench(store, "town", profile, visits)
    assert found.amounts.read == found.amounts.read_before == len(visits) == 4
    assert not found.falls
    assert found.lines()[-1] == "town: no field falls"
    assert any(line.startswith("article\ttitle\t4\t100%\t100%") for line in found.lines())


def test_a_site_without_captures_is_an_error(lived_town: BenchTown) -> None:
    profile = parse_profile(Path(lived_town.draft(article())).read_text(encoding="utf-8"), "draft")
    with Store.open(lived_town.path, write=False) as store, pytest.raises(NotInArchive, match="no capture to read yet"):
        bench_site.bench(store, "town", profile, [])
