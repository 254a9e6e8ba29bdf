"""A whole request as WSGI has it, and what the application answers: between ASGI outside and WSGI inside."""

from __future__ import annotations

import re
import sys
from collections.abc import Awaitable, Callable
from functools import lru_cache
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Scope = dict[str, Any]  # Any: as ASGI declares its messages
Message = dict[str, Any]  # Any: the same
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

RAW_PATH = "seatledger.raw_path"
"""Under this key of the environ stands the path as it was sent, before percent-decoding; PATH_INFO is decoded."""

CAME_AT = "seatledger.came_at"
"""Under this key stands when the whole request had come (`time.perf_counter`), before it waited for a thread."""

REQUEST_ID = "seatledger.request_id"
"""Under this key of the scope and of the environ stands the request's id (request_ids.py)."""

MALFORMED_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
"""A percent sign that stands for nothing: a parser takes it for itself, and then one text has two spellings."""

ALWAYS: WSGIEnvironment = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


IN_MEMORY = 1 << 20
"""The most bytes of an answer that are kept in memory; a longer one, such as an export, waits in a file."""


class Answer(NamedTuple):
    """What is sent back: its body in one piece, or, if that is long, in a file from its beginning on."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    long_body: IO[bytes] | None = None


def environ_of(scope: Scope, body: bytes, came_at: float) -> WSGIEnvironment:
    """The request with its whole body (PEP 3333), and when it had come. Headers with an underscore are left out.

    WSGI could not tell them from those with a hyphen, and a proxy that sets the one would let the other pass.
    """
    raw_path = scope["raw_path"].decode("latin-1")
    environ = ALWAYS | {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": unquote_to_bytes(raw_path).decode("latin-1") if "%" in raw_path else raw_path,
        RAW_PATH: raw_path,
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": "HTTP/1.0" if scope["http_version"] == "1" else "HTTP/1.1",
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": scope["server"][1],
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        CAME_AT: came_at,
        REQUEST_ID: scope[REQUEST_ID],
    }
    for name, value in scope["headers"]:
        if key := _key_of(name):
            text = value.decode("latin-1")
            if key in environ:
                text = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
            environ[key] = text
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))  # of a body in chunks too, which has come to its end
    return environ


@lru_cache(maxsize=256)
def _key_of(name: bytes) -> str | None:
    """The environ's key of a header; None for one that is left out: the body is no longer in chunks."""
    if b"_" in name or name == b"transfer-encoding":
        return None
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def answer_of(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """What the application answers, as a whole: no thread waits for a client that reads slowly."""
    status = 500
    headers: list[tuple[bytes, bytes]] = []
    pieces: list[bytes] = []

    def start_response(
        line: str,
        fields: list[tuple[str, str]],
        _: object = None,  # the exception of an answer that is begun anew; nothing was sent yet
    ) -> Callable[[bytes], object]:  # object: PEP 3333 leaves it open
        nonlocal status, headers
        status = int(line[:3])
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        return pieces.append

    answered = app(environ, start_response)
    long_body: IO[bytes] | None = None
    try:
        size = 0
        for piece in answered:
            pieces.append(piece)
            size += len(piece)
            if size > IN_MEMORY:
                long_body = long_body or TemporaryFile()  # noqa: SIM115  the front closes it
                long_body.writelines(pieces)
                pieces.clear()
                size = 0
    except BaseException:
        if long_body is not None:
            long_body.close()
        raise
    finally:
        if close := getattr(answered, "close", None):
            close()
    if long_body is None:
        return Answer(status, headers, b"".join(pieces))
    long_body.writelines(pieces)
    if all(name != b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(long_body.tell()).encode()))
    long_body.seek(0)
    return Answer(status, headers, b"", long_body)
