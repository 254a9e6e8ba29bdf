"""The only place that wires Seatledger together: database, keyring, clock, use cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import Engine

from application.accounts import Accounts
from application.auditing import AuditLog
from application.clock import Clock
from application.credentials import (
    Credentials,
    PasswordHashing,
    SecondFactors,
    SignIns,
    SignInThrottle,
    TokenUses,
)
from application.license_keys import Keyring, LicenseKeys
from application.licensing import Licensing
from application.log import Log
from application.log.failures import NoInstallation, reason
from application.proof.notes import load_log_key
from application.security_log import SecurityLog
from application.self_checks import OwnFiles, SelfChecks, Severity
from application.self_checks.modes import of_modes
from application.views.user_list import UserList
from domain.refusals import Problem
from interface.settings import Settings, SettingsInvalid


def system_clock() -> datetime:
    """The machine's clock: read here and nowhere else."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Seatledger:
    """The program, wired: its use cases, and the installation that its database serves."""

    settings: Settings
    log: Log
    licensing: Licensing
    accounts: Accounts
    credentials: Credentials
    security_log: SecurityLog
    token_uses: TokenUses
    user_list: UserList
    audit: AuditLog
    clock: Clock
    engine: Engine
    self_checks: SelfChecks

    @cached_property
    def installation_id(self) -> UUID:
        """The installation of this database, looked up until there is one. Raises NoInstallation before `init`."""
        ids = self.licensing.installation_ids()
        if not ids:
            raise NoInstallation
        return ids[0]

    def close(self) -> None:
        """Close every connection to the database; a process that forks closes them before."""
        self.licensing.close()
        self.engine.dispose()


def compose(settings: Settings, *, clock: Clock = system_clock, hashing: PasswordHashing | None = None) -> Seatledger:
    """Wire the program. Raises SettingsInvalid if the database cannot be opened."""
    log = settings.log
    try:
        engine = log.tables()
        credentials = Credentials(engine, clock, hashing)
        throttle = SignInThrottle(engine, clock)
        sign_ins = SignIns(engine, clock, settings.sign_ins_days)
        licensing = Licensing(log, lambda: license_keys(settings), clock, forget=credentials.forget)
        credentials.create_tables()
    except Exception as error:
        raise SettingsInvalid(
            Problem("database_unusable", place=str(log.place), reason=log.barrier() or reason(error))
        ) from error
    audit = AuditLog(log, lambda: load_log_key(settings.log_key_path), clock)
    return Seatledger(
        settings=settings,
        log=log,
        licensing=licensing,
        accounts=Accounts(licensing, credentials, throttle, sign_ins, SecondFactors(engine, clock), clock),
        credentials=credentials,
        security_log=SecurityLog(licensing, sign_ins, settings.sign_ins_days),
        token_uses=TokenUses(engine),
        user_list=UserList(),
        audit=audit,
        clock=clock,
        engine=engine,
        self_checks=SelfChecks(
            log, licensing, audit, credentials, lambda: license_keys(settings), clock, lambda: own_files(settings)
        ),
    )


def license_keys(settings: Settings) -> LicenseKeys:
    """The reader of license keys; the keyring is read when a key is, so that a new one counts at once.

    Raises KeyringInvalid if it cannot be read, SettingsInvalid if none is named.
    """
    if settings.keyring is None:
        raise SettingsInvalid(Problem("keyring_not_named"))
    return LicenseKeys(Keyring.from_file(settings.keyring))


def ask_unwritable(settings: Settings) -> None:
    """Look whether others than the owner can write what decisions rest on, as ssh does. Raises SettingsInvalid."""
    for finding in of_modes(own_files(settings)):
        if finding.severity is Severity.ALARM:
            raise SettingsInvalid(Problem("others_write", **finding.facts))


def own_files(settings: Settings) -> OwnFiles:
    """The files that decisions rest on; of the secret ones, nobody but the owner reads a byte."""
    secret = (settings.secret_key_file, settings.log_key_path, *settings.log.files())
    public = (settings.keyring,) if settings.keyring else ()
    return OwnFiles(tuple(path for path in secret if path is not None), public)
