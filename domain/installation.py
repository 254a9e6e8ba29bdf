"""The Installation: its events, its commands, and the rules that the commands ask before they record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Self
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, available_timezones

from eventsourcing.domain import Aggregate
from rpds import HashTrieMap, HashTrieSet

from domain.license import License, LicenseKey, fields_of_key, license_of_fields
from domain.login_name import login_key, shown, valid_login_name, valid_text
from domain.refusals import (
    AuditorNotRemoved,
    ClockCorrectionRefused,
    IssuedInFuture,
    KeyIdUsed,
    LastAdministrator,
    LastAdministratorWithPassword,
    LicensePeriodOver,
    LoginNameTaken,
    NameOfDeletedUser,
    NewNameOfDeletedUser,
    NoScope,
    OlderThanRegistered,
    Problem,
    RightLost,
    ScopeUnknown,
    TimeZoneUnknown,
    UnknownAccount,
    UnknownAuditor,
    UnknownOperator,
    UnknownToken,
    UnknownUser,
    UserIsDeleted,
    UserNotDeleted,
    WrongInstallation,
    WrongProduct,
)
from domain.state import Auditor, FormerName, Operator, RegisteredKey, State, Token, User, operator_named

SCOPES = ("login-check", "license", "users", "administrators", "audit", "snapshot")
"""What an API token may be made for. To make administrators is a scope of its own: it leads to every other right."""

PASSWORD_WAYS = ("own", "link", "machine")
"""How a password was set: by its owner who knew the one before, by a one-time link, by a command on the machine."""

CLOCK_TOLERANCE = timedelta(days=1)
"""How far in the future a license key may have been issued (K9)."""


OPERATOR = "operator:"
"""How `by` begins for somebody who gives a command on the machine; their id follows."""

SERVER = "server"
"""`by` of what the server records by itself."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who does something, by which command, and at which moment (UTC); every event carries it (A1)."""

    by: str
    command_id: UUID
    moment: datetime


