"""Images are found in any attribute; placeholders are not images; a `noscript` counts when it has the only copy."""

import time

import pytest

from archiver.extract.images import candidates, is_placeholder
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import instant

SITE = '[site]\nname = "p"\nhome = "http://p.example/"\n[[page]]\nkind = "article"\nfallback = false\n[page.fields]\n'


def images(html: str, rules: str = "body = '#b'") -> list[str]:
    """Return the paths of the images of a body, or of those that a rule finds."""
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    body = f"<div id=b><p>x</p>{html}</div>".encode()
    at = instant("2022-10-22 00:00:00")
    taken = Capture(Request("http://p.example/a/1"), at, Outcome.OK, 200, headers=headers, body=body)
    found = read(taken, parse_profile(SITE + rules, "p")).content.images
    return [address.removeprefix("http://p.example") for address in found]


PAGES = {
    "src": ("<img src=/a.jpg>", ["/a.jpg"]),
    "src relative to the page": ("<img src='b c.jpg'>", ["/a/b%20c.jpg"]),
    "no address": ("<img alt=x><img src=''><img src='#'><img src='  '>", []),
    "srcset, the densest": ("<img srcset='/s.jpg 1x, /l.jpg 2x, /m.jpg 1.5x'>", ["/l.jpg"]),
    "srcset, the widest": ("<img src=/s.jpg srcset='/m.jpg 640w, /l.jpg 1280w, /s.jpg 320w' sizes=100vw>", ["/l.jpg"]),
    "srcset, of one": ("<img srcset=/a.jpg>", ["/a.jpg"]),
    "src is one of the densities": ("<img src=/s.jpg srcset='/l.jpg 2x'>", ["/l.jpg"]),
    "srcset with commas in the addresses": ("<img srcset='/w_1,h_2/a.jpg 1x, /w_2,h_4/a.jpg 2x'>", ["/w_2,h_4/a.jpg"]),
    "srcset that holds only placeholders": ("<img src=/a.jpg srcset='data:image/gif;base64,R0 1w'>", ["/a.jpg"]),
    "picture": ("<picture><source srcset=/a.webp><img alt=x></picture>", ["/a.webp"]),
    "picture, several widths": (
        "<picture><source srcset='/s.avif 1x' media='(max-width: 9px)'><source srcset='/l.avif 2x'><img></picture>",
        ["/l.avif"],
    ),
    "picture whose image has an address": ("<picture><source srcset=/a.webp><img src=/a.jpg></picture>", ["/a.jpg"]),
    "picture whose image waits": ("<picture><source data-srcset=/a.webp><img src=/loading.gif></picture>", ["/a.webp"]),
    "data-src": ("<img data-src=/a.jpg>", ["/a.jpg"]),
    "data-src before src": ("<img src=/tiny-blurred.jpg data-src=/a.jpg>", ["/a.jpg"]),
    "data-srcset": ("<img data-srcset='/s.jpg 300w, /a.jpg 800w' src='data:image/gif;base64,R0'>", ["/a.jpg"]),
    "data-lazy": ("<img src=/img/loading.gif data-lazy=/a.jpg>", ["/a.jpg"]),
    "data-lazy that says yes": ("<img src=/a.jpg data-lazy=true>", ["/a.jpg"]),
    "data-lazy-src and data-lazy-srcset": ("<img data-lazy-src=/s.jpg data-lazy-srcset='/l.jpg 2x'>", ["/l.jpg"]),
    "data-original": ("<img class=lazy src=/blank.png data-original=/a.jpg>", ["/a.jpg"]),
    "data-url": ("<img src=/spacer.gif data-url=/a.jpg>", ["/a.jpg"]),
    "data-hi-res-src": ("<img src=/s.jpg data-hi-res-src=/l.jpg>", ["/l.jpg"]),
    "an attribute nobody knows": ("<img src=/1x1.gif data-my-loader-file='/up/a.png?w=9'>", ["/up/a.png?w=9"]),
    "an attribute for something else": ("<img src=/1x1.gif data-fallback=/no.png data-id=7 data-page=/x.html>", []),
    "an attribute beside an image": ("<img src=/a.jpg data-url=/page data-pin=/b.jpg>", ["/a.jpg"]),
    "a template of an address": ("<img src=/a.jpg data-src='/a_{width}x.jpg'>", ["/a.jpg"]),
    "placeholders": (
        "<img src=/spacer.gif><img src='data:image/png;base64,x'><img src=/i/loading.svg><img src=/1x1.gif>",
        [],
    ),
    "pixels that count": (
        "<img src=/c?id=1 width=1 height=1><img src=/d.gif height=0><img src=/e style='width:1px'>",
        [],
    ),
    "sizes that a style overrules": ("<img src=/a.jpg width=0 height=0 style='width:100%;height:auto'>", ["/a.jpg"]),
    "small images are images": ("<img src=/a.jpg width=16 height=10>", ["/a.jpg"]),
    "amp-img": ("<amp-img src=/a.jpg width=1 height=1 layout=responsive></amp-img>", ["/a.jpg"]),
    "amp-img and amp-anim with sizes": (
        "<amp-img srcset='/a.jpg 1x, /b.jpg 2x'></amp-img><amp-anim src=/c.gif>",
        ["/b.jpg", "/c.gif"],
    ),
    "noscript": ("<noscript><img src=/a.jpg></noscript>", ["/a.jpg"]),
    "noscript, in capitals": ("<NOSCRIPT><IMG SRC=/a.jpg></NOSCRIPT>", ["/a.jpg"]),
    "noscript beside a placeholder": ("<img src=/lazyload.gif><noscript><img src=/a.jpg alt=x></noscript>", ["/a.jpg"]),
    "noscript with a copy": ("<img data-src=/a.jpg><noscript><img src=/a.jpg></noscript>", ["/a.jpg"]),
    "noscript with a copy of another size": (
        "<noscript><img src=/a-300x200.jpg?w=1></noscript><img data-src=/a.jpg?w=2>",
        ["/a.jpg?w=2"],
    ),
    "noscript beside another image": ("<img src=/a.jpg><noscript><img src=/b.jpg></noscript>", ["/a.jpg", "/b.jpg"]),
    "noscript with several": ("<noscript>x<img src=/a.jpg><p><img src=/b.jpg></noscript>", ["/a.jpg", "/b.jpg"]),
    "noscript with a picture": (
        "<noscript><picture><source srcset=/a.webp><img alt=x></picture></noscript>",
        ["/a.webp"],
    ),
    "noscript that counts visitors": (
        (
            "<noscript><img src='/tr?id=1&noscript=1' height=1 width=1></noscript>"
            "<noscript><img style='display:none' src=/b.jpg></noscript>"
        ),
        [],
    ),
    "noscript in amp-img": ("<amp-img src=/a.jpg><noscript><img src=/a.jpg></noscript></amp-img>", ["/a.jpg"]),
    "in the order of the page": (
        (
            "<img srcset='/1.jpg 2x'><picture><source srcset=/2.webp><img></picture><noscript><img src=/3.jpg></noscript>"
            "<img data-srcset='/4.jpg 8w' src=data:image/gif;base64,R0><img src=/loading.gif data-lazy=/5.jpg>"
        ),
        ["/1.jpg", "/2.webp", "/3.jpg", "/4.jpg", "/5.jpg"],
    ),
}


