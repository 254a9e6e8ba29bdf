"""The calendar of renewals: a secret address for each administrator, and what a calendar program gets at it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar
from werkzeug.test import TestResponse

from tests.examples import ADMINISTRATOR, NAME, a_key, a_period
from tests.interface.web.house import House, Visitor, text_of


def path_of(page: TestResponse) -> str:
    """The path of the address that a page shows this once."""
    assert page.status_code == 200, page.text
    (path,) = re.findall(r'id="calendar-address" value="http://localhost(/calendar/[A-Za-z0-9_-]{43}\.ics)"', page.text)
    return str(path)


@pytest.fixture
def path(administrator: Visitor) -> str:
    return path_of(administrator.post("/calendar/make"))


def ask(house: House, path: str, **headers: str) -> TestResponse:
    """As a calendar program does, which has no cookie."""
    return house.app.test_client().get(path, headers=headers)


def assert_nothing_there(house: House, path: str) -> None:
    """It is answered to the letter as an address that never was."""
    answer, never = ask(house, path), ask(house, f"/calendar/{'A' * 43}.ics")
    unknown = ask(house, "/no-such-page")
    assert answer.status_code == never.status_code == unknown.status_code == 404
    assert answer.text == never.text == unknown.text
    assert answer.headers["Cache-Control"] == unknown.headers["Cache-Control"] == "no-store"
    assert set(answer.headers.keys()) == set(unknown.headers.keys())


def test_a_calendar_program_reads_when_to_renew_without_signing_in(house: House, path: str) -> None:
    house.register(a_key(license_period=a_period("2026-04-01", "2026-06-19"), maintenance_period=None))
    answer = ask(house, path)
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    calendar = Calendar.from_ical(answer.data)
    assert calendar["X-WR-CALNAME"] == f"License of {NAME}"
    assert [(event["DTSTART"].dt, event["SUMMARY"]) for event in calendar.walk("VEVENT")] == [
        (date(2026, 4, 20), f"{NAME}: Renew the license: 60 days left"),
        (date(2026, 5, 20), f"{NAME}: Renew the license: 30 days left"),
        (date(2026, 6, 5), f"{NAME}: Renew the license: 14 days left"),
        (date(2026, 6, 12), f"{NAME}: Renew the license: 7 days left"),
        (date(2026, 6, 18), f"{NAME}: Renew the license: 1 day left"),
        (date(2026, 6, 19), f"{NAME}: Last day of the license"),
    ]
    before = {event["UID"]: event for event in calendar.walk("VEVENT")}
    house.clock.go_on(days=20)
    after = [event["UID"] for event in Calendar.from_ical(ask(house, path).data).walk("VEVENT")]
    assert after == list(before)[1:], "each entry keeps its name"


def test_no_name_of_a_person_stands_in_it(house: House, path: str) -> None:
    for name in ("alice-in-the-log", "bob-in-the-log"):
        house.add_user(name)
    house.register(a_key(licenses=4))
    house.register(a_key(licenses=1, license_period=a_period("2027-05-01", None), maintenance_period=None))
    text = ask(house, path).text.replace("\r\n ", "")
    assert "More users than licenses" in text
    for name in (ADMINISTRATOR, "alice", "bob"):
        assert not re.search(rf"\b{name}\b", text)


def test_what_has_not_changed_is_not_sent_again_and_no_proxy_keeps_it(house: House, path: str) -> None:
    house.register(a_key())
    answer = ask(house, path)
    assert set(answer.headers["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert "Set-Cookie" not in answer.headers
    again = ask(house, path, **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    house.clock.go_on(days=1)
    assert ask(house, path, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304, "the day changed nothing"
    house.register(a_key(license_period=a_period("2027-04-01", "2028-03-31"), maintenance_period=None))
    assert ask(house, path, **{"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_the_address_is_shown_once_and_a_new_one_ends_it(house: House, administrator: Visitor, path: str) -> None:
    secret = path[len("/calendar/") : -len(".ics")]
    page = administrator.get("/calendar")
    assert "Your calendar is on." in text_of(page)
    assert secret not in page.text
    new = path_of(administrator.post("/calendar/make"))
    assert ask(house, new).status_code == 200
    assert_nothing_there(house, path)
    page = administrator.follow(administrator.post("/calendar/off"))
    assert "Your calendar is off; nothing stands at its address any more." in text_of(page)
    assert_nothing_there(house, new)
    assert administrator.follow(administrator.post("/calendar/off")).status_code == 200, "off already"


def test_a_form_that_is_sent_twice_makes_one_address(house: House, administrator: Visitor) -> None:
    page = administrator.get("/calendar").text
    (form_id,) = set(re.findall(r'name="form_id" value="([^"]+)"', page))
    first, second = (path_of(administrator.post("/calendar/make", form_id=form_id)) for _ in range(2))
    assert first == second
    assert ask(house, first).status_code == 200


def test_the_password_is_asked_before_an_address_is_shown(house: House, administrator: Visitor) -> None:
    administrator.forget_password()
    house.clock.go_on(minutes=6)
    answer = administrator.post("/calendar/make")
    assert (answer.status_code, 'name="password_again"' in answer.text) == (401, True)
    assert "calendar-address" not in answer.text


@pytest.mark.parametrize("command", ["delete_user", "revoke_administrator"])
def test_u6_it_ends_for_good_with_the_right(house: House, command: str) -> None:
    house.add_user("bea", administrator=True)
    path = path_of(house.visitor("bea").post("/calendar/make"))
    assert ask(house, path).status_code == 200
    house.do(command, "bea")
    assert_nothing_there(house, path)
    if command == "delete_user":
        house.do("restore_user", "bea")
    house.do("grant_administrator", "bea")
    assert_nothing_there(house, path)


def test_k11_auditors_have_none(house: House) -> None:
    house.add_auditor()
    auditor = house.visitor("auditor")
    page = auditor.get("/calendar")
    assert "Only administrators have a calendar" in text_of(page)
    assert "Make an address" not in page.text
    assert 'href="/calendar"' not in auditor.get("/users").text
    assert auditor.post("/calendar/make").status_code == 403


def test_the_own_menu_leads_there(administrator: Visitor) -> None:
    assert 'href="/calendar"' in administrator.get("/users").text


def test_whoever_guesses_addresses_waits_and_signs_in_all_the_same(house: House, path: str) -> None:
    for number in range(20):
        assert ask(house, f"/calendar/{number:043}.ics").status_code == 404
    slowed = [ask(house, f"/calendar/{21:043}.ics"), ask(house, path)]
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in slowed] == [(429, "1")] * 2
    assert slowed[0].text == slowed[1].text
    assert house.visitor().sign_in(ADMINISTRATOR).status_code == 303
    house.clock.go_on(seconds=1)
    assert ask(house, path).status_code == 200


def test_the_security_log_says_who_made_and_ended_an_address(house: House, administrator: Visitor, path: str) -> None:
    administrator.post("/calendar/off")
    page = text_of(administrator.get("/sign-ins"))
    assert f"“{ADMINISTRATOR}” made a secret address for a calendar" in page
    assert f"“{ADMINISTRATOR}” turned the secret address of the calendar off" in page
    assert path not in page


def test_the_secret_stands_in_no_table(house: House, path: str) -> None:
    secret = path[len("/calendar/") : -len(".ics")]
    for table in ("calendar_addresses", "idempotency_keys", "sign_ins", "sessions"):
        assert secret not in repr(house.sql(f"SELECT * FROM {table}"))  # noqa: S608
    assert house.sql("SELECT count(*) FROM calendar_addresses")[0][0] == 1


@pytest.mark.parametrize("place", ["deploy/nginx.conf", "docs/operations.md"])
def test_the_proxy_writes_no_secret_into_its_log(place: str) -> None:
    """What its map makes of an address that it writes down; the program's own log has the route alone."""
    text = (Path(__file__).parents[3] / place).read_text(encoding="utf-8")
    (rules,) = re.findall(r"^map \$uri \$without_names \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    masks = re.findall(r"^ +~(\S+) (\S+);", rules, re.MULTILINE)
    for path in ("/calendar/the-secret.ics", "/calendar/the-secret"):
        assert [mask for pattern, mask in masks if re.search(pattern, path)] == ["/calendar/-"]
    assert '"$request_method $without_names"' in text
    assert not re.search(r"log_format.*\$(request|request_uri|uri)\b", text)


def test_the_page_lists_what_stands_in_it(house: House, administrator: Visitor) -> None:
    house.register(a_key())
    page = text_of(administrator.get("/calendar"))
    assert "Last day of license and maintenance 2027-03-31 After this day nobody but administrators" in page


def test_the_calendar_is_in_the_language_of_its_account(house: House, path: str) -> None:
    house.register(a_key(license_period=a_period("2026-04-01", "2026-06-19"), maintenance_period=None))
    house.accounts.choose_language(house.account(ADMINISTRATOR), "ja")
    calendar = Calendar.from_ical(ask(house, path, **{"Accept-Language": "en"}).data)
    assert calendar["X-WR-CALNAME"] == f"{NAME}のライセンス"
    assert [event["SUMMARY"] for event in calendar.walk("VEVENT")][-1] == f"{NAME}：ライセンスの最終日"
