"""The command migrate, and programs that meet a schema of another version."""

from __future__ import annotations

from itertools import chain

import pytest

from application.log.schema import VERSION
from tests.database import connected
from tests.interface.cli.conftest import CommandLine

pytestmark = pytest.mark.sqlite_alone("what another version made of its file")


def set_version(line: CommandLine, version: int) -> None:
    with connected(line.database) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


def test_again_it_changes_nothing(line: CommandLine) -> None:
    assert line.do("migrate") == f"{line.database} has the schema {VERSION}, as before.\n"


ADDED = {0: ("token_notices",), 1: ("view_snapshots",), 2: ("last_seen", "calendar_addresses", "receivers")}
"""The tables that the next version added."""


@pytest.mark.parametrize("command", ["check admin", "serve", "user list", "audit checkpoint"])
@pytest.mark.parametrize("version", ADDED)
def test_a_database_of_an_older_version_is_refused_until_it_is_migrated(
    ready: CommandLine, command: str, version: int
) -> None:
    ready.world.close()
    set_version(ready, version)
    with connected(ready.database) as connection:
        for table in [table for before, tables in ADDED.items() if before >= version for table in tables]:
            connection.execute(f"DROP TABLE {table}")
    result = ready.run(*command.split())
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"has the schema {version}, and this program needs {VERSION}" in result.stderr
    assert "run “seatledger migrate”" in result.stderr
    assert ready.do("migrate") == f"{ready.database} has the schema {VERSION} now.\n"
    assert "admit" in ready.do("check", "admin") or "admin_only" in ready.do("check", "admin")
    with connected(ready.database) as connection:
        for table in chain(*ADDED.values()):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608


@pytest.mark.parametrize("command", ["check admin", "serve", "migrate"])
def test_a_database_of_a_newer_version_is_refused_and_stays_as_it_is(ready: CommandLine, command: str) -> None:
    ready.world.close()
    set_version(ready, VERSION + 1)
    before = ready.database.read_bytes()
    result = ready.run(*command.split())
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"has the schema {VERSION + 1}, and this program knows {VERSION} at most" in result.stderr
    assert ready.database.read_bytes() == before


def test_without_a_database_none_is_made(bare: CommandLine) -> None:
    result = bare.run("migrate")
    assert result.exit_code == 1
    assert "There is no database" in result.stderr
    assert not bare.database.exists()


def test_a_file_knows_no_roles(line: CommandLine) -> None:
    result = line.run("migrate", "--auditor", "otto")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is a file: it knows no roles. Leave --auditor out." in result.stderr
