"""Lines that change at each visit, and lines that only look like them."""

import pytest

from archiver.text.volatile_lines import is_volatile_line, without_volatile_lines

VOLATILE = [
    ("Views: 10", "en"),
    ("1,204 views", "en"),
    ("1.2K views", "en"),
    ("Comments (3)", "en"),
    ("Views: 10 Comments: 3", "en"),
    ("Posted 3 hours ago", "en"),
    ("3 hours ago", "en"),
    ("Lượt xem: 1.234", "vi"),
    ("Số lượt người xem: 375", "vi"),
    ("Đã xem: 12", "vi"),
    ("12,5 nghìn lượt xem", "vi"),
    ("Cập nhật 3 giờ trước", "vi"),
    ("Vues : 12", "fr"),
    ("Lu 12 fois", "fr"),
    ("il y a 3 heures", "fr"),
    ("Publicado hace 3 horas", "es"),
    ("vor 3 Stunden", "de"),
    ("Просмотров: 1 234", "ru"),
    ("浏览次数：123", "zh"),
    ("閲覧数：33", "ja"),
    ("조회수 1,234", "ko"),
    ("Hits: 5", ""),
]
LASTING = [
    ("10", "en"),
    ("300 people", "en"),
    ("Article 5", "en"),
    ("Views of 2024", "en"),
    ("Yesterday", "en"),
    ("It was 3 hours ago", "en"),
    ("He read 3 books", "en"),
    ("Comments", "en"),
    ("Read 2024", "en"),
    ("Năm 2024", "vi"),
    ("Điều 5", "vi"),
    ("Posted 21 October 2022", "en"),
    ("", "en"),
]


@pytest.mark.parametrize(("text", "language"), VOLATILE)
def test_counters_and_relative_times_are_volatile(text: str, language: str) -> None:
    assert is_volatile_line(text, language)


@pytest.mark.parametrize(("text", "language"), LASTING)
def test_other_lines_are_not(text: str, language: str) -> None:
    assert not is_volatile_line(text, language)


def test_only_volatile_lines_and_parts_are_left_out() -> None:
    text = "By Jane · 3 hours ago\n\nThe harvest was good: 300 views from the hill.\n\n- Views: 10\n- Rice\n\nViews: 12"
    assert without_volatile_lines(text, "en") == "By Jane\n\nThe harvest was good: 300 views from the hill.\n\n- Rice"
