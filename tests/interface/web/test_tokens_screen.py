"""The API tokens screen: who made each token and when it was used, its end, its replacement, and its maker leaving."""

from __future__ import annotations

import re

import pytest

from tests.examples import ADMINISTRATOR
from tests.interface.web.gateway.programs import Program
from tests.interface.web.house import House, Visitor, text_of
from tests.world import BY


def make_token(visitor: Visitor, name: str, *scopes: str, days: str = "") -> str:
    """A token made on the screen; its text."""
    page = visitor.follow(visitor.post("/tokens", name=name, scope=[*scopes] or ["login-check"], expires_after=days))
    (text,) = re.findall(r'value="(slt_[^"]+)"', page.text)
    return str(text)


@pytest.fixture
def bea(house: House) -> Visitor:
    """A second administrator, with a browser."""
    house.add_user("Bea", administrator=True)
    return house.visitor("bea")


def test_w1_a_new_token_has_no_end_if_nothing_is_said(house: House, administrator: Visitor) -> None:
    page = administrator.get("/tokens")
    (field,) = re.findall(r'<input[^>]*name="expires_after"[^>]*>', page.text)
    assert 'value=""' in field
    assert "Empty: no end; the token works until somebody revokes it." in text_of(page)
    token = make_token(administrator, "Gateway")
    assert house.view.tokens[token[4:12]].expires_on is None


@pytest.mark.parametrize("scopes", [[], [""]], ids=["none ticked", "an empty one"])
def test_w23_a_token_without_a_scope_is_said_to_have_none(
    house: House, administrator: Visitor, scopes: list[str]
) -> None:
    page = administrator.post("/tokens", name="Gateway", scope=scopes)
    assert page.status_code == 400
    assert "No scope was chosen, and a token without one may do nothing. Choose at least one of login-check" in text_of(
        page
    )
    assert "“”" not in text_of(page)
    assert not house.view.tokens


def test_w1_the_screen_says_when_a_token_was_last_used(house: House, administrator: Visitor) -> None:
    token = make_token(administrator, "Gateway")
    assert "not yet used" in text_of(administrator.get("/tokens"))
    assert Program(house.app, token).ask("GET", "/api/v1/login-check?login_name=admin").status_code == 200
    house.seatledger.token_uses.write(house.licensing.now(house.id).day)
    house.clock.go_on(hours=48)
    assert "last used: 2026-04-20" in text_of(house.visitor(ADMINISTRATOR).get("/tokens"))


def test_w1_administrators_are_warned_on_every_page_before_a_token_ends(house: House, administrator: Visitor) -> None:
    token_id = make_token(administrator, "Gateway", days="60")[4:12]
    sentence = f"The API token “Gateway” ({token_id}) ends on 2026-06-19 (60 days left)."
    for path in ("/license", "/users", "/tokens"):
        assert sentence in text_of(administrator.get(path))
    page = administrator.get("/users").text
    warning = page[page.index("The API token “Gateway”") :].split("</div>")[0]
    assert "Go to API tokens" in warning
    assert "Register a license key" not in warning
    assert "Go to API tokens" not in administrator.get("/tokens").text
    house.add_auditor()
    assert "ends on 2026-06-19" not in text_of(house.visitor("auditor").get("/users"))


def test_w1_a_token_is_replaced_while_the_old_one_goes_on(house: House, administrator: Visitor) -> None:
    old = make_token(administrator, "Gateway", "login-check", "users", days="30")
    house.clock.go_on(minutes=5)
    page = administrator.follow(administrator.post("/tokens/replace", token_id=old[4:12]))
    (new,) = re.findall(r'value="(slt_[^"]+)"', page.text)
    assert f"The old token “Gateway” ({old[4:12]}) works until you revoke it." in text_of(page)
    for token in (old, new):
        assert Program(house.app, token).ask("GET", "/api/v1/users").status_code == 200
    first, second = house.view.tokens[old[4:12]], house.view.tokens[new[4:12]]
    assert (first.name, first.scopes, first.expires_on) == (second.name, second.scopes, second.expires_on)
    answer = administrator.post("/tokens/replace", token_id="aaaaaaaa")
    assert (answer.status_code, "unknown_token" in answer.text) == (404, True)


