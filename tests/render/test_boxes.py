"""The places of counters and of floating elements in a screenshot: noted when it is taken, and no news in a comparison."""

import io
import json
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops

from archiver.extract.open_page import render_rules
from archiver.extract.profile import parse_profile
from archiver.model.profile import RenderRules
from archiver.model.rendition import MOST_BOXES, Rendered
from browsers import needs_chromium
from rendering import Answers, Browser, page_of

pytestmark = needs_chromium

RULES = RenderRules("always", counters=(".views", "no:such(", ".views b"))
PAGE = """<!doctype html><style>
body { margin: 0; background: #fff; height: 3000px } form { height: 40px }
.top { position: sticky; top: 0; height: 50px; background: #00f }
.bar { position: fixed; left: 100px; bottom: 0; width: 300px; height: 60px; background: #f00 }
.views { position: absolute; left: 40px; top: 600px; width: 80px; height: 20px; background: #0f0 }
.hidden { visibility: hidden }
</style><div class=top></div><form><input name=getBoundingClientRect></form><p class=views>123</p>
<p class="views hidden">9</p><p class=views style="top: 700px">%s</p><div class=bar></div>
<my-box><template shadowrootmode=open><b class=views style="position: absolute; left: 5px; top: 900px; width: 30px">7</b></template></my-box>""" % (
    "much text " * 30
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def rendered(browser: Browser) -> Rendered:
    return browser.open(PAGE, Answers(), RULES)


def test_counters_are_found_also_in_shadow_roots_and_long_texts_are_none(rendered: Rendered) -> None:
    assert [box[:3] for box in rendered.made_by.counters] == [(40, 616, 80), (5, 900, 30)]


def test_floating_elements_are_where_they_are_in_the_picture(rendered: Rendered) -> None:
    top, bar = rendered.made_by.floating
    assert top == (0, 0, 1280, 50)
    with Image.open(io.BytesIO(rendered.screenshot)) as picture:
        red, green, _ = picture.convert("RGB").split()
        found = ImageChops.subtract(red, green).point(lambda level: 255 if level > 200 else 0).getbbox()
    assert found is not None
    left, upper, right, lower = found
    assert bar == (left, upper, right - left, lower - upper)


def test_there_are_few_boxes_and_a_page_without_any_notes_none(browser: Browser) -> None:
    many = browser.open("<!doctype html>" + "<b class=views>1</b> " * 100, Answers(), RULES)
    assert len(many.made_by.counters) == MOST_BOXES
    plain = browser.open("<!doctype html><p>1", Answers(), RULES)
    assert not {"counters", "floating"} & set(json.loads(plain.made_by.as_json()))


def test_the_counters_are_those_of_the_profile() -> None:
    profile = parse_profile(
        '[site]\nname = "p"\nhome = "http://portal.test/"\n[[page]]\nkind = "article"\nrender = "always"\n'
        '[page.readings]\nviews = [".views", { meta = "views" }]\n',
        "p",
    )
    rules = render_rules(page_of("<p>1"), profile)
    assert rules is not None
    assert rules.counters == (".views",)
