"""The database that a command works on: opened when it is needed, and never made by accident."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import click

from application.licensing import Licensing
from application.log import DatabaseUnusable
from application.log.failures import NoInstallation
from application.views.day_view import DayView
from application.views.history import Filter, HistoryEntry
from application.views.history_lines import HistoryPage
from application.views.license_keys import KeyLine
from domain.login_name import shown
from domain.refusals import Problem
from interface.composition import Seatledger, compose
from interface.settings import Settings, SettingsInvalid

Compose = Callable[[Settings], Seatledger]


class Opened(NamedTuple):
    """What a command works with: the program, the installation, and how events name who gave the command."""

    seatledger: Seatledger
    installation_id: UUID
    by: str

    @property
    def licensing(self) -> Licensing:
        return self.seatledger.licensing

    def now(self) -> DayView:
        """What is true now, on the installation's day."""
        return self.licensing.now(self.installation_id)

    def on(self, day: date) -> DayView:
        """What is true on a day to come. Raises DayPast: what was answered then is another question."""
        return self.licensing.on(self.installation_id, day)

    def at(self, position: int, day: date | None = None) -> DayView:
        """What was answered after an event, on its day or a later one. Raises NotThatOld, DayBeforeEvent."""
        return self.licensing.at(self.installation_id, position, day)

    def as_of(self, when: datetime | date) -> DayView:
        """What was answered at a moment, or at the end of a day. Raises NotThatOld, NotYet, DayNeverWas."""
        return self.licensing.as_of(self.installation_id, when)

    def license_keys(self, on_day: DayView) -> list[KeyLine]:
        """Every license key that was registered, as it is on that day, in the order of their registration."""
        return self.licensing.license_keys(on_day)

    def history_backwards(self, *, before: int | None, limit: int, only: Filter, one_by_one: bool) -> HistoryPage:
        """The history as people read it, newest first, before a position (None: all)."""
        return self.licensing.history_backwards(
            self.installation_id, before=before, limit=limit, only=only, one_by_one=one_by_one
        )

    def history_onwards(self, *, after: int, limit: int, only: Filter, one_by_one: bool) -> HistoryPage:
        """The history as people read it, oldest first, after a position."""
        return self.licensing.history_onwards(
            self.installation_id, after=after, limit=limit, only=only, one_by_one=one_by_one
        )

    def history(self, *, after: int, limit: int, only: Filter) -> list[HistoryEntry]:
        """The wanted events at the positions after `after`, oldest first, at most `limit` of them."""
        return self.licensing.history(self.installation_id, after=after, limit=limit, only=only)


def open_installation() -> Opened:
    """Open the installation of SEATLEDGER_DATABASE until the command ends.

    Raises SettingsInvalid if there is no database, or none that can be opened; NoInstallation before `init`.
    """
    settings = Settings.from_environment()
    ask_initialized(settings)
    seatledger = composed(settings)
    return Opened(seatledger, seatledger.installation_id, by_os_user())


def composed(settings: Settings) -> Seatledger:
    """The program, wired until the command ends; a test puts its own clock and password hashing in."""
    context = click.get_current_context()
    wire: Compose = context.obj or compose
    seatledger = wire(settings)
    context.call_on_close(seatledger.close)
    return seatledger


def ask_initialized(settings: Settings) -> None:
    """Look whether the database holds an installation, without writing anything into it, or making it.

    Raises SettingsInvalid, NoInstallation.
    """
    log = settings.log
    try:
        if not log.exists():
            raise SettingsInvalid(Problem("no_database", place=str(log.place)))
        installation_ids = log.installation_ids()
    except DatabaseUnusable as error:
        raise SettingsInvalid(Problem("database_unusable", place=error.place, reason=error.reason)) from None
    if not installation_ids:
        raise NoInstallation


def by_os_user() -> str:
    """How events name who gives a command: by the name of the operating system's user, not what LOGNAME says."""
    try:
        import pwd  # only POSIX has it
    except ImportError:
        return f"cli:{shown(getpass.getuser())}"
    try:
        return f"cli:{shown(pwd.getpwuid(os.getuid()).pw_name)}"
    except KeyError:  # a container's user often has no name
        return f"cli:uid-{os.getuid()}"
