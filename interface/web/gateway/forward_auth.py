"""GET /forward-auth: the login check as reverse proxies ask it, which go by the status and pass on headers alone."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote, unquote_to_bytes

from flask import Blueprint, Response, request

from domain.login import Decision
from domain.refusals import Refused
from interface.web.gateway import denied
from interface.web.gateway.bearer import CHALLENGE, Caller
from interface.web.gateway.documents import document
from interface.web.gateway.login_check import answer_now
from interface.web.gateway.requests import Header

PATH = "/forward-auth"

NOBODY = "/"
"""No login name has a slash: it stands for a header that spells no name, so that no new answer is needed for it."""


class LoginNameMissing(Refused):
    """The gateway asks about nobody."""

    code = "login_name_missing"


LOGIN_NAME = Header(
    "X-Login-Name", "login_name_header", "The login name as percent-encoded UTF-8; without one the answer is 401."
)


def forward_auth(caller: Caller, login_name_header: str, door: str | None, release_date: date | None) -> Response:
    """200 if the person whom X-Login-Name names may come in by this door, else 403; `door` is “admin” or the product.

    To a browser, whose Accept a proxy passes on, 403 is a page. Raises LoginNameMissing (401).
    """
    login_name = _login_name(login_name_header)
    answer = answer_now(caller, login_name, release_date)
    decision = answer["decision"]
    is_let_in = decision == Decision.ADMIT or (door is not None and decision == Decision.ADMIN_ONLY)
    status = 200 if is_let_in else 403
    response: Response
    if status == 403 and "text/html" in request.environ.get("HTTP_ACCEPT", ""):
        response = denied.page(str(answer["message"]), status)
    else:
        members = ("decision", "code", "message", "max_age_ms", "stale_since")
        response = document({name: answer[name] for name in members if name in answer}, status)
    user = caller.on_day.user(login_name)
    if user is not None:
        response.headers["X-Seatledger-Login-Name"] = quote(user.login_name, safe="")
    response.headers["X-Seatledger-Decision"] = decision
    response.headers["X-Seatledger-Code"] = answer["code"]
    response.headers["X-Seatledger-Optional-Products"] = ",".join(quote(each, safe="") for each in _products(answer))
    return response


def _products(answer: dict[str, object]) -> list[str]:  # object: JSON
    products = answer["optional_products"]
    return products if isinstance(products, list) else []


def _login_name(header: str) -> str:
    """The name in percent-encoded UTF-8; bytes beyond ASCII may stand as they are, as most proxies pass them."""
    if not header.strip():
        raise LoginNameMissing(challenge=CHALLENGE)
    try:
        return unquote_to_bytes(header.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return NOBODY


def name_codes(blueprint: Blueprint) -> None:
    """Puts the code of every answer of this address into a header: of the rest, nginx sees the status alone."""

    def name_code(response: Response) -> Response:
        if request.path == PATH and "X-Seatledger-Code" not in response.headers:
            problem = response.get_json(silent=True, force=True)
            if isinstance(problem, dict) and "code" in problem:
                response.headers["X-Seatledger-Code"] = problem["code"]
        return response

    blueprint.after_request(name_code)
