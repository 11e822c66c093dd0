"""The address that is connected to is one that was checked, for each way in which a host may lead into this network."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from archiver.fetch import dialing, http
from archiver.fetch.address_guard import AddressGuard, PrivateAddress
from archiver.fetch.http import Client
from archiver.fetch.private import SocketAddress
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import system_clock
from archiver.model.policy import Limits
from internet import INSIDE, OTHER, PUBLIC, Internet


@pytest.fixture
def internet() -> Iterator[Internet]:
    internet = Internet()
    internet.hosts |= {"pub.example": [PUBLIC], "other.example": [OTHER], "intranet.example": [INSIDE]}
    for address in (PUBLIC, OTHER, INSIDE):
        internet.answers[address, "/a"] = (200, {}, b"<h1>A page</h1>")
    yield internet
    internet.close()


def fetch(internet: Internet, *asked: tuple[str, str]) -> list[Capture]:
    """Request addresses with one client; each is a host, and the host that the user named."""

    async def go() -> list[Capture]:
        async with Client(Limits(timeout=10), "archiver/test", system_clock, guard=internet.guard()) as client:
            return [
                await client.fetch(Request(internet.url(host, "/a")), named=internet.url(named))
                for host, named in asked
            ]

    return asyncio.run(go())


def test_the_name_stays_in_the_request(internet: Internet) -> None:
    (capture,) = fetch(internet, ("pub.example", "pub.example"))
    assert (capture.outcome, capture.address) == (Outcome.OK, PUBLIC)
    assert internet.asked == [(PUBLIC, f"pub.example:{internet.port}", "/a")]


@pytest.mark.parametrize(
    ("host", "named", "outcome"),
    [
        ("intranet.example", "intranet.example", Outcome.OK),
        (INSIDE, INSIDE, Outcome.OK),
        (INSIDE, "intranet.example", Outcome.OK),
        ("intranet.example", "pub.example", Outcome.REFUSED),
        (INSIDE, "pub.example", Outcome.REFUSED),
        ("localhost", "pub.example", Outcome.REFUSED),
        ("2130706433", "pub.example", Outcome.REFUSED),
        ("127.1", "pub.example", Outcome.REFUSED),
        ("0x7f.0.0.1", "pub.example", Outcome.REFUSED),
        ("0", "pub.example", Outcome.REFUSED),
        ("[::ffff:127.0.0.1]", "pub.example", Outcome.REFUSED),
        ("[::ffff:7f00:1]", "pub.example", Outcome.REFUSED),
        ("other.example", "pub.example", Outcome.OK),
        ("other.example", "intranet.example", Outcome.OK),
    ],
)
def test_only_a_named_host_of_this_network_leads_into_it(
    internet: Internet, host: str, named: str, outcome: Outcome
) -> None:
    (capture,) = fetch(internet, (host, named))
    assert capture.outcome is outcome, capture.note
    if outcome is Outcome.REFUSED:
        assert "is a server of this machine or network, so it was not requested" in capture.note
        assert internet.asked == []


@pytest.mark.parametrize(
    "found", [[INSIDE, PUBLIC], [PUBLIC, INSIDE], [PUBLIC, "::1", "10.0.0.1"], ["fe80::1", PUBLIC]]
)
def test_a_host_with_public_and_private_addresses(internet: Internet, found: Sequence[str]) -> None:
    """As the named host it is requested at its public address, and leads nowhere inside; as another one never."""
    internet.hosts["mixed.example"] = found
    named, onward, other = fetch(
        internet, ("mixed.example", "mixed.example"), (INSIDE, "mixed.example"), ("mixed.example", "pub.example")
    )
    assert (named.outcome, named.address) == (Outcome.OK, PUBLIC)
    assert (onward.outcome, other.outcome) == (Outcome.REFUSED, Outcome.REFUSED)
    assert internet.reached == set()


def test_another_answer_of_the_dns_server_opens_nothing(internet: Internet) -> None:
    """Each question gets another answer: public, then private (DNS rebinding)."""
    answers = iter([[PUBLIC], [INSIDE], [INSIDE], [PUBLIC]])
    internet.hosts["rebind.example"] = lambda: next(answers)
    internet.answers[PUBLIC, "/a"] = (200, {"Connection": "close"}, b"x")
    asked = ("rebind.example", "rebind.example")
    first, second, onward, last = fetch(internet, asked, asked, (INSIDE, "rebind.example"), asked)
    assert (first.outcome, first.address) == (Outcome.OK, PUBLIC)
    assert "was a server of the internet, and now leads into this network" in second.note
    assert (second.outcome, onward.outcome) == (Outcome.REFUSED, Outcome.REFUSED)
    assert last.outcome is Outcome.REFUSED, "the third answer was private, so the fourth was not asked for"


def test_one_question_for_each_connection(internet: Internet) -> None:
    """What was checked is what is connected to: no second question can get another answer."""
    count = 0

    def found() -> Sequence[str]:
        nonlocal count
        count += 1
        return [PUBLIC]

    internet.hosts["pub.example"] = found
    internet.answers[PUBLIC, "/a"] = (200, {"Connection": "close"}, b"x")
    fetch(internet, ("pub.example", "pub.example"), ("pub.example", "pub.example"))
    assert count == 2


def test_an_open_connection_is_not_used_for_another_named_host(internet: Internet) -> None:
    inside, outside = fetch(internet, ("intranet.example", "intranet.example"), ("intranet.example", "pub.example"))
    assert (inside.outcome, outside.outcome) == (Outcome.OK, Outcome.REFUSED)


def test_a_local_name_is_private_whatever_it_resolves_to(internet: Internet) -> None:
    internet.hosts["printer.local"] = [PUBLIC]
    (capture,) = fetch(internet, ("printer.local", "pub.example"))
    assert capture.outcome is Outcome.REFUSED


def test_proxies_of_the_environment_are_not_used(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    (capture,) = fetch(internet, ("pub.example", "pub.example"))
    assert capture.outcome is Outcome.OK


def test_a_host_without_an_address_is_an_error_of_the_network(internet: Internet) -> None:
    internet.hosts["empty.example"] = []
    found = fetch(internet, ("empty.example", "empty.example"), ("nobody.invalid", "pub.example"))
    assert [each.outcome for each in found] == [Outcome.NETWORK_ERROR] * 2


def test_a_guard_keeps_no_answer_for_hosts_that_lead_nowhere() -> None:
    async def unknown(_host: str, _port: int) -> list[SocketAddress]:
        raise OSError("not known")

    async def go() -> None:
        guard = AddressGuard(unknown)
        assert await guard.known("nobody.example") == []
        with pytest.raises(OSError, match="not known"):
            await guard.addresses("nobody.example", 80, "nobody.example")

    asyncio.run(go())


# several addresses


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were tried, in order; those of 127.78.* never answer."""
    tried: list[str] = []
    connect = dialing._connect

    async def note(to: SocketAddress) -> socket.socket:
        tried.append(to.ip)
        if to.ip.startswith(("127.78.", "2001:db8:")):
            await asyncio.Event().wait()
        return await connect(to)

    monkeypatch.setattr(dialing, "_connect", note)
    return tried


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["127.78.0.1", PUBLIC], ["127.78.0.1", PUBLIC]),
        (["2001:db8::1", "2001:db8::2", PUBLIC], ["2001:db8::1", PUBLIC]),
        (["2001:db8::1", "127.78.0.1", "127.78.0.2", PUBLIC], ["2001:db8::1", "127.78.0.1", "127.78.0.2", PUBLIC]),
        (["127.77.9.9", PUBLIC], ["127.77.9.9", PUBLIC]),
        ([PUBLIC, "127.78.0.1"], [PUBLIC]),
    ],
)
def test_the_next_address_is_tried_when_one_does_not_answer(
    internet: Internet, tried: list[str], monkeypatch: pytest.MonkeyPatch, found: list[str], expected: list[str]
) -> None:
    """Families take turns. An address that refuses or does not answer costs a moment, not the time limit."""
    monkeypatch.setattr(dialing, "NEXT_ADDRESS", 0.02)
    internet.hosts["many.example"] = found
    monkeypatch.setattr(internet, "guard", lambda: AddressGuard(internet._resolve, lambda _ip: False))
    (capture,) = fetch(internet, ("many.example", "many.example"))
    assert (capture.outcome, capture.address, tried) == (Outcome.OK, PUBLIC, expected)


