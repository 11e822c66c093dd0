"""Articles on several addresses: one record, from captures of all parts, by crawl, capture, import and re-reading."""

from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from archiver.app.exporting.warc_out import export_warc
from archiver.app.exporting.warc_target import WarcOptions
from archiver.crawl.pipeline import Pipeline
from archiver.extract.profile import parse_profile
from archiver.maintain.verify.verify import verify
from archiver.model.event import ignore
from archiver.model.profile import Profile
from scripted import Answer, Scripted
from warcs import packed, response

NUMBERED = "a.post-page-numbers"


class Articles(Scripted):
    """A site whose articles have several parts, numbered or linked one by one."""

    rule_of_parts = NUMBERED
    suffix = "/{}/"
    kinds = ""

    def article(self, name: str, *texts: str, title: str = "Chợ nổi", up_to: int | None = None) -> None:
        """Answer with an article of these parts; the links name the first `up_to` of them."""
        addresses = [f"/{name}/", *(f"/{name}{self.suffix.format(n)}" for n in range(2, len(texts) + 1))][:up_to]
        for number, text in enumerate(texts[:up_to]):
            self.answers[addresses[number]] = self._part(title, text, addresses, number)

    def _part(self, title: str, text: str, addresses: list[str], number: int) -> Answer:
        if "next" in self.rule_of_parts:
            links = f'<link rel=prev href="{addresses[number - 1]}">' if number else ""
            links += (
                f'<p><a rel=next href="{addresses[number + 1]}">Next</a></p>' if number + 1 < len(addresses) else ""
            )
        else:
            items = [
                f'<span class="post-page-numbers current">{n}</span>'
                if n == number + 1
                else f'<a class="post-page-numbers" href="{url}">{n}</a>'
                for n, url in enumerate(addresses, 1)
            ]
            links = f'<p class="post-nav-links">Trang: {" ".join(items)}</p>' if len(items) > 1 else ""
        body = f"<title>{title}</title><h1>{title}</h1><div id=b><p>{text}</p>{links}</div><p class=v>7</p></html>"
        return 200, {}, body.encode()

    def profile(self, site: str = "", fields: str = "") -> Profile:
        text = super().profile(site, fields).text
        text = text.replace("[page.fields]", f'continues = "{self.rule_of_parts}"\n[page.fields]')
        return parse_profile(text.replace('[[page]]\nkind = "article"', f'{self.kinds}[[page]]\nkind = "article"'), "t")

    def bodies(self) -> list[tuple[str, int, str]]:
        rows = self.rows("SELECT url, version, body FROM versions ORDER BY url, version")
        return [(str(url).removeprefix(self.url), int(version), str(body)) for url, version, body in rows]

    def save_profile(self) -> None:
        (self.selectors / "t.toml").write_text(self.profile().text, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Articles]:
    scripted = Articles(tmp_path / "archive.db")
    scripted.page("/", "Home", extra="<a href=/a/>a</a>")
    yield scripted
    assert verify(scripted.archive.settings.archive, deep=True).whole
    scripted.close()


def test_the_parts_of_an_article_are_one_record(site: Articles) -> None:
    site.article("a", "Một.", "Hai.", "Ba.")
    site.crawl()
    assert site.bodies() == [("/", 1, "Văn bản."), ("/a/", 1, "Một.\n\nHai.\n\nBa.")]
    assert [path for path in site.asked if path.startswith("/a/")] == ["/a/", "/a/2/", "/a/3/"]
    assert site.rows("SELECT url FROM pages ORDER BY url") == [(f"{site.url}/",), (f"{site.url}/a/",)]
    assert site.rows("SELECT count(*) FROM visits WHERE reason_code = 'part' AND outcome = 'ok'") == [(2,)]
    (source,) = site.rows("SELECT rule, raw FROM sources WHERE field = 'body.3'")
    assert source == ("css:#b", f"2022-10-21 09:00:00 {site.url}/a/3/")
    assert site.rows("SELECT count(*) FROM links WHERE to_url LIKE '%/2/'") == [(0,)]


