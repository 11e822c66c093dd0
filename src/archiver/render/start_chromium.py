"""Becomes Chromium: a program that sets what must be set between fork and exec, where no thread can hold a lock.

It is run as a script, without site packages, as `python start_chromium.py PARENT IN OUT PROGRAM ARGUMENT…`.
"""

import ctypes
import fcntl
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_COMMANDS, _ANSWERS = 3, 4  # the file descriptors of --remote-debugging-pipe


def main(parent: int, commands: int, answers: int, words: list[str]) -> None:
    """Replace this process by Chromium: with its two pipes, and so that the kernel kills it when archiver ends.

    Args:
        parent: the process number of archiver.
        commands: a file descriptor that Chromium reads.
        answers: a file descriptor that Chromium writes.
        words: the path of Chromium, and its arguments.
    """
    if sys.platform == "linux":  # elsewhere the end of its pipe ends it
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
