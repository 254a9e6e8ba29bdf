"""K1 to K9 as the commands ask them: what registering a license key records, and what it refuses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.refusals import (
    IssuedInFuture,
    KeyIdUsed,
    KeyRefused,
    LicensePeriodOver,
    OlderThanRegistered,
    WrongInstallation,
    WrongProduct,
)
from tests.domain.installations import (
    an_installation,
    at,
    names_of,
    noon,
    recorded,
    register,
    schedule_of,
    view_of,
)
from tests.examples import OTHER_INSTALLATION_ID, a_license_key, a_period, seconds


def day(text: str) -> date:
    return date.fromisoformat(text)


def refused(installation: Any, on: Any, **license_fields: Any) -> KeyRefused:
    with pytest.raises(KeyRefused) as raised:
        register(installation, on, **license_fields)
    return raised.value


def test_registering_records_everything_that_the_key_says() -> None:
    """The event of a registration holds the license, the key's text and its fingerprint, in plain values."""
    installation = an_installation()
    key = a_license_key(
        licenses=7, other_claims={"x_note": "by phone"}, audience=str(installation.id), optional_products=("A", "B")
    )
    assert recorded(installation, lambda: installation.register_license_key(key, stamp=at("2026-03-20"))) == [
        (
            "LicenseRegistered",
            {
                "edition": "Professional",
                "licenses": 7,
                "license_start": "2026-04-01",
                "license_end": "2027-03-31",
                "maintenance_start": "2026-04-01",
                "maintenance_end": "2027-03-31",
                "optional_products": ["A", "B"],
                "customer": "Example Customer",
                "issuer": "Example Vendor",
                "audience": str(installation.id),
                "product": "timetracker-nx",
                "key_id": key.license.key_id,
                "issued_at": seconds("2026-03-15T09:00:00+00:00"),
                "signing_key_id": "example-2026",
                "fingerprint": key.fingerprint,
                "key_text": key.text,
                "other_claims": {"x_note": "by phone"},
            },
        )
    ]
    assert installation.pending_events[-1].license == key.license


def test_k1_an_early_renewal_waits_for_its_day() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", edition="Standard")
    register(installation, "2027-03-15", edition="Professional", license_period=a_period("2027-04-01", "2028-03-31"))
    schedule = schedule_of(installation)
    assert schedule.on(day("2027-03-31")).edition == "Standard"
    assert schedule.on(day("2027-04-01")).edition == "Professional"


def test_k1_an_added_seats_key_acts_at_once() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", licenses=3)
    register(installation, "2026-09-10", licenses=8)
    schedule = schedule_of(installation)
    assert (schedule.on(day("2026-09-09")).valid, schedule.on(day("2026-09-10")).valid) == (3, 8)


def test_k1_registering_cancels_what_would_take_effect_during_it() -> None:
    """A pending key is cancelled on the first and on the last day of the newer one, and kept on the day after it."""
    for start, is_kept in (("2027-04-01", False), ("2028-03-31", False), ("2028-04-01", True)):
        installation = an_installation()
        register(installation, "2026-05-01", edition="Pending", license_period=a_period(start, "2030-12-31"))
        register(installation, "2026-05-02", edition="Newer", license_period=a_period("2027-04-01", "2028-03-31"))
        assert (schedule_of(installation).on(day("2030-01-01")).edition == "Pending") is is_kept


def test_k1_a_perpetual_license_cancels_everything_pending() -> None:
    installation = an_installation()
    register(installation, "2026-05-01", edition="Pending", license_period=a_period("2040-01-01", "2040-12-31"))
    register(installation, "2026-05-02", edition="Perpetual", license_period=a_period("2026-05-01", None))
    assert schedule_of(installation).on(day("2040-06-01")).edition == "Perpetual"
    assert schedule_of(installation).on(day("2026-05-02")).next is None


def test_k1_of_two_that_take_effect_on_one_day_the_one_registered_last_is_in_force() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", edition="First")
    register(installation, noon("2026-04-01") + timedelta(hours=1), edition="Second")
    assert schedule_of(installation).on(day("2026-04-01")).edition == "Second"


