"""“If nobody acts”: what it tells is exactly what changes, day by day, as logins are answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from application import answers
from application.views.day_view import DayView
from application.views.entitlement import Entitlement
from application.views.if_nobody_acts import if_nobody_acts
from application.words.language import ENGLISH
from domain.license import Schedule
from domain.login import decide
from domain.state import User
from tests.domain.installations import an_installation, day_view_of, register
from tests.domain.test_plain_model import EPOCH, HORIZON, date_of, license_of, registrations
from tests.examples import INSTALLATION_ID, a_period

ADMINISTRATOR = User("1", "admin", "admin", administrator_since=1, is_deleted=False)
ORDINARY = User("2", "ann", "ann", administrator_since=None, is_deleted=False)


@dataclass
class Reader:
    """Somebody who knows today, and then nothing but what the list says."""

    key_id: str | None
    valid: int
    is_over: bool
    maintenance: tuple[date, date] | None
    products: set[str]
    keeps_out: tuple[str, int]
    expected: dict[date, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def admits(self) -> bool:
        return self.keeps_out[0] == "ok"

    def live_through(self, day: date) -> None:
        for line in self.expected.pop(day, []):
            match line["event"]:
                case "license_takes_effect":
                    self.key_id, self.valid, self.is_over = line["key_id"], line["valid"], False
                case "license_ends":
                    assert (line["key_id"], line["valid"]) == (self.key_id, self.valid)
                    self.is_over = True
                case "maintenance_begins":
                    self.maintenance = period_of(line)
                case "maintenance_ends":
                    assert period_of(line) == self.maintenance
                    self.maintenance = None
                case "options_begin":
                    assert not self.products & set(line["optional_products"])
                    self.products |= set(line["optional_products"])
                case "options_stop":
                    assert self.products >= set(line["optional_products"])
                    self.products -= set(line["optional_products"])
                case "users_admitted":
                    assert not self.admits
                    self.keeps_out = ("ok", 0)
                case "users_shut_out":
                    assert self.keeps_out != (line["code"], line["beyond"])
                    self.keeps_out = (line["code"], line["beyond"])
                    assert line["code"] == self.code(line["in_use"])
                    assert line["beyond"] == max(0, line["in_use"] - self.valid)

    def code(self, in_use: int) -> str:
        """What a login of somebody present is answered."""
        return "license_expired" if self.is_over else "licenses_exceeded" if in_use > self.valid else "ok"


def period_of(line: dict[str, Any]) -> tuple[date, date]:
    period = line["maintenance_period"]
    return date.fromisoformat(period["start"]), date.fromisoformat(period["end"])


def beyond(on_day: DayView) -> int:
    return max(0, on_day.in_use - on_day.valid)


def facts(on_day: DayView) -> tuple[Any, ...]:
    """What logins and the License screen say on a day."""
    standing = on_day.standing
    period = standing.maintenance if standing.maintenance_status == "active" else None
    return (
        standing.license.key_id if standing.license else None,
        standing.valid,
        standing.license_status == "expired",
        (period.start, period.end) if period else None,
        set(standing.products_in_use),
    )


@settings(max_examples=300, deadline=None)
@given(registrations(), st.lists(st.integers(1, 4), min_size=6, max_size=6), st.integers(1, 4), st.integers(0, 20))
def test_what_is_told_of_each_day_is_all_that_changes_on_it(
    entries: Any, valid: list[int], in_use: int, later: int
) -> None:
    schedule = Schedule()
    for number, entry in enumerate(entries):
        license_ = replace(license_of(entry), licenses=valid[number], key_id=entry.name)
        schedule = schedule.register(license_, date_of(entry.registered))
    today = date_of(entries[-1].registered + later)
    users = Entitlement(UUID(INSTALLATION_ID), "Name", "product", "UTC", 1, today, schedule, in_use)
    view = users
    for user in (ADMINISTRATOR, ORDINARY):
        view = replace(
            view, users=view.users.insert(user.user_id, user), names=view.names.insert(user.login_key, user.user_id)
        )
    now = DayView(view, today)
    reader = Reader(*facts(now), keeps_out=(decide(now, "ann").code, beyond(now)))
    told = answers.of_coming(if_nobody_acts(now), ENGLISH)
    assert [line["day"] for line in told] == sorted(str(line["day"]) for line in told)
    for line in told:
        reader.expected.setdefault(date.fromisoformat(str(line["day"])), []).append(line)
    for number in range((today - EPOCH).days + 1, HORIZON * 2):
        before, after = DayView(view, date_of(number - 1)), DayView(view, date_of(number))
        is_told = after.day in reader.expected
        changes = facts(before) != facts(after) or decide(before, "ann").code != decide(after, "ann").code
        assert is_told is changes
        reader.live_through(after.day)
        known = (reader.key_id, reader.valid, reader.is_over, reader.maintenance, reader.products)
        assert known == facts(after)
        ordinary, administrator = decide(after, "ann"), decide(after, "admin")
        assert (ordinary.decision == "admit") is (administrator.decision == "admit") is reader.admits
        if reader.key_id is not None:
            assert ordinary.code == administrator.code == reader.code(in_use)
        assert set(ordinary.optional_products) == (reader.products if reader.admits else set())
    assert reader.expected == {}, "nothing is told of days on which nothing changes"


def test_a_renewal_too_small_and_without_options_and_then_the_end_are_told_in_sentences() -> None:
    installation = an_installation("ann", "ben")
    register(installation, "2026-04-01", optional_products=("Analytics", "Mobile"))
    register(
        installation,
        "2026-05-01",
        licenses=2,
        license_period=a_period("2027-04-01", "2028-03-31"),
        maintenance_period=a_period("2027-04-01", "2027-12-31"),
        optional_products=("Analytics",),
    )
    told = answers.of_coming(if_nobody_acts(day_view_of(installation, "2026-05-01")), ENGLISH)
    assert [(line["day"], line["message"]) for line in told] == [
        ("2027-04-01", "The next license takes effect: Professional, 2 licenses, 2027-04-01 to 2028-03-31."),
        ("2027-04-01", "A maintenance period begins: 2027-04-01 to 2027-12-31."),
        ("2027-04-01", "Optional products cannot be used any more: Mobile."),
        ("2027-04-01", "Nobody but administrators can log in: 3 users in use, 2 licenses, 1 beyond Valid."),
        ("2028-01-01", "The maintenance period is over; 2027-12-31 is its last day."),
        ("2028-01-01", "Optional products cannot be used any more: Analytics."),
        ("2028-04-01", "The license period is over; 2028-03-31 is its last day."),
        ("2028-04-01", "Nobody but administrators can log in."),
    ]


def test_a_renewal_too_small_after_a_gap_does_not_read_as_if_users_could_log_in_again() -> None:
    installation = an_installation("ann", "ben")
    register(installation, "2026-04-01", maintenance_period=None)
    for licenses, year in ((2, 2028), (1, 2029)):
        period = a_period(f"{year}-01-01", f"{year}-12-31")
        register(installation, "2026-05-01", licenses=licenses, license_period=period, maintenance_period=None)
    told = answers.of_coming(if_nobody_acts(day_view_of(installation, "2026-05-01")), ENGLISH)
    assert [(line["day"], line["message"]) for line in told] == [
        ("2027-04-01", "The license period is over; 2027-03-31 is its last day."),
        ("2027-04-01", "Nobody but administrators can log in."),
        ("2028-01-01", "The next license takes effect: Professional, 2 licenses, 2028-01-01 to 2028-12-31."),
        ("2028-01-01", "Nobody but administrators can log in: 3 users in use, 2 licenses, 1 beyond Valid."),
        ("2029-01-01", "The next license takes effect: Professional, 1 license, 2029-01-01 to 2029-12-31."),
        ("2029-01-01", "Nobody but administrators can log in: 3 users in use, 1 license, 2 beyond Valid."),
        ("2030-01-01", "The license period is over; 2029-12-31 is its last day."),
        ("2030-01-01", "Nobody but administrators can log in."),
    ]


def test_of_a_perpetual_license_nothing_is_told() -> None:
    installation = an_installation()
    register(installation, "2026-04-01", license_period=a_period("2026-04-01", None), maintenance_period=None)
    assert if_nobody_acts(day_view_of(installation, "2026-05-01")) == []
    assert if_nobody_acts(day_view_of(an_installation(), "2026-05-01")) == []
