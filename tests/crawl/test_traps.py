"""Crawler traps are not followed, and no site can lead the crawler into a private network."""

from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.crawl.traps import trap_in
from archiver.fetch.private import is_local_name, is_private
from scripted import Answer, Scripted


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Scripted]:
    made = Scripted(tmp_path / "archive.db")
    yield made
    made.close()


TRAPS = {
    "http://x.example/a/b/a/b/a/b/": "repeated",
    "http://x.example/tin/tin/tin/": "repeated",
    "http://x.example/a/x/a/y/a/z/a/": "occurs 4 times",
    "http://x.example/" + "/".join(map(str, range(30))): "parts in its path",
    "http://x.example/" + "a" * 2100: "characters",
    "http://x.example/?" + "&".join(f"f{number}=1" for number in range(30)): "parameters",
    "http://x.example/?a=1&a=2&a=3&a=4&a=5&a=6": "the parameter 'a'",
    "http://x.example/calendar?year=2417&month=3": "the year 2417",
}
ORDINARY = (
    "http://x.example/tintuc/lists/posts/post.aspx?ItemID=5609&Mode=1",
    "http://x.example/2022/10/21/bai-viet-dai-dong-ve-viec-thuc-hien-chinh-sach.html",
    "http://x.example/calendar?year=2022&month=10",
    "http://x.example/van-ban/nghi-dinh-3000-nd-cp.html",
    "http://x.example/a/a/b.html",
    "http://x.example/search?q=nam+2500",
    "http://x.example/",
)


@pytest.mark.parametrize(("url", "why"), TRAPS.items())
def test_a_trap_has_a_reason(url: str, why: str) -> None:
    assert why in trap_in(url)


@pytest.mark.parametrize("url", ORDINARY)
def test_ordinary_addresses_are_no_traps(url: str) -> None:
    assert trap_in(url) == ""


def test_a_trap_is_not_followed_and_is_reported(site: Scripted) -> None:
    site.page("/", "Home", extra="<a href='/x/x/x/x'>x</a><a href=/p>p</a>")
    site.page("/p", "P")
    actual: list[str] = []
    site.archive.crawl(site.profile(), everything=True, listen=lambda event: actual.append(getattr(event, "text", "")))
    assert "/x/x/x/x" not in site.asked
    assert "/p" in site.asked
    assert any("1 addresses look like a trap" in text and "/x/x/x/x" in text for text in actual)


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True), ("10.1.2.3", True), ("192.168.0.1", True), ("169.254.169.254", True), ("::1", True),
        ("[fe80::1]", True), ("::ffff:10.0.0.1", True), ("0.0.0.1", True), ("8.8.8.8", False), ("2606:4700::1111", False),
        ("x.example", False), ("64:ff9b::7f00:1", True), ("64:ff9b::10.0.0.1", True), ("64:ff9b::8.8.8.8", False),
        ("64:ff9b:1::8.8.8.8", True), ("2002:7f00:1::1", True), ("2002:0808:0808::1", False), ("::ffff:8.8.8.8", False),
        ("::7f00:1", True), ("::8.8.8.8", True), ("::", True), ("2001:0:4136:e378:8000:63bf:3fff:fdd2", True),
        ("224.0.0.1", True), ("ff02::1", True), ("fc00::1", True), ("fe80::1%eth0", True), ("100.64.0.1", True), ("255.255.255.255", True),
        ("198.18.0.1", True), ("2001:db8::1", True), ("192.88.99.1", False),
        ("fec0::1", True), ("4000::1", True), ("5f00::1", True), ("ff0e::1", True), ("240.0.0.1", True), ("192.0.0.8", True),
    ],
)  # fmt: skip
def test_private_addresses(address: str, private: bool) -> None:
    assert is_private(address) is private


def test_names_of_this_machine_are_private() -> None:
    for name in (
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "ip6-localhost",
        "ip6-loopback",
        "localhost.localdomain",
        "nas.local",
        "db.internal",
    ):
        assert is_local_name(name)
    assert not is_local_name("local.example")


def test_a_chain_of_redirects_ends_at_the_depth_of_the_site(site: Scripted) -> None:
    def forward(path: str, _headers: Message) -> Answer | None:
        return (302, {"Location": f"/r/{int(path[3:]) + 1}"}, b"") if path.startswith("/r/") else None

    site.rule = forward
    site.page("/", "Home", extra="<a href=/r/0>r</a>")
    actual: list[str] = []
    site.archive.crawl(site.profile(), everything=True, listen=lambda event: actual.append(getattr(event, "text", "")))
    depth = site.profile().crawl.depth
    assert sum(path.startswith("/r/") for path in site.asked) == depth + 1
    assert any("redirects deeper" in text for text in actual)
