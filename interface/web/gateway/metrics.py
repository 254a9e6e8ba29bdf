"""GET /metrics: numbers for Prometheus."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, cast

from flask import Response, current_app, request

from interface.web.caller import seatledger
from interface.web.gateway import bearer
from interface.web.gateway.documents import Document

if TYPE_CHECKING:
    from interface.metrics import Metrics

SCOPES = ("login-check", "audit")
"""Of these a token needs one: the answers to login checks hold the same numbers."""

BY_PROXY = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
"""Headers by which a proxy says that it asks for somebody else."""


def metrics() -> Response:
    """The metrics, to a token; to a program on this very machine that asks the server directly, without one too."""
    if not _is_from_here():
        bearer.caller(seatledger(), SCOPES, request.headers.get("Authorization", ""), while_away=True)
    numbers = cast("Metrics", current_app.extensions["metrics"])
    return Document(numbers.text(), content_type=numbers.CONTENT_TYPE)


def _is_from_here() -> bool:
    peer = request.remote_addr
    is_here = peer is not None and ipaddress.ip_address(peer).is_loopback
    return is_here and not any(header in request.headers for header in BY_PROXY)
