"""A1 exact: whatever was answered while a history happened is answered again for its position and its day."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, unquote

import pytest

from domain.refusals import Refused
from interface.day_timer import DayTimer
from tests.examples import KEYRING, a_period
from tests.interface.cli.conftest import CommandLine
from tests.interface.web.gateway.programs import Program
from tests.interface.web.house import House, text_of
from tests.proof_examples import seeded

NAMES = ("ann", "Ben", "山田", "déjà vu", "admin")
OF_NOW_ALONE = ("day_ahead_of_clock", "license_contradicted")
"""Warnings that are about the clock and the keyring of now (docs/api.md)."""


def register(house: House, chance: Random) -> None:
    today = house.today
    start = today + timedelta(days=chance.randint(-20, 40))
    end = start + timedelta(days=chance.randint(20, 90))
    middle = start + timedelta(days=chance.randint(0, 40))
    house.register(
        licenses=chance.randint(1, 4),
        edition=chance.choice(["Standard", "Professional"]),
        license_period=a_period(start.isoformat(), chance.choice([None, end.isoformat()])),
        maintenance_period=chance.choice([None, a_period(middle.isoformat(), (middle + timedelta(20)).isoformat())]),
        optional_products=(),
        issued_at=int(house.clock().timestamp()),
    )


def any_user(command: str) -> Callable[[House, Random], None]:
    return lambda house, chance: house.do(command, chance.choice(NAMES))


def rename(house: House, chance: Random) -> None:
    house.do("rename_user", chance.choice(NAMES), f"{chance.choice(NAMES)}{chance.randint(2, 9)}")


def jump(house: House, chance: Random) -> None:
    """Something is recorded while the clock is wrong."""
    away = chance.choice([-400, -1, 3, 400])
    house.clock.go_on(days=away)
    with suppress(Refused):
        house.do("add_user", f"user {chance.randint(1, 99)}")
    house.clock.go_on(days=-away)


def correct(house: House, _: Random) -> None:
    house.do("correct_clock", house.clock().date())


DEEDS: list[Callable[[House, Random], None]] = [
    register,
    register,
    any_user("add_user"),
    any_user("add_user"),
    any_user("delete_user"),
    any_user("restore_user"),
    any_user("grant_administrator"),
    any_user("revoke_administrator"),
    rename,
    jump,
    correct,
]


def comparable(answer: Any) -> Any:
    """An answer without the warnings that are about now alone."""
    if "warnings" in answer:
        answer["warnings"] = [each for each in answer["warnings"] if each["code"] not in OF_NOW_ALONE]
    return answer


@pytest.mark.seldom_on_postgresql("every position of a long history")
@pytest.mark.parametrize("seed", range(4))
def test_every_answer_is_given_again_for_its_position_and_day(house: House, seed: int, tmp_path: Path) -> None:
    chance, seconds = seeded(seed), [0.0]
    program, line = Program(house.app, house.token("audit")), CommandLine(house, dict(house.environment))
    timer = DayTimer(house.seatledger, monotonic=lambda: seconds[0])
    answers: list[tuple[str, str, Any]] = []

    def note() -> None:
        name = chance.choice(NAMES)
        release = f"&release_date={house.today + timedelta(days=chance.randint(-60, 60))}"
        for path, query in (
            ("/api/v1/license", ""),
            ("/api/v1/license-keys", ""),
            ("/api/v1/login-check", f"login_name={quote(name)}"),
            ("/api/v1/login-check", f"login_name={quote(name)}{release}"),
        ):
            answer = program.ask("GET", f"{path}?{query}" if query else path)
            assert answer.status_code == 200
            answers.append((path, query, comparable(answer.get_json())))

    for _ in range(40):
        with suppress(Refused):
            chance.choice(DEEDS)(house, chance)
        note()
        for _ in range(chance.randint(0, 2)):  # days that go by, some of which the server sees
            house.clock.go_on(days=chance.randint(0, 25))
            note()
            for _ in range(chance.choice([0, 14])):
                seconds[0] += 300
                house.clock.go_on(minutes=5)
                timer.look()
            note()

    assert len({(answer["position"], answer["checked_on"]) for *_, answer in answers}) > 30
    assert any(entry.kind == "DayReached" for entry in house.entries)
    assert len({answer.get("code") for *_, answer in answers}) >= 4
    for path, query, answer in answers:
        where = f"position={answer['position']}&on={answer['checked_on']}"
        again = program.ask("GET", f"{path}?{query}&{where}" if query else f"{path}?{where}")
        assert comparable(again.get_json()) == answer

    (tmp_path / "vendor.json").write_text(json.dumps(KEYRING.to_jwk_set()))
    line.do("audit", "export", tmp_path / "export")
    for path, query, answer in chance.sample(answers, 12):
        words = {
            "/api/v1/license": ["license", "show"],
            "/api/v1/license-keys": ["license", "list"],
            "/api/v1/login-check": ["check", unquote(query.partition("&")[0].partition("=")[2])],
        }[path]
        words += ["--release-date", query.partition("release_date=")[2]] if "release_date" in query else []
        words += ["--position", str(answer["position"]), "--on", answer["checked_on"]]
        assert comparable(line.json(*words)) == answer


def test_an_export_gives_the_same_answers(house: House, tmp_path: Path) -> None:
    """What is in an export has no names: counts, periods and codes of those who can be told without."""
    line = CommandLine(house, dict(house.environment))
    house.register(licenses=2, license_period=a_period("2026-04-01", "2026-06-30"))
    house.clock.go_on(days=80)
    before = line.json("license", "show")
    house.add_user("ann")
    house.clock.go_on(days=1)
    house.do("delete_user", "ann")
    line.do("audit", "export", tmp_path / "export")
    where = ("--position", before["position"], "--on", before["checked_on"])
    assert before["checked_on"] != line.json("license", "show", *where[:2])["checked_on"]
    for source in ((), ("--export", tmp_path / "export")):
        assert line.json("license", "show", *where, *source) == before
        for words in (["license", "show"], ["license", "list"], ["license", "covers", "2026-05-01"], ["user", "list"]):
            assert line.run(*words, *where, *source).exit_code == 0
            refused = line.run(*words, *where[:2], "--on", "2026-04-19", *source)
            assert refused.exit_code == 2
            assert "lies before event" in refused.stderr


def test_the_license_screen_leads_to_what_it_shows(house: House) -> None:
    house.add_auditor("vera")
    vera = house.visitor("vera")
    house.register(licenses=2, license_period=a_period("2026-04-01", "2026-06-30"))
    house.clock.go_on(days=60)
    vera = house.visitor("vera")
    position, day = house.view.position, house.today
    link = f"/audit/license?position={position}&amp;on={day}"
    assert link in vera.get("/license").text
    house.add_user("ann")
    house.clock.go_on(days=60)
    vera = house.visitor("vera")
    read = " ".join(text_of(vera.get(link.replace("&amp;", "&"))).split())
    assert f"This is how it was after event {position} on {day}. Nothing here is current." in read
    assert f"{(date(2026, 6, 30) - day).days} days left" in read
    users = vera.get(f"/audit/users?position={position}&on={day}")
    assert f"position={position}&amp;on={day}" in users.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("position=2&on=2026-04-19", "2026-04-19 lies before event 2, which was recorded on 2026-04-20."),
        ("on=2026-04-20", "Name the event beside the day"),
        ("position=2&on=tomorrow", "Day of the answer: “tomorrow” is not a date"),
    ],
    ids=["before the event", "no event", "no day"],
)
@pytest.mark.parametrize("screen", ["license", "users"])
def test_what_cannot_be_asked_on_the_screen_is_said(house: House, screen: str, query: str, said: str) -> None:
    page = house.visitor("admin").get(f"/audit/{screen}?{query}")
    assert page.status_code == 400
    assert said in text_of(page)


def test_the_form_asks_for_both(house: House) -> None:
    page = house.visitor("admin").get("/audit/license")
    assert "After an event, or as it was answered" in text_of(page)
    shown = house.visitor("admin").get("/audit/license?position=2&on=")
    assert "This is how it was after event 2 on 2026-04-20" in text_of(shown)
