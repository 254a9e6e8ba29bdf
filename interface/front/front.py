"""What granian calls: an ASGI application before a WSGI application, which sees whole requests alone."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from time import perf_counter
from typing import IO, TYPE_CHECKING

from structlog.contextvars import bound_contextvars
from werkzeug.exceptions import InternalServerError

from domain.refusals import Refused
from interface.front.access_log import AccessLog
from interface.front.asking import MALFORMED_ESCAPE, REQUEST_ID, Answer, Receive, Scope, Send, answer_of, environ_of
from interface.front.before import Before, Later
from interface.front.beginnings import Together, is_on_loop
from interface.front.bodies import LARGEST, LARGEST_LIST, LISTS, whole_body
from interface.front.pools import Pool
from interface.front.refusals import AddressMalformed, ServerBusy
from interface.front.request_ids import HEADER, PREPARED_ID, SentIds, new_id
from interface.settings import Network
from interface.web.accepted_languages import accepted
from interface.web.audiences import is_for_programs

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GATEWAY = frozenset((b"/api/v1/login-check", b"/forward-auth", b"/livez", b"/readyz"))
"""What logins and load balancers wait for. It has threads of its own, which nobody else can take."""

LOGIN_CHECK = b"/api/v1/login-check"
"""It is answered with an id only if that was sent: it has no line but that of the access log, which has one anyway."""

EVALUATION = b"/access/v1/evaluation"
"""The same by POST, of one person; several at once take longer, and do not belong there."""

PASSWORDS = frozenset((b"/sign-in", b"/password", b"/own-password"))
"""Where forms bring passwords, whose hashing takes long; one of them at a time makes its page and its hash."""

MOST_LISTS = 2
"""How many lists of users are in memory at once: the others are asked to come again."""

PIECE = 1 << 16
"""How many bytes of a long answer are sent at once."""

NOTHING_TO_AWAIT = "PyEmptyAwaitable"
"""What granian gives for what it has taken at once; to await that takes a thirtieth of a login check. All else is
awaited, as ASGI has it."""

_OF_THE_PAST = re.compile(rb"(?:^|&)(?:as_of|position)=")
"""A login check of the past is for auditors, and may fold half the log: it does not belong among the gateway's."""

_ENCODED_SLASH = re.compile(rb"%2[Ff]")

log = logging.getLogger("seatledger.front")


