"""A renewal: the license key that a customer has, a year on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from application.issuing.ledger import Issued
from application.issuing.questions import LedgerUnknown, group_of, of_customer
from domain.license import License, Period
from domain.refusals import Problem, Refused


class RenewalRefused(Refused):
    """Which license key of the customer is meant cannot be told, or it has nothing that a year could be added to."""

    code = "renewal_refused"


def last_license(
    entries: Iterable[Issued], customer: str, product: str | None = None, installation: str | None = None
) -> License:
    """The license that a renewal goes on from: the customer's that begins last, and of those the newest.

    `product` and `installation` choose among several, where the customer has that one. Raises LedgerUnknown,
    RenewalRefused.
    """
    candidates = of_customer(entries, customer)
    if not candidates:
        raise LedgerUnknown(name=customer)
    candidates = [each for each in candidates if each.key.license.product == product] or candidates
    candidates = [each for each in candidates if each.key.license.audience == installation] or candidates
    if len(groups := {group_of(each) for each in candidates}) > 1:
        raise RenewalRefused(customer=customer, problem=Problem("renewal_of_several", count=len(groups)))
    return max(candidates, key=lambda each: (_begin(each.key.license), each.position)).key.license


def a_year_on(license_: License) -> License:
    """The same license for one year more: each period that ends begins on the day after its last one, and ends a year
    after that. A perpetual license begins with its new maintenance. Raises RenewalRefused."""
    period, maintenance = license_.license_period, license_.maintenance_period
    if period.end is None and maintenance is None:
        raise RenewalRefused(customer=license_.customer, problem=Problem("renewal_of_perpetual"))
    try:
        next_maintenance = _next(maintenance) if maintenance else None
        next_period = _next(period)
    except (ValueError, OverflowError):
        raise RenewalRefused(customer=license_.customer, problem=Problem("renewal_beyond_calendar")) from None
    if period.end is None and next_maintenance:
        next_period = Period(next_maintenance.start, None)
    return replace(license_, license_period=next_period, maintenance_period=next_maintenance, other_claims={})


def _begin(license_: License) -> tuple[date, date]:
    maintenance = license_.maintenance_period
    return license_.license_period.start, maintenance.start if maintenance else date.min


def _next(period: Period) -> Period:
    if period.end is None:
        return period
    start = period.end + timedelta(days=1)
    return Period(start, _year_after(start) - timedelta(days=1))


def _year_after(day: date) -> date:
    """The same day of the next year; for 29 February, 1 March."""
    return date(day.year + 1, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)
