"""R2: whatever is done, the use cases agree with a plain model, and from every state there is a way back to `ok`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from application.licensing import Licensing, new_installation
from application.undo import UnknownCommand
from application.user_batch import UsersRefused
from application.user_import import ImportLine, ImportRefused
from application.views.day_view import DayView
from application.views.entitlement import fold
from domain.installation import Stamp
from domain.license import LicenseKey, Period
from domain.login import decide
from domain.refusals import Refused
from tests.clock import noon
from tests.domain.ledger import Entry, Ledger
from tests.examples import ADMINISTRATOR, NAME, PRODUCT, a_key, a_license
from tests.world import BY, World

NAMES = ["admin", "ann", "Ann", "BEN", "ben ", "cem", "dora", "eve", "a/b", "."]
EPOCH = date(2026, 4, 1)


def number_of(day: date) -> int:
    return (day - EPOCH).days


@dataclass
class Person:
    """Somebody the model knows by a folded name."""

    administrator: bool
    deleted: bool = False


@dataclass
class Key:
    """A key that the model has seen registered."""

    text: str
    key_id: str
    issued: int
    entry: Entry
    seats: int


@dataclass
class Model:
    """What an administrator would keep on paper."""

    people: dict[str, Person] = field(default_factory=lambda: {"admin": Person(administrator=True)})
    auditors: dict[str, bool] = field(default_factory=dict)
    given_up: dict[str, Person | None] = field(default_factory=dict)
    """Who bore a name before a renaming; None is an erased person."""
    keys: list[Key] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    day: date = EPOCH
    events: int = 3

    @property
    def in_use(self) -> int:
        return sum(not person.deleted for person in self.people.values())

    def administrators(self) -> list[str]:
        return [name for name, person in self.people.items() if person.administrator]

    def login(self, name: str, today: date) -> tuple[str, str]:
        """The decision table, read from top to bottom."""
        person = self.people.get(name.strip().lower())
        if person is None:
            return "refuse", "unknown_user"
        if person.deleted:
            return "refuse", "user_deleted"
        kept_out = "admin_only" if person.administrator else "refuse"
        entries = [entry for entry in self.ledger.entries if not entry.crossed_out]
        arrived = [entry for entry in entries if entry.takes_effect() <= number_of(today)]
        if not arrived:
            return kept_out, "license_not_started" if entries else "no_license"
        latest = max(entry.takes_effect() for entry in arrived)
        holder = [entry for entry in arrived if entry.takes_effect() == latest][-1]
        if holder.is_its_last_day_before(number_of(today)):
            return kept_out, "license_expired"
        seats = next(key.seats for key in self.keys if key.entry is holder)
        return (kept_out, "licenses_exceeded") if self.in_use > seats else ("admit", "ok")


class Administration(RuleBasedStateMachine):
    """One installation, administered by chance."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.clock = self.world.clock
        self.clock.set(EPOCH, "UTC")
        installation = new_installation(NAME, PRODUCT, "UTC", ADMINISTRATOR, Stamp(BY, uuid4(), self.clock()))
        self.licensing._acting.store(installation)
        # All examples share a database, which would remember the names that another one erased.
        self.world.sql("DELETE FROM erased_names")
        self.id: UUID = installation.id
        self.model = Model()

    def teardown(self) -> None:
        view = self.licensing.now(self.id).view
        stored = self.licensing._acting.recorder.select_events(self.id)
        assert fold(None, self.licensing._acting.mapper.to_domain_events(stored)) == view
        assert len(stored) == view.position == self.model.events
        half = self.licensing.at(self.id, view.position // 2 + 1).view
        rest = list(self.licensing._acting.mapper.to_domain_events(stored))[half.position :]
        assert fold(half, rest) == view
        self.world.close()

    @property
    def licensing(self) -> Licensing:
        return self.world.licensing

    def today(self) -> date:
        return max(self.clock().date(), self.model.day)

    def expect(
        self, code: str | None, recorded: int, command: str, *args: Any, of: object = None, **kwargs: Any
    ) -> None:
        """Run a use case, which must be refused with this code, or else must have recorded so many events."""
        try:
            getattr(of or self.licensing, command)(self.id, *args, by=BY, **kwargs)
            answered = None
        except Refused as refusal:
            answered = refusal.code
        assert answered == code, (command, args)
        if recorded:
            self.model.events += recorded
            self.model.day = self.today()

    # Users

    @rule(name=st.sampled_from(NAMES), administrator=st.booleans())
    def add_user(self, name: str, administrator: bool) -> None:
        key = name.strip().lower()
        if key in (".", "a/b"):
            return self.expect("login_name_invalid", 0, "add_user", name, administrator=administrator)
        if key in self.model.people and self.model.people[key].deleted:
            return self.expect("user_deleted", 0, "add_user", name, administrator=administrator)
        if (owner := self.model.given_up.get(key)) is not None and owner.deleted:
            return self.expect("user_deleted", 0, "add_user", name, administrator=administrator)
        if key in self.model.people or key in self.model.auditors or key in self.model.given_up:
            return self.expect("login_name_taken", 0, "add_user", name, administrator=administrator)
        self.model.people[key] = Person(administrator)
        return self.expect(None, 1, "add_user", name, administrator=administrator)

    def about(self, command: str, name: str) -> Person | None:
        person = self.model.people.get(name.strip().lower())
        if person is None:
            self.expect("unknown_user", 0, command, name)
        return person

    @rule(name=st.sampled_from(NAMES))
    def delete_user(self, name: str) -> None:
        person = self.about("delete_user", name)
        if person is None:
            return
        if person.deleted:
            self.expect(None, 0, "delete_user", name)
        elif self.model.administrators() == [name.strip().lower()]:
            self.expect("last_administrator", 0, "delete_user", name)
        else:
            person.deleted, person.administrator = True, False
            self.expect(None, 1, "delete_user", name)

    @rule(name=st.sampled_from(NAMES))
    def restore_user(self, name: str) -> None:
        if person := self.about("restore_user", name):
            was_deleted, person.deleted = person.deleted, False
            self.expect(None, int(was_deleted), "restore_user", name)

    @rule(name=st.sampled_from(NAMES), new_name=st.sampled_from(NAMES))
    def rename_user(self, name: str, new_name: str) -> None:
        """U8: to a name that nobody else bears or bore."""
        key, new_key = name.strip().lower(), new_name.strip().lower()
        person = self.model.people.get(key)
        if person is None:
            return self.expect("unknown_user", 0, "rename_user", name, new_name)
        if person.deleted:
            return self.expect("user_deleted", 0, "rename_user", name, new_name)
        if new_key in (".", "a/b"):
            return self.expect("login_name_invalid", 0, "rename_user", name, new_name)
        stored = self.licensing.now(self.id).user(name)
        assert stored is not None
        if new_key == key:
            return self.expect(None, int(stored.login_name != new_name.strip()), "rename_user", name, new_name)
        owner = self.model.people.get(new_key) or self.model.given_up.get(new_key)
        if owner is not person and owner is not None and owner.deleted:
            return self.expect("user_deleted", 0, "rename_user", name, new_name)
        if owner is not person and new_key in {*self.model.people, *self.model.auditors, *self.model.given_up}:
            return self.expect("login_name_taken", 0, "rename_user", name, new_name)
        self.model.given_up.pop(new_key, None)
        self.model.given_up[key] = self.model.people.pop(key)
        self.model.people[new_key] = person
        return self.expect(None, 1, "rename_user", name, new_name)

    @rule(name=st.sampled_from(NAMES), frees_name=st.booleans())
    def erase_user(self, name: str, frees_name: bool) -> None:
        """P2, P3: a deleted user is unknown from then on; the names stay taken, or are free."""
        key = name.strip().lower()
        person = self.model.people.get(key)
        if person is None:
            return self.expect("unknown_user", 0, "user", name, of=self.licensing.erasing, frees_name=frees_name)
        if not person.deleted:
            return self.expect("user_not_deleted", 0, "user", name, of=self.licensing.erasing, frees_name=frees_name)
        names = [key, *(former for former, owner in self.model.given_up.items() if owner is person)]
        del self.model.people[key]
        self.model.given_up.update(dict.fromkeys(names))
        if frees_name:
            for each in names:
                del self.model.given_up[each]
        return self.expect(None, 1, "user", name, of=self.licensing.erasing, frees_name=frees_name)

    @rule(name=st.sampled_from(NAMES))
    def grant_administrator(self, name: str) -> None:
        person = self.about("grant_administrator", name)
        if person and person.deleted:
            self.expect("user_deleted", 0, "grant_administrator", name)
        elif person:
            was, person.administrator = person.administrator, True
            self.expect(None, int(not was), "grant_administrator", name)

    @rule(name=st.sampled_from(NAMES))
    def revoke_administrator(self, name: str) -> None:
        person = self.about("revoke_administrator", name)
        if person and person.deleted:
            self.expect("user_deleted", 0, "revoke_administrator", name)
        elif person and self.model.administrators() == [name.strip().lower()]:
            self.expect("last_administrator", 0, "revoke_administrator", name)
        elif person:
            was, person.administrator = person.administrator, False
            self.expect(None, int(was), "revoke_administrator", name)

    # Several at once, and what is taken back at once

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=4), undone=st.booleans())
    def add_users(self, names: list[str], undone: bool) -> None:
        keys = [name.strip().lower() for name in names]
        taken = {".", "a/b", *self.model.people, *self.model.auditors, *self.model.given_up}
        if taken.intersection(keys) or len(set(keys)) < len(keys):
            return self.expect(UsersRefused.code, 0, "add_users", names)
        self.model.people.update({key: Person(administrator=False, deleted=undone) for key in keys})
        return self.expect_batch(len(keys), "add_users", names, undone=undone)

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=4), undone=st.booleans())
    def delete_users(self, names: list[str], undone: bool) -> None:
        keys = {name.strip().lower() for name in names}
        if not keys <= set(self.model.people) or not set(self.model.administrators()) - keys:
            return self.expect(UsersRefused.code, 0, "delete_users", names)
        leaving = [person for key in keys if not (person := self.model.people[key]).deleted]
        for person in leaving:
            person.deleted, person.administrator = not undone, False
        return self.expect_batch(len(leaving), "delete_users", names, undone=undone)

    def expect_batch(self, recorded: int, command: str, names: list[str], *, undone: bool) -> None:
        """One command that records so many events; if it is undone, as many again."""
        command_id = uuid4()
        self.expect(None, recorded, command, names, command_id=command_id)
        if undone and recorded:
            self.expect(None, recorded, "undo", self.licensing.user_command(self.id, command_id))
        elif undone:
            with pytest.raises(UnknownCommand):
                self.licensing.user_command(self.id, command_id)

    @rule(name=st.sampled_from(NAMES[4:8]))
    def add_auditor(self, name: str) -> None:
        key = name.strip().lower()
        if key in self.model.people or key in self.model.auditors or key in self.model.given_up:
            return self.expect("login_name_taken", 0, "add_auditor", name)
        self.model.auditors[key] = True
        return self.expect(None, 1, "add_auditor", name)

    @rule(name=st.sampled_from(NAMES[4:8]))
    def remove_auditor(self, name: str) -> None:
        present = self.model.auditors.get(name.strip().lower())
        if present is None:
            return self.expect("unknown_auditor", 0, "remove_auditor", name)
        self.model.auditors[name.strip().lower()] = False
        return self.expect(None, int(present), "remove_auditor", name)

    @rule(names=st.lists(st.sampled_from([*NAMES[:8], "fay", "gus"]), max_size=5))
    def import_users(self, names: list[str]) -> None:
        keys = [name.strip().lower() for name in names]
        others = {*self.model.auditors, *self.model.given_up}
        gone = [key for key in keys if key in others or self.model.people.get(key, Person(False)).deleted]
        lines = [ImportLine(number, name) for number, name in enumerate(names, start=2)]
        if gone or len(set(keys)) < len(keys):
            return self.expect(ImportRefused.code, 0, "import_users", lines)
        new = [key for key in keys if key not in self.model.people]
        self.model.people.update({key: Person(administrator=False) for key in new})
        return self.expect(None, len(new), "import_users", lines)

    # License keys

    @rule(
        starts=st.integers(-40, 60),
        length=st.one_of(st.none(), st.integers(0, 60)),
        seats=st.integers(1, 8),
        issued_hours_ago=st.integers(-30, 24 * 40),
        number=st.one_of(st.none(), st.integers(0, 5)),
    )
    def register(self, starts: int, length: int | None, seats: int, issued_hours_ago: int, number: int | None) -> None:
        today = number_of(self.today())
        first = today + starts
        last = None if length is None else first + length
        issued = int((self.clock() - timedelta(hours=issued_hours_ago)).timestamp())
        reused = number is not None and number < len(self.model.keys)
        key_id = self.model.keys[number].key_id if reused and number is not None else str(uuid4())
        period = Period(EPOCH + timedelta(first), None if last is None else EPOCH + timedelta(last))
        text = a_key(licenses=seats, license_period=period, issued_at=issued, key_id=key_id, customer=str(uuid4()))
        entry = Entry(text, today, first, last, None)
        if reused:
            self.expect("key_id_used", 1, "register_license_key", text)
        elif issued > self.clock().timestamp() + 86_400:
            self.expect("issued_in_future", 1, "register_license_key", text)
        elif last is not None and last < today:
            self.expect("license_period_over", 1, "register_license_key", text)
        elif any(issued < key.issued and self.shares_a_day(entry, key.entry) for key in self.model.keys):
            self.expect("older_than_registered", 1, "register_license_key", text)
        else:
            self.model.ledger.write_down(entry)
            self.model.keys.append(Key(text, key_id, issued, entry, seats))
            self.expect(None, 1, "register_license_key", text, confirmed=True)

    @staticmethod
    def shares_a_day(one: Entry, other: Entry) -> bool:
        return not (one.is_its_last_day_before(other.first) or other.is_its_last_day_before(one.first))

    @precondition(lambda self: self.model.keys)
    @rule(data=st.data())
    def register_again(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.model.keys))
        self.expect(None, 0, "register_license_key", f"> {key.text[:70]}\n> {key.text[70:]}")

    @rule()
    def register_nonsense(self) -> None:
        self.expect("malformed", 1, "register_license_key", "nonsense")

    # Time

    @rule(hours=st.one_of(st.integers(0, 24 * 20), st.sampled_from([-1, -24 * 30, 24 * 400, 24 * 365 * 70])))
    def go_on(self, hours: int) -> None:
        moment = self.clock() + timedelta(hours=hours)
        if 2000 < moment.year < 2400:
            self.clock.now = moment

    @rule(days_back=st.integers(0, 500), reset=st.booleans())
    def correct_clock(self, days_back: int, reset: bool) -> None:
        if reset:
            self.clock.now = noon(EPOCH + timedelta(days=20), "UTC")
        day = self.model.day - timedelta(days=days_back)
        newest = max((key.issued for key in self.model.keys), default=None)
        if day == self.model.day:
            self.expect(None, 0, "correct_clock", day)
        elif day > self.clock().date() or (newest and day < datetime.fromtimestamp(newest, self.clock().tzinfo).date()):
            self.expect("clock_correction_refused", 0, "correct_clock", day)
        else:
            self.expect(None, 0, "correct_clock", day)
            self.model.events += 1
            self.model.day = day
            kept = [entry for entry in self.model.ledger.entries if not entry.crossed_out]
            self.model.ledger = Ledger()
            for entry in kept:
                entry.registered = min(entry.registered, number_of(day))
                self.model.ledger.write_down(entry)

    @rule()
    def restart(self) -> None:
        self.world.close()

    # What holds after every step

    @invariant()
    def the_answers_are_those_of_the_model(self) -> None:
        now = self.licensing.now(self.id)
        assert now.position == self.model.events
        assert now.in_use == self.model.in_use
        day = now.day
        assert day == self.today()
        for name in ("admin", "Ann", "ben ", "cem", "dora", "eve", "fay", "nobody"):
            made = decide(now, name)
            assert (made.decision.value, made.code) == self.model.login(name, day)

    @invariant()
    def administrators_always_get_in(self) -> None:
        now = self.licensing.now(self.id)
        administrators = self.model.administrators()
        assert administrators
        for name in administrators:
            assert decide(now, name).decision in ("admit", "admin_only")

    @invariant()
    def there_is_a_way_back_to_ok(self) -> None:
        """A fresh key with seats enough, once the machine's clock is not behind the vendor's."""
        newest = max((key.issued for key in self.model.keys), default=0)
        issued = max(newest, int(self.clock().timestamp()))
        stamp = Stamp(BY, uuid4(), datetime.fromtimestamp(issued, self.clock().tzinfo))
        installation = self.licensing._acting.load(self.id)
        view = self.licensing.now(self.id).view
        day = view.day_at(stamp.moment)
        license_ = a_license(
            licenses=self.model.in_use, license_period=Period(day, None), issued_at=issued, key_id=str(uuid4())
        )
        key = LicenseKey("", license_.key_id, "", license_)
        installation.register_license_key(key, stamp=stamp)
        mended = fold(view, installation.pending_events)
        assert mended is not None
        present = [name for name, person in self.model.people.items() if not person.deleted]
        for name in {min(present), max(present), self.model.administrators()[0]}:
            assert decide(DayView(mended, day), name).code == "ok"


@pytest.mark.parametrize(
    "examples", [pytest.param(200, id="200"), pytest.param(20_000, id="20000", marks=pytest.mark.long)]
)
def test_r2_the_use_cases_agree_with_a_plain_model(world: World, examples: int) -> None:
    Administration.world = world.make()
    if world.settings.log.path is None:  # the rules are the same code on each: a tenth shows what the database adds
        examples //= 10
    run_state_machine_as_test(
        Administration,
        settings=settings(
            max_examples=examples,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
