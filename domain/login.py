"""The decision at the login: may this person come in, and with which optional products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol

from domain.installation import local_day
from domain.license import PeriodStatus, Standing
from domain.login_name import shown


class Decision(StrEnum):
    """What the gateway does: let in, let in to the Admin screen alone, or turn away."""

    ADMIT = "admit"
    ADMIN_ONLY = "admin_only"
    REFUSE = "refuse"


class Person(Protocol):
    """What the decision needs to know of a user."""

    @property
    def login_name(self) -> str: ...
    @property
    def is_administrator(self) -> bool: ...
    @property
    def is_deleted(self) -> bool: ...


class OnDay(Protocol):
    """What the decision needs to know of an installation on a day; a DayView has it."""

    @property
    def standing(self) -> Standing: ...
    @property
    def in_use(self) -> int: ...
    @property
    def time_zone(self) -> str: ...
    def user(self, login_name: str) -> Person | None: ...


@dataclass(frozen=True, slots=True)
class LoginDecision:
    """The decision for one login name on one day, with its code and the license it was made from (L1, L2).

    `is_administrator` is that of a present user; nobody deleted or unknown is one.
    """

    login_name: str
    decision: Decision
    code: str
    is_administrator: bool
    optional_products: tuple[str, ...]
    standing: Standing


def decide(on_day: OnDay, login_name: str, release_date: date | None = None) -> LoginDecision:
    """The decision table of DESIGN.md, section 1: the first code that applies.

    The same position, day, login name and release date always give the same decision (L2).
    """
    standing = on_day.standing
    user = on_day.user(login_name)
    if user is None:
        return LoginDecision(shown(login_name), Decision.REFUSE, "unknown_user", False, (), standing)
    if user.is_deleted:
        return LoginDecision(user.login_name, Decision.REFUSE, "user_deleted", False, (), standing)
    return decide_present(on_day, user.login_name, license_code(on_day, release_date), user.is_administrator)


def decide_present(on_day: OnDay, login_name: str, code: str, is_administrator: bool) -> LoginDecision:
    """The decision for a present user, given what stands between all of them and the product (`license_code`)."""
    if code == "ok":
        products = on_day.standing.products_in_use
        return LoginDecision(login_name, Decision.ADMIT, code, is_administrator, products, on_day.standing)
    decision = Decision.ADMIN_ONLY if is_administrator else Decision.REFUSE
    return LoginDecision(login_name, decision, code, is_administrator, (), on_day.standing)


def license_code(on_day: OnDay, release_date: date | None = None) -> str:
    """What stands between every present user and the product, whoever asks; "ok" if nothing does."""
    standing = on_day.standing
    if standing.license is None:
        return "license_not_started" if standing.next else "no_license"
    if standing.license_status is PeriodStatus.EXPIRED:
        return "license_expired"
    if release_date and not release_is_covered(standing, release_date, on_day.time_zone):
        return "release_not_covered"
    return "licenses_exceeded" if on_day.in_use > standing.valid else "ok"


def release_is_covered(standing: Standing, release_date: date, time_zone: str) -> bool:
    """Whether a release made on that day may be used with the license in force (L4)."""
    last = last_release_covered(standing, time_zone)
    return last is not None and release_date <= last


def last_release_covered(standing: Standing, time_zone: str) -> date | None:
    """The last day on which a release may have been made that the license in force covers (L4); None without one."""
    if standing.license is None:
        return None
    issue_day = local_day(datetime.fromtimestamp(standing.license.issued_at, UTC), time_zone)
    if standing.maintenance and standing.maintenance.end and standing.maintenance_status is not PeriodStatus.UPCOMING:
        return max(issue_day, standing.maintenance.end)
    return issue_day
