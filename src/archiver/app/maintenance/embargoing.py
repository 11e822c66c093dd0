"""Embargoes: addresses that exports leave out until a date."""

from urllib.parse import urlsplit

from archiver.app.archive import Archive
from archiver.app.reading.find import known_site
from archiver.errors import NotInArchive, UsageError
from archiver.model.clock import written
from archiver.model.embargo import Embargo
from archiver.model.moments import Moment, parse_when
from archiver.store.archive import Store
from archiver.text.url import canonical, origin_of

_MOST = 2000  # characters of a pattern, and of a reason


def pattern_of(store: Store, what: str | None, site: str | None) -> str:
    """Return the pattern of a rule.

    Args:
        store: the archive.
        what: an address, the beginning of addresses, a path of the site, or None for the whole site; `*` and `$` as in
            robots.txt.
        site: the site's name.

    Raises:
        UsageError: neither an address nor a site is given, or it is no address.
        NotInArchive: there is no such site.
    """
    known_site(store, site)
    if not what:
        if site is None:
            raise UsageError("name an address, or a site with --site")
        return ""
    if len(what) > _MOST:
        raise UsageError(f"{what[:80]}…: longer than {_MOST} characters")
    if what.startswith("/"):
        home = next((row["home"] for row in store.history.sites() if row["name"] == site), "")
        if not home:
            raise UsageError(f"{what}: a path needs the site whose address it belongs to; add --site")
        return origin_of(home) + what
    if "*" in what or what.endswith("$"):
        if not urlsplit(what).scheme.startswith("http"):
            raise UsageError(f"{what}: not a web address; it begins with http:// or https://")
        return what
    return canonical(what)


def set_embargo(
    archive: Archive, what: str | None, site: str | None, until: Moment, reason: str
) -> tuple[Embargo, int]:
    """Add a rule; return it and the number of pages of the archive that it holds back.

    Args:
        archive: the archive, open to write.
        what: as for `pattern_of`.
        site: only pages of this site.
        until: the first moment at which exports have the pages again; a date means its beginning (UTC).
        reason: why.

    Raises:
        UsageError: an argument is invalid, or the moment has passed.
        NotInArchive: there is no such site.
    """
    now = written(archive.settings.clock())
    ends = written(parse_when(until, archive.settings.clock()))
    if ends <= now:
        raise UsageError(f"--until {until}: that has passed; name a later date")
    if not reason.strip() or len(reason) > _MOST:
        raise UsageError(f"--reason: write why, in 1 to {_MOST} characters")
    pattern = pattern_of(archive.store, what, site)
    number = archive.store.embargoes.set(pattern, site, ends, reason.strip(), now)
    rule = Embargo(number, site, pattern, ends, reason.strip())
    return rule, archive.store.embargoes.count(archive.store.embargoes.pages(now))


def lift_embargo(archive: Archive, what: str | None, site: str | None) -> int:
    """Lift the standing rules with this pattern and site; return their number.

    Raises:
        NotInArchive: there is no such rule.
        UsageError: as for `pattern_of`.
    """
    pattern = pattern_of(archive.store, what, site)
    count = archive.store.embargoes.lift(pattern, site, written(archive.settings.clock()))
    if not count:
        raise NotInArchive(f"{what or site}: no such embargo stands; `archiver embargo` lists them")
    return count
