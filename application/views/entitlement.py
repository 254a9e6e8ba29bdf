"""The views that everybody reads, and the pure folds over the log that make them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from rpds import HashTrieMap, List

from application.log.mapper import LogUnreadable
from domain.installation import Installation, local_day
from domain.license import Schedule
from domain.login_name import login_key


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
    """An API token; `digest` is the SHA-256 of its text, `expires_on` the last day on which it is good."""

    token_id: str
    name: str
    scopes: tuple[str, ...]
    digest: str
    expires_on: date | None
    created_on: date
    is_revoked: bool

    def is_good(self, day: date) -> bool:
        return not self.is_revoked and (self.expires_on is None or day <= self.expires_on)


class Alarm(NamedTuple):
    """Something that auditors must see: the position of its event, and what happened."""

    position: int
    event: str
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


def fold(view: Entitlement | None, events: Iterable[Any]) -> Entitlement | None:
    """The view after the events: the same fold for now, for catching up and for history (A1).

    Takes the events of one installation in the order of their positions, without a gap after the view's own. Raises
    LogUnreadable for one that does not fit those before it.
    """
    state = {name.name: getattr(view, name.name) for name in dataclass_fields(Entitlement)} if view else None
    day = view.day.isoformat() if view else ""
    for event in events:
        position = event.originator_version
        if position != (state["position"] + 1 if state else 1):
            raise LogUnreadable(position, f"follows event {state['position'] if state else 0}: events are missing.")
        try:
            if state is None:
                state, day = _opened(event), event.day
            elif event.day != day:
                _note_day(state)
                state["day"], day = date.fromisoformat(event.day), event.day
            state["position"] = position
            state["in_use"] += seat_change(event)
            _apply(state, event)
        except Exception as error:  # whatever it is that an altered event does
            raise LogUnreadable(position, f"does not fit those before it: {error!r}.") from error
    if state is None:
        return None
    _note_day(state)
    return Entitlement(**state)


def _opened(event: Installation.InstallationOpened) -> dict[str, Any]:
    opened = Entitlement(
        installation_id=event.originator_id,
        name=event.name,
        product=event.product,
        time_zone=event.time_zone,
        position=event.originator_version,
        day=date.fromisoformat(event.day),
    )
    return {name.name: getattr(opened, name.name) for name in dataclass_fields(Entitlement)}


def _apply(state: dict[str, Any], event: Any) -> None:
    position, day = event.originator_version, state["day"]
    match event:
        case Installation.InstallationOpened() if position == 1:
            pass
        case Installation.UserAdded():
            since = position if event.administrator else None
            user = User(event.user_id, event.login_name, since, is_deleted=False)
            state["users"] = state["users"].insert(event.login_key, user)
            state["names"] = state["names"].insert(event.user_id, event.login_key)
        case Installation.UserDeleted():
            _change_user(state, event.user_id, is_deleted=True, administrator_since=None)
        case Installation.UserRestored():
            _change_user(state, event.user_id, is_deleted=False, administrator_since=None)
        case Installation.AdministratorGranted():
            _change_user(state, event.user_id, administrator_since=position)
        case Installation.AdministratorRevoked():
            _change_user(state, event.user_id, administrator_since=None)
        case Installation.LicenseRegistered():
            state["schedule"] = state["schedule"].register(event.license, day)
            state["chapters"] = (*state["chapters"], Chapter(position, day, state["schedule"]))
        case Installation.AuditorAdded():
            key = login_key(event.name)
            auditor = Auditor(event.auditor_id, event.name, position, is_removed=False)
            state["auditors"] = state["auditors"].insert(key, auditor)
            state["names"] = state["names"].insert(event.auditor_id, key)
        case Installation.AuditorRemoved():
            key = state["names"][event.auditor_id]
            removed = state["auditors"][key]._replace(is_removed=True)
            state["auditors"] = state["auditors"].insert(key, removed)
        case Installation.TokenCreated():
            expires_on = date.fromisoformat(event.expires_on) if event.expires_on else None
            scopes = tuple(event.scopes)
            token = Token(event.token_id, event.name, scopes, event.digest, expires_on, day, is_revoked=False)
            state["tokens"] = state["tokens"].insert(event.token_id, token)
        case Installation.TokenRevoked():
            revoked = state["tokens"][event.token_id]._replace(is_revoked=True)
            state["tokens"] = state["tokens"].insert(event.token_id, revoked)
        case Installation.ClockCorrected():
            state["schedule"] = state["schedule"].correct_clock(day)
            state["chapters"] = (*state["chapters"], Chapter(position, day, state["schedule"]))
            state["alarms"] = (*state["alarms"], Alarm(position, "ClockCorrected", day))
        case Installation.LogAnchorContradicted():
            state["alarms"] = (*state["alarms"], Alarm(position, "LogAnchorContradicted", day))
        case Installation.LicenseKeyRefused() | Installation.PasswordChanged():
            pass
        case _:
            raise ValueError(f"event {position} is of a kind that this version does not know: {type(event).__name__}")


def seat_change(event: Any) -> int:
    """By how much an event changes In use."""
    match event:
        case Installation.UserAdded() | Installation.UserRestored():
            return 1
        case Installation.UserDeleted():
            return -1
    return 0


def _note_day(state: dict[str, Any]) -> None:
    days, today = state["days"], DayEnd(state["day"], state["position"], state["in_use"])
    earlier = days.rest if days and days.first.day == today.day else days
    state["days"] = earlier.push_front(today)


def _change_user(state: dict[str, Any], user_id: str, **fields: Any) -> None:
    key = state["names"][user_id]
    state["users"] = state["users"].insert(key, state["users"][key]._replace(**fields))


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event as the history shows it; `fields` are its own, without the license key's text."""

    position: int
    recorded_at: datetime
    day: date
    event: str
    by: str
    command_id: str
    fields: dict[str, Any]


_STAMP = frozenset(
    ("originator_id", "originator_version", "originator_topic", "timestamp", "by", "command_id", "day", "key_text")
)


def history_entry(event: Any) -> HistoryEntry:
    """The history's line for an event of the log."""
    return HistoryEntry(
        position=event.originator_version,
        recorded_at=event.timestamp,
        day=date.fromisoformat(event.day),
        event=type(event).__name__,
        by=event.by,
        command_id=event.command_id,
        fields={name: value for name, value in vars(event).items() if name not in _STAMP},
    )
