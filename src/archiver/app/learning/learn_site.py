"""Learn the profile of a site from its pages, and write it with the pages of its tests."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archiver.app import profiles
from archiver.app.learning.learn_api_site import FoundApi, found_api, learned_api
from archiver.app.learning.learned_report import TableReport, report_of
from archiver.app.learning.profile_file import ProfileFile, write_learned
from archiver.app.learning.sample_pages import LearningRequest, SamplePages, UsedPage
from archiver.errors import Fault, ProfileError, UsageError
from archiver.extract.profile import load_profile
from archiver.extract.testing import run_tests
from archiver.learn.learn import learn_profile
from archiver.learn.learned import LearnedProfile
from archiver.model.event import Progress
from archiver.model.profile import Profile


@dataclass(frozen=True, slots=True)
class LearnedSite:
    """A profile that was learned and written.

    Attributes:
        path: its file.
        text: its TOML.
        is_new: whether the file is new; else it was extended.
        new_tables, new_tests: how many `[[page]]` and `[[test]]` tables were added.
        files: the pages of the tests that were written.
        used: the pages that were asked for.
        tables: what reads the pages.
        notes: what is not certain.
        api: the API from which the pages got their data; None when there is none, or no browser opened them.
        reads_api: whether the profile reads that API, and not the pages.
    """

    name: str
    path: Path
    text: str
    is_new: bool
    new_tables: int
    new_tests: int
    files: tuple[Path, ...]
    used: tuple[UsedPage, ...]
    tables: tuple[TableReport, ...]
    notes: tuple[str, ...]
    api: FoundApi | None = None
    reads_api: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "site": self.name,
            "path": str(self.path),
            "is_new": self.is_new,
            "new_tables": self.new_tables,
            "new_tests": self.new_tests,
            "files": [str(each) for each in self.files],
            "pages": [each.as_json() for each in self.used],
            "tables": [each.as_json() for each in self.tables],
            "notes": list(self.notes),
            "api": None if self.api is None else self.api.as_json(),
            "reads_api": self.reads_api,
            "text": self.text,
        }


def learn_site(file: ProfileFile, found: SamplePages, wanted: LearningRequest) -> LearnedSite:
    """Learn a profile from pages, write it, and run its tests. A profile that exists is extended.

    Raises:
        UsageError: none of the pages is an article, or the file cannot be written.
        ProfileError: the profile that exists cannot be extended.
    """
    wanted.listen(Progress(f"learning from {len(found.pages)} pages", 0, None))
    existing, pages = file.existing, found.pages
    api: FoundApi | None
    try:
        if wanted.is_api:
            learned, pages, api = learned_api(file, pages, wanted)
        else:
            learned = _without_spare_tests(learn_profile(pages, wanted.name, existing), existing)
            api = found_api(pages, wanted.name)
    except UsageError as error:
        raise error if wanted.is_api else UsageError(f"{wanted.name}: {error}") from error
    except ProfileError as error:
        what = f"cannot be extended ({error.faults[0]}); write each of its tables as [[page]] and [[test]]"
        raise ProfileError(str(file.path), [Fault("", what)]) from error
    tables, doubts = report_of(learned, pages, existing)
    written = write_learned(file, learned)
    profile = load_profile(file.path)
    failed = [f"its test fails: {each}" for each in run_tests(profile, *profiles.roots_of(profile)) if not each.ok]
    return LearnedSite(
        wanted.name,
        file.path,
        written.text,
        existing is None,
        len(profile.pages) - (len(existing.pages) if existing else 0),
        len(profile.tests) - (len(existing.tests) if existing else 0),
        tuple(file.root / each.file for each in written.pages),
        tuple(found.used),
        tuple(tables),
        tuple(dict.fromkeys((*learned.notes, *doubts, *failed, *found.notes))),
        api,
        wanted.is_api,
    )


def _without_spare_tests(learned: LearnedProfile, existing: Profile | None) -> LearnedProfile:
    """Return a profile that gets tests only with new tables, or when it has none: each learning would add some."""
    if existing is None or not existing.tests or len(learned.profile.pages) > len(existing.pages):
        return learned
    return replace(learned, text=existing.text, profile=existing, pages=())
