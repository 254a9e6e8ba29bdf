"""What is delivered: events and warnings as JSON, each with an id that stays the same; no name of a person (P1)."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from application.answers import day_text, rfc3339
from application.views.day_view import DayView
from application.views.history import HistoryEntry
from application.views.warnings import DayWarning
from application.words.language import Language
from application.words.sentences import of_warning
from domain.refusals import Refused

TYPES = {
    "InstallationOpened": "installation.opened",
    "LicenseRegistered": "license.registered",
    "LicenseKeyRefused": "license.key_refused",
    "UserAdded": "user.added",
    "UserDeleted": "user.deleted",
    "UserRestored": "user.restored",
    "UserRenamed": "user.renamed",
    "AdministratorGranted": "administrator.granted",
    "AdministratorRevoked": "administrator.revoked",
    "AuditorAdded": "auditor.added",
    "AuditorRemoved": "auditor.removed",
    "PasswordLinkMade": "password.link_made",
    "PasswordChanged": "password.changed",
    "TokenCreated": "token.created",
    "TokenRevoked": "token.revoked",
    "ClockCorrected": "clock.corrected",
    "DayReached": "day.reached",
    "OperatorSeen": "operator.seen",
    "PersonErased": "person.erased",
    "RestoreAccepted": "restore.accepted",
    "LogAnchorContradicted": "log.contradicted",
}
"""The type of each event of the log, as receivers know it."""

WARNING, TEST = "license.warning", "seatledger.test"

DELIVERED = (WARNING, *TYPES.values())
"""Every type that can be asked for; a test is sent whatever was asked for."""


Data = dict[str, str | int | bool | None]


class EventTypeUnknown(Refused):
    """A webhook was to get something that there is not."""

    code = "unknown_event_type"


class Outgoing(NamedTuple):
    """Something to be delivered. The id is the same each time that it is sent, by which receivers know it again."""

    id: str
    type: str
    body: bytes


def wanted_types(patterns: list[str]) -> list[str]:
    """The types that patterns such as `user.*` and `license.warning` mean; of none, all. Raises EventTypeUnknown."""
    types: set[str] = set()
    for pattern in patterns:
        beginning = pattern.removesuffix("*") if pattern.endswith(".*") else None
        matching = {each for each in DELIVERED if each == pattern or (beginning and each.startswith(beginning))}
        if not matching:
            raise EventTypeUnknown(type=pattern[:80], known=", ".join(DELIVERED))
        types |= matching
    return [each for each in DELIVERED if each in types] or list(DELIVERED)


def of_event(installation_id: UUID, entry: HistoryEntry) -> Outgoing:
    """An event of the log. Its command is a part of the id: after a restore, others may stand at its position."""
    id_ = _id("evt", str(installation_id), str(entry.position), entry.command_id)
    data: Data = {
        "installation_id": str(installation_id),
        "position": entry.position,
        "day": entry.day.isoformat(),
        "event": entry.kind,
        "by": entry.by.partition(":")[0],
    }
    return _outgoing(id_, TYPES[entry.kind], entry.recorded_at, data)


def of_day_warning(
    installation_id: UUID, warning: DayWarning, now: DayView, moment: datetime, language: Language
) -> Outgoing:
    """A warning to administrators, once for each of its stages, which its key names."""
    warned = of_warning(warning, now, language)
    data: Data = {
        "installation_id": str(installation_id),
        "code": warned.code,
        "stage": warned.stage,
        "day": day_text(warned.day),
        "is_urgent": warned.is_urgent,
        "message": warned.message,
        "key": warning.key,
    }
    return _outgoing(_id("wrn", str(installation_id), warning.key), WARNING, moment, data)


def of_test(installation_id: UUID, webhook_id: str, moment: datetime) -> Outgoing:
    id_ = _id("tst", str(installation_id), webhook_id, str(moment.timestamp()))
    return _outgoing(id_, TEST, moment, {"installation_id": str(installation_id), "webhook_id": webhook_id})


def _id(kind: str, *parts: str) -> str:
    return f"{kind}_{sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"


def _outgoing(id_: str, type_: str, moment: datetime, data: Data) -> Outgoing:
    body = {"type": type_, "timestamp": rfc3339(moment), "data": data}
    return Outgoing(id_, type_, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
