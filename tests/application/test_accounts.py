"""Accounts: who signs in, and what becomes of passwords, sessions and links when a right is lost (U6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2.profiles import CHEAPEST

from application.accounts import Account, Accounts, CurrentPasswordWrong, LinkOver, SignInRefused
from application.credentials import Credentials, PasswordHashing, SignInThrottle
from application.licensing import Licensing
from domain.refusals import PasswordInvalid, UnknownAccount
from tests.application.stores import BY, House, SQLiteStore
from tests.examples import PRODUCT

PASSWORD = "correct horse battery"
OTHER_PASSWORD = "staple correct horse"


class Office:
    """A house whose administrator signs in."""

    def __init__(self, stores: SQLiteStore) -> None:
        self.house = House(stores)
        engine = stores.log.tables()
        self.credentials = Credentials(engine, stores.clock, PasswordHashing(CHEAPEST))
        self.credentials.create_tables()
        self.licensing: Licensing = stores.open(forget=self.credentials.forget)
        self.house.licensing = self.licensing
        self.accounts = Accounts(self.licensing, self.credentials, SignInThrottle(engine, stores.clock))
        self.id = self.house.id
        self.dispose = engine.dispose

    def give_password(self, name: str, password: str = PASSWORD) -> None:
        self.accounts.set_password(self.id, self.accounts.account(self.id, name), password, by=BY)

    def sign_in(self, name: str, password: str = PASSWORD) -> str:
        return self.accounts.sign_in(self.id, name, password, source="192.0.2.1").session

    def who(self, session: str) -> Account | None:
        return self.accounts.who(self.licensing.now(self.id).view, session)


@pytest.fixture
def office(stores: SQLiteStore) -> Iterator[Office]:
    office = Office(stores)
    office.give_password("admin")
    yield office
    office.dispose()


def test_administrators_and_auditors_sign_in_and_events_name_them(office: Office) -> None:
    office.house.do("add_auditor", "Audrey")
    office.give_password("audrey")
    for name, kind in (("ADMIN ", "user"), ("Audrey", "auditor")):
        account = office.who(office.sign_in(name))
        assert account is not None
        assert account.by == f"{kind}:{office.licensing.now(office.id).view.account_id(name)}"


def test_a_changed_password_is_recorded_without_the_password(office: Office) -> None:
    last = office.licensing.history(office.id)[-1]
    assert last.kind == "PasswordChanged"
    assert set(last.fields) == {"account_id"}


@pytest.mark.parametrize(
    ("name", "password"),
    [("admin", OTHER_PASSWORD), ("admin", ""), ("nobody", PASSWORD), ("ann", PASSWORD), ("", PASSWORD), ("a/b", "x")],
)
def test_a_wrong_sign_in_is_refused_and_does_not_say_what_was_wrong(office: Office, name: str, password: str) -> None:
    office.house.do("add_user", "ann")
    with pytest.raises(SignInRefused) as raised:
        office.sign_in(name, password)
    assert raised.value.facts == {}


def test_signing_in_never_depends_on_the_license(office: Office) -> None:
    assert office.house.check("admin") == ("admin_only", "no_license")
    office.sign_in("admin")
    office.house.register(licenses=1)
    office.house.do("add_user", "ann")
    office.sign_in("admin")
    office.house.clock.set("2031-01-01")
    assert office.house.check("admin") == ("admin_only", "license_expired")
    assert office.who(office.sign_in("admin")) is not None


@pytest.mark.parametrize("command", ["delete_user", "revoke_administrator"])
def test_u6_losing_the_right_ends_sessions_password_and_link_at_once_and_for_good(office: Office, command: str) -> None:
    office.house.do("add_user", "ann", administrator=True)
    office.give_password("ann")
    session = office.sign_in("ann")
    link = office.accounts.make_link(office.id, "ann")
    office.house.do(command, "ann")
    for again in (lambda: None, lambda: office.house.do("restore_user", "ann")):
        again()
        assert office.who(session) is None
        with pytest.raises(SignInRefused):
            office.sign_in("ann")
    office.house.do("grant_administrator", "ann")
    assert office.who(session) is None
    with pytest.raises(SignInRefused):
        office.sign_in("ann")
    with pytest.raises(LinkOver):
        office.accounts.redeem_link(office.id, link, OTHER_PASSWORD)
    office.give_password("ann", OTHER_PASSWORD)
    office.sign_in("ann", OTHER_PASSWORD)


def test_u6_it_holds_though_nothing_was_cleared_away(office: Office) -> None:
    """A crash right after the event: the tables still hold everything, and none of it is good."""
    office.house.do("add_user", "ann", administrator=True)
    office.give_password("ann")
    session = office.sign_in("ann")
    office.house.licensing = office.house.store.open()
    office.house.do("delete_user", "ann")
    office.house.do("restore_user", "ann")
    office.house.do("grant_administrator", "ann")
    assert office.who(session) is None
    with pytest.raises(SignInRefused):
        office.sign_in("ann")


def test_a_link_sets_a_password_once(office: Office) -> None:
    office.house.do("add_user", "ann", administrator=True)
    link = office.accounts.make_link(office.id, "ann")
    with pytest.raises(PasswordInvalid):
        office.accounts.redeem_link(office.id, link, "short")
    assert office.accounts.redeem_link(office.id, link, PASSWORD).name == "ann"
    office.sign_in("ann")
    with pytest.raises(LinkOver):
        office.accounts.redeem_link(office.id, link, OTHER_PASSWORD)


GUESSED_FIRST = ["123456789012", " " * 12, "Motherfucker1!", "audrey-audrey-1", "Audrey.Smith 1", f"{PRODUCT}-2026!"]


@pytest.mark.parametrize("password", GUESSED_FIRST)
def test_s14_a_password_that_is_guessed_first_is_refused_wherever_one_is_set(office: Office, password: str) -> None:
    """By link, which stays good; on the machine; and one's own."""
    office.house.do("add_auditor", "Audrey.Smith")
    link = office.accounts.make_link(office.id, "audrey.smith")
    with pytest.raises(PasswordInvalid):
        office.accounts.redeem_link(office.id, link, password)
    assert office.accounts.redeem_link(office.id, link, PASSWORD).name == "Audrey.Smith"
    with pytest.raises(PasswordInvalid):
        office.accounts.set_password_here(office.id, "audrey.smith", password, by=BY)
    session = office.sign_in("audrey.smith")
    account = office.who(session)
    assert account is not None
    with pytest.raises(PasswordInvalid):
        office.accounts.change_password(office.id, account, PASSWORD, password, session=session, source="192.0.2.1")
    assert office.sign_in("audrey.smith"), "the old one is as good as before"


def test_s14_a_password_set_before_the_rule_signs_in(office: Office) -> None:
    account = office.accounts.account(office.id, "admin")
    office.credentials.set_password(account.account_id, account.since, "123456789012")
    assert office.sign_in("admin", "123456789012")


def test_changing_ones_password_takes_the_current_one_and_ends_other_sessions(office: Office) -> None:
    here, elsewhere = office.sign_in("admin"), office.sign_in("admin")
    account = office.who(here)
    assert account is not None
    change = lambda current: office.accounts.change_password(  # noqa: E731
        office.id, account, current, OTHER_PASSWORD, session=here, source="192.0.2.1"
    )
    with pytest.raises(CurrentPasswordWrong):
        change("not my password")
    assert office.who(elsewhere) is not None
    change(PASSWORD)
    assert office.who(here) is not None
    assert office.who(elsewhere) is None
    office.sign_in("admin", OTHER_PASSWORD)


@pytest.mark.parametrize("name", ["nobody", "ann", ""])
def test_who_neither_administers_nor_audits_has_no_account(office: Office, name: str) -> None:
    office.house.do("add_user", "ann")
    with pytest.raises(UnknownAccount):
        office.accounts.make_link(office.id, name)