def test_not_all_of_a_thousand_addresses_are_tried(
    internet: Internet, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialing, "NEXT_ADDRESS", 0.001)
    internet.hosts["many.example"] = [f"127.77.{number // 250 + 5}.{number % 250 + 1}" for number in range(1000)]
    (capture,) = fetch(internet, ("many.example", "many.example"))
    assert (capture.outcome, capture.note) == (Outcome.NETWORK_ERROR, "connection refused")
    assert len(tried) == dialing.MOST_ADDRESSES


def test_the_message_names_the_host() -> None:
    async def inside(_host: str, port: int) -> list[SocketAddress]:
        return [SocketAddress(socket.AF_INET, ("10.0.0.1", port))]

    async def outside(_host: str, port: int) -> list[SocketAddress]:
        return [SocketAddress(socket.AF_INET, ("8.8.8.8", port))]

    async def go() -> None:
        guard = AddressGuard(lambda host, port: (inside if host == "a.example" else outside)(host, port))
        with pytest.raises(PrivateAddress, match=r"^a\.example is a server of this machine or network$"):
            await guard.addresses("a.example", 80, "b.example")

    asyncio.run(go())


# TLS


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, list[str | None]]]:
    """A server with a certificate for secure.example, which clients trust: its port, and the names they asked for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secure.example")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("secure.example")]), critical=False)
    chain = tmp_path / "chain.pem"
    own = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(own + builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    asked: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    server.sni_callback = lambda _socket, wanted, _context: asked.append(wanted)
    monkeypatch.setattr(http, "_context", lambda *, verify: ssl.create_default_context(cafile=str(chain)))
    listening = socket.create_server((PUBLIC, 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
                with server.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")
            except ssl.SSLError:
                continue
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1], asked
    listening.close()


def test_the_certificate_is_verified_for_the_name(internet: Internet, tls: tuple[int, list[str | None]]) -> None:
    port, asked = tls
    internet.hosts |= {"secure.example": [PUBLIC], "other.example": [PUBLIC]}

    async def go() -> list[Capture]:
        async with Client(Limits(timeout=10), "archiver/test", system_clock, guard=internet.guard()) as client:
            return [
                await client.fetch(Request(f"https://{host}:{port}/")) for host in ("secure.example", "other.example")
            ]

    right, wrong = asyncio.run(go())
    assert (right.outcome, right.address) == (Outcome.OK, PUBLIC)
    assert wrong.outcome is Outcome.TLS_ERROR
    assert asked == ["secure.example", "other.example"]
