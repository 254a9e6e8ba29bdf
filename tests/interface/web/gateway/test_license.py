"""The license over the API: what is in force, and registering a license key with every status."""

from __future__ import annotations

from pathlib import Path

import pytest

from application.license_keys import MAX_PASTE
from tests.examples import REVOKED_KID, REVOKED_SIGNING_KEY, a_key, a_period, seconds
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House

KEYS = "/api/v1/license-keys"
PREVIEW = f"{KEYS}/preview"
ONE, OTHER = "5d1f7c3a-9b1e-4a57-8a0b-1c2d3e4f5a01", "5d1f7c3a-9b1e-4a57-8a0b-1c2d3e4f5a02"


def test_the_license_is_shown_with_the_installation_that_it_is_for(house: House, licenses: Program) -> None:
    house.register(a_key())
    answer = licenses.get("/api/v1/license").get_json()
    license_, coming = answer.pop("license"), answer.pop("if_nobody_acts")
    assert [(line["day"], line["event"]) for line in coming] == [
        ("2027-04-01", "license_ends"),
        ("2027-04-01", "maintenance_ends"),
        ("2027-04-01", "options_stop"),
        ("2027-04-01", "users_shut_out"),
    ]
    assert (license_["edition"], license_["maintenance_covered_until"]) == ("Professional", "2027-03-31")
    assert answer == {
        "installation_id": str(house.id),
        "name": "Example Company",
        "product": "timetracker-nx",
        "time_zone": "Europe/Berlin",
        "warnings": [],
        "checked_on": "2026-04-20",
        "position": house.view.position,
    }


def test_the_license_is_shown_with_what_administrators_are_warned_of(
    house: House, licenses: Program, auditing: Program
) -> None:
    def warned(program: Program, **when: int) -> list[str]:
        return [warning["code"] for warning in program.get("/api/v1/license", **when).get_json()["warnings"]]

    assert warned(licenses) == ["no_license"]
    house.register(a_key(licenses=1, maintenance_period=a_period("2026-04-01", "2026-05-31")))
    house.add_user("alice")
    assert warned(licenses) == ["licenses_exceeded", "maintenance_ends_soon"]
    assert warned(auditing, position=house.view.position - 1) == ["nearly_full", "maintenance_ends_soon"]
    house.do("delete_user", "alice")
    full, end = licenses.get("/api/v1/license").get_json()["warnings"]
    assert {name: full[name] for name in full if name != "message"} == {
        "code": "nearly_full",
        "stage": 100,
        "day": "2026-04-20",
        "valid": 1,
        "in_use": 1,
    }
    assert {name: end[name] for name in end if name != "message"} == {
        "code": "maintenance_ends_soon",
        "stage": 60,
        "day": "2026-05-31",
    }


def test_until_when_maintenance_goes_on_without_a_gap_is_told(house: House, licenses: Program) -> None:
    def until() -> object:
        return licenses.get("/api/v1/license").get_json()["license"]["maintenance_covered_until"]

    assert until() is None
    house.register(a_key(license_period=a_period("2026-04-01", None)))
    assert until() == "2027-03-31"
    later = a_period("2027-04-01", "2028-03-31")
    house.register(a_key(license_period=later, maintenance_period=later))
    assert until() == "2028-03-31"


def test_a_new_key_is_registered_and_in_effect_at_once(house: House, licenses: Program) -> None:
    response = licenses.post(KEYS, {"license_key": a_key(licenses=3)})
    assert response.status_code == 201
    answer = response.get_json()
    assert answer["result"] == "registered"
    assert answer["takes_effect_on"] == "2026-04-20"
    assert answer["license"]["valid"] == 3
    assert answer["warnings"] == []
    assert answer["message"].startswith("The license key was registered and is in effect.")
    assert licenses.get("/api/v1/license").get_json()["license"]["valid"] == 3
    assert house.events()[-1] == "LicenseRegistered"


def test_the_event_names_the_token_that_registered(house: House) -> None:
    token = house.token("license")
    Program(house.app, token).post(KEYS, {"license_key": a_key()})
    (entry,) = house.licensing.history(house.id, after=house.view.position - 1)
    assert entry.by == f"token:{token[4:12]}"


