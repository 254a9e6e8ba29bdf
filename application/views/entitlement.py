"""The views that everybody reads, and the pure folds over the log that make them."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from rpds import HashTrieMap, List

from application.log.failures import LogUnreadable
from domain.installation import Installation, local_day
from domain.license import Schedule
from domain.login_name import login_key
from domain.refusals import Problem


class User(NamedTuple):
    """A user; `administrator_since` is the position of the event that made them administrator, or None."""

    user_id: str
    login_name: str
    administrator_since: int | None
    is_deleted: bool

    @property
    def is_administrator(self) -> bool:
        return self.administrator_since is not None


class Auditor(NamedTuple):
    """One who reads everything and changes nothing; `since` is the position of the event that added them."""

    auditor_id: str
    name: str
    since: int
    is_removed: bool


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
    """By what a registered license key is known: its own id (`jti`), its text's SHA-256, and the key that signed it."""

    key_id: str
    fingerprint: str
    signing_key_id: str


class Alarm(NamedTuple):
    """Something that auditors must see: the position of its event, what happened, and the day that it says."""

    position: int
    event: Installation.Event
    day: date


class DayEnd(NamedTuple):
    """A day on which something was recorded: the position of its last event, and In use after it."""

    day: date
    position: int
    in_use: int


class Chapter(NamedTuple):
    """The schedule from one registration or clock correction to the next, from its event's position and day on."""

    position: int
    day: date
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What is true of an installation after the event at `position`.

    `day` is the day of that event; no question is answered for an earlier day (L3).
    """

    installation_id: UUID
    name: str
    product: str
    time_zone: str
    position: int
    day: date
    schedule: Schedule = field(default_factory=Schedule)
    in_use: int = 0
    users: HashTrieMap[str, User] = field(default_factory=HashTrieMap)
    """Every user ever added, by login key."""
    names: HashTrieMap[str, str] = field(default_factory=HashTrieMap)
    """The login key of every user and auditor, by their id."""
    auditors: HashTrieMap[str, Auditor] = field(default_factory=HashTrieMap)
    """Every auditor ever added, by login key."""
    tokens: HashTrieMap[str, Token] = field(default_factory=HashTrieMap)
    alarms: tuple[Alarm, ...] = ()
    days: List[DayEnd] = field(default_factory=List)
    """The days on which something was recorded, the newest first."""
    chapters: tuple[Chapter, ...] = ()
    """How the schedule came to be, the oldest first."""
    rights: List[int] = field(default_factory=List)
    """The positions of users added as administrators, and of administrators deleted, the newest first.

    The other events that give or take a right are known by their kind.
    """
    license_keys: HashTrieMap[str, RegisteredKey] = field(default_factory=HashTrieMap)
    """Every license key that was registered, by its own id."""

    def day_at(self, moment: datetime) -> date:
        """The installation's day at a moment: never earlier than that of the newest event (L3)."""
        return max(local_day(moment, self.time_zone), self.day)

    def user(self, login_name: str) -> User | None:
        return self.users.get(login_key(login_name))

    def user_by_id(self, user_id: str) -> User | None:
        return self.users.get(self.names.get(user_id, ""))

    def auditor(self, name: str) -> Auditor | None:
        return self.auditors.get(login_key(name))

    def account_id(self, name: str) -> str | None:
        """The id of the user or auditor who bears this name, or bore it once."""
        user, auditor = self.user(name), self.auditor(name)
        return user.user_id if user else auditor.auditor_id if auditor else None

    def account(self, account_id: str) -> User | Auditor | None:
        """The user or auditor with this id, whatever became of them."""
        key = self.names.get(account_id, "")
        return self.users.get(key) or self.auditors.get(key)

    def right_since(self, account_id: str) -> int | None:
        """The position of the event that gave this account the right to sign in; None if it has none now."""
        account = self.account(account_id)
        if isinstance(account, User):
            return account.administrator_since
        return account.since if account and not account.is_removed else None


