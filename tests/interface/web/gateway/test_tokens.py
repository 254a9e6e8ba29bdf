"""Bearer tokens: which are taken, what the others are told, and that nothing is looked at before them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask.sessions import SecureCookieSessionInterface

from application import api_tokens
from tests.examples import ADMINISTRATOR, a_key
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House
from tests.world import BY

CHECK = "/api/v1/login-check?login_name=admin"


def test_without_a_token_the_answer_says_how_to_get_one(shared_house: House) -> None:
    response = Program(shared_house.app).ask("GET", CHECK)
    assert "seatledger token create" in assert_problem(response, 401, "token_missing")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="seatledger"'


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YWRtaW46cGFzcw==", "slt_aaaaaaaa_x", "Token slt_x", "\xe9 x"])
def test_another_way_to_say_who_one_is_does_not_count(shared_house: House, header: str) -> None:
    response = Program(shared_house.app).ask("GET", CHECK, headers={"Authorization": header})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


def altered(token: str) -> dict[str, str]:
    return {
        "cut short": token[:-1],
        "longer": token + "A",
        "another last character": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "upper case": token.upper(),
        "another token": "slt_aaaaaaaa_" + token[13:],
        "twice": f"{token}, Bearer {token}",
        "with a comma": token + ",",
        "quoted": f'"{token}"',
        "a tab before it": "\t" + token,
        "wide": token.replace("slt", "ｓｌｔ").encode().decode("latin-1"),
        "nothing": "",
        "a megabyte": "slt_" + "a" * 2**20,
    }


@pytest.mark.parametrize("how", altered(" " * 62))
def test_an_altered_token_is_none(shared_house: House, how: str) -> None:
    text = altered(shared_house.token("login-check"))[how]
    response = Program(shared_house.app).ask("GET", CHECK, headers={"Authorization": f"Bearer {text}"})
    assert_problem(response, 401, "token_invalid")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="seatledger", error="invalid_token"'
    assert text not in response.text or not text


def test_the_id_of_a_token_is_not_enough(shared_house: House) -> None:
    """Its id stands in lists and events, and the checksum can be computed by anybody."""
    whole = shared_house.token("login-check")
    assert api_tokens.parse(whole)
    forged = whole[:13] + "A" * 43
    forged += api_tokens._checksum(forged.encode())
    assert api_tokens.parse(forged)
    assert_problem(Program(shared_house.app, forged).ask("GET", CHECK), 401, "token_invalid")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_the_schemes_case_does_not_matter(shared_house: House, scheme: str) -> None:
    token = shared_house.token("login-check")
    response = Program(shared_house.app).ask("GET", CHECK, headers={"Authorization": f"{scheme} {token}"})
    assert response.status_code == 200


def test_a_token_of_another_installation_is_none(shared_house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = House(tmp_path_factory.mktemp("other"))
    assert_problem(Program(shared_house.app, other.token("login-check")).ask("GET", CHECK), 401, "token_invalid")
    other.close()


def test_a_revoked_token_is_over_at_once(house: House) -> None:
    token = house.token("login-check")
    program = Program(house.app, token)
    assert program.ask("GET", CHECK).status_code == 200
    house.do("revoke_token", token[4:12])
    response = program.ask("GET", CHECK)
    assert_problem(response, 401, "token_over")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_token_is_good_through_its_last_day_in_the_installations_time_zone(house: House) -> None:
    program = Program(house.app, house.do("create_token", "Example", ["login-check"], expires_after=10).text)
    house.clock.now = datetime(2026, 4, 30, 21, 59, tzinfo=UTC)
    assert program.ask("GET", CHECK).status_code == 200
    house.clock.now = datetime(2026, 4, 30, 22, 0, tzinfo=UTC)
    assert_problem(program.ask("GET", CHECK), 401, "token_over")


def test_a_token_counts_in_the_header_alone(shared_house: House) -> None:
    program = Program(shared_house.app)
    token = shared_house.token("login-check")
    assert program.ask("GET", f"{CHECK}&access_token={token}").status_code == 401
    assert program.ask("GET", CHECK, headers={"Cookie": f"Authorization=Bearer {token}"}).status_code == 401


def test_the_session_of_an_administrator_counts_for_nothing(house: House) -> None:
    visitor = house.visitor(ADMINISTRATOR)
    assert visitor.get("/system-settings").status_code == 200
    for method, path in (("GET", CHECK), ("POST", "/api/v1/users"), ("DELETE", "/api/v1/users/admin")):
        assert_problem(visitor.client.open(path, method=method, json={"login_name": "x"}), 401, "token_missing")


def test_a_programs_cookies_are_not_even_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = house.visitor(ADMINISTRATOR).client.get_cookie("seatledger")
    assert cookie is not None

    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(SecureCookieSessionInterface, "open_session", fail)
    program = Program(house.app, house.token("login-check"))
    for path, status in ((CHECK, 200), ("/livez", 200), ("/api/v1/no-such", 404)):
        response = program.ask("GET", path, headers={"Cookie": f"seatledger={cookie.value}"})
        assert response.status_code == status
        assert "Cookie" not in response.headers.get("Vary", "")


def test_a_token_opens_no_page(house: House) -> None:
    program = house.app.test_client()
    token = house.token("login-check", "license", "users", "audit")
    response = program.get("/users", headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.headers["Location"].split("?")[0]) == (303, "/sign-in")


def test_a_wrong_scope_names_the_right_one(shared_house: House) -> None:
    response = Program(shared_house.app, shared_house.token("audit")).post("/api/v1/users", {"login_name": "dave"})
    assert "the scope users" in assert_problem(response, 403, "scope_missing")
    assert response.headers["WWW-Authenticate"] == (
        'Bearer realm="seatledger", error="insufficient_scope", scope="users"'
    )


@pytest.mark.parametrize(
    ("path", "scope"), [("/api/v1/users", "license"), ("/api/v1/license-keys", "users"), ("/api/v1/users", None)]
)
@pytest.mark.parametrize("body", [b"{", b"x" * 10_000_000, b'{"license_key": "x"}'])
def test_the_body_is_not_looked_at_before_the_scope(
    shared_house: House, path: str, scope: str | None, body: bytes
) -> None:
    program = Program(shared_house.app, shared_house.token(scope) if scope else None)
    before = shared_house.events()
    response = program.ask("POST", path, data=body, content_type="text/plain")
    assert response.status_code == (403 if scope else 401)
    assert shared_house.events() == before


def test_no_page_of_another_site_can_use_the_api(house: House) -> None:
    """Not even with a token, and its cookies never count: the API is for programs."""
    visitor = house.visitor(ADMINISTRATOR)
    for headers in ({}, {"Authorization": f"Bearer {house.token('users')}"}):
        before = house.events()
        response = visitor.client.post(
            "/api/v1/users",
            data='{"login_name": "dave"}',
            content_type="application/json",
            headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example", **headers},
        )
        assert_problem(response, 403, "forbidden")
        assert house.events() == before


def test_secrets_stand_in_no_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token = house.token("license", "users")
    program = Program(house.app, token)
    program.post("/api/v1/license-keys", {"license_key": a_key()})
    program.post("/api/v1/license-keys", {"license_key": a_key()[:-4]})
    program.post("/api/v1/users", {"login_name": "dave"})
    program.ask("GET", f"/api/v1/users?search=confidential&x={token}")
    for secret in (token, a_key(), a_key()[:-4], "confidential"):
        assert secret not in caplog.text


def test_w1_the_day_of_a_tokens_last_use_is_noted_and_the_login_check_writes_nothing(house: House) -> None:
    uses, token = house.seatledger.token_uses, house.token("login-check")
    program, token_id, today = Program(house.app, token), token[4:12], house.licensing.now
    assert program.ask("GET", CHECK).status_code == 200
    assert uses.days() == {}
    uses.write(today(house.id).day)
    assert uses.days() == {token_id: date(2026, 4, 20)}
    house.clock.go_on(days=1)
    house.licensing.revoke_token(house.id, token_id, by=BY)
    assert program.ask("GET", CHECK).status_code == 401
    uses.write(today(house.id).day)
    assert uses.days() == {token_id: date(2026, 4, 20)}
