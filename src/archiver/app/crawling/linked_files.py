"""The files that a page links to, for `capture --files`."""

from archiver.extract.links import links_outside_frame
from archiver.extract.media import not_html
from archiver.extract.open_page import open_page
from archiver.model.capture import Capture
from archiver.model.profile import DEFAULT_FILES, Profile
from archiver.model.record import Content
from archiver.text.url import extension_of


def linked_files(capture: Capture, profile: Profile, content: Content | None) -> tuple[str, ...]:
    """Return the addresses of the files that a page links to, each once.

    These are the values of its field `files`, and its links with an ending of `files` in `[crawl]`, or of the default
    list. Links of menus, sidebars, the page's header and its footer do not count.
    """
    named = [link.url for link in content.files] if content is not None else []
    if capture.body and not not_html(capture.body, capture.media_type):
        page, _ = open_page(capture, profile)
        endings = profile.crawl.files or DEFAULT_FILES
        named += [link.url for link in links_outside_frame(page, ()) if extension_of(link.url) in endings]
    return tuple(dict.fromkeys(named))
