"""A template unit of systemd for workers: `systemctl --user start archiver-worker@1 archiver-worker@2`."""

import os
from collections.abc import Mapping

from archiver.app.fleet.worker.worker import WorkerOptions
from archiver.app.watching.schedule import program
from archiver.app.watching.systemd import HARDENED, command_line, quoted
from archiver.errors import UsageError
from archiver.settings import Settings

_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108  (a private one would hide the copies in it)
_INSTANCE = "@INSTANCE@"
_UNIT = """# ~/.config/systemd/user/archiver-worker@.service, or below /etc/systemd/system
[Unit]
Description=archiver: worker %i of a fleet
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
# ARCHIVER_FLEET=… and the credentials of the object storage: only you should be able to read this file
EnvironmentFile=-%E/archiver/env
{environment}ExecStart={command}
Restart=always
RestartSec=10s
# SIGTERM: the worker stores what it fetched, and gives its sites back
KillMode=mixed
TimeoutStopSec=3min
Nice=10
ProtectSystem=strict
ProtectHome=read-only
# add the folder of the archives when they are not in S3, and that of the control database when it is a file
ReadWritePaths={writes}
PrivateTmp={private_tmp}
{hardened}
[Install]
WantedBy=default.target
"""


def worker_unit(
    fleet: str | None, options: WorkerOptions, settings: Settings, environment: Mapping[str, str] = os.environ
) -> str:
    """Return the text of the unit. The address of the fleet is in it only when it is given.

    The file of metrics has the number of the worker in its name.

    Raises:
        UsageError: a text cannot be written into a unit.
    """
    command = [*program(), "worker", "--shards", str(options.shards), "--sites", str(options.sites)]
    command += ["--slice", f"{options.slice_seconds:.0f}s", "--lease", f"{options.lease_seconds:.0f}s"]
    command += ["--cache", str(options.cache_bytes)]
    state = environment.get("ARCHIVER_STATE")
    writes = [options.shards, *([settings.servers.absolute().parent] if settings.servers else [])]
    if fleet:
        command += ["--fleet", fleet]
    if options.metrics is not None:
        path = options.metrics.absolute()
        command += ["--metrics", str(path.with_name(f"{path.stem}-{_INSTANCE}{path.suffix}"))]
        writes.append(path.parent)
    for text in command:
        if not text.isprintable():
            raise UsageError(f"{text!r}: a unit cannot hold a name with unprintable characters; rename it")
    return _UNIT.format(
        command=command_line(tuple(command)).replace(_INSTANCE, "%i"),
        environment=f"Environment={quoted(f'ARCHIVER_STATE={state}')}\n" if state else "",
        writes=" ".join(quoted(str(path)) for path in dict.fromkeys(writes)),
        private_tmp="no" if any(path.is_relative_to(tmp) for path in writes for tmp in _TEMPORARY) else "yes",
        hardened=HARDENED,
    )
