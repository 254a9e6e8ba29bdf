"""Every use case is tested over every database; today that is SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import DATABASES
from tests.world import World


@pytest.fixture(params=sorted(DATABASES))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    return DATABASES[request.param](tmp_path)


@pytest.fixture
def world(tmp_path: Path, url: str) -> Iterator[World]:
    """The program over it."""
    with World(tmp_path, url=url) as world:
        yield world


@pytest.fixture
def house(world: World) -> World:
    """An installation opened on April 1, 2026."""
    return world.open()


@pytest.fixture
def story(world: World) -> World:
    """An installation opened on the first day of 2026."""
    return world.on("2026-01-01").open()
