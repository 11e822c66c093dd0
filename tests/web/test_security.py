"""Who reaches the server, and what it refuses: names, methods, sizes, slow clients, senders of forms, passwords, proxies."""

import socket
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.cli.serve_options import prefix_path
from archiver.errors import UsageError
from archiver.settings import Settings
from archiver.web import security
from archiver.web.client_limits import ClientBuckets
from archiver.web.config import ServeConfig, ServedArchive
from archiver.web.hosts import is_loopback
from archiver.web.login import read_password, safe_target
from archiver.web.security import check_rights
from archiver.web.slow_clients import TimedProtocol
from web_served import Served, served

PASSWORD = "xin chào 12345"  # noqa: S105  (of these tests)


@pytest.fixture(scope="module")
def locked(archive: Path) -> Iterator[Served]:
    file = archive.with_name("password")
    file.write_text(f"{PASSWORD}\nsecond line\n", encoding="utf-8")
    with served(archive, password_file=file) as found:
        yield found


def config(**options: object) -> ServeConfig:
    return ServeConfig((ServedArchive("a", Settings()),), **options)  # type: ignore[arg-type]


def raw(server: Served, request: bytes, seconds: float = 10) -> bytes:
    """Send bytes, and return all that is answered until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


# names


@pytest.mark.parametrize("host", ["replay.localhost.", "viewer.localhost", "viewer.localhost.", "viewer.localhost:1"])
def test_no_name_of_the_server_leads_around_the_login(locked: Served, host: str) -> None:
    for head in ({"Host": host}, {"X-Forwarded-Host": host}):
        assert locked.get("/about", headers=head).status_code in (404, 421)


@pytest.mark.parametrize("host", ["copies.example", "copies.example:1", "archive.example:8443.", "archive.example"])
def test_no_port_of_the_origin_of_copies_leads_around_the_login(archive: Path, host: str) -> None:
    file = archive.with_name("password")
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    names = ("archive.example",)
    for origin in ("https://copies.example:8443", "https://archive.example:8443"):
        with served(archive, password_file=file, replay_origin=origin, allowed_hosts=names) as server:
            for head in ({"Host": host}, {"X-Forwarded-Host": host}):
                answer = server.get("/about", headers=head)
                assert answer.status_code == 421 or answer.headers["Location"].startswith("/login")
            copies = server.get("/about", headers={"Host": origin.partition("://")[2].upper()})
            assert "this origin has only copies" in copies.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:{port}", "LOCALHOST.:{port}", "127.0.0.1:1"])
def test_names_of_this_machine_are_known(server: Served, host: str) -> None:
    assert server.get("/about", headers={"Host": host.format(port=server.port)}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil", "[::2]", "a b", "x" * 300, ":80"]
)
def test_another_name_is_refused(server: Served, host: str) -> None:
    page = server.get("/about", headers={"Host": host})
    assert page.status_code == 421
    assert "--allow-host" in page.text
    assert "evil" not in page.text or "not known as" in page.text


def test_a_forwarded_name_must_be_known_too(server: Served) -> None:
    assert server.get("/about", headers={"X-Forwarded-Host": "evil.example"}).status_code == 421
    both = {"Host": "evil.example", "X-Forwarded-Host": "127.0.0.1"}
    assert server.get("/about", headers=both).status_code == 421


def test_a_name_can_be_allowed(archive: Path) -> None:
    with served(archive, allowed_hosts=("archive.example",)) as found:
        for headers in ({"Host": "archive.example"}, {"X-Forwarded-Host": "Archive.Example:443"}):
            assert found.get("/about", headers=headers).status_code == 200


# methods, sizes, slow clients


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"])
def test_pages_are_only_read(server: Served, method: str) -> None:
    page = server.client.request(method, f"{server.url}/about")
    assert page.status_code == 405
    assert page.headers["allow"] == "GET, HEAD"


def test_a_head_is_answered_without_a_body(server: Served) -> None:
    page = server.client.head(f"{server.url}/about")
    assert (page.status_code, page.text) == (200, "")


def test_a_long_address_and_long_headers_are_refused(server: Served) -> None:
    assert server.get("/about?" + "a=1&" * 3_000).status_code == 414
    assert server.get("/about?" + "&".join(f"a{number}=1" for number in range(60))).status_code == 414
    assert server.get("/about", headers={"X-Long": "a" * 100_000}).status_code in (400, 431)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../security.py",
        "/static/%2e%2e/security.py",
        "/static/..%2fsecurity.py",
        "/static/%2e%2e%2f%2e%2e%2ferrors.py",
        "/static//etc/passwd",
        "/../../etc/passwd",
        "/%00",
        "/static/%00",
        "/page/1/at/../../../etc",
        f"/page/{'9' * 5_000}",
        f"/redesign/{2**63}",
        f"/why/{2**64}/title",
    ],
)
def test_no_path_leaves_the_server(server: Served, path: str) -> None:
    answer = raw(server, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ")[1] in (b"400", b"404")
    assert b"root:" not in answer
    assert b"import" not in answer


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /about HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\nConnection: close\r\n\r\n",
        b"GET /about HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /about\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /a\x00b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST /act/seen HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
    ],
)
def test_a_malformed_request_is_refused(server: Served, request_: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65_536)
    assert not answer or answer.split(b" ")[1][:1] == b"4"
    assert server.get("/about").status_code == 200


def test_a_header_cannot_be_injected(server: Served) -> None:
    answer = raw(
        server, b"GET /page?url=x%0d%0aSet-Cookie:a=b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    )
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nset-cookie" not in head


def test_a_slow_head_ends_the_connection(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimedProtocol, "head_seconds", 0.3)
    with served(archive) as found:
        assert raw(found, b"GET /about HT") == b""
        assert raw(found, b"") == b""
        with socket.create_connection(("127.0.0.1", found.port), timeout=10) as connection:
            connection.sendall(b"HEAD /about HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
            connection.sendall(b"GET /ab")
            assert connection.recv(65_536) == b""
        assert found.get("/about").status_code == 200


def test_many_slow_clients_do_not_hold_up_others(server: Served) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    for each in slow:
        each.sendall(b"GET /about HTTP/1.1\r\nHost: 127")
    assert server.get("/about").status_code == 200
    for each in slow:
        each.close()


# forms


def test_a_form_must_come_from_a_page_of_the_server(locked: Served) -> None:
    data = {"password": PASSWORD, "to": "/about"}
    for origin in (
        "null",
        "http://evil.example",
        f"http://127.0.0.1:{locked.port + 1}",
        f"https://127.0.0.1:{locked.port}",
    ):
        assert locked.client.post(f"{locked.url}/login", data=data, headers={"Origin": origin}).status_code == 403
    assert locked.client.post(f"{locked.url}/login", data=data).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert locked.client.post(f"{locked.url}/login", data=data, headers=cross).status_code == 403


def test_a_form_is_not_longer_than_a_form(server: Served) -> None:
    answer = server.client.post(f"{server.url}/act/seen", content=b"a" * 100_000, headers={"Origin": server.url})
    assert answer.status_code == 413


def test_a_slow_form_is_told(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "BODY_SECONDS", 0.2)
    head = f"POST /act/mark HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {server.url}\r\nContent-Length: 9\r\n\r\na"
    answer = raw(server, head.encode())
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive in time" in answer


# passwords


def log_in(server: Served, password: str = PASSWORD, to: str = "/about", **headers: str) -> tuple[int, str, str]:
    form = {"password": password, "to": to}
    page = server.client.post(f"{server.url}/login", data=form, headers={"Origin": server.url, **headers})
    return page.status_code, page.headers.get("location", ""), page.headers.get("set-cookie", "")


def test_a_password_opens_the_archive(locked: Served) -> None:
    locked.client.cookies.clear()
    page = locked.get("/about?x=1")
    assert page.status_code == 303
    assert page.headers["location"] == "/login?to=/about%3Fx%3D1"
    form = locked.get(page.headers["location"])
    assert 'value="/about?x=1"' in form.text
    assert 'type="password"' in form.text
    status, to, cookie = log_in(locked, to="/about?x=1")
    assert (status, to) == (303, "/about?x=1")
    assert cookie.startswith("archiver_session=")
    assert "; HttpOnly; SameSite=Strict" in cookie
    assert "Path=/;" in cookie
    assert "Secure" not in cookie
    assert PASSWORD not in cookie
    assert locked.get("/about").status_code == 200
    out = locked.client.post(f"{locked.url}/logout", headers={"Origin": locked.url})
    assert "Max-Age=0" in out.headers["set-cookie"]
    locked.client.cookies.clear()


@pytest.mark.parametrize("cookie", ["", "reader", "reader.aaaa.bbbb", '"', "reader.ZwQoFw." + "A" * 43, "x" * 3_000])
def test_a_made_up_cookie_opens_nothing(locked: Served, cookie: str) -> None:
    locked.client.cookies.clear()
    page = locked.get("/about", headers={"Cookie": f"archiver_session={cookie}"})
    assert page.status_code == 303


def test_formats_answer_401_and_take_http_basic(locked: Served) -> None:
    locked.client.cookies.clear()
    page = locked.get("/about.json")
    assert page.status_code == 401
    assert page.headers["www-authenticate"].startswith("Basic")
    for user in ("", "anyone"):
        pair = b64encode(f"{user}:{PASSWORD}".encode()).decode()
        assert locked.get("/about.json", headers={"Authorization": f"Basic {pair}"}).status_code == 200
    assert locked.get("/about.json", headers={"Authorization": "Basic !!"}).status_code == 401


def test_nothing_but_the_style_is_open_before_the_login(locked: Served) -> None:
    locked.client.cookies.clear()
    assert locked.get("/static/style.css").status_code == 200
    for path in ("/", "/pages", "/search?q=x", "/web/2022/a.example/", "/static/../about", "/nothing"):
        assert locked.get(path).status_code in (303, 401)


@pytest.mark.parametrize("host", ["viewer.localhost", "replay.localhost", "replay.localhost.", "REPLAY.localhost.:1"])
def test_no_name_of_another_origin_opens_the_interface(locked: Served, host: str) -> None:
    """A name that the guard takes for that of the copies leads to the copies, not to pages without the password."""
    for path in ("/", "/about.json", "/static/../about"):
        answer = locked.get(path, headers={"Host": host})
        assert answer.status_code in (400, 404, 421), (path, answer.text[:200])
        forwarded = locked.get(path, headers={"X-Forwarded-Host": host})
        assert forwarded.status_code in (400, 404, 421), (path, forwarded.text[:200])


def test_the_name_of_the_copies_at_another_port_is_not_known(archive: Path) -> None:
    file = archive.with_name("password")
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    with served(archive, password_file=file, replay_origin="https://copies.example:9000") as found:
        for host in ("copies.example", "copies.example:9001"):
            assert found.get("/about", headers={"Host": host}).status_code == 421
        assert found.get("/about", headers={"Host": "copies.example:9000"}).status_code == 404


def test_passwords_are_not_guessed_fast(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    with served(archive, password_file=file) as found:
        codes = [log_in(found, "wrong password")[0] for _ in range(7)]
        assert codes == [403] * 5 + [429] * 2
        assert log_in(found)[0] == 429
        pair = b64encode(b"x:wrong").decode()
        assert found.get("/about.json", headers={"Authorization": f"Basic {pair}"}).status_code == 429
        other = {"X-Forwarded-For": "192.0.2.7"}  # the proxy on this machine names another client
        assert log_in(found, **other)[0] == 303


def test_the_cookie_is_secure_behind_a_proxy_with_tls(locked: Served) -> None:
    origin = {"Origin": f"https://127.0.0.1:{locked.port}"}
    status, _, cookie = log_in(locked, **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.8", **origin})
    assert status == 303
    assert cookie.endswith("; Secure")
    locked.client.cookies.clear()


@pytest.mark.parametrize("text", ["", "\n12345678", "short", "x" * 2_000])
def test_a_bad_password_file_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "password"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="8 to 1000"):
        read_password(file)


def test_a_missing_password_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_password(tmp_path / "none")


@pytest.mark.parametrize(
    "to",
    ["http://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\r\nb", "", "a", "/" + "a" * 3_000],
)
def test_the_login_leads_only_to_this_server(to: str) -> None:
    assert safe_target(to, "") == "/"
    assert safe_target("/about", "/archive") == "/archive/"
    assert safe_target("/archive/about", "/archive") == "/archive/about"


# the name by a proxy


def test_the_proxy_names_the_visitor(archive: Path) -> None:
    with served(archive, trust_header="X-Remote-User") as found:
        assert found.get("/about").status_code == 401
        assert found.get("/about", headers={"X-Remote-User": ""}).status_code == 401
        assert found.get("/about", headers={"X-Remote-User": "lan"}).status_code == 200
        twice = [("X-Remote-User", "lan"), ("X-Remote-User", "root")]
        assert found.get("/about", headers=twice).status_code == 401


# rates


def test_a_bucket_fills_again_and_memory_is_bounded() -> None:
    now = [0.0]
    buckets = ClientBuckets(3, 1, clock=lambda: now[0], most=50)
    assert [buckets.take("192.0.2.1") for _ in range(4)] == [0, 0, 0, 1]
    assert buckets.take("192.0.2.2") == 0
    now[0] = 1
    assert [buckets.take("192.0.2.1") for _ in range(2)] == [0, 1]
    assert buckets.take("::ffff:192.0.2.1") == 1
    for number in range(1_000):
        buckets.take(f"10.0.{number // 250}.{number % 250}")
    assert len(buckets) == 50


def test_one_network_of_ipv6_is_one_client() -> None:
    buckets = ClientBuckets(1, 0.001)
    assert buckets.take("2001:db8::1") == 0
    assert buckets.take("2001:db8::ffff") > 0
    assert buckets.take("2001:db8:0:1::1") == 0


def test_a_part_of_a_copy_counts_as_a_tenth_of_a_request() -> None:
    buckets = ClientBuckets(2, 0.001)
    assert [buckets.take("192.0.2.1", 0.1) for _ in range(10)] == [0.0] * 10
    assert buckets.take("192.0.2.1") == 0
    assert buckets.take("192.0.2.1") > 0


def test_a_client_that_asks_too_often_is_told_when_to_come_back(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "_BURST", 5.0)
    monkeypatch.setattr(security, "_EACH_SECOND", 0.01)
    with served(archive, trust_header="X-Remote-User") as found:
        client = {"X-Remote-User": "lan", "X-Forwarded-For": "192.0.2.9"}
        *pages, page = [found.get("/static/style.css", headers=client) for _ in range(6)]
        assert [each.status_code for each in pages] == [200] * 5
        assert page.status_code == 429
        assert int(page.headers["retry-after"]) >= 1
        assert found.get("/static/style.css", headers={**client, "X-Forwarded-For": "192.0.2.10"}).status_code == 200


# where it listens


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "archive.example", "::ffff:192.0.2.1"])  # noqa: S104
def test_it_does_not_listen_for_others_without_asking_who_they_are(host: str, tmp_path: Path) -> None:
    assert not is_loopback(host)
    with pytest.raises(UsageError, match="--password-file FILE, or --trust-header"):
        check_rights(config(host=host))
    check_rights(config(host=host, trust_header="X-Remote-User"))
    check_rights(config(host=host, password_file=tmp_path / "password"))


def test_a_unix_socket_is_for_others(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Unix socket"):
        check_rights(config(), unix=True)
    with pytest.raises(UsageError, match="cannot be combined"):
        check_rights(config(password_file=tmp_path / "password", trust_header="X"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
def test_this_machine_needs_no_password(host: str) -> None:
    check_rights(config(host=host))


def test_each_answer_keeps_its_secrets(locked: Served) -> None:
    for path in ("/about", "/login", "/static/style.css"):
        head = locked.get(path, headers={"Cookie": ""}).headers
        assert "server" not in head
        assert head["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("prefix", ["/a/../b", "/..", "/a/./b", "archive", "//evil.example", "/a b"])
def test_a_prefix_is_a_plain_path(prefix: str) -> None:
    with pytest.raises(UsageError, match="not a path"):
        prefix_path(prefix)
