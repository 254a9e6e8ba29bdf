"""docs/administrator.md holds: what it names in bold stands on the screens of its section, every picture is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from application.words.refusals import SENTENCES
from interface import demo
from tests.examples import ADMINISTRATOR, PASSWORD, a_key
from tests.interface.web.house import House, Visitor, fields_of

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/administrator.md").read_text(encoding="utf-8")

SECTIONS = re.findall(r"^## (.+)\n<!-- screens: (.+) -->\n((?:(?!^## ).*\n?)*)", PAGE, re.MULTILINE)

NAMING = "button|label|legend|h1|h2|h3|a|summary|dt|th|option|span"
"""The elements by which people call what is on a screen."""


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Each screen that the page names, as it is served."""
    house = House(Path(tmp_path_factory.mktemp("guide")), name=demo.NAME)
    yield dict(_screens(house))
    house.close()


def _notifications(house: House, administrator: Visitor) -> str:
    """The screen with a webhook that works, and with one that is turned off."""
    webhooks = house.seatledger.webhooks
    active, stopped = (webhooks.add(f"https://1.1.1.1/{path}", [], 0).webhook for path in "ab")
    webhooks.stop(stopped.id)
    page = administrator.get("/notifications").text
    for each in (active, stopped):
        webhooks.remove(each.id)
    return page


def _screens(house: House) -> Iterator[tuple[str, str]]:
    yield "sign-in", house.visitor().get("/sign-in").text
    administrator = house.visitor(ADMINISTRATOR)
    yield "settings", administrator.get("/system-settings").text
    yield "license-none", administrator.get("/license").text
    yield "license-refused", administrator.post("/license", license_key="half a key").text
    house.register(a_key(licenses=4))
    yield "license", administrator.get("/license").text
    yield "license-preview", administrator.post("/license", license_key=a_key(licenses=4, maintenance_period=None)).text
    yield from _users(house, administrator)
    house.add_auditor()
    yield "auditors", administrator.get("/auditors").text
    house.token("login-check")
    yield "tokens", administrator.get("/tokens").text
    yield "notifications", _notifications(house, administrator)
    yield "own-password", administrator.get("/own-password").text
    yield (
        "second-factor",
        administrator.get("/second-factor").text
        + administrator.follow(administrator.post("/second-factor/begin")).text,
    )
    yield "own-language", administrator.get("/own-language").text
    yield "calendar", administrator.get("/calendar").text
    yield "calendar-on", administrator.post("/calendar/make").text
    yield "history", administrator.get("/audit/history").text
    yield "own-sign-ins", administrator.get("/sign-ins").text
    yield from _late(house)
    house.clock.go_on(days=330)
    yield "warned", house.visitor(ADMINISTRATOR).get("/users").text


def _users(house: House, administrator: Visitor) -> Iterator[tuple[str, str]]:
    for name in ("alice", "bjørn"):
        house.add_user(name)
    yield "users-undo", administrator.follow(administrator.post("/users", login_name="emma")).text
    yield "beyond", administrator.post("/users", login_name="grace").text
    yield "delete", administrator.post("/users/delete", login_name=["alice", "emma"], ask="yes").text
    house.do("delete_user", "emma")
    yield "users-deleted", administrator.get("/users?show=deleted").text
    yield "erase", administrator.post("/users/erase", login_name="emma").text
    administrator.forget_password()
    house.clock.go_on(minutes=6)
    yield "password-again", administrator.post("/users", login_name="hiroshi", administrator="yes").text
    answer = administrator.post("/users", login_name="hiroshi", administrator="yes", password_again=PASSWORD)
    yield "users-link", administrator.follow(answer).text
    yield "users", administrator.get("/users").text


def _late(house: House) -> Iterator[tuple[str, str]]:
    late = house.visitor(ADMINISTRATOR)
    late.get("/license")
    late.forget_password()
    house.clock.go_on(minutes=31)
    kept = late.post("/license", license_key=a_key(licenses=9)).text
    yield "kept", kept
    fields = fields_of(kept, "/sign-in")
    yield "carried", late.post("/sign-in", login_name=ADMINISTRATOR, password=PASSWORD, **fields).text


def names_on(page: str) -> set[str]:
    """What is called by a name on a page, hidden words for screen readers left out."""
    shown = re.sub(r'<span class="visually-hidden">.*?</span>', "", page)
    texts = re.findall(rf"<({NAMING})\b[^>]*>((?:(?!<\1\b).)*?)</\1>", shown, re.DOTALL)
    return {" ".join(unescape(re.sub(r"<[^>]+>", "", text)).split()) for _, text in texts}


@pytest.mark.parametrize(("places", "text"), [row[1:] for row in SECTIONS], ids=[row[0] for row in SECTIONS])
def test_what_a_section_names_stands_on_its_screens(screens: dict[str, str], places: str, text: str) -> None:
    there = set().union(*(names_on(screens[place]) for place in places.split(", ")))
    bold = {" ".join(name.split()) for name in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)}
    assert {name for name in bold if not name.endswith("?")} <= there


def test_every_section_says_which_screens_it_is_about() -> None:
    assert [row[0] for row in SECTIONS] == re.findall(r"^## (.+)$", PAGE, re.MULTILINE)


def test_every_picture_is_there_and_used() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md"))
    used = set(re.findall(r"!\[[^\]]+\]\(images/([^)]+)\)", pages))
    assert used == {path.name for path in (ROOT / "docs/images").iterdir()}
    assert "docs/administrator.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_codes_that_it_names_are_those_of_refusals() -> None:
    (table,) = [text for name, _, text in SECTIONS if name == "When a key is refused"]
    assert set(re.findall(r"`(\w+)`", table)) <= set(SENTENCES)
