"""The world of a test: an installation with all its use cases, wired as the program is, on a clock to set by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from argon2.profiles import CHEAPEST
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.accounts import Accounts
from application.auditing import AuditLog
from application.backups import restore
from application.credentials import PasswordHashing
from application.files import new_private
from application.license_keys import Keyring
from application.license_keys.signing_keys import save_signing_key
from application.licensing import Licensing, Registration
from application.proof.notes import load_log_key
from application.undo import Undone
from application.views.entitlement import Entitlement
from application.views.history import HistoryEntry
from domain.login import decide
from interface.composition import Seatledger, compose
from interface.settings import Settings
from tests import database, statements  # noqa: F401  they listen to every engine
from tests.clock import TIME_ZONE, SetClock
from tests.database import Session, asking, attacking_at, settings_in
from tests.examples import ADMINISTRATOR, KEYRING, NAME, PASSWORD, PRODUCT, a_key
from tests.proof_examples import LOG_KEY

BY = "cli:tester"


class World:
    """The program over a database in a directory; at first there is nothing in it, as before `seatledger init`.

    `open` gives it an installation. The database, connections to it and its tables are made when they are needed.
    """

    def __init__(self, directory: Path, clock: SetClock | None = None, *, settings: Settings | None = None) -> None:
        """`settings` say where the database is, if it is none of that directory's own."""
        self.directory = directory
        self.clock = clock or SetClock()
        self.server_clock: datetime | None = None
        """What a server's clock says that is compared with ours; nothing, as ours says what a test wants."""
        self.settings = settings or Settings(keyring=directory / "keyring.json", **settings_in(directory))
        self._others: list[World] = []
        if not (directory / "keyring.json").exists():
            self.trust(KEYRING)

    @property
    def environment(self) -> dict[str, str]:
        """What tells another process, or the command line, of this database and keyring."""
        return {
            "SEATLEDGER_DATABASE": self.settings.database,
            "SEATLEDGER_DATABASE_OWNER": self.settings.database_owner,
            "SEATLEDGER_KEYRING": str(self.settings.keyring),
            "SEATLEDGER_SECRET_KEY_FILE": str(self.settings.secret_key_file or ""),
        }

    @property
    def path(self) -> Path:
        """The file that the database is, on SQLite."""
        path = self.settings.log.path
        assert path is not None, "a server's database is no file: mark the test with sqlite_alone"
        return path

    def wire(self, settings: Settings) -> Seatledger:
        """The program as it is, but for the clock, of a server too, and for hashes that cost next to nothing."""
        return compose(
            settings, clock=self.clock, hashing=PasswordHashing(CHEAPEST), server_clock=lambda: self.server_clock
        )

    @cached_property
    def seatledger(self) -> Seatledger:
        return self.wire(self.settings)

    def make(self) -> Self:
        """A database with all its tables and nothing in them."""
        if self.settings.log.path is not None:  # a server's database was prepared (tests/postgres.py)
            new_private(self.settings.log.path, database.prepared())
        return self

    def open(self, *, name: str = NAME, time_zone: str = TIME_ZONE) -> Self:
        """The installation, with its first administrator and a log key, now."""
        self.sign_with(LOG_KEY)
        self.make()
        self.licensing.open_installation(name, PRODUCT, time_zone, ADMINISTRATOR, by=BY)
        return self

    def close(self) -> None:
        """Close every connection. What is asked afterwards is answered as after a restart."""
        while self._others:
            self._others.pop().close()
        if seatledger := vars(self).pop("seatledger", None):
            seatledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def another_process(self) -> World:
        """The same program over the same database, with connections and caches of its own; closed with this one."""
        other = World(self.directory, self.clock, settings=self.settings)
        self._others.append(other)
        assert other.seatledger, "it is there at once"
        return other

    def copy_to(self, directory: Path) -> World:
        """The world of a backup in another directory: installation, clock and keys are the same; closed by itself."""
        directory.mkdir(exist_ok=True)
        database.copy(self.settings, directory)
        copy = World(directory, self.clock)
        copy.trust(self.keyring)
        copy.sign_with(self.log_key)
        return copy

    def backup(self) -> Callable[[], object]:  # object: what a restore says of itself is let go
        """A backup of the database; gives how it is put back in its place."""
        if self.settings.log.path is None:
            return database.rows_of(self.settings)
        copy = self.directory / "seatledger-now.sqlite"
        database.back_up(self.path, copy)
        return lambda: restore(self.settings.log, copy, self.clock(), replacing=True)

    # Keys and time

    def trust(self, keyring: Keyring) -> None:
        """These are the vendor's keys from now on."""
        (self.directory / "keyring.json").write_text(json.dumps(keyring.to_jwk_set()))

    def sign_with(self, log_key: Ed25519PrivateKey) -> None:
        """Checkpoints are signed with this key from now on."""
        self.settings.log_key_path.unlink(missing_ok=True)
        save_signing_key(log_key, self.settings.log_key_path)

    @property
    def keyring(self) -> Keyring:
        return Keyring.from_file(self.directory / "keyring.json")

    @property
    def log_key(self) -> Ed25519PrivateKey:
        return load_log_key(self.settings.log_key_path)

    @property
    def vkey(self) -> str:
        return self.audit.public_key(self.id)

    def on(self, day: str | date | datetime) -> Self:
        """It goes on at noon of that day, or at that moment."""
        self.clock.set(day)
        return self

    # The use cases

    @property
    def id(self) -> UUID:
        return self.seatledger.installation_id

    @property
    def licensing(self) -> Licensing:
        return self.seatledger.licensing

    @property
    def accounts(self) -> Accounts:
        return self.seatledger.accounts

    @property
    def audit(self) -> AuditLog:
        return self.seatledger.audit

    def do(self, command: str, *args: Any, by: str = BY, **options: Any) -> Any:
        """A command of licensing, by its name."""
        return getattr(self.licensing, command)(self.id, *args, by=by, **options)

    def take_back(self, undone_id: UUID, **options: Any) -> Undone:
        """What `seatledger user undo` does."""
        undone: Undone = self.do("undo", self.licensing.user_command(self.id, undone_id), **options)
        return undone

    def register(self, text: str | None = None, *, by: str = BY, **license_fields: Any) -> Registration:
        """Register a key, issued now if not said otherwise; whatever it makes worse is confirmed."""
        license_fields.setdefault("issued_at", int(self.clock().timestamp()))
        text = text or a_key(**license_fields)
        registration: Registration = self.do("register_license_key", text, confirmed=True, by=by)
        return registration

    def add(self, *names: str, **options: Any) -> None:
        for name in names:
            self.do("add_user", name, **options)

    def give_password(self, name: str, password: str = PASSWORD) -> None:
        self.accounts.set_password(self.id, self.accounts.account(self.id, name), password, how="machine", by=BY)

    def checkpoint(self, **options: Any) -> str:
        return self.audit.take_checkpoint(self.id, **options)

    # What is so now

    @property
    def view(self) -> Entitlement:
        return self.licensing.now(self.id).view

    @property
    def today(self) -> date:
        return self.licensing.now(self.id).day

    @property
    def entries(self) -> list[HistoryEntry]:
        """All events, oldest first."""
        return self.licensing.history(self.id, limit=100_000)

    @property
    def operator(self) -> str:
        """How the log names whoever gives the commands of the tests (BY)."""
        operator = self.view.operator(BY.removeprefix("cli:"))
        assert operator is not None
        return f"operator:{operator.operator_id}"

    def events(self) -> list[str]:
        """The names of all events, oldest first."""
        return [entry.kind for entry in self.entries]

    def size(self) -> int:
        """How many events the log has."""
        return self.audit.size(self.id)

    def check(self, name: str = ADMINISTRATOR) -> tuple[str, str]:
        """What a login is answered now."""
        login = decide(self.licensing.now(self.id), name)
        return login.decision.value, login.code

    # The database itself

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says, by a connection of its own; what is written is committed."""
        with asking(self.settings) as session:
            cursor = session.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    def attacker(self) -> AbstractContextManager[Session]:
        """Somebody with access to the database, whom it refuses nothing."""
        return attacking_at(self.settings)
