"""Which links a record has: those of the content and of listings. A crawl follows the others, too."""

import pytest

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture
from archiver.model.record import Record
from made import capture

URL = "http://p.example/trang"
MENU = "<nav><a href=/menu>Menu</a></nav><aside><a href=/aside>Bên</a></aside><div role=navigation><a href=/role>x</a></div>"
PAGE = f"""<header><a href=/head>Trang chủ</a></header>{MENU}<h1><a href=/self>Tin</a></h1>
<div id=b><p>Xem <a href=/source>nguồn</a>.</p><div class=ad><a href=/ad>QC</a></div></div>
<ul class=list><li><article><header><a href=/1>Một</a></header></article><li><a href=/2>Hai</a></ul>
<div class=ad><a href=/ad>QC</a></div><footer><a href=/foot>Liên hệ</a></footer>"""
EVERY = ["/head", "/menu", "/aside", "/role", "/self", "/source", "/ad", "/1", "/2", "/foot"]


def page(rules: str, html: str = PAGE, *, slow: bool = False, links: bool = True) -> Record:
    profile = parse_profile(f'[site]\nname = "p"\nhome = "http://p.example/"\n[[page]]\n{rules}', "p")
    return read(_capture(html), profile, slow=slow, links=links)


def _capture(html: str) -> Capture:
    return capture(URL, html.encode())


def paths(addresses: object) -> list[str]:
    return [str(getattr(each, "url", each)).removeprefix("http://p.example") for each in addresses]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ('kind = "article"\n[page.fields]\nbody = "#b"', ["/source", "/ad"]),
        ('kind = "article"\nignore = [".ad"]\n[page.fields]\ntitle = "h1"\nbody = "#b"', ["/source", "/self"]),
        ('kind = "article"\n[page.fields]\nbody = "#b p"', ["/source"]),
        ('kind = "article"\nfallback = false\n[page.fields]\nbody = ".none"', ["/self", "/source", "/ad", "/1", "/2"]),
        ('kind = "listing"', ["/self", "/source", "/ad", "/1", "/2"]),
        ('kind = "listing"\nignore = [".ad", "h1"]', ["/source", "/1", "/2"]),
        ('kind = "file"', []),
    ],
)
def test_the_links_of_the_content_and_of_a_listing_are_kept_and_all_are_followed(rules: str, kept: list[str]) -> None:
    record = page(rules)
    assert paths(record.links) == kept
    assert paths(record.follow) == (EVERY if "file" not in rules else [])


def test_a_listing_keeps_the_links_that_it_follows() -> None:
    record = page('kind = "listing"\nfollow = [".list", "nav"]')
    assert paths(record.follow) == paths(record.links) == ["/1", "/2", "/menu"]
    assert [link.text for link in record.links] == ["Một", "Hai", "Menu"]


def test_a_page_without_a_profile_keeps_the_links_outside_its_frame() -> None:
    assert paths(read(_capture(PAGE), None).links) == ["/self", "/source", "/ad", "/1", "/2"]


def test_a_body_that_is_guessed_gives_the_links_in_it() -> None:
    text = "Hội đồng nhân dân phường họp thường kỳ và bàn về ngân sách năm tới. " * 20
    html = f"{MENU}<div class=m><p>{text}<p>{text}<a href=/in>ở đây</a></div><div><a href=/out>khác</a></div>"
    record = page('kind = "article"', html, slow=True)
    assert record.content.body
    assert "/in" in paths(record.links)
    assert "/menu" not in paths(record.links)


def test_links_are_left_out_on_request() -> None:
    assert page('kind = "article"\n[page.fields]\nbody = "#b"', links=False).links == ()


def test_a_refresh_of_a_listing_is_kept() -> None:
    record = page('kind = "listing"', "<meta http-equiv=refresh content='0; url=/moi'><nav><a href=/menu>m</a></nav>")
    assert paths(record.links) == ["/moi"]
    assert paths(record.follow) == ["/menu", "/moi"]


def test_a_listing_follows_frames_that_it_names() -> None:
    html = "<p>x</p><iframe src=/frame/1></iframe><iframe class=ad src=/ad></iframe>"
    assert paths(page('kind = "listing"\nfollow = ["iframe:not(.ad)"]', html).follow) == ["/frame/1"]
