"""The preview of a license key (C-21): what it tells of each day is what is answered on it after registering."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from application import answers
from application.licensing import NeedsConfirmation
from application.views.day_view import DayView
from application.views.preview import HarmKind
from application.words.language import ENGLISH
from application.words.refusals import sentence
from domain.license import PeriodStatus
from domain.login import decide, last_release_covered
from domain.refusals import LicensePeriodOver
from tests.domain.ledger import Entry
from tests.domain.test_plain_model import EPOCH, HORIZON, date_of, license_of, registrations
from tests.examples import PRODUCT, a_key, a_license, a_period
from tests.refused import refused
from tests.world import BY, World

ENTRY = st.tuples(st.integers(1, 4), st.sets(st.sampled_from(("Analytics", "Mobile", "Archive")), max_size=2))
"""What is not in an Entry: licenses, and optional products."""

FAR = 2 * HORIZON


def key_of(entry: Entry, licenses: int, products: set[str], house: World) -> str:
    """A key for what the entry says, issued as it is registered."""
    issued_at = int(house.clock().timestamp())
    of_entry = replace(
        license_of(entry), licenses=licenses, optional_products=tuple(sorted(products)), issued_at=issued_at
    )
    return a_key(replace(of_entry, product=PRODUCT, key_id=f"00000000-0000-4000-8000-00000000000{entry.name}"))


def answered(on_day: DayView) -> dict[str, Any]:
    """What logins and the License screen say on a day."""
    ann, admin = decide(on_day, "ann"), decide(on_day, "admin")
    license_ = answers.of_standing(on_day.standing, on_day.in_use)
    assert ann.code == admin.code
    return {"code": ann.code, "optional_products": list(on_day.standing.products_in_use), "license": license_}


def losses(before: DayView, after: DayView) -> set[str]:
    """What somebody would miss on that day that there was before, by the codes of the API."""
    had, has = before.standing, after.standing
    could, can = (last_release_covered(on_day.standing, on_day.time_zone) for on_day in (before, after))
    lost = {
        "users_shut_out": decide(before, "ann").decision == "admit" != decide(after, "ann").decision,
        "options_stop": not set(had.products_in_use) <= set(has.products_in_use),
        "license_lost": had.license_status is PeriodStatus.ACTIVE is not has.license_status,
        "maintenance_lost": had.maintenance_status is PeriodStatus.ACTIVE is not has.maintenance_status,
        "releases_lost": had.license_status is PeriodStatus.ACTIVE
        and could is not None
        and can is not None
        and can < could,
    }
    return {code for code, is_lost in lost.items() if is_lost}


def log_of(house: World) -> list[list[tuple[Any, ...]]]:
    """Everything that the database has, byte for byte: the log, and whatever stands beside it."""
    return [
        house.sql(f"SELECT * FROM {table} ORDER BY 1, 2")  # noqa: S608  names of tables
        for table in ("stored_events", "merkle_leaves", "checkpoints", "person_keys")
    ]


def told(listed: Any, day: date) -> dict[str, Any]:
    """What a preview says of a day: what it says of the last one listed, as nothing changes after it."""
    said: dict[str, Any] = next(each for each in reversed(listed) if each["day"] <= day.isoformat())
    return said


def without_days_left(side: dict[str, Any]) -> dict[str, Any]:
    """The same, but for what goes on from day to day of itself."""
    license_ = dict(side["license"])
    for name in ("license_period", "maintenance_period"):
        period = license_[name]
        license_[name] = {each: period[each] for each in ("start", "end", "status")} if period else None
    is_maintained = license_["maintenance_period"] and license_["maintenance_period"]["status"] == "active"
    license_["maintenance_period"] = license_["maintenance_period"] if is_maintained else None
    license_.pop("next")
    license_.pop("covered_until")
    return {"code": side["code"], "optional_products": side["optional_products"], "license": license_}


@pytest.mark.seldom_on_postgresql("what is previewed and answered is folded above every database alike")
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(registrations(), st.lists(ENTRY, min_size=6, max_size=6), st.integers(0, 3), st.integers(0, 10))
@example([Entry("0", 0, 0, None, (0, 20)), Entry("1", 5, 8, 30, None)], [(4, {"Mobile"})] * 6, 1, 0)
@example([Entry("0", 0, 0, 9, (0, 9)), Entry("1", 1, 20, 40, None), Entry("2", 2, 5, 50, None)], [(4, set())] * 6, 0, 0)
def test_of_each_day_it_tells_what_is_answered_on_it_after_registering(
    entries: list[Entry], terms: list[tuple[int, set[str]]], users: int, later: int
) -> None:
    with TemporaryDirectory() as directory, World(Path(directory)).on(EPOCH) as house:
        house.open().add("ann", *(f"user {number}" for number in range(users)))
        *before, last = zip(entries, terms, strict=False)
        for entry, (licenses, products) in before:
            house.on(date_of(entry.registered)).register(key_of(entry, licenses, products, house))
        entry, (licenses, products) = last
        key = key_of(entry, licenses, products, house.on(date_of(entry.registered + later)))
        id_, today, days = house.id, house.today, range((date_of(FAR) - house.today).days)
        if entry.last is not None and date_of(entry.last) < today:
            with refused(LicensePeriodOver):
                house.licensing.preview_license_key(id_, key)
            return
        stored, view = log_of(house), house.view
        without = [house.licensing.on(id_, today + timedelta(number)) for number in days]
        preview = house.licensing.preview_license_key(id_, key)
        assert (log_of(house), house.view) == (stored, view)
        house.licensing.register_license_key(id_, key, confirmed=preview.confirmation, by=BY)
        after = [house.licensing.on(id_, today + timedelta(number)) for number in days]
        listed = answers.of_preview(preview, ENGLISH)["days"]
        for was, becomes in zip(without, after, strict=True):
            day = told(listed, becomes.day)
            assert without_days_left(day["without"]) == without_days_left(answered(was))
            assert without_days_left(day["with"]) == without_days_left(answered(becomes))
            lost = {"admit"} == {decide(was, "ann").decision} != {decide(becomes, "ann").decision}
            ordinary = sorted(user.login_name for user in was.view.users.values() if not user.is_administrator)
            assert day["shut_out"]["login_names"] == (ordinary if lost else [])
            if (last_release := day["with"]["last_release_date"]) is not None:
                newest = date.fromisoformat(last_release)
                assert decide(becomes, "ann", newest).code == answered(becomes)["code"]
                if answered(becomes)["code"] == "ok":
                    assert decide(becomes, "ann", newest + timedelta(1)).code == "release_not_covered"
            told_of = {
                harm.kind.value for harm in preview.harms if harm.days.start <= becomes.day <= harm.days.last_day
            }
            assert told_of == losses(was, becomes)
        assert preview.is_harmful is any(map(losses, without, after))


def test_maintenance_that_was_over_before_and_would_have_been_a_day_earlier_makes_nothing_worse(house: World) -> None:
    """K12 warns of every end that became earlier; but of days that are past, nobody loses anything."""
    perpetual = a_period("2026-04-01", None)
    house.register(license_period=perpetual, maintenance_period=a_period("2026-04-01", "2026-04-10"))
    house.on("2026-05-01")
    key = issued_now(house, license_period=perpetual, maintenance_period=a_period("2026-04-01", "2026-04-09"))
    preview = house.licensing.preview_license_key(house.id, key)
    assert preview.outcome.shortenings
    assert (preview.is_harmful, answers.of_preview(preview, ENGLISH)["would_happen"]) == (False, [])


SMALL = {"licenses": 2, "optional_products": ()}


def a_year(house: World) -> World:
    """A year for three users with an optional product."""
    house.register(licenses=3)
    house.add("ann", "ben")
    house.clock.go_on(days=1)
    return house


def issued_now(house: World, **fields: Any) -> str:
    return a_key(a_license(issued_at=int(house.clock().timestamp()), **fields))


def asking(house: World, key: str, *, confirmed: bool | str) -> NeedsConfirmation:
    """What is asked instead of registering the key."""
    with refused(NeedsConfirmation) as caught:
        house.do("register_license_key", key, confirmed=confirmed)
    assert isinstance(caught.value, NeedsConfirmation)
    return caught.value


def test_a_key_that_makes_something_worse_is_registered_only_as_it_was_confirmed(house: World) -> None:
    small = issued_now(a_year(house), **SMALL)
    stored = log_of(house)
    asked = asking(house, small, confirmed=False)
    preview = house.licensing.preview_license_key(house.id, small)
    assert asked.preview.confirmation == preview.confirmation
    assert "Shut out: 2 users, who could log in without this key (ann, ben)." in sentence(asked, ENGLISH)
    for wrong in ("", "yes", preview.confirmation[:-1], False):
        asking(house, small, confirmed=wrong)
    assert log_of(house) == stored, "asking is no refusal of the key, and is not recorded"
    house.do("register_license_key", small, confirmed=preview.confirmation)
    assert house.check("ann") == ("refuse", "licenses_exceeded")


@pytest.mark.parametrize("grows", ["add_user", "delete_user", "another key", "the next day"])
def test_what_was_confirmed_is_asked_about_again_when_it_would_do_something_else(house: World, grows: str) -> None:
    small = issued_now(a_year(house), **SMALL)
    confirmation = house.licensing.preview_license_key(house.id, small).confirmation
    other = house.another_process()  # the log grows behind the back of who registers
    match grows:
        case "add_user":
            other.add("cem")
        case "delete_user":
            other.do("delete_user", "ben")
            other.add("dora")
        case "another key":
            other.register(licenses=9, edition="Other")
        case "the next day":
            house.clock.go_on(days=1)
    size = house.size()
    again = asking(house, small, confirmed=confirmation)
    assert again.preview.confirmation != confirmation
    assert "is not what was confirmed" in sentence(again, ENGLISH)
    assert house.size() == size
    house.do("register_license_key", small, confirmed=again.preview.confirmation)


def test_what_does_not_touch_what_was_confirmed_asks_nothing_again(house: World) -> None:
    small = issued_now(a_year(house), **SMALL)
    confirmation = house.licensing.preview_license_key(house.id, small).confirmation
    house.do("rename_user", "ann", "anna")
    house.do("create_token", "Example", ["license"])
    house.do("register_license_key", small, confirmed=confirmation)
    assert house.view.schedule.turns[-1].license.licenses == 2


def test_a_key_that_makes_nothing_worse_is_registered_at_once(house: World) -> None:
    assert not house.licensing.preview_license_key(house.id, issued_now(house, licenses=1)).is_harmful
    house.do("register_license_key", issued_now(house, licenses=1))
    house.clock.go_on(days=1)
    next_year = a_period("2027-04-01", "2028-03-31")
    house.do("register_license_key", issued_now(house, license_period=next_year, maintenance_period=next_year))
    house.do("register_license_key", issued_now(house, licenses=9))


def test_a_command_that_comes_again_is_not_asked_about_again(house: World) -> None:
    """ADR 50: what it did stands in the log; of a key that is registered already there is nothing to confirm."""
    small = issued_now(a_year(house), **SMALL)
    house.do("register_license_key", small, confirmed=True)
    assert not house.do("register_license_key", small).is_new
    again = house.licensing.preview_license_key(house.id, small)
    assert (again.is_new, again.is_harmful) == (False, False)


def test_a_refused_key_is_refused_by_the_preview_and_nothing_is_recorded(house: World) -> None:
    """K7 records the attempt to register a key, and a check is none."""
    size = house.size()
    over = issued_now(house, license_period=a_period("2024-04-01", "2025-03-31"))
    with refused(LicensePeriodOver):
        house.licensing.preview_license_key(house.id, over)
    assert house.size() == size


def test_harm_names_its_days_its_reason_and_what_never_comes_back(house: World) -> None:
    a_year(house)
    next_year = a_period("2027-04-01", "2028-03-31")
    house.register(licenses=3, edition="Next", license_period=next_year, maintenance_period=next_year)
    house.clock.go_on(days=1)
    short = issued_now(house, licenses=3, license_period=a_period("2026-04-01", "2027-06-30"))
    preview = house.licensing.preview_license_key(house.id, short)
    (shut_out, *_) = (harm for harm in preview.harms if harm.kind is HarmKind.USERS_SHUT_OUT)
    assert shut_out.days == a_period("2027-07-01", "2028-03-31")
    assert shut_out.code == "license_expired"
    assert [license_.edition for license_ in preview.ends_for_good] == ["Professional", "Next"]
    assert [each.part.value for each in preview.outcome.cancellations] == ["license", "maintenance"]
