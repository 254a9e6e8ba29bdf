"""Makes the Flask application."""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5  # type: ignore[import-untyped]  # it ships no types

from interface.composition import Seatledger
from interface.web import access, admin, audit, errors, gateway, security


def create_app(seatledger: Seatledger, *, secret_key: bytes, https: bool = True) -> Flask:
    """The web application of one installation.

    `https` False is for the demo on plain HTTP: cookies are then neither Secure nor named `__Host-`.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=64 * 1024,
        TRUSTED_HOSTS=[*seatledger.settings.trusted_hosts],
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.extensions["seatledger"] = seatledger
    Bootstrap5(app)
    access.register(app)
    security.register(app, https=https)
    errors.register(app)
    gateway.register(app)
    admin.register(app)
    audit.register(app)
    return app