def test_an_early_renewal_waits_for_its_day(house: House, licenses: Program) -> None:
    house.register(a_key())
    renewal = a_key(license_period=a_period("2027-04-01", "2028-03-31"), issued_at=seconds("2026-04-01T00:00:00+00:00"))
    answer = licenses.post(KEYS, {"license_key": renewal}).get_json()
    assert answer["takes_effect_on"] == "2027-04-01"
    assert answer["license"]["next"]["starts_on"] == "2027-04-01"
    assert answer["license"]["covered_until"] == "2028-03-31"


def test_k2_the_same_key_again_changes_nothing_and_is_no_error(house: House, licenses: Program) -> None:
    house.register(a_key())
    before = house.events()
    response = licenses.post(KEYS, {"license_key": f"“{a_key()}”\r\n"})
    assert response.status_code == 200
    assert response.get_json()["result"] == "already_registered"
    assert "nothing was changed" in response.get_json()["message"]
    assert house.events() == before


def test_u4_registering_fewer_licenses_than_users_warns(house: House, licenses: Program) -> None:
    house.add_user("alice")
    warnings = licenses.post(KEYS, {"license_key": a_key(licenses=1)}).get_json()["warnings"]
    assert [warning["code"] for warning in warnings] == ["licenses_exceeded"]
    assert "2 users, 1 license" in warnings[0]["message"]


SIGNED = a_key()
REFUSED = {
    "too_long": "x" * (MAX_PASTE + 1),
    "malformed": "not a key",
    "not_canonical": f"{SIGNED[:-1]}{'B' if SIGNED[-1] != 'B' else 'C'}",
    "wrong_header": f"e30.{SIGNED.split('.', 1)[1]}",
    "unknown_signing_key": a_key(kid="somebody-else"),
    "revoked_signing_key": a_key(kid=REVOKED_KID, signing_key=REVOKED_SIGNING_KEY),
    "bad_signature": f"{SIGNED.rsplit('.', 1)[0]}.{'A' * 86}",
    "wrong_product": a_key(product="another"),
    "wrong_installation": a_key(audience="00000000-0000-4000-8000-000000000000"),
    "issued_in_future": a_key(issued_at=seconds("2026-04-22T09:00:01+00:00")),
    "license_period_over": a_key(license_period=a_period("2025-04-01", "2026-04-19")),
}


@pytest.mark.parametrize("code", REFUSED)
def test_k7_a_refused_key_says_why_and_is_recorded_without_the_key(
    shared_house: House, anything: Program, code: str
) -> None:
    response = anything.post(KEYS, {"license_key": REFUSED[code]})
    detail = assert_problem(response, 413 if code == "too_long" else 422, code)
    assert REFUSED[code] not in detail
    (entry,) = shared_house.licensing.history(shared_house.id, after=shared_house.view.position - 1)
    assert (entry.kind, entry.fields["code"]) == ("LicenseKeyRefused", code)
    assert entry.fields.keys() == {"code", "fingerprint"}
    assert anything.get("/api/v1/license").get_json()["license"]["edition"] is None


def test_k12_the_answer_names_what_a_key_cancels_and_whose_cover_it_shortens(house: House, licenses: Program) -> None:
    perpetual, next_year = a_period("2026-04-01", None), a_period("2027-04-01", "2028-03-31")
    house.register(a_key(license_period=perpetual))
    yearly = a_key(license_period=perpetual, maintenance_period=next_year, key_id=ONE, edition="Yearly")
    house.clock.go_on(days=1)
    house.register(yearly)
    short = a_key(license_period=perpetual, maintenance_period=a_period("2027-04-01", "2027-04-30"), key_id=OTHER)
    answer = licenses.post(KEYS, {"license_key": short, "confirm": True}).get_json()
    assert answer["cancelled"] == [
        {
            "key_id": ONE,
            "what": "license",
            "edition": "Yearly",
            "valid": 3,
            "optional_products": ["Analytics"],
            "start": "2026-04-21",
            "end": None,
        },
        {
            "key_id": ONE,
            "what": "maintenance",
            "edition": "Yearly",
            "valid": 3,
            "optional_products": ["Analytics"],
            "start": "2027-04-01",
            "end": "2028-03-31",
        },
    ]
    (warning,) = answer["warnings"]
    message = warning.pop("message")
    assert warning == {
        "code": "cover_shortened",
        "what": "maintenance",
        "before": "2028-03-31",
        "after": "2027-04-30",
    }
    assert "covered until 2028-03-31; now it is covered until 2027-04-30 only" in message
    again = licenses.post(KEYS, {"license_key": yearly}).get_json()
    assert (again["result"], again["cancelled"], again["warnings"]) == ("already_registered", [], [])
    assert again["cancelled_by"] == [
        {"what": "license", "key_id": OTHER, "on": "2026-04-21"},
        {"what": "maintenance", "key_id": OTHER, "on": "2026-04-21"},
    ]
    assert f"replaced on 2026-04-21 by another one, number {OTHER}" in again["message"]
    assert "ask the vendor for a new license key that says the same" in again["message"].lower()
    assert again["message"].count(ONE) == 1
    _, listed, _ = licenses.get("/api/v1/license-keys").get_json()["license_keys"]
    assert (listed["maintenance_cancelled_by"], listed["maintenance_cancelled_on"]) == (OTHER, "2026-04-21")


