"""A captcha and a login wall are not the page; an article that contains either is a page."""

import pytest

from archiver.crawl.read_capture import read_capture
from archiver.extract.login import asks_to_log_in
from archiver.extract.profile import parse_profile
from archiver.model.capture import Capture, Outcome, parse_head
from made import START, capture

URL = "http://portal.example/1"
PROFILE = parse_profile(
    '[site]\nname = "t"\nhome = "http://portal.example/"\n[[page]]\nkind = "article"\n[page.fields]\ntitle = "h1"\nbody = "#b"\n',
    "t",
)
LOGIN = "<form><label>User</label><input name=u><input TYPE='password' name=p></form>"
CHALLENGE = "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate.js'></script>"
TEXT = "<div id=b><p>" + "A long account of a pond that was drained. " * 4 + "</p></div>"


def _read(body: str, url: str = URL) -> tuple[Outcome, str]:
    reading = read_capture(capture(url, body.encode()), PROFILE, None)
    return reading.outcome, reading.note


@pytest.mark.parametrize(
    "body",
    [
        f"<title>Just a moment...</title><h1>portal.example</h1>{CHALLENGE}<p>Checking your browser.</p>",
        "<body><iframe src='/_Incapsula_Resource?x=1'>Request unsuccessful.</iframe></body>",
        "<h1>Xác minh</h1><div class='g-recaptcha' data-sitekey=x></div>",
    ],
)
def test_a_challenge_is_not_the_page(body: str) -> None:
    assert _read(body) == (Outcome.BLOCKED, "a challenge to prove that one is human")


def test_a_login_wall_is_not_the_page() -> None:
    assert _read(f"<h1>Đăng nhập</h1>{LOGIN}") == (Outcome.BLOCKED, "a login form")


@pytest.mark.parametrize("extra", [LOGIN, CHALLENGE, "<div class=g-recaptcha></div>"])
def test_an_article_with_a_captcha_is_a_page(extra: str) -> None:
    assert _read(f"<h1>A pond</h1>{TEXT}{extra}")[0] is Outcome.OK
    assert _read(f"<h1>A pond</h1><p>{'Many words of no rule. ' * 60}</p>{extra}")[0] is Outcome.OK


WIDGET = "<form class=login><input name=u><div class='g-recaptcha' data-sitekey=x></div></form>"


def test_a_login_box_with_a_captcha_makes_no_wall_of_a_short_page() -> None:
    links = "".join(f"<a href='/a/{number}'>Tin {number}</a>" for number in range(12))
    listing = parse_profile(PROFILE.text.replace('kind = "article"', 'kind = "listing"'), "t")
    assert read_capture(capture(URL, f"<h1>Tin</h1>{WIDGET}{links}".encode()), listing, None).outcome is Outcome.OK
    assert _read(f"<h1>Thông báo</h1><p>{'Văn phòng đóng cửa ngày thứ hai. ' * 12}</p>{WIDGET}")[0] is Outcome.OK
    assert _read(f"<h1>Xác minh</h1><p>Bạn có phải là người?</p>{WIDGET}")[0] is Outcome.BLOCKED


def test_a_header_may_declare_it_too() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCf-Mitigated: challenge\r\n\r\n"
    shown = Capture(capture(URL).request, START, Outcome.OK, 200, head, parse_head(head), b"<h1>Wait</h1>")
    assert read_capture(shown, PROFILE, None).outcome is Outcome.BLOCKED


@pytest.mark.parametrize(
    ("path", "is_login"),
    [
        ("/login", True),
        ("/_layouts/Authenticate.aspx?Source=/x", True),
        ("/wp-login.php?redirect_to=x", True),
        ("/dang-nhap", True),
        ("/tin/dang-nhap-he-thong-moi.html", False),
        ("/blogin", False),
        ("/news/login-2023", False),
    ],
)
def test_where_one_logs_in(path: str, is_login: bool) -> None:
    assert asks_to_log_in(f"http://portal.example{path}") is is_login
