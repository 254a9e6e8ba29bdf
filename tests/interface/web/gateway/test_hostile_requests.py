"""Requests that no honest program sends: each is refused with its code, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.examples import a_key
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House

USERS, KEYS = "/api/v1/users", "/api/v1/license-keys"


@pytest.fixture(autouse=True)
def _nothing_changes(shared_house: House) -> Iterator[None]:
    before = shared_house.view.position
    yield
    assert shared_house.view.position == before


DEEP = 20_000
BODIES = {
    "nothing": b"",
    "blanks": b" \n\t",
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a text": b'"alice"',
    "a list": b'[{"login_name": "alice"}]',
    "no members": b"{}",
    "half": b'{"login_name": "al',
    "two values": b'{"login_name": "alice"}{"login_name": "bob"}',
    "something after it": b'{"login_name": "alice"} x',
    "a comma too many": b'{"login_name": "alice",}',
    "single quotes": b"{'login_name': 'alice'}",
    "a comment": b'{"login_name": "alice" /* */}',
    "a member twice": b'{"login_name": "alice", "login_name": "bob"}',
    "a member twice, spelled differently": b'{"login_name": "alice", "login\\u005fname": "bob"}',
    "an unknown member": b'{"login_name": "alice", "user_id": "x"}',
    "a misspelled member": b'{"login_name": "alice", "adminstrator": true}',
    "__proto__": b'{"login_name": "alice", "__proto__": {"administrator": true}}',
    "an empty name of a member": b'{"login_name": "alice", "": 1}',
    "a lone surrogate in a name": b'{"login_name": "alice", "\\ud800": 1}',
    "upper case": b'{"LOGIN_NAME": "alice"}',
    "name null": b'{"login_name": null}',
    "name number": b'{"login_name": 5}',
    "name true": b'{"login_name": true}',
    "name list": b'{"login_name": ["alice"]}',
    "name object": b'{"login_name": {"$ne": ""}}',
    "administrator 1": b'{"login_name": "alice", "administrator": 1}',
    "administrator 0": b'{"login_name": "alice", "administrator": 0}',
    "administrator text": b'{"login_name": "alice", "administrator": "true"}',
    "administrator null": b'{"login_name": "alice", "administrator": null}',
    "administrator list": b'{"login_name": "alice", "administrator": []}',
    "NaN": b'{"login_name": NaN}',
    "Infinity": b'{"login_name": -Infinity}',
    "a float": b'{"login_name": 1.5}',
    "1e400": b'{"login_name": 1e400}',
    "5,000 digits": b'{"login_name": ' + b"9" * 5000 + b"}",
    "nested lists": b'{"login_name": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "nested objects": b'{"a":' * (DEEP // 4) + b"1" + b"}" * (DEEP // 4),
    "lists without end": b"[" * (3 * DEEP),
    "a byte order mark": b'\xef\xbb\xbf{"login_name": "alice"}',
    "UTF-16": '{"login_name": "alice"}'.encode("utf-16"),
    "UTF-32": '{"login_name": "alice"}'.encode("utf-32"),
    "Latin-1": '{"login_name": "Zoë"}'.encode("latin-1"),
    "an overlong form": b'{"login_name": "\xc0\x80"}',
    "a surrogate in UTF-8": b'{"login_name": "\xed\xa0\x80"}',
    "a raw NUL": b'{"login_name": "a\x00b"}',
    "a raw line break": b'{"login_name": "a\nb"}',
    "NULs": b"\x00" * 100,
    "a form": b"login_name=alice&administrator=true",
    "multipart": b'--x\r\nContent-Disposition: form-data; name="login_name"\r\n\r\nalice\r\n--x--\r\n',
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\xca\xc9\x4f\xcf\xcc\x8b\xcf\x4b\xcc\x4d\x55\xb2",
}


@pytest.mark.parametrize("how", BODIES)
def test_a_body_that_is_not_ours_is_refused(anything: Program, how: str) -> None:
    response = anything.ask("POST", USERS, data=BODIES[how], content_type="application/json")
    assert_problem(response, 400, "malformed_request")


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/jsonp", "application/json, text/plain", "application/problem+json", "application", "*/*", "\x00"],
)  # fmt: skip
def test_a_body_that_does_not_say_that_it_is_json_is_refused(anything: Program, content_type: str) -> None:
    response = anything.ask("POST", USERS, data=b'{"login_name": "alice"}', content_type=content_type)
    assert_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;"])
def test_json_by_any_spelling_is_read(anything: Program, content_type: str) -> None:
    response = anything.ask("POST", USERS, data=b'{"login_name": "a/b"}', content_type=content_type)
    assert_problem(response, 400, "login_name_invalid")


NAMES = {
    "a lone high surrogate": "\\ud83d",
    "a lone low surrogate": "\\ude00",
    "surrogates the wrong way round": "\\ude00\\ud83d",
    "NUL": "a\\u0000b",
    "a line break": "a\\nb",
    "right to left": "\\u202ealice",
    "a zero-width space": "al\\u200bice",
    "a line separator": "al\\u2028ice",
    "private use": "\\ue000",
    "not assigned": "\\u0378",
    "a slash": "a/b",
    "a fullwidth slash": "a\\uff0fb",
    "dots": "..",
    "a one-dot leader": "\\u2024",
    "only blanks": " \\u3000\\u00a0",
    "too long": "x" * 201,
    "60,000 characters": "x" * 60_000,
    "combining marks in the worst order": "\\u0301\\u0316" * 5_000,
    "grown by normalizing": "\\ufdfa" * 200,
}


@pytest.mark.parametrize("how", NAMES)
def test_a_hostile_login_name_is_refused_by_the_rule(anything: Program, how: str) -> None:
    body = f'{{"login_name": "{NAMES[how]}"}}'.encode()
    assert_problem(anything.ask("POST", USERS, data=body, content_type="application/json"), 400, "login_name_invalid")


@pytest.mark.parametrize("how", NAMES)
def test_a_hostile_login_name_is_nobodys_at_a_login(anything: Program, how: str) -> None:
    name = json.loads(f'"{NAMES[how]}"')
    if any("\ud800" <= character <= "\udfff" for character in name):
        response = anything.ask("GET", "/api/v1/login-check?login_name=%ED%A0%BD")
        assert_problem(response, 400, "malformed_request")
    else:
        assert anything.check(name)["code"] == "unknown_user"


QUERIES = [
    "%", "&", "=", "=x", "x", "x=", "login_name=alice&", "login_name=alice&&", "&login_name=alice", "login_name==&=",
    "login_name=alice;release_date=2026-10-01&x=1", "login_name%3Dalice", "login%5Fname=alice", "LOGIN_NAME=alice",
    "login_name[]=alice", "login_name=%C0%AE", "login_name=%F5%80%80%80", "login_name=%80", "login_name=a%ffb",
    "login_name=alice&as_of=", "login_name=alice&token=x", "x=1&" * 5_000, "login_name=a&" * 5_000,
    "login_name=alice&position=NaN", "login_name=alice&position=1&as_of=2026-04-20T09:00:00Z",
    "login_name=\xe9", "login_name=\xc3\xa9",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ascii(query[:30]))
def test_a_hostile_query_is_refused(anything: Program, query: str) -> None:
    response = anything.ask("GET", "/api/v1/login-check", environ_overrides={"QUERY_STRING": query})
    assert_problem(response, 400, "malformed_request")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/license"), ("POST", KEYS), ("POST", USERS), ("DELETE", f"{USERS}/admin"),
     ("POST", f"{USERS}/admin/restore"), ("PUT", f"{USERS}/admin/administrator"),
     ("DELETE", f"{USERS}/admin/administrator")],
)  # fmt: skip
def test_a_query_where_none_is_taken_is_refused(anything: Program, method: str, path: str) -> None:
    """A program that believes in `?dry_run=true` must not find out the other way."""
    response = anything.ask(method, f"{path}?dry_run=true", json={"license_key": a_key()})
    assert "dry_run" in assert_problem(response, 400, "malformed_request")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Original-URL", "/users"),
        ("X-Rewrite-URL", "/users"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Prefix", "/evil"),
        ("X-Forwarded-For", "' OR 1=1 --"),
        ("Content-Encoding", "gzip"),
        ("Accept", "text/html"),
        ("Accept-Encoding", "br;q=NaN"),
        ("Cookie", "seatledger=; " * 500),
        ("If-Match", '"x"'),
        ("Range", "bytes=0-0"),
        ("Expect", "200-maybe"),
        ("Origin", "https://evil.example"),
    ],
)
def test_a_header_that_means_nothing_here_changes_no_answer(anything: Program, header: str, value: str) -> None:
    plain = anything.get("/api/v1/license")
    answered = anything.ask("GET", "/api/v1/license", headers={header: value})
    assert (answered.status_code, answered.data, answered.headers) == (200, plain.data, plain.headers)
    assert "Access-Control-Allow-Origin" not in answered.headers


def test_a_license_key_with_a_lone_surrogate_is_refused_like_any_other_text(house: House, licenses: Program) -> None:
    key = a_key().encode()
    body = b'{"license_key": "' + key[:9] + b"\\ud800" + key[9:] + b'"}'
    response = licenses.ask("POST", KEYS, data=body, content_type="application/json")
    assert_problem(response, 422, "malformed")
    assert house.events()[-1] == "LicenseKeyRefused"
