"""Sign-in slowed down for whoever guesses, and never closed to whoever belongs here (ADR 0013)."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Engine,
    and_,
    bindparam,
    case,
    delete,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from application.clock import Clock
from application.credentials.tables import CLOCK_SKEW, seconds, sign_in_attempts
from application.log.beside import insert
from domain.refusals import Refused

QUIET_TIME = 24 * 60 * 60
"""Seconds without an attempt after which a name's or an address's failures are forgotten."""

WELCOME_LIFETIME = 60 * 60
"""Seconds for which a password set on the machine opens sign-ins whatever was guessed before."""

WELCOMES = 5
"""How many sign-ins it opens."""

DEVICE_LIFETIME = 180 * 24 * 60 * 60
"""Seconds without a sign-in after which a device is a stranger again."""


AT_ONCE = -(2**53)
"""When nobody needs to wait: a moment that is past on every clock, so that one that steps back makes nobody wait."""


class TooManyAttempts(Refused):
    """A sign-in was refused unseen: too many failed before it. `retry_after` is in seconds, at least 1."""

    code = "too_many_attempts"

    @property
    def retry_after(self) -> int:
        return int(str(self.facts["retry_after"]))


@dataclass(frozen=True)
class Patience:
    """How many failures cost no wait, and the longest wait (seconds) to which it doubles from then on."""

    free: int
    longest: int

    def wait(self, failures: ColumnElement[int]) -> ColumnElement[int]:
        """Seconds to wait after so many failures, in SQL, where a power of two is a shift."""
        return case(
            (failures < self.free, 0),
            (failures >= self.free + self.longest.bit_length(), self.longest),
            else_=literal(1).bitwise_lshift(failures - self.free),
        )


PATIENCE = {
    "name": Patience(free=5, longest=15 * 60),
    "source": Patience(free=20, longest=60),
    "device": Patience(free=5, longest=15 * 60),
    "session": Patience(free=5, longest=15 * 60),
    "code": Patience(free=5, longest=15 * 60),
    "calendar": Patience(free=20, longest=60),
}


@dataclass(frozen=True)
class Bucket:
    """Where failures are counted together.

    A login name, an address, a device that signed in as that name, an open session that gives its own password
    again, an account whose password was right and whose second factor is asked, or an address from which calendars are
    asked for. A `welcome` counts something else: how many sign-ins a password set on the machine still opens.
    """

    kind: str
    key: str


class _Count(NamedTuple):
    """What stands in a bucket; moments in seconds since 1970."""

    failures: int
    last_at: int
    free_at: int

    def wait(self, now: int) -> int:
        """Seconds to wait; 0 if it is time, or the row is from the future: a clock set back must lock nobody out."""
        return max(0, self.free_at - now) if self.last_at <= now + CLOCK_SKEW else 0


class SignInThrottle:
    """Counts sign-ins by name and by source address, for all processes of one database.

    An attempt is counted before its password is looked at, and taken back when it succeeds: so guesses made at the
    same moment, or cut short, count too, and nobody needs to report a failure. What is refused here is not counted,
    so a wait never grows by asking again, and only read: whoever hammers at sign-in keeps no writer waiting.

    Whoever has signed in as a name holds a *device token* (a long-lived cookie). With it, attempts are counted for
    that device alone: strangers who keep guessing a name, from anywhere, delay one another and not its owner.

    Whoever is signed in and gives the own password again is counted for that session alone, and whoever had the
    password set on the machine is welcome: strangers delay neither.
    """

    def __init__(self, engine: Engine, clock: Clock, keyed: Callable[[bytes], bytes]) -> None:
        """`keyed` is a MAC under a key outside the database: without it nobody can try names at what is stored (P5)."""
        self._engine = engine
        self._clock = clock
        self._keyed = keyed
        self._count_one = _count_one(engine)

    def before_attempt(self, name_key: str, source: str, device: str | None = None) -> None:
        """Counts the attempt to sign in as this name (known or not), from this address, with this device token.

        Raises:
            TooManyAttempts: it is not yet time; do not look at the password.
        """
        name_key = self._hidden(name_key)
        name, welcome, address = _name(name_key), _welcome(name_key), _source(source)
        own = [_device(name_key, device)] if device else []
        now, known = seconds(self._clock()), self._known([name, welcome, address, *own])
        if own and own[0].key in known:
            self._attempt(own, known, now)
        elif not _is_good(known.get(welcome.key), now):
            self._attempt([name, address], known, now)

    def before_attempt_in(self, session: str) -> None:
        """Counts that somebody signed in gives the own password again, for this session alone.

        Raises:
            TooManyAttempts: it is not yet time; do not look at the password.
        """
        self._attempt_in(_session(session))

    def succeeded_in(self, session: str) -> None:
        """Ends the session's failures after the right password."""
        self._forget(_session(session))

    def before_code(self, account_id: str) -> None:
        """Counts that somebody who knew the account's password brings a code of its second factor.

        Raises:
            TooManyAttempts: it is not yet time; do not look at the code.
        """
        self._attempt_in(_code(account_id))

    def succeeded_with_code(self, account_id: str) -> None:
        """Ends the account's failures after the right code."""
        self._forget(_code(account_id))

    def before_calendar(self, source: str) -> None:
        """Looks whether this address has asked for too many calendars that are not there; counts nothing.

        Raises:
            TooManyAttempts: it is not yet time; do not look for the calendar.
        """
        bucket = _calendar(source)
        if wait := max((count.wait(seconds(self._clock())) for count in self._known([bucket]).values()), default=0):
            raise TooManyAttempts(retry_after=wait)

    def no_calendar(self, source: str) -> None:
        """Counts that this address asked for a calendar that is not there.

        Apart from sign-ins: an address that was replaced is asked for, all day, by programs of people who belong here.
        """
        self._count([_calendar(source)], seconds(self._clock()))

    def _forget(self, bucket: Bucket) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(sign_in_attempts).where(_in([bucket])))

    def _attempt_in(self, bucket: Bucket) -> None:
        self._attempt([bucket], self._known([bucket]), seconds(self._clock()))

    def _attempt(self, buckets: list[Bucket], known: dict[str, _Count], now: int) -> None:
        wait = max((known[each.key].wait(now) for each in buckets if each.key in known), default=0)
        if wait or not self._count(buckets, now):
            raise TooManyAttempts(retry_after=wait or 1)

    def succeeded(self, name_key: str, source: str, device: str | None = None) -> str:
        """Takes the attempt back after the right password (or a one-time link); gives the device's token to keep.

        The name's failures are over, the address's are not: its other attempts were other names.
        """
        name_key = self._hidden(name_key)
        buckets = self._buckets(name_key, source, device)
        token = device if device and buckets[0].kind == "device" else secrets.token_urlsafe(32)
        now = seconds(self._clock())
        state = insert(self._engine, sign_in_attempts).values(
            bucket=_device(name_key, token).key, kind="device", failures=0, last_at=now, free_at=AT_ONCE
        )
        row = sign_in_attempts.c
        renewed = {name: state.excluded[name] for name in ("failures", "last_at", "free_at")}
        one_less = case((and_(row.kind == "source", row.failures > 0), row.failures - 1), else_=0)
        with self._engine.begin() as connection:
            connection.execute(state.on_conflict_do_update(index_elements=[row.bucket], set_=renewed))
            connection.execute(update(sign_in_attempts).where(_in(buckets)).values(failures=one_less, free_at=AT_ONCE))
            used = update(sign_in_attempts).where(_in([_welcome(name_key)]))
            connection.execute(used.values(failures=row.failures + 1))
            connection.execute(delete(sign_in_attempts).where(_is_past(now)))
        return token

    def welcome(self, name_key: str) -> None:
        """Ends the name's wait, and opens its next five sign-ins whatever the address, within an hour.

        For whoever sets its password on the machine itself. Wrong passwords use none of them up, or a stranger who
        keeps guessing would: that a fresh password is guessed in an hour is as good as impossible.
        """
        name_key, now = self._hidden(name_key), seconds(self._clock())
        first = {"kind": "welcome", "failures": 0, "last_at": now, "free_at": AT_ONCE}
        anew = insert(self._engine, sign_in_attempts).values(bucket=_welcome(name_key).key, **first)
        with self._engine.begin() as connection:
            connection.execute(delete(sign_in_attempts).where(_in([_name(name_key)])))
            connection.execute(anew.on_conflict_do_update(index_elements=[sign_in_attempts.c.bucket], set_=first))

    def _hidden(self, name_key: str) -> str:
        return self._keyed(name_key.encode(errors="surrogatepass")).hex()

    def _buckets(self, name_key: str, source: str, device: str | None) -> list[Bucket]:
        if device:
            own = _device(name_key, device)
            if own.key in self._known([own]):
                return [own]
        return [_name(name_key), _source(source)]

    def _known(self, buckets: list[Bucket]) -> dict[str, _Count]:
        """What is counted in these buckets, by their keys; all of them in one look."""
        keys = {"keys": [bucket.key for bucket in buckets]}
        with self._engine.connect() as connection:
            return {key: _Count(*numbers) for key, *numbers in connection.execute(_COUNTS, keys)}

    def _count(self, buckets: list[Bucket], now: int) -> bool:
        """One more failure in each bucket, in one step; False if another attempt came first and one must wait.

        The bucket that need not wait is then counted all the same: among attempts at the same moment, that is fair.
        """
        with self._engine.begin() as connection:
            keys = [
                connection.execute(self._count_one, {"its_key": each.key, "its_kind": each.kind, "now": now}).first()
                for each in buckets
            ]
        return None not in keys


