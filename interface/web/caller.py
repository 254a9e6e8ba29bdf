"""Who is asking, and what is true of the installation now: read anew at every request."""

from __future__ import annotations

import re
from typing import cast
from uuid import UUID

from flask import Flask, current_app, g, request, session

from application.accounts import Account, Accounts
from application.licensing import Licensing
from application.log.failures import database_errors
from application.views.day_view import DayView
from application.views.entitlement import Entitlement
from application.words import languages
from application.words.language import Language
from interface.composition import Seatledger
from interface.front.asking import REQUEST_ID
from interface.front.request_ids import new_id
from interface.web.accepted_languages import accepted
from interface.web.proxies import client_address

SESSION = "session"
"""Where the signed cookie holds the token of the server-side session."""

LINK = "link"
"""Where the cookie holds the token of the one-time link, once its holder has come."""


def seatledger() -> Seatledger:
    return seatledger_of(current_app)


def seatledger_of(app: Flask) -> Seatledger:
    return cast(Seatledger, app.extensions["seatledger"])


def licensing() -> Licensing:
    return seatledger().licensing


def accounts() -> Accounts:
    return seatledger().accounts


def installation_id() -> UUID:
    return seatledger().installation_id


def now() -> DayView:
    """What is true now; asked again after a command, it shows what the command did."""
    return licensing().now(installation_id())


def view() -> Entitlement:
    """The same, for what no day matters to."""
    return now().view


def language() -> Language:
    """The language that a page, or an answer to a program, is in: the one that is asked for, or the installation's.

    What the address says (`lang`) goes before what the account has chosen, and that before what the browser or the
    gateway says.
    """
    if "language" not in g:
        asked_for = accepted(_language_in_address()) or _language_of_account()
        asked_for = asked_for or accepted(_joined("Accept-Language") or "")
        g.language = languages.language_of(asked_for or seatledger().settings.language)
    return cast(Language, g.language)


def speak_to(account: Account) -> None:
    """Answer this request in the language of an account: what asks for it, such as a calendar program, is not them."""
    g.language = languages.language_of(accounts().language_tag(account) or seatledger().settings.language)


def who() -> Account | None:
    """Whose session the cookie names; None if it is over, or if the account has lost its right since."""
    token = session.get(SESSION)
    return accounts().who(view(), token) if token else None


def account() -> Account:
    """Who is signed in. Only for screens behind the guard of access.py."""
    return cast(Account, g.account)


def request_id() -> str:
    """The id by which the lines of the log know this request: the front's, and without it a new one."""
    text: str = request.environ.setdefault(REQUEST_ID, new_id())
    return text


def source() -> str:
    """The address that the throttle counts and the security log names: see client_address.

    Behind a proxy that SEATLEDGER_TRUSTED_PROXIES does not name, everybody shares the proxy's address.
    """
    trusted = seatledger().settings.trusted_proxies
    return client_address(request.remote_addr, _joined("X-Forwarded-For"), _joined("Forwarded"), trusted)


def _joined(header: str) -> str | None:
    """A header that may stand several times is one list (RFC 9110, section 5.3)."""
    lines = request.headers.getlist(header)
    return ",".join(lines) if lines else None


def _language_of_account() -> str | None:
    """None while the database is away: the page that says so can be read in any language."""
    account: Account | None = g.get("account")
    try:
        return accounts().language_tag(account) if account else None
    except database_errors():
        return None


def _language_in_address() -> str:
    """What `lang` says in the query as it was sent; whether all of the query can be read is for the view to ask."""
    match = _LANG.search(request.query_string)
    return match[1].decode() if match else ""


_LANG = re.compile(rb"(?:^|&)lang=([A-Za-z0-9-]+)(?:&|$)")
