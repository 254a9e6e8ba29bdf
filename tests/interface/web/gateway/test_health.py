"""The health routes: short for everybody; a token of the scope audit is told what the self-checks found."""

from __future__ import annotations

from typing import Any

import pytest

from application import watched_views
from application.self_checks import SelfChecks, checks
from tests.examples import a_key
from tests.interface.web.gateway.programs import Program
from tests.interface.web.house import House

SHORT = {"status": "ready"}


def test_without_a_token_or_with_another_the_answer_is_short(house: House, gateway: Program) -> None:
    for program in (Program(house.app), gateway, Program(house.app, "slt_nonsense")):
        assert program.get("/readyz").get_json() == SHORT


def test_a_token_of_the_scope_audit_is_told_what_is_wrong(house: House, auditing: Program) -> None:
    assert auditing.get("/readyz").get_json() == {**SHORT, "findings": []}
    house.clock.go_on(minutes=-11)
    (finding,) = auditing.get("/readyz").get_json()["findings"]
    assert finding.keys() == {"code", "severity", "about", "message", "mend"}
    assert (finding["code"], finding["severity"], finding["about"]) == ("clock_behind", "alarm", "clock")


def test_a_check_that_fails_is_a_finding_and_not_an_error(auditing: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("no more files")

    monkeypatch.setattr(checks, "of_modes", broken)
    (finding,) = auditing.get("/readyz").get_json()["findings"]
    assert finding["code"] == "check_failed"
    assert "no more files" in finding["message"]


def test_no_self_check_is_on_a_login_checks_path(
    house: House, gateway: Program, auditing: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.register(a_key())
    gateway.check("admin")
    calls: list[str] = []

    def counted(where: Any, name: str) -> None:
        real = getattr(where, name)
        monkeypatch.setattr(where, name, lambda *given: (calls.append(name), real(*given))[1])

    for where, name in (
        (SelfChecks, "findings"),
        (checks, "of_modes"),
        (checks, "of_clock"),
        (watched_views, "verdict_of"),
    ):
        counted(where, name)
    for _ in range(5):
        gateway.check("admin")
        house.add_user(f"user {len(house.events())}")  # another view to catch up with
        gateway.check("nobody")
        Program(house.app).get("/readyz")
        Program(house.app).get("/livez")
    assert calls == []
    auditing.get("/readyz")
    assert set(calls) == {"findings", "of_modes", "of_clock", "verdict_of"}
