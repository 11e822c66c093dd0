"""Addresses of the server's own pages."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from archiver.web.replay_key import key_for

PATHS = {
    "today": "/",
    "pages": "/pages",
    "find_page": "/page",
    "page": "/page/{page_id}",
    "compare": "/page/{page_id}/compare/{old}..{new}",
    "picture": "/page/{page_id}/compare/{old}..{new}/picture/{side}",
    "read": "/page/{page_id}/at/{moment}",
    "read_on": "/page/{page_id}/at",
    "version": "/page/{page_id}/version/{number}",
    "visit": "/page/{page_id}/visit/{visit_id}",
    "screenshot": "/page/{page_id}/visit/{visit_id}/screenshot",
    "dom": "/page/{page_id}/visit/{visit_id}/dom",
    "rules": "/page/{page_id}/visit/{visit_id}/rules",
    "cite": "/page/{page_id}/cite/{number}",
    "why": "/why/{version_id}/{field}",
    "search": "/search",
    "front": "/front",
    "gone": "/gone",
    "silent": "/silent",
    "counters": "/counters",
    "redesign": "/redesign/{redesign_id}",
    "health": "/health",
    "sites": "/sites",
    "site": "/site/{site}",
    "about": "/about",
    "acts": "/act",
}
"""The path of each page, by its name. A format is added before the `?`: `/pages.csv`; Today is `/today.json`."""

_PARAMETER = re.compile(r"\{(\w+)\}")
_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Links:
    """Makes addresses: of pages by name, and of copies by moment and address.

    Attributes:
        root: the path under which the server is: "" or the prefix of a reverse proxy.
        base: the path under which the archive's pages are; with one archive the same as `root`.
        origin: scheme, host and port of this request, such as `http://127.0.0.1:8002`.
        replay_origin: scheme, host and port of the origin that shows copies.
        viewer_origin: the same for the user's own ReplayWeb.page; "" without one.
        has_fleet: whether the server shows a fleet.
    """

    root: str = ""
    base: str = ""
    origin: str = ""
    replay_origin: str = ""
    viewer_origin: str = ""
    has_fleet: bool = False

    def to(self, name: str, /, *, ext: str = "", **values: object) -> str:
        """Return the path of a page.

        Args:
            name: a key of `PATHS`.
            ext: json, csv or atom; "" for HTML.
            values: its parameters. Those that the path does not have come after `?`; None and "" are left out.
        """
        path = PATHS[name]
        inside = set(_PARAMETER.findall(path))
        path = _PARAMETER.sub(lambda found: quote(str(values[found[1]]), safe=""), path)
        if ext:
            path = f"{'/today' if path == '/' else path}.{ext}"
        rest = {key: value for key, value in values.items() if key not in inside and value not in (None, "")}
        return self.base + path + (f"?{urlencode(rest)}" if rest else "")

    def read(self, page_id: int, moment: str) -> str:
        """Return the path of a page as it was at a moment (`2022-11-01 10:00:00`, UTC)."""
        return self.to("read", page_id=page_id, moment=digits(moment))

    def memento(self, moment: str, url: str, modifier: str = "") -> str:
        """Return the path of a capture with our banner; with the modifier `id_`, of its exact bytes."""
        return f"{self.base}/web/{digits(moment)}{modifier}/{url}"

    def replay(self, moment: str, url: str, modifier: str = "mp_") -> str:
        """Return the address of a copy, without our banner, at the origin that shows copies."""
        return f"{self.replay_base}{digits(moment)}{modifier}/{url}"

    @property
    def replay_base(self) -> str:
        """Return what addresses of copies begin with, up to the moment."""
        return f"{self.replay_origin}{self.base}/web/{key_for(self.origin)}/"

    def timegate(self, url: str) -> str:
        """Return the path of the TimeGate of an address (RFC 7089)."""
        return f"{self.base}/web/{url}"

    def timemap(self, url: str, form: str = "link") -> str:
        """Return the path of the TimeMap of an address: `link` (RFC 7089) or `json`."""
        return f"{self.base}/web/timemap/{form}/{url}"

    def static(self, name: str) -> str:
        """Return the path of a file in `web/static`."""
        return f"{self.root}/static/{name}"

    def fleet(self, **values: object) -> str:
        """Return the path of the page of the fleet. `values`: its parameters; None and "" are left out."""
        given = {key: value for key, value in values.items() if value not in (None, "")}
        return f"{self.root}/fleet" + (f"?{urlencode(given)}" if given else "")

    def act(self, name: str) -> str:
        """Return the path that a form of an act is sent to."""
        return f"{self.base}/act/{name}"

    def absolute(self, path: str) -> str:
        """Return a path as an absolute address."""
        return self.origin + path


def digits(moment: str) -> str:
    """Return a moment as 14 digits, as in permalinks."""
    return _DIGITS.sub("", moment)
