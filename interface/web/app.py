"""Makes the Flask application."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5  # type: ignore[import-untyped]  # it ships no types
from werkzeug.exceptions import HTTPException

from interface.composition import Seatledger
from interface.front.bodies import LARGEST
from interface.web import access, admin, audit, dark, errors, gateway, security
from interface.web.audiences import is_for_programs
from interface.web.gateway import problems
from interface.web.gateway.sessions import NoneForPrograms
from interface.web.trusted_hosts import Application


def create_app(seatledger: Seatledger, *, secret_key: bytes, https: bool = True) -> Application:
    """The web application of one installation.

    `https` False is for the demo on plain HTTP: cookies are then neither Secure nor named `__Host-`.
    """
    from interface.metrics import Metrics  # here: at its import it is decided whether processes share their counts

    app = Application(__name__)
    app.trusted_hosts = seatledger.settings.hosts
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=LARGEST,
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.extensions["seatledger"] = seatledger
    app.extensions["metrics"] = Metrics(seatledger)
    app.session_interface = NoneForPrograms()
    # A path with two slashes is answered with 404 like any other that is none of ours, not with a redirect.
    app.url_map.merge_slashes = False
    app.register_error_handler(HTTPException, _of_http)
    Bootstrap5(app)
    access.register(app)
    security.register(app, https=https)
    errors.register(app)
    gateway.register(app)
    admin.register(app)
    audit.register(app)
    app.register_blueprint(dark.blueprint)
    return app


def _of_http(error: HTTPException) -> ResponseReturnValue:
    """What Flask found itself (404, 405, a Host that is not trusted, a bug): a page or a problem document."""
    return problems.of_http_error(error) if is_for_programs(request.path) else errors.of_http(error)
