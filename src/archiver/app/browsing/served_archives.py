"""Which archives a server shows, and by which names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from archiver.errors import UsageError
from archiver.extract.profile import is_slug
from archiver.settings import Settings
from archiver.store.open_file import has_application_id
from archiver.store.schema import APPLICATION_ID

RESERVED = ("static", "login", "logout", "archives.json", "act", "web", "fleet", "fleet.json", "fleet.csv")
"""Names of other paths of a server with several archives."""


def served_archives(given: Sequence[Path], settings: Settings) -> list[tuple[str, Settings]]:
    """Return the archives of a server, each with its name.

    Args:
        given: archives, and folders of archives; none: that of the settings.
        settings: everything else.

    Raises:
        UsageError: a folder has no archive, or two archives have one name.
    """
    paths = [path for each in given for path in _in_folder(each)] or [settings.archive]
    paths = list(dict.fromkeys(path.absolute() for path in paths))
    counts = Counter(path.stem for path in paths)
    named = [(path.stem if counts[path.stem] == 1 else path.parent.name, path) for path in paths]
    twice = [name for name, count in Counter(name for name, _ in named).items() if count > 1]
    if twice:
        raise UsageError(f"two archives are called {twice[0]}; rename one, because their names are in addresses")
    if len(named) > 1 and (bad := [name for name, _ in named if name in RESERVED or not is_slug(name.lower())]):
        raise UsageError(f"{bad[0]}: an archive with this name cannot be one of several; use letters, digits, . _ -")
    return [(name, replace(settings, archive=path)) for name, path in named]


def _in_folder(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.glob("*.db") if has_application_id(each, APPLICATION_ID))
    if not found:
        raise UsageError(f"{path}: there is no archive in this folder; name a file, or another folder")
    return found
