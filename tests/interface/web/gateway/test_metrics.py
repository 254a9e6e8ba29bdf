"""What Prometheus reads: as its own client library parses it, and as the view and the log say it."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from application.user_import import ImportLine
from application.views import history
from interface import metrics
from tests.examples import a_key, a_period
from tests.interface.web.gateway.programs import Program, assert_problem
from tests.interface.web.house import House

Values = dict[tuple[str, tuple[str, ...]], float]


def told(program: Program, **headers: str) -> Values:
    response = program.ask("GET", "/metrics", headers=headers)
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8", response.text
    families = text_string_to_metric_families(response.text)
    return {
        (sample.name, tuple(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }


def of(values: Values, name: str, *labels: str) -> float | None:
    return values.get((f"seatledger_{name}", labels))


def test_the_numbers_are_those_of_the_license(house: House, licenses: Program) -> None:
    before = told(Program(house.app))
    assert (of(before, "licenses_valid"), of(before, "users_in_use")) == (0, 1)
    assert of(before, "license_days_left") is None
    house.register(a_key())
    after, answer = told(Program(house.app)), licenses.get("/api/v1/license").get_json()
    license_ = answer["license"]
    assert of(after, "licenses_valid") == license_["valid"]
    assert of(after, "users_in_use") == license_["in_use"]
    assert of(after, "license_days_left") == license_["license_period"]["days_left"]
    assert of(after, "maintenance_days_left") == license_["maintenance_period"]["days_left"]
    assert of(after, "history_position") == answer["position"]
    assert of(after, "stale_seconds") == 0


def test_k11_warnings_stand_by_code_and_stage_while_they_stand(house: House) -> None:
    def warned() -> dict[tuple[str, ...], float]:
        return {labels: n for (name, labels), n in told(Program(house.app)).items() if name == "seatledger_warning"}

    assert warned() == {("no_license", ""): 1}
    house.register(a_key(licenses=1, license_period=a_period("2026-04-01", "2026-05-20"), maintenance_period=None))
    assert warned() == {("nearly_full", "100"): 1, ("license_ends_soon", "30"): 1}
    house.register(a_key(licenses=2, license_period=a_period("2026-04-01", "2027-03-31"), maintenance_period=None))
    assert warned() == {}


def test_each_decision_is_counted_by_its_code(house: House, gateway: Program) -> None:
    house.add_user("alice")
    for name in ("alice", "alice", "nobody", "admin"):
        gateway.check(name)
    house.register(a_key())
    gateway.check("alice")
    counted = {labels: value for (name, labels), value in told(gateway).items() if name.endswith("login_checks_total")}
    assert counted == {
        ("no_license", "refuse"): 2,
        ("unknown_user", "refuse"): 1,
        ("no_license", "admin_only"): 1,
        ("ok", "admit"): 1,
    }


def test_questions_about_the_past_are_no_logins(house: House, auditing: Program) -> None:
    auditing.check("admin", position="2")
    assert not [name for name, _ in told(auditing) if name.endswith("login_checks_total")]


def test_it_says_why_in_use_rose_since_the_server_was_started(
    house: House, users: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "A_PAGE", 2)
    house.clock.go_on(seconds=1)
    users.post("/api/v1/users", {"login_name": "alice"})
    users.delete("/api/v1/users/alice")
    users.post("/api/v1/users/alice/restore")
    lines = [ImportLine(number, f"user-{number}") for number in range(3)]
    house.licensing.import_users(house.id, lines, by="cli:tester")
    for _ in range(2):  # and the second time no event is counted again
        values = told(Program(house.app))
        assert of(values, "in_use_rises_total", "token", "added") == 1
        assert of(values, "in_use_rises_total", "token", "restored") == 1
        assert of(values, "in_use_rises_total", "command_line", "imported") == 3
    taken = sum(value for (name, _), value in values.items() if name == "seatledger_in_use_rises_total")
    assert (taken, of(values, "users_in_use")) == (5, 5), "one was deleted meanwhile, and the first was there before"
    assert history.Filter(events=("UserAdded", "UserRestored")) == metrics.TAKING


def test_the_age_of_the_newest_checkpoint(house: House, gateway: Program) -> None:
    assert of(told(gateway), "checkpoint_age_seconds") is None
    house.checkpoint()
    house.clock.go_on(minutes=10)
    assert of(told(gateway), "checkpoint_age_seconds") == 600


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_whoever_comes_through_a_proxy_needs_a_token(house: House, gateway: Program, header: str) -> None:
    nobody = Program(house.app)
    assert_problem(nobody.ask("GET", "/metrics", headers={header: "for=192.0.2.1"}), 401, "token_missing")
    assert told(gateway, **{header: "for=192.0.2.1"})


@pytest.mark.parametrize(
    ("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 401), ("10.0.0.1", 401)]
)
def test_whoever_is_elsewhere_needs_a_token(house: House, address: str, status: int) -> None:
    asked: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": address}}
    assert Program(house.app).ask("GET", "/metrics", **asked).status_code == status


def test_a_token_that_may_not_is_refused(house: House) -> None:
    elsewhere = {"X-Forwarded-For": "192.0.2.1"}
    for token, status, code in (("slt_nonsense", 401, "token_invalid"), (house.token("users"), 403, "scope_missing")):
        assert_problem(Program(house.app, token).ask("GET", "/metrics", headers=elsewhere), status, code)
