"""GET /forward-auth and GET /denied: the decision as proxies see it, and the page for whoever is turned away."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from application.words.denied import ADMIN_ONLY, DENIED, FOR_THE_GATEWAY, OTHERWISE
from application.words.sentences import DECISIONS
from domain.login import Decision
from tests.examples import ADMINISTRATOR, a_key
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.gateway.test_database_away import away, is_back
from tests.interface.web.house import House

NAMED = ("Decision", "Code", "Optional-Products")


def ask(program: Program, name: str | None, query: str = "", **headers: str) -> TestResponse:
    named = {} if name is None else {"X-Login-Name": name}
    return program.ask("GET", f"/forward-auth{query}", headers={**named, **headers})


def told(response: TestResponse) -> tuple[str | None, ...]:
    return tuple(response.headers.get(f"X-Seatledger-{name}") for name in NAMED)


@pytest.mark.parametrize(
    ("name", "query", "status", "decision", "code"),
    [
        ("alice", "", 403, "refuse", "licenses_exceeded"),
        ("alice", "?for=admin", 403, "refuse", "licenses_exceeded"),
        (ADMINISTRATOR, "", 403, "admin_only", "licenses_exceeded"),
        (ADMINISTRATOR, "?for=admin", 200, "admin_only", "licenses_exceeded"),
        ("bob", "?for=admin", 403, "refuse", "user_deleted"),
        ("nobody", "?for=admin", 403, "refuse", "unknown_user"),
    ],
)
def test_the_status_is_the_decision_at_each_door(
    house: House, gateway: Program, name: str, query: str, status: int, decision: str, code: str
) -> None:
    house.register(a_key(licenses=1))
    house.add("alice", "bob")
    house.do("delete_user", "bob")
    response = ask(gateway, name, query)
    assert (response.status_code, told(response)) == (status, (decision, code, ""))
    assert response.get_json() == {
        key: value for key, value in gateway.check(name).items() if key in ("decision", "code", "message")
    }


def test_optional_products_and_names_are_percent_encoded(house: House, gateway: Program) -> None:
    house.register(a_key(optional_products=("a, b", "Übersicht")))
    house.add("山田 太郎")
    response = ask(gateway, quote("山田 太郎"))
    assert (response.status_code, told(response)) == (200, ("admit", "ok", "a%2C%20b,%C3%9Cbersicht"))
    assert response.headers["X-Seatledger-Login-Name"] == "%E5%B1%B1%E7%94%B0%20%E5%A4%AA%E9%83%8E"


@pytest.mark.parametrize(
    "header", ["ALICE", "%61lice", " alice ", "%41%4c%49%43%45", "ａlice".encode().decode("latin-1")]
)
def test_a_name_comes_in_any_spelling_and_goes_on_in_the_registered_one(
    house: House, gateway: Program, header: str
) -> None:
    house.register(a_key())
    house.add("alice")
    response = ask(gateway, header)
    assert (response.status_code, response.headers["X-Seatledger-Login-Name"]) == (200, "alice")


@pytest.mark.parametrize(
    "header", ["%FF", "\xff", "%C0%AF", "%00", "%ED%A0%80", "alice,alice", "%zz", "a" * 5000, "%2F"]
)
def test_a_header_that_spells_no_name_is_nobodys(house: House, gateway: Program, header: str) -> None:
    """Proxies take anything but 200, 401 and 403 for a defect; a person's own name must not look like one."""
    house.register(a_key())
    house.add("alice")
    response = ask(gateway, header)
    assert (response.status_code, told(response)) == (403, ("refuse", "unknown_user", ""))
    assert "X-Seatledger-Login-Name" not in response.headers


@pytest.mark.parametrize("header", [None, "", "  "])
def test_without_a_name_it_is_401(gateway: Program, header: str | None) -> None:
    response = ask(gateway, header)
    assert_problem(response, 401, "login_name_missing")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="seatledger"'
    assert response.headers["X-Seatledger-Code"] == "login_name_missing"


def test_what_is_wrong_with_the_gateway_is_told_in_a_header_and_is_no_decision(
    house: House, gateway: Program, licenses: Program
) -> None:
    for program, status, code in (
        (Program(house.app), 401, "token_missing"),
        (Program(house.app, "slt_nonsense"), 401, "token_invalid"),
        (licenses, 403, "scope_missing"),
    ):
        response = ask(program, ADMINISTRATOR)
        assert_problem(response, status, code)
        assert told(response) == (None, code, None)
    response = ask(gateway, ADMINISTRATOR, "?for=product")
    assert "for can only be “admin”; leave it out otherwise" in assert_problem(response, 400, "malformed_request")


def test_l4_a_version_that_the_license_does_not_cover_is_turned_away(house: House, gateway: Program) -> None:
    house.register(a_key())
    house.add("alice")
    assert ask(gateway, "alice", "?release_date=2027-03-31").status_code == 200
    assert told(ask(gateway, "alice", "?release_date=2027-04-01"))[:2] == ("refuse", "release_not_covered")


