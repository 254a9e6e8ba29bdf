"""On which databases tests run, and where they write.

Whatever uses a world runs on SQLite, and on PostgreSQL with the first of its examples; of the browser, the command
line, the screens and the API, the first test of each file. What is marked with `seldom_on_postgresql` and the reason is
left out there. Where SEATLEDGER_TEST_DATABASES names databases, as for `make trust`, everything runs on each of them.
What is marked with `sqlite_alone` and the reason runs nowhere else.

Files are in memory, where there is room for them: waiting for disks shows nothing.
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

ONE_OF_EACH_FILE = ("tests/browser/", "tests/interface/")
"""Where the first test of a file stands for all of them on PostgreSQL: they are dear, and reach it by the same code."""

CHOICE = tuple(filter(None, os.environ.get("SEATLEDGER_TEST_DATABASES", "").split(",")))
"""The databases on which everything runs; none: all of it on SQLite, and a part of it on the others."""

WORLDS = frozenset(("World", "House", "CommandLine", "Site", "serving"))
"""What a test has in its module that makes worlds in directories of its own."""

FIXTURES = frozenset(("world", "house", "shared_house", "bare", "line", "site", "settings"))

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
        kinds = (
            ["sqlite"] if alone else [kind for kind in sorted(DATABASES, reverse=True) if kind in (CHOICE or DATABASES)]
        )
        metafunc.parametrize("database", kinds, indirect=True, scope="module")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the module's docstring says; an example may have a mark of its own."""
    chosen, left_out, subjects = [], [], set[str]()
    for item in items:
        subject = subject_of(item)
        is_seldom = subject in subjects or item.get_closest_marker("seldom_on_postgresql")
        if is_on_postgresql(item) and (item.get_closest_marker("sqlite_alone") or (is_seldom and not CHOICE)):
            left_out.append(item)
        else:
            chosen.append(item)
            if is_on_postgresql(item):
                subjects.add(subject)
    items[:] = chosen
    config.hook.pytest_deselected(items=left_out)


def is_on_postgresql(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and callspec.params.get("database") == "postgresql"


def subject_of(item: pytest.Item) -> str:
    """What of all that is alike runs once."""
    file, _, test = item.nodeid.partition("::")
    return file if file.startswith(ONE_OF_EACH_FILE) else f"{file}::{test.partition('[')[0]}"


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
