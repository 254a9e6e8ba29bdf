"""The alarms: what auditors and administrators see first on every screen of the Audit area."""

from __future__ import annotations

from typing import Any, NamedTuple

from application.words import history as history_sentences
from interface.web import caller
from interface.web.signing import signing_refused


class Alarm(NamedTuple):
    """What is wrong, and the position that it is about; `is_event` if an event there tells of it."""

    message: str
    position: int
    is_event: bool


def shown_on_audit_screens() -> dict[str, Any]:  # Any: what a template takes
    """The newest alarm first: what keeps the signer, what is wrong with the log, what the history tells of."""
    of_signer = [Alarm(message, 0, is_event=False) for message in signing_refused()]
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
