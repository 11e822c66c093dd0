"""Small portals of shells, each in another manner: where the script has its data from."""

import json
from email.message import Message
from urllib.parse import parse_qs, urlsplit

from learn.portals import TOPICS, paragraphs
from scripted import Answer, Scripted

FIRST, COUNT = 5100, 6
_ANY = {"Access-Control-Allow-Origin": "*"}
_JSON = {"Content-Type": "application/json; charset=utf-8"} | _ANY
_SCRIPT = {"Content-Type": "text/javascript; charset=utf-8"}
_SHELL = '<!doctype html><html lang="en"><title>Town</title>{data}<div id="{root}"></div><script src="/app.js"></script></html>'
_DRAW = """
const app = document.querySelector('#app, #__next')
const list = items => app.innerHTML = '<h1>News of the town</h1><ul class="news">' +
  items.map(each => `<li><a href="${each.href}">${each.title}</a></li>`).join('') + '</ul><button class="more">Load more</button>'
const article = (title, day, body) => { document.title = title + ' - Town'
  app.innerHTML = `<main><h1 class="headline">${title}</h1><time>${day}</time><div class="text">${body}</div></main>` }
const get = async address => (await fetch(address)).json()
const number = () => location.pathname.match(/(\\d+)$/)?.[1]
"""
_SCRIPTS = {
    "wordpress": """
        const api = 'API_ROOT/wp/wp-json/wp/v2/posts'
        if (number()) get(`${api}/${number()}`).then(one => article(one.title.rendered, one.date, one.content.rendered))
        else get(`${api}?per_page=6&page=1`).then(all => list(all.map(one => ({href: '/news/' + one.id, title: one.title.rendered}))))
    """,
    "two": """
        if (number()) Promise.all([get('/data/head/' + number()), get('/data/text/' + number())])
          .then(([head, text]) => article(head.title, head.day, text.html))
        else get('/data/all').then(all => list(all.map(one => ({href: '/news/' + one.id, title: one.title}))))
    """,
    "hash": """
        get('/data/all').then(all => list(all.map(one => ({href: '#/news/' + one.id, title: one.title}))))
    """,
    "next": """
        const props = JSON.parse(document.querySelector('#__NEXT_DATA__').textContent).props.pageProps
        if (props.post) article(props.post.title, props.post.day, props.post.html)
        else list(props.posts.map(one => ({href: '/news/' + one.id, title: one.title})))
    """,
}


def body(number: int) -> str:
    """Return the HTML of the body of an article."""
    return "".join(f"<p>{each}</p>" for each in paragraphs(number))


def day(number: int) -> str:
    """Return when an article was published."""
    return f"2026-03-{number + 10}T08:00:00"


class ShellPortal:
    """A portal with six articles, `/news/5100` to `/news/5105`, and a listing at `/news`.

    Attributes:
        edited: what stands in the place of the title of an article, by number.
        asked: the pages and data that were requested.
    """

    def __init__(self, server: Scripted, manner: str, data: Scripted | None = None) -> None:
        """`manner`: wordpress, two, hash or next. `data`: the server of the data, if it is another one."""
        self.url = server.url
        self.edited: dict[int, str] = {}
        self._manner = manner
        script = _DRAW + _SCRIPTS[manner].replace("API_ROOT", (data or server).url)
        server.answers["/app.js"] = (200, _SCRIPT, script.encode())
        for each in (server, data or server):
            each.rule = self._answer

    def title(self, number: int) -> str:
        """Return the title of an article."""
        return self.edited.get(number, TOPICS[number])

    def _answer(self, path: str, _headers: Message) -> Answer | None:
        parts = urlsplit(path)
        known = {f"/news/{FIRST + number}": number for number in range(COUNT)}
        if parts.path in ("/", "/news") or parts.path in known:
            return 200, {}, self._shell(known.get(parts.path)).encode()
        if parts.path.startswith("/wp/wp-json/wp/v2/posts"):
            return self._wordpress(parts.path.rpartition("/")[2], parse_qs(parts.query).get("page", ["1"])[0])
        if parts.path.startswith("/data/"):
            return self._data(parts.path.rpartition("/")[2], is_text="/text/" in parts.path)
        return None

    def _shell(self, number: int | None) -> str:
        if self._manner != "next":
            return _SHELL.format(data="", root="app")
        posts = [{"id": FIRST + n, "title": self.title(n)} for n in range(COUNT)]
        post = None if number is None else {"title": self.title(number), "day": day(number), "html": body(number)}
        data = json.dumps({"props": {"pageProps": {"post": post, "posts": None if post else posts}}})
        return _SHELL.format(data=f'<script id="__NEXT_DATA__" type="application/json">{data}</script>', root="__next")

    def _wordpress(self, asked: str, page: str) -> Answer:
        posts = [
            {
                "id": FIRST + n,
                "date": day(n),
                "slug": f"post-{n}",
                "link": f"{self.url}/news/{FIRST + n}",
                "title": {"rendered": self.title(n)},
                "content": {"rendered": body(n)},
            }
            for n in range(COUNT)
        ]
        if asked == "posts":
            return _json(posts if page == "1" else [])
        return _json(posts[int(asked) - FIRST])

    def _data(self, asked: str, *, is_text: bool) -> Answer:
        if asked == "all":
            return _json([{"id": FIRST + n, "title": self.title(n)} for n in range(COUNT)])
        number = int(asked) - FIRST
        return _json({"html": body(number)} if is_text else {"title": self.title(number), "day": day(number)})


def _json(value: object) -> Answer:
    return 200, _JSON, json.dumps(value).encode()
