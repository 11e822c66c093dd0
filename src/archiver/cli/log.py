"""The log of the program, with tracebacks. `output` prints the messages for people."""

import logging
from pathlib import Path

from archiver.cli.output import Output
from archiver.errors import UsageError

_ROOT = "archiver"


class _Messages(logging.Handler):
    """Print warnings and errors as messages on stderr; with tracebacks only with -v."""

    def __init__(self, output: Output) -> None:
        super().__init__(logging.WARNING)
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        text = self.format(record) if self._output.verbose else record.getMessage()
        if record.levelno >= logging.ERROR:
            self._output.failure(text)
        else:
            self._output.say(text)


def start_log(output: Output, path: Path | None) -> None:
    """Send the program's log to stderr, and to a file if one is named.

    Args:
        output: where messages are printed.
        path: a file that records are appended to, from INFO on, with times and tracebacks.

    Raises:
        UsageError: the file cannot be written.
    """
    log = logging.getLogger(_ROOT)
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(_Messages(output))
    if path is None:
        return
    try:
        file = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--log-file {path}: cannot be written: {error.strerror}; name another file") from error
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(file)
