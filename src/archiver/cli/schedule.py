"""`archiver schedule`: crawls that run by themselves, by systemd or cron."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from archiver.app import crontab, systemd
from archiver.app.schedule import Every, Job, job_of, parse_every
from archiver.cli.context import CHOSEN, OUTPUT, site_names
from archiver.errors import UsageError


def schedule(
    sites: Annotated[
        list[str],
        typer.Argument(
            metavar="SITE...", help="Names of profiles (see `archiver site list`).", autocompletion=site_names
        ),
    ],
    *,
    every: Annotated[str | None, typer.Option("--every", help="How often: 30m, 6h, 1d, 1w.")] = None,
    use_systemd: Annotated[
        bool, typer.Option("--systemd", help="A service and a timer of the user; default where there is systemd.")
    ] = False,
    use_cron: Annotated[bool, typer.Option("--cron", help="A line of the user's crontab.")] = False,
    install: Annotated[bool, typer.Option("--install", help="Write it where it belongs, not on stdout.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take away what --install wrote for these sites.")] = False,
    span: Annotated[str | None, typer.Option("--for", help="Most time for each site and crawl: 30m, 2h.")] = None,
    metrics: Annotated[Path | None, typer.Option("--metrics", metavar="FILE", help="As for `crawl`.")] = None,
) -> None:
    """Print what makes a crawl run again and again, or install it; the same command again changes nothing."""
    if use_systemd and use_cron:
        raise UsageError("--systemd or --cron, not both")
    if install and remove:
        raise UsageError("--install or --remove, not both")
    if every is None and not remove:
        raise UsageError("say how often: --every 6h (or 30m, 1d, 1w)")
    often = parse_every(every or "1d")
    job = job_of(sites, CHOSEN.find(), span=span, metrics=metrics)
    by_cron = use_cron or (not use_systemd and shutil.which("systemctl") is None)
    if remove:
        _remove_cron(job) if by_cron else _remove_systemd(job)
    elif by_cron:
        _cron(job, often, install=install)
    else:
        _systemd(job, often, install=install)


def _systemd(job: Job, every: Every, *, install: bool) -> None:
    folder = systemd.folder_of()
    if not install:
        for name, text in systemd.units(job, every).items():
            OUTPUT.line(f"# {folder / name}\n{text}")
        OUTPUT.say("nothing was written; --install writes both files")
        return
    changed = systemd.install(job, every, folder)
    for name in systemd.units(job, every):
        OUTPUT.line(f"{'wrote' if folder / name in changed else 'is already'} {folder / name}")
    OUTPUT.line(f"now run:\n  systemctl --user daemon-reload\n  systemctl --user enable --now {job.name}.timer")
    OUTPUT.say("so that it also runs while you are logged out: loginctl enable-linger")


def _remove_systemd(job: Job) -> None:
    removed = systemd.remove(job, systemd.folder_of())
    for path in removed:
        OUTPUT.line(f"removed {path}")
    if removed:
        OUTPUT.line(f"now run:\n  systemctl --user stop {job.name}.timer\n  systemctl --user daemon-reload")
    else:
        OUTPUT.say(f"{job.name}: there was nothing to remove")


def _cron(job: Job, every: Every, *, install: bool) -> None:
    line = crontab.line_of(job, every)
    if not install:
        OUTPUT.line(line)
        OUTPUT.say("nothing was written; paste it with `crontab -e`, or --install adds it to your crontab")
    elif crontab.install(job.name, line):
        OUTPUT.line(f"your crontab has it now: {line}")
    else:
        OUTPUT.line(f"your crontab has it already: {line}")


def _remove_cron(job: Job) -> None:
    if crontab.install(job.name, None):
        OUTPUT.line(f"removed from your crontab: {job.name}")
    else:
        OUTPUT.say(f"{job.name}: there was nothing to remove")
