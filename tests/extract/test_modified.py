"""When a page claims to have been changed last: declared, marked or printed. It is no content."""

import json

import pytest

from archiver.crawl.read_capture import ReadResult
from archiver.crawl.result_bytes import as_bytes, from_bytes
from archiver.errors import ProfileError
from archiver.extract.fallback import guess_text
from archiver.extract.profile import parse_profile
from archiver.model.outcome import Outcome
from archiver.model.record import Record
from pages_as_read import jsonld, record_of

TEXT = "<p>" + "Sáng nay bà con ra quân dọn phố, trồng cây và nhặt rác. " * 6 + "</p>"


def read(html: str, language: str = "vi", head: str = "", fields: str = "") -> Record:
    page = f"<html lang={language}><title>Ra quân</title>{head}<body><h1>Ra quân</h1>{html}"
    return record_of(page, fields, guess=guess_text)


def claimed(record: Record) -> str | None:
    return record.modified.local if record.modified else None


PRINTED: dict[str, tuple[str, str, str, str | None]] = {
    "vi": ("vi", f"<p>Đăng ngày 01/09/2023</p>{TEXT}<p>Cập nhật lúc 08:30, 05/09/2023</p>", "2023-09-05 08:30:00", "2023-09-01"),
    "vi, one line": ("vi", f"<p>Đăng 01/09/2023, cập nhật 06/09/2023</p>{TEXT}", "2023-09-06", "2023-09-01"),
    "vi, in parentheses": ("vi", f"<p>01/09/2023 08:00 (Cập nhật: 06/09/2023)</p>{TEXT}", "2023-09-06", "2023-09-01 08:00:00"),
    "en": ("en", f"<p>Published 1 September 2023 · Updated 5 September 2023</p>{TEXT}", "2023-09-05", "2023-09-01"),
    "en, after the text": ("en", f"{TEXT}{TEXT}<p>Last updated: 5 September 2023</p>", "2023-09-05", None),
    "en, a sentence of a wiki": ("en", f"{TEXT}<p>This page was last edited on 5 March 2024, at 09:12.</p>", "2024-03-05 09:12:00", None),
    "de": ("de", f"{TEXT}{TEXT}<p>Stand: 05.09.2023</p>", "2023-09-05", None),
    "fr, in the footer": ("fr", f"{TEXT}<footer>Dernière mise à jour : 5 septembre 2023</footer>", "2023-09-05", None),
    "fr, near the heading": ("fr", f"<p>Mis à jour le 5 septembre 2023</p>{TEXT}", "2023-09-05", None),
    "es": ("es", f"{TEXT}<p>Última actualización: 5 de septiembre de 2023</p>", "2023-09-05", None),
    "zh": ("zh", f"<p>发布时间：2023-09-01 08:00 更新时间：2023-09-05 10:00</p>{TEXT}", "2023-09-05 10:00:00", "2023-09-01 08:00:00"),
    "ko": ("ko", f"<p>입력 2023.09.05 08:30 수정 2023.09.06 10:00</p>{TEXT}", "2023-09-06 10:00:00", "2023-09-05 08:30:00"),
    "ru": ("ru", f"<p>Опубликовано: 01.09.2023 | Обновлено: 05.09.2023</p>{TEXT}", "2023-09-05", "2023-09-01"),
}  # fmt: skip


@pytest.mark.parametrize(("language", "html", "local", "published"), PRINTED.values(), ids=PRINTED.keys())
def test_a_printed_claim(language: str, html: str, local: str, published: str | None) -> None:
    record = read(html, language)
    assert claimed(record) == local
    assert (record.content.published.local if record.content.published else None) == published
    assert record.modified is not None
    assert record.modified.raw not in (record.content.body or ""), "the line leaves the body"
    assert dict(record.sources)["modified"].rule == "document"


DECLARED: dict[str, tuple[str, str, str]] = {
    "meta": ("<meta property=article:modified_time content='2023-09-05T08:30:00+07:00'>", "", "fallback:meta"),
    "og": ("<meta property=og:updated_time content='2023-09-05T08:30:00+07:00'>", "", "fallback:meta"),
    "http-equiv": ("<meta http-equiv=last-modified content='2023-09-05 08:30:00'>", "", "fallback:meta"),
    "Dublin Core": ("<meta name=DC.date.modified content='2023-09-05 08:30:00'>", "", "fallback:meta"),
    "JSON-LD": (
        jsonld({"@type": "NewsArticle", "headline": "Ra quân", "dateModified": "2023-09-05T08:30:00+07:00"}),
        "",
        "fallback:jsonld",
    ),
    "microdata": ("", "<span itemprop=dateModified content='2023-09-05 08:30:00'>5/9</span>", "document"),
    "time": ("", "<time class=updated datetime='2023-09-05T08:30:00'>5/9</time>", "document"),
}


