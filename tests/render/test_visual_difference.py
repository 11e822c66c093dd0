"""The visual difference of two screenshots: what is a region, what is none, and what is no news."""

import io
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from archiver.errors import UnreadableScreenshot, UsageError
from archiver.render.difference.region import Kind
from archiver.render.difference.visual_difference import (
    Box,
    Region,
    Screenshot,
    VisualDifference,
    draw,
    draw_side_by_side,
    visual_difference,
)
from browsers import needs_chromium
from photographed import WIDTH, Camera, camera

WORDS = """the council of a small town on river decided yesterday that new bridge must be built before winter because old
one closed after flood people wait market school bus road north ferry engineers report costs""".split()
STYLE = """body{margin:0;font:16px/1.5 sans-serif} header{background:#124;color:#fff;padding:16px} p{margin:16px 0}
main{display:flex;gap:32px;padding:16px} article{flex:3} aside{flex:1;background:#eee;padding:8px}
footer{border-top:2px solid #333;padding:16px} .row{display:flex;gap:16px} .row div{width:180px;height:120px;padding:8px}
.bar{background:#fc0;height:48px;padding:8px}"""


def _text(number: int, length: int = 60) -> str:
    words = random.Random(number)
    return " ".join(words.choice(WORDS) for _ in range(length)).capitalize() + "."


TEXTS = [_text(number) for number in range(8)]


def _page(
    texts: list[str] = TEXTS, side: list[str] | None = None, *, head: str = "", body: str = "", css: str = ""
) -> str:
    sides = side or [_text(number, 12) for number in range(100, 105)]
    article, aside = ("".join(f"<p>{each}</p>" for each in these) for these in (texts, sides))
    return (
        f"<!doctype html><meta charset=utf-8><style>{STYLE}{css}</style><header><h1>The Daily Bridge</h1>{head}</header>"
        f"{body}<main><article>{article}</article><aside>{aside}</aside></main><footer>Imprint, contact</footer>"
    )


Compare = Callable[[str, str], VisualDifference]


@pytest.fixture(scope="module")
def taken() -> Iterator[Camera]:
    with camera() as one:
        yield one


@pytest.fixture
def compare(taken: Camera) -> Compare:
    return lambda before, after: visual_difference(Screenshot(taken.shot(before)), Screenshot(taken.shot(after)))


def _kinds(difference: VisualDifference) -> list[str]:
    return [each.kind for each in difference.regions]


# pages in a browser


@needs_chromium
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_page(), _page()),
        (_page(), _page(body="<p hidden>Only a script sees this</p>")),
        (_page(body="<i style='color:#fff'>one</i>"), _page(body="<i style='color:#fff'>two</i>")),
        (_page(), _page(css=".never{color:red} /* another style sheet */")),
        (_page(css="aside{background:#eee}"), _page(css="aside{background:#efefef}")),
        (_page(), _page(css="header{margin-bottom:37px}")),
        (_page(), _page(css="article p:nth-child(3){margin-bottom:61px} footer{padding-bottom:80px}")),
    ],
    ids=[
        "same",
        "hidden",
        "white on white",
        "style",
        "one level",
        "space below the header",
        "space between paragraphs",
    ],
)
def test_what_looks_the_same_has_no_region(compare: Compare, before: str, after: str) -> None:
    difference = compare(before, after)
    assert difference.regions == ()
    assert difference.changed_share == 0


@needs_chromium
@pytest.mark.parametrize(
    ("old", "new"), [("12 people", "18 people"), ("A bridge", "A ferry"), ("may not go", "may now go")]
)
def test_an_edited_word_is_one_region_around_it(taken: Camera, old: str, new: str) -> None:
    mark = "<span id=here>{}</span> wait at the river."
    before = taken.shot(_page([TEXTS[0], mark.format(old), *TEXTS[1:]]))
    around = Box(*taken.box("#here"))
    difference = visual_difference(
        Screenshot(before), Screenshot(taken.shot(_page([TEXTS[0], mark.format(new), *TEXTS[1:]])))
    )
    (region,) = difference.regions
    assert region.kind == "changed"
    assert region.before.left >= around.left
    assert region.before.top >= around.top
    assert region.before.bottom <= around.bottom
    assert difference.changed_share < 0.005


