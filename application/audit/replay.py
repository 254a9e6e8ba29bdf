"""What a replay of a log must give: a summary small enough to stand in an export, and exact enough to prove it."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import StoredEvent

from application.audit.verify_export import Finding
from application.projections import Entitlement, fold
from application.recorders.topics import AllowedTopicsMapper, LogUnreadable
from domain.license import Period

BATCH = 1000


def state_of(view: Entitlement) -> dict[str, Any]:
    """The state after the view's position, on the day of its newest event: no moment of now is in it.

    A contract (docs/audit-export.md): exports made years ago are compared with it. `users` is the SHA-256 over a line
    of JSON for every user, in the order of their login keys: login key, login name, the position of the event that
    made them administrator or null, whether they are deleted; in UTF-8, without blanks.
    """
    standing = view.schedule.on(view.day)
    users = hashlib.sha256()
    for key, user in sorted(view.users.items()):
        line = (key, user.login_name, user.administrator_since, user.is_deleted)
        users.update(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return {
        "position": view.position,
        "day": view.day.isoformat(),
        "name": view.name,
        "product": view.product,
        "time_zone": view.time_zone,
        "edition": standing.edition,
        "valid": standing.valid,
        "in_use": view.in_use,
        "license_period": _period(standing.license.license_period if standing.license else None),
        "maintenance_period": _period(standing.maintenance),
        "optional_products": list(standing.optional_products),
        "covered_until": standing.covered_until.isoformat() if standing.covered_until else None,
        "registered_users": len(view.users),
        "administrators": sum(user.is_administrator for user in view.users.values()),
        "auditors": sum(not auditor.is_removed for auditor in view.auditors.values()),
        "users": users.hexdigest(),
    }


def _period(period: Period | None) -> list[str | None] | None:
    return [period.start.isoformat(), period.end.isoformat() if period.end else None] if period else None


class Replay:
    """Folds events one after the other, as they come out of an export; without snapshots, as audits do."""

    def __init__(self, mapper: AllowedTopicsMapper) -> None:
        self._mapper = mapper
        self._view: Entitlement | None = None
        self._waiting: list[Any] = []

    def event(self, position: int, originator_id: UUID | str, topic: str, state: bytes) -> None:
        """Replay the next event. Raises the Finding of an event that cannot be replayed."""
        id_ = originator_id if isinstance(originator_id, UUID) else UUID(originator_id)
        try:
            self._waiting.append(self._mapper.to_domain_event(StoredEvent(id_, position, topic, state)))
        except LogUnreadable as error:
            self._fold()  # what waits comes first
            raise _finding(error) from error
        if len(self._waiting) == BATCH:
            self._fold()

    def state(self) -> dict[str, Any] | None:
        """The state that the events replayed so far give; None before the first. Raises Finding."""
        self._fold()
        try:
            return state_of(self._view) if self._view else None
        except Exception as error:  # a forged license may say anything
            raise Finding("cannot_be_replayed", f"The events give no state: {error!r}") from error

    def _fold(self) -> None:
        events, self._waiting = self._waiting, []
        try:
            self._view = fold(self._view, events)
        except LogUnreadable as error:
            raise _finding(error) from error


def _finding(error: LogUnreadable) -> Finding:
    return Finding("cannot_be_replayed", f"The event {error.problem}", error.position)
