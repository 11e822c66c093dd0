"""Run a command of archiver on the archive of a site of a fleet, under its lease, and publish what it changed.

    claim the site  →  bring its newest generation here  →  the command, in a process of its own  →  publish

What a command that fails has committed is published as well, as it would stay in an archive on this machine, if SQLite
finds both files sound. When the lease is lost meanwhile, nothing is published.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from archiver.app.fleet.hold_site import LEASE_SECONDS, SiteHold, hold_site, name_of_command
from archiver.app.fleet.working_copy import patiently, storage_of, working_copy
from archiver.errors import ArchiveDamaged, ShardFenced, SiteBusy, StorageUnavailable, UsageError
from archiver.maintain.generations.manifest import FILES
from archiver.maintain.generations.prune import has_redacted_bytes
from archiver.maintain.generations.shard_copy import ShardCopy
from archiver.model.clock import Clock
from archiver.model.generation import Generation
from archiver.model.lease import Leases
from archiver.model.stored_object import ObjectStorage
from archiver.polite.stop import endings, handling
from archiver.store.plain_files import open_plain, problems
from archiver.text.clean import printable

_REFUSED = {
    "fleet": "it is about all archives of a fleet; run it by itself",
    "worker": "it is about all archives of a fleet; run it by itself",
    "serve": "it does not end; serve a copy that `archiver fleet fetch` makes",
    "schedule": "workers crawl the sites of a fleet",
    "demo": "it makes an archive of its own; run it by itself",
    "site": "it writes profiles on this machine; use it on a copy that `archiver fleet fetch` makes",
}
_REWRITING = {"redact": "", "repair": "", "prune": "--apply", "verify": "--clean"}
"""Commands that rewrite the files, and must have them alone; some only with an option."""
_REQUESTING = ("capture", "crawl")
_READING = ("capture", "crawl", "extract", "import", "repair")
"""Commands after which it is not known whether one version of the profile has read all captures."""
_LOOK = 0.2  # seconds between two looks at the lease


@dataclass(frozen=True, slots=True)
class RanCommand:
    """How a command ended.

    Attributes:
        code: its exit code; 128 and the number of the signal when it was killed.
        published: the generation with what it changed; None: it changed nothing.
        is_left: generations from before a redaction could not all be deleted, or that is not known.
    """

    code: int
    published: Generation | None
    is_left: bool


def demand_runnable(command: Sequence[str]) -> None:
    """Check a command and its arguments.

    Raises:
        UsageError: it cannot be run on the archive of a site.
    """
    name = command[0]
    if name in _REFUSED:
        raise UsageError(f"{name}: cannot be run on an archive of a fleet: {_REFUSED[name]}")
    if name.startswith("-"):
        raise UsageError(
            f"{name}: name the command first, then its options: `archiver fleet run SITE -- verify --deep`"
        )
    if any(word.partition("=")[0] == "--archive" for word in command):
        raise UsageError("--archive: leave it out; the command runs on the archive of the site")


def run_command(
    leases: Leases,
    site: str,
    command: Sequence[str],
    folder: Path,
    clock: Clock,
    note: Callable[[str], None],
    *,
    seconds: float = LEASE_SECONDS,
) -> RanCommand:
    """Run a command on the archive of a site.

    Its input and output are those of this process. It has the newest profile of the fleet. SIGINT is left to the
    command, to which a terminal sends it as well; other signals that end a program are passed on.

    Args:
        leases: the control database.
        site: the name of the site.
        command: the name of the command, and its arguments.
        folder: for working copies.
        clock: for the time in the manifest.
        note: called with a line when the lease cannot be renewed.
        seconds: how long a lease lasts without a renewal.

    Raises:
        SiteBusy: another one holds the site, or the lease was lost; nothing was published.
        UsageError: it is not in the fleet, or the command cannot be run, or it added another site to the archive.
        ArchiveDamaged: the command failed and left a damaged file; nothing was published.
        ShardDamaged, StorageUnavailable, FleetUnavailable: nothing was published.
    """
    demand_runnable(command)
    holder = name_of_command("run")
    try:
        with (
            hold_site(leases, site, holder, seconds=seconds, note=note) as hold,
            working_copy(hold, folder, clock) as copy,
        ):
            begun = copy.begin(hold.lease.epoch, holder, hold.check)
            try:
                return _run_and_publish(leases, hold, copy, begun, command)
            finally:
                shutil.rmtree(copy.path.parent, ignore_errors=True)
    except ShardFenced as error:
        raise SiteBusy(f"{site}: the lease was lost, and nothing was published; run this again") from error


def _run_and_publish(
    leases: Leases, hold: SiteHold, copy: ShardCopy, begun: Generation | None, command: Sequence[str]
) -> RanCommand:
    profile = leases.profile(hold.lease.site)
    with tempfile.TemporaryDirectory(prefix="archiver-run.") as profiles:
        if profile is not None:
            Path(profiles, f"{hold.lease.site}.toml").write_text(profile.text, encoding="utf-8")
        given = ["--archive", str(copy.path.absolute()), "--selectors", profiles]
        hold.has_requested = command[0] in _REQUESTING
        sites = _sites(copy.path) | {hold.lease.site}
        with copy.recording(rewritten=_is_rewriting(command)):
            code = _run([sys.executable, "-m", "archiver", *given, *command], hold)
    hold.check()
    if code:
        _demand_sound(copy.path.parent)
    if others := sorted(_sites(copy.path) - sites):
        raise UsageError(
            f"{hold.lease.site}: the command added {', '.join(others[:5])}, and the archive of a fleet has one site; "
            "nothing was published"
        )
    version = 0 if begun is None or command[0] in _READING else begun.profile_version
    published = patiently(lambda: copy.ship(hold.check, version), hold)
    if published is not None:
        hold.shard = published.state
    return RanCommand(code, published, _is_left(storage_of(hold.lease.site, hold.lease.storage), published or begun))


def _is_rewriting(command: Sequence[str]) -> bool:
    option = _REWRITING.get(command[0])
    return option is not None and (not option or option in command) and "--dry-run" not in command


def _run(arguments: list[str], hold: SiteHold) -> int:
    """Run a program until it ends; end it when the lease ends. Return its exit code."""
    with subprocess.Popen(arguments) as process:  # noqa: S603  (this program, without a shell)

        def pass_on(number: int, _frame: FrameType | None) -> None:
            if number != signal.SIGINT:
                process.send_signal(number)

        is_told = False
        with handling((signal.SIGINT, *endings()), pass_on):
            while True:
                try:
                    code = process.wait(_LOOK)
                except subprocess.TimeoutExpired:
                    if not hold.held.left:
                        process.kill()
                    elif hold.held.must_end() and not is_told:
                        is_told = True
                        process.terminate()
                else:
                    return code if code >= 0 else 128 - code


def _demand_sound(folder: Path) -> None:
    """Raise ArchiveDamaged when SQLite finds a fault in a file."""
    for path in (folder / name for name in FILES):
        if path.is_file():
            with closing(open_plain(path, write=True)) as file:
                for problem in problems(file):
                    raise ArchiveDamaged(
                        f"{path.name}: {printable(problem, 200)}; the command failed, and nothing was published"
                    )


def _sites(archive: Path) -> set[str]:
    """Return the sites of an archive."""
    if not archive.is_file():
        return set()
    with closing(open_plain(archive, write=True)) as file:
        return {str(name) for (name,) in file.raw.execute("SELECT site FROM sites")}


def _is_left(storage: ObjectStorage, newest: Generation | None) -> bool:
    try:
        return newest is not None and has_redacted_bytes(storage, newest)
    except StorageUnavailable:
        return True
