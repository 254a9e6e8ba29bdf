"""In which language people and programs are answered: the one they ask for, else the installation's (L2)."""

from __future__ import annotations

import pytest

from interface.web.accepted_languages import LONGEST, accepted
from tests.examples import ADMINISTRATOR, a_key
from tests.interface.web.gateway.programs import Program
from tests.interface.web.house import House
from tests.world import BY

ADMITTED = {
    "en": "You may log in. Optional products: Analytics.",
    "ja": "ログインできます。オプション製品：Analytics。",
}


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7", "ja"),
        ("en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("de,fr;q=0.5", None),
        ("de,ja;q=0.1", "ja"),
        ("ja;q=0,en", "en"),
        ("", None),
        ("*", "en"),
        ("=;q=x,,;;", None),
        ("de," * LONGEST + "ja", None),
    ],
)
def test_the_language_that_a_header_wants_most(header: str, tag: str | None) -> None:
    assert accepted(header) == tag


@pytest.fixture
def gateway(house: House) -> Program:
    house.register(a_key(licenses=4))
    house.add_user("alice")
    return Program(house.app, house.token("login-check"))


@pytest.mark.parametrize(
    ("headers", "tag"), [({}, "en"), ({"Accept-Language": "ja"}, "ja"), ({"Accept-Language": "de"}, "en")]
)
def test_l2_a_login_check_speaks_the_language_that_is_asked_for(
    gateway: Program, headers: dict[str, str], tag: str
) -> None:
    asked = gateway.ask("GET", "/api/v1/login-check?login_name=alice", headers=headers).get_json()
    assert asked["message"] == ADMITTED[tag]
    by_name = gateway.ask("GET", f"/api/v1/login-check?login_name=alice&lang={tag}", headers={"Accept-Language": "en"})
    assert by_name.get_json() == asked, "all else is the same"


def test_l2_no_language_answers_in_that_of_another(gateway: Program) -> None:
    """The same question in turns: what is remembered of one language is not said in the other."""
    for _ in range(3):
        for tag, message in ADMITTED.items():
            answer = gateway.ask("GET", "/api/v1/login-check?login_name=alice", headers={"Accept-Language": tag})
            assert answer.get_json()["message"] == message


def test_whoever_asks_for_none_is_answered_in_the_installations(house: House, gateway: Program) -> None:
    house.set(language="ja")
    assert gateway.check("alice")["message"] == ADMITTED["ja"]
    assert '<html lang="ja"' in house.visitor().get("/sign-in").text
    assert '<html lang="en"' in house.visitor().get("/sign-in", headers={"Accept-Language": "en"}).text


def test_a_problem_is_told_in_the_language_and_its_code_stays(gateway: Program) -> None:
    english, japanese = (
        gateway.ask("GET", "/api/v1/login-check", headers={"Accept-Language": tag}).get_json() for tag in ("en", "ja")
    )
    assert english["code"] == japanese["code"] == "malformed_request"
    assert japanese["detail"].startswith("リクエスト")
    assert japanese["title"] != english["title"]
    assert japanese["title"].isascii() is False


def test_a_person_at_the_door_reads_why_in_their_language(house: House) -> None:
    page = house.visitor().get("/denied?code=unknown_user", headers={"Accept-Language": "ja-JP"}).text
    assert '<html lang="ja"' in page
    assert "ログイン名" in page


def test_a_screen_is_in_the_language_of_the_browser(house: House) -> None:
    page = house.visitor(ADMINISTRATOR).get("/license", headers={"Accept-Language": "ja"}).text
    assert '<html lang="ja"' in page
    for words in ("ライセンスを登録", "ライセンスキー", "有効", "使用中", "残り", "システム設定", "システム運用"):
        assert words in page


def test_an_account_chooses_its_language_and_another_browser_knows_it(house: House) -> None:
    administrator = house.visitor(ADMINISTRATOR)
    page = administrator.follow(administrator.post("/own-language", language="ja")).text
    assert '<html lang="ja"' in page
    assert "表示言語を変更しました。" in page
    elsewhere = house.visitor(ADMINISTRATOR)
    assert '<html lang="ja"' in elsewhere.get("/license", headers={"Accept-Language": "en"}).text
    assert '<html lang="en"' in elsewhere.get("/license?lang=en").text, "the address goes before it, for this page"
    house.add_auditor()
    assert '<html lang="en"' in house.visitor("auditor").get("/audit/history").text, "a choice is one's own"


@pytest.mark.parametrize("language", ["", "fr", "../ja"])
def test_an_account_that_names_no_language_of_ours_is_spoken_to_as_its_browser_asks(
    house: House, language: str
) -> None:
    administrator = house.visitor(ADMINISTRATOR)
    administrator.post("/own-language", language="ja")
    administrator.post("/own-language", language=language)
    assert '<html lang="en"' in administrator.get("/license").text
    assert '<html lang="ja"' in administrator.get("/license", headers={"Accept-Language": "ja"}).text


def test_the_choice_of_whoever_is_erased_goes_with_them(house: House) -> None:
    house.add_user("ann", administrator=True)
    ann = house.account("ann")
    house.accounts.choose_language(ann, "ja")
    house.do("delete_user", "ann")
    house.licensing.erasing.user(house.id, "ann", by=BY)
    assert house.accounts.language_tag(ann) is None