@pytest.mark.parametrize("how", ["delete", "revoke"])
def test_s10_whoever_takes_a_right_is_shown_the_tokens_that_remain(
    house: House, administrator: Visitor, bea: Visitor, how: str
) -> None:
    gateway, scripts, _ = (make_token(bea, name) for name in ("Gateway", "Scripts", "Monitoring"))
    make_token(administrator, "Mine")
    page = administrator.follow(administrator.post(f"/users/{how}", login_name="bea"))
    assert "“Bea” made 3 API tokens that still work" in text_of(page)
    chosen = re.findall(r'type="checkbox"[^>]*name="token_id" value="(\w+)"([^>]*)>', page.text)
    assert {gateway[4:12], scripts[4:12]} < {token_id for token_id, _ in chosen}
    assert [attributes for _, attributes in chosen] == [""] * 3
    shown = administrator.get("/tokens")
    assert text_of(shown).count("Its maker has left") == 3
    revoked = administrator.follow(administrator.post("/tokens/revoke", token_id=[gateway[4:12], scripts[4:12]]))
    assert "2 tokens were revoked; they are refused from now on." in text_of(revoked)
    assert text_of(revoked).count("Its maker has left") == 1
    assert {token.name for token in house.view.tokens.values() if not token.is_revoked} == {"Mine", "Monitoring"}


@pytest.mark.usefixtures("bea")
def test_s10_somebody_who_made_no_token_leaves_without_a_word_of_tokens(administrator: Visitor) -> None:
    make_token(administrator, "Mine")
    assert "still work" not in text_of(administrator.follow(administrator.post("/users/delete", login_name="bea")))
    assert "Its maker has left" not in text_of(administrator.get("/tokens"))


def test_s10_revoking_none_of_the_tokens_changes_nothing_and_says_so(house: House, administrator: Visitor) -> None:
    before = house.events()
    page = administrator.follow(administrator.post("/tokens/revoke"))
    assert "No token was chosen, so nothing was changed." in text_of(page)
    assert house.events() == before


def test_s10_whoever_deletes_themselves_is_shown_no_tokens_on_the_sign_in_screen(bea: Visitor) -> None:
    make_token(bea, "Gateway")
    page = bea.follow(bea.follow(bea.post("/users/delete", login_name="bea")))
    assert "Sign in" in text_of(page)
    assert "Gateway" not in page.text
    assert "account_id" not in page.text


def test_s10_an_auditor_who_is_removed_leaves_tokens_too(house: House, administrator: Visitor) -> None:
    house.add_auditor("Eve")
    eve = house.accounts.account(house.id, "eve")
    house.licensing.create_token(house.id, "SIEM", ["audit"], by=eve.by)
    page = administrator.follow(administrator.post("/auditors/remove", name="eve"))
    assert "“Eve” made an API token that still works" in text_of(page)


def test_s10_the_api_warns_of_the_tokens_that_remain(house: House, bea: Visitor) -> None:
    token_id = make_token(bea, "Gateway")[4:12]
    program = Program(house.app, house.token("users", "administrators"))
    warnings = program.delete("/api/v1/users/bea/administrator").get_json()["warnings"]
    made = f"“Bea” made an API token that still works: “Gateway” ({token_id})."
    assert warnings[-1] == {"code": "tokens_remain", "message": f"{made} Revoke it if nobody needs it any more."}
    assert "tokens_remain" in program.delete("/api/v1/users/bea").text
    assert "tokens_remain" not in program.post("/api/v1/users/bea/restore").text
    house.licensing.revoke_token(house.id, token_id, by=BY)
    assert "tokens_remain" not in program.delete("/api/v1/users/bea").text
