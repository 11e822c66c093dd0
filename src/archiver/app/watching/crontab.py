"""A job as a line of a crontab: absolute paths, output to a log, and the job's name as a comment at the end."""

import os
import shlex
import shutil
import subprocess

from archiver.app.watching.schedule import AT_NIGHT, DAY, HOUR, WEEK, Every, Job
from archiver.errors import UsageError

_LONGEST = 990  # bytes: cron truncates longer lines


def line_of(job: Job, every: Every) -> str:
    """Return the line. Two crawls of a site never overlap: the second one logs a message and ends at once.

    Raises:
        UsageError: cron has no even schedule for this interval, or the line is too long for cron.
    """
    if not every.is_even:
        raise UsageError(
            f"cron cannot run every {every} evenly; use --every {every.nearest}, the nearest interval it has, "
            "or --systemd, which has any"
        )
    kept = "".join(f"{name}={shlex.quote(value)} " for name, value in job.environment.items())
    made = "" if job.log.parent.is_dir() else f"mkdir -p {shlex.quote(str(job.log.parent))} && "
    command = (
        f"cd {shlex.quote(str(job.folder))} && {made}{kept}nice -n 10 {shlex.join(job.command)} "
        f">>{shlex.quote(str(job.log))} 2>&1"
    )
    line = f"{_when(every, job.minute)} {command.replace('%', chr(92) + '%')} # {job.name}"
    if len(line.encode("utf-8", "surrogateescape")) > _LONGEST:
        raise UsageError("the line is longer than cron can read; schedule fewer sites in one job, or use --systemd")
    return line


def _when(every: Every, minute: int) -> str:
    size = every.minutes
    if size < HOUR:
        return "* * * * *" if size == 1 else f"{minute % size}-59/{size} * * * *"
    if size < DAY:
        return f"{minute} {'*' if size == HOUR else f'*/{size // HOUR}'} * * *"
    return f"{minute} {AT_NIGHT} * * {'1' if size == WEEK else '*'}"


def install(name: str, line: str | None) -> bool:
    """Add the line to the user's crontab, or replace the line of the same name; None removes it.

    Return whether the crontab changed. All other lines are kept byte for byte.

    Raises:
        UsageError: the crontab cannot be read or written; it is then unchanged.
    """
    program = shutil.which("crontab")
    if program is None:
        raise UsageError(
            "the program `crontab` is not installed; use --systemd, or leave out --install and add the line yourself"
        )
    before = _read(program)
    after = merged(before, name, line)
    if after == before:
        return False
    done = subprocess.run([program, "-"], input=after, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise UsageError(f"crontab rejected the new line ({_last_line(done.stderr)}); add it with `crontab -e`")
    return True


def merged(before: bytes, name: str, line: str | None) -> bytes:
    """Return a crontab with the line of this name replaced or appended, or removed when `line` is None."""
    mark = b" # " + name.encode()
    wanted = [] if line is None else [line.encode("utf-8", "surrogateescape") + b"\n"]
    after: list[bytes] = []
    for old in before.splitlines(keepends=True):
        if not old.rstrip(b" \t\r\n").endswith(mark):
            after.append(old)
        elif wanted:
            after.append(wanted.pop())
    if wanted and after and not after[-1].endswith(b"\n"):
        after[-1] += b"\n"
    return b"".join(after + wanted)


def _read(program: str) -> bytes:
    done = subprocess.run(  # noqa: S603
        [program, "-l"], env={**os.environ, "LC_ALL": "C"}, capture_output=True, check=False
    )
    if done.returncode == 0:
        return done.stdout
    if b"no crontab" in done.stderr.lower():
        return b""
    raise UsageError(f"the crontab cannot be read ({_last_line(done.stderr)}) and is unchanged; use `crontab -e`")


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "no error message"
