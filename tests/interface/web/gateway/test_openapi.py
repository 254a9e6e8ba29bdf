"""The OpenAPI document: it is one, it changes only on purpose, and the API keeps what it says (B5)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from domain.installation import SCOPES
from interface.web.gateway import OPENAPI, ROUTES
from interface.web.gateway.answer_schemas import MEMBERS, OPTIONAL, OTHERWISE
from interface.web.gateway.openapi import SUMMARIES
from tests.interface.web.gateway.programs import Program
from tests.interface.web.house import House

PUBLISHED = Path(__file__).parents[4] / "docs" / "openapi.json"

EXAMPLES = 10

KEPT = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
"""Whatever it is asked: no error of our own, and an answer or a problem as the document says."""


def test_it_is_an_openapi_document() -> None:
    validate(OPENAPI)


def test_it_is_served_as_it_is_published(house: House) -> None:
    """`python -m tests.publish_openapi` writes docs/openapi.json anew, for a change that is meant."""
    assert Program(house.app).get("/api/v1/openapi.json").get_json() == OPENAPI
    assert json.loads(PUBLISHED.read_text()) == OPENAPI


def test_nothing_is_described_that_is_not_there() -> None:
    endpoints = {route.endpoint for route in ROUTES}
    assert endpoints == SUMMARIES.keys()
    assert endpoints >= OPTIONAL.keys() | OTHERWISE.keys()
    assert {member for route in ROUTES for member in route.answer.members} == MEMBERS.keys()


@pytest.fixture(scope="module")
def asked(shared_house: House) -> schemathesis.BaseSchema:
    token = shared_house.token(*SCOPES)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", shared_house.app)
    schema.config.update(headers={"Authorization": f"Bearer {token}"})
    return schema


@pytest.mark.parametrize(("path", "method"), [(path, each) for path, item in OPENAPI["paths"].items() for each in item])
def test_b5_the_api_keeps_what_the_document_says(asked: schemathesis.BaseSchema, path: str, method: str) -> None:
    operation = asked[path][method]

    @given(operation.as_strategy())
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    def holds(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=KEPT)

    holds()
