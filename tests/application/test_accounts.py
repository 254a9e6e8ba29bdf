"""Accounts: who signs in, and what becomes of passwords, sessions and links when a right is lost (U6)."""

from __future__ import annotations

import pytest

from application.accounts import Account, CodeNeeded, CurrentPasswordWrong, LinkOver, SignedIn, SignInRefused
from application.credentials import Credentials
from domain.refusals import PasswordInvalid, UnknownAccount
from tests.examples import PASSWORD, PRODUCT
from tests.world import BY, World

OTHER_PASSWORD = "staple correct horse"
SOURCE = "192.0.2.1"


def sign_in(office: World, name: str, password: str = PASSWORD) -> str:
    return session_of(office.accounts.sign_in(office.id, name, password, source=SOURCE))


def session_of(opened: SignedIn | CodeNeeded) -> str:
    assert isinstance(opened, SignedIn)
    return opened.session


def who(office: World, session: str) -> Account | None:
    return office.accounts.who(office.view, session)


def test_administrators_and_auditors_sign_in_and_events_name_them(office: World) -> None:
    office.do("add_auditor", "Audrey")
    office.give_password("audrey")
    for name, kind in (("ADMIN ", "user"), ("Audrey", "auditor")):
        account = who(office, sign_in(office, name))
        assert account is not None
        assert account.by == f"{kind}:{office.view.account_id(name)}"


def test_a_changed_password_is_recorded_without_the_password(office: World) -> None:
    last = office.entries[-1]
    assert last.kind == "PasswordChanged"
    assert set(last.fields) == {"account_id", "how"}


@pytest.mark.parametrize(
    ("name", "password"),
    [("admin", OTHER_PASSWORD), ("admin", ""), ("nobody", PASSWORD), ("ann", PASSWORD), ("", PASSWORD), ("a/b", "x")],
)
def test_a_wrong_sign_in_is_refused_and_does_not_say_what_was_wrong(office: World, name: str, password: str) -> None:
    office.add("ann")
    with pytest.raises(SignInRefused) as raised:
        sign_in(office, name, password)
    assert raised.value.facts == {}


def test_signing_in_never_depends_on_the_license(office: World) -> None:
    assert office.check("admin") == ("admin_only", "no_license")
    sign_in(office, "admin")
    office.register(licenses=1)
    office.add("ann")
    sign_in(office, "admin")
    office.clock.set("2031-01-01")
    assert office.check("admin") == ("admin_only", "license_expired")
    assert who(office, sign_in(office, "admin")) is not None


@pytest.mark.parametrize("command", ["delete_user", "revoke_administrator"])
def test_u6_losing_the_right_ends_sessions_password_and_link_at_once_and_for_good(office: World, command: str) -> None:
    office.add("ann", administrator=True)
    office.give_password("ann")
    session = sign_in(office, "ann")
    link = office.accounts.make_link(office.id, "ann", by=BY)
    office.do(command, "ann")
    for again in (lambda: None, lambda: office.do("restore_user", "ann")):
        again()
        assert who(office, session) is None
        with pytest.raises(SignInRefused):
            sign_in(office, "ann")
    office.do("grant_administrator", "ann")
    assert who(office, session) is None
    with pytest.raises(SignInRefused):
        sign_in(office, "ann")
    with pytest.raises(LinkOver):
        office.accounts.redeem_link(office.id, link, OTHER_PASSWORD, source=SOURCE)
    office.give_password("ann", OTHER_PASSWORD)
    sign_in(office, "ann", OTHER_PASSWORD)


def test_u6_it_holds_though_nothing_was_cleared_away(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash right after the event: the tables still hold everything, and none of it is good."""
    office.add("ann", administrator=True)
    office.give_password("ann")
    session = sign_in(office, "ann")
    monkeypatch.setattr(Credentials, "forget", lambda *_: None)
    crashing = office.another_process()
    for command in ("delete_user", "restore_user", "grant_administrator"):
        crashing.do(command, "ann")
    assert who(office, session) is None
    with pytest.raises(SignInRefused):
        sign_in(office, "ann")


def test_a_link_sets_a_password_once(office: World) -> None:
    office.add("ann", administrator=True)
    link = office.accounts.make_link(office.id, "ann", by=BY)
    with pytest.raises(PasswordInvalid):
        office.accounts.redeem_link(office.id, link, "short", source=SOURCE)
    session = session_of(office.accounts.redeem_link(office.id, link, PASSWORD, source=SOURCE))
    account = who(office, session)
    assert account is not None
    assert account.name == "ann"
    sign_in(office, "ann")
    with pytest.raises(LinkOver):
        office.accounts.redeem_link(office.id, link, OTHER_PASSWORD, source=SOURCE)


GUESSED_FIRST = ["123456789012", " " * 12, "Motherfucker1!", "audrey-audrey-1", "Audrey.Smith 1", f"{PRODUCT}-2026!"]


@pytest.mark.parametrize("password", GUESSED_FIRST)
def test_s14_a_password_that_is_guessed_first_is_refused_wherever_one_is_set(office: World, password: str) -> None:
    """By link, which stays good; on the machine; and one's own."""
    office.do("add_auditor", "Audrey.Smith")
    link = office.accounts.make_link(office.id, "audrey.smith", by=BY)
    with pytest.raises(PasswordInvalid):
        office.accounts.redeem_link(office.id, link, password, source=SOURCE)
    assert office.accounts.redeem_link(office.id, link, PASSWORD, source=SOURCE)
    with pytest.raises(PasswordInvalid):
        office.accounts.set_password_here(office.id, "audrey.smith", password, by=BY)
    session = sign_in(office, "audrey.smith")
    account = who(office, session)
    assert account is not None
    with pytest.raises(PasswordInvalid):
        office.accounts.change_password(office.id, account, PASSWORD, password, session=session)
    assert sign_in(office, "audrey.smith"), "the old one is as good as before"


def test_s14_a_password_set_before_the_rule_signs_in(office: World) -> None:
    account = office.accounts.account(office.id, "admin")
    office.seatledger.credentials.set_password(account.account_id, account.since, "123456789012")
    assert sign_in(office, "admin", "123456789012")


def test_changing_ones_password_takes_the_current_one_and_ends_other_sessions(office: World) -> None:
    here, elsewhere = sign_in(office, "admin"), sign_in(office, "admin")
    account = who(office, here)
    assert account is not None
    change = lambda current: office.accounts.change_password(  # noqa: E731
        office.id, account, current, OTHER_PASSWORD, session=here
    )
    with pytest.raises(CurrentPasswordWrong):
        change("not my password")
    assert who(office, elsewhere) is not None
    change(PASSWORD)
    assert who(office, here) is not None
    assert who(office, elsewhere) is None
    sign_in(office, "admin", OTHER_PASSWORD)


@pytest.mark.parametrize("name", ["nobody", "ann", ""])
def test_who_neither_administers_nor_audits_has_no_account(office: World, name: str) -> None:
    office.add("ann")
    with pytest.raises(UnknownAccount):
        office.accounts.make_link(office.id, name, by=BY)
