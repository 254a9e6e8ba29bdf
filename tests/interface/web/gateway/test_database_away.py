"""While the database is away, login checks go on from the last view and say so; everything else is refused clearly."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event

import pytest

from application.views import absence
from tests.examples import a_key, a_period
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House

pytestmark = pytest.mark.sqlite_alone("the file is put aside, as a server cannot be; tests/faults stops servers")


@pytest.fixture(autouse=True)
def asking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absence, "ASK_AGAIN", 0.01)


@pytest.fixture
def served(house: House) -> House:
    house.register(a_key(license_period=a_period("2026-04-01", "2027-03-31")))
    house.add_user("alice")
    return house


@contextmanager
def away(house: House) -> Iterator[None]:
    """Something else stands where the database was; then it is put back."""
    kept = house.path.with_name("kept")
    kept.mkdir()
    for path in house.path.parent.glob(f"{house.path.name}*"):
        path.rename(kept / path.name)
    house.path.write_bytes(b"no database" * 1000)
    try:
        yield
    finally:
        for path in house.path.parent.glob(f"{house.path.name}*"):
            path.unlink()
        for path in kept.iterdir():
            path.rename(house.path.with_name(path.name))
        kept.rmdir()


def is_back(house: House) -> None:
    newest = house.licensing.views.of(house.id)
    for _ in range(2000):
        if not newest._absence.is_on:
            return
        Event().wait(0.01)
    raise AssertionError("it did not come back")


def test_login_checks_go_on_and_say_since_when_they_may_be_old(
    served: House, gateway: Program, caplog: pytest.LogCaptureFixture
) -> None:
    fresh = gateway.check("alice")
    assert fresh["decision"] == "admit"
    assert "stale_since" not in fresh
    with away(served):
        for _ in range(5):
            stale = gateway.check("alice")
            since = datetime.fromisoformat(stale.pop("stale_since"))
            assert abs((since - served.clock()).total_seconds()) < 60, "a moment of the installation's clock"
            assert stale == fresh
        assert gateway.check("nobody")["code"] == "unknown_user"
    is_back(served)
    served.do("delete_user", "alice")
    assert gateway.check("alice")["code"] == "user_deleted"
    assert "stale_since" not in gateway.check("alice")
    levels = [record.levelno for record in caplog.records if "database is" in record.getMessage()]
    assert levels == [logging.ERROR, logging.WARNING], "once when it goes, once when it is back"


def test_the_day_goes_on(served: House, gateway: Program) -> None:
    assert gateway.check("alice")["decision"] == "admit"
    with away(served):
        served.on("2027-04-01")
        assert gateway.check("alice")["code"] == "license_expired"
    is_back(served)


def test_everything_else_is_refused_and_changes_nothing(
    served: House, gateway: Program, users: Program, auditing: Program
) -> None:
    visitor = served.visitor("admin")
    assert gateway.check("alice")["decision"] == "admit"
    size = served.size()
    with away(served):
        gateway.check("alice")
        for answer in (
            users.get("/api/v1/users"),
            users.post("/api/v1/users", {"login_name": "bob"}),
            auditing.get("/api/v1/history"),
            auditing.get("/api/v1/login-check", login_name="alice", position=3),
        ):
            assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "database_away")
            assert "looks for it every second" in answer.get_json(force=True)["detail"]
        for path in ("/users", "/license", "/audit"):
            page = visitor.get(path)
            assert page.status_code == 503
            assert "database" in page.get_data(as_text=True)
        assert visitor.post("/users", login_name="bob").status_code == 503
    is_back(served)
    assert served.size() == size
    assert users.post("/api/v1/users", {"login_name": "bob"}).status_code == 201


def test_a_balancer_keeps_a_server_that_still_answers_logins(served: House, gateway: Program) -> None:
    gateway.check("alice")
    with away(served):
        gateway.check("alice")
        ready = Program(served.app).get("/readyz")
        assert (ready.status_code, ready.get_json().keys()) == (200, {"status", "stale_since"})
        served.licensing.views.of(served.id)._absence._known_at -= 3601
        refused = Program(served.app).get("/readyz")
        assert (refused.status_code, refused.get_json(force=True)["code"]) == (503, "database_away")
    is_back(served)
    assert Program(served.app).get("/readyz").get_json() == {"status": "ready"}


@pytest.mark.parametrize(("seconds", "age"), [(0, 0), (60, 61), (3600, 3601)])
def test_after_the_time_that_is_set_nobody_is_answered_from_what_is_old(
    served: House, gateway: Program, seconds: int, age: int
) -> None:
    served.licensing._stale_seconds = seconds
    gateway.check("alice")
    with away(served):
        answer = gateway.get("/api/v1/login-check", login_name="alice")
        if age:
            assert answer.status_code == 200
            served.licensing.views.of(served.id)._absence._known_at -= age
            answer = gateway.get("/api/v1/login-check", login_name="alice")
        assert (answer.status_code, answer.get_json(force=True)["code"]) == (503, "database_away")
        assert answer.headers["Retry-After"] == "5"
    is_back(served)
    assert gateway.check("alice")["decision"] == "admit"


def test_an_answer_may_be_as_old_as_is_set_and_says_so(served: House, gateway: Program) -> None:
    assert "max_age_ms" not in gateway.check("alice")
    served.licensing.max_age = 1.0  # as SEATLEDGER_MAX_AGE_MS=1000 does
    assert gateway.check("alice")["max_age_ms"] == 1000
    newest = served.licensing.views.of(served.id)
    looks: list[None] = []
    look = newest._look
    newest._look = lambda: (looks.append(None), look())[1]  # type: ignore[method-assign]
    newest._looked_at += 3600  # as if that look had begun just now, however slow this machine is
    for _ in range(5):
        gateway.check("alice")
    assert looks == []
    served.do("delete_user", "alice")
    assert gateway.check("alice")["code"] == "user_deleted", "what this very process recorded is seen at once"


def test_metrics_go_on_with_logins_and_end_with_them(served: House) -> None:
    prometheus = Program(served.app)
    served.checkpoint()
    served.clock.go_on(seconds=5)
    assert "\nseatledger_stale_seconds 0.0\n" in prometheus.get("/metrics").text
    with away(served):
        text = prometheus.get("/metrics").text
        assert "\nseatledger_users_in_use 2.0\n" in text
        assert "\nseatledger_checkpoint_age_seconds " not in text, "the database alone knows it"
        served.licensing._stale_seconds = 0
        assert_problem(prometheus.get("/metrics"), 503, "database_away")
    is_back(served)
