"""In another language no English is left on any screen: everything that people read comes from the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from interface.web import caller
from tests.examples import ADMINISTRATOR, PASSWORD, a_key, a_period
from tests.interface.web.house import House
from tests.loud import LOUD

READABLE = re.compile(r"\b(?:title|aria-label|placeholder|alt|data-copied)=\"([^\"]*)\"")

SCREENS = (
    "/system-settings",
    "/license",
    "/users",
    "/users?show=deleted",
    "/users?search=nobody",
    "/users?unused=90",
    "/users/import",
    "/auditors",
    "/tokens",
    "/notifications",
    "/own-password",
    "/calendar",
    "/audit/history",
    "/audit/history?before=4",
    "/audit/history?from=never",
    "/audit/history?before=x",
    "/audit/license",
    "/audit/license?position=6&login_name=ann",
    "/audit/license?position=3&login_name=bob",
    "/audit/license?position=x",
    "/audit/license?as_of=x",
    "/audit/license?position=4&login_name=ann&release_date=x",
    "/audit/license?as_of=2026-04-20T12:00:00",
    "/audit/users",
    "/audit/users?position=6",
    "/audit/users?position=6&search=nobody",
    "/audit/overview",
    "/nothing-here",
)

FEWER = ("/license/keys", "/own-language", "/second-factor", "/sign-ins", "/audit/sign-ins", "/help")
"""Screens on which some words are nobody's to translate."""

SENTENCES = re.compile(r"<(?:p|li|dd|desc|title)\b[^>]*>(?:(?!<(?:p|li|dd)\b).)*?</(?:p|li|dd|desc|title)>", re.DOTALL)
"""What holds sentences that follow one another."""

NAMES = re.compile(
    r"\b(?:Seatledger|Example Company|Example Customer|Example Vendor|Example|Europe/Berlin|timetracker-nx|"
    r"Professional|Analytics|admin|ann|bob|cid|dora|vera|tester|login-check|audit|never)\b"
    r"|(?:(?<=Example )|(?<=Example” ))\([a-z2-7]{8}\)"
)
"""What is called so in every language: names, ids of tokens, and what was typed."""


@pytest.fixture
def shouting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "language", lambda: LOUD)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[House]:
    """A house with something of everything on its screens."""
    house = House(Path(tmp_path_factory.mktemp("lived_in")))
    house.register(a_key(licenses=2))
    for name in ("ann", "bob", "cid"):
        house.add_user(name)
    house.clock.go_on(days=1)
    house.do("delete_user", "cid")
    later = int(house.clock.now.timestamp())
    house.register(a_key(licenses=9, license_period=a_period("2027-04-01", None), issued_at=later))
    house.add_auditor("vera")
    house.token("audit", "login-check")
    webhook = house.seatledger.webhooks.add("https://1.1.1.1/hook", ["user.added"], 0).webhook
    house.seatledger.webhooks.add("https://1.1.1.1/hook", [], 0)
    house.seatledger.webhooks.stop(webhook.id)
    yield house
    house.close()


def english_on(page: str) -> list[str]:
    """The texts of a page, and of its attributes, with a word in small letters that is neither a name nor a code."""
    shown = re.sub(r"<(code|bdi|textarea)\b.*?</\1>", " ", page, flags=re.DOTALL)
    texts = [unescape(text).strip() for text in (*READABLE.findall(shown), *re.findall(r">([^<>]*)<", shown))]
    return [text for text in texts if re.search(r"[a-z]{2}", NAMES.sub("", text))]


@pytest.mark.parametrize("path", SCREENS)
@pytest.mark.usefixtures("shouting")
def test_no_english_is_left_on_a_screen(lived_in: House, path: str) -> None:
    page = lived_in.visitor(ADMINISTRATOR).get(path).text
    assert "SKIP TO THE CONTENT" in page
    assert english_on(page) == []


@pytest.mark.parametrize("path", [*SCREENS, *FEWER])
def test_on_a_japanese_screen_days_are_japanese_and_sentences_stand_close(lived_in: House, path: str) -> None:
    """Dates as programs write them stand in fields and commands alone."""
    page = lived_in.visitor(ADMINISTRATOR).get(f"{path}{'&' if '?' in path else '?'}lang=ja").text
    shown = " ".join(re.sub(r"<(code|textarea|head)\b.*?</\1>|<[^>]+>", "", page, flags=re.DOTALL).split())
    assert re.findall(r"[^ ]*\d{4}-\d\d(?!.{0,20}のような)[^ ]*", shown) == []
    blocks = (" ".join(re.sub("<[^>]+>", "", block).split()) for block in SENTENCES.findall(page))
    assert [block for block in blocks if re.search(r"[。、] [ぁ-んァ-ヶ一-龠「]", block)] == []


@pytest.mark.usefixtures("shouting")
def test_no_english_is_left_of_what_a_form_is_answered(house: House) -> None:
    anybody = house.visitor()
    answers = [anybody.get("/sign-in"), anybody.post("/sign-in", login_name="nobody", password="wrong")]
    administrator = house.visitor(ADMINISTRATOR)
    taken = (
        ("/users", {"login_name": "dora", "administrator": "yes"}),
        ("/users/revoke", {"login_name": "dora"}),
        ("/users/grant", {"login_name": "dora"}),
        ("/users/delete", {"login_name": "dora"}),
        ("/users/restore", {"login_name": "dora"}),
        ("/auditors", {"name": "vera"}),
        ("/auditors/link", {"name": "vera"}),
        ("/license", {"license_key": a_key(licenses=2, key_id="00000000-0000-4000-8000-000000000001")}),
        ("/audit/overview/checkpoint", {}),
        ("/audit/overview/checkpoint", {}),
    )
    answers += [administrator.follow(administrator.post(path, **fields)) for path, fields in taken]
    refused = (
        ("/license/preview", {"license_key": a_key(licenses=1, maintenance_period=None)}),
        ("/license", {"license_key": a_key(licenses=1, maintenance_period=None)}),
        ("/license/preview", {"license_key": a_key(licenses=20, edition="Example")}),
        ("/users", {"login_name": "vera"}),
        ("/license", {"license_key": "no-key"}),
        ("/tokens", {"name": "", "expires_after": "x"}),
        ("/own-password", {"current_password": PASSWORD, "new_password": "a", "new_password_again": "b"}),
        ("/users/link", {"login_name": "dora", "csrf_token": "no-token"}),
    )
    answers += [administrator.post(path, **fields) for path, fields in refused]
    token = administrator.follow(administrator.post("/tokens", name="Example", scope="audit", expires_after="9"))
    token_id = re.search(r'name="token_id" value="([^"]+)"', token.text)
    assert token_id
    answers += [token, administrator.follow(administrator.post("/tokens/revoke", token_id=token_id[1]))]
    answers.append(administrator.follow(administrator.post("/sign-out")))
    house.give_password("vera")
    answers.append(house.visitor("vera").post("/users", login_name="ann"))
    assert [english_on(answer.text) for answer in answers] == [[]] * len(answers)
