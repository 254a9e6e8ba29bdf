"""Every use case is tested over every database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interface.settings import Settings
from tests.database import settings_in
from tests.examples import ADMINISTRATOR
from tests.world import World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty database."""
    return Settings(**settings_in(tmp_path))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The program over it."""
    with World(tmp_path) as world:
        yield world


@pytest.fixture
def house(world: World) -> World:
    """An installation opened on April 1, 2026."""
    return world.open()


@pytest.fixture
def story(world: World) -> World:
    """An installation opened on the first day of 2026."""
    return world.on("2026-01-01").open()


@pytest.fixture
def office(house: World) -> World:
    """A house whose administrator signs in."""
    house.give_password(ADMINISTRATOR)
    return house
