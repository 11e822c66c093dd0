"""The comparison of two versions: words, proof, and what each view says when it shows nothing."""

import re

from lived_page import ServedPage


def test_the_words_are_one_click_from_the_page(page: ServedPage) -> None:
    text = page.server.get(page.place).text
    assert f'href="{page.place}/compare/6..7"' in text
    shown = page.server.get(f"{page.place}/compare/6..7").text
    assert re.search(r"<del>\d+</del><ins>\d+</ins>", shown)
    assert "24 hours in which we did not look." in shown


def test_from_a_sentence_to_its_digest_are_three_clicks_at_most(page: ServedPage) -> None:
    words = page.server.get(f"{page.place}/compare/6..7").text
    proof = re.search(r'href="([^"]+/visit/\d+)"', words)
    assert proof is not None
    capture = page.server.get(proof[1])
    assert re.search(r'<span id="sha">[0-9a-f]{64}</span>', capture.text)


def test_an_edit_of_a_page_without_a_date_of_change_is_not_called_silent(page: ServedPage) -> None:
    text = page.server.get(f"{page.place}/compare/3..4").text
    assert 'class="chip off">silent</span>' not in text
    assert "The page does not say when it was changed" in text


def test_fields_that_do_not_differ_are_one_line(page: ServedPage) -> None:
    data = page.server.json(f"{page.place}/compare/3..4.json")
    assert [each["field"] for each in data["fields"]] == ["title"]
    assert "body" in data["unchanged"]
    assert {each["name"] for each in data["counters"]} == {"views", "site_visits"}


def test_side_by_side_has_each_word_on_its_side(page: ServedPage) -> None:
    text = page.server.get(f"{page.place}/compare/3..4?view=side").text
    old, new = re.search(r'<div class="o">(.*?)</div><div>(.*?)</div>', text, re.DOTALL).groups()  # type: ignore[union-attr]
    assert "<ins>" not in old
    assert "<ins>" in new


def test_changes_only_folds_what_stayed(page: ServedPage) -> None:
    text = page.server.get(f"{page.place}/compare/6..7?view=only").text
    assert "paragraphs unchanged" in text
    assert "<ins>" in text


def test_a_view_that_shows_nothing_says_which_one_does(page: ServedPage) -> None:
    assert "came back as it was" in page.server.get(f"{page.place}/compare/1..2").text
    links = page.server.get(f"{page.place}/compare/6..7?view=links").text
    assert "No link came or went; 22 stayed. What changed is in Words." in links


def test_the_source_is_compared_line_by_line(page: ServedPage) -> None:
    source = page.server.json(f"{page.place}/compare/3..4.json?view=source")["source"]
    assert 0 < source["changed"] < source["lines"]
    text = page.server.get(f"{page.place}/compare/3..4?view=source").text
    assert "lines unchanged" in text
    assert "&lt;title&gt;" in text


def test_links_with_another_text_are_told(page: ServedPage) -> None:
    links = page.server.json(f"{page.place}/compare/3..4.json?view=links")["links"]
    assert links["renamed"][0][2].endswith("<b>&")


def test_the_patch_is_a_file(page: ServedPage) -> None:
    answer = page.server.get(f"{page.place}/compare/3..4?view=patch")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.splitlines()[3:6] == ["--- old/title", "+++ new/title", "@@ -1,1 +1,1 @@"]


def test_pairs_are_stepped_through_and_the_view_stays(page: ServedPage) -> None:
    text = page.server.get(f"{page.place}/compare/3..4?view=side").text
    assert f'rel="prev" href="{page.place}/compare/2..3?view=side"' in text
    assert f'rel="next" href="{page.place}/compare/4..5?view=side"' in text


def test_the_later_version_first_is_put_in_order(page: ServedPage) -> None:
    answer = page.server.get(f"{page.place}/compare/4..3?view=only")
    assert answer.headers["location"] == f"{page.place}/compare/3..4?view=only"


def test_what_is_not_there_is_a_clear_page(page: ServedPage) -> None:
    assert page.server.get(f"{page.place}/compare/3..99").status_code == 404
    assert page.server.get(f"{page.place}/compare/3..4?view=magic").status_code == 400
