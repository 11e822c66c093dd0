"""Faults of redirects, and Retry-After: circles, chains, foreign schemes."""

from collections.abc import Iterator

from archiver.model.capture import Outcome
from hostile.server import LOST, PAGE, Asked, End, Fault, Host, Part, Script, answer, fault, head

OK, MOVED, SERVER, BLOCKED, NETWORK = (
    Outcome.OK,
    Outcome.MOVED,
    Outcome.SERVER_ERROR,
    Outcome.BLOCKED,
    Outcome.NETWORK_ERROR,
)
SIZE = len(PAGE)
NO_ADDRESS = "not a web address"
PAST, EPOCH = "Wed, 21 Oct 2015 07:28:00 GMT", "Thursday, 01-Jan-70 00:00:00 GMT"


def away(location: str | bytes, status: str = "302 Found", body: bytes = b"") -> bytes:
    """Return a redirect."""
    line = location.encode() if isinstance(location, str) else location
    return answer(body, b"Location: " + line, status=status)


def to(pattern: str) -> Script:
    """Return a redirect to an address with the servers' origins in it: `{main}/x`."""
    return lambda asked: iter([away(pattern.format_map(dict(asked.origins)))])


def chain(length: int) -> tuple[Fault, ...]:
    """Redirect several times, then send a page."""
    steps = [
        fault(f"chain-{number}", (away(f"/chain-{number + 1}"),), MOVED, is_linked=number == 0)
        for number in range(length)
    ]
    return (*steps, fault(f"chain-{length}", (answer(PAGE),), OK, title="Whole", is_linked=False))


def spin(asked: Asked) -> Iterator[Part]:
    """Always redirect to another spelling of the same page."""
    number = int(asked.path.rpartition("=")[2]) if "=" in asked.path else 0
    yield away(f"/spin?utm_x={number + 1}")


def foreign(name: str, location: str | bytes) -> Fault:
    """Redirect to an address that is not of the web."""
    return fault(f"to-{name}", (away(location),), SERVER, note=NO_ADDRESS)


LOOPS = (
    fault("loop-self", (away("/loop-self"),), MOVED, note="redirect loop"),
    fault("loop-self-fragment", (away("/loop-self-fragment#x"),), MOVED, note="redirect loop"),
    fault("loop-a", (away("/loop-b"),), MOVED),
    fault("loop-b", (away("/loop-a"),), MOVED),
    fault("loop-session", (away("/loop-session?PHPSESSID=1"),), MOVED, note="redirect loop", visits=2),
    fault("spin", spin, MOVED, note="redirect loop", visits=11),
    *chain(15),
)

FOREIGN = (
    foreign("ftp", "ftp://127.0.0.1/x"),
    foreign("file", "file:///etc/passwd"),
    foreign("javascript", "javascript:alert(1)"),
    foreign("data", "data:text/html,<h1>x</h1>"),
    foreign("mailto", "mailto:a@b.example"),
    foreign("gopher", "gopher://127.0.0.1:70/_x"),
    foreign("about", "about:blank"),
    foreign("http-alone", "http://"),
    foreign("bad-port", "http://127.0.0.1:99999/"),
    foreign("words-port", "http://127.0.0.1:port/"),
    foreign("bad-host", "http://ex ample/"),
    foreign("bad-ipv6", "http://[::1/"),
    foreign("nul-host", b"http://a%00b/"),
    foreign("too-long", "/" + "x" * 20_000),
    fault("to-nothing", (away(""),), SERVER),
    fault("to-spaces", (away("   "),), SERVER),
    fault("to-fragment", (away("#top"),), SERVER, note=NO_ADDRESS),
    fault("to-utf8", (away("/đích"),), MOVED),
    fault("%C4%91%C3%ADch", (answer(PAGE),), OK, title="Whole", is_linked=False),
    fault("to-latin1", (away(b"/d\xe9cembre"),), MOVED),
    fault("d%E9cembre", (answer(PAGE),), OK, is_linked=False, title="Whole"),
    fault("to-garbage", (away(b"\xff\xfe{}|\\^`<>\"'"),), MOVED),
    fault("to-markup", (away("<a href='/x'>here</a>"),), MOVED),
    fault("to-backslashes", (away("\\\\elsewhere.example\\x"),), MOVED),
    fault("to-user", (away("http://user:secret@elsewhere.example/"),), MOVED),
    fault("to-elsewhere", (away("http://elsewhere.example/x"),), MOVED),
    fault("to-metadata", (away("http://169.254.169.254/latest/meta-data/"),), MOVED),
    fault("to-decimal-ip", (away("http://2130706433/"),), MOVED),
    fault("to-octal-ip", (away("http://0177.0.0.1/"),), MOVED),
    fault("to-too-large-ip", (away("http://4294967296/"),), SERVER, note=NO_ADDRESS),
    fault("to-other-port", to("{other}/landed"), MOVED),
    fault("landed", (answer(PAGE),), OK, host="other", title="Whole", is_linked=False),
    fault("to-closed-port", to("{closed}/nobody"), MOVED),
    fault("nobody", (), NETWORK, host="closed", note="refused", is_linked=False),
    fault("to-foreign-port", to("{foreign}/never"), MOVED),
    fault("never", (answer(PAGE),), OK, host="foreign", is_linked=False, visits=0),
    fault("location-missing", (head(status="302 Found", length=0),), SERVER),
    fault("location-missing-301", (answer(PAGE, status="301 Moved"),), SERVER, size=SIZE),
    fault(
        "location-twice",
        (answer(b"", "Location: /two-a", "Location: /two-b", status="302 Found"),),
        MOVED,
        note="2 different Location",
    ),
    fault("two-a", (answer(PAGE),), OK, is_linked=False),
    fault("two-b", (answer(PAGE),), OK, is_linked=False, visits=0),
    fault("location-on-200", (answer(PAGE, "Location: /two-b"),), OK, title="Whole"),
    fault("location-on-404", (answer(LOST, "Location: /two-b", status="404 No"),), Outcome.GONE),
    fault("redirect-with-page", (away("/two-a", body=PAGE),), MOVED, size=SIZE),
    fault("redirect-cut", (head("Location: /two-a", status="302 Found", length=50) + b"x",), MOVED),
    fault("redirect-stall", (head("Location: /two-a", status="302 Found", length=50), End.HOLD), MOVED),
    fault("status-303", (away("/two-a", "303 See Other"),), MOVED),
    fault("status-305", (away("/two-a", "305 Use Proxy"),), SERVER),
    fault("status-307", (away("/two-a", "307 Temporary"),), MOVED),
    fault("status-308", (away("/two-a", "308 Permanent"),), MOVED),
)