def test_k13_the_answer_and_the_license_warn_of_what_a_renewal_brings_about(house: House, licenses: Program) -> None:
    house.register(a_key(licenses=2, optional_products=("Analytics", "Mobile")))
    house.add_user("alice")
    late = a_period("2027-05-01", "2028-04-30")
    renewal = a_key(licenses=1, license_period=late, maintenance_period=late, key_id=ONE)
    answer = licenses.post(KEYS, {"license_key": renewal}).get_json()
    about = [{name: each[name] for name in each if name != "message"} for each in answer["warnings"]]
    assert about == [
        {"code": "cover_gap", "day": "2027-04-01", "what": "license", "until": "2027-04-30"},
        {"code": "cover_gap", "day": "2027-04-01", "what": "maintenance", "until": "2027-04-30"},
        {
            "code": "licenses_will_be_exceeded",
            "day": "2027-05-01",
            "key_id": ONE,
            "valid": 1,
            "in_use": 2,
            "excess": 1,
        },
        {"code": "options_will_end", "day": "2027-05-01", "key_id": ONE, "optional_products": ["Mobile"]},
    ]
    asked = licenses.get("/api/v1/license").get_json()["warnings"]
    assert [each["code"] for each in asked] == [*(each["code"] for each in about), "nearly_full"]
    assert asked[:-1] == [{**each, "stage": None} for each in answer["warnings"]]


def test_k2_another_key_with_a_known_number_is_refused(house: House, licenses: Program) -> None:
    number = "5d1f7c3a-9b1e-4a57-8a0b-1c2d3e4f5a6b"
    house.register(a_key(key_id=number))
    assert_problem(licenses.post(KEYS, {"license_key": a_key(key_id=number, licenses=99)}), 422, "key_id_used")


def test_k3_an_older_key_for_the_same_period_is_refused(house: House, licenses: Program) -> None:
    house.register(a_key())
    older = a_key(licenses=99, issued_at=seconds("2026-03-14T09:00:00+00:00"))
    assert_problem(licenses.post(KEYS, {"license_key": older}), 422, "older_than_registered")


