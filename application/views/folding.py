"""How far the fold over a log has come: its newest view, and what is asked beside it."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from application.log.stored import StoredEvent
from application.proof.verify_export import leaf
from application.views.deeds import Deeds
from application.views.entitlement import Entitlement, fold
from application.views.name_changes import NameChanges
from application.views.people_index import PeopleIndex
from domain.installation import Installation

Registration = Installation.LicenseRegistered

Judge = Callable[[Registration, str], bool]
"""Whether the license key that a registration carries contradicts it; asked with the installation's product."""


class Folding:
    """Everything that is known of a log up to an event; before the first one there is no view.

    One thread takes events; others read meanwhile what was before.
    """

    def __init__(self, installation_id: UUID, contradicts: Judge) -> None:
        self._installation_id, self._contradicts = installation_id, contradicts
        self.view: Entitlement | None = None
        self.newest_moment: datetime | None = None
        self.newest_leaf = b""
        self.opened: datetime | None = None
        self.product = ""
        self.registrations: dict[int, Registration] = {}
        self.contradicted: set[int] = set()
        self.moments, self.positions = array("d"), array("q")
        """When events were recorded and at which positions, without those overtaken by a clock set back since."""
        self.in_use = array("q", [0])
        """In use after each event, and before the first."""
        self.deeds = Deeds()
        self.name_changes = NameChanges()
        self.people = PeopleIndex()

    @property
    def position(self) -> int:
        return self.view.position if self.view else 0

    def take(self, rows: Sequence[StoredEvent], events: Sequence[Installation.Event]) -> None:
        """Fold the next events, as they are stored and as they are read. Raises LogUnreadable."""
        for event in events:
            self.judge(event)
        self.view = fold(self.view, events, self.contradicted, self.in_use.append)
        self.newest_moment = events[-1].timestamp
        self.newest_leaf = leaf(self._installation_id, self.position, rows[-1].topic, rows[-1].state)
        self.opened = self.opened or events[0].timestamp
        for event in events:
            self._note_moment(event.timestamp.timestamp(), event.originator_version)
            self.deeds.note(event)
            self.name_changes.note(event)
            self.people.note(event)

    def judge(self, event: Installation.Event) -> None:
        """Ask of a registration, once, whether its license key contradicts it."""
        if isinstance(event, Installation.InstallationOpened):
            self.product = event.product
        elif isinstance(event, Registration):
            self.registrations[event.originator_version] = event
            if self._contradicts(event, self.product):
                self.contradicted.add(event.originator_version)

    def stopped(self) -> Folding:
        """A copy with which nobody goes on."""
        other = copy(self)
        other.registrations, other.contradicted = dict(self.registrations), set(self.contradicted)
        other.moments, other.positions, other.in_use = self.moments[:], self.positions[:], self.in_use[:]
        other.deeds, other.people = self.deeds.stopped(), self.people.stopped()
        return other

    def difference(self, other: Folding) -> str | None:
        """What another fold of the same log knows otherwise, by its name; None if they know the same.

        Takes long with many users, and other threads go on meanwhile.
        """
        if (self.view is None) != (other.view is None):
            return "view"
        for name in (each.name for each in fields(Entitlement)):
            mine, theirs = getattr(self.view, name), getattr(other.view, name)
            if isinstance(mine, Mapping):
                if len(mine) != len(theirs) or any(theirs.get(key) != value for key, value in mine.items()):
                    return name
            elif not mine == theirs:  # noqa: SIM201  rpds finds two empty sets both the same and not the same
                return name
        if vars(self.deeds) != vars(other.deeds):
            return "deeds"
        if self.people.texts() != other.people.texts():
            return "people"
        names = ("newest_moment", "newest_leaf", "opened", "product", "registrations", "moments", "positions", "in_use")
        return next((name for name in names if not getattr(self, name) == getattr(other, name)), None)  # noqa: SIM201

    def position_as_of(self, moment: datetime) -> int:
        """The position of the last event that is not after the moment; 0 if there is none (A1)."""
        index = bisect_right(self.moments, moment.timestamp())
        return self.positions[index - 1] if index else 0

    def _note_moment(self, seconds: float, position: int) -> None:
        while self.moments and self.moments[-1] >= seconds:
            self.moments.pop()
            self.positions.pop()
        self.moments.append(seconds)
        self.positions.append(position)
