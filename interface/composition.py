"""The only place that wires Seatledger together: database, keyring, clock, use cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self
from uuid import UUID

from application.clock import Clock
from application.erased_names import Pepper
from application.erasing import ErasedList
from application.license_keys import Keyring, LicenseKeys
from application.licensing import Licensing
from application.log.failures import DatabaseUnusable, NoInstallation, reason
from application.log.schema import SchemaUnfit, ask_known
from application.login_counts import LoginCounts
from application.views.user_list import UserList
from application.words import languages
from application.words.language import Language
from domain.refusals import Problem
from interface.settings import Settings, SettingsInvalid

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from application.accounts import Accounts
    from application.auditing import AuditLog
    from application.credentials import Credentials, PasswordHashing, SignIns, TokenUses
    from application.files_beside import FilesBeside
    from application.last_days import LastDays
    from application.log import Log
    from application.mail.delivery import Mail
    from application.repeats import Repeats
    from application.security_log import SecurityLog
    from application.self_checks import OwnFiles, SelfChecks
    from application.webhooks import Deliveries, Guard, Webhook, Webhooks


def system_clock() -> datetime:
    """The machine's clock: read here and nowhere else."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Seatledger:
    """The program, wired: its use cases, and the installation that its database serves.

    What not every command needs is wired and imported when it is asked for: SQLAlchemy alone, which the tables beside
    the log are reached by, takes longer to import than most commands take to answer.
    """

    settings: Settings
    clock: Clock
    hashing: PasswordHashing | None
    server_clock: Callable[[], datetime | None] | None = None
    """In the place of the clock of the database's server."""

    @cached_property
    def log(self) -> Log:
        return self.settings.log

    @cached_property
    def installation_id(self) -> UUID:
        """The installation of this database, looked up until there is one. Raises NoInstallation before `init`."""
        ids = self.licensing.installation_ids()
        if not ids:
            raise NoInstallation
        return ids[0]

    @cached_property
    def licensing(self) -> Licensing:
        """Raises SettingsInvalid if the database cannot be opened."""

        def forget(account_id: str) -> None:
            self.credentials.forget(account_id)

        with self._opening():
            ask_known(self.log.schema_version(), str(self.log.place))
            erased = ErasedList(self.settings.erased_people_path)
            return Licensing(
                self.log,
                lambda: license_keys(self.settings),
                self.clock,
                self.pepper,
                erased,
                forget=forget,
                max_age=self.settings.max_age_ms / 1000,
                stale_seconds=self.settings.stale_seconds,
                secret_key=self._secret_key(),
            )

    def _secret_key(self) -> bytes | None:
        """The secret that opens snapshots, for which no command is refused that needs none."""
        try:
            return self.settings.secret_key()
        except SettingsInvalid:
            return None

    @cached_property
    def pepper(self) -> Pepper:
        return Pepper(self.settings.pepper_path)

    @cached_property
    def user_list(self) -> UserList:
        return UserList(self.licensing.name_changes)

    @cached_property
    def engine(self) -> Engine:
        """For the tables beside the log. Raises SettingsInvalid if they cannot be opened."""
        with self._opening():
            return self.log.tables()

    @cached_property
    def credentials(self) -> Credentials:
        from application.credentials import Credentials

        return Credentials(self.engine, self.clock, self.hashing)

    @cached_property
    def accounts(self) -> Accounts:
        from application.accounts import Accounts
        from application.credentials import AccountLanguages, CalendarAddresses, SecondFactors, SignInThrottle

        throttle = SignInThrottle(self.engine, self.clock, self.pepper.mac)
        factors = SecondFactors(self.engine, self.clock)
        calendars = CalendarAddresses(self.engine, self.clock)
        of_accounts = AccountLanguages(self.engine)
        return Accounts(
            self.licensing, self.credentials, throttle, self._sign_ins, factors, calendars, of_accounts, self.clock
        )

    @cached_property
    def security_log(self) -> SecurityLog:
        from application.security_log import SecurityLog

        return SecurityLog(self.licensing, self._sign_ins, self.settings.sign_ins_days)

    @cached_property
    def login_counts(self) -> LoginCounts:
        return LoginCounts()

    @cached_property
    def token_uses(self) -> TokenUses:
        from application.credentials import TokenUses

        return TokenUses(self.engine)

    @cached_property
    def last_days(self) -> LastDays:
        from application.last_days import LastDays

        return LastDays(self.licensing, self.engine)

    @cached_property
    def repeats(self) -> Repeats:
        from application.repeats import Repeats

        return Repeats(self.engine, self.clock, self.pepper.mac)

    @cached_property
    def _guard(self) -> Guard:
        from application.webhooks import Guard

        return Guard(self.settings.hosts, self.settings.webhook_networks, self.settings.webhook_plain_hosts)

    @cached_property
    def webhooks(self) -> Webhooks:
        from application.webhooks import Webhooks

        return Webhooks(self.engine, self.clock, self.pepper.mac, self._guard)

    @cached_property
    def deliveries(self) -> Deliveries:
        from application.webhooks import Deliveries

        return Deliveries(self.licensing, self.webhooks, self._guard, self.clock, language=self._language)

    @cached_property
    def mail(self) -> Mail:
        from application.mail.delivery import Mail

        return Mail(self.licensing, self.webhooks, self.settings.mail, self.clock, language=self._language)

    @property
    def _language(self) -> Language:
        """The installation's: that of what nobody asked for, such as mail."""
        return languages.language_of(self.settings.language)

    @cached_property
    def audit(self) -> AuditLog:
        from application.auditing import AuditLog
        from application.proof.notes import load_log_key
        from application.signer_memory import SignerMemory

        log_key = self.settings.log_key_path
        return AuditLog(self.log, lambda: load_log_key(log_key), SignerMemory.beside(log_key), self.clock)

    @cached_property
    def self_checks(self) -> SelfChecks:
        from application.self_checks import SelfChecks

        settings = self.settings
        keys, files = lambda: license_keys(settings), lambda: own_files(settings)
        server_clock = self.server_clock or self.log.clock
        return SelfChecks(
            self.log,
            self.licensing,
            self.audit,
            self.credentials,
            keys,
            self.clock,
            files,
            server_clock,
            self._receivers,
        )

    def _receivers(self) -> list[Webhook]:
        """Who is to be told what happens: webhooks, and the mail if there is any."""
        state = self.mail.state()
        mail = [state.receiver] if state and state.receiver else []
        return [*self.webhooks.all(), *mail]

    @cached_property
    def _sign_ins(self) -> SignIns:
        from application.credentials import SignIns

        return SignIns(self.engine, self.clock, self.settings.sign_ins_days)

    @contextmanager
    def _opening(self) -> Iterator[None]:
        try:
            yield
        except SchemaUnfit as unfit:
            raise SettingsInvalid(unfit.problem) from None
        except Exception as error:
            log = self.log
            why = log.barrier() or (error.reason if isinstance(error, DatabaseUnusable) else reason(error))
            raise SettingsInvalid(Problem("database_unusable", place=str(log.place), reason=why)) from error

    def wire_everything(self) -> Self:
        """For a server: errors show at its start, and no request waits for an import. Raises SettingsInvalid."""
        for name, part in vars(Seatledger).items():
            if isinstance(part, cached_property) and name != "installation_id":
                getattr(self, name)
        return self

    def close(self) -> None:
        """Close every connection to the database; a process that forks closes them before."""
        self.licensing.close()
        if "engine" in vars(self):
            self.engine.dispose()


