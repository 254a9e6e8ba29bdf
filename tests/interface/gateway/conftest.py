"""The whole program on a database of its own, and programs with a token of each scope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interface.gateway.programs import Program
from tests.interface.web.house import House, build


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = build(tmp_path)
    yield house
    house.seatledger.close()


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For tests that change nothing, or nothing that others ask about."""
    house = build(tmp_path_factory.mktemp("house"))
    yield house
    house.seatledger.close()


@pytest.fixture
def gateway(house: House) -> Program:
    return Program(house.app, house.token("login-check"))


@pytest.fixture
def licenses(house: House) -> Program:
    return Program(house.app, house.token("license"))


@pytest.fixture
def users(house: House) -> Program:
    return Program(house.app, house.token("users"))


@pytest.fixture
def auditing(house: House) -> Program:
    return Program(house.app, house.token("audit"))


@pytest.fixture(scope="module")
def anything(shared_house: House) -> Program:
    """A program that may do everything, on the shared house."""
    return Program(shared_house.app, shared_house.token("login-check", "license", "users", "audit"))
