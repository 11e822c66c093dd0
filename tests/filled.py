"""An archive of a small portal, filled without a crawl: pages of one template with some edits and a counter."""

import hashlib
import random
from datetime import timedelta
from pathlib import Path

from archiver.model.profile import SiteInfo
from archiver.model.record import Content, Record
from archiver.store.archive import Store
from archiver.store.new_visit import NewVisit
from made import START, capture, settle

PAGES = 3
NOW = "2022-10-21 09:00:00"
WORDS = [f"{word}{number}" for number in range(60) for word in ("quận", "phường", "hội", "dân", "văn", "tế")]
SITE = SiteInfo("portal", "Portal", "http://portal.example/", "vi", "Asia/Ho_Chi_Minh")


def fill(path: Path, rounds: int = 12, *, seed: int = 5, words: int = 0) -> None:
    """Visit each page `rounds` more times; `words`: the number of extra words, new in each version."""
    chance = random.Random(seed)
    template = " ".join(random.Random(1).choices(WORDS, k=500)).encode()
    with Store.open(path) as store:
        site = store.pages.put_site(SITE)
        extractor = store.pages.put_extractor(site, "a" * 64, "", "test", NOW).extractor_id
        store.pages.make_current(site, extractor, NOW)
        begun = next(store.sql("SELECT count(*) AS n FROM visits"))["n"] // PAGES
        for number in range(begun, begun + rounds):
            for page in range(PAGES):
                body = template + b"<b>%d</b>" % (number * 37) + chance.randbytes(20)
                _visit(store, (site, extractor), page, number, body, words)


def _visit(store: Store, ids: tuple[int, int], page: int, number: int, body: bytes, words: int) -> None:
    url = f"http://portal.example/{page}"
    page_id = store.pages.put_page(ids[0], url, url, NOW)[0]
    taken = capture(url, body, at=START + timedelta(hours=number))
    (visit,) = store.evidence.keep([NewVisit(page_id, taken)], None)
    edition = (number + page) // 5
    text = " ".join([f"bài {edition}", *random.Random(edition * PAGES + page).choices(WORDS, k=words)])
    content = Content(title=f"Trang {page}", body=text, captions=("một",), tags=("a", "b"))
    settle(store, *ids, visit, Record(content=content, readings=(("views", number * 37),)))


def add_body(path: Path, page: int, body: bytes) -> int:
    """Add a visit of a page with this body; return its id."""
    with Store.open(path) as store:
        site = store.pages.put_site(SITE)
        url = f"http://portal.example/{page}"
        page_id = store.pages.put_page(site, url, url, NOW)[0]
        (visit,) = store.evidence.keep([NewVisit(page_id, capture(url, body), is_page=False)], None)
    return visit


def blocks(path: Path) -> dict[int, str]:
    """Return the SHA-256 of the block of each visit, read from the archive."""
    with Store.open(path, write=False) as store:
        visits = [row["visit_id"] for row in store.sql("SELECT visit_id FROM visits ORDER BY visit_id")]
        return {visit: hashlib.sha256(store.evidence.block(visit)).hexdigest() for visit in visits}
