"""Long answers wait in a file, and go out piece by piece: no memory grows with them, no thread waits for a client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from interface.front import Front
from interface.front.asking import IN_MEMORY, REQUEST_ID, Message, answer_of, environ_of
from interface.front.front import PIECE
from tests.interface.front.asgi import run, scope

LENGTH = 3 * IN_MEMORY + 17


class Body:
    """Pieces that come one after the other, and notice that they are closed."""

    def __init__(self, length: int, *, fails: bool = False) -> None:
        self.length, self.fails, self.is_closed = length, fails, False

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self.length, 1000):
            yield bytes([start // 1000 % 251]) * min(1000, self.length - start)
        if self.fails:
            raise OSError("it broke off")

    def close(self) -> None:
        self.is_closed = True


def app_of(body: Body) -> Any:
    def app(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/csv")])
        return body

    return app


def test_a_long_answer_comes_whole_in_pieces() -> None:
    body = Body(LENGTH)
    front, sent = Front(app_of(body), {}, seconds=5, access_log=None, route_of=lambda *_: "/"), []

    async def ask() -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await front(scope(), receive, send)

    run(ask())
    start, *pieces = sent
    assert dict(start["headers"])[b"content-length"] == str(LENGTH).encode()
    assert b"".join(piece["body"] for piece in pieces) == b"".join(Body(LENGTH))
    assert max(len(piece["body"]) for piece in pieces) == PIECE
    assert [piece["more_body"] for piece in pieces] == [True] * (len(pieces) - 1) + [False]
    assert body.is_closed


@pytest.mark.parametrize("length", [0, 1, IN_MEMORY])
def test_a_short_answer_stays_in_one_piece(length: int) -> None:
    answer = answer_of(app_of(Body(length)), environ_of(scope() | {REQUEST_ID: "an-id"}, b"", 0))
    assert (len(answer.body), answer.long_body) == (length, None)


def test_an_answer_that_breaks_off_is_none() -> None:
    body = Body(LENGTH, fails=True)
    with pytest.raises(OSError, match="it broke off"):
        answer_of(app_of(body), environ_of(scope() | {REQUEST_ID: "an-id"}, b"", 0))
    assert body.is_closed