class Installation(State, Aggregate):
    """One deployed copy of the licensed product. Its version is the position of its newest event."""

    TOPIC = "seatledger:Installation"

    class Event(Aggregate.Event):
        """The stamp of every event: who, by which command, on which day of the installation (ISO text)."""

        by: str
        command_id: str
        day: str

        def mutate(self, aggregate: Any) -> Any:  # Any: as the library has it
            mutated: Any = super().mutate(aggregate)  # Any: as the library has it
            mutated.day = date.fromisoformat(self.day)
            return mutated

    class Created(Event, Aggregate.Created):
        """The library wants a topic of every event class that it finds here; this one is never recorded."""

        TOPIC = "seatledger:Created"

    class InstallationOpened(Created):
        TOPIC = "seatledger:InstallationOpened"
        name: str
        product: str
        time_zone: str

    class LicenseRegistered(Event):
        TOPIC = "seatledger:LicenseRegistered"
        edition: str
        licenses: int
        license_start: str
        license_end: str | None
        maintenance_start: str | None
        maintenance_end: str | None
        optional_products: list[str]
        customer: str
        issuer: str
        audience: str
        product: str
        key_id: str
        issued_at: int
        signing_key_id: str
        fingerprint: str
        key_text: str
        other_claims: dict[str, str | int]

        @property
        def license(self) -> License:
            return license_of_fields(vars(self))

        @property
        def registered_key(self) -> RegisteredKey:
            license = self.license
            periods = license.license_period, license.maintenance_period
            return RegisteredKey(self.key_id, self.fingerprint, self.issued_at, *periods)

        def apply(self, aggregate: State) -> None:
            aggregate.registered_keys = (*aggregate.registered_keys, self.registered_key)

    class LicenseKeyRefused(Event):
        TOPIC = "seatledger:LicenseKeyRefused"
        code: str
        fingerprint: str

    class UserAdded(Event):
        TOPIC = "seatledger:UserAdded"
        user_id: str
        login_name: str
        login_key: str
        administrator: bool

        def apply(self, aggregate: State) -> None:
            since = self.originator_version if self.administrator else None
            aggregate.put(User(self.user_id, self.login_name, self.login_key, since, is_deleted=False))
            aggregate.give_name(self.login_key, self.user_id)
            if self.administrator:
                aggregate.administrators = aggregate.administrators.insert(self.user_id)

    class UserDeleted(Event):
        TOPIC = "seatledger:UserDeleted"
        user_id: str

        def apply(self, aggregate: State) -> None:
            aggregate.put(aggregate.users[self.user_id]._replace(is_deleted=True, administrator_since=None))
            aggregate.lose_right(self.user_id)

    class UserRestored(Event):
        TOPIC = "seatledger:UserRestored"
        user_id: str

        def apply(self, aggregate: State) -> None:
            aggregate.put(aggregate.users[self.user_id]._replace(is_deleted=False, administrator_since=None))
            aggregate.administrators = aggregate.administrators.discard(self.user_id)

    class UserRenamed(Event):
        TOPIC = "seatledger:UserRenamed"
        user_id: str
        login_name: str
        login_key: str

        def apply(self, aggregate: State) -> None:
            user = aggregate.users[self.user_id]
            if user.login_key:
                former = FormerName(self.originator_version, user.login_name, user.login_key)
                names = (*aggregate.former_names.get(self.user_id, ()), former)
                aggregate.former_names = aggregate.former_names.insert(self.user_id, names)
            aggregate.put(user._replace(login_name=self.login_name, login_key=self.login_key))
            aggregate.give_name(self.login_key, self.user_id)

    class AdministratorGranted(Event):
        TOPIC = "seatledger:AdministratorGranted"
        user_id: str

        def apply(self, aggregate: State) -> None:
            aggregate.put(aggregate.users[self.user_id]._replace(administrator_since=self.originator_version))
            aggregate.administrators = aggregate.administrators.insert(self.user_id)
            # A password counts since the right was given (U3, U6).
            aggregate.with_password = aggregate.with_password.discard(self.user_id)

    class AdministratorRevoked(Event):
        TOPIC = "seatledger:AdministratorRevoked"
        user_id: str

        def apply(self, aggregate: State) -> None:
            aggregate.put(aggregate.users[self.user_id]._replace(administrator_since=None))
            aggregate.lose_right(self.user_id)

    class AuditorAdded(Event):
        TOPIC = "seatledger:AuditorAdded"
        auditor_id: str
        name: str
        login_key: str

        def apply(self, aggregate: State) -> None:
            auditor = Auditor(self.auditor_id, self.name, self.login_key, self.originator_version, is_removed=False)
            aggregate.auditors = aggregate.auditors.insert(self.auditor_id, auditor)
            aggregate.give_name(self.login_key, self.auditor_id)

    class AuditorRemoved(Event):
        TOPIC = "seatledger:AuditorRemoved"
        auditor_id: str

        def apply(self, aggregate: State) -> None:
            auditor = aggregate.auditors[self.auditor_id]._replace(is_removed=True)
            aggregate.auditors = aggregate.auditors.insert(self.auditor_id, auditor)
            aggregate.lose_right(self.auditor_id)

    class PasswordLinkMade(Event):
        """Whoever holds the link can become the account: so it is told who made it."""

        TOPIC = "seatledger:PasswordLinkMade"
        account_id: str

    class PasswordChanged(Event):
        """`how` is one of PASSWORD_WAYS."""

        TOPIC = "seatledger:PasswordChanged"
        account_id: str
        how: str

        def apply(self, aggregate: State) -> None:
            aggregate.with_password = aggregate.with_password.insert(self.account_id)

    class TokenCreated(Event):
        TOPIC = "seatledger:TokenCreated"
        token_id: str
        name: str
        scopes: list[str]
        digest: str
        expires_on: str | None

        def apply(self, aggregate: State) -> None:
            end, scopes = date.fromisoformat(self.expires_on) if self.expires_on else None, tuple(self.scopes)
            created_on = date.fromisoformat(self.day)
            token = Token(self.token_id, self.name, scopes, self.digest, end, created_on, self.by, is_revoked=False)
            aggregate.tokens = aggregate.tokens.insert(self.token_id, token)

    class TokenRevoked(Event):
        TOPIC = "seatledger:TokenRevoked"
        token_id: str

        def apply(self, aggregate: State) -> None:
            revoked = aggregate.tokens[self.token_id]._replace(is_revoked=True)
            aggregate.tokens = aggregate.tokens.insert(self.token_id, revoked)

    class ClockCorrected(Event):
        """Its day is the day that the clock was corrected to; days count anew from there (L3)."""

        TOPIC = "seatledger:ClockCorrected"

    class DayReached(Event):
        """The calendar alone began or ended something, and the server saw it: its day holds from then on (L3)."""

        TOPIC = "seatledger:DayReached"

    class OperatorSeen(Event):
        """Somebody gives a command on the machine for the first time: the name that the operating system has."""

        TOPIC = "seatledger:OperatorSeen"
        operator_id: str
        name: str
        login_key: str

        def apply(self, aggregate: State) -> None:
            operator = Operator(self.operator_id, self.name, self.login_key, self.originator_version)
            aggregate.operators = aggregate.operators.insert(self.operator_id, operator)
            if not self.login_key:
                aggregate.nameless = aggregate.nameless.insert(self.operator_id)

    class PersonErased(Event):
        """The name of a deleted user, a removed auditor or an operator is forgotten, of now and of then (P2)."""

        TOPIC = "seatledger:PersonErased"
        account_id: str

        def apply(self, aggregate: State) -> None:
            aggregate.forget_names(self.account_id)

    class RestoreAccepted(Event):
        """An auditor accepted that the log was taken back to a backup: it extends the checkpoint that they kept.

        `size` and `root` are that checkpoint's, `lost_size` and `lost_root` those of the newest one that was signed.
        """

        TOPIC = "seatledger:RestoreAccepted"
        size: int
        root: str
        lost_size: int
        lost_root: str

    class LogAnchorContradicted(Event):
        """A license key carried a checkpoint, of which the log is no extension: an alarm for auditors."""

        TOPIC = "seatledger:LogAnchorContradicted"
        size: int
        root: str

    def __init__(self, name: str, product: str, time_zone: str) -> None:
        self.name = name
        self.product = product
        self.time_zone = time_zone
        self.day = date.min
        self.users = HashTrieMap()
        self.names = HashTrieMap()
        self.former_names = HashTrieMap()
        self.administrators = HashTrieSet()
        self.auditors = HashTrieMap()
        self.operators = HashTrieMap()
        self.erased = HashTrieSet()
        self.nameless = HashTrieSet()
        self.misnamed = HashTrieSet()
        self.with_password = HashTrieSet()
        self.tokens = HashTrieMap()
        self.registered_keys = ()
        self.bore_erased: Callable[[str], bool] = _nobody
        """Whether an erased person bore the name of a login key: asked beside the log, if anybody was erased (P3)."""

    @classmethod
    def in_state(
        cls,
        id_: UUID,
        version: int,
        state: Mapping[str, Any],  # Any: of each of STATE its own
    ) -> Self:
        """The installation after the event at the position `version`, with the values of STATE (ADR 49).

        It is what folding the events gives, but for the moments of the first and the newest one, which no rule asks.
        """
        installation = object.__new__(cls)
        installation.__base_init__(id_, version, datetime.min.replace(tzinfo=UTC))
        installation.__dict__.update(state, bore_erased=_nobody)
        return installation

    def __deepcopy__(self, memo: object) -> Self:  # object: copy's own, not looked at
        """A shallow copy with a pending list of its own.

        The library copies a cached aggregate before every command, so that a failed one cannot spoil the
        cache. All state here is immutable, so sharing it is as safe as copying it, and costs the same with
        100 users and with 100,000.
        """
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__, _pending_events=list(self._pending_events))
        return copy

    # Commands: each asks its rules, then records.

    @classmethod
    def open(cls, name: str, product: str, time_zone: str, *, stamp: Stamp) -> Self:
        """A new installation. Raises TextInvalid, TimeZoneUnknown."""
        if time_zone not in _time_zones() or time_zone == "localtime":
            raise TimeZoneUnknown(time_zone=shown(time_zone))
        return cls._create(
            cls.InstallationOpened,
            name=valid_text(name, what="installation_name"),
            product=valid_text(product, what="product_name"),
            time_zone=time_zone,
            by=stamp.by,
            command_id=str(stamp.command_id),
            day=local_day(stamp.moment, time_zone).isoformat(),
            timestamp=stamp.moment,
        )

    def register_license_key(self, key: LicenseKey, *, stamp: Stamp) -> None:
        """Register a verified license key; the same key again changes nothing (K2).

        Raises, in this order: WrongProduct, WrongInstallation (K6), KeyIdUsed (K2), IssuedInFuture (K9),
        LicensePeriodOver (K4), OlderThanRegistered (K3). Never refuses because of present use (K5).
        """
        license = key.license
        if license.product != self.product:
            raise WrongProduct(key_product=license.product, product=self.product)
        if license.audience not in ("*", str(self.id)):
            raise WrongInstallation(audience=license.audience, installation_id=str(self.id))
        if self.has_registered(key.fingerprint):
            return
        if any(registered.key_id == license.key_id for registered in self.registered_keys):
            raise KeyIdUsed(key_id=license.key_id)
        today, counted_day = local_day(stamp.moment, self.time_zone), self._today(stamp)
        if license.issued_at > (stamp.moment + CLOCK_TOLERANCE).timestamp():
            raise IssuedInFuture(issued_on=self._issue_day(license.issued_at), today=today, counted_day=counted_day)
        if license.license_period.last_day < counted_day:
            raise LicensePeriodOver(license_end=license.license_period.end, today=today, counted_day=counted_day)
        period = license.license_period
        newer = [
            registered
            for registered in self.registered_keys
            if license.issued_at < registered.issued_at and period.shares_a_day_with(registered.license_period)
        ]
        if newer:
            newest = max(newer, key=lambda registered: registered.issued_at)
            issued_on, registered_issued_on = self._told_apart(license.issued_at, newest.issued_at)
            raise OlderThanRegistered(
                issued_on=issued_on,
                registered_issued_on=registered_issued_on,
                period=period,
                registered_period=newest.license_period,
            )
        self._record(self.LicenseRegistered, stamp, **fields_of_key(key))

    def record_refused_key(self, code: str, fingerprint: str, *, stamp: Stamp) -> None:
        """Record that a license key was refused, without the key (K7)."""
        self._record(self.LicenseKeyRefused, stamp, code=code, fingerprint=fingerprint)

    def add_user(self, login_name: str, *, administrator: bool = False, stamp: Stamp) -> None:
        """Raises LoginNameInvalid (U1), LoginNameTaken, NameOfDeletedUser (U2). The limit refuses nobody (U4)."""
        name = self.free_name(login_name)
        self._record(
            self.UserAdded,
            stamp,
            user_id=str(uuid4()),
            login_name=name,
            login_key=login_key(name),
            administrator=administrator,
        )

    def delete_user(self, login_name: str, *, stamp: Stamp) -> None:
        """Raises UnknownUser, LastAdministrator (U3). Deleting a deleted user changes nothing (U7)."""
        user = self._known(login_name)
        if user.is_deleted:
            return
        self._ask_not_last_administrator(user)
        self._record(self.UserDeleted, stamp, user_id=user.user_id)

    def restore_user(self, login_name: str, *, stamp: Stamp) -> None:
        """An ordinary user again (U6). Raises UnknownUser. Restoring a present user changes nothing (U7)."""
        user = self._known(login_name)
        if not user.is_deleted:
            return
        self._record(self.UserRestored, stamp, user_id=user.user_id)

    def rename_user(self, login_name: str, new_name: str, *, stamp: Stamp) -> None:
        """Give a present user another login name; the old one stays taken (U8). The same spelling changes nothing (U7).

        Raises UnknownUser, UserIsDeleted, LoginNameInvalid, LoginNameTaken, NewNameOfDeletedUser. A user may go back to
        a name of their own.
        """
        user = self._present(login_name)
        name = valid_login_name(new_name)
        if name == user.login_name:
            return
        if login_key(name) not in self.login_keys(user.user_id):
            owner = self.user_named(name)
            if owner is not None and owner.is_deleted:
                raise NewNameOfDeletedUser(login_name=name)
            self._free(name)
        self._record(self.UserRenamed, stamp, user_id=user.user_id, login_name=name, login_key=login_key(name))

    def erase_user(self, login_name: str, *, stamp: Stamp) -> str:
        """Forget a deleted user's name (P2); gives the user's id. Raises UnknownUser, UserNotDeleted."""
        return self._erase(self.erasable_user(login_name), stamp)

    def erase_auditor(self, name: str, *, stamp: Stamp) -> str:
        """Forget a removed auditor's name (P2); gives the auditor's id. Raises UnknownAuditor, AuditorNotRemoved."""
        return self._erase(self.erasable_auditor(name), stamp)

    def erase_operator(self, name: str, *, stamp: Stamp) -> str:
        """Forget an operator's name (P2); gives the operator's id. Raises UnknownOperator."""
        return self._erase(self.erasable_operator(name), stamp)

    def erase_again(self, account_id: str, *, stamp: Stamp) -> None:
        """Forget the name of somebody who was erased before an older state was restored, whatever they are there.

        They leave as well, as they had left before: by no name could anybody let them go. The last administrator stays
        until there is another (U3).
        """
        if account_id not in self.users and account_id not in self.auditors:
            if account_id in self.operators and account_id not in self.erased:
                self._erase(account_id, stamp)
            return
        if account_id not in self.erased:
            self._erase(account_id, stamp)
        user = self.users.get(account_id)
        if self._is_auditor(account_id):
            self._record(self.AuditorRemoved, stamp, auditor_id=account_id)
        if user is not None and not user.is_deleted:
            with suppress(LastAdministrator):
                self._ask_not_last_administrator(user)
                self._record(self.UserDeleted, stamp, user_id=account_id)

    def see_operator(self, name: str, *, stamp: Stamp) -> Stamp:
        """The stamp of a command that an operating-system user gives; the first one records the name before it (P1)."""
        operator = operator_named(self.operators, name)
        if operator is not None:
            return replace(stamp, by=f"{OPERATOR}{operator.operator_id}")
        stamp = replace(stamp, by=f"{OPERATOR}{uuid4()}")
        self.record_operator(name, stamp=stamp)
        return stamp

    def record_operator(self, name: str, *, stamp: Stamp) -> None:
        """Record the name of the operator whose stamp it is (P1)."""
        operator_id = stamp.by.removeprefix(OPERATOR)
        self._record(self.OperatorSeen, stamp, operator_id=operator_id, name=name, login_key=login_key(name))

    def ask_right(self, stamp: Stamp) -> None:
        """Whoever gives a command must have the right to at that very moment. Raises RightLost.

        It was asked before, but somebody else may have taken it since.
        """
        kind, _, id_ = stamp.by.partition(":")
        rights = {
            "user": id_ in self.administrators,
            "auditor": self._is_auditor(id_),
            "token": self._is_token(id_),
        }
        if not rights.get(kind, True):
            raise RightLost

    def reach_day(self, *, stamp: Stamp) -> None:
        """Record that the calendar alone has begun or ended something since the newest event, if it has (L3)."""
        today = local_day(stamp.moment, self.time_zone)
        if any(key.has_turned(self.day, today) for key in self.registered_keys):
            self._record(self.DayReached, stamp)

    def accept_restore(self, size: int, root: str, lost_size: int, lost_root: str, *, stamp: Stamp) -> None:
        """Record that an auditor accepted a restored log, which extends the checkpoint of `size` and `root`."""
        self._record(self.RestoreAccepted, stamp, size=size, root=root, lost_size=lost_size, lost_root=lost_root)

    def grant_administrator(self, login_name: str, *, stamp: Stamp) -> None:
        """Raises UnknownUser, UserIsDeleted. Granting twice changes nothing (U7)."""
        user = self._present(login_name)
        if user.user_id in self.administrators:
            return
        self._record(self.AdministratorGranted, stamp, user_id=user.user_id)

    def revoke_administrator(self, login_name: str, *, stamp: Stamp) -> None:
        """Raises UnknownUser, UserIsDeleted, LastAdministrator (U3). Revoking twice changes nothing (U7)."""
        user = self._present(login_name)
        if user.user_id not in self.administrators:
            return
        self._ask_not_last_administrator(user)
        self._record(self.AdministratorRevoked, stamp, user_id=user.user_id)

    def add_auditor(self, name: str, *, stamp: Stamp) -> None:
        """Raises LoginNameInvalid (U1), LoginNameTaken: auditors' names count as login names (U2)."""
        name = self._free(valid_login_name(name))
        self._record(self.AuditorAdded, stamp, auditor_id=str(uuid4()), name=name, login_key=login_key(name))

    def remove_auditor(self, name: str, *, stamp: Stamp) -> None:
        """Raises UnknownAuditor. Removing a removed auditor changes nothing (U7)."""
        auditor = self._auditor(name)
        if not auditor.is_removed:
            self._record(self.AuditorRemoved, stamp, auditor_id=auditor.auditor_id)

    def record_password_link(self, account_id: str, *, stamp: Stamp) -> None:
        """Record that a one-time link was made, with which an administrator or an auditor sets a password.

        Raises UnknownAccount for anybody else: the right may have been lost since it was asked (U6).
        """
        self._ask_account(account_id)
        self._record(self.PasswordLinkMade, stamp, account_id=account_id)

    def record_password_change(self, account_id: str, how: str, *, stamp: Stamp) -> None:
        """Record that an administrator's or an auditor's password changed, and in which of PASSWORD_WAYS.

        Raises UnknownAccount, as for a link.
        """
        self._ask_account(account_id)
        self._record(self.PasswordChanged, stamp, account_id=account_id, how=how)

    def create_token(
        self, token_id: str, name: str, scopes: list[str], digest: str, expires_on: date | None, *, stamp: Stamp
    ) -> None:
        """Record a new API token by the SHA-256 of its text. Raises TextInvalid, NoScope, ScopeUnknown."""
        if not any(scope.strip() for scope in scopes):
            raise NoScope(scopes=SCOPES)
        unknown = next((scope for scope in scopes if scope not in SCOPES), None)
        if unknown is not None:
            raise ScopeUnknown(scope=shown(unknown), scopes=SCOPES)
        self._record(
            self.TokenCreated,
            stamp,
            token_id=token_id,
            name=valid_text(name, what="token_name"),
            scopes=[scope for scope in SCOPES if scope in scopes],
            digest=digest,
            expires_on=expires_on.isoformat() if expires_on else None,
        )

    def revoke_token(self, token_id: str, *, stamp: Stamp) -> None:
        """Raises UnknownToken. Revoking a revoked token changes nothing (U7)."""
        if token_id not in self.tokens:
            raise UnknownToken(token_id=shown(token_id))
        if self._is_token(token_id):
            self._record(self.TokenRevoked, stamp, token_id=token_id)

    def correct_clock(self, day: date, *, stamp: Stamp) -> None:
        """Let days count anew from `day`, after the clock had jumped forward (L3); auditors see it as an alarm.

        Raises ClockCorrectionRefused if `day` is later than the newest event's day or than the machine's
        clock, or earlier than the day on which the newest registered license key was issued.
        """
        if day == self.day:
            return
        problem = None
        today = local_day(stamp.moment, self.time_zone)
        issued = max((self._issue_day(key.issued_at) for key in self.registered_keys), default=None)
        if day > self.day:
            problem = Problem("nothing_to_mend", newest=self.day)
        elif day > today:
            problem = Problem("clock_says", today=today)
        elif issued and day < issued:
            problem = Problem("before_newest_key", issued=issued)
        if problem:
            raise ClockCorrectionRefused(day=day, problem=problem)
        self._record(self.ClockCorrected, stamp, on=day)

    def record_contradicted_anchor(self, size: int, root: str, *, stamp: Stamp) -> None:
        """Record that the log is no extension of the checkpoint that a license key carried."""
        self._record(self.LogAnchorContradicted, stamp, size=size, root=root)

    # Questions that the commands and use cases ask.

    def has_registered(self, fingerprint: str) -> bool:
        return any(registered.fingerprint == fingerprint for registered in self.registered_keys)

    def account_of(self, name: str) -> str | None:
        """The id of the user or auditor who bears this name, or bore it once; None if nobody ever did."""
        return self.names.get(login_key(name))

    def user_named(self, name: str) -> User | None:
        """The user who bears this name, or bore it once."""
        return self.users.get(self.account_of(name) or "")

    def erasable_user(self, login_name: str) -> str:
        """The id of a user who can be erased (P2). Raises UnknownUser, UserNotDeleted."""
        user = self._known(login_name)
        if not user.is_deleted:
            raise UserNotDeleted(login_name=user.login_name)
        return user.user_id

    def erasable_auditor(self, name: str) -> str:
        """The id of an auditor who can be erased (P2). Raises UnknownAuditor, AuditorNotRemoved."""
        auditor = self._auditor(name)
        if not auditor.is_removed:
            raise AuditorNotRemoved(name=shown(name))
        return auditor.auditor_id

    def erasable_operator(self, name: str) -> str:
        """The id of an operator who can be erased (P2). Raises UnknownOperator."""
        operator = operator_named(self.operators, name)
        if operator is None:
            raise UnknownOperator(name=shown(name))
        return operator.operator_id

    def _today(self, stamp: Stamp) -> date:
        """The installation's day; a clock set back re-opens nothing (L3)."""
        return max(local_day(stamp.moment, self.time_zone), self.day)

    def _issue_day(self, issued_at: int) -> date:
        return local_day(datetime.fromtimestamp(issued_at, UTC), self.time_zone)

    def _told_apart(self, *issued_at: int) -> list[date]:
        """The days on which keys were issued; the moments if that was on one day, in the installation's time zone."""
        moments = [datetime.fromtimestamp(each, UTC).astimezone(ZoneInfo(self.time_zone)) for each in issued_at]
        days = [moment.date() for moment in moments]
        return days if len(set(days)) > 1 else [*moments]

    def free_name(self, login_name: str) -> str:
        """A user's name as it would be stored. Raises LoginNameInvalid (U1), LoginNameTaken, NameOfDeletedUser (U2)."""
        name = valid_login_name(login_name)
        owner = self.user_named(name)
        if owner is not None and owner.is_deleted:
            raise NameOfDeletedUser(login_name=owner.login_name)
        return self._free(name)

    def _free(self, name: str) -> str:
        """The name, if nobody bears it or ever bore it. Raises LoginNameTaken, which spells it as it is stored."""
        key = login_key(name)
        if key in self.names or (self.erased and self.bore_erased(key)):
            owner = self.user_named(name)
            raise LoginNameTaken(login_name=owner.login_name if owner and login_key(owner.login_name) == key else name)
        return name

    def _known(self, login_name: str) -> User:
        user = self.user_named(login_name)
        if user is None:
            raise UnknownUser(login_name=shown(login_name))
        if login_key(user.login_name) != login_key(login_name):  # a name that was given up is nobody's
            raise UnknownUser(login_name=shown(login_name), now=user.login_name)
        return user

    def _auditor(self, name: str) -> Auditor:
        auditor = self.auditors.get(self.account_of(name) or "")
        if auditor is None:
            raise UnknownAuditor(name=shown(name))
        return auditor

    def _present(self, login_name: str) -> User:
        user = self._known(login_name)
        if user.is_deleted:
            raise UserIsDeleted(login_name=user.login_name)
        return user

    def _is_auditor(self, account_id: str) -> bool:
        """Whether it is an auditor who was not removed."""
        auditor = self.auditors.get(account_id)
        return auditor is not None and not auditor.is_removed

    def _is_token(self, token_id: str) -> bool:
        """Whether it is a token that was not revoked."""
        token = self.tokens.get(token_id)
        return token is not None and not token.is_revoked

    def _ask_account(self, account_id: str) -> None:
        user = self.users.get(account_id)
        if account_id not in self.administrators and not self._is_auditor(account_id):
            raise UnknownAccount(name=user.login_name if user else account_id)

    def _erase(self, account_id: str, stamp: Stamp) -> str:
        self._record(self.PersonErased, stamp, account_id=account_id)
        return account_id

    def _ask_not_last_administrator(self, user: User) -> None:
        """Nor the last who has a password: the others could not sign in, and nobody could make links for them."""
        if user.user_id not in self.administrators:
            return
        if len(self.administrators) == 1:
            raise LastAdministrator(login_name=user.login_name)
        if user.user_id in self.with_password and len(self.with_password.intersection(self.administrators)) == 1:
            raise LastAdministratorWithPassword(login_name=user.login_name)

    def _record(
        self,
        event: type[Event],
        stamp: Stamp,
        *,
        on: date | None = None,
        **fields: Any,  # Any: trigger_event's own
    ) -> None:
        self.trigger_event(
            event,
            by=stamp.by,
            command_id=str(stamp.command_id),
            day=(on or self._today(stamp)).isoformat(),
            timestamp=stamp.moment,
            **fields,
        )


def _nobody(_: str) -> bool:
    return False


@cache
def _time_zones() -> frozenset[str]:
    """Looked up once: it takes 600 files."""
    return frozenset(available_timezones())


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of a moment in a time zone; in the last hours of the year 9999, which a key can name, in UTC."""
    try:
        return moment.astimezone(ZoneInfo(time_zone)).date()
    except OverflowError:
        return moment.date()
