"""GET /api/v1/login-check: every decision with its code, and the answer that is a contract."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.examples import ADMINISTRATOR, a_key, a_period
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House


def test_a_user_within_the_license_is_admitted_with_the_optional_products(house: House, gateway: Program) -> None:
    house.register(a_key(licenses=3))
    house.add_user("Alice")
    assert gateway.check("alice") == {
        "login_name": "Alice",
        "decision": "admit",
        "code": "ok",
        "message": "You may log in. Optional products: Analytics.",
        "optional_products": ["Analytics"],
        "administrator": False,
        "license": {
            "edition": "Professional",
            "valid": 3,
            "in_use": 2,
            "available": 1,
            "license_period": {"start": "2026-04-01", "end": "2027-03-31", "status": "active", "days_left": 345},
            "maintenance_period": {"start": "2026-04-01", "end": "2027-03-31", "status": "active", "days_left": 345},
            "covered_until": "2027-03-31",
            "next": None,
        },
        "checked_on": "2026-04-20",
        "position": house.view.position,
    }


def test_before_any_license_administrators_get_in_to_register_one(house: House, gateway: Program) -> None:
    house.add_user("alice")
    answer = gateway.check(ADMINISTRATOR)
    assert (answer["decision"], answer["code"]) == ("admin_only", "no_license")
    assert answer["license"] == {
        "edition": None,
        "valid": 0,
        "in_use": 2,
        "available": -2,
        "license_period": None,
        "maintenance_period": None,
        "covered_until": None,
        "next": None,
    }
    answer = gateway.check("alice")
    assert (answer["decision"], answer["code"]) == ("refuse", "no_license")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        pytest.param(a_key(license_period=a_period("2026-06-01", "2027-05-31")), "license_not_started", id="pending"),
        pytest.param(a_key(license_period=a_period("2026-04-01", "2026-04-30")), "license_expired", id="over in May"),
        pytest.param(a_key(licenses=1), "licenses_exceeded", id="too few"),
    ],
)
def test_a_license_that_does_not_admit_leaves_the_admin_screen(house: House, key: str, code: str) -> None:
    house.register(key)
    house.add_user("alice")
    gateway = Program(house.app, house.token("login-check"))
    house.clock.now = datetime(2026, 5, 2, 9, 0, tzinfo=UTC)
    for name, decision in ((ADMINISTRATOR, "admin_only"), ("alice", "refuse")):
        answer = gateway.check(name)
        assert (answer["decision"], answer["code"], answer["optional_products"]) == (decision, code, [])


def test_a_pending_license_is_shown_with_the_day_on_which_it_starts(house: House, gateway: Program) -> None:
    house.register(a_key(license_period=a_period("2026-06-01", "2027-05-31")))
    pending = gateway.check(ADMINISTRATOR)["license"]["next"]
    assert (pending["starts_on"], pending["edition"], pending["valid"]) == ("2026-06-01", "Professional", 3)


@pytest.mark.parametrize(("release_date", "code"), [("2027-03-31", "ok"), ("2027-04-01", "release_not_covered")])
def test_l4_a_release_after_the_maintenance_period_is_not_covered(
    house: House, gateway: Program, release_date: str, code: str
) -> None:
    house.register(a_key())
    assert gateway.check(ADMINISTRATOR, release_date=release_date)["code"] == code


def test_answers_for_different_release_dates_do_not_mix(house: House, gateway: Program) -> None:
    house.register(a_key())
    for day in ("2027-04-01", "2027-05-01", "2027-04-01"):
        assert day in gateway.check(ADMINISTRATOR, release_date=day)["message"]
    assert gateway.check(ADMINISTRATOR)["code"] == "ok"


def test_an_unknown_name_is_a_decision_and_no_error(gateway: Program) -> None:
    answer = gateway.check("nobody")
    assert (answer["decision"], answer["code"], answer["login_name"]) == ("refuse", "unknown_user", "nobody")


def test_a_deleted_user_is_refused_until_restored(house: House, gateway: Program) -> None:
    house.register(a_key())
    house.add_user("alice")
    house.do("delete_user", "alice")
    assert gateway.check("alice")["code"] == "user_deleted"
    house.do("restore_user", "alice")
    assert gateway.check("alice")["code"] == "ok"


def test_l2_who_is_an_administrator_is_decided_with_the_rest(house: House, gateway: Program) -> None:
    """The answer to a gateway's question who may come in when Seatledger is silent; false for whoever is nobody now."""

    def administrator(name: str) -> tuple[str, bool]:
        answer = gateway.check(name)
        return answer["code"], answer["administrator"]

    house.add_user("alice")
    assert administrator(ADMINISTRATOR) == ("no_license", True)
    assert administrator("alice") == ("no_license", False)
    house.register(a_key(licenses=2))
    assert (administrator(ADMINISTRATOR), administrator("ALICE")) == (("ok", True), ("ok", False))
    house.do("grant_administrator", "alice")
    assert administrator("alice") == ("ok", True)
    house.do("delete_user", "alice")
    assert administrator("alice") == ("user_deleted", False)
    assert administrator("nobody") == ("unknown_user", False)
    house.do("restore_user", "alice")
    assert administrator("alice") == ("ok", False)


