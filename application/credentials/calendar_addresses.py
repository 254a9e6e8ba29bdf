"""The secret addresses of calendars: whoever knows one reads when licenses begin and end, without signing in."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Engine, and_, delete, exists, select

from application.clock import Clock
from application.credentials.accounts import Holder, new_secret, sha256_of
from application.credentials.tables import calendar_addresses, seconds
from application.log.beside import insert


class CalendarAddresses:
    """The secret in the address of each account's calendar, bound to `since` like passwords (see Credentials).

    An account has one: a new one takes the place of the old, which is good for nothing from then on. Only the SHA-256
    of the 256 random bits is stored, so nobody can be told an address a second time.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def make(self, account_id: str, since: int) -> str:
        """A new secret, which ends the one before it."""
        secret = new_secret()
        new = insert(self._engine, calendar_addresses).values(
            account_id=account_id, since=since, digest=sha256_of(secret), made_at=seconds(self._clock())
        )
        renewed = {name: new.excluded[name] for name in ("since", "digest", "made_at")}
        row = calendar_addresses.c
        with self._engine.begin() as connection:
            connection.execute(
                new.on_conflict_do_update(
                    index_elements=[row.account_id], set_=renewed, where=row.since <= new.excluded.since
                )
            )
        return secret

    def is_on(self, account_id: str, since: int) -> bool:
        with self._engine.connect() as connection:
            return connection.execute(select(exists().where(_of(account_id, since)))).scalar_one()

    def holder(self, secret: str) -> Holder | None:
        """Whose address this is; None if it is unknown, or has been replaced or turned off."""
        row = calendar_addresses.c
        with self._engine.connect() as connection:
            query = select(row.account_id, row.since).where(row.digest == sha256_of(secret))
            address = connection.execute(query).first()
        return address and Holder(address.account_id, address.since)

    def turn_off(self, account_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(calendar_addresses).where(calendar_addresses.c.account_id == account_id))


def _of(account_id: str, since: int) -> ColumnElement[bool]:
    return and_(calendar_addresses.c.account_id == account_id, calendar_addresses.c.since == since)
