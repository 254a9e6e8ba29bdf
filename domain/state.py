"""What is known of an installation after an event, by the rules of its commands and by whoever reads it alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from rpds import HashTrieMap, HashTrieSet

from domain.layered import Map
from domain.license import Period
from domain.login_name import erased_name, login_key


class User(NamedTuple):
    """A user; `administrator_since` is the position of the event that made them administrator, or None.

    The login key is what the login name is compared by; an erased person has none, and a name that says so (P2).
    """

    user_id: str
    login_name: str
    login_key: str
    administrator_since: int | None
    is_deleted: bool

    @property
    def is_administrator(self) -> bool:
        return self.administrator_since is not None

    @property
    def is_erased(self) -> bool:
        return not self.login_key


class Auditor(NamedTuple):
    """One who reads everything and changes nothing; `since` is the position of the event that added them."""

    auditor_id: str
    name: str
    login_key: str
    since: int
    is_removed: bool

    @property
    def is_erased(self) -> bool:
        return not self.login_key


class Operator(NamedTuple):
    """One who gave a command on the machine, by the name that the operating system has."""

    operator_id: str
    name: str
    login_key: str
    since: int

    @property
    def is_erased(self) -> bool:
        return not self.login_key


class FormerName(NamedTuple):
    """A login name that a user bore until the event at `until` (U8)."""

    until: int
    login_name: str
    login_key: str


class Token(NamedTuple):
    """An API token that `by` made; `digest` is the SHA-256 of its text, `expires_on` the last day it is good for."""

    token_id: str
    name: str
    scopes: tuple[str, ...]
    digest: str
    expires_on: date | None
    created_on: date
    by: str
    is_revoked: bool

    def is_good(self, day: date) -> bool:
        return not self.is_revoked and (self.expires_on is None or day <= self.expires_on)


class RegisteredKey(NamedTuple):
    """What the rules need to know of every license key ever registered (K2, K3, L3)."""

    key_id: str
    fingerprint: str
    issued_at: int
    license_period: Period
    maintenance_period: Period | None

    def has_turned(self, after: date, upto: date) -> bool:
        """Whether the calendar began or ended one of its periods after one day and by another (L3)."""
        return any(after < day <= upto for day in self._turning_days())

    def _turning_days(self) -> Iterator[date]:
        """The days on which the calendar begins or ends one of its periods: the first day, and that after the last."""
        for period in (self.license_period, self.maintenance_period):
            if period is not None:
                yield period.start
                if period.end is not None and period.end < date.max:
                    yield period.end + timedelta(days=1)


class State:
    """What every event leaves behind, where the aggregate decides and where the view is folded: one `apply` for both.

    So the one can be made out of the other, and both share their maps (ADR 49).
    """

    name: str
    product: str
    time_zone: str
    day: date
    users: Map[str, User]
    """Every user ever added, by their id."""
    names: Map[str, str]
    """The id of the user or auditor who bears a name, or bore it once, by its login key."""
    former_names: HashTrieMap[str, tuple[FormerName, ...]]
    """The names that renamed users bore before, the oldest first, by their id."""
    administrators: HashTrieSet[str]
    auditors: HashTrieMap[str, Auditor]
    """Every auditor ever added, by their id."""
    operators: HashTrieMap[str, Operator]
    """Everybody who gave a command on the machine, by their id."""
    erased: HashTrieSet[str]
    """The ids of people whose names are forgotten (P2)."""
    nameless: HashTrieSet[str]
    """The ids of people whose names do not open though nobody erased them: somebody altered what holds their keys."""
    misnamed: HashTrieSet[str]
    """The ids of people to whom a name was given that another one bears or bore: no command does that (U2)."""
    with_password: HashTrieSet[str]
    """The ids of accounts that have set a password since they were given their right (U3, U6)."""
    tokens: HashTrieMap[str, Token]
    registered_keys: tuple[RegisteredKey, ...]
    """Every license key ever registered, the oldest first, also one that the registration contradicts."""

    def put(self, user: User) -> None:
        self.users = self.users.insert(user.user_id, user)

    def give_name(self, key: str, account_id: str) -> None:
        """Let an account be found by a name; whoever has none is erased by a later event, or is nameless."""
        if not key:
            self.nameless = self.nameless.insert(account_id)
        elif self.names.get(key, account_id) == account_id:
            self.names = self.names.insert(key, account_id)
        else:  # whoever wrote this by hand must not log in as somebody else
            self.misnamed = self.misnamed.insert(account_id)

    def login_keys(self, account_id: str) -> set[str]:
        """The login keys of all names that a user or an auditor bears or bore (U8)."""
        account = self.users.get(account_id) or self.auditors.get(account_id)
        keys = {former.login_key for former in self.former_names.get(account_id, ())}
        return keys | ({account.login_key} if account and account.login_key else set())

    def lose_right(self, account_id: str) -> None:
        """Let an account be no administrator, and its password be void (U6)."""
        self.administrators = self.administrators.discard(account_id)
        self.with_password = self.with_password.discard(account_id)

    def forget_names(self, account_id: str) -> None:
        """Let nothing here name an erased person any more (P2). Raises KeyError for nobody's id."""
        name = erased_name(account_id)
        user, auditor = self.users.get(account_id), self.auditors.get(account_id)
        for key in self.login_keys(account_id):
            self.names = self.names.discard(key)
        if user is not None:
            self.put(user._replace(login_key="", login_name=name))
        elif auditor is not None:
            self.auditors = self.auditors.insert(account_id, auditor._replace(login_key="", name=name))
        else:
            operator = self.operators[account_id]._replace(login_key="", name=name)
            self.operators = self.operators.insert(account_id, operator)
        self.former_names = self.former_names.discard(account_id)
        self.nameless = self.nameless.discard(account_id)
        self.with_password = self.with_password.discard(account_id)
        self.erased = self.erased.insert(account_id)


STATE = tuple(State.__annotations__)
"""The names of all that a State knows."""


def operator_named(operators: HashTrieMap[str, Operator], name: str) -> Operator | None:
    """Who gives commands on the machine by this name of the operating system."""
    key = login_key(name)
    return next((each for each in operators.values() if key and each.login_key == key), None)
