"""What a route of the API promises, declared in one place, and how a request comes to its view."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flask import Response, g, request

from interface.composition import Seatledger
from interface.front.asking import CAME_AT
from interface.web.gateway import bearer
from interface.web.gateway.once import answer_once
from interface.web.gateway.requests import Body, Header, Query

View = Callable[..., Response]  # each view has the arguments that its route declares; test_route.py compares them


class Answer(NamedTuple):
    """The members of the JSON object that a route answers with, and its statuses if nothing is refused."""

    members: tuple[str, ...]
    statuses: tuple[int, ...] = (200,)


class Route(NamedTuple):
    """A method and path, the view that answers, and the contract that both keep.

    `scopes`: of these a token needs one; None: no token at all. `query` None: it is not looked at. `body` None: none is
    taken, and one that comes is not looked at.
    """

    method: str
    path: str
    view: View
    scopes: tuple[str, ...] | None
    answer: Answer
    query: Query | None = Query()
    body: Body | None = None
    while_away: bool = False
    """Whether it goes on from the last view while the database is away."""
    headers: tuple[Header, ...] = ()
    """What it takes in headers, besides the token and the `Idempotency-Key`."""
    is_question: bool = False
    """Whether it changes nothing, though its method is POST: then no `Idempotency-Key` is looked at."""

    @property
    def endpoint(self) -> str:
        """Its name within the API's blueprint."""
        return self.view.__name__


def handler(route: Route, seatledger: Seatledger) -> View:
    """What Flask calls: the view, behind the check of its token and of what the request says, in this order.

    The view is given who asks (with `scopes` None the program as it is wired), and by name the values of path, query,
    headers and body.
    """
    method, path, view, scopes, _, query, body, while_away, headers, is_question = route

    def answer(**arguments: str) -> Response:
        environ = request.environ
        if scopes is None:
            who: Seatledger | bearer.Caller = seatledger
        else:
            who = bearer.caller(
                seatledger, scopes, environ.get("HTTP_AUTHORIZATION", ""), environ.get(CAME_AT), while_away=while_away
            )
        values = {} if query is None else query.read(environ.get("QUERY_STRING", ""))
        for header in headers:
            values[header.argument] = environ.get(header.key, "")
        if body is not None:
            values |= body.read()
        g.is_let_in = not is_question
        key = None if method == "GET" or is_question else environ.get("HTTP_IDEMPOTENCY_KEY")
        if key is None or not isinstance(who, bearer.Caller):
            return view(who, **arguments, **values)
        return answer_once(
            who, key, method, path, {**arguments, **values}, lambda caller: view(caller, **arguments, **values)
        )

    return answer