def test_a_change_in_a_later_part_is_a_change_of_the_record(site: Articles) -> None:
    site.article("a", "Một.", "Hai.", "Ba.")
    site.crawl()
    site.crawl()
    site.article("a", "Một.", "Hai.", "Bốn.")
    site.crawl()
    assert site.rows("SELECT url, field, old, new FROM changes") == [
        (f"{site.url}/a/", "body", "Một.\n\nHai.\n\nBa.", "Một.\n\nHai.\n\nBốn.")
    ]


@pytest.mark.parametrize("answer", [(503, {}, b"busy"), (404, {}, b"none"), (0, {}, b""), (200, {}, b"")])
def test_a_part_that_fails_keeps_its_text(site: Articles, answer: Answer) -> None:
    site.article("a", "Một.", "Hai.", "Ba.")
    site.crawl()
    whole = dict(site.answers)
    for _ in range(3):
        site.answers["/a/2/"] = answer
        site.crawl()
    site.answers = whole
    site.crawl()
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nHai.\n\nBa.")]
    notes = site.rows(f"SELECT note FROM visits WHERE url = '{site.url}/a/' AND note LIKE '%its text of 2022-10-21%'")
    assert len(notes) == 3
    assert site.rows("SELECT count(*) FROM absences") == [(0,)]


@pytest.mark.parametrize("address", ["", "/a/", "/a/2/"])
def test_parts_until_the_server_asks_for_a_pause_are_kept(site: Articles, address: str) -> None:
    site.article("a", "Một đoạn dài.", "Hai đoạn dài.", "Ba đoạn dài.", "Bốn đoạn dài.")
    busy: Answer = (429, {"Retry-After": "3600"}, b"slow down")
    site.answers["/a/3/"] = busy
    if address:
        site.save_profile()
        site.archive.capture(site.url + address)
    else:
        site.crawl()
    assert site.asked[-1] == "/a/3/"
    (note,) = [note for url, note in site.rows("SELECT url, note FROM visits") if url == f"{site.url}/a/"]
    assert "could not be read" in str(note)
    assert [text for _, _, text in site.bodies() if "Một" in text] == ["Một đoạn dài.\n\nHai đoạn dài."]


def test_a_part_that_was_never_read_is_no_change_when_it_is(site: Articles) -> None:
    site.article("a", "Một.", "Hai.", "Ba.")
    whole = dict(site.answers)
    site.answers["/a/2/"] = (503, {}, b"busy")
    site.crawl()
    site.answers = whole
    site.crawl()
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nBa."), ("/a/", 2, "Một.\n\nHai.\n\nBa.")]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]


def test_a_file_that_the_rule_matches_is_no_part(site: Articles) -> None:
    site.article("a", "Một.", "Hai.")
    status, headers, body = site.answers["/a/"]
    site.answers["/a/"] = (
        status,
        headers,
        body.replace(b"</html>", b"<a class=post-page-numbers href=/f.pdf>3</a></html>"),
    )
    site.answers["/f.pdf"] = (200, {"Content-Type": "application/pdf"}, b"%PDF-1.4 x")
    site.crawl()
    site.crawl()
    assert site.rows("SELECT count(*) FROM visits WHERE url LIKE '%/f.pdf'") == [(0,)]  # the profile names no files
    assert [body for path, _, body in site.bodies() if path == "/a/"] == ["Một.\n\nHai."]


def test_an_article_gets_shorter_when_its_links_no_longer_name_the_part(site: Articles) -> None:
    site.article("a", "Một.", "Hai.", "Ba.")
    site.crawl()
    site.answers = {"/": site.answers["/"]}
    site.article("a", "Một.", "Hai.", "Ba.", up_to=2)
    site.crawl()
    site.article("a", "Một.", up_to=1)
    site.crawl()
    assert [body for _, _, body in site.bodies()[1:]] == ["Một.\n\nHai.\n\nBa.", "Một.\n\nHai.", "Một."]
    assert site.rows("SELECT count(*) FROM changes") == [(2,)]