@pytest.mark.parametrize(("head", "html", "rule"), DECLARED.values(), ids=DECLARED.keys())
def test_a_declared_claim(head: str, html: str, rule: str) -> None:
    record = read(html + TEXT + "<p>Cập nhật: 07/09/2023</p>", head=head)
    assert claimed(record) == "2023-09-05 08:30:00"
    source = dict(record.sources)["modified"]
    assert (source.rule, source.rank) == (rule, 0)
    assert (
        record.content.published is None or rule != "fallback:meta" or record.content.published.local != claimed(record)
    )
    assert "07/09/2023" not in (record.content.body or "")


NO_CLAIM: dict[str, tuple[str, str]] = {
    "nothing": ("vi", ""),
    "a publication": ("vi", "<p>Ngày đăng: 05/09/2023</p>"),
    "a relative time": ("en", "<p>Updated 3 hours ago</p>"),
    "of a comment": ("en", "<div class=comment><time class=updated datetime=2023-09-05>5 Sep</time></div>"),
    "of other articles": ("en", "<div class=related><p>Updated: 5 September 2023</p></div>"),
    "two different cards": (
        "en",
        "<div><time class=updated datetime=2023-09-05>a</time><time class=updated datetime=2023-09-07>b</time></div>",
    ),
}


@pytest.mark.parametrize(("language", "html"), NO_CLAIM.values(), ids=NO_CLAIM.keys())
def test_what_is_no_claim(language: str, html: str) -> None:
    assert claimed(read(TEXT + TEXT + html, language)) is None


KEPT: dict[str, str] = {
    "a note about an edit": "<p>Updated 5 September 2023: the minister has resigned.</p>",
    "entries with different dates": f"<p>Updated: 5 September 2023</p>{TEXT}<p>Updated: 6 September 2023</p>",
}


@pytest.mark.parametrize("html", KEPT.values(), ids=KEPT.keys())
def test_what_is_content_stays_in_the_body(html: str) -> None:
    assert "Updated" in (read(f"<div>{TEXT}{html}</div>", "en").content.body or "")


RULES = 'title = "h1"\nbody = "#b"\n'


def test_a_rule() -> None:
    html = f"<div id=b>{TEXT}<p class=u>Cập nhật lần cuối: 05/09/2023</p></div>"
    record = read(html, fields=RULES + 'modified = { css = ".u", cut = true }\n')
    assert claimed(record) == "2023-09-05"
    source = dict(record.sources)["modified"]
    assert (source.rule, source.rank, source.raw) == ("css:.u", 1, "Cập nhật lần cuối: 05/09/2023")
    assert "05/09" not in (record.content.body or "")
    assert record.content.extra == ()


def test_the_line_in_a_body_with_rules_is_the_claim() -> None:
    record = read(f"<div id=b>{TEXT}<p>Cập nhật lần cuối: 05/09/2023</p></div>", fields=RULES)
    assert claimed(record) == "2023-09-05"
    assert "05/09" not in (record.content.body or "")


BESIDE: dict[str, str] = {
    "a sibling of the date": "<h1>A</h1><span class=d>01/09/2023</span><span>Cập nhật: 05/09/2023</span>",
    "in the same line": "<h1>A</h1><p><span class=d>01/09/2023</span> | Cập nhật: 05/09/2023</p>",
    "a bare text": "<h1>A</h1><span class=d>01/09/2023</span> Cập nhật: 05/09/2023",
}


@pytest.mark.parametrize("html", BESIDE.values(), ids=BESIDE.keys())
def test_a_claim_next_to_a_field_with_a_rule(html: str) -> None:
    page = f"<html lang=vi><body>{html}<div id=b>{TEXT}</div><p>Cập nhật: 07/09/2023</p>"
    record = record_of(page, 'title = "h1"\nbody = "#b"\npublished = ".d"\n')
    assert record.content.published is not None
    assert record.content.published.local == "2023-09-01"
    assert claimed(record) == "2023-09-05"


def test_a_claim_next_to_a_heading_with_a_rule() -> None:
    html = f"<html lang=vi><body><h1>A</h1><p>Cập nhật lúc 05/09/2023</p><div id=b>{TEXT}</div>"
    assert claimed(record_of(html, RULES)) == "2023-09-05"


def test_a_rule_is_for_a_date() -> None:
    text = '[site]\nname = "a"\nhome = "http://a.example/"\n[[page]]\nkind = "article"\n[page.fields]\n'
    with pytest.raises(ProfileError, match="a date is of type"):
        parse_profile(f'{text}modified = {{ css = "p", type = "integer" }}\n', "a")


def test_a_claim_passes_through_the_bytes_of_a_result() -> None:
    record = read(f"{TEXT}<p>Cập nhật lúc 08:30, 05/09/2023</p>")
    data = as_bytes(ReadResult(Outcome.OK, record))
    assert json.loads(data)["record"]["modified"]["local"] == "2023-09-05 08:30:00"
    again = from_bytes(data).record
    assert again is not None
    assert again.modified == record.modified
