"""The body of a request, whole or refused: within its size, within its time, as long as it was announced to be."""

from __future__ import annotations

import asyncio

from interface.front.asking import Receive, Scope
from interface.front.refusals import BodyIncomplete, BodyTooSlow, EncodingUnknown, ListTooLarge, RequestTooLarge

LARGEST = 64 * 1024
"""Bytes of the largest body that is taken; the application's MAX_CONTENT_LENGTH is the same."""

LARGEST_LIST = 6 * 1024 * 1024
"""Bytes of the largest body with a list of users, of which few are taken at once (ADR 67)."""

LISTS = "/users/import"
"""The path at which lists of users are taken, by POST."""


async def whole_body(scope: Scope, receive: Receive, *, seconds: float, largest: int = LARGEST) -> bytes:
    """The body, of which every byte has come.

    Raises RequestTooLarge (at once, if that was announced), BodyTooSlow, BodyIncomplete, EncodingUnknown.
    """
    length, coding = _announced(scope)
    if coding not in (None, b"chunked"):
        raise EncodingUnknown
    if length is None and coding is None:
        return b""
    if length is not None and length > largest:
        raise _too_large(largest)
    try:
        async with asyncio.timeout(seconds):
            body = await _received(receive, largest)
    except TimeoutError:
        raise BodyTooSlow(seconds=seconds) from None
    if length is not None and len(body) != length:
        raise BodyIncomplete
    return body


def _announced(scope: Scope) -> tuple[int | None, bytes | None]:
    """Content-Length and Transfer-Encoding; granian refuses what is no number, and leaves one of them if both come."""
    length = coding = None
    for name, value in scope["headers"]:
        if name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            coding = value.lower() if coding is None else b"several"
    return length, coding


def _too_large(largest: int) -> RequestTooLarge:
    return RequestTooLarge() if largest == LARGEST else ListTooLarge()


async def _received(receive: Receive, largest: int) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":  # http.disconnect: too short, a broken chunk, or nobody there any more
            raise BodyIncomplete
        body += message["body"]
        if len(body) > largest:
            raise _too_large(largest)
        more = message["more_body"]
    return bytes(body)
