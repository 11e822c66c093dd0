"""Becomes Chromium: a program that sets what must be set between fork and exec, where no thread can hold a lock.

It is run as a script, without site packages, as `python start_chromium.py PARENT IN OUT PROGRAM ARGUMENT…`.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # unshare(2)
_COMMANDS, _ANSWERS = 3, 4  # the file descriptors of --remote-debugging-pipe


def _leave_the_network() -> None:
    """Move this process to a network namespace without interfaces: what Chromium's options forgot cannot leave either.

    Raises:
        OSError: the kernel does not allow it.
    """
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if user == 0 and libc.unshare(_NEW_NETWORK) == 0:
        return
    if libc.unshare(_NEW_USER | _NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def _may_leave_the_network() -> bool:
    """Whether all of `_leave_the_network` works: a child tries it, since half of it could not be undone."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            _leave_the_network()
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def main(parent: int, commands: int, answers: int, words: list[str]) -> None:
    """Replace this process by Chromium: with its two pipes, and so that the kernel kills it when archiver ends.

    Args:
        parent: the process number of archiver.
        commands: a file descriptor that Chromium reads.
        answers: a file descriptor that Chromium writes.
        words: the path of Chromium, and its arguments.
    """
    if sys.platform == "linux":  # elsewhere the end of its pipe ends it
        if _may_leave_the_network():
            _leave_the_network()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # archiver ended before the kernel was told
        sys.exit(1)
    for number in (commands, answers):
        fcntl.fcntl(number, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    moved = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, _ANSWERS + 1) for number in (commands, answers)]
    os.dup2(moved[0], _COMMANDS)
    os.dup2(moved[1], _ANSWERS)
    os.execv(words[0], words)  # noqa: S606  (no shell is wanted)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
