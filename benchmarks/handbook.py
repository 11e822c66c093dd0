"""Generates successive visits of real pages: the Debian handbook, with the noise that portals add to their pages.

The text is in Vietnamese. A seeded generator changes at every visit: Date, session cookie, a nonce on each of 24 scripts,
a form token, two counters, and the milliseconds of rendering. At 3 % of the visits a paragraph changes. A redesign
changes all class names and the indentation.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path

from visits import SECONDS, WORDS, Counted, Visit

FOLDER = Path("/usr/share/doc/debian-handbook/html/vi-VN")
_CLASS = re.compile(rb'class="([\w-]+)')


class Handbook:
    """The largest pages of the handbook, as a server with noise sends them."""

    def __init__(self, pages: int, folder: Path = FOLDER, seed: int = 1) -> None:
        files = sorted(folder.glob("*.html"), key=lambda file: (-file.stat().st_size, file.name))[:pages]
        self.originals = [file.read_bytes() for file in files]
        self.pages = list(self.originals)
        self.chance = Counted(seed)
        self.counter = 1_000_000
        self.views = [self.chance.randrange(200, 30_000) for _ in files]

    def crawls(self, count: int, redesigns: int) -> Iterator[list[Visit]]:
        """Yield crawls of all pages, with redesigns spread among them."""
        breaks = {round((number + 0.7) * count / (redesigns + 0.2)) for number in range(redesigns)}
        for crawl in range(count):
            self.chance.counts = crawl > 0
            if crawl in breaks:
                self._redesign(crawl)
            yield [self._visit(page, crawl) for page in range(len(self.pages))]

    def _redesign(self, crawl: int) -> None:
        names = random.Random(crawl)
        known: dict[bytes, bytes] = {}

        def other(found: re.Match[bytes]) -> bytes:
            name = known.setdefault(found[1], b"c" + names.randbytes(3).hex().encode())
            return b'class="' + name

        self.pages = [_CLASS.sub(other, page).replace(b"><", b">\n%s<" % (b" " * (crawl % 5))) for page in self.pages]

    def _visit(self, page: int, crawl: int) -> Visit:
        chance = self.chance
        self.counter += 50 + chance.below(2950)
        self.views[page] += chance.below(40)
        seconds = crawl * SECONDS + page * 2 + chance.below(2)
        if crawl and chance.happens(0.03):
            self._edit(page)
        nonce = chance.token(16).decode()
        scripts = "".join(f'<script nonce="{nonce}" src="/static/{number}.js"></script>' for number in range(24))
        noise = (
            f'{scripts}<input type="hidden" name="csrf" value="{chance.token(24).decode()}"/>'
            f"<i>{self.counter}</i><i>{self.views[page]}</i><!-- {seconds}, {chance.below(400)} ms --></body>"
        )
        body = self.pages[page].replace(b"</body>", noise.encode(), 1)
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: nginx\r\n"
            f"Set-Cookie: session={chance.token(18).decode()}; path=/; HttpOnly\r\n"
            f"Date: day {seconds // 86400}, {seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02} GMT\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return Visit(page, seconds, head.encode() + body)

    def _edit(self, page: int) -> None:
        """Change one paragraph."""
        parts = self.pages[page].split(b"</p>")
        place = self.chance.below(len(parts))
        self.chance.worth(float(len(WORDS)) ** 18)
        parts[place] += " ".join(self.chance.choice(WORDS) for _ in range(18)).encode()
        self.pages[page] = b"</p>".join(parts)
