"""Acts of the web interface: capture an address, crawl a site, make a profile.

The archive is open for writing only meanwhile.

An address comes from a form, so its host is a stranger: no request goes into this machine or network, unless a profile
in the folders of profiles names the host. Everything else is as on the command line.
"""

import asyncio
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from archiver.app import profiles
from archiver.app.archive import Archive
from archiver.app.browsing.jobs import JobResult
from archiver.app.browsing.site_names import site_names
from archiver.app.crawling.probe_site import probe_site
from archiver.app.crawling.run import lock_site
from archiver.app.reading.find import find_page
from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.schedule import program
from archiver.errors import NotInArchive, UsageError
from archiver.fetch.address_guard import AddressGuard, PrivateAddress
from archiver.learn.new_profile import new_profile
from archiver.settings import Settings, bundled_profiles
from archiver.text.clean import printable
from archiver.text.url import canonical, site_slug

_LAST_LINES, _LONGEST_NAME = 3, 60
_LONGEST = 500


def web_address(text: str) -> str:
    """Return the canonical address of a form; https without a scheme. Nothing is asked of its server.

    Raises:
        UsageError: it is not a web address.
    """
    text = text.strip()
    return canonical(text if "://" in text else f"https://{text.removeprefix('//')}")


def strict(settings: Settings) -> Settings:
    """Return settings with which no request goes into this network, except to hosts that a profile names."""
    named = set(_named_hosts(settings))

    def guard() -> AddressGuard:
        made = settings.new_guard() or AddressGuard()
        made.name_only(lambda host: host.strip("[]").lower() in named)
        return made

    return replace(settings, guard=guard)


def _named_hosts(settings: Settings) -> Iterator[str]:
    for listed in profiles.every(settings.selectors):
        if listed.profile is not None and not listed.path.is_relative_to(bundled_profiles()):
            home = listed.profile.site.home
            for address in (home, *listed.profile.crawl.start, *listed.profile.crawl.scope):
                yield (urlsplit(urljoin(home, address)).hostname or "").lower()


def demand_outside(settings: Settings, address: str) -> None:
    """Check that an address leads to a server that a visitor may have asked. Nothing is stored of one that is not.

    Raises:
        UsageError: its host is of this machine or network, or is not known.
    """
    parts = urlsplit(address)
    guard = strict(settings).new_guard()
    assert guard is not None  # noqa: S101  (strict settings have one)
    host = parts.hostname or ""
    try:
        asyncio.run(guard.addresses(host, parts.port or 0, host))
    except PrivateAddress as error:
        raise UsageError(f"{error}; only the command line and profiles may name it") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{printable(host, 100)}: this host is not known; check the address") from error


def capture_now(settings: Settings, address: str) -> JobResult:
    """Capture an address now, and say what came.

    Raises:
        UsageError: it is not a web address, or leads into this network.
        MustWait: its server may not be requested yet.
        ArchiverError: as for `Archive.capture`.
    """
    demand_outside(settings, address)
    with Archive(strict(settings)) as archive:
        state = archive.capture(address).state
        found = find_page(archive.store, state.final_url)
    told = [f"{state.outcome}" + (f" ({state.status})" if state.status else "")]
    if state.verdict:
        told.append(
            {"first": "read for the first time", "same": "nothing changed", "changed": "changed"}.get(
                state.verdict, state.verdict
            )
        )
    told += [printable(state.note, _LONGEST)] if state.note else []
    return JobResult(", ".join(told), found.page_id, failed=state.verdict is None)


def add_site(settings: Settings, address: str, name: str = "") -> JobResult:
    """Make a profile from a typical page, and write it to the first folder of profiles. No file is replaced.

    Raises:
        UsageError: the address has no readable page, or the name is not one.
        ProfileError: a profile of this name exists already.
    """
    if len(name) > _LONGEST_NAME:
        raise UsageError(f"the name of a site has at most {_LONGEST_NAME} characters; shorten it")
    slug = profiles.new_name(name or site_slug(address), None, settings.selectors)
    path = _folder(settings) / f"{slug}.toml"
    demand_outside(settings, address)
    around = probe_site(address, strict(settings))
    new = new_profile(around, slug, profiles.bundled_texts())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(new.text)
    except FileExistsError:
        raise UsageError(f"{path}: exists already; choose another name") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    notes = " ".join(printable(note, _LONGEST) for note in new.notes)
    return JobResult(f"wrote {path}; read it through before the first crawl. {notes}".strip())


def _folder(settings: Settings) -> Path:
    own = [folder for folder in settings.selectors if folder != bundled_profiles()]
    return own[0] if own else Path("selectors")


def crawlable(archive: ArchiveReader) -> list[str]:
    """Return the sites that can be crawled by name: those of the archive, and those with a profile of the user."""
    return sorted({*site_names(archive)} | profiles.own_names(archive.settings.selectors))


def check_crawl(archive: ArchiveReader, site: str) -> None:
    """Check that a site can be crawled now.

    Raises:
        NotInArchive: there is no such site.
        SiteBusy: another crawl of it is running.
        ArchiveReadOnly: the folder of the archive cannot be written.
    """
    if site not in crawlable(archive):
        raise NotInArchive(f"{printable(site, 100)}: no such site; add it first")
    with lock_site(archive.settings.archive, site):
        pass


def crawl_command(settings: Settings, site: str) -> list[str]:
    """Return the command that crawls a site."""
    folders = [folder for folder in settings.selectors if folder not in (Path("selectors"), bundled_profiles())]
    options = ["--selectors", str(folders[0].absolute())] if folders else []
    return [*program(), "--archive", str(settings.archive.absolute()), *options, "crawl", "--", site]


def crawl_now(settings: Settings, site: str) -> JobResult:
    """Crawl a site in a process of its own, which goes on when the server ends; wait for it, and say how it ended."""
    with tempfile.TemporaryFile() as output:  # not a pipe: the crawl must be able to print when this process is gone
        try:
            code = subprocess.Popen(  # noqa: S603  (the site is one of `crawlable`)
                crawl_command(settings, site),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ).wait()
        except OSError as error:
            return JobResult(f"the crawl could not be started: {error.strerror}", failed=True)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    lines = [printable(line, _LONGEST) for line in text.splitlines() if line.strip()]
    return JobResult("; ".join(lines[-_LAST_LINES:]) or f"ended with code {code}", failed=code not in (0, 1))
