"""Every error of the API is a problem document, whoever found it: our rules, Flask, the database."""

from __future__ import annotations

from typing import Any

import pytest

from application.log.failures import Busy, LogUnreadable, StorageFailed
from interface.web.gateway import ROUTES
from tests.database import DAMAGE
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House

USERS = "/api/v1/users"


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/v1", "/api/v1/", "/api/v2/license", "/api/v1/users/", "/api/v1//users", "/api/v1/users//restore",
     "/api/v1/users/a/b/restore", "/api/v1/users/alice/administrators", "/api/v1/License", "/api/v1/license/",
     "/api/v1/../../etc/passwd", "/api/v1/license%00", "/api/%FF", "/api/v1/users/a%2Fb/restore"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_address_that_is_none_is_not_found(anything: Program, method: str, path: str) -> None:
    assert_problem(anything.ask(method, path), 404, "not_found")


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", sorted({route.path.replace("<login_name>", "alice") for route in ROUTES}))
def test_a_method_that_no_route_has_is_answered_with_those_it_has(anything: Program, method: str, path: str) -> None:
    response = anything.ask(method, path)
    assert_problem(response, 405, "method_not_allowed")
    allowed = {route.method for route in ROUTES if route.path.replace("<login_name>", "alice") == path}
    assert set(response.headers["Allow"].split(", ")) - {"HEAD"} == allowed


def test_head_answers_like_get_without_a_body(anything: Program) -> None:
    response = anything.ask("HEAD", "/api/v1/license")
    assert (response.status_code, response.data) == (200, b"")
    assert int(response.headers["Content-Length"]) > 100


def test_pages_keep_their_own_errors(house: House) -> None:
    response = house.app.test_client().get("/no-such-page")
    assert response.mimetype == "text/html"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1@evil.example", ""])
def test_a_host_that_is_not_trusted_is_told_so(anything: Program, host: str) -> None:
    for path in ("/api/v1/license", "/api/v1/no-such", "/readyz"):
        response = anything.ask("GET", path, headers={"Host": host})
        assert "SEATLEDGER_TRUSTED_HOSTS" in assert_problem(response, 400, "untrusted_host")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(anything: Program) -> None:
    body = b'{"login_name": "' + b"x" * 70_000 + b'"}'
    response = anything.ask("POST", USERS, data=body, content_type="application/json")
    assert "64 KiB" in assert_problem(response, 413, "request_too_large")


@pytest.mark.parametrize(
    ("error", "code"), [(Busy(), "busy"), (StorageFailed(reason="database or disk is full"), "storage_failed")]
)
def test_a_write_that_failed_may_be_tried_again(
    house: House, users: Program, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(house.licensing, "add_user", fail)
    response = users.post(USERS, {"login_name": "dave"})
    assert "Nothing was changed" in assert_problem(response, 503, code)
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LogUnreadable(4, "it has the topic 'os:system', which this version does not know"), "log_unreadable"),
        (DAMAGE, "storage_failed"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/login-check?login_name=admin", "/readyz"])
def test_a_database_that_cannot_be_read_is_a_problem_with_its_reason_in_the_log_alone(
    house: House,
    gateway: Program,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    code: str,
    path: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(house.licensing, "last_known", fail)
    response = gateway.ask("GET", path)
    assert str(error) not in assert_problem(response, 503, code)
    assert str(error) in caplog.text


def test_a_log_that_was_altered_is_found_when_it_is_read(house: House, gateway: Program) -> None:
    house.sql(
        "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?, ?, ?, ?)",
        *(house.id.hex, house.view.position + 1, "os:system", b"{}"),
    )
    assert_problem(gateway.get("/api/v1/login-check", login_name="admin"), 503, "log_unreadable")
    assert_problem(gateway.get("/readyz"), 503, "log_unreadable")
    assert gateway.get("/livez").status_code == 200


def test_a_bug_is_a_problem_too_and_tells_nothing(
    house: House, gateway: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret of the program's inside")

    monkeypatch.setattr(house.licensing, "last_known", fail)
    response = gateway.get("/api/v1/login-check", login_name="confidential")
    assert "secret" not in assert_problem(response, 500, "internal_error")
    assert "a secret of the program's inside" in caplog.text
    assert "confidential" not in caplog.text


def test_a_ready_process_says_so(house: House) -> None:
    program = Program(house.app)
    assert program.get("/livez").get_json() == {"status": "alive"}
    assert program.get("/readyz").get_json() == {"status": "ready"}


def test_before_an_installation_is_opened_nothing_is_ready(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.licensing, "installation_ids", list)
    house.seatledger.__dict__.pop("installation_id", None)
    program = Program(house.app, "anything")
    for path in ("/readyz", "/api/v1/license"):
        assert "seatledger init" in assert_problem(program.get(path), 503, "not_initialized")
    assert program.get("/livez").status_code == 200


@pytest.mark.sqlite_alone("its file; of servers that are away, tests/faults")
def test_a_database_that_has_gone_is_not_ready(house: House, gateway: Program) -> None:
    assert gateway.get("/readyz").status_code == 200
    path = house.path
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    assert_problem(gateway.get("/readyz"), 503, "storage_failed")
