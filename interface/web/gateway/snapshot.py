"""GET /api/v1/snapshot: the decisions of some hours, signed, for a gateway that must go on without us."""

from __future__ import annotations

import secrets

from flask import Response

from application.decision_snapshots import SALT_BYTES, TYPE, decision_snapshot
from interface.web.caller import language
from interface.web.gateway.bearer import Caller
from interface.web.gateway.documents import document


def snapshot(caller: Caller) -> Response:
    """A new one each time, with a salt of its own. Raises SnapshotsOff (404), LogKeyUnusable (503)."""
    seatledger = caller.seatledger
    hours, salt = seatledger.settings.snapshot_hours, secrets.token_bytes(SALT_BYTES)
    value = decision_snapshot(caller.on_day, seatledger.clock(), hours, salt, language())
    return document(seatledger.audit.sign(caller.installation_id, value, TYPE)._asdict())
