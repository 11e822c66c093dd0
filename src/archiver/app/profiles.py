"""Which profile: by its name, or by the address it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.errors import Fault, ProfileError
from archiver.extract.profile import find_profile, list_profiles, load_profile
from archiver.model.profile import CrawlRules, Profile, SiteInfo
from archiver.text.url import in_scope, origin_of, site_slug


@dataclass(frozen=True, slots=True)
class ListedProfile:
    """A profile file; `error` when it does not load."""

    path: Path
    profile: Profile | None
    error: ProfileError | None = None


def by_name(name: str, folders: Sequence[Path]) -> Profile:
    """The profile of a site, by name or by the path of its file.

    Raises:
        ProfileError: there is none (with the nearest names), or it has faults.
    """
    path = Path(name) if name.endswith(".toml") else find_profile(name, folders)
    if path is None or not path.is_file():
        known = sorted({listed.stem for listed in list_profiles(folders)})
        raise ProfileError(name, [Fault("", _unknown(name, known))])
    return load_profile(path)


def _unknown(name: str, known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  (only when something is wrong)

    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"no profile of this name; {hint}known: {', '.join(known) or 'none'}; `archiver site new URL` writes one"


def every(folders: Sequence[Path]) -> list[ListedProfile]:
    """All profiles in the folders, the first of each name; broken ones with their error."""
    listed = []
    for path in list_profiles(folders):
        try:
            listed.append(ListedProfile(path, load_profile(path)))
        except ProfileError as error:
            listed.append(ListedProfile(path, None, error))
    return listed


def for_address(url: str, folders: Sequence[Path]) -> Profile | None:
    """The profile whose scope holds this address; the one with the longest home when several do."""
    holding = [item.profile for item in every(folders) if item.profile and in_scope(url, item.profile.crawl.scope)]
    return max(holding, key=lambda profile: len(profile.site.home), default=None)


def of_no_profile(url: str) -> Profile:
    """A profile for an address nobody described: the site is named after its host and read generically."""
    origin = origin_of(url)
    site = SiteInfo(site_slug(url), origin.partition("//")[2], origin + "/")
    return Profile(site, CrawlRules(scope=(origin + "/",)))


def at_home(profile: Profile, home: str) -> Profile:
    """The same profile for a portal served elsewhere (the demo's port is another each time)."""
    old = profile.site.home
    start = tuple(url.replace(old, home, 1) for url in profile.crawl.start)
    crawl = replace(profile.crawl, scope=(home,), start=start)
    return replace(profile, site=replace(profile.site, home=home), crawl=crawl)
