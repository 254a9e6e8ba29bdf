"""The sentences for people: one for every decision and every warning, whole and true."""

from __future__ import annotations

import re
from datetime import date

import pytest

from application.words import sentences
from application.words.language import ENGLISH
from domain.installation import Installation
from domain.login import Decision
from tests.domain.installations import an_installation, at, day_view_of, login, register
from tests.domain.test_login_decision import TABLE
from tests.examples import a_period

ON = "2026-06-01"


def sentence(installation: Installation, name: str, on: str = ON, release: str | None = None) -> str:
    made = login(installation, name, on, release)
    released = date.fromisoformat(release) if release else None
    return sentences.of_decision(made, day_view_of(installation, on), ENGLISH, released)


def warnings(installation: Installation, on: str) -> dict[str, str]:
    warned = sentences.of_warnings(day_view_of(installation, on), ENGLISH)
    return {warning.code: warning.message for warning in warned}


def test_l2_there_is_a_sentence_for_every_code_and_decision_of_the_table() -> None:
    expected = {(code, Decision(other)) for _, _, code, _, other in TABLE}
    expected |= {(code, Decision(administrator)) for _, _, code, administrator, _ in TABLE}
    expected |= {("unknown_user", Decision.REFUSE), ("user_deleted", Decision.REFUSE)}
    assert set(sentences.DECISIONS) == expected


@pytest.mark.parametrize(("make", "release"), [row[:2] for row in TABLE])
@pytest.mark.parametrize("name", ["admin", "ann", "gone", "nobody"])
def test_l2_every_sentence_is_whole(make: object, release: str | None, name: str) -> None:
    text = sentence(make(), name, release=release)  # type: ignore[operator]
    assert re.fullmatch(r"[A-Z].*\.", text)
    assert not re.search(r"None|[{}]", text)


def test_l2_administrators_are_told_what_to_do_and_others_to_tell_them() -> None:
    installation = an_installation("ann", "ben")
    register(installation, "2026-04-01", licenses=2)
    assert "delete 1 user, or register a key" in sentence(installation, "admin")
    assert "tell your administrator" in sentence(installation, "ann")
    installation.add_user("cem", stamp=at("2026-04-02"))
    assert "4 users, 2 licenses" in sentence(installation, "ann")
    assert "delete 2 users" in sentence(installation, "admin")


def test_w2_of_a_license_that_is_over_while_another_waits_both_days_are_said() -> None:
    installation = an_installation("ann")
    register(installation, "2026-04-01", license_period=a_period("2026-04-01", "2026-05-31"))
    register(installation, "2026-05-01", license_period=a_period("2026-07-01", None))
    for name in ("admin", "ann"):
        assert "ended on 2026-05-31" in sentence(installation, name)
        assert "2026-07-01" in sentence(installation, name)
    assert "register a license key for these days" in sentence(installation, "admin")
    assert "you can log in from 2026-07-01" in sentence(installation, "ann")


@pytest.mark.parametrize(
    ("maintenance", "products", "says"),
    [
        (("2026-07-01", "2026-12-31"), ("A",), "available from 2026-07-01"),
        (("2026-01-01", "2026-05-31"), ("A",), "ended on 2026-05-31"),
        (None, ("A",), "has no maintenance period"),
        (("2026-06-01", "2026-06-01"), (), "includes no optional products"),
        (("2026-06-01", "2026-06-01"), ("A", "B"), "Optional products: A, B"),
    ],
)
def test_l1_the_answer_says_why_there_are_optional_products_or_not(
    maintenance: tuple[str, str] | None, products: tuple[str, ...], says: str
) -> None:
    installation = an_installation()
    period = a_period(*maintenance) if maintenance else None
    register(installation, "2026-04-01", maintenance_period=period, optional_products=products)
    assert says in sentence(installation, "admin")


def test_u4_adding_and_restoring_beyond_valid_warns() -> None:
    installation = an_installation("ann")
    register(installation, "2026-04-01", licenses=2)
    assert list(warnings(installation, ON)) == ["nearly_full"]
    installation.add_user("ben", stamp=at("2026-04-02"))
    assert "Delete 1 user" in warnings(installation, ON)["licenses_exceeded"]
    installation.delete_user("ben", stamp=at("2026-04-02"))
    assert list(warnings(installation, ON)) == ["nearly_full"]
    installation.restore_user("ben", stamp=at("2026-04-02"))
    assert list(warnings(installation, ON)) == ["licenses_exceeded"]


def test_k11_warnings_name_the_last_day_and_the_days_left() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", maintenance_period=a_period("2026-04-01", "2026-12-31"))
    assert "2026-12-31 (30 days left)" in warnings(installation, "2026-12-01")["maintenance_ends_soon"]
    assert "2026-12-31 (1 day left)" in warnings(installation, "2026-12-30")["maintenance_ends_soon"]
    assert "ended on 2026-12-31" in warnings(installation, "2027-01-01")["maintenance_over"]
    assert "(today is the last day)" in warnings(installation, "2027-03-31")["license_ends_soon"]
    assert "ended on 2027-03-31" in warnings(installation, "2027-04-01")["license_over"]


def test_u4_nearly_full_says_how_many_are_available_and_that_none_is() -> None:
    installation = an_installation(*(f"user {number}" for number in range(17)))
    register(installation, "2026-04-01", licenses=20)
    assert "18 users, 20 licenses, 2 available" in warnings(installation, ON)["nearly_full"]
    installation.add_user("ann", stamp=at("2026-04-02"))
    assert "19 users, 20 licenses, 1 available" in warnings(installation, ON)["nearly_full"]
    installation.add_user("ben", stamp=at("2026-04-02"))
    assert "No license is available any more: 20 users, 20 licenses." in warnings(installation, ON)["nearly_full"]


def test_what_turns_users_away_is_urgent_and_comes_first() -> None:
    installation = an_installation("ann")
    register(installation, "2026-04-01", licenses=1, license_period=a_period("2026-04-01", "2026-06-10"))
    warned = sentences.of_warnings(day_view_of(installation, ON), ENGLISH)
    assert [(warning.code, warning.is_urgent) for warning in warned] == [
        ("licenses_exceeded", True),
        ("license_ends_soon", False),
    ]


def test_before_any_license_and_before_its_day_administrators_are_told() -> None:
    installation = an_installation()
    assert list(warnings(installation, ON)) == ["no_license"]
    register(installation, ON, license_period=a_period("2026-06-15", "2027-06-14"))
    assert "2026-06-15" in warnings(installation, ON)["license_not_started"]


def test_every_warning_has_a_sentence() -> None:
    of_standing = {f"{what}_{how}" for what in ("license", "maintenance") for how in ("ends_soon", "over")}
    assert set(sentences.WARNINGS) == of_standing | {"licenses_exceeded", "no_license", "license_not_started"}


def test_counts_have_their_thousands_apart_and_what_is_looked_up_has_not() -> None:
    assert ENGLISH.say("{number}, at {position}, from 1 to {most}", number=10_000_000, position=12_345, most=1000) == (
        "10,000,000, at 12345, from 1 to 1000"
    )
