"""`archiver schedule`: units and crontab lines that work; other lines of the crontab are unchanged."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from watched import Town

STUB = """#!/bin/sh
[ "$1" = -l ] && { [ -e "$TABLE" ] || { echo "no crontab for me" >&2; exit 1; }; cat "$TABLE"; exit; }
[ -e "$TABLE.broken" ] && { echo "bad minute" >&2; exit 1; }
cat >"$TABLE"
"""


@pytest.fixture
def table(town: Town, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The crontab, managed by a stub of the program `crontab`."""
    programs = town.folder / "bin"
    programs.mkdir()
    (programs / "crontab").write_text(STUB, encoding="utf-8")
    (programs / "crontab").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("TABLE", str(town.folder / "table"))
    return town.folder / "table"


def as_cron_runs(line: str) -> str:
    """Return the shell command of a crontab line: after the five fields, with `\\%` for a percent sign."""
    command = line.split(None, 5)[5]
    assert not re.search(r"(?<!\\)%", command), "cron takes a bare per cent for the end of the line"
    return command.replace("\\%", "%")


def units(town: Town) -> dict[str, str]:
    folder = town.folder / "config" / "systemd" / "user"
    return {path.suffix: path.read_text(encoding="utf-8") for path in folder.glob("archiver-*")}


# cron