@pytest.mark.parametrize("keyring", ["gone", "broken", "unnamed"])
def test_a_keyring_that_cannot_be_read_is_nobodys_fault_who_asks(
    house: House, licenses: Program, keyring: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = house.settings.keyring
    assert path is not None
    if keyring == "gone":
        path.unlink()
    elif keyring == "broken":
        path.write_text("{")
    else:
        object.__setattr__(house.settings, "keyring", None)
    before = house.events()
    response = licenses.post(KEYS, {"license_key": a_key()})
    detail = assert_problem(response, 503, "keyring_unreadable")
    assert "tell whoever runs Seatledger" in detail
    assert str(tmp_path) not in detail
    assert int(response.headers["Retry-After"]) > 0
    assert house.events() == before
    assert "keyring_unreadable" in caplog.text
    assert a_key() not in caplog.text


SMALL = a_key(licenses=1, optional_products=(), maintenance_period=a_period("2026-04-01", "2026-12-31"), key_id=ONE)
"""For one user, without Analytics, and with less maintenance than the year of `a_key()`."""


def crowd(house: House) -> None:
    house.register(a_key(licenses=2, key_id=OTHER))
    house.add_user("alice")


def test_a_preview_shows_each_day_without_the_key_and_with_it_and_records_nothing(
    house: House, licenses: Program
) -> None:
    crowd(house)
    before = house.events()
    answer = licenses.post(PREVIEW, {"license_key": SMALL}).get_json()
    assert house.events() == before
    assert (answer["result"], answer["needs_confirmation"]) == ("can_be_registered", True)
    assert (answer["takes_effect_on"], answer["checked_on"]) == ("2026-04-20", "2026-04-20")
    assert answer["position"] == house.view.position
    assert [day["day"] for day in answer["days"]] == ["2026-04-20", "2027-01-01", "2027-04-01"]
    today = answer["days"][0]
    assert (today["without"]["code"], today["with"]["code"]) == ("ok", "licenses_exceeded")
    assert (today["without"]["license"]["valid"], today["with"]["license"]["valid"]) == (2, 1)
    assert today["shut_out"] == {"count": 1, "administrators": 1, "login_names": ["alice"]}
    assert (today["options_stop"], today["options_begin"]) == (["Analytics"], [])
    assert answer["days"][2]["shut_out"]["count"] == 0, "on that day the license would be over without the key too"
    happens = {each["code"]: each for each in answer["would_happen"]}
    assert list(happens) == ["users_shut_out", "options_stop", "releases_lost", "maintenance_lost", "cover_shortened"]
    assert (happens["users_shut_out"]["start"], happens["users_shut_out"]["end"]) == ("2026-04-20", "2027-03-31")
    assert happens["maintenance_lost"]["start"] == "2027-01-01"
    assert (happens["cover_shortened"]["before"], happens["cover_shortened"]["after"]) == ("2027-03-31", "2026-12-31")
    assert OTHER in answer["no_way_back"][0]
    assert SMALL not in licenses.post(PREVIEW, {"license_key": SMALL}).text


def test_days_that_nothing_covers_are_counted_in_the_preview(house: House, licenses: Program) -> None:
    house.register(a_key())
    late = a_key(license_period=a_period("2027-05-01", "2028-04-30"), maintenance_period=None)
    answer = licenses.post(PREVIEW, {"license_key": late}).get_json()
    assert answer["gaps"] == [{"what": "license", "start": "2027-04-01", "end": "2027-04-30", "days": 30}]
    assert (answer["needs_confirmation"], answer["would_happen"], answer["no_way_back"]) == (False, [], [])
    assert [(day["day"], day["with"]["code"]) for day in answer["days"]] == [
        ("2026-04-20", "ok"),
        ("2027-04-01", "license_expired"),
        ("2027-05-01", "ok"),
        ("2028-05-01", "license_expired"),
    ]


@pytest.mark.parametrize("code", REFUSED)
def test_a_key_that_would_be_refused_is_refused_by_the_preview_and_not_recorded(
    shared_house: House, anything: Program, code: str
) -> None:
    size = shared_house.size()
    assert_problem(anything.post(PREVIEW, {"license_key": REFUSED[code]}), 413 if code == "too_long" else 422, code)
    assert shared_house.size() == size


def test_a_key_that_makes_something_worse_is_answered_with_what_would_happen_until_it_is_confirmed(
    house: House, licenses: Program
) -> None:
    crowd(house)
    before = house.events()
    previewed = licenses.post(PREVIEW, {"license_key": SMALL}).get_json()
    for body in ({}, {"confirm": False}, {"confirmation": previewed["confirmation"]}):
        refused = licenses.post(KEYS, {"license_key": SMALL, **body})
        problem = refused.get_json(force=True)
        assert refused.content_type == "application/problem+json"
        assert (refused.status_code, problem["status"], problem["code"]) == (409, 409, "needs_confirmation")
        assert "Shut out: 1 user, who could log in without this key (alice)." in problem["detail"]
        assert problem["preview"] == previewed
    assert house.events() == before
    assert licenses.post(KEYS, {"license_key": SMALL, "confirm": True}).status_code == 201


@pytest.mark.parametrize("confirmation", ["", "of another time"])
def test_a_confirmation_of_something_else_confirms_nothing(house: House, licenses: Program, confirmation: str) -> None:
    crowd(house)
    body = {"license_key": SMALL, "confirm": True}
    refused = licenses.post(KEYS, {**body, "confirmation": confirmation})
    assert refused.status_code == 409
    shown = refused.get_json(force=True)["preview"]["confirmation"]
    house.add_user("bob")
    assert licenses.post(KEYS, {**body, "confirmation": shown}).status_code == 409, "bob would be shut out too"
    anew = licenses.post(PREVIEW, {"license_key": SMALL}).get_json()["confirmation"]
    assert licenses.post(KEYS, {**body, "confirmation": anew}).status_code == 201


def test_a_confirmed_request_takes_another_idempotency_key(house: House, licenses: Program) -> None:
    crowd(house)

    def send(key: str, **confirmed: bool) -> tuple[int, str]:
        body = {"license_key": SMALL, **confirmed}
        answer = licenses.ask("POST", KEYS, headers={"Idempotency-Key": f'"{key}"'}, json=body)
        said = answer.get_json(force=True)
        return answer.status_code, said.get("code") or said["result"]

    assert send("one") == send("one") == (409, "needs_confirmation")
    assert send("one", confirm=True) == (422, "idempotency_key_reused")
    assert send("two", confirm=True) == send("two", confirm=True) == (201, "registered")
    assert house.events().count("LicenseRegistered") == 2


def test_a_key_that_makes_nothing_worse_needs_no_confirmation(house: House, licenses: Program) -> None:
    crowd(house)
    more = a_key(licenses=9, key_id=ONE)
    assert licenses.post(PREVIEW, {"license_key": more}).get_json()["needs_confirmation"] is False
    assert licenses.post(KEYS, {"license_key": more}).status_code == 201
    known = licenses.post(PREVIEW, {"license_key": more}).get_json()
    assert (known["result"], known["needs_confirmation"]) == ("already_registered", False)


COVERS = "/api/v1/license/covers"


def test_which_release_is_covered_is_told_before_it_is_installed(house: House, licenses: Program) -> None:
    house.register(a_key(maintenance_period=a_period("2026-04-01", "2026-12-31")))
    covered = licenses.get(COVERS, release_date="2026-12-31").get_json()
    assert (covered["covered"], covered["code"], covered["key_needed"]) == (True, "ok", None)
    newer = licenses.get(COVERS, release_date="2027-01-01").get_json()
    assert newer == {
        "release_date": "2027-01-01",
        "covered": False,
        "code": "release_not_covered",
        "last_release_date": "2026-12-31",
        "key_needed": {"issued_from": "2027-01-01", "or_maintenance_until": "2027-01-01"},
        "message": "A version released on 2027-01-01 is not covered by the license in force: that takes a license key "
        "issued on that day or later, or a maintenance period that goes on until then.",
        "checked_on": "2026-04-20",
        "position": house.view.position,
    }
    licenses.post(KEYS, {"license_key": a_key(maintenance_period=a_period("2026-04-01", "2027-01-01"), key_id=ONE)})
    assert licenses.get(COVERS, release_date="2027-01-01").get_json()["covered"], "as key_needed said"


def test_before_any_license_no_release_is_covered(gateway: Program) -> None:
    answer = gateway.get(COVERS, release_date="2020-01-01").get_json()
    assert (answer["covered"], answer["code"], answer["last_release_date"]) == (False, "no_license", None)


def test_a_gateway_asks_of_now_alone_and_others_of_the_past_too(
    house: House, gateway: Program, licenses: Program, auditing: Program
) -> None:
    house.register(a_key())
    past = {"release_date": "2026-04-01", "position": house.view.position - 1}
    assert_problem(gateway.get(COVERS, **past), 403, "scope_missing")
    nobody = Program(house.app, house.token("users")).get(COVERS, release_date="2026-04-01")
    assert "the scope license, login-check or audit." in assert_problem(nobody, 403, "scope_missing")
    for program in (licenses, auditing):
        assert program.get(COVERS, **past).get_json()["position"] == past["position"]
    assert_problem(gateway.get(COVERS), 400, "malformed_request")
    assert_problem(gateway.get(COVERS, release_date="soon"), 400, "malformed_request")
