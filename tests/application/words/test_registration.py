"""What a registration says: what it replaced, and of a key that is registered already, what became of it (K2)."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from application.words.language import ENGLISH
from application.words.registration import of_registration
from domain.installation import Installation
from tests.domain.installations import an_installation, day_view_of, register
from tests.examples import a_period

ON = "2026-06-01"
LATER = a_period("2027-04-01", None)
NAMES = (
    "old",
    "next",
    "small",
    "waiting",
    "large",
    "better",
    "of 2028",
    "of 2030",
    "of 2031",
    "of 2032",
    "anew",
    "now",
    "yearly",
    "short",
)


def number(name: str) -> str:
    """The number of the key that a test calls so."""
    return str(uuid5(NAMESPACE_URL, name))


def numbered(installation: Installation, name: str, day: str = ON, **fields: Any) -> None:
    register(installation, day, key_id=number(name), **fields)


def said(installation: Installation, name: str, day: str = ON, *, is_new: bool = False) -> str:
    """What is said of a key, with the names of the tests in place of numbers."""
    registrations = [
        event for event in installation.pending_events if isinstance(event, Installation.LicenseRegistered)
    ]
    license_ = next(event.license for event in registrations if event.key_id == number(name))
    text = of_registration(license_, day_view_of(installation, day), ENGLISH, is_new=is_new)
    for known in NAMES:
        text = text.replace(number(known), known)
    return text


def test_a_new_key_says_when_it_takes_effect() -> None:
    installation = an_installation()
    numbered(installation, "old", edition="Standard")
    assert said(installation, "old", is_new=True) == (
        "The license key was registered and is in effect. In force: Standard, 3 licenses, 2026-04-01 to 2027-03-31."
    )
    numbered(installation, "next", edition="Next", license_period=LATER)
    assert said(installation, "next", is_new=True) == (
        "The license key was registered. It takes effect on 2027-04-01; nothing changes until then. "
        "In force: Standard, 3 licenses, 2026-04-01 to 2027-03-31."
    )


def test_a_new_key_names_what_it_replaces_and_nothing_else() -> None:
    installation = an_installation()
    numbered(installation, "small", "2026-04-01", licenses=2)
    numbered(installation, "waiting", "2026-05-01", license_period=LATER)
    numbered(installation, "large", licenses=9)
    text = said(installation, "large", is_new=True)
    assert text.endswith(
        "It replaces 1 license key for good: number small (Professional, 2 licenses, 2026-04-01 to 2027-03-31)."
    )


def test_one_that_waits_says_which_waiting_one_it_replaces() -> None:
    installation = an_installation()
    numbered(installation, "waiting", "2026-05-01", license_period=LATER)
    numbered(installation, "better", licenses=9, license_period=LATER)
    text = said(installation, "better", is_new=True)
    assert "nothing changes" not in text
    assert (
        "It replaces 1 license key for good: number waiting (Professional, 3 licenses, from 2027-04-01, without" in text
    )


def test_many_that_are_replaced_are_counted() -> None:
    installation = an_installation()
    for year in range(2028, 2033):
        period = a_period(f"{year}-01-01", f"{year}-12-31")
        numbered(installation, f"of {year}", license_period=period)
    numbered(installation, "for ever", license_period=a_period("2026-01-01", None))
    text = said(installation, "for ever", is_new=True)
    assert "It replaces 5 license keys for good: number of 2028" in text
    assert "number of 2030 (Professional, 3 licenses, 2030-01-01 to 2030-12-31), number of 2031 (2031-01-01 to" in text
    assert text.endswith("number of 2032 (2032-01-01 to 2032-12-31).")
    for year in range(2028, 2040):
        numbered(installation, f"again {year}", license_period=a_period(f"{year}-02-01", f"{year}-12-31"))
    numbered(installation, "the end", license_period=a_period("2026-01-01", None))
    text = said(installation, "the end", is_new=True)
    assert "It replaces 13 license keys for good: " in text
    assert text.endswith("(2034-02-01 to 2034-12-31), ….")


@pytest.mark.parametrize(("licenses", "is_warned"), [(3, True), (4, False), (9, False)])
def test_w3_a_smaller_key_says_at_once_that_the_larger_one_is_gone_and_what_to_ask_for(
    licenses: int, is_warned: bool
) -> None:
    installation = an_installation()
    numbered(installation, "large", "2026-04-01", licenses=4)
    numbered(installation, "mistake", licenses=licenses)
    text = said(installation, "mistake", is_new=True)
    hint = "ask the vendor for a new license key that says what that one said"
    assert (hint in text) is is_warned


def test_w3_of_one_that_was_over_no_new_one_is_to_be_asked_for() -> None:
    """The vendor could not issue it: its period is over (K4)."""
    installation = an_installation()
    numbered(installation, "over", "2026-04-01", licenses=9, license_period=a_period("2026-04-01", "2026-05-31"))
    numbered(installation, "renewal", licenses=4)
    assert "ask the vendor" not in said(installation, "renewal", is_new=True)


def test_w3_a_replaced_key_says_when_and_by_which_one_and_what_to_ask_for() -> None:
    installation = an_installation()
    numbered(installation, "large", "2026-04-01", licenses=9)
    numbered(installation, "small", "2026-05-02", licenses=2, edition="Basic")
    assert said(installation, "large") == (
        "This license key is already registered; nothing was changed. It was replaced on 2026-05-02 by another one, "
        "number small (Basic, 2 licenses, 2026-04-01 to 2027-03-31), and cannot be used again. In force: Basic, 2 "
        "licenses, 2026-04-01 to 2027-03-31. If you need what this key says, ask the vendor for a new license key that "
        "says the same: number large, Professional, 9 licenses, 2026-04-01 to 2027-03-31."
    )


def test_k12_a_new_key_names_the_maintenance_that_it_cancels_with_its_days() -> None:
    installation = an_installation()
    perpetual = a_period("2026-04-01", None)
    numbered(installation, "first", "2026-04-01", license_period=perpetual)
    numbered(
        installation,
        "yearly",
        "2026-05-01",
        license_period=perpetual,
        maintenance_period=a_period("2027-04-01", "2028-03-31"),
    )
    numbered(installation, "longer", license_period=perpetual, maintenance_period=a_period("2026-04-01", "2028-03-31"))
    text = said(installation, "longer", is_new=True)
    assert text.endswith(
        "It replaces 1 license key for good: number yearly (Professional, 3 licenses, from 2026-04-01, without end, "
        "with its maintenance period 2027-04-01 to 2028-03-31)."
    )


def test_k12_maintenance_alone_is_named_where_the_license_stays() -> None:
    installation = an_installation()
    numbered(installation, "now", "2026-04-01", maintenance_period=a_period("2026-07-01", "2027-03-31"))
    june = a_period("2026-06-10", "2026-07-10")
    numbered(installation, "short", license_period=june, maintenance_period=june)
    assert said(installation, "short", is_new=True).endswith(
        "It cancels 1 maintenance period for good, with its optional products: number now (2026-07-01 to 2027-03-31)."
    )


def test_w3_of_several_the_largest_is_named() -> None:
    installation = an_installation()
    numbered(installation, "waiting", "2026-04-01", license_period=LATER)
    numbered(installation, "large", "2026-04-02", licenses=9, license_period=a_period("2027-05-01", None))
    numbered(installation, "small", licenses=2, license_period=LATER)
    assert said(installation, "small", is_new=True).endswith(
        "This one has fewer licenses than number large, which cannot be used again. If you took the wrong key, ask the "
        "vendor for a new license key that says what that one said."
    )


def test_k12_a_key_whose_maintenance_was_cancelled_says_by_which_one_and_what_to_ask_for() -> None:
    """The license itself waits and keeps its turn."""
    installation = an_installation()
    numbered(installation, "now", "2026-04-01", maintenance_period=a_period("2026-07-01", "2027-03-31"))
    june = a_period("2026-06-10", "2026-07-10")
    numbered(installation, "short", "2026-05-02", edition="Short", license_period=june, maintenance_period=june)
    assert said(installation, "now", "2026-06-01") == (
        "This license key is already registered; nothing was changed. Its maintenance period, 2026-07-01 to "
        "2027-03-31, was cancelled on 2026-05-02 by another one, number short (Short, 3 licenses, 2026-06-10 to "
        "2026-07-10), and does not come back. In force: Professional, 3 licenses, 2026-04-01 to 2027-03-31. If you "
        "need what this key says, ask the vendor for a new license key that says the same: number now, Professional, "
        "3 licenses, 2026-04-01 to 2027-03-31."
    )


def test_k12_a_key_that_was_cancelled_while_it_waited_says_so() -> None:
    installation = an_installation()
    numbered(installation, "now", "2026-04-01")
    numbered(installation, "waiting", "2026-05-01", license_period=LATER, maintenance_period=None)
    numbered(installation, "better", "2026-05-02", license_period=LATER, maintenance_period=None, licenses=4)
    text = said(installation, "waiting")
    assert (
        "Before it took effect it was cancelled, on 2026-05-02 by another one, number better (Professional, 4 "
        "licenses, from 2027-04-01, without end), and it cannot be used any more."
    ) in text
    assert "ask the vendor for a new license key that says the same: number waiting," in text


def test_w3_what_is_to_be_asked_for_can_be_registered() -> None:
    installation = an_installation()
    numbered(installation, "large", "2026-04-01", licenses=9)
    numbered(installation, "small", "2026-05-02", licenses=2)
    numbered(installation, "anew", licenses=9)
    assert day_view_of(installation, ON).valid == 9
    assert "by another one, number small" in said(installation, "large")
    assert "by another one, number anew" in said(installation, "small")


def test_a_replaced_key_whose_period_is_over_is_not_to_be_asked_for() -> None:
    installation = an_installation()
    numbered(installation, "old", "2026-04-01", license_period=a_period("2026-04-01", "2026-05-31"))
    numbered(installation, "new", "2026-05-20", license_period=a_period("2026-05-20", None))
    text = said(installation, "old")
    assert "replaced on 2026-05-20" in text
    assert "The license period of this key ended on 2026-05-31; what comes after it takes a new license key" in text
    assert "If you need what this key says" not in text


def test_k2_registering_again_the_one_in_force_or_one_that_waits() -> None:
    installation = an_installation()
    numbered(installation, "now", "2026-04-01", edition="Standard", licenses=5)
    numbered(installation, "next", "2026-05-01", license_period=LATER)
    in_force = "In force: Standard, 5 licenses, 2026-04-01 to 2027-03-31."
    already = "This license key is already registered; nothing was changed."
    assert said(installation, "now") == f"{already} {in_force}"
    assert said(installation, "next") == f"{already} It takes effect on 2027-04-01. {in_force}"
    assert said(installation, "next", "2027-04-01") == (
        f"{already} In force: Professional, 3 licenses, from 2027-04-01, without end."
    )
    assert "It was replaced on 2027-04-01 by another one, number next" in said(installation, "now", "2027-04-01")


def test_a_sentence_fits_into_a_cookie_however_long_the_names_are() -> None:
    """It is shown after a redirection, and a browser takes cookies of 4 KB."""
    installation = an_installation()
    for year in range(2034, 2029, -1):
        edition = f"{year}{'w' * 196}"
        numbered(installation, edition, edition=edition, license_period=a_period(f"{year}-01-01", f"{year}-12-31"))
    numbered(installation, "all", license_period=a_period("2026-01-01", None), edition="x" * 200)
    assert len(said(installation, "all", is_new=True).encode()) < 3000
    for year in range(2060, 2040, -1):
        edition = f"{year}{'w' * 196}"
        later = a_period(f"{year}-01-01", f"{year}-12-31")
        numbered(installation, edition, edition=edition, license_period=later, maintenance_period=later)
    numbered(installation, "whole", license_period=a_period("2026-01-01", None), edition="x" * 200)
    assert len(said(installation, "whole", is_new=True).encode()) < 3000
