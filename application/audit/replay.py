"""What a replay of a log must give: a summary small enough to stand in an export, and exact enough to prove it."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from application import answers
from application.audit.verify_export import Finding
from application.projections import Entitlement, fold
from application.recorders.topics import AllowedTopicsMapper

BATCH = 1000


def state_of(view: Entitlement) -> dict[str, Any]:
    """The state after the view's position, on the day of its newest event: no moment of now is in it.

    `users` is the SHA-256 over every user in the order of their login keys: key, name, administrator, deleted.
    """
    users = hashlib.sha256()
    for key in sorted(view.users):
        user = view.users[key]
        users.update(repr((key, user.login_name, user.administrator_since, user.is_deleted)).encode())
    return {
        **answers.of_installation(view, view.day),
        "registered_users": len(view.users),
        "administrators": sum(user.is_administrator for user in view.users.values()),
        "users": users.hexdigest(),
    }


class Replay:
    """Folds events one after the other, as they come out of an export; without snapshots, as audits do."""

    def __init__(self, mapper: AllowedTopicsMapper) -> None:
        self._mapper = mapper
        self._view: Entitlement | None = None
        self._waiting: list[Any] = []

    def event(self, position: int, originator_id: str, topic: str, state: bytes) -> None:
        """Replay the next event. Raises LogUnreadable, or the Finding of an event that cannot be replayed."""
        stored = StoredEvent(UUID(originator_id), position, topic, state)
        self._waiting.append(self._mapper.to_domain_event(stored))
        if len(self._waiting) == BATCH:
            self._fold()

    def state(self) -> dict[str, Any] | None:
        """The state that the events replayed so far give; None before the first. Raises Finding."""
        self._fold()
        return state_of(self._view) if self._view else None

    def _fold(self) -> None:
        before, events, self._waiting = self._view, self._waiting, []
        try:
            self._view = fold(before, events)
        except Exception:
            self._name_the_first_wrong(before, events)
            raise

    @staticmethod
    def _name_the_first_wrong(view: Entitlement | None, events: list[Any]) -> None:
        for event in events:
            try:
                view = fold(view, (event,))
            except Exception as error:
                position = event.originator_version
                raise Finding("cannot_be_replayed", f"The event cannot be replayed: {error!r}", position) from error
