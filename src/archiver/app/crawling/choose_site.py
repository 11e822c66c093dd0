"""Choose the site that a command names: a profile, a site of the archive, a host, or an address.

A site without a profile has the name of its host and is read by generic rules. Its start, scope and depth are stored in
the archive, so that it can be crawled and scheduled again by its name.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from archiver.app import profiles
from archiver.fetch.scheme import speaks_tls
from archiver.model.event import Listener, Noticed, ignore
from archiver.model.profile import DEFAULT_FILES, CrawlRules, Profile
from archiver.store.archive import Store
from archiver.text.clean import counted
from archiver.text.url import canonical, in_scope, origin_of, site_slug

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_HOST = re.compile(
    r"(?://)?((?:[\w-]+\.)+[^\W\d_][\w-]*\.?|localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::\d+)?(?:[/?#]|\Z)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?:[\w-]+\.)+[^\W\d_]")
_TLS_PORT = 443


def complete_address(text: str, folders: Sequence[Path], listen: Listener = ignore) -> str:
    """Return the canonical address that a user typed; without a scheme, https, or http when the server has no TLS.

    Within the scope of a profile, it has the scheme of the profile's home. `listen` gets the address that is chosen,
    and a message when the address names a page by what follows `#`, because that is left out.

    Raises:
        UsageError: it is not a web address.
    """
    if not is_bare(text):
        address = canonical(text)
        _warn_of_route(text, address, listen)
        return address
    address = canonical(f"https://{text.strip().removeprefix('//')}")
    profile = profiles.for_address(address, folders, listen)
    if profile is not None:
        is_secure = profile.site.home.startswith("https:")
    else:
        parts = urlsplit(address)
        is_secure = speaks_tls(parts.hostname or "", parts.port or _TLS_PORT)
    address = address if is_secure else canonical(f"http://{text.strip().removeprefix('//')}")
    listen(Noticed(site_slug(address), f"{text} has no scheme; {address} is asked"))
    _warn_of_route(text, address, listen)
    return address


def _warn_of_route(text: str, address: str, listen: Listener) -> None:
    """Warn of an address whose page is chosen by a script, from the fragment: `/#/news/5`, `/#!news`."""
    fragment = urlsplit(text.strip()).fragment
    if fragment.startswith(("/", "!")):
        message = f"#{fragment} is left out, because only scripts read it; {address} is asked. Has the site an API?"
        listen(Noticed(site_slug(address), message))


def is_bare(text: str) -> bool:
    """Return whether a text is a host, or an address without its scheme: `example.org/a`, `localhost:8000`."""
    text = text.strip()
    return _HOST.match(text) is not None and (not _SCHEME.match(text) or text.lower().startswith("localhost:"))


def choose_site(
    text: str, store: Store | None, folders: Sequence[Path], listen: Listener = ignore, *, depth: int | None = None
) -> Profile:
    """Return the profile of the site that a command names; for a site without one, a generic profile.

    Args:
        text: the name of a profile or its file, the name of a site of the archive, a host, or an address.
        store: the archive; None when there is none yet.
        folders: where profiles are.
        listen: gets what was chosen for an address.
        depth: how many links deep a site without a profile is crawled; None for what was set before.

    Raises:
        ProfileError: no profile and no site has this name, or the profile has faults.
        UsageError: it is not a web address.
    """
    if text.endswith(".toml") or profiles.is_named(text, folders):
        return profiles.by_name(text, folders)
    is_address = "://" in text
    if not is_address and store is not None:
        for name in (text, site_slug(f"https://{text}") if is_bare(text) and "/" not in text else text):
            known = _known_site(name, store, folders, depth)
            if known is not None:
                return known
    if not is_address and not is_bare(text):
        return profiles.by_name(text, folders)
    return _site_of(complete_address(text, folders, listen), store, folders, listen, depth)


def _known_site(name: str, store: Store, folders: Sequence[Path], depth: int | None) -> Profile | None:
    """Return the profile of a site of the archive that has no profile file; None when there is no such site."""
    if store.pages.site_id(name) is None or profiles.is_named(name, folders):
        return None
    stored = profiles.stored(store, name)
    home = next((row["home"] for row in store.history.sites() if row["name"] == name), "")
    if stored is not None or not home:
        return stored
    general = profiles.generic_profile(home)
    rules = _stored_rules(general.crawl, name, store) or replace(general.crawl, start=(home,), scope=_whole_host(home))
    return _generic(replace(general, site=replace(general.site, name=name)), rules, depth)


def _site_of(
    address: str, store: Store | None, folders: Sequence[Path], listen: Listener, depth: int | None
) -> Profile:
    profile, general = profiles.for_address(address, folders, listen), profiles.generic_profile(address)
    if profile is None and store is not None:
        general, is_profile = profiles.for_unclaimed(store, address, folders, listen)
        profile = general if is_profile else None
    if profile is not None:
        listen(Noticed(profile.name, f"its profile has {address} in its scope; the whole site is crawled by it"))
        return profile
    stored = _stored_rules(general.crawl, general.name, store) if store is not None else None
    site = _generic(general, _widened(stored or replace(general.crawl, scope=()), address), depth)
    listen(Noticed(site.name, _description(site.name, site.crawl)))
    return site


def _generic(general: Profile, rules: CrawlRules, depth: int | None) -> Profile:
    rules = replace(rules, files=DEFAULT_FILES, requisites="first", depth=rules.depth if depth is None else depth)
    return replace(general, crawl=rules)


def _widened(rules: CrawlRules, address: str) -> CrawlRules:
    """Return rules that begin at an address, too, and whose scope has its folder; for a page of the root, the host."""
    start = tuple(dict.fromkeys((*rules.start, address)))
    if in_scope(address, rules.scope):
        return replace(rules, start=start)
    folder = address.partition("?")[0].rpartition("/")[0] + "/"
    is_root = folder == f"{origin_of(address)}/"
    return replace(rules, start=start, scope=_whole_host(address) if is_root else (*rules.scope, folder))


def _whole_host(address: str) -> tuple[str, ...]:
    """Return the prefixes of a host, with and without `www.`."""
    origin = origin_of(address)
    scheme, _, host = origin.partition("://")
    if host.startswith("www."):
        return (f"{origin}/", f"{scheme}://{host.removeprefix('www.')}/")
    return (f"{origin}/", f"{scheme}://www.{host}/") if _NAMED.match(host) else (f"{origin}/",)


def _description(name: str, rules: CrawlRules) -> str:
    scope = " and ".join(rules.scope)
    return (
        f"no profile has this address; generic rules crawl {scope} (at most {counted(rules.depth, 'link')} deep, by "
        f"robots.txt, one request a second); `archiver crawl {name}` continues, `archiver site new` writes a profile"
    )


def _stored_rules(rules: CrawlRules, name: str, store: Store) -> CrawlRules | None:
    """Return generic rules with the start, scope and depth that were stored for a site; None when there are none."""
    stored = store.site_rules.of(name)
    if stored is None:
        return None
    known = json.loads(stored)
    return replace(rules, start=tuple(known["start"]), scope=tuple(known["scope"]), depth=known["depth"])


def store_rules(store: Store, profile: Profile) -> None:
    """Store the crawl rules of a site without a profile, so that it can be crawled again by its name."""
    if not profile.text:
        rules = {"start": profile.crawl.start, "scope": profile.crawl.scope, "depth": profile.crawl.depth}
        with store.transaction():
            store.site_rules.put(profile.name, json.dumps(rules))


def with_limits(
    profile: Profile, *, depth: int | None = None, max_bytes: int | None = None, insecure: bool = False
) -> Profile:
    """Return a profile with other limits for one command; `insecure`: go on with a broken certificate and record it."""
    crawl = profile.crawl if max_bytes is None else replace(profile.crawl, max_bytes=max_bytes)
    crawl = crawl if depth is None else replace(crawl, depth=depth)
    return replace(profile, crawl=replace(crawl, tls="record") if insecure else crawl)