def _count_one(engine: Engine) -> ReturningInsert[tuple[str]]:
    """One more failure in the bucket `its_key` of `its_kind`, at the second `now`, unless it must wait.

    Made once: to make it and to compile it anew cost half of a refused sign-in.
    """
    row, now = sign_in_attempts.c, bindparam("now", type_=BigInteger)
    first = insert(engine, sign_in_attempts).values(
        bucket=bindparam("its_key"), kind=bindparam("its_kind"), failures=1, last_at=now, free_at=AT_ONCE
    )
    failures = case((_is_past(now), 1), else_=row.failures + 1)
    wait = case({kind: patience.wait(failures) for kind, patience in PATIENCE.items()}, value=row.kind)
    return first.on_conflict_do_update(
        index_elements=[row.bucket],
        set_={"failures": failures, "last_at": now, "free_at": case((wait == 0, AT_ONCE), else_=now + wait)},
        where=~_must_wait(now),
    ).returning(row.bucket)


_COUNTS = select(
    sign_in_attempts.c.bucket, sign_in_attempts.c.failures, sign_in_attempts.c.last_at, sign_in_attempts.c.free_at
).where(sign_in_attempts.c.bucket.in_(bindparam("keys", expanding=True)))
"""What is counted in the buckets `keys`. Made once, as above."""


