"""A world on a server, whichever database the other tests run on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from interface.settings import Settings
from tests.database import postgresql
from tests.postgres import name_in
from tests.world import World


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An installation, in which each test of a module adds people of its own."""
    directory: Path = tmp_path_factory.mktemp("served")
    settings = Settings(keyring=directory / "keyring.json", **postgresql(directory))
    with World(directory, settings=settings) as world:
        yield world.open()


@pytest.fixture
def place(served: World) -> str:
    """The name of that database on the server."""
    return name_in(served.settings.database)
