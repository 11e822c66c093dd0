"""Small portals in a process of their own, the profiles for them, the log of their requests, and checks by both."""

import json
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from archiver.maintain.verify.verify import verify
from fleet_pages import PageText, page_text, path_of, profile_text

_SERVER = Path(__file__).parent / "fleet_server.py"
LATE = 0.002
"""Seconds by which the end of a request may come before the kernel's note of its beginning is comparable."""


class Asked(NamedTuple):
    """A request in the log of the server. `at`: seconds, when the kernel had received it."""

    at: float
    portal: str
    path: str


@dataclass(frozen=True)
class Portal:
    """A portal. `group`: the name of the server that it shares with others; "" when it is alone."""

    name: str
    home: str
    group: str


class Portals:
    """Portals on loopback, each on an address of its own, so each is a server of its own unless it names a group.

    Args:
        folder: gets the log of requests, and the profiles in `selectors/`.
        count: how many portals.
        pages: how many pages each has, besides its home.
        delay: seconds between two requests, for the profiles.
        groups: for each name of a group, how many of the portals share it, from the first on.
        more: lines for [crawl] of all profiles.
    """

    def __init__(
        self,
        folder: Path,
        count: int,
        pages: int,
        delay: float,
        groups: Mapping[str, int] | None = None,
        more: str = "",
    ) -> None:
        self.pages, self.delay = pages, delay
        self.selectors = folder / "selectors"
        self.selectors.mkdir(parents=True, exist_ok=True)
        self._log = folder / "requests.log"
        names = [f"p{number:02}" for number in range(count)]
        shared = [name for name, size in (groups or {}).items() for _ in range(size)]
        self._process = subprocess.Popen(
            [sys.executable, str(_SERVER), str(self._log), str(pages), *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        homes = json.loads(self._answer())
        self.all = [
            Portal(name, home, shared[number] if number < len(shared) else "")
            for number, (name, home) in enumerate(zip(names, homes, strict=True))
        ]
        for each in self.all:
            self.write_profile(each, more)

    def write_profile(self, portal: Portal, more: str = "") -> Path:
        """Write the profile of a portal, and return its path."""
        path = self.selectors / f"{portal.name}.toml"
        path.write_text(profile_text(portal.name, portal.home, self.delay, portal.group, more), encoding="utf-8")
        return path

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def set(self, **state: Any) -> None:
        """Change what the portals do: see `fleet_server`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(state) + "\n")
        self._process.stdin.flush()
        assert self._answer() == "done\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    # what was requested

    def asked(self) -> list[Asked]:
        """Return all requests so far, in the order of their times."""
        if not self._log.exists():
            return []
        lines = self._log.read_text(encoding="ascii").splitlines()
        return sorted(Asked(float(at), portal, path) for at, portal, path in map(str.split, lines))

    def closest(self) -> tuple[float, Asked | None, Asked | None]:
        """Return the least seconds between two requests to one server, and these; the delay when there are no two."""
        groups = {each.name: each.group or each.name for each in self.all}
        asked = defaultdict(list)
        for each in self.asked():
            asked[groups[each.portal]].append(each)
        pairs = [pair for all_ in asked.values() for pair in pairwise(all_)]
        return min(((two.at - one.at, one, two) for one, two in pairs), default=(self.delay, None, None))

    @property
    def least_gap(self) -> float:
        """The least seconds between two requests to one server."""
        return self.closest()[0]

    def check_delay(self) -> None:
        """Check that no server got two requests closer than its delay."""
        assert self.least_gap >= self.delay - LATE, self.closest()

    # what an archive must have

    def truth(self, portal: Portal, editions: Sequence[int] = (1,)) -> dict[str, list[PageText]]:
        """Return the versions of all pages of a portal after crawls of these editions, by address."""
        found = {}
        for number in range(1, self.pages + 1):
            texts = [page_text(portal.name, number, edition) for edition in editions]
            found[portal.home.rstrip("/") + path_of(number)] = list(dict.fromkeys(texts))
        return found

    def check_archive(
        self, portal: Portal, archive: Path, editions: Sequence[int] = (1,), unread: Collection[str] = ()
    ) -> None:
        """Check that an archive is whole, and that it has all pages of a portal in all their versions, and no others.

        `unread`: addresses of pages that cannot be read; their captures must be there.
        """
        checked = verify(archive, deep=True)
        assert checked.whole, checked.findings
        true = self.truth(portal, editions)
        assert versions_in(archive) == {url: texts for url, texts in true.items() if url not in unread}
        assert set(true) <= {url for url, _ in visits_in(archive)}

    def refetched(self, portal: Portal, archive: Path) -> int:
        """Return how many requests the server saw that the archive does not know."""
        asked = Counter(each.path for each in self.asked() if each.portal == portal.name)
        kept = Counter({f"/{url.split('/', 3)[3]}": count for url, count in visits_in(archive)})
        assert not kept - asked, "the archive knows only what was requested"
        return (asked - kept).total()


def versions_in(archive: Path) -> dict[str, list[PageText]]:
    """Return the versions of all articles of an archive, by address, in their order."""
    found = defaultdict(list)
    query = "SELECT url, title, body FROM versions WHERE url LIKE '%/page/%' ORDER BY url, version"
    for url, title, body in _rows(archive, query):
        found[url].append(PageText(title, body))
    return dict(found)


def visits_in(archive: Path) -> Iterable[tuple[str, int]]:
    """Return how often each address was visited, robots.txt included."""
    return [
        (str(url), int(count))
        for url, count in _rows(archive, "SELECT url, count(*) FROM _visit JOIN _page USING (page_id) GROUP BY url")
    ]


def _rows(archive: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()
