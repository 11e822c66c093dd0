"""A job as a line of a crontab: everything in it absolute, nothing mailed, found again by the name at its end."""

import os
import shlex
import shutil
import subprocess

from archiver.app.watching.schedule import AT_NIGHT, DAY, HOUR, WEEK, Every, Job
from archiver.errors import UsageError

_LONGEST = 990  # characters: cron cuts what is longer


def line_of(job: Job, every: Every) -> str:
    """The line. Two crawls of a site never overlap: the second one leaves at once, with a word in the log.

    Raises:
        UsageError: cron cannot run it so often evenly, or cannot take so long a line.
    """
    if not every.is_even:
        raise UsageError(
            f"cron cannot run every {every} evenly; the nearest it can is --every {every.nearest}, "
            "and --systemd can do any"
        )
    kept = "".join(f"{name}={shlex.quote(value)} " for name, value in job.environment.items())
    made = "" if job.log.parent.is_dir() else f"mkdir -p {shlex.quote(str(job.log.parent))} && "
    command = (
        f"cd {shlex.quote(str(job.folder))} && {made}{kept}nice -n 10 {shlex.join(job.words)} "
        f">>{shlex.quote(str(job.log))} 2>&1"
    )
    line = f"{_when(every, job.minute)} {command.replace('%', chr(92) + '%')} # {job.name}"
    if len(line.encode("utf-8", "surrogateescape")) > _LONGEST:
        raise UsageError("this line is longer than cron can read; crawl fewer sites in one, or use --systemd")
    return line


def _when(every: Every, minute: int) -> str:
    size = every.minutes
    if size < HOUR:
        return "* * * * *" if size == 1 else f"{minute % size}-59/{size} * * * *"
    if size < DAY:
        return f"{minute} {'*' if size == HOUR else f'*/{size // HOUR}'} * * *"
    return f"{minute} {AT_NIGHT} * * {'1' if size == WEEK else '*'}"


def install(name: str, line: str | None) -> bool:
    """Put our line into the user's crontab, in the place of the one of this name; None removes it.

    Gives whether anything had to be done. All other lines stay byte for byte.

    Raises:
        UsageError: the crontab cannot be read or written; then it is as it was.
    """
    program = shutil.which("crontab")
    if program is None:
        raise UsageError(
            "there is no `crontab` here: use --systemd, or leave out --install and paste the line yourself"
        )
    before = _read(program)
    after = merged(before, name, line)
    if after == before:
        return False
    done = subprocess.run([program, "-"], input=after, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise UsageError(f"crontab did not take the new line ({_said(done.stderr)}); paste it with `crontab -e`")
    return True


def merged(before: bytes, name: str, line: str | None) -> bytes:
    """A crontab with our line in the place of the one of this name, or at the end; without it when `line` is None."""
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
    raise UsageError(f"the crontab cannot be read ({_said(done.stderr)}), so it was left as it is; use `crontab -e`")


def _said(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it does not say why"
