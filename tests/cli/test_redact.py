"""`archiver redact`: no file of the archive holds the bytes any more, and every command says that they were redacted."""

import gzip
import io
from pathlib import Path

import pytest

from archiver.store.archive import vault_path
from redacted import SECRET, found, rows, secret_page, watch
from watched import Town

REASON = "court order 12/2022"


@pytest.fixture
def watched(town: Town) -> Town:
    watch(town)
    return town


def redact(town: Town, what: str, *more: str, code: int = 0) -> str:
    return town("redact", what, "--reason", REASON, "--yes", *more, code=code)


def test_no_file_holds_a_redacted_page_any_more(watched: Town) -> None:
    assert {place.split()[0] for place in found(watched.path)} == set(SECRET)
    before = rows(watched.path, "SELECT * FROM visits")
    told = redact(watched, watched.url(1))
    assert "3 captures of 1 page redacted" in told
    assert "the content of 3 versions" in told
    assert "of other captures coded again" in told  # the base of all other pages
    assert found(watched.path) == set()
    assert "3 captures redacted" in watched("verify", "--deep")
    after = rows(watched.path, "SELECT * FROM visits")
    marks = ("redacted_at", "redaction_reason", "verified_at")
    assert [{**row, **dict.fromkeys(marks)} for row in before] == [{**row, **dict.fromkeys(marks)} for row in after]
    assert [row["redaction_reason"] for row in after].count(REASON) == 3


