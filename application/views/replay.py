"""What a replay of a log must give: a summary small enough to stand in an export, and exact enough to prove it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import orjson

from application.log.failures import LogUnreadable
from application.log.mapper import PREFIX, AllowedTopicsMapper
from application.log.stored import StoredEvent
from application.proof.verify_export import Finding
from application.views.entitlement import Entitlement, fold
from application.words.language import ENGLISH
from domain.license import Period, Schedule, license_of_fields

BATCH = 1000


def state_of(view: Entitlement) -> dict[str, Any]:  # Any: JSON
    """The state after the view's position, on the day of its newest event: no moment of now is in it.

    A contract (docs/audit-export.md): exports made years ago are compared with it.
    """
    return _state(
        {"name": view.name, "product": view.product, "time_zone": view.time_zone},
        (view.position, view.day),
        view.schedule,
        in_use=view.in_use,
        registered_users=len(view.users),
        administrators=sum(user.is_administrator for user in view.users.values()),
        auditors=sum(not auditor.is_removed for auditor in view.auditors.values()),
    )


def _state(opened: dict[str, str], at: tuple[int, date], schedule: Schedule, **counts: int) -> dict[str, Any]:  # JSON
    position, day = at
    standing = schedule.on(day)
    return {
        "position": position,
        "day": day.isoformat(),
        **opened,
        "edition": standing.edition,
        "valid": standing.valid,
        "license_period": _period(standing.license.license_period if standing.license else None),
        "maintenance_period": _period(standing.maintenance),
        "optional_products": list(standing.optional_products),
        "covered_until": standing.covered_until.isoformat() if standing.covered_until else None,
        **counts,
    }


def _period(period: Period | None) -> list[str | None] | None:
    return [period.start.isoformat(), period.end.isoformat() if period.end else None] if period else None


class Tally:
    """Counts the state from stored events as they go by, and remembers nobody but administrators.

    So an export of any length is written in constant memory; and a replay, which goes through the view that everybody
    reads, is compared with what was counted in another way.
    """

    def __init__(self) -> None:
        self._opened: dict[str, str] = {}
        self._position = 0
        self._day = ""
        self._schedule = Schedule()
        self._in_use = self._registered = self._auditors = 0
        self._administrators: set[str] = set()

    def event(self, position: int, topic: str, state: bytes) -> None:
        """Count the next event. What a damaged one raises may be anything."""
        fields = orjson.loads(state)
        self._position, self._day = position, fields["day"]
        match topic.removeprefix(PREFIX):
            case "UserAdded":
                self._registered += 1
                self._in_use += 1
                if fields["administrator"]:
                    self._administrators.add(fields["user_id"])
            case "UserDeleted":
                self._in_use -= 1
                self._administrators.discard(fields["user_id"])
            case "UserRestored":
                self._in_use += 1
            case "AdministratorGranted":
                self._administrators.add(fields["user_id"])
            case "AdministratorRevoked":
                self._administrators.discard(fields["user_id"])
            case "AuditorAdded":
                self._auditors += 1
            case "AuditorRemoved":
                self._auditors -= 1
            case "LicenseRegistered":
                self._schedule = self._schedule.register(license_of_fields(fields), date.fromisoformat(self._day))
            case "ClockCorrected":
                self._schedule = self._schedule.correct_clock(date.fromisoformat(self._day))
            case "InstallationOpened":
                self._opened = {name: fields[name] for name in ("name", "product", "time_zone")}

    def state(self) -> dict[str, Any]:  # Any: JSON
        """The state that the events counted so far give; empty before the first."""
        if not self._position:
            return {}
        return _state(
            self._opened,
            (self._position, date.fromisoformat(self._day)),
            self._schedule,
            in_use=self._in_use,
            registered_users=self._registered,
            administrators=len(self._administrators),
            auditors=self._auditors,
        )


class Replay:
    """Folds events one after the other, as they come out of an export; without snapshots, as audits do."""

    def __init__(self, mapper: AllowedTopicsMapper) -> None:
        self._mapper = mapper
        self._view: Entitlement | None = None
        self._waiting: list[Any] = []  # Any: orjson.loads gives it

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

    def state(self) -> dict[str, Any] | None:  # Any: JSON
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
    # In English, as all that the verifier finds: it is one file without a catalog.
    return Finding("cannot_be_replayed", f"The event {ENGLISH.clause(error.problem)}", error.position)
