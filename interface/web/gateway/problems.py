"""Errors as problem documents (RFC 9457): `type`, `title`, `status`, `detail`, and `code`, which is our contract."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, SecurityError

from application.log.failures import DATABASE_ERRORS, LogUnreadable
from application.words.language import ENGLISH
from application.words.refusals import SENTENCES, sentence
from domain.refusals import Refused
from interface.web.gateway.documents import document
from interface.web.statuses import UNAVAILABLE, status_of

RETRY_AFTER = 5
"""Seconds after which a program may ask again when the answer was 503."""


class MalformedRequest(Refused):
    """A query or body that breaks the contract of its route."""

    code = "malformed_request"


class MediaTypeUnsupported(Refused):
    code = "unsupported_media_type"


HTTP_ERRORS = {
    400: ("malformed_request", "The request is malformed."),
    403: ("forbidden", "This request came from a page of another site; the API is for programs."),
    404: ("not_found", "There is no such address in this API."),
    405: ("method_not_allowed", "This address does not answer this method; the header Allow names those it answers."),
    413: ("request_too_large", "The request is too large; a body has at most 64 KiB."),
    415: (MediaTypeUnsupported.code, str(SENTENCES[MediaTypeUnsupported.code])),
    500: ("internal_error", "Something went wrong in Seatledger; its log says what. Tell whoever runs this machine."),
}
"""The code and the sentence of what Flask itself refuses, by status."""

UNTRUSTED_HOST = (
    "untrusted_host",
    "This server does not answer to the host that the request names; SEATLEDGER_TRUSTED_HOSTS lists those it does.",
)

KEYRING_UNREADABLE = (
    "License keys cannot be checked now, because the vendor's keyring cannot be read. Nothing was changed; "
    "tell whoever runs Seatledger."
)
LOG_UNREADABLE = (
    "The history in the database cannot be read: it was altered, or written by a newer version. "
    "Nothing was changed; tell whoever runs Seatledger."
)
DATABASE_UNREADABLE = "The database cannot be read now. Nothing was changed; tell whoever runs Seatledger."


def is_for_programs(path: str) -> bool:
    """Whether this path belongs to the API, so that its errors are problem documents and cookies never count."""
    return path.startswith("/api/") or path in ("/livez", "/readyz")


def problem(status: int, code: str, detail: str, **headers: str) -> Response:
    """A problem document; `headers` with underscores for hyphens."""
    title = HTTPStatus(status).phrase
    fields = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    response = document(fields, status)
    response.mimetype = "application/problem+json"
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def of_refusal(refusal: Refused) -> Response:
    """The problem document of a refusal: its code, its sentence, and the status that statuses.py gives it."""
    status = status_of(refusal)
    headers: dict[str, str] = {}
    if "challenge" in refusal.facts:
        headers["WWW_Authenticate"] = str(refusal.facts["challenge"])
    if status in (429, 503):
        headers["Retry_After"] = str(refusal.facts.get("retry_after", RETRY_AFTER))
    return problem(status, refusal.code, encodable(sentence(refusal, ENGLISH)), **headers)


def of_http_error(error: HTTPException) -> Response:
    """The problem document of an error that Flask found: no such address, a body too large, a bug."""
    status = error.code or 500
    code, detail = HTTP_ERRORS.get(status, ("malformed_request" if status < 500 else "internal_error", error.name))
    if isinstance(error, SecurityError):
        code, detail = UNTRUSTED_HOST
    methods = getattr(error, "valid_methods", None)
    return problem(status, code, detail, **({"Allow": ", ".join(sorted(methods))} if methods else {}))


def encodable(text: str) -> str:
    """The text without lone surrogates, which JSON in a request can spell and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def answer_errors_of(blueprint: Blueprint) -> None:
    """Lets every error of the blueprint's views be answered with a problem document."""
    blueprint.register_error_handler(Refused, of_refusal)
    blueprint.register_error_handler(HTTPException, of_http_error)
    blueprint.register_error_handler(LogUnreadable, _unreadable("log_unreadable", LOG_UNREADABLE))
    for error in DATABASE_ERRORS:
        blueprint.register_error_handler(error, _unreadable("storage_failed", DATABASE_UNREADABLE))
    for kind in UNAVAILABLE:
        blueprint.register_error_handler(kind, _unreadable("keyring_unreadable", KEYRING_UNREADABLE))


def answer_routing_errors_of(app: Flask) -> None:
    """Lets the errors of API paths that no view answers (404, 405, a Host not trusted) be problem documents too.

    Those of other paths go to the handler that was there before.
    """
    pages: Callable[[HTTPException], Any] = app.error_handler_spec[None][None].get(HTTPException, lambda error: error)

    def answer(error: HTTPException) -> Any:
        return of_http_error(error) if is_for_programs(request.path) else pages(error)

    app.register_error_handler(HTTPException, answer)


def _unreadable(code: str, detail: str) -> Any:
    """Answers 503 for what whoever runs the machine must mend; the reason goes to the log alone."""

    def answer(error: Exception) -> Response:
        current_app.logger.error("%s: %s", code, error)
        return problem(503, code, detail, Retry_After=str(RETRY_AFTER))

    return answer
