"""The second factor: one-time codes of an authenticator app (TOTP, RFC 6238), and recovery codes for a lost one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from typing import NamedTuple

import pyotp
from sqlalchemy import ColumnElement, Engine, and_, delete, exists, select, update

from application.clock import Clock
from application.credentials.tables import recovery_codes, second_factors, seconds
from application.log.beside import insert

STEP = 30
"""Seconds that a code is good for."""

EITHER_SIDE = 1
"""Steps before and after now whose codes are taken too: clocks of telephones differ (RFC 6238, section 5.2)."""

RECOVERY_CODES = 10
RECOVERY_BYTES = 15
"""120 random bits: more than 112, so that a fast hash is enough (ASVS 5.0, 6.5.2)."""


class Enrollment(NamedTuple):
    """A second factor that was begun and not yet confirmed: the secret in base32, and what a QR code says."""

    secret: str
    address: str


class SecondFactors:
    """Secrets and recovery codes of accounts, bound to `since` like passwords (see Credentials)."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def begin(self, account_id: str, since: int, *, name: str, issuer: str) -> Enrollment:
        """A new secret, good for nothing until `confirm`. A factor that is on stays as it is until then."""
        row = second_factors.c
        secret = pyotp.random_base32()
        new = insert(self._engine, second_factors).values(
            account_id=account_id, since=since, waiting=secret, secret=None, last_step=0
        )
        stays = new.on_conflict_do_update(
            index_elements=[row.account_id], set_={"waiting": secret}, where=row.since == since
        )
        with self._engine.begin() as connection:
            connection.execute(delete(second_factors).where(row.account_id == account_id, row.since != since))
            connection.execute(stays)
        return Enrollment(secret, _address(secret, name, issuer))

    def waiting(self, account_id: str, since: int, *, name: str, issuer: str) -> Enrollment | None:
        """The secret that waits to be confirmed, if there is one."""
        secret = self._waiting(account_id, since)
        return Enrollment(secret, _address(secret, name, issuer)) if secret else None

    def confirm(self, account_id: str, since: int, code: str) -> list[str] | None:
        """Turn the waiting factor on, if the code is right; gives new recovery codes, to be shown once."""
        secret = self._waiting(account_id, since)
        step = self._step(secret, code) if secret else None
        if step is None:
            return None
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        rows = [{"digest": _digest(code), "account_id": account_id, "since": since} for code in codes]
        turned_on = update(second_factors).where(_of(account_id, since), second_factors.c.waiting == secret)
        with self._engine.begin() as connection:
            result = connection.execute(turned_on.values(secret=secret, waiting=None, last_step=step))
            if not result.rowcount:  # begun anew by another request meanwhile
                return None
            connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
            connection.execute(insert(self._engine, recovery_codes).values(rows))
        return codes

    def is_on(self, account_id: str, since: int) -> bool:
        on = exists().where(_of(account_id, since), second_factors.c.secret.is_not(None))
        with self._engine.connect() as connection:
            return connection.execute(select(on)).scalar_one()

    def accepts(self, account_id: str, since: int, code: str) -> bool:
        """Whether the code is right. Each is taken once: of many who bring the same one, one comes in."""
        row = second_factors.c
        with self._engine.connect() as connection:
            secret = connection.execute(select(row.secret).where(_of(account_id, since))).scalar()
        step = self._step(secret, code) if secret else None
        if step is not None:
            used = update(second_factors).where(_of(account_id, since), row.last_step < step).values(last_step=step)
            with self._engine.begin() as connection:
                return connection.execute(used).rowcount == 1
        with self._engine.begin() as connection:
            spent = delete(recovery_codes).where(
                _recovery_of(account_id, since), recovery_codes.c.digest == _digest(code)
            )
            return connection.execute(spent).rowcount == 1

    def recovery_codes_left(self, account_id: str, since: int) -> int:
        own = select(recovery_codes.c.digest).where(_recovery_of(account_id, since))
        with self._engine.connect() as connection:
            return len(connection.execute(own).all())

    def turn_off(self, account_id: str) -> None:
        with self._engine.begin() as connection:
            for table in (second_factors, recovery_codes):
                connection.execute(delete(table).where(table.c.account_id == account_id))

    def _waiting(self, account_id: str, since: int) -> str | None:
        query = select(second_factors.c.waiting).where(_of(account_id, since))
        with self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def _step(self, secret: str, code: str) -> int | None:
        """Which step's code this is, of those about now."""
        digits = "".join(_narrow(code).split())
        if not (len(digits) == 6 and digits.isascii() and digits.isdecimal()):
            return None
        totp, now = pyotp.TOTP(secret), seconds(self._clock()) // STEP
        steps = range(now - EITHER_SIDE, now + EITHER_SIDE + 1)
        return next((step for step in steps if hmac.compare_digest(totp.at(step * STEP), digits)), None)


def _of(account_id: str, since: int) -> ColumnElement[bool]:
    return and_(second_factors.c.account_id == account_id, second_factors.c.since == since)


def _recovery_of(account_id: str, since: int) -> ColumnElement[bool]:
    return and_(recovery_codes.c.account_id == account_id, recovery_codes.c.since == since)


def _address(secret: str, name: str, issuer: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def _recovery_code() -> str:
    """Six groups of four letters and digits, as people can copy them by hand."""
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _digest(code: str) -> str:
    """Of the code as it is meant: blanks, hyphens, capitals and the width of letters do not count."""
    text = "".join(_narrow(code).lower().translate(_HYPHENS).split())
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_HYPHENS = dict.fromkeys(map(ord, "-‐‑‒–—−ー"))
"""What keyboards make of a hyphen, the Japanese one a long vowel's mark."""

_LONGEST = 200
"""A longer text is no code, and is not folded, which could take long."""


def _narrow(code: str) -> str:
    """The code with letters and digits of the ordinary width, as a Japanese keyboard often does not type them."""
    return unicodedata.normalize("NFKC", code) if len(code) <= _LONGEST else code
