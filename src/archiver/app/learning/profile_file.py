"""The file of a profile that is learned: where it is, and how it is written. Text that is there is never replaced."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.app import profiles
from archiver.errors import Fault, ProfileError, UsageError
from archiver.extract.profile import find_profile, load_profile
from archiver.learn.learned import LearnedProfile
from archiver.model.profile import Profile
from archiver.settings import bundled_profiles


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """The file of a profile.

    Attributes:
        path: the file.
        existing: the profile in it; None when there is no file yet.
    """

    path: Path
    existing: Profile | None

    @property
    def root(self) -> Path:
        """Return the folder to which the `file` of tests is relative."""
        return profiles.root_of(self.path)


def profile_file(name: str, output: Path | None, folders: Sequence[Path]) -> ProfileFile:
    """Return the file for the profile of a site: the one that exists, else `output`, else `selectors/NAME.toml`.

    Raises:
        UsageError: the name is not a slug, or differs from the file's name.
        ProfileError: the profile that exists has faults, comes with the program, or is in another file.
    """
    known = find_profile(name, folders)
    if known is not None and known.parent.resolve() == bundled_profiles().resolve():
        what = "a profile of this name comes with the program; choose another name"
        raise ProfileError(name, [Fault("", what)])
    path = output or known or Path("selectors") / f"{name}.toml"
    profiles.new_name(name, path, folders)
    return ProfileFile(path, load_profile(path) if path.exists() else None)


def write_learned(file: ProfileFile, learned: LearnedProfile) -> LearnedProfile:
    """Write a learned profile and the pages of its tests; return it with the names that its pages got.

    The pages are written first, so that the profile never names a page that is missing. A page gets another name when
    a file of its name exists.

    Raises:
        UsageError: a folder or file cannot be written, or the profile was edited meanwhile.
    """
    learned = _with_free_names(file, learned)
    _check_unchanged(file)
    try:
        for page in learned.pages:
            _write(file.root / page.file, page.body)
        if file.existing is None or learned.text != file.existing.text:
            _write(file.path.resolve(), learned.text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"{error.filename or file.path}: cannot be written: {error.strerror}") from error
    return learned


def _with_free_names(file: ProfileFile, learned: LearnedProfile) -> LearnedProfile:
    """Return the profile with names for its pages that no other file has."""
    text, pages = learned.text, []
    taken = {each.file for each in learned.profile.tests}
    for page in learned.pages:
        name = page.file
        if _is_other(file.root / name, page.body):
            folder = name.rpartition("/")[0]
            numbers = (f"{folder}/{number}.html" for number in range(1, 100_000))
            free = (each for each in numbers if each not in taken and not (file.root / each).exists())
            name = next(free)
            taken.add(name)
            text = text.replace(f'file = "{page.file}"\nurl = ', f'file = "{name}"\nurl = ')
        pages.append(page._replace(file=name))
    return LearnedProfile(text, learned.profile, learned.fields, learned.notes, tuple(pages))


def _is_other(path: Path, body: bytes) -> bool:
    try:
        return path.read_bytes() != body
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _check_unchanged(file: ProfileFile) -> None:
    try:
        now: bytes | None = file.path.read_bytes()
    except FileNotFoundError:
        now = None
    except OSError as error:
        raise UsageError(f"{file.path}: cannot be read: {error.strerror}") from error
    if now != (None if file.existing is None else file.existing.text.encode("utf-8")):
        raise UsageError(f"{file.path}: was changed by another program meanwhile; run the same command again")


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(data)
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o7777)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
