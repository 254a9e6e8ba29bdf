"""The HTTP API for programs: its routes, each with the scopes of the tokens that may ask it (docs/api.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

from interface.composition import Seatledger
from interface.web.gateway import bearer, health, history, license, login_check, problems, users

__all__ = ["ROUTES", "Route", "register"]


class Route(NamedTuple):
    """A method and path, the view that answers, and the scopes of which a token needs one; None: no token at all."""

    method: str
    path: str
    view: Callable[..., ResponseReturnValue]
    scopes: tuple[str, ...] | None


ROUTES = (
    Route("GET", "/api/v1/login-check", login_check.login_check, ("login-check", "audit")),
    Route("GET", "/api/v1/license", license.show_license, ("license", "audit")),
    Route("POST", "/api/v1/license-keys", license.register_license_key, ("license",)),
    Route("GET", "/api/v1/users", users.list_users, ("users", "audit")),
    Route("POST", "/api/v1/users", users.add_user, ("users",)),
    Route("DELETE", "/api/v1/users/<login_name>", users.delete_user, ("users",)),
    Route("POST", "/api/v1/users/<login_name>/restore", users.restore_user, ("users",)),
    Route("PUT", "/api/v1/users/<login_name>/administrator", users.grant_administrator, ("users",)),
    Route("DELETE", "/api/v1/users/<login_name>/administrator", users.revoke_administrator, ("users",)),
    Route("GET", "/api/v1/history", history.show_history, ("audit",)),
    Route("GET", "/livez", health.livez, None),
    Route("GET", "/readyz", health.readyz, None),
)
"""Every route of the API; the endpoint is `gateway.` and the name of its view."""


def register(app: Flask) -> None:
    """Adds the API to the application; `app.extensions["seatledger"]` is there already."""
    seatledger: Seatledger = app.extensions["seatledger"]
    blueprint = Blueprint("gateway", __name__)
    problems.answer_errors_of(blueprint)
    for route in ROUTES:
        blueprint.add_url_rule(
            route.path,
            endpoint=route.view.__name__,
            view_func=bearer.guarded(route.view, route.scopes, seatledger),
            methods=[route.method],
            provide_automatic_options=False,
        )
    app.register_blueprint(blueprint)
