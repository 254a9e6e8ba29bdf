"""The alarms: what auditors and administrators see first on every screen of the Audit area."""

from __future__ import annotations

from typing import Any, NamedTuple

from application.self_checks import Severity
from application.words import history as history_sentences
from application.words.findings import in_words
from interface.web import caller


class Alarm(NamedTuple):
    """What is wrong, and the position that it is about; `is_event` if an event there tells of it."""

    message: str
    position: int
    is_event: bool


def shown_on_audit_screens() -> dict[str, Any]:  # Any: what a template takes
    """The newest alarm first: what keeps the signer, what is wrong with the log, what the history tells of."""
    of_signer = [
        Alarm(" ".join(in_words(finding, caller.language())), 0, is_event=False)
        for finding in caller.seatledger().self_checks.signer(caller.installation_id())
        if finding.severity is Severity.ALARM
    ]
    log = caller.seatledger().audit.alarms(caller.installation_id())
    zone = caller.view().time_zone
    of_log = [
        Alarm(history_sentences.of_log_alarm(alarm, caller.language(), zone), alarm.position, is_event=False)
        for alarm in reversed(log)
    ]
    of_history = [
        Alarm(history_sentences.of_alarm(one, caller.language()), one.position, is_event=True)
        for one in caller.view().alarms[::-1]
    ]
    return {"alarms": of_signer + of_log + of_history}
