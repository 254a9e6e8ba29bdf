"""Makes the Flask application."""

from __future__ import annotations

from flask import Flask

from interface.composition import Seatledger
from interface.web import admin, gateway


def create_app(seatledger: Seatledger, *, secret_key: bytes, https: bool = True) -> Flask:
    """The web application of one installation.

    `https` False is for the demo on plain HTTP: cookies are then neither Secure nor named `__Host-`.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=64 * 1024,
        TRUSTED_HOSTS=[*seatledger.settings.trusted_hosts],
    )
    app.extensions["seatledger"] = seatledger
    gateway.register(app)
    admin.register(app, https=https)
    return app