@needs_chromium
def test_an_edited_word_that_makes_its_paragraph_flow_is_one_region_inside_the_paragraph(taken: Camera) -> None:
    longer = TEXTS[3].replace(TEXTS[3].split()[20], "catastrophically", 1)
    before = taken.shot(_page())
    paragraph = Box(*taken.box("article p:nth-child(4)"))
    difference = visual_difference(Screenshot(before), Screenshot(taken.shot(_page([*TEXTS[:3], longer, *TEXTS[4:]]))))
    (region,) = difference.regions
    assert region.kind == "changed"
    assert region.before.is_inside([paragraph])


@needs_chromium
@pytest.mark.parametrize("place", [0, 3, 8])
def test_an_inserted_paragraph_is_one_inserted_region(taken: Camera, compare: Compare, place: int) -> None:
    after = _page([*TEXTS[:place], _text(99, 40), *TEXTS[place:]])
    taken.shot(after)
    paragraph = Box(*taken.box(f"article p:nth-child({place + 1})"))
    (region,) = compare(_page(), after).regions
    assert region.kind == "inserted"
    assert region.after.touches(paragraph)
    assert region.after.is_inside([paragraph.grown(WIDTH, 17)])


@needs_chromium
@pytest.mark.parametrize("place", [0, 4, 7])
def test_a_removed_paragraph_is_one_removed_region(compare: Compare, place: int) -> None:
    difference = compare(_page(), _page(TEXTS[:place] + TEXTS[place + 1 :]))
    assert _kinds(difference) == ["removed"]


