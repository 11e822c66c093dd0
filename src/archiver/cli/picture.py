"""`diff --picture`: write the screenshots of two versions beside each other, and print which regions differ."""

from pathlib import Path
from typing import Any

from archiver.app.reading.compare import Comparison
from archiver.app.reading.page import Page
from archiver.app.reading.questions import ArchiveReader
from archiver.cli.context import OUTPUT
from archiver.export.endings import checked_ending
from archiver.export.whole import pending
from archiver.text.clean import counted

_COLUMNS = ("region", "kind", "news", "before", "after")


def write_picture(archive: ArchiveReader, page: Page, found: Comparison, dest: Path, *, force: bool) -> dict[str, Any]:
    """Write the screenshots of two versions with their regions outlined, and return the regions.

    Args:
        archive: the archive.
        page: the page.
        found: the two versions.
        dest: the file, NAME.png.
        force: replace a file that exists.

    Raises:
        UsageError: the file has another ending or exists, the screenshots are not compared, or Pillow is not installed.
        UnreadableScreenshot: one is no PNG, is damaged or too large.
    """
    from archiver.app.browsing.comparing import visits_of_pair  # noqa: PLC0415  (start-up)
    from archiver.app.browsing.picture_difference import drawn_picture, picture_difference  # noqa: PLC0415  (start-up)

    checked_ending(dest, ("png",), "diff --picture")
    visits = visits_of_pair(archive, page, found.old.version, found.new.version)
    with pending(force=force) as files:
        files.path(dest).write_bytes(drawn_picture(archive, visits, "both"))
    return picture_difference(archive, visits).as_json()


def print_picture(dest: Path, seen: dict[str, Any], *, as_json: bool, quiet: bool) -> None:
    """Print the regions of a picture that was written; `quiet`: only where it is, beside what goes to stdout."""
    if as_json:
        OUTPUT.json({"picture": str(dest), **seen})
        return
    news = f"{counted(seen['news'], 'region')} changed, {seen['changed_share']:.1%} of the picture"
    said = f"{dest}: {news if seen['news'] else 'no news'}; {seen['no_news']} moved or counters: no news"
    if quiet:
        OUTPUT.say(said)
        return
    OUTPUT.line(said)
    rows = [
        (each["number"], each["kind"], "news" if each["is_news"] else "", _box(each, "before"), _box(each, "after"))
        for each in seen["regions"]
    ]
    OUTPUT.table(_COLUMNS, rows)


def _box(region: dict[str, Any], side: str) -> str:
    left, top, width, height = (region[f"{side}_{part}"] for part in ("left", "top", "width", "height"))
    return f"{width}x{height} at {left},{top}" if width and height else ""
