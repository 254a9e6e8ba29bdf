"""Who may come in: the guard that stands before every route, closed unless this page opens it."""

from __future__ import annotations

from flask import Flask, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect  # type: ignore[import-untyped]  # it ships no types

from application.accounts import Account
from application.log.failures import NoInstallation
from interface.web import caller, carried, errors, form_ids
from interface.web.audiences import is_for_programs
from interface.web.forms import ask_well_formed
from interface.web.gateway.problems import MalformedRequest
from interface.web.trusted_hosts import is_same_origin

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))

STATIC = frozenset(("static", "bootstrap.static", "dark.sheet", "denied.sheet"))

FOR_ANYBODY = STATIC | {"denied.screen", "problem_types.every_problem", "problem_types.one_problem"}
"""What asks for no account, nor for the database, which may be away."""

BY_LINK = "password_link.set_password"

CALENDAR_FEED = "calendar.feed"
"""What programs of people ask for that cannot sign in."""

PUBLIC = frozenset(
    (
        "sign_in.screen",
        "sign_in.sign_in",
        "sign_in.code_screen",
        "sign_in.bring_code",
        "sign_in.sign_out",
        "password_link.screen",
        "password_link.take_link",
        BY_LINK,
        CALENDAR_FEED,
    )
)
"""What is for people who are not signed in."""

SECOND_FACTOR = ("second_factor.screen", "second_factor.begin", "second_factor.confirm", "second_factor.turn_off")

LATE = "late"
"""Where the cookie says that a session of this browser is over: what its open pages send may be kept (carried.py)."""

FOR_AUDITORS = frozenset(
    ("own_password.change", "own_language.choose", "own_sign_ins.end", *SECOND_FACTOR, "overview.take_checkpoint")
)
"""What auditors may do: see to their own account, and sign a checkpoint, which changes no event."""

csrf = CSRFProtect()


def register(app: Flask) -> None:
    """Put the guard before every route of the application."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,  # the guard asks, after it has said who may come in at all
        WTF_CSRF_TIME_LIMIT=None,  # a form is good as long as the session that it was made for
        WTF_CSRF_SSL_STRICT=False,  # the guard compares Sec-Fetch-Site and Origin instead of Referer
    )
    csrf.init_app(app)
    app.before_request(guard)
    form_ids.register(app)


def guard() -> ResponseReturnValue | None:
    """Asked at every request, in this order: same site, signed in, may change things, the form is a form and ours.

    Programs bring a token with each request, which the gateway asks for; a cookie means nothing there.
    """
    is_change = request.method not in SAFE_METHODS
    if is_change and _is_cross_site():
        abort(403, caller.language().say("This request came from another site. Nothing was changed."))
    if is_for_programs(request.path) or request.endpoint in FOR_ANYBODY:
        return None
    try:
        g.account = caller.who()
    except NoInstallation as refusal:
        return errors.of_refusal(refusal)
    if request.endpoint is None:
        return None
    if request.endpoint not in PUBLIC:
        if g.account is None:
            return _to_sign_in(is_change)
        if g.account.is_auditor and is_change and request.endpoint not in FOR_AUDITORS:
            text = caller.language().say(
                "Auditors read everything and change nothing. Ask an administrator for this change."
            )
            abort(403, text)
        if request.endpoint not in SECOND_FACTOR and _lacks_second_factor(g.account):
            return redirect(url_for("second_factor.screen"), 303)
    try:
        ask_well_formed()
    except MalformedRequest as refusal:
        return errors.of_refusal(refusal)
    csrf.protect()
    g.is_let_in = True
    if is_change and request.endpoint == BY_LINK:
        return form_ids.begin(f"link:{session.get(caller.LINK)}", opens_session=True)
    if is_change and request.endpoint not in PUBLIC:
        return form_ids.begin(g.account.by)
    return None


def _lacks_second_factor(account: Account) -> bool:
    """Where everybody must have one, it comes before anything else."""
    is_required = caller.seatledger().settings.is_second_factor_required
    return is_required and not caller.accounts().has_second_factor(account)


def local_path(target: str) -> str | None:
    """The target if it is a path of this site, to which one may be sent after signing in; else None."""
    is_path = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_path and target.isascii() and target.isprintable() else None


def _to_sign_in(is_change: bool) -> ResponseReturnValue:
    was_signed_in = session.pop(caller.SESSION, None) is not None
    if was_signed_in:
        session[LATE] = True
    if is_change and LATE in session and (form := carried.of_request()) and _is_ours():
        page = render_template("sign_in.html", carried=form.hidden, next="")
        return page, 401
    if was_signed_in:
        flash(caller.language().say("You were signed out. Sign in to go on."), "note")
    if is_change:
        return redirect(url_for("sign_in.screen"), 303)
    target = request.full_path if request.query_string else request.path
    return redirect(url_for("sign_in.screen", next=None if target == "/" else target), 303)


def _is_ours() -> bool:
    """Whether a page of ours made the form: only then may it be shown again to whoever signs in."""
    try:
        ask_well_formed()
        csrf.protect()
    except (MalformedRequest, CSRFError):
        return False
    return True


def _is_cross_site() -> bool:
    """Whether the browser says that another site made it send this; programs and old browsers say nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and not is_same_origin(origin, request.environ["HTTP_HOST"])