@needs_chromium
def test_columns_are_aligned_each_by_itself(compare: Compare) -> None:
    sides = [_text(number, 12) for number in range(100, 105)]
    (region,) = compare(_page(side=sides), _page(side=[_text(200, 12), *sides])).regions
    assert region.kind == "inserted"
    assert region.after.left > WIDTH // 2
    both = compare(_page(side=sides), _page([_text(99, 40), *TEXTS], side=[_text(200, 30), *sides]))
    assert set(_kinds(both)) == {"inserted"}
    assert {each.after.left > WIDTH // 2 for each in both.regions} == {False, True}


@needs_chromium
def test_a_footer_that_stands_lower_is_no_difference(compare: Compare) -> None:
    difference = compare(_page(TEXTS[:6]), _page())
    assert _kinds(difference) == ["inserted"]
    assert difference.regions[0].after.bottom < difference.after_size[1] - 40


@needs_chromium
@pytest.mark.parametrize(
    "css",
    [
        "body{font:18px/1.4 serif} header{background:#a30} main{flex-direction:row-reverse}",
        "body{background:#111;color:#eee} aside{background:#333}",
        "main{display:block;columns:2} body{font:13px/1.3 monospace}",
    ],
)
def test_a_redesign_changes_most_of_the_page(compare: Compare, css: str) -> None:
    assert compare(_page(), _page(css=css)).changed_share > 0.5


@needs_chromium
@pytest.mark.parametrize(("old", "new"), [("1,234", "1,235"), ("99", "1,204"), ("7 views", "8 views")])
def test_a_counter_is_no_news(taken: Camera, old: str, new: str) -> None:
    shots = []
    for text in (old, new):
        png = taken.shot(_page([f"<b id=count>{text}</b> read this", *TEXTS]))
        shots.append(Screenshot(png, counters=(Box(*taken.box("#count")),)))
    assert "counter" in _kinds(visual_difference(*shots))
    unknown = visual_difference(*(Screenshot(each.png) for each in shots))
    assert set(_kinds(unknown)) == {"changed"}


@needs_chromium
def test_a_counter_that_is_no_wider_leaves_no_news_and_an_edit_beside_it_does(taken: Camera) -> None:
    shots = []
    for views, title in (("1,234", "Bridge closed"), ("8,907", "Bridge opened")):
        png = taken.shot(_page([f"<b id=count>{views}</b>", f"<h2>{title}</h2>", *TEXTS]))
        shots.append(Screenshot(png, counters=(Box(*taken.box("#count")),)))
    assert _kinds(visual_difference(*shots)) == ["counter", "changed"]


def _cards(names: str) -> str:
    colours = {"A": "#fdd", "B": "#dfd", "C": "#ddf", "N": "#ffd"}
    cards = "".join(f"<div style='background:{colours[name]}'>{name}: {_text(ord(name), 14)}</div>" for name in names)
    return f"<div class=row>{cards}</div>"


@needs_chromium
@pytest.mark.parametrize("turned", ["BCA", "CAB"])
def test_a_carousel_that_rotates_is_moved(compare: Compare, turned: str) -> None:
    difference = compare(_page(body=_cards("ABC")), _page(body=_cards(turned)))
    assert set(_kinds(difference)) == {"moved"}
    assert difference.changed_share == 0


@needs_chromium
def test_many_changes_of_one_page_are_told_apart(taken: Camera) -> None:
    shots, edited = [], TEXTS[3].replace("bridge", "aqueduct", 1)
    for count, cards, texts in (
        ("1,234", "ABC", TEXTS),
        ("98,231", "BCA", [TEXTS[0], _text(77, 40), *TEXTS[1:3], edited, TEXTS[4], *TEXTS[6:]]),
    ):
        png = taken.shot(_page([f"<b>{count}</b> people", *texts], body=_cards(cards)))
        shots.append(Screenshot(png, counters=(Box(*taken.box("b")),)))
    difference = visual_difference(*shots)
    assert sorted(_kinds(difference)) == ["changed", "counter", "inserted", "moved", "moved", "removed"]


@needs_chromium
def test_a_new_card_in_a_carousel_is_news(compare: Compare) -> None:
    difference = compare(_page(body=_cards("ABC")), _page(body=_cards("NAB")))
    assert difference.news
    assert difference.changed_share > 0


@needs_chromium
def test_a_banner_that_floats_is_no_news_when_its_boxes_are_known(taken: Camera) -> None:
    shots = []
    for top in (300, 700, 1000):
        style = f"position:absolute;left:0;right:0;top:{top}px"
        png = taken.shot(_page(body=f"<div class=bar id=bar style='{style}'>Subscribe now for one coin</div>"))
        shots.append(Screenshot(png, floating=(Box(*taken.box("#bar")),)))
    for before, after in ((shots[0], shots[1]), (shots[2], shots[0])):
        difference = visual_difference(before, after)
        assert set(_kinds(difference)) == {"moved"}
        assert visual_difference(Screenshot(before.png), Screenshot(after.png)).news


@needs_chromium
def test_a_banner_that_moves_over_empty_space_is_no_news(compare: Compare) -> None:
    bar = (
        "<div style='height:200px;position:relative'><div class=bar style='position:absolute;top:{}px'>Now</div></div>"
    )
    assert compare(_page(body=bar.format(8)), _page(body=bar.format(120))).news == ()


# pictures that are drawn here


def _drawn(
    *boxes: tuple[tuple[int, int, int, int], str], size: tuple[int, int] = (400, 600), ground: str = "white"
) -> bytes:
    picture = Image.new("RGB", size, ground)
    pencil = ImageDraw.Draw(picture)
    for box, colour in boxes:
        pencil.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=colour)
    return _png(picture)


