"""The only place that wires Seatledger together: database, keyring, clock, use cases."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import Engine

from application.accounts import Accounts
from application.auditing import AuditLog
from application.clock import Clock
from application.credentials import Credentials, PasswordHashing, SignInThrottle, open_engine
from application.license_keys import Keyring, LicenseKeys
from application.licensing import Licensing
from application.proof.notes import load_log_key
from application.views.newest import NoInstallation
from application.views.user_list import Directory
from interface.settings import Settings, SettingsInvalid


def system_clock() -> datetime:
    """The machine's clock: read here and nowhere else."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Seatledger:
    """The program, wired: its use cases, and the installation that its database serves."""

    settings: Settings
    licensing: Licensing
    accounts: Accounts
    credentials: Credentials
    directory: Directory
    audit: AuditLog
    clock: Clock
    engine: Engine

    @cached_property
    def installation_id(self) -> UUID:
        """The installation of this database, looked up until there is one. Raises NoInstallation before `init`."""
        found = self.licensing.installation_ids()
        if not found:
            raise NoInstallation
        return found[0]

    def close(self) -> None:
        """Close every connection to the database; a process that forks closes them before."""
        self.licensing.close()
        self.engine.dispose()


def compose(settings: Settings, *, clock: Clock = system_clock, hashing: PasswordHashing | None = None) -> Seatledger:
    """Wire the program. Raises SettingsInvalid if the database cannot be opened."""
    path = settings.database_file
    try:
        engine = open_engine(f"sqlite:///{path}")
        credentials = Credentials(engine, clock, hashing)
        throttle = SignInThrottle(engine, clock)
        licensing = Licensing(str(path), lambda: license_keys(settings), clock, forget=credentials.forget)
        credentials.create_tables()
    except Exception as error:
        raise SettingsInvalid(f"The database {path} cannot be opened: {reason(error)}.") from error
    return Seatledger(
        settings=settings,
        licensing=licensing,
        accounts=Accounts(licensing, credentials, throttle),
        credentials=credentials,
        directory=Directory(),
        audit=AuditLog(str(path), lambda: load_log_key(settings.log_key_path), clock),
        clock=clock,
        engine=engine,
    )


def license_keys(settings: Settings) -> LicenseKeys:
    """The reader of license keys; the keyring is read when a key is, so that a new one counts at once.

    Raises KeyringInvalid if it cannot be read, SettingsInvalid if none is named.
    """
    if settings.keyring is None:
        raise SettingsInvalid(
            "SEATLEDGER_KEYRING is not set: name the vendor's keyring.json there, so that license keys can be checked."
        )
    return LicenseKeys(Keyring.from_file(settings.keyring))


def reason(error: BaseException) -> str:
    """The database's own words for what went wrong."""
    while error.__cause__ is not None and not isinstance(error, sqlite3.Error):
        error = error.__cause__
    return str(error).splitlines()[0] if str(error) else type(error).__name__
