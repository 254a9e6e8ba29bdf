"""The views that everybody reads, and the pure folds over the log that make them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from rpds import HashTrieMap, HashTrieSet, List

from application.log.failures import LogUnreadable
from domain.installation import Installation, local_day
from domain.layered import Map
from domain.license import Schedule
from domain.login_name import login_key
from domain.refusals import Problem
from domain.state import STATE, Auditor, FormerName, Operator, State, Token, User, operator_named
from domain.state import RegisteredKey as KnownKey


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

    `day` is the day of that event; no question is answered for an earlier day (L3). What it has in common with the
    aggregate is told where that is: in domain.state.State.
    """

    installation_id: UUID
    name: str
    product: str
    time_zone: str
    position: int
    day: date
    schedule: Schedule = field(default_factory=Schedule)
    in_use: int = 0
    users: Map[str, User] = field(default_factory=HashTrieMap)
    names: Map[str, str] = field(default_factory=HashTrieMap)
    former_names: HashTrieMap[str, tuple[FormerName, ...]] = field(default_factory=HashTrieMap)
    administrators: HashTrieSet[str] = field(default_factory=HashTrieSet)
    auditors: HashTrieMap[str, Auditor] = field(default_factory=HashTrieMap)
    operators: HashTrieMap[str, Operator] = field(default_factory=HashTrieMap)
    erased: HashTrieSet[str] = field(default_factory=HashTrieSet)
    nameless: HashTrieSet[str] = field(default_factory=HashTrieSet)
    misnamed: HashTrieSet[str] = field(default_factory=HashTrieSet)
    with_password: HashTrieSet[str] = field(default_factory=HashTrieSet)
    tokens: HashTrieMap[str, Token] = field(default_factory=HashTrieMap)
    registered_keys: tuple[KnownKey, ...] = ()
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
        """The user who bears this name."""
        key = login_key(login_name)
        user = self.users.get(self.names.get(key, ""))
        return user if user is not None and user.login_key == key else None

    def auditor(self, name: str) -> Auditor | None:
        return self.auditors.get(self.names.get(login_key(name), ""))

    def account_id(self, name: str) -> str | None:
        """The id of the user or auditor who bears this name, or bore it once (U8)."""
        return self.names.get(login_key(name))

    def account(self, account_id: str) -> User | Auditor | None:
        """The user or auditor with this id, whatever became of them."""
        return self.users.get(account_id) or self.auditors.get(account_id)

    def operator(self, name: str) -> Operator | None:
        """Who gives commands on the machine by this name of the operating system."""
        return operator_named(self.operators, name)

    def erased_but_present(self) -> list[str]:
        """The ids of erased users who are not deleted, as a restored backup may leave the last administrator."""
        gone = (user for user in self.users.values() if user.is_erased and user.user_id not in self.nameless)
        return [user.user_id for user in gone if not user.is_deleted]

    def name_at(self, account_id: str, position: int) -> str | None:
        """The name that a user, an auditor or an operator bore after the event at a position; None if there is none.

        The history tells every moment with the name of that moment (U8).
        """
        for former in self.former_names.get(account_id, ()):
            if position < former.until:
                return former.login_name
        account = self.account(account_id)
        if account is None:
            operator = self.operators.get(account_id)
            return operator.name if operator else None
        return account.login_name if isinstance(account, User) else account.name

    def right_since(self, account_id: str) -> int | None:
        """The position of the event that gave this account the right to sign in; None if it has none now."""
        account = self.account(account_id)
        if isinstance(account, User):
            return account.administrator_since
        return account.since if account and not account.is_removed else None