def test_k1_what_was_replaced_never_comes_back_when_its_replacement_ends() -> None:
    installation = an_installation()
    register(installation, "2026-01-10", edition="Perpetual", license_period=a_period("2026-01-01", None))
    register(installation, "2026-02-01", edition="Trial", license_period=a_period("2026-02-01", "2026-02-28"))
    standing = schedule_of(installation).on(day("2026-03-01"))
    assert (standing.edition, standing.license_status) == ("Trial", "expired")


def test_k1_what_was_cancelled_never_comes_back_when_its_replacement_is_replaced() -> None:
    installation = an_installation()
    register(installation, "2026-05-01", edition="Cancelled", license_period=a_period("2026-07-01", "2029-12-31"))
    register(installation, "2026-05-02", edition="Half-year", license_period=a_period("2026-05-01", "2026-12-31"))
    register(installation, "2026-06-01", edition="Month", license_period=a_period("2026-06-01", "2026-06-30"))
    assert [schedule_of(installation).on(day(d)).edition for d in ("2026-06-30", "2026-07-01", "2027-01-01")] == [
        "Month"
    ] * 3


def test_k2_the_same_key_again_records_nothing() -> None:
    installation = an_installation()
    assert names_of(register(installation, "2026-04-01", issued_at=1)) == ["LicenseRegistered"]
    assert register(installation, "2026-04-02", issued_at=1) == []


def test_k2_the_same_key_again_records_nothing_when_it_is_over_or_replaced() -> None:
    """K2 is asked before K9, K4 and K3: an old key pasted again is no error."""
    installation = an_installation()
    register(installation, "2026-04-01", issued_at=1000)
    register(installation, "2026-04-02", licenses=9, issued_at=2000)
    assert register(installation, "2026-04-03", issued_at=1000) == []
    assert register(installation, "2031-04-03", issued_at=1000) == []
    assert schedule_of(installation).on(day("2026-04-03")).valid == 9


def test_k2_another_text_with_a_known_key_id_is_refused() -> None:
    installation = an_installation()
    key_id = "11111111-2222-4333-8444-555555555555"
    register(installation, "2026-04-01", key_id=key_id)
    refusal = refused(installation, "2026-04-02", key_id=key_id, licenses=9)
    assert isinstance(refusal, KeyIdUsed)
    assert key_id in sentence(refusal, ENGLISH)


def test_k2_the_key_id_is_compared_with_replaced_keys_too() -> None:
    installation = an_installation()
    key_id = "11111111-2222-4333-8444-555555555555"
    register(installation, "2026-04-01", key_id=key_id)
    register(installation, "2026-04-02")
    assert refused(installation, "2026-04-03", key_id=key_id, licenses=9).code == "key_id_used"


def test_k3_a_key_issued_before_a_registered_one_for_a_shared_day_is_refused() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", issued_at=seconds("2026-03-15T09:00:00+00:00"))
    refusal = refused(
        installation,
        "2026-04-02",
        licenses=99,
        license_period=a_period("2027-03-31", "2028-03-31"),
        issued_at=seconds("2026-03-15T08:59:59+00:00"),
    )
    assert isinstance(refusal, OlderThanRegistered)
    said = sentence(refusal, ENGLISH)
    assert "issued on 2026-03-15 at 09:59:59+01:00, before a registered key (issued on 2026-03-15 at 10:00:00" in said
    assert "license period (2027-03-31 to 2028-03-31) and that of the registered key (2026-04-01 to 2027-03-31)" in said


