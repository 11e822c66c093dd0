"""Find a profile by name, or by an address in its scope."""

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
    """Return the profile of a site, by name or by the path of its file.

    Raises:
        ProfileError: there is none (the message suggests the nearest name), or it has faults.
    """
    return load_profile(path_of(name, folders))


def path_of(name: str, folders: Sequence[Path]) -> Path:
    """Return the file of a profile, by the site's name or by the file's own path.

    Raises:
        ProfileError: there is none; the message suggests the nearest name.
    """
    path = Path(name) if name.endswith(".toml") else find_profile(name, folders)
    if path is None or not path.is_file():
        known = sorted({listed.stem for listed in list_profiles(folders)})
        raise ProfileError(name, [Fault("", _unknown(name, known))])
    return path


def new_name(name: str, file: Path | None, folders: Sequence[Path]) -> str:
    """Check the name of a new site and return it. `file`: where its profile will be written, if given.

    Raises:
        UsageError: the name is not a slug, or differs from the file's name.
        ProfileError: a profile of this name exists, and the new one would hide it.
    """
    if not is_slug(name):
        near = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("._-")
        hint = f"; write {near!r}" if near else ""
        raise UsageError(f"{name!r}: not a valid site name; use a-z, 0-9, '.', '_' and '-'{hint}")
    if file is not None and file.name != f"{name}.toml":
        raise UsageError(
            f"{file}: a profile's file has the name of its site; name it {name}.toml, or name the site {file.stem}"
        )
    known = find_profile(name, folders)
    if known is not None and (file is None or known.resolve() != file.resolve()):
        what = f"a profile of this name exists already ({known}); choose another name"
        raise ProfileError(name, [Fault("", what)])
    return name


def _unknown(name: str, known: list[str]) -> str:
    hint = did_you_mean(name, known)
    return f"no profile of this name; {hint}known: {', '.join(known) or 'none'}; `archiver site new URL` writes one"


def checked(path: Path) -> Profile:
    """Return the profile in a file, after checking that the pages of its tests exist.

    Raises:
        ProfileError: it has faults; the error lists all of them.
    """
    profile = load_profile(path)
    missing = missing_files(profile, roots_of(profile))
    if missing:
        raise ProfileError(str(path), missing)
    return profile


def roots_of(profile: Profile) -> tuple[Path, ...]:
    """Return the folders in which the `file` of a profile's tests is searched, in order.

    First `root_of` its file. Then the program's folder with the pages of the bundled profiles, so that a copy of a
    bundled profile finds its pages.
    """
    return root_of(Path(profile.source)), bundled_profiles().parent


def root_of(path: Path) -> Path:
    """Return the folder of the test pages of a profile: the parent of `selectors/`, else the folder of its file."""
    folder = path.resolve().parent
    return folder.parent if folder.name == "selectors" else folder


def every(folders: Sequence[Path]) -> list[ListedProfile]:
    """Return all profiles in the folders, the first of each name; invalid ones with their error."""
    return [_listed(path) for path in list_profiles(folders)]


def _listed(path: Path) -> ListedProfile:
    try:
        return ListedProfile(path, load_profile(path))
    except ProfileError as error:
        return ListedProfile(path, None, error)