def test_a_dry_run_and_a_refusal_to_ask_change_nothing(watched: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    before = vault_path(watched.path).read_bytes()
    told = watched("redact", watched.url(1), "--reason", REASON, "--dry-run")
    assert "3 captures of 1 page would be redacted" in told
    watched("redact", watched.url(1), "--reason", REASON, code=2)  # no terminal to ask on
    assert "--yes" in watched.err
    watched("redact", watched.url(1), "--yes", code=2)
    assert "--reason" in watched.err
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    watched("redact", watched.url(1), "--reason", REASON, code=130)
    assert vault_path(watched.path).read_bytes() == before
    assert not rows(watched.path, "SELECT * FROM redactions")


def test_the_commands_that_read_say_that_it_was_redacted(watched: Town) -> None:
    redact(watched, watched.url(1))
    for command in (("show",), ("show", "--version", "1"), ("diff",), ("cite",), ("show", "--format", "raw")):
        watched(command[0], watched.url(1), *command[1:], code=1)
        assert f"redacted on 2022-10-24 09:00:00 UTC: {REASON}" in watched.err, command
        assert len(watched.err.splitlines()) == 1
    told = watched("history", watched.url(1))
    assert told.count(f"redacted on 2022-10-24 09:00:00 UTC: {REASON}") == 3
    assert [row["redaction_reason"] for row in watched.json("history", watched.url(1))] == [REASON] * 3
    assert "edited" not in told
    for words in SECRET:
        assert words not in watched("search", words, code=None)
    assert not rows(watched.path, f"SELECT * FROM changes WHERE url = '{watched.url(1)}'")
    assert not [word for word in SECRET if word in watched("feed")]
    versions = rows(watched.path, f"SELECT * FROM versions WHERE url = '{watched.url(1)}' ORDER BY version")
    assert [(row["version"], row["title"], row["body"], row["redacted_at"]) for row in versions] == [
        (number, None, None, "2022-10-24 09:00:00") for number in (1, 2, 3)
    ]
    assert [row["seen_from"] for row in versions] == [f"2022-10-2{day} 09:00:00" for day in (1, 2, 3)]


def test_exports_leave_redacted_captures_out_and_say_so(watched: Town, tmp_path: Path) -> None:
    redact(watched, watched.url(1))
    watched("export", "warc", str(tmp_path / "warc"))
    assert "3 captures are left out: redacted" in watched.err
    watched("export", "wacz", str(tmp_path / "all.wacz"), "--text", "--no-sign")
    assert "3 captures are left out: redacted" in watched.err
    watched("export", "timemap", watched.url(1), code=1)
    assert "all its captures were redacted" in watched.err
    for form in ("csv", "jsonl"):
        watched("export", form, str(tmp_path / form))
    watched("export", "package", str(tmp_path / "package"))
    for file in tmp_path.rglob("*"):
        if file.is_file():
            data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            assert not [word for word in SECRET if word.lower().encode() in data.lower()], file
    assert REASON in (tmp_path / "csv" / "redactions.csv").read_text(encoding="utf-8")


def test_one_capture_of_several_that_show_the_same_is_redacted_alone(town: Town) -> None:
    """Its version stays, and the command says so; redacting the other one as well redacts the version."""
    watch(town, days=1)
    town.crawl()
    first, second = (
        row["visit_id"] for row in rows(town.path, f"SELECT visit_id FROM visits WHERE url = '{town.url(1)}'")
    )
    told = redact(town, str(first))
    assert "1 capture of 1 page redacted" in told
    assert "the content of 0 versions" in told
    assert f"version 1 of {town.url(1)} stays" in town.err
    assert "1 other capture with the same bytes" in town.err
    assert SECRET[0] in town("show", town.url(1))
    town("verify", "--deep")
    assert "1 capture of 1 page redacted" in redact(town, str(second))
    assert found(town.path) == set()
    assert [
        row["redacted_at"] is None for row in rows(town.path, f"SELECT * FROM versions WHERE url = '{town.url(1)}'")
    ] == [False]
    town("verify", "--deep")


def test_captures_with_the_same_bytes_at_other_addresses_are_named_and_redacted_on_request(town: Town) -> None:
    watch(town, days=1)
    town.server.answers["/a/2"] = (200, {}, secret_page(1))
    town.crawl()
    redact(town, town.url(1))
    assert (
        f"visit {rows(town.path, 'SELECT max(visit_id) AS n FROM visits WHERE url = ' + repr(town.url(2)))[0]['n']}: {town.url(2)}"
        in town.err
    )
    assert found(town.path)
    assert "nothing to redact" in redact(town, town.url(1))
    redact(town, town.url(2), "--since", "2022-10-22", "--same-digest")
    assert found(town.path, SECRET[:-1]) == set()
    town("verify", "--deep")
    assert "Tin 2" in town("show", town.url(2), "--version", "1")


def test_captures_of_a_span_of_time(watched: Town) -> None:
    """Version 2 is redacted; the versions next to it stay, and no words of an edit to it or from it are told."""
    redact(watched, watched.url(1), "--since", "2022-10-22", "--until", "2022-10-22")
    versions = rows(watched.path, f"SELECT * FROM versions WHERE url = '{watched.url(1)}' ORDER BY version")
    assert [row["title"] for row in versions] == [SECRET[0], None, SECRET[0]]
    assert [row["redacted_at"] is None for row in versions] == [True, False, True]
    assert not rows(watched.path, f"SELECT * FROM changes WHERE url = '{watched.url(1)}'")
    watched("diff", watched.url(1), "1", "2", code=1)
    assert "zxqnoidung" in watched("diff", watched.url(1), "1", "3")
    watched("verify", "--deep")


def test_a_later_crawl_captures_the_page_again_and_claims_no_edit(watched: Town) -> None:
    redact(watched, watched.url(1))
    assert "skip = [" in watched.err
    watched.crawl()
    versions = rows(
        watched.path,
        f"SELECT version, title, verdict FROM versions JOIN _version USING (version_id, version) WHERE url = '{watched.url(1)}' ORDER BY version",
    )
    assert [(row["version"], row["title"]) for row in versions] == [(1, None), (2, None), (3, None), (4, SECRET[0])]
    assert not rows(watched.path, f"SELECT * FROM changes WHERE url = '{watched.url(1)}'")
    assert SECRET[0] in watched("show", watched.url(1))
    watched("verify", "--deep")


def test_the_line_that_it_prints_for_the_profile_keeps_later_crawls_away(watched: Town) -> None:
    redact(watched, watched.url(1))
    skip = watched.err.partition("in [crawl]: ")[2].splitlines()[0]
    text = (watched.server.selectors / "town.toml").read_text(encoding="utf-8")
    (watched.server.selectors / "town.toml").write_text(
        text.replace("delay = 0.0", f"delay = 0.0\n{skip}"), encoding="utf-8"
    )
    watched.crawl()
    assert found(watched.path) == set()


def test_reading_again_invents_no_change(watched: Town) -> None:
    redact(watched, watched.url(1), "--since", "2022-10-22", "--until", "2022-10-22")
    before = rows(
        watched.path,
        "SELECT url, version, seen_from, seen_last, seen_until, title, redacted_at FROM versions ORDER BY 1, 2",
    )
    changes = rows(watched.path, "SELECT url, field, not_before, not_after FROM changes ORDER BY 1, 2, 3")
    text = (watched.server.selectors / "town.toml").read_text(encoding="utf-8")
    (watched.server.selectors / "town.toml").write_text(
        text.replace('summary = "#s"', 'summary = "#d"'), encoding="utf-8"
    )
    watched("extract", "--site", "town")
    after = rows(
        watched.path,
        "SELECT url, version, seen_from, seen_last, seen_until, title, redacted_at FROM versions ORDER BY 1, 2",
    )
    assert after == before
    assert rows(watched.path, "SELECT url, field, not_before, not_after FROM changes ORDER BY 1, 2, 3") == changes
    assert not [
        row
        for row in rows(watched.path, "SELECT * FROM reinterpretations")
        if row["seen_from"].startswith("2022-10-22") and row["url"] == watched.url(1)
    ]
    watched("verify", "--deep")
    redact(watched, watched.url(1))
    assert found(watched.path) == set()
    watched("verify", "--deep")
