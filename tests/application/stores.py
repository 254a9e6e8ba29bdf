"""The stores that every use case is tested over, and a clock to set by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from application.license_keys import LicenseKeys
from application.licensing import Licensing, Registration
from application.log import open_log
from domain.login import decide
from tests.clock import TIME_ZONE, SetClock
from tests.database import connected
from tests.examples import KEYRING, PRODUCT, a_key

BY = "cli:tester"


class SQLiteStore:
    """A database file; `open` gives the use cases over it, as a process of the program has them."""

    def __init__(self, directory: Path, clock: SetClock) -> None:
        self.path = str(directory / "seatledger.sqlite")
        self.log = open_log(f"sqlite:///{self.path}")
        self.clock = clock
        self._opened: list[Licensing] = []

    def open(self, **options: Any) -> Licensing:
        licensing = Licensing(self.log, lambda: LicenseKeys(KEYRING), self.clock, **options)
        self._opened.append(licensing)
        return licensing

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database itself says, by a connection of its own; what is written is committed."""
        with connected(self.path) as connection:
            return connection.execute(statement, values).fetchall()

    def close(self) -> None:
        while self._opened:
            self._opened.pop().close()


STORES = {"sqlite": SQLiteStore}


class House:
    """One installation with its use cases: `admin` and what a test adds."""

    def __init__(self, store: SQLiteStore, *, time_zone: str = TIME_ZONE) -> None:
        self.store = store
        self.clock = store.clock
        self.licensing = store.open()
        self.id: UUID = self.licensing.open_installation("Acme", PRODUCT, time_zone, "admin", by=BY)

    def do(self, command: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.licensing, command)(self.id, *args, by=BY, **kwargs)

    def register(self, text: str | None = None, **license_fields: Any) -> Registration:
        """Register a key, issued now if not said otherwise."""
        license_fields.setdefault("issued_at", int(self.clock().timestamp()))
        registration: Registration = self.do("register_license_key", text or a_key(**license_fields))
        return registration

    def check(self, name: str, licensing: Licensing | None = None) -> tuple[str, str]:
        """What a login is answered now."""
        asked = licensing or self.licensing
        made = decide(asked.now(self.id), name)
        return made.decision.value, made.code

    def events(self) -> list[str]:
        return [entry.kind for entry in self.licensing.history(self.id, limit=100_000)]
