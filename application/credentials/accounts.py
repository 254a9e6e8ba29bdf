"""What an account holds beside the log: its password, its open sessions, its one-time link."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, and_, bindparam, delete, exists, func, or_, select, update

from application.clock import Clock
from application.credentials.hashing import PasswordHashing
from application.credentials.tables import (
    CLOCK_SKEW,
    account_languages,
    calendar_addresses,
    password_links,
    passwords,
    recovery_codes,
    second_factors,
    seconds,
    sessions,
    sign_in_attempts,
)
from application.log.beside import insert
from application.log.failures import database_errors

IDLE_TIMEOUT = 30 * 60
ABSOLUTE_TIMEOUT = 12 * 60 * 60
SEEN_EVERY = 5 * 60
LINK_LIFETIME = 24 * 60 * 60
CONFIRMED_FOR = 5 * 60
"""Seconds for which a password that was asked again counts for what else needs it in the same session."""


KEY_LENGTH = 16
"""Hexadecimal characters of a session's digest that name it; they say nothing of its token."""


HELD = (
    passwords,
    sessions,
    password_links,
    second_factors,
    recovery_codes,
    calendar_addresses,
    account_languages,
)
"""The tables of what an account holds."""


class Holder(NamedTuple):
    """Whose a session or link is, and since which position that account held its right when it got it."""

    account_id: str
    since: int


class OpenSession(NamedTuple):
    """An open session as its account sees it; `key` names it, and opens nothing. Moments are seconds since 1970."""

    key: str
    opened_at: int
    seen_at: int
    address: str | None