@pytest.mark.parametrize(("html", "found"), PAGES.values(), ids=PAGES.keys())
def test_images_of_a_body(html: str, found: list[str]) -> None:
    assert images(html) == found


@pytest.mark.parametrize(("html", "found"), PAGES.values(), ids=PAGES.keys())
def test_images_by_a_rule_are_found_the_same_way(html: str, found: list[str]) -> None:
    assert images(html, "images = '#b'") == found


def test_the_text_of_a_noscript_is_not_the_body() -> None:
    assert images("<noscript>chữ<img src=/a.jpg></noscript>", "images = '#b noscript'") == ["/a.jpg"]


@pytest.mark.parametrize(
    "name",
    "blank.gif spacer.gif pixel.png px.gif 1x1.png 1px.gif transparent.png transparent-1x1.gif loading.gif loading_2.svg "
    "ajax-loader.gif ajaxLoader.gif lazy.png lazyload.gif lazy-load.gif placeholder.svg placeholder-300x200.png "
    "img-placeholder.jpg grey.gif clear.gif dot.gif spinner.gif preloader.gif blank-16x9.png".split(),
)
def test_names_of_placeholders(name: str) -> None:
    for address in (f"/i/{name}", f"http://c.example/{name}?v=1", name.upper()):
        assert is_placeholder(address)


