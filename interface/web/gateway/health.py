"""Whether this process runs and can answer: for load balancers, without a token."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, request

from application.words.findings import answers
from domain.refusals import Refused
from interface.composition import Seatledger
from interface.web.gateway import bearer
from interface.web.gateway.documents import document, language


def livez(_: Seatledger) -> Response:
    """GET /livez: this process answers."""
    return document({"status": "alive"})


def readyz(seatledger: Seatledger) -> Response:
    """GET /readyz: the database can be read and its log folded; otherwise a problem document with 503 says why not.

    A token of the scope audit is told what the self-checks found; whoever has none, or another, is not.
    """
    # On a new connection, so that a database that has gone is not answered for from memory.
    seatledger.licensing.installation_ids()
    id_ = seatledger.installation_id
    seatledger.licensing.now(id_)
    with suppress(Refused):
        bearer.caller(seatledger, ("audit",), request.headers.get("Authorization", ""))
        findings = answers(seatledger.self_checks.findings(id_), language())
        return document({"status": "ready", "findings": findings})
    return document({"status": "ready"})
