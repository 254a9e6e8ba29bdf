"""A year of an installation, always the same: for the auditor's story, and for the picture of the history."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random

from domain.refusals import KeyMalformed
from tests.examples import a_period
from tests.interface.web.house import House

DAYS = 400

FAMILIES = ("berg", "fischer", "klein", "lang", "roth", "sommer")


def tell(house: House) -> None:
    opened = house.clock.now
    by = f"user:{house.view.account_id('admin')}"
    first = a_period(day(opened, 25), day(opened, 389))
    second = a_period(day(opened, 390), day(opened, 754))
    house.add_auditor("vera")
    house.register(by=by, licenses=12, edition="Standard", license_period=first, maintenance_period=first)
    names = [f"{name}.{family}" for family in FAMILIES for name in ("anna", "ben", "clara", "dora", "emil", "frida")]
    chance, present = Random(3), []  # noqa: S311  always the same story
    for number in range(1, DAYS):
        house.clock.now = opened + timedelta(days=number, minutes=chance.randrange(-180, 240))
        if number == DAYS - 20:
            house.register(by=by, licenses=25, edition="Professional", license_period=second, maintenance_period=second)
        if number == DAYS - 21:
            with suppress(KeyMalformed):
                house.register("half a key", by=by)
        if chance.random() < 0.09 and names:
            present.append(names.pop(0))
            house.add(present[-1], by=by)
        if (chance.random() < 0.03 and len(present) > 3) or number in (DAYS - 12, DAYS - 1):
            house.do("delete_user", present.pop(0), by=by)
    house.clock.now = opened + timedelta(days=DAYS, minutes=-40)
    house.do("grant_administrator", present[-1], by=by)
    house.do("create_token", "Login gateway", ["login-check"], by=by)
    house.clock.now = opened + timedelta(days=DAYS)


def day(opened: datetime, number: int) -> date:
    return (opened + timedelta(days=number)).date()
