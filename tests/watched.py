"""A small site on loopback with pages that a test defines, and the command line that crawls it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import run
from archiver.cli.context import GLOBAL_OPTIONS
from archiver.model.policy import Retries
from archiver.settings import Settings
from scripted import Scripted

PAGE = "<title>{n}</title><h1>Tin {n}</h1><span id=d>2022-10-0{n}</span><p id=s>Tóm tắt {n}</p><div id=b><p>Bài {n}.</p></div>"
PROFILE = """
[site]
name = "town"
home = "{home}/"
timezone = "UTC"
[crawl]
sitemaps = []
delay = 0.0
{crawl}
[[page]]
kind = "listing"
url = '/$'
[[page]]
kind = "article"
url = '/a/'
fallback = {fallback}
[page.fields]
title = {{ css = "h1", required = {required} }}
published = {{ css = "#d", type = "date" }}
summary = "#s"
body = "#b"
[page.readings]
views = "#v"
{more}
"""

Made = Callable[[int], str]


class Town:
    """The site and the commands. The clock advances a day with each crawl."""

    def __init__(self, server: Scripted, folder: Path, capsys: pytest.CaptureFixture[str] | None) -> None:
        """`capsys` captures the output of commands; without it, no command can run."""
        self.server = server
        self.folder = folder
        self.path = folder / "archive.db"
        self.numbers: list[int] = []
        self.err = ""
        self._capsys = capsys
        server.archive.close()
        self.profile()
        self.settings = Settings(self.path, (server.selectors,), server.clock, Retries(1, 0.0, 0.0))

    def profile(self, *, crawl: str = "", fallback: str = "true", required: str = "false", more: str = "") -> None:
        text = PROFILE.format(home=self.server.url, crawl=crawl, fallback=fallback, required=required, more=more)
        (self.server.selectors / "town.toml").write_text(text, encoding="utf-8")

    def articles(self, numbers: int | range, made: Made | str = PAGE) -> None:
        """Add articles 1 to `numbers`, linked from the home page; or those of a range, in addition."""
        for n in range(1, numbers + 1) if isinstance(numbers, int) else numbers:
            body = made.replace("{n}", str(n)) if isinstance(made, str) else made(n)
            self.server.answers[f"/a/{n}"] = (200, {}, body.encode())
            self.numbers = sorted({*self.numbers, n})
        links = "".join(f"<a href='/a/{n}'>{n}</a>" for n in self.numbers)
        self.server.answers["/"] = (200, {}, f"<title>Trang chủ</title>{links}".encode())

    def fails(self, status: int = 503) -> None:
        """Respond to every request with this status from now on."""
        self.server.rule = lambda path, _headers: None if path == "/robots.txt" else (status, {}, b"no")

    def url(self, number: int) -> str:
        return f"{self.server.url}/a/{number}"

    def __call__(self, *words: str, code: int | None = 0) -> str:
        assert self._capsys is not None
        GLOBAL_OPTIONS.settings = self.settings
        try:
            got = run(list(words))
        finally:
            GLOBAL_OPTIONS.settings = None
        printed = self._capsys.readouterr()
        self.err = printed.err
        assert code in (None, got), printed
        return printed.out

    def json(self, *words: str, code: int | None = 0) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*words, "--json", code=code).splitlines()]

    def crawl(self, *words: str, code: int | None = 0) -> dict[str, Any]:
        """Crawl every known page, advance the clock a day, and return the summary."""
        summary = self.json("crawl", "town", *(words or ("--all",)), code=code)[-1]
        self.server.clock.advance(days=1)
        return summary

    def alarms(self, code: int = 5) -> set[tuple[str, str | None, str | None]]:
        """Crawl again and return the alarms: name, kind, field."""
        return {(each["alarm"], each["kind"], each["field"]) for each in self.crawl(code=code)["alarms"]}