class Credentials:
    """Passwords, sessions and one-time links of administrators and auditors.

    Every one of them is bound to `since`: the position of the event that gave the account its right (made it
    administrator, or added the auditor). It is valid only while the caller's view names the same position. So
    deleting or demoting an administrator removes the password and ends the sessions at the event itself, for good
    (U6): nothing needs to be deleted here at that moment, a crash between the event and these tables changes
    nothing, and granting again is another position, at which no old password is valid. What stays behind is cleared
    away by `forget`. `session`, `peek_link` and `redeem_link` give `since` back: **the caller compares it with its
    view, at every request.**

    Each method writes with one statement (or, setting a password, with one transaction that begins with a write),
    so that nothing is read and then written: on SQLite that would not be atomic.
    """

    def __init__(self, engine: Engine, clock: Clock, hashing: PasswordHashing | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._hashing = hashing or PasswordHashing()

    def set_password(self, account_id: str, since: int, password: str, *, except_token: str | None = None) -> None:
        """Gives the account a password, ends its sessions except the one with this token, and voids its link.

        A caller whose view is behind (an earlier `since` than the stored one) replaces nothing.

        Raises:
            PasswordLengthWrong: not 12 to 128 characters; nothing was changed.
        """
        new = insert(self._engine, passwords).values(
            account_id=account_id, since=since, hash=self._hashing.hash(password)
        )
        with self._engine.begin() as connection:
            connection.execute(
                new.on_conflict_do_update(
                    index_elements=[passwords.c.account_id],
                    set_={"since": new.excluded.since, "hash": new.excluded.hash},
                    where=passwords.c.since <= new.excluded.since,
                )
            )
            connection.execute(delete(sessions).where(_sessions_of(account_id, except_token)))
            connection.execute(delete(password_links).where(password_links.c.account_id == account_id))

    def verify_password(self, account_id: str | None, since: int, password: str) -> bool:
        """Whether this is the account's password. An unknown name (None) takes the same work.

        A hash made with earlier parameters is replaced while the password is at hand.
        """
        stored = self._stored_hash(account_id, since)
        if not self._hashing.verify(stored, password) or stored is None:
            return False
        if self._hashing.is_outdated(stored):
            anew = update(passwords).where(passwords.c.account_id == account_id, passwords.c.hash == stored)
            new_hash = self._hashing.hash(password)
            with self._engine.begin() as connection:
                connection.execute(anew.values(hash=new_hash))
        return True

    def has_password(self, account_id: str, since: int) -> bool:
        return self._stored_hash(account_id, since) is not None

    # Sessions

    def open_session(self, account_id: str, since: int, address: str | None = None) -> str:
        """Opens a session and gives its token, 256 random bits of which only the SHA-256 is stored.

        Sessions that are over, anybody's, are cleared away on this occasion; not those from the future, which are void
        too, but show that the clock went back.
        """
        token, now = new_secret(), seconds(self._clock())
        opened = {"account_id": account_id, "since": since, "opened_at": now, "seen_at": now, "address": address}
        with self._engine.begin() as connection:
            connection.execute(insert(self._engine, sessions).values(digest=sha256_of(token), **opened))
            connection.execute(delete(sessions).where(_is_over(now)))
        return token

    def session(self, token: str) -> Holder | None:
        """Whose session this is; None if there is none, or it was idle for 30 minutes, or opened 12 hours ago.

        It only reads, but for one write in five minutes that notes that the session was seen; so it may end up to
        five minutes early, never late. Should that write meet a database that is busy or full, the session goes on
        and the next request tries again.
        """
        digest, now = sha256_of(token), seconds(self._clock())
        with self._engine.connect() as connection:
            row = connection.execute(select(sessions).where(sessions.c.digest == digest, _is_open(now))).first()
        if row is None:
            return None
        if now >= row.seen_at + SEEN_EVERY:
            touch = update(sessions).where(sessions.c.digest == digest, sessions.c.seen_at == row.seen_at)
            with suppress(*database_errors()), self._engine.begin() as connection:
                connection.execute(touch.values(seen_at=now))
        return Holder(row.account_id, row.since)

    def close_session(self, token: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == sha256_of(token)))

    def sessions_of(self, account_id: str, since: int) -> list[OpenSession]:
        """The account's open sessions, the one that was used last first."""
        row = sessions.c
        own = and_(row.account_id == account_id, row.since == since, _is_open(seconds(self._clock())))
        columns = (row.digest, row.opened_at, row.seen_at, row.address)
        with self._engine.connect() as connection:
            rows = connection.execute(select(*columns).where(own).order_by(row.seen_at.desc(), row.digest)).all()
        return [OpenSession(key_of_digest(digest), *others) for digest, *others in rows]

    def end_sessions(self, account_id: str, *, key: str | None = None, except_token: str | None = None) -> None:
        """Ends the account's session of this key; without a key all of them, except the one with this token."""
        doomed = _sessions_of(account_id, except_token)
        if key is not None:
            doomed = and_(doomed, func.substr(sessions.c.digest, 1, KEY_LENGTH) == key)
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(doomed))

    def confirm(self, token: str) -> None:
        """Notes that the session's owner gave the password again."""
        confirmed = update(sessions).where(sessions.c.digest == sha256_of(token))
        with self._engine.begin() as connection:
            connection.execute(confirmed.values(confirmed_at=seconds(self._clock())))

    def is_confirmed(self, token: str) -> bool:
        """Whether the password was given again in this session within the last five minutes."""
        now, row = seconds(self._clock()), sessions.c
        recent = and_(row.confirmed_at > now - CONFIRMED_FOR, row.confirmed_at <= now + CLOCK_SKEW)
        with self._engine.connect() as connection:
            return connection.execute(select(exists().where(row.digest == sha256_of(token), recent))).scalar_one()

    def newest_session(self) -> datetime | None:
        """The newest moment at which a session was opened or seen; None if there is none."""
        return self._newest(func.max(sessions.c.seen_at))

    def newest_attempt(self) -> datetime | None:
        """The moment of the newest attempt to sign in; None if there is none."""
        return self._newest(func.max(sign_in_attempts.c.last_at))

    def forget_days_to_come(self) -> None:
        """Remove sessions and attempts from the future, which a wrong clock stamped. They were void already."""
        now = seconds(self._clock()) + CLOCK_SKEW
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.seen_at > now))
            connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.last_at > now))

    # One-time links

    def make_link(self, account_id: str, since: int) -> str:
        """Gives the token of a link with which the account sets a password within 24 hours, once.

        An account has one link: an earlier one is void.
        """
        token = new_secret()
        new = insert(self._engine, password_links).values(
            account_id=account_id, since=since, digest=sha256_of(token), made_at=seconds(self._clock())
        )
        renewed = {name: new.excluded[name] for name in ("since", "digest", "made_at")}
        with self._engine.begin() as connection:
            connection.execute(
                new.on_conflict_do_update(
                    index_elements=[password_links.c.account_id],
                    set_=renewed,
                    where=password_links.c.since <= new.excluded.since,
                )
            )
        return token

    def peek_link(self, token: str) -> Holder | None:
        """Whose link this is, without using it up; None if it is unknown, used, void or over."""
        links = password_links.c
        with self._engine.connect() as connection:
            row = connection.execute(select(links.account_id, links.since).where(self._link(token))).first()
        return row and Holder(row.account_id, row.since)

    def redeem_link(self, token: str) -> Holder | None:
        """Uses the link up and says whose it was; of many who try at once, one gets it and the others None.

        Check the password with `accepted_password` first: a link that is used up for a refused one is lost.
        """
        links = password_links.c
        redeemed = delete(password_links).where(self._link(token)).returning(links.account_id, links.since)
        with self._engine.begin() as connection:
            row = connection.execute(redeemed).first()
        return row and Holder(row.account_id, row.since)

    def forget(self, account_id: str) -> None:
        """Removes all that the account holds here. It tidies: nothing was valid any more (see the class)."""
        with self._engine.begin() as connection:
            for table in HELD:
                connection.execute(delete(table).where(table.c.account_id == account_id))

    def _newest(self, moment: ColumnElement[int]) -> datetime | None:
        with self._engine.connect() as connection:
            newest: int | None = connection.execute(select(moment)).scalar()
        return None if newest is None else datetime.fromtimestamp(newest, UTC)

    def _stored_hash(self, account_id: str | None, since: int) -> str | None:
        with self._engine.connect() as connection:
            return connection.execute(_STORED_HASH, {"its_account": account_id or "", "its_since": since}).scalar()

    def _link(self, token: str) -> ColumnElement[bool]:
        now = seconds(self._clock())
        return and_(
            password_links.c.digest == sha256_of(token),
            password_links.c.made_at > now - LINK_LIFETIME,
            password_links.c.made_at <= now + CLOCK_SKEW,
        )