def _is_good(welcome: _Count | None, now: int) -> bool:
    """Whether a welcome still opens a sign-in."""
    return (
        welcome is not None
        and welcome.failures < WELCOMES
        and now - WELCOME_LIFETIME < welcome.last_at <= now + CLOCK_SKEW
    )


def _must_wait(now: ColumnElement[int]) -> ColumnElement[bool]:
    """Not yet time, unless the row is from the future: a clock set back must lock nobody out."""
    return and_(sign_in_attempts.c.free_at > now, sign_in_attempts.c.last_at <= now + CLOCK_SKEW)


def _is_past(now: int | ColumnElement[int]) -> ColumnElement[bool]:
    row = sign_in_attempts.c
    lifetime = case((row.kind == "device", DEVICE_LIFETIME), else_=QUIET_TIME)
    return or_(row.last_at + lifetime < now, row.last_at > now + CLOCK_SKEW)


def _in(buckets: list[Bucket]) -> ColumnElement[bool]:
    return sign_in_attempts.c.bucket.in_([bucket.key for bucket in buckets])


def _name(name_key: str) -> Bucket:
    return Bucket("name", _digest("name", name_key))


def _source(source: str) -> Bucket:
    return Bucket("source", _digest("source", _network(source)))


def _calendar(source: str) -> Bucket:
    return Bucket("calendar", _digest("calendar", _network(source)))


def _welcome(name_key: str) -> Bucket:
    return Bucket("welcome", _digest("welcome", name_key))


def _session(token: str) -> Bucket:
    return Bucket("session", _digest("session", token))


def _code(account_id: str) -> Bucket:
    return Bucket("code", _digest("code", account_id))


def _device(name_key: str, token: str) -> Bucket:
    return Bucket("device", _digest("device", token, name_key))


def _network(source: str) -> str:
    """The address, or the /64 of an IPv6 address, of which every host has as many as it likes."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(address), 64), strict=False))
    return str(address)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
