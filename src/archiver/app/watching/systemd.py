"""A job as a service and a timer of systemd's user manager, with systemd's escapes of specifiers and quotes."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from archiver.app.watching.schedule import AT_NIGHT, DAY, HOUR, WEEK, Every, Job
from archiver.errors import UsageError

_MADE_BY = "# Made by `archiver schedule`"  # the files of every version begin with it
MARK = f"{_MADE_BY}, which replaces or removes it."
_PLAIN = re.compile(r"[\w./:=@+,-]+", re.ASCII)
_LONGEST_DELAY = 300  # seconds
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108  (a private one would hide an archive in it)

HARDENED = """PrivateDevices=yes
PrivateUsers=yes
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
"""
"""What no service of ours needs: devices, other processes, the kernel, privileges, unusual system calls."""

_SERVICE = """{mark}
[Unit]
Description=archiver: crawl {sites}

[Service]
Type=oneshot
WorkingDirectory={folder}
# put ARCHIVER_NOTIFY=… here: addresses hold passwords, so only you should be able to read this file
EnvironmentFile=-%E/archiver/env
{environment}ExecStart={command}
# 1: some visits failed, which is normal; 5, an alarm, makes the unit fail
SuccessExitStatus=1 130
Nice=10
TimeoutStopSec=5min
# the crawler writes its archive and its state, and nothing else
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={writes}
PrivateTmp={private_tmp}
{hardened}"""
_TIMER = """{mark}
[Unit]
Description=archiver: crawl {sites} every {every}

[Timer]
{when}
RandomizedDelaySec={delay}
Persistent=true

[Install]
WantedBy=timers.target
"""


def folder_of(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the user's units."""
    base = Path(environment.get("XDG_CONFIG_HOME") or "")
    return (base if base.is_absolute() else Path.home() / ".config") / "systemd" / "user"


def units(job: Job, every: Every) -> dict[str, str]:
    """Return the text of both files by name. systemd does not start a running service, so crawls do not overlap."""
    kept = "".join(f"Environment={quoted(f'{name}={value}')}\n" for name, value in job.environment.items())
    service = _SERVICE.format(
        mark=MARK,
        hardened=HARDENED,
        sites=percent(job.sites),
        folder=percent(str(job.folder)),
        environment=kept,
        command=command_line(job.command),
        writes=" ".join(quoted(str(path)) for path in job.writes),
        private_tmp="no" if any(path.is_relative_to(tmp) for path in job.writes for tmp in _TEMPORARY) else "yes",
    )
    delay = min(every.minutes * 6, _LONGEST_DELAY)
    timer = _TIMER.format(mark=MARK, sites=percent(job.sites), every=every, when=_when(every, job.minute), delay=delay)
    return {f"{job.name}.service": service, f"{job.name}.timer": timer}


def _when(every: Every, minute: int) -> str:
    size = every.minutes
    if not every.is_even:  # no calendar expression: count from the last start, and from the start of the machine
        return f"OnStartupSec=5min\nOnUnitActiveSec={size}min"
    if size < HOUR:
        return f"OnCalendar=*-*-* *:{minute % size:02}/{size}:00"
    if size < DAY:
        return f"OnCalendar=*-*-* 00/{size // HOUR}:{minute:02}:00"
    return f"OnCalendar={'Mon ' if size == WEEK else ''}*-*-* {AT_NIGHT:02}:{minute:02}:00"


def percent(text: str) -> str:
    """Return a text without specifiers of systemd."""
    return text.replace("%", "%%")


def quoted(argument: str) -> str:
    """Return an argument of a command, or a path, as systemd reads it."""
    if _PLAIN.fullmatch(argument):
        return argument
    return '"' + percent(argument).replace("\\", "\\\\").replace('"', '\\"') + '"'


def command_line(words: tuple[str, ...]) -> str:
    """Return the ExecStart command. Dollars are doubled except in the program: systemd expands variables there."""
    return " ".join([quoted(words[0]), *(quoted(argument.replace("$", "$$")) for argument in words[1:])])


def install(job: Job, every: Every, folder: Path) -> list[Path]:
    """Write both files; return those that are new or changed.

    Raises:
        UsageError: a file of this name was not made by archiver, or cannot be written.
    """
    return write_units(units(job, every), folder, job.writes, "--cron")


def write_units(wanted: Mapping[str, str], folder: Path, writes: tuple[Path, ...], otherwise: str) -> list[Path]:
    """Write units; return the files that are new or changed.

    Args:
        wanted: their text by name.
        folder: of the user's units.
        writes: folders that they may write to; a service cannot make these.
        otherwise: the option to use when the folder cannot be written.

    Raises:
        UsageError: a file of this name was not made by archiver, or cannot be written.
    """
    paths = {folder / name: text for name, text in wanted.items()}
    changed = [path for path, text in paths.items() if _ours(path) != text]
    try:
        for path in (folder, *writes):
            path.mkdir(parents=True, exist_ok=True)
        for path in changed:
            draft = path.with_name(f".{path.name}.tmp")
            draft.write_text(paths[path], encoding="utf-8")
            draft.replace(path)
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written: {error.strerror}; make it writable, or use {otherwise}"
        ) from error
    return changed


def remove(job: Job, folder: Path) -> list[Path]:
    """Remove both files and the link that enables the timer; return the files that existed.

    Raises:
        UsageError: a file of this name was not made by archiver.
    """
    return remove_units((f"{job.name}.service", f"{job.name}.timer"), folder, "timers.target.wants")


def remove_units(names: tuple[str, ...], folder: Path, wants: str) -> list[Path]:
    """Remove units and the links that enable them; return the files that existed. `wants`: the folder of the links.

    Raises:
        UsageError: a file of this name was not made by archiver.
    """
    there = [folder / name for name in names if _ours(folder / name) is not None]
    links = [folder / wants / name for name in names]
    for path in (*there, *(link for link in links if link.is_symlink())):
        path.unlink()
    return there


def _ours(path: Path) -> str | None:
    """Return the text of the file; None when it does not exist."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    if not text.startswith(_MADE_BY):
        raise UsageError(f"{path}: was not made by archiver and is unchanged; move it away")
    return text
