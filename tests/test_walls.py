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


def untyped(tree: ast.AST) -> Iterator[int]:
    """The lines on which an annotation, or an alias of a type, says Any or object."""
    for node in ast.walk(tree):
        annotations: list[ast.AST | None] = []
        if isinstance(node, ast.arg | ast.AnnAssign):
            annotations.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            annotations.append(node.returns)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.istitle():
            annotations.append(node.value)
        for annotation in filter(None, annotations):
            for part in ast.walk(annotation):
                if isinstance(part, ast.Name) and part.id in ("Any", "object"):
                    yield part.lineno


def test_any_and_object_stand_only_with_a_reason_at_the_line() -> None:
    for package in ("domain", "application", "interface"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            lines = text.split("\n")
            for number in untyped(ast.parse(text)):
                has_reason = "#" in lines[number - 1] or lines[number].startswith('"""')
                assert has_reason, f"{path.relative_to(ROOT)}:{number}: say why a type does not serve here"