_STORED_HASH = select(passwords.c.hash).where(
    passwords.c.account_id == bindparam("its_account"), passwords.c.since == bindparam("its_since")
)
"""Made once: it is asked at every sign-in, and making a statement costs more than running it."""


def _is_open(now: int) -> ColumnElement[bool]:
    """Sessions that are not over. One from the future is: a clock set back lengthens nothing (L3)."""
    return and_(
        sessions.c.opened_at > now - ABSOLUTE_TIMEOUT,
        sessions.c.seen_at > now - IDLE_TIMEOUT,
        sessions.c.seen_at <= now + CLOCK_SKEW,
    )


def _is_over(now: int) -> ColumnElement[bool]:
    return or_(sessions.c.opened_at <= now - ABSOLUTE_TIMEOUT, sessions.c.seen_at <= now - IDLE_TIMEOUT)


def _sessions_of(account_id: str, except_token: str | None) -> ColumnElement[bool]:
    return and_(sessions.c.account_id == account_id, sessions.c.digest != sha256_of(except_token or ""))


def key_of(token: str) -> str:
    """The key of the session with this token, by which its owner tells it from the others."""
    return key_of_digest(sha256_of(token))


def key_of_digest(digest: str) -> str:
    return digest[:KEY_LENGTH]


def new_secret() -> str:
    """256 random bits, as an address may hold them."""
    return secrets.token_urlsafe(32)


def sha256_of(token: str) -> str:
    """What is stored of a secret; of so many random bits a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
