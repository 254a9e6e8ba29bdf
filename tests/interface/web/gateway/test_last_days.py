"""POST /api/v1/last-seen: the gateway says who logged in, days alone."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House

LAST_SEEN = "/api/v1/last-seen"


def test_a_report_is_counted_and_the_same_again_changes_nothing(house: House, gateway: Program) -> None:
    house.add("ann", "ben")
    body = {"day": "2026-04-19", "login_names": ["ann", "BEN", "nobody"]}
    for _ in range(2):
        answer = gateway.post(LAST_SEEN, body)
        assert (answer.status_code, answer.get_json()) == (200, {"day": "2026-04-19", "known": 2, "unknown": 1})
    assert len(house.seatledger.last_days.days()) == 2
    assert gateway.post(LAST_SEEN, {"day": "2026-04-20", "login_names": []}).get_json()["known"] == 0


def test_with_an_idempotency_key_it_is_answered_alike_and_keeps_no_name(house: House, gateway: Program) -> None:
    house.add("ann")
    body = {"day": "2026-04-19", "login_names": ["ann"]}
    answers = [gateway.ask("POST", LAST_SEEN, json=body, headers={"Idempotency-Key": "1"}) for _ in range(2)]
    assert answers[0].data == answers[1].data
    [row] = house.sql("SELECT * FROM idempotency_keys")
    assert not any(isinstance(value, bytes | str) and "ann" in str(value) for value in row)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"login_names": ["ann"]}, 400, "malformed_request"),
        ({"day": "2026-04-19"}, 400, "malformed_request"),
        ({"day": "2026-04-19T08:00:00Z", "login_names": []}, 400, "malformed_request"),
        ({"day": "2026-02-30", "login_names": []}, 400, "malformed_request"),
        ({"day": 20260419, "login_names": []}, 400, "malformed_request"),
        ({"day": "2026-04-19", "login_names": "ann"}, 400, "malformed_request"),
        ({"day": "2026-04-19", "login_names": ["ann", None]}, 400, "malformed_request"),
        ({"day": "2026-04-19", "login_names": {}}, 400, "malformed_request"),
        ({"day": "2026-04-19", "login_names": ["ann"], "time": "08:00"}, 400, "malformed_request"),
        ({"day": "2026-04-21", "login_names": ["ann"]}, 400, "day_in_future"),
        ({"day": "2026-04-19", "login_names": ["ann"] * 1001}, 413, "too_many_names"),
        ({"day": "2026-04-19", "login_names": ["x" * 200] * 400}, 413, "request_too_large"),
    ],
)
def test_what_is_no_report_is_refused_and_nothing_is_noted(
    house: House, gateway: Program, body: dict[str, Any], status: int, code: str
) -> None:
    house.add("ann")
    assert_problem(gateway.post(LAST_SEEN, body), status, code)
    assert house.seatledger.last_days.days() == {}


def test_nobody_with_another_scope_reports(house: House, users: Program, auditing: Program) -> None:
    for program in (users, auditing):
        assert_problem(program.post(LAST_SEEN, {"day": "2026-04-19", "login_names": []}), 403, "scope_missing")
    assert house.sql("SELECT * FROM last_seen_days") == []


def test_no_audit_and_no_login_check_tells_when_somebody_was_there(
    house: House, gateway: Program, auditing: Program
) -> None:
    house.add("ann")
    before = gateway.check("ann")
    gateway.post(LAST_SEEN, {"day": "2026-04-19", "login_names": ["ann"]})
    assert gateway.check("ann") == before
    assert "2026-04-19" not in auditing.get("/api/v1/users").text + auditing.get("/api/v1/history").text
    stream = BytesIO()
    house.audit.export(house.id, stream, keyring=house.keyring)
    assert b"2026-04-19" not in stream.getvalue()