@pytest.mark.parametrize(
    "name",
    "16.jpg a.jpg image.png img_1.jpg no-image.png pixel-9-pro.jpg loading-dock.jpg spinner-dolphins.jpg gray.jpg "
    "clear.png blank-space-concert.jpg dot-painting.jpg transparent-oled.jpg placeholders.jpg 300x200.jpg photo?x=/spacer.gif".split(),
)
def test_names_of_images(name: str) -> None:
    assert not is_placeholder(f"http://p.example/{name}")


SETS = {
    "/a.jpg 1x, /b.jpg 2x": [("/a.jpg", 1.0, False), ("/b.jpg", 2.0, False)],
    "a,b.jpg 1x,c.jpg 2x": [("a,b.jpg", 1.0, False), ("c.jpg", 2.0, False)],
    "/a.jpg, /b.jpg 1.5x": [("/a.jpg", 1.0, False), ("/b.jpg", 1.5, False)],
    "a.jpg 100w 50h, b.jpg 200w": [("a.jpg", 100.0, True), ("b.jpg", 200.0, True)],
    "\n a.jpg\t1x\n,\n b.jpg 2x ,": [("a.jpg", 1.0, False), ("b.jpg", 2.0, False)],
    "a.jpg (1,2) 2x, b.jpg 3x": [("a.jpg", 2.0, False), ("b.jpg", 3.0, False)],
    ",,a.jpg,,": [("a.jpg", 1.0, False)],
    "data:image/png;base64,AA== 1x, b.jpg 2x": [("data:image/png;base64,AA==", 1.0, False), ("b.jpg", 2.0, False)],
    "a.jpg 1x (": [("a.jpg", 1.0, False)],
    " , ": [],
}


@pytest.mark.parametrize(("srcset", "found"), SETS.items())
def test_a_srcset(srcset: str, found: list[tuple[str, float, bool]]) -> None:
    assert [(address, size, is_width) for is_width, size, address in candidates(srcset)] == found


@pytest.mark.parametrize(
    "html",
    [
        "<img srcset='" + "a " * 500_000 + "'>",
        "<img srcset='" + "," * 1_000_000 + "'>",
        "<img srcset='a " + "(" * 1_000_000 + "'>",
        "<img srcset='" + "a.jpg 1x," * 100_000 + "'>",
        "<picture>" + "<source srcset=/a.jpg>" * 8_000 + "<img>" * 8_000,
        "<noscript>" + "<img>" * 100_000 + "</noscript>",
        "<noscript><img src=/a.jpg></noscript>" * 20_000,
        "<img src=x " + "".join(f"data-{n}=" + "a" * 1900 for n in range(500)) + ">",
        "<noscript>" + "<div>" * 4_000 + "<img src=/a.jpg></noscript>",
    ],
)
def test_hostile_images_take_no_time(html: str) -> None:
    started = time.process_time()
    images(html)
    assert time.process_time() - started < 6
