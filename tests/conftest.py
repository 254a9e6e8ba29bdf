"""On which databases tests run, and where they write.

Whatever uses a world runs on each database that SEATLEDGER_TEST_DATABASES names, but for what is marked with
`sqlite_alone` and the reason. Files are in memory, where there is room for them: waiting for disks shows nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.database import DATABASES, Running

TESTS = Path(__file__).parent

ON_EACH = ("application", "interface", "browser")
"""What of the tests is asked on every database."""

CHOICE = os.environ.get("SEATLEDGER_TEST_DATABASES", "sqlite").split(",")
"""`sqlite,postgresql` for both. Not both by default yet: the whole has never been run on PostgreSQL at one time."""

WORLDS = frozenset(("World", "House", "CommandLine", "Site", "serving"))
"""What a test has in its module that makes worlds in directories of its own."""

FIXTURES = frozenset(("world", "house", "shared_house", "bare", "site", "settings"))

IN_MEMORY = Path("/dev/shm")  # noqa: S108  pytest makes a private directory in it
ROOM = 2 << 30
"""What one run may have at once: a bare machine takes 300 MB, and two processes run tests."""


def pytest_configure() -> None:
    """`--basetemp` and PYTEST_DEBUG_TEMPROOT, pytest's own ways to say where, go before."""
    if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free >= ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


def pytest_unconfigure() -> None:
    postgres.stop()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if uses_world(metafunc):
        alone = metafunc.definition.get_closest_marker("sqlite_alone")
        kinds = ["sqlite"] if alone else [kind for kind in sorted(DATABASES, reverse=True) if kind in CHOICE]
        metafunc.parametrize("database", kinds, indirect=True, scope="module")


def uses_world(metafunc: pytest.Metafunc) -> bool:
    """Whether a test has a world, or makes one in a directory of its own."""
    path = metafunc.definition.path
    if path.relative_to(TESTS).parts[0] not in ON_EACH:
        return False
    fixtures = set(metafunc.fixturenames)
    makes = fixtures & {"tmp_path", "tmp_path_factory"} and WORLDS & vars(metafunc.module).keys()
    return bool(fixtures & FIXTURES or makes)


@pytest.fixture(autouse=True, scope="module")
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kind of the database on which a test runs; whatever makes a world for a whole module asks for it."""
    Running.kind = getattr(request, "param", "sqlite")
    yield Running.kind
    Running.kind = "sqlite"
