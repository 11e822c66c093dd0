"""Makes a clock wrong, or lets pages kill or hang whoever reads them; for workers of tests and the processes they start.

Python imports this file first when its folder is in `$PYTHONPATH`. `$FLEET_SKEW`: seconds by which the clock of this
machine is wrong; the one that nobody sets is right. A page with `fleet_pages.KILLER` ends the process that reads it; one
with `fleet_pages.HANGER` holds it for ever, with the lock of the interpreter, as a parser in C does.
"""

import itertools
import os
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.model import clock

SKEW = float(os.environ.get("FLEET_SKEW", "0"))
PATIENCE = 5.0  # seconds for reading, in place of two minutes
_right_clock, _right_time = clock.system_clock, time.time  # noqa: TID251


def _wrong_clock() -> datetime:
    return _right_clock() + timedelta(seconds=SKEW)


def _wrong_time() -> float:
    return _right_time() + SKEW


if SKEW:  # before anything imports them by name
    clock.system_clock, time.time = _wrong_clock, _wrong_time  # noqa: TID251

sys.path.insert(0, str(Path(__file__).parent.parent))

from archiver.app.crawling import read_workers, reread_workers  # noqa: E402
from archiver.crawl import read_capture  # noqa: E402
from fleet_pages import HANGER, KILLER  # noqa: E402

_read = vars(read_capture)["read"]


def _read_or_die(capture: Any, *given: Any, **named: Any) -> Any:
    if KILLER.encode() in capture.body:
        os.kill(os.getpid(), signal.SIGKILL)
    if HANGER.encode() in capture.body:
        sum(itertools.repeat(0))
    return _read(capture, *given, **named)


vars(read_capture)["read"] = _read_or_die
if not SKEW:
    for module in (read_workers, reread_workers):
        vars(module)["PATIENCE"] = PATIENCE
