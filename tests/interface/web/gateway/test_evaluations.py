"""OpenID AuthZEN 1.0: the login check as policy enforcement points ask it, and what the standard says of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from tests.examples import ADMINISTRATOR, PRODUCT, a_key
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.gateway.test_database_away import away, is_back
from tests.interface.web.house import House

ONE = "/access/v1/evaluation"
SEVERAL = "/access/v1/evaluations"
ADMIN_SCREEN = "admin-screen"


def question(name: str, resource: str = PRODUCT, type_: str = "product", **more: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": name},
        "action": {"name": "login"},
        "resource": {"type": type_, "id": resource},
        **more,
    }


def decision(program: Program, asked: dict[str, Any]) -> tuple[bool, str]:
    response = program.post(ONE, asked)
    assert response.status_code == 200, response.text
    answer = response.get_json()
    return answer["decision"], answer["context"]["code"]


def test_the_decision_is_that_of_the_login_check(house: House, gateway: Program) -> None:
    house.register(a_key())
    house.add("alice", "bob")
    house.do("delete_user", "bob")
    for name in ("alice", "ALICE", "bob", "nobody", "", ADMINISTRATOR):
        check = gateway.check(name)
        answer = gateway.post(ONE, question(name)).get_json()
        assert answer["decision"] is (check["decision"] == "admit")
        for member in ("code", "message", "login_name", "optional_products", "checked_on", "position"):
            assert answer["context"][member] == check[member]


def test_each_resource_has_its_decision(house: House, gateway: Program) -> None:
    house.register(a_key(licenses=2, optional_products=("Analytics",)))
    house.add("alice")

    def all_of(name: str) -> list[tuple[bool, str]]:
        places = ((PRODUCT, "product"), ("Analytics", "product"), ("Reports", "product"), ("analytics", "product"),
                  (PRODUCT, ADMIN_SCREEN), (ADMIN_SCREEN, "product"), ("another", ADMIN_SCREEN))  # fmt: skip
        return [decision(gateway, question(name, *place)) for place in places]

    ok, other, no = (True, "ok"), (False, "product_not_included"), (False, "not_administrator")
    assert all_of("alice") == [ok, ok, other, other, no, no, other]
    assert all_of(ADMINISTRATOR) == [ok, ok, other, other, ok, ok, other]
    house.add("bob")
    refused, admin = (False, "licenses_exceeded"), (True, "licenses_exceeded")
    assert all_of("alice") == [refused, refused, refused, refused, refused, refused, other]
    assert all_of(ADMINISTRATOR) == [refused, refused, refused, refused, admin, admin, other]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": {"type": "service", "id": ADMINISTRATOR}}, "subject_not_supported"),
        ({"action": {"name": "delete"}}, "action_not_supported"),
        ({"resource": {"type": "file", "id": PRODUCT}}, "resource_not_supported"),
    ],
)
def test_what_we_know_nothing_of_is_denied_and_no_error(
    house: House, gateway: Program, change: dict[str, Any], code: str
) -> None:
    house.register(a_key())
    answer = gateway.post(ONE, {**question(ADMINISTRATOR), **change}).get_json()
    assert (answer["decision"], answer["context"].keys()) == (False, {"code", "message"})
    assert answer["context"]["code"] == code
    assert answer["context"]["message"].startswith("Seatledger decides about")


def test_members_that_are_unknown_are_allowed(house: House, gateway: Program) -> None:
    house.register(a_key())
    asked = question(ADMINISTRATOR, context={"ip": "10.0.0.1", "score": 0.5}, trace=[None])
    asked["subject"]["properties"] = {"department": "Sales", "big": 2**60, "ratio": 1e300}
    asked["options"] = {"whatever": True}
    assert decision(gateway, asked) == (True, "ok")
    assert gateway.post(f"{ONE}?tracing=1", asked).status_code == 200


def test_l4_the_release_date_comes_in_the_context(house: House, gateway: Program) -> None:
    house.register(a_key())
    for day, code in (("2027-03-31", "ok"), ("2027-04-01", "release_not_covered")):
        assert decision(gateway, question(ADMINISTRATOR, context={"release_date": day}))[1] == code
    for nonsense in ("soon", 20270401, True, ["2027-03-31"]):
        refused = gateway.post(ONE, question(ADMINISTRATOR, context={"release_date": nonsense}))
        assert "context.release_date must be a date" in assert_problem(refused, 400, "malformed_request")


def without(*path: str) -> dict[str, Any]:
    whole = question("alice")
    inner = whole
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return whole


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (without("subject"), "the member “subject” is missing"),
        (without("subject", "id"), "the member “subject.id” is missing"),
        (without("subject", "type"), "the member “subject.type” is missing"),
        (without("action"), "the member “action” is missing"),
        (without("action", "name"), "the member “action.name” is missing"),
        (without("resource"), "the member “resource” is missing"),
        (without("resource", "id"), "the member “resource.id” is missing"),
        ({**question("alice"), "subject": "alice"}, "the member “subject” must be an object"),
        ({**question("alice"), "context": None}, "the member “context” must be an object"),
        ({**question("alice"), "subject": {"type": "user", "id": 7}}, "the member “subject.id” must be a text"),
        ([], "its body is not a JSON object"),
        ("alice", "its body is not a JSON object"),
    ],
)
def test_what_is_no_question_is_answered_with_400(gateway: Program, body: Any, said: str) -> None:
    for path in (ONE, SEVERAL):
        response = gateway.ask("POST", path, json=body)
        assert said in assert_problem(response, 400, "malformed_request")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 60_000, b'{"subject": NaN}', b'{"a": "\\ud800"}'])
def test_what_is_no_json_is_answered_with_400(gateway: Program, data: bytes) -> None:
    response = gateway.ask("POST", ONE, data=data, content_type="application/json")
    assert_problem(response, 400, "malformed_request")
    assert_problem(gateway.ask("POST", ONE, data=data, content_type="text/plain"), 415, "unsupported_media_type")


def test_several_questions_take_what_they_leave_out_from_beside_them(house: House, gateway: Program) -> None:
    house.register(a_key())
    house.add("alice")
    body = question("alice")
    body["evaluations"] = [
        {},
        {"subject": {"type": "user", "id": "nobody"}},
        {"resource": {"type": "product", "id": "x"}},
    ]
    answers = gateway.post(SEVERAL, body).get_json()["evaluations"]
    assert [(each["decision"], each["context"]["code"]) for each in answers] == [
        (True, "ok"), (False, "unknown_user"), (False, "product_not_included"),
    ]  # fmt: skip


def test_a_default_is_taken_as_a_whole_or_not_at_all(house: House, gateway: Program) -> None:
    house.register(a_key())
    body = {**question(ADMINISTRATOR), "evaluations": [{"subject": {"id": ADMINISTRATOR}}, {}]}
    first, second = gateway.post(SEVERAL, body).get_json()["evaluations"]
    assert first["decision"] is False
    assert first["context"] == {"error": {"status": 400, "message": "the member “subject.type” is missing"}}
    assert second["decision"] is True


@pytest.mark.parametrize("evaluations", [[], None, "absent"])
def test_without_evaluations_it_is_one_question(house: House, gateway: Program, evaluations: Any) -> None:
    house.register(a_key())
    body = question(ADMINISTRATOR, **({} if evaluations == "absent" else {"evaluations": evaluations}))
    assert gateway.post(SEVERAL, body).get_json() == gateway.post(ONE, body).get_json()


@pytest.mark.parametrize(
    ("semantic", "decisions"),
    [
        (None, [True, False, True, False]),
        ("execute_all", [True, False, True, False]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_evaluations_go_on_as_long_as_the_semantic_says(
    house: House, gateway: Program, semantic: str | None, decisions: list[bool]
) -> None:
    house.register(a_key())
    people = [{"subject": {"type": "user", "id": name}} for name in (ADMINISTRATOR, "x", ADMINISTRATOR, "x")]
    body = {**question("x"), "evaluations": people, "options": {"evaluations_semantic": semantic} if semantic else {}}
    assert [each["decision"] for each in gateway.post(SEVERAL, body).get_json()["evaluations"]] == decisions
    if semantic == "permit_on_first_permit":
        body["evaluations"] = people[1:]
        assert [each["decision"] for each in gateway.post(SEVERAL, body).get_json()["evaluations"]] == [False, True]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"options": {"evaluations_semantic": "at_random"}}, "options.evaluations_semantic must be one of execute_all"),
        ({"options": {"evaluations_semantic": ["execute_all"]}}, "options.evaluations_semantic must be one of"),
        ({"options": []}, "the member “options” must be an object"),
        ({"evaluations": {}}, "the member “evaluations” must be a list"),
        ({"evaluations": [{}] * 1001}, "it asks for 1,001 evaluations, and at most 1000 are answered at once"),
    ],
)
def test_what_is_wrong_with_all_of_them_is_answered_with_400(gateway: Program, more: dict[str, Any], said: str) -> None:
    assert said in assert_problem(gateway.post(SEVERAL, question("x", **more)), 400, "malformed_request")


def test_one_of_several_that_is_no_object_is_denied_alone(house: House, gateway: Program) -> None:
    house.register(a_key())
    body = question(ADMINISTRATOR, evaluations=[7, {}])
    first, second = gateway.post(SEVERAL, body).get_json()["evaluations"]
    assert (first["decision"], first["context"]["error"]["status"], second["decision"]) == (False, 400, True)


def test_the_request_id_comes_back_also_with_a_refusal(house: House, gateway: Program, licenses: Program) -> None:
    named = {"X-Request-ID": "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"}
    for program, body, status in (
        (gateway, question("alice"), 200),
        (gateway, {}, 400),
        (licenses, question("alice"), 403),
        (Program(house.app), question("alice"), 401),
    ):
        response = program.ask("POST", ONE, json=body, headers=named)
        assert (response.status_code, response.headers["X-Request-ID"]) == (status, named["X-Request-ID"])
    assert "X-Request-ID" not in gateway.post(ONE, question("alice")).headers


def test_the_configuration_names_addresses_that_answer(house: House, gateway: Program) -> None:
    found = Program(house.app).get("/.well-known/authzen-configuration").get_json()
    assert found == {
        "policy_decision_point": "http://localhost",
        "access_evaluation_endpoint": "http://localhost/access/v1/evaluation",
        "access_evaluations_endpoint": "http://localhost/access/v1/evaluations",
    }
    assert gateway.post(found["access_evaluation_endpoint"], question("alice")).status_code == 200
    assert gateway.post(found["access_evaluations_endpoint"], question("alice")).status_code == 200


def test_a_question_is_recorded_nowhere_and_answered_anew(house: House, gateway: Program) -> None:
    house.register(a_key())
    house.add("alice")
    key = {"Idempotency-Key": '"the same"'}
    assert gateway.ask("POST", ONE, json=question("alice"), headers=key).get_json()["decision"] is True
    house.do("delete_user", "alice")
    size = house.size()
    assert gateway.ask("POST", ONE, json=question("alice"), headers=key).get_json()["decision"] is False
    assert house.size() == size


@pytest.mark.sqlite_alone("the file is put aside, as a server cannot be; tests/faults stops servers")
def test_it_goes_on_while_the_database_is_away(house: House, gateway: Program) -> None:
    house.register(a_key())
    assert decision(gateway, question(ADMINISTRATOR)) == (True, "ok")
    with away(house):
        answer = gateway.post(ONE, question(ADMINISTRATOR)).get_json()
        assert (answer["decision"], "stale_since" in answer["context"]) == (True, True)
        house.licensing.views.of(house.id)._absence._known_at -= 3601
        assert_problem(gateway.post(ONE, question(ADMINISTRATOR)), 503, "database_away")
    is_back(house)
