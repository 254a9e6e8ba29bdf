"""Whether this process runs and can answer: for load balancers, without a token."""

from __future__ import annotations

from flask import Response

from interface.composition import Seatledger
from interface.web.gateway.documents import document


def livez(_: Seatledger) -> Response:
    """GET /livez: this process answers."""
    return document({"status": "alive"})


def readyz(seatledger: Seatledger) -> Response:
    """GET /readyz: the database can be read and its log folded; otherwise a problem document with 503 says why not."""
    # On a new connection, so that a database that has gone is not answered for from memory.
    seatledger.licensing.installation_ids()
    seatledger.licensing.now(seatledger.installation_id)
    return document({"status": "ready"})
