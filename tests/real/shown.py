"""The demo portal, crawled with its requisites and replayed by pywb: every page has its styles and its pictures.

What pywb rewrites is followed: every style sheet and picture that a replayed page or style sheet names must be there. With a
Chromium, pages are opened in it, too, and pywb's log says what it asked for and what it got.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

from machine import Machine, check, run

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.demo.portal import Portal
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles

_REWRITTEN = re.compile(r"/all/[0-9]+(?:cs|im|oe)_/http://[^\"')\s>]+")
_IN_CSS = re.compile(r"url\([\"']?([^\"')]+)")
_ANSWERED = re.compile(r'"GET (/all/[0-9]+(?:mp|cs|im)_/\S+) HTTP/1.1" ([0-9]+)')
_BROWSERS = ("chromium", "chromium-headless-shell", "chromium-shell", "google-chrome")
_OPENED = 5  # pages that the browser opens


def shown(tools: Path, work: Path, browser: str) -> None:
    work.mkdir()
    settings = Settings(work / "a.db", (work, bundled_profiles()), retries=Retries(1, 0.0, 0.0))
    with Portal(articles=16) as portal, Archive(settings) as archive:
        profile = profiles.at_home(profiles.by_name("demo", settings.selectors), portal.url)
        summary = archive.crawl(replace(profile, crawl=replace(profile.crawl, requisites="first")))
        check(summary.requisites["fetched"] and not summary.requisites["failed"], "requisites:", summary.requisites)
        pages = [(re.sub(r"\D", "", row["seen_from"]), row["url"]) for row in archive.sql("SELECT * FROM versions")]
    run(sys.executable, "-m", "archiver", "--archive", settings.archive, "export", "warc", work / "warcs")
    machine = Machine(tools, work, sorted((work / "warcs").glob("*.warc.gz")))
    try:
        named = _named(machine, pages)
        for ending in ("portal.css", "paging.css", "hoa-sen.png", "bieu-tuong.png"):
            check(any(address.endswith(ending) for address in named), "no page names", ending)
        print(f"replay: {len(pages)} pages of the demo portal have their {len(named)} styles and pictures")
        found = browser or next(filter(None, map(shutil.which, _BROWSERS)), "")
        if found:
            _opened(machine, found, pages[:_OPENED])
        else:
            print("replay: no browser was found; --browser names one")
    finally:
        machine.close()


def _named(machine: Machine, pages: list[tuple[str, str]]) -> set[str]:
    """Return what replayed pages name, and what that names; all of it is there."""
    named: set[str] = set()
    waiting = [f"/all/{stamp}mp_/{url}" for stamp, url in pages]
    while waiting:
        address = waiting.pop()
        status, headers, body = machine.get(address)
        check(status == 200, address, "is replayed with status", status)
        text = body.decode("utf-8", "replace")
        in_css = _IN_CSS.findall(text) if headers["content-type"].startswith("text/css") else ()
        new = {*_REWRITTEN.findall(text), *(urljoin(address, found) for found in in_css)} - named
        named |= new
        waiting += new
    return named


def _opened(machine: Machine, browser: str, pages: list[tuple[str, str]]) -> None:
    before = len(machine.log.read_text(encoding="utf-8"))
    for stamp, url in pages:
        address = f"http://127.0.0.1:{machine.port}/all/{stamp}mp_/{url}"
        with tempfile.TemporaryDirectory() as profile:
            words = (browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}")
            subprocess.run(
                [*words, "--virtual-time-budget=10000", "--dump-dom", address],
                check=True,
                capture_output=True,
                timeout=120,
            )
    answers = _ANSWERED.findall(machine.log.read_text(encoding="utf-8")[before:])
    missing = [address for address, status in answers if status != "200"]
    check(not missing, "the browser did not get", missing)
    for ending in ("portal.css", "paging.css", ".png"):
        check(any(address.endswith(ending) for address, _ in answers), "the browser did not ask for", ending)
    print(f"replay: a browser asked for {len(answers)} pages, styles and pictures, and got them all")