@dataclass(slots=True)
class _Draft(State):
    """An Entitlement while events are folded into it: the same fields (a test compares them), but they can be set."""

    installation_id: UUID
    name: str
    product: str
    time_zone: str
    position: int
    day: date
    schedule: Schedule
    in_use: int
    users: Map[str, User]
    names: Map[str, str]
    former_names: HashTrieMap[str, tuple[FormerName, ...]]
    administrators: HashTrieSet[str]
    auditors: HashTrieMap[str, Auditor]
    operators: HashTrieMap[str, Operator]
    erased: HashTrieSet[str]
    nameless: HashTrieSet[str]
    misnamed: HashTrieSet[str]
    with_password: HashTrieSet[str]
    tokens: HashTrieMap[str, Token]
    registered_keys: tuple[KnownKey, ...]
    alarms: tuple[Alarm, ...]
    days: List[DayEnd]
    chapters: tuple[Chapter, ...]
    rights: List[int]
    license_keys: HashTrieMap[str, RegisteredKey]

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
    view: Entitlement | None,
    events: Iterable[Installation.Event],
    contradicted: Container[int] = (),
    note_in_use: Callable[[int], None] = lambda _: None,
) -> Entitlement | None:
    """The view after the events: the same fold for now, for catching up and for history (A1).

    `contradicted` are the positions of registrations that the license keys which they carry contradict: such a license
    is never in force, and its event is an alarm. Whoever folds has asked that before (license_keys/evidence.py).
    `note_in_use` is told In use after each event.

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
            note_in_use(draft.in_use)
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
    if isinstance(event, Installation.LicenseRegistered):
        registered = RegisteredKey(event.key_id, event.fingerprint, event.signing_key_id)
        draft.license_keys = draft.license_keys.insert(event.key_id, registered)
    if is_contradicted or is_alarm(event):
        draft.alarms = (*draft.alarms, Alarm(position, event, draft.day))
    match event:
        case Installation.UserAdded():
            draft.in_use += event.user_id not in draft.users
            if event.administrator:
                draft.rights = draft.rights.push_front(position)
        case Installation.UserDeleted():
            user = draft.users[event.user_id]
            if user.is_administrator:
                draft.rights = draft.rights.push_front(position)
            # A deletion that no command records, of somebody deleted already, must not free a license.
            draft.in_use -= not user.is_deleted
        case Installation.UserRestored():
            draft.in_use += draft.users[event.user_id].is_deleted
        case Installation.UserRenamed() | Installation.AdministratorGranted() | Installation.AdministratorRevoked():
            pass
        case Installation.LicenseRegistered() if is_contradicted:
            pass
        case Installation.LicenseRegistered():
            draft.begin_chapter(draft.schedule.register(event.license, draft.day))
        case Installation.ClockCorrected():
            draft.begin_chapter(draft.schedule.correct_clock(draft.day))
        case Installation.AuditorAdded() | Installation.AuditorRemoved() | Installation.OperatorSeen():
            pass
        case Installation.PasswordLinkMade() | Installation.PasswordChanged() | Installation.PersonErased():
            pass
        case Installation.TokenCreated() | Installation.TokenRevoked():
            pass
        case Installation.InstallationOpened() if position == 1:
            pass
        case Installation.LicenseKeyRefused() | Installation.LogAnchorContradicted():
            pass
        case Installation.DayReached() | Installation.RestoreAccepted():
            pass
        case _:
            raise ValueError(f"event {position} is of a kind that this version does not know: {type(event).__name__}")
    # Of a registration that its license key contradicts, whatever it says: it is in force nowhere.
    with suppress(ValueError, TypeError) if is_contradicted else nullcontext():
        event.apply(draft)


def installation_of(view: Entitlement) -> Installation:
    """The aggregate at the view's position, which shares the view's maps (ADR 49)."""
    state = {name: getattr(view, name) for name in STATE}
    return Installation.in_state(view.installation_id, view.position, state)


def with_license_events(
    view: Entitlement, events: Iterable[Installation.Event], contradicted: Container[int]
) -> Entitlement:
    """The view of which everything is known but what these events say: all that concern licenses, and all alarms.

    Raises whatever an altered event does.
    """
    draft = _draft_of(view)
    for event in events:
        draft.position, draft.day = event.originator_version, date.fromisoformat(event.day)
        _apply(draft, event, is_contradicted=draft.position in contradicted)
    draft.position, draft.day = view.position, view.day
    return _view_of(draft)


def is_alarm(event: Installation.Event) -> bool:
    """Whether auditors must see this event first, whatever else is known of it: a contradicted one is an alarm too."""
    kinds = Installation.ClockCorrected | Installation.LogAnchorContradicted | Installation.RestoreAccepted
    return isinstance(event, kinds)
