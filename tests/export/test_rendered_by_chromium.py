"""A page that Chromium opened goes out as WACZ and comes back, also to an archive that has some of it."""

import json
from pathlib import Path

from archiver.app.archive import Archive
from archiver.app.exporting.wacz_out import WaczOptions, export_wacz
from archiver.app.exporting.warc_target import WarcOptions
from archiver.app.importing.check_files import check_files
from archiver.model.event import ignore
from archiver.settings import Settings
from browsers import needs_chromium
from opened import same_rows
from scripted import Scripted

pytestmark = needs_chromium

PROFILE = """
[site]
name = "t"
home = "{url}/"
language = "vi"
[crawl]
delay = 0.0
sitemaps = []
feeds = []
[[page]]
kind = "article"
render = "always"
wait = "h1"
[page.fields]
title = "h1"
body = "div.body"
"""
APP = """(async () => {
  const sent = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({page: 1})}
  const found = await (await fetch('/api.json')).json(), more = await fetch('/graph', sent).catch(() => null)
  document.body.innerHTML = `<h1>${found.title}</h1><div class=body><p>${found.text}</p></div>`
})()"""


def test_a_page_of_chromium_comes_back_as_it_was(tmp_path: Path) -> None:
    site = Scripted(tmp_path / "a.db")
    try:
        site.answers["/"] = (200, {}, b"<!doctype html><title>x</title><script src=/app.js></script>")
        site.answers["/app.js"] = (200, {"Content-Type": "text/javascript"}, APP.encode())
        for day in range(2):
            data = json.dumps(
                {"title": "Hội nghị", "text": f"Hội nghị ngày thứ {day} diễn ra tại hội trường của quận."}
            )
            site.answers["/api.json"] = (200, {"Content-Type": "application/json"}, data.encode())
            (site.selectors / "t.toml").write_text(PROFILE.format(url=site.url), encoding="utf-8")
            site.archive.crawl("t", everything=True)
            site.clock.advance(days=1)
        package, archive = tmp_path / "a.wacz", site.archive
        done = export_wacz(archive.store, archive.settings, package, WarcOptions(), WaczOptions(), ignore)
        assert (done.pages, done.warcs.renditions) == (2, 6)
        assert list(check_files([package], ignore, [], site.clock())) == []
        (tmp_path / "other").mkdir()
        with Archive(Settings(tmp_path / "other" / "b.db", (site.selectors,), site.clock)) as other:
            summary = other.import_files([package])
            assert summary.is_whole
            same_rows(archive, other)
            assert other.import_files([package]).captures == 0
        assert archive.import_files([package]).captures == 0
    finally:
        site.close()
