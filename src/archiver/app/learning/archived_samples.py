"""Take the pages to learn a profile from out of the archive."""

from contextlib import suppress

from archiver.app.learning.browser_data import with_browser_data
from archiver.app.learning.choose_pages import chosen_captures
from archiver.app.learning.sample_pages import LearningRequest, SamplePages, UsedPage
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiveDamaged, BodyPruned, NotInArchive, UsageError
from archiver.learn.samples import MOST_PAGES, SamplePage
from archiver.model.capture import Capture
from archiver.model.event import Progress
from archiver.store.sample_captures import SampleCapture
from archiver.text.url import canonical, origin_of


def archived_pages(archive: ArchiveReader, wanted: LearningRequest) -> SamplePages:
    """Return captures of the archive, spread over the shapes of addresses and over time.

    Redacted captures, pages under an embargo and everything but HTML are left out.

    Raises:
        NotInArchive: the archive has no such site, or no page of it.
        UsageError: more than one address was given.
    """
    what, found = _captures(archive, wanted)
    chosen = chosen_captures(found, wanted.most or MOST_PAGES)
    done = SamplePages(notes=[_other_site(each) for each in sorted({each.site for each in chosen} - {wanted.name})])
    for number, each in enumerate(chosen):
        wanted.listen(Progress(f"reading captures of {what}", number, len(chosen)))
        capture = _stored(archive, each.visit_id)
        if capture is not None:
            again = None if each.again is None else _stored(archive, each.again)
            done.pages.append(with_browser_data(archive.store, SamplePage(capture, again), each.visit_id))
            done.used.append(UsedPage(each.url, each.visit_id, again=None if again is None else each.again))
    if not done.pages:
        path = archive.store.path
        raise NotInArchive(f"{what}: {path} has no capture of an HTML page of it; `archiver crawl` it first")
    return done


def _captures(archive: ArchiveReader, wanted: LearningRequest) -> tuple[str, list[SampleCapture]]:
    """Return what was named, a site or a host, and the newest capture of each of its pages."""
    if len(wanted.urls) > 1 or wanted.listings:
        raise UsageError("--from-archive takes a site's name and at most one address, whose host is meant")
    store, without = archive.store, archive.embargoed_pages()
    if wanted.urls:
        origin = origin_of(canonical(wanted.urls[0]))
        return origin, store.sample_captures.of_origin(origin, without)
    site_id = store.pages.site_id(wanted.name)
    if site_id is None:
        known = ", ".join(row["name"] for row in store.history.sites()) or "none yet"
        hint = "give an address to learn from all captures of its host"
        raise NotInArchive(f"{wanted.name}: no such site in {store.path}; known: {known}; {hint}")
    return wanted.name, store.sample_captures.of_site(site_id, without)


def _other_site(name: str) -> str:
    return (
        f"captures were of the site {name}, which this profile does not read; `archiver site learn {name} "
        "--from-archive` writes one that reads them"
    )


def _stored(archive: ArchiveReader, visit_id: int) -> Capture | None:
    with suppress(ArchiveDamaged, BodyPruned):
        return archive.store.evidence.visit(visit_id).capture
    return None
