"""Restores lost rows of sites: pages reference a site by id, and the chain does not cover the site's name.

The name is in the copy, and in the profile that is stored with the extractor. With the row restored, the next crawl
continues the site; without it, the site and all its pages would be new.
"""

import tomllib

from archiver.maintain.repair.repair_parents import insert_row
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.store.connection import Connection, Value

_LOST = (
    "SELECT site_id FROM (SELECT site_id FROM _page UNION SELECT site_id FROM _extractor) "
    "WHERE site_id NOT IN (SELECT site_id FROM _site) ORDER BY site_id"
)
_PROFILES = "SELECT profile FROM _extractor WHERE site_id = ? ORDER BY current DESC, extractor_id DESC"


def repair_sites(main: Connection, copy: Connection | None) -> list[str]:
    """Restore lost rows of sites, within the caller's transaction; return the sites' names."""
    repaired = []
    for (number,) in main.rows(_LOST):
        for row in (*_of_the_copy(copy, number), *_of_profiles(main, number)):
            known = main.value("SELECT 1 FROM _site WHERE name = ?", (row["name"],))
            if not known:
                insert_row(main, "_site", row)
                repaired.append(str(row["name"]))
                break
    return repaired


def _of_the_copy(copy: Connection | None, number: int) -> list[dict[str, Value]]:
    try:
        rows = copy.rows("SELECT * FROM _site WHERE site_id = ?", (number,)) if copy else []
    except DAMAGE:
        return []
    return [{name: row[name] for name in row.keys()} for row in rows]  # noqa: SIM118  (a Row iterates over values)


def _of_profiles(main: Connection, number: int) -> list[dict[str, Value]]:
    """Return the site data of a site's stored profiles, the current profile's first."""
    found: list[dict[str, Value]] = []
    for (text,) in main.rows(_PROFILES, (number,)):
        try:
            site = tomllib.loads(text)["site"]
            said = {name: str(site.get(name, "")) for name in ("title", "home", "language", "timezone")}
            name = str(site["name"])
        except DAMAGE:
            continue
        found.append({**said, "site_id": number, "name": name, "title": said["title"] or name})
    return found
