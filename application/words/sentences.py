"""The sentences that people read, in English, each in one place where a translation can take over.

Refusals bring their own (domain/refusals.py). Here are those of login decisions, registrations and warnings.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from application.views.entitlement import Entitlement
from domain.license import License, Period, PeriodStatus, Standing, Turn
from domain.login import Decision, LoginDecision, license_code

DECISIONS = {
    ("unknown_user", Decision.REFUSE): "There is no user with this login name. Check how it is written.",
    ("user_deleted", Decision.REFUSE): "This user was deleted. Ask your administrator to restore it.",
    ("no_license", Decision.ADMIN_ONLY): "No license key is registered yet. Register one on the Admin screen.",
    ("no_license", Decision.REFUSE): "No license key is registered yet. Please tell your administrator.",
    ("license_not_started", Decision.ADMIN_ONLY): (
        "The license period begins on {starts_on}. Until then only the Admin screen is available."
    ),
    ("license_not_started", Decision.REFUSE): "The license period begins on {starts_on}; you can log in from that day.",
    ("license_expired", Decision.ADMIN_ONLY): (
        "The license period ended on {license_end}. Only the Admin screen is available: register a new license key."
    ),
    ("license_expired", Decision.REFUSE): "The license period ended on {license_end}. Please tell your administrator.",
    ("release_not_covered", Decision.ADMIN_ONLY): (
        "This version was released on {release_date}, after the maintenance period. Only the Admin screen is "
        "available: register a new license key, or go back to an earlier version."
    ),
    ("release_not_covered", Decision.REFUSE): (
        "This version was released on {release_date}, which the license does not cover. Please tell your administrator."
    ),
    ("licenses_exceeded", Decision.ADMIN_ONLY): (
        "The number of licenses has been exceeded: {users}, {licenses}. Only the Admin screen is "
        "available: delete {excess}, or register a key with more licenses."
    ),
    ("licenses_exceeded", Decision.REFUSE): (
        "The number of licenses has been exceeded: {users}, {licenses}. Please tell your administrator."
    ),
    ("ok", Decision.ADMIT): "You may log in. {products}",
}

WARNINGS = {
    "licenses_exceeded": (
        "The number of licenses has been exceeded: {users}, {licenses}. Users without system "
        "administrator privileges cannot log in. Delete {excess}, or register a key with more licenses."
    ),
    "license_ends_soon": (
        "The license period ends on {covered_until} ({days}). Register the next license key by then; "
        "registering it early does no harm."
    ),
    "license_over": "The license period ended on {covered_until}. Nobody but administrators can log in.",
    "maintenance_ends_soon": (
        "The maintenance period ends on {covered_until} ({days}). After that day optional products cannot be used."
    ),
    "maintenance_over": "The maintenance period ended on {covered_until}. Optional products cannot be used.",
    "no_license": "No license key is registered yet. Nobody but administrators can log in.",
    "license_not_started": "The license period begins on {starts_on}. Until then only administrators can log in.",
}


class Warned(NamedTuple):
    """A warning to administrators: its code, its sentence, and whether users are being turned away by it.

    `stage` is that of the end of a period (K11): 60, 30, 14, 7 or 1 days before it, 0 after it.
    """

    code: str
    message: str
    is_urgent: bool
    stage: int | None = None


def of_decision(made: LoginDecision, view: Entitlement, release_date: date | None = None) -> str:
    """What the person at the login reads (L2)."""
    return DECISIONS[made.code, made.decision].format(
        **_facts(made.standing, view.in_use), release_date=release_date, products=of_products(made.standing)
    )


def of_products(standing: Standing) -> str:
    """Which optional products may be used, or why none (L1)."""
    period, status = standing.maintenance, standing.maintenance_status
    if period is None:
        return "Optional products are not available: the license has no maintenance period."
    if status is PeriodStatus.UPCOMING:
        return f"Optional products are available from {period.start}, when the maintenance period begins."
    if status is PeriodStatus.EXPIRED:
        return f"Optional products are not available: the maintenance period ended on {period.end}."
    if not standing.optional_products:
        return "The license includes no optional products."
    return f"Optional products: {', '.join(standing.optional_products)}."


def of_warnings(view: Entitlement, day: date) -> list[Warned]:
    """Everything that administrators are warned of on that day, the most urgent first (K11, U4)."""
    standing = view.schedule.on(day)
    facts = _facts(standing, view.in_use)
    warned = []
    code = license_code(view, standing)
    if code in ("no_license", "license_not_started", "licenses_exceeded"):
        warned.append(Warned(code, WARNINGS[code].format(**facts), is_urgent=True))
    for warning in standing.warnings:
        if warning.code == "license_over" and code != "license_expired":
            continue
        days = {0: "today is the last day", 1: "1 day left"}.get(warning.days_left, f"{warning.days_left} days left")
        message = WARNINGS[warning.code].format(**{**facts, "covered_until": warning.covered_until, "days": days})
        warned.append(Warned(warning.code, message, warning.code == "license_over", warning.stage))
    return warned


def of_license(standing: Standing) -> str:
    """The license in force, in a few words."""
    if standing.license is None:
        return "No license is in force."
    license_ = standing.license
    said = f"{license_.edition}, {of_licenses(license_)}, {of_period(license_.license_period)}."
    return f"Over: {said}" if standing.license_status is PeriodStatus.EXPIRED else f"In force: {said}"


def of_licenses(license_: License) -> str:
    """The number of licenses, in words."""
    return of_number(license_.licenses, "license")


def of_number(number: int, noun: str) -> str:
    """A number with its noun, such as “1 user” and “2 users”."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def of_period(period: Period | None) -> str:
    if period is None:
        return "none"
    return f"{period.start} to {period.end}" if period.end else f"from {period.start}, without end"


def of_registration(turn: Turn | None, standing: Standing, *, is_new: bool) -> str:
    """What registering a key did; `turn` is its place in the schedule, None if it was replaced since (K2)."""
    if not is_new:
        return f"This license key is already registered; nothing was changed. {of_license(standing)}"
    if turn is not None and turn.effect_day > standing.day:
        return (
            f"The license key was registered. It takes effect on {turn.effect_day}; nothing changes until then. "
            f"{of_license(standing)}"
        )
    return f"The license key was registered and is in effect. {of_license(standing)}"


def _facts(standing: Standing, in_use: int) -> dict[str, object]:
    excess = in_use - standing.valid
    return {
        "starts_on": standing.next.effect_day if standing.next else None,
        "license_end": standing.license.license_period.end if standing.license else None,
        "users": of_number(in_use, "user"),
        "licenses": of_number(standing.valid, "license"),
        "excess": of_number(excess, "user"),
    }


def joined(warned: Iterable[Warned]) -> list[dict[str, str]]:
    """Warnings as the API and `--json` give them."""
    return [{"code": warning.code, "message": warning.message} for warning in warned]
