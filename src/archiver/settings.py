"""Find settings: the command line first, then the environment, then the defaults."""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.model.clock import Clock, system_clock
from archiver.model.policy import Retries
from archiver.store.real_file import real_file

if TYPE_CHECKING:
    from archiver.fetch.address_guard import AddressGuard

DEFAULT_ARCHIVE = Path("data/archive.db")


def package_version() -> str:
    """Return the version of this archiver."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (start-up)

    try:
        return version("portal-archiver")
    except PackageNotFoundError:  # running from a source tree that was never installed
        return "0"


def bundled_profiles() -> Path:
    """Return the folder of the profiles that ship with the program."""
    here = Path(__file__).parent
    installed = here / "selectors"
    return installed if installed.is_dir() else here.parent.parent / "selectors"


@dataclass(frozen=True)
class Settings:
    """The settings of a command. Tests and the demo replace `clock`, `retries` and `guard`.

    `archive`: a symbolic link is replaced by its target; the vault and the locks are in the folder of the target.
    `guard`: returns what resolves and checks the hosts of one capture or crawl; None: the operating system resolves.
    `servers`: the file that all archivers of this user share; it says when each server may be requested again.
    """

    archive: Path = DEFAULT_ARCHIVE
    selectors: tuple[Path, ...] = ()
    clock: Clock = system_clock
    retries: Retries = field(default_factory=Retries)
    servers: Path | None = None
    guard: "Callable[[], AddressGuard] | None" = None

    def new_guard(self) -> "AddressGuard | None":
        """Return what resolves and checks the hosts of one capture or crawl; None: the operating system resolves."""
        return self.guard() if self.guard is not None else None

    def __post_init__(self) -> None:
        """Follow a symbolic link."""
        object.__setattr__(self, "archive", real_file(self.archive))


def find_settings(
    archive: Path | None = None, selectors: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Return settings by option, then `$ARCHIVER_ARCHIVE` and `$ARCHIVER_SELECTORS`, then the defaults."""
    chosen = archive or Path(environment.get("ARCHIVER_ARCHIVE") or DEFAULT_ARCHIVE)
    first = selectors or (Path(environment["ARCHIVER_SELECTORS"]) if environment.get("ARCHIVER_SELECTORS") else None)
    folders = tuple(folder for folder in (first, Path("selectors"), bundled_profiles()) if folder is not None)
    return Settings(chosen, folders, servers=state_folder(environment) / "servers.db")


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of state that belongs to no archive: `$ARCHIVER_STATE`, else the user's state folder (XDG)."""
    if environment.get("ARCHIVER_STATE"):
        return Path(environment["ARCHIVER_STATE"])
    if environment.get("LOCALAPPDATA"):
        return Path(environment["LOCALAPPDATA"]) / "archiver"
    base = environment.get("XDG_STATE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".local" / "state") / "archiver"
    except RuntimeError:  # the user has no home folder
        return Path(tempfile.gettempdir()) / "archiver-state"


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of what can be fetched again: `$ARCHIVER_CACHE`, else the user's cache folder (XDG)."""
    if environment.get("ARCHIVER_CACHE"):
        return Path(environment["ARCHIVER_CACHE"])
    if environment.get("LOCALAPPDATA"):
        return Path(environment["LOCALAPPDATA"]) / "archiver" / "cache"
    base = environment.get("XDG_CACHE_HOME")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "archiver"
    except RuntimeError:  # the user has no home folder
        return Path(tempfile.gettempdir()) / "archiver-cache"
