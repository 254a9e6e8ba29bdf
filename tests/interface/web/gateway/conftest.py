"""Programs with a token of each scope."""

from __future__ import annotations

import pytest

from domain.installation import SCOPES
from tests.interface.web.gateway.programs import Program
from tests.interface.web.house import House


@pytest.fixture
def gateway(house: House) -> Program:
    return Program(house.app, house.token("login-check"))


@pytest.fixture
def licenses(house: House) -> Program:
    return Program(house.app, house.token("license"))


@pytest.fixture
def users(house: House) -> Program:
    """A program that may do everything to users."""
    return Program(house.app, house.token("users", "administrators"))


@pytest.fixture
def auditing(house: House) -> Program:
    return Program(house.app, house.token("audit"))


@pytest.fixture(scope="module")
def anything(shared_house: House) -> Program:
    """A program that may do everything, on the shared house."""
    return Program(shared_house.app, shared_house.token(*SCOPES))
