"""What import-linter cannot say of the walls: which parts of a library only application/log/ may know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOOR = ROOT / "application" / "log"
BEHIND_THE_DOOR = ("sqlite3", "psycopg", "sqlalchemy.dialects", "eventsourcing")
OUTSIDE = {("domain/installation.py", "eventsourcing.domain")}
"""The aggregate is the library's; that is no storage."""


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_behind(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in BEHIND_THE_DOOR)


def test_only_the_door_knows_a_database() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), module)
        for package in ("domain", "application", "interface")
        for path in (ROOT / package).rglob("*.py")
        if not path.is_relative_to(DOOR)
        for module in imports(path)
        if is_behind(module)
    }
    assert {(path, module) for path, module in found if not module.startswith("eventsourcing.domain")} == set()
    assert {path for path, _ in found} <= {path for path, _ in OUTSIDE}


def test_the_door_is_where_it_is_looked_for() -> None:
    assert any(is_behind(module) for path in DOOR.rglob("*.py") for module in imports(path))


def test_tests_know_sqlite_in_one_place() -> None:
    """The fixtures' module and what it stands for; those who measure the database itself are benchmarks."""
    knowing = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if any(
            name in ("sqlite3", "application.log.sqlite") or name.startswith("application.log.sqlite.")
            for name in imports(path)
        )
    }
    assert {path for path in knowing if not path.startswith("tests/benchmarks/")} == {"tests/database.py"}