def _png(picture: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", **options)
    return file.getvalue()


def _of(before: bytes, after: bytes) -> VisualDifference:
    return visual_difference(Screenshot(before), Screenshot(after))


def test_a_box_that_comes_or_goes_or_has_another_colour() -> None:
    box = (40, 50, 140, 90)
    came = _of(_drawn(), _drawn((box, "navy")))
    assert came.regions == (Region("inserted", Box(*box), Box(*box)),)
    assert came.changed_share == pytest.approx(4000 / 240_000)
    assert _kinds(_of(_drawn((box, "navy")), _drawn())) == ["removed"]
    assert _kinds(_of(_drawn((box, "navy")), _drawn((box, "teal")))) == ["changed"]


def test_a_colour_of_the_same_brightness_is_another_colour() -> None:
    box, red, green = (40, 50, 140, 90), (196, 0, 0), (0, 100, 0)
    shades = [Image.new("RGB", (1, 1), colour).convert("L").tobytes() for colour in (red, green)]
    assert shades[0] == shades[1]
    assert _kinds(_of(_drawn((box, "rgb(196,0,0)")), _drawn((box, "rgb(0,100,0)")))) == ["changed"]


def test_noise_below_the_threshold_is_no_difference() -> None:
    noise = random.Random(5)
    picture = Image.new("RGB", (200, 200), (128, 128, 128))
    other = Image.frombytes("RGB", (200, 200), bytes(128 + noise.randint(-8, 8) for _ in range(120_000)))
    assert _of(_png(picture), _png(other)).regions == ()
    other.paste((250, 128, 128), (50, 60, 70, 80))
    (region,) = _of(_png(picture), _png(other)).regions
    assert region.after == Box(50, 60, 70, 80)


def test_neighbours_are_one_region_and_the_others_are_not() -> None:
    near = _of(_drawn(), _drawn(((20, 20, 60, 40), "navy"), ((70, 22, 90, 44), "teal"), ((20, 300, 60, 340), "navy")))
    assert [each.after for each in near.regions] == [Box(20, 20, 90, 44), Box(20, 300, 60, 340)]


def test_there_are_at_most_fifty_regions() -> None:
    dots = [((x, y, x + 10, y + 10), "navy") for x in range(10, 1500, 60) for y in range(10, 1500, 60)]
    difference = _of(_drawn(size=(1500, 1500)), _drawn(*dots, size=(1500, 1500)))
    assert 1 <= len(difference.regions) <= 50
    covered = [each.after for each in difference.regions]
    assert all(Box(*box).is_inside(covered) for box, _ in dots)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "LA"])
def test_any_kind_of_png_is_compared(mode: str) -> None:
    picture = Image.open(io.BytesIO(_drawn(((40, 50, 140, 90), "black")))).convert(mode)
    assert _of(_drawn(((40, 50, 140, 90), "black")), _png(picture)).regions == ()


def test_pictures_of_two_widths() -> None:
    wider = _of(_drawn(), _drawn(((420, 10, 460, 50), "navy"), size=(500, 600)))
    assert [(each.kind, each.after) for each in wider.regions] == [("inserted", Box(420, 10, 460, 50))]
    assert _of(_drawn(), _drawn(size=(500, 600))).regions == ()
    assert _of(_drawn(size=(1, 1)), _drawn(size=(2, 900))).regions == ()


# pictures of the difference


def test_the_regions_are_outlined_in_both_pictures() -> None:
    before, after = _drawn(((40, 50, 140, 90), "navy")), _drawn(((40, 300, 80, 340), "teal"))
    difference = _of(before, after)
    assert _kinds(difference) == ["removed", "inserted"] or _kinds(difference) == ["changed", "inserted"]
    for plain, outlined in zip((before, after), draw(before, after, difference), strict=True):
        picture = Image.open(io.BytesIO(outlined))
        assert picture.size == (400, 600)
        assert picture.getpixel((60, 70)) == Image.open(io.BytesIO(plain)).getpixel((60, 70))
        assert outlined != plain


def test_each_kind_has_a_line_of_its_own_also_without_colour() -> None:
    box, png = Box(60, 60, 340, 500), _drawn()
    kinds: tuple[Kind, ...] = ("changed", "inserted", "removed", "moved", "counter")
    lines = []
    for kind in kinds:
        difference = VisualDifference((400, 600), (400, 600), (Region(kind, box, box),), 0.0)
        picture = (
            Image.open(io.BytesIO(draw(png, png, difference)[1]))
            .convert("L")
            .point([255 * (x < 200) for x in range(256)])
        )
        lines.append(picture.crop((100, 500, 300, 512)).tobytes())
    assert len(set(lines)) == len(kinds)


