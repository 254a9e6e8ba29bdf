"""The schedule compared with a ledger kept day by day, over random registrations (K1, K10, K11)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.license import License, Period, Schedule
from tests.domain.ledger import Entry, Ledger
from tests.examples import a_license

EPOCH = date(2026, 1, 1)
HORIZON = 60
"""Days that are looked at; a period without end is one that goes on to the horizon and is not over there."""


def scanned(has: list[bool], day: int) -> int | None:
    """The last day of the run of covered days that `day` is in, by looking at one day after the other."""
    while day < len(has) and has[day]:
        day += 1
    return None if day == len(has) else day - 1


@st.composite
def registrations(draw: st.DrawFn) -> list[Entry]:
    """Up to six registrations, on days that never go back (L3), of keys that are not over on their day (K4)."""
    entries = []
    today = 0
    for number in range(draw(st.integers(1, 6))):
        today += draw(st.integers(0, 12))
        first = draw(st.integers(-10, HORIZON - 5))
        length = draw(st.one_of(st.none(), st.integers(0, 25)))
        last = None if length is None else max(first + length, today)
        begins = draw(st.integers(-10, HORIZON - 5))
        maintenance = draw(st.one_of(st.none(), st.just((begins, begins + draw(st.integers(0, 25))))))
        entries.append(Entry(str(number), today, first, last, maintenance))
    return entries


def date_of(number: int) -> date:
    return EPOCH + timedelta(days=number)


def number_of(day: date) -> int:
    return (day - EPOCH).days


def license_of(entry: Entry) -> License:
    maintenance = entry.maintenance
    return a_license(
        edition=entry.name,
        license_period=Period(date_of(entry.first), None if entry.last is None else date_of(entry.last)),
        maintenance_period=Period(date_of(maintenance[0]), date_of(maintenance[1])) if maintenance else None,
        optional_products=(f"product {entry.name}",),
    )


@settings(max_examples=300, deadline=None)
@given(registrations())
@example([Entry("0", 0, 0, 20, (0, 20)), Entry("1", 5, 21, 40, (21, 40)), Entry("2", 6, 0, 20, (0, 20))])
@example([Entry("0", 0, 10, 40, (12, 30)), Entry("1", 1, 5, 8, (12, 30))])
@example([Entry("0", 0, 0, None, (0, 9)), Entry("1", 8, 0, None, (10, 20)), Entry("2", 9, 0, None, None)])
@example([Entry("0", 0, 0, None, (0, 20)), Entry("1", 8, 0, None, (21, 22)), Entry("2", 9, 0, None, (0, 40))])
@example([Entry("0", 0, 0, None, (9, 20)), Entry("1", 1, 4, None, (5, 12))])
def test_the_schedule_agrees_with_a_list_kept_with_a_pencil(entries: list[Entry]) -> None:
    """On every day: the license in force, its validity, the maintenance, the products, and how long all that lasts."""
    ledger, schedule = Ledger(), Schedule()
    for entry in entries:
        ledger.write_down(entry)
        schedule = schedule.register(license_of(entry), date_of(entry.registered))
    holders, carers = ledger.licenses_in_force(HORIZON * 3), ledger.maintenance_in_force(HORIZON * 3)
    licensed = [entry is not None and not entry.is_its_last_day_before(day) for day, entry in enumerate(holders)]
    kept_up = [bool(entry and entry.maintenance and day <= entry.maintenance[1]) for day, entry in enumerate(carers)]
    for day in range(HORIZON + 10):
        standing = schedule.on(date_of(day))
        holder, carer = holders[day], carers[day]
        assert standing.edition == (holder.name if holder else None)
        assert (standing.license_status == "active") is licensed[day]
        assert standing.products_in_use == ((f"product {carer.name}",) if carer and kept_up[day] else ())
        own = holder if holder and not holder.care_is_crossed_out else None
        shown = carer or own  # before anybody's turn (K10), that of the license in force, as upcoming (L1)
        begins_and_ends = shown.maintenance if shown else None
        assert standing.maintenance == (Period(*map(date_of, begins_and_ends)) if begins_and_ends else None)
        if holder is None:
            assert standing.covered_until is None
        elif licensed[day]:
            end = scanned(licensed, day)
            assert standing.covered_until == (None if end is None else date_of(end))
        else:
            assert holder.last is not None
            assert standing.covered_until == date_of(holder.last)
        if carer is None or carer.maintenance is None:
            assert standing.maintenance_covered_until is None
        elif kept_up[day]:
            end = scanned(kept_up, day)
            assert end is not None
            assert standing.maintenance_covered_until == date_of(end)
        else:
            assert standing.maintenance_covered_until == date_of(carer.maintenance[1])
        waiting = [entry for entry in ledger.entries if not entry.crossed_out and entry.takes_effect() > day]
        first = min(waiting, key=Entry.takes_effect, default=None)
        assert (standing.next.license.edition if standing.next else None) == (first.name if first else None)


@settings(max_examples=100, deadline=None)
@given(registrations(), st.integers(0, HORIZON))
def test_a_corrected_clock_leaves_the_schedule_that_the_right_day_would_have_made(
    entries: list[Entry], corrected: int
) -> None:
    """L3: what was not cancelled counts from then on as if registered on the corrected day at the latest."""
    ledger, schedule = Ledger(), Schedule()
    for entry in entries:
        ledger.write_down(entry)
        schedule = schedule.register(license_of(entry), date_of(entry.registered))
    anew = Ledger()
    for entry in ledger.entries:
        if not entry.crossed_out:
            entry.registered = min(entry.registered, corrected)
            anew.write_down(entry)
    schedule = schedule.correct_clock(date_of(corrected))
    carers = anew.maintenance_in_force(HORIZON + 10)
    for day, holder in enumerate(anew.licenses_in_force(HORIZON + 10)):
        assert schedule.on(date_of(day)).edition == (holder.name if holder else None)
        carer = carers[day]
        if carer is not None:
            period = Period(*map(date_of, carer.maintenance)) if carer.maintenance else None
            assert schedule.on(date_of(day)).maintenance == period


@settings(max_examples=200, deadline=None)
@given(registrations())
def test_the_schedule_tells_everything_that_was_crossed_out_and_nothing_else(entries: list[Entry]) -> None:
    """K12: each license once, and each maintenance that could have counted on a day; with its days, and by whom."""
    ledger, schedule = Ledger(), Schedule()
    for entry in entries:
        valid = [each for each in ledger.entries if not each.crossed_out]
        caring = [each for each in valid if not each.care_is_crossed_out]
        ledger.write_down(entry)
        expected: set[tuple[str, str, int, int | None]] = set()
        for old in valid:
            if old.crossed_out:
                expected.add((old.name, "license", old.takes_effect(), old.last))
        for old in caring:
            is_out, last = old.crossed_out or old.care_is_crossed_out, old.stops_caring_after()
            if is_out and old.maintenance is not None and last is not None and old.begins_to_care() <= last:
                expected.add((old.name, "maintenance", old.begins_to_care(), last))
        known = len(schedule.cancelled)
        schedule = schedule.register(license_of(entry), date_of(entry.registered))
        told = schedule.cancelled[known:]
        assert len(told) == len(expected)
        assert {
            (one.license.edition, one.part.value, number_of(one.days.start), one.days.end and number_of(one.days.end))
            for one in told
        } == expected
        assert all((one.by.edition, one.on) == (entry.name, date_of(entry.registered)) for one in told)
