"""Every page of the web interface in Chromium, at two widths, in light and dark: axe-core finds nothing, nothing leaves.

An archive of two sites, one of hostile texts, one of pages that a browser opened, and a fleet are served on loopback. One page of each shape of address is opened at 360
and at 1600 pixels, in the light and in the dark scheme. Of each:

- axe-core finds no fault of any impact;
- nothing sticks out at the side;
- the console has no error, so that the Content-Security-Policy holds;
- no request goes to another host.

Run by `make web-check`: web_check.py --tools FOLDER, where axe-core is put. Chromium and npm are packages of the system.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browser import Browser, browser_path
from machine import Failed
from npm import fetched_package

import lived
import pictured
import web_hostile
from archiver.app.fleet.open_leases import create_fleet, open_leases
from archiver.model.clock import system_clock
from archiver.model.lease import Leases, NewSite
from web_served import Served, served
from web_walk import walk

_PACKAGE = "axe-core@4.14.1"
_SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
WIDTHS = (360, 1600)
SCHEMES = ("light", "dark")
_RUN = """axe.run(document, {resultTypes: ['violations'], iframes: false}).then(found => found.violations.map(each =>
  ({id: each.id, impact: each.impact, nodes: each.nodes.map(node => node.html.slice(0, 200)).slice(0, 3)})))"""


def checked(browser: Browser, server: Served, places: list[str], axe: str) -> Iterator[str]:
    """Yield what is wrong with pages at all widths and in all schemes."""
    for scheme in SCHEMES:
        browser.tab("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for width in WIDTHS:
            browser.tab(
                "Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False
            )
            for place in places:
                yield from (
                    f"{place} at {width} px, {scheme}: {fault}" for fault in _faults(browser, server, place, axe)
                )


def _faults(browser: Browser, server: Served, place: str, axe: str) -> Iterator[str]:
    browser.open("about:blank")
    browser.until("location.href == 'about:blank'")
    browser.events.clear()
    browser.open(server.url + place)
    browser.until("document.readyState == 'complete' && location.href != 'about:blank'")
    wide = browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield f"{wide} px stick out"
    yield from _of_events(browser, server)
    browser.run(f"{axe}; true")
    for found in browser.run(_RUN):
        yield f"axe: {found['id']} ({found['impact']}): {json.dumps(found['nodes'], ensure_ascii=False)}"


def _of_events(browser: Browser, server: Served) -> Iterator[str]:
    """Yield errors of the console, and requests to other hosts."""
    hosts = (f"127.0.0.1:{server.port}", f"replay.localhost:{server.port}")
    for method, values in browser.events:
        is_of_copy = "//replay.localhost:" in values.get("entry", {}).get(
            "url", ""
        )  # a requisite that was not captured
        if method == "Log.entryAdded" and values["entry"]["level"] == "error" and not is_of_copy:
            yield f"console: {values['entry']['text'][:200]}"
        elif method == "Network.requestWillBeSent":
            address = urlsplit(values["request"]["url"])
            if address.scheme in ("http", "https") and address.netloc not in hosts:
                yield f"asks {address.netloc}"


@contextmanager
def archives(work: Path) -> Iterator[list[tuple[str, Served]]]:
    """Serve the archives."""
    for name in ("lived", "pictured"):
        (work / name).mkdir()
    with (
        served(lived.live(work / "lived")) as one,
        served(web_hostile.make(work / "hostile.db")) as other,
        served(pictured.make(work / "pictured")) as third,
        _fleet(work / "fleet.db") as leases,
        served(fleet=leases) as fourth,
    ):
        yield [("two sites", one), ("hostile texts", other), ("pages that a browser opened", third), ("fleet", fourth)]


def _fleet(path: Path) -> Leases:
    """Return a fleet with sites of hostile names: some held, some that fail, many that are due."""
    create_fleet(str(path))
    leases = open_leases(str(path), system_clock)
    names = [text[:300] for text in web_hostile.TEXTS.values() if text] + [f"site{number}" for number in range(100)]
    leases.add([NewSite(name, f"group of {name}", 0.0) for name in names])
    for number, lease in enumerate(leases.claim("worker.example:1", 600, most=40)):
        if number % 2:
            leases.fail(lease.site, lease.epoch, f"the profile of {lease.site} has faults", 60)
    return leases


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--browser", default="", help="A Chromium; default: $ARCHIVER_CHROMIUM, or the one on PATH.")
    parser.add_argument("--pages", default="", help="Only pages whose address begins with one of these, by commas.")
    options = parser.parse_args()
    axe = (fetched_package(_PACKAGE, _SHA512, options.tools.absolute()) / "axe.min.js").read_text(encoding="utf-8")
    wanted = tuple(options.pages.split(","))
    faults = runs = 0
    with (
        tempfile.TemporaryDirectory(prefix="archiver-web.") as name,
        archives(Path(name)) as found,
        Browser(browser_path(options.browser)) as browser,
    ):
        for what, server in found:
            places = [place for place in walk(server, of_a_shape=1).pages if place.startswith(wanted)]
            runs += len(places) * len(WIDTHS) * len(SCHEMES)
            print(f"web-check: {what}: {len(places)} pages", flush=True)
            for fault in checked(browser, server, places, axe):
                faults += 1
                print(f"  {fault}", flush=True)
    print(f"web-check: {runs} runs, {faults} faults")
    return int(faults > 0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        print(f"web-check: FAILED: {failed}", file=sys.stderr)
        sys.exit(1)
