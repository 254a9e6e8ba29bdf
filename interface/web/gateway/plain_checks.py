"""Login checks as gateways ask them at every login, answered before Flask with what Flask has answered (ADR 48)."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from application.views.day_view import DayView
from interface.front.asking import Answer, Scope, answer_of, environ_of
from interface.web.caller import seatledger_of
from interface.web.gateway import ROUTES, bearer
from interface.web.gateway.route import Route
from interface.web.trusted_hosts import Application, read

PATH = b"/api/v1/login-check"

_BEFORE_NAME = b'{"login_name":'
_LENGTH = b"content-length"


class _Question(NamedTuple):
    """What a plain login check says."""

    query: str
    authorization: str


class _Known(NamedTuple):
    """What the application answers about one installation on one day, but for the login name and the length.

    By whether the user is deleted and whether they are an administrator: an answer depends on nothing else of them.
    """

    on_day: DayView
    answers: dict[tuple[bool, bool], Answer]


class PlainChecks:
    """Answers login checks: the plain ones by itself, as far as it knows what Flask would say, all others by Flask.

    Plain is a GET with a login name alone, a trusted host and no body. Host, token and query are read by the same code
    as behind Flask; whatever that refuses goes there. Threads may share it.
    """

    def __init__(self, app: Application) -> None:
        self._app = app
        self._route = _route()
        self._known: _Known | None = None

    def answer(self, scope: Scope, came_at: float) -> Answer:
        """What the application answers to a request for PATH, which has no body and had come at `came_at`."""
        question = self._plain(scope)
        return self._of_flask(scope, came_at) if question is None else self._of_plain(question, scope, came_at)

    def _of_flask(self, scope: Scope, came_at: float) -> Answer:
        return answer_of(self._app, environ_of(scope, b"", came_at))

    def _plain(self, scope: Scope) -> _Question | None:
        query: bytes = scope["query_string"]
        if scope["method"] != "GET" or b"&" in query:
            return None
        host = authorization = None
        for name, value in scope["headers"]:
            if name == b"host":
                if host is not None:
                    return None
                host = value
            elif name == b"authorization":
                if authorization is not None:
                    return None
                authorization = value
        if host is None or authorization is None:
            return None
        named = read(host.decode("latin-1"))
        if named is None or named not in self._app.trusted_hosts:
            return None
        return _Question(query.decode("latin-1"), authorization.decode("latin-1"))

    def _of_plain(self, question: _Question, scope: Scope, came_at: float) -> Answer:
        seatledger = seatledger_of(self._app)
        try:
            asking = bearer.caller(
                seatledger, self._route.scopes or (), question.authorization, came_at, while_away=True
            )
            values = self._route.query.read(question.query) if self._route.query else {}
            user = asking.on_day.user(str(values["login_name"]))
        except Exception:  # whatever it is: the application says it, in its words and its log
            return self._of_flask(scope, came_at)
        if user is None or asking.on_day.stale_since is not None:
            return self._of_flask(scope, came_at)
        on_day, kind = asking.on_day, (user.is_deleted, user.is_administrator)
        name = _BEFORE_NAME + orjson.dumps(user.login_name)
        known = self._known
        if known is not None and _is_same(known.on_day, on_day) and (like := known.answers.get(kind)) is not None:
            return _with_name(name, like)
        answer = self._of_flask(scope, came_at)
        # What was so before the answer and is so after it is what it was made from: no view comes back.
        if _can_be_kept(answer, name) and self._is_still(on_day):
            if known is None or not _is_same(known.on_day, on_day):
                known = self._known = _Known(on_day, {})
            known.answers[kind] = answer._replace(body=answer.body[len(name) :])
        return answer

    def _is_still(self, on_day: DayView) -> bool:
        try:
            return _is_same(seatledger_of(self._app).licensing.last_known(on_day.installation_id), on_day)
        except Exception:  # whatever it is, the next question meets it, and is told
            return False


def _route() -> Route:
    return next(route for route in ROUTES if route.path.encode() == PATH)


def _is_same(one: DayView, other: DayView) -> bool:
    """Whether both are the very same view on the same day: two views are never compared, that would take seconds."""
    return one.view is other.view and one == other


def _can_be_kept(answer: Answer, name: bytes) -> bool:
    """What is said while the database is away is not for afterwards."""
    is_plain = answer.status == 200 and answer.long_body is None and answer.body.startswith(name + b",")
    return is_plain and b',"stale_since":' not in answer.body


def _with_name(name: bytes, like: Answer) -> Answer:
    """The answer about another user of the same kind."""
    body = name + like.body
    length = str(len(body)).encode()
    headers = [(field, length if field == _LENGTH else value) for field, value in like.headers]
    return Answer(like.status, headers, body)
