"""The command line: printed text, JSON, exit codes."""

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.cli.capture import SHORT
from archiver.cli.commands import COMMANDS, every_command, load
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.demo.portal import Portal
from archiver.settings import Settings
from shell import Shell

DESIGN_KEYS = (
    "url final_url visited_at status outcome visit_id sha256 bytes page_id version new_version fields_changed record readings sources"
).split()
RECORD_KEYS = (
    "title published published_utc published_raw published_precision section summary body captions bylines tags images files "
    "language file modified modified_utc modified_raw extra"
).split()
SUMMARY_KEYS = "run_id site visits new_pages new_versions changed gone back errors refused seconds ended".split()


def test_capture_prints_the_documented_json(shell: Shell) -> None:
    item = shell.portal.items[0]
    (state,) = shell.json("capture", shell.portal.address(item))
    assert set(DESIGN_KEYS) <= set(state)
    assert list(state["record"]) == RECORD_KEYS
    assert (state["version"], state["new_version"], state["fields_changed"]) == (1, True, [])
    assert state["sources"]["title"] == {"rule": "css:h3.tieude", "rank": 1}
    assert state["readings"]["views"] == shell.portal.article(item).views
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", state["visited_at"])


def test_show_prints_the_same_keys_and_the_exact_bytes(
    portal: Portal, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    shell = Shell(portal, tmp_path, capsysbinary)

    def ask(*words: str) -> bytes:
        assert run(["--archive", str(shell.archive), "--selectors", str(shell.selectors), *words]) == 0
        return capsysbinary.readouterr().out

    address = portal.address(portal.items[0])
    captured = json.loads(ask("capture", address, "--json"))
    shown = json.loads(ask("show", address, "--json"))
    assert {name: shown[name] for name in DESIGN_KEYS} == {name: captured[name] for name in DESIGN_KEYS}
    assert hashlib.sha256(ask("show", address, "--format", "raw")).hexdigest() == captured["sha256"]
    head = ask("show", address, "--format", "headers")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/7.5")
    assert head.endswith(b"\r\n\r\n")


def test_a_page_as_html_runs_no_script(shell: Shell) -> None:
    item = shell.portal.items[0]
    shell.portal.retitle(item, "<script>alert(1)</script> & co")
    shell("capture", shell.portal.address(item))
    html = shell("show", shell.portal.address(item), "--format", "html")
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in html


def test_crawl_prints_a_summary_and_changes_lists_the_events(shell: Shell) -> None:
    summary = shell.json("crawl", "demo")[-1]
    assert list(summary)[: len(SUMMARY_KEYS)] == SUMMARY_KEYS
    assert (summary["site"], summary["new_pages"], summary["ended"], summary["errors"]) == (
        "demo",
        14,
        "done",
        0,
    )  # 4 of them files
    item = shell.portal.items[3]
    shell.portal.edit(item, "Ngày", "Sáng ngày")
    assert shell.json("crawl", "demo", "--all")[-1]["changed"] == 1
    (edit,) = shell.json("changes", "--kind", "edited", "--since", "1h", "--site", "demo", "--field", "body")
    assert edit["url"].endswith(str(item)) or f"ItemID={item}" in edit["url"]
    assert edit["not_before"] <= edit["not_after"]
    assert len(shell.json("changes", "--kind", "new")) == 14
    assert shell.json("changes", "--until", "2001-01-01") == []
    (change,) = shell.json("diff", shell.portal.address(item))
    assert (change["field"], change["from"], change["to"]) == ("body", 1, 2)
    assert "".join(span["text"] for span in change["spans"] if span["op"] != "delete") == change["new"]
    printed = shell("diff", shell.portal.address(item))
    assert "{+Sáng ngày+}" in printed
    assert "[-Ngày-]" in printed
    assert "version 1 is compared with itself" in shell("diff", shell.portal.address(item), "1", "1")


def test_show_and_diff_at_earlier_moments(shell: Shell) -> None:
    address = shell.portal.address(shell.portal.items[0])
    shell("capture", address)
    shell.portal.retitle(shell.portal.items[0], "Tiêu đề mới")
    shell("capture", address)
    assert shell.json("show", address, "--version", "1")[0]["record"]["title"] != "Tiêu đề mới"
    assert shell.json("show", address, "--at", "now")[0]["record"]["title"] == "Tiêu đề mới"
    shell("show", address, "--at", "2001-01-01", code=1)
    assert "not yet seen" in shell.err
    shell("show", address, "--version", "7", code=1)
    assert "it has 1 to 2" in shell.err
    shell("show", address, "--at", "nonsense", code=2)
    shell("show", address, "--at", "now", "--version", "1", code=2)


def test_history_and_readings_in_a_pipe_are_plain_lines(shell: Shell) -> None:
    address = shell.portal.address(shell.portal.items[0])
    for _ in range(2):
        shell("capture", address)
    versions = shell.json("history", address)
    assert [(row["kind"], row["version"]) for row in versions] == [("version", 1)]
    printed = shell("readings", address, "views")
    assert printed.splitlines()[0].startswith("views  ")
    assert printed.splitlines()[1] == "read_at\tvalue\tgained"
    assert printed.splitlines()[3].endswith("\t+1")
    assert [row["gained"] for row in shell.json("readings", address, "views")] == [None, 1]
    shell("readings", address, "likes", code=1)
    assert "no readings named 'likes'" in shell.err
    assert "\x1b" not in printed


def test_a_gone_page_is_reported_with_exit_code_1(shell: Shell) -> None:
    item = shell.portal.items[0]
    shell("capture", shell.portal.address(item))
    shell.portal.withdraw(item)
    (state,) = shell.json("capture", shell.portal.address(item), code=1)
    assert (state["outcome"], state["status"], state["record"], state["version"]) == ("gone", 404, None, None)
    shell.json("capture", shell.portal.address(item), code=1)
    kinds = [row["kind"] for row in shell.json("history", shell.portal.address(item))]
    assert kinds == ["version", "absence"]
    assert shell.json("changes", "--kind", "gone")[0]["url"] == shell.portal.address(item)


def test_an_address_without_a_profile_belongs_to_a_site_named_after_its_host(shell: Shell, tmp_path: Path) -> None:
    (shell.selectors / "demo.toml").unlink()
    (state,) = shell.json("capture", shell.portal.address(shell.portal.items[0]))
    assert state["site"].startswith("127.0.0.1-")
    assert state["record"]["title"].startswith(shell.portal.article(shell.portal.items[0]).title)
    assert state["record"]["body"]
    assert state["sources"]["body"]["rule"] == "fallback:trafilatura"
    assert shell.json("stats")[0]["sites"][0]["pages"] == 1


def test_each_redirect_is_a_visit(shell: Shell) -> None:
    old = shell.portal.items[0]
    new = shell.portal.move(old)
    (state,) = shell.json("capture", shell.portal.address(old))
    assert state["final_url"] == shell.portal.address(new)
    assert state["outcome"] == "ok"
    database = sqlite3.connect(shell.archive)
    visits = database.execute(
        "SELECT status, outcome, final_url FROM visits WHERE url NOT LIKE '%/robots.txt'"
    ).fetchall()
    database.close()
    assert visits == [(301, "moved", shell.portal.address(new)), (200, "ok", shell.portal.address(new))]
    assert shell.json("show", shell.portal.address(old))[0]["record"]["title"] == state["record"]["title"]


def test_files_are_captured_with_the_option(shell: Shell) -> None:
    item = next(item for item in shell.portal.items if shell.portal.article(item).files)
    states = shell.json("capture", "--files", shell.portal.address(item))
    assert [state["outcome"] for state in states] == ["ok", "ok"]
    assert [state["record"]["file"] is None for state in states] == [True, False]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["capture", "htp://x.org/"], 2, "not a web address"),
        (["capture"], 2, "Missing argument"),
        (["capture", "http://x.example/", "--site", "dmeo"], 3, "did you mean 'demo'"),
        (["crawl", "nowhere"], 3, "no profile of this name"),
        (["show", "http://x.example/"], 4, "there is no archive here"),
        (["changes", "--kind", "odd"], 2, "odd"),
        (["--archive", "{folder}", "stats"], 4, "this is a folder"),
        (["--archive", "{folder}/notes.txt", "capture", "http://127.0.0.1:1/"], 4, "not an archive"),
        (["crawl", "demo", "--for", "soon"], 2, "not a span of time"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_invalid_input_is_a_one_line_error(
    shell: Shell, tmp_path: Path, words: list[str], code: int, message: str
) -> None:
    (tmp_path / "notes.txt").write_text("my notes", encoding="utf-8")
    shell(*[word.replace("{folder}", str(tmp_path)) for word in words], code=code)
    assert message in shell.err
    assert len(shell.err.strip().splitlines()) == 1
    assert "Traceback" not in shell.err
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "my notes"


def test_a_server_that_does_not_respond(shell: Shell) -> None:
    GLOBAL_OPTIONS.settings = Settings(shell.archive, (shell.selectors,))
    from dataclasses import replace

    from archiver.model.policy import Retries

    GLOBAL_OPTIONS.settings = replace(GLOBAL_OPTIONS.settings, retries=Retries(1, 0.0, 0.0))
    try:
        (state,) = shell.json("capture", "http://127.0.0.1:1/page", code=1)
    finally:
        GLOBAL_OPTIONS.settings = None
    assert (state["outcome"], state["status"], state["record"]) == ("network_error", None, None)
    assert "robots.txt could not be fetched" in state["note"]


def test_an_unwritable_folder_is_named(shell: Shell, tmp_path: Path) -> None:
    locked = tmp_path / "file"
    locked.write_text("", encoding="utf-8")
    got = run(["--archive", str(locked / "archive.db"), "capture", "http://127.0.0.1:1/"])
    assert got == 4


def test_profiles_are_listed_shown_checked_and_created(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [row["site"] for row in shell.json("site", "list")]
    assert {"demo", "quan11"} <= set(names)
    assert "[site]" in shell("site", "show", "quan11")
    (shell.selectors / "bad.toml").write_text(
        '[site]\nname = "bad"\nhome = "http://x.example/"\ntimezon = "UTC"\n', encoding="utf-8"
    )
    shell("site", "check", "bad", code=3)
    assert "line 4" in shell.err
    assert "timezone" in shell.err
    wrote = shell("site", "new", shell.portal.address(shell.portal.items[0]), "--name", "mine")
    assert "selectors/mine.toml" in wrote
    assert 'name = "mine"' in (tmp_path / "selectors" / "mine.toml").read_text(encoding="utf-8")
    assert "valid" in shell("site", "check", "mine")
    shell("site", "new", shell.portal.address(shell.portal.items[0]), "--name", "mine", code=3)
    assert "exists already" in shell.err
    assert json.loads(shell("site", "schema"))["$schema"]


def test_every_site_command_prints_json(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (shell.selectors / "bad.toml").write_text('[site]\nname = "bad"\ntimezon = "UTC"\n', encoding="utf-8")
    good, bad = shell.json("site", "check", "demo", "bad", code=3)
    assert (good["site"], good["valid"], good["faults"]) == ("demo", True, [])
    assert (bad["site"], bad["valid"]) == ("bad", False)
    assert [fault["line"] for fault in bad["faults"] if "timezone" in fault["what"]] == [3]
    assert {row["site"]: row["valid"] for row in shell.json("site", "check", code=3)}["demo"]
    (shown,) = shell.json("site", "show", "demo")
    assert shown["text"].startswith("# The portal")
    (new,) = shell.json("site", "new", shell.portal.address(shell.portal.items[0]), "--name", "mine")
    assert (new["site"], new["path"]) == ("mine", "selectors/mine.toml")
    (schema,) = shell.json("site", "schema")
    assert schema["$schema"]


def test_every_command_has_a_json_option(shell: Shell) -> None:
    assert [name for name, _ in every_command() if "--json" not in shell(*name.split(), "--help")] == []


def test_the_table_of_commands_has_the_help_of_each_command() -> None:
    for entry in COMMANDS:
        help_text = load(entry).help
        assert " ".join(help_text.split("\n\n")[0].split()) == entry.help, entry.name


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["cravl"], ["--no-such-option"]], ids=" ".join)
def test_a_command_that_needs_no_archive_loads_no_library_for_it(words: list[str], tmp_path: Path) -> None:
    assert loaded_by(words, tmp_path) & {"rich", "httpx2", "selectolax", "sqlite3", "sqlite_utils", "asyncio"} == set()


@pytest.mark.parametrize(
    "words", [["show", "a.example"], ["search", "x"], ["changes"], ["history", "a.example"]], ids=" ".join
)
def test_a_command_that_reads_loads_no_library_for_crawling(words: list[str], shell: Shell, tmp_path: Path) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    modules = loaded_by(["--archive", str(shell.archive), *words], tmp_path)
    assert modules & {"rich", "httpx2", "selectolax", "trafilatura", "lxml", "asyncio", "tenacity"} == set()
    assert "sqlite3" in modules


def loaded_by(words: list[str], folder: Path) -> set[str]:
    """Return the top-level modules that a command imports in a process of its own."""
    code = "import sys; from archiver.cli import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=True)
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


def test_the_demo_prints_what_happened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--archive", str(tmp_path / "demo.db"), "demo", "--articles", "10", "--days", "5"]) == 0
    result = capsys.readouterr().out
    for words in ("edited  between", "  title: ", "  body", "  bylines: ", "gone ", "back ", "reset by", "captures"):
        assert words in result
    assert run(["--archive", str(tmp_path / "demo.db"), "demo"]) == 4
    assert "exists already" in capsys.readouterr().err


def test_unexpected_damage_is_a_one_line_error(shell: Shell) -> None:
    shell("capture", shell.portal.address(shell.portal.items[0]))
    whole = shell.archive.read_bytes()
    shell.archive.write_bytes(whole.replace(b"read_note TEXT", b"read_noXe TEXT"))
    shell("show", shell.portal.address(shell.portal.items[0]), code=4)
    assert len(shell.err.splitlines()) == 1
    assert (
        "archive.db: the file is damaged: the table _visit is not as archiver creates it; `archiver verify`"
        in shell.err
    )


def test_a_bug_is_one_line_that_asks_for_a_report(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise LookupError("who would have thought")

    shell("capture", shell.portal.address(shell.portal.items[0]))
    monkeypatch.setattr("archiver.app.reading.questions.ArchiveReader.page", broken)
    shell("history", shell.portal.address(shell.portal.items[0]), code=1)
    assert len(shell.err.splitlines()) == 1
    assert "a bug of archiver: LookupError: who would have thought (test_commands.py:" in shell.err


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    assert "capture" in capsys.readouterr().out
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("archiver 0.")


def test_a_port_in_use_is_named(shell: Shell) -> None:
    port = shell.portal.url.rstrip("/").rpartition(":")[2]
    shell("demo", "--serve", "--port", port, code=2)
    assert f"port {port} of 127.0.0.1: " in shell.err
    assert "--port" in shell.err


def test_the_served_portal_changes_with_time(shell: Shell) -> None:
    from archiver.demo.life import live_a_day

    titles = {item: shell.portal.article(item).title for item in shell.portal.items}
    for day in range(1, 61):
        live_a_day(shell.portal, day)
    assert any(shell.portal.article(item).title != title for item, title in titles.items())
    assert len(shell.portal.items) > len(titles) + 10
    shell("demo", "--serve", "--day", "0s", code=2)
    assert "too short; write 1s or more" in shell.err


def test_a_failed_crawl_prints_the_cause_and_a_finished_one_the_next_due_time(shell: Shell) -> None:
    profile = '[site]\nname = "down"\nhome = "http://127.0.0.1:1/"\n[crawl]\ndelay = 0\n'
    (shell.selectors / "down.toml").write_text(profile, encoding="utf-8")
    assert "1 visit, 1 error (connection refused) in" in shell("crawl", "down", "--for", "1s", code=1)
    assert "0 visits in" in shell("crawl", "down", "--for", "0s")
    assert "nothing is due" not in shell.err
    assert "(done, run 3)" in shell("crawl", "down")
    assert "nothing is due before" in shell.err


def test_all_sites_are_those_of_the_archive_and_of_the_own_folder(shell: Shell) -> None:
    assert "name the sites to crawl, or use --all-sites" in (shell("crawl", code=2), shell.err)[1]
    assert "SITE and --all-sites cannot be combined" in (shell("crawl", "demo", "--all-sites", code=2), shell.err)[1]
    shell("crawl", "demo", "--limit", "3")
    summaries = [line for line in shell.json("crawl", "--all-sites", "--limit", "4") if "run_id" in line]
    assert [(line["site"], line["visits"]) for line in summaries] == [("demo", 4)]


def test_a_capture_of_a_long_page_prints_its_beginning(shell: Shell) -> None:
    address = shell.portal.address(shell.portal.items[0])
    body = shell.json("capture", address)[0]["record"]["body"]
    short, full = shell("capture", address), shell("capture", address, "--full")
    assert len(body) > SHORT + 200
    assert body.split("\n\n")[-1] in full
    assert body not in short
    (note,) = [line for line in short.splitlines() if "--full prints all" in line]
    kept = short[short.index("\n\n") + 2 : short.index(" …\n[")]
    assert body.startswith(kept)
    assert note == f"[{len(body) - len(kept)} more characters; --full prints all]"
    assert body in shell("show", address)


def test_a_capture_says_how_the_page_was_read_or_why_it_was_not(shell: Shell) -> None:
    item = shell.portal.items[0]
    last = shell("capture", shell.portal.address(item)).splitlines()[-1]
    assert last.startswith("read as article of site demo: title by css:h3.tieude; ")
    listing = shell("capture", f"{shell.portal.url}tintuc/default.aspx").splitlines()[-1]
    assert listing.startswith("not read: the profile says that this is a listing")
    gone = shell("capture", f"{shell.portal.url}nothing/here.aspx", code=1).splitlines()[-1]
    assert gone.startswith("not read: gone is no answer with a page") or "soft_gone" in gone
    moved = shell("capture", shell.portal.url).splitlines()
    assert any(line.startswith("redirected: ") for line in moved) or moved[-1].startswith("not read: ")


def test_all_sites_without_sites_is_an_error_of_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--archive", str(tmp_path / "a.db"), "--selectors", str(tmp_path), "crawl", "--all-sites"]
    assert run(words) == 2
    assert "there are no sites" in capsys.readouterr().err
