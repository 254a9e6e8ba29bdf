"""Statements of the tables beside the log compiled once for all the worlds of a test run, and not for each of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event


class Statements(dict[Any, Any]):  # Any: SQLAlchemy's own keys and what it compiled
    """By what they say and for which kind of database; each engine has a dialect of its own, which are all alike."""

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(alike(key))

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(alike(key), compiled)

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(alike(key), default)


def alike(key: Any) -> Any:
    dialect, *others = key
    return (dialect.name, *others)


STATEMENTS = Statements()


@event.listens_for(Engine, "engine_connect")
def share(connection: Connection) -> None:
    """Let every connection look for its statements there."""
    connection.execution_options(compiled_cache=STATEMENTS)
