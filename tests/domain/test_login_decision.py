"""L1, L2 and L4: the decision table, optional products, and releases."""

from __future__ import annotations

import pytest

from domain.installation import Installation
from tests.domain.installations import an_installation, answer, at, login, register
from tests.examples import a_period, seconds

ON = "2026-06-01"


def licensed(**license_fields: object) -> Installation:
    """Three users, one of them an administrator, and licenses for as many."""
    installation = an_installation("ann", "gone", "ben")
    installation.delete_user("gone", stamp=at("2026-01-02"))
    register(installation, "2026-04-01", **license_fields)
    return installation


def without_license() -> Installation:
    return an_installation("ann")


def not_started() -> Installation:
    installation = an_installation("ann", "ben", "cem")
    register(installation, "2026-05-20", licenses=1, license_period=a_period("2026-06-02", None))
    return installation


def expired() -> Installation:
    return licensed(licenses=1, license_period=a_period("2026-04-01", "2026-05-31"))


def exceeded() -> Installation:
    return licensed(licenses=2)


TABLE = [
    (licensed, None, "ok", "admit", "admit"),
    (without_license, "2030-01-01", "no_license", "admin_only", "refuse"),
    (not_started, "2030-01-01", "license_not_started", "admin_only", "refuse"),
    (expired, "2030-01-01", "license_expired", "admin_only", "refuse"),
    (exceeded, "2030-01-01", "release_not_covered", "admin_only", "refuse"),
    (exceeded, None, "licenses_exceeded", "admin_only", "refuse"),
]
"""Each row breaks its own rule and all that the table asks after it, so the order is tried as well."""


@pytest.mark.parametrize(("make", "release", "code", "administrator", "other"), TABLE)
def test_the_first_code_of_the_table_that_applies_decides(
    make: object, release: str | None, code: str, administrator: str, other: str
) -> None:
    installation = make()  # type: ignore[operator]
    assert answer(installation, "admin", ON, release) == (administrator, code)
    assert answer(installation, "ann", ON, release) == (other, code)


@pytest.mark.parametrize(("make", "release"), [row[:2] for row in TABLE])
def test_unknown_and_deleted_users_are_refused_whatever_the_license_says(make: object, release: str | None) -> None:
    installation = make()  # type: ignore[operator]
    assert answer(installation, "nobody", ON, release) == ("refuse", "unknown_user")
    installation.delete_user("ann", stamp=at("2026-05-31"))
    assert answer(installation, "ann", ON, release) == ("refuse", "user_deleted")


def test_a_deleted_administrator_is_refused_like_anybody_deleted() -> None:
    installation = licensed()
    installation.grant_administrator("ann", stamp=at("2026-05-01"))
    installation.delete_user("ann", stamp=at("2026-05-01"))
    assert answer(installation, "ann", ON) == ("refuse", "user_deleted")


@pytest.mark.parametrize(("make", "release"), [row[:2] for row in TABLE])
def test_l2_a_decision_says_who_is_an_administrator_and_nobody_deleted_or_unknown_is(
    make: object, release: str | None
) -> None:
    installation = make()  # type: ignore[operator]
    assert login(installation, "ADMIN", ON, release).is_administrator
    assert not login(installation, "ann", ON, release).is_administrator
    installation.grant_administrator("ann", stamp=at("2026-05-30"))
    assert login(installation, "ann", ON, release).is_administrator
    installation.delete_user("ann", stamp=at("2026-05-31"))
    for name in ("ann", "nobody"):
        assert not login(installation, name, ON, release).is_administrator


def test_an_auditor_is_no_user_and_takes_no_license() -> None:
    installation = licensed(licenses=3)
    installation.add_auditor("audrey", stamp=at("2026-05-01"))
    assert answer(installation, "audrey", ON) == ("refuse", "unknown_user")
    assert answer(installation, "ann", ON) == ("admit", "ok")


def test_exactly_as_many_users_as_licenses_is_not_exceeded() -> None:
    installation = licensed(licenses=3)
    assert answer(installation, "ann", ON) == ("admit", "ok")
    installation.add_user("one-more", stamp=at("2026-05-01"))
    assert answer(installation, "ann", ON) == ("refuse", "licenses_exceeded")
    installation.delete_user("one-more", stamp=at("2026-05-01"))
    assert answer(installation, "ann", ON) == ("admit", "ok")
    installation.restore_user("gone", stamp=at("2026-05-01"))
    assert answer(installation, "ann", ON) == ("refuse", "licenses_exceeded")


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2026-03-31", "license_not_started"),
        ("2026-04-01", "ok"),
        ("2027-03-31", "ok"),
        ("2027-04-01", "license_expired"),
    ],
)
def test_the_first_and_the_last_day_of_the_license_period_are_licensed(day: str, code: str) -> None:
    installation = an_installation("ann")
    register(installation, "2026-03-20")
    assert answer(installation, "ann", day)[1] == code


