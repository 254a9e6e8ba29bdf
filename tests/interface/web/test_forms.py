"""C-14: a form or a query whose bytes are no text is refused, and never taken for another text."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.interface.web.house import ADMINISTRATOR, House, Visitor, text_of

NOT_UTF8 = [
    *("gr%FC%DFe", "%FF", "%C3", "a%C3%28", "%ED%A0%80", "%C0%AF", "%F8%88%80%80%80", "%E4%BD", "%80abc", "%FE%FF%00a"),
    "%93quoted%94",
]
NO_ESCAPES = ["%zz", "%", "100%", "%4", "%%41", "a%2", "%G0", "%u00fc", "50%+off", "%-1", "% 41"]
TEXTS = ["gr%C3%BC%C3%9Fe", "a+b", "100%25", "%E5%B1%B1%E7%94%B0", "%F0%9F%98%80", "%EF%BF%BDx"]
RAW = [b"gr\xfc\xdfe", b"\xff\xfea\x00", b"caf\xe9", "山田".encode("shift_jis")]


@pytest.fixture(scope="module")
def signed_in(shared_house: House) -> Visitor:
    return shared_house.visitor(ADMINISTRATOR)


def send(visitor: Visitor, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> TestResponse:
    visitor.get("/users")
    whole = f"csrf_token={visitor._csrf}&".encode() + body if kind.endswith("urlencoded") else body
    return visitor.client.post(path, data=whole, content_type=kind)


def assert_refused(answer: TestResponse, said: str) -> None:
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert "Status 400, code malformed_request" in text_of(answer)


@pytest.mark.parametrize("name", NOT_UTF8)
@pytest.mark.parametrize(
    ("path", "field"), [("/users", "login_name"), ("/auditors", "name"), ("/users/delete", "login_name")]
)
def test_c14_a_form_that_is_not_utf8_changes_nothing(
    shared_house: House, signed_in: Visitor, path: str, field: str, name: str
) -> None:
    before = shared_house.view.position
    assert_refused(send(signed_in, path, f"{field}={name}".encode()), "its form is not UTF-8")
    assert shared_house.view.position == before


@pytest.mark.parametrize("name", NO_ESCAPES)
@pytest.mark.parametrize("where", ["{name}", "before{name}", "{name}&other=1"])
def test_c14_an_escape_that_is_none_changes_nothing(
    shared_house: House, signed_in: Visitor, where: str, name: str
) -> None:
    before = shared_house.view.position
    answer = send(signed_in, "/users", f"login_name={where.format(name=name)}".encode())
    assert_refused(answer, "a percent sign is not followed by two hexadecimal digits")
    assert shared_house.view.position == before


@pytest.mark.parametrize("field", [b"%zz=1", b"%FF=1", b"\xff=1"])
def test_c14_nor_in_the_name_of_a_field(signed_in: Visitor, field: bytes) -> None:
    assert send(signed_in, "/users", b"login_name=x&" + field).status_code == 400


@pytest.mark.parametrize("name", RAW, ids=ascii)
def test_c14_raw_bytes_and_parts_of_a_form_alike(shared_house: House, signed_in: Visitor, name: bytes) -> None:
    before = shared_house.view.position
    assert_refused(send(signed_in, "/users", b"login_name=" + name), "its form is not UTF-8")
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    signed_in.get("/users")
    parts = part % (b"csrf_token", signed_in._csrf.encode()) + part % (b"login_name", name) + b"--x--\r\n"
    assert_refused(send(signed_in, "/users", parts, "multipart/form-data; boundary=x"), "its form is not UTF-8")
    assert shared_house.view.position == before


@pytest.mark.parametrize("text", TEXTS)
def test_texts_in_utf8_are_taken(house: House, text: str) -> None:
    visitor = house.visitor(ADMINISTRATOR)
    assert send(visitor, "/users", f"login_name={text}".encode()).status_code == 303
    assert house.view.in_use == 2
    assert visitor.get(f"/users?search={text}").status_code == 200


def test_parts_in_utf8_are_taken(house: House) -> None:
    visitor = house.visitor(ADMINISTRATOR)
    fields = {"csrf_token": visitor._csrf, "login_name": "gr\u00fc\u00dfe\N{REPLACEMENT CHARACTER}"}
    answer = visitor.client.post("/users", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/password"])
def test_c14_people_who_are_not_signed_in_are_told_too(shared_house: House, path: str) -> None:
    visitor = shared_house.visitor()
    for text in ("gr%FC%DFe", "%zz"):
        visitor.get("/sign-in")
        body = f"csrf_token={visitor._csrf}&login_name={text}&password=x&new_password=x"
        assert (
            visitor.client.post(path, data=body.encode(), content_type="application/x-www-form-urlencoded").status_code
            == 400
        )


@pytest.mark.parametrize("text", [*NOT_UTF8, *NO_ESCAPES])
@pytest.mark.parametrize(
    "path", ["/users?search={}", "/audit/history?login_name={}", "/sign-in?login_name={}", "/license?x={}"]
)
def test_c14_a_query_is_looked_at_alike(signed_in: Visitor, path: str, text: str) -> None:
    place, _, query = path.format(text).partition("?")
    answer = signed_in.client.get(place, environ_overrides={"QUERY_STRING": query})
    assert_refused(answer, "its address is not UTF-8" if text in NOT_UTF8 else "in its address, a percent sign")


@pytest.mark.parametrize("text", [*NOT_UTF8, *NO_ESCAPES])
@pytest.mark.parametrize(
    "path", ["/api/v1/login-check?login_name={}", "/api/v1/users?search={}", "/api/v1/history?by={}"]
)
def test_c14_programs_get_a_problem_document(shared_house: House, path: str, text: str) -> None:
    place, _, query = path.format(text).partition("?")
    token = shared_house.token("audit")
    answer = shared_house.app.test_client().get(
        place, environ_overrides={"QUERY_STRING": query}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["code"] == "malformed_request"
