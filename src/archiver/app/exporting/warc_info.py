"""What WARC files say of an archive and of how its sites were crawled."""

from collections.abc import Iterable

from archiver.errors import ProfileError
from archiver.extract.profile import parse_profile
from archiver.settings import package_version
from archiver.store.archive import Store

_CONFORMS = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_RESTATED = (
    "Bodies are stored with transfer- and content-encoding removed; headers that described the encoded body are "
    "named X-Archive-Orig-…; all other header bytes are as sent."
)


def site_names(store: Store, site: str | None) -> list[str]:
    """Return the names of all sites, or of one."""
    return [row["name"] for row in store.history.sites() if site in (None, row["name"])]


def crawl_rules(store: Store, site: str) -> dict[str, str]:
    """Return how a site was crawled, from the profile in the archive."""
    site_id = store.pages.site_id(site)
    extractor = store.pages.current_extractor(site_id) if site_id is not None else None
    if extractor is None or not extractor.profile:
        return {}
    try:
        crawl = parse_profile(extractor.profile, site).crawl
    except ProfileError:  # the profile has the format of another version
        return {"profile": extractor.profile_sha256}
    values = {
        "robots": crawl.robots,
        "agent": crawl.user_agent,
        "contact": crawl.contact,
        "profile": extractor.profile_sha256,
    }
    return {name: value for name, value in values.items() if value}


def warc_info(archive: str, rules: Iterable[dict[str, str]]) -> Iterable[tuple[str, str]]:
    """Yield the fields of the warcinfo record (WARC 1.1, 6.2; Dublin Core)."""
    yield "software", f"archiver/{package_version()}"
    yield "format", "WARC File Format 1.1"
    yield "conformsTo", _CONFORMS
    yield "isPartOf", f"archiver:{archive}"
    yield "description", _RESTATED
    listed = list(rules)
    for name, field in (("robots", "robots"), ("contact", "operator"), ("agent", "http-header-user-agent")):
        for value in sorted({each[name] for each in listed if name in each}):
            yield field, value