def busy(status: str, *pleas: str) -> bytes:
    """Return a refusal with its Retry-After."""
    return answer(b"busy", *(f"Retry-After: {plea}" for plea in pleas), status=status)


def recovers(*refusal: Part) -> Script:
    """Send a refusal, then the page."""
    return lambda asked: refusal if asked.before == 0 else (answer(PAGE),)


TOO_MANY, AWAY = "429 Too Many Requests", "503 Service Unavailable"

PLEAS = (
    fault("429", (busy(TOO_MANY),), BLOCKED, note="2 tries"),
    fault("429-recovers", recovers(busy(TOO_MANY)), OK, note="2 tries", title="Whole"),
    fault("429-one-second", recovers(busy(TOO_MANY, "1")), OK, host="plea-429", note="2 tries", title="Whole"),
    fault("503-one-second", recovers(busy(AWAY, "1")), OK, host="plea-503", note="2 tries", title="Whole"),
    fault("429-an-hour", (busy(TOO_MANY, "3600"),), BLOCKED, host="plea-hour"),
    fault("503-date-future", (busy(AWAY, "Fri, 31 Dec 2100 23:59:59 GMT"),), SERVER, host="plea-date"),
    fault("429-date-past", (busy(TOO_MANY, PAST),), BLOCKED, note="2 tries"),
    fault("503-date-past", (busy(AWAY, PAST),), SERVER, note="2 tries"),
    fault("503-date-old-form", recovers(busy(AWAY, EPOCH)), OK, note="2 tries"),
    fault("503", (busy(AWAY),), SERVER, note="2 tries"),
    fault("503-zero", recovers(busy(AWAY, "0")), OK, note="2 tries"),
    fault("503-negative", (busy(AWAY, "-10"),), SERVER, note="2 tries"),
    fault("503-words", (busy(AWAY, "later"),), SERVER, note="2 tries"),
    fault("503-fraction", (busy(AWAY, "0.5"),), SERVER, note="2 tries"),
    fault("503-empty", (busy(AWAY, ""),), SERVER, note="2 tries"),
    fault("503-date-absurd", (busy(AWAY, "Wed, 99 Oct 99999 99:99:99 GMT"),), SERVER, note="2 tries"),
    fault("503-digits-foreign", (busy(AWAY, "٣"),), SERVER, note="2 tries"),
    fault("503-digits-many", (busy(AWAY, "9" * 4000),), SERVER, host="plea-digits"),
    fault("200-with-plea", (answer(PAGE, "Retry-After: 3600"),), OK, title="Whole"),
    fault("404-with-plea", (answer(LOST, "Retry-After: 3600", status="404 No"),), Outcome.GONE),
    fault("502", (answer(PAGE, status="502 Bad Gateway"),), SERVER, note="2 tries"),
    fault("504-recovers", recovers(answer(b"", status="504 Gateway Timeout")), OK, note="2 tries"),
    fault("408-recovers", recovers(answer(b"", status="408 Request Timeout")), OK, note="2 tries"),
)

HOSTS = (
    Host("other"),
    Host("closed", is_closed=True),
    Host("foreign", "foreign"),
    *(Host(name) for name in ("plea-429", "plea-503", "plea-hour", "plea-date", "plea-digits")),
)

FAULTS = (*LOOPS, *FOREIGN, *PLEAS)
