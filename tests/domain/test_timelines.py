"""The stories that the rules were made from, told day by day."""

from __future__ import annotations

from datetime import date

from domain.installation import Installation
from tests.domain.installations import an_installation, answer, at, login, names_of, register, schedule_of, view_of
from tests.examples import a_period, seconds

YEAR = a_period("2026-04-01", "2027-03-31")
NEXT_YEAR = a_period("2027-04-01", "2028-03-31")


def state(installation: Installation, on: str) -> tuple[str | None, int, str | None]:
    """Edition, Valid and the status of the license period on a day."""
    standing = schedule_of(installation).on(date.fromisoformat(on))
    return standing.edition, standing.valid, standing.license_status


def warnings(installation: Installation, on: str) -> list[str]:
    return [warning.code for warning in schedule_of(installation).on(date.fromisoformat(on)).warnings]


def test_an_annual_renewal_registered_early() -> None:
    """The key for next year comes two weeks early, silences the warning, and waits for its day."""
    installation = an_installation("ann", "ben")
    register(installation, "2026-04-01", edition="Standard", licenses=3)
    assert warnings(installation, "2027-03-16") == ["license_ends_soon", "maintenance_ends_soon"]
    register(
        installation,
        "2027-03-16",
        edition="Professional",
        licenses=2,
        license_period=NEXT_YEAR,
        maintenance_period=NEXT_YEAR,
    )
    assert warnings(installation, "2027-03-16") == []
    assert state(installation, "2027-03-16") == ("Standard", 3, "active")
    assert state(installation, "2027-03-31") == ("Standard", 3, "active")
    assert answer(installation, "ann", "2027-03-31") == ("admit", "ok")
    assert state(installation, "2027-04-01") == ("Professional", 2, "active")
    assert answer(installation, "ann", "2027-04-01") == ("refuse", "licenses_exceeded")
    installation.delete_user("ben", stamp=at("2027-04-01"))
    assert answer(installation, "ann", "2027-04-01") == ("admit", "ok")
    assert answer(installation, "ann", "2028-03-31") == ("admit", "ok")
    assert answer(installation, "ann", "2028-04-01") == ("refuse", "license_expired")


def test_licenses_added_mid_term_with_a_renewal_pending() -> None:
    """Three more seats until the end of this term; the renewal that was registered before keeps its turn."""
    installation = an_installation()
    register(installation, "2026-04-01", licenses=3)
    register(installation, "2027-03-10", licenses=5, license_period=NEXT_YEAR, maintenance_period=NEXT_YEAR)
    register(installation, "2027-03-12", licenses=6, license_period=a_period("2027-03-12", "2027-03-31"))
    assert state(installation, "2027-03-11")[1] == 3
    assert state(installation, "2027-03-12")[1] == 6
    assert state(installation, "2027-03-31")[1] == 6
    assert state(installation, "2027-04-01")[1] == 5
    assert warnings(installation, "2027-03-20") == []


def test_a_wrong_pending_key_corrected() -> None:
    """The renewal said 5 seats instead of 50; the corrected key cancels it, and the wrong one cannot come back."""
    installation = an_installation()
    register(installation, "2026-04-01", licenses=40)
    wrong = {"licenses": 5, "license_period": NEXT_YEAR, "issued_at": seconds("2027-03-10T09:00:00+00:00")}
    register(installation, "2027-03-10", **wrong)
    register(installation, "2027-03-11", licenses=50, license_period=NEXT_YEAR)
    assert state(installation, "2027-03-31")[1] == 40
    assert state(installation, "2027-04-01")[1] == 50
    assert register(installation, "2027-04-02", **wrong) == []
    assert state(installation, "2027-04-02")[1] == 50


def test_a_perpetual_license_with_yearly_maintenance_keys() -> None:
    """Each year's key carries the right to the optional products and to the releases of its year."""
    installation = an_installation("ann")
    perpetual = a_period("2024-04-01", None)
    for year, on in ((2026, "2026-04-01"), (2027, "2027-03-17"), (2028, "2028-05-20")):
        register(
            installation,
            on,
            license_period=perpetual,
            maintenance_period=a_period(f"{year}-04-01", f"{year + 1}-03-31"),
            optional_products=(f"Analytics {year}",),
        )
    products = {
        on: login(installation, "ann", on).optional_products
        for on in ("2026-04-01", "2027-03-31", "2027-04-01", "2028-03-31", "2028-04-01", "2028-05-19", "2028-05-20")
    }
    assert products == {
        "2026-04-01": ("Analytics 2026",),
        "2027-03-31": ("Analytics 2026",),
        "2027-04-01": ("Analytics 2027",),
        "2028-03-31": ("Analytics 2027",),
        "2028-04-01": (),
        "2028-05-19": (),
        "2028-05-20": ("Analytics 2028",),
    }
    assert answer(installation, "ann", "2028-05-10") == ("admit", "ok")
    assert state(installation, "2060-01-01") == ("Professional", 3, "active")


