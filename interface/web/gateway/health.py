"""Whether this process runs and can answer: for load balancers, without a token."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, request

from application.answers import rfc3339
from application.words.findings import answers
from domain.refusals import Refused
from interface.composition import Seatledger
from interface.web.caller import language
from interface.web.gateway import bearer
from interface.web.gateway.documents import document


def livez(_: Seatledger) -> Response:
    """GET /livez: this process answers."""
    return document({"status": "alive"})


def readyz(seatledger: Seatledger) -> Response:
    """GET /readyz: the database can be read and its log folded; otherwise a problem document with 503 says why not.

    While the database is away and login checks go on from what was known, `stale_since` says so.

    A token of the scope audit is told what the self-checks found; whoever has none, or another, is not.
    """
    id_ = seatledger.installation_id
    known = seatledger.licensing.last_known(id_)
    if known.stale_since is not None:  # logins go on: a balancer that took every server out would end them
        return document({"status": "ready", "stale_since": rfc3339(known.stale_since)})
    # On a new connection, so that a database that has gone is not answered for from memory.
    seatledger.licensing.installation_ids()
    with suppress(Refused):
        bearer.caller(seatledger, ("audit",), request.headers.get("Authorization", ""))
        findings = answers(seatledger.self_checks.findings(id_), language())
        return document({"status": "ready", "findings": findings})
    return document({"status": "ready"})
