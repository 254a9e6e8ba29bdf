"""Every use case is tested over every store; today that is SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.application.stores import STORES, House, SQLiteStore
from tests.clock import SetClock


@pytest.fixture(params=sorted(STORES))
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SQLiteStore]:
    """An empty store of each kind, with a clock of its own."""
    store = STORES[request.param](tmp_path, SetClock())
    yield store
    store.close()


@pytest.fixture
def house(stores: SQLiteStore) -> House:
    """An installation opened on April 1, 2026."""
    return House(stores)
