"""The articles of the portal: they can be edited, and tests compare an archive with them."""

import random
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from archiver.demo import grammar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_MONTHS = ["Một", "Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười", "Mười Một", "Mười Hai"]


@dataclass
class Article:
    """One article. `published` is wall time in Vietnam, without a zone.

    Attributes:
        blocks: the body in order: ("p", text), ("caption", text), ("picture", file name).
        state: live, gone (404) or soft (a page that says that it does not exist).
        moved_to: the item to which its address redirects.
    """

    item: int
    title: str
    section: str
    published: datetime
    summary: str
    blocks: list[tuple[str, str]]
    byline: str
    views: int
    files: list[str] = field(default_factory=list)
    state: str = "live"
    moved_to: int | None = None

    @property
    def printed(self) -> str:
        """Return the date as the portal prints it: 21 Tháng Mười 2022 3:55:00 CH."""
        said, hour = self.published, self.published.hour
        half = "SA" if hour < 12 else "CH"  # noqa: PLR2004
        return f"{said.day} Tháng {_MONTHS[said.month - 1]} {said.year} {hour % 12 or 12}:{said:%M:%S} {half}"

    @property
    def paragraphs(self) -> list[str]:
        """Return the body's paragraphs, without captions and byline."""
        return [text for kind, text in self.blocks if kind == "p"]

    @property
    def captions(self) -> list[str]:
        """Return the captions, without their mark."""
        return [text for kind, text in self.blocks if kind == "caption"]

    def replace(self, old: str, new: str) -> None:
        """Replace a text in the first block that contains it."""
        for number, (kind, text) in enumerate(self.blocks):
            if old in text:
                self.blocks[number] = (kind, text.replace(old, new, 1))
                return
        raise ValueError(f"article {self.item} does not hold {old!r}")

    def edit_sentence(self, chance: random.Random) -> tuple[str, str]:
        """Change a figure, as editors do; return the words before and after."""
        for number, (kind, text) in enumerate(self.blocks):
            found = re.search(r"\b\d{2,3}\b(?= (?:tình|triệu|hộ|phần|ngày|mét|em))", text)
            if kind == "p" and found:
                new = str(int(found[0]) + chance.randint(3, 60))
                self.blocks[number] = (kind, text[: found.start()] + new + text[found.end() :])
                return found[0], new
        self.blocks.insert(1, ("p", grammar.paragraph(chance)))
        return "", self.blocks[1][1]


def write_article(seed: int, item: int, number: int, published: datetime) -> Article:
    """Return the article with this number: always the same for the same seed."""
    chance = random.Random(f"{seed}/{item}")  # noqa: S311  (text, not secrets)
    section = chance.choice(grammar.SECTIONS)
    blocks = [("p", grammar.lead(chance, section, published.day, published.month))]
    blocks += [("p", grammar.paragraph(chance)) for _ in range(chance.randint(2, 6))]
    for place in sorted(chance.sample(range(1, len(blocks) + 1), chance.randint(0, 2)), reverse=True):
        blocks[place:place] = [("picture", f"anh-{item}-{place}.png"), ("caption", grammar.caption(chance))]
    blocks.append(("p", grammar.closing(chance)))
    return Article(
        item=item,
        title=grammar.headline(chance, section, number + 1),
        section=section,
        published=published,
        summary=f"{section}: {grammar.caption(chance)}.",
        blocks=blocks,
        byline=chance.choice(grammar.SIGNS),
        views=chance.randint(20, 2500),
        files=[f"Kế hoạch số {item}.pdf"] if number % 4 == 0 else [f"Biểu mẫu {item}.docx"] if number % 7 == 0 else [],
    )


def write_articles(seed: int, count: int, start: datetime) -> dict[int, Article]:
    """Return the portal's first articles, newest last, published up to the day on which it opens."""
    chance = random.Random(seed)  # noqa: S311
    articles = {}
    said = start.astimezone(ZONE).replace(tzinfo=None, microsecond=0)
    moments = [said]
    for _ in range(count):
        moments.append(
            moments[-1]
            - timedelta(hours=chance.randint(5, 40), minutes=chance.randint(0, 59), seconds=chance.randint(0, 59))
        )
    for number, moment in enumerate(reversed(moments[1:])):
        item = 5600 + number * 3
        articles[item] = write_article(seed, item, number, moment)
    return articles
