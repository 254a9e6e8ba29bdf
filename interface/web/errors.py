"""The pages of what went wrong outside of a screen, each with a sentence that says what to do."""

from __future__ import annotations

from functools import partial

from flask import Flask, current_app, g, render_template
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]  # it ships no types
from werkzeug.exceptions import HTTPException, SecurityError

from application.log.failures import DATABASE_ERRORS, LogUnreadable
from application.words.language import ENGLISH
from application.words.refusals import sentence as sentence_of
from domain.refusals import Refused
from interface.web.audiences import DATABASE_UNREADABLE, LOG_UNREADABLE, status_of

TITLES = {
    400: "That request was not understood",
    403: "Not allowed",
    404: "Page not found",
    405: "Not possible here",
    413: "Too large",
    429: "Too many attempts",
    500: "Something went wrong",
    503: "Not available at the moment",
}

SENTENCES = {
    400: "Your browser sent something that Seatledger does not understand. Go back and try again.",
    403: "You are not allowed to do this.",
    404: "There is no page at this address. Check the address, or start from System Settings.",
    405: "This address only takes forms. Open the screen from the menu and try again.",
    413: "What was sent is too large. Nothing was changed.",
    429: "Too many attempts. Wait a little, then try again.",
    500: "This is a defect in Seatledger. Nothing is known to have been changed; tell whoever runs this machine.",
    503: "Seatledger cannot answer at the moment. Please try again in a few seconds.",
}

FORM_OVER = (
    "This form is no longer good, or your browser does not keep cookies. Go back, reload the page and try again. "
    "Nothing was changed."
)

HOST_NOT_TRUSTED = (
    "Seatledger is not set up to be reached under this name. Whoever runs this machine can add the name to "
    "SEATLEDGER_TRUSTED_HOSTS.\n"
)


UNREADABLE = {LogUnreadable: LOG_UNREADABLE} | dict.fromkeys(DATABASE_ERRORS, DATABASE_UNREADABLE)


def register(app: Flask) -> None:
    """Answers the errors of pages; what Flask itself finds is sorted by its path in app.py."""
    app.register_error_handler(Refused, of_refusal)
    for kind, sentence in UNREADABLE.items():
        app.register_error_handler(kind, partial(of_unreadable, sentence))


def of_http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.get_response()
    if isinstance(error, SecurityError) or request_ctx.url_adapter is None:
        return HOST_NOT_TRUSTED, 400, {"Content-Type": "text/plain; charset=utf-8"}
    status = error.code or 500
    if isinstance(error, CSRFError):
        sentence = FORM_OVER
    elif status == 403 and error.description and type(error).description != error.description:
        sentence = error.description
    else:
        sentence = SENTENCES.get(status, SENTENCES[400] if status < 500 else SENTENCES[500])
    return page(status, sentence)


def of_refusal(refusal: Refused) -> tuple[str, int]:
    """A refusal that no screen took up, such as a database that holds no installation yet."""
    return page(status_of(refusal), sentence_of(refusal, ENGLISH), code=refusal.code)


def of_unreadable(sentence: str, error: Exception) -> ResponseReturnValue:
    """What whoever runs the machine must mend; the reason goes to the log alone."""
    current_app.logger.error("%s: %s", type(error).__name__, error)
    return page(503, sentence)


def page(status: int, sentence: str, *, code: str | None = None) -> tuple[str, int]:
    if status >= 500:
        g.account = None  # the navigation shows what is true, which perhaps cannot be read now
    title = TITLES.get(status, TITLES[400] if status < 500 else TITLES[500])
    return render_template("error.html", title=title, sentence=sentence, status=status, code=code), status