@pytest.mark.parametrize("rule", ["a[rel=next]", NUMBERED])
def test_parts_that_are_found_before_the_first_one_are_no_articles(site: Articles, rule: str) -> None:
    site.rule_of_parts = rule
    site.article("a", "Một.", "Hai.", "Ba.")
    site.page("/", "Home", extra="<a href=/a/3/>3</a> <a href=/a/2/>2</a>")
    site.crawl()
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nHai.\n\nBa.")]
    site.crawl()
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT url FROM pages ORDER BY url") == [(f"{site.url}/",), (f"{site.url}/a/",)]


@pytest.mark.parametrize("suffix", ["?page={}", "?a=1&page={}", "-{}.html", "/page-{}"])
def test_parts_have_addresses_of_many_forms(site: Articles, suffix: str) -> None:
    site.suffix = suffix
    site.article("a", *(f"Đoạn {n}." for n in range(1, 13)))
    site.crawl()
    assert site.bodies()[1:] == [("/a/", 1, "\n\n".join(f"Đoạn {n}." for n in range(1, 13)))]


def test_the_first_part_is_never_asked_for_with_conditions(site: Articles) -> None:
    """A 304 for it would hide a change of another part."""
    shown: list[str] = []

    def tagged(path: str, headers: object) -> Answer | None:
        shown.extend([path] if "If-None-Match" in headers else [])  # type: ignore[operator]
        if path not in site.answers:
            return None
        return 200, {"ETag": f'"{hash(site.answers[path][2])}"'}, site.answers[path][2]

    site.rule = tagged
    site.page("/", "Home", extra="<a href=/a/>a</a> <a href=/b>b</a> <a href=/c>c</a>")
    site.page("/b", "B")
    site.page("/c", "C")
    site.article("a", "Một.", "Hai.")
    for _ in range(4):
        site.crawl()
    assert not any(path.startswith("/a/") for path in shown)
    assert "/b" in shown


def test_reading_again_gives_the_same_records(site: Articles) -> None:
    site.save_profile()
    site.article("a", "Một.", "Hai.")
    site.archive.crawl("t", everything=True)
    site.clock.advance(days=1)
    site.article("a", "Một.", "Ba.")
    site.archive.crawl("t", everything=True)
    before = site.bodies()
    text = (site.selectors / "t.toml").read_text(encoding="utf-8")
    (site.selectors / "t.toml").write_text(text.replace('title = "h1"', 'title = ["h1", "h2"]'), encoding="utf-8")
    assert site.archive.extract("t").ended == "done"
    assert site.bodies() == before
    assert site.rows("SELECT old, new FROM changes") == [("Một.\n\nHai.", "Một.\n\nBa.")]
    assert site.rows("SELECT count(*) FROM reinterpretations") == [(0,)]


def test_a_profile_that_learns_of_parts_makes_no_change(site: Articles) -> None:
    """Parts that were articles of their own lose their histories; the longer record is a reinterpretation."""
    site.save_profile()
    text = (site.selectors / "t.toml").read_text(encoding="utf-8")
    site.article("a", "Một.", "Hai.")
    (site.selectors / "t.toml").write_text(text.replace("continues", "# continues"), encoding="utf-8")
    site.archive.crawl("t", everything=True)
    assert len(site.bodies()) == 3
    (site.selectors / "t.toml").write_text(text, encoding="utf-8")
    site.clock.advance(days=1)
    site.archive.crawl("t", everything=True)
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nHai.")]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    changed = text.replace('title = "h1"', 'title = ["h1", "h2"]')
    (site.selectors / "t.toml").write_text(changed, encoding="utf-8")
    assert site.archive.extract("t").ended == "done"
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nHai.")]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]


@pytest.mark.parametrize("is_extracted", [True, False])
def test_a_profile_that_learns_of_parts_asks_for_them_without_conditions(site: Articles, *, is_extracted: bool) -> None:
    texts = {"/a/": "Một.", "/a/2/": "Hai."}

    def answer(path: str, headers: Message) -> Answer | None:
        if path not in texts:
            return None
        status, _, body = site._part("Chợ nổi", texts[path], list(texts), list(texts).index(path))
        tag = f'"{len(texts[path])}"'
        return (304, {"ETag": tag}, b"") if headers["If-None-Match"] == tag else (status, {"ETag": tag}, body)

    site.rule = answer
    plain = site.profile().text.replace(f'continues = "{NUMBERED}"', "")
    for text in (*[plain] * 5, site.profile().text):
        (site.selectors / "t.toml").write_text(text, encoding="utf-8")
        site.archive.crawl("t", everything=True)
        site.clock.advance(days=1)
    if is_extracted:
        site.archive.extract("t")
    texts["/a/2/"] = "Hai mới."
    site.archive.crawl("t", everything=True)
    assert [body for url, _, body in site.bodies() if url == "/a/"] == ["Một.\n\nHai.", "Một.\n\nHai mới."]


