"""Who holds a license unused: found on the Users screen, proposed for deletion, and never deleted automatically."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from tests.examples import ADMINISTRATOR
from tests.interface.web.house import House, Visitor, fields_of, text_of
from tests.interface.web.test_users_screen import listed

TODAY = date(2026, 7, 20)


@pytest.fixture
def reported(house: House) -> House:
    """Three months later, of which each day was reported: ann was there until June, ben to the end, zoe never."""
    house.add("ann", "ben", "zoe")
    house.on(TODAY)
    house.add("new")
    for number in range(1, 92):
        day = TODAY - timedelta(days=number)
        names = [ADMINISTRATOR, "ben", *(["ann"] if day < date(2026, 6, 1) else [])]
        house.seatledger.last_days.report(house.id, day, names)
    return house


@pytest.fixture
def visitor(reported: House) -> Visitor:
    return reported.visitor(ADMINISTRATOR)


def test_the_list_says_who_was_not_there_and_what_deleting_them_would_free(reported: House, visitor: Visitor) -> None:
    page = visitor.get("/users?unused=30")
    assert listed(page.text) == ["ann", "zoe"]
    text = text_of(page)
    assert (
        "2 users were not seen for 30 days. Deleting them would free as many licenses: In use would be 3 instead"
        in text
    )
    assert "Nobody is ever deleted automatically." in text
    assert "reported 30 of these 30 days, 2026-07-19 the last." in text
    assert "last seen 2026-05-31" in text
    assert listed(visitor.get("/users?unused=90").text) == ["zoe"]
    assert listed(visitor.get("/users?unused=never").text) == ["zoe"]
    assert "1 user was never seen, and is a user for more than 30 days." in text_of(visitor.get("/users?unused=never"))
    assert "reports of logins begin with 2026-04-20" in text_of(visitor.get("/users?unused=180"))
    assert len(listed(visitor.get("/users").text)) == 5


def test_they_are_selected_deleted_after_a_question_and_brought_back(reported: House, visitor: Visitor) -> None:
    page = visitor.get("/users?unused=30")
    carried = fields_of(page.text, "/users/delete")
    assert carried["unused"] == ["30"]
    asked = visitor.post("/users/delete", **carried, login_name=["ann", "zoe"])
    assert asked.status_code == 409
    done = visitor.post("/users/delete", **fields_of(asked.text, "/users/delete"))
    assert re.search(r"[?&]unused=30\b", done.headers["Location"]), "back to the list as it was"
    page = visitor.follow(done)
    assert "2 users were deleted, which frees as many licenses." in text_of(page)
    assert "Nobody here is unused for so long." in text_of(page)
    visitor.follow(visitor.post("/users/undo", **fields_of(page.text, "/users/undo")))
    assert not reported.licensing.now(reported.id).view.user("ann").is_deleted  # type: ignore[union-attr]
    assert listed(visitor.get("/users?unused=30").text) == [], "they came back within these days"


def test_the_list_of_them_is_saved_as_csv_with_the_last_day(visitor: Visitor) -> None:
    [address] = re.findall(r'href="(/users/users\.csv[^"]*)"', visitor.get("/users?unused=30").text)
    rows = visitor.get(address.replace("&amp;", "&")).get_data(as_text=True).splitlines()
    assert rows[1:] == ['"ann","false","2026-05-31"', '"zoe","false",""']


@pytest.mark.parametrize("show", ["deleted", "all", "present", "nonsense"])
def test_only_who_holds_a_license_is_proposed(visitor: Visitor, show: str) -> None:
    assert listed(visitor.get(f"/users?unused=30&show={show}").text) == ["ann", "zoe"]


def test_without_reports_the_screen_says_so_and_calls_nobody_unused(house: House) -> None:
    house.add("ann")
    house.on(TODAY)
    administrator = house.visitor(ADMINISTRATOR)
    page = administrator.get("/users?unused=90")
    assert "no login gateway has reported yet who logged in" in text_of(page)
    assert "were not seen" not in text_of(page)
    assert listed(page.text) == []
    assert "last seen" not in administrator.get("/users").text
    assert len(listed(administrator.get("/users?unused=nonsense").text)) == 2


def test_an_auditor_sees_them_and_deletes_nobody(reported: House) -> None:
    reported.add_auditor()
    auditor = reported.visitor("auditor")
    page = auditor.get("/users?unused=30")
    assert listed(page.text) == ["ann", "zoe"]
    assert "Delete selected" not in page.text
