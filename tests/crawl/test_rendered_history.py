"""Histories of pages that a browser opened now and then: edits are told once, and never between a page and its shell."""

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from archiver.maintain.verify.verify import verify
from browsed import SHELL, Browsed, Opened, dom_of, png_of, sent_page
from trials import lasting

RUNS = lasting(3, 300)
STEPS = 9
SAID = "Hội nghị của quận bàn về kế hoạch năm {n}, với hai trăm đại biểu các phường tham dự trong hai ngày, ở hội trường lớn."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Browsed]:
    site = Browsed(tmp_path)
    yield site
    site.close()


def _changes(site: Browsed) -> list[tuple[str, str]]:
    return site.rows("SELECT old, new FROM changes WHERE field = 'body' ORDER BY not_after")


def test_a_failed_rendering_between_two_good_ones_claims_nothing(site: Browsed) -> None:
    site.article(SAID.format(n=1))
    assert site.failed().outcome == "unreadable"
    site.article(SAID.format(n=1))
    assert _changes(site) == []
    site.failed()
    site.article(SAID.format(n=2))
    site.failed()
    site.article(SAID.format(n=2))
    assert _changes(site) == [(SAID.format(n=1), SAID.format(n=2))]
    assert site.rows("SELECT * FROM absences") == []
    assert site.rows("SELECT DISTINCT outcome, cause FROM visits WHERE via IS NULL ORDER BY 1") == [
        ("ok", None),
        ("unreadable", "not_rendered"),
    ]
    assert site.value("SELECT seen_last FROM versions ORDER BY version DESC") == site.value(
        "SELECT max(visited_at) FROM visits"
    )


def test_a_document_that_says_that_the_page_is_gone_is_a_soft_404(tmp_path: Path) -> None:
    site = Browsed(tmp_path, gone='gone = { css = "h1", pattern = "Không tìm thấy" }')
    site.article(SAID.format(n=1))
    missing = Opened("<html><body><div id=app><h1>Không tìm thấy</h1></div></body></html>".encode())
    assert [site.visit(missing).outcome, site.visit(missing).outcome] == ["soft_gone", "soft_gone"]
    assert site.value("SELECT state FROM pages") == "gone"
    site.article(SAID.format(n=1))
    assert site.value("SELECT state FROM pages") == "live"
    assert _changes(site) == []
    assert site.value("SELECT count(*) FROM absences WHERE back_by IS NOT NULL") == 1
    site.close()


def test_a_page_whose_data_is_missing_but_whose_shell_comes_is_no_edit(site: Browsed) -> None:
    site.article(SAID.format(n=1))
    empty = Opened(b"<html><body><div id=app><p>404</p></div></body></html>")
    site.visit(empty)
    assert site.value("SELECT cause FROM visits WHERE via IS NULL ORDER BY visit_id DESC") in ("doubtful", "broken")
    site.article(SAID.format(n=1))
    assert _changes(site) == []
    assert site.rows("SELECT * FROM absences") == []


def test_a_404_is_a_404_whether_a_browser_opens_pages_or_not(site: Browsed) -> None:
    site.article(SAID.format(n=1))
    for _ in range(2):
        site.visit(None, status=404)
    assert site.value("SELECT state FROM pages") == "gone"


def test_an_imported_shell_without_a_document_is_not_what_the_document_showed(site: Browsed) -> None:
    site.article(SAID.format(n=1))
    site.visit(None, body=SHELL)
    site.article(SAID.format(n=1))
    assert _changes(site) == []
    assert site.rows("SELECT DISTINCT body FROM versions WHERE body LIKE 'Hội nghị%'") == [(SAID.format(n=1),)]
    rendered = site.inside(
        "SELECT v.rendered FROM _version v JOIN _content c USING (content_id) WHERE c.body LIKE 'Hội nghị%'"
    )
    assert {each for (each,) in rendered} == {1}


def _say(kind: str, number: int) -> str:
    return f"{kind} {SAID.format(n=number)}"


def _step(site: Browsed, chance: random.Random, mode: str, numbers: dict[str, int]) -> None:
    """Visit the page once: as sent, or opened, or one of the failures; now and then dated earlier."""
    for kind in numbers:
        numbers[kind] += chance.random() < 0.3
    back = chance.choice([0, 0, 0, chance.uniform(0, 6)])
    body = chance.choice([SHELL, sent_page(_say("PLAIN", numbers["PLAIN"]))])
    opens = mode == "always" or (mode == "when-empty" and body == SHELL)
    fate = chance.random()
    if fate < 0.1:
        site.visit(None, status=chance.choice([404, 503]), back=back)
    elif not opens:
        site.visit(None, body=body, back=back)
    elif fate < 0.25:
        site.visit(Opened(b"", failure="no"), body=body, back=back)
    else:
        text = _say("DOM", numbers["DOM"])
        site.visit(Opened(dom_of("Tin", text), png_of(text)), body=body, back=back)


def _assert_never_mixed(site: Browsed) -> None:
    for old, new in _changes(site):
        assert old.startswith("DOM") == new.startswith("DOM"), (old, new)
        assert old != new


@pytest.mark.parametrize("seed", range(RUNS))
def test_no_change_compares_a_document_with_what_the_server_sent(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    site = Browsed(tmp_path)
    numbers = {"DOM": 0, "PLAIN": 0}
    for _ in range(STEPS):
        mode = chance.choice(["", "always", "when-empty"])
        site.profile(mode)
        _step(site, chance, mode, numbers)
        _assert_never_mixed(site)
    for mode in chance.sample(["", "always", "when-empty"], 3):
        site.profile(mode)
        site.archive.extract("spa", workers=1)
        _assert_never_mixed(site)
        wrong = site.inside(
            "SELECT c.body FROM _version v JOIN _content c USING (content_id) "
            "WHERE v.rendered <> (c.body LIKE 'DOM%') AND (c.body LIKE 'DOM%' OR c.body LIKE 'PLAIN%')"
        )
        assert wrong == []
    assert verify(site.path).findings == []
    site.close()


@pytest.mark.parametrize("seed", range(RUNS))
def test_each_edit_of_documents_is_told_once_in_any_order_of_recording(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    texts = [chance.choice("ABC") for _ in range(STEPS)]
    hours = list(range(STEPS))
    late = chance.sample(hours, 3)
    site = Browsed(tmp_path)
    for hour in [each for each in hours if each not in late]:
        site.article(_say(texts[hour], 1), back=STEPS - hour)
        site.clock.advance(hours=-1)
    for hour in late:
        site.article(_say(texts[hour], 1), back=STEPS - hour)
        site.clock.advance(hours=-1)
    true = [(_say(old, 1), _say(new, 1)) for old, new in pairwise(texts) if old != new]
    assert _changes(site) == true
    assert verify(site.path).findings == []
    site.close()