def bundled_texts() -> dict[str, str]:
    """Return the TOML of each profile that comes with the program, by its name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in list_profiles([bundled_profiles()])}


def own_names(folders: Sequence[Path]) -> set[str]:
    """Return the names of the profiles that are not bundled, valid or not."""
    bundled = bundled_profiles().resolve()
    return {path.stem for path in list_profiles([folder for folder in folders if folder.resolve() != bundled])}


def load_profiles(sites: Iterable[str], folders: Sequence[Path]) -> tuple[list[Profile], list[ProfileError]]:
    """Load the profiles of sites; return the valid ones, and the errors of the others."""
    good: list[Profile] = []
    faulty: list[ProfileError] = []
    for name in sites:
        try:
            good.append(by_name(name, folders))
        except ProfileError as error:
            faulty.append(error)
    return good, faulty


def not_crawled(error: ProfileError) -> str:
    """Return one line: the site that was not crawled, the first fault of its profile, and how to see all faults."""
    name, count = Path(error.source).stem, len(error.faults)
    which = f"all {count} faults" if count > 1 else "the fault"
    hint = f"fix its profile (`archiver site check {name}` shows {which})"
    return f"{name}: not crawled; {hint}: {error.source}: {error.faults[0]}"


def named_or_for(
    site: str | Profile | None, url: str, folders: Sequence[Path], listen: Listener = ignore
) -> Profile | None:
    """Return the profile that is given or named, else the one whose scope has this address.

    Raises:
        ProfileError: there is none of this name, or it has faults.
    """
    if isinstance(site, Profile):
        return site
    return by_name(site, folders) if site else for_address(url, folders, listen)


def for_address(url: str, folders: Sequence[Path], listen: Listener = ignore) -> Profile | None:
    """Return the profile whose scope has this address; of several, the one with the longest home.

    `listen` gets a warning for each invalid profile that might be the right one.

    Raises:
        ProfileError: the profile whose scope has this address has faults.
    """
    return holding(url, map(_listed, (path for path in list_profiles(folders) if _may_hold(url, path))), listen)


def _may_hold(url: str, path: Path) -> bool:
    """Return whether a profile has to be loaded: not a generic one, whose home and whole scope is NAME.example."""
    home = f"https://{path.stem}.example/"
    if in_scope(url, (home,)) or path.parent.resolve() != bundled_profiles().resolve():
        return True
    text = path.read_text(encoding="utf-8")
    return f'\nhome = "{home}"' not in text or "\nscope = " in text


def holding(url: str, listed: Iterable[ListedProfile], listen: Listener = ignore) -> Profile | None:
    """Do the same as `for_address`, with profiles that are listed already."""
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
        hint = Fault("", f"its scope has {url}; fix it, or name another profile with --site")
        raise ProfileError(error.source, [*error.faults, hint])
    for skipped in broken if found is None else ():
        listen(Noticed(Path(skipped.source).stem, f"a profile with faults was skipped: {skipped}"))
    return found


def for_unclaimed(store: Store, address: str, folders: Sequence[Path], listen: Listener) -> tuple[Profile, bool]:
    """Return the profile for an address in no profile's scope, and whether it is a real one.

    That is the profile stored in the archive for the address's site, else a generic profile.
    """
    general = generic_profile(address)
    kept = stored(store, general.name)
    if kept is None and not is_named(general.name, folders):
        return general, False
    if kept is not None and in_scope(address, kept.crawl.scope):
        listen(
            Noticed(
                kept.name, "no profile file has this address in its scope; the profile stored in the archive is used"
            )
        )
        return kept, True
    return generic_profile(address, suffix="-other"), False


def is_named(name: str, folders: Sequence[Path]) -> bool:
    """Return whether there is a profile file for a site of this name."""
    return find_profile(name, folders) is not None


def stored(store: Store, name: str) -> Profile | None:
    """Return the profile that last read a site of the archive; None when there was none."""
    site_id = store.pages.site_id(name)
    extractor = None if site_id is None else store.pages.current_extractor(site_id)
    if extractor is None or not extractor.profile:
        return None
    try:
        return parse_profile(extractor.profile, f"profile {name} stored in the archive")
    except ProfileError:
        return None


def generic_profile(url: str, suffix: str = "") -> Profile:
    """Return a generic profile for an address without a profile. The site's name is made from the host.

    `suffix` is added to the name when another site, without this address in its scope, has that name.
    """
    origin = origin_of(url)
    site = SiteInfo(site_slug(url) + suffix, origin.partition("//")[2], origin + "/")
    return Profile(site, CrawlRules(scope=(origin + "/",)))


def at_home(profile: Profile, home: str) -> Profile:
    """Return the profile with another home, for a portal served elsewhere (the demo has a new port each time)."""
    old = profile.site.home
    start = tuple(url.replace(old, home, 1) for url in profile.crawl.start)
    crawl = replace(profile.crawl, scope=(home,), start=start)
    return replace(profile, site=replace(profile.site, home=home), crawl=crawl)