def test_the_address_of_a_part_shows_the_record(site: Articles) -> None:
    site.save_profile()
    site.article("a", "Một.", "Hai.")
    captured = site.archive.capture(f"{site.url}/a/2/", site="t")
    assert captured.state.content is not None
    assert captured.state.content.body == "Một.\n\nHai."
    assert captured.state.final_url == f"{site.url}/a/"
    assert site.archive.page(f"{site.url}/a/2/").url == f"{site.url}/a/"
    again = site.archive.capture(f"{site.url}/a/2/", site="t")
    assert (again.state.page_id, again.state.verdict) == (captured.state.page_id, "same")
    assert len(site.bodies()) == 1


def test_parts_on_other_servers_circles_and_too_many_parts_are_left_out(site: Articles) -> None:
    texts = [f"Đoạn {n}." for n in range(1, 80)]
    site.article("a", *texts)
    status, headers, body = site.answers["/a/"]
    more = b'<a class="post-page-numbers" href="http://127.0.0.2:9/a/99/">99</a><a class="post-page-numbers" href="/a/">1</a>'
    site.answers["/a/"] = status, headers, body.replace(b"Trang:", b"Trang:" + more)
    site.crawl()
    (found,) = site.bodies()[1:]
    assert found[2].split("\n\n") == texts[:50]


def test_a_part_is_read_by_the_template_of_the_first_part(site: Articles) -> None:
    site.suffix = "?page={}"
    site.kinds = "[[page]]\nkind = \"listing\"\nurl = 'page='\nfollow = []\n"
    site.article("a", "Một.", "Hai.")
    site.crawl()
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nHai.")]


def test_url_rules_that_make_the_parts_one_page_are_noted(site: Articles) -> None:
    site.suffix = "/?utm_page={}"
    site.article("a", "Một.", "Hai.")
    site.crawl()
    (note,) = site.rows(f"SELECT note FROM visits WHERE url = '{site.url}/a/'")
    assert note == (
        f"its part {site.url}/a/?utm_page=2 is the same page by [url]; keep the parameter that tells them apart",
    )


def test_a_part_that_redirects_is_read_where_it_leads(site: Articles) -> None:
    site.article("a", "Một.", "Hai.")
    site.answers["/a/two"] = site.answers["/a/2/"]
    site.answers["/a/2/"] = (302, {"Location": "/a/two"}, b"")
    site.crawl()
    site.crawl()
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nHai.")]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]


def test_the_first_part_by_another_address_is_not_joined_twice(site: Articles) -> None:
    """Many sites link back to the first part as `?page=1`."""
    site.suffix = "/?page={}"
    site.article("a", "Một.", "Hai.", "Ba.")
    site.answers["/a/?page=1"] = site.answers["/a/"]
    for number in (2, 3):
        status, headers, body = site.answers[f"/a/?page={number}"]
        site.answers[f"/a/?page={number}"] = status, headers, body.replace(b'href="/a/"', b'href="/a/?page=1"')
    site.crawl()
    site.crawl()
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nHai.\n\nBa.")]
    assert site.rows("SELECT count(*) FROM pages") == [(2,)]


def test_a_part_that_answers_with_the_first_part_keeps_its_text(site: Articles) -> None:
    site.article("a", "Một.", "Hai.", "Ba.")
    site.crawl()
    whole = dict(site.answers)
    site.answers["/a/2/"] = site.answers["/a/"]
    site.crawl()
    site.answers = whole
    site.crawl()
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nHai.\n\nBa.")]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]


