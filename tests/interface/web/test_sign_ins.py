"""Sign-ins: the security log for auditors, one's own for each account, and open sessions that can be ended."""

from __future__ import annotations

import re

from tests.examples import ADMINISTRATOR
from tests.interface.web.house import House, Visitor, text_of


def sentences(visitor: Visitor, path: str) -> list[str]:
    """The lines of the page, newest first."""
    part = visitor.get(path).text.partition('aria-label="Security log"')[2]
    return re.findall(r'<span class="d-block">([^<]+)</span>', part)


def test_an_auditor_sees_who_signed_in_failed_and_was_given_rights(house: House, administrator: Visitor) -> None:
    house.add_user("ann")
    house.add_auditor("vera")
    stranger = house.visitor()
    stranger.sign_in("ann", "not the password")
    stranger.sign_in("nobody of this name", "not the password")
    house.clock.go_on(seconds=1)
    administrator.post("/users/grant", login_name="ann")
    administrator.post("/sign-out")
    house.clock.go_on(seconds=1)
    vera = house.visitor("vera")
    lines = sentences(vera, "/audit/sign-ins")
    assert lines[:2] == ["“vera” signed in", "“admin” signed out"]
    assert "admin made “ann” an administrator" in lines
    assert "admin made a one-time link with which “ann” sets a password" in lines
    assert "A sign-in as “ann” failed: no administrator or auditor had the name that was typed" in lines
    assert "A sign-in as “nob…” failed: no administrator or auditor had the name that was typed" in lines
    assert "from 127.0.0.1" in text_of(vera.get("/audit/sign-ins"))


def test_whoever_was_added_as_administrator_or_deleted_as_one_was_given_or_lost_rights(
    house: House, administrator: Visitor
) -> None:
    """Of users added and deleted, these alone: the others have no rights here."""
    for name, is_administrator in (("ann", True), ("bob", False), ("eve", True)):
        house.add_user(name, administrator=is_administrator)
    for name in ("ann", "bob"):
        house.do("delete_user", name)
    house.licensing.revoke_administrator(house.id, "eve", by="cli:tester")
    house.do("delete_user", "eve")
    said = sentences(administrator, "/audit/sign-ins")
    lines = [line for line in said if line.startswith("tester") and "password" not in line]
    assert lines == [
        "tester (command line) made the administrator “eve” an ordinary user",
        "tester (command line) deleted the user “ann”",
        "tester (command line) added the administrator “eve”",
        "tester (command line) added the administrator “ann”",
        "tester (command line) added the administrator “admin”",
    ]


def test_older_lines_are_on_the_next_pages_and_none_is_lost(house: House, administrator: Visitor) -> None:
    for number in range(70):
        house.add_user(f"user {number}")
        house.licensing.grant_administrator(house.id, f"user {number}", by="cli:tester")
        house.visitor(ADMINISTRATOR)
        house.clock.go_on(seconds=1)
    path, seen = "/audit/sign-ins", []
    while path:
        seen += sentences(administrator, path)
        older = re.search(r'rel="next" href="([^"]+)"', administrator.get(path).text)
        path = older[1].replace("&amp;", "&") if older else ""
    assert sum("an administrator" in line for line in seen) == 70
    assert sum(line == "“admin” signed in" for line in seen) == 71
    assert len(seen) == 70 + 71 + 2, "and the first administrator, with a password"


def test_each_account_sees_its_own_lines_alone(house: House, administrator: Visitor) -> None:
    house.add_user("ann", administrator=True)
    ann = house.visitor("ann")
    lines = sentences(ann, "/sign-ins")
    assert lines == [
        "“ann” signed in",
        "tester (command line) set the password of “ann”",
        "tester (command line) added the administrator “ann”",
    ]
    assert "ann" not in " ".join(sentences(administrator, "/sign-ins"))


def test_open_sessions_are_seen_and_ended(house: House, administrator: Visitor) -> None:
    elsewhere = house.visitor(ADMINISTRATOR)
    page = administrator.get("/sign-ins")
    assert page.text.count("This session") == 1
    [key] = re.findall(r'name="session" value="([0-9a-f]{16})"', page.text)
    ended = administrator.follow(administrator.post("/sign-ins/end", session=key))
    assert "The session was ended." in text_of(ended)
    assert elsewhere.get("/license").status_code == 303
    assert administrator.get("/license").status_code == 200
    again = administrator.follow(administrator.post("/sign-ins/end", session=key))
    assert "That session was over already." in text_of(again)
    assert "“admin” ended another session" in sentences(administrator, "/sign-ins")


def test_all_others_are_ended_at_once_and_nobody_ends_those_of_somebody_else(
    house: House, administrator: Visitor
) -> None:
    house.add_auditor("vera")
    vera, elsewhere = house.visitor("vera"), [house.visitor(ADMINISTRATOR) for _ in range(3)]
    [key] = [each.key for each in house.accounts.sessions(house.account("vera"))]
    administrator.post("/sign-ins/end", session=key)
    assert vera.get("/license").status_code == 200
    administrator.post("/sign-ins/end", session="others")
    assert [visitor.get("/license").status_code for visitor in (administrator, vera, *elsewhere)] == [200, 200] + [
        303
    ] * 3


def test_a_trusted_proxy_says_where_a_sign_in_came_from(house: House) -> None:
    house.trust_proxies("127.0.0.0/8")
    visitor = house.visitor()
    visitor.get("/sign-in")
    headers = {"X-Forwarded-For": "1.1.1.1, 203.0.113.9"}
    visitor.post("/sign-in", headers=headers, login_name=ADMINISTRATOR, password="not the password")
    assert "from 203.0.113.9" in text_of(house.visitor(ADMINISTRATOR).get("/audit/sign-ins"))


def test_signing_in_or_setting_a_password_ends_the_session_that_the_browser_had(house: House) -> None:
    """S-14: an earlier session is not left alive behind a new one."""
    house.add_user("ann", administrator=True)
    visitor = house.visitor(ADMINISTRATOR)
    link = house.accounts.make_link(house.id, "ann", by="cli:tester")
    visitor.post("/password/link", link=link)
    new = "quiet lemon harbor nine"
    visitor.post("/password", new_password=new, new_password_again=new)
    assert house.accounts.sessions(house.account(ADMINISTRATOR)) == []
    visitor.get("/license")
    visitor.sign_in(ADMINISTRATOR)
    assert house.accounts.sessions(house.account("ann")) == []


def test_signing_out_clears_what_the_browser_keeps_of_the_pages(administrator: Visitor) -> None:
    assert administrator.post("/sign-out").headers["Clear-Site-Data"] == '"storage"'
