"""ReplayWeb.page in Chromium: the package opens as it is, and shows the same bytes as the archive.

The viewer comes from npm, in the version and with the digest named here. It checks hashes of what it loads when its service
worker is asked to, and so it is asked.
"""

import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from browser import Browser
from captures import Expected
from machine import check
from npm import fetched_package
from ranges import FileServer

_PACKAGE = "replaywebpage@2.5.3"
_SHA512 = (
    "nCj2PSON3BxeSJKE8AsYPyULv0XPZKJWfy4l9PyQre9SqwLZ+WKZVs/sfLqPOQ4GrH+0YkjbwOhr8cSTH08gsQ=="  # Base64, as in npm
)
_CHECKED = "&embed=default&noWebWorker=1&swName=" + quote("sw.js?useHashCheck=1&x=")
_DEEP = """const deep = (selector, root = document) => [...root.querySelectorAll(selector),
  ...[...root.querySelectorAll('*')].filter(e => e.shadowRoot).flatMap(e => deep(selector, e.shadowRoot))];"""
_COLLECTION = """(performance.getEntriesByType('resource').map(entry => entry.name).map(name => name.match(/[/]w[/]api[/]c[/]([^/?]+)[?]/))
  .find(found => found) || [])[1]"""
_VERIFIED = """(async () => { for (const {name} of await indexedDB.databases()) {
  const db = await new Promise((yes, no) => { const q = indexedDB.open(name); q.onsuccess = () => yes(q.result); q.onerror = no; });
  if (!db.objectStoreNames.contains('verification')) continue;
  const rows = db.transaction('verification').objectStore('verification').getAll();
  return await new Promise(yes => { rows.onsuccess = () => yes(rows.result); }); } })()"""
_FETCHED = """(async (asked) => { const found = []; for (const address of asked) {
  const answer = await fetch(address, {redirect: 'manual'}), body = await answer.arrayBuffer();
  const digest = [...new Uint8Array(await crypto.subtle.digest('SHA-256', body))].map(n => n.toString(16).padStart(2, '0')).join('');
  found.push({type: answer.type, status: answer.status, sha256: digest, bytes: body.byteLength}); } return found; })"""


def fetched_viewer(folder: Path) -> Path:
    """Return the folder of the viewer; get it from npm unless it is there.

    Raises:
        Failed: npm is not installed, or the package is another one than expected.
    """
    return fetched_package(_PACKAGE, _SHA512, folder)


class Viewer:
    """A package, opened in the viewer. Use it as a context manager.

    Attributes:
        screenshots: the folder in which `shot` puts what is seen.
    """

    def __init__(self, viewer: Path, browser: str, package: Path, work: Path, screenshots: Path) -> None:
        self._site = work / f"viewer-{package.stem}"
        shutil.copytree(viewer, self._site)
        shutil.copy(package, self._site / package.name)
        self._name, self.screenshots = package.name, screenshots
        screenshots.mkdir(parents=True, exist_ok=True)
        self._server = FileServer(self._site)
        self._server.__enter__()
        try:
            self.browser = Browser(browser)
        except BaseException:
            self._server.__exit__(None, None, None)
            raise
        self._collection = ""

    def __enter__(self) -> Self:
        self._go("view=pages", _CHECKED)
        self._collection = self.browser.until(_COLLECTION)
        self.browser.until(f"fetch('w/api/c/{self._collection}?all=1').then(answer => answer.ok)")
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.__exit__(None, None, None)
        self._server.__exit__(None, None, None)

    def _go(self, view: str, more: str = "") -> None:
        self.browser.open("about:blank")
        self.browser.until("location.href == 'about:blank'")
        self.browser.open(f"{self._server.url}?source=/{self._name}{more}#{view}")

    def described(self) -> dict[str, Any]:
        """Return what the viewer knows of the package: its pages and what it verified."""
        return dict(self.browser.run(f"fetch('w/api/c/{self._collection}?all=1').then(answer => answer.json())"))

    def verified(self) -> dict[str, tuple[object, object]]:
        """Return what the viewer compared: its name, the expected value, and whether it is so (None: nothing to compare)."""
        return {each["id"]: (each["expected"], each["matched"]) for each in self.browser.until(_VERIFIED)}

    def found(self, words: str) -> list[str]:
        """Return the titles of the pages that the viewer's search finds."""
        self._go(f"view=pages&query={quote(words)}")
        titles = f"(() => {{ {_DEEP} return deep('wr-page-entry').map(entry => entry.page.title); }})()"
        self.browser.until(f"{titles}.length")
        self.browser.wait(1.5)  # it searches as one types
        return list(self.browser.run(titles))

    def show(self, url: str, stamp: str) -> str:
        """Open a capture, and return the part of the address by which `Browser.run` finds its frame."""
        self._go(f"view=pages&url={quote(url, safe='')}&ts={stamp}")
        frame = f"/{stamp}mp_/"
        self.browser.until("document.readyState == 'complete' && document.body != null", frame)
        self.browser.until("[...document.images].every(image => image.complete)", frame)
        return frame

    def shot(self, name: str) -> None:
        """Save what is seen."""
        self.browser.wait(1)
        self.browser.screenshot(self.screenshots / f"{name}.png")

    def bytes_of(self, asked: list[tuple[str, str]]) -> list[dict[str, Any]]:
        """Return how captures, by time and address, come out of the viewer: status, SHA-256, number of bytes."""
        first = json.dumps(f"w/{self._collection}/{asked[0][0]}id_/{asked[0][1]}")
        part = self.browser.run(
            f"fetch({first}).then(answer => answer.url.match(/[/](:[0-9a-f]+)[/]/)[1])"
        )  # the package
        places = [f"w/{self._collection}/{part}/{stamp}id_/{url}" for stamp, url in asked]
        return list(self.browser.run(f"{_FETCHED}({json.dumps(places)})"))

    def foreign(self) -> list[str]:
        """Return requests that left for other servers."""
        sent = [
            values["request"]["url"] for method, values in self.browser.events if method == "Network.requestWillBeSent"
        ]
        return [url for url in sent if url.startswith("http") and not url.startswith(self._server.url)]


def same_bytes(viewer: Viewer, expected: list[Expected]) -> None:
    """Every capture comes out of the viewer as the archive holds it."""
    told = Counter[str]()
    for each, got in zip(expected, viewer.bytes_of([(each.stamp, each.url) for each in expected]), strict=True):
        if got["type"] == "opaqueredirect":  # the browser tells no more of it
            check(each.kind == "moved", each.url, each.stamp, "is replayed as a redirect")
        else:
            check(got["status"] == each.status, each.url, each.stamp, each.kind, "has status", got["status"])
            digest = hashlib.sha256(each.body).hexdigest()
            check(
                got["sha256"] == digest,
                each.url,
                each.stamp,
                each.kind,
                "has",
                got["bytes"],
                "bytes, not",
                len(each.body),
            )
        told[each.kind] += 1
    print("replay: ReplayWeb.page shows", ", ".join(f"{count} {kind}" for kind, count in sorted(told.items())))


def is_verified(viewer: Viewer) -> None:
    """The signature is right, and so are the hashes of what it covers. (The viewer compares no others: it looks for the index's under another name.)"""
    found = viewer.verified()
    check(found.get("signature") == (True, True), "the signature does not verify:", found.get("signature"))
    for name in ("datapackage.json", "pages/pages.jsonl"):
        matched = [is_so for key, (_, is_so) in found.items() if key.endswith(name)]
        check(matched == [True], name, "does not verify:", found)
    print("replay: ReplayWeb.page verifies the signature and the hashes of datapackage.json and of the list of pages")
