"""One POST to an address that was looked at before: nothing is resolved again, and no redirect is followed."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from http.client import BadStatusLine, HTTPConnection, HTTPException, RemoteDisconnected, UnknownProtocol
from threading import Timer
from time import monotonic

from application.webhooks.targets import Address, Target, Unreachable
from domain.refusals import Problem

SECONDS = 10.0
"""For how long a receiver is waited for in all: to connect, for TLS, and for the answer."""

MOST_READ = 64 * 1024
"""Bytes of an answer that are read; what stands in it does not matter."""

GONE = 410


def post(
    target: Target, addresses: Sequence[Address], body: bytes, headers: Mapping[str, str], *, seconds: float = SECONDS
) -> None:
    """Send a body; done if the answer is one of 200 to 299. Raises Unreachable for anything else."""
    end = monotonic() + seconds
    with closing(_connected(target, addresses, end, seconds)) as raw:
        # A receiver that sends a byte now and then would be waited for for ever: no time-out of a socket ends that.
        watch = Timer(max(end - monotonic(), 0.0), _hang_up, [raw])
        watch.daemon = True
        watch.start()
        try:
            status = _answer(target, raw, body, headers)
        except ssl.SSLError as error:
            raise Unreachable(_late(end, seconds) or Problem("tls_failed", reason=_reason_of(error))) from None
        except (OSError, HTTPException, ValueError) as error:
            raise Unreachable(_late(end, seconds) or Problem("connection_broken", reason=_text(error))) from None
        finally:
            watch.cancel()
    if not 200 <= status <= 299:
        raise Unreachable(Problem("redirected" if 300 <= status <= 399 else "answered", status=status))


def _connected(target: Target, addresses: Sequence[Address], end: float, seconds: float) -> socket.socket:
    """A connection to the first address that takes one; its own time-outs stand behind the one for all."""
    problem = Problem("answer_late", seconds=round(seconds))
    for address in addresses:
        remaining = end - monotonic()
        if remaining <= 0:
            break
        try:
            return socket.create_connection((str(address), target.port), timeout=remaining)
        except OSError as error:
            problem = Problem("not_connected", host=target.host, port=target.port, reason=_text(error))
    raise Unreachable(problem)


def _answer(target: Target, raw: socket.socket, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer; of the rest, as much is read as a receiver may want to have taken."""
    connection = HTTPConnection(target.host, target.port)
    connection.auto_open = 0  # it connects nowhere by itself
    connection.sock = raw
    if target.scheme == "https":
        # A duplicate, so that `raw` stays what can be hung up on.
        connection.sock = ssl.create_default_context().wrap_socket(raw.dup(), server_hostname=target.server_name)
    with closing(connection.sock):
        connection.request("POST", target.request, body, {"Host": target.host_header, **headers})
        response = connection.getresponse()
        with suppress(OSError, HTTPException):  # it has said that it has it; what it says besides does not matter
            response.read(MOST_READ)
        return response.status


def _hang_up(raw: socket.socket) -> None:
    with suppress(OSError):  # it may be closed already
        raw.shutdown(socket.SHUT_RDWR)


def _late(end: float, seconds: float) -> Problem | None:
    return Problem("answer_late", seconds=round(seconds)) if monotonic() >= end else None


def _reason_of(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return (error.reason or _text(error)).replace("_", " ").lower()


def _text(error: Exception) -> str:
    if isinstance(error, BadStatusLine | UnknownProtocol) and not isinstance(error, RemoteDisconnected):
        return "what came is no HTTP"  # the error holds what the receiver wrote, which no log and no screen repeats
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
