"""Audit > History: sentences, effects, calendar lines, filters, pages, and the way to how it was then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from application.user_import import read_csv
from application.views.history_lines import SHOWN_PARTS
from tests.examples import a_key
from tests.interface.web.house import House, Visitor, text_of

HISTORY = "/audit/history"
INERT = '<b onclick="x">&amp;'
"""A login name that must be shown and do nothing."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[House]:
    """Opened on April 20, 2026; a license from the first of the month; then a year goes by."""
    house = House(Path(tmp_path_factory.mktemp("history")))
    house.add_auditor("vera")
    house.register(a_key(licenses=2))
    house.clock.go_on(days=1)
    house.add_user("ann")
    house.add_user(INERT)
    house.do("delete_user", "ann", by=f"user:{house.view.account_id('admin')}")
    house.clock.go_on(days=400)
    house.add_user("late")
    yield house
    house.close()


@pytest.fixture(scope="module")
def vera(house: House) -> Visitor:
    return house.visitor("vera")


def positions(page: TestResponse) -> list[int]:
    return [int(found) for found in re.findall(r"/audit/license\?position=(\d+)", page.text)]


def test_the_newest_stands_first_with_who_what_and_effect(vera: Visitor) -> None:
    page = vera.get(HISTORY)
    assert page.status_code == 200
    assert positions(page) == list(range(11, 0, -1))
    read = text_of(page)
    assert "tester (command line) added the user “late” Effect: In use 2 → 3" in read
    assert "admin deleted the user “ann” Effect: In use 3 → 2" in read
    assert "registered a license key: Professional, 2 licenses, 2026-04-01 to 2027-03-31" in read
    assert "Effect: Valid 0 → 2 Edition none → Professional" in read


def test_what_the_calendar_did_is_marked_and_leads_nowhere(vera: Visitor) -> None:
    lines = re.findall(r'<li class="calendar">(.*?)</li>', vera.get(HISTORY).text, re.DOTALL)
    assert [re.search(r"The (\w+) period ended", line)[1] for line in lines] == ["maintenance", "license"]  # type: ignore[index]
    assert all("Calendar" in line and "href" not in line for line in lines)


def test_a_name_is_shown_and_does_nothing(vera: Visitor) -> None:
    page = vera.get(HISTORY)
    assert "<b onclick" not in page.text
    assert INERT in text_of(page).replace("&amp;amp;", "&amp;")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("event=UserAdded", [11, 9, 8, 3]),
        ("login_name=ann", [10, 8]),
        ("login_name=%20ANN%20", [10, 8]),
        ("by=admin", [10]),
        ("by=cli:tester&event=LicenseRegistered", [7]),
        ("from=2026-04-21&to=2026-04-21", [10, 9, 8]),
        ("event=&login_name=&by=&from=&to=", [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("login_name=ann&from=2026-04-22", []),
    ],
)
def test_filters_show_only_what_fits(vera: Visitor, query: str, expected: list[int]) -> None:
    page = vera.get(f"{HISTORY}?{query}")
    assert (page.status_code, positions(page)) == (200, expected)
    assert ("Nothing was recorded that fits." in page.text) == (not expected)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("event=UserPromoted", "there is no event “UserPromoted”"),
        ("login_name=zoe", "there never was anybody with the name “zoe”"),
        ("by=zoe", "there never was anybody with the name “zoe”"),
        ("from=2026-02-30", "From: “2026-02-30” is not a date"),
        ("to=soon", "To: “soon” is not a date"),
        ("from=2026-04-22&to=2026-04-21", "2026-04-22 is after 2026-04-21"),
        ("before=-1", "The page: “-1” is not the number of an event"),
        (f"before={'9' * 5000}", "is not the number of an event"),
        ("login_name=%00", "there never was anybody"),
    ],
)
def test_a_filter_that_cannot_be_keeps_what_was_typed(vera: Visitor, query: str, sentence: str) -> None:
    page = vera.get(f"{HISTORY}?{query}")
    assert page.status_code == 400
    assert sentence in text_of(page)
    name, _, typed = query.partition("&")[0].partition("=")
    if name in ("login_name", "by", "from", "to") and typed.isalnum():
        assert re.search(rf'name="{name}"[^>]* value="{typed}"', page.text)


