"""Errors as problem documents (RFC 9457): `type`, `title`, `status`, `detail`, and `code`, which is our contract.

`type` leads to a page about the code (problem_types.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import HTTPException, SecurityError

from application.log.failures import DatabaseAway, LogUnreadable, OutcomeUnknown, database_errors
from application.words.messages import Message, message
from application.words.problem_types import PROBLEM_TYPES
from application.words.refusals import SENTENCES, sentence
from domain.refusals import Refused
from interface.front.refusals import RequestTooLarge
from interface.web import caller
from interface.web.audiences import (
    DATABASE_AWAY,
    DATABASE_UNREADABLE,
    LOG_UNREADABLE,
    UNAVAILABLE,
    may_have_changed,
    status_of,
)
from interface.web.caller import language
from interface.web.gateway.documents import document

RETRY_AFTER = 5
"""Seconds after which a program may ask again when the answer was 503."""


class MalformedRequest(Refused):
    """A query or body that breaks the contract of its route."""

    code = "malformed_request"


class MediaTypeUnsupported(Refused):
    code = "unsupported_media_type"


HTTP_ERRORS: dict[int, tuple[str, Message]] = {
    400: ("malformed_request", message("The request is malformed.")),
    403: ("forbidden", message("This request came from a page of another site; the API is for programs.")),
    404: ("not_found", message("There is no such address in this API.")),
    405: (
        "method_not_allowed",
        message("This address does not answer this method; the header Allow names those it answers."),
    ),
    413: (RequestTooLarge.code, SENTENCES[RequestTooLarge.code]),
    415: (MediaTypeUnsupported.code, SENTENCES[MediaTypeUnsupported.code]),
    500: (
        "internal_error",
        message("Something went wrong in Seatledger; its log says what. Tell whoever runs this machine."),
    ),
}
"""The code and the sentence of what Flask itself refuses, by status."""

UNTRUSTED_HOST = (
    "untrusted_host",
    message(
        "This server does not answer to the host that the request names; SEATLEDGER_TRUSTED_HOSTS lists those it does."
    ),
)

KEYRING_UNREADABLE = message(
    "License keys cannot be checked now, because the vendor's keyring cannot be read. Nothing was changed; "
    "tell whoever runs Seatledger."
)

UNREADABLE = ("log_unreadable", "storage_failed", "keyring_unreadable", "database_away")
"""The codes of what whoever runs the machine must mend, which are answered 503."""


def problem(
    status: int,
    code: str,
    detail: str,
    members: Mapping[str, object] = MappingProxyType({}),  # object: JSON
    /,
    **headers: str,
) -> Response:
    """A problem document; `members` are its own besides (RFC 9457, 3.2), `headers` with underscores for hyphens."""
    fields = {
        "type": type_of(code),
        "title": title_of(code, status),
        "status": status,
        "code": code,
        "detail": detail,
        **members,
    }
    response = document(fields, status)
    response.mimetype = "application/problem+json"
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def type_of(code: str) -> str:
    """Where a page tells of all problems with this code: relative, as RFC 9457 has it (section 3.1.1).

    The code of a refusal that programs are never to meet has no page; it is then known by its status alone.
    """
    return f"/problems/{code}" if code in PROBLEM_TYPES else "about:blank"


def title_of(code: str, status: int) -> str:
    """What is so at each problem of this type (section 3.1.3)."""
    kind = PROBLEM_TYPES.get(code)
    return HTTPStatus(status).phrase if kind is None else language().say(kind.title)


def of_refusal(refusal: Refused, **members: object) -> Response:  # object: JSON
    """The problem document of a refusal: its code, its sentence, and the status that audiences.py gives it."""
    status = status_of(refusal)
    headers: dict[str, str] = {}
    if "challenge" in refusal.facts:
        headers["WWW_Authenticate"] = str(refusal.facts["challenge"])
    if status in (429, 503) or "retry_after" in refusal.facts:
        headers["Retry_After"] = str(refusal.facts.get("retry_after", RETRY_AFTER))
    return problem(status, refusal.code, encodable(sentence(refusal, language())), members, **headers)


def of_http_error(error: HTTPException) -> Response:
    """The problem document of an error that Flask found: no such address, a body too large, a bug."""
    status = error.code or 500
    code, detail = HTTP_ERRORS.get(status, ("malformed_request" if status < 500 else "internal_error", error.name))
    if isinstance(error, SecurityError):
        code, detail = UNTRUSTED_HOST
    members = {"request_id": caller.request_id()} if status == 500 else {}
    methods = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(sorted(methods))} if methods else {}
    return problem(status, code, language().say(detail), members, **headers)


def encodable(text: str) -> str:
    """The text without lone surrogates, which JSON in a request can spell and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def answer_errors_of(blueprint: Blueprint) -> None:
    """Answers the errors of the blueprint's views with problem documents; app.py sorts what Flask itself finds."""
    blueprint.register_error_handler(Refused, of_refusal)
    blueprint.register_error_handler(LogUnreadable, _unreadable("log_unreadable", LOG_UNREADABLE))
    for error in database_errors():
        blueprint.register_error_handler(error, _unreadable("storage_failed", DATABASE_UNREADABLE))
    blueprint.register_error_handler(DatabaseAway, _of_absence)
    for kind in UNAVAILABLE:
        blueprint.register_error_handler(kind, _unreadable("keyring_unreadable", KEYRING_UNREADABLE))


def _of_absence(_: DatabaseAway) -> Response:
    """Said in the server's log when it began, and not for each request."""
    if may_have_changed():
        return of_refusal(OutcomeUnknown())
    return problem(503, "database_away", language().say(DATABASE_AWAY), Retry_After=str(RETRY_AFTER))


def _unreadable(code: str, detail: Message) -> Callable[[Exception], Response]:
    """Answers 503 for what whoever runs the machine must mend; the reason goes to the log alone."""

    def answer(error: Exception) -> Response:
        current_app.logger.error("%s: %s", code, error, extra={"code": code})
        if detail is DATABASE_UNREADABLE and may_have_changed():
            return of_refusal(OutcomeUnknown())
        members = {"request_id": caller.request_id()}
        return problem(503, code, language().say(detail), members, Retry_After=str(RETRY_AFTER))

    return answer
