"""The database that a command works on: opened when it is needed, and never made by accident."""

from __future__ import annotations

import getpass
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from typing import NamedTuple
from uuid import UUID

import click

from application.licensing import Licensing
from application.log.sqlite.reader import LogReader
from application.views.entitlement import Entitlement
from application.views.newest import NoInstallation
from domain.login_name import shown
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

    def view(self) -> Entitlement:
        """What is true now."""
        return self.licensing.entitlement(self.installation_id)

    def day(self, view: Entitlement, on: date | None = None) -> date:
        """The installation's day, or `on`. Wrong usage if that is past: what was answered then is another question."""
        today = self.licensing.today(view)
        if on is not None and on < today:
            raise click.BadParameter(
                f"{on} is past; --on asks about a day from today ({today}) on. "
                "--as-of asks what was answered at an earlier moment.",
                param_hint="'--on'",
            )
        return on or today


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
    path = settings.database_file
    if not path.exists():
        raise SettingsInvalid(
            f"There is no database {path}. Run “seatledger init” to make it, or correct SEATLEDGER_DATABASE."
        )
    try:
        with closing(LogReader(str(path))) as reader:
            found = reader.installation_ids()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise NoInstallation from None
        raise SettingsInvalid(f"The database {path} cannot be opened: {error}.") from None
    except sqlite3.Error as error:
        raise SettingsInvalid(f"The database {path} cannot be opened: {error}.") from None
    if not found:
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
