"""Audit > As it was then: the license, a login and the users after an event or at a moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.examples import a_key, a_period
from tests.interface.web.house import House, Visitor, text_of

LICENSE, USERS = "/audit/license", "/audit/users"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[House]:
    """5 registers 2 licenses on April 20; 6 and 7 add users on the 21st; 8 deletes one and 9 registers on the 22nd."""
    house = House(Path(tmp_path_factory.mktemp("past")))
    house.register(a_key(licenses=2))
    house.clock.go_on(days=1)
    house.add_user("ann")
    house.add_user("bob")
    house.clock.go_on(days=1)
    house.do("delete_user", "ann")
    later = int(house.clock.now.timestamp())
    house.register(
        a_key(licenses=9, edition="Enterprise", license_period=a_period("2026-04-22", None), issued_at=later)
    )
    house.clock.go_on(days=10)
    house.add_auditor("vera")
    yield house
    house.close()


@pytest.fixture(scope="module")
def vera(house: House) -> Visitor:
    return house.visitor("vera")


def read_of(page: TestResponse) -> str:
    """What is read, without the blanks that stand for tags before a punctuation mark."""
    return re.sub(r" (?=[.,:])", "", text_of(page))


def counts(page: TestResponse) -> list[str]:
    """Valid, In use, Available."""
    return re.findall(r'class="number">([^<]+)<', page.text)


def test_after_each_event_the_license_screen_is_that_of_then(vera: Visitor) -> None:
    shown = [counts(vera.get(f"{LICENSE}?position={position}")) for position in range(1, 10)]
    assert shown == [
        ["0", "0", "0"],
        ["0", "0", "0"],
        ["0", "1", "−1"],
        ["0", "1", "−1"],
        ["2", "1", "1"],
        ["2", "2", "0"],
        ["2", "3", "−1"],
        ["2", "2", "0"],
        ["9", "2", "7"],
    ]


def test_it_is_marked_as_the_past_and_says_what_had_just_happened(vera: Visitor) -> None:
    read = read_of(vera.get(f"{LICENSE}?position=7"))
    assert "This is how it was after event 7 on 2026-04-21. Nothing here is current." in read
    assert "Event 7, recorded 2026-04-21 11:00:00: tester (command line) added the user “bob”." in read
    assert "Register License" not in read
    assert "What administrators were warned of The number of licenses has been exceeded: 3 users, 2 licenses." in read


def test_of_a_day_to_come_it_says_that_it_will_be_so_if_nothing_happens(vera: Visitor) -> None:
    read = read_of(vera.get(f"{LICENSE}?position=7&on=2031-01-01"))
    assert "This is how it will be on 2031-01-01, if nothing happens after event 7. Nothing here is current." in read


@pytest.mark.parametrize(
    ("as_of", "position", "says"),
    [
        ("2026-04-21T12:00", 7, "on 2026-04-21 12:00:00 (Europe/Berlin), after event 7"),
        ("2026-04-21T10:59:59", 5, "on 2026-04-21 10:59:59 (Europe/Berlin), after event 5"),
        ("2026-04-21T09:00:00Z", 7, "on 2026-04-21 11:00:00 (Europe/Berlin), after event 7"),
        ("2026-04-21T18:00:00%2B09:00", 7, "on 2026-04-21 11:00:00 (Europe/Berlin), after event 7"),
        ("2026-04-25T00:00", 9, "on 2026-04-25 00:00:00 (Europe/Berlin), after event 9"),
    ],
)
def test_a_moment_is_that_of_the_installation_or_has_an_offset(
    vera: Visitor, as_of: str, position: int, says: str
) -> None:
    page = vera.get(f"{LICENSE}?as_of={as_of}")
    assert f"This is how it was {says}. Nothing here is current." in read_of(page)
    assert counts(page) == counts(vera.get(f"{LICENSE}?position={position}"))


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("position=5&login_name=ann", "could not log in “There is no user with this login name."),
        ("position=6&login_name=ann", "could log in “You may log in. Optional products: Analytics.”"),
        ("position=7&login_name=ANN", "could not log in “The number of licenses has been exceeded"),
        ("position=7&login_name=admin", "could only reach the Admin screen “The number of licenses has been exceeded"),
        ("position=8&login_name=ann", "could not log in “This user was deleted."),
        ("as_of=2026-04-21T12:00&login_name=bob", "could not log in “The number of licenses has been exceeded"),
        ("position=9&login_name=bob&release_date=2027-06-01", "could not log in “This version was released on"),
        ("position=9&login_name=bob&release_date=2026-06-01", "could log in"),
    ],
)
def test_a_login_is_decided_as_of_then(vera: Visitor, query: str, answer: str) -> None:
    page = vera.get(f"{LICENSE}?{query}")
    assert page.status_code == 200
    assert answer in read_of(page)


def test_the_way_goes_on_to_the_neighbors_and_never_over_the_edge(vera: Visitor, house: House) -> None:
    newest = house.view.position
    for position, back, on in ((1, None, "2"), (5, "4", "6"), (newest, str(newest - 1), None)):
        page = vera.get(f"{LICENSE}?position={position}")
        ways = [re.search(rf'rel="{rel}" href="[^"]*position=(\d+)"', page.text) for rel in ("prev", "next")]
        assert [way[1] if way else None for way in ways] == [back, on]


def test_the_users_are_those_of_then(vera: Visitor) -> None:
    def names(path: str) -> list[str]:
        return re.findall(r"<bdi>([^<]+)</bdi>\s", vera.get(path).text)

    assert names(f"{USERS}?position=5") == ["admin"]
    assert names(f"{USERS}?position=7") == ["admin", "ann", "bob"]
    assert names(f"{USERS}?position=8") == ["admin", "bob"]
    assert names(f"{USERS}?position=8&show=deleted") == ["ann"]
    assert names(f"{USERS}?as_of=2026-04-21T12:00&search=N") == ["admin", "ann"]
    page = vera.get(f"{USERS}?position=8&show=all")
    assert "This is how it was after event 8" in text_of(page)
    assert f"{LICENSE}?login_name=ann&amp;position=8#login" in page.text
    assert 'method="post" action="/users' not in page.text


def test_users_of_then_come_by_the_page(house: House, vera: Visitor) -> None:
    for number in range(60):
        house.add_user(f"many-{number:02}")
    position = house.view.position
    first = vera.get(f"{USERS}?position={position}")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = vera.get(following[1].replace("&amp;", "&"))
    names = [re.findall(r"<bdi>(many-\d\d)</bdi>\s", page.text) for page in (first, second)]
    assert names[0] + names[1] == [f"many-{number:02}" for number in range(60)]
    assert f"position={position}" in following[1]


@pytest.mark.parametrize("path", [LICENSE, USERS])
@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("position=0", 404, "The history has the positions 1 to"),
        ("position=100000", 404, "The history has the positions 1 to"),
        ("position=x", 400, "Event: “x” is not the number of an event"),
        ("as_of=2026-04-01T00:00", 404, "The history has the positions 1 to"),
        ("as_of=2099-01-01T00:00", 404, "That moment has not come yet"),
        ("as_of=yesterday", 400, "Moment: “yesterday” is not a moment"),
        ("as_of=2026-02-30T00:00", 400, "is not a moment"),
        ("as_of=2026-04-21T12:00&position=3", 400, "Ask either as of an event or as of a moment"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(
    vera: Visitor, path: str, query: str, status: int, sentence: str
) -> None:
    page = vera.get(f"{path}?{query}")
    assert page.status_code == status
    assert sentence in text_of(page)


def test_a_release_date_that_is_none_is_refused(vera: Visitor) -> None:
    page = vera.get(f"{LICENSE}?position=5&login_name=ann&release_date=soon")
    assert page.status_code == 400
    assert "Release date: “soon” is not a date" in text_of(page)


def test_without_a_position_it_asks_for_one(vera: Visitor) -> None:
    for path in (LICENSE, USERS):
        page = vera.get(path)
        assert page.status_code == 200
        assert 'type="datetime-local"' in page.text


def test_every_line_of_the_history_leads_here(vera: Visitor) -> None:
    for position in re.findall(r"/audit/license\?position=(\d+)", vera.get("/audit/history").text)[-8:]:
        assert f"after event {position} on" in text_of(vera.get(f"{LICENSE}?position={position}"))


def test_an_event_of_a_clock_that_was_wrong_can_be_seen_by_position(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.register(a_key(licenses=2))
    now, house.clock.now = house.clock.now, datetime(2031, 1, 1, 12, tzinfo=UTC)
    house.add_user("ann")
    house.clock.now = now
    house.do("correct_clock", now.date())
    page = house.visitor("admin").get(f"{LICENSE}?position=6")
    assert "after event 6 on 2031-01-01" in text_of(page)
    assert "Expired" in page.text
    house.close()
