"""The use cases of Seatledger: one method each. Commands come first, then questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import InfrastructureFactory, IntegrityError, PersistenceError
from eventsourcing.utils import Environment, EnvType
from sqlalchemy.exc import SQLAlchemyError

from application.clock import Clock
from application.credentials.tokens import new_token
from application.license_keys import LicenseKeys, fingerprint
from application.log.failures import AlreadyOpened, Busy, storing
from application.log.mapper import AllowedTopicsMapper
from application.log.sqlite import recorder as sqlite
from application.log.sqlite.reader import LogReader
from application.proof.anchor import Anchor
from application.user_import import Import, ImportLine, add_lines, plan
from application.views.day_view import DayView
from application.views.entitlement import Entitlement, HistoryEntry
from application.views.history import Filter, History, HistoryPage
from application.views.newest import LiveEntitlement, NoInstallation, NotYet
from domain.installation import Installation, Stamp
from domain.license import LicenseKey
from domain.refusals import KeyRefused, Refused

ATTEMPTS = 10
"""How often a use case reloads and asks again when another process was faster."""

TURN_TIMEOUT = 3.0
"""Seconds that a command waits for the other commands of its own process."""

EVENTS_PER_SAVE = 1000

MAX_TOKEN_DAYS = 3650


class Registration(NamedTuple):
    """What registering a key did: the key that was read, and whether it was new (K2)."""

    key: LicenseKey
    is_new: bool


class Replayed(NamedTuple):
    """What was true then, and the day for which it was answered (A1)."""

    view: Entitlement
    day: date


class NewToken(NamedTuple):
    """A new API token: its id, and its text, which is shown once."""

    token_id: str
    text: str


class DayPast(Refused):
    """Asked what is answered on a day that is past; what was answered then is another question (A1)."""

    code = "day_past"


class ExpiryInvalid(Refused):
    """An API token was to be good for no or too many days."""

    code = "expiry_invalid"


def new_installation(name: str, product: str, time_zone: str, administrator: str, stamp: Stamp) -> Installation:
    """An installation with its first administrator, not stored: `init` asks it before it makes a database.

    Raises TextInvalid, TimeZoneUnknown, LoginNameInvalid.
    """
    installation = Installation.open(name, product, time_zone, stamp=stamp)
    installation.add_user(administrator, administrator=True, stamp=stamp)
    return installation


class Licensing(Application[UUID]):
    """Everything that administrators, gateways and auditors ask of Seatledger.

    A command takes the installation's id, what it is about, `by` (`user:UUID`, `auditor:UUID`, `token:ID` or
    `cli:OS-USER`) and, if the caller has one, the command's id. It raises the Refused of a broken rule, Busy
    when others were writing all the time, StorageFailed when the database refused; then nothing was stored.
    """

    name = "seatledger"
    mapper: AllowedTopicsMapper
    env = {"AGGREGATE_CACHE_MAXSIZE": "10"}

    def __init__(
        self,
        database: str,
        keys: Callable[[], LicenseKeys],
        clock: Clock,
        forget: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`database` is the path of an SQLite file; `keys` gives the reader of license keys when a key comes.

        `forget` clears away what an account held that lost its right to sign in (U6).
        """
        self._forget = forget
        self._database = database
        self._keys = keys
        self._clock = clock
        self._turn = Lock()
        self._live: dict[UUID, LiveEntitlement] = {}
        self._live_lock = Lock()
        super().__init__({"SQLITE_DBNAME": database, "SQLITE_LOCK_TIMEOUT": str(sqlite.LOCK_TIMEOUT)})

    # Commands

    def open_installation(self, name: str, product: str, time_zone: str, administrator: str, *, by: str) -> UUID:
        """Open the installation of this database, with its first administrator; gives its id.

        Raises AlreadyOpened, TextInvalid, TimeZoneUnknown, LoginNameInvalid.
        """
        for installation_id in self.installation_ids():
            raise AlreadyOpened(name=self.entitlement(installation_id).name, installation_id=installation_id)
        installation = new_installation(name, product, time_zone, administrator, Stamp(by, uuid4(), self._clock()))
        with storing():
            self.save(installation)
        return installation.id

    def register_license_key(self, id_: UUID, text: str, *, by: str, command_id: UUID | None = None) -> Registration:
        """Register a pasted license key. A refusal is recorded with its code and the fingerprint (K7).

        Raises the KeyRefused that says why.
        """
        try:
            key = self._keys().read(text)
            recorded = self._act(id_, self._register, key, by=by, command_id=command_id)
        except KeyRefused as refusal:
            refused = (refusal.code, fingerprint(text))
            self._act(id_, Installation.record_refused_key, *refused, by=by, command_id=command_id)
            raise
        return Registration(key, is_new=recorded > 0)

    def add_user(
        self, id_: UUID, login_name: str, *, administrator: bool = False, by: str, command_id: UUID | None = None
    ) -> None:
        """Add a user, also beyond Valid (U4)."""
        self._act(id_, Installation.add_user, login_name, administrator=administrator, by=by, command_id=command_id)

    def delete_user(self, id_: UUID, login_name: str, *, by: str, command_id: UUID | None = None) -> None:
        """Delete a user, whatever the license says (U5)."""
        self._act(id_, Installation.delete_user, login_name, by=by, command_id=command_id)
        self._tidy(id_, login_name)

    def restore_user(self, id_: UUID, login_name: str, *, by: str, command_id: UUID | None = None) -> None:
        """Restore a deleted user as an ordinary one (U6), also beyond Valid (U4)."""
        self._act(id_, Installation.restore_user, login_name, by=by, command_id=command_id)

    def grant_administrator(self, id_: UUID, login_name: str, *, by: str, command_id: UUID | None = None) -> None:
        """Make a user an administrator, who then needs a password (see Accounts)."""
        self._act(id_, Installation.grant_administrator, login_name, by=by, command_id=command_id)

    def revoke_administrator(self, id_: UUID, login_name: str, *, by: str, command_id: UUID | None = None) -> None:
        """Make an administrator an ordinary user (U5)."""
        self._act(id_, Installation.revoke_administrator, login_name, by=by, command_id=command_id)
        self._tidy(id_, login_name)

    def import_users(
        self,
        id_: UUID,
        lines: Iterable[ImportLine],
        *,
        by: str,
        command_id: UUID | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Import:
        """Add the users of a list; those already present are skipped and counted.

        All lines are validated before anything is written. Raises ImportRefused, which names every bad line.
        Stores at most 1,000 events at a time and calls `progress` with the number of lines done since the
        last call; run again after a break-off, it adds nothing twice.
        """
        command_id = command_id or uuid4()
        with self._in_turn():
            installation = self._load(id_)
        planned = plan(installation, lines)
        progress(planned.present)
        for start in range(0, len(planned.new), EVENTS_PER_SAVE):
            batch = planned.new[start : start + EVENTS_PER_SAVE]
            self._act(id_, add_lines, batch, by=by, command_id=command_id)
            progress(len(batch))
        return planned

    def add_auditor(self, id_: UUID, name: str, *, by: str, command_id: UUID | None = None) -> None:
        """Add an auditor, who then needs a password (see Accounts)."""
        self._act(id_, Installation.add_auditor, name, by=by, command_id=command_id)

    def remove_auditor(self, id_: UUID, name: str, *, by: str, command_id: UUID | None = None) -> None:
        """Remove an auditor; the name is never given again (U2)."""
        self._act(id_, Installation.remove_auditor, name, by=by, command_id=command_id)
        self._tidy(id_, name)

    def record_password_change(self, id_: UUID, account_id: str, *, by: str) -> None:
        """Record that somebody's password changed; the password itself is the business of Accounts."""
        self._act(id_, Installation.record_password_change, account_id, by=by)

    def create_token(
        self, id_: UUID, name: str, scopes: Iterable[str], *, expires_after: int | None = None, by: str
    ) -> NewToken:
        """Make an API token, good for `expires_after` days after today (None: without end).

        Its text is given here and never again. Raises TextInvalid, ScopeUnknown, ExpiryInvalid.
        """
        expires_on = self._expiry(id_, expires_after)
        token_id, text, digest = new_token()
        self._act(id_, Installation.create_token, token_id, name, list(scopes), digest, expires_on, by=by)
        return NewToken(token_id, text)

    def revoke_token(self, id_: UUID, token_id: str, *, by: str, command_id: UUID | None = None) -> None:
        """Revoke an API token, at once and for good."""
        self._act(id_, Installation.revoke_token, token_id, by=by, command_id=command_id)

    def correct_clock(self, id_: UUID, day: date, *, by: str, command_id: UUID | None = None) -> None:
        """Let days count anew from `day` after the clock had jumped forward (L3)."""
        self._act(id_, Installation.correct_clock, day, by=by, command_id=command_id)

    # Questions

    def now(self, id_: UUID) -> DayView:
        """What is true now, on the installation's day. Raises NoInstallation."""
        view = self._projection(id_).now()
        return DayView(view, view.day_at(self._clock()))

    def on(self, id_: UUID, day: date) -> DayView:
        """What is true on a day from today on if nothing else happens until then. Raises DayPast (A1)."""
        now = self.now(id_)
        if day < now.day:
            raise DayPast(day=day, today=now.day)
        return DayView(now.view, day)

    def at(self, id_: UUID, position: int) -> DayView:
        """What was answered after the event at `position`: on the day of that event (A1). Raises NotThatOld."""
        view = self._projection(id_).at(position)
        return DayView(view, view.day)

    def as_of(self, id_: UUID, moment: datetime) -> DayView:
        """What was answered at that moment: after the last event not after it, on its day (A1).

        Raises NotThatOld, NotYet.
        """
        now = self._clock()
        if moment > now:
            raise NotYet(now=now.isoformat(timespec="seconds"))
        projection = self._projection(id_)
        view = projection.at(projection.position_as_of(moment))
        return DayView(view, view.day_at(moment))

    def installation_ids(self) -> list[UUID]:
        """The installations of this database: none before `init`, and one today."""
        with closing(self._open_reader()) as reader:
            return reader.installation_ids()

    def entitlement(self, id_: UUID) -> Entitlement:
        """What is true now. Raises NoInstallation."""
        return self._projection(id_).now()

    def entitlement_at(self, id_: UUID, position: int) -> Entitlement:
        """What was true after the event at `position`. Raises NotThatOld."""
        return self._projection(id_).at(position)

    def entitlement_as_of(self, id_: UUID, moment: datetime) -> Entitlement:
        """What was true at that moment, after the last event not after it (A1). Raises NotThatOld, NotYet."""
        now = self._clock()
        if moment > now:
            raise NotYet(now=now.isoformat(timespec="seconds"))
        return self._projection(id_).at(self._projection(id_).position_as_of(moment))

    def replayed_at(self, id_: UUID, position: int) -> Replayed:
        """What was answered after the event at `position`: on the day of that event (A1). Raises NotThatOld."""
        view = self.entitlement_at(id_, position)
        return Replayed(view, view.day)

    def replayed_as_of(self, id_: UUID, moment: datetime) -> Replayed:
        """What was answered at that moment: on the moment's day (A1). Raises NotThatOld, NotYet."""
        view = self.entitlement_as_of(id_, moment)
        return Replayed(view, view.day_at(moment))

    def today(self, view: Entitlement) -> date:
        """The installation's day: never earlier than that of its newest event (L3)."""
        return view.day_at(self._clock())

    def history(
        self, id_: UUID, *, after: int = 0, limit: int = 100, wanted: Filter | None = None
    ) -> list[HistoryEntry]:
        """The wanted events at the positions after `after`, oldest first, at most `limit` of them."""
        with closing(self._open_reader()) as reader:
            history = History(reader, self.mapper, self.entitlement(id_))
            return history.after(after, limit=limit, wanted=wanted or Filter())

    def history_backwards(
        self, id_: UUID, *, before: int | None = None, limit: int = 50, wanted: Filter | None = None
    ) -> HistoryPage:
        """The history as people read it: newest first, with effects and what the calendar brought about."""
        view = self.entitlement(id_)
        with closing(self._open_reader()) as reader:
            return History(reader, self.mapper, view).before(
                before,
                limit=limit,
                wanted=wanted or Filter(),
                today=self.today(view),
                in_use_at=self._projection(id_).in_use_at,
            )

    def close(self) -> None:
        for live in self._live.values():
            live.close()
        super().close()

    # How commands are done

    def _register(self, installation: Installation, key: LicenseKey, *, stamp: Stamp) -> None:
        """Register a key and, if it carries a checkpoint that the log does not extend, say so in the log."""
        installation.register_license_key(key, stamp=stamp)
        anchor = Anchor.of(key.license)
        if not installation.pending_events or anchor is None:
            return
        with closing(self._open_reader()) as reader:
            if not anchor.is_extended_by(reader.leaves(installation.id)):
                installation.record_contradicted_anchor(anchor.size, anchor.root, stamp=stamp)

    def _act(
        self,
        id_: UUID,
        command: Callable[..., None],
        *args: Any,
        by: str,
        command_id: UUID | None = None,
        **kwargs: Any,
    ) -> int:
        """Load the installation, let it act, store what it recorded; gives how many events that were.

        Meets a version conflict by asking again, with what the other has stored. Commands of one process take
        turns: that cuts conflicts to a tenth, and the time-out keeps anybody from waiting behind a stuck one.
        """
        command_id = command_id or uuid4()
        for _ in range(ATTEMPTS):
            with suppress(IntegrityError), self._in_turn():
                installation = self._load(id_)
                command(installation, *args, **kwargs, stamp=Stamp(by, command_id, self._clock()))
                recorded = len(installation.pending_events)
                self.save(installation)
                self._remember(installation)
                return recorded
        raise Busy

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Alone with the store among the threads of this process. Raises Busy, StorageFailed.

        Loading takes a turn as well: the library catches the cached installation up in place and copies it
        afterwards, so that a copy made in between would be torn.
        """
        if not self._turn.acquire(timeout=TURN_TIMEOUT):
            raise Busy
        try:
            with storing():
                yield
        finally:
            self._turn.release()

    def _load(self, id_: UUID) -> Installation:
        """The installation as it is stored, a copy of one's own. Raises NoInstallation, LogUnreadable."""
        try:
            installation: Installation = self.repository.get(id_)
        except AggregateNotFoundError:
            raise NoInstallation from None
        except PersistenceError:
            raise
        except Exception:
            self.entitlement(id_)  # raises LogUnreadable, which names the event that does not fit
            raise
        return installation

    def _tidy(self, id_: UUID, name: str) -> None:
        """Clear away the credentials of an account without a right. They are void already (see Credentials)."""
        view = self.entitlement(id_)
        account_id = view.account_id(name)
        if account_id is not None and view.right_since(account_id) is None:
            with suppress(SQLAlchemyError):
                self._forget(account_id)

    def _remember(self, installation: Installation) -> None:
        """Keep what was stored, so that the next command need not read its own process's events again."""
        if self.repository.cache is not None:
            self.repository.cache.put(installation.id, installation)

    def _expiry(self, id_: UUID, days: int | None) -> date | None:
        if days is None:
            return None
        if not 1 <= days <= MAX_TOKEN_DAYS:
            raise ExpiryInvalid(days=days, most=MAX_TOKEN_DAYS)
        return self.today(self.entitlement(id_)) + timedelta(days=days)

    # How the library is set up

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Only what is said here: the process's environment is read in interface/settings.py alone."""
        return Environment(name, {**type(self).env, **(env or {})})

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        return sqlite.Factory(env)

    def construct_mapper(self) -> AllowedTopicsMapper:
        return AllowedTopicsMapper.plain()

    def _open_reader(self) -> LogReader:
        return LogReader(self._database)

    def _projection(self, id_: UUID) -> LiveEntitlement:
        live = self._live.get(id_)
        if live is None:
            with self._live_lock:
                live = self._live.get(id_) or LiveEntitlement(self._open_reader, self.mapper.to_domain_event, id_)
                self._live[id_] = live
        return live
