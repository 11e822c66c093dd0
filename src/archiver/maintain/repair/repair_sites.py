"""Rows of sites that were lost: a site's pages name it by number, and nothing of the chain holds who that was.

The copy knows, and so does the profile the site was read with, which is kept whole. Brought back before the next crawl,
the site goes on; else it would be a new one, with all its pages new.
"""

import tomllib

from archiver.maintain.repair.repair_parents import insert_row
from archiver.maintain.verify.row_ranges import ODD
from archiver.store.connection import Connection, Value

_LOST = (
    "SELECT site_id FROM (SELECT site_id FROM _page UNION SELECT site_id FROM _extractor) "
    "WHERE site_id NOT IN (SELECT site_id FROM _site) ORDER BY site_id"
)
_PROFILES = "SELECT profile FROM _extractor WHERE site_id = ? ORDER BY current DESC, extractor_id DESC"


def heal_sites(main: Connection, copy: Connection | None) -> list[str]:
    """Bring back the sites whose rows are lost, within the caller's transaction; their names."""
    healed = []
    for (number,) in main.rows(_LOST):
        for row in (*_of_the_copy(copy, number), *_of_profiles(main, number)):
            known = main.value("SELECT 1 FROM _site WHERE name = ?", (row["name"],))
            if not known:
                insert_row(main, "_site", row)
                healed.append(str(row["name"]))
                break
    return healed


def _of_the_copy(copy: Connection | None, number: int) -> list[dict[str, Value]]:
    try:
        rows = copy.rows("SELECT * FROM _site WHERE site_id = ?", (number,)) if copy else []
    except ODD:
        return []
    return [{name: row[name] for name in row.keys()} for row in rows]  # noqa: SIM118  (a Row iterates over values)


def _of_profiles(main: Connection, number: int) -> list[dict[str, Value]]:
    """What the profiles of a site say of it, the current one's first."""
    found: list[dict[str, Value]] = []
    for (text,) in main.rows(_PROFILES, (number,)):
        try:
            site = tomllib.loads(text)["site"]
            said = {name: str(site.get(name, "")) for name in ("title", "home", "language", "timezone")}
            name = str(site["name"])
        except ODD:
            continue
        found.append({**said, "site_id": number, "name": name, "title": said["title"] or name})
    return found