def compose(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    hashing: PasswordHashing | None = None,
    server_clock: Callable[[], datetime | None] | None = None,
) -> Seatledger:
    """Wire the program. Raises SettingsInvalid if the database cannot be opened."""
    seatledger = Seatledger(settings, clock, hashing, server_clock)
    seatledger.licensing  # noqa: B018  it opens the log
    return seatledger


def license_keys(settings: Settings) -> LicenseKeys:
    """The reader of license keys; the keyring is read when a key is, so that a new one counts at once.

    Raises KeyringInvalid if it cannot be read, SettingsInvalid if none is named.
    """
    if settings.keyring is None:
        raise SettingsInvalid(Problem("keyring_not_named"))
    return LicenseKeys(Keyring.from_file(settings.keyring))


def ask_unwritable(settings: Settings) -> None:
    """Look whether others than the owner can write what decisions rest on, as ssh does. Raises SettingsInvalid."""
    from application.self_checks import Severity
    from application.self_checks.modes import of_modes

    for finding in of_modes(own_files(settings)):
        if finding.severity is Severity.ALARM:
            raise SettingsInvalid(Problem("others_write", **finding.facts))


def files_beside(settings: Settings) -> FilesBeside:
    """The files that a backup takes along."""
    from application.files_beside import SECRETS, FilesBeside
    from application.signer_memory import SignerMemory

    paths = (settings.secret_key_file, settings.log_key_path, settings.pepper_path)
    secrets = {name: path for name, path in zip(SECRETS, paths, strict=True) if path is not None}
    return FilesBeside(SignerMemory.beside(settings.log_key_path), ErasedList(settings.erased_people_path), secrets)


def own_files(settings: Settings) -> OwnFiles:
    """The files that decisions rest on; of the secret ones, nobody but the owner reads a byte."""
    from application.self_checks import OwnFiles
    from application.signer_memory import SignerMemory

    secret = (settings.secret_key_file, settings.log_key_path, *settings.log.files())
    public = (settings.keyring, SignerMemory.beside(settings.log_key_path).path)
    return OwnFiles(*(tuple(path for path in paths if path is not None) for paths in (secret, public)))