class Front:
    """Refuses what is malformed, cut off or late; hands the rest to threads by kind; logs every request.

    `prepared` has an answer for each kind of refusal and for a defect, for programs (True) and for people (False).
    `route_of` gives the route of a method and a path as it was sent, which is what logs hold. `before` has, by the path
    as it was sent, what answers a request without a body for the application. Of `trusted_proxies` the id of a request
    is taken.
    """

    def __init__(
        self,
        app: WSGIApplication,
        prepared: Mapping[tuple[type[Exception], bool, str | None], Answer],
        *,
        seconds: float,
        access_log: AccessLog | None,
        route_of: Callable[[str, bytes], str],
        before: Mapping[bytes, Before] | None = None,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._app = app
        self._prepared = prepared
        self._seconds = seconds
        self._access_log = access_log
        self._route_of = route_of
        self._before = before or {}
        self._sent_ids = SentIds(trusted_proxies)
        self._looks = {path: Together("look", before.look) for path, before in self._before.items()}
        self._gateway = Pool[Answer]("gateway", threads=2, line=512)
        self._passwords = Pool[Answer]("passwords", threads=1, line=16)
        self._others = Pool[Answer]("others", threads=4, line=128)
        self._lists = Pool[Answer]("lists", threads=1, line=MOST_LISTS)
        self._lists_under_way = 0  # counted on the event loop alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's own start and end (ASGI's lifespan)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        came_at = perf_counter()
        request_id = sent_id = self._sent_ids.of(scope) if self._sent_ids.is_any_taken else None
        before = self._before.get(scope["raw_path"])
        answer = before.at_once(scope, came_at) if before is not None else None
        if answer is not None and not isinstance(answer, Answer):
            answer = await self._after_look(scope, answer)
        if answer is None:
            scope[REQUEST_ID] = request_id = sent_id or new_id()
            answer = await self._answer(scope, receive)
        headers = answer.headers
        if request_id is not None and (sent_id is not None or scope["raw_path"] != LOGIN_CHECK):
            headers = _with_id(headers, request_id)
        begun = send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if type(begun).__name__ != NOTHING_TO_AWAIT:
            await begun
        if answer.long_body is not None:
            await _send_long(answer.long_body, send)
        ended = send({"type": "http.response.body", "body": answer.body, "more_body": False})
        if type(ended).__name__ != NOTHING_TO_AWAIT:
            await ended
        if self._access_log is not None:
            self._access_log.note(scope, self._route(scope), came_at, answer.status, request_id)

    async def _after_look(self, scope: Scope, later: Later) -> Answer | None:
        if is_on_loop():
            return None
        await self._looks[scope["raw_path"]]
        return later()

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        try:
            ask_address(scope)
            await asyncio.sleep(0)  # on the event loop (see beginnings.py): what comes may have to wait
            with self._room(scope) as largest:
                body = await whole_body(scope, receive, seconds=self._seconds, largest=largest)
                return await self._pool(scope).run(partial(self._ask, scope, body, perf_counter()))
        except Refused as refusal:
            return self._prepared_for(scope, type(refusal))
        except Exception:
            method, route, request_id = scope["method"], self._route(scope), scope[REQUEST_ID]
            with bound_contextvars(request_id=request_id):
                log.exception("%s %s could not be answered.", method, route, extra={"method": method, "route": route})
            return _naming(self._prepared_for(scope, InternalServerError), request_id)

    def _prepared_for(self, scope: Scope, refusal: type[Exception]) -> Answer:
        languages = b",".join(value for name, value in scope["headers"] if name == b"accept-language")
        tag = accepted(languages.decode("latin-1"))
        return self._prepared[refusal, is_for_programs(scope["raw_path"].decode("latin-1")), tag]

    def _route(self, scope: Scope) -> str:
        return self._route_of(scope["method"], scope["raw_path"])

    def _room(self, scope: Scope) -> AbstractContextManager[int]:
        """How large the body may be; a list's until it is answered, so that memory holds few. Raises ServerBusy."""
        return self._room_of_list() if _brings_list(scope) else nullcontext(LARGEST)

    @contextmanager
    def _room_of_list(self) -> Iterator[int]:
        if self._lists_under_way >= MOST_LISTS:
            raise ServerBusy
        self._lists_under_way += 1
        try:
            yield LARGEST_LIST
        finally:
            self._lists_under_way -= 1

    def _pool(self, scope: Scope) -> Pool[Answer]:
        path, method = scope["raw_path"], scope["method"]
        if path in GATEWAY and method in ("GET", "HEAD") and not _OF_THE_PAST.search(scope["query_string"]):
            return self._gateway
        if path == EVALUATION and method == "POST":
            return self._gateway
        if _brings_list(scope):
            return self._lists
        return self._passwords if path in PASSWORDS and method == "POST" else self._others

    def _ask(self, scope: Scope, body: bytes, came_at: float) -> Answer:
        before = None if body else self._before.get(scope["raw_path"])
        with bound_contextvars(request_id=scope[REQUEST_ID]):
            return before.answer(scope, came_at) if before else answer_of(self._app, environ_of(scope, body, came_at))

    async def _live(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        if self._access_log:
            self._access_log.write()
        await send({"type": "lifespan.shutdown.complete"})


async def _send_long(body: IO[bytes], send: Send) -> None:
    """As fast as the client reads it, and with no thread of ours: each piece is in the system's memory still."""
    with body:
        while piece := body.read(PIECE):
            await send({"type": "http.response.body", "body": piece, "more_body": True})


def _with_id(headers: list[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    """The headers with that of the id, unless there is one: AuthZEN gives back whatever it was sent."""
    if any(name == HEADER for name, _ in headers):
        return headers
    return [*headers, (HEADER, request_id.encode())]


def _naming(answer: Answer, request_id: str) -> Answer:
    """A prepared answer to a defect, with this request's id where PREPARED_ID stands."""
    body = answer.body.replace(PREPARED_ID.encode(), request_id.encode())
    headers = [(name, b"%d" % len(body) if name == b"content-length" else value) for name, value in answer.headers]
    return Answer(answer.status, headers, body)


def ask_address(scope: Scope) -> None:
    """Look whether path and query can be taken as they are. Raises AddressMalformed.

    An encoded slash would split a path once it is decoded: `/users/eve%2Fadministrator` is not what it seems.
    """
    path = scope["raw_path"]
    if not path.startswith(b"/"):  # "*", and the target of CONNECT
        raise AddressMalformed
    if b"%" in path and (_ENCODED_SLASH.search(path) or MALFORMED_ESCAPE.search(path)):
        raise AddressMalformed
    if MALFORMED_ESCAPE.search(scope["query_string"]):
        raise AddressMalformed


def _brings_list(scope: Scope) -> bool:
    return (scope["method"], scope["raw_path"]) == ("POST", LISTS.encode())
