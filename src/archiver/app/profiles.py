"""Which profile: by its name, or by the address it holds."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.errors import Fault, ProfileError, UsageError
from archiver.extract.profile import claimed_scope, find_profile, is_slug, list_profiles, load_profile, parse_profile
from archiver.extract.testing import missing_files
from archiver.model.event import Listener, Noticed, ignore
from archiver.model.profile import CrawlRules, Profile, SiteInfo
from archiver.settings import bundled_profiles
from archiver.store.archive import Store
from archiver.text.near import did_you_mean
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
    return load_profile(path_of(name, folders))


def path_of(name: str, folders: Sequence[Path]) -> Path:
    """The file of a profile, by the site's name or by the file's own path.

    Raises:
        ProfileError: there is none, with the nearest names.
    """
    path = Path(name) if name.endswith(".toml") else find_profile(name, folders)
    if path is None or not path.is_file():
        known = sorted({listed.stem for listed in list_profiles(folders)})
        raise ProfileError(name, [Fault("", _unknown(name, known))])
    return path


def new_name(name: str, file: Path | None, folders: Sequence[Path]) -> str:
    """A name for a site that is yet to be described; `file` is where its profile is to be, if that was said.

    Raises:
        UsageError: it is no slug, or not what the file is called.
        ProfileError: there is a profile of this name, which the new one would hide.
    """
    if not is_slug(name):
        near = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("._-")
        hint = f"; write {near!r}" if near else ""
        raise UsageError(f"{name!r} is no name for a site: it takes a-z, 0-9, '.', '_' and '-'{hint}")
    if file is not None and file.name != f"{name}.toml":
        raise UsageError(f"{file}: a profile is called as its site is: {name}.toml, or --name {file.stem}")
    known = find_profile(name, folders)
    if known is not None and (file is None or known.resolve() != file.resolve()):
        what = f"a profile of this name exists already ({known}) and was left as it is; choose another with --name"
        raise ProfileError(name, [Fault("", what)])
    return name


def _unknown(name: str, known: list[str]) -> str:
    hint = did_you_mean(name, known)
    return f"no profile of this name; {hint}known: {', '.join(known) or 'none'}; `archiver site new URL` writes one"


def checked(path: Path) -> Profile:
    """The profile in a file, its tests' pages looked for as well.

    Raises:
        ProfileError: it has faults; all of them are told.
    """
    profile = load_profile(path)
    missing = missing_files(profile, roots_of(profile))
    if missing:
        raise ProfileError(str(path), missing)
    return profile


def roots_of(profile: Profile) -> tuple[Path, ...]:
    """Where the `file` of a profile's tests may begin, the first that has it counts.

    The folder that holds `selectors/`, as in a checkout; for a profile that lies elsewhere, its own folder; and the
    program's, where the pages of the shipped profiles are, so that a copy of one of those has its pages, too.
    """
    folder = Path(profile.source).resolve().parent
    return (folder.parent if folder.name == "selectors" else folder), bundled_profiles().parent


def every(folders: Sequence[Path]) -> list[ListedProfile]:
    """All profiles in the folders, the first of each name; broken ones with their error."""
    listed = []
    for path in list_profiles(folders):
        try:
            listed.append(ListedProfile(path, load_profile(path)))
        except ProfileError as error:
            listed.append(ListedProfile(path, None, error))
    return listed


def bundled_texts() -> dict[str, str]:
    """Return the TOML of each profile that comes with the program, by its name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in list_profiles([bundled_profiles()])}


def own_names(folders: Sequence[Path]) -> set[str]:
    """What the profiles are called that do not come with the program, with faults or without."""
    bundled = bundled_profiles().resolve()
    return {path.stem for path in list_profiles([folder for folder in folders if folder.resolve() != bundled])}


