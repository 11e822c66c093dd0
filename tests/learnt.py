"""The town of `learn.portals`, served on loopback, and a new user in an empty folder who learns its profile."""

from collections.abc import Sequence
from email.message import Message
from pathlib import Path

from archiver.learn.samples import SamplePage
from learn.portals import SECTIONS, TOPICS, TOWN, address, town, town_home
from scripted import Answer, Scripted
from shell import Commands


class ServedTown:
    """The town: articles of two templates, the home page, a listing for each section. Counters rise at each request."""

    def __init__(self, server: Scripted, new: Sequence[int] = ()) -> None:
        """`new`: the articles in the new template."""
        self.server = server
        self.url = server.url
        self.new = set(new)
        self.views = 1204
        server.rule = self._answer
        server.answers["/"] = self._page(town_home())
        for section in SECTIONS:
            numbers = [each for each in range(len(TOPICS)) if f"/{section}/" in address(each)]
            items = "".join(f'<li><a href="{address(each)}">{TOPICS[each]}</a></li>' for each in numbers)
            html = f"<title>{section}</title><h1>{section}</h1><ul>{items}</ul><a href={TOWN}/>Town</a>"
            server.page(f"/{section}/", section, extra=html.replace(TOWN, self.url))

    def _page(self, page: SamplePage) -> Answer:
        return 200, {}, page.capture.body.replace(TOWN.encode(), self.url.encode())

    def _answer(self, path: str, _headers: Message) -> Answer | None:
        for number in range(len(TOPICS)):
            if path == self.path(number):
                self.views += 7
                return self._page(town(number, is_new=number in self.new, views=self.views))
        return None

    @staticmethod
    def path(number: int) -> str:
        return address(number).removeprefix(TOWN)

    def article(self, number: int) -> str:
        """Return the address of an article."""
        return self.url + self.path(number)


def hurry(folder: Path, name: str) -> None:
    """Let crawls by a profile make their requests without a delay."""
    path = folder / "selectors" / f"{name}.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("delay = 1.0", "delay = 0.0"), encoding="utf-8")


__all__ = ["Commands", "ServedTown", "hurry"]
