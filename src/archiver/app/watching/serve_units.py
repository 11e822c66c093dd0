"""The web interface as a socket and a service of systemd's user manager: systemd listens, and starts it when asked."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.app.watching.schedule import given_selectors, program
from archiver.app.watching.systemd import HARDENED, MARK, command_line, percent, quoted
from archiver.errors import UsageError
from archiver.settings import Settings

LISTEN = "127.0.0.1:8002"
_ADDRESS = re.compile(r"(?:[0-9.]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_NOT_HERE = ("--host", "--port")
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108  (a private one would hide an archive in it)

_SOCKET = """{mark}
[Unit]
Description=archiver: web interface of {archive}

[Socket]
ListenStream={listen}
SocketMode=0660

[Install]
WantedBy=sockets.target
"""
_SERVICE = """{mark}
[Unit]
Description=archiver: web interface of {archive}
Requires={name}.socket
After={name}.socket

[Service]
Type=exec
WorkingDirectory={folder}
{environment}ExecStart={command}
Restart=on-failure
RestartSec=5s
TimeoutStopSec=30s
# with --act: process, so that a crawl that a visitor started goes on
KillMode={kill}
MemoryMax=1G
TasksMax=256
# readers share SQLite's index of its log with the crawler, so the folder of the archive must be writable
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={writes}
PrivateTmp={private_tmp}
PrivateNetwork={private_network}
{hardened}"""


@dataclass(frozen=True, slots=True)
class ServeJob:
    """The web interface of an archive. All paths are absolute.

    Attributes:
        name: unique for this archive; of letters, digits and '-'.
        listen: the address and port, or the path of a Unix socket.
        options: of `archiver serve`.
        writes: the folders that it writes to.
    """

    name: str
    archive: Path
    listen: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    writes: tuple[Path, ...]
    acts: bool


def serve_job(
    settings: Settings, options: Sequence[str], listen: str = LISTEN, environment: Mapping[str, str] = os.environ
) -> ServeJob:
    """Return the job that serves an archive.

    Args:
        settings: name the archive.
        options: of `archiver serve`, such as `--act`.
        listen: `127.0.0.1:8002`, or the absolute path of a Unix socket.
        environment: of this process.

    Raises:
        UsageError: the address is none, an option belongs to the socket, or a text cannot be written into a unit.
    """
    if not _ADDRESS.fullmatch(listen) and not listen.startswith("/"):
        raise UsageError(f"--listen {listen}: not an address with a port; write 127.0.0.1:8002, or /run/…/archive.sock")
    if wrong := [each for each in options if each.partition("=")[0] in _NOT_HERE]:
        raise UsageError(f"{wrong[0]}: systemd listens for the server; use --listen ADDRESS:PORT")
    archive = settings.archive.absolute()
    digest = hashlib.sha256(str(archive.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    command = (*program(), "--archive", str(archive), *given_selectors(settings), "serve", *options)
    kept = {name: str(Path(environment[name]).absolute()) for name in ("ARCHIVER_STATE",) if environment.get(name)}
    acts = "--act" in options
    written = (archive, settings.servers, *_profiles(settings)) if acts else (archive,)
    writes = tuple(dict.fromkeys(path.absolute().parent for path in written if path is not None))
    for text in (*command, listen, str(Path.cwd()), *kept.values()):
        if not text.isprintable():
            raise UsageError(f"{text!r}: a unit cannot hold a name with unprintable characters; rename it")
    return ServeJob(f"archiver-serve-{digest}", archive, listen, command, Path.cwd(), kept, writes, acts)


def _profiles(settings: Settings) -> tuple[Path, ...]:
    """Return a path in the folder that new profiles are written to."""
    given = given_selectors(settings)
    return ((Path(given[1]) if given else Path("selectors")) / "x.toml",)


def serve_units(job: ServeJob) -> dict[str, str]:
    """Return the text of both files by name."""
    kept = "".join(f"Environment={quoted(f'{name}={value}')}\n" for name, value in job.environment.items())
    socket = _SOCKET.format(mark=MARK, archive=percent(str(job.archive)), listen=percent(job.listen))
    service = _SERVICE.format(
        mark=MARK,
        name=job.name,
        archive=percent(str(job.archive)),
        folder=percent(str(job.folder)),
        environment=kept,
        command=command_line(job.command),
        kill="process" if job.acts else "control-group",
        writes=" ".join(quoted(str(path)) for path in job.writes),
        private_tmp="no" if any(path.is_relative_to(tmp) for path in job.writes for tmp in _TEMPORARY) else "yes",
        private_network="no" if job.acts else "yes",
        hardened=HARDENED,
    )
    return {f"{job.name}.socket": socket, f"{job.name}.service": service}
