"""The cache of a site's scripts and images, and the header fields that pass between browser and client."""

import base64

from archiver.model.capture import Capture, Request
from archiver.render import headers
from archiver.render.resource_cache import ResourceCache
from rendering import answer_to


def _answer(path: str, size: int = 1000, status: int = 200, method: str = "GET") -> Capture:
    return answer_to(Request(f"http://a.test/{path}", method), status, b"x" * size, ())


def test_what_was_not_used_for_longest_is_dropped_first() -> None:
    cache = ResourceCache(3500)
    for path in "abc":
        cache.keep("Script", "", _answer(path))
    assert cache.get("http://a.test/a", "")
    cache.keep("Image", "", _answer("d"))
    assert [path for path in "abcd" if cache.get(f"http://a.test/{path}", "")] == ["a", "c", "d"]
    cache.keep("Image", "", _answer("e", 9000))
    assert [path for path in "abcde" if cache.get(f"http://a.test/{path}", "")] == []


def test_only_sound_answers_to_requests_for_files_are_kept() -> None:
    cache = ResourceCache(100_000)
    cache.keep("XHR", "", _answer("data"))
    cache.keep("Script", "", _answer("gone", status=404))
    cache.keep("Script", "", _answer("posted", method="POST"))
    cache.keep("Script", "http://b.test", _answer("open"))
    for path in ("data", "gone", "posted", "open"):
        assert cache.get(f"http://a.test/{path}", "") is None
    assert cache.get("http://a.test/open", "http://b.test")


def test_fields_that_are_not_safe_are_not_sent() -> None:
    fields = {
        "X-A": "1",
        "Authorization": "Bearer t",
        "Origin": "http://a.test",
        "Content-Type": "x/y",
        "Accept-Language": "vi",
        "X-B": "a\r\nHost: b",
        "X-C": "é",
        "X D": "1",
        "X-E": "x" * 5000,
        "Host": "b",
        "Cookie": "a=1",
        "Range": "bytes=0-",
        "If-None-Match": "x",
        "Sec-Fetch-Mode": "cors",
        "Connection": "close",
        "Transfer-Encoding": "chunked",
    }
    sent = [name for name, _ in headers.to_send(fields)]
    assert sent == [b"X-A", b"Authorization", b"Origin", b"Content-Type", b"Accept-Language"]
    assert len(headers.to_send({f"X-{number}": "" for number in range(500)})) == 60


def test_fields_of_the_encoding_that_was_undone_are_not_answered() -> None:
    fields = (
        (b"Content-Encoding", b"gzip"),
        (b"Content-Type", b"a/b"),
        (b"X", b"\xe9"),
        (b"Y", b"a\0b"),
        (b"Z z", b"1"),
    )
    assert base64.b64decode(headers.to_answer(fields)) == b"Content-Type: a/b\0X: \xe9"
