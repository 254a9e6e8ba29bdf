"""The use cases of Seatledger: one method each. Commands come first, then questions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import NamedTuple, cast
from uuid import UUID, uuid4

from rpds import HashTrieSet

from application.api_tokens import new_token
from application.clock import Clock
from application.erased_names import Pepper
from application.erasing import ErasedList, Erasing
from application.installations import Installations
from application.license_keys import LicenseKeys, fingerprint, is_empty
from application.log import Log
from application.log.acting import COMMAND_LINE, Acting, Command, CommandId, Repeatable
from application.log.failures import Busy, OutcomeUnknown, StorageFailed, database_errors
from application.log.mapper import PREFIX
from application.loss import Loss
from application.proof.anchor import Anchor
from application.proof.verify_export import to_base64
from application.snapshots import ViewSnapshots
from application.undo import Undone, UserCommand, take_back, undone_names
from application.undo import user_command as command_on_users
from application.user_batch import to_each
from application.user_import import (
    EVENTS_PER_SAVE,
    Import,
    ImportLine,
    ImportOutdated,
    ImportUnfinished,
    adding,
    confirmation_of,
    plan,
)
from application.views.day_view import DayView
from application.views.entitlement import Entitlement, fold
from application.views.history import Filter, History, HistoryEntry
from application.views.history_lines import HistoryLines, HistoryPage
from application.views.license_keys import KeyLine, license_keys
from application.views.name_changes import NameChanges
from application.views.newest import NewestView
from application.views.preview import Preview
from application.views.today import Today
from application.watched_views import Views
from domain.installation import OPERATOR, SERVER, Installation, Stamp, local_day
from domain.license import LicenseKey
from domain.login_name import shown
from domain.refusals import KeyRefused, Refused, UnknownToken

MAX_TOKEN_DAYS = 3650

USER_COMES = (Installation.UserAdded, Installation.UserRestored)

LOOKED_BACK = 1000
"""Among how many of the newest events a refusal is looked for before it is recorded once more."""


class Registration(NamedTuple):
    """What registering a key did: the key that was read, and whether it was new (K2)."""

    key: LicenseKey
    is_new: bool


class NeedsConfirmation(Refused):
    """The key would shut users out, take optional products away or shorten cover, and nobody has confirmed that (C-21).

    The fact `preview` tells what would happen. With `is_otherwise`, something else was confirmed.
    """

    code = "needs_confirmation"

    @property
    def preview(self) -> Preview:
        preview = self.facts["preview"]
        assert isinstance(preview, Preview)  # noqa: S101  for the type checker
        return preview

    @property
    def says(self) -> str:
        return f"{self.code}.otherwise" if self.facts.get("is_otherwise") else self.code


class NewToken(NamedTuple):
    """A new API token: its id, and its text, which is shown once."""

    token_id: str
    text: str


class AlreadyOpened(Refused):
    """One database serves one installation."""

    code = "already_initialized"


class DayPast(Refused):
    """Asked what is answered on a day that is past; what was answered then is another question (A1)."""

    code = "day_past"

    @property
    def says(self) -> str:
        """Said otherwise when the installation's day stands before the machine's clock (L3)."""
        is_ahead = self.facts.get("clock_day") != self.facts.get("today")
        return f"{self.code}.day_ahead" if is_ahead else self.code


class ExpiryInvalid(Refused):
    """An API token was to be good for no or too many days."""

    code = "expiry_invalid"


class TokenMadeBefore(Refused):
    """The same command has made its token already, and its text was given then."""

    code = "token_made_before"


def new_installation(name: str, product: str, time_zone: str, administrator: str, stamp: Stamp) -> Installation:
    """An installation with its first administrator, not stored: `init` asks it before it makes a database.

    Raises TextInvalid, TimeZoneUnknown, LoginNameInvalid.
    """
    operator, stamp = stamp.by.removeprefix(COMMAND_LINE), replace(stamp, by=f"{OPERATOR}{uuid4()}")
    installation = Installation.open(name, product, time_zone, stamp=stamp)
    installation.record_operator(operator, stamp=stamp)
    installation.add_user(administrator, administrator=True, stamp=stamp)
    return installation


class Licensing:
    """Everything that administrators, gateways and auditors ask of Seatledger.

    A command takes the installation's id, what it is about, `by` (`user:UUID`, `auditor:UUID`, `token:ID`, or
    `cli:OS-USER`, who is recorded as `operator:UUID`) and, if the caller has one, the command's id (Repeatable for one
    that may come again: then it gives what it gave the first time). It raises the
    Refused of a broken rule, Busy when others were writing all the time, StorageFailed when the database refused; then
    nothing was stored.
    """

    def __init__(
        self,
        log: Log,
        keys: Callable[[], LicenseKeys],
        clock: Clock,
        pepper: Pepper,
        erased: ErasedList,
        forget: Callable[[str], None] = lambda _: None,
        *,
        max_age: float = 0,
        stale_seconds: float = 3600,
        secret_key: bytes | None = None,
    ) -> None:
        """`keys` gives the reader of license keys when a key comes.

        `pepper` and `erased` lie beside the secret key (P3, P5). `forget` clears away what an account held that lost
        its right to sign in (U6). `max_age` and `stale_seconds`: see `last_known`. With a `secret_key`, views
        begin from a snapshot.
        """
        self.max_age, self._stale_seconds = max_age, stale_seconds
        self._today = Today(clock)
        self._log = log
        self._keys = keys
        self._clock = clock
        self._forget = forget
        self._acting = Acting(log, clock, Installations(self._newest_of), pepper)
        self.erasing = Erasing(self._acting, self._acting.erased_names, erased)
        snapshots = ViewSnapshots(log.snapshots(), secret_key) if secret_key else None
        self.views = Views(log, self._acting.mapper.to_domain_events, keys, clock, snapshots)

    # Commands

    def open_installation(self, name: str, product: str, time_zone: str, administrator: str, *, by: str) -> UUID:
        """Open the installation of this database, with its first administrator; gives its id.

        Raises AlreadyOpened, TextInvalid, TimeZoneUnknown, LoginNameInvalid.
        """
        for installation_id in self.installation_ids():
            raise AlreadyOpened(name=self._view(installation_id).name, installation_id=str(installation_id))
        installation = new_installation(name, product, time_zone, administrator, Stamp(by, uuid4(), self._clock()))
        self._acting.store(installation)
        return installation.id

    def register_license_key(
        self, id_: UUID, text: str, *, confirmed: bool | str = False, by: str, command_id: CommandId | None = None
    ) -> Registration:
        """Register a pasted license key. A refusal is recorded with its code and the fingerprint (K7).

        Once for each command: a browser that reloads the page of a refusal sends the form once more. A text with
        nothing in it is refused, and not recorded. `confirmed`: True, whatever it makes worse; or what was confirmed,
        as Preview.confirmation names it. Raises the KeyRefused that says why, or NeedsConfirmation.
        """

        def register(installation: Installation, stamp: Stamp) -> None:
            # Of the very log that the registration follows: what grew since it was confirmed is asked about again.
            preview = self._register(installation, key, stamp)
            if confirmed is not True and preview.is_harmful and confirmed != preview.confirmation:
                raise NeedsConfirmation(preview=preview, is_otherwise=bool(confirmed))

        try:
            key = self._keys().read(text)
            recorded = self._act(id_, register, by, command_id)
        except KeyRefused as refusal:
            if is_empty(text):
                raise
            code, evidence = refusal.code, fingerprint(text)

            def record(installation: Installation, stamp: Stamp) -> None:
                if command_id is None or not self._has_recorded(installation, stamp, code, evidence):
                    installation.record_refused_key(code, evidence, stamp=stamp)

            self._act(id_, record, by, command_id)
            raise
        return Registration(key, is_new=recorded > 0)

    def add_user(
        self, id_: UUID, login_name: str, *, administrator: bool = False, by: str, command_id: CommandId | None = None
    ) -> None:
        """Add a user, also beyond Valid (U4)."""
        self._act(
            id_,
            lambda installation, stamp: installation.add_user(login_name, administrator=administrator, stamp=stamp),
            by,
            command_id,
        )

    def delete_user(self, id_: UUID, login_name: str, *, by: str, command_id: CommandId | None = None) -> None:
        """Delete a user, whatever the license says (U5)."""
        self._act(id_, lambda installation, stamp: installation.delete_user(login_name, stamp=stamp), by, command_id)
        self._tidy(id_, login_name)

    def restore_user(self, id_: UUID, login_name: str, *, by: str, command_id: CommandId | None = None) -> None:
        """Restore a deleted user as an ordinary one (U6), also beyond Valid (U4)."""
        self._act(id_, lambda installation, stamp: installation.restore_user(login_name, stamp=stamp), by, command_id)

    def rename_user(
        self, id_: UUID, login_name: str, new_name: str, *, by: str, command_id: CommandId | None = None
    ) -> bool:
        """Give a present user another login name (U8); gives whether it was another spelling than the one before."""
        recorded = self._act(
            id_, lambda installation, stamp: installation.rename_user(login_name, new_name, stamp=stamp), by, command_id
        )
        return recorded > 0

    def grant_administrator(self, id_: UUID, login_name: str, *, by: str, command_id: CommandId | None = None) -> None:
        """Make a user an administrator, who then needs a password (see Accounts)."""
        self._act(
            id_, lambda installation, stamp: installation.grant_administrator(login_name, stamp=stamp), by, command_id
        )

    def revoke_administrator(self, id_: UUID, login_name: str, *, by: str, command_id: CommandId | None = None) -> None:
        """Make an administrator an ordinary user (U5)."""
        self._act(
            id_, lambda installation, stamp: installation.revoke_administrator(login_name, stamp=stamp), by, command_id
        )
        self._tidy(id_, login_name)

    # Several users in one command: all of them or none. Each gives how many users it changed, and raises UsersRefused,
    # which names every user who is refused; of a single one, the refusal of the same command for one user.

    def add_users(
        self,
        id_: UUID,
        login_names: Iterable[str],
        *,
        administrator: bool = False,
        by: str,
        command_id: CommandId | None = None,
    ) -> int:
        """Add users, also beyond Valid (U4)."""
        command = to_each(
            login_names,
            lambda installation, name, stamp: installation.add_user(name, administrator=administrator, stamp=stamp),
        )
        return self._act(id_, command, by, command_id)

    def delete_users(
        self, id_: UUID, login_names: Iterable[str], *, by: str, command_id: CommandId | None = None
    ) -> int:
        """Delete users, whatever the license says (U5)."""
        command = to_each(login_names, lambda installation, name, stamp: installation.delete_user(name, stamp=stamp))
        return self._act_and_tidy(id_, command, by, command_id)

    def restore_users(
        self, id_: UUID, login_names: Iterable[str], *, by: str, command_id: CommandId | None = None
    ) -> int:
        """Restore deleted users as ordinary ones (U6), also beyond Valid (U4)."""
        command = to_each(login_names, lambda installation, name, stamp: installation.restore_user(name, stamp=stamp))
        return self._act(id_, command, by, command_id)

    def grant_administrators(
        self, id_: UUID, login_names: Iterable[str], *, by: str, command_id: CommandId | None = None
    ) -> int:
        """Make users administrators, who then need a password each (see Accounts)."""
        command = to_each(
            login_names, lambda installation, name, stamp: installation.grant_administrator(name, stamp=stamp)
        )
        return self._act(id_, command, by, command_id)

    def revoke_administrators(
        self, id_: UUID, login_names: Iterable[str], *, by: str, command_id: CommandId | None = None
    ) -> int:
        """Make administrators ordinary users (U5)."""
        command = to_each(
            login_names, lambda installation, name, stamp: installation.revoke_administrator(name, stamp=stamp)
        )
        return self._act_and_tidy(id_, command, by, command_id)

    def undo(self, id_: UUID, command: UserCommand, *, by: str, command_id: CommandId | None = None) -> Undone:
        """Take back, all at once, what a command did to users: an import, or any other (see `user_command`).

        Who was added or restored is deleted, who was deleted is restored as an ordinary user (U6), who was made an
        administrator is none, and the reverse. Raises UndoRefused, which names everybody who was changed since, or whom
        a rule keeps as they are.
        """
        undone: list[Undone] = []

        def take(installation: Installation, stamp: Stamp) -> None:
            nonlocal command
            if installation.version != command.position:
                command = self.user_command(id_, command.command_id)
            undone[:] = [take_back(command, installation, stamp)]

        self._act_and_tidy(id_, take, by, command_id)
        return undone[0] if undone else undone_names(command, self._acting.load(id_))

    def import_users(
        self,
        id_: UUID,
        lines: Iterable[ImportLine],
        *,
        restore: bool = False,
        confirmed: str | None = None,
        by: str,
        command_id: UUID | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Import:
        """Add the users of a list; those already present are skipped and counted, as `plan_import` says it.

        All lines are validated before anything is written. Raises ImportRefused, which names every bad line, and
        ImportOutdated if something else was confirmed than it would do now (see confirmation_of). Stores at most
        1,000 events at a time and calls `progress` with the number of lines done since the last call; run again after
        a break-off, it adds nothing twice. Raises ImportUnfinished, and not that nothing was changed, if the database
        fails after the first of these, or does not say whether it has stored them.
        """
        command_id = command_id or uuid4()
        planned = self.plan_import(id_, lines, restore=restore)
        if confirmed is not None and confirmed != confirmation_of(planned, self.now(id_)):
            raise ImportOutdated
        recording = planned.lines
        progress(planned.present)
        command_ids: set[str] = set()
        for start in range(0, len(recording), EVENTS_PER_SAVE):
            batch = recording[start : start + EVENTS_PER_SAVE]
            facts = {"number": len(command_ids), "command_id": str(command_id)}
            try:
                events = self._events(id_, adding(batch, restore=restore), by, command_id)
            except OutcomeUnknown as refusal:
                raise ImportUnfinished(**facts, unknown=len(batch)) from refusal
            except (Busy, StorageFailed) as refusal:
                if start == 0:
                    raise
                raise ImportUnfinished(**facts) from refusal
            command_ids.update(event.command_id for event in events if isinstance(event, USER_COMES))
            progress(len(batch))
        return planned.as_done(command_id, command_ids)

    def add_auditor(self, id_: UUID, name: str, *, by: str, command_id: CommandId | None = None) -> None:
        """Add an auditor, who then needs a password (see Accounts)."""
        self._act(id_, lambda installation, stamp: installation.add_auditor(name, stamp=stamp), by, command_id)

    def remove_auditor(self, id_: UUID, name: str, *, by: str, command_id: CommandId | None = None) -> None:
        """Remove an auditor; the name is never given again (U2)."""
        self._act(id_, lambda installation, stamp: installation.remove_auditor(name, stamp=stamp), by, command_id)
        self._tidy(id_, name)

    def record_password_link(self, id_: UUID, account_id: str, *, by: str) -> None:
        """Record that a one-time link was made for somebody; the link itself is the business of Accounts."""
        self._act(id_, lambda installation, stamp: installation.record_password_link(account_id, stamp=stamp), by)

    def record_password_change(self, id_: UUID, account_id: str, how: str, *, by: str) -> None:
        """Record that somebody's password changed; the password itself is the business of Accounts."""
        self._act(
            id_, lambda installation, stamp: installation.record_password_change(account_id, how, stamp=stamp), by
        )

    def create_token(
        self,
        id_: UUID,
        name: str,
        scopes: Iterable[str],
        *,
        expires_after: int | None = None,
        by: str,
        command_id: CommandId | None = None,
    ) -> NewToken:
        """Make an API token, good for `expires_after` days after today (None: without end).

        Its text is given here and never again. Raises TextInvalid, NoScope, ScopeUnknown, ExpiryInvalid, and
        TokenMadeBefore for a command that came again: its text was given the first time.
        """
        expires_on = self._expiry(id_, expires_after)
        token_id, text, digest = new_token()
        events = self._events(
            id_,
            lambda installation, stamp: installation.create_token(
                token_id, name, list(scopes), digest, expires_on, stamp=stamp
            ),
            by,
            command_id,
        )
        if token_id not in {event.token_id for event in events if isinstance(event, Installation.TokenCreated)}:
            raise TokenMadeBefore(name=shown(name))
        return NewToken(token_id, text)

    def replace_token(self, id_: UUID, token_id: str, *, by: str, command_id: CommandId | None = None) -> NewToken:
        """Make a token like another one, which goes on working until it is revoked, so that nothing stands still.

        It has the same name and scopes, and is good for as many days as the other was. Raises UnknownToken.
        """
        other = self._view(id_).tokens.get(token_id)
        if other is None:
            raise UnknownToken(token_id=shown(token_id))
        days = max(1, (other.expires_on - other.created_on).days) if other.expires_on else None
        return self.create_token(id_, other.name, other.scopes, expires_after=days, by=by, command_id=command_id)

    def revoke_token(self, id_: UUID, *token_ids: str, by: str, command_id: CommandId | None = None) -> None:
        """Revoke API tokens, at once and for good; all of them, or none if one is unknown. Raises UnknownToken."""

        def revoke(installation: Installation, stamp: Stamp) -> None:
            for token_id in token_ids:
                installation.revoke_token(token_id, stamp=stamp)

        self._act(id_, revoke, by, command_id)

    def correct_clock(self, id_: UUID, day: date, *, by: str, command_id: CommandId | None = None) -> None:
        """Let days count anew from `day` after the clock had jumped forward (L3)."""
        self._act(id_, lambda installation, stamp: installation.correct_clock(day, stamp=stamp), by, command_id)

    def reach_day(self, id_: UUID, day: date) -> None:
        """Record that the calendar alone has begun or ended something by this day, which the clock still shows (L3).

        Records nothing if that has been recorded already, or if the clock shows another day by now.
        """

        def reach(installation: Installation, stamp: Stamp) -> None:
            if local_day(stamp.moment, installation.time_zone) == day:
                installation.reach_day(stamp=stamp)

        self._act(id_, reach, SERVER)

    def accept_restore(self, id_: UUID, loss: Loss, *, by: str) -> None:
        """Record that an auditor accepted a restored log. Once for each loss: signing may fail afterwards."""
        facts = (loss.proof.size, to_base64(loss.proof.root), loss.lost.size, to_base64(loss.lost.root))

        def record(installation: Installation, stamp: Stamp) -> None:
            with closing(self._log.reader()) as reader:
                stored = reader.events(id_, after=loss.proof.size, topics=[f"{PREFIX}RestoreAccepted"])
                events = list(self._acting.mapper.to_domain_events(stored))
            accepted = [
                (event.size, event.root, event.lost_size, event.lost_root)
                for event in events
                if isinstance(event, Installation.RestoreAccepted)
            ]
            if facts not in accepted:
                installation.accept_restore(*facts, stamp=stamp)

        self._act(id_, record, by)

    # Questions

    def now(self, id_: UUID, since: float | None = None) -> DayView:
        """What is true now, on the installation's day; `since` as in NewestView.now. Raises NoInstallation."""
        return self._today.of(self._newest_of(id_).now(since))

    def last_known(self, id_: UUID, since: float | None = None) -> DayView:
        """What login checks answer from: what is true now, at most `max_age` seconds old.

        While the database is away, what was true when it went, for at most `stale_seconds`; the day goes on. Raises
        NoInstallation, DatabaseAway.
        """
        if self.max_age:
            since = (perf_counter() if since is None else since) - self.max_age
        return self._today.of(*self._newest_of(id_).last_known(since, at_most=self._stale_seconds))

    def at_once(self, id_: UUID, since: float) -> DayView | None:
        """What `last_known` gives while the database is there, if nobody has to wait for it; else None."""
        view = self.views.of(id_).at_once(since - self.max_age)
        return self._today.of(view) if view else None

    def day_to_reach(self, id_: UUID) -> date | None:
        """The clock's day, if the calendar alone has begun or ended something by it since the newest event (L3)."""
        now = self.now(id_)
        registrations = self._newest_of(id_).registrations()
        has_turned = any(each.registered_key.has_turned(now.view.day, now.day) for each in registrations)
        return now.day if has_turned else None

    def on(self, id_: UUID, day: date) -> DayView:
        """What is true on a day from today on if nothing else happens until then. Raises DayPast (A1)."""
        now = self.now(id_)
        if day < now.day:
            raise DayPast(day=day, today=now.day, clock_day=now.clock_day)
        return DayView(now.view, day, now.clock_day)

    def at(self, id_: UUID, position: int, day: date | None = None) -> DayView:
        """What was answered after the event at `position`, on its day or a later one (A1).

        Raises NotThatOld, DayBeforeEvent.
        """
        return self._newest_of(id_).on_day_at(position, day)

    def as_of(self, id_: UUID, when: datetime | date) -> DayView:
        """What was answered at a moment, or at the end of a day in the installation's time zone (A1).

        Raises NotThatOld, NotYet, DayNeverWas.
        """
        return self._newest_of(id_).on_day_as_of(when, self._clock())

    def license_keys(self, on_day: DayView) -> list[KeyLine]:
        """Every license key that was registered, as it is on that day, in the order of their registration."""
        return license_keys(self._newest_of(on_day.installation_id).registrations(), on_day)

    def plan_import(self, id_: UUID, lines: Iterable[ImportLine], *, restore: bool = False) -> Import:
        """What importing a list would do now; deleted users are restored if `restore`, as ordinary ones (U6).

        Raises ImportRefused, which names every bad line; a deleted user's is one unless `restore`.
        """
        return plan(self._acting.load(id_), lines, restore=restore)

    def preview_license_key(self, id_: UUID, text: str) -> Preview:
        """What registering a pasted license key would change, day by day; records nothing, of a refusal neither.

        Raises the KeyRefused that says why it would be refused.
        """
        return self._register(self._acting.load(id_), self._keys().read(text), Stamp(SERVER, uuid4(), self._clock()))

    def installation_ids(self) -> list[UUID]:
        """The installations of this database: none before `init`, and one today."""
        with closing(self._log.reader()) as reader:
            return reader.installation_ids()

    def history(self, id_: UUID, *, after: int = 0, limit: int = 100, only: Filter | None = None) -> list[HistoryEntry]:
        """The wanted events at the positions after `after`, oldest first, at most `limit` of them."""
        view = self._view(id_)
        with closing(self._log.reader()) as reader:
            history = History(reader, self._acting.mapper.to_domain_events, view, self._newest_of(id_).people)
            return history.after(after, limit=limit, only=only or Filter())

    def registration_of(self, id_: UUID, key_id: str) -> HistoryEntry | None:
        """The event that registered the license key of this number; None if it is not, or was contradicted."""
        chapters = self._view(id_).chapters
        position = next((each.position for each in chapters if each.schedule.turn_of(key_id)), None)
        return self.history(id_, after=position - 1, limit=1)[0] if position else None

    def history_backwards(
        self,
        id_: UUID,
        *,
        before: int | None = None,
        limit: int = 50,
        only: Filter | None = None,
        one_by_one: bool = False,
    ) -> HistoryPage:
        """The history as people read it: newest first, with effects and what the calendar brought about.

        What one command did to many is one line, unless `one_by_one`.
        """
        with self._lines(id_) as lines:
            return lines.before(before, limit=limit, only=only or Filter(), one_by_one=one_by_one)

    def history_onwards(
        self, id_: UUID, *, after: int = 0, limit: int = 50, only: Filter | None = None, one_by_one: bool = False
    ) -> HistoryPage:
        """The same lines, oldest first, after the event at the position `after`."""
        with self._lines(id_) as lines:
            return lines.after(after, limit=limit, only=only or Filter(), one_by_one=one_by_one)

    def newest_events(self, id_: UUID, *, before: int | None, limit: int, only: Filter) -> list[HistoryEntry]:
        """The wanted events at the positions before `before`, newest first, at most `limit` of them."""
        with closing(self._log.reader()) as reader:
            view = self._view(id_)
            history = History(reader, self._acting.mapper.to_domain_events, view, self._newest_of(id_).people)
            return history.newest(before, limit=limit, only=only)

    def user_command(self, id_: UUID, command_id: UUID) -> UserCommand:
        """What a command did to users, for `undo` to take back. Raises UnknownCommand, CommandNotOnUsers."""
        with closing(self._log.reader()) as reader:
            return command_on_users(lambda: self._acting.mapper.to_domain_events(reader.events(id_)), command_id)

    def has_done(self, id_: UUID, command_id: Repeatable) -> bool:
        """Whether a command that came again stands in the log."""
        return self._acting.has_done(id_, command_id)

    def users_added_since(self, id_: UUID, first_day: date) -> frozenset[str]:
        """The ids of the users who were added on this day or later."""
        return self._users_since(id_, first_day, Installation.UserAdded)

    def users_come_since(self, id_: UUID, first_day: date) -> frozenset[str]:
        """The ids of the users who were added or restored on this day or later."""
        return self._users_since(id_, first_day, *USER_COMES)

    def name_changes(self, id_: UUID) -> NameChanges:
        """Whose names changed lately, as far as the newest view is known."""
        return self._newest_of(id_).name_changes

    def close(self) -> None:
        self.views.close()
        self._acting.close()
        self._acting.people.close()

    # What they share

    def _users_since(
        self,
        id_: UUID,
        first_day: date,
        *kinds: type[Installation.UserAdded | Installation.UserRestored],
    ) -> frozenset[str]:
        only = Filter(events=tuple(kind.__name__ for kind in kinds), first_day=first_day)
        entries = self.newest_events(id_, before=None, limit=sys.maxsize, only=only)
        return frozenset(entry.event.user_id for entry in entries if isinstance(entry.event, kinds))

    @contextmanager
    def _lines(self, id_: UUID) -> Iterator[HistoryLines]:
        now = self.now(id_)
        with closing(self._log.reader()) as reader:
            yield HistoryLines(reader, self._acting.mapper.to_domain_events, now.view, now.day, self._newest_of(id_))

    def _act(self, id_: UUID, command: Command, by: str, command_id: CommandId | None = None) -> int:
        return len(self._events(id_, command, by, command_id))

    def _events(
        self, id_: UUID, command: Command, by: str, command_id: CommandId | None = None
    ) -> list[Installation.Event]:
        events = self._acting.act(id_, command, by=by, command_id=command_id)
        if events:
            self._newest_of(id_).look_again()
        return events

    def _register(self, installation: Installation, key: LicenseKey, stamp: Stamp) -> Preview:
        """Register a key and, if it carries a checkpoint that the log does not extend, say so in the log.

        Gives what that changes from day to day: the view of before, and the same fold over what is to be stored.
        """
        stored = installation.version - len(installation.pending_events)
        view = fold(self._newest_of(installation.id).at(stored), _events_of(installation))
        begin = installation.version
        installation.register_license_key(key, stamp=stamp)
        is_new = installation.version > begin  # the same key again is no new evidence (K2)
        anchor = Anchor.of(key.license) if is_new else None
        if anchor is not None:
            with closing(self._log.reader()) as reader:
                if not anchor.is_extended_by(reader.leaves(installation.id)):
                    installation.record_contradicted_anchor(anchor.size, anchor.root, stamp=stamp)
        with_key = fold(view, _events_of(installation, after=begin))
        assert view is not None  # noqa: S101  a view is there before any command
        assert with_key is not None  # noqa: S101  the same
        today, clock_day = with_key.day_at(stamp.moment), local_day(stamp.moment, view.time_zone)
        without_key, with_key_today = (DayView(each, today, clock_day) for each in (view, with_key))
        return Preview(key.license, key.fingerprint, without_key, with_key_today, is_new=is_new)

    def _has_recorded(self, installation: Installation, stamp: Stamp, code: str, evidence: str) -> bool:
        """Whether the same refusal of the same command stands among the newest events."""
        topics, containing = [f"{PREFIX}LicenseKeyRefused"], [str(stamp.command_id)]
        after = max(0, installation.version - LOOKED_BACK)
        with closing(self._log.reader()) as reader:
            stored = reader.events(installation.id, after=after, topics=topics, containing=containing)
            events = list(self._acting.mapper.to_domain_events(stored))
        this = (stamp.by, str(stamp.command_id), code, evidence)
        return any(
            isinstance(event, Installation.LicenseKeyRefused)
            and this == (event.by, event.command_id, event.code, event.fingerprint)
            for event in events
        )

    def _act_and_tidy(self, id_: UUID, command: Command, by: str, command_id: CommandId | None) -> int:
        """Do it, and tidy up after everybody who was an administrator until then."""
        before: HashTrieSet[str] = HashTrieSet()

        def noting(installation: Installation, stamp: Stamp) -> None:
            nonlocal before
            before = installation.administrators
            command(installation, stamp)

        recorded = self._act(id_, noting, by, command_id)
        view = self._view(id_)
        for account_id in before:
            self._tidy_account(view, account_id)
        return recorded

    def _tidy(self, id_: UUID, name: str) -> None:
        view = self._view(id_)
        account_id = view.account_id(name)
        if account_id is not None:
            self._tidy_account(view, account_id)

    def _tidy_account(self, view: Entitlement, account_id: str) -> None:
        """Clear away the credentials of an account without a right. They are void already (see Credentials)."""
        if view.right_since(account_id) is None:
            try:
                self._forget(account_id)
            except database_errors():
                pass

    def _expiry(self, id_: UUID, days: int | None) -> date | None:
        if days is None:
            return None
        if not 1 <= days <= MAX_TOKEN_DAYS:
            raise ExpiryInvalid(days=days, most=MAX_TOKEN_DAYS)
        return self.now(id_).day + timedelta(days=days)

    def _view(self, id_: UUID) -> Entitlement:
        return self._newest_of(id_).now()

    def _newest_of(self, id_: UUID) -> NewestView:
        return self.views.of(id_)


def _events_of(installation: Installation, after: int = 0) -> list[Installation.Event]:
    """What an installation has recorded and not stored yet, at the positions after `after`."""
    events = cast(list[Installation.Event], installation.pending_events)
    return [event for event in events if event.originator_version > after]
