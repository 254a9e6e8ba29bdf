"""A route's declaration is the truth: of what its view takes, of what its path holds, and of what it answers (H18)."""

from __future__ import annotations

import inspect
import re

import pytest
from openapi_schema_validator import OAS31Validator

from interface.web.gateway import OPENAPI, ROUTES
from interface.web.gateway.route import Route
from tests.examples import a_key
from tests.interface.web.gateway.programs import Program

EVALUATION = {
    "subject": {"type": "user", "id": "admin"},
    "action": {"name": "login"},
    "resource": {"type": "admin-screen", "id": "admin-screen"},
}

BODIES = {
    "/api/v1/license-keys": {"license_key": a_key()},
    "/api/v1/license-keys/preview": {"license_key": a_key()},
    "/api/v1/users": {"login_name": "ann", "administrator": True},
    "/api/v1/last-seen": {"day": "2026-04-19", "login_names": ["admin", "nobody"]},
    "/access/v1/evaluation": EVALUATION,
    "/access/v1/evaluations": {**EVALUATION, "evaluations": [{}]},
    "/api/v1/users/<login_name>/rename": {"login_name": "somebody else"},
    "/api/v1/users/<login_name>/erase": {"free_name": True},
}
"""A body that is taken, for each route that takes one."""

QUERIES = {"/api/v1/login-check": "?login_name=admin", "/api/v1/license/covers": "?release_date=2026-05-01"}
"""What a route must be asked, where it must be asked something."""


def arguments_of(route: Route) -> list[str]:
    """The names of everything that the declaration hands to the view, besides who asks."""
    path = re.findall(r"<(\w+)>", route.path)
    query = [parameter.argument for parameter in route.query.parameters] if route.query else []
    body = [member.argument for member in route.body.members] if route.body else []
    headers = [header.argument for header in route.headers]
    return [*path, *query, *headers, *body]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.endpoint)
def test_a_view_takes_what_its_route_declares_and_nothing_else(route: Route) -> None:
    _, *taken = inspect.signature(route.view).parameters
    assert sorted(taken) == sorted(arguments_of(route))


def test_every_endpoint_is_one_route() -> None:
    assert len({route.endpoint for route in ROUTES}) == len({(route.method, route.path) for route in ROUTES})


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.endpoint)
def test_a_route_answers_with_what_it_declares(route: Route, anything: Program) -> None:
    name = "admin" if route.method == "PUT" else route.endpoint
    path = route.path.replace("<login_name>", name)
    if "<login_name>" in route.path and route.method != "PUT":
        anything.post("/api/v1/users", {"login_name": name})
    if path.endswith("/erase"):
        anything.delete(f"/api/v1/users/{name}")
    query = QUERIES.get(path, "")
    body = BODIES.get(route.path) if route.method == "POST" else None
    headers = {"X-Login-Name": "admin"} if path == "/forward-auth" else {}
    response = anything.ask(route.method, path + query, headers=headers, **({"json": body} if body else {}))
    assert response.status_code in route.answer.statuses, response.text
    assert tuple(response.get_json()) == route.answer.members
    operation = OPENAPI["paths"][re.sub(r"<(\w+)>", r"{\1}", route.path)][route.method.lower()]
    declared = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
    OAS31Validator(declared).validate(response.get_json())


@pytest.mark.parametrize("route", [r for r in ROUTES if r.query is not None], ids=lambda route: route.endpoint)
def test_what_is_not_declared_is_refused(route: Route, anything: Program) -> None:
    path = route.path.replace("<login_name>", "admin")
    refused = anything.ask(route.method, f"{path}?misspelled=1", **({"json": BODIES[route.path]} if route.body else {}))
    assert (refused.status_code, refused.get_json()["code"]) == (400, "malformed_request")
    if route.body:
        refused = anything.post(path, {**BODIES[route.path], "misspelled": 1})
        assert "misspelled" in refused.get_json()["detail"]
