"""What the ledger is asked: whose license keys, which end soon, which one counts for a customer now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from application.issuing.ledger import Issued
from domain.refusals import Refused


class LedgerUnknown(Refused):
    """Nobody was issued a license key by that name, and no license key has that id."""

    code = "ledger_unknown"


def of_customer(entries: Iterable[Issued], customer: str) -> list[Issued]:
    """A customer's license keys, by the name as it was issued, else without regard to case."""
    entries = list(entries)
    exact = [entry for entry in entries if entry.key.license.customer == customer]
    name = customer.casefold()
    return exact or [entry for entry in entries if entry.key.license.customer.casefold() == name]


def of_name(entries: Iterable[Issued], name: str) -> list[Issued]:
    """A customer's license keys, or the one whose id begins so (8 characters or more). Raises LedgerUnknown."""
    entries = list(entries)
    if customers := of_customer(entries, name):
        return customers
    start = name.lower()
    by_id = [entry for entry in entries if len(start) >= 8 and entry.key.license.key_id.startswith(start)]
    if not by_id:
        raise LedgerUnknown(name=name)
    return by_id


def newest(entries: Iterable[Issued]) -> list[Issued]:
    """Those that no later one replaces: of the same customer, product and installation, for all of its days."""
    entries = list(entries)
    groups = _groups(entries)
    return [entry for entry in entries if not any(_replaces(later, entry) for later in groups[group_of(entry)])]


def to_issue_again(entries: Iterable[Issued], kid: str, today: date) -> list[Issued]:
    """What a revoked signing key signed, and is neither over nor replaced."""
    return [
        entry
        for entry in newest(entries)
        if entry.key.signing_key_id == kid and entry.key.license.license_period.last_day >= today
    ]


def ending(entries: Iterable[Issued], first: date, last: date) -> list[Issued]:
    """Those whose license or maintenance has its last day from `first` to `last`, and nothing follows it.

    Nothing follows if no other license key of the same customer, product and installation goes on beyond that day.
    """
    entries = list(entries)
    groups = _groups(entries)
    return [
        entry
        for entry in entries
        if any(
            first <= end <= last and not any(_goes_on(other, end, index) for other in groups[group_of(entry)])
            for index, end in enumerate(_ends(entry))
            if end is not None
        )
    ]


def _ends(entry: Issued) -> tuple[date | None, date | None]:
    """The last day of the license and of the maintenance; None if there is none."""
    license_ = entry.key.license
    return license_.license_period.end, license_.maintenance_period.end if license_.maintenance_period else None


def _goes_on(other: Issued, end: date, index: int) -> bool:
    """Whether the license (0) or the maintenance (1) of another license key lasts beyond a day."""
    license_ = other.key.license
    period = (license_.license_period, license_.maintenance_period)[index]
    return period is not None and period.last_day > end


def _replaces(later: Issued, entry: Issued) -> bool:
    ours, its = entry.key.license.license_period, later.key.license.license_period
    return later.position > entry.position and its.start <= ours.start and its.last_day >= ours.last_day


def _groups(entries: Iterable[Issued]) -> dict[tuple[str, str, str], list[Issued]]:
    groups: dict[tuple[str, str, str], list[Issued]] = {}
    for entry in entries:
        groups.setdefault(group_of(entry), []).append(entry)
    return groups


def group_of(entry: Issued) -> tuple[str, str, str]:
    """The customer, the product and the installation: what a license key can be a renewal of."""
    license_ = entry.key.license
    return license_.customer, license_.product, license_.audience
