"""The program on a database of its own, for each test or, where tests change nothing, for a whole module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interface.web.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path) as house:
        yield house


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[House]:
    """For tests that change nothing, or nothing that others ask about."""
    with House(tmp_path_factory.mktemp("house"), snapshot_hours=24) as house:
        yield house
