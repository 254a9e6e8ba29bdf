"""The answers of the API and of `--json`: their names are contracts."""

from __future__ import annotations

import json
from datetime import date

from application import answers
from application.words.language import ENGLISH
from domain.login import decide
from tests.domain.installations import an_installation, day_view_of, login, register
from tests.examples import NAME, a_key, a_period
from tests.world import World

ON = date(2026, 6, 1)


def test_the_answer_of_a_login_check() -> None:
    installation = an_installation("ann")
    register(installation, "2026-04-01", optional_products=("Analytics", "Plans"))
    register(installation, "2026-05-01", edition="Next", licenses=9, license_period=a_period("2027-04-01", None))
    answer = answers.of_login_check(
        login(installation, "ANN", ON.isoformat()), day_view_of(installation, ON.isoformat()), ENGLISH
    )
    assert answer == {
        "login_name": "ann",
        "decision": "admit",
        "code": "ok",
        "message": "You may log in. Optional products: Analytics, Plans.",
        "optional_products": ["Analytics", "Plans"],
        "administrator": False,
        "license": {
            "edition": "Professional",
            "valid": 3,
            "in_use": 2,
            "available": 1,
            "license_period": {"start": "2026-04-01", "end": "2027-03-31", "status": "active", "days_left": 303},
            "maintenance_period": {"start": "2026-04-01", "end": "2027-03-31", "status": "active", "days_left": 303},
            "covered_until": None,
            "next": {
                "edition": "Next",
                "valid": 9,
                "license_period": {"start": "2027-04-01", "end": None, "status": "upcoming", "days_left": None},
                "maintenance_period": {
                    "start": "2026-04-01",
                    "end": "2027-03-31",
                    "status": "active",
                    "days_left": 303,
                },
                "optional_products": ["Analytics"],
                "starts_on": "2027-04-01",
            },
        },
        "checked_on": "2026-06-01",
        "position": 5,
    }
    json.dumps(answer)


def test_before_any_license_edition_and_periods_are_null_and_available_is_negative() -> None:
    installation = an_installation("ann")
    license_ = answers.of_login_check(
        login(installation, "ann", ON.isoformat()), day_view_of(installation, ON.isoformat()), ENGLISH
    )["license"]
    assert license_ == {
        "edition": None,
        "valid": 0,
        "in_use": 2,
        "available": -2,
        "license_period": None,
        "maintenance_period": None,
        "covered_until": None,
        "next": None,
    }


def test_an_expired_license_keeps_its_valid() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", licenses=7)
    license_ = answers.of_installation(day_view_of(installation, "2027-04-01"), ENGLISH)["license"]
    assert (license_["valid"], license_["available"], license_["covered_until"]) == (7, 6, "2027-03-31")
    assert license_["license_period"]["status"] == "expired"
    assert license_["license_period"]["days_left"] == -1


def test_k10_the_license_that_waits_is_told_without_the_maintenance_that_was_cancelled() -> None:
    installation = an_installation()
    next_year, until_summer = a_period("2027-04-01", "2028-03-31"), a_period("2026-04-01", "2027-06-30")
    register(installation, "2026-04-01")
    register(installation, "2026-04-02", license_period=next_year, maintenance_period=next_year)
    waiting = answers.of_installation(day_view_of(installation, "2026-04-02"), ENGLISH)["license"]["next"]
    assert (waiting["maintenance_period"]["start"], waiting["optional_products"]) == ("2027-04-01", ["Analytics"])
    register(installation, "2026-04-03", maintenance_period=until_summer)
    waiting = answers.of_installation(day_view_of(installation, "2026-04-03"), ENGLISH)["license"]["next"]
    assert (waiting["maintenance_period"], waiting["optional_products"]) == (None, [])


def test_the_answer_about_the_license_names_the_installation() -> None:
    installation = an_installation()
    answer = answers.of_installation(day_view_of(installation, ON.isoformat()), ENGLISH)
    assert {name: answer[name] for name in answer if name != "license"} == {
        "installation_id": str(installation.id),
        "name": NAME,
        "product": "timetracker-nx",
        "time_zone": "Europe/Berlin",
        "warnings": [
            {
                "code": "no_license",
                "stage": None,
                "day": None,
                "message": "No license key is registered yet. Nobody but administrators can log in.",
            }
        ],
        "if_nobody_acts": [],
        "checked_on": "2026-06-01",
        "position": 2,
    }


def test_the_answers_kept_for_the_next_login_check_are_the_same_as_fresh_ones(house: World) -> None:
    """Over changes of the view, of the day, of the person and of the release."""
    kept = answers.LoginChecks()
    house.register(licenses=2, maintenance_period=a_period("2026-04-01", "2026-04-03"))
    for step in range(12):
        if step % 3 == 0:
            house.add(f"user{step}")
        house.clock.go_on(days=1)
        now = house.licensing.now(house.id)
        for name in ("admin", "user0", "nobody", "USER3"):
            for release in (None, date(2026, 4, 2), date(2026, 12, 1)):
                made = decide(now, name, release)
                assert kept.answer(made, now, ENGLISH, release) == answers.of_login_check(made, now, ENGLISH, release)


def test_the_answer_to_a_registration(house: World) -> None:
    text = a_key(issued_at=1_775_000_000, license_period=a_period("2026-04-15", "2027-03-31"))
    now = lambda: house.licensing.now(house.id)  # noqa: E731
    first = answers.of_registration(house.register(text), now(), ENGLISH)
    assert (first["result"], first["takes_effect_on"]) == ("registered", "2026-04-15")
    assert [warning["code"] for warning in first["warnings"]] == ["license_not_started"]
    again = answers.of_registration(house.register(text), now(), ENGLISH)
    assert (again["result"], again["takes_effect_on"]) == ("already_registered", "2026-04-15")
    house.register(license_period=a_period("2026-04-01", None))
    replaced = answers.of_registration(house.register(text), now(), ENGLISH)
    assert (replaced["result"], replaced["takes_effect_on"]) == ("already_registered", None)


def test_an_event_of_the_history_is_told_with_its_fields_and_without_the_key(house: World) -> None:
    house.register()
    house.do("create_token", "Gateway", ["login-check"], expires_after=1)
    told = [answers.of_history_entry(entry) for entry in house.entries]
    json.dumps(told)
    assert told[2] | {"command_id": "", "user_id": ""} == {
        "position": 3,
        "recorded_at": "2026-04-01T10:00:00Z",
        "day": "2026-04-01",
        "event": "UserAdded",
        "by": house.operator,
        "command_id": "",
        "user_id": "",
        "login_name": "admin",
        "login_key": "admin",
        "administrator": True,
    }
    assert "key_text" not in told[3]
    assert told[4]["expires_on"] == "2026-04-02"
