"""Failures of the network: the outcome of the visit, and one line about it for people."""

import os
import re
import ssl

import httpx2

from archiver.fetch.lenient import NoHttpAnswer
from archiver.model.capture import Outcome
from archiver.text.clean import printable


def outcome_of_error(error: httpx2.HTTPError) -> Outcome:
    """Return whether TLS, the network or the server failed: it is up when it sends bytes that are no HTTP."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return Outcome.TLS_ERROR
        cause = cause.__cause__ or cause.__context__
    return Outcome.SERVER_ERROR if isinstance(error, NoHttpAnswer) else Outcome.NETWORK_ERROR


def failure_words(error: Exception) -> str:
    """Return one line about a failure for people."""
    if isinstance(error, httpx2.TimeoutException):
        return f"took longer than allowed {_SLOW.get(type(error), 'in total')}"
    reason = _system_words(error) if isinstance(error, httpx2.ConnectError) else ""
    if isinstance(error, httpx2.RemoteProtocolError):
        return fault_of_answer(error)
    return reason or printable(_OF_OPENSSL.sub("", str(error)), 200) or type(error).__name__


_OF_OPENSSL = re.compile(r"^\[SSL:? ?[A-Z0-9_ ]*\] |  ?\(_ssl\.c:\d+\)$")
_SLOW = {
    httpx2.ConnectTimeout: "to connect",
    httpx2.ReadTimeout: "to send the next bytes",
    httpx2.WriteTimeout: "to receive the request",
}


def fault_of_answer(error: Exception) -> str:
    """Return what is wrong with an answer that is not valid HTTP/1.1, without the notation of Python."""
    text = _LITERAL.sub(
        lambda found: found[2].replace(r"\r", "").replace(r"\n", "").strip() or "CRLF", _ARRAY.sub(r"\1", str(error))
    )
    for ours, plain in _PLAIN.items():
        text = text.replace(ours, plain)
    return printable(text, 100)


_ARRAY = re.compile(r"bytearray\((.*)\)")
_LITERAL = re.compile(r"\bb(['\"])(.*?)\1")
_PLAIN = {
    "illegal": "invalid",
    "Illegal": "invalid",
    "no response line received": "no status line in the first line",
    "peer unexpectedly closed connection": "the connection was closed within the headers or the framing of chunks",
    "peer closed connection without sending complete message body": "the connection was closed within the body",
    "Receive buffer too long": "the headers are too long",
    "malformed chunk footer": "invalid end of a chunk",
}


def _system_words(error: BaseException) -> str:
    """Return the message of the operating system, which the layers above hide: `connection refused`."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.errno:
            reason = os.strerror(cause.errno) if cause.errno > 0 else cause.strerror or ""
            return reason[:1].lower() + reason[1:]
        cause = cause.__cause__ or cause.__context__
    return ""
