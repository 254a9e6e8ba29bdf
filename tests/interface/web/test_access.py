"""Every route against every kind of caller (TRUST.md, B7): a route without an entry here fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from domain.installation import SCOPES
from tests.examples import ADMINISTRATOR
from tests.interface.web.house import House, Visitor

NOBODY = frozenset[str]()
ADMINISTRATORS = frozenset(("administrator",))
SIGNED_IN = frozenset(("administrator", "auditor"))
CALLERS = (
    "nobody",
    "administrator",
    "auditor",
    "token: login-check",
    "token: license",
    "token: users",
    "token: administrators",
    "token: audit",
    "token: snapshot",
    "revoked token",
    "expired token",
    "deleted administrator",
    "demoted administrator",
    "deleted and restored administrator",
    "removed auditor",
    "expired session",
)
EVERYBODY = frozenset(CALLERS)


def tokens(*scopes: str) -> frozenset[str]:
    return frozenset(f"token: {scope}" for scope in scopes)


AFTER_A_PASSWORD: frozenset[str] = frozenset()
"""Whose password was right and whose code is asked next: test_second_factor.py."""

TABLE: dict[tuple[str, str], frozenset[str]] = {
    # Pages
    ("GET", "/static/<path:filename>"): EVERYBODY,
    ("GET", "/bootstrap/static/<path:filename>"): EVERYBODY,
    ("GET", "/dark.css"): EVERYBODY,
    ("GET", "/sign-in"): EVERYBODY,
    ("POST", "/sign-in"): EVERYBODY,
    ("GET", "/sign-in/code"): AFTER_A_PASSWORD,
    ("POST", "/sign-in/code"): EVERYBODY,
    ("GET", "/password"): EVERYBODY,
    ("POST", "/password"): EVERYBODY,
    ("POST", "/password/link"): EVERYBODY,
    ("GET", "/"): SIGNED_IN,
    ("GET", "/system-settings"): SIGNED_IN,
    ("GET", "/help"): SIGNED_IN,
    ("GET", "/license"): SIGNED_IN,
    ("POST", "/license"): ADMINISTRATORS,
    ("GET", "/license/keys"): SIGNED_IN,
    ("GET", "/license/preview"): SIGNED_IN,
    ("GET", "/license/renewal-request"): SIGNED_IN,
    ("POST", "/license/preview"): ADMINISTRATORS,
    ("GET", "/users"): SIGNED_IN,
    ("POST", "/users"): ADMINISTRATORS,
    ("GET", "/users/users.csv"): SIGNED_IN,
    ("GET", "/users/import"): SIGNED_IN,
    ("POST", "/users/import"): ADMINISTRATORS,
    ("POST", "/users/delete"): ADMINISTRATORS,
    ("POST", "/users/restore"): ADMINISTRATORS,
    ("POST", "/users/grant"): ADMINISTRATORS,
    ("POST", "/users/revoke"): ADMINISTRATORS,
    ("POST", "/users/link"): ADMINISTRATORS,
    ("POST", "/users/undo"): ADMINISTRATORS,
    ("POST", "/users/rename"): ADMINISTRATORS,
    ("POST", "/users/erase"): ADMINISTRATORS,
    ("GET", "/auditors"): SIGNED_IN,
    ("POST", "/auditors"): ADMINISTRATORS,
    ("POST", "/auditors/remove"): ADMINISTRATORS,
    ("POST", "/auditors/erase"): ADMINISTRATORS,
    ("POST", "/auditors/link"): ADMINISTRATORS,
    ("GET", "/tokens"): SIGNED_IN,
    ("POST", "/tokens"): ADMINISTRATORS,
    ("POST", "/tokens/replace"): ADMINISTRATORS,
    ("POST", "/tokens/revoke"): ADMINISTRATORS,
    ("GET", "/notifications"): SIGNED_IN,
    ("POST", "/notifications/webhooks"): ADMINISTRATORS,
    ("POST", "/notifications/mail/test"): ADMINISTRATORS,
    ("POST", "/notifications/webhooks/test"): ADMINISTRATORS,
    ("POST", "/notifications/webhooks/stop"): ADMINISTRATORS,
    ("POST", "/notifications/webhooks/resume"): ADMINISTRATORS,
    ("POST", "/notifications/webhooks/remove"): ADMINISTRATORS,
    ("GET", "/audit/history"): SIGNED_IN,
    ("GET", "/audit/license"): SIGNED_IN,
    ("GET", "/audit/users"): SIGNED_IN,
    ("GET", "/audit/overview"): SIGNED_IN,
    ("GET", "/audit/export"): SIGNED_IN,
    ("GET", "/audit/history.csv"): SIGNED_IN,
    ("GET", "/audit/names.csv"): SIGNED_IN,
    ("GET", "/audit/sign-ins"): SIGNED_IN,
    ("POST", "/audit/overview/checkpoint"): SIGNED_IN,
    ("GET", "/audit/overview/checkpoint"): SIGNED_IN,
    ("GET", "/own-password"): SIGNED_IN,
    ("POST", "/own-password"): SIGNED_IN,
    ("GET", "/own-language"): SIGNED_IN,
    ("POST", "/own-language"): SIGNED_IN,
    ("GET", "/second-factor"): SIGNED_IN,
    ("POST", "/second-factor/begin"): SIGNED_IN,
    ("POST", "/second-factor/confirm"): SIGNED_IN,
    ("POST", "/second-factor/off"): SIGNED_IN,
    ("GET", "/sign-ins"): SIGNED_IN,
    ("POST", "/sign-ins/end"): SIGNED_IN,
    ("GET", "/calendar"): SIGNED_IN,
    ("POST", "/calendar/make"): ADMINISTRATORS,
    ("POST", "/calendar/off"): ADMINISTRATORS,
    ("GET", "/calendar/<secret>.ics"): EVERYBODY,  # who knows no secret finds nothing there: test_calendar.py
    ("GET", "/api-reference"): SIGNED_IN,
    # The API
    ("GET", "/livez"): EVERYBODY,
    ("GET", "/readyz"): EVERYBODY,
    ("GET", "/api/v1/openapi.json"): EVERYBODY,
    ("GET", "/metrics"): EVERYBODY,  # from this very machine; of others test_metrics.py
    ("GET", "/forward-auth"): tokens("login-check"),
    ("POST", "/access/v1/evaluation"): tokens("login-check"),
    ("POST", "/access/v1/evaluations"): tokens("login-check"),
    ("GET", "/.well-known/authzen-configuration"): EVERYBODY,
    ("GET", "/api/v1/snapshot"): tokens("snapshot"),
    ("POST", "/api/v1/last-seen"): tokens("login-check"),
    ("GET", "/denied"): EVERYBODY,
    ("GET", "/denied.css"): EVERYBODY,
    ("GET", "/problems"): EVERYBODY,
    ("GET", "/problems/<code>"): EVERYBODY,
    ("GET", "/api/v1/login-check"): tokens("login-check", "audit"),
    ("GET", "/api/v1/license"): tokens("license", "audit"),
    ("GET", "/api/v1/license-keys"): tokens("license", "audit"),
    ("POST", "/api/v1/license-keys"): tokens("license"),
    ("POST", "/api/v1/license-keys/preview"): tokens("license"),
    ("GET", "/api/v1/license/covers"): tokens("license", "login-check", "audit"),
    ("GET", "/api/v1/users"): tokens("users", "audit"),
    ("POST", "/api/v1/users"): tokens("users"),
    ("GET", "/api/v1/users/<login_name>"): tokens("users", "audit"),
    ("DELETE", "/api/v1/users/<login_name>"): tokens("users"),
    ("POST", "/api/v1/users/<login_name>/restore"): tokens("users"),
    ("POST", "/api/v1/users/<login_name>/rename"): tokens("users"),
    ("POST", "/api/v1/users/<login_name>/erase"): tokens("users"),
    ("PUT", "/api/v1/users/<login_name>/administrator"): tokens("administrators"),
    ("DELETE", "/api/v1/users/<login_name>/administrator"): tokens("administrators"),
    ("GET", "/api/v1/history"): tokens("audit"),
    # Last, since it ends the session
    ("POST", "/sign-out"): EVERYBODY,
}

JUDGING = (("GET", "/denied"), ("POST", "/sign-in"), ("POST", "/sign-in/code"), ("POST", "/second-factor/confirm"))
"""What they refuse is a password or a code, or what a gateway refused, and not the caller."""

SIGN_OUT = ("POST", "/sign-out")
"""It leads to the sign-in screen because that is what it is for."""


@dataclass
class Caller:
    """A browser with its cookie, or a program with its token; the same at each request, whatever was answered."""

    visitor: Visitor
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str | None = None

    def ask(self, method: str, rule: str) -> TestResponse:
        client = self.visitor.client
        client.delete_cookie("seatledger")
        if self.cookie is not None:
            client.set_cookie("seatledger", self.cookie)
        path = rule.replace("<path:filename>", "nothing").replace("<login_name>", "nobody-of-this-name")
        path = path.replace("<code>", "busy")
        if path == "/forward-auth":
            about = {"X-Login-Name": ADMINISTRATOR}
            return client.get(f"{path}?for=admin", headers={**self.headers, **about})
        if method == "GET" or self.headers:
            return client.open(path, method=method, headers=self.headers)
        return self.visitor.post(path, new_password="differs") if method == "POST" else client.open(path, method=method)


def browser(house: House, name: str | None) -> Caller:
    visitor = house.visitor(name)
    if name is None:
        visitor.get("/sign-in")
    cookie = visitor.client.get_cookie("seatledger")
    assert cookie is not None
    return Caller(visitor, cookie=cookie.value)


def program(house: House, token: str) -> Caller:
    return Caller(house.visitor(), headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def callers(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[dict[str, Caller]]:
    house = House(Path(tmp_path_factory.mktemp("access")))
    expired_token = house.do("create_token", "Example", ["users", "audit"], expires_after=1)
    expired_session = browser(house, ADMINISTRATOR)
    house.clock.go_on(days=2)

    for name in ("deleted", "demoted", "restored"):
        house.add_user(name, administrator=True)
    house.add_auditor()
    house.add_auditor("removed")
    found = {
        "nobody": browser(house, None),
        "administrator": browser(house, ADMINISTRATOR),
        "auditor": browser(house, "auditor"),
        "deleted administrator": browser(house, "deleted"),
        "demoted administrator": browser(house, "demoted"),
        "deleted and restored administrator": browser(house, "restored"),
        "removed auditor": browser(house, "removed"),
        "expired session": expired_session,
        "expired token": program(house, expired_token.text),
    }
    for scope in SCOPES:
        found[f"token: {scope}"] = program(house, house.token(scope))
    revoked = house.do("create_token", "Example", ["users", "audit"])
    found["revoked token"] = program(house, revoked.text)

    house.do("revoke_token", revoked.token_id)
    for name in ("deleted", "restored"):
        house.do("delete_user", name)
    house.do("restore_user", "restored")
    house.do("grant_administrator", "restored")
    house.do("revoke_administrator", "demoted")
    house.do("remove_auditor", "removed")
    yield found
    house.close()


def test_every_route_has_an_entry_and_every_entry_a_route(house: House) -> None:
    routes = {
        (method, rule.rule)
        for rule in house.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == set(TABLE)


@pytest.mark.parametrize("name", CALLERS)
def test_each_caller_gets_in_exactly_where_the_table_says(callers: dict[str, Caller], name: str) -> None:
    caller = callers[name]
    got_in = {route for route in TABLE if _is_in(route, caller.ask(*route))}
    assert got_in == {route for route, allowed in TABLE.items() if name in allowed}


@pytest.mark.parametrize("name", ["auditor", "administrator"])
def test_a_cookie_means_nothing_to_the_api(callers: dict[str, Caller], name: str) -> None:
    assert callers[name].ask("GET", "/api/v1/users").status_code == 401


def test_a_token_means_nothing_to_the_pages(callers: dict[str, Caller]) -> None:
    answer = callers["token: audit"].ask("GET", "/license")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/license")


def test_an_auditor_is_told_why_a_change_is_refused(house: House) -> None:
    house.add_auditor()
    answer = house.visitor("auditor").post("/users/delete", login_name=ADMINISTRATOR)
    assert answer.status_code == 403
    assert "Auditors read everything and change nothing" in answer.text


def _is_in(route: tuple[str, str], answer: TestResponse) -> bool:
    assert answer.status_code < 500, (route, answer.text)
    was_sent_away = answer.status_code == 303 and answer.headers["Location"].partition("?")[0] == "/sign-in"
    was_refused = answer.status_code in (401, 403) and route not in JUDGING
    return not was_refused and (not was_sent_away or route == SIGN_OUT)
