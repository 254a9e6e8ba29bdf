"""The answers to what never reaches a view, made once at the start: refusing costs nothing, however many ask for it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from domain.refusals import Refused
from interface.front import Answer, BodyRefused
from interface.front.asking import REQUEST_ID, answer_of
from interface.front.request_ids import PREPARED_ID
from interface.web import caller, errors
from interface.web.gateway import problems


def prepare(app: Flask, refusals: Iterable[Refused | HTTPException]) -> dict[tuple[type[Exception], bool], Answer]:
    """A problem document for programs (True) and a page for people (False), for each of the refusals."""
    return {
        (type(refusal), for_programs): _answer(app, refusal, for_programs=for_programs)
        for refusal in refusals
        for for_programs in (True, False)
    }


def _answer(app: Flask, refusal: Refused | HTTPException, *, for_programs: bool) -> Answer:
    host = caller.seatledger_of(app).settings.hosts.first
    with app.test_request_context("/api/" if for_programs else "/", headers={"Host": host}):
        g.account = None
        request.environ[REQUEST_ID] = PREPARED_ID
        response = app.process_response(app.make_response(_page_or_document(refusal, for_programs=for_programs)))
        if response.status_code == 503:
            response.headers["Retry-After"] = str(problems.RETRY_AFTER)
        if isinstance(refusal, BodyRefused):
            response.headers["Connection"] = "close"
        return answer_of(response, request.environ)


def _page_or_document(refusal: Refused | HTTPException, *, for_programs: bool) -> ResponseReturnValue:
    if isinstance(refusal, Refused):
        return problems.of_refusal(refusal) if for_programs else errors.of_refusal(refusal)
    return problems.of_http_error(refusal) if for_programs else errors.of_http(refusal)
