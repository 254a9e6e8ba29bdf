"""An installation on a day: what every question gives, and what decides, answers, tells and draws it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from application.views.entitlement import Entitlement, RegisteredKey
from domain.license import License, Standing
from domain.state import User


@dataclass(frozen=True, slots=True)
class DayView:
    """What is true of an installation after the event at `position`, as it is seen on a day.

    The day is never earlier than that of the view's newest event (L3).
    """

    view: Entitlement
    day: date
    clock_day: date | None = field(default=None, compare=False)
    """The day by the machine's clock, if the question is about now; None for the past."""
    stale_since: datetime | None = field(default=None, compare=False)
    """While the database is away: the moment up to which this was certainly the newest view."""

    @property
    def installation_id(self) -> UUID:
        return self.view.installation_id

    @property
    def position(self) -> int:
        return self.view.position

    @property
    def time_zone(self) -> str:
        return self.view.time_zone

    @property
    def is_ahead_of_clock(self) -> bool:
        """Whether something was recorded on a day that this machine's clock does not know yet (L3)."""
        return self.clock_day is not None and self.view.day > self.clock_day

    @property
    def standing(self) -> Standing:
        """The licenses as they stand on the day."""
        return self.view.schedule.on(self.day)

    @property
    def valid(self) -> int:
        return self.standing.valid

    @property
    def in_use(self) -> int:
        return self.view.in_use

    @property
    def available(self) -> int:
        """Valid minus In use; negative while exceeded."""
        return self.valid - self.in_use

    def user(self, login_name: str) -> User | None:
        return self.view.user(login_name)

    def key_of(self, license: License | None) -> RegisteredKey | None:
        """The license key that a license was registered with."""
        return self.view.license_keys.get(license.key_id) if license else None
