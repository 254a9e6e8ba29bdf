"""Login checks as gateways ask them at every login, answered before Flask with what Flask has answered (ADR 48)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import orjson

from application.login_counts import DoorAnswer
from application.views.day_view import DayView
from interface.front.asking import Answer, Scope, answer_of, environ_of
from interface.front.before import Later
from interface.web.accepted_languages import accepted
from interface.web.caller import seatledger_of
from interface.web.gateway import ROUTES, bearer
from interface.web.gateway.requests import Query
from interface.web.trusted_hosts import Application, read

PATH = b"/api/v1/login-check"

_BEFORE_NAME = b'{"login_name":'
_LENGTH = b"content-length"
_BODILY = frozenset((b"content-length", b"transfer-encoding"))


Head = tuple[bytes, bytes]
"""The Host and the Authorization of a request."""

Kind = tuple[bool, bool, str | None]
"""Whether a user is deleted, whether they are an administrator, and the language that is asked for (its tag; None for
the installation's): an answer depends on nothing else."""

MOST_HEADS = 256
"""How many heads are remembered: one spells a host as one likes."""


Question = tuple[bytes, Head, bytes]
"""What a plain login check says: its query, its head, and its Accept-Language. Plain tuples, as one is made at every
login."""


class _Like(NamedTuple):
    """What the application answers about users of a kind, but for the login name and the length."""

    status: int
    before: list[tuple[bytes, bytes]]
    """The headers before that of the length."""
    after: list[tuple[bytes, bytes]]
    rest: bytes
    """What follows the login name."""
    headers: dict[int, list[tuple[bytes, bytes]]]
    """All headers, by the length: there are as many as login names have lengths."""
    decision: DoorAnswer
    """The decision and its code."""


class _Known(NamedTuple):
    """What was seen to be so of one installation on one day."""

    on_day: DayView
    callers: dict[Head, str]
    """The ids of tokens that may ask, by heads whose host is trusted."""
    answers: dict[Kind, _Like]


_About = tuple[_Known, bytes, Kind]
"""Whom a question is about, as the answer begins, of which kind they are, and on which day."""


class PlainChecks:
    """Answers login checks: the plain ones by itself, as far as it knows what Flask would say, all others by Flask.

    Plain is a GET with a login name alone, a trusted host and no body. Host, token and query are read by the same code
    as behind Flask; whatever that refuses goes there. Threads may share it.
    """

    def __init__(self, app: Application) -> None:
        self._app = app
        self._seatledger = seatledger_of(app)
        self._licensing, self._installation_id = self._seatledger.licensing, self._seatledger.installation_id
        self._count = self._seatledger.login_counts.note
        self._note_use = self._seatledger.token_uses.note
        self._scopes, self._texts = _declared()
        self._known: _Known | None = None

    def at_once(self, scope: Scope, came_at: float) -> Answer | Later | None:
        """What `answer` gives, if nobody has to wait for it; what gives it after a look; None if neither can tell."""
        question = _plain(scope)
        return None if question is None else self._known_answer(question, came_at)

    def _known_answer(self, question: Question, came_at: float) -> Answer | Later | None:
        try:
            on_day = self._licensing.at_once(self._installation_id, came_at)
            if on_day is None:
                return partial(self._after_look, question, came_at)
            about = self._about(question, on_day)
            return None if about is None else self._like_others(about)
        except Exception:  # whatever it is: the application says it, in its words and its log
            return None

    def _after_look(self, question: Question, came_at: float) -> Answer | None:
        answer = self._known_answer(question, came_at)
        return answer if isinstance(answer, Answer) else None

    def _like_others(self, about: _About) -> Answer | None:
        """The answer about another user of the same kind, with this one's name."""
        known, name, kind = about
        like = known.answers.get(kind)
        if like is None:
            return None
        body = name + like.rest
        headers = like.headers.get(len(body))
        if headers is None:
            headers = like.headers[len(body)] = [*like.before, (_LENGTH, b"%d" % len(body)), *like.after]
        self._count(*like.decision)
        return Answer(like.status, headers, body)

    def look(self) -> None:
        """Look at the log, for all who wait for that. Whatever goes wrong is told to them by `answer`."""
        with suppress(Exception):
            self._licensing.now(self._installation_id)

    def answer(self, scope: Scope, came_at: float) -> Answer:
        """What the application answers to a request for PATH, which has no body and had come at `came_at`."""
        question = _plain(scope)
        on_day = self._last_known(came_at) if question else None
        about = self._about(question, on_day) if question and on_day and on_day.stale_since is None else None
        if about is None:
            return self._of_flask(scope, came_at)
        return self._like_others(about) or self._keeping(about, self._of_flask(scope, came_at))

    def _of_flask(self, scope: Scope, came_at: float) -> Answer:
        return answer_of(self._app, environ_of(scope, b"", came_at))

    def _last_known(self, since: float | None) -> DayView | None:
        try:
            return self._licensing.last_known(self._installation_id, since)
        except Exception:  # whatever it is: the application says it, in its words and its log
            return None

    def _about(self, question: Question, on_day: DayView) -> _About | None:
        """Whom a good question is about; None if there is nobody, or if the application would refuse it."""
        known = self._known
        if known is None or (known.on_day is not on_day and not _is_same(known.on_day, on_day)):
            known = self._known = _Known(on_day, {}, {})
        query, head, languages = question
        try:
            token_id = known.callers.get(head) or self._caller(known, head)
            login_name = self._texts(query.decode("latin-1"))["login_name"]
        except Exception:  # whatever it is: the application says it, in its words and its log
            return None
        user = on_day.view.user(login_name) if token_id else None
        if token_id is None or user is None:
            return None
        tag = accepted(languages.decode("latin-1")) if languages else None
        self._note_use(token_id, on_day.day)
        return known, _BEFORE_NAME + orjson.dumps(user.login_name), (user.is_deleted, user.is_administrator, tag)

    def _caller(self, known: _Known, head: Head) -> str | None:
        """The id of the token of a head, which is remembered; None for a host that is none of ours."""
        host, authorization = (text.decode("latin-1") for text in head)
        named = read(host)
        if named is None or named not in self._app.trusted_hosts:
            return None
        token_id = bearer.caller_on(self._seatledger, known.on_day, self._scopes, authorization).token.token_id
        if len(known.callers) < MOST_HEADS:
            known.callers[head] = token_id
        return token_id

    def _keeping(self, about: _About, answer: Answer) -> Answer:
        """The application's answer, kept if it is for others too.

        What was so before the answer and is so after it is what it was made from: no view comes back.
        """
        known, name, kind = about
        on_day = self._last_known(None) if _can_be_kept(answer, name) else None
        if on_day is not None and _is_same(on_day, known.on_day):
            fields = [field for field, _ in answer.headers]
            at = fields.index(_LENGTH)
            before, after = answer.headers[:at], answer.headers[at + 1 :]
            known.answers[kind] = _Like(
                answer.status, before, after, answer.body[len(name) :], {}, _decision_in(answer)
            )
        return answer


def _plain(scope: Scope) -> Question | None:
    query: bytes = scope["query_string"]
    if scope["method"] != "GET" or b"&" in query:
        return None
    host = authorization = None
    languages = b""
    for name, value in scope["headers"]:
        if name == b"host":
            if host is not None:
                return None
            host = value
        elif name == b"authorization":
            if authorization is not None:
                return None
            authorization = value
        elif name == b"accept-language":
            if languages:
                return None
            languages = value
        elif name in _BODILY:
            return None
    return None if host is None or authorization is None else (query, (host, authorization), languages)


def _declared() -> tuple[tuple[str, ...], Callable[[str], dict[str, str]]]:
    """The scopes of the route, and what reads its query."""
    route = next(route for route in ROUTES if route.path.encode() == PATH)
    return route.scopes or (), (route.query or Query()).texts


def _is_same(one: DayView, other: DayView) -> bool:
    """Whether both are the very same view on the same day: two views are never compared, that would take seconds."""
    return one is other or (one.view is other.view and one == other)


def _decision_in(answer: Answer) -> DoorAnswer:
    document = orjson.loads(answer.body)
    return document["decision"], document["code"]


def _can_be_kept(answer: Answer, name: bytes) -> bool:
    """What is said while the database is away is not for afterwards."""
    is_plain = answer.status == 200 and answer.long_body is None and answer.body.startswith(name + b",")
    return is_plain and b',"stale_since":' not in answer.body
