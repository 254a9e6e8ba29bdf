"""What administrators and auditors read while nothing is signed: on every screen, until it is mended (ADR 33)."""

from __future__ import annotations

from contextlib import suppress

from application.self_checks import Severity
from application.words.findings import in_words
from domain.refusals import Refused
from interface.web import caller


def signing_refused() -> list[str]:
    """What keeps checkpoints from being signed, and what to do; empty if nothing does, or if nobody can say."""
    with suppress(Refused):
        findings = caller.seatledger().self_checks.signer(caller.installation_id())
        return [
            caller.language().sentences(in_words(each, caller.language()))
            for each in findings
            if each.severity is Severity.ALARM
        ]
    return []
