"""What all pages of the web interface have in common: formats, headers, errors."""

from pathlib import Path

from web_served import Served, served


def test_a_page_is_html_and_json(server: Served) -> None:
    page = server.get("/about")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<a href="/about.json">.json</a>' in page.text
    assert server.json("/about.json")


def test_each_page_forbids_what_it_does_not_need(server: Served) -> None:
    head = server.get("/about").headers
    policy = head["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert head["x-content-type-options"] == "nosniff"
    assert "server" not in head


def test_an_error_is_a_clear_page(server: Served) -> None:
    page = server.get("/page/999999")
    assert page.status_code in (400, 404)
    assert "Traceback" not in page.text


def test_a_long_parameter_is_refused(server: Served) -> None:
    assert server.get("/search?q=" + "a" * 3000).status_code == 414


def test_no_archive_is_told(tmp_path: Path) -> None:
    with served(tmp_path / "none.db") as found:
        page = found.get("/about")
    assert page.status_code == 503
    assert "there is no archive here" in page.text


def test_the_sheet_and_the_script_are_small(server: Served) -> None:
    sheet, script = server.get("/static/style.css"), server.get("/static/keys.js")
    assert 0 < len(sheet.content) <= 12_000
    assert 0 < len(script.content) <= 6_000
    assert sheet.text.count("{") == sheet.text.count("}")
    assert all(text in sheet.text for text in ("prefers-color-scheme:dark", "@media print"))


def test_an_address_that_is_not_there_is_a_clear_page(server: Served) -> None:
    page = server.get("/nosuch")
    assert page.status_code == 404
    assert "<h1>No such page</h1>" in page.text
