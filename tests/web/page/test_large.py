"""Bodies of 1 MB and hostile texts: every page stays small, and every part can be reached."""

import random
import re
from collections.abc import Iterator

import pytest

from archiver.model.profile import SiteInfo
from archiver.model.record import Content
from archiver.store.archive import Store
from made import Bench
from web_served import Served, served

MOST = 300_000
_WORDS = 'từ nước không có <b>&amp; " 1.000 đồng <script>alert(1)</script> “trích”'.split()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("large") / "archive.db"
    chance = random.Random(3)
    paragraphs = [" ".join(chance.choice(_WORDS) for _ in range(40)) for _ in range(4000)]
    edited = [text.replace("nước", "NƯỚC", 1) if number % 40 == 0 else text for number, text in enumerate(paragraphs)]
    with Store.open(path) as store:
        site_id = store.pages.put_site(SiteInfo("portal", "Portal", "http://portal.example/", "vi", "Asia/Ho_Chi_Minh"))
        extractor = store.pages.put_extractor(site_id, "a" * 64, "", "test", "2022-10-21 09:00:00")
        store.pages.make_current(site_id, extractor.extractor_id, "2022-10-21 09:00:00")
        bench = Bench(store, site_id, extractor.extractor_id)
        bench.visit(Content(title="Dài \x07<script>alert(1)</script>", body="\n\n".join(paragraphs)))
        bench.visit(Content(title="Dài \x07<script>alert(2)</script>", body="\n\n".join([*edited, "Hết bài."])))
        bench.visit(Content(title="Dài", body="<" * 400_000, captions=tuple(f"chú thích {n}" for n in range(3000))))
    with served(path) as server:
        yield server


@pytest.mark.parametrize("view", ["words", "side", "only", "source", "links"])
@pytest.mark.parametrize("pair", ["1..2", "2..3"])
def test_each_view_of_a_large_body_is_small(large: Served, pair: str, view: str) -> None:
    answer = large.get(f"/page/1/compare/{pair}?view={view}")
    assert answer.status_code == 200
    assert len(answer.content) <= MOST
    assert "<script>alert" not in answer.text
    assert "\x07" not in answer.text


def test_a_long_text_is_folded_and_its_parts_lead_to_its_end(large: Served) -> None:
    text = large.get("/page/1/compare/1..2").text
    assert "unchanged paragraphs are folded" in text
    place, seen = "/page/1/compare/1..2", 0
    while True:
        text = large.get(place).text
        seen += text.count("<ins>NƯỚC</ins>")
        following = re.search(r'href="([^"]+)">the rest', text)
        if following is None:
            break
        place = following[1].replace("&amp;", "&")
    assert "Hết bài." in text
    assert seen > 90


def test_all_of_it_can_be_asked_for(large: Served) -> None:
    text = large.get("/page/1/compare/1..2?all=1").text
    assert "paragraphs unchanged" not in text
    assert "part 1 of" in text
    assert len(text.encode()) <= MOST


def test_a_long_text_is_read_in_parts(large: Served) -> None:
    page = large.get("/page/1/at/20221021090000")
    assert len(page.content) <= MOST
    rest = re.search(r'href="([^"]+)">the rest', page.text)
    assert rest is not None
    assert large.get(rest[1]).status_code == 200
    assert "5 more: " not in page.text
    assert len(large.get("/page/1/at/20221021110000").content) <= MOST


def test_the_page_itself_stays_small(large: Served) -> None:
    assert len(large.get("/page/1").content) <= 60_000