def _two_rounds(site: Articles) -> list[tuple[str, int, str]]:
    """Crawl two rounds: in the second one part changes, and another fails."""
    site.save_profile()
    site.article("a", "Một.", "Hai.", "Ba.")
    site.archive.crawl("t", everything=True)
    site.clock.advance(days=1)
    site.article("a", "Một.", "Hai.", "Bốn.")
    site.answers["/a/2/"] = (503, {}, b"busy")
    site.archive.crawl("t", everything=True)
    site.clock.advance(days=1)
    return site.bodies()


def test_an_import_gives_the_same_records(site: Articles, tmp_path: Path) -> None:
    before = _two_rounds(site)
    assert [body for url, _, body in before if url == "/a/"] == ["Một.\n\nHai.\n\nBa.", "Một.\n\nHai.\n\nBốn."]
    export_warc(site.archive.store, site.archive.settings, tmp_path / "warc", WarcOptions(), ignore)
    with site.open(tmp_path / "imported.db") as other:
        other.import_files(sorted((tmp_path / "warc").glob("*.warc.gz")))
        rows = list(other.sql("SELECT url, version, body FROM versions ORDER BY url, version"))
        assert [(row["url"].removeprefix(site.url), row["version"], row["body"]) for row in rows] == before
        assert len(list(other.sql("SELECT 1 FROM changes"))) == 1
        assert verify(other.settings.archive, deep=True).whole


def test_parts_that_are_imported_later_join_the_record(site: Articles, tmp_path: Path) -> None:
    site.save_profile()
    site.article("a", "Một.", "Hai.", "Ba.")
    files = {}
    for path in ("/a/", "/a/3/", "/a/2/"):
        body = site.answers[path][2]
        dates = ("2022-10-01T03:00:00Z", "2022-10-02T03:00:00Z")
        records = [response(body, site.url + path, date) for date in (dates if path == "/a/" else dates[:1])]
        files[path] = tmp_path / f"{path.strip('/').replace('/', '-')}.warc.gz"
        files[path].write_bytes(packed(*records))
    for file in files.values():
        site.archive.import_files([file])
    assert site.bodies() == [("/a/", 1, "Một.\n\nHai.\n\nBa.")]
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.rows("SELECT url FROM pages") == [(f"{site.url}/a/",)]


def test_an_export_of_an_article_has_its_parts(site: Articles, tmp_path: Path) -> None:
    site.article("a", "Một.", "Hai.")
    site.crawl()
    options = WarcOptions(pages=(f"{site.url}/a/2/",))
    export_warc(site.archive.store, site.archive.settings, tmp_path / "warc", options, ignore)
    with site.open(tmp_path / "imported.db") as other:
        other.import_files(sorted((tmp_path / "warc").glob("*.warc.gz")))
        assert {row["url"] for row in other.sql("SELECT url FROM visits WHERE status = 200")} >= {
            f"{site.url}/a/",
            f"{site.url}/a/2/",
        }


def test_a_killed_run_is_read_by_the_next_command(site: Articles, monkeypatch: pytest.MonkeyPatch) -> None:
    site.save_profile()
    site.article("a", "Một.", "Hai.", "Ba.")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            site.archive.capture(f"{site.url}/a/", site="t")
    assert site.rows("SELECT count(*) FROM versions") == [(0,)]
    site.clock.advance(hours=1)
    site.page("/b", "B")
    site.archive.capture(f"{site.url}/b", site="t")
    assert ("/a/", 1, "Một.\n\nHai.\n\nBa.") in site.bodies()
    assert site.rows("SELECT count(*) FROM pages") == [(2,)]


def test_walls_in_place_of_a_part_change_nothing(site: Articles) -> None:
    site.article("a", "Một.", "Hai.", "Ba.")
    site.crawl()
    whole = dict(site.answers)
    wall = b"<title>Just a moment...</title><h1>Checking your browser</h1><script src=/cdn-cgi/challenge-platform/x></script>"
    site.answers["/a/3/"] = (200, {"Server": "cloudflare", "CF-Mitigated": "challenge"}, wall)
    site.crawl()
    site.answers = whole
    site.crawl()
    assert site.rows("SELECT count(*) FROM changes") == [(0,)]
    assert site.bodies()[1:] == [("/a/", 1, "Một.\n\nHai.\n\nBa.")]