@dataclass(slots=True)
class _Draft:
    """An Entitlement while events are folded into it: the same fields (a test compares them), but they can be set."""

    installation_id: UUID
    name: str
    product: str
    time_zone: str
    position: int
    day: date
    schedule: Schedule
    in_use: int
    users: HashTrieMap[str, User]
    names: HashTrieMap[str, str]
    auditors: HashTrieMap[str, Auditor]
    tokens: HashTrieMap[str, Token]
    alarms: tuple[Alarm, ...]
    days: List[DayEnd]
    chapters: tuple[Chapter, ...]
    rights: List[int]
    license_keys: HashTrieMap[str, RegisteredKey]

    def user(self, user_id: str) -> User:
        return self.users[self.names[user_id]]

    def put(self, user: User) -> None:
        self.users = self.users.insert(self.names[user.user_id], user)

    def end_day(self) -> None:
        """Note what In use is after the newest event of its day."""
        today = DayEnd(self.day, self.position, self.in_use)
        newest: DayEnd | None = self.days.first if self.days else None  # type: ignore[attr-defined]  # not in rpds's stub
        earlier = self.days.rest if newest and newest.day == today.day else self.days  # type: ignore[attr-defined]
        self.days = earlier.push_front(today)

    def begin_chapter(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.chapters = (*self.chapters, Chapter(self.position, self.day, schedule))


_FIELDS = tuple(one.name for one in dataclass_fields(Entitlement))


def _draft_of(view: Entitlement) -> _Draft:
    return _Draft(*[getattr(view, name) for name in _FIELDS])


def _view_of(draft: _Draft) -> Entitlement:
    return Entitlement(*[getattr(draft, name) for name in _FIELDS])


def fold(
    view: Entitlement | None, events: Iterable[Installation.Event], contradicted: Container[int] = ()
) -> Entitlement | None:
    """The view after the events: the same fold for now, for catching up and for history (A1).

    `contradicted` are the positions of registrations that the license keys which they carry contradict: such a license
    is never in force, and its event is an alarm. Whoever folds has asked that before (license_keys/evidence.py).

    Takes the events of one installation in the order of their positions, without a gap after the view's own. Raises
    LogUnreadable for one that does not fit those before it.
    """
    draft = _draft_of(view) if view else None
    day = view.day.isoformat() if view else ""
    for event in events:
        position = event.originator_version
        newest = draft.position if draft else 0
        if position != newest + 1:
            raise LogUnreadable(position, Problem("events_missing", newest=newest))
        try:
            if draft is None:
                draft, day = _opened(event), event.day
            elif event.day != day:
                draft.end_day()
                draft.day, day = date.fromisoformat(event.day), event.day
            draft.position = position
            _apply(draft, event, is_contradicted=position in contradicted)
        except Exception as error:  # whatever it is that an altered event does
            raise LogUnreadable(position, Problem("event_does_not_fit", error=repr(error))) from error
    if draft is None:
        return None
    draft.end_day()
    return _view_of(draft)


def _opened(event: Installation.Event) -> _Draft:
    if not isinstance(event, Installation.InstallationOpened):
        raise TypeError(f"{type(event).__name__} opens no installation")
    return _draft_of(
        Entitlement(
            installation_id=event.originator_id,
            name=event.name,
            product=event.product,
            time_zone=event.time_zone,
            position=event.originator_version,
            day=date.fromisoformat(event.day),
        )
    )


def _apply(draft: _Draft, event: Installation.Event, *, is_contradicted: bool) -> None:
    position = draft.position
    draft.in_use += in_use_change(event)
    if isinstance(event, Installation.LicenseRegistered):
        registered = RegisteredKey(event.key_id, event.fingerprint, event.signing_key_id)
        draft.license_keys = draft.license_keys.insert(event.key_id, registered)
    if is_contradicted or is_alarm(event):
        draft.alarms = (*draft.alarms, Alarm(position, event, draft.day))
    match event:
        case Installation.UserAdded():
            since = position if event.administrator else None
            user = User(event.user_id, event.login_name, since, is_deleted=False)
            draft.users = draft.users.insert(event.login_key, user)
            draft.names = draft.names.insert(event.user_id, event.login_key)
            if event.administrator:
                draft.rights = draft.rights.push_front(position)
        case Installation.UserDeleted():
            if draft.user(event.user_id).is_administrator:
                draft.rights = draft.rights.push_front(position)
            draft.put(draft.user(event.user_id)._replace(is_deleted=True, administrator_since=None))
        case Installation.UserRestored():
            draft.put(draft.user(event.user_id)._replace(is_deleted=False, administrator_since=None))
        case Installation.AdministratorGranted():
            draft.put(draft.user(event.user_id)._replace(administrator_since=position))
        case Installation.AdministratorRevoked():
            draft.put(draft.user(event.user_id)._replace(administrator_since=None))
        case Installation.LicenseRegistered() if is_contradicted:
            pass
        case Installation.LicenseRegistered():
            draft.begin_chapter(draft.schedule.register(event.license, draft.day))
        case Installation.AuditorAdded():
            key = login_key(event.name)
            auditor = Auditor(event.auditor_id, event.name, position, is_removed=False)
            draft.auditors = draft.auditors.insert(key, auditor)
            draft.names = draft.names.insert(event.auditor_id, key)
        case Installation.AuditorRemoved():
            key = draft.names[event.auditor_id]
            draft.auditors = draft.auditors.insert(key, draft.auditors[key]._replace(is_removed=True))
        case Installation.TokenCreated():
            end, scopes = date.fromisoformat(event.expires_on) if event.expires_on else None, tuple(event.scopes)
            token = Token(event.token_id, event.name, scopes, event.digest, end, draft.day, event.by, is_revoked=False)
            draft.tokens = draft.tokens.insert(event.token_id, token)
        case Installation.TokenRevoked():
            revoked = draft.tokens[event.token_id]._replace(is_revoked=True)
            draft.tokens = draft.tokens.insert(event.token_id, revoked)
        case Installation.ClockCorrected():
            draft.begin_chapter(draft.schedule.correct_clock(draft.day))
        case Installation.InstallationOpened() if position == 1:
            pass
        case Installation.LicenseKeyRefused() | Installation.LogAnchorContradicted():
            pass
        case Installation.PasswordLinkMade() | Installation.PasswordChanged():
            pass
        case _:
            raise ValueError(f"event {position} is of a kind that this version does not know: {type(event).__name__}")


def in_use_change(event: Installation.Event) -> int:
    """By how much an event changes In use."""
    match event:
        case Installation.UserAdded() | Installation.UserRestored():
            return 1
        case Installation.UserDeleted():
            return -1
    return 0


def is_alarm(event: Installation.Event) -> bool:
    """Whether auditors must see this event first, whatever else is known of it: a contradicted one is an alarm too."""
    return isinstance(event, Installation.ClockCorrected | Installation.LogAnchorContradicted)
