"""Every export that the Python file's own tests try it on, and what the auditor has beside it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from inspect import signature
from itertools import product
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pytest

from application.proof import verify_export
from application.proof.verify_export import Report, verify
from tests import proof_examples

TESTS = Path(proof_examples.__file__).parent / "application" / "proof"
MODULES = [import_module(f"tests.application.proof.{path.stem}") for path in sorted(TESTS.glob("test_*.py"))]


class Case(NamedTuple):
    """An export, and what is given to `verify` with it."""

    export: bytes
    options: dict[str, Any]

    @property
    def report(self) -> Report:
        """What the Python file says of it, its rules aside."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(verify_export.Rules, "event", lambda *_: None)
            return verify(io.BytesIO(self.export), **self.options)


def cases(most: int) -> Iterator[Case]:
    """What those tests give to `verify`, at most `most` of each: they are run, and watched while they do it."""
    seen: list[Case] = []

    def watched(stream: BinaryIO, **options: Any) -> Report:
        export = stream.getvalue() if isinstance(stream, io.BytesIO) else None
        if export is not None and "on_event" not in options:
            seen.append(Case(export, options))
        return verify(stream, **options)

    with pytest.MonkeyPatch.context() as patch:
        for module in (proof_examples, *MODULES):
            if hasattr(module, "verify"):
                patch.setattr(module, "verify", watched)
        for test in (test for module in MODULES for name, test in vars(module).items() if name.startswith("test_")):
            for arguments in calls(test):
                seen.clear()
                with suppress(Exception):  # a test is judged where it stands
                    test(**arguments)
                yield from seen[:: len(seen) // most + 1]


def calls(test: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """The arguments of each run of a test; none for long runs and for tests that need fixtures."""
    marks = getattr(test, "pytestmark", [])
    if any(mark.name == "long" for mark in marks):
        return
    tables = [_table(*mark.args) for mark in marks if mark.name == "parametrize"]
    for rows in product(*tables):
        arguments = {name: value for row in rows for name, value in row.items()}
        if arguments.keys() == signature(test).parameters.keys():
            yield arguments


def _table(names: str | tuple[str, ...], values: Any) -> list[dict[str, Any]]:
    columns = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    return [dict(zip(columns, value if len(columns) > 1 else (value,), strict=True)) for value in values]
