"""A single-page portal in ReplayWeb.page: a page that only a browser can read is shown by running its scripts on the archived data.

It also comes back by import, with what the browser got and made.
"""

import re
import sys
from pathlib import Path

from machine import check, run
from viewer import Viewer

from archiver.app.archive import Archive
from archiver.demo.spa import SinglePagePortal
from archiver.model.clock import system_clock
from archiver.model.policy import Retries
from archiver.settings import Settings, bundled_profiles

_ARTICLES = 4
_HOME = "http://127.0.0.1:8912/"  # in the profile
_READ = "SELECT url, seen_from, title, body FROM versions WHERE body IS NOT NULL AND url LIKE '%itemid=%' ORDER BY version_id"
_SHOWN = "document.querySelector('h3.tieude') && document.body.innerText"
_KEPT = (
    "SELECT p.kind, p.url, t.visited_at, hex(t.sha256), t.via, t.made_by, o.visited_at FROM _visit t JOIN _page p USING (page_id) LEFT JOIN _visit o ON o.visit_id = t.of_visit",
    "SELECT url, version, seen_from, title, body FROM versions",
    "SELECT url, field, read_from FROM sources",
    "SELECT url, kind, sha256, made_by FROM renditions",
)


def single_page(tools: Path, work: Path, viewer: Path, browser: str, screenshots: Path) -> None:
    """Crawl the portal, export it, look at an article, and import it."""
    work.mkdir()
    settings = Settings(work / "a.db", (work,), system_clock, Retries(1, 0.0, 0.0))
    profile = (bundled_profiles() / "demo-spa.toml").read_text(encoding="utf-8").partition("[[test]]")[0]
    with SinglePagePortal(articles=_ARTICLES) as portal, Archive(settings) as archive:
        (work / "demo-spa.toml").write_text(profile.replace(_HOME, portal.url), encoding="utf-8")
        archive.crawl("demo-spa")
        rows = list(archive.sql(_READ))
    check(len(rows) == _ARTICLES, "articles:", len(rows))
    command = [sys.executable, "-m", "archiver", "--archive"]
    package = work / "spa.wacz"
    run(*command, settings.archive, "export", "wacz", package, "--text")
    run(*command, settings.archive, "check-warc", package)
    check("is valid" in run(tools / "wacz", "validate", "-f", package), "wacz validate does not call it valid")
    with Viewer(viewer, browser, package, work, screenshots) as opened:
        for row in rows:
            frame = opened.show(row["url"], re.sub(r"\D", "", row["seen_from"]))
            text = " ".join(opened.browser.until(_SHOWN, frame).split())
            for part in (row["title"], *row["body"].split("\n\n")):
                check(" ".join(part.split()) in text, row["url"], "does not show", part)
            opened.shot(f"single-page-{row['url'].rpartition('=')[2]}")
        check(not opened.foreign(), "requests left for other servers:", opened.foreign()[:5])
    print(f"replay: ReplayWeb.page shows {len(rows)} articles of a single-page portal, whole")
    run(*command, work / "b.db", "--selectors", work, "import", "wacz", package)
    with Archive(settings, write=False) as one, Archive(Settings(work / "b.db"), write=False) as other:
        for query in _KEPT:
            here, there = (sorted(map(repr, each.store.sql(query))) for each in (one, other))
            check(here == there and here, "does not come back the same:", query)
    print("replay: what its browser got and made comes back by import")