def test_a_perpetual_license_whose_maintenance_ended_cannot_be_updated_until_the_next_key() -> None:
    installation = an_installation("ann")
    perpetual = a_period("2026-04-01", None)
    register(installation, "2026-04-01", license_period=perpetual)
    assert answer(installation, "ann", "2027-05-01", "2027-03-31") == ("admit", "ok")
    assert answer(installation, "ann", "2027-05-01", "2027-04-15") == ("refuse", "release_not_covered")
    register(installation, "2027-05-02", license_period=perpetual, maintenance_period=NEXT_YEAR)
    assert answer(installation, "ann", "2027-05-02", "2027-04-15") == ("admit", "ok")


def test_a_downgrade() -> None:
    """Fewer seats and a smaller edition from next year on: nobody is hindered before, everybody but admins after."""
    installation = an_installation("ann", "ben")
    register(installation, "2026-04-01", edition="Professional", licenses=10)
    register(
        installation, "2027-03-01", edition="Standard", licenses=2, license_period=NEXT_YEAR, maintenance_period=None
    )
    assert state(installation, "2027-03-31") == ("Professional", 10, "active")
    assert state(installation, "2027-04-01") == ("Standard", 2, "active")
    assert answer(installation, "admin", "2027-04-01") == ("admin_only", "licenses_exceeded")
    assert answer(installation, "ann", "2027-04-01") == ("refuse", "licenses_exceeded")
    installation.delete_user("ben", stamp=at("2027-04-01"))
    assert login(installation, "ann", "2027-04-01").optional_products == ()
    assert answer(installation, "ann", "2027-04-01") == ("admit", "ok")
    assert answer(installation, "admin", "2027-04-01") == ("admit", "ok")


def test_a_downgrade_at_once_cannot_be_rolled_back_with_the_old_key() -> None:
    installation = an_installation()
    issued = seconds("2026-03-15T09:00:00+00:00")
    register(installation, "2026-04-01", licenses=10, issued_at=issued)
    register(installation, "2026-05-01", licenses=2)
    assert register(installation, "2026-05-02", licenses=10, issued_at=issued) == []
    assert state(installation, "2026-05-02")[1] == 2


def test_a_clock_jumped_forward_and_corrected() -> None:
    """A dead battery: the machine says 2096, everything seems expired, and one command puts it right."""
    installation = an_installation("ann")
    register(installation, "2026-04-01", issued_at=seconds("2026-03-15T09:00:00+00:00"))
    installation.record_refused_key("license_period_over", "ab" * 32, stamp=at("2096-06-01"))
    today = view_of(installation).day_at(at("2026-06-02").moment)
    assert today == date(2096, 6, 1)
    assert answer(installation, "ann", today.isoformat()) == ("refuse", "license_expired")
    assert answer(installation, "admin", today.isoformat()) == ("admin_only", "license_expired")
    installation.correct_clock(date(2026, 6, 2), stamp=at("2026-06-02"))
    today = view_of(installation).day_at(at("2026-06-02").moment)
    assert answer(installation, "ann", today.isoformat()) == ("admit", "ok")
    assert names_of(register(installation, "2026-06-02", licenses=4)) == ["LicenseRegistered"]
    assert len(view_of(installation).alarms) == 1


def test_a_deleted_administrator_restored() -> None:
    """Restored as an ordinary user, who comes in while the license is good and is turned away when it is not."""
    installation = an_installation("ann")
    register(installation, "2026-04-01", licenses=2)
    installation.grant_administrator("ann", stamp=at("2026-04-02"))
    installation.delete_user("admin", stamp=at("2026-04-03"))
    installation.restore_user("admin", stamp=at("2026-04-04"))
    assert answer(installation, "admin", "2026-04-04") == ("admit", "ok")
    assert answer(installation, "admin", "2027-04-01") == ("refuse", "license_expired")
    assert answer(installation, "ann", "2027-04-01") == ("admin_only", "license_expired")
    installation.grant_administrator("admin", stamp=at("2026-04-05"))
    assert answer(installation, "admin", "2027-04-01") == ("admin_only", "license_expired")