def test_a_login_is_answered_with_the_name_as_registered() -> None:
    installation = licensed()
    assert login(installation, " ANN", ON).login_name == "ann"
    assert login(installation, "x" * 9999 + "\ud800", ON).login_name == "x" * 200 + "…"


@pytest.mark.parametrize("name", ["", "a/b", "a\x00", "\ud800", "x" * 100_000])
def test_any_text_can_be_asked_for(name: str) -> None:
    made = login(licensed(), name, ON)
    assert made.code == "unknown_user"
    made.login_name.encode()


@pytest.mark.parametrize(
    ("maintenance", "day", "products"),
    [
        (("2026-06-01", "2026-07-31"), "2026-05-31", ()),
        (("2026-06-01", "2026-07-31"), "2026-06-01", ("Analytics",)),
        (("2026-06-01", "2026-07-31"), "2026-07-31", ("Analytics",)),
        (("2026-06-01", "2026-07-31"), "2026-08-01", ()),
        (None, "2026-06-01", ()),
    ],
)
def test_l1_optional_products_are_listed_while_maintenance_is_active(
    maintenance: tuple[str, str] | None, day: str, products: tuple[str, ...]
) -> None:
    installation = licensed(maintenance_period=a_period(*maintenance) if maintenance else None)
    made = login(installation, "ann", day)
    assert (made.decision, made.code, made.optional_products) == ("admit", "ok", products)


def test_l1_optional_products_are_for_those_who_get_in() -> None:
    assert login(exceeded(), "ann", ON).optional_products == ()
    assert login(exceeded(), "admin", ON).optional_products == ()


def test_l2_the_same_question_always_gets_the_same_answer() -> None:
    installation = licensed()
    assert login(installation, "ann", ON, "2026-05-01") == login(installation, "ann", ON, "2026-05-01")


ISSUED = seconds("2026-03-15T09:00:00+00:00")


@pytest.mark.parametrize(
    ("maintenance", "release", "covered"),
    [
        (None, "2026-03-15", True),
        (None, "2026-03-16", False),
        (("2026-04-01", "2026-12-31"), "2026-12-31", True),
        (("2026-04-01", "2026-12-31"), "2027-01-01", False),
        # Maintenance that ended before the key was issued: the issue day is the later one.
        (("2025-01-01", "2025-12-31"), "2026-03-15", True),
        (("2025-01-01", "2025-12-31"), "2026-03-16", False),
        # Maintenance that has not begun is not in force yet, and so covers nothing.
        (("2026-07-01", "2026-12-31"), "2026-03-15", True),
        (("2026-07-01", "2026-12-31"), "2026-04-15", False),
    ],
)
def test_l4_a_release_made_after_maintenance_and_issue_day_is_not_covered(
    maintenance: tuple[str, str] | None, release: str, covered: bool
) -> None:
    installation = licensed(maintenance_period=a_period(*maintenance) if maintenance else None, issued_at=ISSUED)
    assert answer(installation, "ann", ON, release)[1] == ("ok" if covered else "release_not_covered")


def test_l4_a_covered_release_stays_covered_when_maintenance_ends() -> None:
    installation = licensed(maintenance_period=a_period("2026-04-01", "2026-05-31"), issued_at=ISSUED)
    assert answer(installation, "ann", "2026-09-01", "2026-05-31") == ("admit", "ok")
    assert answer(installation, "admin", "2026-09-01", "2026-06-01") == ("admin_only", "release_not_covered")


def test_l4_is_silent_without_a_release_date() -> None:
    installation = licensed(maintenance_period=None, issued_at=1)
    assert answer(installation, "ann", ON) == ("admit", "ok")


def test_l4_registering_a_newly_issued_key_covers_the_version_updated_to() -> None:
    installation = licensed(maintenance_period=None, issued_at=ISSUED)
    assert answer(installation, "ann", ON, "2026-05-20")[1] == "release_not_covered"
    register(installation, "2026-06-01", maintenance_period=None, issued_at=seconds("2026-05-20T09:00:00+00:00"))
    assert answer(installation, "ann", ON, "2026-05-20")[1] == "ok"


def test_l4_the_issue_day_counts_in_the_installations_time_zone() -> None:
    """23:30 UTC on March 15 is March 16 in Berlin already."""
    installation = licensed(maintenance_period=None, issued_at=seconds("2026-03-15T23:30:00+00:00"))
    assert answer(installation, "ann", ON, "2026-03-16")[1] == "ok"
