"""Find a page by any of its addresses, a site or a field; errors suggest the nearest name."""

from collections.abc import Iterator, Sequence

from archiver.errors import NotInArchive, ProfileError, UsageError
from archiver.model.edit import Nature
from archiver.model.profile import UrlRules
from archiver.model.record import FIELDS
from archiver.store.archive import Store
from archiver.store.pages import PART, KnownPage
from archiver.text.near import did_you_mean, nearest_address
from archiver.text.url import canonical, page_key

_LOOKED_AT = 200  # addresses with the same beginning, for a suggestion


def find_page(store: Store, url: str, captured_at: str | None = None) -> KnownPage:
    """Return the page with this address: requested, redirected to or declared. Of several, prefer one that was read.

    A page of its own that was read is preferred to a page that its address redirects to: it has its own history.

    Args:
        store: the archive.
        url: the address.
        captured_at: of several, prefer one that was captured at exactly this second (UTC text).

    Raises:
        UsageError: it is not a web address.
        NotInArchive: the archive has no such page.
    """
    address = canonical(url)
    found = store.pages.by_address(address)
    own = [page for page in found if page.url == address]
    if not own:  # another spelling of a page that may redirect by now
        own = list(_by_identity(store, address, sorted({page.site for page in found}) or _sites(store)))
        found += [page for page in own if page not in found]
    if not found:
        near = nearest_address(address, store.pages.similar(address, _LOOKED_AT))
        hint = f"did you mean {near}" if near else "`archiver capture` it first"
        raise NotInArchive(f"{url}: not in {store.path}; {hint}")
    read = {page.page_id for page in found if _is_read(store, page.page_id)}
    then = {page.page_id for page in found if captured_at and store.shown_captures.of_second(page.page_id, captured_at)}
    return max(
        found,
        key=lambda page: (
            page.page_id in then,
            page.kind != PART,
            page.url == address and page.state == "live",
            page in own and page.page_id in read,
            page.page_id in read,
            page.url == address,  # it moved, or redirects in a circle: its own history, which names the new address
            page.state != "moved",
            page.last_visit or 0,
        ),
    )


def _is_read(store: Store, page_id: int) -> bool:
    return store.history.version(page_id, -1) is not None or store.listings.first_seen(page_id) is not None


def _by_identity(store: Store, address: str, sites: Sequence[str]) -> Iterator[KnownPage]:
    """Yield pages of some sites whose key equals the key of this address under the URL rules of their site."""
    for name in sites:
        site_id = store.pages.site_id(name)
        assert site_id is not None  # noqa: S101  (just listed)
        rules = url_rules(store, name)
        key = page_key(address, keep=rules.keep, drop=rules.drop, fold_case=rules.fold_case)
        known = store.pages.by_key(site_id, key)
        if known is not None:
            yield known


def _sites(store: Store) -> list[str]:
    return [str(row["site"]) for row in store.sql("SELECT site FROM sites ORDER BY site")]


def url_rules(store: Store, site: str) -> UrlRules:
    """Return the rules of a site by which addresses are the same page, from its profile in the archive."""
    site_id = store.pages.site_id(site)
    extractor = None if site_id is None else store.pages.current_extractor(site_id)
    if extractor is None or not extractor.profile:
        return UrlRules()
    from archiver.extract.profile import parse_profile  # noqa: PLC0415  (start-up)

    try:
        return parse_profile(extractor.profile, "stored").url
    except ProfileError:  # the profile has the format of another version: exact addresses still match
        return UrlRules()


def known_site(store: Store, name: str | None) -> str | None:
    """Return the name if the archive has this site; None means every site.

    Raises:
        NotInArchive: there is no such site; the message suggests the nearest name and lists all.
    """
    known = _sites(store) if name is not None else []
    if name is None or name in known:
        return name
    raise NotInArchive(
        f"{name}: no such site in {store.path}; {did_you_mean(name, known)}known: {', '.join(known) or 'none yet'}"
    )


def known_field(store: Store, name: str | None) -> str | None:
    """Return the name if a record can have such a field; None means every field.

    Raises:
        UsageError: there is no such field; the message suggests the nearest name and lists all.
    """
    if name is None or name in FIELDS:
        return name
    rows = store.sql("SELECT DISTINCT 'extra.' || key AS field FROM versions, json_each(versions.extra) ORDER BY 1")
    known = [*FIELDS, *(str(row["field"]) for row in rows)]
    if name in known:
        return name
    raise UsageError(f"{name}: no such field; {did_you_mean(name, known)}known: {', '.join(known)}")


def known_natures(natures: str | Sequence[str]) -> list[str]:
    """Return the natures of edits, one or several, as a list.

    Raises:
        UsageError: there is no such nature; the message suggests the nearest name and lists all.
    """
    wanted = [natures] if isinstance(natures, str) else list(natures)
    for nature in wanted:
        if nature not in list(Nature):
            hint = did_you_mean(nature, map(str, Nature))
            raise UsageError(f"{nature}: no such nature of an edit; {hint}known: {', '.join(Nature)}")
    return wanted
