"""GET /api/v1/history: pages of events, oldest first, and never a license key."""

from __future__ import annotations

import pytest

from tests.examples import ADMINISTRATOR, a_key
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House

HISTORY = "/api/v1/history"


def test_an_event_is_shown_with_its_stamp_and_its_fields(house: House, auditing: Program) -> None:
    events = auditing.get(HISTORY, limit=1).get_json()["events"]
    (opened,) = events
    assert opened.pop("command_id")
    assert opened == {
        "position": 1,
        "recorded_at": "2026-04-20T09:00:00Z",
        "day": "2026-04-20",
        "event": "InstallationOpened",
        "by": house.operator,
        "name": "Example Company",
        "product": "timetracker-nx",
        "time_zone": "Europe/Berlin",
    }


def test_pages_lead_to_the_end_and_miss_nothing(house: House, auditing: Program) -> None:
    for number in range(7):
        house.add_user(f"user-{number}")
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = auditing.get(HISTORY, after=after, limit=4).get_json()
        seen += [event["position"] for event in page["events"]]
        after = page["next"]
    assert seen == list(range(1, house.view.position + 1))


def test_a_page_that_ends_with_the_log_has_no_next(house: House, auditing: Program) -> None:
    newest = house.view.position
    page = auditing.get(HISTORY, after=newest - 2, limit=2).get_json()
    assert [event["position"] for event in page["events"]] == [newest - 1, newest]
    assert page["next"] is None
    assert auditing.get(HISTORY, after=newest + 5).get_json() == {"events": [], "next": None}


def test_the_license_keys_text_and_passwords_stand_in_no_answer(house: House, auditing: Program) -> None:
    house.register(a_key())
    house.add_user("alice", administrator=True)
    text = auditing.get(HISTORY, limit=1000).text
    assert "LicenseRegistered" in text
    assert "PasswordChanged" in text
    assert "key_text" not in text
    assert a_key().rsplit(".", 1)[1] not in text


@pytest.mark.parametrize(
    ("query", "what"),
    [("after=-1", "after"), ("after=9007199254740993", "after"), ("after=x", "after"), ("limit=0", "limit"),
     ("limit=1001", "limit"), ("limit=", "limit")],
)  # fmt: skip
def test_a_number_out_of_range_is_refused(anything: Program, query: str, what: str) -> None:
    detail = assert_problem(anything.ask("GET", f"{HISTORY}?{query}"), 400, "malformed_request")
    assert f"{what} must be a whole number" in detail


def test_administrators_names_are_there_for_the_auditor(auditing: Program) -> None:
    (added,) = auditing.get(HISTORY, event="UserAdded", limit=1).get_json()["events"]
    assert (added["event"], added["login_name"], added["administrator"]) == ("UserAdded", ADMINISTRATOR, True)
