"""The pages of what went wrong outside of a screen, each with a sentence that says what to do."""

from __future__ import annotations

from functools import partial

from flask import Flask, current_app, g, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]  # it ships no types
from werkzeug.exceptions import HTTPException, SecurityError

from application.log.failures import DatabaseAway, LogUnreadable, OutcomeUnknown, database_errors
from application.words.messages import Message, message
from application.words.refusals import sentence as sentence_of
from domain.refusals import Refused
from interface.web import caller
from interface.web.audiences import DATABASE_AWAY, DATABASE_UNREADABLE, LOG_UNREADABLE, may_have_changed, status_of

TITLES: dict[int, Message] = {
    400: message("That request was not understood"),
    403: message("Not allowed"),
    404: message("Page not found"),
    405: message("Not possible here"),
    408: message("Too slow"),
    413: message("Too large"),
    429: message("Too many attempts"),
    500: message("Something went wrong"),
    503: message("Not available at the moment"),
}

SENTENCES: dict[int, Message] = {
    400: message("Your browser sent something that Seatledger does not understand. Go back and try again."),
    403: message("You are not allowed to do this."),
    404: message("There is no page at this address. Check the address, or start from System Settings."),
    405: message("This address only takes forms. Open the screen from the menu and try again."),
    413: message("What was sent is too large. Nothing was changed."),
    429: message("Too many attempts. Wait a little, then try again."),
    500: message(
        "This is a defect in Seatledger. Nothing is known to have been changed; tell whoever runs this machine."
    ),
    503: message("Seatledger cannot answer at the moment. Please try again in a few seconds."),
}

FORM_OVER = message("This form is no longer good. Go back, reload the page and try again. Nothing was changed.")

NO_COOKIE = message(
    "This form is no longer good, or your browser does not keep cookies. Go back, reload the page and try again. "
    "Nothing was changed."
)

HTTPS_NEEDED = message(
    "This page was opened over plain HTTP, and over that a browser does not send back the cookie that this form needs. "
    "Open the same address with https:// in front. If nothing answers there, whoever runs this machine has to set up "
    "HTTPS. Nothing was changed."
)

HTTPS_PERHAPS_NEEDED = message(
    "Your browser sent no cookie with this form. See whether the address begins with https://: over plain HTTP no "
    "browser sends it. If it does, allow cookies for this address, reload the page and try again. Nothing was changed."
)

HOST_NOT_TRUSTED = message(
    "Seatledger is not set up to be reached under this name. Whoever runs this machine can add the name to "
    "SEATLEDGER_TRUSTED_HOSTS."
)


def register(app: Flask) -> None:
    """Answers the errors of pages; what Flask itself finds is sorted by its path in app.py."""
    app.register_error_handler(Refused, of_refusal)
    unreadable = {LogUnreadable: LOG_UNREADABLE} | dict.fromkeys(database_errors(), DATABASE_UNREADABLE)
    for kind, sentence in unreadable.items():
        app.register_error_handler(kind, partial(of_unreadable, sentence))
    app.register_error_handler(DatabaseAway, of_absence)


def of_http(error: HTTPException) -> ResponseReturnValue:
    language = caller.language()
    if error.response is not None:
        return error.get_response()
    if isinstance(error, SecurityError) or request_ctx.url_adapter is None:
        return f"{language.say(HOST_NOT_TRUSTED)}\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    status = error.code or 500
    if isinstance(error, CSRFError):
        sentence = language.say(_of_form())
    elif status == 403 and error.description and type(error).description != error.description:
        sentence = error.description
    else:
        sentence = language.say(SENTENCES.get(status, SENTENCES[400] if status < 500 else SENTENCES[500]))
    return page(status, sentence, request_id=caller.request_id() if status == 500 else None)


def _of_form() -> Message:
    """Why a form was not taken for ours: by the cookie that came or did not, and by what the page was opened with.

    The scheme is the browser's word (Origin, else Referer): what reaches us is plain HTTP in any case, from a proxy.
    """
    if current_app.config["SESSION_COOKIE_NAME"] in request.cookies:
        return FORM_OVER
    if not current_app.config["SESSION_COOKIE_SECURE"]:
        return NO_COOKIE
    page = request.headers.get("Origin") or request.headers.get("Referer") or ""
    if page.startswith("http://"):
        return HTTPS_NEEDED
    return NO_COOKIE if page.startswith("https://") else HTTPS_PERHAPS_NEEDED


def of_refusal(refusal: Refused) -> tuple[str, int]:
    """A refusal that no screen took up, such as a database that holds no installation yet."""
    return page(status_of(refusal), sentence_of(refusal, caller.language()), code=refusal.code)


def of_unreadable(sentence: Message, error: Exception) -> ResponseReturnValue:
    """What whoever runs the machine must mend; the reason goes to the log alone."""
    current_app.logger.error("%s: %s", type(error).__name__, error)
    if sentence is DATABASE_UNREADABLE and may_have_changed():
        return of_refusal(OutcomeUnknown())
    return page(503, caller.language().say(sentence), request_id=caller.request_id())


def of_absence(_: DatabaseAway) -> ResponseReturnValue:
    """Said in the server's log when it began, and not for each request."""
    if may_have_changed():
        return of_refusal(OutcomeUnknown())
    return page(503, caller.language().say(DATABASE_AWAY), code="database_away")


def page(status: int, sentence: str, *, code: str | None = None, request_id: str | None = None) -> tuple[str, int]:
    """The page; with the id of the request where the log tells more."""
    if status >= 500:
        g.account = None  # the navigation shows what is true, which perhaps cannot be read now
    title = caller.language().say(TITLES.get(status, TITLES[400] if status < 500 else TITLES[500]))
    html = render_template(
        "error.html", title=title, sentence=sentence, status=status, code=code, request_id=request_id
    )
    return html, status
