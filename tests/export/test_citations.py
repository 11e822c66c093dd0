"""The forms of a citation: their contents, and that no title from the web can end its field."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.export.citations import FORMS, Citation, as_bibtex, as_csl, as_ris, as_text

SHA = "5d" * 32
URL = "http://www.quan11.example/tintuc/post.aspx?ItemID=5678&a_b=%20"
CITED = Citation(
    url=URL,
    site="quan11",
    container="Cổng thông tin điện tử Quận 11",
    title="Ủy ban nhân dân quận thu gom rác thải",
    authors=("BTQ", "Nguyễn Văn A"),
    published="2022-10-21",
    language="vi",
    seen_from="2022-10-22 03:00:00",
    seen_last="2022-11-01 03:00:00",
    captured_at="2022-10-22 03:00:00",
    sha256=SHA,
    media_type="text/html",
    permalink=f"/web/20221022030000/{URL}",
    version=2,
    extractor="0123456789ab 0.1.0",
    archive_id="0b6c5f0e-0000-4000-8000-000000000000",
)
FILE = replace(
    CITED, title="a.pdf", authors=(), published=None, media_type="application/pdf", version=None, extractor=None
)


def test_a_sentence() -> None:
    assert as_text(CITED) == (
        "BTQ, Nguyễn Văn A: “Ủy ban nhân dân quận thu gom rác thải”. Cổng thông tin điện tử Quận 11, 2022-10-21. "
        f"{URL} (seen 2022-10-22 03:00:00 to 2022-11-01 03:00:00 UTC; SHA-256 {SHA}; /web/20221022030000/{URL})"
    )


def test_a_cited_file_has_its_media_type_and_no_date() -> None:
    told = as_text(replace(FILE, seen_last=FILE.seen_from))
    assert told.startswith("“a.pdf” [application/pdf]. Cổng thông tin điện tử Quận 11, no date. http")
    assert "(seen 2022-10-22 03:00:00 UTC; SHA-256" in told
    assert "media type application/pdf" in as_ris(FILE)


def test_bibtex() -> None:
    (digest,) = re.findall(r"@online\{quan11-2022-uy-([0-9a-f]{8}),", as_bibtex(CITED))
    assert as_bibtex(CITED) == (
        f"@online{{quan11-2022-uy-{digest},\n"
        "  author = {{BTQ} and {Nguyễn Văn A}},\n"
        "  title = {{Ủy ban nhân dân quận thu gom rác thải}},\n"
        "  organization = {{Cổng thông tin điện tử Quận 11}},\n"
        "  date = {2022-10-21},\n"
        f"  url = {{{URL}}},\n"
        "  urldate = {2022-10-22},\n"
        f"  note = {{Seen 2022-10-22 03:00:00 to 2022-11-01 03:00:00 UTC; SHA-256 {SHA}; permalink "
        r"/web/20221022030000/http://www.quan11.example/tintuc/post.aspx?ItemID=5678\&a\_b=\%20; extractor 0123456789ab 0.1.0; "
        "archive 0b6c5f0e-0000-4000-8000-000000000000}\n}\n"
    )
    assert "date = " not in as_bibtex(FILE).replace("urldate = ", "")
    assert "author" not in as_bibtex(FILE)


def test_what_tex_would_take_for_a_command_is_spelt_out() -> None:
    told = as_bibtex(replace(CITED, title=r"100% {a}\b & #1 $x_1^2 ~ -- ``q'' ---"))
    assert (
        r"title = {{100\% \textbraceleft{}a\textbraceright{}\textbackslash{}b \& \#1 \$x\_1\textasciicircum{}2 "
        r"\textasciitilde{} -{}- \textasciigrave{}\textasciigrave{}q'{}' -{}-{}-}}"
    ) in told
    assert "url = {http://a/%7Bx%7D%5Cy}" in as_bibtex(replace(CITED, url="http://a/{x}\\y"))


def test_ris() -> None:
    assert as_ris(CITED).split("\r\n") == [
        "TY  - ELEC",
        "AU  - BTQ",
        "AU  - Nguyễn Văn A",
        "TI  - Ủy ban nhân dân quận thu gom rác thải",
        "T2  - Cổng thông tin điện tử Quận 11",
        "PY  - 2022",
        "DA  - 2022/10/21/",
        "Y2  - 2022/10/22/",
        "LA  - vi",
        f"UR  - {URL}",
        f"AV  - /web/20221022030000/{URL}",
        f"N1  - {CITED.evidence}",
        "ER  - ",
        "",
    ]


@pytest.mark.parametrize(
    ("published", "date", "parts"),
    [
        ("2022", "2022///", [2022]),
        ("2022-10", "2022/10//", [2022, 10]),
        ("2022-10-21 15:55", "2022/10/21/", [2022, 10, 21]),
    ],
)
def test_a_date_is_only_as_precise_as_printed(published: str, date: str, parts: list[int]) -> None:
    cited = replace(CITED, published=published)
    assert f"DA  - {date}\r\n" in as_ris(cited)
    assert json.loads(as_csl(cited))[0]["issued"] == {"date-parts": [parts]}
    assert f"  date = {{{published[:10]}}}" in as_bibtex(cited)


def test_csl() -> None:
    (item,) = json.loads(as_csl(CITED))
    assert_csl_data(item)
    assert item == {
        "id": CITED.key,
        "type": "webpage",
        "title": CITED.title,
        "author": [{"literal": "BTQ"}, {"literal": "Nguyễn Văn A"}],
        "container-title": CITED.container,
        "issued": {"date-parts": [[2022, 10, 21]]},
        "accessed": {"date-parts": [[2022, 10, 22]]},
        "URL": URL,
        "language": "vi",
        "archive": "archiver 0b6c5f0e-0000-4000-8000-000000000000",
        "archive_location": f"/web/20221022030000/{URL}",
        "note": CITED.evidence,
    }
    (bare,) = json.loads(as_csl(FILE))
    assert_csl_data(bare)
    assert not {"author", "issued"} & set(bare)


STRINGS = {"title", "container-title", "URL", "language", "archive", "archive_location", "note"}


def assert_csl_data(item: dict[str, Any]) -> None:
    """The shape that the CSL data schema requires of an item, for the parts that are written."""
    assert set(item) <= {"id", "type", "author", "issued", "accessed", *STRINGS}
    assert item["type"] == "webpage"
    assert item["id"]
    assert all(isinstance(item[name], str) for name in STRINGS & set(item))
    for name in item.get("author", []):
        assert set(name) == {"literal"}
        assert isinstance(name["literal"], str)
    for date in (item[name] for name in ("issued", "accessed") if name in item):
        assert set(date) == {"date-parts"}
        (parts,) = date["date-parts"]
        assert 1 <= len(parts) <= 3
        assert all(type(part) is int for part in parts)


def test_a_key_is_ascii_stable_and_of_one_capture() -> None:
    assert CITED.key == replace(CITED, seen_last="2023-01-01 00:00:00", version=7, extractor="x").key
    assert CITED.key != replace(CITED, permalink="/web/20221022030001/" + URL).key
    assert CITED.key != replace(CITED, sha256="00" * 32).key
    assert re.fullmatch(r"www-a-vn-2022-duong-[0-9a-f]{8}", replace(CITED, site="www.a.vn", title="ĐƯỜNG phố").key)
    assert re.fullmatch(r"quan11-2022-[0-9a-f]{8}", replace(CITED, title="新聞", published=None).key)


hostile = st.text(
    alphabet=st.one_of(
        st.sampled_from("{}\\%&#_$~^`'\"-\r\n\t\x00\x1b\u2028\u2029\x85\ud800,@ERTY =đấ"), st.characters()
    )
)
hostile_citations = st.builds(
    lambda title, container, authors, url: replace(
        CITED,
        title=title,
        container=container,
        authors=tuple(authors),
        url="http://a/" + url,
        permalink="/web/1/" + url,
    ),
    hostile,
    hostile,
    st.lists(hostile, max_size=3),
    hostile,
)
_FIELD = re.compile(r"  ([a-z]+) = \{(.*)\},?")
_COMMAND = re.compile(
    r"\\(?:textbackslash|textbraceleft|textbraceright|textasciitilde|textasciicircum|textasciigrave)\{\}|\\[%&#_$]"
)


@given(hostile_citations)
def test_no_text_breaks_out_of_its_bibtex_field(cited: Citation) -> None:
    first, *fields, last, end = as_bibtex(cited).split("\n")
    assert re.fullmatch(r"@online\{[a-z0-9-]+,", first)
    assert (last, end) == ("}", "")
    for each in fields:
        found = _FIELD.fullmatch(each)
        assert found, each
        name, value = found.groups()
        depth = 0
        for char in value:
            depth += {"{": 1, "}": -1}.get(char, 0)
            assert depth >= 0
        assert depth == 0
        assert not re.search(r"[\\%&#$^~`]", _COMMAND.sub("", value) if name != "url" else "")


@given(hostile_citations)
def test_no_text_breaks_out_of_its_ris_line(cited: Citation) -> None:
    told = as_ris(cited)
    lines = told.split("\r\n")
    assert lines[0] == "TY  - ELEC"
    assert lines[-2:] == ["ER  - ", ""]
    assert all(re.match(r"[A-Z][A-Z0-9]  - \S", each) for each in lines[:-2])
    assert told.splitlines() == lines[:-1], "no other line break of any sort"


@given(hostile_citations)
def test_every_form_of_any_text_is_utf_8_and_json_stays_json(cited: Citation) -> None:
    (item,) = json.loads(as_csl(cited))
    assert_csl_data(item)
    assert cited.key.isascii()
    assert len(as_text(cited).splitlines()) == 1
    for form in FORMS.values():
        assert "\x1b" not in form(cited).encode().decode()
