"""A portal that is redesigned while it is crawled, the archive that crawls it, and its editors."""

from email.message import Message
from pathlib import Path
from types import ModuleType
from typing import Any

from archiver.app.reading.state import CrawlSummary
from archiver.extract.profile import load_profile
from redesigned.stories import Story, stories
from scripted import Answer, Scripted

ARTICLES = 12


class RedesignedPortal:
    """The portal. `kind`: the module with its templates; each answer counts, and the switch counts the articles."""

    def __init__(self, path: Path, kind: ModuleType) -> None:
        self.kind = kind
        self.name = "portal"
        self.stories = {kind.path(each): each for each in stories(ARTICLES)}
        self.template = 1
        self.server = Scripted(path)
        self.server.rule = self._answer
        self.archive = self.server.archive
        self.profile_path = self.server.selectors / f"{self.name}.toml"
        self.profile_path.write_text(kind.PROFILE.format(name=self.name, url=self.server.url), encoding="utf-8")
        self._answered = 0
        self._redesigns: list[tuple[int, int, tuple[str, str] | None]] = []
        self.first_redesigned = 0
        self._replaced = False

    def story(self, number: int) -> Story:
        return next(each for each in self.stories.values() if each.number == number)

    def redesign(self, template: int, *, after: int = 0, edit: tuple[str, str] | None = None) -> None:
        """Print articles in another template, from now on or after some more of them were served.

        `edit`: words to replace in the first of them; `first_redesigned` has its number.
        """
        self._redesigns.append((self._answered + after, template, edit))

    def replace_all(self, text: str) -> None:
        """Show another text, and nothing else, at the addresses of all articles."""
        page = f"<html lang=vi><title>Tin</title><body><div class=note><p>{text}</p></div></body></html>"
        for path in self.stories:
            self.server.answers[path] = (200, {}, page.encode())
        self._replaced = True

    def crawl(self, days: float = 1) -> CrawlSummary:
        """Crawl all known pages with the profile of the file; then some days pass."""
        profile = load_profile(self.profile_path)
        found: CrawlSummary = self.archive.crawl(profile, everything=True)
        self.server.clock.advance(days=days)
        return found

    def edits(self) -> list[tuple[int, str]]:
        """Return the article and the field of each change that the archive tells."""
        numbers = {self.server.url + path: each.number for path, each in self.stories.items()}
        found = [(row["url"], row["field"]) for row in self.archive.changes("edited")]
        return sorted((self._number(url, numbers), field) for url, field in found)

    def _number(self, url: str, numbers: dict[str, int]) -> int:
        folded = {known.lower(): number for known, number in numbers.items()}
        return folded[url.lower()]

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return list(self.archive.sql(sql))

    def versions(self) -> int:
        """Return how many versions the archive has of all articles."""
        return int(self.rows("SELECT count(*) AS n FROM versions")[0]["n"])

    def in_doubt(self) -> list[str]:
        """Return the addresses of the articles that are misread."""
        return [row["url"] for row in self.rows("SELECT url FROM doubtful WHERE fields <> 'follow' ORDER BY url")]

    def listings_in_doubt(self) -> int:
        """Return how many listings are misread."""
        return len(self.rows("SELECT url FROM doubtful WHERE fields = 'follow'"))

    def close(self) -> None:
        self.server.close()

    def _answer(self, path: str, _: Message) -> Answer | None:
        story = self.stories.get(path)
        if story is not None and self._replaced:
            return None
        if story is None:
            page = self.kind.listing(list(self.stories.values()), self.template) if path == "/" else None
            return None if page is None else (200, {}, page.encode())
        while self._redesigns and self._redesigns[0][0] <= self._answered:
            self.template, edit = self._redesigns.pop(0)[1:]
            self.first_redesigned = story.number
            if edit is not None:
                story.replace(*edit)
        self._answered += 1
        story.views += 1 + self._answered % 3
        others = [each for each in self.stories.values() if each is not story]
        turn = (self._answered * 5) % len(others)
        around = (others[turn:] + others[:turn])[:4]
        page = self.kind.article(story, self.template, (around, 1009 * self._answered))
        return 200, {}, page.encode()
