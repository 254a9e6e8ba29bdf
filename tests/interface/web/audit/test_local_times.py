"""Local times on the screens of the past: on the nights when clocks change, and of days, in any zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.clock import SetClock
from tests.examples import a_key
from tests.interface.web.house import House, text_of

LICENSE, USERS, HISTORY = "/audit/license", "/audit/users", "/audit/history"


def house_in(zone: str, directory: Path, *moments: str) -> House:
    """An installation of a zone, opened in the year before, that adds a user at each moment: user-0, user-1."""
    first = datetime.fromisoformat(moments[0])
    house = House(directory, SetClock(first.replace(year=first.year - 1)), time_zone=zone)
    for number, moment in enumerate(moments):
        house.on(datetime.fromisoformat(moment).astimezone(UTC)).add(f"user-{number}")
    house.clock.go_on(days=9)
    return house


@pytest.mark.parametrize(
    ("zone", "near", "local", "says"),
    [
        ("Europe/Berlin", "2026-03-28", "2026-03-29T02:30", "when it became 2026-03-29 02:00, the clocks went on to"),
        ("Australia/Lord_Howe", "2026-10-03", "2026-10-04T02:10:00", "the clocks went on to 2026-10-04 02:30+11:00"),
        ("Pacific/Apia", "2011-12-28", "2011-12-30T12:00", "the clocks went on to 2011-12-31 00:00+14:00"),
    ],
    ids=["Berlin", "Lord Howe", "Samoa"],
)
def test_a_time_that_never_was_is_refused(tmp_path: Path, zone: str, near: str, local: str, says: str) -> None:
    with house_in(zone, tmp_path, f"{near}T00:00:00+00:00") as house:
        visitor = house.visitor("admin")
        for path in (LICENSE, USERS):
            page = visitor.get(f"{path}?as_of={local}")
            assert page.status_code == 400
            read = text_of(page)
            assert f"never was in {zone}: " in read
            assert says in read
            assert "time_never_was" in read
            assert f'value="{local}"' in page.text, "what was typed stays"


@pytest.mark.parametrize(
    ("zone", "moments", "local"),
    [
        ("Europe/Berlin", ("2026-10-25T00:30:02+00:00", "2026-10-25T01:30:02+00:00"), "2026-10-25T02:30:02"),
        ("Australia/Lord_Howe", ("2026-04-04T14:45:02+00:00", "2026-04-04T15:15:02+00:00"), "2026-04-05T01:45:02"),
    ],
    ids=["Berlin", "Lord Howe"],
)
def test_a_time_that_was_twice_asks_which(tmp_path: Path, zone: str, moments: tuple[str, str], local: str) -> None:
    with house_in(zone, tmp_path, *moments) as house:
        house.give_password("admin")
        visitor = house.visitor("admin")
        page = visitor.get(f"{USERS}?as_of={local}")
        assert page.status_code == 400
        assert f"was twice in {zone}" in text_of(page)
        choices = [found.replace("&amp;", "&") for found in re.findall(r'<li><a href="([^"]+)"', page.text)]
        names = [re.findall(r"<bdi>(user-\d)</bdi>", visitor.get(choice).text) for choice in choices[-2:]]
        assert names == [["user-0"], ["user-0", "user-1"]]
        shown = [
            re.search(r"This is how it was on (.+?) \(" + zone, text_of(visitor.get(each))) for each in choices[-2:]
        ]
        offsets = [datetime.fromisoformat(local).isoformat(sep=" ") in found[1] for found in shown if found]
        assert offsets == [True, True]
        assert len({found[1] for found in shown if found}) == 2, "with their offsets"
        times = re.findall(r"<time>([^<]+)</time>", visitor.get(f"{HISTORY}?event=UserAdded").text)[:2]
        assert [time[:8] for time in times] == [local[11:]] * 2
        assert all(re.fullmatch(r"\d\d:\d\d:\d\d \([+-]\d\d:\d\d\)", time) for time in times)
        assert times[0] != times[1]


def test_a_date_is_the_end_of_that_day_and_lists_what_happened(tmp_path: Path) -> None:
    moments = ("2026-06-01T21:59:59+00:00", "2026-06-01T22:00:00+00:00", "2026-06-02T21:59:59.999999+00:00")
    with house_in("Europe/Berlin", tmp_path, *moments) as house:
        visitor = house.visitor("admin")
        page = visitor.get(f"{LICENSE}?as_of=2026-06-01")
        read = text_of(page)
        assert "This is how it was at the end of 2026-06-01 (Europe/Berlin), after event 5." in read
        assert "What happened on 2026-06-01" in read
        assert "added the user “user-0”" in read
        assert "“user-1”" not in read
        following = text_of(visitor.get(f"{USERS}?as_of=2026-06-02"))
        assert "at the end of 2026-06-02 (Europe/Berlin), after event 7" in following
        assert "added the user “user-1”" in following
        assert "added the user “user-2”" in following
        assert "Nothing was recorded on that day." in text_of(visitor.get(f"{LICENSE}?as_of=2026-05-31"))


def test_a_day_with_more_than_a_page_leads_to_the_history(tmp_path: Path) -> None:
    with house_in("Europe/Berlin", tmp_path, *(f"2026-06-01T10:{number:02}:00+00:00" for number in range(60))) as house:
        visitor = house.visitor("admin")
        page = visitor.get(f"{LICENSE}?as_of=2026-06-01")
        assert len(re.findall(r'<li class="happened', page.text)) == 50
        assert f"{HISTORY}?from=2026-06-01&amp;to=2026-06-01" in page.text


@pytest.mark.parametrize(
    ("zone", "now", "date", "status", "says"),
    [
        ("Pacific/Apia", "2012-01-05T00:00:00+00:00", "2011-12-30", 400, "2011-12-30 never was in Pacific/Apia"),
        ("Europe/Berlin", "2026-06-01T10:00:00+00:00", "2026-06-10", 404, "2026-06-10 is not over yet"),
        ("Europe/Berlin", "2026-06-01T10:00:00+00:00", "2026-06-10", 404, "2026-06-10T12:00:00+02:00 (Europe/Berlin)"),
        ("Europe/Berlin", "2026-06-01T10:00:00+00:00", "2026-06-31", 400, "is not a moment such as"),
        ("Europe/Berlin", "2026-06-01T10:00:00+00:00", "2020-01-01", 404, "from 2025-06-01T12:00:00+02:00"),
    ],
)
def test_a_day_that_cannot_be_asked_about_is_refused(
    tmp_path: Path, zone: str, now: str, date: str, status: int, says: str
) -> None:
    with house_in(zone, tmp_path, now) as house:
        page = house.visitor("admin").get(f"{LICENSE}?as_of={date}")
        assert page.status_code == status
        assert says in text_of(page)


def test_the_api_takes_a_date_too(tmp_path: Path) -> None:
    with house_in("Pacific/Apia", tmp_path, "2011-12-30T09:00:00+00:00", "2011-12-30T10:00:00+00:00") as house:
        token = house.token("audit")

        def ask(date: str) -> tuple[int, dict[str, object]]:
            answer = house.app.test_client().get(
                f"/api/v1/license?as_of={date}", headers={"Authorization": f"Bearer {token}"}
            )
            return answer.status_code, answer.json

        status, answer = ask("2011-12-29")
        assert (status, answer["position"], answer["checked_on"]) == (200, 5, "2011-12-29")
        status, answer = ask("2011-12-31")
        assert (status, answer["position"], answer["checked_on"]) == (200, 6, "2011-12-31")
        status, answer = ask("2011-12-30")
        assert (status, answer["code"]) == (400, "day_never_was")


def test_key_ids_and_fingerprints_stand_with_every_license(tmp_path: Path) -> None:
    with house_in("Europe/Berlin", tmp_path, "2026-06-01T10:00:00+00:00") as house:
        house.register(a_key(licenses=5))
        (key,) = house.view.license_keys.values()
        visitor = house.visitor("admin")
        for path in ("/license", f"{LICENSE}?position={house.view.position}", HISTORY):
            page = visitor.get(path).text
            for text in (key.key_id, key.fingerprint, key.signing_key_id):
                assert text in page, path


def test_every_page_of_the_audit_names_the_one_zone_of_its_times(tmp_path: Path) -> None:
    """And shows no moment of another: neither Z nor an offset that is not the zone's."""
    with house_in("Asia/Kathmandu", tmp_path, "2026-06-01T10:00:00+00:00") as house:
        house.checkpoint()
        visitor = house.visitor("admin")
        for path in (HISTORY, f"{LICENSE}?position=3", f"{LICENSE}?as_of=2026-06-01", "/audit/overview", USERS):
            read = text_of(visitor.get(path))
            assert "Asia/Kathmandu" in read, path
            assert not re.search(r"\d\d:\d\d(:\d\d)?(Z|\+00:00)", read), path
        assert "2026-06-10 15:45:00" in text_of(visitor.get("/audit/overview"))