def told_apart(sites: Iterable[str], folders: Sequence[Path]) -> tuple[list[Profile], list[ProfileError]]:
    """The profiles of sites that are as they should be, and what is wrong with the others."""
    good: list[Profile] = []
    faulty: list[ProfileError] = []
    for name in sites:
        try:
            good.append(by_name(name, folders))
        except ProfileError as error:
            faulty.append(error)
    return good, faulty


def not_crawled(error: ProfileError) -> str:
    """Which site was left out for the faults of its profile, how to see all, and the first of them, in one line."""
    name, count = Path(error.source).stem, len(error.faults)
    which = f"all {count} faults" if count > 1 else "the fault"
    mend = f"mend its profile (`archiver site check {name}` tells {which})"
    return f"{name}: not crawled; {mend}: {error.source}: {error.faults[0]}"


def for_address(url: str, folders: Sequence[Path], listen: Listener = ignore) -> Profile | None:
    """The profile whose scope holds this address; the one with the longest home when several do.

    A broken profile is never passed over in silence: `listen` hears of it when it may be the one that is meant.

    Raises:
        ProfileError: the profile that claims this address has faults.
    """
    return holding(url, every(folders), listen)


def holding(url: str, listed: Iterable[ListedProfile], listen: Listener = ignore) -> Profile | None:
    """As `for_address`, of profiles that were listed before."""
    found: Profile | None = None
    error: ProfileError | None = None
    longest = -1
    broken: list[ProfileError] = []
    for item in listed:
        claim = (item.profile.site.home, item.profile.crawl.scope) if item.profile else claimed_scope(item.path)
        if claim is None and item.error is not None:
            broken.append(item.error)
        elif claim is not None and len(claim[0]) > longest and in_scope(url, claim[1]):
            longest, found, error = len(claim[0]), item.profile, item.error
    if error is not None:
        hint = Fault("", f"it claims {url}; mend it, or name another profile with --site")
        raise ProfileError(error.source, [*error.faults, hint])
    for passed_over in broken if found is None else ():
        listen(Noticed(Path(passed_over.source).stem, f"a profile with faults was passed over: {passed_over}"))
    return found


def for_nobody_s(store: Store, address: str, folders: Sequence[Path], listen: Listener) -> tuple[Profile, bool]:
    """What an address no profile file holds is read with: what the archive holds for its site, else nothing.

    Gives the profile, and whether it is one.
    """
    general = of_no_profile(address)
    kept = held(store, general.name)
    if kept is None and not is_named(general.name, folders):
        return general, False
    if kept is not None and in_scope(address, kept.crawl.scope):
        listen(Noticed(kept.name, "no profile file holds this address, so the one kept in the archive is used"))
        return kept, True
    return of_no_profile(address, suffix="-other"), False


def is_named(name: str, folders: Sequence[Path]) -> bool:
    """Whether there is a profile file for a site of this name."""
    return find_profile(name, folders) is not None


def held(store: Store, name: str) -> Profile | None:
    """The profile a site of the archive was last read with; None when there was none."""
    site_id = store.pages.site_id(name)
    extractor = None if site_id is None else store.pages.current_extractor(site_id)
    if extractor is None or not extractor.profile:
        return None
    try:
        return parse_profile(extractor.profile, f"profile {name} held by the archive")
    except ProfileError:
        return None


def of_no_profile(url: str, suffix: str = "") -> Profile:
    """A profile for an address nobody described: the site is named after its host and read generically.

    `suffix` tells it from a site whose profile bears that name and does not hold the address.
    """
    origin = origin_of(url)
    site = SiteInfo(site_slug(url) + suffix, origin.partition("//")[2], origin + "/")
    return Profile(site, CrawlRules(scope=(origin + "/",)))


def at_home(profile: Profile, home: str) -> Profile:
    """The same profile for a portal served elsewhere (the demo's port is another each time)."""
    old = profile.site.home
    start = tuple(url.replace(old, home, 1) for url in profile.crawl.start)
    crawl = replace(profile.crawl, scope=(home,), start=start)
    return replace(profile, site=replace(profile.site, home=home), crawl=crawl)