def test_a_crontab_line_runs_the_crawl_from_anywhere_and_mails_nothing(town: Town, home: Path) -> None:
    town.articles(2)
    (line,) = town("schedule", "town", "--every", "6h", "--cron").splitlines()
    assert re.match(r"[0-9]{1,2} \*/6 \* \* \* cd ", line)
    done = subprocess.run(
        ["/bin/sh", "-c", as_cron_runs(line)],
        env={"HOME": str(town.folder), "PATH": "/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
    (log,) = (home / "data").glob("archiver-town-*.log")
    assert log.read_text(encoding="utf-8").startswith("town: 3 visits, 2 new pages in ")
    assert town.json("report")[0]["new_pages"] == 2


def test_the_crawl_notifies_of_changes_as_the_schedule_says(town: Town, home: Path) -> None:
    options = ["--notify-changes", "--notify-field", "body", "--notify-nature", "figures", "--notify-nature", "words"]
    options += ["--notify-pattern", r"\b9 %$|phí", "--notify-plain"]
    (line,) = town("schedule", "town", "--every", "6h", "--cron", *options).splitlines()
    command = shlex.split(as_cron_runs(line))
    first = command.index("--notify-changes")
    assert command[first : first + len(options)] == options
    assert r'"\\b9 %%$$|phí"' in town("schedule", "town", "--every", "6h", "--systemd", *options)
    town("schedule", "town", "--every", "6h", "--cron", "--notify-pattern", "x", code=2)
    assert "need --notify-changes" in town.err
    town("schedule", "town", "--every", "6h", "--cron", "--notify-changes", "--notify-pattern", "(", code=2)
    assert "not a regular expression" in town.err


@pytest.mark.parametrize(
    ("every", "fields"),
    [
        ("1m", r"\* \* \* \* \*"),
        ("15m", r"\d{1,2}-59/15 \* \* \* \*"),
        ("60m", r"\d{1,2} \* \* \* \*"),
        ("12h", r"\d{1,2} \*/12 \* \* \*"),
        ("24h", r"\d{1,2} 4 \* \* \*"),
        ("1d", r"\d{1,2} 4 \* \* \*"),
        ("7d", r"\d{1,2} 4 \* \* 1"),
        ("1w", r"\d{1,2} 4 \* \* 1"),
    ],
)
def test_intervals_that_cron_can_express(town: Town, home: Path, every: str, fields: str) -> None:
    assert re.match(fields + " cd ", town("schedule", "town", "--every", every, "--cron"))


@pytest.mark.parametrize(("every", "nearest"), [("45m", "1h"), ("7h", "8h"), ("90m", "2h"), ("2d", "1d"), ("2w", "1w")])
def test_intervals_that_cron_cannot_express_are_an_error_with_the_nearest(
    town: Town, home: Path, every: str, nearest: str
) -> None:
    town("schedule", "town", "--every", every, "--cron", code=2)
    assert f"use --every {nearest}, the nearest interval it has" in town.err
    assert "OnUnitActiveSec=" in town("schedule", "town", "--every", every, "--systemd")


def test_other_lines_of_a_crontab_are_kept(town: Town, home: Path, table: Path) -> None:
    theirs = b"# mine \xff\r\nMAILTO=me\n5 * * * * true # archiver-town\n@daily backup"  # and no line end
    table.write_bytes(theirs)
    town("schedule", "town", "--every", "6h", "--cron", "--install")
    first = table.read_bytes()
    assert first.startswith(theirs + b"\n")
    assert len(first.splitlines()) == 5
    assert "has it already" in town("schedule", "town", "--every", "6h", "--cron", "--install")
    assert table.read_bytes() == first
    table.write_bytes(first + b"@reboot later\n")
    town("schedule", "town", "--every", "1d", "--cron", "--install")
    lines = table.read_bytes().splitlines()
    assert [b" 4 * * * cd " in line for line in lines] == [False, False, False, False, True, False]
    town("schedule", "town", "--cron", "--remove")
    assert table.read_bytes() == theirs + b"\n@reboot later\n"
    town("schedule", "town", "--cron", "--remove")
    assert "nothing to remove" in town.err


def test_a_crontab_is_created_for_a_user_without_one(town: Town, home: Path, table: Path) -> None:
    town("schedule", "town", "--every", "6h", "--cron", "--install")
    assert len(table.read_text(encoding="utf-8").splitlines()) == 1


def test_a_crontab_that_cannot_be_read_or_written_is_unchanged(town: Town, home: Path, table: Path) -> None:
    table.mkdir()  # cat fails on a folder
    town("schedule", "town", "--every", "6h", "--cron", "--install", code=2)
    assert "cannot be read" in town.err
    table.rmdir()
    table.write_text("@daily backup\n", encoding="utf-8")
    Path(f"{table}.broken").touch()
    town("schedule", "town", "--every", "6h", "--cron", "--install", code=2)
    assert "rejected the new line (bad minute)" in town.err
    assert table.read_text(encoding="utf-8") == "@daily backup\n"


def test_without_the_program_crontab_the_line_is_still_printed(
    town: Town, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(town.folder))
    assert town("schedule", "town", "--every", "6h").endswith("\n"), "cron is the default where systemd is not"
    town("schedule", "town", "--every", "6h", "--install", code=2)
    assert "the program `crontab` is not installed" in town.err


# systemd


def test_installed_units_equal_the_printed_ones(town: Town, home: Path) -> None:
    printed = town("schedule", "town", "--every", "6h", "--systemd")
    assert units(town) == {}
    result = town("schedule", "town", "--every", "6h", "--systemd", "--install")
    found = units(town)
    assert all(text in printed for text in found.values())
    assert re.search(
        r"\n  systemctl --user daemon-reload\n  systemctl --user enable --now archiver-town-[0-9a-f]{8}\.timer\n",
        result,
    )
    for line in ("Persistent=true", "RandomizedDelaySec=300", "WantedBy=timers.target"):
        assert f"{line}\n" in found[".timer"]
    assert re.search(r"^OnCalendar=\*-\*-\* 00/6:\d\d:00$", found[".timer"], re.MULTILINE)
    for line in ("Type=oneshot", "Nice=10"):
        assert f"{line}\n" in found[".service"]


def test_the_same_command_again_changes_nothing(town: Town, home: Path) -> None:
    town("schedule", "town", "--every", "6h", "--systemd", "--install")
    before = units(town)
    assert town("schedule", "town", "--every", "6h", "--systemd", "--install").count("is already /") == 2
    assert units(town) == before
    assert town("schedule", "town", "--every", "1d", "--systemd", "--install").count("wrote /") == 1
    assert len(units(town)) == 2


def test_remove_deletes_both_units_and_the_link_that_enables_the_timer(town: Town, home: Path) -> None:
    town("schedule", "town", "--every", "6h", "--systemd", "--install")
    folder = town.folder / "config" / "systemd" / "user"
    (timer,) = folder.glob("*.timer")
    (folder / "timers.target.wants").mkdir()
    (folder / "timers.target.wants" / timer.name).symlink_to(timer)
    result = town("schedule", "town", "--systemd", "--remove")
    assert result.count("removed ") == 2
    assert [path for path in folder.rglob("*") if not path.is_dir()] == []
    town("schedule", "town", "--systemd", "--remove")
    assert "nothing to remove" in town.err


def test_a_unit_made_by_others_is_unchanged(town: Town, home: Path) -> None:
    town("schedule", "town", "--every", "6h", "--systemd", "--install")
    (timer,) = (town.folder / "config" / "systemd" / "user").glob("*.timer")
    timer.write_text("[Timer]\n", encoding="utf-8")
    for words in (["--every", "6h", "--install"], ["--remove"]):
        town("schedule", "town", "--systemd", *words, code=2)
        assert "was not made by archiver and is unchanged" in town.err
    assert timer.read_text(encoding="utf-8") == "[Timer]\n"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("every", ["1m", "30m", "45m", "1h", "6h", "7h", "1d", "2d", "1w"])
def test_systemd_accepts_the_units(town: Town, home: Path, every: str) -> None:
    town("schedule", "town", "--every", every, "--systemd", "--install", "--for", "2h", "--metrics", "m 100%.prom")
    files = sorted((town.folder / "config" / "systemd" / "user").glob("archiver-*"))
    runtime = town.folder / "run"
    runtime.mkdir(mode=0o700)
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", *map(str, files)],
        env=os.environ | {"XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_service_is_hardened(town: Town, home: Path) -> None:
    """`systemd-analyze security` rates it 3.0 or better."""
    town("schedule", "town", "--every", "6h", "--systemd", "--install")
    (service,) = (town.folder / "config" / "systemd" / "user").glob("archiver-*.service")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=30", str(service)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Overall exposure level" in done.stdout
    assert done.returncode == 0, done.stdout[-200:]


def test_a_service_may_write_to_its_archive_and_its_metrics(town: Town, home: Path) -> None:
    town("schedule", "town", "--every", "6h", "--systemd", "--install", "--metrics", str(town.folder / "m" / "x.prom"))
    (service,) = (town.folder / "config" / "systemd" / "user").glob("archiver-*.service")
    (line,) = [each for each in service.read_text().splitlines() if each.startswith("ReadWritePaths=")]
    paths = [Path(word) for word in shlex.split(line.partition("=")[2].replace("%%", "%"))]
    assert {town.path.parent.absolute(), town.folder / "m"} <= set(paths)
    assert all(path.is_dir() for path in paths)


def as_systemd_runs(service: str) -> tuple[list[str], str]:
    """Return the command and the folder of a service, parsed like systemd does (systemd.service, systemd.syntax)."""
    values = dict(line.split("=", 1) for line in service.splitlines() if "=" in line and not line.startswith("#"))
    command, folder = values["ExecStart"], values["WorkingDirectory"]
    assert not re.search(r"%(?!%)", command.replace("%%", "")), "a bare per cent is a specifier"
    first, *words = shlex.split(command.replace("%%", "%"))
    return [first, *(word.replace("$$", "$") for word in words)], folder.replace("%%", "%")


def test_a_service_runs_the_crawl(town: Town, home: Path) -> None:
    town.articles(2)
    town("schedule", "town", "--every", "6h", "--systemd", "--install")
    words, folder = as_systemd_runs(units(town)[".service"])
    assert Path(words[0]).is_absolute()
    subprocess.run(words, cwd=folder, env={"HOME": str(town.folder)}, capture_output=True, check=True)
    assert town.json("report")[0]["new_pages"] == 2


# both


def test_names_differ_by_archive_and_sites(town: Town, home: Path) -> None:
    (town.server.selectors / "city.toml").write_text(
        '[site]\nname = "city"\nhome = "http://city.example/"\n', encoding="utf-8"
    )

    def name(*sites: str) -> str:
        return town("schedule", *sites, "--every", "6h", "--cron").split()[-1]

    names = {name("town"), name("city"), name("city", "town")}
    assert len(names) == 3
    assert name("town", "city") == name("city", "town", "city")
    assert all(re.fullmatch(r"archiver-[a-z-]+-[0-9a-f]{8}", each) for each in names)
    object.__setattr__(town.settings, "archive", Path("other/archive.db"))
    assert name("town") not in names


def test_the_state_folder_is_in_the_units_and_secrets_are_not(
    town: Town, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVER_STATE", "my state")
    monkeypatch.setenv("ARCHIVER_NOTIFY", "json://user:s3cret@127.0.0.1/")
    for way in ("--cron", "--systemd"):
        printed = town("schedule", "town", "--every", "6h", way)
        assert "ARCHIVER_STATE=" in printed
        assert "/my state" in printed
        assert "s3cret" not in printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["town"], "no interval; add --every"),
        (["town", "--every", "7x"], "write 30m, 6h, 1d or 1w"),
        (["town", "--every", "90s"], "write 30m, 6h, 1d or 1w"),
        (["town", "--every", "0h"], "write 30m, 6h, 1d or 1w"),
        (["town", "--every", "6h", "--cron", "--systemd"], "cannot be combined"),
        (["town", "--every", "6h", "--install", "--remove"], "cannot be combined"),
        (["town", "--every", "6h", "--for", "long"], "not a span of time"),
    ],
)
def test_contradicting_options_are_an_error(town: Town, home: Path, words: list[str], said: str) -> None:
    town("schedule", *words, code=2)
    assert said in town.err


def test_a_site_without_a_profile_is_not_scheduled(town: Town, home: Path) -> None:
    town("schedule", "twon", "--every", "6h", code=3)
    assert "did you mean" in town.err


def test_a_path_with_unprintable_characters_is_an_error(town: Town, home: Path) -> None:
    object.__setattr__(town.settings, "archive", Path("a\nb/archive.db"))
    for way in ("--cron", "--systemd"):
        town("schedule", "town", "--every", "6h", way, code=2)
        assert "a schedule cannot hold a name with unprintable characters" in town.err


def test_the_program_is_named_by_its_absolute_path(town: Town, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/bin/python3")
    monkeypatch.setenv("PATH", "/nowhere")
    assert "/nowhere/bin/python3 -m archiver --archive " in town("schedule", "town", "--every", "6h", "--systemd")


def test_json_lists_what_was_made_and_changed(town: Town, home: Path, table: Path) -> None:
    (printed,) = town.json("schedule", "town", "--every", "6h", "--systemd")
    assert (printed["by"], printed["altered"], len(printed["text"])) == ("systemd", [], 2)
    (installed,) = town.json("schedule", "town", "--every", "6h", "--systemd", "--install")
    assert installed["text"] == printed["text"]
    assert installed["altered"] == list(printed["text"])
    (line,) = town.json("schedule", "town", "--every", "6h", "--cron", "--install")
    assert table.read_text(encoding="utf-8") == line["text"]["crontab"] + "\n"
    (removed,) = town.json("schedule", "town", "--cron", "--remove")
    assert (removed["altered"], table.read_text(encoding="utf-8")) == (["crontab"], "")
