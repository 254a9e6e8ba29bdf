"""What fails half-way beside the log: nobody is told that nothing was changed when something was."""

from __future__ import annotations

import pytest

from application.accounts import LinkUnfinished, PasswordUnfinished, SignedIn
from tests.examples import ADMINISTRATOR, PASSWORD
from tests.refused import refused
from tests.world import BY, World

pytestmark = pytest.mark.sqlite_alone("a table is taken away, which fails otherwise on a server")

OTHER_PASSWORD = "staple correct horse"
SOURCE = "192.0.2.1"


def take_away(office: World, table: str) -> None:
    office.sql(f"ALTER TABLE {table} RENAME TO taken_away")


def test_a_password_that_is_recorded_and_not_stored(office: World) -> None:
    take_away(office, "sessions")
    with refused(PasswordUnfinished, "The history has that .* Set it again"):
        office.give_password(ADMINISTRATOR, OTHER_PASSWORD)
    assert office.events()[-2:] == ["PasswordChanged", "PasswordChanged"]


def test_a_link_that_is_recorded_and_not_stored(office: World) -> None:
    take_away(office, "password_links")
    with refused(LinkUnfinished, "The history has that .* Make another one"):
        office.accounts.make_link(office.id, ADMINISTRATOR, by=BY)
    assert office.events()[-1] == "PasswordLinkMade"


def test_a_link_that_is_used_up_in_vain(office: World) -> None:
    link = office.accounts.make_link(office.id, ADMINISTRATOR, by=BY)
    take_away(office, "passwords")
    with refused(PasswordUnfinished, "not set.*this link is used up"):
        office.accounts.redeem_link(office.id, link, OTHER_PASSWORD, source=SOURCE)


def test_a_password_that_is_set_by_a_link_which_opens_no_session(office: World) -> None:
    link = office.accounts.make_link(office.id, ADMINISTRATOR, by=BY)
    take_away(office, "sign_ins")
    with refused(PasswordUnfinished, "Your password is set, but you are not signed in"):
        office.accounts.redeem_link(office.id, link, OTHER_PASSWORD, source=SOURCE)
    office.sql("ALTER TABLE taken_away RENAME TO sign_ins")
    assert isinstance(office.accounts.sign_in(office.id, ADMINISTRATOR, OTHER_PASSWORD, source=SOURCE), SignedIn)


def test_a_session_that_is_ended_without_a_line_of_the_security_log(
    office: World, caplog: pytest.LogCaptureFixture
) -> None:
    opened = office.accounts.sign_in(office.id, ADMINISTRATOR, PASSWORD, source=SOURCE)
    assert isinstance(opened, SignedIn)
    take_away(office, "sign_ins")
    office.accounts.sign_out(opened.session, source=SOURCE)
    assert office.accounts.who(office.view, opened.session) is None
    [said] = caplog.messages
    assert said.startswith("The security log lacks a line (signed_out): The database could not store this (no such")
