"""Renditions in the vault and when bodies are pruned: small where they are alike, and gone with the visit they are of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.app.maintenance.pruning import prune
from archiver.maintain.verify.verify import verify
from browsed import Browsed, Opened, dom_of, png_of

TEXT = " ".join(f"Đoạn {number} của bài viết về {number * 7919 % 1000} hộ dân." for number in range(120))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Browsed]:
    site = Browsed(tmp_path, more='[keep]\nbodies = "first-and-last"')
    yield site
    site.close()


def _kept(site: Browsed) -> set[tuple[str, int]]:
    """Return what has bytes: renditions by kind and visit, answers by `api`, and the plain bodies by `page`."""
    rows = site.inside(
        "SELECT coalesce(r.kind, CASE WHEN t.of_visit IS NULL THEN 'page' ELSE 'api' END) AS kind, "
        "coalesce(t.of_visit, t.visit_id) AS visit FROM _visit t LEFT JOIN renditions r ON r.rendition_id = t.visit_id "
        "WHERE t.frame_id IS NOT NULL"
    )
    return set(rows)


def test_documents_and_data_are_stored_as_differences_and_equal_screenshots_once(site: Browsed) -> None:
    for views in range(30):
        site.article(TEXT, views * 37)
    kinds = dict(site.vault("SELECT kind, count(*) FROM _frame GROUP BY kind"))
    ((screenshots,),) = site.vault(f"SELECT count(*) FROM _frame WHERE size = {len(png_of(''))}")
    ((stored,),) = site.vault("SELECT sum(length(data)) FROM _frame")
    assert screenshots == 1
    assert kinds["D"] >= 3 * 29  # document, log and data of each visit but the first
    assert stored < 30_000  # of half a megabyte


def test_what_a_browser_made_is_pruned_with_the_visit_and_stays_with_it(site: Browsed) -> None:
    visits = [site.article(TEXT, views).visit_id for views in range(5)]
    later = [site.article(f"{TEXT} Sửa.", views).visit_id for views in range(5, 8)]
    done = prune(site.archive, "spa", apply=True)
    whole = {visits[0], visits[-1], later[0], later[-1]}
    assert _kept(site) == {(kind, each) for kind in ("page", "api", "dom", "screenshot", "requests") for each in whole}
    assert (done.pages, done.bodies) == (2, 4 * 5)
    assert prune(site.archive, "spa", apply=False).bodies == 0
    assert verify(site.path, deep=True).whole
    (site.selectors / "spa.toml").write_text((site.selectors / "spa.toml").read_text().replace('"h1"', '"title"'))
    assert not site.archive.extract("spa").damaged
    assert site.rows("SELECT field FROM changes") == [("body",)]
    assert site.value("SELECT count(*) FROM versions WHERE title = 'Tin'") == 2


def test_a_style_sheet_that_a_browser_fetched_stays_for_other_pages(site: Browsed) -> None:
    for views in range(3):
        made = Opened(dom_of("Tin", TEXT, views), png_of("Tin"), {"/api/x.json": b"[%d]" % views})
        made.styles["/look.css"] = b"p { color: red } /* one of each visit: %d */" % views
        site.visit(made)
    prune(site.archive, "spa", apply=True)
    assert site.inside("SELECT frame_id IS NOT NULL FROM _visit WHERE media_type = 'text/css'") == [(1,)] * 3


def test_shells_with_other_documents_are_no_equal_listings(site: Browsed) -> None:
    for number in range(4):
        links = f"<a href=/a/{number}>Bài {number}</a>"
        site.visit(Opened(f"<html><body><div id=app>{links}</div></body></html>".encode()), path="/")
    assert prune(site.archive, "spa", apply=False).bodies == 0


def test_nothing_is_pruned_of_a_visit_that_cannot_be(site: Browsed) -> None:
    visits = [site.article(TEXT, views).visit_id for views in range(4)]
    site.damage(visits[1])
    done = prune(site.archive, "spa", apply=True)
    assert len(done.damaged) == 1
    assert {each for kind, each in _kept(site) if kind == "dom"} == set(visits)
