"""`show`, `diff --picture` and `export html` of pages that a browser opened."""

import json
from pathlib import Path
from typing import Any

import pytest

import pictured
from archiver.cli import run
from archiver.render.png_header import png_size
from browsed import HOME, Browsed, Opened, png_of
from pictured import HEIGHT, URLS, WIDTH
from shell import Commands


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[Any]) -> Commands:
    return Commands(pictured.make(tmp_path), tmp_path / "selectors", capsys)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("edited", f"read from: the browser's document (Chromium 156); screenshot {WIDTH}x{HEIGHT}"),
        ("without", "read from: the browser's document (Chromium 156)"),
        ("hostile", "read from: the browser's document (Chromium 156)"),
        (
            "failed",
            "no document of Chromium 156: the page's scripts did not end within 30 s",
        ),
    ],
)
def test_show_says_what_a_browser_made(ask: Commands, name: str, line: str) -> None:
    assert line in ask("show", URLS[name]).splitlines()


def test_show_says_nothing_of_a_browser_that_did_not_open_the_page(ask: Commands) -> None:
    assert "read from" not in ask("show", URLS["plain"])
    (found,) = ask.json("show", URLS["plain"])
    assert (found["read_from"], found["renditions"]) == ("body", [])


def test_show_json_names_the_renditions(ask: Commands) -> None:
    (found,) = ask.json("show", URLS["edited"])
    assert found["read_from"] == "dom"
    assert [each["kind"] for each in found["renditions"]] == ["dom", "screenshot", "requests"]
    assert {each["made_by"]["browser"] for each in found["renditions"]} == {"Chromium 156"}


def test_show_prints_the_bytes_of_a_rendition(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    words = ["--archive", str(pictured.make(tmp_path)), "show", URLS["edited"], "--format"]
    assert run([*words, "screenshot", "--version", "1"]) == 0
    assert png_size(capsysbinary.readouterr().out) == (WIDTH, HEIGHT)
    assert run([*words, "dom"]) == 0
    assert capsysbinary.readouterr().out.startswith(b"<!DOCTYPE html>")
    assert run([*words, "raw"]) == 0
    assert b"Loading" in capsysbinary.readouterr().out


def test_show_tells_that_there_is_no_rendition(ask: Commands) -> None:
    ask("show", URLS["plain"], "--format", "screenshot", code=1)
    assert "has no screenshot of a browser" in ask.err


def test_diff_writes_both_screenshots_and_prints_the_regions(ask: Commands, tmp_path: Path) -> None:
    picture = tmp_path / "both.png"
    printed = ask("diff", URLS["edited"], "--picture", str(picture))
    assert f"{picture}: 2 regions changed, 3.1% of the picture; 0 moved or counters: no news" in printed
    assert "120x30 at 20,100" in printed
    assert picture.read_bytes().startswith(b"\x89PNG")
    ask("diff", URLS["edited"], "--picture", str(picture), code=2)
    assert "already exists" in ask.err
    line = ask("diff", URLS["edited"], "--picture", str(picture), "--force", "--json").splitlines()[-1]
    found = json.loads(line)
    assert (found["picture"], found["news"]) == (str(picture), 2)


@pytest.mark.parametrize(
    ("name", "file", "why"),
    [
        ("edited", "both.jpg", "does not write .jpg"),
        ("two browsers", "both.png", "differ by our doing"),
        ("without", "both.png", "There is no screenshot"),
    ],
)
def test_diff_writes_no_picture_that_would_mislead(
    ask: Commands, tmp_path: Path, name: str, file: str, why: str
) -> None:
    ask("diff", URLS[name], "--picture", str(tmp_path / file), code=2)
    assert why in ask.err
    assert not (tmp_path / file).exists()


def test_an_exported_page_is_the_document_that_was_read(ask: Commands, tmp_path: Path) -> None:
    ask("export", "html", str(tmp_path / "page.html"), "--page", URLS["edited"])
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Bài lần 2." in text
    assert "Trong bóng" in text
    assert "as Chromium 156 showed it" in text
    assert "<script" not in text


def test_a_route_after_a_hash_is_left_out_and_that_is_said(ask: Commands) -> None:
    ask("capture", "http://[::1]:1/#/news/5", code=1)
    assert "#/news/5 is left out, because only scripts read it; http://[::1]:1/ is asked" in ask.err


def test_versions_that_were_read_differently_are_not_called_edits(
    tmp_path: Path, capsys: pytest.CaptureFixture[Any]
) -> None:
    site = Browsed(tmp_path, render="when-empty")
    site.plain("Bài một.")
    site.article("Bài hai.")
    site.close()
    ask = Commands(site.path, site.selectors, capsys)
    assert "not compared: now read from the browser's document" in ask("history", f"{HOME}/a/1")
    printed = ask("diff", f"{HOME}/a/1")
    assert "version 1 from the server's bytes and version 2 from the browser's document" in printed
    assert "edited" not in printed


def test_a_listing_is_not_said_to_be_read_from_the_server(tmp_path: Path, capsys: pytest.CaptureFixture[Any]) -> None:
    site = Browsed(tmp_path)
    site.visit(Opened(b"<body><a href=/a/1>Tin</a></body>", png_of("x")), path="/")
    site.close()
    printed = Commands(site.path, site.selectors, capsys)("show", f"{HOME}/")
    assert "opened in: Chromium 156" in printed
    assert "read from" not in printed
