"""What monitoring asks of an installation: its periods, seats, tokens, newest checkpoint and clock, in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from application.self_checks.finding import Finding, Severity, alarm, warning
from application.views.day_view import DayView
from application.views.foreseen import CoverGap, Foreseen, OptionsEnd, TooFewLicenses, foreseen
from domain.license import Part
from domain.login import license_code
from domain.refusals import Problem
from domain.state import Token

CHECKPOINT_AGE = timedelta(hours=1)
"""How old the newest checkpoint may be while it does not cover all events: the timer looks every 5 minutes."""

TOKEN_DAYS = 14
"""Days before and after a token's last day on which somebody should know of it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many days left on a period's end is a warning, and from how many on it is critical."""

    warning_days: int = 30
    critical_days: int = 7


@dataclass(frozen=True, slots=True)
class Status:
    """The numbers of a moment; days left are counted to the end of cover, None without an end or before a license."""

    valid: int
    in_use: int
    license_until: date | None
    license_days: int | None
    maintenance_until: date | None
    maintenance_days: int | None
    tokens_ending: tuple[Token, ...]
    checkpoint_age: timedelta | None
    is_checkpoint_due: bool
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity | None:
        """The worst of its findings; None if there is none."""
        severities = {finding.severity for finding in self.findings}
        return next((each for each in (Severity.ALARM, Severity.WARNING) if each in severities), None)


def status_of(
    on_day: DayView,
    *,
    now: datetime,
    newest_checkpoint: datetime | None,
    has_grown: bool,
    findings: Iterable[Finding],
    limits: Limits,
) -> Status:
    """The status of an installation; of the self-checks' `findings`, alarms and the clock's warnings count."""
    standing = on_day.standing
    license_until, maintenance_until = standing.covered_until, standing.maintenance_covered_until
    license_days = (license_until - on_day.day).days if license_until else None
    maintenance_days = (maintenance_until - on_day.day).days if maintenance_until else None
    tokens = tuple(_ending(on_day))
    age = now - newest_checkpoint if newest_checkpoint else None
    all_findings = [
        *_of_license(on_day, license_days, limits),
        *_of_maintenance(maintenance_until, maintenance_days, limits),
        *map(_of_foreseen, foreseen(on_day)),
        *(_of_token(token, on_day.day) for token in tokens),
        *_of_checkpoint(age, has_grown=has_grown),
        *(each for each in findings if each.severity is Severity.ALARM or each.about == "clock"),
    ]
    return Status(
        valid=on_day.valid,
        in_use=on_day.in_use,
        license_until=license_until,
        license_days=license_days,
        maintenance_until=maintenance_until,
        maintenance_days=maintenance_days,
        tokens_ending=tokens,
        checkpoint_age=age,
        is_checkpoint_due=has_grown,
        findings=tuple(all_findings),
    )


def _of_license(on_day: DayView, days: int | None, limits: Limits) -> Iterator[Finding]:
    code = license_code(on_day)
    if code in ("no_license", "license_not_started", "license_expired"):
        yield alarm("license_not_in_force", "license")
    elif code == "licenses_exceeded":
        yield alarm("licenses_exceeded", "license", in_use=on_day.in_use, valid=on_day.valid)
    if days is not None and 0 <= days <= limits.warning_days:
        tell = alarm if days <= limits.critical_days else warning
        yield tell("license_ends", "license", until=on_day.standing.covered_until, days=days)


def _of_maintenance(until: date | None, days: int | None, limits: Limits) -> Iterator[Finding]:
    """Never more than a warning: without maintenance everybody still logs in (L1)."""
    if days is not None and days <= limits.warning_days:
        yield warning("maintenance_ends", "maintenance", until=until, days=days)


def _of_foreseen(one: Foreseen) -> Finding:
    """What is known to go wrong is a warning from the first day on (K13): somebody has to act, and can."""
    match one:
        case TooFewLicenses(day, license_, excess):
            return warning("licenses_will_be_exceeded", "license", day=day, valid=license_.licenses, number=excess)
        case OptionsEnd(day, _, products):
            return warning("options_will_end", "maintenance", day=day, products=products)
        case CoverGap(Part.LICENSE, days):
            return warning("cover_gap", "license", days=days, where=Problem("between_licenses"))
        case CoverGap(_, days):
            return warning("cover_gap", "maintenance", days=days, where=Problem("between_maintenance_periods"))


def _ending(on_day: DayView) -> Iterator[Token]:
    """Tokens whose last day is near, or was not long ago: their programs stop, or stand still."""
    for token in on_day.view.tokens.values():
        ends = token.expires_on
        if not token.is_revoked and ends is not None and abs((ends - on_day.day).days) <= TOKEN_DAYS:
            yield token


def _of_token(token: Token, day: date) -> Finding:
    ends = token.expires_on or day
    return warning("token_ends", "tokens", name=token.name, until=ends, days=(ends - day).days)


def _of_checkpoint(age: timedelta | None, *, has_grown: bool) -> Iterator[Finding]:
    if age is None:
        yield warning("checkpoint_missing", "checkpoint")
    elif has_grown and age > CHECKPOINT_AGE:
        yield warning("checkpoint_old", "checkpoint", minutes=int(age.total_seconds() // 60))