def test_filters_stay_in_their_fields(vera: Visitor) -> None:
    page = vera.get(f"{HISTORY}?event=UserAdded&login_name=ann&by=cli:tester&from=2026-04-01&to=2027-12-31")
    assert '<option value="UserAdded" selected>' in page.text
    for name, value in (("login_name", "ann"), ("by", "cli:tester"), ("from", "2026-04-01"), ("to", "2027-12-31")):
        assert re.search(rf'name="{name}"[^>]* value="{re.escape(value)}"', page.text)


def test_pages_lead_to_older_events_and_keep_the_filter(house: House) -> None:
    for number in range(60):
        house.add_user(f"many-{number}")
    visitor = house.visitor("vera")
    seen: list[int] = []
    path: str | None = f"{HISTORY}?event=UserAdded"
    while path:
        page = visitor.get(path)
        seen += positions(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = following[1].replace("&amp;", "&") if following else None
        assert path is None or "event=UserAdded" in path
    assert len(seen) == len(set(seen)) == 64
    assert seen == sorted(seen, reverse=True)


def test_an_administrator_reads_it_too(house: House) -> None:
    assert house.visitor("admin").get(HISTORY).status_code == 200


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[House]:
    """A list of 30 users, of whom two are deleted by one command."""
    with House(tmp_path) as house:
        house.add_auditor("vera")
        names = b"".join(b"person-%d\n" % number for number in range(30))
        house.licensing.import_users(house.id, read_csv(b"login_name\n" + names), by="cli:tester")
        house.do("delete_users", ["person-1", "person-2"])
        yield house


def test_one_command_is_one_line_that_opens_without_javascript(imported: House) -> None:
    vera = imported.visitor("vera")
    page = vera.get(HISTORY)
    lines = re.findall(r'<li class="happened deed">.*?</details>', page.text, re.DOTALL)
    deleted, added = [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in lines]
    assert deleted.startswith(
        "Events # 37–38 11:00:00 tester (command line), by one command: 2 users deleted Effect: In use"
    )
    assert "tester (command line) deleted the user “person-2”" in deleted
    assert "all=1" not in lines[0], "all of it stands there"
    assert "30 users added" in added
    assert added.count("added the user") == SHOWN_PARTS
    assert added.endswith("All 30 events, one by one")


def test_every_event_of_a_command_is_reached_page_by_page(imported: House) -> None:
    vera = imported.visitor("vera")
    path = re.findall(r'href="(/audit/history\?[^"]*before=[^"]*)">All 30', vera.get(HISTORY).text)[0]
    page = vera.get(path.replace("&amp;", "&"))
    assert positions(page) == list(range(36, 0, -1))
    assert "<details" not in page.text.partition("<main")[2]


def test_pages_of_every_event_stay_pages_of_every_event(imported: House) -> None:
    imported.do("add_users", [f"more-{number}" for number in range(60)])
    vera = imported.visitor("vera")
    page = vera.get(f"{HISTORY}?all=1")
    assert len(positions(page)) == 50
    following = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert following is not None
    assert positions(vera.get(following[1].replace("&amp;", "&"))) == list(range(48, 0, -1))


def test_what_happened_on_a_day_is_told_alike_as_it_was_then(imported: House) -> None:
    imported.clock.go_on(days=1)
    page = imported.visitor("vera").get("/audit/license?as_of=2026-04-20")
    assert page.status_code == 200
    assert "by one command: 30 users added" in text_of(page)
    assert re.search(r'href="/audit/history\?before=37&amp;all=1">All 30 events', page.text)