@pytest.mark.parametrize(
    ("issued", "says"),
    [
        ("2026-03-14T09:00:00+00:00", "issued on 2026-03-14, before a registered key for the same period (issued on 2"),
        ("2026-03-15T21:30:00+00:00", "at 22:30:00+01:00, before a registered key for the same period (issued on 2026"),
        ("2026-03-14T23:30:00+00:00", "issued on 2026-03-15 at 00:30:00+01:00, before"),
    ],
    ids=["another day", "the same day", "another day in UTC alone"],
)
def test_k3_says_the_times_where_the_days_are_the_same_in_the_installations_time_zone(issued: str, says: str) -> None:
    installation = an_installation()
    register(installation, "2026-04-01", issued_at=seconds("2026-03-15T22:45:00+00:00"))
    said = sentence(refused(installation, "2026-04-02", licenses=99, issued_at=seconds(issued)), ENGLISH)
    assert says in said


def test_k3_tells_two_moments_apart_that_read_alike_on_the_night_of_a_clock_change() -> None:
    installation = an_installation()
    register(installation, "2026-10-26", issued_at=seconds("2026-10-25T01:30:00+00:00"))
    said = sentence(refused(installation, "2026-10-26", issued_at=seconds("2026-10-25T00:30:00+00:00")), ENGLISH)
    assert "2026-10-25 at 02:30:00+02:00, before" in said
    assert "2026-10-25 at 02:30:00+01:00)" in said


def test_k3_names_the_newest_of_the_keys_that_are_newer() -> None:
    """What the vendor issues after the first of them might be refused again."""
    installation = an_installation()
    register(installation, "2026-04-01", licenses=4)
    register(installation, "2026-05-01", licenses=5)
    said = sentence(refused(installation, "2026-05-02", issued_at=seconds("2026-03-15T09:00:00+00:00")), ENGLISH)
    assert "(issued on 2026-05-01)" in said


def test_k3_issued_in_the_same_second_is_not_before() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", issued_at=1_770_000_000)
    assert names_of(register(installation, "2026-04-01", licenses=4, issued_at=1_770_000_000)) == ["LicenseRegistered"]


def test_k3_an_older_key_for_other_days_is_accepted() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", issued_at=2000)
    later = a_period("2027-04-01", "2028-03-31")
    assert names_of(register(installation, "2026-04-02", license_period=later, issued_at=1000)) == ["LicenseRegistered"]


def test_k3_compares_with_keys_that_were_replaced_since() -> None:
    """Else one could roll back to more seats by way of a key for other days."""
    installation = an_installation()
    register(installation, "2026-04-01", issued_at=3000)
    register(installation, "2026-04-02", license_period=a_period("2026-04-02", "2026-04-30"), issued_at=4000)
    assert refused(installation, "2026-04-03", licenses=99, issued_at=2000).code == "older_than_registered"


def test_k4_a_key_is_accepted_on_its_last_day_and_refused_on_the_next() -> None:
    assert names_of(register(an_installation(), "2027-03-31")) == ["LicenseRegistered"]
    refusal = refused(an_installation(), "2027-04-01")
    assert isinstance(refusal, LicensePeriodOver)
    assert "2027-03-31" in sentence(refusal, ENGLISH)
    assert "2027-04-01" in sentence(refusal, ENGLISH)


def test_k4_counts_in_the_installations_time_zone() -> None:
    """When it is still the last day in Berlin, Kiritimati has begun the next one."""
    moment = noon("2027-03-31")
    assert names_of(register(an_installation(), moment)) == ["LicenseRegistered"]
    assert refused(an_installation(time_zone="Pacific/Kiritimati"), moment).code == "license_period_over"


def test_k5_a_newer_key_is_never_refused_because_of_present_use() -> None:
    installation = an_installation("ann", "ben", "cem")
    assert names_of(register(installation, "2026-04-01", licenses=1)) == ["LicenseRegistered"]
    assert view_of(installation).in_use > view_of(installation).schedule.on(day("2026-04-01")).valid


def test_k6_a_key_for_another_product_is_refused() -> None:
    refusal = refused(an_installation(), "2026-04-01", product="other-product")
    assert isinstance(refusal, WrongProduct)
    assert "other-product" in sentence(refusal, ENGLISH)


