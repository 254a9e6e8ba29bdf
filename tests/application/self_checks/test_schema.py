"""The schema of a database is what this version makes: every table, and every trigger that refuses a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from application.log import DatabaseUnusable, open_log
from interface.settings import Settings
from tests.database import APPEND_ONLY_TABLES, connected
from tests.world import World

TRIGGERS = [f"{table}_refuse_{verb}" for table in APPEND_ONLY_TABLES for verb in ("insert", "update", "delete")]


pytestmark = pytest.mark.sqlite_alone("what a file's own schema says")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with an installation, at a place that needs care in an address."""
    place = tmp_path / "of us? 100%.sqlite"
    settings = Settings(database=f"sqlite:///{place}", keyring=tmp_path / "keyring.json")
    with World(tmp_path, settings=settings).open():
        pass
    return place


def differences(path: Path) -> list[str]:
    return open_log(f"sqlite:///{path}").schema_differences()


def test_a_new_database_has_everything(path: Path) -> None:
    assert differences(path) == []


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_trigger_that_is_missing_or_refuses_nothing_is_named(path: Path, trigger: str) -> None:
    with connected(path) as connection:
        connection.execute(f"DROP TRIGGER {trigger}")
        assert differences(path) == [trigger]
        verb, table = trigger.rsplit("_", 1)[1].upper(), trigger.partition("_refuse")[0]
        connection.execute(f"CREATE TRIGGER {trigger} BEFORE {verb} ON {table} BEGIN SELECT 1; END")
    assert differences(path) == [trigger]


def test_a_table_that_is_missing_is_named_with_its_triggers(path: Path) -> None:
    with connected(path) as connection:
        connection.execute("DROP TABLE log_keys")
    assert differences(path) == ["log_keys", *sorted(name for name in TRIGGERS if name.startswith("log_keys"))]


def test_looking_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable):
        differences(tmp_path / "nothing.sqlite")
    assert list(tmp_path.iterdir()) == []