def test_l2_who_was_an_administrator_is_told_of_then(house: House, auditing: Program) -> None:
    house.add_user("alice")
    before = house.view.position
    house.do("grant_administrator", "alice")
    assert [auditing.check("alice", position=str(at))["administrator"] for at in (before, before + 1)] == [False, True]


def test_what_is_kept_between_checks_is_forgotten_when_the_day_or_the_license_changes(
    house: House, gateway: Program
) -> None:
    house.register(a_key(licenses=2))
    first = gateway.check(ADMINISTRATOR)
    house.clock.go_on(days=1)
    assert gateway.check(ADMINISTRATOR)["license"]["license_period"]["days_left"] == (
        first["license"]["license_period"]["days_left"] - 1
    )
    house.add_user("alice")
    assert gateway.check(ADMINISTRATOR)["license"]["available"] == 0
    house.add_user("bob")
    assert gateway.check("bob")["code"] == "licenses_exceeded"
    house.clock.now = datetime(2027, 4, 1, 9, 0, tzinfo=UTC)
    assert gateway.check("bob")["code"] == "license_expired"


def test_an_installation_with_the_same_events_elsewhere_is_not_answered_for(
    house: House, gateway: Program, auditing: Program
) -> None:
    """The kept parts belong to a view, not to a position."""
    house.register(a_key(licenses=2))
    house.add_user("alice")
    assert gateway.check("alice")["license"]["valid"] == 2
    assert auditing.get("/api/v1/login-check", login_name="alice", position=2).get_json()["license"]["valid"] == 0
    assert gateway.check("alice")["license"]["valid"] == 2


@pytest.mark.parametrize("name", ["ÅLICE", "ålice", "a\N{COMBINING RING ABOVE}lice", " ålice "])
def test_names_are_compared_as_they_are_registered(house: House, gateway: Program, name: str) -> None:
    house.register(a_key())
    house.add_user("Ålice")
    assert gateway.check(name)["login_name"] == "Ålice"


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "login_name is missing"),
        ("release_date=2026-10-01", "login_name is missing"),
        ("login_name=alice&login_name=bob", "login_name=… once"),
        ("login_name", "login_name=… once"),
        ("login_name=alice&relase_date=2026-10-01", "“relase_date” is unknown"),
        ("login_name=alice&release_date=", "release_date must be a date YYYY-MM-DD"),
        ("login_name=alice&release_date=2026-02-30", "release_date must be a date YYYY-MM-DD"),
        ("login_name=alice&release_date=20261001", "release_date must be a date YYYY-MM-DD"),
        ("login_name=alice&release_date=2026-W40-4", "release_date must be a date YYYY-MM-DD"),
        ("login_name=alice&release_date=%D9%A2026-10-01", "release_date must be a date YYYY-MM-DD"),
        ("login_name=%FF", "login_name is not UTF-8"),
        ("login_name=%ED%A0%80", "login_name is not UTF-8"),
    ],
)
def test_a_query_that_is_not_understood_is_refused(anything: Program, query: str, problem: str) -> None:
    response = anything.ask("GET", f"/api/v1/login-check?{query}")
    assert problem in assert_problem(response, 400, "malformed_request")


def test_a_check_records_nothing(house: House, gateway: Program) -> None:
    before = house.events()
    gateway.check(ADMINISTRATOR)
    gateway.check("nobody")
    assert house.events() == before
