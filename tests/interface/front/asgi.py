"""Requests as granian hands them to the front, without granian."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from interface.front import Front
from interface.front.asking import Message, Scope

T = TypeVar("T")
CUT_OFF: Message = {"type": "http.disconnect"}


def scope(method: str = "GET", target: bytes = b"/", headers: Iterable[tuple[bytes, bytes]] = ()) -> Scope:
    raw_path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", "8000"),
        "client": ("127.0.0.2", "40000"),
        "scheme": "http",
        "method": method,
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(b"host", b"localhost"), *headers],
    }


def chunks(*bodies: bytes, ending: Message | None = None) -> list[Message]:
    """The messages of a body that came in pieces, with its end or another ending."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    return [*messages, ending or {"type": "http.request", "body": b"", "more_body": False}]


async def ask(front: Front, asked: Scope, messages: Iterable[Message] = ()) -> tuple[int, dict[bytes, bytes], bytes]:
    """The status, headers and body of the answer; once the messages have been read, nothing comes any more."""
    coming = iter(messages)
    sent: list[Message] = []

    async def receive() -> Message:
        for message in coming:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    await front(asked, receive, send)
    start, body = sent
    headers: dict[Any, Any] = dict(start["headers"])
    return start["status"], headers, body["body"]


def run(asking: Coroutine[Any, Any, T]) -> T:
    """What the coroutine gives, in a thread of its own: the browser tests leave an event loop running in ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asking).result()