def test_a_region_without_area_or_at_the_edge_is_drawn() -> None:
    png = _drawn(size=(30, 30))
    boxes = [Box(0, 0, 0, 0), Box(0, 0, 30, 30), Box(29, 29, 30, 30), Box(30, 30, 30, 30), Box(10, 10, 10, 20)]
    difference = VisualDifference((30, 30), (30, 30), tuple(Region("inserted", box, box) for box in boxes), 1.0)
    for picture in (*draw(png, png, difference), draw_side_by_side(png, png, difference)):
        Image.open(io.BytesIO(picture)).load()


def test_both_are_drawn_side_by_side_no_wider_than_asked() -> None:
    before, after = _drawn(size=(900, 300)), _drawn(((10, 10, 90, 90), "navy"), size=(900, 500))
    picture = Image.open(io.BytesIO(draw_side_by_side(before, after, _of(before, after), 616)))
    assert picture.size == (616, 167)
    assert Image.open(io.BytesIO(draw_side_by_side(before, after, _of(before, after), 4000))).size == (1816, 500)


# bad input and bounds


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _made(width: int, height: int, *, bits: int = 8, colour: int = 2, data: bytes = b"", more: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + more
        + _chunk(b"IDAT", zlib.compress(data))
        + _chunk(b"IEND", b"")
    )


def _animated() -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    return _png(frames[0], save_all=True, append_images=frames[1:])


def _with_long_text() -> bytes:
    about = PngImagePlugin.PngInfo()
    about.add_text("x", "y" * 80_000_000, zip=True)
    return _png(Image.new("RGB", (20, 20)), pnginfo=about)


BAD: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "no PNG": lambda: b"<!doctype html><title>404</title>",
    "only a signature": lambda: b"\x89PNG\r\n\x1a\n",
    "a JPEG": lambda: b"\xff\xd8\xff\xe0" + bytes(400),
    "cut off": lambda: _drawn()[:-60],
    "cut off in the header": lambda: _drawn()[:24],
    "too few rows": lambda: _made(50, 50, data=bytes(151) * 3),
    "wrong checksum": lambda: _drawn().replace(b"IDAT", b"IDAT\x00", 1),
    "no size": lambda: _made(0, 0),
    "too wide": lambda: _made(4001, 10),
    "too high": lambda: _made(10, 15_001),
    "bomb": lambda: _made(2**31 - 1, 2**31 - 1),
    "16 bits": lambda: _made(2, 2, bits=16, data=bytes(26)),
    "odd bits": lambda: _made(2, 2, bits=7, data=bytes(26)),
    "odd colour": lambda: _made(2, 2, colour=9, data=bytes(26)),
    "palette is missing": lambda: _made(2, 2, colour=3, data=b"\x00\x01\x02\x00\x03\x04"),
    "animated": _animated,
    "80 MB of text": _with_long_text,
    "no data": lambda: (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)) + _chunk(b"IEND", b"")
    ),
}
HARMLESS = {"palette is missing", "too few rows"}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_one_line_of_error(name: str) -> None:
    bad, good = BAD[name](), _drawn(size=(50, 50))
    for before, after in ((bad, good), (good, bad)):
        assert (_error_of(before, after) == "") == (name in HARMLESS)


def _error_of(before: bytes, after: bytes) -> str:
    try:
        _of(before, after)
    except UnreadableScreenshot as error:
        line = str(error)
        _is_one_line(line)
        return line
    return ""


def _is_one_line(text: str) -> None:
    assert text.startswith("the screenshot ")
    assert "\n" not in text


def test_any_damaged_byte_gives_a_result_or_an_error_of_ours() -> None:
    noise, good = random.Random(7), _drawn(((10, 10, 30, 30), "navy"), size=(60, 60))
    for _ in range(300):
        bad = bytearray(good)
        for _ in range(noise.randint(1, 4)):
            bad[noise.randrange(len(bad))] = noise.randrange(256)
        _error_of(good, bytes(bad))