@pytest.mark.sqlite_alone("the file is put aside, as a server cannot be; tests/faults stops servers")
def test_it_goes_on_while_the_database_is_away_and_is_fresh_again_afterwards(house: House, gateway: Program) -> None:
    house.register(a_key())
    house.add("alice")
    assert ask(gateway, "alice").status_code == 200
    with away(house):
        stale = ask(gateway, "alice")
        assert (stale.status_code, "stale_since" in stale.get_json()) == (200, True)
        assert Program(house.app).get("/denied", code="unavailable").status_code == 503
    is_back(house)
    house.do("delete_user", "alice")
    assert ask(gateway, "alice").status_code == 403


def test_a_browser_at_a_proxy_that_passes_bodies_on_gets_a_page(house: House, gateway: Program) -> None:
    house.register(a_key())
    house.on("2027-04-01")
    response = ask(gateway, ADMINISTRATOR, Accept="text/html,*/*;q=0.8")
    assert (response.status_code, response.mimetype, told(response)[0]) == (403, "text/html", "admin_only")
    assert "ended on 2027-03-31" in response.text
    assert ask(gateway, ADMINISTRATOR, "?for=admin", Accept="text/html").mimetype == "application/json"


# The page


def page(house: House, **query: str) -> TestResponse:
    return house.app.test_client().get("/denied", query_string=query)


def sentence(response: TestResponse) -> str:
    found = re.search(r"<p>(.*)</p>", response.text)
    assert found
    return found[1]


def test_every_code_of_a_refusal_has_its_sentence_and_administrators_another(shared_house: House) -> None:
    for code, decision in DECISIONS:
        if decision is not Decision.ADMIT:
            shown = sentence(page(shared_house, code=code, decision=decision))
            assert shown == (ADMIN_ONLY if decision is Decision.ADMIN_ONLY else DENIED)[code]
    assert len({*DENIED.values(), *ADMIN_ONLY.values()}) == len(DENIED) + len(ADMIN_ONLY)


def test_a_gateway_that_is_out_of_order_blames_nobody(shared_house: House) -> None:
    for code in FOR_THE_GATEWAY:
        response = page(shared_house, code=code)
        assert (response.status_code, sentence(response)) == (503, FOR_THE_GATEWAY[code])


@pytest.mark.parametrize(
    "query",
    [{}, {"code": "<script>alert(1)</script>"}, {"code": "Your account was hacked, call 555"}, {"code": "ok"},
     {"code": "unknown_user " , "decision": "admin_only"}, {"message": "hello"}, {"code": ""}],
)  # fmt: skip
def test_nobody_can_make_the_page_show_a_text_of_theirs(shared_house: House, query: dict[str, str]) -> None:
    response = page(shared_house, **query)
    assert (response.status_code, sentence(response)) == (403, OTHERWISE)
    assert response.text == page(shared_house).text


def test_the_page_is_the_same_for_everybody_and_asks_for_no_script_and_no_cookie(house: House) -> None:
    house.add("alice")
    anybody = page(house, code="unknown_user", login_name="alice")
    assert anybody.text == page(house, code="unknown_user", login_name="nobody").text
    assert "Set-Cookie" not in anybody.headers
    assert "<script" not in anybody.text
    assert " style=" not in anybody.text
    policy = anybody.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert 'name="viewport"' in anybody.text
    links = re.findall(r'(?:href|src)="([^"]+)"', anybody.text)
    assert links == ["/denied.css"]
    sheet = house.app.test_client().get("/denied.css")
    assert (sheet.status_code, sheet.mimetype) == (200, "text/css")


def test_the_day_turns_at_the_door_as_it_does_in_a_login_check(house: House, gateway: Program) -> None:
    house.register(a_key())
    house.add("alice")
    house.clock.now = datetime(2027, 3, 31, 21, 59, tzinfo=UTC)
    assert ask(gateway, "alice").status_code == 200
    house.clock.now = datetime(2027, 3, 31, 22, 0, tzinfo=UTC)
    assert told(ask(gateway, "alice"))[:2] == ("refuse", "license_expired")


def test_every_way_to_ask_is_counted_once(house: House, gateway: Program) -> None:
    ask(gateway, ADMINISTRATOR, "?for=admin")
    question = {"subject": {"type": "user", "id": ADMINISTRATOR}, "action": {"name": "login"}}
    resource = {"resource": {"type": "admin-screen", "id": "admin-screen"}}
    gateway.post("/access/v1/evaluation", {**question, **resource})
    gateway.post("/access/v1/evaluations", {**question, **resource, "evaluations": [{}, {}]})
    page(house, code="no_license")
    text = Program(house.app).get("/metrics").text
    assert 'seatledger_login_checks_total{code="no_license",decision="admin_only"} 4' in text