def test_k6_a_key_for_another_installation_is_refused() -> None:
    installation = an_installation()
    refusal = refused(installation, "2026-04-01", audience=OTHER_INSTALLATION_ID)
    assert isinstance(refusal, WrongInstallation)
    assert str(installation.id) in sentence(refusal, ENGLISH)


def test_k6_a_star_or_the_own_id_fits() -> None:
    installation = an_installation()
    assert names_of(register(installation, "2026-04-01", audience="*")) == ["LicenseRegistered"]
    assert names_of(register(installation, "2026-04-02", audience=str(installation.id))) == ["LicenseRegistered"]


def test_k7_a_refusal_is_recorded_with_code_and_fingerprint_and_without_the_key() -> None:
    installation = an_installation()
    command = lambda: installation.record_refused_key("bad_signature", "ab" * 32, stamp=at("2026-04-01"))  # noqa: E731
    assert recorded(installation, command) == [
        ("LicenseKeyRefused", {"code": "bad_signature", "fingerprint": "ab" * 32})
    ]
    assert installation.pending_events[-1].by == "user:admin"


def test_k9_a_key_issued_more_than_a_day_from_now_is_refused() -> None:
    now = noon("2026-04-01")
    in_a_day = int((now + timedelta(days=1)).timestamp())
    assert names_of(register(an_installation(), now, issued_at=in_a_day)) == ["LicenseRegistered"]
    refusal = refused(an_installation(), now, issued_at=in_a_day + 1)
    assert isinstance(refusal, IssuedInFuture)
    assert "clock" in sentence(refusal, ENGLISH)


def test_k9_names_the_day_of_the_machines_clock_not_of_the_log() -> None:
    """A clock set back is what the hint is for; the log's newest day would hide it."""
    installation = an_installation()
    installation.add_user("ann", stamp=at("2026-06-01"))
    refusal = refused(installation, "2026-02-01", issued_at=seconds("2026-05-20T09:00:00+00:00"))
    assert refusal.facts["today"] == day("2026-02-01")
    assert refusal.facts["issued_on"] == day("2026-05-20")


def test_k9_the_farthest_moment_that_a_key_can_name_is_refused_in_every_time_zone() -> None:
    for time_zone in ("Pacific/Kiritimati", "America/New_York"):
        refusal = refused(an_installation(time_zone=time_zone), "2026-04-01", issued_at=253_402_300_799)
        assert refusal.facts["issued_on"] == date.max


FIVE_WRONGS: dict[str, dict[str, Any]] = {
    "wrong_product": {"product": "other-product"},
    "wrong_installation": {"audience": OTHER_INSTALLATION_ID},
    "key_id_used": {"key_id": "11111111-2222-4333-8444-555555555555"},
    "issued_in_future": {"issued_at": seconds("2029-01-01T00:00:00+00:00")},
    "license_period_over": {"license_period": a_period("2026-02-01", "2026-02-28")},
}


@pytest.mark.parametrize("first", range(5))
def test_the_rules_are_asked_in_the_order_of_the_design(first: int) -> None:
    """A key that breaks this rule and all later ones is refused for this one."""
    installation = an_installation()
    register(installation, "2026-04-01", key_id="11111111-2222-4333-8444-555555555555")
    fields: dict[str, Any] = {"issued_at": 1}
    for code in list(FIVE_WRONGS)[first:]:
        fields.update(FIVE_WRONGS[code])
    assert refused(installation, "2026-05-01", **fields).code == list(FIVE_WRONGS)[first]


def test_k4_is_asked_before_k3() -> None:
    installation = an_installation()
    register(installation, "2026-02-10", license_period=a_period("2026-02-01", "2026-02-28"))
    over = a_period("2026-02-01", "2026-02-27")
    assert refused(installation, "2026-05-01", license_period=over, issued_at=1).code == "license_period_over"


def test_a_refused_key_leaves_nothing_behind() -> None:
    installation = an_installation()
    before = list(installation.pending_events)
    refused(installation, "2027-04-01")
    assert list(installation.pending_events) == before
    assert installation.registered_keys == ()