def test_without_pillow_one_line_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    png = _drawn()
    for name in [each for each in sys.modules if each.startswith(("archiver.render.", "PIL."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(UsageError, match="`pipx inject portal-archiver pillow`"):
        _of(png, png + b" ")


def test_pillow_is_imported_only_when_used() -> None:
    code = "import sys; import archiver.render.difference.visual_difference; assert 'PIL' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


LARGEST = """
import io, pathlib, random, re, sys, time
from PIL import Image, ImageDraw
from archiver.render.difference.visual_difference import Screenshot, visual_difference
def page(rows, height):
    picture = Image.new("RGB", (4000, height), "white")
    pencil = ImageDraw.Draw(picture)
    for number, row in enumerate(rows):
        rng = random.Random(row)
        for x in range(20, 3900, 90):
            pencil.rectangle((x, number * 20, x + rng.randint(10, 80), number * 20 + 12), fill=(rng.randint(0, 90), 0, 50))
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()
rows = list(range(749))
before = page(rows, 15_000)
after = page({after}, 15_000)
start = time.process_time()
difference = visual_difference(Screenshot(before), Screenshot(after))
seconds = time.process_time() - start
peak = int(re.search("VmHWM:\\s+([0-9]+)", pathlib.Path("/proc/self/status").read_text())[1])  # ru_maxrss has that of the parent
print(seconds, peak / 1024, len(difference.regions))
"""


@pytest.mark.parametrize(
    "after",
    ["[9999, *rows[:-1]]", "[1000 + row for row in rows]", "rows[::-1]", "[row + 2000 * (row % 2) for row in rows]"],
)
def test_the_largest_pictures_need_few_seconds_of_cpu_and_bounded_memory(after: str) -> None:
    code = LARGEST.replace("{after}", after)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    seconds, megabytes, regions = map(float, done.stdout.split())
    print(after, seconds, megabytes, regions)
    assert seconds < 10
    assert megabytes < 520
    assert 1 <= regions <= 50


PAIRS = """bridge/fridge 1,234/1.234 3/8 5/6 0/8 12/21 cat/eat now/not má/mà mã/mả ma/má hủy/hũy o/ô ơ/o u/ư e/ê đo/do l/t n/h
rn/ra c/e v/y i/l 1/7 end/end. yes,/yes. a;/a: due/duo form/from on/no 2019/2018 £5/€5 won/win Hoà/Hoá -5/+5 is/as"""


@needs_chromium
@pytest.mark.parametrize("size", [13, 16, 28])
def test_no_two_words_are_taken_for_one(taken: Camera, size: int) -> None:
    pairs = [each.split("/") for each in PAIRS.split()]
    shots = [
        taken.shot(
            f"<!doctype html><meta charset=utf-8><body style='font:{size}px sans-serif'>"
            + "".join(
                f"<p>the bridge of <b>{'w' * place}</b> {pair[side]} was closed" for place, pair in enumerate(pairs)
            )
        )
        for side in (0, 1)
    ]
    regions = _of(*shots).regions
    top = taken.run("[...document.querySelectorAll('p')].map(p => [p.offsetTop, p.offsetTop + p.offsetHeight])")
    missed = [
        pair
        for pair, (start, end) in zip(pairs, top, strict=True)
        if not any(box.top < end and box.bottom > start for each in regions for box in (each.before, each.after))
    ]
    assert missed == []


@needs_chromium
@pytest.mark.parametrize(("old", "new"), [("i", "mm"), ("one", "two"), ("may", "may not"), ("", "x"), ("ill", "well")])
def test_what_follows_an_edited_word_is_no_difference(taken: Camera, old: str, new: str) -> None:
    shots = [taken.shot(_page([f"Here <b>{word}</b> {TEXTS[0]}", *TEXTS[1:]])) for word in (old, new)]
    (region,) = _of(*shots).regions
    assert max(region.before.area, region.after.area) < 1_500
