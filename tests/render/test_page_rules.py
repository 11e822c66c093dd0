"""What a profile says about rendering: waiting, actions, viewport, what is blocked."""

from collections.abc import Iterator

import pytest

from archiver.model.profile import Action, RenderRules, SiteInfo
from archiver.render.limits import RenderLimits
from archiver.render.refusals import is_ad_host
from browsers import needs_chromium
from rendering import PAGE, PLAIN, Answers, Browser, page_of

pytestmark = needs_chromium

MORE = """<body><button class=more>More</button><script>
let pages = 0;
document.querySelector('.more').onclick = async () => {
  const answer = await fetch('/list?page=' + ++pages);
  if (!answer.ok) { document.querySelector('.more').hidden = true; return; }
  document.body.insertAdjacentHTML('beforeend', `<h2>${await answer.text()}</h2>`);
};
</script>"""
ENDLESS = """<body><div style="height: 3000px"></div><script>
let pages = 0, waits = false;
addEventListener('scroll', async () => {
  if (waits || innerHeight + scrollY < document.body.scrollHeight - 50) return;
  waits = true;
  const answer = await fetch('/list?page=' + ++pages);
  if (answer.ok) document.body.insertAdjacentHTML('beforeend', `<h2 style="margin: 500px 0">${await answer.text()}</h2>`);
  waits = false;
});
</script>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(limits=RenderLimits(seconds=8, most_seconds=40))
    yield browser
    browser.close()


def _lists(count: int) -> Answers:
    answers = Answers()
    for page in range(1, count + 1):
        answers.add(f"http://portal.test/list?page={page}", "text/plain", f"part {page}")
    return answers


def _acting(*actions: Action, wait: str = "") -> RenderRules:
    return RenderRules("always", wait=wait, actions=actions)


def test_a_node_is_waited_for(browser: Browser) -> None:
    html = "<body><script>setTimeout(() => { document.body.innerHTML = '<p class=late>late</p>' }, 1500)</script>"
    rendered = browser.open(html, rules=_acting(wait=".late"))
    assert (rendered.made_by.waited, rendered.notes) == ("selector .late, quiet", ())
    assert b'<p class="late">' in rendered.dom
    assert b'<p class="late">' not in browser.open(html).dom


def test_a_node_in_a_shadow_root_is_waited_for(browser: Browser) -> None:
    html = "<div id=a></div><script>setTimeout(() => { a.attachShadow({mode: 'open'}).innerHTML = '<i>x</i>' }, 900)</script>"
    assert browser.open(html, rules=_acting(wait="i")).made_by.waited == "selector i, quiet"


def test_a_node_that_does_not_come_is_noted() -> None:
    browser = Browser(limits=RenderLimits(seconds=2))
    try:
        rendered = browser.open("<p>text", rules=_acting(wait=".never"))
        assert rendered.failure == ""
        assert rendered.made_by.waited == "selector .never: not found, time limit"
        assert rendered.notes == ("selector .never: not found",)
        assert b"<p>text" in rendered.dom
    finally:
        browser.close()


def test_a_button_is_clicked_until_nothing_more_comes(browser: Browser) -> None:
    rendered = browser.open(MORE, _lists(3), _acting(Action("click", ".more", 20)))
    assert rendered.dom.count(b"<h2>part") == 3
    assert rendered.made_by.actions == ("click .more ×4",)


def test_a_button_is_clicked_at_most_so_often(browser: Browser) -> None:
    rendered = browser.open(MORE, _lists(9), _acting(Action("click", ".more", 2)))
    assert rendered.dom.count(b"<h2>part") == 2
    assert rendered.made_by.actions == ("click .more ×2",)


def test_a_node_that_is_not_there_or_not_seen_is_not_clicked(browser: Browser) -> None:
    html = "<button class=a hidden onclick='document.title = 1'></button><button class=b disabled onclick='document.title = 1'>x</button>"
    rendered = browser.open(html, rules=_acting(*(Action("click", css, 5) for css in (".a", ".b", ".c"))))
    assert rendered.made_by.actions == ("click .a ×0", "click .b ×0", "click .c ×0")
    assert b"<title>" not in rendered.dom


def test_an_endless_list_is_scrolled_until_nothing_more_comes(browser: Browser) -> None:
    rendered = browser.open(ENDLESS, _lists(2), _acting(Action("scroll", most=20)))
    assert [rendered.dom.count(b"part %d<" % page) for page in (1, 2, 3)] == [1, 1, 0]
    assert rendered.made_by.actions[0].startswith("scroll ×")


def test_a_list_in_a_box_is_scrolled(browser: Browser) -> None:
    html = """<div id=box style="height: 300px; overflow-y: auto"><div style="height: 900px"></div></div>
    <script>box.onscroll = () => { if (box.scrollTop > 590 && !box.querySelector('h2')) box.insertAdjacentHTML('beforeend', '<h2>end</h2>') }</script>"""
    assert b"<h2>end</h2>" in browser.open(html, rules=_acting(Action("scroll", most=3))).dom


def test_a_key_is_pressed(browser: Browser) -> None:
    html = "<body><script>onkeydown = (e) => { document.body.insertAdjacentHTML('beforeend', `<p>${e.key} ${e.code} ${e.isTrusted}</p>`) }</script>"
    rendered = browser.open(html, rules=_acting(Action("press", "End"), Action("press", "Space", 2)))
    assert b"<p>End End true</p><p>  Space true</p><p>  Space true</p>" in rendered.dom
    assert rendered.made_by.actions == ("press End ×1", "press Space ×2")


def test_a_click_that_leads_elsewhere_is_not_followed(browser: Browser) -> None:
    answers = Answers()
    rendered = browser.open("<p>text</p><a href=/other>x</a>", answers, _acting(Action("click", "a", 3)))
    assert rendered.failure == ""
    assert rendered.notes == ("the page led to http://portal.test/other later",)
    assert rendered.made_by.final_url == PAGE
    assert answers.asked == []


def test_the_window_has_the_size_of_the_profile(browser: Browser) -> None:
    html = "<body style='margin: 0'><script>document.title = innerWidth + 'x' + innerHeight + ' ' + matchMedia('(max-width: 500px)').matches</script>"
    rendered = browser.open(html, rules=RenderRules("always", viewport=(400, 700)))
    assert b"<title>400x700 true</title>" in rendered.dom
    assert [int.from_bytes(rendered.screenshot[at : at + 4]) for at in (16, 20)] == [400, 700]


def test_no_screenshot_is_taken_when_the_profile_wants_none(browser: Browser) -> None:
    rendered = browser.open("<p>text", rules=RenderRules("always", screenshot="never"))
    assert rendered.dom
    assert not rendered.screenshot
    assert rendered.notes == ()


def test_what_is_blocked_is_not_requested(browser: Browser) -> None:
    html = """<style>@font-face { font-family: f; src: url(/f.woff2) } p { font-family: f }</style><p>text</p><img src=/i.png>
    <video src=/v.mp4></video><script src="https://www.googletagmanager.com/gtm.js"></script><script src=/a.js></script>"""
    answers = Answers()
    rendered = browser.open(html, answers, RenderRules("always", block=("ads", "fonts", "images", "media")))
    refused = {each.refused for each in rendered.requests}
    assert answers.urls() == ["http://portal.test/a.js"]
    assert refused == {"ads", "fonts", "images", "media", ""}
    answers = Answers()
    browser.open(html, answers)
    assert len(answers.asked) == 5


def test_hosts_below_an_ad_host_are_ad_hosts() -> None:
    assert is_ad_host("stats.g.doubleclick.net")
    assert is_ad_host("DoubleClick.net.")
    assert not is_ad_host("notdoubleclick.net")
    assert not is_ad_host("net")


def test_scripts_have_the_language_and_the_time_zone_of_the_site(browser: Browser) -> None:
    page = page_of(
        "<p id=a></p><script>a.textContent = [new Date(0).toLocaleString(), navigator.language, new Date(0).getHours()].join(' | ');"
        "fetch('/x')</script>"
    )
    answers = Answers().add("http://portal.test/x", "text/plain", "x")
    site = SiteInfo("t", language="vi", timezone="Asia/Ho_Chi_Minh")
    rendered = browser.do(browser.renderer.render(page, PLAIN, answers, site=site))
    assert b"08:00:00 1/1/1970 | vi | 8" in rendered.dom
    assert (rendered.made_by.language, rendered.made_by.timezone) == ("vi", "Asia/Ho_Chi_Minh")
    assert dict(answers.asked[0].headers)[b"Accept-Language"] == b"vi"
    unknown = browser.do(browser.renderer.render(page, PLAIN, answers, site=SiteInfo("t", timezone="Mars/Base")))
    assert unknown.notes == ("the browser does not know Mars/Base",)
