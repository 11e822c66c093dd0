"""`archiver schedule`: schedule crawls with systemd or cron."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.watching import crontab, systemd
from archiver.app.watching.notify import changes_filter
from archiver.app.watching.schedule import Every, Job, job_of, parse_every
from archiver.app.watching.serve_units import LISTEN, serve_job, serve_units
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson, site_names
from archiver.cli.notify_options import (
    NotifyChanges,
    NotifyField,
    NotifyNature,
    NotifyPattern,
    NotifyPlain,
    notified_changes,
)
from archiver.errors import UsageError


def schedule(
    sites: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SITE...",
            help="Profiles (see `archiver site list`), sites of the archive, hosts or addresses, as for `crawl`. "
            "With --serve: options of `serve`, after `--`.",
            autocompletion=site_names,
        ),
    ] = None,
    *,
    serve: Annotated[
        bool, typer.Option("--serve", help="Not a crawl: a socket and a service that show the archive in a browser.")
    ] = False,
    listen: Annotated[
        str, typer.Option("--listen", metavar="ADDRESS:PORT", help="With --serve: where systemd listens.")
    ] = LISTEN,
    every: Annotated[str | None, typer.Option("--every", help="Interval: 30m, 6h, 1d, 1w.")] = None,
    use_systemd: Annotated[
        bool, typer.Option("--systemd", help="Make a service and a timer of the user; default if systemd is installed.")
    ] = False,
    use_cron: Annotated[bool, typer.Option("--cron", help="Make a line of the user's crontab.")] = False,
    install: Annotated[bool, typer.Option("--install", help="Install it instead of printing it.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove what --install wrote for these sites.")] = False,
    span: Annotated[str | None, typer.Option("--for", help="Maximum time for each site and crawl: 30m, 2h.")] = None,
    metrics: Annotated[Path | None, typer.Option("--metrics", metavar="FILE", help="As for `crawl`.")] = None,
    notify_changes: NotifyChanges = False,
    notify_field: NotifyField = None,
    notify_nature: NotifyNature = None,
    notify_pattern: NotifyPattern = None,
    notify_plain: NotifyPlain = False,
    as_json: AsJson = False,
) -> None:
    """Print or install a scheduled crawl, or the web interface. The same command again changes nothing."""
    if use_systemd and use_cron:
        raise UsageError("--systemd and --cron cannot be combined; give one of them")
    if install and remove:
        raise UsageError("--install and --remove cannot be combined; give one of them")
    if serve:
        _print(_Serve(sites or [], listen), "systemd", install=install, remove=remove, as_json=as_json)
        return
    if not sites:
        raise UsageError("no site; name one, or all of them")
    if every is None and not remove:
        raise UsageError("no interval; add --every 6h (or 30m, 1d, 1w)")
    by_cron = use_cron or (not use_systemd and shutil.which("systemctl") is None)
    wanted = notified_changes(notify_field, notify_nature, notify_pattern, plain=notify_plain)
    changes = changes_filter(wanted, wanted=notify_changes, environment={})
    job = job_of(sites, GLOBAL_OPTIONS.find(), span=span, metrics=metrics, changes=changes)
    interval = Every(0) if remove else parse_every(every or "")
    by = _Cron(job, interval) if by_cron else _Systemd(job, interval)
    _print(by, "cron" if by_cron else "systemd", install=install, remove=remove, as_json=as_json)


def _print(by: "_Cron | _Systemd | _Serve", what: str, *, install: bool, remove: bool, as_json: bool) -> None:
    done = by.remove() if remove else by.set_up(install=install)
    if as_json:
        OUTPUT.json({"name": by.name, "by": what, **done.as_json()})
        return
    for line in done.lines:
        OUTPUT.line(line)
    if done.hint:
        OUTPUT.say(done.hint)


@dataclass(frozen=True)
class _Result:
    """What was made or removed: the files (or the crontab line), the names of changed files, lines to print."""

    text: dict[str, str]
    altered: list[str]
    lines: list[str]
    hint: str = ""

    def as_json(self) -> dict[str, object]:
        return {"text": self.text, "altered": self.altered}


class _Systemd:
    def __init__(self, job: Job, every: Every) -> None:
        self._job = job
        self._every = every
        self._folder = systemd.folder_of()

    @property
    def name(self) -> str:
        return self._job.name

    def set_up(self, *, install: bool) -> _Result:
        """Print or write both units."""
        text = {str(self._folder / name): unit for name, unit in systemd.units(self._job, self._every).items()}
        if not install:
            lines = [f"# {path}\n{unit}" for path, unit in text.items()]
            return _Result(text, [], lines, "nothing was written; --install writes both files")
        changed = [str(path) for path in systemd.install(self._job, self._every, self._folder)]
        lines = [f"{'wrote' if path in changed else 'is already'} {path}" for path in text]
        lines.append("now run:\n  systemctl --user daemon-reload")
        lines.append(f"  systemctl --user enable --now {self._job.name}.timer")
        return _Result(text, changed, lines, "to run it also while you are logged out: loginctl enable-linger")

    def remove(self) -> _Result:
        """Remove both units."""
        removed = [str(path) for path in systemd.remove(self._job, self._folder)]
        if not removed:
            return _Result({}, [], [], f"{self._job.name}: there was nothing to remove")
        lines = [f"removed {path}" for path in removed]
        lines.append(f"now run:\n  systemctl --user stop {self._job.name}.timer\n  systemctl --user daemon-reload")
        return _Result({}, removed, lines)


class _Serve:
    def __init__(self, options: list[str], listen: str) -> None:
        self._job = serve_job(GLOBAL_OPTIONS.find(), options, listen)
        self._folder = systemd.folder_of()

    @property
    def name(self) -> str:
        return self._job.name

    def set_up(self, *, install: bool) -> _Result:
        """Print or write both units."""
        wanted = serve_units(self._job)
        text = {str(self._folder / name): unit for name, unit in wanted.items()}
        if not install:
            lines = [f"# {path}\n{unit}" for path, unit in text.items()]
            return _Result(text, [], lines, "nothing was written; --install writes both files")
        changed = list(map(str, systemd.write_units(wanted, self._folder, self._job.writes, "`archiver serve`")))
        lines = [f"{'wrote' if path in changed else 'is already'} {path}" for path in text]
        lines.append("now run:\n  systemctl --user daemon-reload")
        lines.append(f"  systemctl --user enable --now {self._job.name}.socket")
        return _Result(text, changed, lines, "to run it also while you are logged out: loginctl enable-linger")

    def remove(self) -> _Result:
        """Remove both units."""
        names = (f"{self._job.name}.socket", f"{self._job.name}.service")
        removed = list(map(str, systemd.remove_units(names, self._folder, "sockets.target.wants")))
        if not removed:
            return _Result({}, [], [], f"{self._job.name}: there was nothing to remove")
        lines = [f"removed {path}" for path in removed]
        lines.append(f"now run:\n  systemctl --user stop {' '.join(names)}\n  systemctl --user daemon-reload")
        return _Result({}, removed, lines)


class _Cron:
    def __init__(self, job: Job, every: Every) -> None:
        self._job = job
        self._every = every

    @property
    def name(self) -> str:
        return self._job.name

    def set_up(self, *, install: bool) -> _Result:
        """Print or add the line."""
        line = crontab.line_of(self._job, self._every)
        text = {"crontab": line}
        if not install:
            hint = "nothing was written; add it with `crontab -e`, or use --install"
            return _Result(text, [], [line], hint)
        if crontab.install(self._job.name, line):
            return _Result(text, ["crontab"], [f"your crontab has it now: {line}"])
        return _Result(text, [], [f"your crontab has it already: {line}"])

    def remove(self) -> _Result:
        """Remove the line."""
        if crontab.install(self._job.name, None):
            return _Result({}, ["crontab"], [f"removed from your crontab: {self._job.name}"])
        return _Result({}, [], [], f"{self._job.name}: there was nothing to remove")
